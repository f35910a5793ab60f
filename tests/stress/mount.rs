//! The films' disk goes in every way that a disk can go, run after run: no link is removed, and when it is back nothing has changed.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::Command,
};

use crate::support::{
    campaign, cells,
    http::Answer,
    mount::Mount,
    scene::{self, FILM, LINK, OTHER_FILM, TARGET},
    skip,
    world::{Unplugged, World},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gone {
    Empty,
    Missing,
    /// A mounted file system that is empty.
    EmptyMounted,
    /// A disk of its own inside the library, which is there: its mount point alone is empty.
    EmptyInside,
    /// EACCES
    Denied,
    /// EIO
    Failing,
    /// Another one in its place.
    Other,
    /// Radarr says that it has no film.
    NoFilms,
    /// Radarr's answer is sound but lacks our film.
    OtherFilms,
}

const WAYS: [Gone; 9] = [
    Gone::Empty,
    Gone::Missing,
    Gone::EmptyMounted,
    Gone::EmptyInside,
    Gone::Denied,
    Gone::Failing,
    Gone::Other,
    Gone::NoFilms,
    Gone::OtherFilms,
];

/// The folder of `FILM`.
const INSIDE: &str = "movies/Akira (1988)";

#[test]
fn whatever_happens_to_the_films_no_link_is_removed() {
    // D08
    let runs = campaign::size(1, 100);
    let cases = WAYS.map(|gone| (format!("{gone:?}"), gone));
    cells::each(&cases, |gone| goes(*gone, runs));
    campaign::figure(
        &format!("runs while the films' disk is away, each of {} ways {runs} times", WAYS.len()),
        "0 of 20 links removed",
    );
}

/// Two links of rules and eighteen made by hand, as in the sample library of D08.
fn twenty() -> World {
    let world = scene::unlinked();
    scene::add_other(&world);
    for number in 0..18 {
        world.put(&format!("movies/Film {number}/Film.mkv"));
        world.link(&format!("tv/by hand/{number}.mkv"), format!("../../movies/Film {number}/Film.mkv"));
    }
    world.run(&["once"]).succeeds();
    world.forget();
    world
}

fn goes(gone: Gone, runs: u64) {
    let world = twenty();
    let links = world.links();
    assert_eq!(links.len(), 20);
    let movies = world.path("movies");
    let mut below: Vec<String> = Vec::new();
    match gone {
        Gone::Empty => world.unplug("movies", Unplugged::Empty),
        Gone::Missing => world.unplug("movies", Unplugged::Gone),
        Gone::EmptyMounted => {
            if !may_mount() {
                return skip("mounting a file system needs root");
            }
            let script = "mount -t tmpfs none \"$0\" && exec \"$@\"";
            below = ["unshare", "--mount", "sh", "-c", script].map(String::from).into();
            below.push(movies.display().to_string());
        }
        Gone::EmptyInside => world.unplug(INSIDE, Unplugged::Empty),
        Gone::Denied => {
            scene::as_ordinary_user(&world);
            fs::set_permissions(&movies, Permissions::from_mode(0o000)).unwrap();
        }
        Gone::Failing => {
            let Some(mut strace) = scene::failing("%file,getdents64", "EIO") else { return };
            // only what has to do with the disk fails
            strace.retain(|word| word != "--seccomp-bpf");
            let folders = fs::read_dir(&movies).unwrap().map(|entry| entry.unwrap().path());
            let files = folders.flat_map(|folder| [folder.join("Film.mkv"), folder]);
            for path in files.chain([movies.clone(), world.path(FILM), world.path(OTHER_FILM)]) {
                strace.extend(["-P".into(), path.display().to_string()]);
            }
            below = strace;
        }
        Gone::Other => {
            world.unplug("movies", Unplugged::Empty);
            world.put("movies/Holidays/2003.mkv");
        }
        Gone::NoFilms => world.radarr.on("GET /api/v3/movie", Answer::json("[]")),
        Gone::OtherFilms => {
            world.movie("Other", 5).file("movies/Other/Other.mkv", "DVD");
            world.radarr.delete(scene::AKIRA);
        }
    }
    let code = if matches!(gone, Gone::OtherFilms) { 0 } else { 1 };
    for _ in 0..runs {
        let words: Vec<&str> = below.iter().map(String::as_str).collect();
        let command = if words.is_empty() { world.command(&["once"]) } else { world.command_below(&words, &["once"]) };
        let outcome = world.finish(command).exits(code).never_says("remove ");
        outcome.says(match gone {
            Gone::Empty | Gone::Missing | Gone::EmptyMounted | Gone::EmptyInside => "is its disk mounted?",
            Gone::Denied => "ermission denied",
            Gone::Failing => "os error 5",
            // Radarr has the files: that another video is there does not matter
            Gone::Other => "let Radarr scan the film again",
            Gone::NoFilms => "it has no films at all, but there are links",
            // told once, and then no news
            Gone::OtherFilms => "1 of 2 rules linked",
        });
        world.assert(world.links() == links, "no link should be removed");
    }
    if matches!(gone, Gone::Empty | Gone::Missing) {
        world.run(&["once", "--force"]).exits(1);
        world.assert(world.links() == links, "no link should be removed, whatever is asked for");
    }

    match gone {
        Gone::Empty | Gone::Missing => world.plug("movies"),
        Gone::EmptyInside => world.plug(INSIDE),
        Gone::EmptyMounted | Gone::Failing => {}
        Gone::Denied => fs::set_permissions(&movies, Permissions::from_mode(0o755)).unwrap(),
        Gone::Other => {
            world.remove("movies");
            world.plug("movies");
        }
        Gone::NoFilms => world.radarr.heal(),
        Gone::OtherFilms => drop(world.movie("Akira", scene::AKIRA).file_in_radarr_only(FILM, "DVD")),
    }
    world.run(&["once"]).succeeds().says("nothing changed");
    world.assert(world.links() == links, "the links should be as they were");
    world.assert_posts(&[]);
}

/// A film that Radarr imports into the mount point of a disk that is away proves nothing about that disk, also not as a symlink's end.
#[test]
fn a_film_in_the_mount_point_of_a_disk_proves_nothing_about_the_disk() {
    for at in ["movies", "disk"] {
        let world = World::new();
        let Some(mount) = Mount::small(&world.path(at)) else { return };
        if at == "disk" {
            world.folder("disk/movies");
            world.link("movies", "disk/movies");
        }
        let film = world.movie("Akira", scene::AKIRA).file(FILM, "DVD");
        let show = world.series("Naruto", scene::NARUTO).special(scene::SPECIAL, "The Movie");
        world.rule(film, show, scene::SPECIAL as i32);
        world.put("movies/Paprika/Paprika.mkv");
        let paprika = ("tv/by hand/Paprika.mkv", "../../movies/Paprika/Paprika.mkv");
        world.link(paprika.0, paprika.1);
        world.run(&["once"]).succeeds();
        let all = [("movies", "disk/movies"), (LINK, TARGET), (scene::OTHER_LINK, scene::OTHER_TARGET), paprika];
        let stand = |which: &[usize]| {
            let folder = (at == "disk").then_some(0);
            let links: Vec<_> = folder.iter().chain(which).map(|link| all[*link]).collect();
            world.assert_links(&links);
        };
        stand(&[1, 3]);
        drop(mount);

        if at == "disk" {
            world.folder("disk/movies");
        }
        let red = world.movie("Red", 5).file(OTHER_FILM, "DVD");
        // and gets a rule
        let other = world.series("One Piece", 6).special(46, "Film Red");
        world.rule(red, other, 46);
        drop(film.scan());
        world.assert(!film.has_file(), "Radarr should have taken the mount point for the disk");
        for _ in 0..2 {
            world.run(&["once"]).exits(1).says("is its disk mounted?").never_says("remove ");
            stand(&[1, 2, 3]);
        }

        // a disk is not known by its number: it has another one now
        let Some(mount) = Mount::small(&world.path(at)) else { return };
        for path in [FILM, "movies/Paprika/Paprika.mkv", OTHER_FILM] {
            if at == "disk" {
                world.folder("disk/movies");
            }
            world.put(path);
        }
        drop(film.scan());
        world.run(&["once"]).succeeds().says("nothing changed");
        stand(&[1, 2, 3]);
        world.remove("movies/Akira (1988)");
        world.remove("movies/Paprika");
        drop(film.scan());
        world.run(&["once"]).succeeds().says("remove ");
        stand(&[2]);
        drop(mount);
    }
}

/// Films that were moved from a disk of their own into the library's are seen there, and their links go again as any.
#[test]
fn a_disk_that_is_no_more_is_forgotten_when_its_films_are_seen_elsewhere() {
    let world = World::new();
    let Some(mount) = Mount::small(&world.path("movies")) else { return };
    let film = world.movie("Akira", scene::AKIRA).file(FILM, "DVD");
    let show = world.series("Naruto", scene::NARUTO).special(scene::SPECIAL, "The Movie");
    world.rule(film, show, scene::SPECIAL as i32);
    world.run(&["once"]).succeeds();
    drop(mount);
    [FILM, OTHER_FILM].iter().for_each(|path| drop(world.put(path)));
    world.run(&["once"]).succeeds().says("nothing changed");
    world.remove("movies/Akira (1988)");
    drop(film.scan());
    world.run(&["once"]).succeeds().says("remove ");
    world.assert_links(&[]);
}

fn may_mount() -> bool {
    let tried = Command::new("unshare").args(["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    tried.is_ok_and(|output| output.status.success())
}
