//! The sample Sonarr reads names as the real one was seen to.

use std::fs;

use serde_json::Value;

use crate::support::{quality::Quality, sonarr::read::episodes_in};

fn read(name: &str) -> Vec<String> {
    let (season, numbers) = episodes_in(name).unwrap_or_default();
    numbers.iter().map(|number| format!("S{season:02}E{number:02}")).collect()
}

#[test]
fn recorded_names_are_read_as_real_sonarr_read_them() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/recorded/titles.json");
    let titles: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    // refused because a file of more episodes was there, not for their names
    let refused_for_others = ["Extra standard Show - S00E0", "Show S02 E05 - S00E01"];
    let mut wrong = Vec::new();
    for title in &titles {
        let name = title["link_name"].as_str().unwrap();
        let real: Vec<&str> =
            title["imported_as"].as_array().unwrap().iter().map(|as_| as_.as_str().unwrap()).collect();
        let for_others = real.is_empty() && refused_for_others.iter().any(|start| name.starts_with(start));
        if read(name) != real && !for_others {
            wrong.push(format!("{name}: {:?}, not {real:?}", read(name)));
        }
        if let Some(revision) = title["sonarr_revision"].as_u64()
            && revision != u64::from(Quality::revision_in(name))
        {
            wrong.push(format!("{name}: not revision {revision}"));
        }
        // what has no source in its name is told by the file itself, of which the sample knows nothing
        let quality = title["sonarr_quality"].as_str().unwrap_or_default();
        if title["radarr_quality"].as_str().is_some_and(|name| name.contains('-'))
            && !quality.is_empty()
            && Quality::in_name(name).sonarr != quality
        {
            wrong.push(format!("{name}: {}, not {quality}", Quality::in_name(name).sonarr));
        }
    }
    assert_eq!((titles.len(), wrong), (154, Vec::<String>::new()));
}

#[test]
fn several_specials_in_one_name() {
    let four = ["S00E01", "S00E02", "S00E03", "S00E04"];
    for mark in ["S00E01-E04", "S00E01-04", "S00E01E02E03E04", "S00E01-E02-E03-E04", "S00E01-S00E04", "S00E001-E004"] {
        assert_eq!(read(&format!("Specials/Show - {mark} - Title DVD.mkv")), four, "{mark}");
    }
    for (name, numbers) in [
        ("Show - S00E05 - 2 Title DVD.mkv", vec!["S00E05"]),
        ("Show - S00E05-1080p.mkv", vec!["S00E05"]),
        ("S00E05.mkv", vec!["S00E05"]),
        ("Show S00E05a.mkv", vec![]),
        ("Show - S00E01 - S01E02 recap.mkv", vec![]),
        ("Show - S00E05 - S00E05.mkv", vec!["S00E05"]),
        ("Show.mkv", vec![]),
    ] {
        assert_eq!(read(name), numbers, "{name}");
    }
}
