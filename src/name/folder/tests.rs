//! What folders are called by each format.

use super::*;

#[test]
fn a_folder_may_have_sonarrs_tokens() {
    let cases = [
        ("Season {season}", "00", Ok("Season 00")),
        ("Specials", "0", Ok("Specials")),
        ("Season {season:00}", "0", Ok("Season 00")),
        ("Season {Season:0}", "00", Ok("Season 0")),
        ("S{season:000}", "1", Ok("S001")),
        ("{Series Title} S{season:00}", "0", Ok("The A- B & C's Show! S00")),
        ("{SERIES.TITLE}", "0", Ok("THE.A-.B.&.C'S.SHOW!")),
        ("{series title}", "0", Ok("the a- b & c's show!")),
        ("{Series TitleYear}", "0", Ok("The A- B & C's Show! (2019)")),
        ("{Series CleanTitleThe}", "0", Err(())),
        ("{Series Year} {TvdbId}", "0", Ok("2019 78857")),
        ("Specials{ [tvdb-}{TvdbId}{]}", "0", Err(())),
        ("Specials{ - Series Year}", "0", Ok("Specials - 2019")),
        ("Extra/{Series Title}/Season {season:00}", "0", Ok("Extra/The A- B & C's Show!/Season 00")),
        ("{Series Title:20}", "0", Err(())),
        ("{Episode Title}", "0", Err(())),
        ("{Series TitleSlug}", "0", Err(())),
        ("{ImdbId}", "0", Err(())),
        ("{", "0", Err(())),
        ("", "0", Err(())),
        ("..", "0", Err(())),
        ("A/../B", "0", Err(())),
        ("/A", "0", Err(())),
        ("A//B", "0", Err(())),
        ("A/?../ .", "0", Err(())),
    ];
    let show = Show { title: "The A: B & C's Show?", year: Some(2019), tvdb_id: 78857 };
    for (format, season, expected) in cases {
        let found = folder(format, show, season);
        assert_eq!(found.as_deref().map_err(drop), expected, "{format:?}");
    }
}

#[test]
fn a_token_without_a_value_leaves_nothing_around_it() {
    let show = Show { title: "Show (2019)", year: None, tvdb_id: 1 };
    let cases = [
        ("Specials{ - Series Year}", "Specials"),
        ("{Series TitleYear}", "Show (2019)"),
        ("{Series TitleWithoutYear}", "Show"),
    ];
    for (format, expected) in cases {
        assert_eq!(folder(format, show, "0").as_deref(), Ok(expected), "{format:?}");
    }
}

#[test]
fn sonarrs_own_folder_has_its_colon_and_no_folder_in_it() {
    let show = Show { title: "Fate: Zero/Kai", year: Some(2011), tvdb_id: 1 };
    let cases = [
        ("{Series Title} S{season:00}", 0, "Fate - Zero+Kai S00"),
        ("Season {season}", 3, "Season 3"),
        ("Specials/{season:00}", 0, "Specials+00"),
    ];
    for (format, season, expected) in cases {
        assert_eq!(folder_of_sonarr(format, show, season).as_deref(), Ok(expected), "{format:?}");
    }
}
