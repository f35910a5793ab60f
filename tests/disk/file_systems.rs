//! Real file systems that are full, read-only, dead, without symlinks, or of two layers: a clear sentence each, and nothing lost.

use std::fs;

use crate::support::{
    mount::{Mount, fill},
    sample::{AKIRA, BLEACH_RETITLED, BOTH, BOTH_RETITLED, NARUTO_LINK, Sample, TO_AKIRA, TO_PAPRIKA},
    world::{World, wish},
};

const BETTER: &str = "movies/Akira (1988)/Akira.mkv";
const TO_BETTER: &str = "../../../movies/Akira (1988)/Akira.mkv";
/// After an upgrade of the one and a new title of the other.
const CHANGED: [(&str, &str); 2] = [(NARUTO_LINK, TO_BETTER), (BLEACH_RETITLED, TO_PAPRIKA)];

/// Both links are to change.
fn change(sample: &Sample) {
    sample.akira.upgrade(BETTER, "Bluray-1080p");
    sample.retitle();
}

/// All is well: what was due is done, and nothing more.
#[track_caller]
fn settles(world: &World, links: &[(&str, &str)]) {
    world.run(&["once"]).succeeds();
    world.assert_links(links);
    for (link, _) in links {
        assert!(world.path(link).is_file(), "{link} leads nowhere");
    }
    world.assert_settled();
}

/// Link after link is made, changed, renamed and removed as anywhere else, beside a file of somebody else's.
#[track_caller]
fn a_whole_life(world: &World, sample: &Sample) {
    settles(world, &BOTH);
    let file = world.put("tv/Bleach/Season 00/Bleach - S00E03 - Its own.mkv");
    change(sample);
    settles(world, &CHANGED);
    world.run(&["check"]).succeeds().says("links can be made in");
    world.remove(NARUTO_LINK);
    fs::rename(&file, world.path(NARUTO_LINK)).unwrap();
    sample.akira.upgrade(AKIRA, "Bluray-1080p");
    world.run(&["once"]).succeeds().says("a file is in the way");
    world.remove(NARUTO_LINK);
    settles(world, &[(NARUTO_LINK, TO_AKIRA), CHANGED[1]]);
    world.run(&["rules", "remove", "1"]).succeeds();
    settles(world, &[CHANGED[1]]);
}

#[test]
fn a_full_disk_of_shows_keeps_its_links() {
    let world = World::new();
    let Some(_mount) = Mount::small(&world.path("tv")) else { return };
    let sample = Sample::linked(&world);
    sample.retitle();
    let ballast = fill(&world.path("tv"));
    for _ in 0..2 {
        world.run(&["once"]).exits(1).says(BLEACH_RETITLED).says("No space left on device");
        world.assert_links(&BOTH);
    }
    sample.akira.upgrade(BETTER, "Bluray-1080p");
    world.run(&["once"]).exits(1).says(NARUTO_LINK).says("No space left on device");
    world.assert_links(&[(NARUTO_LINK, TO_AKIRA), BOTH[1]]);
    ballast.iter().for_each(|file| fs::remove_file(file).unwrap());
    settles(&world, &CHANGED);
}

#[test]
fn a_full_disk_of_shows_gets_no_link() {
    let world = World::new();
    let Some(_mount) = Mount::small(&world.path("tv")) else { return };
    Sample::new(&world);
    let ballast = fill(&world.path("tv"));
    world.run(&["once"]).exits(1).says(NARUTO_LINK).says("its folder cannot be made: No space left on device");
    world.run(&["check"]).exits(1).says("no link can be made in").says("No space left on device");
    ballast.iter().for_each(|file| fs::remove_file(file).unwrap());
    settles(&world, &BOTH);
}

#[test]
fn a_full_disk_is_no_place_for_a_database() {
    let world = World::new();
    let Some(_mount) = Mount::small(&world.state()) else { return };
    let sample = Sample::without_rules(&world);
    let ballast = fill(&world.state());
    world.run(&["once"]).exits(1).says("plex_linker.db").says("No space left on device");
    world.run(&["check"]).exits(1).says("plex_linker.db").says("No space left on device");
    ballast.iter().for_each(|file| fs::remove_file(file).unwrap());
    sample.add_rules();
    settles(&world, &BOTH);
}

#[test]
fn a_media_tree_that_is_read_only_is_told() {
    let world = World::new();
    let sample = Sample::linked(&world);
    change(&sample);
    let Some(mount) = Mount::read_only(&world.media()) else { return };
    let told = world.run(&["once"]).exits(1).says("Read-only file system");
    told.says(NARUTO_LINK).says(BLEACH_RETITLED).says("must be allowed to write in the show's folder");
    world.assert_links(&[(NARUTO_LINK, TO_AKIRA), BOTH[1]]);
    world.run(&["check"]).exits(1).says("no link can be made in").says("Read-only file system");
    drop(mount);
    settles(&world, &CHANGED);
}

#[test]
fn records_that_are_read_only_cost_no_link() {
    let world = World::new();
    let sample = Sample::linked(&world);
    change(&sample);
    let Some(mount) = Mount::read_only(&world.state()) else { return };
    world.run(&["once"]).exits(1).says("plex_linker.db.lock: Read-only file system");
    world.assert_links(&[(NARUTO_LINK, TO_AKIRA), BOTH[1]]);
    world.run(&["rules", "list"]).succeeds().says("Akira");
    world.run(&["check"]).exits(1).says("can be read, but not be written: Read-only file system");
    drop(mount);
    settles(&world, &CHANGED);
}

/// The links are in the lower layer, their changes in the upper one.
#[test]
fn links_change_on_an_overlay() {
    let world = World::new();
    let sample = Sample::linked(&world);
    let beside = |name: &str| world.media().with_file_name(name);
    let [upper, work] = ["upper", "work"].map(|name| {
        fs::create_dir(beside(name)).unwrap();
        beside(name)
    });
    let layers =
        format!("lowerdir={},upperdir={},workdir={}", world.media().display(), upper.display(), work.display());
    let Some(mount) = Mount::new(&["-t", "overlay", "-o", &layers, "overlay"], &world.media()) else { return };
    a_whole_life(&world, &sample);
    drop(mount);
    world.assert_links(&[(NARUTO_LINK, TO_AKIRA), BOTH[1]]);
}

/// Shows on one disk, films on the other, as one tree; names cannot be exchanged there.
#[test]
fn links_lead_across_the_branches_of_mergerfs() {
    let world = World::new();
    let branches = ["one/tv", "other/movies"].map(|below| world.media().with_file_name(below));
    branches.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let [one, other] = branches.each_ref().map(|folder| folder.parent().unwrap());
    let Some(_mount) = Mount::mergerfs(one, other, &world.media()) else { return };
    let sample = Sample::new(&world);
    world.run(&["once"]).succeeds();
    assert!(one.join(NARUTO_LINK).is_symlink() && other.join(AKIRA).is_file(), "each should be on its branch");
    a_whole_life(&world, &sample);
}

/// Names are found in any case, and listed in small letters: a title that changes in case alone is the same name.
#[test]
fn a_folder_that_ignores_case_has_one_link() {
    let world = World::new();
    let image = world.media().with_file_name("ntfs.img");
    let Some(_mount) = Mount::ntfs(&image, &world.path("tv")) else { return };
    let sample = Sample::new(&world);
    let lower = |links: &[(&str, &str)]| -> Vec<(String, String)> {
        let below = |path: &str| path.replacen(path, &format!("tv/{}", path[3..].to_lowercase()), 1);
        let mut links: Vec<_> = links.iter().map(|(path, text)| (below(path), text.to_string())).collect();
        links.sort();
        links
    };
    world.run(&["once"]).succeeds().says("2 changes");
    assert_eq!(world.links(), lower(&BOTH));
    for title in ["NOBODY", "nobody", "Nobody"] {
        sample.bleach.retitle(2, title);
        for _ in 0..2 {
            world.run(&["once"]).succeeds().says("2 of 2 rules linked");
            assert_eq!(world.links(), lower(&BOTH));
        }
        world.run(&["once"]).succeeds().says("nothing changed");
    }
    // what Sonarr lists in another case than we made it has its name from Sonarr
    change(&sample);
    world.run(&["once"]).succeeds().says("1 change");
    assert_eq!(world.links(), lower(&[CHANGED[0], BOTH[1]]));
    world.run(&["once"]).succeeds().says("nothing changed");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    assert_eq!(world.links(), lower(&BOTH[1..]));
}

#[test]
fn a_file_system_without_symlinks_is_told() {
    let world = World::new();
    let image = world.media().with_file_name("exfat.img");
    let Some(_mount) = Mount::exfat(&image, &world.path("tv")) else { return };
    let sample = Sample::new(&world);
    let file = world.put("tv/Bleach/Season 00/Bleach - S00E03 - Its own.mkv");
    world.run(&["once"]).exits(1).says(NARUTO_LINK).says("this file system cannot hold symlinks");
    world.assert_links(&[]);
    assert!(file.is_file());
    world.run(&["check"]).exits(1).says("no link can be made in").says("this file system cannot hold symlinks");
    sample.retitle();
    world.run(&["once"]).exits(1).says(BLEACH_RETITLED);
}

/// "Transport endpoint is not connected": the mount is there, and nobody answers for it.
#[test]
fn a_mount_whose_process_died_costs_no_link() {
    for below in ["tv", "movies", ""] {
        let world = World::new();
        let sample = Sample::linked(&world);
        sample.retitle();
        let at = if below.is_empty() { world.media() } else { world.path(below) };
        let branch = world.media().with_file_name("branch");
        fs::create_dir(&branch).unwrap();
        // what was there stays below the mount
        let Some(mut mount) = Mount::mergerfs(&branch, &branch, &at) else { return };
        mount.dies();
        for arguments in [&["once"][..], &["once", "--force"]] {
            world.run(arguments).exits(1).says(at.to_str().unwrap()).says("Transport endpoint is not connected");
        }
        world.run(&["check"]).exits(1).says(at.to_str().unwrap()).says("Transport endpoint is not connected");
        drop(mount);
        world.assert_links(&BOTH);
        settles(&world, &BOTH_RETITLED);
    }
}

#[test]
fn names_end_where_an_encrypted_share_ends_them() {
    let world = World::new();
    let Some(_mount) = Mount::encrypted(&world.media().with_file_name("raw"), &world.path("tv")) else { return };
    let film = world.movie("Akira", 149).file(AKIRA, "Bluray-1080p");
    let show = world.series("Naruto", 78857).special(5, &"名前 ".repeat(60)).special(6, "Short");
    world.rule(film, show, 5);
    world.type_rule(&wish(film, show, 6));
    world.put(&AKIRA.replace(".mkv", ".en.srt"));
    // there is room for it beside a short name
    world.put(
        &AKIRA.replace(
            ".mkv",
            ".en.forced.with.quite.a.lot.of.words.for.somebody.who.likes.them.in.the.name.of.a.file.srt",
        ),
    );
    world.run(&["once"]).succeeds().says("2 of 2 rules linked");
    let links = world.links();
    let name = |end: &str| {
        let of_special = |path: &&str| path.contains("S00E05") && path.ends_with(end);
        let path = links.iter().map(|(path, _)| path.as_str()).find(of_special).expect("there is such a link");
        path.rsplit('/').next().unwrap().to_string()
    };
    let (film, subtitle) = (name(".mkv"), name(".en.srt"));
    world.assert(film.len() <= 189 - 15 && film.len() > 150, "the name should end where the file system ends it");
    world.assert(
        film.starts_with("Naruto - S00E05 - 名前") && film.ends_with("... Bluray-1080p.mkv"),
        "the title is cut",
    );
    assert_eq!(subtitle, film.replace(".mkv", ".en.srt"));
    world.assert(links.len() == 5, "the short special has both subtitles, the long one that which there is room for");
    world
        .run(&["status"])
        .succeeds()
        .says("a subtitle is not linked: the name of its link")
        .says("more than 189 bytes");
    world.run(&["once"]).succeeds().says("nothing changed");
}
