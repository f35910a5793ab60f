//! What a special's file is called.

use super::{
    clean::{clean, clean_extension, shortened},
    joined::without_part_number,
    marker::{has_a_date, marker, names_an_episode},
    quality,
    read::misread,
};
use crate::model::MediaPath;

/// The most bytes that a link's name may have where the file system would take more.
pub const ROOM: usize = 240;

/// The most bytes that a link's name may have where a file system takes names of so many: those of its subtitles are longer.
pub fn room(longest: usize) -> usize {
    longest.saturating_sub(MediaPath::MAX_COMPONENT - ROOM).min(ROOM)
}

/// Everything that a link's file name is made of.
#[derive(Debug, Clone)]
pub struct Name<'a> {
    pub series: &'a str,
    /// As typed in the rule.
    pub season: &'a str,
    pub number: i32,
    /// The last of several specials that are one film.
    pub last: Option<i32>,
    pub anime: bool,
    /// Of several specials the [`joined`] one.
    pub title: &'a str,
    pub quality: &'a str,
    /// Radarr's: 2 and more is a Proper or a Repack.
    pub revision: i32,
    /// The film's file, for its extension.
    pub file: &'a str,
    /// How many bytes the name may have; never more than [`ROOM`] are taken.
    pub room: usize,
}

/// `{series} - S{season}E{number} - {title} {quality}{extension}`: only the title is shortened, and when that is not enough the show is
/// left out. So is text by which Sonarr would take the file for another special, or for another quality, since the number alone is enough
/// for it: as little as possible, brackets around the start of the show first, then the title, then the show.
pub fn file_name(name: &Name) -> String {
    // also when it only comes to be by what is cleaned away
    let misleads = |text: &str, as_what: fn(&str) -> bool| as_what(text) || as_what(&clean(text));
    let misleading = misleads(name.series, names_an_episode) || misleads(name.series, has_a_date);
    let series = if misleading { String::new() } else { clean(name.series) };
    let series = quality::without_its_words(&series, name.quality);
    let title = without_part_number(name.title);
    let title = if misleads(title, names_an_episode) { String::new() } else { clean(title) };
    let title = quality::without_its_words(&title, name.quality);
    let bare = without_brackets(&series);

    let (season, last) = (name.season.parse().unwrap_or(0), name.last.unwrap_or(name.number));
    let tries = [(&*series, &*title), (&bare, &title), (&series, ""), (&bare, ""), ("", &title)];
    let mut names = tries.iter().map(|(series, title)| fitting(name, series, title));
    let right = names.find(|text| !misread(text, season, name.number, last));
    right.unwrap_or_else(|| fitting(name, "", ""))
}

/// The name with this show and title, as far as there is room.
fn fitting(name: &Name, series: &str, title: &str) -> String {
    let marker = marker(name.season, name.number, name.last, name.anime);
    let proper = if name.revision >= 2 { " Proper" } else { "" };
    let quality = clean(quality::written(name.quality));
    let quality = if quality.is_empty() { quality } else { quality + proper };
    let extension = clean_extension(name.file);
    let room = name.room.min(ROOM);

    let assemble = |series: &str, title: &str, quality: &str| {
        let last = [title, quality].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        let parts = [series, &marker, &last];
        parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" - ") + &extension
    };
    let fits = |name: &String| name.len() <= room;
    let cut = |series: &str, quality: &str| {
        let rest = assemble(series, "", quality).len() + " - ".len() + "...".len();
        shortened(title, room.checked_sub(rest)?).map(|title| assemble(series, &title, quality)).filter(fits)
    };
    let with = |series, quality| Some(assemble(series, title, quality)).filter(fits).or_else(|| cut(series, quality));
    let untitled = || Some(assemble("", "", &quality)).filter(fits);
    let best = with(series, &quality).or_else(|| with("", &quality)).or_else(untitled).or_else(|| with("", ""));
    best.unwrap_or_else(|| assemble("", "", ""))
}

/// A show's title without the brackets around its start, which Sonarr takes for who has released the file.
fn without_brackets(series: &str) -> String {
    let Some(open) = series.chars().next().filter(|c| matches!(c, '[' | '【')) else { return series.to_string() };
    let rest = &series[open.len_utf8()..];
    let inside = rest.split_once([']', '】']).map(|(inside, rest)| format!("{inside}{rest}"));
    clean(&inside.unwrap_or_else(|| rest.to_string()))
}
