//! Signals at every moment of the daemon's run: it is stopped at a system call of choice, gets them, and goes on.

use std::{
    fs,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::support::{
    campaign, cells,
    change::{CHANGING, Change},
    daemon::Daemon,
    scene,
    strace::{self, Strace},
    world::World,
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

const SERVE: [&str; 5] = ["serve", "--host", "127.0.0.1", "--port", "0"];

/// What it gets while it is stopped.
const WHAT: [(&str, &[Signal]); 3] = [
    ("nothing", &[]),
    ("a signal to end", &[Signal::SIGTERM]),
    ("two signals to end", &[Signal::SIGTERM, Signal::SIGINT]),
];

#[test]
fn a_daemon_that_is_told_to_end_in_a_run_leaves_every_link_whole() {
    if !strace::is_there() {
        return;
    }
    let step = campaign::size(60, 1) as usize;
    let mut cases = Vec::new();
    for change in [Change::New, Change::Target, Change::Name, Change::Upgrade, Change::Removal] {
        for (at, (call, number)) in calls_of_a_run(change).into_iter().enumerate() {
            if at % step == 0 || CHANGING.contains(&call.as_str()) {
                let (what, signals) = WHAT[cases.len() % WHAT.len()];
                cases.push((format!("{change:?}, {call} {number}, {what}"), (change, call, number, signals)));
            }
        }
    }
    let stopped = AtomicUsize::new(0);
    cells::each(&cases, |(change, call, number, signals)| {
        let world = World::new();
        change.world(&world);
        let mut daemon = Traced::start(&world, Strace::new().at(call, "signal=STOP", number).command(&world, &SERVE));
        if daemon.stops() {
            stopped.fetch_add(1, Ordering::Relaxed);
        }
        change.assert_one(&world, true);
        signals.iter().for_each(|signal| strace::signal(&daemon.strace, *signal));
        strace::signal(&daemon.strace, Signal::SIGCONT);
        if signals.is_empty() {
            daemon.wait("the run should go on to its end", |daemon| daemon.has_run());
            change.assert_links(&world);
            strace::signal(&daemon.strace, Signal::SIGTERM);
        }
        let ended = daemon.ends();
        // the second signal ends it at once, but may come when all is done
        world.assert(
            ended.code() == Some(0) || signals.len() == 2 && ended.code() == Some(1),
            "it should end by itself",
        );
        let log = daemon.log();
        world.assert(!log.contains("panicked") && !log.contains("error:"), &format!("to end is no failure: {log}"));
        change.assert_one(&world, true);
        let temporary = world.links().iter().any(|(path, _)| path.contains("/._"));
        world.assert(!temporary || signals.len() == 2, "the change in hand should be finished");
        world.run(&["once"]).succeeds();
        change.assert_links(&world);
        world.run(&["once"]).succeeds().says("nothing changed");
    });
    let stopped = stopped.into_inner();
    assert!(stopped > cases.len() * 8 / 10, "only {stopped} of {} daemons were stopped in their run", cases.len());
    campaign::figure(
        "SIGSTOP at every system call of the daemon's run, then SIGCONT alone, SIGTERM, or SIGTERM and SIGINT",
        &format!(
            "{stopped} times: every run went on, or ended with all links whole and the next one made up for the rest"
        ),
    );
}

#[test]
fn a_daemon_that_was_stopped_goes_on() {
    let world = scene::linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    daemon.signal(Signal::SIGSTOP);
    daemon.signal(Signal::SIGCONT);
    daemon.run_now();
    daemon.has_run(2);
}

/// On a cold disk it lasts for minutes.
#[test]
fn a_walk_through_the_tree_ends_at_once() {
    if !strace::is_there() {
        return;
    }
    let world = scene::linked();
    (0..400).for_each(|number| drop(world.folder(&format!("tv/{number}"))));
    let slow = Strace::new().at("getdents64", "delay_enter=250000", "1+");
    let words = slow.words(&world.media().with_file_name("trace"));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut daemon = Traced::start(&world, world.command_below(&words, &SERVE));
    let looks = |world: &World| strace::trace(world).matches("getdents64(").count();
    daemon.wait("it should walk through the tree", |daemon| looks(daemon.world) > 5);
    strace::signal(&daemon.strace, Signal::SIGTERM);
    world.assert(daemon.ends().code() == Some(0), "it should end by itself");
    let log = daemon.log();
    world.assert(log.contains("stopped: the rest is left to the next run"), &log);
    world.assert(looks(&world) < 100, "the rest of the tree should not be walked through");
}

/// What the daemon's main thread does in its first run, from the lock to its return.
fn calls_of_a_run(change: Change) -> Vec<(String, usize)> {
    let world = World::new();
    change.world(&world);
    let mut daemon = Traced::start(&world, Strace::new().command(&world, &SERVE));
    daemon.wait("there should be a run", |daemon| daemon.has_run());
    strace::signal(&daemon.strace, Signal::SIGTERM);
    daemon.ends();
    let calls = strace::calls(&world);
    let begin = calls.iter().position(|(call, _)| call == "flock").unwrap();
    let end = calls.iter().rposition(|(call, _)| call == "unlink").unwrap();
    calls[begin..end].to_vec()
}

/// A daemon under strace, which becomes known only by what it logs: it may be stopped before it answers.
struct Traced<'w> {
    world: &'w World,
    strace: Child,
}

impl Traced<'_> {
    fn start(world: &World, mut command: Command) -> Traced<'_> {
        let log = fs::File::create(world.state().join("daemon.log")).unwrap();
        command.env("TMPDIR", world.state()).stdout(Stdio::null()).stderr(log);
        Traced { world, strace: strace::start(&mut command) }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.world.state().join("daemon.log")).unwrap()
    }

    fn has_run(&self) -> bool {
        self.log().lines().any(|line| line.ends_with(" linked"))
    }

    fn wait(&mut self, what: &str, so: impl Fn(&Traced) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(self) {
            let ended = self.strace.try_wait().unwrap();
            let late = Instant::now() > deadline;
            self.world.assert(ended.is_none() && !late, &format!("{what}, but {ended:?}:\n{}", self.log()));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it is stopped, or its run has ended without that.
    fn stops(&mut self) -> bool {
        let stopped = |daemon: &Traced| strace::trace(daemon.world).contains("--- stopped by SIGSTOP");
        self.wait("it should be stopped", |daemon| stopped(daemon) || daemon.has_run());
        stopped(self)
    }

    fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(ended) = self.strace.try_wait().unwrap() {
                return ended;
            }
            self.world.assert(Instant::now() < deadline, "it should end");
            // what it is to be stopped at may come after its run
            strace::signal(&self.strace, Signal::SIGCONT);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Traced<'_> {
    fn drop(&mut self) {
        if self.strace.try_wait().is_ok_and(|ended| ended.is_none()) {
            strace::signal(&self.strace, Signal::SIGKILL);
            _ = self.strace.wait();
        }
    }
}
