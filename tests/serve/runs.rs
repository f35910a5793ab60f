//! When the daemon does a run.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    daemon::Daemon,
    http::{Answer, Fault},
    scene::{AKIRA, FILM, LINK, OTHER_LINK, OTHER_TARGET, SPECIAL, TARGET, add_other, film, linked, unlinked},
    world::World,
};

/// What Radarr sends after an import, as far as anybody looks at it.
const DOWNLOAD: &str = r#"{"eventType":"Download","instanceName":"Radarr","movie":{"id":1,"title":"Akira","tmdbId":149},
    "movieFile":{"id":1,"relativePath":"Akira.mkv","quality":"DVD"},"isUpgrade":false}"#;
const TEST: &str = r#"{"eventType":"Test","instanceName":"Radarr","movie":{"id":1,"title":"Test Title"}}"#;

/// A little shorter than a daemon sleeps that nobody wakes.
const SLEEP: Duration = Duration::from_secs(25);

#[test]
fn links_stand_after_the_start_without_anybody_asking() {
    let world = unlinked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.assert_links(&[(LINK, TARGET)]);
    let status = daemon.status();
    assert_eq!(status["running"], false);
    assert_eq!(status["last"]["summary"], "1 change: 1 of 1 rule linked");
    let wait = status["next_run_at"].as_i64().unwrap() - status["last_run_at"].as_i64().unwrap();
    assert!((880..=900).contains(&wait), "the next run should be due in 15 minutes: {status}");
}

#[test]
fn the_second_run_comes_when_it_is_due() {
    let world = linked();
    let mut daemon = Daemon::with(&world, &["--interval", "1"]);
    daemon.has_run(1);
    let first = daemon.status()["last_run_at"].as_i64().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while daemon.runs() == 1 {
        daemon.assert(Instant::now() < deadline, "a second run should come after a minute");
        thread::sleep(Duration::from_millis(200));
    }
    let second = daemon.status()["last_run_at"].as_i64().unwrap();
    assert!(second - first >= 59, "it came after {} seconds", second - first);
}

#[test]
fn with_interval_0_it_runs_when_asked_and_not_before() {
    let world = unlinked();
    world.set("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "0");
    let mut daemon = Daemon::start(&world);
    // the linker's thread answers this, and would have run before
    assert_eq!(daemon.get("/api/plan").status, 200);
    assert_eq!(daemon.runs(), 0);
    assert!(daemon.status()["next_run_at"].is_null());
    world.assert_links(&[]);
    daemon.run_now();
    daemon.has_run(1);
    world.assert_links(&[(LINK, TARGET)]);
    assert!(daemon.status()["next_run_at"].is_null());
}

#[test]
fn a_rule_that_is_added_is_linked_soon() {
    let world = World::new();
    film_and_show(&world);
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let rule = format!(r#"{{"movie_title":"Akira","tmdb_id":{AKIRA},"show_name":"Naruto","episode":{SPECIAL}}}"#);
    assert_eq!(daemon.post("/api/rules", &rule).status, 201);
    daemon.wait("the rule should be linked", |_| !world.links().is_empty());
    world.assert_links(&[(LINK, TARGET)]);
    daemon.has_run(2);
    assert_eq!(daemon.ask("DELETE", "/api/rules/1", &[], "").status, 200);
    daemon.wait("the link should go with the rule", |_| world.links().is_empty());
}

#[test]
fn with_the_webhook_a_link_stands_within_seconds_and_several_are_one_run() {
    let world = World::new();
    world.rule(world.movie("Akira", AKIRA), world.series("Naruto", 78857).special(SPECIAL, "The Movie"), 5);
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.assert_links(&[]);
    film(&world).file(FILM, "DVD");
    // idle for longer than events take to settle
    thread::sleep(Duration::from_secs(6));
    let imported = Instant::now();
    for _ in 0..8 {
        assert_eq!(daemon.post("/api/webhook", DOWNLOAD).status, 202);
    }
    daemon.wait("the film should be linked", |_| !world.links().is_empty());
    let took = imported.elapsed();
    world.assert_links(&[(LINK, TARGET)]);
    assert!(took < SLEEP, "it took {took:?}");
    daemon.has_run(2);
    let status = daemon.status();
    let wait = status["next_run_at"].as_i64().unwrap() - status["last_run_at"].as_i64().unwrap();
    assert!(wait > 60, "no further run should be due so soon: {status}");
}

#[test]
fn broken_links_are_looked_for_daily_at_the_start_and_when_somebody_asks() {
    let world = linked();
    world.put("movies/Other/Other.mkv");
    world.set("PLEX_LINKER_CLEAN", "daily");
    const BROKEN: &str = "tv/Naruto/Season 00/Naruto - S00E01 - Gone.mkv";
    let broken = || drop(world.link(BROKEN, "../../../movies/gone.mkv"));
    let there = || world.path(BROKEN).symlink_metadata().is_ok();
    broken();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    assert!(!there());
    broken();
    assert_eq!(daemon.post("/api/webhook", DOWNLOAD).status, 202);
    daemon.has_run(2);
    assert!(there());
    daemon.run_now();
    daemon.has_run(3);
    assert!(!there());
}

#[test]
fn the_trial_message_of_an_app_starts_nothing() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let due = daemon.status()["next_run_at"].clone();
    assert_eq!(daemon.post("/api/webhook", TEST).status, 200);
    // answered after it by the thread that would do the run
    assert_eq!(daemon.get("/api/plan").status, 200);
    assert_eq!(daemon.runs(), 1);
    let later = daemon.status()["next_run_at"].as_i64().unwrap();
    assert!(later >= due.as_i64().unwrap() - 1, "no run should be due sooner");
}

#[test]
fn wishes_during_a_run_are_one_run_after_it() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    // the right answer only when asked again
    let (behind, shut) = Fault::behind_a_door();
    world.radarr.on_next(1, "GET /api/v3/movie", Answer::status(503).with(behind));
    daemon.run_now();
    daemon.wait("a run should be under way", |daemon| daemon.status()["running"] == true);
    add_other(&world);
    for _ in 0..5 {
        daemon.run_now();
    }
    drop(shut);
    daemon.wait("the other film should be linked too", |_| world.links().len() == 2);
    world.assert_links(&[(LINK, TARGET), (OTHER_LINK, OTHER_TARGET)]);
    daemon.has_run(3);
    // answered after all of them by the thread that does the runs
    assert_eq!(daemon.get("/api/plan").status, 200);
    assert_eq!(daemon.runs(), 3);
}

#[test]
fn a_run_is_dated_by_its_end() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let (behind, shut) = Fault::behind_a_door();
    world.radarr.on_next(1, "GET /api/v3/movie", behind);
    daemon.run_now();
    let mut began = None;
    daemon.wait("a run should be under way", |daemon| {
        began = daemon.status()["started_at"].as_i64();
        began.is_some()
    });
    thread::sleep(Duration::from_secs(2));
    drop(shut);
    daemon.has_run(2);
    let ended = daemon.metric("plex_linker_last_run_timestamp_seconds").unwrap() as i64;
    assert!(ended > began.unwrap(), "it began at {began:?} and ended at {ended}");
}

#[test]
fn the_numbers_and_the_versions_are_told() {
    let world = unlinked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    for (name, value) in [
        (concat!("build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
        ("running", 0.0),
        ("last_run_success", 1.0),
        ("rules{state=\"linked\"}", 1.0),
        ("runs_total{result=\"done\"}", 1.0),
        ("runs_total{result=\"failed\"}", 0.0),
        ("changes_total", 1.0),
        ("problems_total", 0.0),
        ("app_up{app=\"sonarr\"}", 1.0),
        ("app_up{app=\"radarr\"}", 1.0),
    ] {
        assert_eq!(daemon.metric(&format!("plex_linker_{name}")), Some(value), "{name}");
    }
    for name in ["last_run_timestamp_seconds", "last_run_duration_seconds", "next_run_timestamp_seconds"] {
        assert!(daemon.metric(&format!("plex_linker_{name}")).is_some(), "{name}");
    }
    let apps = daemon.status()["apps"].clone();
    let versions: Vec<_> = apps.as_array().unwrap().iter().map(|app| (&app["name"], &app["version"])).collect();
    assert_eq!(versions.len(), 2, "{apps}");
    assert!(versions.iter().all(|(_, version)| version.as_str().is_some_and(|text| text.contains('.'))), "{apps}");
}

fn film_and_show(world: &World) {
    world.movie("Akira", AKIRA).file(FILM, "DVD");
    world.series("Naruto", 78857).special(SPECIAL, "The Movie");
}

/// Seconds until the next run.
fn due_in(daemon: &Daemon) -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    daemon.status()["next_run_at"].as_i64().unwrap() - now
}

/// As Sonarr says that it misses a file, below the show's folder.
fn gone(daemon: &Daemon, file: &str, reason: &str) {
    let file = format!(r#"{{"path":"/other/{file}","relativePath":"{file}"}}"#);
    let body = format!(r#"{{"episodeFile":{file},"deleteReason":"{reason}","eventType":"EpisodeFileDelete"}}"#);
    assert_eq!(daemon.post("/api/webhook", &body).status, 202);
}

/// Sonarr may know the show's folder by another path.
fn below(link: &str) -> &str {
    &link[link.find("Season").unwrap()..]
}

/// Longer than events take to settle.
const SETTLED: Duration = Duration::from_secs(7);

#[test]
fn what_sonarr_misses_because_of_a_run_starts_none() {
    let world = unlinked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.assert_links(&[(LINK, TARGET)]);
    for reason in ["missingFromDisk", "manualOverride", "upgrade"] {
        gone(&daemon, below(LINK), reason);
    }
    // as Sonarr on Windows says it
    gone(&daemon, &below(LINK).replace('/', r"\\"), "missingFromDisk");
    // what somebody else does counts as well, also before that run has come to its end
    add_other(&world);
    world.sonarr.hold_commands();
    let looks = || world.sonarr.calls().iter().filter(|call| call.starts_with("GET /api/v3/command/")).count();
    let before = looks();
    let mut once = world.command(&["once"]).spawn().unwrap();
    daemon.wait("the other run should wait for Sonarr", |_| looks() > before);
    gone(&daemon, below(OTHER_LINK), "missingFromDisk");
    world.sonarr.finish_commands();
    assert!(once.wait().unwrap().success());
    world.assert_links(&[(LINK, TARGET), (OTHER_LINK, OTHER_TARGET)]);
    thread::sleep(SETTLED);
    assert!(daemon.runs() == 1 && due_in(&daemon) > 60, "no run should be due so soon: {}", daemon.status());
    gone(&daemon, "Season 00/Another.mkv", "missingFromDisk");
    daemon.has_run(2);
}

#[test]
fn what_is_gone_from_its_place_is_no_news_either() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    assert_eq!(daemon.ask("DELETE", "/api/rules/1", &[], "").status, 200);
    daemon.wait("the link should go with the rule", |_| world.links().is_empty());
    daemon.has_run(2);
    gone(&daemon, below(LINK), "missingFromDisk");
    thread::sleep(SETTLED);
    assert!(daemon.runs() == 2 && due_in(&daemon) > 60, "no run should be due so soon: {}", daemon.status());
}

#[test]
fn a_run_that_could_not_be_done_is_known_and_tried_again_after_a_restart() {
    let world = unlinked();
    world.set("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "0");
    let away = world.path("").with_extension("away");
    std::fs::rename(world.media(), &away).unwrap();
    let mut daemon = Daemon::start(&world);
    daemon.run_now();
    daemon.wait("the run should have failed", |daemon| daemon.get("/api/status").status == 503);
    let told = |daemon: &Daemon| {
        let status = daemon.get("/api/status");
        (status.status, status.json()["detail"].clone(), daemon.get("/api/runs").json()[0]["problems"].clone())
    };
    let before = told(&daemon);
    assert!(before.1.as_str().unwrap().contains("is not a folder"), "{before:?}");
    drop(daemon);
    let mut daemon = Daemon::start(&world);
    assert_eq!(told(&daemon), before);
    daemon.wait("it should be tried again", |daemon| !daemon.get("/api/status").json()["next_run_at"].is_null());
    std::fs::rename(&away, world.media()).unwrap();
    daemon.run_now();
    daemon.wait("all should be well", |daemon| daemon.get("/api/status").status == 200);
}

#[test]
fn a_run_that_failed_is_tried_again_with_interval_0_too() {
    let world = unlinked();
    world.set("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "0");
    world.radarr.on("*", Answer::status(401));
    let mut daemon = Daemon::start(&world);
    daemon.run_now();
    daemon.wait("the run should have failed", |daemon| daemon.get("/api/status").status == 503);
    daemon.wait("it should be tried again", |daemon| !daemon.status()["next_run_at"].is_null());
    let wait = due_in(&daemon);
    assert!(wait <= 60, "it should be tried again after a minute, not after {wait} s");
    // what an earlier daemon did counts as well: the machine may have been started anew meanwhile
    drop(daemon);
    let mut daemon = Daemon::start(&world);
    daemon.wait("it should be tried again", |daemon| !daemon.status()["next_run_at"].is_null());
    let wait = due_in(&daemon);
    assert!((30..=60).contains(&wait), "it should be tried again after a minute, not after {wait} s");
    assert_eq!(daemon.runs(), 0);
}
