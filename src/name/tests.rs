//! What names become, and that they never mislead or escape.

use std::path::{Component, Path, PathBuf};

use proptest::prelude::*;

use super::{clean::clean_extension, joined::without_part_number, *};
use crate::model::{PathMap, Paths, Roots};

fn file(series: &str, season: &str, number: i32, title: &str, quality: &str, file: &str) -> String {
    file_name(&Name { series, season, number, title, quality, file, ..name() })
}

pub fn name() -> Name<'static> {
    Name {
        series: "Show",
        season: "00",
        number: 5,
        last: None,
        anime: false,
        title: "Title",
        quality: "DVD",
        revision: 1,
        file: "a.mkv",
        room: ROOM,
    }
}

#[test]
fn a_name_is_show_number_title_quality_extension() {
    let cases = [
        (("Show", "00", 5, "Title", "Bluray-1080p", "/m/a.mkv"), "Show - S00E05 - Title Bluray-1080p.mkv"),
        (("Show", "0", 5, "Title", "DVD", "a.AVI"), "Show - S0E05 - Title DVD.AVI"),
        (("Show", "00", 105, "Title", "DVD", "a.mkv"), "Show - S00E105 - Title DVD.mkv"),
        (("Fate/Zero", "00", 1, "Part 1/2", "DVD", "a.mkv"), "Fate+Zero - S00E01 - Part 1+2 DVD.mkv"),
        (("A: B", "00", 1, "What? *Now*", "DVD", "a.mkv"), "A- B - S00E01 - What! -Now- DVD.mkv"),
        (("<A|B>", "00", 1, "\"C\"\t\u{7f}", "DVD", "a.mkv"), "AB - S00E01 - C DVD.mkv"),
        (("Wait...", "00", 1, "And then... ", "DVD", "a.mkv"), "Wait - S00E01 - And then DVD.mkv"),
        ((".hack//Roots", "00", 1, "x", "DVD", "a.mkv"), "hack++Roots - S00E01 - x DVD.mkv"),
        (("A\\B", "00", 1, "", "DVD", "a.mkv"), "A+B - S00E01 - DVD.mkv"),
        (("Show", "00", 1, "Title", "", "a.mkv"), "Show - S00E01 - Title.mkv"),
        (("ナルト", "00", 5, "木ノ葉", "DVD", "a.mkv"), "ナルト - S00E05 - 木ノ葉 DVD.mkv"),
    ];
    for ((series, season, number, title, quality, from), expected) in cases {
        assert_eq!(file(series, season, number, title, quality, from), expected);
    }
}

#[test]
fn a_show_does_not_change_the_quality() {
    let cases = [
        (("Raw HD Stories", "Title", "Bluray-1080p"), "Stories - S00E05 - Title Bluray-1080p.mkv"),
        (("The Proper People", "Title", "DVD"), "The People - S00E05 - Title DVD.mkv"),
        (("REAL Humans", "REAL Life", "DVD"), "Real Humans - S00E05 - Real Life DVD.mkv"),
        (("Remux", "Title", "WEBDL-720p"), "S00E05 - Title WEBDL-720p.mkv"),
        (("Remux", "Remux", "Remux-1080p"), "Remux - S00E05 - Remux Remux-1080p.mkv"),
        (("Show: 480p", "Title", "Bluray-1080p"), "Show - S00E05 - Title Bluray-1080p.mkv"),
        (("Properly Remuxed", "Title", "DVD"), "Properly Remuxed - S00E05 - Title DVD.mkv"),
    ];
    for ((series, title, quality), expected) in cases {
        assert_eq!(file_name(&Name { series, title, quality, ..name() }), expected);
    }
}

#[test]
fn names_leave_room_for_those_of_subtitles() {
    assert_eq!([255, 240, 143, 64, 0, 1530].map(room), [ROOM, 225, 128, 49, 0, ROOM]);
    for room in [128, 200, 240] {
        let title = "é".repeat(200);
        let long = file_name(&Name { title: &title, series: "名".repeat(9).as_str(), room, ..name() });
        assert!(long.len() <= room && long.len() > room - 3, "{long}");
        assert!(long.contains(" - S00E05 - é") && long.ends_with("... DVD.mkv"), "{long}");
    }
}

#[test]
fn anime_has_three_digits() {
    assert_eq!(file_name(&Name { number: 7, anime: true, ..name() }), "Show - S00E007 - Title DVD.mkv");
}

#[test]
fn a_part_number_is_cut_off() {
    let cases = [
        ("The Beast (2)", "The Beast"),
        ("The Beast (12) ", "The Beast"),
        ("The Beast ()", "The Beast ()"),
        ("The Beast (two)", "The Beast (two)"),
        ("1984 (1984)", "1984"),
        ("(1)", ""),
    ];
    for (title, expected) in cases {
        assert_eq!(without_part_number(title), expected, "{title:?}");
    }
}

#[test]
fn the_extension_is_what_follows_the_last_dot() {
    let cases = [
        ("Akira (1988) Bluray-1080p Proper.mkv", ".mkv"),
        ("Akira (1988) {imdb-tt0094625} [Bluray-1080p][DTS 5.1][x264]-GRP.mkv", ".mkv"),
        ("Akira.1988.1080p.BluRay.x264-GRP.mkv", ".mkv"),
        ("BDMV/STREAM/00000.m2ts", ".m2ts"),
        ("/a.b/c", ""),
        ("D:\\Movies\\A.B\\c.mp4", ".mp4"),
        ("a.", ""),
        ("a.mkv?", ".mkv!"),
    ];
    for (path, expected) in cases {
        assert_eq!(clean_extension(path), expected, "{path:?}");
    }
}

#[test]
fn text_that_misleads_sonarr_is_left_out() {
    let cases = [
        (("Show", "S01E02 recap"), "Show - S00E01 - DVD.mkv"),
        (("Show", "1x02 - 1x03"), "Show - S00E01 - DVD.mkv"),
        (("Show 2009-12-25", "T"), "S00E01 - T DVD.mkv"),
        (("Show 25.12.2009", "T"), "S00E01 - T DVD.mkv"),
        (("Doctor Who (2005)", "2009-12-25 special"), "Doctor Who (2005) - S00E01 - 2009-12-25 special DVD.mkv"),
        (("Show S01<E02", "T S1\u{1a}E1"), "S00E01 - DVD.mkv"),
        (("3x3 Eyes", "T"), "3x3 Eyes - S00E01 - T DVD.mkv"),
        (("86", "T"), "86 - S00E01 - T DVD.mkv"),
        (("Sex E2", "T"), "Sex E2 - S00E01 - T DVD.mkv"),
    ];
    for ((series, title), expected) in cases {
        assert_eq!(file(series, "00", 1, title, "DVD", "a.mkv"), expected);
    }
}

#[test]
fn a_name_has_at_most_240_bytes_and_loses_only_its_title() {
    let long = file("ショウ", "00", 1, &"映".repeat(90), "Bluray-1080p", "a.mkv");
    assert!(long.len() <= 240 && long.len() > 235, "{}: {long}", long.len());
    assert!(long.starts_with("ショウ - S00E01 - 映") && long.ends_with("映... Bluray-1080p.mkv"), "{long}");
    let longer = file(&"長".repeat(100), "00", 1, "Title", "DVD", "a.mkv");
    assert_eq!(longer, "S00E01 - Title DVD.mkv");
}

#[test]
fn a_special_is_known_by_its_mark() {
    let cases = [
        ("Show - S00E05 - T DVD.mkv", Some((0, 5, 5))),
        ("s0e005.mkv", Some((0, 5, 5))),
        ("Show - S00E05a - T.mkv", None),
        ("ShowS00E05.mkv", None),
        ("Show - S01E02 - S00E05.mkv", Some((1, 2, 2))),
        ("Show.mkv", None),
        ("é S00E01", Some((0, 1, 1))),
        ("S00001E1", None),
        ("Show - S00E01-E04 - T.mkv", Some((0, 1, 4))),
        ("Show - S00E01-04 - T.mkv", Some((0, 1, 4))),
        ("Show - S00E01E02E03E04 - T.mkv", Some((0, 1, 4))),
        ("Show - S00E01-E02-E03 - T.mkv", Some((0, 1, 3))),
        ("Show - S00E01-S00E04 - T.mkv", Some((0, 1, 4))),
        ("Show - s00e001-e003 - T.mkv", Some((0, 1, 3))),
        ("Show - S00E999-E1001.mkv", Some((0, 999, 1001))),
        ("Show - S00E01-720p.mkv", Some((0, 1, 1))),
        ("Show - S00E01-2009.mkv", Some((0, 1, 1))),
        ("Show - S00E04-E01 - T.mkv", None),
        ("Show - S00E01-S01E04 - T.mkv", Some((0, 1, 1))),
    ];
    for (name, expected) in cases {
        assert_eq!(marked(name), expected, "{name:?}");
    }
}

fn places() -> (Roots, Paths) {
    let maps = [
        ("/tv", "/media/shows"),
        ("/tv/anime/", "/media/anime"),
        ("D:\\Movies", "/media/movies"),
        ("/far", "/disk2/far"),
    ];
    let maps = maps.map(|(app, local)| PathMap { app: app.into(), local: local.into() }).to_vec();
    let roots = Roots::new(["/media".into(), "/disk2/far".into()]);
    (roots, Paths { maps, prefix: "/data".into() })
}

#[test]
fn an_apps_path_is_mapped_by_whole_components() {
    let (roots, paths) = places();
    let cases = [
        ("/tv/Show", Ok("/media/shows/Show")),
        ("/tv/anime/Show/", Ok("/media/anime/Show")),
        ("/tvx/Show", Ok("/media/tvx/Show")),
        ("/media/tv/Show", Ok("/media/tv/Show")),
        ("/data/tv/Show", Ok("/media/tv/Show")),
        ("/database/Show", Ok("/media/database/Show")),
        ("/x/data/Show", Ok("/media/x/data/Show")),
        ("D:\\Movies\\A: B\\c.mkv", Ok("/media/movies/A: B/c.mkv")),
        ("/far/Show", Ok("/disk2/far/Show")),
        ("/tv/Back\\slash", Ok("/media/shows/Back\\slash")),
        ("/tv/../../etc", Err(())),
        ("/tv", Ok("/media/shows")),
        ("/media", Err(())),
        ("", Err(())),
        ("/tv/a\0b", Err(())),
    ];
    for (told, expected) in cases {
        let found = local(&paths, &roots, told).map(|at| at.to_string());
        assert_eq!(found.as_deref().map_err(drop), expected, "{told:?}");
    }
}

#[test]
fn relative_paths_go_up_and_down() {
    let cases = [
        ("/media/tv/S/Season 00", "/media/movies/F/f.mkv", "../../../movies/F/f.mkv"),
        ("/media/tv/S", "/media/tv/S/f.mkv", "f.mkv"),
        ("/a/b", "/c/d", "../../c/d"),
    ];
    for (folder, target, expected) in cases {
        assert_eq!(relative(Path::new(folder), Path::new(target)), PathBuf::from(expected));
        assert_eq!(leads_to(Path::new(folder), expected), PathBuf::from(target));
    }
    assert_eq!(leads_to(Path::new("/a"), "/b/./c/../d"), PathBuf::from("/b/d"));
}

#[test]
fn video_is_known_by_its_extension() {
    assert!(is_video("a.mkv") && is_video("b.M2TS") && is_video("x.y.mp4"));
    assert!(
        !is_video("a.txt") && !is_video("mkv") && !is_video("a.mkv mp4") && !is_video(".#notes") && !is_video("a.")
    );
}

#[test]
fn several_specials_are_a_range() {
    let range = Name { last: Some(8), ..name() };
    assert_eq!(file_name(&range), "Show - S00E05-E08 - Title DVD.mkv");
    assert_eq!(file_name(&Name { anime: true, ..range.clone() }), "Show - S00E005-E008 - Title DVD.mkv");
    assert_eq!(file_name(&Name { last: Some(5), ..range }), "Show - S00E05 - Title DVD.mkv");
    let cases: [(&[&str], &str); 9] = [
        (&["Film (1)", "Film (2)"], "Film"),
        (&["Film: Part 1", "Film: Part 2", "Film - Part 3"], "Film"),
        (&["Film, Pt. 1", "Film Pt 2"], "Film"),
        (&["Film (1)", "Other"], "Film + Other"),
        (&["Film", "Other", "Film"], "Film + Other"),
        (&["Film: Part 1"], "Film: Part 1"),
        (&["Depart 1", "Rampart 2"], "Depart 1 + Rampart 2"),
        (&["Part 1", "Part 2"], ""),
        (&[], ""),
    ];
    for (titles, expected) in cases {
        assert_eq!(joined(titles), expected, "{titles:?}");
    }
}

#[test]
fn the_quality_is_what_sonarr_has_for_it() {
    let cases = [
        ("BR-DISK", 1, "Bluray-1080p"),
        ("DVD-R", 1, "DVD"),
        ("DVDSCR", 1, "DVD"),
        ("REGIONAL", 2, "DVD Proper"),
        ("Bluray-1080p", 2, "Bluray-1080p Proper"),
        ("Bluray-1080p", 3, "Bluray-1080p Proper"),
        ("Bluray-1080p", 0, "Bluray-1080p"),
        ("Remux-2160p", 1, "Remux-2160p"),
        ("CAM", 1, "CAM"),
        ("Unknown", 1, "Unknown"),
    ];
    for (quality, revision, expected) in cases {
        assert_eq!(file_name(&Name { quality, revision, ..name() }), format!("Show - S00E05 - Title {expected}.mkv"));
    }
}

#[test]
fn a_name_ends_where_the_file_system_ends_it() {
    let long = "映画".repeat(60);
    for room in [60, 100, 143, 200, 240, 255] {
        let name = file_name(&Name { title: &long, room, quality: "Bluray-1080p", ..name() });
        assert!(name.len() <= room.min(ROOM) && name.len() + 3 + 3 >= room.min(ROOM), "{room}: {name}");
        assert!(name.starts_with("Show - S00E05 - ") && name.ends_with("... Bluray-1080p.mkv"), "{room}: {name}");
    }
    // the number and what Sonarr needs besides are never cut
    let bare = Name { title: &long, series: &long, room: 30, last: Some(9), quality: "Bluray-1080p", ..name() };
    assert_eq!(file_name(&bare), "S00E05-E09 - Bluray-1080p.mkv");
    assert_eq!(file_name(&Name { room: 3, ..bare }), "S00E05-E09.mkv");
}

proptest! {
    #[test]
    fn any_name_is_one_component_with_its_mark(
        series in "\\PC{0,120}|.{0,120}", title in "\\PC{0,200}|.{0,200}", quality in ".{0,300}",
        season in "[0-9]{1,4}", number in 0..10_000i32, anime: bool, from in ".{0,60}",
    ) {
        let name = file_name(&Name {
            series: &series, season: &season, number, anime, title: &title, quality: &quality, file: &from, ..name()
        });
        let (roots, _) = places();
        let folder = roots.locate(Path::new("/media/x")).unwrap();
        prop_assert!(folder.join(&name).is_ok(), "{name:?}");
        prop_assert!(name.contains(&marker(&season, number, None, anime)));
        prop_assert!(!name.starts_with('.') && !name.chars().any(char::is_control));
        prop_assert_eq!(marked(&name), Some((season.parse().unwrap(), number, number)), "{}", name);
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(title in ".{0,80}") {
        prop_assert_eq!(clean(&clean(&title)), clean(&title));
    }

    #[test]
    fn a_relative_path_leads_to_its_target(
        from in prop::collection::vec("[a-c]{1,2}", 0..6), to in prop::collection::vec("[a-c]{1,2}", 1..6),
    ) {
        let (from, to) = (Path::new("/").join(from.join("/")), Path::new("/").join(to.join("/")));
        let text = relative(&from, &to);
        prop_assert_eq!(leads_to(&from, text.to_str().unwrap()), to);
    }

    #[test]
    fn a_mapped_path_never_leaves_the_roots(told in "(/(tv|data|far|media|\\.\\.|\\.|a b|é)){0,6}|.{0,60}") {
        let (roots, paths) = places();
        if let Ok(at) = local(&paths, &roots, &told) {
            let path = at.absolute();
            prop_assert!(path.starts_with("/media") || path.starts_with("/disk2/far"));
            prop_assert!(!path.components().any(|part| part == Component::ParentDir));
        }
    }
}

#[test]
fn the_root_of_what_an_app_sees_can_be_mapped() {
    let paths = |app: &str, prefix: &str| Paths {
        maps: [app]
            .into_iter()
            .filter(|app| !app.is_empty())
            .map(|app| PathMap { app: app.into(), local: "/mnt/x".into() })
            .collect(),
        prefix: prefix.into(),
    };
    let roots = Roots::new([PathBuf::from("/media")]);
    for (app, prefix, told, here) in [
        ("/", "/", "/tv/Show", "/mnt/x/tv/Show"),
        ("/", "/", "/", "/mnt/x"),
        ("D:\\", "/", "D:\\tv\\Show", "/mnt/x/tv/Show"),
        ("D:", "/", "D:\\tv\\Show", "/mnt/x/tv/Show"),
        ("//nas/tv", "/", "\\\\nas\\tv\\Show", "/mnt/x/Show"),
        ("", "D:\\TV", "D:\\TV\\Show", "/media/Show"),
    ] {
        assert_eq!(mapped(&paths(app, prefix), &roots, told), PathBuf::from(here), "{app} {prefix} {told}");
    }
}
