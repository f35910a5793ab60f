//! A database or an app that is away when the daemon starts, and comes back.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{
    daemon::Daemon,
    http::{Answer, Fault},
    postgres::Server,
    scene::{AKIRA, FILM, LINK, SPECIAL, TARGET, linked, unlinked},
    world::World,
};

/// Shorter than anybody waits for the thread that does the runs.
const SOON: Duration = Duration::from_secs(6);

/// It lives and tells why nothing is done; returns the reason.
fn fails(daemon: &mut Daemon) -> String {
    daemon.has_run(1);
    assert!(daemon.is_well());
    let status = daemon.get("/api/status");
    assert_eq!(status.status, 503, "{}", status.body);
    let Value::String(reason) = status.json()["detail"].clone() else { panic!("no reason: {}", status.body) };
    let page = daemon.get("/").body.replace("&#34;", "\"").replace("&#39;", "'");
    daemon.assert(page.contains(&reason), &format!("the page should tell {reason:?}: {page}"));
    assert_eq!(daemon.metric("plex_linker_last_run_success"), Some(0.0));
    reason
}

fn heals(daemon: &mut Daemon, world: &World) {
    daemon.run_now();
    daemon.has_run(2);
    assert_eq!(daemon.get("/api/status").status, 200, "{}", daemon.get("/api/status").body);
    assert_eq!(daemon.get("/").status, 200);
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn a_sqlite_file_that_cannot_be_read() {
    let world = unlinked();
    let file = world.state().join("plex_linker.db");
    let aside = world.state().join("aside.db");
    fs::rename(&file, &aside).unwrap();
    fs::write(&file, "this is no database, and long enough for one: ".repeat(100)).unwrap();
    let mut daemon = Daemon::start(&world);
    let reason = fails(&mut daemon);
    assert!(reason.contains("plex_linker.db"), "{reason}");
    fs::rename(&aside, &file).unwrap();
    heals(&mut daemon, &world);
}

#[test]
fn a_postgresql_server_that_is_down() {
    let world = World::new();
    world.movie("Akira", AKIRA).file(FILM, "DVD");
    world.series("Naruto", 78857).special(SPECIAL, "The Movie");
    let mut server = Server::start();
    world.set("DATABASE_URL", &server.database());
    world
        .run(&["rules", "add", "--movie-title", "Akira", "--tmdb-id", "149", "--show-name", "Naruto", "--episode", "5"])
        .succeeds();
    server.stop();
    let mut daemon = Daemon::start(&world);
    let reason = fails(&mut daemon);
    assert!(reason.contains(&server.port.to_string()), "{reason}");
    server.restart();
    heals(&mut daemon, &world);
}

#[test]
fn an_app_that_is_away() {
    let world = linked();
    // what a proxy answers for it, and no second try helps
    world.sonarr.on("*", Answer::html("<html>bad gateway</html>"));
    let mut daemon = Daemon::start(&world);
    let reason = fails(&mut daemon);
    assert!(reason.contains("sonarr"), "{reason}");
    assert_eq!(daemon.metric("plex_linker_app_up{app=\"sonarr\"}"), Some(0.0));
    assert_eq!(daemon.metric("plex_linker_app_up{app=\"radarr\"}"), Some(1.0));
    world.assert_links(&[(LINK, TARGET)]);
    world.sonarr.heal();
    heals(&mut daemon, &world);
    assert_eq!(daemon.metric("plex_linker_app_up{app=\"sonarr\"}"), Some(1.0));
}

#[test]
fn an_app_that_has_lost_its_library() {
    let world = linked();
    world.radarr.on("GET /api/v3/movie", Answer::json("[]"));
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    assert_eq!(daemon.get("/api/status").status, 503);
    assert_eq!(daemon.metric("plex_linker_app_up{app=\"radarr\"}"), Some(0.0));
    assert_eq!(daemon.metric("plex_linker_app_up{app=\"sonarr\"}"), Some(1.0));
    let apps = daemon.status()["apps"].to_string();
    assert!(apps.contains("it has no films at all"), "{apps}");
    world.radarr.heal();
    heals(&mut daemon, &world);
    assert_eq!(daemon.metric("plex_linker_app_up{app=\"radarr\"}"), Some(1.0));
}

#[test]
fn health_is_answered_while_everybody_waits_for_a_run() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.radarr.on("*", Fault::SILENT);
    daemon.run_now();
    daemon.wait("a run should be under way", |daemon| daemon.status()["running"] == true);
    let targets = ["/api/plan", "/rules/new", "/preview", "/api/suggestions", "/api/plan", "/preview"];
    let mut waiting = stays_well(&daemon, &targets);
    let mut refusal = String::new();
    waiting[0].read_to_string(&mut refusal).unwrap();
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("is under way"), "{refusal}");
}

#[test]
fn health_is_answered_while_everybody_waits_for_a_silent_database() {
    let world = linked();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    world.set("DATABASE_URL", &format!("postgresql://linker@127.0.0.1:{port}/links"));
    let daemon = Daemon::start(&world);
    stays_well(&daemon, &["/", "/api/rules", "/", "/api/rules", "/", "/api/rules"]);
}

/// While these are asked for and not answered.
fn stays_well(daemon: &Daemon, targets: &[&str]) -> Vec<TcpStream> {
    let ask = |target: &&str| {
        let mut stream = TcpStream::connect(daemon.address).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        stream
    };
    let waiting = targets.iter().map(ask).collect();
    // for some seconds, since nothing tells when they have come to where they wait
    let asked = Instant::now();
    while asked.elapsed() < Duration::from_secs(4) {
        let began = Instant::now();
        daemon.assert(daemon.is_well(), "/health should answer");
        let took = began.elapsed();
        daemon.assert(took < SOON, &format!("/health took {took:?}"));
        thread::sleep(Duration::from_millis(100));
    }
    waiting
}
