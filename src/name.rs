//! Where a special lives and what its file is called; pure.

use std::path::{Component, Path, PathBuf};

use crate::model::{MediaPath, Paths, Roots};

/// The local place of a path that an app told, or one sentence on why there is none.
pub fn local(paths: &Paths, roots: &Roots, told: &str) -> Result<MediaPath, String> {
    let found = mapped(paths, roots, told);
    roots.locate(&found).map_err(|problem| format!("{} cannot be used: {problem}", found.display()))
}

/// What a path that an app told is here, wherever that may be.
pub fn mapped(paths: &Paths, roots: &Roots, told: &str) -> PathBuf {
    let told = unixed(told);
    let path = Path::new(&told);
    let media_root = roots.iter().next().map(|root| Path::new(&**root)).unwrap_or(Path::new("/"));
    let mapped = paths
        .maps
        .iter()
        .filter_map(|map| Some((map, path.strip_prefix(unixed(&map.app)).ok()?)))
        .min_by_key(|(_, rest)| rest.components().count())
        .map(|(map, rest)| map.local.join(rest));
    match mapped {
        Some(mapped) => mapped,
        None if path.starts_with(media_root) => path.to_path_buf(),
        None => {
            let rest = path.strip_prefix(unixed(&paths.prefix)).unwrap_or(path);
            media_root.join(rest.strip_prefix("/").unwrap_or(rest))
        }
    }
}

/// A path of an app on Windows with slashes. Elsewhere a backslash is part of a name.
fn unixed(told: &str) -> String {
    let drive = told.as_bytes().get(1) == Some(&b':') && told.as_bytes()[0].is_ascii_alphabetic();
    if drive || told.starts_with("\\\\") { told.replace('\\', "/") } else { told.to_string() }
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

/// By what two titles are the same although written differently: letters and digits alone, in lower case.
pub fn key(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The text by which Sonarr knows the special, whatever stands around it (*facts C.3*).
pub fn marker(season: &str, number: i32, anime: bool) -> String {
    if anime { format!("S{season}E{number:03}") } else { format!("S{season}E{number:02}") }
}

/// The number and season that `name` is marked with as a whole word, as in `Show - S00E05 - Title`.
pub fn marked(name: &str) -> Option<(i32, i32)> {
    let bytes = name.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let (season, rest) = digits_after(name.get(at..)?, b'S').filter(|_| begins)?;
        let (number, rest) = digits_after(rest, b'E')?;
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        (ends && season.len() <= 4 && number.len() <= 4).then(|| Some((season.parse().ok()?, number.parse().ok()?)))?
    })
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
    pub anime: bool,
    pub title: &'a str,
    pub quality: &'a str,
    /// The film's file, for its extension.
    pub file: &'a str,
}

/// `{series} - S{season}E{number} - {title} {quality}{extension}`, at most 255 bytes: only the title is shortened, and when that is
/// not enough the show is left out, and then the quality. Text that would mislead Sonarr is left out as well, since the number alone is
/// enough for it.
pub fn file_name(name: &Name) -> String {
    let marker = marker(name.season, name.number, name.anime);
    // also when it only comes to be by what is cleaned away
    let misleads = |text: &str, as_what: fn(&str) -> bool| as_what(text) || as_what(&clean(text));
    let misleading = misleads(name.series, names_an_episode) || misleads(name.series, has_a_date);
    let series = if misleading { String::new() } else { clean(name.series) };
    let title = without_part_number(name.title);
    let title = if misleads(title, names_an_episode) { String::new() } else { clean(title) };
    let quality = clean(name.quality);
    let extension = clean_extension(name.file);

    let assemble = |series: &str, title: &str, quality: &str| {
        let last = [title, quality].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        let parts = [series, &marker, &last];
        parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" - ") + &extension
    };
    for (series, quality) in [(series.as_str(), quality.as_str()), ("", &quality), ("", "")] {
        let rest = assemble(series, "", quality).len() + " - ".len();
        if rest + title.len() <= MediaPath::MAX_COMPONENT {
            return assemble(series, &title, quality);
        }
        if let Some(room) = MediaPath::MAX_COMPONENT.checked_sub(rest + "...".len() + 1) {
            return assemble(series, &shortened(&title, room), quality);
        }
    }
    assemble("", "", "")
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
fn shortened(title: &str, room: usize) -> String {
    let end = (0..=room.min(title.len())).rev().find(|&at| title.is_char_boundary(at)).unwrap_or(0);
    format!("{}...", title[..end].trim_end_matches([' ', '.']))
}

/// What follows the last dot of the file, with the dot, as Sonarr takes it (*facts B.1*); empty if there is none.
fn clean_extension(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.rsplit_once('.') {
        Some((_, extension)) if !extension.is_empty() && extension.len() <= 16 => format!(".{}", clean(extension)),
        _ => String::new(),
    }
}

/// The specials folder's name by `format`: our `{season}` as typed, or Sonarr's tokens (*facts C.1*). An error is one sentence.
pub fn folder(format: &str, series: &str, season: &str) -> Result<String, String> {
    let number: i32 = season.parse().unwrap_or(0);
    let mut name = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        let (token, after) = after.split_once('}').unwrap_or((after, ""));
        name.push_str(before);
        match token.to_lowercase().as_str() {
            "season" => name.push_str(season),
            "season:0" => name.push_str(&number.to_string()),
            "season:00" => name.push_str(&format!("{number:02}")),
            "series title" => name.push_str(series),
            _ => {
                return Err(format!(
                    "the specials folder {format:?} has {{{token}}} in it: set PLEX_LINKER_SPECIALS_FOLDER"
                ));
            }
        }
        rest = after;
    }
    name.push_str(rest);
    match clean(&name) {
        name if name.is_empty() => {
            Err(format!("the specials folder {format:?} has no name: set PLEX_LINKER_SPECIALS_FOLDER"))
        }
        name => Ok(name),
    }
}

/// The text of a link in `folder` that leads to `target`; both are whole paths without `..`, and `folder` has no symlink in it.
pub fn relative(folder: &Path, target: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), target.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    up.chain(to[shared..].iter().copied()).collect()
}

/// Where a link's text leads from `folder`, a real path, read as text alone.
pub fn leads_to(folder: &Path, text: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for component in folder.join(text).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            component => path.push(component),
        }
    }
    path
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
