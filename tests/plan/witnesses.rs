//! What Radarr says and what the disk shows: a link that leads nowhere goes where both say that there is no file, and stays, told,
//! where they do not.

use std::{fs, path::Path};

use crate::support::{
    http::Answer,
    radarr::Radarr,
    scene::{self, LINK, TARGET},
    world::World,
};

mod cells;

const OTHER: &str = "movies/Other/Other.mkv";

/// What a disk that is away may leave in its mount point, and what systems put everywhere.
const MARKERS: [&str; 11] = [
    "lost+found/x",
    "@eaDir/x.mkv",
    ".DS_Store",
    ".NOT_MOUNTED",
    "#recycle/x.mkv",
    "Thumbs.db",
    "$RECYCLE.BIN/x.mkv",
    "desktop.ini",
    "Empty (2000)/",
    "Film (2000)/film.nfo",
    "@Recycle/x.mkv",
];

fn put(world: &World, path: &str) {
    match path.strip_suffix('/') {
        Some(folder) => drop(world.folder(folder)),
        None => drop(world.put(path)),
    }
}

fn stands(world: &World) {
    world.assert(fs::read_link(world.path(LINK)).is_ok_and(|text| text == Path::new(TARGET)), "the link should stand");
    world.assert_posts(&[]);
}

#[test]
fn a_film_that_is_a_symlink_whose_end_is_away_keeps_its_link() {
    for kind in ["absolute", "relative", "chain"] {
        let world = World::new();
        let mount = world.media().with_file_name("usb");
        let show = world.series("Show", 1);
        for id in 1..=12 {
            let film = world.movie(&format!("Film {id}"), id);
            film.file(&format!("movies/{id}/A.mkv"), "DVD");
            let path = world.path(&format!("movies/{id}/A.mkv"));
            fs::create_dir_all(&mount).unwrap();
            fs::rename(&path, mount.join(format!("{id}.mkv"))).unwrap();
            match kind {
                "absolute" => drop(world.link(&format!("movies/{id}/A.mkv"), mount.join(format!("{id}.mkv")))),
                "relative" => drop(world.link(&format!("movies/{id}/A.mkv"), format!("../../../usb/{id}.mkv"))),
                _ => {
                    world.link(&format!("pool/{id}.mkv"), mount.join(format!("{id}.mkv")));
                    world.link(&format!("movies/{id}/A.mkv"), format!("../../pool/{id}.mkv"));
                }
            }
            show.special(id as u32, "Title");
            world.rule(film, show, id);
        }
        world.put(OTHER);
        world.run(&["once"]).succeeds().says("12 of 12 rules linked");
        let links = world.links();
        world.forget();
        fs::rename(&mount, mount.with_extension("away")).unwrap();
        for scanned in [false, true] {
            if scanned {
                (1..=12).for_each(|id| drop(world.known_movie(id).scan()));
            }
            let end = mount.join("7.mkv");
            let sentence =
                format!("the film's file is a symlink to {}, which is not there: is its disk mounted?", end.display());
            world.run(&["once"]).exits(1).says(&sentence).never_says("remove");
            assert_eq!(world.links().len(), links.len(), "{kind}");
            world.assert_posts(&[]);
        }
        fs::rename(mount.with_extension("away"), &mount).unwrap();
        world.run(&["once"]).succeeds().says("nothing changed: 12 of 12");
    }
}

#[test]
fn what_lies_in_an_empty_mount_point_proves_nothing() {
    for marker in MARKERS {
        let world = scene::linked();
        fs::rename(world.path("movies"), world.media().with_file_name("away")).unwrap();
        put(&world, &format!("movies/{marker}"));
        world.run(&["once"]).exits(1).says("is its disk mounted?");
        stands(&world);
        // Radarr has scanned it meanwhile
        let film = scene::film(&world);
        drop(film.scan());
        world.assert(!film.has_file(), "Radarr should have taken the marker for a library");
        world.run(&["once"]).exits(1).says("is its disk mounted?");
        stands(&world);
        world.run(&["status"]).says("is its disk mounted?");
        world.remove("movies");
        fs::rename(world.media().with_file_name("away"), world.path("movies")).unwrap();
        world.run(&["once"]).succeeds();
        stands(&world);
    }
}

/// As of a pool of disks, or where the film lies on a further disk that is mounted below the library.
#[test]
fn of_a_library_of_which_a_part_is_away_nothing_goes_until_radarr_has_not_seen_it_either() {
    let world = scene::linked();
    world.put(OTHER);
    world.remove("movies/Akira (1988)");
    for _ in 0..2 {
        world.run(&["once"]).exits(1).says("Radarr has the film's file").says("let Radarr scan the film again");
        stands(&world);
    }
    drop(scene::film(&world).scan());
    world.run(&["once"]).succeeds().says("remove ").says("Radarr has no file");
    world.assert_links(&[]);
}

#[test]
fn a_marker_in_a_disk_below_the_library_proves_nothing_about_that_disk() {
    let world = World::new();
    world.put(OTHER);
    let film = world.movie("Akira", 149).file("movies/4k/Akira.mkv", "DVD");
    let show = world.series("Naruto", 78857).special(5, "The Movie");
    world.rule(film, show, 5);
    world.put("movies/4k/sub/x.nfo");
    world.run(&["once"]).succeeds();
    film.edit(|movie| movie.loses_file("MissingFromDisk"));
    world.remove("movies/4k");
    world.put("movies/4k/.NOT_MOUNTED");
    world.run(&["once"]).exits(1).says("is its disk mounted?");
    assert_eq!(world.links().len(), 1);
}

#[test]
fn during_an_upgrade_the_link_waits_and_then_leads_to_the_better_file() {
    let world = scene::linked();
    world.put(OTHER);
    let film = scene::film(&world).upgrade_begins();
    for _ in 0..2 {
        world.run(&["once"]).succeeds().says("0 of 1 rule linked");
        stands(&world);
    }
    world.run(&["status", "--json"]).says("waiting_for_upgrade").says("Radarr is putting a better file");
    film.upgrade_ends("movies/Akira (1988)/Akira 2.mkv", "Bluray-1080p");
    let dry = world.run(&["once", "--dry-run"]).succeeds().says("rename ");
    drop(dry.says("1 change"));
    world.run(&["once"]).succeeds().says("1 change").says("rename ");
    let new = LINK.replace("DVD", "Bluray-1080p");
    world.assert_links(&[(&new, "../../../movies/Akira (1988)/Akira 2.mkv")]);
    world.assert_settled();
}

#[test]
fn an_upgrade_that_has_lasted_for_a_day_is_none() {
    let world = scene::linked();
    world.put(OTHER);
    scene::film(&world).upgrade_begins().edit(|movie| {
        movie.history.last_mut().unwrap().date = "2020-01-01T00:00:00Z".into();
    });
    world.remove("movies/Akira (1988)");
    world.run(&["once"]).succeeds().says("remove ");
    world.assert_links(&[]);
}

#[test]
fn why_radarr_has_no_file_decides() {
    // what the history says, whether another film is there, and then whether the link goes and the run has failed
    for (why, proven, goes, code) in [
        ("Manual", true, true, 0),
        ("Manual", false, true, 0),
        ("MissingFromDisk", true, true, 0),
        ("MissingFromDisk", false, false, 1),
        ("no history", true, true, 0),
        ("no history", false, false, 1),
        ("broken", true, false, 1),
    ] {
        let world = scene::linked();
        let film = scene::film(&world);
        if proven {
            world.put(OTHER);
        }
        let history = format!("GET /api/v3/history/movie?movieId={}", film.id());
        match why {
            "Manual" => drop(film.delete_file()),
            why => {
                film.lose_file();
                match why {
                    "no history" => world.radarr.on(&history, Answer::status(404)),
                    "broken" => world.radarr.on(&history, Answer::status(500)),
                    _ => {}
                }
            }
        }
        world.remove("movies/Akira (1988)");
        world.folder("movies");
        let _ = world.run(&["once"]).exits(code);
        assert_eq!(world.links().is_empty(), goes, "{why}, {proven}");
    }
}

/// A path map that leads to the same disk by another way, and then as before.
#[test]
fn a_link_that_a_new_map_names_otherwise_is_the_same_link() {
    let world = scene::linked();
    let alias = world.media().with_file_name("alias");
    std::os::unix::fs::symlink(world.media(), &alias).unwrap();
    let before = world.variable("SONARR_0_PATH_MAP");
    let shows = world.seen_by_sonarr("tv");
    for map in [Some(format!("{shows}={}", alias.join("tv").display())), before] {
        match map {
            Some(map) => world.set("SONARR_0_PATH_MAP", &map),
            None => world.unset("SONARR_0_PATH_MAP"),
        }
        for _ in 0..2 {
            world.run(&["once"]).succeeds().says("nothing changed: 1 of 1 rule linked");
            stands(&world);
        }
    }
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds().says("remove ");
    world.assert_links(&[]);
}

/// As in a folder that lists names in the other Unicode form, or ignores case: two names, one link.
#[test]
fn a_link_with_two_names_is_one_link() {
    for title in ["THE MOVIE", "Le\u{301} Film"] {
        let world = scene::linked();
        let show = scene::show(&world);
        let composed = if title.is_ascii() { "The Movie" } else { "L\u{e9} Film" };
        show.retitle(scene::SPECIAL, composed);
        world.run(&["once"]).succeeds();
        world.forget();
        let (link, other) = (LINK.replace("The Movie", composed), LINK.replace("The Movie", title));
        fs::hard_link(world.path(&link), world.path(&other)).unwrap();
        // Sonarr takes the one that it lists
        for name in [&link, &other] {
            let stands = || {
                world.assert(world.path(&link).is_file() && world.path(&other).is_file(), "both names should stay");
                world.assert_posts(&[]);
            };
            show.edit(|show| show.episodes[0].file.as_mut().unwrap().relative_path = name["tv/Naruto/".len()..].into());
            for _ in 0..2 {
                world.run(&["once"]).succeeds().says("nothing changed");
                stands();
            }
        }
        // and so is one that is recorded under the other name
        fs::remove_file(world.path(&link)).unwrap();
        fs::rename(world.path(&other), world.path(&link)).unwrap();
        show.edit(|show| show.episodes[0].file.as_mut().unwrap().relative_path = link["tv/Naruto/".len()..].into());
        world.run(&["once"]).succeeds().says("nothing changed");
        world.assert_links(&[(&link, TARGET)]);
    }
}

/// Each new name is the old one of the next.
#[test]
fn names_that_move_on_by_one_do_so_in_one_run_and_one_step_each() {
    let world = scene::many(3);
    world.known_series(1).edit(|show| {
        for special in &mut show.episodes {
            special.number += 1;
            special.file = None;
        }
    });
    world.run(&["once"]).succeeds().says("rename ").never_says("remove ").never_says("create ").never_says("replace ");
    let links: Vec<_> = (1..=3)
        .map(|film| {
            let name = format!("tv/Show/Season 00/Show - S00E{:02} - Title {film} DVD.mkv", film + 1);
            (name, format!("../../../movies/{film}/A.mkv"))
        })
        .collect();
    world.assert_links_of(&links);
    world.assert_settled();
}

#[test]
fn a_broken_link_of_others_to_a_film_that_radarr_has_is_kept_and_told() {
    let world = scene::linked();
    let other = world.movie("Paprika", 4977).file("movies/Paprika/Paprika.mkv", "DVD");
    world.link("tv/by hand/Paprika.mkv", "../../movies/Paprika/Paprika.mkv");
    world.remove("movies/Paprika");
    world.run(&["once"]).exits(1).says("Paprika.mkv leads nowhere, and is kept").says("let Radarr scan");
    assert_eq!(world.links().len(), 2);
    drop(other.scan());
    world.run(&["once"]).succeeds().says("remove ");
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn a_link_of_others_that_stands_for_a_further_special_stays() {
    let world = scene::linked();
    let other = "tv/Naruto/Season 00/Naruto - S00E05-E06 - Both.mkv";
    world.link(other, TARGET);
    world.run(&["once"]).succeeds().says("nothing changed");
    assert!(world.path(other).is_symlink());
}

const BY_HAND: &str = "tv/by hand/Paprika.mkv";

/// A link of others to a film that Radarr has lost the file of, or never had; another film is in the library.
fn by_hand() -> World {
    let world = scene::linked();
    world.link(BY_HAND, "../../movies/Paprika/Paprika.mkv");
    world
}

fn second_radarr(world: &World) -> Radarr {
    let second = Radarr::start("second-key-4f0a62", world.radarr.mounts().clone());
    world.set("RADARR_1_URL", &second.url());
    world.set("RADARR_1_API_KEY", second.key());
    second
}

/// The settings lack the Radarr that had the film, and the others know nothing of it.
#[test]
fn a_link_to_a_film_of_a_radarr_that_is_asked_no_more_stays() {
    let world = scene::unlinked();
    let second = second_radarr(&world);
    let film = world.radarr.movies().remove(0);
    world.radarr.delete(scene::AKIRA);
    second.add(film);
    world.movie("Other", 5).file(OTHER, "DVD");
    world.run(&["once"]).succeeds();
    world.unset("RADARR_1_URL");
    world.unset("RADARR_1_API_KEY");
    world.remove("movies/Akira (1988)");
    world.forget();
    world.run(&["once"]).says("Radarr has no film");
    stands(&world);
}

#[test]
fn a_broken_link_of_others_stays_while_radarr_does_not_say_where_the_film_is() {
    // without what makes Radarr a bad witness it goes
    for what in ["nothing", "no films", "a file untold", "an upgrade", "an upgrade, perhaps"] {
        let world = by_hand();
        let second = second_radarr(&world);
        let root = world.seen_by_radarr("movies");
        let film = |has_file: bool| {
            format!(
                r#"[{{"id":6,"tmdbId":4977,"title":"Paprika","path":"{root}/Paprika","rootFolderPath":"{root}","hasFile":{has_file},"movieFileId":{}}}]"#,
                6 * i32::from(has_file)
            )
        };
        let list = match what {
            "no films" => "[]".into(),
            what => film(what == "a file untold"),
        };
        second.on("GET /api/v3/movie?excludeLocalCovers=true", Answer::json(list));
        let date = "2100-01-01T00:00:00Z";
        let history = format!(r#"[{{"eventType":"movieFileDeleted","date":"{date}","data":{{"reason":"Upgrade"}}}}]"#);
        let history = match what {
            "an upgrade" => Answer::json(history),
            "an upgrade, perhaps" => Answer::status(500),
            _ => Answer::json("[]"),
        };
        second.on("GET /api/v3/history/movie?movieId=6", history);
        world.put("movies/Paprika/Paprika.nfo");
        world.run(&["once"]).succeeds();
        world.assert(world.path(BY_HAND).is_symlink() == (what != "nothing"), what);
    }
}

#[test]
fn what_radarr_has_is_known_by_any_path_of_the_media_root() {
    let world = by_hand();
    let alias = world.media().with_file_name("alias");
    std::os::unix::fs::symlink(world.media(), &alias).unwrap();
    world.set("MEDIA_ROOT", &alias.display().to_string());
    for app in ["RADARR", "SONARR"] {
        world.set(&format!("{app}_0_PATH_MAP"), &format!("{}={}", world.media().display(), alias.display()));
    }
    world.movie("Paprika", 4977).file_in_radarr_only("movies/Paprika/Paprika.mkv", "DVD");
    world.run(&["once"]).exits(1).says("Paprika.mkv leads nowhere, and is kept");
    assert_eq!(world.links().len(), 2);
}

#[test]
fn a_library_within_another_proves_nothing_about_that() {
    let world = scene::linked();
    scene::film(&world).lose_file();
    world.remove("movies/Akira (1988)");
    world.put("movies/tv/Some/Season 01/Some - S01E01.mkv");
    let path = world.seen_by_sonarr("movies/tv/Some");
    let show = world.series("Some", 55).edit(|show| show.path = path);
    world.run(&["once"]).exits(1).says("is its disk mounted?");
    assert_eq!(world.links(), [(LINK.into(), TARGET.into())]);
    show.delete();
    world.run(&["once"]).succeeds().says("remove ");
}

#[test]
fn a_library_of_many_films_is_proof() {
    let world = scene::linked();
    for film in 0..5_100 {
        let folder = world.path(&format!("movies/{film}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("A.mkv"), "").unwrap();
    }
    scene::film(&world).lose_file();
    world.remove("movies/Akira (1988)");
    let outcome = world.run(&["once"]);
    assert_eq!((outcome.code(), world.links()), (Some(0), vec![]));
}

#[test]
fn what_to_do_about_an_empty_folder_of_a_film_is_told() {
    let world = scene::linked();
    world.put(OTHER);
    scene::film(&world).lose_file();
    world.run(&["once"]).exits(1).says("a film's own folder that was left empty can be removed");
    stands(&world);
    world.remove("movies/Akira (1988)");
    world.run(&["once"]).succeeds().says("remove ");
}

#[test]
fn a_real_file_beside_our_link_is_told_and_the_link_stays() {
    let world = scene::linked();
    let own = "Season 00/Naruto - S00E05 - The Movie Bluray-2160p.mkv";
    scene::show(&world).file(own);
    scene::show(&world).edit(|show| {
        let special = show.episodes.iter_mut().find(|special| special.number == 5).unwrap();
        special.file.as_mut().unwrap().relative_path = own.into();
    });
    world.forget();
    world.run(&["once"]).succeeds().says(own).says("is there, too");
    stands(&world);
    world.run(&["status"]).says("is there, too");
    // also when the film's file has become another one, which the link leads to then
    scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "Bluray-1080p");
    for _ in 0..2 {
        world.run(&["once"]).succeeds();
        world.assert_links(&[(LINK, "../../../movies/Akira (1988)/Akira 2.mkv")]);
        world.run(&["status"]).says("is there, too");
    }
}
