//! What people are told of runs: by services that demand what the real ones demand, by a program, by a ping.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Mutex, MutexGuard},
};

use serde_json::Value;

use crate::support::{
    daemon::Daemon,
    http::{Answer, Fault, Request, Server},
    sample::{BOTH, NARUTO_LINK, Sample},
    waiting,
    world::World,
};

const TOKEN: &str = "Tok3n-that-nobody-may-see";

/// Refuses what the service would refuse (docs.ntfy.sh/publish, discord.com/developers/docs/resources/webhook#execute-webhook,
/// api.slack.com/messaging/webhooks, gotify.net/api-docs, github.com/caronc/apprise-api).
fn service(format: &'static str) -> Server {
    Server::start(move |request| match refusal(format, request) {
        Some(what) => Answer::json(format!(r#"{{"error": "{what}"}}"#)).code(400),
        None if format == "discord" => Answer::status(204),
        None if format == "slack" => Answer::json("ok").of_kind("text/html"),
        None => Answer::json("{}"),
    })
}

fn refusal(format: &str, request: &Request) -> Option<String> {
    let refused = |what: &str| Some(what.to_string());
    if request.method != "POST" {
        return refused("not POST");
    }
    let text = String::from_utf8(request.body.clone()).ok()?;
    if format == "ntfy" {
        let header = |name: &str| request.header(name).unwrap_or_default().to_string();
        return match header("priority").parse::<u8>() {
            _ if request.path != format!("/{TOKEN}") => refused("another topic"),
            _ if text.is_empty() || text.len() > 4096 => refused("no message, or one that becomes a file"),
            _ if header("title").is_empty() || !header("title").is_ascii() => refused("no title"),
            Ok(1..=5) => None,
            _ => refused("no priority"),
        };
    }
    if request.header("content-type").is_none_or(|kind| !kind.starts_with("application/json")) {
        return refused("not JSON");
    }
    let Ok(Value::Object(body)) = serde_json::from_str(&text) else { return refused("no object") };
    let has = |name: &str| body.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let only = |names: &[&str]| body.keys().all(|name| names.contains(&name.as_str()));
    let string = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
    match format {
        "discord" => match string("content") {
            _ if request.path != format!("/api/webhooks/1/{TOKEN}") => refused("Unknown Webhook"),
            _ if !only(&["content", "allowed_mentions"]) || !has("content") => refused("Cannot send an empty message"),
            content if content.encode_utf16().count() > 2000 => refused("Must be 2000 or fewer in length"),
            _ if body["allowed_mentions"]["parse"] != serde_json::json!([]) => refused("it would call everybody"),
            _ => None,
        },
        "slack" => match string("text") {
            _ if request.path != format!("/services/T/B/{TOKEN}") => refused("no_service"),
            text if text.is_empty() => refused("no_text"),
            text if text.contains(['<', '>']) || text.chars().count() > 4000 => refused("markup or too long"),
            _ => None,
        },
        "gotify" if request.param("token").as_deref() != Some(TOKEN) => refused("you need to provide a valid token"),
        "gotify" if request.path != "/message" || !has("message") => refused("Field 'message' is required"),
        "gotify" => body["priority"].as_i64().filter(|p| (0..=10).contains(p)).map_or(refused("priority"), |_| None),
        "apprise" if request.path != format!("/notify/{TOKEN}") || !has("body") => refused("Bad FORM Payload"),
        "apprise" if !["info", "success", "warning", "failure"].contains(&&*string("type")) => refused("type"),
        "apprise" if !["text", "markdown", "html"].contains(&&*string("format")) => refused("format"),
        _ => None,
    }
}

/// Where it is told, and which format must be said because the address does not.
fn address(format: &str, server: &Server) -> (String, &'static str) {
    let url = server.url();
    match format {
        "ntfy" => (format!("{url}/{TOKEN}"), "ntfy"),
        "discord" => (format!("{url}/api/webhooks/1/{TOKEN}"), "discord"),
        "slack" => (format!("{url}/services/T/B/{TOKEN}"), "slack"),
        "gotify" => (format!("{url}/message?token={TOKEN}"), ""),
        "apprise" => (format!("{url}/notify/{TOKEN}"), ""),
        _ => (format!("{url}/{TOKEN}"), ""),
    }
}

fn told_by(world: &World, format: &'static str) -> Server {
    let server = service(format);
    let (url, said) = address(format, &server);
    world.set("PLEX_LINKER_NOTIFY_URL", &url);
    world.set("PLEX_LINKER_NOTIFY_FORMAT", said);
    server
}

/// What came since the last look, as our own JSON: its title and its message.
fn news(server: &Server) -> Vec<String> {
    let told = server.requests().iter().map(Request::json).collect::<Vec<_>>();
    server.forget();
    told.iter()
        .map(|told| format!("{}\n{}", told["title"].as_str().unwrap(), told["message"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_service_takes_a_test_and_the_news_of_a_run() {
    for format in ["ntfy", "discord", "slack", "gotify", "apprise", "json"] {
        let world = World::new();
        Sample::new(&world);
        world.movie("<!channel> & *@everyone*", 5).file("movies/X/X.mkv", "DVD");
        let server = told_by(&world, format);
        world.run(&["notify", "--test"]).succeeds().says(&format!("{}", server.address())).says("the test is sent");
        world.run(&["once"]).succeeds().never_says("cannot reach");
        world.assert_links(&BOTH);
        assert_eq!(server.requests().len(), 2, "{format}");
        let text = String::from_utf8(server.requests()[1].body.clone()).unwrap();
        assert!(text.contains("Naruto"), "{format}: {text}");
    }
}

#[test]
fn what_is_told_is_told_once_also_by_one_run_after_another() {
    let world = World::new();
    let sample = Sample::new(&world);
    let server = told_by(&world, "json");
    world.run(&["once"]).succeeds();
    let [told] = &news(&server)[..] else { panic!("one post for all changes") };
    assert!(told.starts_with("plex-linker: 2 changes\n") && told.contains(NARUTO_LINK), "{told}");
    world.run(&["once"]).succeeds();
    world.run(&["once", "--dry-run"]).succeeds();
    assert_eq!(news(&server), [""; 0]);

    world.radarr.on("*", Answer::status(401));
    world.run(&["once"]).exits(1);
    let [told] = &news(&server)[..] else { panic!("the failure is told") };
    assert!(told.starts_with("plex-linker: 1 problem\nproblem: cannot ask radarr "), "{told}");
    world.radarr.heal();
    world.radarr.on("*", Answer::status(503).header("Retry-After", "0"));
    world.radarr.leave();
    world.run(&["once"]).exits(1);
    assert_eq!(news(&server), [""; 0], "that it fails otherwise is no news");
    world.radarr.heal();
    world.run(&["once"]).succeeds();
    let [told] = &news(&server)[..] else { panic!("that it is well again is told") };
    assert!(told.starts_with("plex-linker: all is well again\nwell again: "), "{told}");

    sample.naruto.retitle(5, "A Film");
    world.put("tv/Naruto/Season 00/Naruto - S00E05 - A Film Bluray-1080p.mkv");
    for told in [1, 0] {
        world.run(&["once"]).succeeds();
        let news = news(&server);
        assert_eq!(news.len(), told, "{news:?}");
        assert!(
            news.iter().all(|news| news.starts_with("plex-linker: 1 rule needs you\nneeds you: rule 1: ")),
            "{news:?}"
        );
    }
}

#[test]
fn a_run_that_cannot_even_begin_is_told_once() {
    let world = World::new();
    Sample::linked(&world);
    let server = told_by(&world, "json");
    let file = world.state().join("plex_linker.db");
    let sound = fs::read(&file).unwrap();
    fs::write(&file, "this is no database, whatever its name says, and long enough to be none").unwrap();
    for told in [1, 0] {
        world.run(&["once"]).exits(1);
        assert_eq!(news(&server).len(), told);
    }
    fs::write(&file, sound).unwrap();
    world.run(&["once"]).succeeds();
    assert!(news(&server)[0].starts_with("plex-linker: all is well again"));
    world.set("MEDIA_ROOT", "/nowhere/at/all");
    world.run(&["once"]).succeeds();
    let told = "plex-linker: 1 problem\nproblem: MEDIA_ROOT /nowhere/at/all is not a folder: nothing done";
    assert_eq!(news(&server), [told], "it ends with 0, but its user must know");
}

#[test]
fn news_that_cannot_be_sent_harm_nothing_and_come_later() {
    let world = World::new();
    Sample::new(&world);
    let server = told_by(&world, "json");
    server.leave();
    world
        .run(&["once"])
        .succeeds()
        .says("nothing answers at that address: is it running, and is PLEX_LINKER_NOTIFY_URL right")
        .never_says(TOKEN);
    world.assert_links(&BOTH);
    server.come_back();
    world.run(&["once"]).succeeds();
    let told = news(&server);
    assert!(told.len() == 1 && told[0].starts_with("plex-linker: 2 changes\n"), "{told:?}");
    world.run(&["once"]).succeeds();
    assert_eq!(news(&server), [""; 0]);
}

#[test]
fn a_run_is_over_before_it_is_told() {
    static DOOR: Mutex<()> = Mutex::new(());
    let world = World::new();
    Sample::new(&world);
    let server = Server::start(|_| Answer::json("{}").with(Fault::Behind(&DOOR)));
    let closed: MutexGuard<()> = DOOR.lock().unwrap();
    let mut command = world.command(&["once"]);
    let mut child = command.env("PLEX_LINKER_NOTIFY_URL", server.url()).spawn().unwrap();
    waiting::until("the news are sent", || !server.requests().is_empty());
    world.assert_links(&BOTH);
    // the lock is free and the report is there
    world.run(&["once"]).succeeds().never_says("another run");
    world.run(&["status"]).succeeds().says("2 changes: 2 of 2 rules linked");
    drop(closed);
    assert!(child.wait().unwrap().success());
}

#[test]
fn nothing_of_an_address_but_its_host_is_ever_told() {
    let world = World::new();
    Sample::new(&world);
    world.set("PLEX_LINKER_LOG", "trace");
    let echo = |request: &Request| Answer::json(format!(r#"{{"error": "no such thing: {}"}}"#, request.target()));
    for answer in [
        Box::new(move |request: &Request| echo(request).code(404)) as Box<dyn Fn(&Request) -> Answer + Send + Sync>,
        Box::new(move |request: &Request| echo(request).code(500)),
        Box::new(|request: &Request| Answer::status(302).header("Location", &request.target())),
        Box::new(|request: &Request| Answer::status(401).header("X-Echo", &request.target())),
        Box::new(|_: &Request| Fault::Reset.into()),
        Box::new(|request: &Request| Answer::json("").with(Fault::Raw(request.target().into_bytes()))),
    ] {
        let server = Server::start(answer);
        let url = format!("{}/{TOKEN}?token={TOKEN}", server.url().replace("://", &format!("://s0mebody:{TOKEN}@")));
        for name in ["PLEX_LINKER_NOTIFY_URL", "PLEX_LINKER_PING_URL"] {
            world.set(name, &url);
        }
        for words in [&["notify", "--test"][..], &["once"], &["check"], &["--help"], &["status"], &["once", "--json"]] {
            world.run(words).never_says(TOKEN).never_says("s0mebody");
        }
        assert!(server.requests().len() > 3);
        world.run(&["notify", "--test"]).exits(1).says(&format!("cannot reach {}", server.url()));
        let key = fs::read(world.state().join("plex_linker.told")).unwrap();
        assert!(!String::from_utf8(key).unwrap().contains(TOKEN));
    }
    for wrong in
        [format!("ftp://x/{TOKEN}"), format!("http:///{TOKEN}"), format!("http://x/ {TOKEN}"), TOKEN.to_string()]
    {
        for name in ["PLEX_LINKER_NOTIFY_URL", "PLEX_LINKER_PING_URL"] {
            let outcome = world.run_with(&[(name, &wrong)], &["once"]).exits(2);
            outcome.says(&format!("{name} cannot be used")).never_says(TOKEN);
        }
    }
}

#[test]
fn an_address_may_be_in_a_file() {
    let world = World::new();
    let server = service("gotify");
    let file = world.state().join("address");
    fs::write(&file, format!("{}/message?token={TOKEN}\n", server.url())).unwrap();
    world.set("PLEX_LINKER_NOTIFY_URL_FILE", &file.display().to_string());
    world.run(&["notify", "--test"]).succeeds().says("(gotify): the test is sent");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_name_and_password_in_the_address_are_sent_as_such() {
    let world = World::new();
    let server = service("json");
    world.set("PLEX_LINKER_NOTIFY_URL", &server.url().replace("://", "://:tk_secret@"));
    world.run(&["notify", "--test"]).succeeds();
    // base64 of ":tk_secret", as ntfy takes its tokens
    assert_eq!(server.requests()[0].header("authorization"), Some("Basic OnRrX3NlY3JldA=="));
}

#[test]
fn a_program_finds_the_news_in_its_environment_and_no_key() {
    let world = World::new();
    Sample::new(&world);
    let (script, said) = (world.state().join("tell me"), world.state().join("said"));
    fs::write(&script, format!("#!/bin/sh\nenv > '{}'\necho \"$1\"\nexit $2\n", said.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    world.set("PATH", &std::env::var("PATH").unwrap());
    let command =
        |code: u8| world.set("PLEX_LINKER_NOTIFY_COMMAND", &format!("'{}' \"hello you\" {code}", script.display()));
    command(3);
    world.run(&["once", "--json"]).succeeds().says("hello you").says("tell me: it failed (exit status: 3)");
    command(0);
    let outcome = world.run(&["once", "--json"]).succeeds();
    assert!(serde_json::from_str::<Value>(&outcome.stdout).is_ok(), "what it prints is no part of the report");
    outcome.never_says("failed (");
    let found = fs::read_to_string(said).unwrap();
    for line in ["NEWS_TITLE=plex-linker: 2 changes", "NEWS_KIND=change", "NEWS_PROBLEMS="] {
        assert!(found.lines().any(|found| found == line), "{line}: {found}");
    }
    assert!(found.contains(NARUTO_LINK), "{found}");
    for secret in [world.sonarr.key(), world.radarr.key(), "DATABASE_URL"] {
        assert!(!found.contains(secret), "{found}");
    }
    fs::remove_file(&script).unwrap();
    world.run(&["notify", "--test"]).exits(1).says("cannot be started");
}

/// Both call it a success (apprise-api's `NotifyView`, healthchecks.io/docs/http_api).
#[test]
fn a_success_that_reaches_nobody_is_none() {
    let world = World::new();
    Sample::new(&world);
    let nobody = Server::start(|_| Answer::status(204));
    world.set("PLEX_LINKER_NOTIFY_URL", &format!("{}/notify/{TOKEN}", nobody.url()));
    world.run(&["notify", "--test"]).exits(1).says("nobody is configured there: is PLEX_LINKER_NOTIFY_URL right");
    world.unset("PLEX_LINKER_NOTIFY_URL");
    let unknown = Server::start(|_| Answer::json("OK (not found)").of_kind("text/plain"));
    world.set("PLEX_LINKER_PING_URL", &format!("{}/{TOKEN}", unknown.url()));
    world.run(&["notify", "--test"]).exits(1).says("it has no such check: is PLEX_LINKER_PING_URL right");
    world.run(&["once"]).succeeds().says("it has no such check: is PLEX_LINKER_PING_URL right");
}

#[test]
fn a_service_that_is_asked_too_much_is_no_wrong_address() {
    let world = World::new();
    for (status, says, never) in [
        (429, "it answers 429 Too Many Requests, which should pass by itself", "is PLEX_LINKER"),
        (503, "it answers 503 Service Unavailable, which should pass by itself", "is PLEX_LINKER"),
        (404, "it answers 404 Not Found: is PLEX_LINKER_NOTIFY_URL right", "by itself"),
    ] {
        let server = Server::start(move |_| Answer::status(status));
        world.set("PLEX_LINKER_NOTIFY_URL", &format!("{}/{TOKEN}", server.url()));
        world.run(&["notify", "--test"]).exits(1).says(says).never_says(never);
    }
}

#[test]
fn each_run_is_pinged_good_or_bad() {
    let world = World::new();
    Sample::new(&world);
    let server = Server::start(|_| Answer::json("OK"));
    let calls = || {
        let calls: Vec<_> =
            server.requests().iter().map(|request| format!("{} {}", request.method, request.target())).collect();
        server.forget();
        calls
    };
    world.set("PLEX_LINKER_PING_URL", &format!("{}/{TOKEN}?create=1", server.url()));
    world.run(&["once"]).succeeds();
    world.run(&["once"]).succeeds();
    world.radarr.on("*", Answer::status(401));
    world.run(&["once"]).exits(1);
    let (good, bad) = (format!("GET /{TOKEN}?create=1"), format!("GET /{TOKEN}/fail?create=1"));
    assert_eq!(calls(), [good.clone(), good, bad]);
    world.set("PLEX_LINKER_PING_URL", &format!("{}/api/push/{TOKEN}?status=up&msg=OK&ping=", server.url()));
    world.run(&["once"]).exits(1);
    world.radarr.heal();
    world.run(&["once"]).succeeds();
    let [down, up] = &calls()[..] else { panic!("two runs are two pings") };
    let push = format!("GET /api/push/{TOKEN}?status=");
    assert!(down.starts_with(&format!("{push}down&msg=nothing%20changed")) && down.ends_with("&ping="), "{down}");
    assert!(up.starts_with(&format!("{push}up&msg=nothing%20changed%3A%202%20of%202%20rules")), "{up}");
}

#[test]
fn a_daemon_tells_once_also_after_a_restart() {
    let world = World::new();
    Sample::new(&world);
    let server = told_by(&world, "json");
    let mut daemon = Daemon::start(&world);
    daemon.wait("the changes should be told", |_| server.requests().len() == 1);
    world.radarr.on("*", Answer::status(401));
    daemon.run_now();
    // what a killed daemon could not write down any more would be told again
    let told = world.state().join("plex_linker.told");
    daemon.wait("the failure should be told", |_| fs::read_to_string(&told).is_ok_and(|text| text.contains("radarr")));
    assert_eq!(server.requests().len(), 2);
    drop(daemon);
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.radarr.heal();
    daemon.run_now();
    daemon.wait("it should be told that all is well", |_| server.requests().len() >= 3);
    let told = news(&server);
    assert!(told[2].starts_with("plex-linker: all is well again"), "{told:?}");
}

#[test]
fn a_test_is_sent_by_a_click_and_by_a_program() {
    let world = World::new();
    let server = told_by(&world, "gotify");
    let daemon = Daemon::start(&world);
    let page = daemon.get("/system").body;
    assert!(page.contains(&format!("{} (gotify)", server.url())) && !page.contains(TOKEN), "{page}");
    let page = daemon.ask("POST", "/system/notify", &[("Sec-Fetch-Site", "same-origin")], "");
    assert!(page.status == 200 && page.body.contains("the test is sent"), "{}", page.body);
    let told = daemon.post("/api/notify", "{}");
    assert_eq!((told.status, told.json()["done"][0]["ok"].as_bool()), (200, Some(true)));
    assert_eq!(server.requests().len(), 2);
    server.leave();
    let told = daemon.post("/api/notify", "{}");
    assert_eq!((told.status, told.json()["done"][0]["ok"].as_bool()), (503, Some(false)));
    assert!(told.json()["detail"].as_str().unwrap().contains("nothing answers at that address"), "{}", told.body);
    assert!(!daemon.log().contains(TOKEN) && !told.body.contains(TOKEN));
}

#[test]
fn a_test_with_nobody_to_tell_names_the_variables() {
    const NOBODY: &str =
        "nobody is told news: PLEX_LINKER_NOTIFY_URL, PLEX_LINKER_NOTIFY_COMMAND and PLEX_LINKER_PING_URL are not set";
    let world = World::new();
    world.run(&["notify", "--test"]).exits(2).says(NOBODY);
    let told = Daemon::start(&world).post("/api/notify", "{}");
    assert!(told.status == 503 && told.json()["detail"].as_str().unwrap().contains(NOBODY), "{}", told.body);
}
