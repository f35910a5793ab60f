//! What may be removed, and what keeps everything else from being removed.

use std::{fs, process::Command};

use crate::support::{
    http::Answer,
    rules,
    scene::{self, FILM, LINK, TARGET},
    world::{World, program},
};

const BROKEN: &str = "tv/Naruto/Season 00/Naruto - S00E01 - Gone.mkv";

/// A show of many specials, each linked to a film of its own, and another film, so that the library is there without theirs.
fn many(links: i32) -> World {
    let world = scene::many(links);
    world.put("movies/Other/Other.mkv");
    world.forget();
    world
}

#[test]
fn a_link_whose_film_is_gone_is_removed_and_sonarr_told() {
    let world = scene::linked();
    world.put("movies/Other/Other.mkv");
    scene::film(&world).lose_file();
    world.remove("movies/Akira (1988)");
    let id = scene::show(&world).id();
    world.run(&["once"]).succeeds().says("remove ").says("Radarr has no file");
    world.assert_links(&[]);
    let movie = scene::film(&world).id();
    world.assert_posts(&[
        &format!("RescanSeries {id}"),
        &format!("RefreshSeries {id}"),
        &format!("RescanMovie {movie}"),
    ]);
    assert_eq!(scene::show(&world).file_of(5), None);
    world.assert_settled();
}

/// Whatever else keeps the rule from being met.
#[test]
fn a_film_without_a_file_has_no_link_when_its_special_is_gone_too() {
    let world = scene::linked();
    scene::film(&world).delete_file();
    scene::show(&world).edit(|show| show.episodes.clear());
    world.run(&["once"]).succeeds().says("Radarr has no file for the film any more");
    world.assert_links(&[]);
}

/// A film that left Radarr but not the disk can still be watched.
#[test]
fn a_film_that_left_radarr_keeps_its_link_while_its_file_is_there() {
    let world = scene::linked();
    world.movie("Other", 5).file("movies/Other/Other.mkv", "DVD");
    world.radarr.delete(scene::AKIRA);
    world.run(&["once"]).succeeds().says("Radarr has no film");
    world.assert_links(&[(LINK, TARGET)]);
    world.remove("movies/Akira (1988)");
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
}

#[test]
fn five_links_whose_films_vanished_are_removed_and_six_are_not() {
    let world = many(6);
    for number in 1..=6 {
        world.known_movie(number).lose_file();
        world.remove(&format!("movies/{number}"));
    }
    world.run(&["once"]).exits(1).says("6 links of 6 lead to films that are gone").says("once --force");
    assert_eq!(world.links().len(), 6);
    world.assert_posts(&[]);
    world.run(&["once", "--force", "--dry-run"]).succeeds();
    assert_eq!(world.links().len(), 6);
    world.put("movies/6/A.mkv");
    world.run(&["once"]).succeeds();
    assert_eq!(world.links().len(), 1);
    // by force they go however many they are
    let world = many(6);
    for number in 1..=6 {
        world.known_movie(number).lose_file();
        world.remove(&format!("movies/{number}"));
    }
    world.run(&["once", "--force"]).succeeds();
    world.assert_links(&[]);
}

/// The rules' end is a positive reason, however many they are.
#[test]
fn links_whose_rules_are_gone_are_removed_however_many() {
    let world = many(8);
    for id in 1..=8 {
        world.run(&["rules", "remove", &id.to_string()]).succeeds();
    }
    world.run(&["once"]).succeeds().says("8 changes");
    world.assert_links(&[]);
}

/// SQLite gives the number of the last rule again; the link of the one that had it is not the new one's.
#[test]
fn a_new_rule_with_the_number_of_a_deleted_one_keeps_no_link_of_that() {
    let world = scene::linked();
    let (film, show) = (world.movie("Paprika", 4977), scene::show(&world).special(6, "Dreams"));
    world.run(&["rules", "remove", "1"]).succeeds();
    assert_eq!(world.rule(film, show, 6), 1);
    world.run(&["once"]).succeeds().says("its rule is gone").says("no file for \"Paprika\"");
    world.assert_links(&[]);
}

#[test]
fn a_tenth_of_many_links_may_be_broken() {
    let world = scene::linked();
    for number in 0..109 {
        world.link(&format!("tv/by hand/{number:03}.mkv"), format!("../../{FILM}"));
    }
    for number in 0..12 {
        world.link(&format!("tv/by hand/broken {number:02}.mkv"), "../../movies/gone.mkv");
    }
    // 121 links of others
    world.run(&["once"]).succeeds().says("12 changes");
    assert_eq!(world.links().len(), 110);
    for number in 0..12 {
        world.link(&format!("tv/by hand/broken {number:02}.mkv"), "../../movies/gone.mkv");
    }
    for number in 0..12 {
        world.remove(&format!("tv/by hand/{number:03}.mkv"));
    }
    // 109 of others
    world.run(&["once"]).exits(1).says("12 links of 109");
    assert_eq!(world.links().len(), 110);
}

/// D07: other programs' links lead nowhere by design, and disks of others are none of our business.
#[test]
fn links_that_are_not_ours_to_judge_are_kept() {
    let world = scene::linked();
    for (path, text) in [
        ("tv/Naruto/.#notes.txt", "user@host.123:456"),
        ("tv/SingletonLock", "host-123"),
        ("tv/Naruto/poster.jpg", "../../movies/gone.jpg"),
        ("tv/Naruto/Season 00/Naruto - S00E01 - Gone", "../../../movies/gone.mkv"),
        ("tv/Naruto/usb.mkv", "/media/usb/film.mkv"),
        ("tv/Naruto/no library.mkv", "../../downloads/film.mkv"),
        ("tv/Naruto/outside.mkv", "../../../outside.mkv"),
        ("tv/Naruto/.hidden/film.mkv", "../../../movies/gone.mkv"),
        ("tv/Naruto/@eaDir/film.mkv", "../../../movies/gone.mkv"),
        ("@Recently-Snapshot/film.mkv", "../movies/gone.mkv"),
        ("tv/@Recycle/film.mkv", "../../movies/gone.mkv"),
        ("tv/.snapshot/film.mkv", "../../movies/gone.mkv"),
        ("tv/#snapshot/film.mkv", "../../movies/gone.mkv"),
        ("tv/.Trash-1000/film.mkv", "../../movies/gone.mkv"),
        ("tv/.recycle/film.mkv", "../../movies/gone.mkv"),
        ("#recycle/film.mkv", "../movies/gone.mkv"),
        (".trash/film.mkv", "../movies/gone.mkv"),
    ] {
        world.link(path, text);
    }
    world.put("downloads/another.mkv");
    let links = world.links();
    world.run(&["once"]).succeeds().says("nothing changed");
    assert_eq!(world.links(), links);
}

#[test]
fn a_broken_link_into_a_living_library_is_removed_and_sonarr_told() {
    let world = scene::linked();
    world.link(BROKEN, "../../../movies/Gone/Gone.mkv");
    world.link("tv/by hand/x.mkv", world.path("movies/gone.mkv"));
    let id = scene::show(&world).id();
    world.run(&["once"]).succeeds().says("2 changes");
    world.assert_links(&[(LINK, TARGET)]);
    world.assert_posts(&[&format!("RescanSeries {id}"), &format!("RefreshSeries {id}")]);
}

/// Sonarr may have either, in whatever folder; only the link that is recorded is ours.
#[test]
fn a_link_of_somebody_elses_to_the_film_of_the_same_special_stays() {
    for (folder, sonarr_has_it, first) in
        [("Season 00", false, false), ("Season 00", true, false), ("Specials", true, false), ("Season 00", false, true)]
    {
        let world = scene::unlinked();
        let mut rule = 1;
        if first {
            // by a rule that the old program cannot have made
            world.run(&["rules", "remove", "1"]).succeeds();
            rule = world.type_rule(&rules::wish("Akira", scene::AKIRA, "Naruto", 5));
        } else {
            world.run(&["once"]).succeeds();
        }
        let own = format!("tv/Naruto/{folder}/Naruto - S00E05 - By hand.mkv");
        world.link(&own, TARGET);
        if sonarr_has_it {
            let file = own["tv/Naruto/".len()..].to_string();
            scene::show(&world).edit(|show| show.episodes[0].file.as_mut().unwrap().relative_path = file);
        }
        for _ in 0..2 {
            world.run(&["once"]).succeeds().says("1 of 1 rule linked").never_says("remove /");
            world.assert_links(&[(LINK, TARGET), (&own, TARGET)]);
        }
        world.run(&["status"]).says("leads to the film as well, and is somebody else's");
        world.run(&["rules", "remove", &rule.to_string()]).succeeds();
        world.run(&["once"]).succeeds();
        world.assert_links(&[(&own, TARGET)]);
    }
}

/// What Radarr does not know says nothing of an episode.
#[test]
fn a_broken_link_of_others_to_an_episode_stays() {
    let world = scene::linked();
    world.put("tv/Bleach/Season 01/Bleach - S01E02.mkv");
    world.series("One Piece", 81797);
    let links = ["tv/Bleach/Season 01/Bleach - S01E01.mkv", "tv/One Piece/Season 01/One Piece - S01E01.mkv"];
    for (number, target) in links.iter().enumerate() {
        world.link(&format!("tv/by hand/{number}.mkv"), format!("../../{target}"));
    }
    world.run(&["once"]).succeeds().says("nothing changed");
    assert_eq!(world.links().len(), 3);
}

/// In the place of ours, too: one to a film that Radarr has there stays, and where broken links of others are left alone, each does.
#[test]
fn a_broken_link_of_others_in_the_place_of_ours_is_judged_like_any_other() {
    const PAPRIKA: &str = "movies/Paprika/Paprika.mkv";
    for (clean, radarr_has_it, goes) in [
        ("tree", false, true),
        ("daily", false, true),
        ("tree", true, false),
        ("links", false, false),
        ("off", false, false),
    ] {
        let world = scene::unlinked();
        world.set("PLEX_LINKER_CLEAN", clean);
        if radarr_has_it {
            world.movie("Paprika", 4977).file_in_radarr_only(PAPRIKA, "DVD");
        }
        let text = format!("../../../{PAPRIKA}");
        world.link(LINK, &text);
        let text = if goes { TARGET } else { &text };
        world.run(&["once"]);
        world.assert_links(&[(LINK, text)]);
        world.run(&["status"]).says(if goes { "1 of 1 rule linked" } else { "in the way" });
    }
}

/// What a folder is counts, not what it is called.
#[test]
fn sonarr_hears_of_a_broken_link_in_a_show_that_it_knows_by_a_second_name() {
    for real in ["tv/Bleach", "disk/of/shows/Bleach"] {
        let world = scene::linked();
        let show = world.series("Bleach", 74796);
        world.folder(real);
        if real != "tv/Bleach" {
            world.remove("tv/Bleach");
            world.link("tv/Bleach", format!("../{real}"));
        }
        world.link("tv/Alias", "Bleach");
        let path = world.seen_by_sonarr("tv/Alias");
        show.edit(|show| show.path = path);
        let broken = format!("{real}/Bleach - S00E01.mkv");
        world.link(&broken, world.path("movies/Gone/Gone.mkv"));
        world.run(&["once"]).succeeds().says("1 change");
        world.assert(world.path(&broken).symlink_metadata().is_err(), "the broken link should be gone");
        world.assert_posts(&[&format!("RescanSeries {}", show.id()), &format!("RefreshSeries {}", show.id())]);
    }
}

/// So it is judged anew in each run, for what one film costs, not for what they all do.
#[test]
fn a_kept_broken_link_does_not_cost_a_list_in_each_run() {
    let lists = |world: &World| world.radarr.calls().iter().filter(|call| call.contains("excludeLocalCovers")).count();
    for others in [1, 7] {
        let world = scene::unlinked();
        world.crowd();
        for number in 0..others {
            let film = world.movie(&format!("Lost {number}"), 700 + number);
            film.file(&format!("movies/Lost {number}/Lost.mkv"), "DVD").file_vanishes();
            world.remove(&format!("movies/Lost {number}"));
            world.link(&format!("tv/by hand/{number}.mkv"), format!("../../movies/Lost {number}/Lost.mkv"));
        }
        let kept = || world.run(&["once"]).exits(1).says("leads nowhere, and is kept");
        kept();
        kept();
        world.forget();
        kept();
        assert_eq!(lists(&world), 0, "{others}: {:?}", world.radarr.calls());
        // when Radarr does not see the file either, it goes at once
        for number in 0..others {
            drop(world.known_movie(700 + number).scan());
        }
        if others == 1 {
            world.run(&["once"]).succeeds().says("1 change");
            world.forget();
            world.run(&["once"]).succeeds().says("nothing changed");
        } else {
            let many = || world.run(&["once"]).exits(1).says("7 links of 7 lead to films that are gone");
            many();
            world.forget();
            many();
        }
        assert_eq!(lists(&world), 0, "{others}: {:?}", world.radarr.calls());
    }
}

/// Somebody put it in the place of ours, for which there is no film any more.
#[test]
fn a_broken_link_in_the_place_of_ours_is_removed_at_once() {
    let world = scene::linked();
    world.put("movies/Other/Other.mkv");
    scene::film(&world).delete_file();
    world.remove(LINK);
    world.link(LINK, "../../../movies/Gone/Gone.mkv");
    world.run(&["once"]).succeeds().says("1 change");
    world.assert_links(&[]);
    world.run(&["once"]).succeeds().says("nothing changed");
}

#[test]
fn what_is_cleaned_is_a_setting() {
    for (clean, ours, others) in [("tree", false, false), ("links", false, true), ("off", true, true)] {
        let world = scene::linked();
        world.put("movies/Other/Other.mkv");
        world.link(BROKEN, "../../../movies/gone.mkv");
        scene::film(&world).delete_file();
        world.set("PLEX_LINKER_CLEAN", clean);
        world.run(&["once"]).succeeds();
        let there = |path: &str| world.path(path).symlink_metadata().is_ok();
        assert_eq!((there(LINK), there(BROKEN)), (ours, others), "{clean}");
    }
}

/// By the clock of the machine a day has passed since a run did everything.
fn a_day_later(world: &World) {
    let database = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    let later = "UPDATE pl_meta SET value = value - 86400 WHERE name = 'whole_at'";
    assert_eq!(database.execute(later, []).unwrap(), 1);
}

#[test]
fn broken_links_are_looked_for_daily_after_a_change_and_when_somebody_asks() {
    let world = scene::linked();
    world.put("movies/Other/Other.mkv");
    world.set("PLEX_LINKER_CLEAN", "daily");
    let broken = || drop(world.link(BROKEN, "../../../movies/gone.mkv"));
    let there = || world.path(BROKEN).symlink_metadata().is_ok();
    broken();
    world.run(&["once"]).succeeds().says("nothing changed");
    a_day_later(&world);
    world.run(&["once"]).succeeds().says("1 change");
    assert!(!there());
    broken();
    world.run(&["once"]).succeeds().says("nothing changed");
    let preview = world.run(&["once", "--dry-run"]).succeeds();
    assert!(preview.stdout.contains(BROKEN) && there(), "{}", preview.stdout);
    // what was only shown is still due a day after the run that did it
    world.run(&["once"]).succeeds().says("nothing changed");
    scene::film(&world).upgrade("movies/Akira (1988)/Akira.mkv", "Bluray-1080p");
    world.run(&["once"]).succeeds().says("2 changes");
    assert!(!there());
    broken();
    // a person types it
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &format!("{} once", program().display()), "/dev/null"]);
    world.finish(world.dress(terminal)).succeeds().says("1 change");
    assert!(!there());
}

#[test]
fn an_empty_library_is_not_believed_while_there_are_links() {
    let world = scene::linked();
    for (app, path) in [(&*world.radarr, "movie"), (&*world.sonarr, "series")] {
        app.on(&format!("GET /api/v3/{path}"), Answer::json("[]"));
        world.run(&["once"]).exits(1).says("at all").says("once --force");
        world.assert_links(&[(LINK, TARGET)]);
        world.run(&["once", "--force"]).succeeds();
        world.assert_links(&[(LINK, TARGET)]);
        app.heal();
    }
    world.run(&["once"]).succeeds().says("nothing changed");
    world.assert_posts(&[]);
}

/// The way on that the refusal names.
#[test]
fn an_empty_library_is_believed_by_force() {
    let world = scene::linked();
    scene::film(&world).delete();
    world.run(&["once"]).exits(1).says("once --force");
    world.assert_links(&[(LINK, TARGET)]);
    world.run(&["once", "--force"]).succeeds();
    world.assert_links(&[]);
    world.run(&["once"]).succeeds();
}

/// A library of nobody's yet: nothing is linked, and that is as it should be.
#[test]
fn an_empty_library_without_links_is_no_failure() {
    let world = scene::unlinked();
    world.radarr.on("GET /api/v3/movie", Answer::json("[]"));
    world.run(&["once"]).succeeds().says("Radarr has no film");
    world.assert_links(&[]);
}

/// D24's neighbour: an answer that ends in the middle tells nothing about what it lacks.
#[test]
fn half_an_answer_removes_nothing() {
    let world = scene::linked();
    for text in ["[", "[{\"id\": 1, \"tmdbId\": 5}", "{}", "null", "\"[]\""] {
        world.radarr.on("GET /api/v3/movie", Answer::json(text));
        world.run(&["once", "--force"]).exits(1);
        world.radarr.heal();
    }
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn what_a_killed_run_left_is_swept_up() {
    let world = scene::linked();
    let folder = "tv/Naruto/Season 00";
    world.link(&format!("{folder}/._plnk-00112233445566aa"), TARGET);
    world.link(&format!("{folder}/._plnk-00112233445566bb"), "../../../movies/gone.mkv");
    world.run(&["once"]).succeeds().says("an interrupted run left it");
    world.assert_links(&[(LINK, TARGET)]);
    world.assert_posts(&[]);
}

/// One that a run had moved aside to remove it is judged as it was then; whose it may be otherwise is told.
#[test]
fn a_broken_link_under_a_temporary_name_is_swept_only_where_any_broken_link_would_go() {
    for (clean, radarr_has_it, name, goes) in [
        ("tree", false, "._plnk-00112233445566bb", true),
        ("tree", true, "._plnk-00112233445566bb", false),
        ("links", false, "._plnk-00112233445566bb", false),
        ("tree", false, "._plnk-of-mine", false),
    ] {
        let world = scene::linked();
        world.set("PLEX_LINKER_CLEAN", clean);
        if radarr_has_it {
            world.movie("Gone", 5).file_in_radarr_only("movies/Gone/Gone.mkv", "DVD");
        }
        let left = format!("tv/Naruto/Season 00/{name}");
        world.link(&left, "../../../movies/Gone/Gone.mkv");
        world.run(&["once"]);
        world.assert(world.path(&left).is_symlink() != goes, "what is not ours should stay");
    }
}

/// Somebody's file or link took a link's place at the moment of its change, and the run was killed before it could put it back: it is
/// hidden under our name until somebody is told.
#[test]
fn what_is_not_ours_under_a_temporary_name_is_told_until_it_is_moved() {
    let world = scene::linked();
    let left = |digit: &str| format!("tv/Naruto/Season 00/._plnk-00112233445566c{digit}");
    let file = world.put(&left("1"));
    world.folder(&left("2"));
    world.put("movies/other.mkv");
    world.link(&left("3"), "../../../movies/other.mkv");
    for _ in 0..2 {
        let mut ran = world.run(&["once"]).exits(1);
        for digit in ["1", "2", "3"] {
            let sentence = "is somebody else's, moved aside by a run that was killed: give it its name again by hand";
            ran = ran.says(&format!("{} {sentence}", world.path(&left(digit)).display()));
        }
    }
    assert!(fs::read_to_string(file).unwrap().ends_with("c1"));
    assert!(world.path(&left("2")).is_dir());
    assert!(world.path(&left("3")).is_symlink());
    for digit in ["1", "2", "3"] {
        world.remove(&left(digit));
    }
    world.run(&["once"]).succeeds().says("nothing changed");
}

/// A link that somebody else changed since our last run is not ours any more.
#[test]
fn a_link_with_another_text_than_recorded_is_kept_when_its_rule_goes() {
    let world = scene::linked();
    world.remove(LINK);
    world.link(LINK, world.path(FILM));
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    assert!(world.path(LINK).exists());
}

/// The old program's rows are loosely typed: a rule that cannot be read is not a rule that is gone.
#[test]
fn a_rule_that_became_invalid_keeps_its_link() {
    let world = scene::linked();
    let rows = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    rows.execute("UPDATE link_rules SET tmdb_id = 'abc'", []).unwrap();
    drop(rows);
    world.run(&["once"]).succeeds().says("rule 1 is not linked");
    world.assert_links(&[(LINK, TARGET)]);
}

/// The database is lost, the links are not: what is right is taken into the records again.
#[test]
fn links_survive_the_loss_of_the_database() {
    let world = scene::linked();
    fs::remove_file(world.state().join("plex_linker.db")).unwrap();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    world.add_rule(&rules::wish("Akira", 149, "Naruto", 5));
    world.run(&["once"]).succeeds().says("nothing changed: 1 of 1 rule linked");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
}
