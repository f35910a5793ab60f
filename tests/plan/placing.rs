//! Which film, which show, which special a rule means, and what its link is called, through the real program.

use plex_linker::model::NewRule;

use crate::support::{
    radarr::Radarr,
    rules,
    scene::{self, FILM, LINK, TARGET},
    sonarr::Sonarr,
    world::World,
};

/// A library of one film and one show, and the place of the link between them. `film` is below `movies`, `link` below `tv`.
struct Case {
    film: &'static str,
    show: &'static str,
    special: &'static str,
    anime: bool,
    link: &'static str,
}

fn case(film: &'static str, show: &'static str, special: &'static str, link: &'static str) -> Case {
    Case { film, show, special, anime: false, link }
}

/// All cases in one library and one run; every show's folder is a number, so that its title is in the link's name alone.
#[track_caller]
fn placed(cases: &[Case]) {
    let world = World::new();
    let mut links = Vec::new();
    for (number, Case { film, show, special, anime, link }) in cases.iter().enumerate() {
        let id = 1 + number as i32;
        let file = format!("movies/{film}");
        let series = world.series(&format!("show {id}"), id).special(5, special).edit(|series| {
            series.title = show.to_string();
            if *anime {
                series.series_type = "anime".into();
            }
        });
        world.movie(&format!("Film {id}"), id).file(&file, "DVD");
        world.add_rule(&NewRule { tvdb_id: Some(id), ..wish(&format!("Film {id}"), id, "by its number") });
        links.push((format!("tv/show {id}/Season 00/{link}"), format!("../../../{file}")));
        assert!(series.file_of(5).is_none());
    }
    world.run(&["once"]).succeeds();
    world.assert_links_of(&links);
    for (link, _) in &links {
        assert!(world.path(link).is_file(), "{link}");
    }
    world.assert_settled();
}

fn wish(movie_title: &str, tmdb_id: i32, show_name: &str) -> NewRule {
    rules::wish(movie_title, tmdb_id, show_name, 5)
}

#[test]
fn the_name_is_of_the_show_and_the_special() {
    let movie = "Film (2000)/Film.mkv";
    placed(&[
        case(movie, "Naruto", "The Movie", "Naruto - S00E05 - The Movie DVD.mkv"),
        Case { anime: true, ..case("2/x.mkv", "Naruto", "The Movie", "Naruto - S00E005 - The Movie DVD.mkv") },
        case("3/x.mkv", "Futurama", "Bender's Big Score (2)", "Futurama - S00E05 - Bender's Big Score DVD.mkv"),
        case("4/x.mkv", "Show", "", "Show - S00E05 - DVD.mkv"),
        case("5/x.mkv", "Fate/Zero", "Part 1/2", "Fate+Zero - S00E05 - Part 1+2 DVD.mkv"),
        case("6/x.mkv", "A: B", "Who? \"Me\" <*>|\\", "A- B - S00E05 - Who! Me -+ DVD.mkv"),
        case("7/x.mkv", "Tab\tbed\u{1b}[31m", "line\nbreak\0", "Tabbed[31m - S00E05 - linebreak DVD.mkv"),
        case("8/x.mkv", "Show", "The S01E02 Film", "Show - S00E05 - DVD.mkv"),
        case("9/x.mkv", "Show", "1x02 revisited", "Show - S00E05 - DVD.mkv"),
        case("10/x.mkv", "The Daily 2009-12-25", "Film", "S00E05 - Film DVD.mkv"),
        case("11/x.mkv", "Wait...", "More...", "Wait - S00E05 - More DVD.mkv"),
        case("12/x.mkv", "..", "../../../outside", "S00E05 - +..+..+outside DVD.mkv"),
        case("13/x.mkv", ".hack", "ünï çödé 映画 🎬", "hack - S00E05 - ünï çödé 映画 🎬 DVD.mkv"),
        case(
            "14/x.mkv",
            "$(reboot) `id` %2e%2e",
            "'; DROP TABLE",
            "$(reboot) `id` %2e%2e - S00E05 - '; DROP TABLE DVD.mkv",
        ),
    ]);
}

/// D05, D06, D31: Radarr's path is used byte for byte, and the extension is what follows its last dot.
#[test]
fn the_films_path_is_used_as_it_is() {
    placed(&[
        case("Alien: Covenant (2017)/Alien: Covenant.mp4", "A", "B", "A - S00E05 - B DVD.mp4"),
        case("Dr. Strange... (1964)/Dr. Strange....mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("Amélie (2001)/Amélie — 4K ☂.mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("千と千尋の神隠し (2001)/千と千尋の神隠し.AVI", "A", "B", "A - S00E05 - B DVD.AVI"),
        case("Film (2003)/disc 1/BDMV/STREAM/00001.m2ts", "A", "B", "A - S00E05 - B DVD.m2ts"),
        case("Movie.Name.2019.1080p.x264-GRP/Movie.Name.2019.5.1.x264-GRP.mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("  blanks  /  blanks  .mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("back\\slash/back\\slash.mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("quote \" ' $HOME `x`/new\nline\u{7f}.mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("..hidden/...mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
        case("percent %20/%2e%2e%2f.mkv", "A", "B", "A - S00E05 - B DVD.mkv"),
    ]);
}

/// D29
#[test]
fn a_long_title_is_shortened_to_240_bytes_between_characters() {
    let world = World::new();
    let show = world.series("魔法少女", 1).special(5, &"映".repeat(90)).special(6, &"é".repeat(200));
    for (id, episode) in [(1, 5), (2, 6)] {
        let film = world.movie(&format!("Film {id}"), id).file(&format!("movies/{id}/x.mkv"), "Bluray-1080p");
        world.rule(film, show, episode);
    }
    world.run(&["once"]).succeeds();
    assert_eq!(world.links().len(), 2);
    for (link, _) in world.links() {
        let name = link.rsplit('/').next().unwrap();
        assert!((233..=240).contains(&name.len()), "{} bytes: {name}", name.len());
        assert!(name.ends_with("... Bluray-1080p.mkv"), "{name}");
    }
    world.assert_settled();
}

/// D43: macOS and some shares write accents apart from their letters.
#[test]
fn a_film_is_found_in_the_other_unicode_form() {
    let (nfc, nfd) = ("movies/Am\u{e9}lie/Am\u{e9}lie.mkv", "movies/Ame\u{301}lie/Ame\u{301}lie.mkv");
    for (told, there) in [(nfc, nfd), (nfd, nfc)] {
        let world = World::new();
        world.put(there);
        let film = world.movie("Amelie", 194).file_in_radarr_only(told, "DVD");
        world.rule(film, world.series("Naruto", 78857).special(5, "The Movie"), 5);
        world.run(&["once"]).succeeds();
        world.assert_links(&[(LINK, &format!("../../../{there}"))]);
        world.run(&["once"]).succeeds().says("nothing changed");
    }
}

/// D42: Radarr tells a sign of replacement where the name has a byte that is no UTF-8.
#[test]
fn a_film_whose_name_is_no_text_costs_no_other_rule() {
    use std::os::unix::ffi::OsStrExt;
    let world = scene::unlinked();
    let folder = world.folder("movies/Am\u{fffd}lie");
    std::fs::write(folder.join(std::ffi::OsStr::from_bytes(b"Am\xe9lie.mkv")), "").unwrap();
    let film = world.movie("Amelie", 194).file_in_radarr_only("movies/Am\u{fffd}lie/Am\u{fffd}lie.mkv", "DVD");
    world.rule(film, world.series("Bleach", 74796).special(2, "Nobody"), 2);
    world.run(&["once"]).succeeds().says("rule 2 is not linked").says("Am\u{fffd}lie.mkv");
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn a_show_is_found_in_the_other_unicode_form() {
    let world = World::new();
    let film = world.movie("Akira", 149).file(FILM, "DVD");
    let show = world.series("Poke\u{301}mon", 1).special(5, "Film");
    let told = world.path("tv/Pok\u{e9}mon").display().to_string();
    world.rule(film, show.edit(|series| series.path = told), 5);
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Poke\u{301}mon/Season 00/Poke\u{301}mon - S00E05 - Film DVD.mkv", TARGET)]);
}

#[test]
fn the_season_is_used_as_typed() {
    let world = World::new();
    let film = world.movie("Akira", 149).file(FILM, "DVD");
    let show = world.series("Naruto", 78857).special(5, "Zero").episode(1, 5, "One").episode(2024, 5, "Year");
    for (season, special) in [("0", "Zero"), ("1", "One"), ("2024", "Year")] {
        world.add_rule(&NewRule { season: Some(season.into()), ..wish(special, film.tmdb_id, &show.title()) });
    }
    world.run(&["once"]).succeeds();
    world.assert_links(&[
        ("tv/Naruto/Season 0/Naruto - S0E05 - Zero DVD.mkv", TARGET),
        ("tv/Naruto/Season 1/Naruto - S1E05 - One DVD.mkv", TARGET),
        ("tv/Naruto/Season 2024/Naruto - S2024E05 - Year DVD.mkv", TARGET),
    ]);
}

/// D09a: exactly that show among those that sound alike, wherever a search would rank it.
#[test]
fn a_show_is_found_by_a_number_or_its_title_or_nearly() {
    let names = ["Naruto", "naruto", "NARUTO!", "Naruto.", "NARUTO -ナルト-", "naruto ナルト"];
    for name in names.into_iter().chain(["Sonarr's number", "TVDB's number"]) {
        let world = scene::unlinked();
        let show = scene::show(&world).alternate_title("NARUTO -ナルト-");
        for (title, tvdb_id) in [("Naruto Shippuden", 79824), ("Naruto SD", 256_147), ("Boruto", 321_285)] {
            world.series(title, tvdb_id).special(5, "The Movie");
        }
        world.run(&["rules", "remove", "1"]).succeeds();
        let (series_id, tvdb_id) = ((name == "Sonarr's number", show.id()), (name == "TVDB's number", scene::NARUTO));
        let number = |(told, id): (bool, i32)| told.then_some(id);
        world.add_rule(&NewRule { series_id: number(series_id), tvdb_id: number(tvdb_id), ..wish("Akira", 149, name) });
        world.run(&["once"]).succeeds();
        world.assert_links(&[(LINK, TARGET)]);
    }
}

/// D09b: what a search finds first need not be in the library; nothing is linked to what only sounds alike.
#[test]
fn a_name_that_only_sounds_alike_is_no_shows() {
    let world = scene::unlinked();
    world.sonarr.elsewhere("Naruto Shippuden", 79824);
    world.run(&["rules", "edit", "1", "--show-name", "naru"]).succeeds();
    world.run(&["once"]).succeeds().says("Sonarr has no show called \"naru\"");
    world.assert_links(&[]);
}

#[test]
fn a_show_is_found_by_a_search_that_leaves_no_doubt() {
    let world = scene::unlinked();
    world.run(&["rules", "edit", "1", "--show-name", "arut"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn of_two_shows_with_one_name_neither_is_taken() {
    let world = scene::unlinked();
    world.series("Naruto (2)", 5).special(5, "The Movie").edit(|series| series.title = "Naruto".into());
    world.run(&["once"]).succeeds().says("two shows fit").says("78857").says("tvdb_id 5");
    world.assert_links(&[]);
    world.run(&["rules", "edit", "1", "--tvdb-id", "78857"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
}

/// D51
#[test]
fn a_film_is_known_by_its_number_and_not_by_its_title() {
    let world = World::new();
    for (tmdb_id, year, tvdb_id) in [(1, 1954, 10), (2, 2014, 20)] {
        world.movie("Godzilla", tmdb_id).file(&format!("movies/Godzilla ({year})/x.mkv"), "DVD");
        let show = world.series(&format!("Show {year}"), tvdb_id).special(5, "Godzilla");
        world.add_rule(&wish("Godzilla", tmdb_id, &show.title()));
    }
    world.run(&["once"]).succeeds();
    world.assert_links(&[
        ("tv/Show 1954/Season 00/Show 1954 - S00E05 - Godzilla DVD.mkv", "../../../movies/Godzilla (1954)/x.mkv"),
        ("tv/Show 2014/Season 00/Show 2014 - S00E05 - Godzilla DVD.mkv", "../../../movies/Godzilla (2014)/x.mkv"),
    ]);
}

#[test]
fn a_special_is_found_by_sonarrs_number() {
    let world = scene::unlinked();
    scene::show(&world).special(7, "Seventh");
    let id = world.sonarr.series()[0].episodes[1].id;
    world.run(&["rules", "edit", "1", "--episode-id", &id.to_string()]).succeeds();
    // it stays with whatever has that number in this one Sonarr, and says nothing against the rest of the rule
    world.run(&["once"]).succeeds().says("clear the episode_id");
    world.assert_links(&[]);
    world.run(&["rules", "edit", "1", "--episode", "none"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Naruto/Season 00/Naruto - S00E07 - Seventh DVD.mkv", TARGET)]);
}

#[test]
fn the_second_apps_serve_what_the_first_ones_do_not_have() {
    let world = scene::unlinked();
    let (radarr, sonarr) = second_apps(&world);
    radarr.add(world.radarr.movies().remove(0));
    sonarr.add(world.sonarr.series().remove(0));
    world.radarr.delete(scene::AKIRA);
    world.sonarr.delete(scene::NARUTO);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    assert!(sonarr.series()[0].episodes[0].file.is_some());
    assert_eq!((radarr.posts().len(), sonarr.posts().len()), (1, 2));
    world.assert_posts(&[]);
}

/// It may have the film or the show: then the second one's would be the wrong one, and the next run flips.
#[test]
fn what_an_app_that_is_away_may_have_is_not_taken_from_the_next() {
    let world = scene::linked();
    let (radarr, sonarr) = second_apps(&world);
    radarr.add(world.radarr.movies().remove(0));
    sonarr.add(world.sonarr.series().remove(0));
    radarr.edit(scene::AKIRA, |movie| movie.file.as_mut().unwrap().relative_path = "Other.mkv".into());
    world.put("movies/Akira (1988)/Other.mkv");
    world.radarr.on("*", crate::support::http::Answer::status(401));
    world.run(&["once"]).exits(1);
    world.assert_links(&[(LINK, TARGET)]);
    world.radarr.heal();
    world.assert_settled();
}

fn second_apps(world: &World) -> (Radarr, Sonarr) {
    let radarr = Radarr::start("second-radarr-key", world.radarr.mounts().clone());
    let sonarr = Sonarr::start("second-sonarr-key", world.sonarr.mounts().clone());
    for (name, app) in [("RADARR_1", &*radarr), ("SONARR_1", &*sonarr)] {
        world.set(&format!("{name}_URL"), &app.url());
        world.set(&format!("{name}_API_KEY"), app.key());
    }
    (radarr, sonarr)
}

/// A film and a show as the apps see them.
#[track_caller]
fn links_across(world: &World, film: &str, show: &str, text: &str) {
    let film = world.movie("Akira", 149).file(film, "DVD");
    let series = world.series("Naruto", 78857).special(5, "The Movie");
    if show != "tv/Naruto" {
        series.path(show);
    }
    world.rule(film, series, 5);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(&format!("{show}/Season 00/Naruto - S00E05 - The Movie DVD.mkv"), text)]);
    world.assert_settled();
}

#[test]
fn paths_are_mapped_by_the_longest_fitting_folder() {
    let world = World::with_mounts(&[("/tv/anime", "anime"), ("/tv", "tv"), ("/tvx", "tvx")], &[("/films", "movies")]);
    let maps = world.variable("SONARR_0_PATH_MAP").unwrap();
    let reversed: Vec<&str> = maps.split(',').rev().collect();
    world.set("SONARR_0_PATH_MAP", &reversed.join(","));
    links_across(&world, FILM, "anime/Naruto", TARGET);
}

/// D30: the prefix is cut from the start, at a slash, and nowhere else.
#[test]
fn a_prefix_is_cut_from_the_start_of_paths_alone() {
    for (prefix, local) in
        [("/data", "tv"), ("/data/", "tv"), ("/tv", "data/tv"), ("/dat", "data/tv"), ("/", "data/tv")]
    {
        let world = World::with_mounts(&[("/data/tv", local), ("/elsewhere", "tv")], &[("/movies", "movies")]);
        for app in ["SONARR", "RADARR"] {
            world.unset(&format!("{app}_0_PATH_MAP"));
        }
        world.set("SONARR_ROOT_PATH_PREFIX", prefix);
        let up = "../".repeat(local.matches('/').count());
        links_across(&world, FILM, &format!("{local}/Naruto"), &format!("{up}{TARGET}"));
    }
}

#[test]
fn the_specials_folder_is_a_setting() {
    for (setting, in_sonarr, folder) in [
        ("Specials", "", "Specials"),
        ("S{season}", "", "S00"),
        ("sonarr", "Specials", "Specials"),
        ("sonarr", "{Series Title} Season {season:00}", "Naruto Season 00"),
    ] {
        let world = scene::unlinked();
        world.sonarr.set_specials_folder(in_sonarr);
        world.set("PLEX_LINKER_SPECIALS_FOLDER", setting);
        world.run(&["once"]).succeeds();
        world.assert_links(&[(&LINK.replace("Season 00", folder), TARGET)]);
    }
}

#[test]
fn a_show_without_season_folders_gets_the_link_where_sonarr_would_put_it() {
    let world = scene::unlinked();
    scene::show(&world).edit(|series| series.season_folder = false);
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
    world.run(&["once"]).succeeds();
    world.assert_links(&[(&LINK.replace("Season 00/", ""), "../../movies/Akira (1988)/Akira.mkv")]);
}

#[test]
fn a_film_of_several_files_is_linked_and_says_so() {
    let cases = [
        (
            "movies/Akira (1988)/BDMV/STREAM/00001.m2ts",
            "movies/Akira (1988)/BDMV/STREAM/00002.m2ts",
            "a Blu-ray folder",
        ),
        ("movies/Akira (1988)/VIDEO_TS/VTS_01_1.VOB", "movies/Akira (1988)/VIDEO_TS/VTS_01_2.VOB", "a DVD folder"),
        ("movies/Akira (1988)/Akira.cd1.avi", "movies/Akira (1988)/Akira.cd2.avi", "in 2 files"),
    ];
    for (file, other, what) in cases {
        let world = World::new();
        let film = world.movie("Akira", scene::AKIRA).file(file, "DVD");
        world.put(other);
        world.rule(film, world.series("Naruto", scene::NARUTO).special(scene::SPECIAL, "The Movie"), 5);
        world.run(&["once"]).succeeds().says(&format!("the film is {what}")).says("1 of 1 rule linked");
        let extension = file.rsplit_once('.').unwrap().1;
        world.assert_links(&[(&LINK.replace("mkv", extension), &format!("../../../{file}"))]);
        world.run(&["once"]).succeeds().says("nothing changed: 1 of 1 rule linked").never_says(what);
        world.run(&["status"]).succeeds().says("linked in part").says(what);
        world.run(&["check"]).says(&format!("the film of rule 1 is {what}"));
        world.remove(other);
        world.run(&["once"]).succeeds();
        let is_known = world.run(&["status"]).succeeds().stdout.contains(what);
        world.assert(is_known == file.ends_with("m2ts") || is_known == file.ends_with("VOB"), "a part alone is a film");
    }
    // one file with all in it
    for file in ["movies/Akira (1988)/Akira.iso", "movies/Akira (1988)/Akira.strm"] {
        let world = World::new();
        let film = world.movie("Akira", scene::AKIRA).file(file, "DVD");
        world.rule(film, world.series("Naruto", scene::NARUTO).special(scene::SPECIAL, "The Movie"), 5);
        world.run(&["once"]).succeeds().says("1 of 1 rule linked").never_says("the film is");
    }
}
