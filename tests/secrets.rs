//! Keys and passwords are nowhere to be seen, and go to nobody else.

use std::fs;

use crate::support::{
    http::{Answer, Server},
    postgres,
    sample::{BOTH, Sample},
    waiting::Waiting,
    world::World,
};

/// Everything that the program can be made to say, at the most talkative level.
fn assert_secret(world: &World, secrets: &[&str]) {
    world.set("PLEX_LINKER_LOG", "trace");
    let commands: [&[&str]; 8] = [
        &["once", "--dry-run"],
        &["once"],
        &["once", "--json"],
        &["status"],
        &["status", "--json"],
        &["rules", "list"],
        &["rules", "export"],
        &["--help"],
    ];
    for command in commands {
        let outcome = world.run(command);
        for secret in secrets {
            world.assert(!outcome.output().contains(secret), "a secret was shown");
        }
    }
}

#[test]
fn keys_are_in_no_output_and_in_no_file() {
    let world = World::new();
    let sample = Sample::new(&world);
    let keys = [world.radarr.key(), world.sonarr.key()];
    assert_secret(&world, &keys);
    world.assert_links(&BOTH);
    // answers that tell what they were asked
    for answer in [
        |key: &str| Answer::json(format!(r#"{{"message": "no such key: {key}"}}"#)).code(400),
        |key: &str| Answer::json(format!(r#"{{"message": "no such key: {key}"}}"#)),
        |key: &str| Answer::html(format!("<p>{key}")),
        |key: &str| Answer::status(302).header("Location", &format!("/?apikey={key}")),
    ] {
        world.radarr.on("GET /api/v3/movie", answer(keys[0]));
        world.sonarr.on("GET /api/v3/series", answer(keys[1]));
        assert_secret(&world, &keys);
    }
    world.radarr.heal();
    world.sonarr.heal();
    sample.retitle();
    assert_secret(&world, &keys);
    for entry in fs::read_dir(world.state()).unwrap() {
        let file = entry.unwrap().path();
        let bytes = fs::read(&file).unwrap();
        let found = keys.iter().any(|key| bytes.windows(key.len()).any(|window| window == key.as_bytes()));
        world.assert(!found, &format!("a key is in {}", file.display()));
    }
}

#[test]
fn a_database_password_is_in_no_output() {
    let world = World::new();
    Sample::without_rules(&world);
    let url = postgres::database();
    let encoded = url.split(['@']).next().unwrap().rsplit(':').next().unwrap().to_string();
    world.set("DATABASE_URL", &url);
    assert_secret(&world, &[postgres::PASSWORD, &encoded]);
    let (before, after) = url.split_once('@').unwrap();
    for wrong in [format!("{before}x@{after}"), format!("{url}-not-there"), format!("{before}/{encoded}@{after}")] {
        world.set("DATABASE_URL", &wrong);
        assert_secret(&world, &[postgres::PASSWORD, &encoded]);
    }
}

#[test]
fn keys_are_not_in_the_list_of_processes() {
    let world = World::new();
    Sample::new(&world);
    let run = Waiting::start(&world, &world.radarr, "GET /api/v3/movie");
    let words = fs::read_to_string(format!("/proc/{}/cmdline", run.id())).unwrap();
    assert!(words.ends_with("plex-linker\0once\0"), "{words:?}");
}

#[test]
fn a_redirect_to_another_server_takes_no_key_there() {
    // D22
    let other = Server::start(|_| Answer::json("[]"));
    let world = World::new();
    Sample::linked(&world).retitle();
    for app in [&*world.radarr, &*world.sonarr] {
        for status in [301, 302, 303, 307, 308] {
            app.on("*", Answer::status(status).header("Location", &format!("{}/api/v3/movie", other.url())));
            world.run(&["once"]).exits(1).says("it redirects to");
        }
        app.heal();
    }
    world.sonarr.on("POST /api/v3/command", Answer::status(307).header("Location", &other.url()));
    world.run(&["once"]).exits(1).says("it redirects to");
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}
