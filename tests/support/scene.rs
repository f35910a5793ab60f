//! Where most tests begin: a film, a show with a special for it, and the rule that joins them.

use std::os::unix::fs::chown;

use super::world::{Film, Show, World};

/// The film's TMDB id, the show's TVDB id and the special's number.
pub const AKIRA: i32 = 149;
pub const NARUTO: i32 = 78857;
pub const SPECIAL: u32 = 5;

/// The film's file, its link and the link's text.
pub const FILM: &str = "movies/Akira (1988)/Akira.mkv";
pub const LINK: &str = "tv/Naruto/Season 00/Naruto - S00E05 - The Movie DVD.mkv";
pub const TARGET: &str = "../../../movies/Akira (1988)/Akira.mkv";

/// The same of [`add_other`].
pub const OTHER_FILM: &str = "movies/Red (2022)/Red.mkv";
pub const OTHER_LINK: &str = "tv/One Piece/Season 00/One Piece - S00E46 - Film Red DVD.mkv";
pub const OTHER_TARGET: &str = "../../../movies/Red (2022)/Red.mkv";

/// Rule 1, which no run has seen yet.
pub fn unlinked() -> World {
    let world = World::new();
    let film = world.movie("Akira", AKIRA).file(FILM, "DVD");
    let show = world.series("Naruto", NARUTO).special(SPECIAL, "The Movie");
    world.rule(film, show, SPECIAL as i32);
    world
}

/// The same after a run.
pub fn linked() -> World {
    let world = unlinked();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    world.forget();
    world
}

/// So many specials of one show, each linked to a film's `A.mkv`, beside which a `B.mkv` lies.
pub fn many(links: i32) -> World {
    let world = World::new();
    add_many(&world, links);
    world.run(&["once"]).succeeds();
    assert_eq!(world.links().len(), links as usize);
    world
}

/// The same, not linked yet.
pub fn add_many(world: &World, links: i32) {
    let show = world.series("Show", 1);
    for id in 1..=links {
        world.put(&format!("movies/{id}/B.mkv"));
        let film = world.movie(&format!("Film {id}"), id).file(&format!("movies/{id}/A.mkv"), "DVD");
        show.special(id as u32, &format!("Title {id}"));
        world.rule(film, show, id);
    }
}

pub fn film(world: &World) -> Film<'_> {
    world.known_movie(AKIRA)
}

pub fn show(world: &World) -> Show<'_> {
    world.known_series(NARUTO)
}

/// A further film, show and rule, which nothing keeps from being linked.
pub fn add_other(world: &World) {
    let film = world.movie("Red", 900_667).file(OTHER_FILM, "DVD");
    let show = world.series("One Piece", 81797).special(46, "Film Red");
    world.rule(film, show, 46);
}

/// From here on the program is no superuser, so that permissions hold for it.
pub fn as_ordinary_user(world: &World) {
    const NOBODY: u32 = 65534;
    if nix::unistd::geteuid().is_root() {
        world.set("PUID", &NOBODY.to_string());
        world.set("PGID", &NOBODY.to_string());
        let state = world.state();
        let files = state.read_dir().unwrap().map(|entry| entry.unwrap().path());
        for path in files.chain([state.clone()]) {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

/// `strace` in front of the program, making every call of this name fail, or only some of them (`:when=1`).
pub fn failing(call: &str, error: &str) -> Option<Vec<String>> {
    let works = std::process::Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        super::skip("strace is missing, or may not trace");
        return None;
    }
    let words = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")];
    let inject = ["-e".to_string(), format!("inject={call}:error={error}")];
    Some(words.map(String::from).into_iter().chain(inject).collect())
}
