//! The sample Radarr and Sonarr answer as the recorded answers of the real ones do.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use crate::support::{fake::App, world::World};

/// Head and body of the answer to one request.
pub fn send(app: &App, method: &str, target: &str, key: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(app.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Api-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.into(), body.into())
}

fn get(app: &App, target: &str) -> String {
    let (head, body) = send(app, "GET", target, app.key(), "");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {head}");
    assert!(head.contains("\r\nContent-Type: application/json; charset=utf-8\r\n"), "{head}");
    assert!(head.contains("\r\nX-Application-Version: ") && head.contains(" GMT\r\n"), "{head}");
    body
}

pub fn get_json(app: &App, target: &str) -> Value {
    serde_json::from_str(&get(app, target)).unwrap()
}

pub fn status(app: &App, target: &str) -> u16 {
    send(app, "GET", target, app.key(), "").0[9..12].parse().unwrap()
}

pub fn command(app: &App, body: &str) -> Value {
    post(app, "/api/v3/command", body)
}

pub fn post(app: &App, target: &str, body: &str) -> Value {
    let (head, answer) = send(app, "POST", target, app.key(), body);
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}\n{answer}");
    serde_json::from_str(&answer).unwrap()
}

fn fixture(name: &str) -> Value {
    let file = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// For each place in a document, the objects that stand there and the kinds of values.
#[derive(Default)]
struct Shape {
    names: BTreeMap<String, Vec<BTreeSet<String>>>,
    kinds: BTreeMap<String, BTreeSet<&'static str>>,
}

impl Shape {
    fn of(value: &Value) -> Shape {
        let mut shape = Shape::default();
        shape.add(String::new(), value);
        shape
    }

    fn add(&mut self, place: String, value: &Value) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        };
        self.kinds.entry(place.clone()).or_default().insert(kind);
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(format!("{place}[]"), item)),
            Value::Object(members) => {
                self.names.entry(place.clone()).or_default().push(members.keys().cloned().collect());
                members.iter().for_each(|(name, value)| self.add(format!("{place}.{name}"), value));
            }
            _ => {}
        }
    }
}

/// Every name that the real answer always has is there, none that it never has, and each value is of the same kind.
fn differences(ours: &Value, real: &Value) -> Vec<String> {
    let (ours, real) = (Shape::of(ours), Shape::of(real));
    let mut wrong = Vec::new();
    for (place, objects) in &ours.names {
        let Some(real) = real.names.get(place) else {
            wrong.push(format!("{place} is no object"));
            continue;
        };
        let always = real.iter().skip(1).fold(real[0].clone(), |all, names| &all & names);
        let ever = real.iter().fold(BTreeSet::new(), |all, names| &all | names);
        for names in objects {
            wrong.extend((&always - names).iter().map(|name| format!("{place}.{name} is missing")));
            wrong.extend((names - &ever).iter().map(|name| format!("{place}.{name} is new")));
        }
    }
    for (place, kinds) in &ours.kinds {
        wrong.extend(
            real.kinds.get(place).filter(|real| !kinds.is_subset(real)).map(|_| format!("{place} has another kind")),
        );
    }
    wrong
}

#[track_caller]
pub fn assert_like(ours: &Value, real: &str) {
    let wrong = differences(ours, &fixture(real));
    assert!(wrong.is_empty(), "{}\n{ours:#}", wrong.join("\n"));
}

/// The same with an answer of the develop versions that were recorded.
#[track_caller]
pub fn assert_like_recorded(ours: &Value, real: &str) {
    assert_like(ours, &format!("recorded/{real}"));
}

/// A world with one of everything that changes the shape of an answer.
fn world() -> World {
    let world = World::new();
    world.movie("Akira", 149).file("movies/Akira (1988)/Akira (1988) Bluray-1080p.mkv", "Bluray-1080p").edit(|movie| {
        movie.alternate_titles.push("アキラ".into());
        movie.imdb_id = Some("tt0094625".into());
        movie.in_cinemas = Some("1988-07-16T00:00:00Z".into());
        movie.collection = Some("Akira Collection".into());
    });
    world.movie("Film Red", 900_667).edit(|movie| movie.imdb_id = Some("tt16183464".into()));
    let show = world.series("Naruto", 78857).alternate_title("NARUTO -ナルト-");
    show.special(5, "The Movie").special(6, "TBA").episode(1, 1, "Enter").edit(|series| {
        series.episodes.iter_mut().for_each(|episode| episode.air_date = Some("2002-10-03".into()));
    });
    show.file("Season 00/Naruto - S00E05 - The Movie HDTV-720p.mkv");
    world
}

#[test]
fn every_answer_has_the_real_shape() {
    let world = world();
    let (radarr, sonarr) = (&*world.radarr, &*world.sonarr);
    assert_like(&get_json(radarr, "/api/v3/movie"), "radarr_movies");
    assert_like(&get_json(radarr, "/api/v3/system/status"), "radarr_system_status");
    assert_like(&get_json(radarr, "/api/v3/rootfolder"), "radarr_rootfolder");
    assert_like(&get_json(radarr, "/api/v3/config/naming"), "radarr_naming");
    assert_like(&get_json(radarr, "/api/v3/config/mediamanagement"), "radarr_mediamanagement");
    assert_like(&get_json(sonarr, "/api/v3/series"), "sonarr_series");
    assert_like(&get_json(sonarr, "/api/v3/system/status"), "sonarr_system_status");
    assert_like(&get_json(sonarr, "/api/v3/rootfolder"), "sonarr_rootfolder");
    assert_like(&get_json(sonarr, "/api/v3/config/naming"), "sonarr_naming");
    assert_like(&get_json(sonarr, "/ping"), "ping");
    let id = world.sonarr.series()[0].id;
    let episodes = format!("/api/v3/episode?seriesId={id}&seasonNumber=0");
    assert_like(&get_json(sonarr, &episodes), "sonarr_episodes_s00_13");
    let with_files = format!("{episodes}&includeEpisodeFile=true");
    assert_like(&get_json(sonarr, &with_files), "sonarr_episodes_s00_13_with_files");
    world.sonarr.elsewhere("Naruto: Shippuuden", 79824);
    let hits = get_json(sonarr, "/api/v3/series/lookup?term=naruto");
    assert_like(&Value::Array(vec![hits[0].clone()]), "sonarr_lookup_first_hit_not_owned");
    assert!(hits[0].get("id").is_none() && hits[1]["id"] == id, "{hits:#}");
}

#[test]
fn a_difference_in_shape_is_seen() {
    let real = serde_json::json!([{"a": 1, "b": {"c": ""}}, {"a": 2}]);
    assert_eq!(differences(&serde_json::json!([{"a": 1}]), &real), [""; 0]);
    assert_eq!(differences(&serde_json::json!([{"b": {"c": ""}}]), &real), ["[].a is missing"]);
    assert_eq!(differences(&serde_json::json!([{"a": 1, "d": 1}]), &real), ["[].d is new"]);
    assert_eq!(differences(&serde_json::json!([{"a": "1"}]), &real), ["[].a has another kind"]);
    assert_eq!(differences(&serde_json::json!([{"a": 1, "b": {}}]), &real), ["[].b.c is missing"]);
}

#[test]
fn names_stand_as_in_the_real_answers() {
    let text = get(&world().radarr, "/api/v3/movie?tmdbId=149");
    assert!(
        text.starts_with("[{\"title\": \"Akira\", \"originalTitle\": ") && text.ends_with("\"id\": 100}]"),
        "{text}"
    );
    assert!(!text.contains("null"), "{text}");
}

#[test]
fn one_film_show_season_or_command_can_be_asked_for() {
    let world = world();
    assert_eq!(get(&world.radarr, "/api/v3/movie?tmdbId=5"), "[]");
    assert_eq!(get_json(&world.radarr, "/api/v3/movie/100")["tmdbId"], 149);
    assert_eq!(get_json(&world.sonarr, "/api/v3/series?tvdbId=78857").as_array().unwrap().len(), 1);
    let id = world.sonarr.series()[0].id;
    let count = |query: &str| {
        get_json(&world.sonarr, &format!("/api/v3/episode?seriesId={id}{query}")).as_array().unwrap().len()
    };
    assert_eq!((count(""), count("&seasonNumber=0"), count("&seasonNumber=7")), (3, 2, 0));
    assert_eq!(get(&world.sonarr, "/api/v3/episode?seriesId=9999"), "[]");
    let film = world.path("movies/Akira (1988)/Akira (1988) Bluray-1080p.mkv");
    let target = format!("/api/v3/filesystem/type?path={}", film.display().to_string().replace(' ', "%20"));
    assert_eq!(get_json(&world.sonarr, &target)["type"], "file");
    assert_eq!(get_json(&world.sonarr, "/api/v3/filesystem/type?path=/nowhere")["type"], "folder");
}

#[test]
fn commands_have_the_real_shape_and_are_kept() {
    let world = world();
    let show = &world.sonarr.series()[0];
    let rescan = format!("{{\"name\":\"RescanSeries\",\"seriesId\":{}}}", show.id);
    let answer = command(&world.sonarr, &rescan);
    assert_like(&answer, "sonarr_command_queued");
    let kept = format!("/api/v3/command/{}", answer["id"]);
    assert_like(&get_json(&world.sonarr, &kept), "sonarr_command_completed");
    let refresh = format!("{{\"name\":\"RefreshSeries\",\"seriesId\":{}}}", show.id);
    assert_like(&command(&world.sonarr, &refresh), "sonarr_command_refreshseries_queued");
    let movie = command(&world.radarr, "{\"name\":\"RescanMovie\",\"movieId\":100}");
    assert_like(&movie, "radarr_command_rescanmovie_queued");
    world.assert_posts(&[
        &format!("RescanSeries {}", show.id),
        &format!("RefreshSeries {}", show.id),
        "RescanMovie 100",
    ]);
}

#[test]
fn a_command_for_the_whole_library_is_a_violation() {
    for (body, app) in [
        ("{\"name\":\"RescanSeries\"}", "Sonarr"),
        ("{\"name\":\"RefreshSeries\"}", "Sonarr"),
        ("{\"name\":\"RescanMovie\"}", "Radarr"),
        ("{\"name\":\"RefreshMovie\",\"movieId\":100}", "Radarr"),
    ] {
        let dropped = std::panic::catch_unwind(|| {
            let world = World::new();
            command(if app == "Sonarr" { &world.sonarr } else { &world.radarr }, body);
        });
        let text = *dropped.unwrap_err().downcast::<String>().unwrap();
        assert!(text.starts_with(&format!("whole library scan! {app}: POST /api/v3/command {body}\n")), "{text}");
    }
}

#[test]
fn strangers_and_wrong_ways_are_turned_away() {
    let world = world();
    let (head, body) = send(&world.radarr, "GET", "/api/v3/movie", "wrong", "");
    assert!(head.starts_with("HTTP/1.1 401 ") && body.is_empty(), "{head}");
    let (head, body) = send(&world.radarr, "GET", "/api/v3/series", world.radarr.key(), "");
    assert!(head.starts_with("HTTP/1.1 404 ") && body.is_empty(), "{head}");
    let (head, body) = send(&world.radarr, "GET", "/radarr/api/v3/movie", world.radarr.key(), "");
    assert!(head.starts_with("HTTP/1.1 200 ") && body.starts_with("<!doctype html>"), "{head}");
    let (head, _) = send(&world.sonarr, "GET", "/api/v3/episode", world.sonarr.key(), "");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    let (head, _) = send(&world.sonarr, "POST", "/api/v3/command", world.sonarr.key(), "{\"name\":\"Nope\"}");
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
}
