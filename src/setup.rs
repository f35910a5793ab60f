//! One command from the package to the first link: finds the apps and the media, writes the settings, and lets the work begin.

mod apps;
mod ask;
mod group;
mod paths;
mod search;
mod steps;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    arr::{Radarr, Sonarr},
    cli::{self, Setup},
    config::{self, App, MEDIA_ROOTS, Source},
    disk,
    error::Result,
    model::Roots,
    name,
};
use apps::{Kind, RADARR, SONARR};
use ask::Ask;
use search::Library;

/// So much of a library is looked for.
const SAMPLE: usize = 50;

/// What is to be written.
struct Proposal {
    source: Source,
    changes: Vec<Change>,
}

struct Change {
    name: String,
    value: String,
    why: String,
}

impl Proposal {
    fn add(&mut self, name: &str, value: impl Into<String>, why: impl Into<String>) {
        self.changes.push(Change { name: name.into(), value: value.into(), why: why.into() });
    }

    /// Keys are not shown.
    fn told(&self) -> String {
        let line = |Change { name, value, why }: &Change| {
            let value = if name.ends_with("_API_KEY") { "(its key)" } else { value };
            format!("    {name}={value}    {why}\n")
        };
        self.changes.iter().map(line).collect()
    }
}

/// Finds, asks, shows, writes and starts; `false` if what was written does not do yet. `typed` is the file that was named.
pub fn setup(source: Source, typed: Option<PathBuf>, wish: &Setup) -> Result<bool> {
    let ask = Ask::new(wish.yes);
    let file = source.target(typed, disk::is_root())?;
    let port = source.serve()?.port;
    let mut proposal = Proposal { source, changes: Vec::new() };
    let shows = found_in(&mut proposal, &SONARR, wish.sonarr_config.as_deref(), &ask)?;
    let films = found_in(&mut proposal, &RADARR, wish.radarr_config.as_deref(), &ask)?;
    let apps = [(SONARR, shows), (RADARR, films)];
    let folders = folders(&proposal.source, &apps, &ask)?;
    settle_paths(&mut proposal, &apps, &folders, &ask)?;

    let shown = file.display();
    if proposal.changes.is_empty() {
        cli::print(&format!("{shown} has all of this already\n"))?;
    } else {
        cli::print(&format!("{shown} gets\n{}", proposal.told()))?;
    }
    if wish.dry_run {
        return cli::print("nothing was written: this was a dry run\n").map(|()| true);
    }
    if !proposal.changes.is_empty() {
        if !ask.confirm(&format!("Write this into {shown}?"))? {
            return cli::print("nothing was written\n").map(|()| true);
        }
        let set: Vec<_> = proposal.changes.into_iter().map(|Change { name, value, .. }| (name, value)).collect();
        config::write(&file, &set, config::packaged_owner(&file).map(|(_, group)| group))?;
    }
    steps::go_on(&file, &folders[0], port, &ask)
}

/// An app, and what it has in its root folders.
fn found_in(proposal: &mut Proposal, kind: &Kind, named: Option<&Path>, ask: &Ask) -> Result<(App, Vec<Library>)> {
    let (app, connection) = apps::find(proposal, kind, named, ask)?;
    let (roots, paths): (Vec<String>, Vec<String>) = if kind.variable == SONARR.variable {
        let (series, folders) = Sonarr::new(connection, 0).series()?;
        (folders.roots, series.into_iter().map(|show| show.path).collect())
    } else {
        let (movies, folders) = Radarr::new(connection, 0).movies(&|_| true, &|_| true)?;
        (folders.roots, movies.into_iter().filter_map(|movie| Some(movie.file?.path)).collect())
    };
    let below = |told: &str| {
        let told = told.trim_end_matches(['/', '\\']);
        let below = paths.iter().filter_map(|path| path.strip_prefix(told)?.strip_prefix(['/', '\\']));
        below.take(SAMPLE).map(|path| path.replace('\\', "/")).collect()
    };
    let libraries = roots.into_iter().map(|told| Library { has: below(&told), told });
    Ok((app, libraries.filter(|library| !library.has.is_empty()).collect()))
}

/// Where each library of the two apps is here: by the settings, under the same name, or wherever its content is.
fn folders(
    source: &Source,
    apps: &[(Kind, (App, Vec<Library>)); 2],
    ask: &Ask,
) -> Result<[BTreeMap<String, PathBuf>; 2]> {
    let media_root = source.media_root()?;
    let roots = Roots::new(media_root.clone());
    let known = |app: &App, library: &Library| {
        let set = media_root.is_some() || !app.paths.maps.is_empty();
        let mapped = set.then(|| name::mapped(&app.paths, &roots, &library.told).components().collect());
        mapped.into_iter().chain([PathBuf::from(&library.told)]).find(|folder: &PathBuf| library.count_in(folder) > 0)
    };
    let all = || apps.iter().flat_map(|(_, (app, libraries))| libraries.iter().map(move |library| (app, library)));
    let unknown: Vec<&Library> =
        all().filter(|(app, library)| known(app, library).is_none()).map(|all| all.1).collect();
    let from = media_root.as_deref().unwrap_or(Path::new("/"));
    if !unknown.is_empty() {
        cli::print(&format!("looking for films and shows below {}\n", from.display()))?;
    }
    let mut searched = search::folders(from, &unknown).into_iter();
    let mut found = [BTreeMap::new(), BTreeMap::new()];
    for ((kind, (app, libraries)), found) in apps.iter().zip(&mut found) {
        for library in libraries {
            let (name, told) = (kind.name, &library.told);
            let local = match known(app, library) {
                Some(local) => local,
                None => chosen(kind, told, &searched.next().unwrap_or_default(), ask)?,
            };
            let (count, of) = (library.count_in(&local), library.has.len());
            let shown = local.display();
            cli::print(&format!(
                "{name}'s folder {told} is {shown} here: {count} of {of} that were looked for are in it\n"
            ))?;
            found.insert(told.clone(), local);
        }
    }
    Ok(found)
}

/// One of several folders that may be a library, or one that somebody names.
fn chosen(kind: &Kind, told: &str, found: &[PathBuf], ask: &Ask) -> Result<PathBuf> {
    if let [only] = found {
        return Ok(only.clone());
    }
    let (name, variable) = (kind.name, kind.variable);
    let several: Vec<_> = found.iter().map(|folder| folder.display().to_string()).collect();
    let question = match several.is_empty() {
        true => format!("What is {name}'s folder {told} called on this machine?"),
        false => format!("{name}'s folder {told} may be {} on this machine: which one is it?", several.join(" or ")),
    };
    loop {
        let typed = PathBuf::from(ask.text(&question, &format!("{variable}_0_PATH_MAP={told}=FOLDER-HERE"))?);
        if typed.is_absolute() && typed.is_dir() {
            return Ok(typed.components().collect());
        }
        cli::print(&format!("{} is no folder here\n", typed.display()))?;
    }
}

/// The media root and the path maps that make each library what was found.
fn settle_paths(
    proposal: &mut Proposal,
    apps: &[(Kind, (App, Vec<Library>)); 2],
    found: &[BTreeMap<String, PathBuf>; 2],
    ask: &Ask,
) -> Result<()> {
    let known = proposal.source.known(&MEDIA_ROOTS);
    let all: Vec<&Path> = found.iter().flat_map(|found| found.values()).map(PathBuf::as_path).collect();
    let (media_root, why) = match (proposal.source.media_root()?, paths::media_root(&all)) {
        (Some(known), _) => (known, "as it is set now"),
        (None, Some(found)) => (found, "films and shows are in it"),
        (None, None) => (ask.text("Which folder holds films and shows?", "MEDIA_ROOT")?.into(), "as you typed it"),
    };
    if !known.is_some_and(|known| known.stays) {
        proposal.add("MEDIA_ROOT", media_root.display().to_string(), why);
    }
    for ((kind, (app, _)), found) in apps.iter().zip(found) {
        if let Some(maps) = paths::maps(&app.paths, &media_root, found) {
            let name = format!("{}_0_PATH_MAP", kind.variable);
            proposal.add(&name, maps, format!("{}'s folders have other names here", kind.name));
        }
    }
    Ok(())
}
