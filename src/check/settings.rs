//! Sonarr's settings that endanger links.

use super::{
    Findings,
    apps::{Answering, Arr},
};
use crate::{config::Config, model::Naming, name};

/// Folders into which Sonarr does not look (*facts D.4*).
const IGNORED: &str =
    "/extras/extrafanart/behind the scenes/deleted scenes/featurettes/interviews/other/scenes/samples/shorts/trailers/";

/// Remembers how each of them names what it imports, if it says so.
pub fn check(config: &Config, apps: &mut [Answering], found: &mut Findings) {
    for Answering { app, arr, naming: known, .. } in apps {
        let (Arr::Sonarr(sonarr), app) = (arr, &app.name) else { continue };
        match sonarr.naming() {
            Ok(naming) => {
                specials_folder(config, app, &naming, found);
                *known = Some(naming);
            }
            Err(problem) => found.unknown(format!("{problem}: whether it endangers links")),
        }
        match sonarr.sets_permissions() {
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
fn specials_folder(config: &Config, app: &str, naming: &Naming, found: &mut Findings) {
    let Naming { renames, specials_folder: format, .. } = naming;
    let show = name::Show { title: "Show", year: Some(2000), tvdb_id: 1 };
    let theirs = name::folder_of_sonarr(format, show, 0);
    let (ours, _) = name::specials_folder(&config.specials_folder, Some(naming), show, "00");
    match (ours, theirs) {
        (Err(problem), _) => found.wrong(problem, "set PLEX_LINKER_SPECIALS_FOLDER to a plain name, such as Specials"),
        (Ok(ours), _) if IGNORED.contains(&format!("/{}/", ours.to_lowercase())) => found.wrong(
            format!("links go to folders called {ours:?}, into which {app} does not look"),
            "set PLEX_LINKER_SPECIALS_FOLDER=Specials",
        ),
        (Ok(ours), Ok(theirs)) if ours == theirs => {
            found.ok(format!("links go to {ours:?}, where {app} keeps specials too"));
        }
        (Ok(ours), _) if *renames => found.warning(
            format!("links go to {ours:?}, but {app} keeps specials in {format:?}: when it renames files it moves links there, and breaks them"),
            format!("unset PLEX_LINKER_SPECIALS_FOLDER: then links go where {app} keeps specials"),
        ),
        (Ok(ours), _) => found.ok(format!("links go to {ours:?}, and {app} does not rename files")),
    }
}
