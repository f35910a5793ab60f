//! Where the apps keep films and shows, as they say, and what of that is here.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    Findings,
    apps::{Answering, Arr},
    maps::{self, Mapped},
};
use crate::{
    config::{App, SONARR},
    disk::{self, Content, Tree},
    error::Result,
    model::{Roots, Series},
    name,
};

/// So many films or shows of a root folder are looked at.
const SAMPLE: usize = 50;
/// So many films are kept to take samples from.
const MOST_FILMS: usize = 2_000;

/// What one app keeps.
pub struct Holdings<'a> {
    pub app: &'a App,
    pub answering: &'a Answering<'a>,
    pub roots: Vec<Root>,
    /// A Sonarr's.
    pub shows: Vec<Series>,
}

/// A folder in which an app keeps films or shows.
#[derive(Default)]
pub struct Root {
    /// As the app calls it.
    pub told: String,
    /// What that is here, by the maps that there are.
    pub local: PathBuf,
    pub content: Content,
    /// `false`: the app itself says that it cannot use it.
    pub accessible: bool,
    /// Some of the shows' folders or films' files that the app has in it, as paths from there; where it has none yet, what else it
    /// sees there.
    pub items: Vec<String>,
    pub is_new: bool,
    /// Those of them that are here.
    pub here: Vec<String>,
    /// Where it may be that is not where the maps say, the likeliest first.
    pub elsewhere: Vec<PathBuf>,
    /// Whether no link can be made in it because a symlink leads out of the media root there.
    pub outside: bool,
}

/// Asks every app. One that does not tell what it has is left out.
pub fn ask<'a>(apps: &'a [Answering], roots: &Roots, tree: Option<&Tree>, found: &mut Findings) -> Vec<Holdings<'a>> {
    let mut libraries = Vec::new();
    for answering in apps {
        match holdings(answering, roots, tree, found) {
            Ok(library) => libraries.push(library),
            Err(problem) => found.unknown(format!("{problem}: so its folders are not known")),
        }
    }
    libraries
}

fn holdings<'a>(
    answering: &'a Answering,
    roots: &Roots,
    tree: Option<&Tree>,
    found: &mut Findings,
) -> Result<Holdings<'a>> {
    let Answering { app, arr, .. } = answering;
    let (paths, told, shows): (Vec<String>, _, _) = match arr {
        Arr::Sonarr(sonarr) => {
            let (shows, told) = sonarr.series()?;
            (shows.iter().map(|show| show.path.clone()).collect(), told.roots, shows)
        }
        Arr::Radarr(radarr) => {
            let (movies, told) = radarr.movies(|movie| movie.file.is_some())?;
            let files = movies.into_iter().filter_map(|movie| Some(movie.file?.path));
            (files.take(MOST_FILMS).collect(), told.roots, Vec::new())
        }
    };
    let folders = arr.root_folders().unwrap_or_else(|problem| {
        found.unknown(format!("{problem}: only those with {} in them are known", app.kind.what));
        Vec::new()
    });
    let told = told.iter().chain(folders.iter().map(|folder| &folder.path));
    let told: BTreeSet<&str> = told.map(|told| trimmed(told)).collect();
    if told.is_empty() {
        found.unknown(format!("{} has no root folder yet: add one with its first {}", app.name, app.kind.what));
    }
    let root = |told: &str| {
        let own = folders.iter().find(|folder| trimmed(&folder.path) == told);
        let below = |path: &String| rest(&name::unixed(path), &name::unixed(told));
        let mut items: Vec<String> = paths.iter().filter_map(below).take(SAMPLE).collect();
        let is_new = items.is_empty();
        if is_new {
            let unmapped = own.iter().flat_map(|folder| &folder.unmapped_folders);
            items.extend(unmapped.take(SAMPLE).cloned());
        }
        let accessible = own.is_none_or(|folder| folder.accessible != Some(false));
        let root = Root { told: told.into(), accessible, items, is_new, ..Root::default() };
        root.look(app, roots, tree.filter(|_| app.kind == SONARR))
    };
    let roots = told.into_iter().map(root).collect();
    Ok(Holdings { app, answering, roots, shows })
}

impl Holdings<'_> {
    /// What mends the maps: a line with one for every folder that is elsewhere, and for this one; where that is, its user may have to say.
    pub fn mend(&self, roots: &Roots, this: Option<&Root>) -> String {
        let (mut lost, mut right) = (Vec::new(), Vec::new());
        for root in &self.roots {
            let is_this = this.is_some_and(|this| std::ptr::eq(this, root));
            match root.elsewhere.first() {
                Some(elsewhere) if is_this || !root.may_be_away() => lost.push((&*root.told, &**elsewhere)),
                None if is_this => lost.push((&*root.told, Path::new("FOLDER-HERE"))),
                _ => right.push((&*root.told, &*root.local)),
            }
        }
        maps::mend(self.app, roots, &lost, &right)
    }

    /// Its folders, where the maps say.
    pub fn places(&self) -> Vec<Mapped<'_>> {
        self.roots.iter().map(|root| (&*root.told, &*root.local)).collect()
    }
}

impl Root {
    /// Whether it is not where the maps say, as far as the app itself has something there.
    pub fn is_lost(&self) -> bool {
        !self.is_unused() && (!self.elsewhere.is_empty() || self.content == Content::Missing)
    }

    /// Whether its disk may be away: what was found elsewhere may then be a copy.
    pub fn may_be_away(&self) -> bool {
        self.content == Content::Nothing
    }

    /// Whether it is none but in the app's settings.
    pub fn is_unused(&self) -> bool {
        !self.accessible && self.items.is_empty()
    }

    /// Finds out what of it is here. With a tree links are to be made in it.
    fn look(mut self, app: &App, roots: &Roots, tree: Option<&Tree>) -> Root {
        // without the slash at the end that an empty rest leaves
        let local: PathBuf = name::mapped(&app.paths, roots, &self.told).components().collect();
        self.here = self.items.iter().filter(|item| disk::is_there(&local.join(item))).cloned().collect();
        self.outside = tree.is_some_and(|tree| roots.locate(&local).is_ok_and(|local| tree.leads_out(&local)));
        if self.outside {
            self.elsewhere.extend(disk::resolved(&local));
        } else if self.here.is_empty() {
            self.elsewhere = self.found(app, roots);
        }
        Root { content: disk::content(&local), local, ..self }
    }

    fn found(&self, app: &App, roots: &Roots) -> Vec<PathBuf> {
        let told = PathBuf::from(name::unixed(&self.told));
        if told.is_absolute() && self.count_in(&told) > 0 {
            return vec![told];
        }
        // the sides of a map may be swapped
        let maps = app.paths.maps.iter().map(|map| Path::new(&map.app)).filter(|path| path.parent().is_some());
        let mut starts: Vec<&Path> = roots.iter().map(|root| Path::new(&**root)).chain(maps).collect();
        if roots.iter().next().is_none() {
            starts.push(Path::new("/"));
        }
        let found = starts.into_iter().map(|start| disk::holding(start, &self.items, &told));
        found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// How many of its items are in a folder.
    pub fn count_in(&self, folder: &Path) -> usize {
        self.items.iter().filter(|item| disk::is_there(&folder.join(item))).count()
    }
}

fn trimmed(told: &str) -> &str {
    let short = told.trim_end_matches(['/', '\\']);
    if short.is_empty() { told } else { short }
}

/// A path of an app from one of its folders on.
fn rest(path: &str, folder: &str) -> Option<String> {
    let rest = Path::new(path).strip_prefix(folder).ok()?.to_str()?;
    Some(rest.to_string()).filter(|rest| !rest.is_empty())
}
