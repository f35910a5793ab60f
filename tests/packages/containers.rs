//! The set-ups with containers that the README shows: each is tried as it stands there, in mount namespaces.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{namespace::Namespace, world::World};

/// One row of the README's table; volumes as (on the machine, in the container).
struct SetUp {
    name: String,
    radarr: Vec<(String, String)>,
    /// Sonarr's and the player's.
    sonarr: Vec<(String, String)>,
    /// None where plex-linker runs on the machine itself.
    own: Vec<(String, String)>,
    settings: Vec<(String, String)>,
}

fn set_ups() -> Vec<SetUp> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, section) = readme.split_once("\n## Containers\n").expect("the README has the section");
    let section = &section[..section.find("\n## ").unwrap()];
    let rows = section.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let code = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(String::from).collect() };
        let pairs = |cell: &str, volumes: bool| -> Vec<(String, String)> {
            let code = code(cell).into_iter().filter_map(|text| match text.strip_prefix("- ") {
                Some(volume) if volumes => volume.split_once(':').map(|(here, inside)| (here.into(), inside.into())),
                None if !volumes => text.split_once('=').map(|(name, value)| (name.into(), value.into())),
                _ => None,
            });
            code.collect()
        };
        SetUp {
            name: cells[0].trim().into(),
            radarr: pairs(cells[1], true),
            sonarr: pairs(cells[2], true),
            own: pairs(cells[3], true),
            settings: pairs(cells[3], false),
        }
    })
    .collect()
}

/// Which part of a world's media a folder of the README's machine is.
fn below(here: &str) -> &'static str {
    match here.rsplit('/').next() {
        Some("media") => "",
        Some("tv") => "tv",
        Some("movies") => "movies",
        _ => panic!("{here} is no folder of films or shows"),
    }
}

/// A world whose apps have these volumes and whose program has these settings, with a film, a show and their rule.
fn world(set_up: &SetUp) -> World {
    fn mounts(volumes: &[(String, String)]) -> Vec<(&str, &str)> {
        volumes.iter().map(|(here, inside)| (inside.as_str(), below(here))).collect()
    }
    let world = World::with_mounts(&mounts(&set_up.sonarr), &mounts(&set_up.radarr));
    let film = world.movie("Akira", 149).file("movies/Akira (1988)/Akira.mkv", "DVD");
    let show = world.series("Naruto", 78857).special(5, "The Movie").file("Season 1/Naruto - S01E01.mkv");
    world.rule(film, show, 5);
    for variable in ["SONARR_0_PATH_MAP", "RADARR_0_PATH_MAP"] {
        world.unset(variable);
    }
    for (name, value) in &set_up.settings {
        world.set(name, value);
    }
    if set_up.settings.iter().any(|(name, _)| name == "STATE_DIRECTORY") {
        world.unset("DATABASE_URL");
    }
    world
}

/// A container with these volumes, or the machine that has them all.
fn namespace(world: &World, volumes: &[(String, String)]) -> Option<Namespace> {
    let root = world.media().with_file_name("root");
    fs::create_dir_all(&root).unwrap();
    let here = |here: &str| if here.ends_with("/plex-linker") { world.state() } else { world.path(below(here)) };
    let folders: Vec<(PathBuf, String)> = volumes.iter().map(|(path, inside)| (here(path), inside.clone())).collect();
    Namespace::new(&root, &folders)
}

/// Where plex-linker runs.
fn own(world: &World, set_up: &SetUp) -> Option<Namespace> {
    if !set_up.own.is_empty() {
        return namespace(world, &set_up.own);
    }
    let folders = set_up.radarr.iter().chain(&set_up.sonarr).map(|(here, _)| (here.clone(), here.clone()));
    let state = ("/srv/plex-linker".to_string(), world.state().display().to_string());
    namespace(world, &folders.chain([state]).collect::<Vec<_>>())
}

/// Whether the link leads to a file in a container of this Sonarr or player, as its kernel finds it.
fn leads(world: &World, sonarr: &Namespace) -> bool {
    let (link, _) = world.links().pop().expect("there is a link");
    sonarr.sees(Path::new(&world.seen_by_sonarr(&link)))
}

#[test]
fn the_set_ups_of_the_readme_are_right() {
    let set_ups = set_ups();
    assert_eq!(set_ups.len(), 3);
    assert!(set_ups.iter().any(|set_up| !set_up.own.is_empty()), "plex-linker is in a container of its own in one");
    for set_up in &set_ups {
        let world = world(set_up);
        let (Some(own), Some(sonarr)) = (own(&world, set_up), namespace(&world, &set_up.sonarr)) else { return };
        let run = |command: &str| world.finish(world.command_below(&own.words(), &[command]));
        run("check").succeeds().never_says("wrong ").never_says("warning ");
        run("once").succeeds().says("1 change");
        run("once").succeeds().says("1 of 1 rule linked");
        run("status").succeeds();
        world.assert(
            leads(&world, &sonarr),
            &format!("{}: the link should lead Sonarr and the player to the film", set_up.name),
        );
        world
            .assert(world.known_series(78857).file_of(5).is_some(), &format!("{}: Sonarr should have it", set_up.name));
    }
}

/// Without it the link is the same, and leads nowhere for Sonarr; the check says which volume it is.
#[test]
fn no_volume_of_the_set_ups_is_too_much() {
    for mut set_up in set_ups() {
        let Some(at) = set_up.sonarr.iter().position(|(here, _)| below(here) == "movies") else { continue };
        let (here, inside) = set_up.sonarr.remove(at);
        let world = world(&set_up);
        let (Some(own), Some(sonarr)) = (own(&world, &set_up), namespace(&world, &set_up.sonarr)) else { return };
        let run = |command: &str| world.finish(world.command_below(&own.words(), &[command]));
        run("check")
            .exits(1)
            .says(&format!("give sonarr's container one more volume, {here}:{inside} (no root folder"));
        run("once").succeeds().says("1 change");
        run("once").succeeds().says("does its container see the film?").says("0 of 1 rule linked");
        world.assert(!leads(&world, &sonarr), "the link should lead nowhere there");
        world.assert(world.known_series(78857).file_of(5).is_none(), "Sonarr should not have it");
    }
}

/// The sentence that people miss.
#[test]
fn a_map_changes_nothing_that_sonarr_sees() {
    let mut set_up = set_ups().pop().unwrap();
    set_up.sonarr.retain(|(here, _)| below(here) == "tv");
    for map in [
        "/tv=/volume2/tv",
        "/tv=/volume2/tv,/movies=/volume1/movies",
        "/tv=/volume2/tv,/volume1/movies=/volume1/movies",
    ] {
        let world = world(&set_up);
        world.set("SONARR_0_PATH_MAP", map);
        let Some(own) = own(&world, &set_up) else { return };
        let run = |command: &str| world.finish(world.command_below(&own.words(), &[command]));
        run("check").exits(1).says("one more volume, /volume1/movies:/volume1/movies (no root folder");
    }
}
