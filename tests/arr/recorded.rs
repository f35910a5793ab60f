//! Every answer that was recorded from a real Radarr and Sonarr, read as the program reads it.

use std::{collections::BTreeSet, fs};

use plex_linker::{
    arr::{Command, RootFolders, Stage, Status},
    model::{Date, Episode, Film, Movie, MovieFile, Naming, Series, Special},
};
use serde_json::Value;

use super::*;

/// What has no reader yet. Who writes one takes its answers from here and reads them below.
const UNREAD: [&str; 23] = [
    // connections, and what they send
    "radarr_notification.json",
    "radarr_notification_schema_webhook.json",
    "sonarr_notification.json",
    "sonarr_notification_schema_webhook.json",
    "webhooks/radarr_Download.json",
    "webhooks/radarr_MovieDelete.json",
    "webhooks/radarr_MovieFileDelete_manual.json",
    "webhooks/radarr_MovieFileDelete_missingFromDisk.json",
    "webhooks/radarr_MovieFileDelete_upgrade.json",
    "webhooks/radarr_Rename.json",
    "webhooks/radarr_Test.json",
    "webhooks/sonarr_EpisodeFileDelete_manualOverride.json",
    "webhooks/sonarr_EpisodeFileDelete_missingFromDisk.json",
    "webhooks/sonarr_Rename.json",
    "webhooks/sonarr_SeriesAdd.json",
    "webhooks/sonarr_SeriesDelete.json",
    "webhooks/sonarr_Test.json",
    // settings and states that nobody asks for
    "radarr_config_mediamanagement.json",
    "radarr_config_naming.json",
    "radarr_health.json",
    "radarr_rootfolder.json",
    "sonarr_health.json",
    "sonarr_rootfolder.json",
];

/// What is read below, and `titles.json`, which is no answer: the stand-in Sonarr reads the names in it.
const READ: [&str; 16] = [
    "errors.json",
    // in `asked`
    "radarr_history_movie.json",
    "radarr_movie_by_tmdb.json",
    "radarr_movie_by_tmdb_unknown.json",
    "radarr_movie_list.json",
    "radarr_system_status.json",
    "sonarr_command_rescan_completed.json",
    "sonarr_command_rescan_queued.json",
    "sonarr_config_mediamanagement.json",
    "sonarr_config_naming.json",
    "sonarr_episode_special_with_file.json",
    "sonarr_episode_specials_without_file.json",
    "sonarr_series.json",
    "sonarr_series_by_id.json",
    "sonarr_series_by_tvdb.json",
    "sonarr_system_status.json",
];

/// The one place that knows how the program is asked: each reads one recorded answer.
mod reader {
    use super::*;

    fn asked<T>(name: &str, ask: impl FnOnce(Both) -> Result<T>) -> T {
        ask(eager(&always(Answer::json(recorded(name))).url())).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    pub fn movies(name: &str) -> (Vec<Movie>, RootFolders) {
        asked(name, |apps| apps.radarr.movies(|_| true))
    }

    pub fn films(name: &str) -> Vec<Film> {
        asked(name, |apps| apps.radarr.films(|film| film))
    }

    pub fn shows(name: &str) -> (Vec<Series>, RootFolders) {
        asked(name, |apps| apps.sonarr.series())
    }

    pub fn show(name: &str) -> Series {
        asked(name, |apps| apps.sonarr.show(4)).unwrap().0
    }

    pub fn episodes(name: &str) -> Vec<Episode> {
        asked(name, |apps| apps.sonarr.episodes(4, 0))
    }

    pub fn specials(name: &str) -> Vec<Special> {
        asked(name, |apps| apps.sonarr.specials(4, 0))
    }

    pub fn command(name: &str) -> Command {
        asked(name, |apps| apps.sonarr.rescan(4))
    }

    pub fn status(name: &str) -> Status {
        asked(name, |apps| apps.sonarr.status())
    }

    pub fn naming(name: &str) -> Naming {
        asked(name, |apps| apps.sonarr.naming())
    }

    pub fn sets_permissions(name: &str) -> Option<bool> {
        asked(name, |apps| apps.sonarr.sets_permissions())
    }

    /// What comes of the request that was answered so.
    pub fn error(request: &str, answer: Answer) -> Option<String> {
        let server = always(answer);
        let Both { radarr, sonarr } = curt(&server.url());
        let path = request.rsplit(' ').next().unwrap();
        let said = match path.split('?').next().unwrap().rsplit('/').next().unwrap() {
            "command" => sonarr.rescan(9999).map(drop),
            "episode" => sonarr.episodes(9999, 0).map(drop),
            "movie" => radarr.movies(|_| true).map(drop),
            _ => sonarr.series().map(drop),
        };
        said.is_err().then(|| sentence(said).replace(&server.url(), "URL"))
    }
}

#[test]
fn nothing_recorded_is_passed_over() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recorded");
    let names = |folder: &Path, inside: &str| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files.map(|entry| format!("{inside}{}", entry.file_name().display())).collect::<BTreeSet<_>>()
    };
    let there = &names(&folder, "") | &names(&folder.join("webhooks"), "webhooks/");
    let known = READ.iter().chain(&UNREAD).chain(&["titles.json"]).map(ToString::to_string).collect();
    assert_eq!(there, known);
}

#[test]
fn what_has_no_reader_yet_is_json_at_least() {
    for name in UNREAD {
        assert!(serde_json::from_str::<Value>(&recorded(name)).is_ok(), "{name}");
    }
}

/// A film of `/data/movies`, whose folder and file bear its title, with or without a file.
fn movie(id: i32, title: &str, year: i32, has_file: bool) -> Movie {
    let name = format!("{} ({year})", title.replace(':', " -"));
    let folder = if id == 4 { "/data/movies2/ST".into() } else { format!("/data/movies/{name}") };
    let path = format!("{folder}/{name} Bluray-1080p.mkv");
    let file = has_file.then(|| MovieFile { path, quality: "Bluray-1080p".into(), revision: 1 });
    Movie {
        radarr: 0,
        id,
        tmdb_id: 920_000 + id,
        title: title.into(),
        year: Some(year),
        folder: Some(folder),
        file,
        file_untold: false,
    }
}

#[test]
fn films() {
    let (movies, folders) = reader::movies("radarr_movie_list.json");
    let expected = [
        movie(1, "Violet Evergarden: The Movie", 2020, true),
        movie(3, "Naruto the Movie: Ninja Clash in the Land of Snow", 2004, true),
        movie(4, "Star Trek: The Motion Picture", 1979, false),
        movie(5, "Pokémon: The First Movie", 1998, true),
        movie(6, "Unrelated", 2001, true),
    ];
    assert_eq!(movies, expected);
    let roots = ["/data/movies", "/data/movies2"].map(String::from).into();
    assert_eq!(folders, RootFolders { count: 5, roots });
    let films = reader::films("radarr_movie_list.json");
    let [first, ..] = &films[..] else { panic!("{films:?}") };
    let released = ["2020-08-01", "2020-09-01"].map(|text| Date::parse(text).unwrap()).to_vec();
    let in_cinemas = Date::parse("2020-05-01");
    assert_eq!((films.len(), first.runtime, first.year), (5, Some(100), Some(2020)));
    assert_eq!((first.in_cinemas, &first.released), (in_cinemas, &released));
}

#[test]
fn one_film() {
    let (movies, _) = reader::movies("radarr_movie_by_tmdb.json");
    assert_eq!(movies, [movie(1, "Violet Evergarden: The Movie", 2020, true)]);
    assert_eq!(reader::movies("radarr_movie_by_tmdb_unknown.json"), (vec![], RootFolders::default()));
}

fn show(id: i32, tvdb_id: i32, title: &str, anime: bool) -> Series {
    Series {
        year: Some(2010),
        sonarr: 0,
        id,
        tvdb_id,
        title: title.into(),
        alternate_titles: Vec::new(),
        path: format!("/data/tv/{title}"),
        anime,
        season_folder: true,
        slug: Some(title.to_lowercase().replace('é', "e").replace(['(', ')'], "").replace(' ', "-")),
        runtime: Some(30),
    }
}

#[test]
fn shows() {
    let (shows, folders) = reader::shows("sonarr_series.json");
    let pokemon = show(4, 900_004, "Pokémon", false);
    let expected = [
        show(1, 900_001, "Violet Evergarden", true),
        show(3, 900_003, "Star Trek", false),
        pokemon.clone(),
        show(5, 900_005, "Doctor Who (2005)", false),
        show(6, 900_002, "Naruto", true),
    ];
    assert_eq!(shows, expected);
    assert_eq!(folders, RootFolders { count: 5, roots: ["/data/tv".into()].into() });
    assert_eq!(reader::shows("sonarr_series_by_tvdb.json").0, std::slice::from_ref(&pokemon));
    assert_eq!(reader::show("sonarr_series_by_id.json"), pokemon);
}

#[test]
fn specials() {
    let with_file = "sonarr_episode_special_with_file.json";
    let path = "/data/tv/Pokémon/Season 00/Pokémon - S00E10 - Short 10 Bluray-1080p.mkv";
    let episodes = reader::episodes(with_file);
    let parts = |episodes: &[Episode]| {
        episodes.iter().map(|e| (e.id, e.number, e.title.clone(), e.file.clone())).collect::<Vec<_>>()
    };
    assert_eq!(parts(&episodes), [(27, 10, "Short 10".into(), Some(path.into()))]);
    let without = "sonarr_episode_specials_without_file.json";
    let expected = [(18, 1, "Short 1".into(), None), (19, 2, "Short 2".into(), None)];
    assert_eq!(parts(&reader::episodes(without)), expected);
    let special = |tvdb_id, number: i32, has_file| {
        let (aired, title) = (Date::parse("2001-01-01"), format!("Short {number}"));
        Special { tvdb_id: Some(tvdb_id), number, title, aired, runtime: Some(90), has_file }
    };
    assert_eq!(reader::specials(with_file), [special(90_000_409, 10, true)]);
    assert_eq!(reader::specials(without), [special(90_000_400, 1, false), special(90_000_401, 2, false)]);
}

#[test]
fn commands() {
    for (name, stage) in
        [("sonarr_command_rescan_queued.json", Stage::Open), ("sonarr_command_rescan_completed.json", Stage::Completed)]
    {
        let command = reader::command(name);
        assert_eq!((command.id, command.stage, command.is_scanning(4)), (Some(92), stage, stage == Stage::Open));
        assert!(!command.is_scanning(5));
    }
}

#[test]
fn states_and_settings() {
    for (name, app_name, version) in [
        ("radarr_system_status.json", "Radarr", "10.0.0.32587"),
        ("sonarr_system_status.json", "Sonarr", "10.0.0.32575"),
    ] {
        let expected = Status { app_name: app_name.into(), version: version.into(), is_windows: false };
        assert_eq!(reader::status(name), expected);
    }
    let (specials_folder, season_folder) = ("Specials".into(), "Season {season}".into());
    let expected = Naming { renames: false, specials_folder, season_folder };
    assert_eq!(reader::naming("sonarr_config_naming.json"), expected);
    assert_eq!(reader::sets_permissions("sonarr_config_mediamanagement.json"), Some(false));
}

#[test]
fn errors() {
    let errors: Value = serde_json::from_str(&recorded("errors.json")).unwrap();
    let said: Vec<String> = errors
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, error)| {
            let status = error["status"].as_u64().unwrap() as u16;
            let body = error["body"].as_str().map_or_else(|| error["body"].to_string(), String::from);
            // a note of the recorder's stands in place of a stack trace
            let body = body.split(" (the stack trace").next().unwrap().to_string();
            let mut answer = Answer { body: body.into_bytes(), ..Answer::status(status) };
            for (header, value) in error["headers"].as_object().unwrap() {
                answer = answer.header(header, value.as_str().unwrap());
            }
            let request = error["request"].as_str().unwrap();
            format!("{name}: {}", reader::error(request, answer).unwrap_or_else(|| "well".into()))
        })
        .collect();
    let lost = |what: &str, path: &str| {
        format!(
            "cannot ask radarr for {what}: it knows no {path}: does RADARR_0_URL lead to another app, or is its URL base wrong"
        )
    };
    let shows = || lost("its shows", "/api/v3/series");
    let key = "cannot ask radarr for its shows: it refuses the key: check RADARR_0_API_KEY";
    let command = "cannot ask radarr for RescanSeries 9999: it answers 400 Bad Request";
    let season = "cannot ask radarr for season 0 of show 9999: it answers 400 Bad Request";
    let index =
        "cannot ask radarr for its shows: its answer is not the JSON expected, invalid type: map, expected a sequence";
    let expected = [
        format!("api index: {index}: {{\"current\":\"v5\",\"deprecated\":[\"v3\"]}}"),
        format!("bad json: {command}: One or more validation errors occurred."),
        "episodes of unknown series: well".into(),
        format!("episodes without series: {season}: BadRequest: seriesId or episodeIds must be provided"),
        format!("html index: {}", shows()),
        format!("id not a number: {}", shows()),
        format!("method: {}", lost("its films", "/api/v3/movie")),
        format!("movie unknown: {}", shows()),
        format!("no key: {key}"),
        "rescan of unknown series: well".into(),
        format!("unknown command: {command}: Sequence contains no matching element"),
        format!("unknown id: {}", shows()),
        format!("unknown path: {}", shows()),
        format!("wrong key: {key}"),
    ];
    assert_eq!(said, expected);
}
