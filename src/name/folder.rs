//! The name of a season's folder by a format.

use super::clean::clean;
use crate::model::{Naming, Series, SpecialsFolder};

/// What a folder's name may say of its show.
#[derive(Debug, Clone, Copy)]
pub struct Show<'a> {
    pub title: &'a str,
    pub year: Option<i32>,
    pub tvdb_id: i32,
}

impl<'a> From<&'a Series> for Show<'a> {
    fn from(series: &'a Series) -> Self {
        Show { title: &series.title, year: series.year, tvdb_id: series.tvdb_id }
    }
}

/// A folder in the show's folder by `format`: our `{season}` as typed, those of Sonarr's tokens that a season's folder may well have (*facts C.1*), and a slash for a folder in it. An
/// error is one sentence.
pub fn folder(format: &str, show: Show, season: &str) -> Result<String, String> {
    let parts = format.split('/').map(|part| match part {
        "" | "." | ".." => Err(nameless(format)),
        part => named(&filled(part, format, show, season, clean)?, format),
    });
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join("/"))
}

/// The folder that Sonarr itself would take by its format: it makes no folders in folders, and writes a colon with a dash of its own.
pub fn folder_of_sonarr(format: &str, show: Show, season: i32) -> Result<String, String> {
    let written = |text: &str| clean(&text.replace(": ", " - "));
    named(&written(&filled(format, format, show, &season.to_string(), written)?), format)
}

/// The folder of a season's new links, and the one of Sonarr's that they go to instead if there are some already. What Sonarr's settings
/// say may be unknown.
pub fn specials_folder(
    specials: &SpecialsFolder,
    naming: Option<&Naming>,
    show: Show,
    season: &str,
) -> (Result<String, String>, Option<String>) {
    let usual = || folder(SpecialsFolder::USUAL, show, season);
    let theirs = |naming: &Naming| {
        // only season 0 has a format of its own (*facts C.1*)
        let number = season.parse().unwrap_or(0);
        folder_of_sonarr(if number == 0 { &naming.specials_folder } else { &naming.season_folder }, show, number)
    };
    match (specials, naming) {
        (SpecialsFolder::Named(ours), _) => (folder(ours, show, season), None),
        (SpecialsFolder::Sonarr, Some(naming)) => (theirs(naming), None),
        (SpecialsFolder::Auto, Some(naming)) if naming.renames => (theirs(naming), None),
        (SpecialsFolder::Auto, Some(naming)) => (usual(), theirs(naming).ok()),
        (_, None) => (usual(), None),
    }
}

fn named(name: &str, format: &str) -> Result<String, String> {
    Some(clean(name)).filter(|name| !name.is_empty()).ok_or_else(|| nameless(format))
}

fn nameless(format: &str) -> String {
    format!("the specials folder {format:?} has no name: set PLEX_LINKER_SPECIALS_FOLDER")
}

/// The format with its tokens replaced.
fn filled(
    text: &str,
    format: &str,
    show: Show,
    season: &str,
    written: impl Fn(&str) -> String,
) -> Result<String, String> {
    let mut name = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (token, after) = after.split_once('}').unwrap_or((after, ""));
        name.push_str(before);
        let value = value(token, show, season, &written).ok_or_else(|| {
            format!("the specials folder {format:?} has {{{token}}} in it: set PLEX_LINKER_SPECIALS_FOLDER")
        })?;
        name.push_str(&value);
        rest = after;
    }
    name.push_str(rest);
    Ok(name)
}

/// What a token stands for. What surrounds its words is only there with them, the character between its words is that between the
/// value's, and its letters say which letters the value has.
fn value(token: &str, show: Show, season: &str, written: &impl Fn(&str) -> String) -> Option<String> {
    const BETWEEN: [char; 4] = ['-', ' ', '.', '_'];
    let inner = token.trim_start_matches(['-', ' ', '.', '_', '[', '(']);
    let before = &token[..token.len() - inner.len()];
    let words = inner.trim_end_matches(['-', ' ', '.', '_', ']', ')']);
    let after = &inner[words.len()..];
    let (words, digits) = words.split_once(':').unwrap_or((words, ""));
    if words.eq_ignore_ascii_case("season") && digits.bytes().all(|b| b == b'0') {
        let number = season.parse::<i32>().unwrap_or(0);
        let padded = if digits.is_empty() { season.into() } else { format!("{number:0width$}", width = digits.len()) };
        return Some(format!("{before}{padded}{after}"));
    }
    let plain: Vec<&str> = words.split(BETWEEN).filter(|word| !word.is_empty()).collect();
    let mut value = written(&of_show(&plain.join(" ").to_lowercase(), show).filter(|_| digits.is_empty())?);
    if value.is_empty() {
        return Some(value);
    }
    if let Some(between) = words.chars().find(|c| BETWEEN.contains(c)) {
        value = value.replace(' ', &between.to_string());
    }
    let letters = |case: fn(char) -> bool| words.chars().filter(|c| c.is_alphabetic()).all(case);
    if letters(char::is_uppercase) {
        value = value.to_uppercase();
    } else if letters(char::is_lowercase) {
        value = value.to_lowercase();
    }
    Some(format!("{before}{value}{after}"))
}

fn of_show(token: &str, show: Show) -> Option<String> {
    let year = show.year.filter(|year| *year > 0);
    let bare = without_year(show.title);
    Some(match (token, year) {
        ("tvdbid", _) => show.tvdb_id.to_string(),
        ("series year", _) => year.map(|year| year.to_string()).unwrap_or_default(),
        ("series titleyear", Some(year)) if bare == show.title => format!("{bare} ({year})"),
        ("series title" | "series titleyear", _) => show.title.to_string(),
        ("series titlewithoutyear", _) => bare.to_string(),
        _ => return None,
    })
}

fn without_year(title: &str) -> &str {
    let year = title.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match year {
        Some((rest, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => rest.trim_end(),
        _ => title,
    }
}

#[cfg(test)]
mod tests;
