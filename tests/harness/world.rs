//! The world: the disk and the apps agree, Sonarr learns from the disk, and failures show the scene.

use std::fs;

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
fn builders_make_the_disk_and_the_apps_agree() {
    let world = world();
    show(&world).path("anime/Naruto").file("Season 00/Naruto - S00E05 - The Movie.mkv");
    world.assert_tree(&[
        "anime/",
        "anime/Naruto/",
        "anime/Naruto/Season 00/",
        "anime/Naruto/Season 00/Naruto - S00E05 - The Movie.mkv",
        "movies/",
        "movies/Akira (1988)/",
        FILM,
    ]);
    let movie = &world.radarr.movies()[0];
    let file = movie.file.as_ref().unwrap();
    let path = format!("{}/{}", movie.path, file.relative_path);
    assert_eq!(path, world.path(FILM).display().to_string());
    assert_eq!(file.size, fs::metadata(path).unwrap().len());
}

#[test]
fn apps_can_see_other_paths() {
    let world = World::with_app_roots("/shows", "/films");
    world.movie("Akira", 149).file(FILM, "DVD");
    show(&world);
    assert_eq!(world.radarr.movies()[0].path, "/films/Akira (1988)");
    assert_eq!(world.sonarr.series()[0].path, "/shows/Naruto");
    let maps = format!("/shows={0}/tv,/films={0}/movies", world.media().display());
    assert_eq!(world.variable("SONARR_0_PATH_MAP").unwrap(), maps);
}

#[test]
fn an_upgrade_leaves_one_file() {
    let world = World::new();
    let film = world.movie("Akira", 149).file(FILM, "DVD");
    film.upgrade("movies/Akira (1988)/Akira.mkv", "Bluray-1080p");
    world.assert_tree(&["movies/", "movies/Akira (1988)/", "movies/Akira (1988)/Akira.mkv"]);
    film.delete();
    world.assert_tree(&["movies/", "movies/Akira (1988)/"]);
    assert!(world.radarr.movies().is_empty());
}

#[test]
fn a_disk_can_be_unplugged() {
    let world = world();
    for left in [Unplugged::Gone, Unplugged::Empty] {
        world.unplug("movies", left);
        assert!(!world.path(FILM).exists());
        world.plug("movies");
        assert!(world.path(FILM).exists());
    }
}

#[test]
fn sonarr_finds_a_link_and_forgets_it() {
    let world = world();
    let show = show(&world);
    world.link("tv/Naruto/Season 00/Naruto - S00E05 - x Bluray-1080p.mkv", format!("../../../{FILM}"));
    show.scan();
    assert_eq!(show.file_of(5).unwrap(), "Season 00/Naruto - S00E05 - x Bluray-1080p.mkv");
    let file = world.sonarr.series()[0].episodes[0].file.clone().unwrap();
    assert_eq!(file.size, world.path(FILM).metadata().unwrap().len());
    world.remove("tv/Naruto/Season 00/Naruto - S00E05 - x Bluray-1080p.mkv");
    show.scan();
    assert_eq!(show.file_of(5), None);
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
fn a_known_link_that_broke_fails_the_scan_and_stays_known() {
    let world = world();
    let show = show(&world);
    world.link("tv/Naruto/S00E05.mkv", format!("../../{FILM}"));
    show.scan();
    world.remove(FILM);
    let exception = world.sonarr.scan(show.tvdb_id).unwrap_err();
    assert!(exception.contains(&world.path(FILM).display().to_string()), "{exception}");
    assert_eq!(show.file_of(5).unwrap(), "S00E05.mkv");
}

#[test]
fn a_new_broken_link_is_passed_over() {
    let world = world();
    let show = show(&world);
    world.link("tv/Naruto/S00E05.mkv", "nowhere.mkv");
    show.scan();
    assert_eq!(show.file_of(5), None);
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
fn a_better_file_stays() {
    let world = world();
    let show = show(&world).file("S00E05 Bluray-1080p.mkv").file("S00E05 DVD.mkv");
    assert_eq!(show.file_of(5).unwrap(), "S00E05 Bluray-1080p.mkv");
    show.file("S00E05 Remux-1080p.mkv");
    assert_eq!(show.file_of(5).unwrap(), "S00E05 Remux-1080p.mkv");
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

#[test]
fn a_rule_is_stored_as_the_old_program_did() {
    let world = world();
    let film = world.movie("Other", 5);
    assert_eq!(world.rule(film, show(&world), 5), 1);
    let file = world.state().join("plex_linker.db");
    let rows = rusqlite::Connection::open(file).unwrap();
    let sql = "SELECT movie_title || tmdb_id || show_name || episode FROM link_rules";
    assert_eq!(rows.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap(), "Other5Naruto5");
}
