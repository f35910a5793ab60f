//! A rule goes on meaning its special and its film, whatever TheTVDB, Sonarr and Radarr make of their numbers and names.

use plex_linker::model::NewRule;

use crate::support::{
    campaign,
    scene::{self, FILM, LINK, TARGET},
    world::{World, wish},
};

const FOLDER: &str = "tv/Naruto/Season 00";

/// The links' names in a folder of the media tree.
fn names(world: &World) -> Vec<String> {
    world.links().into_iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_string()).collect()
}

fn numbers(world: &World) -> String {
    world.run(&["rules", "list"]).succeeds().stdout
}

#[test]
fn a_special_that_another_one_is_put_before_is_followed() {
    let world = scene::linked();
    let show = scene::show(&world).tvdb_inserts(5, "Behind the Scenes");
    world
        .run(&["once"])
        .succeeds()
        .says("TheTVDB has renumbered \"The Movie\" of \"Naruto\": rule 1 follows it from 5 to 6");
    world.assert_links(&[(&format!("{FOLDER}/Naruto - S00E06 - The Movie DVD.mkv"), TARGET)]);
    assert_eq!(show.file_of(5), None);
    assert!(show.file_of(6).is_some());
    assert!(numbers(&world).contains("Naruto S00E06"));
    world.run(&["status"]).succeeds().says("rule 1 follows it from 5 to 6");
    world.assert_settled();
}

#[test]
fn a_dry_run_says_that_a_rule_would_follow_and_changes_no_rule() {
    let world = scene::linked();
    scene::show(&world).tvdb_inserts(5, "Behind the Scenes");
    let tree = world.tree();
    world.run(&["once", "--dry-run"]).succeeds().says("rule 1 follows it from 5 to 6");
    assert_eq!(world.tree(), tree);
    assert!(numbers(&world).contains("Naruto S00E05"));
}

/// Two films whose specials trade their numbers, with TheTVDB's ids and without any.
#[test]
fn specials_that_swap_their_numbers_are_both_followed_at_once() {
    for ids in [true, false] {
        let world = World::new();
        let show = world.series("Show", 7).special(5, "The Film").special(6, "Recap");
        if !ids {
            show.without_tvdb_ids();
        }
        let one = world.movie("One", 1).file("movies/One/One.mkv", "DVD");
        let two = world.movie("Two", 2).file("movies/Two/Two.mkv", "DVD");
        world.rule(one, show, 5);
        world.rule(two, show, 6);
        world.run(&["once"]).succeeds();
        show.tvdb_swaps(5, 6);
        if !ids {
            show.without_tvdb_ids();
        }
        world.run(&["once"]).succeeds();
        world.assert_links(&[
            ("tv/Show/Season 00/Show - S00E06 - The Film DVD.mkv", "../../../movies/One/One.mkv"),
            ("tv/Show/Season 00/Show - S00E05 - Recap DVD.mkv", "../../../movies/Two/Two.mkv"),
        ]);
        world.assert_settled();
    }
}

#[test]
fn an_entry_that_is_made_anew_is_the_same_special() {
    let world = scene::linked();
    scene::show(&world).tvdb_remakes(5);
    world.assert_settled();
    // and is remembered under its new id
    scene::show(&world).tvdb_inserts(5, "Behind the Scenes");
    world.run(&["once"]).succeeds();
    assert_eq!(names(&world), ["Naruto - S00E06 - The Movie DVD.mkv"]);
}

#[test]
fn a_number_that_has_become_another_special_changes_nothing() {
    let world = scene::linked();
    scene::show(&world).tvdb_replaces(5, "Behind the Scenes");
    for _ in 0..3 {
        world.run(&["once"]).succeeds();
        world.assert_links(&[(LINK, TARGET)]);
    }
    let said = "special 5 was \"The Movie\" and is \"Behind the Scenes\" now";
    world.run(&["status"]).succeeds().says(said).says("changed");
    // the user says which one it is
    world.run(&["rules", "edit", "1", "--movie-title", "Akira"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    scene::show(&world).special(8, "The Movie, again");
    world.run(&["rules", "edit", "1", "--episode", "8"]).succeeds();
    world.run(&["once"]).succeeds();
    assert_eq!(names(&world), ["Naruto - S00E08 - The Movie, again DVD.mkv"]);
    world.assert_settled();
}

#[test]
fn a_title_that_becomes_known_is_the_links_name() {
    for ids in [true, false] {
        let world = scene::unlinked();
        let show = scene::show(&world).retitle(5, "TBA");
        if !ids {
            show.without_tvdb_ids();
        }
        world.run(&["once"]).succeeds();
        show.retitle(5, "The Movie");
        world.run(&["once"]).succeeds();
        world.assert_links(&[(LINK, TARGET)]);
        world.assert_settled();
    }
}

#[test]
fn a_sonarr_that_was_set_up_anew_gets_no_link_in_another_show() {
    let world = scene::unlinked();
    let bleach = world.series("Bleach", 74796).special(5, "Memories");
    world.run(&["rules", "edit", "1", "--series-id", &bleach.id().to_string()]).succeeds();
    let naruto = scene::show(&world);
    world.run(&["once"]).succeeds().says("\"Bleach\"").says("\"Naruto\"").says("clear the series_id");
    world.assert_links(&[]);
    world.run(&["status"]).succeeds().says("contradiction");
    world.run(&["rules", "edit", "1", "--series-id", "none"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    assert!(naruto.file_of(5).is_some());
}

#[test]
fn a_show_that_is_deleted_and_added_again_keeps_its_link() {
    let world = scene::linked();
    let before = scene::show(&world).id();
    scene::show(&world).added_again();
    assert_ne!(scene::show(&world).id(), before);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    world.assert_settled();
}

/// Its new number is told, and what was the old one's is the new one's.
#[test]
fn what_changes_in_a_show_that_was_added_again_is_told_of_the_new_one() {
    for what in ["a new title", "no rule"] {
        let world = scene::linked();
        let show = scene::show(&world).added_again();
        match what {
            "no rule" => drop(world.run(&["rules", "remove", "1"]).succeeds()),
            _ => _ = show.retitle(scene::SPECIAL, "Another"),
        }
        world.forget();
        let outcome = world.run(&["once"]).succeeds().says("1 change");
        if what != "no rule" {
            outcome.says("rename ");
        }
        let posts = world.posts();
        let told = |post: &String| post.starts_with("RescanSeries");
        let rescan = format!("RescanSeries {}", show.id());
        world.assert(posts.iter().filter(|post| told(post)).eq([&rescan]), &format!("{what}: {posts:?}"));
    }
}

#[test]
fn a_show_that_sonarr_moves_has_its_link_there_and_nothing_stays_behind() {
    for below in ["anime/Naruto", "shows/of/mine/Naruto"] {
        for other_disk in [false, true] {
            let world = scene::linked();
            let show = scene::show(&world);
            if other_disk {
                show.moved_to_other_disk(below);
            } else {
                show.moved_to(below);
            }
            world.run(&["once"]).succeeds();
            let links = world.links();
            assert_eq!(links.len(), 1, "{links:?}");
            assert!(links[0].0.starts_with(below), "{links:?}");
            assert_eq!(std::fs::canonicalize(world.path(&links[0].0)).unwrap(), world.path(FILM));
            world.assert_settled();
        }
    }
}

/// Its links go along, and lead nowhere there: they are ours still, whatever became of their rules meanwhile.
#[test]
fn links_that_went_along_with_their_show_are_known_there() {
    for what in ["another number", "a new title", "no rule", "another film's", "added again"] {
        let world = scene::linked();
        world.put("movies/Akira (1988)/Akira.en.srt");
        world.run(&["once"]).succeeds();
        let show = scene::show(&world).moved_to("shows/of/mine/Naruto");
        match what {
            "another number" => drop(show.tvdb_inserts(5, "Behind the Scenes")),
            "a new title" => drop(show.retitle(5, "The Film")),
            "no rule" => drop(world.run(&["rules", "remove", "1"]).succeeds()),
            "added again" => drop(show.added_again().tvdb_inserts(5, "Behind the Scenes")),
            _ => {
                world.movie("Paprika", 4977).file("movies/Paprika/Paprika.mkv", "DVD");
                world.run(&["rules", "edit", "1", "--tmdb-id", "4977"]).succeeds();
            }
        }
        world.run(&["once"]).succeeds();
        let links = names(&world);
        let expected: &[&str] = match what {
            "no rule" => &[],
            "another film's" => &["Naruto - S00E05 - The Movie DVD.mkv"],
            "a new title" => &["Naruto - S00E05 - The Film DVD.en.srt", "Naruto - S00E05 - The Film DVD.mkv"],
            _ => &["Naruto - S00E06 - The Movie DVD.en.srt", "Naruto - S00E06 - The Movie DVD.mkv"],
        };
        assert_eq!(links, expected, "{what}: {}", world.tree());
        world.assert_settled();
        if what != "no rule" {
            world.run(&["rules", "remove", "1"]).succeeds();
            world.run(&["once"]).succeeds();
            world.assert_links(&[]);
        }
    }
}

/// Its film has left Radarr, not the disk: the link can be watched again.
#[test]
fn a_link_without_a_film_in_radarr_goes_along_with_its_show_and_leads_to_its_file() {
    let world = scene::linked();
    world.movie("Other", 5).file("movies/Other/Other.mkv", "DVD");
    world.radarr.delete(scene::AKIRA);
    scene::show(&world).moved_to("tv/old/Naruto");
    // where the link leads by its text is no such film, provably
    world.series("Bleach", 74796).file("Season 01/Bleach - S01E01.mkv");
    world.run(&["once"]).succeeds().says("1 change").says("Radarr has no film");
    let link = LINK.replace("tv/", "tv/old/");
    world.assert_links(&[(&link, &format!("../{TARGET}"))]);
    world.assert_settled();
    world.remove(FILM);
    world.remove("movies/Akira (1988)");
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
}

/// Two shows of one title, so that each one's link has the name that the other's had where they trade places, or one follows the other.
#[test]
fn links_are_known_where_another_shows_link_was() {
    for (first, second) in [("tv/deep/B", "tv/A"), ("tv/C", "tv/A")] {
        let world = World::new();
        for (id, folder) in [(1, "tv/A"), (2, "tv/deep/B")] {
            let film = world.movie(&format!("Film {id}"), id).file(&format!("movies/{id}/{id}.mkv"), "DVD");
            let show = world.series(&format!("Show {id}"), id).special(1, "Memories").path(folder);
            show.edit(|show| show.title = "Same".into());
            world.add_rule(&NewRule { tvdb_id: Some(id), ..wish(film, show, 1) });
        }
        world.run(&["once"]).succeeds();
        world.known_series(1).path("tv/aside");
        world.known_series(2).path(second);
        world.known_series(1).path(first);
        world.run(&["once"]).succeeds();
        let name = "Season 00/Same - S00E01 - Memories DVD.mkv";
        let up = if first == "tv/deep/B" { "../../../../" } else { "../../../" };
        world.assert_links(&[
            (&format!("{first}/{name}"), &format!("{up}movies/1/1.mkv")),
            (&format!("{second}/{name}"), "../../../movies/2/2.mkv"),
        ]);
        world.assert_settled();
    }
}

/// What a show's folder took along is mended if it is ours, and left to its owner otherwise.
#[test]
fn a_link_of_others_that_went_along_with_its_show_stays() {
    let world = scene::linked();
    scene::add_other(&world);
    let text = format!("../../../{}", scene::OTHER_FILM);
    world.link("tv/Naruto/Season 00/Naruto - S00E04 - own.mkv", &text);
    world.run(&["once"]).succeeds();
    scene::show(&world).moved_to("tv/deep/Naruto");
    world.run(&["once"]).succeeds();
    let own = world.path("tv/deep/Naruto/Season 00/Naruto - S00E04 - own.mkv");
    assert_eq!(std::fs::read_link(own).unwrap().to_str(), Some(text.as_str()), "{}", world.tree());
}

/// What lies in another show's folder is not ours because it looks like a link of ours that is gone.
#[test]
fn a_copy_of_our_link_in_another_show_is_nobodys_but_its_owners() {
    let world = scene::linked();
    let other = world.series("Archive", 5);
    world.put("tv/Archive/Season 01/Archive - S01E01.mkv");
    world.link("tv/Archive/Season 00/Naruto - S00E05 - The Movie DVD.mkv", TARGET);
    other.path("arch/Naruto");
    world.remove(LINK);
    scene::show(&world).delete();
    world.run(&["once"]);
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[("arch/Naruto/Season 00/Naruto - S00E05 - The Movie DVD.mkv", TARGET)]);
}

/// Sonarr hears of it last: until then it is not made a second time.
#[test]
fn a_show_that_somebody_has_moved_gets_no_new_folder_in_its_old_place() {
    let world = scene::linked();
    world.series("Bleach", 74796);
    world.put("tv/Bleach/Season 01/Bleach - S01E01.mkv");
    world.folder("tv/deep");
    std::fs::rename(world.path("tv/Naruto"), world.path("tv/deep/Naruto")).unwrap();
    world.run(&["once"]);
    world.assert(world.path("tv/Naruto").symlink_metadata().is_err(), "it should not be made anew");
    let path = world.seen_by_sonarr("tv/deep/Naruto");
    scene::show(&world).edit(|show| show.path = path);
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/deep/Naruto/Season 00/Naruto - S00E05 - The Movie DVD.mkv", &format!("../{TARGET}"))]);
}

/// Our link is ours by whatever name its folder is called, and gets the name that it should have.
#[test]
fn a_link_is_known_in_a_folder_that_sonarr_knows_by_another_name_now() {
    for (what, back) in [("a new title", false), ("a new title", true), ("added again", false), ("no rule", false)] {
        let world = scene::unlinked();
        let show = scene::show(&world);
        world.link("tv/Alias", "Naruto");
        let (alias, real) = (world.seen_by_sonarr("tv/Alias"), world.seen_by_sonarr("tv/Naruto"));
        let (first, then) = if back { (alias, real) } else { (real, alias) };
        show.edit(|show| show.path = first);
        world.run(&["once"]).succeeds();
        show.edit(|show| show.path = then);
        world.run_with(&[("SONARR_0_API_KEY", "wrong")], &["once"]).exits(1);
        match what {
            "no rule" => drop(world.run(&["rules", "remove", "1"]).succeeds()),
            "added again" => drop(show.added_again().retitle(5, "Memories")),
            _ => drop(show.retitle(5, "Memories")),
        }
        world.forget();
        world.run(&["once"]).succeeds();
        let (link, alias) = ("tv/Naruto/Season 00/Naruto - S00E05 - Memories DVD.mkv", ("tv/Alias", "Naruto"));
        let (with, without) = ([(link, TARGET), alias], [alias]);
        world.assert_links(if what == "no rule" { &without } else { &with });
        let rescan = format!("RescanSeries {}", show.id());
        world.assert(world.posts().contains(&rescan), "Sonarr should hear of it");
        world.assert_settled();
    }
}

/// Renames in Sonarr, in rounds: its link is ours, wherever Sonarr has put it.
#[test]
fn sonarr_renames_and_nobody_fights() {
    for folder in [None, Some("sonarr")] {
        for count in [1, 8] {
            rounds(folder, count);
        }
    }
}

/// More than any limit on removals.
#[test]
fn sonarr_renames_hundreds_and_nobody_fights() {
    rounds(None, campaign::size(200, 1000) as i32);
}

fn rounds(folder: Option<&str>, count: i32) {
    let world = World::new();
    if let Some(folder) = folder {
        world.set("PLEX_LINKER_SPECIALS_FOLDER", folder);
    }
    scene::add_many(&world, count);
    let show = world.known_series(1);
    world.run(&["once"]).succeeds();
    world.sonarr.set_renames(true);
    for round in 0..3 {
        show.renamed_by_sonarr();
        world.run(&["once"]).succeeds();
        let links = world.links();
        assert_eq!(links.len(), count as usize, "round {round}: {links:?}");
        for (path, _) in &links {
            assert!(world.path(path).is_file(), "round {round}: {path} leads nowhere");
        }
        world.assert_settled();
        let preview = show.renamed_by_sonarr();
        assert!(preview.is_empty(), "round {round}: {preview:?}");
    }
}

#[test]
fn a_name_that_sonarr_has_given_stays_whatever_the_title_becomes_later() {
    let world = scene::linked();
    let show = scene::show(&world);
    world.sonarr.set_renames(true);
    show.renamed_by_sonarr();
    world.run(&["once"]).succeeds();
    let links = world.links();
    world.assert_settled();
    show.retitle(5, "The Film");
    world.run(&["once"]).succeeds();
    assert_eq!(world.links(), links, "Sonarr renames it when its user says so");
}

#[test]
fn a_link_in_sonarrs_folder_gets_its_new_name_beside_it() {
    let world = scene::linked();
    let show = scene::show(&world);
    world.sonarr.set_renames(true);
    show.renamed_by_sonarr();
    world.run(&["once"]).succeeds();
    scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "Bluray-1080p");
    world.run(&["once"]).succeeds();
    let links = world.links();
    assert_eq!(links.len(), 1, "{links:?}");
    assert!(links[0].0.starts_with("tv/Naruto/Specials/") && links[0].0.contains("Bluray-1080p"), "{links:?}");
    world.assert_settled();
}

#[test]
fn links_go_where_sonarr_keeps_specials_when_it_renames_or_has_some_there() {
    let world = scene::unlinked();
    world.sonarr.set_renames(true);
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Naruto/Specials/Naruto - S00E05 - The Movie DVD.mkv", TARGET)]);
    world.assert_settled();
    assert!(world.sonarr.calls().iter().all(|call| !call.contains("naming")), "an unchanged run asks for no names");

    let world = scene::unlinked();
    scene::show(&world).special(1, "Pilot").file("Specials/Naruto - S00E01 - Pilot DVD.mkv");
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Naruto/Specials/Naruto - S00E05 - The Movie DVD.mkv", TARGET)]);
    world.assert_settled();

    // a link that stands right is not moved because of it
    let world = scene::linked();
    world.sonarr.set_renames(true);
    world.assert_settled();

    // and where that cannot be asked, it is as ever
    let world = scene::unlinked();
    world.sonarr.on("GET /api/v3/config/naming", crate::support::http::Answer::status(404));
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn one_film_can_be_several_specials() {
    let world = World::new();
    let show =
        world.series("Futurama", 73871).special(1, "The Beast (1)").special(2, "The Beast (2)").special(3, "Other");
    let film = world.movie("The Beast", 9).file("movies/Beast/Beast.mkv", "DVD");
    let rule = NewRule { last_episode: Some(2), ..wish(film, show, 1) };
    world.type_rule(&rule);
    world.run(&["once"]).succeeds();
    let links = world.links();
    assert_eq!(links.len(), 1, "{links:?}");
    assert!(links[0].0.contains("Futurama - S00E01-E02 - The Beast"), "{links:?}");
    assert_eq!(show.file_of(1), show.file_of(2));
    assert!(show.file_of(1).is_some() && show.file_of(3).is_none());
    world.assert_settled();
    // each of them is filled
    let other = world.movie("Other", 10).file("movies/Other/Other.mkv", "DVD");
    world.type_rule(&wish(other, show, 2));
    world.run(&["once"]).succeeds().says("rule 1 already fills this special");
}

#[test]
fn a_film_that_tmdb_has_renumbered_is_told_with_its_number() {
    let world = scene::linked();
    world.radarr.edit(scene::AKIRA, |movie| movie.tmdb_id = 900_149);
    world.run(&["once"]).succeeds().says("\"Akira\" (2000), which has the number 900149");
    world.assert_links(&[(LINK, TARGET)]);
    // whatever the spelling
    world.radarr.edit(900_149, |movie| movie.title = "Ákira!".into());
    world.run(&["once"]).succeeds().says("\"Ákira!\" (2000), which has the number 900149");
}

#[test]
fn the_radarr_whose_file_is_here_serves_the_rule() {
    let world = scene::linked();
    let second = crate::support::radarr::Radarr::start("another-key-9c41d2", world.radarr.mounts().clone());
    world.set("RADARR_1_URL", &second.url());
    world.set("RADARR_1_API_KEY", second.key());
    let mut movie = world.radarr.movies().remove(0);
    movie.path = movie.path.replace("movies/Akira (1988)", "movies4k/Akira (1988)");
    movie.file.as_mut().unwrap().relative_path = "Akira 4k.mkv".into();
    second.add(movie);
    world.assert_settled();
    // the file moves to the second one, and the first does not know yet
    world.put("movies4k/Akira (1988)/Akira 4k.mkv");
    world.assert_settled();
    world.remove(FILM);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, "../../../movies4k/Akira (1988)/Akira 4k.mkv")]);
    world.assert_settled();
}

#[test]
fn the_internet_is_asked_for_a_name_once() {
    let world = scene::unlinked();
    scene::show(&world).edit(|series| series.title = "ナルト".into());
    let lookups = |world: &World| world.sonarr.calls().iter().filter(|call| call.contains("lookup")).count();
    world.run(&["once"]).succeeds().says("Sonarr has no show called");
    assert_eq!(lookups(&world), 1);
    world.forget();
    for _ in 0..3 {
        world.run(&["once"]).succeeds();
    }
    assert_eq!(lookups(&world), 0);
    // nor for one that was found before
    let world = scene::linked();
    world.series("Bleach", 74796);
    scene::show(&world).delete();
    world.run(&["once"]).succeeds().says("Sonarr has no show called");
    assert_eq!(lookups(&world), 0);
}
