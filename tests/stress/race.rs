//! Somebody else writes in the specials folders while links are made, changed and removed: no file of theirs is lost.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::support::{campaign, scene, world::World};

mod late;
mod step;

/// So many links are changed in one run; an importer takes every second one's place.
const LINKS: i32 = 40;

/// How many runs a test makes, each with `LINKS / 2` races.
fn rounds() -> u32 {
    campaign::size(2, 150) as u32
}

#[test]
fn an_import_while_links_change_is_never_lost() {
    race(None, relink);
}

/// Of a player or of Bazarr, which write subtitles where they find a video.
#[test]
fn a_subtitle_that_comes_while_links_of_subtitles_change_is_never_lost() {
    let world = scene::many(LINKS);
    (1..=LINKS).for_each(|id| drop(world.put(&format!("movies/{id}/Subs/A.en.srt"))));
    world.run(&["once"]).succeeds();
    let races = race_in(&world, None, subtitles);
    campaign::figure(
        "files moved onto the places of subtitles' links while these change, in whole runs",
        &format!("0 of {races} lost"),
    );
}

#[test]
fn an_import_while_links_are_renamed_is_never_lost() {
    race(None, rename);
}

/// As on mergerfs and other file systems that cannot exchange two names.
#[test]
fn an_import_while_links_change_without_exchange_is_never_lost() {
    race(scene::failing("renameat2", "EINVAL"), relink);
}

#[test]
fn an_import_while_links_are_renamed_without_exchange_is_never_lost() {
    race(scene::failing("renameat2", "EINVAL"), rename);
}

/// The films get other files: every link gets another text.
fn relink(world: &World, round: u32) {
    for id in 1..=LINKS {
        world.known_movie(id).edit(|movie| {
            movie.file.as_mut().unwrap().relative_path = ["B.mkv", "A.mkv"][round as usize % 2].into();
        });
    }
}

/// The specials get other titles: every link gets another name.
fn rename(world: &World, round: u32) {
    for number in 1..=LINKS as u32 {
        world.known_series(1).retitle(number, &format!("Title {round}"));
    }
}

/// A subtitle beside the film goes before that in the folder beside it: the links get other texts.
fn subtitles(world: &World, round: u32) {
    for path in (1..=LINKS).map(|id| format!("movies/{id}/A.en.srt")) {
        if round.is_multiple_of(2) { drop(world.put(&path)) } else { world.remove(&path) }
    }
}

fn race(strace: Option<Vec<String>>, change: impl Fn(&World, u32)) {
    race_in(&scene::many(LINKS), strace, change);
}

/// How many files were moved onto the places of links.
fn race_in(world: &World, strace: Option<Vec<String>>, change: impl Fn(&World, u32)) -> usize {
    let links = world.links().len();
    let mut races = 0;
    let command = || match &strace {
        Some(words) => world.command_below(&words.iter().map(String::as_str).collect::<Vec<_>>(), &["once"]),
        None => world.command(&["once"]),
    };
    for round in 0..rounds() {
        change(world, round);
        let (made, removed): (Vec<_>, Vec<_>) = steps(world).into_iter().partition(|(_, text)| text.is_some());
        // a link that could not be made keeps its old one: only one kind at a time is raced
        let steps = if removed.is_empty() || round % 2 == 0 { made } else { removed };
        let ended = AtomicBool::new(false);
        let (output, imported) = thread::scope(|scope| {
            let importer = scope.spawn(|| import(world, &steps, round, &ended));
            let outcome = world.finish(command());
            ended.store(true, Ordering::Release);
            (outcome.output(), importer.join().unwrap())
        });
        for (place, file) in &imported {
            world.assert(file.metadata().unwrap().nlink() == 1, &format!("the file at {} is lost", place.display()));
            let stays = place.symlink_metadata().is_ok_and(|found| found.is_file());
            world
                .assert(stays || output.contains("move it back by hand"), "a file that is elsewhere should be told of");
        }
        races += imported.len();
        // the importer's files go, and everything is linked again
        let folder = world.path("tv/Show/Season 00");
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_type().unwrap().is_file() {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        world.run(&["once"]);
        world.run(&["once"]).succeeds().says("nothing changed");
        assert_eq!(world.links().len(), links, "{}", world.tree());
    }
    assert!(races >= rounds() as usize, "only {races} files were moved while links changed");
    races
}

/// What is going to be done, in this order: the place, and the link's text that will tell that it is done; `None` if it will be gone.
fn steps(world: &World) -> Vec<(PathBuf, Option<String>)> {
    let preview = world.run(&["once", "--dry-run"]).succeeds().stdout;
    let step = |line: &str| {
        let (verb, rest) = line.split_once(' ')?;
        let (place, text) = match verb {
            "create" | "replace" => rest.split_once(" -> ").map(|(place, text)| (place, Some(text.to_string())))?,
            "rename" => {
                let (names, text) = rest.split_once(" -> ")?;
                (names.split_once(" to ")?.1, Some(text.to_string()))
            }
            "remove" => (rest.rsplit_once(": ")?.0, None),
            _ => return None,
        };
        Some((PathBuf::from(place), text))
    };
    let steps: Vec<_> = preview.lines().filter_map(step).collect();
    assert!(steps.len() >= LINKS as usize, "{preview}");
    steps
}

/// As soon as a step is done, moves a file onto the place of the next one, as Sonarr does when it imports. Every file is kept open, so
/// that it can be told whether it still has a name.
fn import(world: &World, steps: &[(PathBuf, Option<String>)], round: u32, ended: &AtomicBool) -> Vec<(PathBuf, File)> {
    let incoming = world.media().parent().unwrap().join("incoming");
    fs::create_dir_all(&incoming).unwrap();
    let mut imported = Vec::new();
    for (index, pair) in steps.chunks_exact(2).enumerate() {
        let [(before, text), (place, _)] = pair else { unreachable!() };
        let file = incoming.join(index.to_string());
        fs::write(&file, place.to_str().unwrap()).unwrap();
        let open = File::open(&file).unwrap();
        while !is_done(before, text.as_deref()) && !ended.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
        if ended.load(Ordering::Acquire) {
            break;
        }
        // another moment of the next step each time
        let pause = Instant::now() + Duration::from_micros(u64::from(round * 7 + index as u32 * 3) % 60);
        while Instant::now() < pause {}
        fs::rename(&file, place).unwrap();
        imported.push((place.clone(), open));
    }
    imported
}

fn is_done(place: &Path, text: Option<&str>) -> bool {
    fs::read_link(place).ok().as_deref() == text.map(Path::new)
}
