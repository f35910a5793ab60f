//! The world: Sonarr learns from the disk, and failures show the scene.

use crate::support::world::{Show, Unplugged, World};

const FILM: &str = "movies/Akira (1988)/Akira (1988) Bluray-1080p.mkv";

/// A film, a show with one special, and no link.
fn world() -> World {
    let world = World::new();
    world.movie("Akira", 149).file(FILM, "Bluray-1080p");
    world
}

fn show(world: &World) -> Show<'_> {
    world.series("Naruto", 78857).special(5, "The Movie")
}

#[test]
fn sonarr_follows_a_link_in_its_own_namespace() {
    let world = World::with_app_roots("/shows", "/data/films");
    world.movie("Akira", 149).file(FILM, "DVD");
    let show = show(&world);
    let link = world.link("tv/Naruto/Season 00/S00E05.mkv", format!("../../../{FILM}"));
    assert!(link.exists());
    show.scan();
    assert_eq!(show.file_of(5), None, "what is right here is nowhere for Sonarr: the films are at another place there");
    world.remove("tv/Naruto/Season 00/S00E05.mkv");
    world.link("tv/Naruto/Season 00/S00E05.mkv", "/data/films/Akira (1988)/Akira (1988) Bluray-1080p.mkv");
    show.scan();
    assert_eq!(show.file_of(5).unwrap(), "Season 00/S00E05.mkv");
}

#[test]
fn sonarr_passes_over_what_it_ignores() {
    let world = world();
    let show = show(&world);
    for name in ["._x S00E05.mkv", ".hidden/S00E05.mkv", "Extras/S00E05.mkv", "S00E05.txt", "S00E05a.mkv", "Movie.mkv"]
    {
        show.file(name);
        assert_eq!(show.file_of(5), None, "{name}");
    }
    show.file("S00E05 S01E02.mkv");
    assert_eq!(show.file_of(5), None);
    show.file(".x s0e005.MKV");
    assert_eq!(show.file_of(5).unwrap(), ".x s0e005.MKV");
}

#[test]
fn a_missing_show_folder_forgets_its_files_unless_the_root_is_empty() {
    let world = world();
    let show = show(&world).file("S00E05.mkv");
    world.unplug("tv/Naruto", Unplugged::Gone);
    show.scan();
    assert_eq!(show.file_of(5).unwrap(), "S00E05.mkv", "the root is empty: an unplugged disk");
    world.folder("tv/Another");
    show.scan();
    assert_eq!(show.file_of(5), None);
}

#[test]
fn a_command_finds_the_variables_of_the_world_alone() {
    let world = world();
    world.set("PLEX_LINKER_LOG", "debug");
    for name in ["RADARR_0_API_KEY", "SONARR_0_API_KEY"] {
        world.unset(name);
    }
    let outcome = world.finish(world.command_below(&["env", "-u", "MEDIA_ROOT", "sh", "-c", "env; exit 3", "sh"], &[]));
    let outcome = outcome.exits(3).says("PLEX_LINKER_LOG=debug").never_says("MEDIA_ROOT");
    let names = [
        "DATABASE_URL",
        "PLEX_LINKER_CONFIG",
        "PLEX_LINKER_LOG",
        "PLEX_LINKER_PORT",
        "PWD",
        "RADARR_0_URL",
        "SONARR_0_URL",
        "STATE_DIRECTORY",
    ];
    let mut found: Vec<_> = outcome.stdout.lines().filter_map(|line| line.split('=').next()).collect();
    found.sort_unstable();
    assert_eq!(found, names);
}

#[test]
fn a_failure_shows_the_whole_scene() {
    let failed = std::panic::catch_unwind(|| {
        let world = world();
        world.finish(world.command_below(&["sh", "-c", "echo out; echo err >&2; exit 7"], &[])).succeeds();
    });
    let text = *failed.unwrap_err().downcast::<String>().unwrap();
    for part in
        ["the exit code should be 0", "\"sh\"", "exit status: 7", "    out\n", "    err\n", FILM, "Sonarr was asked:"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn a_key_that_is_shown_fails_the_test() {
    let failed = std::panic::catch_unwind(|| {
        let world = world();
        world.finish(world.command_below(&["sh", "-c", "echo $SONARR_0_API_KEY"], &[]));
    });
    assert!(failed.unwrap_err().downcast::<String>().unwrap().starts_with("a key was shown\n"));
}
