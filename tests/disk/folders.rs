//! Folders that are elsewhere than they seem: symlinks, mapped paths, other disks.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::PathBuf,
};

use crate::support::{
    fake::Mounts,
    radarr::Radarr,
    scene::{self, LINK, TARGET},
    skip,
    world::World,
};

const NAME: &str = "Naruto - S00E05 - The Movie DVD.mkv";

/// A folder beside the media tree.
fn outside(world: &World, below: &str) -> PathBuf {
    let folder = world.media().parent().unwrap().join(below);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// D28: a show's folder on another disk, by a symlink inside the media tree.
#[test]
fn a_show_behind_a_symlink_gets_a_link_that_works() {
    let world = scene::unlinked();
    world.folder("disk 2/deep/tv");
    fs::rename(world.path("tv/Naruto"), world.path("disk 2/deep/tv/Naruto")).unwrap();
    world.link("tv/Naruto", "../disk 2/deep/tv/Naruto");
    world.run(&["once"]).succeeds();
    let link = format!("disk 2/deep/tv/Naruto/Season 00/{NAME}");
    let linked = |text: &str| {
        world.assert_links(&[(&link, text), ("tv/Naruto", "../disk 2/deep/tv/Naruto")]);
        assert!(world.path(LINK).is_file());
        world.run(&["once"]).succeeds().says("nothing changed");
    };
    linked(&format!("../../{TARGET}"));
    scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "DVD");
    world.run(&["once"]).succeeds();
    linked("../../../../../movies/Akira (1988)/Akira 2.mkv");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    world.assert_links(&[("tv/Naruto", "../disk 2/deep/tv/Naruto")]);
}

/// The walk finds our broken link a second time, by its other path: it is one link all the same.
#[test]
fn a_broken_link_behind_a_symlink_is_removed_once() {
    let world = scene::unlinked();
    world.put("movies/Other/Other.mkv");
    world.folder("disk 2/tv");
    fs::rename(world.path("tv/Naruto"), world.path("disk 2/tv/Naruto")).unwrap();
    world.link("tv/Naruto", "../disk 2/tv/Naruto");
    world.run(&["once"]).succeeds();
    scene::film(&world).delete();
    world.remove("movies/Akira (1988)");
    world.movie("Other", 5).file("movies/Another/Other.mkv", "DVD");
    world.run(&["once"]).succeeds().says("1 change:");
    world.assert_links(&[("tv/Naruto", "../disk 2/tv/Naruto")]);
}

#[test]
fn an_absolute_symlink_inside_the_media_tree_works_as_well() {
    let world = scene::unlinked();
    let real = world.folder("disk 2");
    fs::rename(world.path("tv"), real.join("tv")).unwrap();
    world.link("tv", real.join("tv"));
    world.run(&["once"]).succeeds();
    assert_eq!(fs::read_link(world.path(LINK)).unwrap().to_str().unwrap(), format!("../{TARGET}"));
    assert!(world.path(LINK).is_file());
}

#[test]
fn a_specials_folder_may_have_a_second_name() {
    let world = scene::unlinked();
    world.folder("tv/Naruto/Specials");
    world.link("tv/Naruto/Season 00", "Specials");
    world.run(&["once"]).succeeds();
    world.assert_links(&[(&LINK.replace("Season 00", "Specials"), TARGET), ("tv/Naruto/Season 00", "Specials")]);
    world.run(&["once"]).succeeds().says("nothing changed");
}

#[test]
fn a_show_behind_a_symlink_that_leads_out_is_refused() {
    let world = scene::unlinked();
    let elsewhere = outside(&world, "elsewhere");
    world.remove("tv/Naruto");
    world.set("PLEX_LINKER_LOG", "debug");
    for text in [elsewhere.display().to_string(), "../../elsewhere".into(), "../../media/../elsewhere".into()] {
        world.link("tv/Naruto", text);
        world.run(&["once"]).says("rule 1").says("symlink");
        assert_eq!(elsewhere.read_dir().unwrap().count(), 0);
        world.remove("tv/Naruto");
    }
}

#[test]
fn a_specials_folder_that_leads_out_is_refused() {
    let world = scene::unlinked();
    let elsewhere = outside(&world, "elsewhere");
    world.link("tv/Naruto/Season 00", &elsewhere);
    world.run(&["once"]).says("leads out of the media root");
    assert_eq!(elsewhere.read_dir().unwrap().count(), 0);
    world.remove("tv/Naruto/Season 00");
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
}

/// The folder was ours, then somebody put a symlink in its place: what it leads to is not ours.
#[test]
fn a_specials_folder_that_was_swapped_is_left_alone() {
    let world = scene::linked();
    let elsewhere = outside(&world, "elsewhere");
    world.remove("tv/Naruto/Season 00");
    symlink(TARGET, elsewhere.join(NAME)).unwrap();
    world.link("tv/Naruto/Season 00", &elsewhere);
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]);
    assert!(elsewhere.join(NAME).symlink_metadata().is_ok());
}

#[test]
fn films_behind_a_symlink_to_another_disk_are_linked() {
    let world = scene::unlinked();
    let disk = outside(&world, "disk 3");
    fs::rename(world.path("movies"), disk.join("movies")).unwrap();
    world.link("movies", disk.join("movies"));
    world.run(&["once"]).succeeds();
    assert_eq!(fs::read_link(world.path(LINK)).unwrap().to_str(), Some(TARGET));
    assert!(world.path(LINK).is_file());
    world.run(&["once"]).succeeds().says("nothing changed");
}

#[test]
fn the_media_root_may_be_a_symlink() {
    let world = scene::unlinked();
    let alias = world.media().parent().unwrap().join("alias");
    symlink(world.media(), &alias).unwrap();
    world.set("MEDIA_ROOT", alias.to_str().unwrap());
    for app in ["SONARR", "RADARR"] {
        world.set(&format!("{app}_0_PATH_MAP"), &format!("{}={}", world.media().display(), alias.display()));
    }
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, TARGET)]);
    world.put("movies/Other/Other.mkv");
    world.link("tv/Naruto/Season 00/Naruto - S00E01 - Gone.mkv", alias.join("movies/gone.mkv"));
    world.link("tv/Naruto/Season 00/Naruto - S00E02 - Gone.mkv", "../../../movies/gone.mkv");
    scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "DVD");
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, "../../../movies/Akira (1988)/Akira 2.mkv")]);
}

/// Rule 1 of [`scene`], but the films are beside the media root, and Radarr calls their folder `/films`.
fn films_outside() -> World {
    let mut world = scene::unlinked();
    let films = world.media().with_file_name("films");
    fs::rename(world.path("movies"), &films).unwrap();
    let mut movie = world.radarr.movies().remove(0);
    movie.path = "/films/Akira (1988)".into();
    world.radarr = Radarr::start("radarr-key-outside", Mounts(vec![("/films".into(), films.clone())]));
    world.radarr.add(movie);
    world.connect();
    world.set("RADARR_0_PATH_MAP", &format!("/films={}", films.display()));
    world
}

/// Shows below the media root, films on a disk of their own, by a path map alone.
#[test]
fn mapped_folders_may_be_outside_the_media_root() {
    let world = films_outside();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(LINK, &format!("../{TARGET}").replace("movies/", "films/"))]);
    assert!(world.path(LINK).is_file());
    world.run(&["once"]).succeeds().says("nothing changed");
    let films = world.media().with_file_name("films");
    fs::rename(&films, films.with_extension("away")).unwrap();
    world.run(&["once"]).exits(1).says("/films here, which is not there: unmounted, or set RADARR_0_PATH_MAP");
    assert_eq!(world.links().len(), 1);
    fs::rename(films.with_extension("away"), &films).unwrap();
    world.run(&["once"]).succeeds().says("nothing changed");
}

#[test]
fn a_new_specials_folder_is_as_the_shows_folder_but_for_the_umask() {
    let world = scene::unlinked();
    let series = world.path("tv/Naruto");
    let ids = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
    // who may give it away does
    let (owner, group) = if ids.0 == 0 { (12344, 12345) } else { ids };
    std::os::unix::fs::chown(&series, Some(owner), Some(group)).unwrap();
    fs::set_permissions(&series, Permissions::from_mode(0o2775)).unwrap();
    let season = world.path("tv/Naruto/Season 00");
    let made = |mode| {
        world.run(&["once"]).succeeds();
        let made = fs::metadata(&season).unwrap();
        assert_eq!((made.mode() & 0o7777, made.uid(), made.gid()), (mode, owner, group));
        fs::remove_dir_all(&season).unwrap();
    };
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let umask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap();
    made(0o2775 & !u32::from_str_radix(umask.trim(), 8).unwrap());
    let umasks = || {
        for (umask, mode) in [("002", 0o2775), ("022", 0o2755), ("027", 0o2750), ("077", 0o2700)] {
            world.set("UMASK", umask);
            made(mode);
        }
    };
    umasks();
    // whoever started it
    world.set("INVOCATION_ID", "x");
    umasks();
}

#[test]
fn a_specials_folder_that_is_there_stays_as_it_is() {
    let world = scene::unlinked();
    let folder = world.folder("tv/Naruto/Season 00");
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    world.run(&["once"]).succeeds();
    assert_eq!(fs::metadata(folder).unwrap().mode() & 0o7777, 0o700);
}

/// A default access list of the show's folder goes before its mode.
#[test]
fn a_new_specials_folder_has_the_access_list_that_is_the_default() {
    let world = scene::unlinked();
    let series = world.path("tv/Naruto");
    const NOBODY: u32 = u32::MAX;
    // owner, one more user, group, mask, others: as acl(5) has them
    let entries = [(1u16, 7u16, NOBODY), (2, 7, 12345), (4, 5, NOBODY), (16, 7, NOBODY), (32, 0, NOBODY)];
    let list: Vec<u8> = entries
        .iter()
        .flat_map(|(tag, may, id)| [&tag.to_le_bytes()[..], &may.to_le_bytes(), &id.to_le_bytes()].concat())
        .collect();
    let list = [&2u32.to_le_bytes()[..], &list].concat();
    fs::set_permissions(&series, Permissions::from_mode(0o2755)).unwrap();
    let default = "system.posix_acl_default";
    if rustix::fs::setxattr(&series, default, &list, rustix::fs::XattrFlags::empty()).is_err() {
        return skip("the file system has no access lists");
    }
    world.run(&["once"]).succeeds();
    let made = world.path("tv/Naruto/Season 00");
    let mut got = vec![0; 4096];
    let read = |name, got: &mut Vec<u8>| rustix::fs::getxattr(&made, name, &mut got[..]).unwrap();
    let length = read("system.posix_acl_access", &mut got);
    // the mode with which it is made, that of the show's folder, limits the list: so group and others may read and enter
    let user = got[4..length].chunks(8).find(|entry| entry[0] == 2).unwrap();
    assert_eq!((u32::from_le_bytes(user[4..8].try_into().unwrap()), user[2]), (12345, 7));
    let others = got[4..length].chunks(8).find(|entry| entry[0] == 32).unwrap();
    assert_eq!(others[2], 0);
    let length = read(default, &mut got);
    assert_eq!(got[..length], list);
    assert_eq!(fs::metadata(made).unwrap().mode() & 0o2000, 0o2000);
}

/// Sonarr makes a show's folder when it imports something (*observed §2.9*).
#[test]
fn a_show_without_a_folder_gets_one_as_the_other_shows_have() {
    let world = World::new();
    let film = world.movie("Akira", 149).file(scene::FILM, "DVD");
    let show = world.series_without_folder("Naruto", 78857).special(5, "The Movie");
    world.rule(film, show, 5);
    let other = world.series("Bleach", 74796);
    // an empty one may be a mount point
    world.run(&["once"]).says("0 of 1 rule linked");
    assert!(!world.path("tv/Naruto").exists());
    other.special(1, "Title").file("Season 00/Bleach - S00E01 - Title DVD.mkv");
    fs::set_permissions(world.path("tv/Bleach"), Permissions::from_mode(0o2750)).unwrap();
    world.run(&["once"]).succeeds().says("1 of 1 rule linked");
    world.assert_links(&[(LINK, TARGET)]);
    for made in ["tv/Naruto", "tv/Naruto/Season 00"] {
        assert_eq!(fs::metadata(world.path(made)).unwrap().mode() & 0o7777, 0o2750, "{made}");
    }
    world.run(&["once"]).succeeds().says("nothing changed");
}

/// mergerfs and the like cannot exchange two names, old kernels not even be asked to, and some NAS say that it is not permitted.
#[test]
fn links_change_where_names_cannot_be_exchanged() {
    for error in ["EINVAL", "ENOSYS", "EOPNOTSUPP", "EPERM"] {
        let Some(strace) = scene::failing("renameat2", error) else { return };
        let below: Vec<&str> = strace.iter().map(String::as_str).collect();
        let world = scene::linked();
        scene::film(&world).upgrade("movies/Akira (1988)/Akira 2.mkv", "DVD");
        world.finish(world.command_below(&below, &["once"])).succeeds();
        world.assert_links(&[(LINK, "../../../movies/Akira (1988)/Akira 2.mkv")]);
        scene::film(&world).upgrade("movies/Akira (1988)/Akira.mkv", "Bluray-1080p");
        world.finish(world.command_below(&below, &["once"])).succeeds();
        world.assert_links(&[(&LINK.replace("DVD", "Bluray-1080p"), TARGET)]);
        world.run(&["rules", "remove", "1"]).succeeds();
        world.finish(world.command_below(&below, &["once"])).succeeds();
        world.assert_links(&[]);
    }
}

/// Sonarr's format may put files into a folder inside the specials folder.
#[test]
fn a_folder_inside_the_specials_folder_is_made_again() {
    let world = scene::linked();
    let target = format!("../{TARGET}");
    let link = ("tv/Naruto/Specials/Films/Naruto - S00E05 - The Movie DVD.mkv", target.as_str());
    world.remove("tv/Naruto/Season 00");
    world.link(link.0, &target);
    scene::show(&world).scan();
    world.run(&["once"]).succeeds();
    world.assert_links(&[link]);
    for gone in ["tv/Naruto/Specials/Films", "tv/Naruto/Specials"] {
        world.remove(gone);
        scene::show(&world).scan();
        world.run(&["once"]).succeeds();
        world.assert_links(&[link]);
        world.run(&["once"]).succeeds().says("nothing changed");
    }
}
