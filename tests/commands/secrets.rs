//! Keys and passwords are nowhere to be seen, and go to nobody else.

use std::fs;

use plex_linker::web::addresses;

use crate::support::{
    TELLING,
    daemon::Daemon,
    http::{Answer, Server},
    postgres,
    sample::{BOTH, Sample},
    waiting::Waiting,
    world::World,
};

/// Everything that the program can be made to say, at the most talkative level.
fn assert_secret(world: &World, secrets: &[&str]) {
    world.set("PLEX_LINKER_LOG", "trace");
    for command in TELLING.into_iter().chain([&["--help"][..]]) {
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

/// Whatever it is asked, whoever asks, and whatever the apps tell it.
#[test]
fn a_daemon_tells_no_key_and_no_password() {
    const OWN: &str = "the-pages-own-key-0123456789abcdef";
    let world = World::new();
    Sample::without_rules(&world);
    let url = postgres::database();
    let encoded = url.split('@').next().unwrap().rsplit(':').next().unwrap().to_string();
    for (name, value) in [("DATABASE_URL", &*url), ("PLEX_LINKER_LOG", "trace"), ("PLEX_LINKER_API_KEY", OWN)] {
        world.set(name, value);
    }
    world
        .run(&["rules", "add", "--movie-title", "Akira", "--tmdb-id", "149", "--show-name", "Naruto", "--episode", "5"])
        .succeeds();
    let secrets = [world.radarr.key(), world.sonarr.key(), OWN, postgres::PASSWORD, &encoded];
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let json = ("Content-Type", "application/json");
    let stranger = ("X-Forwarded-For", "203.0.113.9");
    let wrong = ("X-Api-Key", "wrong");
    let key = ("X-Api-Key", OWN);
    let shown = addresses().filter(|(method, _)| *method == "GET");
    let paths: Vec<String> =
        shown.map(|(_, path)| path.replace("{id}", "1").replace("{key}", "x")).chain(["/nowhere".into()]).collect();
    let ask = |daemon: &Daemon| {
        let told = |what: &str, text: String| {
            let shown = secrets.iter().find(|secret| text.contains(**secret));
            daemon.assert(shown.is_none(), &format!("{what} tells {shown:?}: {text}"));
        };
        for (index, path) in paths.iter().enumerate() {
            for headers in [vec![], vec![stranger], vec![stranger, wrong], vec![stranger, key]] {
                // what somebody with a wrong key is told takes its time, and is the same everywhere
                if headers.contains(&wrong) && index % 6 != 0 {
                    continue;
                }
                let answer = daemon.ask("GET", path, &headers, "");
                told(path, format!("{}{}", answer.head, answer.body));
            }
        }
        for (path, body) in [
            ("/api/rules", "{"),
            ("/api/rules", "{}"),
            ("/api/webhook", "{}"),
            ("/api/run", "{}"),
            ("/system", ""),
            ("/login", ""),
        ] {
            let answer = daemon.ask("POST", path, &[json], body);
            told(path, format!("{}{}", answer.head, answer.body));
        }
        told("the log", daemon.log());
    };
    ask(&daemon);
    let runs = daemon.runs();
    for (app, key) in [(&*world.radarr, secrets[0]), (&*world.sonarr, secrets[1])] {
        app.on("*", Answer::json(format!(r#"{{"message": "no such key: {key}"}}"#)).code(400));
    }
    daemon.run_now();
    daemon.wait("a run should fail", |daemon| daemon.runs() > runs && daemon.get("/api/status").status == 503);
    ask(&daemon);
    let words = fs::read_to_string(format!("/proc/{}/cmdline", daemon.id())).unwrap();
    let typed: Vec<_> = words.split_terminator('\0').skip(1).collect();
    assert_eq!(typed, ["serve", "--host", "127.0.0.1", "--port", "0"]);
    let sound = daemon.ask("GET", "/api/rules", &[stranger, key], "");
    assert_eq!(sound.status, 200, "with the key it should be let in");
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
