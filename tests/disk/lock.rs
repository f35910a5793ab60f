//! Two runs at once never both work, and a run that died is no run.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    campaign,
    daemon::Daemon,
    postgres,
    sample::{BOTH, Sample},
    scene,
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
    // the run that is under way may ask Sonarr besides
    let (asked, tree) = (world.radarr.requests().len(), world.tree());
    world.run_with(variables, &["once"]).succeeds().says(who).says("nothing done");
    world.assert(
        world.radarr.requests().len() == asked && world.tree() == tree,
        "the second run should do nothing at all",
    );
}

#[test]
fn two_runs_at_once_never_both_work() {
    // D12; whether or not others have run before
    let (new, linked) = (World::new(), World::new());
    Sample::new(&new);
    Sample::linked(&linked);
    thread::scope(|scope| {
        for world in [&new, &linked] {
            scope.spawn(|| {
                let holder = holder(world);
                assert_busy(world, &[], &format!("another run (process {} on ", holder.id()));
                world.run(&["once", "--dry-run"]).succeeds().says("nothing done");
            });
        }
    });
}

/// It mostly is done in a moment.
#[test]
fn a_run_that_is_under_way_is_waited_for() {
    let world = World::new();
    Sample::linked(&world);
    let holder = holder(&world);
    thread::scope(|scope| {
        let second = scope.spawn(|| world.finish(world.command(&["once"])).succeeds().output());
        thread::sleep(Duration::from_millis(500));
        drop(holder);
        let said = second.join().unwrap();
        assert!(said.contains("nothing changed: 2 of 2 rules linked"), "{said}");
    });
}

#[test]
fn a_state_folder_that_cannot_lock_is_said() {
    let Some(strace) = scene::failing("flock", "ENOLCK") else { return };
    let world = World::new();
    Sample::linked(&world);
    let below: Vec<&str> = strace.iter().map(String::as_str).collect();
    for command in ["once", "check"] {
        world.finish(world.command_below(&below, &[command])).exits(1).says("its file system cannot lock files");
    }
    for left in ["plex_linker.db.check", "plex_linker.db.lock.check"] {
        assert!(!world.state().join(left).exists());
    }

    // SQLite calls the one busy and the other a failing disk
    let said =
        format!("the database {}: its file system cannot lock files", world.state().join("plex_linker.db").display());
    for (error, command) in
        [("ENOLCK", &["rules", "list"][..]), ("ENOLCK", &["check"]), ("EOPNOTSUPP", &["rules", "list"])]
    {
        let Some(strace) = scene::failing("flock,fcntl", error) else { return };
        let below: Vec<&str> = strace.iter().map(String::as_str).collect();
        world.finish(world.command_below(&below, command)).exits(1).says(&said);
    }
    for left in ["plex_linker.db.check", "plex_linker.db.lock.check"] {
        assert!(!world.state().join(left).exists());
    }
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
    postgres::once_it_is_free(&other);
    other.assert(other.requests() == 2, "the run should work");
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

/// A timer's run beside the daemon is as it should be: nobody is alarmed, and the daemon's own run comes later.
#[test]
fn a_daemon_that_finds_a_run_busy_has_not_failed() {
    let world = World::new();
    Sample::linked(&world);
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let _holder = holder(&world);
    daemon.run_now();
    daemon.wait("it should find the run busy", |daemon| daemon.log().contains(" is busy: nothing done"));
    daemon.wait("it should be done with that", |daemon| daemon.status()["running"] == false);
    let status = daemon.get("/api/status");
    daemon.assert(status.status == 200, &status.body);
    daemon.assert(daemon.runs() == 1, "what was not done is no run");
    daemon.assert(daemon.metric("plex_linker_last_run_success") == Some(1.0), "the last run was a success");
    let next = daemon.status()["next_run_at"].as_i64().unwrap() - daemon.status()["last_run_at"].as_i64().unwrap();
    daemon.assert(next < 10 * 60, "the next run should not wait for its usual turn");
}

/// Twenty at a time start runs. Sonarr is the witness: whoever has the lock asks for its shows and then for the specials of both, and
/// two that had it at once would ask in turns.
///
/// Tells how many of them worked, and how many others.
fn crowd(world: &World, starts: u64, besides: impl Fn() + Sync) -> (usize, usize) {
    let (worked, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                besides();
                thread::sleep(Duration::from_millis(1));
            }
        });
        let crowd: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..starts {
                        let outcome = world.run(&["once"]).succeeds();
                        let idle = outcome.output().contains("nothing done");
                        worked.fetch_add(usize::from(!idle), Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let crowd: Vec<_> = crowd.into_iter().map(|one| one.join()).collect();
        ended.store(true, Ordering::Relaxed);
        crowd.into_iter().for_each(|one| one.unwrap());
    });
    let calls = world.sonarr.calls();
    let calls: Vec<_> = calls.iter().filter(|call| call.starts_with("GET ")).collect();
    for run in calls.chunks(3) {
        // the daemon may be in the middle of its last one
        let questions = ["/series", "/episode?", "/episode?"];
        let sound = run.iter().zip(questions).all(|(call, question)| call.contains(question));
        world.assert(sound && (run.len() < 3 || run[1] != run[2]), &format!("two runs worked at once: {run:?}"));
    }
    world.assert_links(&BOTH);
    let worked = worked.into_inner();
    (worked, calls.len() / 3 - worked)
}

#[test]
fn of_a_crowd_of_runs_only_one_works_at_a_time() {
    // D12
    let starts = campaign::size(1, 50);
    let world = World::new();
    Sample::linked(&world);
    let (worked, others) = crowd(&world, starts, || {});
    world.assert(worked > 0 && others == 0, "some should work, and every run that asked should say what it did");

    let world = World::new();
    Sample::linked(&world);
    let lock = world.state().join("plex_linker.db.lock");
    let (worked, _) = crowd(&world, starts, || drop(fs::remove_file(&lock)));
    world.assert(worked > 0, "some should work");

    let world = World::new();
    Sample::linked(&world);
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.forget();
    // it may be at work all the time, or find the crowd at work each time
    let (_, others) = crowd(&world, starts, || daemon.run_now());
    daemon.run_now();
    daemon.wait("the daemon should work when the crowd has gone", |daemon| daemon.runs() > 1);
    campaign::figure(
        &format!(
            "20 processes that start a run {starts} times each; the same while the lock file is removed; the same beside a daemon"
        ),
        &format!("never two at once; the daemon worked {others} times meanwhile"),
    );
}
