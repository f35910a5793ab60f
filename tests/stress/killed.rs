//! kill -9 at each of the run's own system calls, and what a run where nothing changed does to the disk; seen through strace.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::support::{
    campaign, cells,
    change::{CHANGES, CHANGING, Change, SUBTITLED},
    postgres,
    sample::{AKIRA, BLEACH_LINK, NARUTO_LINK, PAPRIKA, Sample},
    scene,
    strace::{self, Strace},
    world::World,
};

/// What a run that is killed works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Sqlite,
    PostgreSql,
    /// SQLite, and a file system that cannot exchange two names.
    NoExchange,
}

impl On {
    fn world(self) -> World {
        let world = World::new();
        if self == On::PostgreSql {
            world.set("DATABASE_URL", &postgres::database());
        }
        world
    }
}

#[test]
fn a_run_killed_at_any_moment_is_made_up_for_by_the_next() {
    // D01a and D-kill; D03a
    if !strace::is_there() {
        return;
    }
    let without_exchange =
        [Change::Target, Change::Name, Change::Folder, Change::Removal].map(|change| (change, On::NoExchange));
    let on_postgresql = [Change::New, Change::Target, Change::Name, Change::Removal, Change::Nothing];
    let on_postgresql = on_postgresql.map(|change| (change, On::PostgreSql));
    let all = CHANGES.map(|change| (change, On::Sqlite)).into_iter().chain(without_exchange).chain(on_postgresql);
    let cases: Vec<Case> = all.flat_map(|(change, on)| cases_of(change, on)).collect();
    let killed = killed(&cases);
    campaign::figure(
        "kill -9 at every system call of a run, on SQLite and PostgreSQL: new, changed, renamed, upgraded, removed link, nothing to do, first start, old database",
        &format!(
            "{killed} kills: the old or the new link there at each, never both, all right after the next run, no database damaged"
        ),
    );
}

#[test]
fn a_run_with_subtitles_killed_at_any_moment_is_made_up_for_by_the_next() {
    if !strace::is_there() {
        return;
    }
    let mut cases = Vec::new();
    for change in SUBTITLED {
        cases.extend(cases_of(change, On::Sqlite));
    }
    cases.extend(cases_of(Change::SubtitledUpgrade, On::NoExchange));
    cases.extend(cases_of(Change::Subtitles, On::PostgreSql));
    let killed = killed(&cases);
    campaign::figure(
        "kill -9 at every system call of a run with subtitles, on SQLite and PostgreSQL: one comes, one goes, three move with their film's link, three go with it",
        &format!(
            "{killed} kills: of each the old or the new link there, never both, all right after the next run, no database damaged"
        ),
    );
}

type Case = (String, (Change, On, Strace));

/// A kill at each call, or at some; at each of those that change the tree, and at the one after it, or on what is not usual at some of
/// these.
fn cases_of(change: Change, on: On) -> Vec<Case> {
    let step = campaign::size(160, 1) as usize;
    let step_of_changes = match on {
        On::Sqlite if SUBTITLED.contains(&change) => campaign::size(2, 1),
        On::Sqlite => 1,
        On::NoExchange | On::PostgreSql => campaign::size(5, 1),
    } as usize;
    let mut changed = 0;
    let strace = match on {
        On::NoExchange => Strace::new().at("renameat2", "error=EINVAL", "1+"),
        On::Sqlite | On::PostgreSql => Strace::new(),
    };
    let world = on.world();
    change.world(&world);
    let calls = strace.calls(&world);
    let changes = |at: usize| CHANGING.contains(&calls[at].0.as_str());
    let mut cases = Vec::new();
    for (at, (call, number)) in calls.iter().enumerate() {
        // all but the changes themselves is the same without an exchange
        let is_change = changes(at) || at > 0 && changes(at - 1);
        changed += usize::from(is_change);
        // other ones in each kind of run
        let is_some = (at + 23 * change as usize).is_multiple_of(step);
        if on != On::NoExchange && is_some || is_change && changed % step_of_changes == 0 {
            let struck = strace.clone().at(call, "signal=KILL", number);
            cases.push((format!("{change:?} on {on:?}, {call} {number}"), (change, on, struck)));
        }
    }
    cases
}

/// How many runs were killed, each of which left what it should.
fn killed(cases: &[Case]) -> usize {
    let killed = AtomicUsize::new(0);
    cells::each(cases, |(change, on, strace)| {
        let world = on.world();
        let sample = change.world(&world);
        let outcome = strace.once(&world);
        if outcome.signal().is_none() {
            // threads that wait for each other do not always make as many calls
            outcome.succeeds();
        } else {
            killed.fetch_add(1, Ordering::Relaxed);
            // without it there is an instant in which the link is aside
            change.assert_one(&world, *on != On::NoExchange);
        }
        if *change == Change::FirstStart {
            sample.add_rules();
        }
        postgres::once_it_is_free(&world);
        change.assert_links(&world);
        assert_told(&world, &sample, *change);
        world.forget();
        world.run(&["once"]).succeeds().says("nothing changed");
        change.assert_links(&world);
        world.assert_posts(&[]);
        if *on != On::PostgreSql {
            let database = rusqlite::Connection::open(change.database(&world)).unwrap();
            let check: String = database.query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
            world.assert_same("quick_check", &check, "ok");
        }
    });
    let killed = killed.into_inner();
    assert!(killed > cases.len() * 9 / 10, "only {killed} of {} runs were killed", cases.len());
    killed
}

/// By both runs together the apps heard of the change; what was told twice does no harm.
fn assert_told(world: &World, sample: &Sample, change: Change) {
    let posts = world.posts();
    let (naruto, bleach) = (sample.told_of_naruto(), sample.told_of_bleach());
    let expected = match change {
        Change::New | Change::FirstStart | Change::OldDatabase | Change::Folder | Change::Depth => {
            [naruto, bleach].concat()
        }
        Change::Name | Change::Upgrade | Change::Removal => bleach.to_vec(),
        Change::Target => naruto.to_vec(),
        Change::Nothing => vec![],
        // Radarr has nothing to do with subtitles
        Change::Subtitles => naruto[..2].to_vec(),
        Change::SubtitledUpgrade | Change::SubtitledRemoval => bleach.to_vec(),
    };
    world.assert(expected.iter().all(|post| posts.contains(post)), "the apps should have heard of the change");
}

/// Specials of one title, so that each one's link has the name that another one's had. Two that swap are never seen half-way; of three
/// that go round each name leads to the film that it led to before, or to its new one.
#[test]
fn specials_that_take_each_others_numbers_are_right_after_a_run_that_was_killed_and_another() {
    if !strace::is_there() {
        return;
    }
    for count in [2usize, 3] {
        let link = |number: usize| format!("tv/Show/Season 00/Show - S00E0{number} - TBA DVD.mkv");
        let text = |film: usize| format!("../../../movies/{film}/A.mkv");
        let before: Vec<_> = (1..=count).map(|number| (link(number), text(number))).collect();
        let after: Vec<_> = (1..=count).map(|number| (link(number), text(number % count + 1))).collect();
        let world = || {
            let world = World::new();
            let show = world.series("Show", 1);
            for number in 1..=count {
                let id = number as i32;
                let film = world.movie(&format!("Film {id}"), id).file(&format!("movies/{id}/A.mkv"), "DVD");
                show.special(number as u32, "TBA");
                world.rule(film, show, id);
            }
            world.run(&["once"]).succeeds();
            assert_eq!(world.links(), before);
            for number in 2..=count as u32 {
                show.tvdb_swaps(number - 1, number);
            }
            world
        };
        let calls = Strace::new().calls(&world()).into_iter();
        let looks = campaign::size(2, 1) as usize;
        let calls = calls.filter(|(call, number)| {
            CHANGING.contains(&call.as_str()) || call == "readlinkat" && number.is_multiple_of(looks)
        });
        let cases: Vec<_> = calls.map(|call| (format!("{call:?}"), call)).collect();
        let killed = AtomicUsize::new(0);
        cells::each(&cases, |(call, number)| {
            let world = world();
            let outcome = Strace::new().at(call, "signal=KILL", number).once(&world);
            killed.fetch_add(usize::from(outcome.signal().is_some()), Ordering::Relaxed);
            let mut links = world.links();
            links.retain(|(path, _)| !path.contains("/._"));
            let whole = links.len() == count && (0..count).all(|at| [&before[at], &after[at]].contains(&&links[at]));
            world.assert(whole, "each name should lead to its old film or its new one");
            world.assert(count > 2 || links == before || links == after, "both should change at one instant");
            world.run(&["once"]).succeeds();
            assert_eq!(world.links(), after);
            world.run(&["once"]).succeeds().says("nothing changed");
        });
        let killed = killed.into_inner();
        assert!(killed > 3, "only {killed} runs were killed");
        // where names cannot be exchanged
        let world = world();
        Strace::new().at("renameat2", "error=EINVAL", "1+").once(&world).succeeds();
        assert_eq!(world.links(), after);
        world.run(&["once"]).succeeds().says("nothing changed");
    }
}

/// Sonarr has given the link another name, which says another quality than the film has by now: so a new one is made, and that one goes.
#[test]
fn a_run_that_is_killed_between_a_new_link_and_the_end_of_a_moved_one_is_finished_by_the_next() {
    if !strace::is_there() {
        return;
    }
    for struck in ["renameat2", "unlinkat"] {
        let world = scene::linked();
        let renamed = world.path("tv/Naruto/Season 00/Naruto - S00E05 - The Movie [DVD].mkv");
        fs::rename(world.path(scene::LINK), renamed).unwrap();
        scene::show(&world).scan();
        scene::film(&world).edit(|film| film.file.as_mut().unwrap().quality = "Bluray-1080p".into());
        let outcome = Strace::new().at(struck, "signal=KILL", "1").once(&world);
        world.assert(outcome.signal().is_some(), "the run should be killed");
        drop(outcome);
        world.run(&["once"]).succeeds();
        world.assert_links(&[(&scene::LINK.replace("DVD", "Bluray-1080p"), scene::TARGET)]);
        world.assert_settled();
    }
}

#[test]
fn a_run_in_which_nothing_changed_writes_nothing_and_tells_nobody() {
    // D04
    if !strace::is_there() {
        return;
    }
    for change in [Change::New, Change::Target, Change::Name, Change::Removal, Change::Subtitles] {
        let world = World::new();
        if change != Change::New {
            world.crowd();
        }
        change.world(&world);
        world.run(&["once"]).succeeds();
        change.assert_links(&world);
        let database = || fs::read(world.state().join("plex_linker.db")).unwrap();
        world.forget();
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
        let requests = if change == Change::New { 2 + shows } else { 3 * shows };
        world.assert(world.requests() == requests, "as few as can be should be asked for");
        let lists = ["GET /api/v3/movie", "GET /api/v3/series"];
        let is_list = |call: &String| lists.iter().any(|list| call == list || call.starts_with(&format!("{list}?")));
        let calls = [world.radarr.calls(), world.sonarr.calls()].concat();
        world.assert(calls.iter().any(is_list) == (change == Change::New), "lists are for small libraries");
    }
}

#[test]
fn a_run_in_which_nothing_changed_touches_only_the_places_of_the_rules() {
    if !strace::is_there() {
        return;
    }
    for (clean, one_by_one) in [("daily", false), ("daily", true), ("links", true), ("tree", false), ("tree", true)] {
        let world = World::new();
        if one_by_one {
            world.crowd();
        }
        Sample::linked(&world);
        world.put("movies/Other/Other.mkv");
        world.put("tv/Other/Season 01/Other - S01E01.mkv");
        world.set("PLEX_LINKER_CLEAN", clean);
        let trace = world.state().join("trace");
        let traced = ["strace", "-f", "-qq", "-y", "-o", trace.to_str().unwrap(), "-e", "trace=%file,getdents64"];
        world.finish(world.command_below(&traced, &["once"])).succeeds().says("nothing changed");

        let calls = fs::read_to_string(trace).unwrap();
        let touched: BTreeSet<PathBuf> = calls.lines().filter_map(touched).collect();
        let places = [NARUTO_LINK, BLEACH_LINK, AKIRA, PAPRIKA].map(|place| world.path(place));
        world.assert(places.iter().all(|place| touched.contains(place)), "the rules' places should be looked at");
        let is_named = |path: &PathBuf| places.iter().any(|place| place.starts_with(path));
        // the walk lists folders, and looks at no file in them
        let is_walk = |path: &PathBuf| clean == "tree" && path.is_dir();
        let others = touched.iter().filter(|path| path.starts_with(world.media()) && !is_named(path) && !is_walk(path));
        let others: Vec<_> = others.collect();
        world.assert(others.is_empty(), &format!("{clean}: nothing else should be touched, but {others:?}"));
    }
}

/// What a call in a trace names.
fn touched(line: &str) -> Option<PathBuf> {
    let (_, arguments) = line.split_once('(')?;
    let descriptor = |(first, rest): (&str, &str)| {
        let is_one = first == "AT_FDCWD" || first.bytes().all(|digit| digit.is_ascii_digit());
        rest.split_once('>').filter(|_| is_one).map(|(folder, _)| PathBuf::from(folder))
    };
    let folder = arguments.split_once('<').and_then(descriptor);
    match (folder, arguments.split('"').nth(1)) {
        (None, name) => name.map(PathBuf::from),
        (Some(folder), name) => Some(folder.join(name.unwrap_or_default())),
    }
}

#[test]
fn ten_rules_with_nothing_to_do_cost_no_more_than_two_lists_and_a_question_for_each_show() {
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
    world.assert(world.requests() <= 2 + 5, "no more than two lists and each show's specials should be asked for");
}
