//! Whether Sonarr has taken the links that stand, as it sees them.

use std::{fs, path::PathBuf};

use crate::support::{http::Answer, world::World};

const NOT_TAKEN: &str = "rule 1: the link is there, but Sonarr has not taken it: does its container see the film?";

/// A film and a show in containers that see these folders, each named as (path in the app, path below the media root), and their rule.
fn contained(sonarr: &[(&str, &str)], radarr: &[(&str, &str)]) -> World {
    let world = World::with_mounts(sonarr, radarr);
    let film = world.movie("Akira", 149).file("movies/Akira/Akira.mkv", "DVD");
    let show = world.series("Naruto", 78857).special(5, "The Movie");
    world.rule(film, show, 5);
    world
}

/// Sonarr's container has the shows alone.
fn blind() -> World {
    contained(&[("/tv", "tv")], &[("/movies", "movies")])
}

/// The volume with the films that Sonarr's container has is empty.
fn half_blind() -> World {
    contained(&[("/tv", "tv"), ("/movies", "eyes")], &[("/films", "movies")])
}

/// From here on Sonarr sees a film's file.
fn appears(world: &World, film: &str) -> PathBuf {
    let eye = world.folder("eyes/Akira").join(film);
    fs::hard_link(world.path("movies/Akira").join(film), &eye).unwrap();
    eye
}

fn show(world: &World) -> i32 {
    world.known_series(78857).id()
}

fn state(world: &World) -> String {
    let outcome = world.run(&["status", "--json"]).succeeds();
    let status: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    status["rules"][0]["state"].as_str().unwrap_or_default().to_string()
}

fn taken(world: &World) -> bool {
    world.known_series(78857).file_of(5).is_some()
}

#[test]
fn what_sonarr_has_is_linked() {
    for (sonarr, radarr) in [
        (vec![("/data/tv", "tv"), ("/data/movies", "movies")], vec![("/data/movies", "movies")]),
        (vec![("/tv", "tv"), ("/movies", "movies")], vec![("/movies", "movies")]),
        (vec![("/tv", "tv"), ("/movies", "movies")], vec![("/films", "movies")]),
    ] {
        let world = contained(&sonarr, &radarr);
        for _ in 0..3 {
            world.run(&["once"]).succeeds().says("1 of 1 rule linked");
        }
        world.assert(taken(&world), "Sonarr should have the link");
        assert_eq!(state(&world), "linked");
    }
}

#[test]
fn a_link_that_leads_nowhere_for_sonarr_is_not_taken() {
    let world = blind();
    // Sonarr may not have come to it yet
    world.run(&["once"]).succeeds().says("1 of 1 rule linked");
    assert_eq!(state(&world), "linked");
    world.assert(!taken(&world), "Sonarr sees no film");
    world.forget();
    for _ in 0..2 {
        world.run(&["once"]).succeeds().says("0 of 1 rule linked");
        assert_eq!(state(&world), "not_taken");
    }
    world.run(&["once", "--dry-run"]).succeeds().says(NOT_TAKEN);
    world.assert_posts(&[]);
}

#[test]
fn sonarr_is_told_once_more_when_it_sees_the_film() {
    let world = half_blind();
    let told = [format!("RescanSeries {}", show(&world)), format!("RefreshSeries {}", show(&world))];
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    world.run(&["once"]).succeeds();
    world.run(&["once"]).succeeds();
    assert_eq!(state(&world), "not_taken");
    world.forget();
    let eye = appears(&world, "Akira.mkv");
    world.run(&["once"]).succeeds().says("1 of 1 rule linked");
    world.assert_posts(&told);
    world.assert(taken(&world), "Sonarr should have the link");
    fs::remove_file(eye).unwrap();
    for _ in 0..2 {
        world.run(&["once"]).succeeds().says("1 of 1 rule linked");
    }
    world.assert_posts(&told);
}

#[test]
fn a_check_tells_sonarr_once_more_when_it_sees_the_film() {
    let world = half_blind();
    let told = [format!("RescanSeries {}", show(&world)), format!("RefreshSeries {}", show(&world))];
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    world.run(&["once"]).succeeds();
    world.run(&["once"]).succeeds();
    world.forget();
    // while it does not, a check tells nothing
    world.run(&["check"]).exits(1).says("one more volume");
    world.assert_posts(&[]);
    appears(&world, "Akira.mkv");
    let before = world.tree();
    world
        .run(&["check"])
        .succeeds()
        .says("ok       Sonarr was told once more of links that it had not taken and sees by now, in 1 show");
    world.assert_posts(&told);
    world.assert(taken(&world), "Sonarr should have the link");
    world.assert_same("the tree", &world.tree(), &before);
    world.run(&["check"]).succeeds().never_says("once more");
    world.run(&["once"]).succeeds().says("1 of 1 rule linked");
    world.assert_posts(&told);
    assert_eq!(state(&world), "linked");
}

/// What a check has told, a run need not tell, and the other way round.
#[test]
fn a_check_tells_once_for_each_change() {
    let world = half_blind();
    world.run(&["once"]).succeeds();
    world.run(&["once"]).succeeds();
    world.forget();
    let path = "/movies/Akira/Akira.mkv".replace('/', "%2F");
    world.sonarr.on(&format!("GET /api/v3/filesystem/type?path={path}"), Answer::json(r#"{"type":"file"}"#));
    world.run(&["check"]).succeeds().says("once more");
    for command in ["check", "once", "check", "once"] {
        world.run(&[command]).succeeds().never_says("once more");
    }
    assert_eq!(world.posts().len(), 2);
    assert_eq!(state(&world), "not_taken");
}

#[test]
fn what_sonarr_sees_and_does_not_take_is_told_once_for_each_change() {
    let world = half_blind();
    let told = [format!("RescanSeries {}", show(&world)), format!("RefreshSeries {}", show(&world))];
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    for film in ["Akira.mkv", "Akira 2.mkv"] {
        if film != "Akira.mkv" {
            world.known_movie(149).upgrade(&format!("movies/Akira/{film}"), "Bluray-1080p");
        }
        world.run(&["once"]).succeeds().says("1 of 1 rule linked");
        world.forget();
        let path = format!("/movies/Akira/{film}").replace('/', "%2F").replace(' ', "%20");
        let pattern = format!("GET /api/v3/filesystem/type?path={path}");
        world.sonarr.on(&pattern, Answer::json(r#"{"type":"file"}"#));
        world.run(&["once"]).succeeds().says("1 of 1 rule linked");
        world.assert_posts(&told);
        for _ in 0..2 {
            world.run(&["once"]).succeeds().says("0 of 1 rule linked");
            assert_eq!(state(&world), "not_taken");
        }
        world.assert_posts(&told);
    }
}

#[test]
fn an_app_that_says_nothing_about_commands_leaves_the_rule_linked() {
    let stateless = |id: i32| Answer::json(format!(r#"{{"id":{id},"name":"RescanSeries","status":null}}"#));
    for answer in [&|_| Answer::status(404), &|_| Answer::json("{}"), &stateless] as [&dyn Fn(i32) -> Answer; 3] {
        let world = blind();
        for id in 5001..5020 {
            world.sonarr.on(&format!("GET /api/v3/command/{id}"), answer(id));
        }
        for _ in 0..3 {
            world.run(&["once"]).succeeds().says("1 of 1 rule linked");
        }
        assert_eq!(state(&world), "linked");
    }
}

#[test]
fn what_sonarr_had_and_sees_no_more() {
    let world = half_blind();
    let eye = appears(&world, "Akira.mkv");
    let other = world.movie("Paprika", 4977).file("movies/Akira/Paprika.mkv", "DVD");
    world.run(&["once"]).succeeds();
    world.assert(taken(&world), "Sonarr should have the link");
    fs::remove_file(eye).unwrap();
    appears(&world, "Paprika.mkv");
    world.rule(other, world.known_series(78857).special(6, "Other"), 6);
    world.run(&["once"]).succeeds().says("2 of 2 rules linked");
    // the other one Sonarr sees
    world.run(&["once"]).succeeds().says("1 of 2 rules linked");
    assert_eq!(state(&world), "taken_unseen");
    world.run(&["once", "--dry-run"]).says("rule 1: Sonarr has the link, but its last scan failed");
    appears(&world, "Akira.mkv");
    world.run(&["once"]).succeeds().says("2 of 2 rules linked");
}
