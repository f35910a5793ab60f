//! Which subtitle files belong to a film, and what the names of their links end in.

use std::collections::HashSet;

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

/// The subtitles of the film `film` among the files `beside` it and those in folders beside it. There a language must be in their names,
/// and the film's name need not be, if it is the only film.
pub fn subtitles(film: &str, beside: &[String], folders: &[(String, Vec<String>)]) -> Vec<Subtitle> {
    let others = || beside.iter().filter(|name| is_video(name) && *name != film).map(|name| base(name));
    let alone = !folders.is_empty() && others().all(is_extra);
    let of_another = |name: &str, least: usize| {
        others().any(|other| other.len() > least && behind(other, name).is_some_and(|end| !end.is_empty()))
    };
    // of several films with whose names a subtitle's begins, it is that with the longest
    let own = |name: &str| behind(base(film), name).filter(|_| !of_another(name, base(film).len())).map(String::from);
    let mut ends = HashSet::new();
    let mut found = Vec::new();
    let mut add = |path: String, wanted: [Option<String>; 2]| {
        // many file systems take no notice of case
        let free = wanted.into_iter().flatten().find(|end| ends.insert(end.to_lowercase()));
        found.extend(free.map(|end| Subtitle { path, end }));
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

/// A trailer or the like, which is no film of its own.
fn is_extra(base: &str) -> bool {
    is_passed_over(base) || base.to_ascii_lowercase().contains("sample")
}

/// Where the language begins that a text ends with, but for remarks: in `2_English (SDH)` at the `E`, in `x.pt-BR.forced` at the `p`.
fn language(text: &str) -> Option<usize> {
    const REMARKS: &str = " forced foreign default sdh cc hi full signs songs commentary ";
    let is_gap = |c: char| " ._()[],".contains(c);
    let mut rest = text.trim_end_matches(is_gap);
    let mut hindi = None;
    while !rest.is_empty() {
        let at = rest.rfind(is_gap).map_or(0, |gap| gap + 1);
        let word = rest[at..].to_ascii_lowercase();
        if !REMARKS.contains(&format!(" {word} ")) {
            let behind_dash = word.rfind('-').map(|dash| dash + 1).filter(|dash| is_language(&word[*dash..]));
            return if is_language(&word) { Some(at) } else { behind_dash.map(|dash| at + dash).or(hindi) };
        }
        // for the hard of hearing, unless nothing before it is a language
        hindi = hindi.or((word == "hi").then_some(at));
        rest = rest[..at].trim_end_matches(is_gap);
    }
    hindi
}

/// By its code or its English name; a code may have a region or a script behind it.
fn is_language(word: &str) -> bool {
    let mut parts = word.split('-');
    let language = parts.next().unwrap_or_default();
    let is_region = |part: &str| (2..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let may_have_region = language.len() <= 3;
    LANGUAGES.split_whitespace().any(|known| known == language) && parts.all(|part| may_have_region && is_region(part))
}

/// The codes of ISO 639-1, of ISO 639-2 those of languages that films are often subtitled in, and the names of these.
const LANGUAGES: &str = include_str!("languages.txt");

#[cfg(test)]
mod tests;
