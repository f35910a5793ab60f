//! `plex-linker check`: a sound world, and each thing that newcomers get wrong.

mod apps;
mod folders;
mod maps;
mod settings;
mod state;

use crate::support::world::{Outcome, World};

/// A film, a show with a folder and a special, and links where Sonarr wants them.
fn sound() -> World {
    furnished(World::new())
}

fn furnished(world: World) -> World {
    world.movie("Akira", 149).file("movies/Akira/Akira.mkv", "DVD");
    world.series("Naruto", 78857).special(5, "The Movie").file("Season 1/Naruto - S01E01.mkv");
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
    world
}

/// What a check of this world finds besides what is well: a line for each finding and one for its mend. Paths and addresses are
/// short.
fn found(world: &World, code: i32) -> String {
    let before = world.tree();
    let outcome = world.run(&["check"]).exits(code);
    world.assert_posts(&[]);
    world.assert_same("the tree", &world.tree(), &before);
    let mut text = String::new();
    let mut is_mend_of_ok = true;
    for line in outcome.stdout.lines() {
        is_mend_of_ok = line.starts_with("ok ") || (line.starts_with(' ') && is_mend_of_ok);
        if !is_mend_of_ok {
            text += &format!("{line}\n");
        }
    }
    shortened(world, text.trim_end())
}

fn shortened(world: &World, text: &str) -> String {
    let text = text.replace(&world.sonarr.url(), "SONARR").replace(&world.radarr.url(), "RADARR");
    text.replace(&world.media().display().to_string(), "MEDIA").replace(&world.state().display().to_string(), "STATE")
}

/// One thing is wrong: this is said, and this to mend it.
#[track_caller]
fn wrong(world: &World, sentence: &str, mend: &str) {
    world.assert_same("what is found", &found(world, 1), &format!("wrong    {sentence}\n         → {mend}"));
}

#[track_caller]
fn warning(world: &World, sentence: &str, mend: &str) {
    world.assert_same("what is found", &found(world, 0), &format!("warning  {sentence}\n         → {mend}"));
}

#[test]
fn a_sound_world_is_well() {
    let world = sound();
    let outcome = world.run(&["check"]).succeeds();
    let said = shortened(&world, &outcome.stdout);
    world.assert_same(
        "what is found",
        said.trim_end(),
        "ok       MEDIA_ROOT MEDIA is there
ok       the database STATE/plex_linker.db can be used; rules in it: 0
ok       the lock STATE/plex_linker.db.lock can be taken
ok       sonarr answers at SONARR: version 4.0.19.2979
ok       radarr answers at RADARR: version 6.0.3.10276
ok       links go to \"Specials\", where sonarr keeps specials too
ok       sonarr keeps shows in MEDIA/tv, which is MEDIA/tv here
ok       radarr keeps films in MEDIA/movies, which is MEDIA/movies here
ok       links can be made in MEDIA/tv
ok       links in sonarr's MEDIA/tv lead sonarr to the films in MEDIA/movies",
    );
    world.assert_posts(&[]);
}

#[test]
fn json_is_a_list_of_findings() {
    let world = sound();
    world.unset("MEDIA_ROOT");
    let list = json(world.run(&["check", "--json"]).exits(1));
    assert_eq!(list[0]["what"], "wrong");
    assert_eq!(list[0]["sentence"], "MEDIA_ROOT is not set: nothing is done");
    assert_eq!(list[0]["mend"], "let it be the folder that holds both films and shows");
    assert_eq!((&list[1]["what"], &list[1]["mend"]), (&"ok".into(), &serde_json::Value::Null));
}

fn json(outcome: Outcome) -> serde_json::Value {
    serde_json::from_str(&outcome.stdout).unwrap()
}
