//! Films of several files, of which Radarr knows one, and a link has one.

use std::path::Path;

use super::{clean::is_video, subtitle::base};

/// What such a film is, in words: `a Blu-ray folder`, `in 2 files`. `beside` are the names in the folder of its file.
pub fn of_several_files(file: &Path, beside: &[String]) -> Option<String> {
    let is_in = |folder: &str| file.iter().any(|part| part.eq_ignore_ascii_case(folder));
    if is_in("BDMV") {
        return Some("a Blu-ray folder".into());
    }
    if is_in("VIDEO_TS") {
        return Some("a DVD folder".into());
    }
    let (start, own) = part(file.file_name()?.to_str()?)?;
    let parts = beside.iter().filter(|name| is_video(name)).filter_map(|name| part(name));
    let mut numbers: Vec<u8> = parts.filter(|(other, _)| *other == start).map(|(_, number)| number).collect();
    numbers.push(own);
    numbers.sort_unstable();
    numbers.dedup();
    (numbers.len() > 1).then(|| format!("in {} files", numbers.len()))
}

/// What a name is before the number of a part that it ends with, and that number: `film - cd` and 1 of `Film - CD1.avi`.
fn part(name: &str) -> Option<(String, u8)> {
    let base = base(name).to_lowercase();
    let start = base.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = base[start.len()..].parse().ok()?;
    let words = start.trim_end_matches([' ', '.', '_', '-']);
    let word = ["cd", "dvd", "disc", "disk", "part", "pt"].into_iter().find_map(|word| words.strip_suffix(word))?;
    (!word.ends_with(char::is_alphanumeric)).then(|| (start.to_string(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_of_several_files_are_known_by_their_names() {
        let of = |file: &str, others: &[&str]| {
            let own = Path::new(file).file_name().unwrap().to_str().unwrap();
            let beside: Vec<String> = others.iter().chain([&own]).map(ToString::to_string).collect();
            of_several_files(Path::new(file), &beside).unwrap_or_default()
        };
        assert_eq!(of("/m/Film/BDMV/STREAM/00001.m2ts", &["00002.m2ts"]), "a Blu-ray folder");
        assert_eq!(of("/m/Film/disc 1/bdmv/stream/1.m2ts", &[]), "a Blu-ray folder");
        assert_eq!(of("/m/Film/VIDEO_TS/VTS_01_1.VOB", &["VTS_01_2.VOB"]), "a DVD folder");
        for (one, other) in [
            ("Film.cd1.avi", "Film.cd2.avi"),
            ("Film - CD1.avi", "film - cd2.mkv"),
            ("Film (2000) part 1.mkv", "Film (2000) part 2.mkv"),
            ("Film-pt1.mkv", "Film-pt2.mkv"),
            ("Film.Disc.1.mkv", "Film.Disc.2.mkv"),
            ("cd1.avi", "cd2.avi"),
        ] {
            assert_eq!(of(&format!("/m/Film/{one}"), &[other]), "in 2 files", "{one}");
        }
        assert_eq!(of("/m/Film/Film.cd1.avi", &["Film.cd2.avi", "Film.cd3.avi", "Film.cd2.srt"]), "in 3 files");
        for (one, other) in [
            ("Film.cd1.avi", "Other.cd2.avi"),
            ("Film.cd1.avi", "Film.cd2.srt"),
            ("Film.cd1.avi", "Film.cd1.mkv"),
            ("Film 1.mkv", "Film 2.mkv"),
            ("Acd1.mkv", "Acd2.mkv"),
            ("Film Part 1 (2010).mkv", "Film Part 2 (2011).mkv"),
            ("Film.iso", "Film.strm"),
        ] {
            assert_eq!(of(&format!("/m/Film/{one}"), &[other]), "", "{one}");
        }
    }
}
