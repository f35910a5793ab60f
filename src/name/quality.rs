//! The quality in a link's name, so that Sonarr reads from it what Radarr has.

use std::ops::Range;

/// Radarr's name of a quality as Sonarr reads the same source and resolution from it (*observed §9*). What Sonarr has nothing like stays.
pub fn written(quality: &str) -> &str {
    match quality {
        "BR-DISK" => "Bluray-1080p",
        "DVD-R" | "DVDSCR" | "REGIONAL" => "DVD",
        _ => quality,
    }
}

/// A special's title without the words that Sonarr would take for its quality instead of `quality`, or for a revision.
pub fn without_its_words(title: &str, quality: &str) -> String {
    let quality = written(quality);
    let words = misleading(quality);
    // the same size does no harm
    let words = || words.iter().flat_map(|words| words.split('|')).filter(|word| !quality.ends_with(word));
    let mut rest = title.to_string();
    while let Some(found) = words().find_map(|word| find(&rest, word)) {
        rest.replace_range(found, "");
    }
    // only in capitals is it a revision
    while let Some(found) = find(&rest, "real").filter(|found| &rest[found.clone()] == "REAL") {
        rest.replace_range(found, "Real");
    }
    if rest.len() == title.len() { rest } else { tidied(&rest) }
}

/// `#` is a digit, and a space one of the characters that may stand between words.
const REVISIONS: &str = "proper|repack|repack#|rerip|rerip#|[v#]|####v#|###v#|##v#|#v#|## v#|# v#";
const RAW: &str = "raw hd|rawhd";
const MPEG: &str = "mpeg2|mpeg 2";
const REMUX: &str = "bd remux|bdremux|uhd remux|uhdremux|remux";
const SIZES: &str = "360p|480p|540p|576p|720p|960p|1080p|1080i|1440p|2160p|640x480|848x480|1280x720|1920x1080|3840x2160|\
    4kto1080p|fhd|4k uhd|4k hevc|4k bd|4k h265|uhd 4k|hevc 4k|bd 4k|h265 4k";
const BLURAY: &str = "bluray|blu-ray|hddvd|hd-dvd|bdmux|bdrip|bdlight|brrip|bd";
const SOURCES: &str = "web dl|webdl|webhd|amazonhd|ituneshd|netflixhd|netflixuhd|maxdomehd|webrip|web-rip|webmux|hdtv|hd tv|dvd|\
    dvdrip|ntsc|pal|xvidvd|dsr|pdtv|sdtv|sd tv|tvrip|x264";

/// The words that count more in a name than a quality at its end does: which they are depends on what it says itself.
fn misleading(quality: &str) -> Vec<&'static str> {
    let more: &[&str] = match quality.split('-').next() {
        Some("Raw") => &[],
        Some("DVD") => &[RAW],
        Some("HDTV") => &[RAW, REMUX, MPEG, SIZES],
        Some("Bluray" | "WEBDL" | "WEBRip" | "SDTV") => &[RAW, REMUX, SIZES],
        Some("Remux") => &[RAW, SIZES, SOURCES],
        _ => &[RAW, REMUX, SIZES, BLURAY, SOURCES],
    };
    [&[REVISIONS], more].concat()
}

/// Where `word` stands in a title as a whole word.
fn find(title: &str, word: &str) -> Option<Range<usize>> {
    let (bytes, word) = (title.as_bytes(), word.as_bytes());
    let same = |(byte, pattern): (&u8, &u8)| match pattern {
        b'#' => byte.is_ascii_digit(),
        b' ' => b" -._".contains(byte),
        pattern => byte.eq_ignore_ascii_case(pattern),
    };
    let is_whole = |found: &Range<usize>| {
        let letter = |at: Option<char>| at.is_some_and(char::is_alphanumeric);
        (matches!(word[0], b'[' | b'#') || !letter(title[..found.start].chars().next_back()))
            && (word.ends_with(b"]") || !letter(title[found.end..].chars().next()))
    };
    let mut places = bytes.windows(word.len()).enumerate().filter(|(_, bytes)| bytes.iter().zip(word).all(same));
    places.find_map(|(at, _)| Some(at..at + word.len()).filter(is_whole))
}

/// Without what was around the words that are gone.
fn tidied(title: &str) -> String {
    let title = title.replace("()", "").replace("[]", "");
    let words: Vec<&str> = title.split_whitespace().collect();
    words.join(" ").trim_matches([' ', '-', '_', ',', '+', ':']).to_string()
}

#[cfg(test)]
mod tests;
