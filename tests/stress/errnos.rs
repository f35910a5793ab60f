//! Each system call of a run fails in every way: nothing is lost, one rule costs no other, and the next run makes up for everything.

use std::{
    collections::BTreeSet,
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::support::{
    campaign, cells,
    change::CHANGING,
    sample::{AKIRA, BLEACH_LINK, BLEACH_RETITLED, NARUTO_LINK, PAPRIKA, Sample, TO_AKIRA, TO_PAPRIKA},
    scene::{self, OTHER_LINK, OTHER_TARGET},
    strace::{self, Strace},
    tree,
    world::World,
};

/// The name, and what people read of it where it is told: the texts of glibc and of musl.
type Error = (&'static str, &'static [&'static str]);

const ERRORS: [Error; 14] = [
    ("EIO", &["Input/output error", "I/O error"]),
    ("ENOSPC", &["No space left on device"]),
    ("EDQUOT", &["Disk quota exceeded", "Quota exceeded"]),
    ("EROFS", &["Read-only file system"]),
    ("EACCES", &["Permission denied"]),
    ("EPERM", &["Operation not permitted"]),
    ("ESTALE", &["Stale file handle"]),
    // it is taken for a symlink in the way, which then is none
    (
        "ELOOP",
        &[
            "Too many levels of symbolic links",
            "Symbolic link loop",
            "a part of its path is not a folder",
            "No such file",
        ],
    ),
    ("ENAMETOOLONG", &["File name too long", "Filename too long"]),
    ("EMFILE", &["Too many open files", "No file descriptors available"]),
    ("EINTR", &["Interrupted system call"]),
    ("EINVAL", &["Invalid argument", "something else has come to stand there"]),
    ("ENOSYS", &["Function not implemented"]),
    ("EEXIST", &["File exists", "something else has come to stand there", "its folder is not there"]),
];

/// SQLite tells no error numbers, and takes some of a lock's for somebody else's lock.
const SQLITE: [&str; 7] = [
    "another program has kept it locked",
    "access permission denied",
    "the file is damaged, or its disk fails",
    "the disk could not read or write it",
    "the disk is full",
    "the file, or its journal in the same folder, cannot be opened",
    "it can only be read",
];

type Place = (&'static str, &'static str);

const GONE: Place = ("tv/Trigun/Season 00/Trigun - S00E01 - Badlands DVD.mkv", "../../../movies/Badlands/Badlands.mkv");
const STAYS: Place = ("tv/Monster/Season 00/Monster - S00E01 - Blue DVD.mkv", "../../../movies/Blue/Blue.mkv");
const BY_HAND: Place = ("tv/Bleach/Season 00/by hand.mkv", "../../../movies/Paprika (2006)/Paprika.mkv");
const AKIRA_RENAMED: &str = "movies/Akira (1988)/Akira.mkv";

/// Each rule's link before and after: one is changed, one renamed, one made with its folder, one removed, one stays.
const PLACES: [(Option<Place>, Option<Place>); 5] = [
    (Some((NARUTO_LINK, TO_AKIRA)), Some((NARUTO_LINK, "../../../movies/Akira (1988)/Akira.mkv"))),
    (Some((BLEACH_LINK, TO_PAPRIKA)), Some((BLEACH_RETITLED, TO_PAPRIKA))),
    (None, Some((OTHER_LINK, OTHER_TARGET))),
    (Some(GONE), None),
    (Some(STAYS), Some(STAYS)),
];

/// All that can happen in one run is due.
fn everything_due(world: &World) {
    let sample = Sample::new(world);
    for (title, number, (link, _)) in [("Badlands", 1, GONE), ("Blue", 2, STAYS)] {
        let show = link.split('/').nth(1).unwrap();
        let film = world.movie(title, number).file(&format!("movies/{title}/{title}.mkv"), "DVD");
        world.rule(film, world.series(show, number).special(1, title), 1);
    }
    world.run(&["once"]).succeeds();
    world.link(BY_HAND.0, BY_HAND.1);
    world.put("tv/Naruto/Season 00/Naruto - S00E01 - Its own.mkv");
    world.put("tv/Trigun/Season 00/Trigun - S00E02 - Its own.mkv");
    sample.akira.upgrade(AKIRA_RENAMED, "Bluray-1080p");
    sample.retitle();
    world.run(&["rules", "remove", "3"]).succeeds();
    scene::add_other(world);
    world.forget();
}

/// With subtitles: one comes, one goes, one is called otherwise, and one moves with its film's link.
fn subtitles_due(world: &World) {
    let sample = Sample::new(world);
    for (title, number) in [("Badlands", 1), ("Blue", 2)] {
        let show = ["Trigun", "Monster"][number as usize - 1];
        let film = world.movie(title, number).file(&format!("movies/{title}/{title}.mkv"), "DVD");
        world.rule(film, world.series(show, number).special(1, title), 1);
    }
    let of_film = |path: &str, end: &str| world.put(&path.replace(".mkv", end));
    of_film(PAPRIKA, ".en.srt");
    of_film("movies/Blue/Blue.mkv", ".en.srt");
    of_film("movies/Badlands/Badlands.mkv", ".en.srt");
    world.run(&["once"]).succeeds();
    world.link(BY_HAND.0, BY_HAND.1);
    world.put("tv/Naruto/Season 00/Naruto - S00E01 - Its own.en.srt");
    of_film(AKIRA, ".en.srt");
    world.remove("movies/Blue/Blue.en.srt");
    fs::rename(world.path("movies/Badlands/Badlands.en.srt"), world.path("movies/Badlands/Badlands.de.srt")).unwrap();
    sample.retitle();
    world.forget();
}

/// A link and its text.
type Link = (String, String);

/// A place before and after.
type Changed = (Option<Link>, Option<Link>);

/// What is due in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Everything,
    Subtitles,
}

impl Due {
    fn world(self) -> World {
        let world = World::new();
        match self {
            Due::Everything => everything_due(&world),
            Due::Subtitles => subtitles_due(&world),
        }
        world
    }

    /// The places of each rule.
    fn places(self) -> Vec<Vec<Changed>> {
        let link = |(path, text): Place, end: &str| Some((path.replace(".mkv", end), text.replace(".mkv", end)));
        let film = |place: Place| link(place, ".mkv");
        let stays = |place: Place| (film(place), film(place));
        if self == Due::Everything {
            return PLACES.map(|(before, after)| vec![(before.and_then(film), after.and_then(film))]).into();
        }
        let (akira, paprika, retitled) =
            ((NARUTO_LINK, TO_AKIRA), (BLEACH_LINK, TO_PAPRIKA), (BLEACH_RETITLED, TO_PAPRIKA));
        vec![
            vec![stays(akira), (None, link(akira, ".en.srt"))],
            [".mkv", ".en.srt"].map(|end| (link(paprika, end), link(retitled, end))).into(),
            vec![stays(STAYS), (link(STAYS, ".en.srt"), None)],
            vec![stays(GONE), (link(GONE, ".en.srt"), None), (None, link(GONE, ".de.srt"))],
        ]
    }
}

/// What is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    MediaTree,
    Database,
}

impl Aim {
    fn root(self, world: &World) -> String {
        match self {
            Aim::MediaTree => world.media(),
            Aim::Database => world.state().join("plex_linker.db"),
        }
        .display()
        .to_string()
    }

    fn paths(self, world: &World) -> Vec<String> {
        let paths = match self {
            Aim::MediaTree => {
                let below = tree::entries(&world.media()).into_iter().map(|entry| world.path(&entry.path));
                let after = [Due::Everything, Due::Subtitles].into_iter().flat_map(|due| due.places().concat());
                let new = after.filter_map(|(_, after)| after).map(|(path, _)| world.path(&path));
                below.chain(new).chain([world.path("tv/One Piece/Season 00"), world.media()]).collect::<Vec<_>>()
            }
            Aim::Database => {
                let files =
                    ["", "-journal", "-wal", ".lock"].map(|end| world.state().join(format!("plex_linker.db{end}")));
                files.into_iter().chain([world.state()]).collect()
            }
        };
        paths.iter().map(|path| path.display().to_string()).collect()
    }
}

#[derive(Debug, Clone)]
struct Cell {
    due: Due,
    aim: Aim,
    call: String,
    when: String,
    error: Error,
}

#[test]
fn no_failing_system_call_costs_a_link_or_another_rule() {
    // D03b, D46 and the matrix of reliability.md 1.5
    if !strace::is_there() {
        return;
    }
    let struck = strike(&[Aim::MediaTree, Aim::Database].map(|aim| cases(Due::Everything, aim)).concat());
    campaign::figure(
        "an error of each system call of a run on the media tree and the database, 14 errors",
        &format!("{struck} runs: no file and no link lost, no other rule left undone, all right after the next run"),
    );
}

#[test]
fn no_failing_system_call_costs_a_subtitle_or_another_rule() {
    if !strace::is_there() {
        return;
    }
    let struck = strike(&cases(Due::Subtitles, Aim::MediaTree));
    campaign::figure(
        "an error of each system call on the media tree of a run with subtitles, of which one comes, one goes, one changes and one moves with its film's link, 14 errors",
        &format!("{struck} runs: no file and no link lost, no other rule left undone, all right after the next run"),
    );
}

/// How many runs were struck, each of which left what it should.
fn strike(cases: &[(String, Cell)]) -> usize {
    let struck = AtomicUsize::new(0);
    cells::each(cases, |cell| struck_run(cell, &struck));
    let struck = struck.into_inner();
    assert!(struck > cases.len() * 9 / 10, "only {struck} of {} runs were struck", cases.len());
    struck
}

/// Each call on what is aimed at, each of its occurrences and all of them at once, each error; all of these in a campaign.
fn cases(due: Due, aim: Aim) -> Vec<(String, Cell)> {
    let world = due.world();
    let calls = Strace::new().only(aim.paths(&world)).calls(&world);
    // that a file cannot be closed is nobody's concern
    let names: BTreeSet<&str> = calls.iter().map(|(call, _)| call.as_str()).filter(|call| *call != "close").collect();
    let mut cases = Vec::new();
    for (index, call) in names.into_iter().enumerate() {
        let times = calls.iter().filter(|(name, _)| name == call).count();
        let whens: Vec<String> = (1..=times).map(|at| at.to_string()).chain(["1+".into()]).collect();
        let most = campaign::size(1, whens.len() as u64) as usize;
        // each time every second error of what changes the tree, some of the others, and a disk that fails for good
        let step = match aim {
            Aim::MediaTree if CHANGING.contains(&call) && due == Due::Everything => campaign::size(2, 1),
            Aim::MediaTree if CHANGING.contains(&call) => campaign::size(5, 1),
            Aim::MediaTree => campaign::size(9, 1),
            Aim::Database => campaign::size(19, 1),
        };
        for (turn, error) in ERRORS.into_iter().enumerate() {
            let first = index + turn;
            let some = whens.iter().cycle().skip(first).take(if first % step as usize == 0 { most } else { 0 });
            let mut some: BTreeSet<&str> = some.map(String::as_str).collect();
            match error.0 {
                "EIO" => drop(some.insert("1+")),
                // Rust's library and SQLite try again for ever what is interrupted each time
                "EINTR" => drop(some.remove("1+")),
                _ => {}
            }
            for when in some {
                let name = format!("{aim:?}, {call} {when}, {}", error.0);
                cases.push((name, Cell { due, aim, call: call.into(), when: when.into(), error }));
            }
        }
    }
    cases
}

fn struck_run(Cell { due, aim, call, when, error: (name, causes) }: &Cell, struck: &AtomicUsize) {
    let world = due.world();
    let files = files(&world);
    let outcome = Strace::new().only(aim.paths(&world)).at(call, &format!("error={name}"), when).once(&world);
    let outcome = outcome.never_says("panicked");
    if strace::hits(&world) > 0 {
        struck.fetch_add(1, Ordering::Relaxed);
    }

    world.assert(files.iter().all(|file| self::files(&world).contains(file)), "a file is lost");
    let undone = undone(&world, *due);
    if outcome.code() == Some(0) {
        world.assert(undone == 0, "what is left undone should be told");
    } else {
        let told = outcome.exits(1).output();
        let told: Vec<&str> = told.lines().filter(|line| !line.starts_with("strace: ")).collect();
        let root = aim.root(&world);
        let causes = causes.iter().chain(SQLITE.iter().filter(|_| *aim == Aim::Database));
        let line = |cause: &str| told.iter().any(|line| line.contains(&root) && line.contains(cause));
        world.assert(causes.into_iter().any(|cause| line(cause)), "the path and the cause should be told");
        let shared = told.iter().any(|line| line.contains("MEDIA_ROOT"));
        let one = *aim == Aim::MediaTree && when != "1+" && !shared;
        world.assert(undone <= 1 || !one, "the other rules should be done");
    }

    world.run(&["once"]).succeeds();
    let links: Vec<Link> = due.places().concat().into_iter().filter_map(|(_, after)| after).collect();
    let links = links.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    world.assert_links(&links.chain([BY_HAND]).collect::<Vec<_>>());
    world.run(&["once"]).succeeds().says("nothing changed");
}

/// Everything but links.
fn files(world: &World) -> Vec<String> {
    let entries = tree::entries(&world.media()).into_iter();
    entries.filter(|entry| entry.target.is_none()).map(|entry| entry.path).collect()
}

/// How many rules do not have their new links alone. Each has its old ones or its new ones, and nobody else's are touched.
fn undone(world: &World, due: Due) -> usize {
    let links = world.links();
    let is = |place: &Link| links.contains(place);
    world.assert(is(&(BY_HAND.0.into(), BY_HAND.1.into())), "a link of somebody else's is lost");
    let is_done = |(before, after): &Changed| {
        if let (Some(before), Some(after)) = (before, after) {
            // what is left of subtitles beside a link that has gone Sonarr removes
            let is_subtitle = before.0.ends_with(".srt") && before != after;
            world.assert(is(before) || is(after) || is_subtitle, "a rule has neither its old link nor its new one");
        }
        after.as_ref().is_none_or(is) && (before == after || before.as_ref().is_none_or(|before| !is(before)))
    };
    due.places().iter().filter(|places| !places.iter().all(is_done)).count()
}
