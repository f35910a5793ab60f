//! Films, specials, rules and links change: there is one right link at every step, and the apps hear of it.

use std::fs;

use crate::support::{
    http::Answer,
    rules,
    scene::{self, FILM, LINK, TARGET},
    world::World,
};

const FOLDER: &str = "tv/Naruto/Season 00";

/// After a run there is this one link, in Sonarr as well, and a further run has nothing to do.
#[track_caller]
fn settles(world: &World, name: &str, text: &str) {
    world.run(&["once"]).succeeds();
    settled(world, name, text);
}

#[track_caller]
fn settled(world: &World, name: &str, text: &str) {
    world.assert_links(&[(&format!("{FOLDER}/{name}"), text)]);
    world.assert(world.path(&format!("{FOLDER}/{name}")).is_file(), "the link should lead to a file");
    let known = scene::show(world).file_of(5);
    world.assert_same("Sonarr's file", &known.unwrap_or_default(), &format!("Season 00/{name}"));
    world.assert_settled();
}

#[test]
fn a_new_link_is_told_to_both_apps_once() {
    let world = scene::unlinked();
    let (series, movie) = (scene::show(&world).id(), scene::film(&world).id());
    world.run(&["once"]).succeeds();
    world.assert_posts(&[
        &format!("RescanSeries {series}"),
        &format!("RefreshSeries {series}"),
        &format!("RescanMovie {movie}"),
    ]);
    settled(&world, "Naruto - S00E05 - The Movie DVD.mkv", TARGET);
}

#[test]
fn upgrades_in_a_row_leave_one_link() {
    let world = scene::linked();
    let upgrades = [
        ("Akira (1988)/Akira 2.mkv", "DVD"),
        ("Akira (1988)/Akira 720p.mkv", "Bluray-720p"),
        ("Akira (1988)/Akira 1080p.mp4", "Bluray-1080p"),
        ("Akira - Remastered/Akira 1080p.mp4", "Bluray-1080p"),
        ("Akira (1988)/Akira.avi", "DVD"),
    ];
    for (file, quality) in upgrades {
        scene::film(&world).upgrade(&format!("movies/{file}"), quality);
        let extension = file.rsplit('.').next().unwrap();
        settles(
            &world,
            &format!("Naruto - S00E05 - The Movie {quality}.{extension}"),
            &format!("../../../movies/{file}"),
        );
    }
}

/// D10c
#[test]
fn an_upgrade_while_the_old_file_is_there_leaves_one_link() {
    let world = scene::linked();
    scene::film(&world).file("movies/Akira (1988)/Better.mkv", "Remux-2160p");
    let name = "Naruto - S00E05 - The Movie Remux-2160p.mkv";
    settles(&world, name, "../../../movies/Akira (1988)/Better.mkv");
    world.remove(FILM);
    settles(&world, name, "../../../movies/Akira (1988)/Better.mkv");
}

/// D10a
#[test]
fn a_new_quality_of_the_same_file_leaves_one_link() {
    let world = scene::linked();
    scene::film(&world).edit(|movie| movie.file.as_mut().unwrap().quality = "Bluray-1080p".into());
    settles(&world, "Naruto - S00E05 - The Movie Bluray-1080p.mkv", TARGET);
}

/// Sonarr has moved the link, which leads nowhere from there, before a run saw the special's new title or the film's new file.
#[test]
fn a_show_that_moves_while_its_links_name_changes_has_one_link() {
    for quality in ["DVD", "Bluray-1080p"] {
        let world = scene::linked();
        let title = if quality == "DVD" { "The Film" } else { "The Movie" };
        scene::show(&world).moved_to("tv/anime/all/Naruto").retitle(5, title);
        scene::film(&world).edit(|movie| movie.file.as_mut().unwrap().quality = quality.into());
        world.run(&["once"]).succeeds();
        world.assert(world.links().len() == 1 && !world.tree().contains("(broken)"), "its link should be mended");
        world.run(&["once"]).succeeds();
        let link = format!("tv/anime/all/Naruto/Season 00/Naruto - S00E05 - {title} {quality}.mkv");
        world.assert_links(&[(&link, "../../../../../movies/Akira (1988)/Akira.mkv")]);
        world.run(&["once"]).succeeds().says("nothing changed");
    }
}

/// D11
#[test]
fn a_rules_end_is_its_links_end() {
    let world = scene::linked();
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds().says("its rule is gone");
    world.assert_links(&[]);
    assert_eq!(scene::show(&world).file_of(5), None);
    assert!(world.path(FILM).is_file());
    world.assert_settled();
}

#[test]
fn a_rule_for_another_special_moves_the_link() {
    let world = scene::linked();
    scene::show(&world).special(6, "The Other Movie");
    world.run(&["rules", "edit", "1", "--episode", "6"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Naruto/Season 00/Naruto - S00E06 - The Other Movie DVD.mkv", TARGET)]);
    assert_eq!(scene::show(&world).file_of(5), None);
    assert!(scene::show(&world).file_of(6).is_some());
}

#[test]
fn a_rule_for_another_show_moves_the_link_and_both_are_told() {
    let world = scene::linked();
    let other = world.series("Bleach", 74796).special(1, "Memories");
    world.run(&["rules", "edit", "1", "--show-name", "Bleach", "--episode", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Bleach/Season 00/Bleach - S00E01 - Memories DVD.mkv", TARGET)]);
    assert_eq!(scene::show(&world).file_of(5), None);
    assert!(other.file_of(1).is_some());
    let told = [scene::show(&world).id(), other.id()].map(|id| format!("RescanSeries {id}"));
    assert!(told.iter().all(|post| world.posts().contains(post)), "{:?}", world.posts());
}

/// Until the new link can be made the old one stays.
#[test]
fn a_rule_for_a_show_that_is_not_there_keeps_its_old_link() {
    let world = scene::linked();
    world.run(&["rules", "edit", "1", "--show-name", "Bleach"]).succeeds();
    world.run(&["once"]).succeeds().says("Sonarr has no show called");
    world.assert_links(&[(LINK, TARGET)]);
}

/// The film has another file by now, and what keeps the rule from being met has nothing to do with it.
#[test]
fn a_link_whose_rule_cannot_be_met_leads_to_its_films_present_file() {
    const BETTER: &str = "movies/Akira (1988)/Akira 2.mkv";
    const TO_BETTER: &str = "../../../movies/Akira (1988)/Akira 2.mkv";
    for why in ["changed", "occupied", "contested", "no_such_episode", "sonarr_has_own_file"] {
        let world = scene::linked();
        let show = scene::show(&world);
        let mut quality = "DVD";
        match why {
            "changed" => drop(show.tvdb_replaces(5, "Behind the Scenes")),
            "occupied" => {
                quality = "Bluray-1080p";
                world.put(&LINK.replace("DVD", quality));
            }
            "contested" => {
                let film = world.movie("Red", 5);
                world.rule(film, show.special(6, "Red"), 6);
                world.run(&["rules", "edit", "1", "--episode", "6"]).succeeds();
                world.put(&format!("{FOLDER}/Naruto - S00E06 - Red DVD.mkv"));
            }
            "no_such_episode" => drop(show.tvdb_removes(5)),
            _ => {
                world.put(&format!("{FOLDER}/Naruto - S00E05 - Own WEBDL-1080p.mkv"));
                let own = "Season 00/Naruto - S00E05 - Own WEBDL-1080p.mkv".to_string();
                show.edit(|show| show.episodes[0].file.as_mut().unwrap().relative_path = own);
            }
        }
        scene::film(&world).upgrade(BETTER, quality);
        world.run(&["once"]).succeeds().says("replace ");
        world.assert_links(&[(LINK, TO_BETTER)]);
        world.run(&["once"]).succeeds().says("nothing changed: 0 of");
        // and goes with its rule, as ever
        world.run(&["rules", "remove", "1"]).succeeds();
        world.run(&["once"]).succeeds();
        world.assert_links(&[]);
    }
}

/// Radarr has the present file, and the disk here has not.
#[test]
fn a_link_that_leads_nowhere_is_told_whatever_keeps_its_rule_from_being_met() {
    let world = scene::linked();
    scene::show(&world).tvdb_replaces(5, "Behind the Scenes");
    scene::film(&world).lose_file().file_in_radarr_only("movies/Akira (1988)/Akira 2.mkv", "DVD");
    world.run(&["once"]).succeeds().says("special 5 was \"The Movie\"").says("its link").says("leads nowhere");
    world.assert_links(&[(LINK, TARGET)]);
    world.run(&["status"]).says("leads nowhere");
}

/// Special 5 is to be another film, which is still to come: until then it is not the old one.
#[test]
fn a_rule_for_another_film_without_a_file_yet_has_no_link_to_the_old_one() {
    let world = scene::linked();
    let film = world.movie("Red", 6);
    world.run(&["rules", "edit", "1", "--movie-title", "Red", "--tmdb-id", "6"]).succeeds();
    world.run(&["once"]).succeeds().says("its rule is for another film now").says("no file for \"Red\"");
    world.assert_links(&[]);
    assert!(world.path(FILM).is_file());
    assert_eq!(scene::show(&world).file_of(5), None);
    world.assert_settled();
    film.file("movies/Red/Red.mkv", "DVD");
    settles(&world, "Naruto - S00E05 - The Movie DVD.mkv", "../../../movies/Red/Red.mkv");
}

/// Only what is certain costs a link: that somebody has edited the rule, and that Radarr has the link's very file as another film's.
#[test]
fn a_link_to_a_film_that_is_not_provably_another_one_stays() {
    for why in ["not in radarr", "radarr is down", "added again", "another place", "the other app is down"] {
        let world = scene::linked();
        world.movie("Red", 6);
        let (title, number) = if why == "not in radarr" { ("Blue", "7") } else { ("Red", "6") };
        if why == "added again" {
            // the same film under another of Radarr's numbers
            scene::film(&world).edit(|film| (film.id, film.file) = (film.id + 500, None));
        } else {
            world.run(&["rules", "edit", "1", "--movie-title", title, "--tmdb-id", number]).succeeds();
        }
        match why {
            "radarr is down" => world.radarr.on("GET /api/v3/movie", Answer::status(500)),
            "the other app is down" => world.sonarr.on("GET /api/v3/series", Answer::status(500)),
            "another place" => drop(scene::film(&world).file_in_radarr_only("movies/Elsewhere/Akira.mkv", "DVD")),
            _ => {}
        }
        world.run(&["once"]).never_says("remove ");
        world.assert_links(&[(LINK, TARGET)]);
        if !why.ends_with("is down") && why != "added again" {
            world
                .run(&["status"])
                .says(&format!("its link {} stays until there is a new one", world.path(LINK).display()));
        }
    }
}

#[test]
fn a_rule_for_a_special_that_does_not_exist_says_that_its_old_link_stays() {
    let world = scene::linked();
    world.run(&["rules", "edit", "1", "--episode", "99"]).succeeds();
    world
        .run(&["once"])
        .succeeds()
        .says("Sonarr knows no episode 99")
        .says("its link")
        .says("stays until there is a new one");
    world.assert_links(&[(LINK, TARGET)]);
}

/// D50
#[test]
fn of_two_rules_for_one_special_the_first_keeps_it() {
    let world = scene::unlinked();
    let film = world.movie("Akira Recut", 150).file("movies/Recut/Recut.mkv", "Bluray-1080p");
    world.rule(film, scene::show(&world), 5);
    world.run(&["once"]).succeeds().says("rule 1 already fills this special");
    for _ in 0..3 {
        world.run(&["once"]).succeeds().says("nothing changed: 1 of 2 rules linked");
        world.assert_links(&[(LINK, TARGET)]);
    }
}

/// The later rule had the special before the first one was edited.
#[test]
fn a_rule_that_loses_its_special_loses_its_link() {
    let world = scene::linked();
    scene::show(&world).special(6, "The Other Movie");
    let film = world.movie("Red", 5).file("movies/Red/Red.mkv", "Bluray-1080p");
    world.rule(film, scene::show(&world), 6);
    world.run(&["once"]).succeeds();
    world.run(&["rules", "edit", "1", "--episode", "6"]).succeeds();
    world.run(&["once"]).succeeds().says("rule 1 already fills this special");
    world.assert_links(&[("tv/Naruto/Season 00/Naruto - S00E06 - The Other Movie DVD.mkv", TARGET)]);
    world.run(&["once"]).succeeds().says("nothing changed");
}

/// D50: two films that trade places.
#[test]
fn two_rules_can_trade_their_specials() {
    let world = scene::linked();
    scene::show(&world).special(6, "The Other Movie");
    let film = world.movie("Red", 6).file("movies/Red/Red.mkv", "DVD");
    world.rule(film, scene::show(&world), 6);
    world.run(&["once"]).succeeds();
    for (rule, episode) in [("1", "6"), ("2", "5")] {
        world.run(&["rules", "edit", rule, "--episode", episode]).succeeds();
    }
    world.run(&["once"]).succeeds();
    world.assert_links(&[
        (LINK, "../../../movies/Red/Red.mkv"),
        ("tv/Naruto/Season 00/Naruto - S00E06 - The Other Movie DVD.mkv", TARGET),
    ]);
    world.run(&["once"]).succeeds().says("nothing changed");
}

#[test]
fn a_link_that_sonarr_renamed_is_kept_under_its_new_name() {
    let world = scene::linked();
    let renamed = "Naruto - S00E05 - The Movie [DVD].mkv";
    fs::rename(world.path(LINK), world.path(&format!("{FOLDER}/{renamed}"))).unwrap();
    scene::show(&world).scan();
    settles(&world, renamed, TARGET);
    scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "DVD");
    settles(&world, renamed, "../../../movies/Akira (1988)/Akira 2.mkv");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
}

/// Sonarr rewrites a link that it moves to another folder and removes the emptied one, so that it dangles (*observed §10*).
#[test]
fn a_link_that_sonarr_moved_and_broke_is_mended_in_its_place() {
    let world = scene::linked();
    let text = world.path(FOLDER).join(TARGET);
    world.remove(FOLDER);
    world.link("tv/Naruto/Specials/Naruto - S00E05 - The Movie.mkv", text);
    scene::show(&world).edit(|series| {
        let special = series.episodes.iter_mut().find(|episode| episode.number == 5).unwrap();
        special.file.as_mut().unwrap().relative_path = "Specials/Naruto - S00E05 - The Movie.mkv".into();
    });
    world.run(&["once"]).succeeds();
    for _ in 0..3 {
        world.assert_links(&[("tv/Naruto/Specials/Naruto - S00E05 - The Movie.mkv", TARGET)]);
        world.run(&["once"]).succeeds().says("nothing changed");
    }
}

#[test]
fn a_special_of_which_sonarr_has_a_file_is_left_to_sonarr() {
    let world = scene::unlinked();
    scene::show(&world).file("Season 00/Naruto - S00E05 - The Movie WEBDL-1080p.mkv");
    let before = world.tree();
    world.run(&["once"]).succeeds().says("Sonarr has its own file");
    assert_eq!(world.tree(), before);
    world.assert_posts(&[]);
}

#[test]
fn a_link_that_somebody_deleted_is_made_again() {
    let world = scene::linked();
    world.remove(FOLDER);
    settles(&world, "Naruto - S00E05 - The Movie DVD.mkv", TARGET);
}

#[test]
fn the_old_programs_link_is_taken_over() {
    let name = "Naruto - S00E05 - The Movie DVD.mkv";
    for text in [TARGET, "../../../movies/../movies/Akira (1988)/Akira.mkv", "absolute"] {
        let world = scene::unlinked();
        let text = if text == "absolute" { world.path(FILM).display().to_string() } else { text.into() };
        world.link(LINK, &text);
        scene::show(&world).scan();
        world.run(&["once"]).succeeds().says("nothing changed");
        world.assert_posts(&[]);
        settled(&world, name, &text);
        scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "DVD");
        settles(&world, name, "../../../movies/Akira (1988)/Akira 2.mkv");
        world.run(&["rules", "remove", "1"]).succeeds();
        world.run(&["once"]).succeeds();
        world.assert_links(&[]);
    }
}

/// Whether Sonarr has seen it already or not.
#[test]
fn the_old_programs_link_under_an_earlier_name_is_not_doubled() {
    for seen in [false, true] {
        let world = scene::unlinked();
        world.link(&format!("{FOLDER}/Naruto - S00E05 - TBA DVD.mkv"), TARGET);
        if seen {
            scene::show(&world).scan();
        }
        world.run(&["once"]).succeeds();
        assert_eq!(world.links().len(), 1, "{:?}", world.links());
        let name = world.links()[0].0.rsplit('/').next().unwrap().to_string();
        settled(&world, &name, TARGET);
    }
}

/// D10a, D10b: it left two, and which one Sonarr has is a matter of luck.
#[test]
fn the_old_programs_twin_links_become_one() {
    let world = scene::unlinked();
    world.link(&format!("{FOLDER}/Naruto - S00E05 - TBA DVD.mkv"), TARGET);
    scene::show(&world).scan();
    world.link(LINK, TARGET);
    settles(&world, "Naruto - S00E05 - The Movie DVD.mkv", TARGET);
}

/// The old program left its links to upgraded films behind, broken.
#[test]
fn the_old_programs_broken_link_is_replaced() {
    let world = scene::unlinked();
    world.link(LINK, "../../../movies/Akira (1988)/before the upgrade.mkv");
    world.link(&format!("{FOLDER}/Naruto - S00E05 - TBA DVD.mkv"), "../../../movies/Akira (1988)/before.mkv");
    settles(&world, "Naruto - S00E05 - The Movie DVD.mkv", TARGET);
}

/// One film may be the special of two shows; the table has one rule per film and show.
#[test]
fn one_film_can_be_two_shows_special() {
    let world = scene::unlinked();
    let show = world.series("Bleach", 74796).special(1, "Memories");
    world.add_rule(&rules::wish("Akira", scene::AKIRA, show.title(), 1));
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET), ("tv/Bleach/Season 00/Bleach - S00E01 - Memories DVD.mkv", TARGET)]);
}
