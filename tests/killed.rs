//! kill -9 at each of the run's own system calls, and what a run where nothing changed does to the disk; seen through strace.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::support::{
    cells,
    sample::{BLEACH_LINK, BLEACH_RETITLED, BOTH, BOTH_RETITLED, NARUTO_LINK, Sample, TO_AKIRA, TO_PAPRIKA},
    skip,
    world::World,
};

const AKIRA_RENAMED: &str = "movies/Akira (1988)/Akira.mkv";
const TO_AKIRA_RENAMED: &str = "../../../movies/Akira (1988)/Akira.mkv";

fn strace_is_there() -> bool {
    let tried = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let works = tried.is_ok_and(|output| output.status.success());
    if !works {
        skip("strace is missing or may not trace: install it, and allow ptrace");
    }
    works
}

/// What changes between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    New,
    /// The film's file has another name.
    Target,
    /// The special has another title.
    Name,
    /// The rule is gone.
    Removal,
}

const CHANGES: [Change; 4] = [Change::New, Change::Target, Change::Name, Change::Removal];

impl Change {
    fn happens(self, sample: &Sample) {
        let world = sample.world;
        match self {
            Change::New => sample.rules(),
            Change::Target => drop(sample.akira.upgrade(AKIRA_RENAMED, "Bluray-1080p")),
            Change::Name => sample.retitle(),
            Change::Removal => drop(world.run(&["rules", "remove", "2"]).succeeds()),
        }
    }

    fn world(self, world: &World) -> Sample<'_> {
        let sample = if self == Change::New { Sample::without_rules(world) } else { Sample::linked(world) };
        self.happens(&sample);
        sample
    }

    fn links(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Change::New => BOTH.into(),
            Change::Target => vec![(NARUTO_LINK, TO_AKIRA_RENAMED), BOTH[1]],
            Change::Name => BOTH_RETITLED.into(),
            Change::Removal => vec![BOTH[0]],
        }
    }

    /// The old link or the new one stands at the moment of death, and the other rule's link in any case.
    fn assert_never_without(self, world: &World) {
        let links = world.links();
        let leads = |path: &str, texts: &[&str]| {
            links.iter().any(|(found, text)| found == path && texts.contains(&text.as_str()))
        };
        let sound = match self {
            Change::New => true,
            Change::Target => leads(NARUTO_LINK, &[TO_AKIRA, TO_AKIRA_RENAMED]) && leads(BLEACH_LINK, &[TO_PAPRIKA]),
            Change::Name => {
                let renamed = leads(BLEACH_LINK, &[TO_PAPRIKA]) || leads(BLEACH_RETITLED, &[TO_PAPRIKA]);
                leads(NARUTO_LINK, &[TO_AKIRA]) && renamed
            }
            Change::Removal => leads(NARUTO_LINK, &[TO_AKIRA]),
        };
        world.assert(sound, "neither the old link nor the new one was there at the moment of death");
    }
}

/// System calls of ours and how often each is struck at most; all later ones are alike.
const CALLS: [(&str, usize); 9] = [
    ("symlinkat", 2),
    ("renameat2", 2),
    ("unlinkat", 2),
    ("mkdirat", 2),
    ("ftruncate", 2),
    ("fdatasync", 8),
    ("pwrite64", 8),
    ("?unlink", 4),
    ("sendto", 8),
];

#[test]
fn a_run_killed_at_any_moment_is_made_up_for_by_the_next() {
    // D01a and D-kill; D03a
    if !strace_is_there() {
        return;
    }
    let mut cases = Vec::new();
    for change in CHANGES {
        for (call, most) in CALLS {
            cases.extend((1..=most).map(|at| (format!("{change:?}, {call} {at}"), (change, call, at))));
        }
    }
    let killed = AtomicUsize::new(0);
    cells::each(&cases, |(change, call, at)| {
        let world = World::new();
        let sample = change.world(&world);
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={at}"));
        let traced = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        let outcome = world.finish(world.command_below(&traced, &["once"]));
        if outcome.signal().is_none() {
            // there are not so many
            outcome.succeeds();
        } else {
            killed.fetch_add(1, Ordering::Relaxed);
            change.assert_never_without(&world);
        }
        world.run(&["once"]).succeeds();
        world.assert_links(&change.links());
        assert_told(&world, &sample, *change);
        world.forget();
        world.run(&["once"]).succeeds();
        world.assert_links(&change.links());
        world.assert_posts(&[]);
        let database = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
        let check: String = database.query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
        world.assert_same("quick_check", &check, "ok");
    });
    let killed = killed.into_inner();
    assert!(killed > cases.len() / 2, "only {killed} of {} runs were killed", cases.len());
}

/// By both runs together the apps heard of the change; what was told twice does no harm.
fn assert_told(world: &World, sample: &Sample, change: Change) {
    let posts = world.posts();
    let bleach = sample.told_of_bleach();
    let expected = match change {
        Change::New | Change::Name | Change::Removal => bleach.to_vec(),
        Change::Target => {
            let (show, film) = (sample.naruto.id(), sample.akira.id());
            vec![format!("RescanSeries {show}"), format!("RefreshSeries {show}"), format!("RescanMovie {film}")]
        }
    };
    world.assert(expected.iter().all(|post| posts.contains(post)), "the apps should have heard of the change");
}

#[test]
fn a_run_in_which_nothing_changed_writes_nothing_and_tells_nobody() {
    // D04
    if !strace_is_there() {
        return;
    }
    for change in CHANGES {
        let world = World::new();
        change.world(&world);
        world.run(&["once"]).succeeds();
        world.assert_links(&change.links());
        world.forget();
        let database = || fs::read(world.state().join("plex_linker.db")).unwrap();
        let before = database();
        let trace = world.state().join("trace");
        let calls = "trace=symlinkat,?symlink,renameat2,renameat,?rename,unlinkat,?unlink,mkdirat,?mkdir,linkat,?link,\
                     fsync,fdatasync,write,pwrite64,writev,pwritev,ftruncate,fchmod,fchmodat,fchown,utimensat";
        let traced = ["strace", "-f", "-qq", "-y", "-o", trace.to_str().unwrap(), "-e", calls];
        let outcome = world.finish(world.command_below(&traced, &["once"])).succeeds();
        let lines = outcome.output();
        world.assert(lines.lines().count() == 1 && lines.contains(" info: nothing changed: "), "one line should do");

        let calls = fs::read_to_string(trace).unwrap();
        let harmless = |line: &&str| {
            // the lock's note, the log, the threads' messages to each other and the questions to the apps
            ["plex_linker.db.lock>", "(2<", "<socket:", "<TCP:", "anon_inode", "<pipe:"]
                .iter()
                .any(|to| line.contains(to))
                || line.contains("+++")
                || line.contains("resumed>")
        };
        let writes: Vec<_> = calls.lines().filter(|line| !harmless(line)).collect();
        world.assert(writes.is_empty(), &format!("nothing should be written, but\n{}", writes.join("\n")));
        world.assert(calls.contains("plex_linker.db.lock"), "the trace should show something at all");
        world.assert(database() == before, "the database should be as it was");

        world.assert_posts(&[]);
        let shows = if change == Change::Removal { 1 } else { 2 };
        world.assert(world.requests() == 2 + shows, "two lists and each show's specials should be asked for");
    }
}

#[test]
fn ten_rules_with_nothing_to_do_cost_two_lists_and_a_question_for_each_show() {
    // D04
    let world = World::new();
    for show in 1..=5 {
        let name = format!("Show {show}");
        let series = world.series(&name, show).special(1, "One").special(2, "Two");
        for number in [1, 2] {
            let tmdb_id = show * 10 + number;
            let title = format!("Film {tmdb_id}");
            let film = world.movie(&title, tmdb_id).file(&format!("movies/{title}/{title}.mkv"), "DVD");
            world.rule(film, series, number);
        }
    }
    world.run(&["once"]).succeeds().says("10 of 10 rules linked");
    world.assert(world.posts().len() == 5 * 2 + 10, "each show is told twice and each film once");
    world.forget();
    world.run(&["once"]).succeeds();
    world.assert_posts(&[]);
    world.assert(world.requests() == 2 + 5, "two lists and each show's specials should be asked for");
}
