//! Whether links can be made, and would lead where they should, here and for Sonarr.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    Findings, Stored,
    libraries::{Holdings, Root},
    maps,
};
use crate::{
    config::{App, Config, RADARR, SONARR},
    disk::{self, Content, Tree},
    meaning,
    model::{Link, Naming, Roots, Rule, Series},
    name,
};

/// All that links depend on.
pub struct Ground<'a> {
    pub config: &'a Config,
    pub stored: &'a Stored,
    pub libraries: &'a [Holdings<'a>],
    pub roots: &'a Roots,
    pub tree: &'a Tree,
}

/// A show's folder or a film's file that is here.
struct Example<'a> {
    root: &'a Root,
    /// As the app calls it.
    told: String,
    local: PathBuf,
}

/// A rule and the show that it means.
type Meant<'a> = (&'a Rule, &'a Series);

pub fn check(ground: &Ground, found: &mut Findings) {
    let Ground { config, libraries, roots, tree, .. } = ground;
    let of = |app: &App| libraries.iter().find(|library| std::ptr::eq(library.app, app));
    let known = |app| of(app).map(|library| library.shows.clone()).ok_or_else(|| "its shows are not known".to_string());
    let shows = meaning::Library { sonarr: config.sonarr.iter().map(known).collect(), ..meaning::Library::default() };
    let films = libraries.iter().filter(|library| library.app.kind == RADARR).flat_map(|library| &library.roots);
    let films: Vec<Example> = films.filter_map(|root| Some(root.example(root.here.first()?))).collect();
    for library in libraries.iter().filter(|library| library.app.kind == SONARR) {
        let wanted = ground.wanted(library, &shows);
        for root in library.roots.iter().filter(|root| !root.outside) {
            let leads_out = |show: &Example| roots.locate(&show.local).is_ok_and(|folder| tree.leads_out(&folder));
            let (outside, examples): (Vec<_>, Vec<_>) = root.shows(&wanted).into_iter().partition(leads_out);
            for show in outside {
                let real = disk::resolved(&show.local).unwrap_or_default();
                let maps = maps::mend(library.app, roots, &[(&show.told, &real)], &library.places());
                found.wrong(
                    format!("no link is made in {}: a symlink leads out of MEDIA_ROOT there", show.local.display()),
                    format!("let MEDIA_ROOT be the folder that holds both, or {maps}"),
                );
            }
            let Some(show) = examples.first() else { continue };
            can_be_made(
                root,
                &ground.places(&examples, &wanted, library.answering.naming.as_ref()),
                &ground.stored.links,
                found,
            );
            for film in &films {
                if reads_as_it_leads(show, film, tree, found) {
                    sonarr_sees(library, show, film, tree, found);
                }
            }
        }
    }
}

impl Ground<'_> {
    /// The shows of this library that rules mean, as far as that is known without asking further.
    fn wanted<'a>(&'a self, library: &Holdings, shows: &'a meaning::Library) -> Vec<Meant<'a>> {
        let Stored { rules, meanings, .. } = self.stored;
        let means = |rule: &'a Rule| {
            let known = meanings.iter().find(|known| known.rule == rule.id && meaning::is_of(known, rule));
            Some((rule, meaning::show(rule, known, shows).ok()?))
        };
        let is_here = |(_, show): &Meant| std::ptr::eq(&self.config.sonarr[show.sonarr], library.app);
        rules.iter().filter_map(means).filter(is_here).collect()
    }

    /// The folders in which the links of these shows are or will be made: a show's own where its specials folder is not there yet.
    fn places(&self, shows: &[Example], wanted: &[Meant], naming: Option<&Naming>) -> Vec<PathBuf> {
        let mut places = Vec::new();
        for show in shows {
            let mut there: Vec<PathBuf> = Vec::new();
            for (rule, series) in wanted.iter().filter(|(_, series)| name::unixed(&series.path) == show.told) {
                if let Some(naming) = naming.filter(|_| series.season_folder) {
                    let specials = &self.config.specials_folder;
                    let season = rule.wish.season_text();
                    let (new, theirs) = name::specials_folder(specials, Some(naming), (*series).into(), season);
                    there.extend(new.ok().into_iter().chain(theirs).map(|folder| show.local.join(folder)));
                }
            }
            let records = self.stored.links.iter().filter_map(|link| Path::new(&link.path).parent());
            there.extend(records.filter(|folder| folder.starts_with(&show.local)).map(PathBuf::from));
            there.retain(|folder| disk::is_there(folder));
            if there.is_empty() {
                there.push(show.local.clone());
            }
            places.extend(there);
        }
        places.sort();
        places.dedup();
        places
    }
}

impl Root {
    fn example(&self, item: &str) -> Example<'_> {
        let in_it = |folder: &Path| if item.is_empty() { folder.to_path_buf() } else { folder.join(item) };
        let told = in_it(Path::new(&name::unixed(&self.told))).display().to_string();
        Example { root: self, told, local: in_it(&self.local) }
    }

    /// The shows of rules in this folder; else any, and where there is none yet the folder itself.
    fn shows(&self, wanted: &[Meant]) -> Vec<Example<'_>> {
        let told = name::unixed(&self.told);
        let mut items: Vec<String> = Vec::new();
        for (_, show) in wanted {
            let path = name::unixed(&show.path);
            let item = Path::new(&path).strip_prefix(&told).ok().and_then(Path::to_str).map(String::from);
            items.extend(item.filter(|item| !items.contains(item) && disk::is_there(&self.local.join(item))));
        }
        if items.is_empty() {
            let is_new = self.items.is_empty() && matches!(self.content, Content::Something | Content::Nothing);
            items.extend(self.here.first().cloned().or(is_new.then(String::new)));
        }
        items.iter().map(|item| self.example(item)).collect()
    }
}

/// Whether we may write in the folders, and their file system takes symlinks. A link of ours that is there already proves that; else
/// one is tried.
fn can_be_made(root: &Root, places: &[PathBuf], links: &[Link], found: &mut Findings) {
    let denied: Vec<_> = places.iter().filter_map(|folder| Some((folder, disk::may_write(folder).err()?))).collect();
    if let Some((folder, cause)) = denied.first() {
        let more = if denied.len() > 1 { format!(" and {} further folders", denied.len() - 1) } else { String::new() };
        return found.wrong(
            format!("no link can be made in {}{more}: {cause}", folder.display()),
            if cause.kind() == ErrorKind::ReadOnlyFilesystem {
                "it is mounted read-only here: mount it without \"ro\", in a container without \":ro\""
            } else {
                "let plex-linker run as a user, or in a group, that may write there (PUID and PGID, or User= and Group= of its unit)"
            },
        );
    }
    let is_in = |link: &&Link| Path::new(&link.path).starts_with(&root.local);
    let proven = links.iter().filter(is_in).any(|link| disk::is_link(link.path.as_ref()));
    let Some(folder) = places.first() else { return };
    match if proven { Ok(()) } else { disk::holds_symlinks(folder) } {
        Ok(()) => found.ok(format!("links can be made in {}", root.local.display())),
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
fn sonarr_sees(sonarr: &Holdings, show: &Example, film: &Example, tree: &Tree, found: &mut Findings) {
    let Some(folder) = disk::resolved(&show.local).filter(|_| !sonarr.answering.status.is_windows) else { return };
    let real = tree.real(&film.local);
    let text = name::relative(&folder, &real);
    let Some(target) = text.to_str().map(|text| name::leads_to(show.told.as_ref(), text)) else { return };
    let (name, shows) = (&sonarr.app.name, &show.root.told);
    match sonarr.answering.arr.sees_file(&target.display().to_string()) {
        Ok(true) => {
            found.ok(format!("links in {name}'s {shows} lead {name} to the films in {}", film.root.local.display()))
        }
        Ok(false) => {
            let inside = film.local.strip_prefix(&film.root.local).map_or(0, |inside| inside.components().count());
            let above =
                |path: &Path| path.ancestors().nth(inside).map(|path| path.display().to_string()).unwrap_or_default();
            let volume = format!("{}:{}", above(&real), above(&target));
            found.wrong(
                format!("links in {name}'s {shows} would lead {name} to {}, and it sees no file there", target.display()),
                format!(
                    "give {name}'s container one more volume, {volume} (no root folder is needed for it), then Refresh & Scan; the \
                     player's container needs the same where it has the shows in {shows}"
                ),
            );
        }
        Err(problem) => found.unknown(format!("{problem}: so whether {name} sees the films is not known")),
    }
}
