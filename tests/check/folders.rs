//! Folders that are not what the apps say, and folders in which no link can be made.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown},
};

use super::{found, furnished, sound, warning, wrong};
use crate::support::{
    http::Answer,
    mount::Mount,
    skip,
    world::{Unplugged, World},
};

/// Both apps see the media tree as a whole, under other names than we do.
fn mapped() -> World {
    let whole = [("/data/tv", "tv"), ("/data/movies", "movies")];
    furnished(World::with_mounts(&whole, &whole))
}

/// The program becomes a user whom nothing in the world belongs to but the state folder.
fn as_nobody(world: &World) -> bool {
    if !plex_linker::disk::is_root() {
        skip("only root can become another user");
        return false;
    }
    let files = fs::read_dir(world.state()).unwrap().map(|file| file.unwrap().path());
    files.chain([world.state()]).for_each(|path| chown(path, Some(65_534), Some(65_534)).unwrap());
    world.set("PUID", "65534");
    world.set("PGID", "65534");
    true
}

const WRITING: &str = "let plex-linker run as a user, or in a group, that may write there (PUID and PGID, or User= and Group= of its unit)";

#[test]
fn maps_that_are_right() {
    assert_eq!(found(&mapped(), 0), "");
}

/// Jellyfin reads paths as text.
#[test]
fn shows_that_are_deeper_than_they_seem() {
    let world = sound();
    world.folder("disks/a");
    fs::rename(world.path("tv"), world.path("disks/a/tv")).unwrap();
    world.link("tv", "disks/a/tv");
    let said = found(&world, 0);
    assert!(
        said.contains("warning  MEDIA/tv/Naruto is MEDIA/disks/a/tv/Naruto by a symlink of another depth"),
        "{said}"
    );
    // of the same depth it is all the same
    let world = sound();
    fs::rename(world.path("tv"), world.path("tv2")).unwrap();
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
    for (shows, films, sonarr, at) in [
        // Sonarr has no volume with the films
        ("/tv", "/movies", vec![("/tv", "tv")], "/movies"),
        ("/data/media/tv", "/movies", vec![("/data/media/tv", "tv")], "/data/media/movies"),
        // it has them at another place relative to the shows
        ("/tv", "/films", vec![("/tv", "tv"), ("/films", "movies")], "/movies"),
    ] {
        let world = furnished(World::with_mounts(&sonarr, &[(films, "movies")]));
        wrong(
            &world,
            &format!("links in sonarr's {shows} would lead sonarr to {at}/Akira/Akira.mkv, and it sees no file there"),
            &format!(
                "give sonarr's container one more volume, MEDIA/movies:{at} (no root folder is needed for it), then Refresh & Scan; \
                 the player's container needs the same where it has the shows in {shows}"
            ),
        );
        // and that mends it
        let more: Vec<_> = sonarr.iter().copied().chain([(at, "movies")]).collect();
        let world = furnished(World::with_mounts(&more, &[(films, "movies")]));
        assert_eq!(found(&world, 0), "");
        let rule = (world.known_movie(149), world.known_series(78857).special(6, "Another"));
        world.rule(rule.0, rule.1, 6);
        world.run(&["once"]).succeeds();
        world.assert(rule.1.file_of(6).is_some(), "Sonarr should have the link");
    }
}

/// Two disks here, two volumes there.
#[test]
fn shows_and_films_that_lie_apart_here() {
    let world = furnished(World::with_mounts(&[("/tv", "tv")], &[("/movies", "movies")]));
    let apart = world.media().with_file_name("apart");
    fs::create_dir(&apart).unwrap();
    fs::rename(world.path("movies"), apart.join("movies")).unwrap();
    fs::create_dir(world.path("movies")).unwrap();
    world.set("RADARR_0_PATH_MAP", &format!("/movies={}", apart.join("movies").display()));
    let said = found(&world, 1).replace(apart.to_str().unwrap(), "APART");
    assert!(said.contains("one more volume, APART/movies:/apart/movies (no root folder"), "{said}");
}

/// What can be known is known from the root folders.
#[test]
fn a_library_without_films_and_shows() {
    let sides = ([("/shows", "tv")], [("/films", "movies")]);
    let world = World::with_mounts(&sides.0, &sides.1);
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
    assert_eq!(found(&world, 0), "");
    world
        .run(&["check"])
        .succeeds()
        .says("ok       sonarr keeps shows in /shows, which is ")
        .says("/media/tv here: there is nothing in it yet")
        .says("ok       links can be made in ");
    world.unset("SONARR_0_PATH_MAP");
    wrong(
        &world,
        "sonarr keeps shows in /shows, which would be MEDIA/shows here, but there is no such folder",
        "mount the disk that belongs there; if it is called otherwise here, set SONARR_0_PATH_MAP=/shows=FOLDER-HERE",
    );
    // a folder that belongs to no show yet tells where they are
    world.folder("tv/Bleach");
    let unmapped =
        r#"[{"path":"/shows","accessible":true,"unmappedFolders":[{"name":"Bleach","path":"/shows/Bleach"}],"id":1}]"#;
    world.sonarr.on("GET /api/v3/rootfolder", Answer::json(unmapped));
    wrong(
        &world,
        "sonarr keeps shows in /shows, which would be MEDIA/shows here, but there is no such folder",
        "set SONARR_0_PATH_MAP=/shows=MEDIA/tv",
    );
    world.set("SONARR_0_PATH_MAP", &format!("/shows={}", world.path("tv").display()));
    assert_eq!(found(&world, 0), "");
    // what it says is there is not
    world.remove("tv/Bleach");
    let said = found(&world, 1);
    assert!(
        said.starts_with("wrong    sonarr keeps shows in /shows, which is MEDIA/tv here, but that is empty"),
        "{said}"
    );
}

#[test]
fn an_app_without_root_folders() {
    let world = World::with_mounts(&[("/shows", "tv")], &[("/films", "movies")]);
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
    world.sonarr.on("GET /api/v3/rootfolder", Answer::json("[]"));
    assert_eq!(found(&world, 0), "unknown  sonarr has no root folder yet: add one with its first shows");
    world.sonarr.on("GET /api/v3/rootfolder", Answer::status(404));
    let said = found(&world, 0);
    assert!(said.starts_with("unknown  cannot ask sonarr for its root folders"), "{said}");
}

#[test]
fn a_root_folder_that_its_own_app_does_not_see() {
    let world = mapped();
    let away = r#"[{"path":"/data/tv","accessible":true,"unmappedFolders":[],"id":1},
                   {"path":"/data/old","accessible":false,"unmappedFolders":[],"id":2}]"#;
    world.sonarr.on("GET /api/v3/rootfolder", Answer::json(away));
    warning(
        &world,
        "sonarr cannot use its own folder /data/old",
        "let sonarr's container see it, or remove the root folder in its settings",
    );
    world.sonarr.on("GET /api/v3/rootfolder", Answer::json(away.replace("true", "false")));
    let said = found(&world, 1);
    assert!(said.contains("wrong    sonarr cannot use its own folder /data/tv"), "{said}");
}

/// The same for a check and for a run, whichever way the folder is not what the apps say.
#[test]
fn library_roots_that_are_away_end_check_and_run_with_1() {
    for (root, other) in [("tv", "shows"), ("movies", "films")] {
        for way in ["missing", "empty", "other things"] {
            let world = sound();
            world.rule(world.known_movie(149), world.known_series(78857), 5);
            world.unplug(root, if way == "missing" { Unplugged::Gone } else { Unplugged::Empty });
            if way == "other things" {
                world.put(&format!("{root}/other/things.txt"));
            }
            let said = found(&world, 1);
            assert!(said.contains(&format!("keeps {other} in MEDIA/{root}")), "{way}: {said}");
            world
                .run(&["once"])
                .exits(1)
                .says("is missing, or nothing that belongs there is in it: is its disk mounted?");
            if way == "other things" {
                world.remove(&format!("{root}/other"));
            }
            world.plug(root);
            assert_eq!(found(&world, 0), "");
            world.run(&["once"]).succeeds().says("1 of 1 rule linked");
        }
    }
}

/// No map is set, and a run says so.
#[test]
fn a_run_names_the_folder_as_its_app_does() {
    for (app, root, film_or_show) in [("SONARR", "tv", "Sonarr"), ("RADARR", "movies", "Radarr")] {
        let world = mapped();
        world.rule(world.known_movie(149), world.known_series(78857), 5);
        world.unset(&format!("{app}_0_PATH_MAP"));
        let media = world.media();
        let told = format!(
            "{film_or_show}'s folder /data/{root} would be {}/data/{root} here, which is not there: unmounted, or set {app}_0_PATH_MAP",
            media.display()
        );
        world.run(&["once"]).exits(1).says(&told);
    }
}

#[test]
fn a_show_folder_in_which_we_may_not_write() {
    let world = sound();
    if as_nobody(&world) {
        wrong(&world, "no link can be made in MEDIA/tv/Naruto: Permission denied (os error 13)", WRITING);
    }
}

/// Another show would be writable.
#[test]
fn the_shows_of_the_rules_and_their_specials_folders_are_tried() {
    let world = sound();
    world.series("Bleach", 74796).special(1, "Memories").file("Season 1/Bleach - S01E01.mkv");
    world.rule(world.known_movie(149), world.known_series(74796), 1);
    if !as_nobody(&world) {
        return;
    }
    let ours = |below: &str| chown(world.path(below), Some(65_534), None).unwrap();
    ours("tv/Naruto");
    wrong(&world, "no link can be made in MEDIA/tv/Bleach: Permission denied (os error 13)", WRITING);
    ours("tv/Bleach");
    assert_eq!(found(&world, 0), "");
    // what Sonarr made belongs to Sonarr
    world.folder("tv/Bleach/Specials");
    wrong(&world, "no link can be made in MEDIA/tv/Bleach/Specials: Permission denied (os error 13)", WRITING);
    world.run(&["once"]).exits(1);
    ours("tv/Bleach/Specials");
    fs::set_permissions(world.path("tv/Bleach"), Permissions::from_mode(0o755)).unwrap();
    chown(world.path("tv/Bleach"), Some(0), Some(0)).unwrap();
    assert_eq!(found(&world, 0), "", "the specials folder is enough");
    world.run(&["once"]).succeeds();
    // it is where the link is, whatever new ones would be called
    chown(world.path("tv/Bleach/Specials"), Some(0), Some(0)).unwrap();
    world.forget();
    world.sonarr.set_specials_folder("Extra Episodes");
    wrong(&world, "no link can be made in MEDIA/tv/Bleach/Specials: Permission denied (os error 13)", WRITING);
}

#[test]
fn shows_that_are_mounted_read_only() {
    let world = sound();
    let Some(mount) = Mount::read_only(&world.path("tv")) else { return };
    let said = found(&world, 1);
    drop(mount);
    assert_eq!(
        said,
        "wrong    no link can be made in MEDIA/tv/Naruto: Read-only file system (os error 30)\n         \
         → it is mounted read-only here: mount it without \"ro\", in a container without \":ro\""
    );
}

#[test]
fn films_in_a_folder_that_we_may_not_enter() {
    for closed in ["movies/Akira", "movies"] {
        let world = sound();
        world.rule(world.known_movie(149), world.known_series(78857), 5);
        fs::set_permissions(world.path(closed), Permissions::from_mode(0o700)).unwrap();
        if !as_nobody(&world) {
            return;
        }
        chown(world.path("tv/Naruto"), Some(65_534), None).unwrap();
        let said = found(&world, 1);
        let expected = format!(
            "wrong    MEDIA/{closed} cannot be entered, so that nobody can tell which films of radarr are there"
        );
        assert!(said.starts_with(&expected), "{said}");
        assert!(!said.contains("gone"), "{said}");
        world.run(&["once"]).exits(1).says(&format!(
            "{} cannot be entered (Permission denied (os error 13)): give plex-linker's user the right x on it",
            world.path(closed).display()
        ));
    }
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
