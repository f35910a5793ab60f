//! Sonarr's settings that endanger links.

use super::{Findings, apps::Answering};
use crate::{
    arr::Sonarr,
    config::Config,
    model::{Naming, SpecialsFolder},
    name,
};

/// Folders into which Sonarr does not look (*facts D.4*).
const IGNORED: [&str; 11] = [
    "extras",
    "extrafanart",
    "behind the scenes",
    "deleted scenes",
    "featurettes",
    "interviews",
    "other",
    "scenes",
    "samples",
    "shorts",
    "trailers",
];

pub fn check(config: &Config, sonarr: &[Answering<Sonarr>], found: &mut Findings) {
    for answering in sonarr {
        let app = &answering.app.name;
        match answering.arr.naming() {
            Ok(Naming { renames, specials_folder: format, .. }) => {
                specials_folder(config, app, renames, &format, found)
            }
            Err(problem) => found.unknown(format!("{problem}: whether it endangers links")),
        }
        match answering.arr.sets_permissions() {
            Ok(Some(true)) => found.warning(
                format!("{app} sets the permissions of files, and through a link those of the film"),
                "switch off Set Permissions in Sonarr's Settings, Media Management, or let Radarr set the same ones",
            ),
            Ok(Some(false)) => {}
            Ok(None) => found.unknown(format!("{app} does not say whether it sets the permissions of files")),
            Err(problem) => found.unknown(format!("{problem}: whether it changes the films' permissions")),
        }
    }
}

/// Sonarr moves a link that is not in its own specials folder there when it renames, and then the link leads nowhere (*facts D.7*).
fn specials_folder(config: &Config, app: &str, renames: bool, format: &str, found: &mut Findings) {
    let show = name::Show { title: "Show", year: Some(2000), tvdb_id: 1 };
    let theirs = name::folder_of_sonarr(format, show, 0);
    let ours = match &config.specials_folder {
        SpecialsFolder::Named(ours) => name::folder(ours, show, "00"),
        SpecialsFolder::Sonarr => theirs.clone(),
        SpecialsFolder::Auto if renames => theirs.clone(),
        SpecialsFolder::Auto => name::folder(SpecialsFolder::USUAL, show, "00"),
    };
    match (ours, theirs) {
        (Err(problem), _) => found.wrong(problem, "set PLEX_LINKER_SPECIALS_FOLDER to a plain name, such as Specials"),
        (Ok(ours), _) if IGNORED.contains(&ours.to_lowercase().as_str()) => found.wrong(
            format!("links go to folders called {ours:?}, into which {app} does not look"),
            "set PLEX_LINKER_SPECIALS_FOLDER=Specials",
        ),
        (Ok(ours), Ok(theirs)) if ours == theirs => {
            found.ok(format!("links go to {ours:?}, where {app} keeps specials too"));
        }
        (Ok(ours), _) if renames => found.warning(
            format!("links go to {ours:?}, but {app} keeps specials in {format:?}: when it renames files it moves links there, and breaks them"),
            format!("unset PLEX_LINKER_SPECIALS_FOLDER: then links go where {app} keeps specials"),
        ),
        (Ok(ours), _) => found.ok(format!("links go to {ours:?}, and {app} does not rename files")),
    }
}
