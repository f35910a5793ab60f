//! Every cell of what Radarr says × what the disk shows × what the record says, on a real disk.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use super::OTHER;
use crate::support::{
    cells,
    http::Answer,
    scene::{self, LINK, TARGET},
};

// the plan alone is tried with the same
include!("table.rs");

/// The library of `FILM` holds a film without a file, too, and Radarr has a film elsewhere.
fn cell(disk: usize, says: &str, ours: bool) -> String {
    let world = scene::unlinked();
    // what others have made is for nobody to remove here
    world.set("PLEX_LINKER_CLEAN", "links");
    let film = scene::film(&world);
    world.movie("Far", 4).file("far/Far/Far.mkv", "DVD");
    world.movie("Other", 5).file_in_radarr_only(OTHER, "DVD").edit(|movie| movie.loses_file("Manual"));
    let away = world.media().with_file_name("usb.mkv");
    if disk == 2 {
        fs::rename(world.path(scene::FILM), &away).unwrap();
        world.link(scene::FILM, &away);
    }
    world.run(&["once"]).succeeds();
    let text = if ours { TARGET } else { "../../../movies/Akira (1988)/another.mkv" };
    if !ours {
        world.remove(LINK);
        world.link(LINK, text);
    }
    match disk {
        0 => {
            world.remove("movies/Akira (1988)");
            drop(world.put("movies/Stray/Stray.mkv"));
        }
        1 => {
            world.remove("movies");
            drop(world.folder("movies"));
        }
        2 => fs::remove_file(away).unwrap(),
        _ => {
            scene::as_ordinary_user(&world);
            fs::set_permissions(world.path("movies"), Permissions::from_mode(0o000)).unwrap();
        }
    }
    let reason = match says {
        "upgrade" => Some("Upgrade"),
        "manual" => Some("Manual"),
        "unseen" | "unknown" | "forced" => Some("MissingFromDisk"),
        _ => None,
    };
    if let Some(reason) = reason {
        film.edit(|movie| movie.loses_file(reason));
    }
    match says {
        "unknown" => world.radarr.on(&format!("GET /api/v3/history/movie?movieId={}", film.id()), Answer::status(500)),
        "down" => world.radarr.on("*", Answer::status(401)),
        "no film" => world.radarr.delete(scene::AKIRA),
        _ => {}
    }
    let arguments: &[&str] = if says == "forced" { &["once", "--force"] } else { &["once"] };
    let failed = world.run(arguments).code() != Some(0);
    let stands = fs::read_link(world.path(LINK)).is_ok_and(|found| found == Path::new(text));
    let status = world.run(&["status", "--json"]).output();
    let state = status.split("\"state\": \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    format!("{}{}", if stands { state } else { "goes" }, if failed { "!" } else { "" })
}

#[test]
fn every_cell_of_what_radarr_says_and_what_the_disk_shows_is_so_on_a_real_disk() {
    let mut cases = Vec::new();
    for (says, outcomes) in CELLS {
        for (disk, expected) in outcomes.into_iter().enumerate() {
            cases.push((format!("Radarr: {says}, disk: {disk}, ours"), (disk, says, Some(expected))));
            cases.push((format!("Radarr: {says}, disk: {disk}, another's"), (disk, says, None)));
        }
    }
    cells::each(&cases, |(disk, says, expected)| match expected {
        Some(expected) => assert_eq!(cell(*disk, says, true), *expected),
        // it is not the recorded link: whatever becomes of the rule, the link stays
        None => assert!(!cell(*disk, says, false).starts_with("goes")),
    });
}
