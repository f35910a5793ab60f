//! Sonarr's scan of a show's folder, on the real disk (*facts D.1* to D.5, *observed 2*, 4, 5).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{EpisodeFile, Series, read::episodes_in, sight};
use crate::support::{fake::Mounts, quality::Quality};

const VIDEO: [&str; 12] = ["mkv", "mp4", "avi", "m4v", "ts", "m2ts", "wmv", "mov", "mpg", "iso", "webm", "ogm"];
const SUBTITLES: [&str; 4] = ["srt", "ass", "idx", "sub"];
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

/// A subtitle file that Sonarr has found beside an episode's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// The file of the episode.
    pub file: i32,
    pub relative_path: String,
    /// What stands between the file's name and the extension: `en`, `forced`.
    pub tags: Vec<String>,
}

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
    let (mut names, mut subtitles) = (Vec::new(), Vec::new());
    list(&folder, "", &mut |name| {
        if is_video(&name) {
            names.push(name);
        } else if has_extension(&name, &SUBTITLES) {
            subtitles.push(name);
        }
    });
    names.sort();
    subtitles.sort();
    let known: Vec<String> = series.files().into_iter().map(|(_, file)| file.relative_path).collect();
    for (_, file) in series.files().into_iter().filter(|(_, file)| !names.contains(&file.relative_path)) {
        // by the name alone: a broken link still has one
        series.forget(file.id, &folder);
    }
    let path = series.path.clone();
    let size = |name: &String| size(mounts, &path, name);
    for name in names.iter().filter(|name| !known.contains(name)) {
        if let Ok(size) = size(name) {
            import(series, name, size);
        }
    }
    // what follows is left out for all files while one of them leads nowhere
    let mut sizes = Vec::new();
    for name in known.iter().filter(|name| names.contains(name)) {
        let size = size(name).map_err(|target| {
            format!("System.IO.FileNotFoundException: Could not find file '{}'.\n   at GetFileSize", target.display())
        })?;
        sizes.push((name, size));
    }
    for file in series.episodes.iter_mut().filter_map(|episode| episode.file.as_mut()) {
        if let Some((_, size)) = sizes.iter().find(|(name, _)| **name == file.relative_path) {
            file.size = *size;
        }
    }
    series.extras = subtitles.iter().filter_map(|name| extra(series, name)).collect();
    Ok(message)
}

/// Every file below `folder`, links to folders followed, as paths relative to the show's folder.
fn list(folder: &Path, inside: &str, take: &mut impl FnMut(String)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map_while(io::Result::ok) {
        let name = entry.file_name().into_string().expect("names of the sample library are UTF-8");
        let relative = format!("{inside}{name}");
        if entry.path().is_dir() {
            let ignored = name.starts_with('.') || name == "@eaDir" || name == "Plex Versions";
            if !ignored && !EXTRAS.contains(&name.to_lowercase().as_str()) {
                list(&entry.path(), &format!("{relative}/"), take);
            }
        } else if !["._", ".unmanic"].iter().any(|start| name.starts_with(start)) {
            take(relative);
        }
    }
}

fn is_video(name: &str) -> bool {
    has_extension(name, &VIDEO)
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(name).extension().and_then(|text| text.to_str()).unwrap_or_default();
    extensions.contains(&extension.to_lowercase().as_str())
}

/// Gives the file to its episodes, unless one of them has a better one, or one that is of more episodes.
fn import(series: &mut Series, name: &str, size: u64) {
    let Some((season, numbers)) = episodes_in(name) else { return };
    let own = Quality::in_name(name);
    let rows = series.episodes.iter().filter(|row| row.season == season && numbers.contains(&row.number));
    let mut rows = rows.filter_map(|row| row.file.as_ref());
    let stays = |file: &EpisodeFile| {
        let quality = Quality::in_name(&file.relative_path);
        let same = !quality.is_better_than(own) && !own.is_better_than(quality);
        quality.is_better_than(own)
            || same && Quality::revision_in(&file.relative_path) > Quality::revision_in(name)
            || series.numbers_of(file.id).len() > numbers.len()
    };
    if rows.any(stays) {
        return;
    }
    let ids = series.episodes.iter().filter_map(|episode| Some(episode.file.as_ref()?.id));
    let id = ids.max().unwrap_or(series.id * 1000) + 1;
    for row in series.episodes.iter_mut().filter(|row| row.season == season && numbers.contains(&row.number)) {
        row.file = Some(EpisodeFile { id, relative_path: name.into(), size });
    }
}

/// A subtitle file belongs to the file with whose name it begins.
fn extra(series: &Series, name: &str) -> Option<Extra> {
    let (base, _) = name.rsplit_once('.')?;
    series.files().into_iter().find_map(|(_, file)| {
        let tags = base.strip_prefix(file.relative_path.rsplit_once('.')?.0)?;
        let tags = tags.split('.').filter(|tag| !tag.is_empty()).map(String::from).collect();
        Some(Extra { file: file.id, relative_path: name.into(), tags })
    })
}

impl Series {
    /// A file that is gone, or is deleted, takes along what Sonarr has found beside it: from the disk, too, where it has not been moved
    /// (Sonarr's `ExtraFileService`).
    pub fn forget(&mut self, file: i32, folder: &Path) {
        self.episodes.iter_mut().for_each(|row| _ = row.file.take_if(|known| known.id == file));
        for extra in self.extras.extract_if(.., |extra| extra.file == file) {
            _ = fs::remove_file(folder.join(extra.relative_path));
        }
    }
}

/// The size of a file, or of what a link leads to as Sonarr sees it; `Err` names what is not there.
fn size(mounts: &Mounts, folder: &str, name: &str) -> Result<u64, PathBuf> {
    let local = sight::resolve(mounts, &Path::new(folder).join(name))?;
    local.metadata().map(|file| file.len()).map_err(|_| local)
}
