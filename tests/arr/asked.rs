//! What is asked about one film or one show, and how commands are given.

use plex_linker::{
    arr::Stage,
    model::{Deleted, Why},
};
use serde_json::{Value, json};

use super::*;

/// What a real app answers about something that it does not have, and to a question that it does not know.
fn errors(case: &str) -> Answer {
    let cases: Value = serde_json::from_str(&recorded("errors.json")).unwrap();
    let case = &cases[case];
    let body = case["body"].as_str().map_or_else(|| case["body"].to_string(), String::from);
    let answer = Answer { body: body.into(), ..Answer::status(case["status"].as_u64().unwrap() as u16) };
    case["headers"]
        .as_object()
        .unwrap()
        .iter()
        .fold(answer, |answer, (name, value)| answer.header(name, value.as_str().unwrap()))
}

#[test]
fn one_show() {
    let server = routes(vec![
        ("/api/v3/series/4", Answer::json(recorded("sonarr_series_by_id.json"))),
        ("/api/v3/series/5", errors("unknown id")),
        ("/api/v3/series/6", errors("unknown path")),
        ("/api/v3/series/7", Answer::html("<h1>404</h1>").code(404)),
        ("/api/v3/series/8", Answer::json(r#"{"message":"Series with ID 8 does not exist"}"#).code(404)),
        ("/api/v3/series/9", Answer::json(r#"{"id":9}"#)),
        ("/api/v3/series/10", Answer::json(r#"{"error":"no route"}"#).code(404)),
    ]);
    let sonarr = curt(&server.url()).sonarr;
    let (show, folders) = sonarr.show(4).unwrap().unwrap();
    assert_eq!(folders.roots, ["/data/tv".into()].into());
    assert_eq!(
        (show.id, show.tvdb_id, show.title.as_str(), show.path.as_str()),
        (4, 900004, "Pokémon", "/data/tv/Pokémon")
    );
    assert_eq!(sonarr.show(5).unwrap(), None);
    assert_eq!(sonarr.show(8).unwrap(), None);
    // something else that answers there must not look like a Sonarr that has lost its show
    for id in [6, 7, 9, 10] {
        sentence(sonarr.show(id));
    }
    let expected = "cannot ask radarr for show 6: it knows no /api/v3/series/6: does RADARR_0_URL lead to another app, or is its URL base wrong";
    assert_eq!(sentence(sonarr.show(6)), expected);
}

#[test]
fn one_film() {
    let list: Value = serde_json::from_str(&recorded("radarr_movie_by_tmdb.json")).unwrap();
    let server = Server::start(move |request| match (request.path.as_str(), request.param("tmdbId").as_deref()) {
        ("/api/v3/movie", Some("920001" | "920002")) => Answer::json(list.to_string()),
        ("/api/v3/movie", Some(_)) => Answer::json(recorded("radarr_movie_by_tmdb_unknown.json")),
        ("/api/v3/movie/1", None) => Answer::json(list[0].to_string()),
        ("/api/v3/movie/2", None) => errors("movie unknown"),
        _ => errors("unknown path"),
    });
    let radarr = curt(&server.url()).radarr;
    let (film, folders) = radarr.movie_by_tmdb(920001).unwrap().unwrap();
    assert_eq!(folders.roots, ["/data/movies".into()].into());
    assert_eq!((film.id, film.tmdb_id, film.year, film.file_untold), (1, 920001, Some(2020), false));
    let file = film.file.clone().unwrap();
    assert_eq!((file.quality.as_str(), file.revision), ("Bluray-1080p", 1));
    assert_eq!(radarr.movie(1).unwrap(), Some((film, folders)));
    assert_eq!(radarr.movie_by_tmdb(5).unwrap(), None);
    // a Radarr that answers with something else
    assert_eq!(radarr.movie_by_tmdb(920002).unwrap(), None);
    assert_eq!(radarr.movie(2).unwrap(), None);
    sentence(radarr.movie(3));
}

#[test]
fn the_revision_of_a_file() {
    for (quality, revision) in [
        (json!({ "quality": { "name": "DVD" }, "revision": { "version": 2, "real": 0, "isRepack": true } }), 2),
        (json!({ "quality": { "name": "DVD" }, "revision": {} }), 1),
        (json!({ "quality": { "name": "DVD" } }), 1),
        (json!({ "revision": { "version": 3 } }), 3),
        (json!(null), 1),
    ] {
        let film =
            json!({ "id": 1, "tmdbId": 2, "hasFile": true, "movieFile": { "path": "/m/a.mkv", "quality": quality } });
        let server = always(Answer::json(film.to_string()));
        let film = eager(&server.url()).radarr.movie(1).unwrap().unwrap();
        assert_eq!(film.0.file.unwrap().revision, revision, "{quality}");
    }
}

#[test]
fn the_number_that_stays_with_a_special() {
    for (name, count) in
        [("sonarr_episode_special_with_file.json", 1), ("sonarr_episode_specials_without_file.json", 1)]
    {
        let server = always(Answer::json(recorded(name)));
        let episodes = eager(&server.url()).sonarr.episodes(4, 0).unwrap();
        assert!(episodes.len() >= count && episodes.iter().all(|episode| episode.tvdb_id > Some(0)), "{episodes:?}");
    }
    let list =
        r#"[{"id":1,"episodeNumber":1,"tvdbId":0},{"id":2,"episodeNumber":2},{"id":3,"episodeNumber":3,"tvdbId":9}]"#;
    let server = always(Answer::json(list));
    let numbers: Vec<_> = eager(&server.url()).sonarr.episodes(4, 0).unwrap().iter().map(|one| one.tvdb_id).collect();
    assert_eq!(numbers, [None, None, Some(9)]);
}

#[test]
fn why_a_film_has_no_file() {
    let events: Vec<Value> = serde_json::from_str(&recorded("radarr_history_movie.json")).unwrap();
    let from = |start: usize| Value::from(events[start..].to_vec());
    let event = |kind: &str, reason: &str| json!([{ "eventType": kind, "date": "2026-11-26T18:11:36Z", "data": { "reason": reason } }]);
    let deleted = |why| Some(Deleted { why, at: 1_795_716_696 });
    for (history, expected) in [
        (from(0), deleted(Why::Manual)),
        (from(1), None),
        (from(2), None),
        (from(3), Some(Deleted { why: Why::Upgrade, at: 1_795_716_671 })),
        (event("movieFileDeleted", "MissingFromDisk"), deleted(Why::MissingFromDisk)),
        (event("movieFileDeleted", "something new"), deleted(Why::Other)),
        (json!([{ "eventType": "movieFileDeleted", "date": "2026-11-26T18:11:36Z" }]), deleted(Why::Other)),
        (event("movieFolderImported", ""), None),
        (json!([]), None),
        // Radarr looks for another one, which says nothing of the file that was there
        (json!([{ "eventType": "grabbed" }, { "eventType": "downloadFailed" }, events[0]]), deleted(Why::Manual)),
    ] {
        let server = always(Answer::json(history.to_string()));
        assert_eq!(eager(&server.url()).radarr.why_no_file(4).unwrap(), expected, "{history}");
        assert_eq!(server.requests()[0].target(), "/api/v3/history/movie?movieId=4");
    }
}

#[test]
fn a_radarr_without_such_a_history_is_told_from_one_that_fails() {
    for answer in [errors("unknown path"), errors("movie unknown")] {
        assert_eq!(curt(&always(answer).url()).radarr.why_no_file(4).unwrap(), None);
    }
    let undated = Answer::json(r#"[{"eventType":"movieFileDeleted"}]"#);
    for (answer, expected) in [
        (Answer::status(500), "it answers 500 Internal Server Error"),
        (errors("wrong key"), "it refuses the key: check RADARR_0_API_KEY"),
        (undated, r#"its answer is not the JSON expected, an event has no date: [{"eventType":"movieFileDeleted"}]"#),
    ] {
        let said = sentence(curt(&always(answer).url()).radarr.why_no_file(4));
        assert_eq!(said, format!("cannot ask radarr what became of film 4: {expected}"));
    }
}

#[test]
fn commands_always_name_what_they_are_for() {
    let server = always(Answer::json(recorded("sonarr_command_rescan_queued.json")).code(201));
    let Both { radarr, sonarr } = eager(&server.url());
    let queued = |command: plex_linker::arr::Command| assert_eq!((command.id, command.stage), (Some(92), Stage::Open));
    queued(sonarr.rescan(11).unwrap());
    queued(sonarr.refresh(11).unwrap());
    radarr.rescan(101).unwrap();
    let bodies = [
        r#"{"name":"RescanSeries","seriesId":11}"#,
        r#"{"name":"RefreshSeries","seriesId":11}"#,
        r#"{"name":"RescanMovie","movieId":101}"#,
    ];
    let asked: Vec<_> = server.requests().iter().map(Request::to_string).collect();
    assert_eq!(asked, bodies.map(|body| format!("POST /api/v3/command {body}")));
    assert!(server.requests().iter().all(|request| request.header("content-type") == Some("application/json")));
    server.forget();
    let said = sentence(sonarr.rescan(0));
    assert_eq!(said, "cannot ask radarr for RescanSeries: 0 is no number of it");
    assert!(sonarr.refresh(-1).is_err() && radarr.rescan(0).is_err());
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn what_became_of_a_command() {
    for (answer, expected) in [
        (Answer::json(recorded("sonarr_command_rescan_queued.json")), Some(Stage::Open)),
        (Answer::json(recorded("sonarr_command_rescan_completed.json")), Some(Stage::Completed)),
        (Answer::json(fixture("sonarr_command_started.json")), Some(Stage::Open)),
        (Answer::json(fixture("sonarr_command_failed.json")), Some(Stage::Failed)),
        (Answer::json(r#"{"status":"orphaned"}"#), Some(Stage::Dropped)),
        (Answer::json("{}"), Some(Stage::Untold)),
        (errors("unknown id"), None),
        (errors("unknown path"), None),
    ] {
        let server = always(answer);
        let command = eager(&server.url()).sonarr.command(92).unwrap();
        assert_eq!(command.map(|command| command.stage), expected);
        assert_eq!(server.requests()[0].target(), "/api/v3/command/92");
    }
    sentence(curt(&always(Answer::status(500)).url()).sonarr.command(92));
}

#[test]
fn one_connection_serves_many_requests() {
    let server = Server::start(|request| match request.path.rsplit('/').next().unwrap() {
        "5" => errors("unknown id"),
        "92" => Answer::json(recorded("sonarr_command_rescan_completed.json")),
        "naming" => Answer::json(recorded("sonarr_config_naming.json")),
        "command" if request.method == "POST" => Answer::json(recorded("sonarr_command_rescan_queued.json")).code(201),
        _ => Answer::json("[]"),
    });
    let sonarr = eager(&server.url()).sonarr;
    for series in 1..10 {
        sonarr.episodes(series, 0).unwrap();
        sonarr.series().unwrap();
        sonarr.show(5).unwrap();
        sonarr.naming().unwrap();
        sonarr.commands().unwrap();
        sonarr.rescan(series).unwrap();
        sonarr.command(92).unwrap();
        sonarr.lookup("title").unwrap();
    }
    assert_eq!((server.requests().len(), server.connections()), (72, 1));
}
