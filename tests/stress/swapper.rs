//! Somebody swaps a folder on the way to the links with a symlink that leads out of the media root: nothing outside is ever touched.

use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use crate::support::{campaign, scene, tree};

const LINKS: i32 = 40;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_specials_folder_that_is_swapped_leads_nobody_out() {
    swap("tv/Show/Season 00");
}

#[test]
fn a_shows_folder_that_is_swapped_leads_nobody_out() {
    swap("tv/Show");
}

fn swap(swapped: &str) {
    let world = scene::many(LINKS);

    // outside are the same names with the same texts: what is taken for ours there would be changed
    let outside = world.media().with_file_name("outside");
    copy(&world.path(swapped), &outside);
    let before = state(&outside);
    let trap = world.path("tv/.trap");
    symlink(&outside, &trap).unwrap();

    let (stop, swaps) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut runs, mut made, mut refused) = (0, 0, 0);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let place = world.path(swapped);
                renameat2(AT_FDCWD, &trap, AT_FDCWD, &place, RenameFlags::RENAME_EXCHANGE).unwrap();
                // where it waits for a processor for long, it does so with the folder in its place
                match swaps.fetch_add(1, Ordering::Relaxed) % 100 {
                    odd if odd % 2 == 1 => thread::yield_now(),
                    // a busy machine would meet the trap too seldom
                    0 => thread::sleep(Duration::from_micros(200)),
                    _ => {}
                }
            }
        });
        let time = Duration::from_millis(campaign::size(2_500, 300_000));
        let begin = Instant::now();
        // a busy machine may need longer for the first race
        while begin.elapsed() < time || (made == 0 || refused == 0) && begin.elapsed() < time + PATIENCE {
            let round = runs;
            for id in 1..=LINKS {
                world.known_movie(id).edit(|movie| {
                    movie.file.as_mut().unwrap().relative_path = ["B.mkv", "A.mkv"][round % 2].into();
                });
                if round % 3 == 2 {
                    world.known_series(1).retitle(id as u32, &format!("Title {round}"));
                }
            }
            let output = world.run(&["once"]).never_says("panicked").output();
            runs += 1;
            made +=
                [" create ", " replace ", " remove "].iter().map(|verb| output.matches(verb).count()).sum::<usize>();
            refused += output.matches("leads out of the media root").count();
            world.assert(state(&outside) == before, "something outside was touched");
        }
    });
    assert!(made > 0 && refused > 0, "{made} changes were made and {refused} refused: nothing was raced");

    if !trap.is_symlink() {
        renameat2(AT_FDCWD, &trap, AT_FDCWD, &world.path(swapped), RenameFlags::RENAME_EXCHANGE).unwrap();
    }
    fs::remove_file(&trap).unwrap();
    world.run(&["once"]);
    world.run(&["once"]).succeeds().says("nothing changed");
    assert_eq!(world.links().len(), LINKS as usize, "{}", world.tree());
    campaign::figure(
        &format!("{swapped} is swapped with a symlink that leads out of the media root, as fast as can be"),
        &format!("{} swaps, {runs} runs, {made} changes inside, {refused} refused: 0 escapes", swaps.into_inner()),
    );
}

/// Stops the swapper, also when the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match fs::read_link(&from) {
            Ok(text) => symlink(text, to).unwrap(),
            Err(_) => copy(&from, &to),
        }
    }
}

/// All that is there, and when each folder was last changed: what came and went would show as well.
fn state(folder: &Path) -> Vec<(PathBuf, String, i64, i64)> {
    let paths = tree::entries(folder).into_iter().map(|entry| (folder.join(&entry.path), entry.tail()));
    let paths = paths.chain([(folder.to_path_buf(), String::new())]);
    let state = paths.map(|(path, tail)| {
        let found = path.symlink_metadata().unwrap();
        (path, tail, found.ctime(), found.ctime_nsec())
    });
    state.collect()
}
