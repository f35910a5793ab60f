//! Subtitles come along with the film's link: they are made, moved and removed with it, and nothing of anybody else's is touched.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use crate::support::{
    scene::{self, FILM, LINK, SPECIAL, TARGET},
    world::{Unplugged, World},
};

const SUBTITLE: &str = "movies/Akira (1988)/Akira.en.srt";
const SUBTITLE_LINK: &str = "tv/Naruto/Season 00/Naruto - S00E05 - The Movie DVD.en.srt";
const TO_SUBTITLE: &str = "../../../movies/Akira (1988)/Akira.en.srt";
const BOTH: [(&str, &str); 2] = [(LINK, TARGET), (SUBTITLE_LINK, TO_SUBTITLE)];

/// A film with an English subtitle, both linked, and Sonarr has been told.
fn linked() -> World {
    let world = scene::unlinked();
    world.put(SUBTITLE);
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
    world.forget();
    world
}

/// The film's link, and those of its subtitles with these ends.
fn assert_ends(world: &World, link: &str, target: &str, ends: &[&str]) {
    let base = |name: &str| name.strip_suffix(".mkv").unwrap().to_string();
    let subtitles = ends.iter().map(|end| (base(link) + end, base(target) + end));
    world.assert_links_of(&subtitles.chain([(link.to_string(), target.to_string())]).collect::<Vec<_>>());
}

fn told(world: &World) -> [String; 2] {
    ["RescanSeries", "RefreshSeries"].map(|command| format!("{command} {}", scene::show(world).id()))
}

#[track_caller]
fn assert_sonarr_alone_is_told(world: &World) {
    world.assert_posts(&told(world).each_ref().map(String::as_str));
    world.forget();
}

/// As it is: the database is not written to either.
#[track_caller]
fn assert_settled(world: &World) {
    let database = || fs::read(world.state().join("plex_linker.db")).unwrap();
    let before = database();
    world.assert_settled();
    world.assert(database() == before, "nothing should have been written");
}

#[test]
fn subtitles_are_linked_with_the_film() {
    let world = scene::unlinked();
    let ends =
        [".srt", ".en.forced.srt", ".pt-BR.ass", ".it.vtt", ".fr.sup", ".es.idx", ".es.sub", ".eng.sdh.hi.ssa", ".smi"];
    let others = [".nfo", "-fanart.jpg", ".jpg", "-trailer.mkv", " 2.en.srt", ".txt"];
    for end in ends.iter().chain(&others) {
        world.put(&FILM.replace(".mkv", end));
    }
    world.folder(&FILM.replace(".mkv", ".de.srt"));
    let preview = world.run(&["once", "--dry-run"]).succeeds();
    world.assert_links(&[]);
    for end in ends {
        let place = world.path(&LINK.replace(".mkv", end)).display().to_string();
        world.assert(preview.stdout.contains(&format!("create {place} -> ")), "the preview should show each");
    }
    world.run(&["once"]).succeeds().says("10 changes: 1 of 1 rule linked");
    assert_ends(&world, LINK, TARGET, &ends);
    let status = world.run(&["status"]).succeeds();
    status.says(".en.forced.srt").says(".es.idx");
    let taken: Vec<String> = scene::show(&world).subtitles().into_iter().map(|(_, tags)| tags.join(".")).collect();
    assert_eq!(taken, ["en.forced", "es", "es", "pt-BR", ""]);
    assert_settled(&world);
}

#[test]
fn one_that_comes_or_goes_is_followed_at_once() {
    let world = scene::linked();
    world.put(SUBTITLE);
    world.run(&["once"]).succeeds().says("create");
    world.assert_links(&BOTH);
    assert_sonarr_alone_is_told(&world);
    assert_settled(&world);
    world.remove(SUBTITLE);
    world.run(&["once", "--dry-run"]).succeeds().says("the subtitle is gone");
    world.run(&["once"]).succeeds().says("the subtitle is gone");
    world.assert_links(&[(LINK, TARGET)]);
    assert_sonarr_alone_is_told(&world);
    assert_settled(&world);
}

#[test]
fn any_number_of_them_goes_at_once() {
    let world = scene::unlinked();
    let subtitles: Vec<String> = ('a'..'p').map(|letter| FILM.replace(".mkv", &format!(".{letter}.srt"))).collect();
    subtitles.iter().for_each(|subtitle| drop(world.put(subtitle)));
    world.run(&["once"]).succeeds();
    world.assert(world.links().len() == 16, "all should be linked");
    subtitles.iter().for_each(|subtitle| world.remove(subtitle));
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn the_film_s_link_takes_them_along_when_it_goes() {
    for way in ["rule", "film", "file", "folder"] {
        let world = linked();
        world.movie("Other", 1).file("movies/Other (1999)/Other.mkv", "DVD");
        match way {
            "rule" => drop(world.run(&["rules", "remove", "1"]).succeeds()),
            "file" => drop(scene::film(&world).delete_file()),
            _ => scene::film(&world).delete(),
        }
        // the subtitle itself may stay where the film was
        world.assert(world.path(SUBTITLE).exists(), "nobody has touched the subtitle");
        if way == "folder" {
            world.remove("movies/Akira (1988)");
        }
        world.run(&["once"]).succeeds();
        world.assert_links(&[]);
        world.run(&["once"]).succeeds();
        assert_settled(&world);
    }
}

#[test]
fn they_follow_a_link_that_gets_another_name() {
    let world = linked();
    world.put(&SUBTITLE.replace(".en.", ".de."));
    let ends = [".en.srt", ".de.srt"];
    world.run(&["once"]).succeeds();
    assert_ends(&world, LINK, TARGET, &ends);

    scene::show(&world).retitle(SPECIAL, "The Film");
    world.run(&["once"]).succeeds().says("rename").never_says("create").never_says("remove");
    assert_ends(&world, &LINK.replace("The Movie", "The Film"), TARGET, &ends);

    scene::show(&world).tvdb_renumbers(SPECIAL, 7);
    world.run(&["once"]).succeeds().never_says("create").never_says("remove");
    let link = &LINK.replace("The Movie", "The Film").replace("E05", "E07");
    assert_ends(&world, link, TARGET, &ends);

    // another file, and subtitles named after it
    let better = "movies/Akira (1988)/Akira BD.mkv";
    scene::film(&world).upgrade(better, "Bluray-1080p");
    for language in ["en", "de"] {
        let path = |film: &str| world.path(&film.replace(".mkv", &format!(".{language}.srt")));
        fs::rename(path(FILM), path(better)).unwrap();
    }
    world.run(&["once"]).succeeds().never_says("create").never_says("remove");
    let link = &link.replace("DVD", "Bluray-1080p");
    assert_ends(&world, link, "../../../movies/Akira (1988)/Akira BD.mkv", &ends);
    assert_settled(&world);
}

#[test]
fn the_film_s_folder_moves_in_radarr() {
    let world = linked();
    scene::film(&world).move_folder("movies/Akira");
    world.run(&["once"]).succeeds();
    assert_ends(&world, LINK, "../../../movies/Akira/Akira.mkv", &[".en.srt"]);
    assert_settled(&world);
}

#[test]
fn an_old_file_s_subtitles_go_when_the_film_has_another_file() {
    let world = linked();
    scene::film(&world).upgrade("movies/Akira (1988)/Akira BD.mkv", "DVD");
    world.run(&["once"]).succeeds().says("the film has no such subtitle any more");
    world.assert_links(&[(LINK, "../../../movies/Akira (1988)/Akira BD.mkv")]);
    assert_settled(&world);
}

#[test]
fn two_specials_that_change_their_numbers_keep_their_own() {
    let world = World::new();
    let show = world.series("Naruto", 1).special(1, "One").special(2, "Two").special(3, "Three");
    for (id, title) in [(1, "One"), (2, "Two"), (3, "Three")] {
        let film = world.movie(title, id).file(&format!("movies/{title}/{title}.mkv"), "DVD");
        world.rule(film, show, id);
    }
    for subtitle in ["One/One.en.srt", "One/One.de.srt", "Two/Two.en.srt", "Three/Three.en.srt"] {
        world.put(&format!("movies/{subtitle}"));
    }
    world.run(&["once"]).succeeds();
    let assert_all = |numbers: [u32; 3]| {
        let [one, two, three] = numbers;
        let ends = [(one, "One", ".mkv"), (one, "One", ".en.srt"), (one, "One", ".de.srt"), (two, "Two", ".mkv")];
        let ends =
            ends.into_iter().chain([(two, "Two", ".en.srt"), (three, "Three", ".mkv"), (three, "Three", ".en.srt")]);
        let links: Vec<_> = ends
            .map(|(number, title, end)| {
                let end_of_link = if end == ".mkv" { " DVD.mkv" } else { &format!(" DVD{end}") };
                let link = format!("tv/Naruto/Season 00/Naruto - S00E{number:02} - {title}{end_of_link}");
                (link, format!("../../../movies/{title}/{title}{end}"))
            })
            .collect();
        world.assert_links_of(&links);
    };
    assert_all([1, 2, 3]);
    show.tvdb_swaps(1, 2);
    world.run(&["once"]).succeeds();
    assert_all([2, 1, 3]);
    show.tvdb_inserts(1, "New");
    world.run(&["once"]).succeeds();
    assert_all([3, 2, 4]);
    assert_settled(&world);
}

#[test]
fn what_sonarr_renames_stays_renamed() {
    for language in ["en", "eng"] {
        let world = scene::unlinked();
        world.put(&SUBTITLE.replace(".en.", &format!(".{language}.")));
        world.run(&["once"]).succeeds();
        world.sonarr.set_renames(true);
        scene::show(&world).retitle(SPECIAL, "The Film");
        let moved = scene::show(&world).renamed_by_sonarr();
        assert_eq!(moved.len(), 1);
        world.run(&["once"]).succeeds();
        let link = "tv/Naruto/Specials/Naruto - S00E05 - The Film DVD.mkv";
        let target = TO_SUBTITLE.replace(".en.", &format!(".{language}."));
        world.assert_links(&[(link, TARGET), (&link.replace(".mkv", ".en.srt"), &target)]);
        assert_settled(&world);
        assert_eq!(scene::show(&world).renamed_by_sonarr(), []);
    }
}

#[test]
fn what_sonarr_deletes_comes_again() {
    let world = linked();
    scene::show(&world).delete_file(SPECIAL);
    world.assert_links(&[]);
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
    assert_settled(&world);
}

#[test]
fn what_is_in_the_way_stays_and_is_told_once() {
    for link_in_the_way in [false, true] {
        let world = scene::linked();
        if link_in_the_way {
            world.put("elsewhere.srt");
            world.link(SUBTITLE_LINK, "../../../elsewhere.srt");
        } else {
            world.put(SUBTITLE_LINK);
        }
        world.put(SUBTITLE);
        let before = world.tree();
        let what = if link_in_the_way { "another symlink is in the way" } else { "a file is in the way" };
        world.run(&["once"]).succeeds().says(what).says("1 of 1 rule linked");
        world.assert_same("the tree", &world.tree(), &before);
        world.run(&["once"]).succeeds().never_says(what);
        world.run(&["status"]).succeeds().says(what);
        // and nothing of it goes with the film
        world.run(&["rules", "remove", "1"]).succeeds();
        world.run(&["once"]).succeeds();
        world.assert(world.path(SUBTITLE_LINK).exists(), "it is somebody else's");
    }
}

#[test]
fn pictures_are_not_linked_beside_the_times_of_somebody_else() {
    for theirs in ["idx", "sub"] {
        let world = scene::linked();
        let in_the_way = SUBTITLE_LINK.replace("srt", theirs);
        world.put(&in_the_way);
        world.put(&SUBTITLE.replace("srt", "idx"));
        world.put(&SUBTITLE.replace("srt", "sub"));
        world.run(&["once"]).succeeds().says("a file is in the way");
        world.assert_links(&[(LINK, TARGET)]);
        fs::remove_file(world.path(&in_the_way)).unwrap();
        world.run(&["once"]).succeeds();
        assert_ends(&world, LINK, TARGET, &[".en.idx", ".en.sub"]);
    }
}

#[test]
fn one_that_somebody_else_put_in_the_place_of_ours_is_theirs() {
    let world = linked();
    world.remove(SUBTITLE_LINK);
    world.put(SUBTITLE_LINK);
    world.run(&["once"]).succeeds();
    world.remove(SUBTITLE);
    world.run(&["once"]).succeeds();
    world.assert(world.path(SUBTITLE_LINK).is_file(), "it is somebody else's");
    assert_settled(&world);
}

#[test]
fn a_right_link_that_somebody_made_is_taken_over() {
    let world = scene::linked();
    world.put(SUBTITLE);
    world.link(SUBTITLE_LINK, TO_SUBTITLE);
    world.run(&["once"]).succeeds().says("nothing changed");
    world.remove(SUBTITLE);
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
}

#[test]
fn a_symlink_in_a_circle_costs_no_other_subtitle() {
    let world = scene::unlinked();
    world.put("movies/Akira (1988)/Akira.en.srt");
    world.link("movies/Akira (1988)/Akira.fr.srt", "Akira.fr.srt");
    world.run(&["once"]).succeeds();
    assert_eq!(world.links().iter().filter(|(path, _)| path.ends_with(".en.srt")).count(), 1, "{}", world.tree());
}

#[test]
fn a_folder_that_cannot_be_read_costs_the_subtitles_alone() {
    let world = linked();
    scene::as_ordinary_user(&world);
    for path in ["tv/Naruto", "tv/Naruto/Season 00"] {
        fs::set_permissions(world.path(path), Permissions::from_mode(0o777)).unwrap();
    }
    scene::show(&world).retitle(SPECIAL, "The Film");
    world.put(&SUBTITLE.replace(".en.", ".de."));
    let folder = world.path("movies/Akira (1988)");
    fs::set_permissions(&folder, Permissions::from_mode(0o711)).unwrap();
    world.run(&["once"]).exits(1).says(&format!("cannot read {}", folder.display()));
    assert_ends(&world, &LINK.replace("The Movie", "The Film"), TARGET, &[".en.srt"]);
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    world.run(&["once"]).succeeds();
    assert_ends(&world, &LINK.replace("The Movie", "The Film"), TARGET, &[".en.srt", ".de.srt"]);
}

#[test]
fn a_library_that_is_away_costs_no_subtitle() {
    for left in [Unplugged::Gone, Unplugged::Empty] {
        let world = linked();
        world.unplug("movies", left);
        world.run(&["once"]);
        world.assert_links(&BOTH);
        world.plug("movies");
        world.run(&["once"]).succeeds();
        world.assert_links(&BOTH);
        assert_settled(&world);
    }
}

/// As of a pool of disks: what becomes of the film is decided first.
#[test]
fn a_part_of_a_library_that_is_away_costs_no_subtitle() {
    let world = linked();
    world.movie("Other", 1).file("movies/Other (1999)/Other.mkv", "DVD");
    world.unplug("movies/Akira (1988)", Unplugged::Gone);
    for _ in 0..2 {
        world.run(&["once"]).exits(1).says("Radarr has the film's file");
        world.assert_links(&BOTH);
    }
    world.plug("movies/Akira (1988)");
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
    assert_settled(&world);
}

/// Sonarr itself would remove some kinds of subtitles with the film's link; of those it knows none.
fn linked_with_one_that_sonarr_does_not_know() -> World {
    let world = scene::unlinked();
    world.put(&SUBTITLE.replace(".srt", ".vtt"));
    world.run(&["once"]).succeeds();
    assert_ends(&world, LINK, TARGET, &[".en.vtt"]);
    world
}

#[test]
fn none_is_left_behind_on_a_disk_of_shows_that_was_away() {
    let world = linked_with_one_that_sonarr_does_not_know();
    world.unplug("tv", Unplugged::Empty);
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.plug("tv");
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
}

/// Whether the old show's folder is away meanwhile, or new ones are not wanted.
#[test]
fn they_go_to_another_show() {
    for away in [true, false] {
        let world = linked_with_one_that_sonarr_does_not_know();
        world.series("Bleach", 74796).special(1, "Memories");
        world.run(&["rules", "edit", "1", "--show-name", "Bleach", "--episode", "1"]).succeeds();
        if away {
            world.unplug("tv/Naruto", Unplugged::Gone);
            world.run(&["once"]).succeeds();
            world.plug("tv/Naruto");
        } else {
            world.set("PLEX_LINKER_SUBTITLES", "off");
        }
        world.run(&["once"]).succeeds();
        assert_ends(&world, "tv/Bleach/Season 00/Bleach - S00E01 - Memories DVD.mkv", TARGET, &[".en.vtt"]);
        assert_settled(&world);
    }
}

/// By the path that Sonarr has now, and by the one that is recorded.
#[test]
fn a_show_with_a_second_name_keeps_its_subtitles() {
    let world = linked();
    world.link("tv/Alias", "Naruto");
    let path = world.seen_by_sonarr("tv/Alias");
    scene::show(&world).edit(|show| show.path = path);
    for _ in 0..2 {
        world.run(&["once"]).succeeds().says("nothing changed: 1 of 1 rule linked");
        world.assert_links(&[BOTH[0], BOTH[1], ("tv/Alias", "Naruto")]);
        world.assert_posts(&[]);
    }
}

/// No film is left in the old library by which it could be seen to be there.
#[test]
fn one_that_did_not_come_along_with_its_film_goes() {
    let world = linked();
    fs::create_dir_all(world.path("films/Akira")).unwrap();
    fs::rename(world.path(FILM), world.path("films/Akira/Akira.mkv")).unwrap();
    world.remove(SUBTITLE);
    scene::film(&world).edit(|film| film.path = world.seen_by_radarr("films/Akira"));
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, "../../../films/Akira/Akira.mkv")]);
    assert_settled(&world);
}

/// As macOS puts them beside the files of a share.
#[test]
fn what_is_hidden_is_neither_a_subtitle_nor_another_film() {
    let world = scene::unlinked();
    for name in ["Subs/English.srt", "Subs/._English.srt", "._Akira.mkv", "._Akira.en.srt", ".Other.mkv"] {
        world.put(&format!("movies/Akira (1988)/{name}"));
    }
    world.run(&["once"]).succeeds();
    let link = LINK.replace(".mkv", ".English.srt");
    world.assert_links(&[(LINK, TARGET), (&link, "../../../movies/Akira (1988)/Subs/English.srt")]);
    assert_settled(&world);
}

#[test]
fn an_app_that_is_away_costs_no_subtitle_but_one_that_is_gone() {
    let world = linked();
    world.put(&SUBTITLE.replace(".en.", ".de."));
    world.run(&["once"]).succeeds();
    world.remove(SUBTITLE);
    world.run_with(&[("RADARR_0_API_KEY", "wrong")], &["once"]).exits(1).says("nothing changed");
    world.run_with(&[("SONARR_0_API_KEY", "wrong")], &["once"]).exits(1).says("the subtitle is gone");
    assert_ends(&world, LINK, TARGET, &[".de.srt"]);
}

#[test]
fn they_are_left_alone_where_they_are_not_wanted() {
    let world = scene::unlinked();
    world.put(SUBTITLE);
    world.set("PLEX_LINKER_SUBTITLES", "off");
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    world.set("PLEX_LINKER_SUBTITLES", "on");
    // as in the first run with a database of a version that knew of none
    world.forget();
    world.run(&["once"]).succeeds().says("1 change: ");
    world.assert_links(&BOTH);
    assert_sonarr_alone_is_told(&world);
    world.set("PLEX_LINKER_SUBTITLES", "off");
    world.put(&SUBTITLE.replace(".en.", ".de."));
    assert_settled(&world);
    world.assert_links(&BOTH);
    // but none is left behind
    scene::show(&world).retitle(SPECIAL, "The Film");
    world.run(&["once"]).succeeds();
    assert_ends(&world, &LINK.replace("The Movie", "The Film"), TARGET, &[".en.srt"]);
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[]);
    world.set("PLEX_LINKER_SUBTITLES", "perhaps");
    world.run(&["once"]).exits(2).says("PLEX_LINKER_SUBTITLES");
}

#[test]
fn a_folder_beside_the_film_may_hold_them() {
    let world = scene::unlinked();
    for path in [
        "Subs/2_English.srt",
        "Subs/Akira.fr.forced.srt",
        "subtitles/pt-BR.ass",
        "Subs/Akira.srt",
        "Subs/other/de.srt",
        "Other/it.srt",
    ] {
        world.put(&format!("movies/Akira (1988)/{path}"));
    }
    world.run(&["once"]).succeeds();
    let to = |path: &str| format!("../../../movies/Akira (1988)/{path}");
    world.assert_links(&[
        (LINK, TARGET),
        (&LINK.replace(".mkv", ".English.srt"), &to("Subs/2_English.srt")),
        (&LINK.replace(".mkv", ".fr.forced.srt"), &to("Subs/Akira.fr.forced.srt")),
        (&LINK.replace(".mkv", ".pt-BR.ass"), &to("subtitles/pt-BR.ass")),
    ]);
    assert_settled(&world);
}

#[test]
fn of_two_films_in_one_folder_each_gets_its_own() {
    let world = World::new();
    let show = world.series("Naruto", 1).special(1, "One").special(2, "Two");
    for (id, file) in [(1, "Akira"), (2, "Akira.Extended")] {
        let film = world.movie(file, id).file(&format!("movies/All/{file}.mkv"), "DVD");
        world.rule(film, show, id);
        world.put(&format!("movies/All/{file}.en.srt"));
    }
    world.put("movies/All/Subs/de.srt");
    world.run(&["once"]).succeeds();
    let link = |name: &str| format!("tv/Naruto/Season 00/Naruto - S00E{name}");
    let to = |name: &str| format!("../../../movies/All/{name}");
    world.assert_links(&[
        (&link("01 - One DVD.mkv"), &to("Akira.mkv")),
        (&link("01 - One DVD.en.srt"), &to("Akira.en.srt")),
        (&link("02 - Two DVD.mkv"), &to("Akira.Extended.mkv")),
        (&link("02 - Two DVD.en.srt"), &to("Akira.Extended.en.srt")),
    ]);
}

#[test]
fn ranges_and_several_rules_of_one_film_have_them_too() {
    let world = World::new();
    let show = world.series("Naruto", 1).special(1, "One").special(2, "Two").special(3, "Three");
    let film = world.movie("Akira", 149).file(FILM, "DVD");
    world.put(SUBTITLE);
    let mut range = crate::support::world::wish(film, show, 1);
    range.last_episode = Some(2);
    world.add_rule(&range);
    world.type_rule(&crate::support::world::wish(film, show, 3));
    world.run(&["once"]).succeeds().says("2 of 2 rules linked");
    let links = world.links();
    let subtitles: Vec<_> =
        links.iter().filter(|(path, text)| path.ends_with(".en.srt") && text == TO_SUBTITLE).collect();
    world.assert(links.len() == 4 && subtitles.len() == 2, "each link should have its subtitle");
    assert_settled(&world);
}

/// Its links beside it are no second film, nor is that of another one.
#[test]
fn a_film_in_the_show_s_own_folder_keeps_those_of_its_folder() {
    let world = World::new();
    let show = world.series("Naruto", 1).special(1, "One").special(2, "Two");
    for (id, file) in [(1, "tv/Naruto/Season 00/Akira.mkv"), (2, "movies/Paprika/Paprika.mkv")] {
        let film = world.movie(&format!("Film {id}"), id).file(file, "DVD");
        world.rule(film, show, id);
    }
    world.put("tv/Naruto/Season 00/Subs/English.srt");
    world.run(&["once"]).succeeds();
    let links = [
        ("tv/Naruto/Season 00/Naruto - S00E01 - One DVD.English.srt", "Subs/English.srt"),
        ("tv/Naruto/Season 00/Naruto - S00E01 - One DVD.mkv", "Akira.mkv"),
        ("tv/Naruto/Season 00/Naruto - S00E02 - Two DVD.mkv", "../../../movies/Paprika/Paprika.mkv"),
    ];
    world.assert_links(&links);
    assert_settled(&world);
    world.assert_links(&links);
}

#[test]
fn one_that_is_a_symlink_to_a_disk_that_is_away_is_told() {
    let world = scene::unlinked();
    world.put("subtitles/Akira.srt");
    world.link(SUBTITLE, "../../subtitles/Akira.srt");
    let links = [BOTH[0], BOTH[1], (SUBTITLE, "../../subtitles/Akira.srt")];
    world.run(&["once"]).succeeds();
    world.assert_links(&links);
    world.unplug("subtitles", Unplugged::Gone);
    let away = format!(
        "a subtitle lies behind a symlink to {}, which is not there",
        world.path("subtitles/Akira.srt").display()
    );
    world.run(&["once"]).succeeds().says(&away).says("1 of 1 rule linked");
    world.assert_links(&links);
    world.run(&["once"]).succeeds().never_says(&away);
    world.run(&["status"]).succeeds().says(&away);
    world.plug("subtitles");
    world.run(&["once"]).succeeds();
    world.run(&["status"]).succeeds().never_says(&away);
    world.assert_links(&links);
}

#[test]
fn a_symlink_to_a_folder_of_subtitles_that_is_away_costs_those_in_it_alone() {
    let world = scene::unlinked();
    world.put(SUBTITLE);
    let folder = ("movies/Akira (1988)/Subs", "../../subtitles");
    world.link(folder.0, folder.1);
    world.run(&["once"]).succeeds();
    world.assert_links(&[BOTH[0], BOTH[1], folder]);
    assert_settled(&world);
    // a disk that comes, and goes again
    world.put("subtitles/German.srt");
    let german = (&*LINK.replace(".mkv", ".German.srt"), "../../../movies/Akira (1988)/Subs/German.srt");
    world.run(&["once"]).succeeds();
    world.assert_links(&[BOTH[0], BOTH[1], german, folder]);
    world.unplug("subtitles", Unplugged::Gone);
    world.run(&["once"]).succeeds().says("which is not there: is its disk mounted?");
    world.assert_links(&[BOTH[0], BOTH[1], german, folder]);
}
