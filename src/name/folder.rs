//! The name of a season's folder by a format.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::clean::clean;
use crate::model::Series;

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

/// A folder in the show's folder by `format`: our `{season}` as typed, Sonarr's tokens (*facts C.1*), and a slash for a folder in it. An
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
    let kind = match token {
        "tvdbid" => return Some(show.tvdb_id.to_string()),
        "series year" => return Some(year.map(|year| year.to_string()).unwrap_or_default()),
        "series titlefirstcharacter" => return Some(first_character(show.title)),
        _ => token.strip_prefix("series ")?,
    };
    let (is_clean, kind) = stripped(kind, "clean");
    let (article_is_last, kind) = stripped(kind.strip_prefix("title")?, "the");
    let title = match (kind, year) {
        ("withoutyear", _) => bare.to_string(),
        ("year", Some(year)) if bare == show.title => format!("{bare} ({year})"),
        ("" | "year", _) => show.title.to_string(),
        _ => return None,
    };
    let title = if article_is_last { article_last(&title) } else { title };
    Some(if is_clean { plain(&title) } else { title })
}

/// Whether a text begins so, and what follows.
fn stripped<'t>(text: &'t str, start: &str) -> (bool, &'t str) {
    text.strip_prefix(start).map_or((false, text), |rest| (true, rest))
}

fn without_year(title: &str) -> &str {
    let year = title.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match year {
        Some((rest, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => rest.trim_end(),
        _ => title,
    }
}

/// `The Show (2019)` as `Show, The (2019)`.
fn article_last(title: &str) -> String {
    let Some((article, rest)) = title.split_once(' ') else { return title.to_string() };
    if !["the", "an", "a"].contains(&article.to_lowercase().as_str()) {
        return title.to_string();
    }
    let end = match rest.find('(') {
        Some(at) if rest.ends_with(')') && at > 0 => rest[..at].trim_end().len(),
        _ => rest.len(),
    };
    format!("{}, {article}{}", &rest[..end], &rest[end..])
}

fn first_character(title: &str) -> String {
    let title = article_last(title);
    let first = without_accents(&title).chars().next().filter(|c| c.is_alphanumeric());
    first.map_or("_".into(), |c| c.to_uppercase().collect())
}

fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
}

/// A title as Sonarr's `CleanTitle` has it: `and` for `&`, no brackets, no marks at the end of words, no accents.
fn plain(title: &str) -> String {
    let text: Vec<char> = without_accents(&title.replace('&', "and")).chars().collect();
    let mut plain = String::new();
    for (at, &c) in text.iter().enumerate() {
        let spaced = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_whitespace());
        let word: String = text[at + 1..].iter().take_while(|c| !c.is_whitespace()).collect();
        let ends_word =
            word.is_empty() || ["s", "m", "t", "ve", "ll", "d", "re"].contains(&word.to_lowercase().as_str());
        let alone = spaced(at.checked_sub(1)) && spaced(Some(at + 1));
        match c {
            '/' | '\\' => plain.push(' '),
            '(' | ')' | '[' | ']' | '{' | '}' => {}
            '\'' | '`' | '’' | ':' | '?' | ',' if ends_word => {}
            _ if alone && !c.is_alphanumeric() && !c.is_whitespace() => {}
            c => plain.push(c),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
