//! The names and folders that Sonarr would give its files, and the move to them (*observed 10*).

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use super::{EpisodeFile, Series};
use crate::{
    object,
    support::{fake::Mounts, json::Json, quality::Quality},
};

/// Sonarr's naming settings as far as a test changes them.
pub struct Format {
    pub renames: bool,
    pub specials_folder: String,
}

/// The files that stand elsewhere than Sonarr would put them. Version 4 gives them no number.
pub fn preview(series: &Series, format: &Format, v5: bool) -> Vec<Json> {
    let wrong = misplaced(series, format).into_iter();
    wrong
        .map(|(season, file, to)| {
            object! {
                "seriesId": series.id,
                "seasonNumber": season,
                "episodeNumbers": Json(format!("{:?}", series.numbers_of(file.id))),
                "episodeFileId": file.id,
                "existingPath": &file.relative_path,
                "newPath": to,
                "id": v5.then_some(file.id),
            }
        })
        .collect()
}

/// Moves all such files, with what lies beside them; what is there already stays. A link that comes to another folder is written
/// anew as the old folder with the old text behind it, and then the old folder goes if it is empty.
pub fn rename(series: &mut Series, format: &Format, mounts: &Mounts) -> Vec<(String, String)> {
    let folder = mounts.local(&series.path).expect("Sonarr sees the show's folder");
    let mut moved = Vec::new();
    for (_, file, to) in misplaced(series, format) {
        if move_file(mounts, &series.path, &file.relative_path, &to).is_none() {
            continue;
        }
        let new_base = base(&to).to_string();
        for extra in series.extras.iter_mut().filter(|extra| extra.file == file.id) {
            let extension = extra.relative_path.rsplit_once('.').map_or("", |(_, extension)| extension);
            let tags: String = extra.tags.iter().map(|tag| format!(".{}", tagged(tag))).collect();
            let new = format!("{new_base}{tags}.{extension}");
            if move_file(mounts, &series.path, &extra.relative_path, &new).is_some() {
                extra.relative_path = new;
            }
        }
        let rows = series.episodes.iter_mut().filter_map(|row| row.file.as_mut());
        rows.filter(|known| known.id == file.id).for_each(|known| known.relative_path.clone_from(&to));
        moved.push((file.relative_path, to));
    }
    if !moved.is_empty() {
        remove_empty_below(&folder);
    }
    moved
}

/// Sonarr writes a language with two letters, whatever it read (its `SubtitleService`).
fn tagged(tag: &str) -> &str {
    match tag {
        "eng" => "en",
        "ger" | "deu" => "de",
        tag => tag,
    }
}

/// `None` if there is nothing to move, or something in the way.
fn move_file(mounts: &Mounts, show: &str, from: &str, to: &str) -> Option<()> {
    let folder = mounts.local(show)?;
    let (old, new) = (folder.join(from), folder.join(to));
    if old.symlink_metadata().is_err() || new.symlink_metadata().is_ok() {
        return None;
    }
    fs::create_dir_all(new.parent()?).unwrap();
    match fs::read_link(&old) {
        Ok(text) if old.parent() != new.parent() => {
            symlink(moved_text(&Path::new(show).join(from), &text), &new).unwrap();
            fs::remove_file(&old).unwrap();
        }
        _ => fs::rename(&old, &new).unwrap(),
    }
    Some(())
}

/// What Sonarr writes into a link that it moves out of its folder; an absolute text stays.
pub fn moved_text(old: &Path, text: &Path) -> PathBuf {
    old.parent().expect("a link is in a folder").join(text)
}

fn misplaced(series: &Series, format: &Format) -> Vec<(u32, EpisodeFile, String)> {
    let files = series.files().into_iter();
    let place = |(season, file): (u32, EpisodeFile)| {
        let to = place(series, format, season, &file);
        (season, file, to)
    };
    files.map(place).filter(|(_, file, to)| file.relative_path != *to).collect()
}

/// Where Sonarr would put a file. When it does not rename, the name stays and the folder counts all the same.
fn place(series: &Series, format: &Format, season: u32, file: &EpisodeFile) -> String {
    let path = Path::new(&file.relative_path);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (_, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let name = if format.renames { format!("{}.{extension}", file_name(series, season, file)) } else { name.into() };
    match season {
        _ if !series.season_folder => name,
        0 => format!("{}/{name}", in_season(&format.specials_folder, 0)),
        season => format!("Season {season}/{name}"),
    }
}

/// `{Series Title} - S{season:00}E{episode:00} - {Episode Title} {Quality Full}`, several episodes as a range with a prefix.
fn file_name(series: &Series, season: u32, file: &EpisodeFile) -> String {
    let numbers = series.numbers_of(file.id);
    let range = match numbers[..] {
        [first, .., last] => format!("E{first:02}-E{last:02}"),
        _ => format!("E{:02}", numbers[0]),
    };
    let rows = series.episodes.iter().filter(|row| row.file.as_ref().is_some_and(|known| known.id == file.id));
    let titles: Vec<&str> = rows.map(|row| row.title.as_str()).collect();
    let quality = Quality::in_name(&file.relative_path).sonarr;
    let proper = if Quality::revision_in(&file.relative_path) > 1 { " Proper" } else { "" };
    clean(&format!("{} - S{season:02}{range} - {} {quality}{proper}", series.title, joined(&titles)))
}

/// The titles of the parts of one work are that work's title once; others stand side by side.
fn joined(titles: &[&str]) -> String {
    let mut whole: Vec<&str> = Vec::new();
    for title in titles {
        let part = title.strip_suffix(')').and_then(|title| title.rsplit_once(" ("));
        let part = part.filter(|(_, number)| number.chars().all(|digit| digit.is_ascii_digit()));
        let title = part.map_or(*title, |(title, _)| title);
        if !whole.contains(&title) {
            whole.push(title);
        }
    }
    whole.join(" + ")
}

fn in_season(format: &str, season: u32) -> String {
    format.replace("{season:00}", &format!("{season:02}")).replace("{season}", &season.to_string())
}

/// Colons as Sonarr's `smart` has them, and what no file system takes as it replaces it.
fn clean(name: &str) -> String {
    let name = name.replace(": ", " - ").replace(':', "-");
    let letter = |letter| match letter {
        '/' | '\\' => Some('+'),
        '?' => Some('!'),
        '*' => Some('-'),
        '<' | '>' | '"' | '|' => None,
        other => Some(other),
    };
    name.chars().filter_map(letter).collect()
}

/// Without the extension.
fn base(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(base, _)| base)
}

pub fn remove_empty_below(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty_below(&entry.path());
            _ = fs::remove_dir(entry.path());
        }
    }
}
