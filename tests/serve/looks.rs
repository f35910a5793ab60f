//! What is looked at beside the runs: previews, films for the form, and what an earlier process has found.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use nix::sys::signal::Signal;
use plex_linker::model::{civil, time};

use crate::support::{
    daemon::{self, Daemon},
    http::Fault,
    scene::{LINK, TARGET, linked, unlinked},
    world::World,
};

#[test]
fn programs_that_look_all_the_time_keep_no_run_from_starting() {
    let world = unlinked();
    let mut daemon = Daemon::with(&world, &["--interval", "0"]);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (address, stop) = (daemon.address, &stop);
        for _ in 0..3 {
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    _ = daemon::ask(address, "GET", "/api/plan", &[], "");
                    _ = daemon::ask(address, "GET", "/preview", &[], "");
                }
            });
        }
        let ran = catch_unwind(AssertUnwindSafe(|| {
            thread::sleep(Duration::from_millis(500));
            daemon.run_now();
            daemon.wait("the run should start", |daemon| daemon.runs() > 0);
        }));
        stop.store(true, Ordering::Relaxed);
        ran.unwrap_or_else(|panic| resume_unwind(panic));
    });
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn what_is_typed_during_a_run_is_understood_at_once() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.movie("Paprika", 7);
    let (behind, shut) = Fault::behind_a_door();
    world.radarr.on_next(1, "GET /api/v3/movie", behind);
    world.forget();
    daemon.run_now();
    daemon.wait("the run should ask for films", |_| world.radarr.calls().iter().any(|call| call.contains("/movie")));
    // the title is known to Radarr alone, and has never been asked for
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
    let answer = daemon.ask("POST", "/rules", &form, "movie_title=Paprika&show_name=Naruto&episode=6");
    daemon.assert(answer.status == 303, &format!("it should be taken: {} {}", answer.status, answer.body));
    daemon.assert(daemon.status()["running"] == true, "the run should be under way still");
    let page = daemon.get("/preview");
    daemon.assert(page.body.contains("the preview is made after it"), &page.body);
    let again =
        page.body.split("href=\"/preview?since=").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_string();
    drop(shut);
    daemon.wait("the preview should be there after the run", |daemon| {
        daemon.get(&format!("/preview?since={again}")).body.contains("Nothing has been changed.")
    });
}

#[test]
fn why_nothing_can_be_suggested_is_told() {
    let world = unlinked();
    world.unset("SONARR_0_URL");
    let mut daemon = Daemon::with(&world, &["--interval", "0"]);
    daemon.wait("it should be told", |daemon| daemon.get("/suggestions").body.contains("SONARR_0_URL is not set"));
    let answer = daemon.get("/rules/new");
    daemon.assert(answer.status == 200 && answer.body.contains("SONARR_0_URL is not set"), &answer.body);
}

#[test]
fn whoever_fills_in_a_form_does_not_wait_for_a_check() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.get("/rules/new");
    let (behind, shut) = Fault::behind_a_door();
    world.radarr.on_next(1, "GET /api/v3/system/status", behind);
    world.forget();
    let address = daemon.address;
    let check = thread::spawn(move || daemon::ask(address, "GET", "/api/check", &[], ""));
    let status = |call: &String| call.contains("/system/status");
    daemon.wait("the check should ask Radarr", |_| world.radarr.calls().iter().any(status));
    let page = daemon.get("/rules/new?show_name=Naruto");
    daemon.assert(page.body.contains("The Movie"), &page.body);
    drop(shut);
    check.join().unwrap();
}

#[test]
fn a_rule_is_tried_alone_and_its_page_tells_what_a_run_did_for_it() {
    let world = unlinked();
    let mut daemon = Daemon::with(&world, &["--interval", "0"]);
    world.forget();
    let before = world.tree();
    let tried = daemon.post("/api/rules/1/try", "").json();
    daemon.assert(tried["state"] == "linked", &tried.to_string());
    let line = tried["changes"][0].as_str().unwrap().to_string();
    daemon.assert(line.starts_with("create ") && line.contains(LINK), &line);
    world.assert_same("the tree", &world.tree(), &before);
    world.assert_posts(&[]);
    daemon.run_now();
    daemon.has_run(1);
    let page = daemon.get("/rules/1").body;
    daemon.assert(page.contains("What happened to it") && page.contains(&line.replace('>', "&#62;")), &page);
    daemon.assert(page.contains("/series/naruto") && page.contains("/movie/149"), &page);
    let tried = daemon.post("/api/rules/1/try", "").json();
    daemon.assert(tried["changes"].as_array().is_some_and(Vec::is_empty), &tried.to_string());
}

#[test]
fn what_was_said_on_the_command_line_is_among_the_settings() {
    let world = unlinked();
    let daemon = Daemon::with(&world, &["--interval", "7"]);
    let page = daemon.get("/system").body;
    for (name, value) in [("HOST", "127.0.0.1"), ("PORT", "0"), ("SCAN_INTERVAL_MINUTES", "7")] {
        let row = format!("PLEX_LINKER_{name}</th><td>{value}</td><td class=\"quiet\">command line</td>");
        daemon.assert(page.contains(&row) && page.matches(&format!(">PLEX_LINKER_{name}<")).count() == 1, &page);
    }
}

#[test]
fn the_special_that_the_film_looks_like_is_marked_for_a_new_rule() {
    let world = World::new();
    let show =
        world.series("Futurama", 73871).special(1, "Bender's Big Score").special(2, "Into the Wild Green Yonder");
    show.edit(|series| {
        for (episode, (date, runtime)) in series.episodes.iter_mut().zip([("2007-11-27", 88), ("2009-02-24", 89)]) {
            (episode.air_date, episode.runtime) = (Some(date.into()), runtime);
        }
    });
    world.movie("Futurama: Into the Wild Green Yonder", 15060).edit(|movie| {
        (movie.in_cinemas, movie.runtime) = (Some("2009-02-24T00:00:00Z".into()), 89);
    });
    let daemon = Daemon::with(&world, &["--interval", "0"]);
    let page = daemon.get("/rules/new?movie_title=Futurama%3A+Into+the+Wild+Green+Yonder&show_name=Futurama").body;
    daemon.assert(page.contains("id=\"s2\" value=\"2\" checked data-best"), &page);
    daemon.assert(page.contains("2009-02-24 · 89 minutes") && !page.contains("value=\"1\" checked"), &page);
    // Radarr cannot be asked: the list is there nevertheless
    world.radarr.leave();
    let page = daemon.get("/rules/new?movie_title=Futurama%3A+Into+the+Wild+Green+Yonder&show_name=Futurama").body;
    daemon.assert(page.contains("id=\"s2\"") && !page.contains(" checked"), &page);
}

#[test]
fn after_a_restart_page_api_and_metrics_tell_of_the_last_run() {
    let world = unlinked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let before = daemon.status();
    daemon.signal(Signal::SIGTERM);
    daemon.ends_within(Duration::from_secs(60));
    let daemon = Daemon::with(&world, &["--interval", "0"]);
    let after = daemon.status();
    daemon.assert(after["last"] == before["last"], &format!("{after} should tell what {before} told"));
    let at = after["last_run_at"].as_i64().unwrap();
    daemon.assert((at - before["last_run_at"].as_i64().unwrap()).abs() <= 60, &after.to_string());
    assert_eq!(daemon.metric("plex_linker_rules{state=\"linked\"}"), Some(1.0));
    assert_eq!(daemon.metric("plex_linker_last_run_success"), Some(1.0));
    assert_eq!(daemon.metric("plex_linker_last_run_timestamp_seconds"), Some(at as f64));
    assert_eq!(daemon.metric("plex_linker_last_run_duration_seconds"), None, "nobody knows");
    assert_eq!(daemon.runs(), 0);
    daemon.assert(daemon.get("/").body.contains("1 change: 1 of 1 rule linked"), "the page should tell the same");
}

#[test]
fn people_read_the_time_of_their_wall_and_programs_utc() {
    let world = linked();
    world.set("TZ", "<+0545>-5:45");
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let at = daemon.status()["last_run_at"].as_i64().unwrap();
    let (local, utc) = (civil(at + 20_700), time(at).replace(' ', "T"));
    let page = daemon.get("/").body;
    daemon.assert(page.contains(&format!("datetime=\"{utc}\" title=\"{local}+05:45\"")), &page);
    let log = daemon.log();
    daemon.assert(log.lines().all(|line| line[19..].starts_with("+05:45 ")), &log);
    assert_eq!(daemon.metric("plex_linker_last_run_timestamp_seconds"), Some(at as f64));
    let told = world.run(&["status"]).succeeds();
    assert!(told.stdout.lines().take(2).all(|line| line.contains("+05:45")), "{}", told.stdout);

    world.set("TZ", "Europe/Nowhere");
    let told = world.run(&["status"]).succeeds();
    assert!(told.stdout.lines().take(2).all(|line| line.contains("Z")), "{}", told.stdout);
    assert!(told.stderr.contains("TZ is \"Europe/Nowhere\""), "{}", told.stderr);
}

#[test]
fn nobody_at_standard_error_is_no_panic() {
    let world = World::new();
    world.set("PLEX_LINKER_LOG", "trace");
    for (arguments, code) in [(&["nonsense"][..], 2), (&["once"], 1)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        world.radarr.leave();
        let status = world.command(arguments).stderr(writer).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}
