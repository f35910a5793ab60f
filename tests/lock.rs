//! Two runs at once never both work, and a run that died is no run.

use std::{
    fs,
    io::Read,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    http::Fault,
    postgres,
    sample::{BOTH, Sample},
    world::World,
};

/// A run that waits for Radarr's answer and has the lock. It ends with this.
struct Holder {
    child: Child,
}

impl Holder {
    fn start(world: &World) -> Holder {
        world.radarr.on_next(1, "GET /api/v3/movie", Fault::SILENT);
        let asked = world.radarr.requests().len();
        let child = world.command(&["once"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut holder = Holder { child };
        let deadline = Instant::now() + Duration::from_secs(60);
        while world.radarr.requests().len() == asked {
            if holder.child.try_wait().unwrap().is_some() {
                let mut said = String::new();
                holder.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                world.fail(&format!("the first run should wait for Radarr: {said}"));
            }
            world.assert(Instant::now() < deadline, "the first run should ask Radarr");
            thread::sleep(Duration::from_millis(5));
        }
        holder
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
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
    let holder = Holder::start(&world);
    assert_busy(&world, &[], &format!("another run (process {} on ", holder.child.id()));
}

#[test]
fn a_run_that_is_busy_is_named_even_if_others_have_run_before_it() {
    let world = World::new();
    Sample::linked(&world);
    let holder = Holder::start(&world);
    assert_busy(&world, &[], &format!("another run (process {} on ", holder.child.id()));
}

#[test]
fn two_runs_at_once_never_both_work_even_if_the_lock_file_is_removed() {
    let world = World::new();
    Sample::new(&world);
    let _holder = Holder::start(&world);
    fs::remove_file(world.state().join("plex_linker.db.lock")).unwrap();
    assert_busy(&world, &[], &format!("another run is working on {}", world.media().display()));
}

#[test]
fn two_databases_with_one_media_root_never_both_work() {
    // D12c
    let world = World::new();
    Sample::new(&world);
    let _holder = Holder::start(&world);
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
    let holder = Holder::start(&one);
    assert_busy(&other, &[], "a run on another machine is using the database");
    holder.kill();
    // the server notices the end of a connection in its own time
    let deadline = Instant::now() + Duration::from_secs(60);
    while other.run(&["once"]).succeeds().output().contains("another machine") {
        other.assert(Instant::now() < deadline, "a killed run should free the database");
    }
    other.assert(other.requests() == 2, "the run should work");
}

#[test]
fn a_killed_run_leaves_nothing_that_matters() {
    // D01a
    let world = World::new();
    Sample::new(&world);
    Holder::start(&world).kill();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
}

#[test]
fn a_run_that_is_told_to_end_leaves_nothing_that_matters() {
    // D01b
    let world = World::new();
    Sample::new(&world);
    let mut holder = Holder::start(&world);
    let pid = nix::unistd::Pid::from_raw(holder.child.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::SIGTERM).unwrap();
    holder.child.wait().unwrap();
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
