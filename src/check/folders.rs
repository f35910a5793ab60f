//! Whether the apps' folders are here, under the names that the path maps say.

use super::{
    Findings,
    libraries::{Holdings, Root},
    maps,
};
use crate::{
    config::{App, RADARR},
    disk::{self, Content},
    model::{PathMap, Roots},
};

pub fn check(libraries: &[Holdings], roots: &Roots, found: &mut Findings) {
    for library in libraries {
        let mistaken = path_maps(library, libraries, roots, found);
        for root in &library.roots {
            // what mends the map mends this
            if !(mistaken && root.is_lost()) {
                root_folder(library, root, roots, found);
            }
        }
    }
}

/// Tells the maps that serve none of the app's folders, and whether they are to blame for some that are not here.
fn path_maps(library: &Holdings, libraries: &[Holdings], roots: &Roots, found: &mut Findings) -> bool {
    let app = library.app;
    let is_served = |root: &Root| app.paths.maps.iter().any(|map| maps::serves(map, &root.told));
    let told: Vec<&str> = library.roots.iter().map(|root| &*root.told).collect();
    let of_others = || libraries.iter().filter(|other| !std::ptr::eq(other.app, app));
    let others: Vec<(&App, &str)> =
        of_others().flat_map(|other| other.roots.iter().map(|root| (other.app, &*root.told))).collect();
    let maps = &app.paths.maps;
    if library.roots.iter().all(|root| !root.is_lost() || is_served(root)) {
        // one line for both apps does no harm, nor does one for a volume in which another has its folders
        let is_of_another = |map: &PathMap| {
            let mut roots = of_others().flat_map(|other| &other.roots);
            roots.any(|root| maps::serves(map, &root.told) || root.local.starts_with(&map.local))
        };
        let serves = |map: &PathMap| told.iter().any(|told| maps::serves(map, told)) || is_of_another(map);
        let of_none = maps.iter().filter(|map| !serves(map));
        for sentence in of_none.filter_map(|map| maps::of_none(app, map, &told)) {
            found.warning(sentence, "take it out: it serves none of them");
        }
        return false;
    }
    let mistakes: Vec<String> = maps.iter().filter_map(|map| maps::mistake(app, map, &told, &others)).collect();
    let nowhere = |root: &&Root| root.is_lost() && root.elsewhere.is_empty() && !is_served(root);
    let mend = library.mend(roots, library.roots.iter().find(nowhere));
    for mistake in &mistakes {
        found.wrong(mistake, &mend);
    }
    !mistakes.is_empty()
}

fn root_folder(library: &Holdings, root: &Root, roots: &Roots, found: &mut Findings) {
    let (name, what) = (&library.app.name, library.app.kind.what);
    let (told, shown) = (&root.told, root.local.display());
    let keeps = format!("{name} keeps {what} in {told}");
    // where it is away for us, too, its disk is
    if root.is_unused() || !root.accessible && root.content == Content::Something {
        let sentence = format!("{name} cannot use its own folder {told}");
        let mend = format!("let {name}'s container see it, or remove the root folder in its settings");
        return if root.is_unused() { found.warning(sentence, mend) } else { found.wrong(sentence, mend) };
    }
    let missing = root.items.iter().find(|item| !root.here.contains(item)).map(|item| root.local.join(item));
    if let Some(folder) = missing.as_ref().and_then(|missing| disk::barrier(missing)) {
        return found.wrong(
            format!("{} cannot be entered, so that nobody can tell which {what} of {name} are there", folder.display()),
            "give the user that plex-linker runs as the right x on it, by its owner or group",
        );
    }
    let mend = mend(library, root, roots);
    match (&root.content, root.elsewhere.first()) {
        (_, Some(elsewhere)) if root.outside => found.wrong(
            format!(
                "{keeps}, and {shown} is {} by a symlink that leads out of MEDIA_ROOT: no link is made there",
                elsewhere.display()
            ),
            mend,
        ),
        (Content::Missing, _) => {
            found.wrong(format!("{keeps}, which would be {shown} here, but there is no such folder"), mend)
        }
        (Content::Unknown(cause), _) => found.wrong(
            format!("{keeps}, which is {shown} here, but that cannot be read: {cause}"),
            "give the user that plex-linker runs as the right to read it",
        ),
        (Content::Nothing, None) if root.items.is_empty() => {
            found.ok(format!("{keeps}, which is {shown} here: there is nothing in it yet"))
        }
        (Content::Nothing, _) => found.wrong(format!("{keeps}, which is {shown} here, but that is empty"), mend),
        (Content::Something, _) => match (root.here.is_empty(), missing) {
            (true, Some(missing)) => found.wrong(
                format!("{keeps}, which is {shown} here, but none of them is there, such as {}", missing.display()),
                mend,
            ),
            (false, Some(missing)) if library.app.kind == RADARR => found.warning(
                format!(
                    "of {} films that {name} has in {told}, {} are not here, such as {}",
                    root.items.len(),
                    root.items.len() - root.here.len(),
                    missing.display()
                ),
                "if their files are gone, let Radarr scan its films again (Update All)",
            ),
            _ => found.ok(format!("{keeps}, which is {shown} here")),
        },
    }
}

/// How content comes to be in the folder, if it is not.
fn mend(library: &Holdings, root: &Root, roots: &Roots) -> String {
    let maps = library.mend(roots, Some(root));
    match root.elsewhere.first() {
        Some(_) if root.outside => {
            format!("{maps}; on Unraid, switch off \"Permit exclusive shares\" in Global Share Settings instead")
        }
        Some(_) if !root.may_be_away() => maps,
        _ => format!("mount the disk that belongs there; if it is called otherwise here, {maps}"),
    }
}
