//! Which subtitle files belong to a film, and what the names of their links end in.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::{clean::is_video, read::is_passed_over};
use crate::model::is_subtitle;

/// A subtitle file of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtitle {
    /// Where it is in the film's folder.
    pub path: String,
    /// What stands behind the base name in its link's name: `.en.forced.srt`.
    pub end: String,
}

/// Whether a folder beside a film may have its subtitles in it.
pub fn holds_subtitles(folder: &str) -> bool {
    ["Subs", "Subtitles"].iter().any(|name| name.eq_ignore_ascii_case(folder))
}

/// All of a file's name but the extension: with it the names of what belongs to the file begin.
pub fn base(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(base, _)| base)
}

/// What is behind the base name in the name of something that belongs to it, as players see it: nothing, or a dot and more.
pub fn behind<'n>(base: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(base).filter(|end| end.is_empty() || end.starts_with('.'))
}

/// The same for a film's subtitle, which somebody may have written with other capitals, or with accents apart from their letters.
fn belonging<'n>(base: &str, name: &'n str) -> Option<&'n str> {
    let letters = |text| UnicodeNormalization::nfc(text).flat_map(char::to_lowercase);
    let parts = name.match_indices('.').map(|(at, _)| name.split_at(at));
    parts.filter(|(start, _)| Iterator::eq(letters(*start), letters(base))).map(|(_, end)| end).next()
}

/// The subtitles of the film `film` among the files `beside` it and those in folders beside it. There a language must be in their names,
/// and the film's name need not be, if it is the only film.
pub fn subtitles(film: &str, beside: &[String], folders: &[(String, Vec<String>)]) -> Vec<Subtitle> {
    let others = || beside.iter().filter(|name| is_video(name) && *name != film).map(|name| base(name));
    let alone = !folders.is_empty() && others().all(is_extra);
    let of_another =
        |name: &str, least: usize| others().any(|other| other.len() > least && belonging(other, name).is_some());
    // of several films with whose names a subtitle's begins, it is that with the longest
    let own =
        |name: &str| belonging(base(film), name).filter(|_| !of_another(name, base(film).len())).map(String::from);
    // each with the file whose it is; many file systems take no notice of case
    let mut ends: HashMap<String, String> = HashMap::new();
    let mut found = Vec::new();
    let mut add = |path: String, wanted: [Option<String>; 2]| {
        let free = wanted.into_iter().flatten().find(|end| {
            let end = end.to_lowercase();
            let other = other_of_pair(&end).and_then(|other| ends.get(&other));
            !ends.contains_key(&end) && other.is_none_or(|of| base(of) == base(&path))
        });
        if let Some(end) = free {
            ends.insert(end.to_lowercase(), path.clone());
            found.push(Subtitle { path, end });
        }
    };
    for name in beside.iter().filter(|name| is_subtitle(name)) {
        add(name.clone(), [own(name), None]);
    }
    for (folder, names) in folders {
        for name in names.iter().filter(|name| is_subtitle(name)) {
            let wanted = match (own(name), language(base(name))) {
                (Some(end), _) => [language(base(&end)).map(|_| end), None],
                (None, Some(at)) if alone && !of_another(name, 0) => {
                    [Some(format!(".{}", &name[at..])), Some(format!(".{name}"))]
                }
                _ => [None, None],
            };
            add(format!("{folder}/{name}"), wanted);
        }
    }
    found
}

/// VobSub's subtitle is two files of one name: the pictures and their times. In small letters.
pub fn other_of_pair(name: &str) -> Option<String> {
    match name.rsplit_once('.')? {
        (base, "idx") => Some(format!("{base}.sub")),
        (base, "sub") => Some(format!("{base}.idx")),
        _ => None,
    }
}

/// A trailer or the like, which is no film of its own.
fn is_extra(base: &str) -> bool {
    is_passed_over(base) || base.to_ascii_lowercase().contains("sample")
}

/// Where the language begins that a text ends with, but for remarks, regions and a number: in `2_English (SDH)` at the `E`, in
/// `x.pt-BR.forced` at the `p`, in `Spanish (Latin America) 2` at the `S`.
fn language(text: &str) -> Option<usize> {
    const REMARKS: &str = " forced foreign default sdh cc hi full signs songs commentary us uk latam america american brazil canada \
        france spain mexico hans hant latn cyrl ";
    let is_gap = |c: char| " ._()[],-".contains(c);
    // the last word, and what stands behind it
    let last = |text: &str| {
        let words = text.trim_end_matches(is_gap).len();
        (text[..words].rfind(is_gap).map_or(0, |gap| gap + 1), words)
    };
    let (mut at, mut end) = last(text);
    let mut hindi = None;
    while at < end {
        let word = text[at..end].to_lowercase();
        // for the hard of hearing, unless nothing before it is a language
        if word == "hi" {
            hindi = hindi.or(Some(at));
        } else if is_language(&word) {
            // that may be a region or a script of the one before it
            let (before, its_end) = last(&text[..at]);
            let (name, joint) = (text[before..its_end].to_lowercase(), &text[its_end..at]);
            let joined = !joint.contains(['.', ',']) && (joint != " " || name.len() > 3);
            return Some(if joined && is_language(&name) { before } else { at });
        }
        let digits = word.bytes().all(|b| b.is_ascii_digit());
        let is_region = word.len() == 2 && text[..at].ends_with(['-', '_', '(', '[']) || word.len() <= 3 && digits;
        if !is_region && !REMARKS.contains(&format!(" {word} ")) {
            return hindi;
        }
        (at, end) = last(&text[..at]);
    }
    hindi
}

/// By its code or a name of it; there may be a number behind it.
fn is_language(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    LANGUAGES.split_whitespace().any(|known| known == word)
}

/// The codes of ISO 639-1, of ISO 639-2 those of languages that films are often subtitled in, what rippers write for some, and names of
/// these.
const LANGUAGES: &str = include_str!("languages.txt");

#[cfg(test)]
mod tests;
