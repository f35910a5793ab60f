//! Whether we and the apps see the same folders, and links would lead where they should.

use std::path::PathBuf;

use super::{
    Findings,
    apps::{Answering, Apps},
};
use crate::{
    arr::Sonarr,
    config::App,
    disk::{self, Content, Tree},
    model::{Link, Roots, Series},
    name,
};

/// So many films or shows of a root folder are looked at.
const SAMPLE: usize = 20;
/// So many films are kept to take samples from.
const MOST_FILMS: usize = 2_000;

/// A root folder of an app that is here as well.
struct Root<'a> {
    app: &'a App,
    /// As the app calls it.
    told: String,
    local: PathBuf,
}

/// One of the show folders or film files in a root folder, which is here.
struct Example<'a> {
    root: &'a Root<'a>,
    /// As the app calls it.
    told: String,
    local: PathBuf,
}

pub fn check(apps: &Apps, roots: &Roots, tree: &Tree, links: &[Link], found: &mut Findings) {
    let (mut show_roots, mut film_roots) = (Vec::new(), Vec::new());
    let (mut shows, mut films) = (Vec::new(), Vec::new());
    for answering in &apps.sonarr {
        match answering.arr.series() {
            Ok((series, folders)) => {
                show_roots.extend(root_folders(answering.app, "shows", folders.roots, roots, found));
                shows.extend(series.into_iter().map(|Series { path, .. }| (answering.app, path)));
            }
            Err(problem) => found.unknown(format!("{problem}: so its folders are not known")),
        }
    }
    for answering in &apps.radarr {
        match answering.arr.movies(&|_| true, &|_| true) {
            Ok((movies, folders)) => {
                film_roots.extend(root_folders(answering.app, "films", folders.roots, roots, found));
                let paths = movies.into_iter().filter_map(|movie| Some((answering.app, movie.file?.path)));
                films.extend(paths.take(MOST_FILMS));
            }
            Err(problem) => found.unknown(format!("{problem}: so its folders are not known")),
        }
    }
    let shows: Vec<_> = show_roots.iter().filter_map(|root| a_show(root, &shows, roots, found)).collect();
    let films: Vec<_> = film_roots.iter().filter_map(|root| a_film(root, &films, roots, found)).collect();
    for show in &shows {
        if roots.locate(&show.local).is_ok_and(|folder| tree.leads_out(&folder)) {
            found.wrong(
                format!("no link is made in {}: a symlink on the way there leads out of MEDIA_ROOT", show.local.display()),
                "let MEDIA_ROOT be the folder that holds both, or set a path map to where it leads; on Unraid, switch off \
                 \"Permit exclusive shares\" in Global Share Settings",
            );
            continue;
        }
        links_can_be_made(show, links, found);
        let sonarr = apps.sonarr.iter().filter(|sonarr| std::ptr::eq(sonarr.app, show.root.app));
        let films: Vec<_> = films.iter().filter(|film| reads_as_it_leads(show, film, tree, found)).collect();
        sonarr.for_each(|sonarr| films.iter().for_each(|film| sonarr_sees(sonarr, show, film, tree, found)));
    }
}

/// The app's root folders that are here.
fn root_folders<'a>(app: &'a App, what: &str, told: Vec<String>, roots: &Roots, found: &mut Findings) -> Vec<Root<'a>> {
    let name = &app.name;
    if told.is_empty() {
        found.unknown(format!("{name} has no {what} yet: whether its folders are here is not known"));
    }
    let mut here = Vec::new();
    for told in told {
        // without the slash at the end that an empty rest leaves
        let local: PathBuf = name::mapped(&app.paths, roots, &told).components().collect();
        let shown = local.display();
        let mend = format!("if it is called otherwise here, set {}", path_map(app, &told));
        match disk::content(&local) {
            Content::Something => {
                found.ok(format!("{name} keeps {what} in {told}, which is {shown} here"));
                here.push(Root { app, told, local });
            }
            Content::Nothing => found.wrong(
                format!("{name} keeps {what} in {told}, which is {shown} here, but that is empty"),
                format!("mount the disk that belongs there; {mend}"),
            ),
            Content::Missing => found.wrong(
                format!("{name} keeps {what} in {told}, which would be {shown} here, but there is no such folder"),
                mend,
            ),
            Content::Unknown(cause) => found.wrong(
                format!("{name} keeps {what} in {told}, which is {shown} here, but that cannot be read: {cause}"),
                "give the user that plex-linker runs as the right to read it",
            ),
        }
    }
    here
}

/// `SONARR_0_PATH_MAP=/tv=FOLDER-HERE`, behind the maps of other folders that there are.
fn path_map(app: &App, told: &str) -> String {
    let stem = app.variable.strip_suffix("_URL").unwrap_or(&app.variable);
    let others = app.paths.maps.iter().filter(|map| map.app.trim_end_matches('/') != told);
    let known: String = others.map(|map| format!("{}={},", map.app, map.local.display())).collect();
    format!("{stem}_PATH_MAP={known}{told}=FOLDER-HERE")
}

/// Some of an app's paths in one of its root folders, with what they are here.
fn sample<'a>(root: &'a Root, all: &[(&App, String)], roots: &Roots) -> Vec<Example<'a>> {
    let App { paths, .. } = root.app;
    let own = all.iter().filter(|(app, _)| std::ptr::eq(*app, root.app)).map(|(_, told)| told);
    let mapped = own.map(|told| Example { root, told: told.clone(), local: name::mapped(paths, roots, told) });
    mapped.filter(|example| example.local.starts_with(&root.local)).take(SAMPLE).collect()
}

/// A show's folder that is here. Sonarr makes them when there is something to put in, so that many may be missing.
fn a_show<'a>(root: &'a Root, all: &[(&App, String)], roots: &Roots, found: &mut Findings) -> Option<Example<'a>> {
    let is_here = |show: &Example| matches!(disk::content(&show.local), Content::Something | Content::Nothing);
    let mut sample = sample(root, all, roots).into_iter();
    let here = sample.find(is_here);
    if here.is_none() {
        let name = &root.app.name;
        found.warning(
            format!("none of the folders that {name} has for shows in {} is here", root.told),
            format!("if it has files for them, set {}", path_map(root.app, &root.told)),
        );
    }
    here
}

/// A film's file that is here.
fn a_film<'a>(root: &'a Root, all: &[(&App, String)], roots: &Roots, found: &mut Findings) -> Option<Example<'a>> {
    let name = &root.app.name;
    let (here, missing): (Vec<_>, Vec<_>) =
        sample(root, all, roots).into_iter().partition(|film| disk::is_file_at(&film.local));
    let count = here.len() + missing.len();
    match (here.len(), missing.first()) {
        (0, None) => found.unknown(format!("{name} has no film with a file in {} yet", root.told)),
        (_, None) => found.ok(format!("films of {name} in {} that were looked at and are here: {count}", root.told)),
        (0, Some(film)) => found.wrong(
            format!(
                "no film that {name} has in {} is here: {} would be {}",
                root.told,
                film.told,
                film.local.display()
            ),
            format!("set {}, the folder here that has these films in it", path_map(root.app, &root.told)),
        ),
        (some, Some(film)) => found.warning(
            format!(
                "of {count} films that {name} has in {}, {} are not here, such as {}",
                root.told,
                count - some,
                film.local.display()
            ),
            "if their files are gone, let Radarr scan its films again (Update All)",
        ),
    }
    here.into_iter().next()
}

/// Whether we may write in a show's folder, and its file system takes symlinks. A link of ours that is there already proves it; else
/// one is tried.
fn links_can_be_made(show: &Example, links: &[Link], found: &mut Findings) {
    let (root, folder) = (&show.root.local, &show.local);
    if let Err(cause) = disk::may_write(folder) {
        return found.wrong(
            format!("no link can be made in {}: {cause}", folder.display()),
            "let plex-linker run as a user, or in a group, that may write there (PUID and PGID, or User= and Group= of its unit)",
        );
    }
    let is_in = |link: &&Link| std::path::Path::new(&link.path).starts_with(root);
    let proven = links.iter().filter(is_in).any(|link| disk::is_link(link.path.as_ref()));
    let probed = if proven { Ok(()) } else { disk::holds_symlinks(folder) };
    match probed {
        Ok(()) => found.ok(format!("links can be made in {}", root.display())),
        Err(cause) => found.wrong(
            format!("no link can be made in {}: {cause}", folder.display()),
            "its file system must have room and hold symlinks: a share of Windows or Samba needs the mount option mfsymlinks",
        ),
    }
}

/// Whether a link in the show's folder would lead to the film by its text as well, which some players read: it does not where a folder
/// on the way is a symlink to a folder of another depth (*observed §6*).
/// What Sonarr sees cannot be asked then: it is asked by text.
fn reads_as_it_leads(show: &Example, film: &Example, tree: &Tree, found: &mut Findings) -> bool {
    let Some(folder) = disk::resolved(&show.local).filter(|folder| *folder != show.local) else { return true };
    let text = name::relative(&folder, &tree.real(&film.local));
    let read = text.to_str().map(|text| name::leads_to(&show.local, text));
    let reads = read.is_none_or(|read| disk::is_file_at(&read));
    if !reads {
        let (shown, real) = (show.local.display(), folder.display());
        found.warning(
            format!("{shown} is {real} by a symlink of another depth: players that read links as text, such as Jellyfin, find them broken"),
            format!("let the player's library be the folder without symlinks, or mount it there instead of the symlink in {}", show.root.told),
        );
    }
    reads
}

/// Whether a link in the show's folder would lead Sonarr, too, to the film's file: the two must lie to each other as they do here
/// (*facts E.3*).
fn sonarr_sees(sonarr: &Answering<Sonarr>, show: &Example, film: &Example, tree: &Tree, found: &mut Findings) {
    let Answering { app, arr, status } = sonarr;
    let Some(folder) = disk::resolved(&show.local).filter(|_| !status.is_windows) else { return };
    let text = name::relative(&folder, &tree.real(&film.local));
    let Some(target) = text.to_str().map(|text| name::leads_to(show.told.as_ref(), text)) else { return };
    let (name, target) = (&app.name, target.display().to_string());
    let (films, shows) = (&film.root.told, &show.root.told);
    match arr.sees_file(&target) {
        Ok(true) => found.ok(format!("links in {name}'s {shows} lead {name} to the films in {}", film.root.local.display())),
        Ok(false) => found.wrong(
            format!("links in {name}'s {shows} would lead {name} to {target}, and it sees no file there"),
            format!(
                "let {name} see the films (radarr's {films}) too, in a folder that lies to {shows} as {} does to {} here: in Docker, \
                 mount the folder that holds both",
                film.root.local.display(),
                show.root.local.display()
            ),
        ),
        Err(problem) => found.unknown(format!("{problem}: so whether {name} sees the films is not known")),
    }
}
