//! Two runs at once never both work, and a run that died is no run.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    postgres,
    sample::{BOTH, Sample},
    waiting::Waiting,
    world::World,
};

/// A run that has the lock.
fn holder(world: &World) -> Waiting {
    Waiting::start(world, &world.radarr, "GET /api/v3/movie")
}

/// Does nothing because another run is busy, and says so.
#[track_caller]
fn assert_busy(world: &World, variables: &[(&str, &str)], who: &str) {
    let (asked, tree) = (world.requests(), world.tree());
    world.run_with(variables, &["once"]).succeeds().says(who).says("nothing done");
    world.run_with(variables, &["once", "--dry-run"]).succeeds().says("nothing done");
    world.assert(world.requests() == asked && world.tree() == tree, "the second run should do nothing at all");
}

#[test]
fn two_runs_at_once_never_both_work() {
    // D12
    let world = World::new();
    Sample::new(&world);
    let holder = holder(&world);
    assert_busy(&world, &[], &format!("another run (process {} on ", holder.id()));
}

#[test]
fn a_run_that_is_busy_is_named_even_if_others_have_run_before_it() {
    let world = World::new();
    Sample::linked(&world);
    let holder = holder(&world);
    assert_busy(&world, &[], &format!("another run (process {} on ", holder.id()));
}

#[test]
fn two_runs_at_once_never_both_work_even_if_the_lock_file_is_removed() {
    let world = World::new();
    Sample::new(&world);
    let _holder = holder(&world);
    fs::remove_file(world.state().join("plex_linker.db.lock")).unwrap();
    assert_busy(&world, &[], &format!("another run is working on {}", world.media().display()));
}

#[test]
fn two_databases_with_one_media_root_never_both_work() {
    // D12c
    let world = World::new();
    Sample::new(&world);
    let _holder = holder(&world);
    let other = format!("sqlite:///{}", world.state().join("other.db").display());
    assert_busy(&world, &[("DATABASE_URL", &other)], "another run is working on");
}

#[test]
fn two_machines_with_one_database_never_both_work() {
    let (one, other) = (World::new(), World::new());
    let url = postgres::database();
    for world in [&one, &other] {
        world.set("DATABASE_URL", &url);
        world.folder("tv");
    }
    let holder = holder(&one);
    assert_busy(&other, &[], "a run on another machine is using the database");
    holder.kill();
    // the server notices the end of a connection in its own time
    let deadline = Instant::now() + Duration::from_secs(60);
    while other.run(&["once"]).succeeds().output().contains("another machine") {
        other.assert(Instant::now() < deadline, "a killed run should free the database");
        thread::sleep(Duration::from_millis(20));
    }
    other.assert(other.requests() == 2, "the run should work");
}

#[test]
fn a_killed_run_leaves_nothing_that_matters() {
    // D01a
    let world = World::new();
    Sample::new(&world);
    holder(&world).kill();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
}

#[test]
fn a_run_that_is_told_to_end_leaves_nothing_that_matters() {
    // D01b
    let world = World::new();
    Sample::new(&world);
    let holder = holder(&world);
    kill(Pid::from_raw(holder.id() as i32), Signal::SIGTERM).unwrap();
    holder.ends();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
}

#[test]
fn the_old_programs_lock_file_means_nothing() {
    // D01a
    let world = World::new();
    Sample::new(&world);
    fs::write(world.state().join("pid.lock"), "1").unwrap();
    fs::write(world.path("pid.lock"), "1").unwrap();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
    world.assert(world.path("pid.lock").exists(), "a file that is not ours should stay");
}

#[test]
fn a_dry_run_is_not_the_last_run() {
    let world = World::new();
    Sample::new(&world);
    world.run(&["once", "--dry-run"]).succeeds();
    world.run(&["status"]).succeeds().says("there has been no run yet");
    world.run(&["once"]).succeeds();
    let last = || fs::metadata(world.state().join("plex_linker.db.lock")).unwrap().modified().unwrap();
    let before = last();
    world.run(&["once", "--dry-run"]).succeeds();
    world.assert(last() == before, "a dry run should leave the time of the last run alone");
    world.run(&["status"]).succeeds().says("last run ");
    world.run(&["once"]).succeeds();
    world.assert(last() > before, "a run should set the time of the last run");
}
