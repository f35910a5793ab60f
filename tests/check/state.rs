//! The configuration, the media root, the database and the lock.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use super::{found, json, sound, wrong};
use crate::support::{
    rules, skip,
    world::{Unplugged, World},
};

#[test]
fn a_wrong_value() {
    let world = sound();
    world.set("PLEX_LINKER_CLEAN", "often");
    let mend = "set it right and check again: \"plex-linker --help\" tells every variable";
    wrong(&world, "PLEX_LINKER_CLEAN is \"often\": it must be tree, daily, links or off", mend);
    let list = json(world.run(&["check", "--json"]).exits(1));
    assert_eq!((list.as_array().unwrap().len(), &list[0]["what"]), (1, &"wrong".into()));
}

#[test]
fn no_media_root() {
    let world = sound();
    world.unset("MEDIA_ROOT");
    wrong(&world, "MEDIA_ROOT is not set: nothing is done", "let it be the folder that holds both films and shows");
}

#[test]
fn a_media_root_that_is_not_there() {
    let world = sound();
    world.set("MEDIA_ROOT", &world.path("films and shows").display().to_string());
    wrong(
        &world,
        "MEDIA_ROOT MEDIA/films and shows is not a folder: nothing is done",
        "let it be the folder that holds both films and shows, as it is called on this machine",
    );
}

#[test]
fn an_empty_media_root() {
    let world = World::new();
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
    let said = found(&world, 1);
    let expected = "wrong    MEDIA_ROOT MEDIA is empty\n         → mount the disk that belongs there, or name the folder that holds \
        both films and shows";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn a_database_that_cannot_be_used() {
    let world = sound();
    fs::remove_file(world.state().join("plex_linker.db")).unwrap_or_default();
    fs::create_dir(world.state().join("plex_linker.db")).unwrap();
    let said = found(&world, 1);
    assert!(said.starts_with("wrong    cannot open the database STATE/plex_linker.db: "), "{said}");
    assert!(said.ends_with("\n         → let DATABASE_URL name a database that plex-linker may write in"), "{said}");
}

#[test]
fn a_database_that_can_only_be_read() {
    let world = sound();
    if !plex_linker::disk::is_root() {
        return skip("only root can become another user");
    }
    world.run(&["rules", "list"]).succeeds();
    fs::set_permissions(world.state().join("plex_linker.db"), Permissions::from_mode(0o644)).unwrap();
    world.set("PUID", "65534");
    world.set("PGID", "65534");
    let said = found(&world, 1);
    let expected = "wrong    the database STATE/plex_linker.db can be read, but not be written: Permission denied (os error 13)\n         \
        → as root, \"chown -R 65534:65534 STATE\" mends it\n\
        wrong    cannot lock STATE/plex_linker.db.lock: Permission denied (os error 13)\n         \
        → as root, \"chown -R 65534:65534 STATE\" mends it\n";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn a_row_that_is_no_rule() {
    let world = sound();
    let wish = rules::wish("Akira", -1, "Naruto", 5);
    world.add_rule(&wish);
    wrong(
        &world,
        "rule 1 cannot be used: tmdb_id is -1: it must be a positive number, see the film's page",
        "remove it with \"plex-linker rules remove 1\" and add it anew",
    );
}

#[test]
fn a_lock_that_cannot_be_taken() {
    let world = sound();
    fs::create_dir(world.state().join("plex_linker.db.lock")).unwrap();
    wrong(
        &world,
        "cannot lock STATE/plex_linker.db.lock: Is a directory (os error 21)",
        "let plex-linker write and lock files in STATE, which is best on a disk of this machine",
    );
}

#[test]
fn an_unplugged_disk() {
    let world = sound();
    world.unplug("movies", Unplugged::Empty);
    wrong(
        &world,
        "radarr keeps films in MEDIA/movies, which is MEDIA/movies here, but that is empty",
        "mount the disk that belongs there; if it is called otherwise here, set RADARR_0_PATH_MAP=MEDIA/movies=FOLDER-HERE",
    );
}

#[test]
fn no_folder_for_the_database() {
    let world = sound();
    if !plex_linker::disk::is_root() {
        return skip("only root can become another user");
    }
    let closed = world.media().with_file_name("closed");
    fs::create_dir(&closed).unwrap();
    world.unset("DATABASE_URL");
    world.set("STATE_DIRECTORY", closed.to_str().unwrap());
    world.set("PUID", "65534");
    world.set("PGID", "65534");
    let sentence = format!(
        "cannot use STATE_DIRECTORY {0}: Permission denied (os error 13): as root, \"chown -R 65534:65534 {0}\" mends it",
        closed.display()
    );
    for command in ["check", "once", "status"] {
        world.run(&[command]).exits(1).says(&sentence);
    }
}
