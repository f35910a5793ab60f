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
    let inner = token.trim_start_matches(['-', ' ', '.', '_', '[', '(']);
    let before = &token[..token.len() - inner.len()];
    let words = inner.trim_end_matches(['-', ' ', '.', '_', ']', ')']);
    let after = &inner[words.len()..];
    let (words, digits) = words.split_once(':').unwrap_or((words, ""));
    let lower = words.to_lowercase();
    if lower == "season" {
        let number = || season.parse::<i32>().unwrap_or(0);
        let padded = match digits {
            "" => season.to_string(),
            digits if digits.bytes().all(|b| b == b'0') => format!("{:0width$}", number(), width = digits.len()),
            _ => return None,
        };
        return Some(format!("{before}{padded}{after}"));
    }
    let between = lower.find(['-', ' ', '.', '_']);
    let plain: String = lower.split(['-', ' ', '.', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let value = written(&of_show(&plain, show).filter(|_| digits.is_empty())?);
    if value.is_empty() {
        return Some(value);
    }
    let value = match between.and_then(|at| words[at..].chars().next()) {
        Some(between) if between != ' ' => value.replace(' ', &between.to_string()),
        _ => value,
    };
    let letters = |case: fn(char) -> bool| words.chars().filter(|c| c.is_alphabetic()).all(case);
    let value = match () {
        () if letters(char::is_uppercase) => value.to_uppercase(),
        () if letters(char::is_lowercase) => value.to_lowercase(),
        () => value,
    };
    Some(format!("{before}{value}{after}"))
}

fn of_show(token: &str, show: Show) -> Option<String> {
    if token == "tvdbid" {
        return Some(show.tvdb_id.to_string());
    }
    let kind = token.strip_prefix("series ")?;
    if kind == "year" {
        return Some(show.year.filter(|year| *year > 0).map(|year| year.to_string()).unwrap_or_default());
    }
    let bare = without_year(show.title);
    let with_year = || match show.year.filter(|year| *year > 0 && bare == show.title) {
        Some(year) => format!("{} ({year})", show.title),
        None => show.title.to_string(),
    };
    let title = match kind.strip_prefix("clean").unwrap_or(kind) {
        "title" => show.title.to_string(),
        "titleyear" => with_year(),
        "titlewithoutyear" => bare.to_string(),
        "titlethe" => article_last(show.title),
        "titletheyear" => article_last(&with_year()),
        "titlethewithoutyear" => article_last(bare),
        "titlefirstcharacter" => return Some(first_character(show.title)).filter(|_| !kind.starts_with("clean")),
        _ => return None,
    };
    Some(if kind.starts_with("clean") { plain(&title) } else { title })
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
