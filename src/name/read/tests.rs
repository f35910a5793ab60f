//! That no name that is made is misread, and those that a real Sonarr has read.

use proptest::prelude::*;

use super::*;
use crate::name::{Name, ROOM, file_name, marked, quality, tests::name};

/// What a real Sonarr made of names that this program had given.
#[test]
fn names_that_sonarr_misread_are_mended_and_others_stay() {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/recorded/titles.json")).unwrap();
    for case in recorded.as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let number = case["special"].as_i64().unwrap() as i32;
        let name = Name {
            series: text("show"),
            number,
            anime: text("series_type") == "anime",
            title: text("special_title"),
            quality: text("radarr_quality"),
            revision: case["radarr_revision"].as_i64().unwrap() as i32,
            ..name()
        };
        let (was, now) = (text("link_name"), file_name(&name));
        let right = case["imported_right"] == true;
        // these two had no fault: another link had taken their specials as part of a range
        let was_taken = matches!(text("special_title"), "S02 - E05" | "S02_E05") && !right;
        assert_eq!(misread(was, 0, number, number), !right && !was_taken, "{was}");
        assert!(!misread(&now, 0, number, number), "{now}");
        if !right && !was_taken {
            assert_eq!(now, text("proposed_name"));
            continue;
        }
        let quality = match quality::written(name.quality) {
            "Remux-1080p" => "Bluray-1080p Remux",
            // the size was looked up in the film
            "CAM" | "TELESYNC" if text("sonarr_quality") == "HDTV-1080p" => "HDTV-1080p",
            "CAM" | "TELESYNC" => "SDTV",
            same => same,
        };
        let read_right = text("sonarr_quality") == quality && case["sonarr_revision"] == case["radarr_revision"];
        assert_eq!(now == was, read_right || was_taken, "{was} became {now}");
    }
}

#[test]
fn what_sonarr_reads_is_foretold() {
    let right = [
        ("Show - S00E05 - Title DVD.mkv", (0, 5, 5)),
        ("Show - S00E05 - 3x3 Eyes DVD.mkv", (0, 5, 5)),
        ("3x3 Eyes - S00E05 - T DVD.mkv", (0, 5, 5)),
        ("Show - S00E05 - 2009-12-25 special.mkv", (0, 5, 5)),
        ("Show (2005) - S00E05 - T.mkv", (0, 5, 5)),
        ("Show - S00E10 - S2 E3 DVD.mkv", (0, 10, 10)),
        ("Show - S00E1000 - The Movie Bluray-1080p.mkv", (0, 1000, 1000)),
        ("S00E05 - T.mkv", (0, 5, 5)),
        ("S00E05.mkv", (0, 5, 5)),
        ("Show - S00E01-E04 - T.mkv", (0, 1, 4)),
        ("Show - S00E01-04 - T.mkv", (0, 1, 4)),
        ("Show - S00E01E02E03E04 - T.mkv", (0, 1, 4)),
        ("Show - S00E01-E02-E03-E04 - T.mkv", (0, 1, 4)),
        ("Show - S00E01-S00E04 - T.mkv", (0, 1, 4)),
        ("Show - S00E001-E003 - T.mkv", (0, 1, 3)),
        ("S00E01-E04 - T.mkv", (0, 1, 4)),
        ("Show - S2016E05 - T.mkv", (2016, 5, 5)),
        ("[REC] Series - S00E12 - Part 2 DVD.mkv", (0, 12, 12)),
        ("[REC] Series - S00E113 - The Movie Bluray-1080p.mkv", (0, 113, 113)),
        ("Show - S00E05 - Film-short DVD.mkv", (0, 5, 5)),
        ("Show - S00E05 - Password DVD.mkv", (0, 5, 5)),
    ];
    for (name, (season, first, last)) in right {
        assert!(!misread(name, season, first, last), "{name}");
        assert!(misread(name, season, first, last + 1) && misread(name, season + 1, first, last), "{name}");
    }
    let wrong = [
        // a range, or another special
        "Show - S00E05 - S00E07 DVD.mkv",
        "Show - S00E05 - S02 E09 DVD.mkv",
        "Show - S00E05 - S2.E9 DVD.mkv",
        "Show - S00E05 - S02-E09 DVD.mkv",
        "Show - S00E05 - s02_e09 DVD.mkv",
        "Show - S00E05 - 2x2 4x8 DVD.mkv",
        "Show - S00E05 - 1x07 DVD.mkv",
        "Show - S00E05 - 24 E07 DVD.mkv",
        "Show - S00E05 - ２x０７ DVD.mkv",
        "S00E05 - 2x7 DVD.mkv",
        "Show S02 E05 - S00E05 - T DVD.mkv",
        "Show 1x02 - S00E05 - T DVD.mkv",
        "Show 2x2 - S00E05 - T DVD.mkv",
        "10x10 - S00E05 - T DVD.mkv",
        "2x2 - S00E05 - T DVD.mkv",
        "s2e5 - S00E05 - T DVD.mkv",
        "S00E05 - S00E07.E05 DVD.mkv",
        "S00E05 - 4x12_E05 DVD.mkv",
        "Show - S00E05 - S2E5-7 DVD.mkv",
        "Show Episode 12 [x] - S00E05 - T DVD.mkv",
        "24-12-13 - S00E05 - T DVD.mkv",
        "Show - S00E05-E07 - T DVD.mkv",
        "Show - S00E05a - T DVD.mkv",
        // a daily show
        "Show 2009-12-25 - S00E05 - T DVD.mkv",
        "Show 2009- 12- 25 - S00E05 - T DVD.mkv",
        "a-180428-b - S00E05 - T DVD.mkv",
        "20180428 - S00E05 - T DVD.mkv",
        "Show - S00E05 - 2009-12-25 2x2 DVD.mkv",
        // an anime's absolute number
        "[Oshi no Ko] - S00E005 - Special 2- The 100th Bluray-1080p.mkv",
        "【OSHI NO KO】 - S00E005 - The 100th Bluray-1080p.mkv",
        "[Oshi no Ko] - S00E005 - 4x12 Bluray-1080p.mkv",
        "[Oshi no Ko - S00E05 - Film] 12 DVD.mkv",
        "[Oshi no Ko] - S00E005 - S2 Preview Bluray-1080p.mkv",
        "[Oshi no Ko] 104 - S00E05 - T Bluray-1080p.mkv",
        "[Oshi no Ko] - S00E05 - 101 Dalmatians.mkv",
        "[Oshi no Ko] - S00E05 - Episode 12 T.mkv",
        "[A][B][12] - S00E05 - T.mkv",
        // refused, or not looked at
        "Show - S00E05 - p027 DVD.mkv",
        "Show - S00E05 - 003E00S DVD.mkv",
        "Show 009E02S - S00E05 - T DVD.mkv",
        "Show - S00E05 - The password of yEnc DVD.mkv",
        "Show - S00E05 - Film-short.mkv",
        "abcdefghijklmnopqrstuvwxyz0123456789 - S00E05 - T.mkv",
        "Show - S00E1000 - Part 2 Bluray-1080p.mkv",
        "Show - T DVD.mkv",
        "",
    ];
    for name in wrong {
        assert!(misread(name, 0, 5, 5), "{name}");
    }
    // with brackets, a range is passed over for one special
    assert!(misread("Show - S00E01-E04 - S00E07 [Uncut] DVD.mkv", 0, 1, 4));
}

#[test]
fn as_little_as_possible_is_left_out() {
    let cases = [
        (("[Oshi no Ko] Kai", 12, "The 100th"), "Oshi no Ko Kai - S00E012 - The 100th DVD.mkv"),
        (("[Oshi no Ko]", 12, "p027"), "[Oshi no Ko] - S00E012 - DVD.mkv"),
        (("[Oshi no Ko]", 12, "The Movie"), "[Oshi no Ko] - S00E012 - The Movie DVD.mkv"),
        (("Show", 1, "S2 E5"), "Show - S00E001 - DVD.mkv"),
        (("Show S2 E5", 7, "The Movie"), "S00E007 - The Movie DVD.mkv"),
        (("Show 180428", 1, "p027"), "S00E001 - DVD.mkv"),
        (("Show 2x2", 5, "Title"), "S00E005 - Title DVD.mkv"),
        (("Show 2x2", 1, "Title"), "Show 2x2 - S00E001 - Title DVD.mkv"),
    ];
    for ((series, number, title), expected) in cases {
        assert_eq!(file_name(&Name { series, number, title, anime: true, ..name() }), expected);
    }
}

/// Text of what misleads, in any order and with any separators.
fn traps() -> impl Strategy<Value = String> {
    const TRAPS: &str = "Film|The 100th|S02|E05|s2e5|2x2|4x12|1x|E9|Part 2|Episode 12|Season 3|[|]|【|】|(|)|2009|12|25|180428|20180428|\
        p027|p0801|003E00S|password|yEnc|1080p|480p|Remux|Raw HD|PROPER|v2|2v3|REAL|é|木|-short|0|7|45|101|1138|12345|S1|S007|S2016|E1|\
        x05|E0045|３x０５|12of13|第2話";
    let traps = TRAPS.split('|').collect::<Vec<_>>();
    let gaps = vec!["", " ", "-", ".", "_", " - ", "--", ": "];
    prop::collection::vec((prop::sample::select(traps), prop::sample::select(gaps)), 0..7)
        .prop_map(|parts| parts.into_iter().flat_map(|(trap, gap)| [trap, gap]).collect())
}

const QUALITIES: [&str; 9] =
    ["Bluray-1080p", "Remux-2160p", "DVD", "DVD-R", "BR-DISK", "WEBDL-720p", "CAM", "Unknown", "Raw-HD"];

proptest! {
    #[test]
    fn a_name_made_of_traps_is_read_rightly(
        series in traps(), title in traps(), number in 1..400i32, more in 0..3i32, anime: bool, revision in 1..3i32, room in 60..300usize,
        quality in prop::sample::select(&QUALITIES[..]),
    ) {
        let last = Some(number + more);
        let made = Name { series: &series, title: &title, number, last, anime, revision, room, quality, ..name() };
        let text = file_name(&made);
        prop_assert!(!misread(&text, 0, number, number + more), "{}", text);
        prop_assert!(text.len() <= room.min(ROOM), "{}", text);
        prop_assert_eq!(marked(&text), Some((0, number, number + more)), "{}", text);
        let proper = if revision > 1 { " Proper" } else { "" };
        prop_assert!(text.ends_with(&format!("{}{proper}.mkv", quality::written(quality))), "{}", text);
        // what was made stays what it is
        prop_assert_eq!(file_name(&made), text);
    }

    #[test]
    fn reading_any_name_ends(text in "\\PC{0,80}|[\\[\\]sSeExX0-9 ._-]{0,40}", number in 0..200i32) {
        let _ = misread(&text, 0, number, number);
    }
}
