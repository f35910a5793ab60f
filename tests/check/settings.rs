//! Settings of Sonarr that endanger links.

use super::{sound, warning, wrong};
use crate::support::http::Answer;

#[test]
fn a_sonarr_that_renames_into_another_folder() {
    let world = sound();
    world.unset("PLEX_LINKER_SPECIALS_FOLDER");
    world.sonarr.set_renames(true);
    assert_eq!(super::found(&world, 0), "");
    world.set("PLEX_LINKER_SPECIALS_FOLDER", "Season {season}");
    warning(
        &world,
        "links go to \"Season 00\", but sonarr keeps specials in \"Specials\": when it renames files it moves links there, and breaks them",
        "unset PLEX_LINKER_SPECIALS_FOLDER: then links go where sonarr keeps specials",
    );
    for names in [
        r#"{"renameEpisodes":false,"specialsFolderFormat":"Specials"}"#,
        r#"{"renameEpisodes":true,"specialsFolderFormat":"Season {season:00}"}"#,
    ] {
        world.sonarr.on("GET /api/v3/config/naming", Answer::json(names));
        assert_eq!(super::found(&world, 0), "", "{names}");
    }
}

#[test]
fn a_specials_folder_that_sonarr_does_not_look_into() {
    let world = sound();
    world.sonarr.set_specials_folder("Extras");
    wrong(
        &world,
        "links go to folders called \"Extras\", into which sonarr does not look",
        "set PLEX_LINKER_SPECIALS_FOLDER=Specials",
    );
}

#[test]
fn a_specials_folder_that_we_cannot_name() {
    let world = sound();
    world.sonarr.set_specials_folder("{Series Mood}");
    wrong(
        &world,
        "the specials folder \"{Series Mood}\" has {Series Mood} in it: set PLEX_LINKER_SPECIALS_FOLDER",
        "set PLEX_LINKER_SPECIALS_FOLDER to a plain name, such as Specials",
    );
}

#[test]
fn a_sonarr_that_sets_permissions() {
    let world = sound();
    world.sonarr.on("GET /api/v3/config/mediamanagement", Answer::json(r#"{"setPermissionsLinux":true}"#));
    warning(
        &world,
        "sonarr sets the permissions of files, and through a link those of the film",
        "switch off Set Permissions in Sonarr's Settings, Media Management, or let Radarr set the same ones",
    );
}

#[test]
fn settings_that_cannot_be_read() {
    let world = sound();
    world.sonarr.on("GET /api/v3/config/naming", Answer::status(404));
    let said = super::found(&world, 0);
    assert!(said.starts_with("unknown  cannot ask sonarr for its naming settings: "), "{said}");
}

#[test]
fn a_sonarr_that_is_asked_over_api_v5() {
    let world = sound();
    world.sonarr.become_develop();
    world.set("SONARR_0_API_PATH", "/api/v5");
    world.assert_same(
        "what is found",
        super::found(&world, 0).trim_end(),
        "unknown  sonarr does not say whether it sets the permissions of files",
    );
}
