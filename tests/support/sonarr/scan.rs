//! Sonarr's scan of a show's folder, on the real disk (*facts D.1* to D.5).

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use super::{EpisodeFile, Series};
use crate::support::{fake::Mounts, quality::Quality};

const VIDEO: [&str; 12] = ["mkv", "mp4", "avi", "m4v", "ts", "m2ts", "wmv", "mov", "mpg", "iso", "webm", "ogm"];
const EXTRAS: [&str; 11] = [
    "extras",
    "extrafanart",
    "behind the scenes",
    "deleted scenes",
    "featurettes",
    "interviews",
    "other",
    "scenes",
    "samples",
    "shorts",
    "trailers",
];

/// Makes the show's rows agree with its folder. `Err` is the exception of a command that `failed`; the rows keep what was done
/// before it.
pub fn scan(series: &mut Series, mounts: &Mounts) -> Result<String, String> {
    let message = format!("Scanning {}", series.title);
    let Some(folder) = mounts.local(&series.path) else { return Ok(message) };
    if !folder.is_dir() {
        // an empty root is taken for an unplugged disk, and nothing is forgotten
        let root_is_alive =
            folder.parent().and_then(|root| root.read_dir().ok()).is_some_and(|mut dir| dir.next().is_some());
        if root_is_alive {
            series.episodes.iter_mut().for_each(|episode| episode.file = None);
        }
        return Ok(message);
    }
    let mut names = Vec::new();
    list(&folder, "", &mut names);
    names.sort();
    let known: Vec<String> =
        series.episodes.iter().filter_map(|e| Some(e.file.as_ref()?.relative_path.clone())).collect();
    for episode in &mut series.episodes {
        // by the name alone: a broken link still has one
        episode.file.take_if(|file| !names.contains(&file.relative_path));
    }
    for name in names.iter().filter(|name| !known.contains(name)) {
        if let Ok(size) = size(mounts, &folder, name) {
            import(series, name, size);
        }
    }
    for name in known.iter().filter(|name| names.contains(name)) {
        let size = size(mounts, &folder, name).map_err(|target| {
            format!("System.IO.FileNotFoundException: Could not find file '{}'.\n   at GetFileSize", target.display())
        })?;
        for episode in &mut series.episodes {
            episode.file.iter_mut().filter(|file| file.relative_path == *name).for_each(|file| file.size = size);
        }
    }
    Ok(message)
}

/// Every video below `folder`, links to folders followed, as paths relative to the show's folder.
fn list(folder: &Path, inside: &str, names: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map_while(io::Result::ok) {
        let name = entry.file_name().into_string().expect("names of the sample library are UTF-8");
        let relative = format!("{inside}{name}");
        if entry.path().is_dir() {
            let ignored = name.starts_with('.') || name == "@eaDir" || name == "Plex Versions";
            if !ignored && !EXTRAS.contains(&name.to_lowercase().as_str()) {
                list(&entry.path(), &format!("{relative}/"), names);
            }
        } else if is_video(&name) {
            names.push(relative);
        }
    }
}

fn is_video(name: &str) -> bool {
    let ignored = ["._", ".unmanic"].iter().any(|start| name.starts_with(start));
    let extension = Path::new(name).extension().and_then(|text| text.to_str()).unwrap_or_default();
    !ignored && VIDEO.contains(&extension.to_lowercase().as_str())
}

/// Gives the file to its episode, unless that has a better one.
fn import(series: &mut Series, name: &str, size: u64) {
    let Some((season, number)) = episode_in(name) else { return };
    let ids = series.episodes.iter().filter_map(|episode| Some(episode.file.as_ref()?.id));
    let id = ids.max().unwrap_or(series.id * 1000) + 1;
    let mut wanted = series.episodes.iter_mut().filter(|episode| (episode.season, episode.number) == (season, number));
    let Some(episode) = wanted.next() else { return };
    let better = |file: &EpisodeFile| Quality::in_name(&file.relative_path).is_better_than(Quality::in_name(name));
    if !episode.file.as_ref().is_some_and(better) {
        episode.file = Some(EpisodeFile { id, relative_path: name.into(), size });
    }
}

/// The season and number in `SxxEyy`. Two different ones, or a letter right behind (half an episode), are no answer.
pub fn episode_in(name: &str) -> Option<(u32, u32)> {
    let name = Path::new(name).file_name()?.to_str()?.to_lowercase();
    let mut found = Vec::new();
    for (at, _) in name.match_indices('s') {
        let starts_word = !name[..at].ends_with(char::is_alphanumeric);
        let (season, rest) = digits(&name[at + 1..]);
        let (number, rest) = digits(rest.strip_prefix('e').unwrap_or_default());
        if let (true, Ok(season), Ok(number)) = (starts_word, season.parse(), number.parse()) {
            found.push((!rest.starts_with(char::is_alphabetic)).then_some((season, number)));
        }
    }
    found.dedup();
    if found.len() == 1 { found[0] } else { None }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

/// The size of a file, or of what a link leads to as Sonarr sees it; `Err` names the target that is not there.
fn size(mounts: &Mounts, folder: &Path, name: &str) -> Result<u64, PathBuf> {
    let local = folder.join(name);
    let Ok(text) = fs::read_link(&local) else {
        return local.metadata().map(|file| file.len()).map_err(|_| local);
    };
    // a link's text counts from the real place of its folder
    let real = local.parent().and_then(|folder| folder.canonicalize().ok()).unwrap_or_default();
    let target = plain(&Path::new(&mounts.app(&real).unwrap_or_default()).join(text));
    let file = target.to_str().and_then(|target| mounts.local(target)).and_then(|local| local.metadata().ok());
    file.map(|file| file.len()).ok_or(target)
}

/// Without `..`, by the letters alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
