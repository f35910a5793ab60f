//! Path maps that are missing or wrong: the line that is proposed is pasted, and all is well.

use std::fs;

use super::{found, shortened};
use crate::support::world::{Unplugged, World};

/// A film and a show in apps that see these folders, each named as (path in the app, path below the media root), their rule, and no
/// map.
fn contained(sonarr: &[(&str, &str)], radarr: &[(&str, &str)]) -> World {
    let world = World::with_mounts(sonarr, radarr);
    let film = world.movie("Akira", 149).file("movies/Akira/Akira.mkv", "DVD");
    let show = world.series("Naruto", 78857).special(5, "The Movie").file("Season 1/Naruto - S01E01.mkv");
    world.rule(film, show, 5);
    for app in ["SONARR", "RADARR"] {
        world.unset(&format!("{app}_0_PATH_MAP"));
    }
    world
}

/// The lines that a check proposes.
fn lines(world: &World) -> Vec<String> {
    let outcome = world.run(&["check"]).exits(1);
    let mut lines: Vec<String> = Vec::new();
    for line in outcome.stdout.lines().filter_map(|line| line.split_once("→ set ")) {
        // what else may be done stands behind it
        let line = line.1.split("; on Unraid").next().unwrap().to_string();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Pastes them into the configuration file: then all is well, and Sonarr takes the link.
#[track_caller]
fn pasted(world: &World, lines: &[String]) {
    let file = world.state().join("settings.env");
    fs::write(&file, lines.join("\n")).unwrap();
    world.set("PLEX_LINKER_CONFIG", file.to_str().unwrap());
    for line in lines {
        world.unset(line.split_once('=').unwrap().0);
    }
    assert_eq!(found(world, 0), "");
    world.run(&["once"]).succeeds();
    world.run(&["once"]).succeeds().says("1 of 1 rule linked");
    world.assert(world.known_series(78857).file_of(5).is_some(), "Sonarr should have the link");
}

#[track_caller]
fn proposed(world: &World, expected: &[&str]) {
    let lines = lines(world);
    world.assert_same("what is proposed", &shortened(world, &lines.join("\n")), &expected.join("\n"));
    pasted(world, &lines);
}

#[test]
fn one_folder_for_all_that_has_another_name_here() {
    for inside in ["/data", "/mnt/deep/data", "/m"] {
        let whole = [(inside, "")];
        let world = contained(&whole, &whole);
        let said = found(&world, 1);
        let expected = format!(
            "wrong    sonarr keeps shows in {inside}/tv, which would be MEDIA{inside}/tv here, but there is no such folder"
        );
        assert!(said.starts_with(&expected), "{said}");
        proposed(&world, &[&format!("SONARR_0_PATH_MAP={inside}=MEDIA"), &format!("RADARR_0_PATH_MAP={inside}=MEDIA")]);
    }
}

#[test]
fn folders_that_have_other_names_here() {
    let world = contained(&[("/shows", "tv"), ("/movies", "movies")], &[("/films", "movies")]);
    proposed(&world, &["SONARR_0_PATH_MAP=/shows=MEDIA/tv", "RADARR_0_PATH_MAP=/films=MEDIA/movies"]);
}

#[test]
fn folders_some_levels_below_the_media_root() {
    let world = contained(&[("/shows", "tv"), ("/movies", "movies")], &[("/films", "movies")]);
    let root = world.media().parent().unwrap().to_path_buf();
    world.set("MEDIA_ROOT", root.to_str().unwrap());
    proposed(&world, &["SONARR_0_PATH_MAP=/shows=MEDIA/tv", "RADARR_0_PATH_MAP=/films=MEDIA/movies"]);
}

/// Only the one that is lost gets a map, and none that serves is lost with it.
#[test]
fn a_second_folder_that_a_map_forgets() {
    let sides = [("/tv", "tv"), ("/anime", "more/anime"), ("/movies", "movies")];
    let world = contained(&sides, &sides);
    world.folder("more/anime");
    world.series("Bleach", 74796).path("more/anime/Bleach").file("Season 1/Bleach - S01E01.mkv");
    world.set("SONARR_0_PATH_MAP", &format!("/tv={}", world.path("tv").display()));
    proposed(&world, &["SONARR_0_PATH_MAP=/tv=MEDIA/tv,/anime=MEDIA/more/anime"]);
}

/// Its disk is away, and the map is right.
#[test]
fn a_map_that_serves_stays_in_the_line_while_its_disk_is_away() {
    let sides = [("/shows", "tv"), ("/anime", "more/anime"), ("/movies", "movies")];
    for left in [Unplugged::Empty, Unplugged::Gone] {
        let world = contained(&sides, &sides);
        world.folder("more/anime");
        world.series("Bleach", 74796).path("more/anime/Bleach").file("Season 1/Bleach - S01E01.mkv");
        world.set("SONARR_0_PATH_MAP", &format!("/shows={}", world.path("tv").display()));
        world.unplug("tv", left);
        let said = found(&world, 1);
        assert!(said.contains("→ set SONARR_0_PATH_MAP=/shows=MEDIA/tv,/anime=MEDIA/more/anime\n"), "{said}");
    }
}

/// A map with a mistake, and nothing to be found.
#[test]
fn a_wrong_map_for_a_folder_that_is_nowhere() {
    let world = contained(&[("/shows", "tv"), ("/movies", "movies")], &[("/films", "movies")]);
    world.set("SONARR_0_PATH_MAP", &format!("/SHOWS={}", world.path("tv").display()));
    world.unplug("tv", Unplugged::Gone);
    let said = found(&world, 1);
    let expected = "wrong    SONARR_0_PATH_MAP names /SHOWS, but sonarr's folder is /shows\n         \
                    → set SONARR_0_PATH_MAP=/shows=FOLDER-HERE\n";
    assert!(said.starts_with(expected), "{said}");
}

/// The shorter map for both would put one of them wrong.
#[test]
fn two_folders_that_lie_otherwise_here() {
    let sides = [("/data/tv", "tv"), ("/data/anime", "more/anime"), ("/movies", "movies"), ("/data/movies", "movies")];
    let world = contained(&sides, &[("/movies", "movies")]);
    world.folder("more/anime");
    world.series("Bleach", 74796).path("more/anime/Bleach").file("Season 1/Bleach - S01E01.mkv");
    proposed(&world, &["SONARR_0_PATH_MAP=/data/anime=MEDIA/more/anime,/data/tv=MEDIA/tv"]);
}

#[test]
fn maps_that_newcomers_write() {
    let sonarr = [("/shows", "tv"), ("/shows-4k", "tv-4k"), ("/movies", "movies")];
    for (map, sentence) in [
        ("MEDIA/tv=/shows", "SONARR_0_PATH_MAP has its sides swapped: /shows is sonarr's folder"),
        ("MEDIA/tv=/shows/", "SONARR_0_PATH_MAP has its sides swapped: /shows is sonarr's folder"),
        ("/Shows=MEDIA/tv", "SONARR_0_PATH_MAP names /Shows, but sonarr's folders are /shows and /shows-4k"),
        ("/show=MEDIA/tv", "SONARR_0_PATH_MAP names /show, but sonarr's folders are /shows and /shows-4k"),
        ("/films=MEDIA/movies", "SONARR_0_PATH_MAP names /films, which is radarr's folder and not sonarr's"),
        ("/shows=MEDIA/TV", "sonarr keeps shows in /shows, which would be MEDIA/TV here, but there is no such folder"),
        (
            "/shows=/not/here",
            "sonarr keeps shows in /shows, which would be /not/here here, but there is no such folder",
        ),
        ("/shows=MEDIA/movies", "sonarr keeps shows in /shows, which is MEDIA/movies here, but none of them is there"),
    ] {
        let world = contained(&sonarr, &[("/films", "movies")]);
        world.set("RADARR_0_PATH_MAP", &format!("/films={}", world.path("movies").display()));
        world.series("Bleach", 74796).path("tv-4k/Bleach").file("Season 1/Bleach - S01E01.mkv");
        world.set("SONARR_0_PATH_MAP", &map.replace("MEDIA", world.media().to_str().unwrap()));
        let said = found(&world, 1);
        assert!(said.contains(&format!("wrong    {sentence}")), "{map}: {said}");
        proposed(&world, &["SONARR_0_PATH_MAP=/shows=MEDIA/tv,/shows-4k=MEDIA/tv-4k"]);
    }
}

/// Both apps have the maps of both, which does no harm.
#[test]
fn maps_that_are_not_needed() {
    let world = contained(&[("/shows", "tv"), ("/movies", "movies")], &[("/films", "movies")]);
    let map = format!("/shows={},/films={}", world.path("tv").display(), world.path("movies").display());
    for app in ["SONARR", "RADARR"] {
        world.set(&format!("{app}_0_PATH_MAP"), &map);
    }
    assert_eq!(found(&world, 0), "");
}

/// Somebody may wait for it to do something.
#[test]
fn a_map_for_no_folder_where_paths_are_right_without_it() {
    for folder in ["/TV", "/Volumes/tv/", "D:\\TV"] {
        let world = super::sound();
        world.set("SONARR_0_PATH_MAP", &format!("{folder}={}", world.path("tv").display()));
        let sentence = format!("SONARR_0_PATH_MAP names {folder}, but sonarr's folder is MEDIA/tv");
        super::warning(&world, &sentence, "take it out: it serves none of them");
    }
}

#[test]
fn names_that_a_map_can_hardly_have() {
    for name in ["tv, old", "Anna's tv", "tv \"new\"", "tv;old", "a=b", "back\\slash $HOME `x`", "tv # 1"] {
        let world = contained(&[("/shows", "tv"), ("/films", "movies")], &[("/films", "movies")]);
        // as the map names it, not where the shows are
        fs::rename(world.path("tv"), world.path(name)).unwrap();
        std::os::unix::fs::symlink(name, world.path("tv")).unwrap();
        let line = lines(&world).into_iter().find(|line| line.starts_with("SONARR")).unwrap_or_default();
        let file = world.state().join("settings.env");
        fs::write(&file, &line).unwrap();
        world.set("PLEX_LINKER_CONFIG", file.to_str().unwrap());
        let said = world.run(&["check"]);
        said.says(&format!("ok       sonarr keeps shows in /shows, which is {} here", world.path(name).display()));
    }
}

#[test]
fn a_radarr_on_windows() {
    let films = [("D:/Films", "movies")];
    let world = contained(&[("/tv", "tv"), ("/movies", "movies")], &films);
    world.set("SONARR_0_PATH_MAP", &format!("/tv={}", world.path("tv").display()));
    assert_eq!(world.radarr.movies()[0].path, "D:\\Films\\Akira");
    proposed(&world, &["RADARR_0_PATH_MAP=D:/Films=MEDIA/movies"]);
    for drive in ["D:\\Films", "D:/Films", "D:"] {
        let local = if drive == "D:" { world.path("none") } else { world.path("movies") };
        let line = format!("RADARR_0_PATH_MAP='{drive}={}'\n", local.display());
        fs::write(world.state().join("settings.env"), line).unwrap();
        let code = if drive == "D:" { 1 } else { 0 };
        world.run(&["check"]).exits(code);
    }
}

/// The map that is proposed works.
#[test]
fn shows_and_films_that_are_outside_by_symlinks() {
    let world = contained(&[("/tv", "tv"), ("/user/movies", "movies")], &[("/movies", "movies")]);
    let user = world.media().with_file_name("user");
    fs::create_dir(&user).unwrap();
    for folder in ["tv", "movies"] {
        std::os::unix::fs::symlink(format!("../media/{folder}"), user.join(folder)).unwrap();
    }
    world.set("MEDIA_ROOT", user.to_str().unwrap());
    proposed(&world, &["SONARR_0_PATH_MAP=/tv=MEDIA/tv"]);
}

/// It may be a copy of what is on a disk that is away.
#[test]
fn a_copy_is_proposed_after_the_disk() {
    let world = contained(&[("/tv", "tv"), ("/movies", "movies")], &[("/movies", "movies")]);
    world.put("backup/tv/Naruto/Season 1/Naruto - S01E01.mkv");
    world.unplug("tv", Unplugged::Empty);
    let said = found(&world, 1);
    let expected = "wrong    sonarr keeps shows in /tv, which is MEDIA/tv here, but that is empty\n         \
                    → mount the disk that belongs there; if it is called otherwise here, set SONARR_0_PATH_MAP=/tv=MEDIA/backup/tv";
    assert_eq!(said, expected);
}

/// As a share of Unraid that lives on a pool alone.
#[test]
fn shows_that_are_outside_by_a_symlink() {
    let world = contained(&[("/tv", "tv"), ("/movies", "movies")], &[("/movies", "movies")]);
    let pool = world.media().with_file_name("pool");
    fs::create_dir(&pool).unwrap();
    fs::rename(world.path("tv"), pool.join("tv")).unwrap();
    world.link("tv", "../pool/tv");
    world.set("SONARR_0_PATH_MAP", &format!("/tv={}", world.path("tv").display()));
    let said = found(&world, 1).replace(pool.to_str().unwrap(), "POOL");
    let expected = "wrong    sonarr keeps shows in /tv, and MEDIA/tv is POOL/tv by a symlink that leads out of MEDIA_ROOT: no link is \
                    made there\n         → set SONARR_0_PATH_MAP=/tv=POOL/tv; on Unraid, switch off \"Permit exclusive shares\"";
    assert!(said.starts_with(expected), "{said}");
    world.run(&["once"]).exits(1).says("on Unraid, switch off");
}

/// One show alone.
#[test]
fn a_show_that_is_outside_by_a_symlink() {
    let world = contained(&[("/tv", "tv"), ("/movies", "movies")], &[("/movies", "movies")]);
    let pool = world.media().with_file_name("pool");
    fs::rename(world.path("tv/Naruto"), &pool).unwrap();
    world.link("tv/Naruto", "../../pool");
    let said = found(&world, 1).replace(pool.to_str().unwrap(), "POOL");
    assert!(said.contains("set SONARR_0_PATH_MAP=/tv/Naruto=POOL"), "{said}");
}

/// What cannot be found is left to the user, and the rest of the line is there.
#[test]
fn a_folder_that_is_nowhere() {
    let world = contained(&[("/shows", "tv"), ("/movies", "movies")], &[("/films", "movies")]);
    world.set("SONARR_0_PATH_MAP", &format!("/shows={}", world.path("tv").display()));
    world.unplug("movies", Unplugged::Gone);
    let said = found(&world, 1);
    let expected = "wrong    radarr keeps films in /films, which would be MEDIA/films here, but there is no such folder\n         \
                    → mount the disk that belongs there; if it is called otherwise here, set RADARR_0_PATH_MAP=/films=FOLDER-HERE";
    assert_eq!(said, expected);
    assert_eq!(lines(&world), Vec::<String>::new());
}
