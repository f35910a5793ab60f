//! Nothing of the user's is touched: what stands at a link's place, what is out of reach, what is not ours.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use plex_linker::model::NewRule;

use crate::support::{
    rules,
    scene::{self, FILM, LINK, OTHER_LINK, OTHER_TARGET, TARGET},
    world::{Unplugged, World},
};

const ADDED: (&str, &str) = (OTHER_LINK, OTHER_TARGET);

/// A run that leaves rule 1 unmet, changes nothing of what is there, and does the other rule all the same.
#[track_caller]
fn leaves_alone(world: &World, code: i32, reason: &str) {
    scene::add_other(world);
    let before = world.tree();
    world.run(&["once"]).exits(code).says(reason);
    let after = world.tree();
    let gone: Vec<_> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
    world.assert(gone.is_empty(), &format!("these should still be there: {gone:?}"));
    world.assert(world.links().contains(&(ADDED.0.into(), ADDED.1.into())), "the other rule should be linked");
    let akira = scene::film(world).id();
    world.assert(!world.posts().contains(&format!("RescanMovie {akira}")), "nobody should be told of nothing");
}

/// D02, D47: it is kept, and so is what it holds.
#[test]
fn what_stands_at_the_links_place_is_kept() {
    let fifo = |world: &World| {
        world.folder("tv/Naruto/Season 00");
        nix::unistd::mkfifo(&world.path(LINK), nix::sys::stat::Mode::S_IRWXU).unwrap();
    };
    let symlink = |text: &'static str| move |world: &World| drop(world.link(LINK, text));
    type Case<'a> = (&'a dyn Fn(&World), i32, &'a str);
    let cases: [Case; 8] = [
        (&|world| drop(world.put(LINK)), 0, "a file is in the way"),
        (&|world| drop(world.put(&format!("{LINK}/inside.txt"))), 0, "a folder is in the way"),
        (&fifo, 0, "a special file is in the way"),
        (&|world| drop(world.put("tv/Naruto/Season 00")), 1, "not a folder"),
        (&symlink("../../../movies/Other.mkv"), 0, "another symlink is in the way"),
        (&symlink("../.."), 0, "another symlink is in the way"),
        (&symlink("/dev/null"), 0, "another symlink is in the way"),
        // in a circle
        (&symlink(LINK.rsplit('/').next().unwrap()), 1, "cannot read"),
    ];
    for (stands, code, reason) in cases {
        let world = scene::unlinked();
        world.put("movies/Other.mkv");
        stands(&world);
        leaves_alone(&world, code, reason);
        if reason == "a file is in the way" {
            assert_eq!(fs::read_to_string(world.path(LINK)).unwrap(), LINK);
        }
    }
}

/// D02: also one that comes to stand where our link was.
#[test]
fn a_real_file_that_took_our_links_place_is_kept() {
    let world = scene::linked();
    world.remove(LINK);
    let file = world.put(LINK);
    scene::film(&world).upgrade("movies/Akira (1988)/Akira [1080p].mkv", "DVD");
    leaves_alone(&world, 0, "a file is in the way");
    assert_eq!(fs::read_to_string(file).unwrap(), LINK);
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    assert!(world.path(LINK).is_file(), "the rule's end does not take it either");
}

#[test]
fn another_specials_symlink_to_the_same_film_is_kept() {
    let world = scene::unlinked();
    let other = "tv/Naruto/Season 00/Naruto - S00E07 - by hand.mkv";
    world.link(other, TARGET);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET), (other, TARGET)]);
}

/// Nobody can tell whether what it leads to is gone, or only its disk.
#[test]
fn a_symlink_to_a_disk_that_is_away_is_kept() {
    for text in ["/not/there/usb/Akira.mkv", "../../../usb/Akira.mkv", "../../../films/Akira.mkv"] {
        let world = scene::unlinked();
        world.link(LINK, text);
        leaves_alone(&world, 0, "another symlink, whose disk may be away, is in the way");
        // nor is it taken for ours when the rule is gone
        world.run(&["rules", "remove", "1"]).succeeds();
        world.run(&["once"]).succeeds().says("nothing changed");
        world.assert(world.path(LINK).is_symlink(), "it should still be there");
    }
}

/// What the user points elsewhere by hand stays so, although the place is in our records.
#[test]
fn our_link_that_was_pointed_elsewhere_is_kept() {
    let world = scene::linked();
    world.remove(LINK);
    world.put("movies/Other.mkv");
    world.link(LINK, "../../../movies/Other.mkv");
    leaves_alone(&world, 0, "another symlink is in the way");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    assert!(world.path(LINK).exists(), "the rule's end does not take it either");
}

#[test]
fn nothing_is_linked_to_a_source_that_is_no_file() {
    for make in [
        |_: &World| {},
        |world: &World| drop(world.folder(FILM)),
        |world: &World| {
            world.folder("movies/Akira (1988)");
            nix::unistd::mkfifo(&world.path(FILM), nix::sys::stat::Mode::S_IRWXU).unwrap();
        },
    ] {
        let world = World::new();
        let film = world.movie("Akira", 149).file_in_radarr_only(FILM, "DVD");
        world.rule(film, world.series("Naruto", 78857).special(5, "The Movie"), 5);
        make(&world);
        leaves_alone(&world, 0, FILM);
        world.assert_links(&[ADDED]);
        assert!(!world.path("tv/Naruto/Season 00").exists(), "no empty folder is left");
    }
}

/// An empty folder of a show would tell Sonarr that all its files are gone (*facts D.1*).
#[test]
fn a_missing_series_folder_is_not_made() {
    let world = scene::unlinked();
    world.remove("tv/Naruto");
    leaves_alone(&world, 0, "check SONARR_0_PATH_MAP");
    assert!(!world.path("tv/Naruto").exists());
}

/// D54
#[test]
fn an_unreadable_film_leaves_its_link_alone() {
    let world = scene::linked();
    scene::as_ordinary_user(&world);
    let folder = world.path("movies/Akira (1988)");
    fs::set_permissions(&folder, Permissions::from_mode(0o000)).unwrap();
    let outcome = world.run(&["once"]).exits(1).says("cannot read").says("denied");
    outcome.never_says("remove ");
    world.run(&["rules", "edit", "1", "--tmdb-id", "1"]).succeeds();
    world.run(&["once"]);
    assert_eq!(fs::read_link(world.path(LINK)).unwrap().to_str(), Some(TARGET));
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    world.run(&["rules", "edit", "1", "--tmdb-id", "149"]).succeeds();
    world.run(&["once"]).succeeds().says("nothing changed");
}

#[test]
fn an_unreadable_specials_folder_costs_no_link() {
    let world = scene::linked();
    scene::as_ordinary_user(&world);
    let folder = world.path("tv/Naruto/Season 00");
    fs::set_permissions(&folder, Permissions::from_mode(0o000)).unwrap();
    world.run(&["once"]).exits(1).says("cannot read");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).exits(1).says(&format!("{LINK}: Permission denied")).says("nothing changed");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
}

/// D46
#[test]
fn a_folder_that_cannot_be_written_costs_no_other_rule() {
    let world = scene::unlinked();
    scene::add_other(&world);
    scene::as_ordinary_user(&world);
    fs::set_permissions(world.path("tv/One Piece"), Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(world.path("tv/Naruto"), Permissions::from_mode(0o555)).unwrap();
    world
        .run(&["once"])
        .exits(1)
        .says(&format!("{LINK}: its folder cannot be made: Permission denied"))
        .says("1 of 2 rules linked");
    world.assert_links(&[ADDED]);
    fs::set_permissions(world.path("tv/Naruto"), Permissions::from_mode(0o777)).unwrap();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET), ADDED]);
}

/// The films' disk has tests/stress/mount.rs.
#[test]
fn an_unplugged_disk_of_shows_costs_no_link() {
    for left in [Unplugged::Empty, Unplugged::Gone] {
        let world = scene::linked();
        world.unplug("tv", left);
        world.run(&["once"]).exits(1).says("is its disk mounted?").never_says("remove ");
        assert!(!world.path("tv/Naruto").exists());
        world.plug("tv");
        world.run(&["once"]).succeeds().says("nothing changed");
        world.assert_links(&[(LINK, TARGET)]);
        world.assert_posts(&[]);
    }
}

/// D20, D20b: a rule from the old program's time whose season climbs.
#[test]
fn a_season_that_climbs_makes_nothing_outside() {
    for season in ["x/..../..../..../..../outside/p", "../../../outside", "..", "0/../..", "00\0"] {
        let world = scene::unlinked();
        let precious = world.media().parent().unwrap().join("outside");
        fs::create_dir(&precious).unwrap();
        fs::write(precious.join("p"), "precious").unwrap();
        world.add_rule(&NewRule { season: Some(season.into()), ..rules::wish("Akira again", 149, "Naruto", 5) });
        world.run(&["once"]).succeeds().says("season");
        world.assert_links(&[(LINK, TARGET)]);
        assert_eq!(fs::read_to_string(precious.join("p")).unwrap(), "precious");
        assert_eq!(precious.read_dir().unwrap().count(), 1);
    }
}

#[test]
fn a_path_of_an_app_that_climbs_is_refused() {
    let world = scene::unlinked();
    let outside = world.media().parent().unwrap().join("outside");
    fs::create_dir_all(outside.join("Naruto")).unwrap();
    let path = format!("{}/../outside/Naruto", world.media().display());
    scene::show(&world).edit(|series| series.path = path);
    world.run(&["once"]).succeeds().says("\"..\"");
    scene::show(&world).edit(|series| series.path = world.path("tv/Naruto").display().to_string());
    fs::write(outside.join("Film.mkv"), "").unwrap();
    scene::film(&world).edit(|movie| movie.file.as_mut().unwrap().relative_path = "../../../outside/Film.mkv".into());
    world.run(&["once"]).succeeds().says("\"..\"");
    world.assert_links(&[]);
    assert_eq!(outside.join("Naruto").read_dir().unwrap().count(), 0);
}

#[test]
fn a_dry_run_changes_nothing() {
    let world = scene::linked();
    scene::add_other(&world);
    scene::film(&world).upgrade("movies/Akira (1988)/Better.mkv", "Bluray-1080p");
    let before = (world.tree(), fs::read(world.state().join("plex_linker.db")).unwrap());
    let outcome = world.run(&["once", "--dry-run"]).succeeds();
    for line in ["create ", "rename ", "2 changes"] {
        world.assert(outcome.stdout.contains(line), line);
    }
    assert!((world.tree(), fs::read(world.state().join("plex_linker.db")).unwrap()) == before);
    world.assert_posts(&[]);
}
