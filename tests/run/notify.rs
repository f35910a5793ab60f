//! Telling the apps: one scan of a show at a time, and what becomes of scans that take time.

use std::{
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::support::{
    daemon::{Daemon, ask},
    fake::App,
    sample::{BOTH, Sample},
    scene::{LINK, TARGET, unlinked},
    world::World,
};

/// Somebody else has Sonarr do this.
fn order(world: &World, name: &str, show: i32) {
    let headers = [("X-Api-Key", world.sonarr.key()), ("Content-Type", "application/json")];
    let body = format!(r#"{{"name":"{name}","seriesId":{show}}}"#);
    ask(world.sonarr.address(), "POST", "/api/v3/command", &headers, &body).unwrap();
}

/// How often it was asked what has become of a command.
fn looks(app: &App) -> usize {
    app.calls().iter().filter(|call| call.starts_with("GET /api/v3/command/")).count()
}

fn wait(world: &World, what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so() {
        world.assert(Instant::now() < deadline, what);
        thread::sleep(Duration::from_millis(5));
    }
}

fn start(world: &World) -> Child {
    world.command(&["once"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[track_caller]
fn nothing_is_left_to_tell(world: &World) {
    world.assert_same("the violations", &world.sonarr.violations().join("\n"), "");
    world.forget();
    world.run(&["once"]).succeeds();
    world.assert_posts(&[]);
}

#[test]
fn a_show_is_refreshed_when_its_scan_has_ended() {
    for looks in [1, 2, 5] {
        let world = World::new();
        let sample = Sample::new(&world);
        world.sonarr.commands_take(looks);
        world.run(&["once"]).succeeds();
        world.assert_links(&BOTH);
        let told: Vec<_> = world.sonarr.commands();
        let kinds: Vec<_> = told.iter().map(|(name, show, _)| (name.as_str(), *show)).collect();
        let (naruto, bleach) = (Some(sample.naruto.id().into()), Some(sample.bleach.id().into()));
        // both shows go on at the same time
        let scans = [("RescanSeries", naruto), ("RescanSeries", bleach)];
        assert_eq!(kinds[..2], scans, "{looks}");
        assert_eq!(kinds[2..], [("RefreshSeries", naruto), ("RefreshSeries", bleach)], "{looks}");
        assert!(told[..2].iter().all(|(_, _, ended)| *ended), "{looks}: {told:?}");
        world.sonarr.finish_commands();
        nothing_is_left_to_tell(&world);
    }
}

#[test]
fn a_scan_that_others_ordered_is_waited_for() {
    for name in ["RescanSeries", "RefreshSeries"] {
        let world = World::new();
        let sample = Sample::new(&world);
        world.sonarr.hold_commands();
        order(&world, name, sample.naruto.id());
        world.forget();
        let mut run = start(&world);
        wait(&world, "the run should wait", || looks(&world.sonarr) >= 3);
        world.assert(
            !world.sonarr.posts().iter().any(|post| post.ends_with(&format!(" {}", sample.naruto.id()))),
            "the show should not be scanned twice at once",
        );
        world.sonarr.commands_take(1);
        world.sonarr.finish_commands();
        assert!(run.wait().unwrap().success());
        let told = sample.told_of_naruto();
        world.assert(told.iter().all(|told| world.posts().contains(told)), "the show should be scanned after it");
        world.sonarr.finish_commands();
        nothing_is_left_to_tell(&world);
    }
}

#[test]
fn to_be_stopped_ends_the_waiting_and_the_next_run_makes_up_for_it() {
    let world = unlinked();
    world.sonarr.hold_commands();
    let mut daemon = Daemon::start(&world);
    daemon.wait("the run should wait", |_| looks(&world.sonarr) >= 3);
    world.assert_links(&[(LINK, TARGET)]);
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.ends_within(Duration::from_secs(30)).code(), Some(0));
    daemon.assert(!daemon.log().contains("error:"), "to be stopped is no failure");
    let show = world.sonarr.series()[0].id;
    assert!(!world.sonarr.posts().contains(&format!("RefreshSeries {show}")));

    world.sonarr.finish_commands();
    world.sonarr.commands_take(0);
    world.forget();
    world.run(&["once"]).succeeds();
    world.assert(world.posts().contains(&format!("RefreshSeries {show}")), "the show should be told of");
    nothing_is_left_to_tell(&world);
}

#[test]
fn a_scan_that_fails_has_seen_the_links() {
    // while a link that Sonarr has imported leads nowhere (observed 2.1)
    let world = World::new();
    let sample = Sample::new(&world);
    sample.naruto.special(7, "Other");
    world.put("movies/gone.mkv");
    world.link("tv/Naruto/Season 00/Naruto - S00E07 - Other.mkv", "../../../movies/gone.mkv");
    world.sonarr.scan(78857).unwrap();
    world.remove("movies/gone.mkv");
    world.set("PLEX_LINKER_CLEAN", "links");
    let show = sample.naruto.id();
    let outcome = world.run(&["once"]).succeeds();
    outcome.says(&format!("sonarr, show {show}: a scan failed after its import"));
    let told = sample.told_of_naruto();
    world.assert(told.iter().all(|told| world.posts().contains(told)), "all should be told");
    nothing_is_left_to_tell(&world);
}
