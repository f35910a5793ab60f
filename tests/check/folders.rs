//! Folders that are not what the apps say, and links that would lead nowhere.

use std::os::unix::fs::chown;

use super::{found, furnished, sound, warning, wrong};
use crate::support::{skip, world::World};

/// Both apps see the media tree as a whole, under other names than we do.
fn mapped() -> World {
    let whole = [("/data/tv", "tv"), ("/data/movies", "movies")];
    furnished(World::with_mounts(&whole, &whole))
}

#[test]
fn maps_that_are_right() {
    assert_eq!(found(&mapped(), 0), "");
}

#[test]
fn a_map_that_is_missing() {
    let world = mapped();
    world.unset("SONARR_0_PATH_MAP");
    wrong(
        &world,
        "sonarr keeps shows in /data/tv, which would be MEDIA/data/tv here, but there is no such folder",
        "if it is called otherwise here, set SONARR_0_PATH_MAP=/data/tv=FOLDER-HERE",
    );
}

#[test]
fn a_map_that_leads_to_another_folder() {
    let world = mapped();
    world.put("music/song.mkv");
    world.set("RADARR_0_PATH_MAP", &format!("/data/movies={}", world.path("music").display()));
    wrong(
        &world,
        "no film that radarr has in /data/movies is here: /data/movies/Akira/Akira.mkv would be MEDIA/music/Akira/Akira.mkv",
        "set RADARR_0_PATH_MAP=/data/movies=FOLDER-HERE, the folder here that has these films in it",
    );
}

#[test]
fn show_folders_that_are_elsewhere() {
    let world = mapped();
    world.put("music/song.mkv");
    world.set("SONARR_0_PATH_MAP", &format!("/data/tv={}", world.path("music").display()));
    warning(
        &world,
        "none of the folders that sonarr has for shows in /data/tv is here",
        "if it has files for them, set SONARR_0_PATH_MAP=/data/tv=FOLDER-HERE",
    );
}

/// As a share of Unraid that lives on a pool alone.
#[test]
fn shows_that_are_outside_by_a_symlink() {
    let world = sound();
    let cache = world.media().with_file_name("cache");
    std::fs::create_dir(&cache).unwrap();
    std::fs::rename(world.path("tv"), cache.join("tv")).unwrap();
    world.link("tv", "../cache/tv");
    wrong(
        &world,
        "no link is made in MEDIA/tv/Naruto: a symlink on the way there leads out of MEDIA_ROOT",
        "let MEDIA_ROOT be the folder that holds both, or set a path map to where it leads; on Unraid, switch off \
         \"Permit exclusive shares\" in Global Share Settings",
    );
    let film = world.known_movie(149);
    world.rule(film, world.known_series(78857), 5);
    world.run(&["once"]).exits(1).says("on Unraid, switch off");
}

/// Jellyfin reads paths as text.
#[test]
fn shows_that_are_deeper_than_they_seem() {
    let world = sound();
    world.folder("disks/a");
    std::fs::rename(world.path("tv"), world.path("disks/a/tv")).unwrap();
    world.link("tv", "disks/a/tv");
    let said = found(&world, 0);
    assert!(
        said.contains("warning  MEDIA/tv/Naruto is MEDIA/disks/a/tv/Naruto by a symlink of another depth"),
        "{said}"
    );
    // of the same depth it is all the same
    let world = sound();
    std::fs::rename(world.path("tv"), world.path("tv2")).unwrap();
    world.link("tv", "tv2");
    let said = found(&world, 0);
    assert!(!said.contains("another depth"), "{said}");
}

#[test]
fn a_film_that_is_gone() {
    let world = sound();
    world.movie("Paprika", 4977).file_in_radarr_only("movies/Paprika/Paprika.mkv", "DVD");
    warning(
        &world,
        "of 2 films that radarr has in MEDIA/movies, 1 are not here, such as MEDIA/movies/Paprika/Paprika.mkv",
        "if their files are gone, let Radarr scan its films again (Update All)",
    );
}

/// The usual two containers: Sonarr's has the shows alone.
#[test]
fn a_sonarr_that_does_not_see_the_films() {
    let world = furnished(World::with_app_roots("/tv", "/movies"));
    assert_eq!(found(&world, 0), "", "both apps see both");
    let world = furnished(World::with_mounts(&[("/tv", "tv")], &[("/movies", "movies")]));
    wrong(
        &world,
        "links in sonarr's /tv would lead sonarr to /movies/Akira/Akira.mkv, and it sees no file there",
        "let sonarr see the films (radarr's /movies) too, in a folder that lies to /tv as MEDIA/movies does to MEDIA/tv here: in Docker, \
         mount the folder that holds both",
    );
}

#[test]
fn a_library_without_films_and_shows() {
    let world = World::new();
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
    world.put("readme.txt");
    world.assert_same(
        "what is found",
        &found(&world, 0),
        "unknown  sonarr has no shows yet: whether its folders are here is not known\n\
         unknown  radarr has no films yet: whether its folders are here is not known",
    );
}

#[test]
fn a_show_folder_in_which_we_may_not_write() {
    let world = sound();
    if !plex_linker::disk::is_root() {
        return skip("only root can become another user");
    }
    chown(world.state(), Some(65_534), Some(65_534)).unwrap();
    world.set("PUID", "65534");
    world.set("PGID", "65534");
    wrong(
        &world,
        "no link can be made in MEDIA/tv/Naruto: Permission denied (os error 13)",
        "let plex-linker run as a user, or in a group, that may write there (PUID and PGID, or User= and Group= of its unit)",
    );
}

#[test]
fn a_file_system_without_symlinks() {
    let world = sound();
    let strace = ["strace", "-f", "-o", "/dev/null", "-e", "trace=symlinkat", "-e", "inject=symlinkat:error=EPERM"];
    let check = || world.command_below(&strace, &["check"]);
    let outcome = world.finish(check());
    if !outcome.stdout.contains("MEDIA_ROOT") {
        return skip("strace cannot run here");
    }
    outcome
        .exits(1)
        .says("Naruto: this file system cannot hold symlinks (Operation not permitted (os error 1)): put shows on another one")
        .says("→ its file system must have room and hold symlinks: a share of Windows or Samba needs the mount option mfsymlinks");

    // a link of ours that is there proves the contrary, and nothing is tried
    let plain = plex_linker::model::NewRule {
        movie_title: "Akira".into(),
        tmdb_id: 149,
        show_name: "Naruto".into(),
        episode: Some(5),
        ..plex_linker::model::NewRule::default()
    };
    world.add_rule(&plain);
    world.run(&["once"]).succeeds();
    world.finish(check()).succeeds().says("links can be made in");
}
