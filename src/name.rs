//! Where a special lives and what its file is called; pure.

mod folder;
mod parts;
mod path;
mod quality;
mod read;
mod subtitle;
mod title;

pub use folder::{Show, folder, folder_of_sonarr};
pub use parts::of_several_files;
pub use path::{leads_to, local, mapped, reads_as, relative, unixed};
pub use read::misread;
pub use subtitle::{Subtitle, base, behind, holds_subtitles, subtitles};
pub use title::{Fit, fit, key};

use crate::model::MediaPath;

/// The most bytes that a link's name may have where the file system would take more.
pub const ROOM: usize = 240;

/// The most bytes that a link's name may have where a file system takes names of so many: those of its subtitles are longer.
pub fn room(longest: usize) -> usize {
    longest.saturating_sub(MediaPath::MAX_COMPONENT - ROOM).min(ROOM)
}

/// What a title becomes as part of a name. Sonarr's own replacements (*facts C.2*), with its dash for the colon.
pub fn clean(title: &str) -> String {
    let replaced: String = title
        .chars()
        .filter_map(|c| match c {
            '/' | '\\' => Some('+'),
            ':' | '*' => Some('-'),
            '?' => Some('!'),
            '<' | '>' | '|' | '"' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect();
    // a name that begins with a dot is hidden from Plex, Jellyfin and Radarr 4 (*facts D.2*)
    replaced.trim_start_matches([' ', '.']).trim_end_matches([' ', '.']).to_string()
}

/// The text by which Sonarr knows the special, or all of them from the first to the last, whatever stands around it (*facts C.3*).
pub fn marker(season: &str, number: i32, last: Option<i32>, anime: bool) -> String {
    let width = if anime { 3 } else { 2 };
    let last = last.filter(|last| *last != number).map(|last| format!("-E{last:0width$}"));
    format!("S{season}E{number:0width$}{}", last.unwrap_or_default())
}

/// The season, the first and the last number that `name` is marked with as a whole word, as in `Show - S00E05 - Title`; of one special
/// the last is the first. All ways in which Sonarr writes several are read (*observed §4*).
pub fn marked(name: &str) -> Option<(i32, i32, i32)> {
    let bytes = name.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let (season, rest) = digits_after(name.get(at..)?, b'S').filter(|_| begins)?;
        let (number, mut rest) = digits_after(rest, b'E')?;
        if season.len() > 4 || number.len() > 4 {
            return None;
        }
        let first = number.parse().ok()?;
        let mut last = first;
        while let Some((number, behind)) = further(rest, season) {
            (last, rest) = (number, behind);
        }
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        (ends && first <= last).then(|| Some((season.parse().ok()?, first, last)))?
    })
}

/// The next number of several, and what follows it: `E02`, `-E02`, `-S00E02`, and `-02` where no other number goes on so.
fn further<'n>(text: &'n str, season: &str) -> Option<(i32, &'n str)> {
    let dashed = text.strip_prefix('-');
    let bare = dashed.unwrap_or(text);
    let same_season = digits_after(bare, b'S').filter(|(number, _)| *number == season).map(|(_, rest)| rest);
    let (number, rest) = match digits_after(same_season.unwrap_or(bare), b'E') {
        Some((number, rest)) if number.len() <= 4 => (number, rest),
        _ => {
            let rest = dashed?;
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, rest) = rest.split_at(end);
            let whole = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
            ((2..=3).contains(&number.len()) && whole).then_some((number, rest))?
        }
    };
    Some((number.parse().ok()?, rest))
}

/// The digits after `letter` at the start of `text`, at least one, and what follows them.
fn digits_after(text: &str, letter: u8) -> Option<(&str, &str)> {
    let first = text.as_bytes().first()?;
    let rest = text.get(1..).filter(|_| first.eq_ignore_ascii_case(&letter))?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    (end > 0).then(|| rest.split_at(end))
}

/// Whether Sonarr would read another episode out of a title that holds `S01E02` or `1x02` (*facts C.3*). `3x3 Eyes` is a title.
fn names_an_episode(title: &str) -> bool {
    let bytes = title.as_bytes();
    (0..bytes.len()).any(|at| {
        let Some(text) = title.get(at..) else { return false };
        let season = digits_after(text, b's').and_then(|(_, rest)| digits_after(rest, b'e')).is_some();
        let crossed = bytes[at].is_ascii_digit() && digits_after(&text[1..], b'x').is_some_and(|(n, _)| n.len() > 1);
        season || crossed
    })
}

/// Whether Sonarr would read the title of a show as that of a daily one: `2009-12-25` or `25.12.2009` in it (*facts C.3*).
fn has_a_date(title: &str) -> bool {
    let parts: Vec<&str> = title.split(['-', '.', '_', ' ', '/']).collect();
    parts.windows(3).any(|three| {
        let lengths = three.iter().map(|part| part.len()).collect::<Vec<_>>();
        let numbers = three.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
        numbers && (lengths == [4, 2, 2] || lengths == [2, 2, 4])
    })
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
    let whole = |series: &str, title: &str, quality: &str| {
        Some(assemble(series, title, quality)).filter(|name| name.len() <= room)
    };
    let cut = |series: &str, quality: &str| {
        let rest = assemble(series, "", quality).len() + " - ".len() + "...".len();
        shortened(title, room.checked_sub(rest)?).and_then(|title| whole(series, &title, quality))
    };
    let with = |series: &str, quality: &str| whole(series, title, quality).or_else(|| cut(series, quality));
    let quality = quality.as_str();
    let best = with(series, quality).or_else(|| with("", quality)).or_else(|| whole("", "", quality));
    best.or_else(|| with("", "")).unwrap_or_else(|| assemble("", "", ""))
}

/// The title of several specials that are one film, as Sonarr has it: what they have in common once, else one after the other.
pub fn joined(titles: &[&str]) -> String {
    match titles {
        [title] => title.to_string(),
        _ => {
            let mut different: Vec<&str> = Vec::new();
            for title in titles.iter().map(|title| without_part(title)) {
                if !title.is_empty() && !different.contains(&title) {
                    different.push(title);
                }
            }
            different.join(" + ")
        }
    }
}

/// `Film: Part 2`, `Film Pt. 2` and `Film (2)` are all of them parts of `Film`.
fn without_part(title: &str) -> &str {
    let title = without_part_number(title);
    let rest = title.trim_end_matches(|c: char| c.is_ascii_digit());
    let words = rest.trim_end().to_ascii_lowercase();
    let word =
        ["part", "pt.", "pt"].into_iter().find(|word| words.ends_with(word)).filter(|_| rest.len() < title.len());
    let cut = word.and_then(|word| rest.trim_end().get(..words.len() - word.len()));
    let cut = cut.filter(|cut| cut.is_empty() || cut.ends_with([' ', ':', ',', '-']));
    cut.map_or(title, |cut| cut.trim_end_matches([' ', ':', ',', '-']))
}

/// A show's title without the brackets around its start, which Sonarr takes for who has released the file.
fn without_brackets(series: &str) -> String {
    let Some(open) = series.chars().next().filter(|c| matches!(c, '[' | '【')) else { return series.to_string() };
    let rest = &series[open.len_utf8()..];
    let inside = rest.split_once([']', '】']).map(|(inside, rest)| format!("{inside}{rest}"));
    clean(&inside.unwrap_or_else(|| rest.to_string()))
}

/// `The Beast with a Billion Backs (2)` is one film of several parts.
fn without_part_number(title: &str) -> &str {
    let cut = title.trim_end().strip_suffix(')').and_then(|text| {
        let text = text.trim_end_matches(|c: char| c.is_ascii_digit());
        text.strip_suffix('(').filter(|_| !title.trim_end().ends_with("()"))
    });
    cut.unwrap_or(title).trim_end()
}

/// At most `room` bytes of a title, cut between characters, and dots to say so.
fn shortened(title: &str, room: usize) -> Option<String> {
    let end = (0..=room.min(title.len())).rev().find(|&at| title.is_char_boundary(at)).unwrap_or(0);
    let start = title[..end].trim_end_matches([' ', '.']);
    (!start.is_empty()).then(|| format!("{start}..."))
}

/// What follows the last dot of the file, with the dot, as Sonarr takes it (*facts B.1*); empty if there is none.
fn clean_extension(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.rsplit_once('.') {
        Some((_, extension)) if !extension.is_empty() && extension.len() <= 16 => format!(".{}", clean(extension)),
        _ => String::new(),
    }
}

/// What Sonarr and Radarr take for video (*facts D.4*).
pub fn is_video(name: &str) -> bool {
    const EXTENSIONS: &str = " webm m4v 3gp nsv ty strm rm rmvb m3u ifo mov qt divx xvid bivx nrg pva wmv asf asx ogm ogv m2v avi \
        bin dat dvr-ms mpg mpeg mp4 avc vp3 svq3 nuv viv dv fli flv wpl img iso vob mkv ts wtv m2ts ";
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        !extension.contains(' ') && EXTENSIONS.contains(&format!(" {} ", extension.to_ascii_lowercase()))
    })
}

#[cfg(test)]
mod tests;
