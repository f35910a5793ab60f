//! A special whose link stands is unmonitored in Sonarr, if one wants it: once, and never again.

use crate::support::{
    http::{Answer, Server},
    scene::{FILM, LINK, TARGET, film, show, unlinked},
    world::World,
};

const TOLD: &str = "PUT /api/v3/episode/monitor";

/// What Sonarr was told of monitoring.
fn told(world: &World) -> Vec<String> {
    world.sonarr.posts().into_iter().filter(|call| call.starts_with(TOLD)).collect()
}

fn is_monitored(world: &World) -> bool {
    world.sonarr.series()[0].episodes[0].monitored
}

fn wanted() -> World {
    let world = unlinked();
    world.set("PLEX_LINKER_UNMONITOR", "on");
    world
}

#[test]
fn it_is_off_unless_one_wants_it() {
    let world = unlinked();
    world.run(&["once"]).succeeds();
    world.set("PLEX_LINKER_UNMONITOR", "off");
    world.run(&["once"]).succeeds();
    assert_eq!(told(&world), [""; 0]);
    world.set("PLEX_LINKER_UNMONITOR", "yes");
    world.run(&["once"]).exits(2).says("PLEX_LINKER_UNMONITOR is \"yes\": it must be on or off");
    // a link that stood before counts as well
    world.set("PLEX_LINKER_UNMONITOR", "on");
    world.run(&["once"]).succeeds();
    assert_eq!((told(&world).len(), is_monitored(&world)), (1, false));
}

#[test]
fn sonarr_is_told_once_and_what_the_user_changes_then_stays() {
    let world = wanted();
    world.run(&["once", "--dry-run"]).succeeds();
    assert_eq!(told(&world), [""; 0], "a dry run tells nobody");
    world.run(&["once"]).succeeds().says("the special of rule 1 is not monitored any more");
    let id = world.sonarr.series()[0].episodes[0].id;
    assert_eq!(told(&world), [format!("{TOLD} {{\"episodeIds\":[{id}],\"monitored\":false}}")]);
    assert!(!is_monitored(&world));

    world.sonarr.edit(78857, |series| series.episodes[0].monitored = true);
    world.forget();
    world.run(&["once"]).succeeds();
    // the link is made anew, and so is the rule
    world.remove(LINK);
    world.run(&["once"]).succeeds();
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
    world.rule(film(&world), show(&world), 5);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    assert_eq!((told(&world), is_monitored(&world)), (vec![], true));
}

#[test]
fn a_refusal_is_told_to_the_user_and_not_repeated() {
    let world = wanted();
    let heard = Server::start(|_| Answer::json("{}"));
    world.set("PLEX_LINKER_NOTIFY_URL", &heard.url());
    world.sonarr.on(TOLD, Answer::status(404));
    let said = world.run(&["once"]);
    said.exits(1).says("rule 1: cannot ask sonarr to unmonitor a special").says("unmonitor the special there");
    world.assert_links(&[(LINK, TARGET)]);
    assert_eq!(told(&world).len(), 1);
    world.sonarr.heal();
    world.forget();
    world.run(&["once"]).succeeds();
    assert_eq!((told(&world), is_monitored(&world)), (vec![], true));
    assert_eq!(heard.requests().len(), 1, "nothing is well again by that");
}

#[test]
fn a_special_without_a_link_stays_monitored() {
    let world = wanted();
    world.put(LINK);
    world.run(&["once"]).succeeds();
    assert_eq!(told(&world), [""; 0], "a real file is in the way");
    let world = wanted();
    film(&world).lose_file();
    world.run(&["once"]).succeeds();
    assert_eq!(told(&world), [""; 0], "{FILM} is not there");
}

#[test]
fn all_specials_of_one_film_are_told_at_once() {
    let world = World::new();
    world.set("PLEX_LINKER_UNMONITOR", "on");
    world.movie("Akira", 149).file(FILM, "DVD");
    world.series("Naruto", 78857).special(1, "Part 1").special(2, "Part 2").special(3, "Other");
    world
        .run(&[
            "rules",
            "add",
            "--movie-title",
            "Akira",
            "--tmdb-id",
            "149",
            "--show-name",
            "Naruto",
            "--episode",
            "1-2",
        ])
        .succeeds();
    world.run(&["once"]).succeeds();
    let monitored: Vec<bool> = world.sonarr.series()[0].episodes.iter().map(|episode| episode.monitored).collect();
    assert_eq!((told(&world).len(), monitored), (1, vec![false, false, true]));
}
