//! One command from the package to the first link: finds the apps and the media, writes the settings, and lets the work begin.

mod apps;
mod ask;
mod steps;

use std::path::{Path, PathBuf};

use crate::{
    check::{
        Findings,
        apps::Answering,
        libraries::{self, Holdings, Root},
        maps,
    },
    cli::{self, Setup},
    config::{self, Environment, RADARR, SONARR},
    disk,
    error::{Error, Result},
    model::Roots,
    name,
};
use ask::Dialog;

/// Folders in which disks and users are: what holds both films and shows lies further down.
const TOO_WIDE: [&str; 6] = ["/", "/mnt", "/media", "/srv", "/home", "/share"];

/// What is to be written.
struct Proposal {
    source: Environment,
    /// Names, values, and why.
    changes: Vec<(String, String, String)>,
}

impl Proposal {
    fn add(&mut self, name: &str, value: impl Into<String>, why: impl Into<String>) {
        self.changes.push((name.into(), value.into(), why.into()));
    }

    /// Keys are not shown.
    fn shown(&self) -> String {
        let line = |(name, value, why): &(String, String, String)| {
            let value = if config::is_secret(name) { "(secret)" } else { value };
            format!("    {name}={value}    {why}\n")
        };
        self.changes.iter().map(line).collect()
    }
}

/// A folder as its app calls it, and what it is here.
type Mapped<'a> = (&'a str, PathBuf);

/// Finds, asks, shows, writes and starts; `false` if what was written does not do yet. `typed` is the file that was named.
pub fn setup(source: Environment, typed: Option<PathBuf>, wish: &Setup) -> Result<bool> {
    let ask = Dialog::new(wish.yes);
    let file = source.target(typed, disk::is_root())?;
    let port = source.serve()?.port;
    let media_root = source.media_root()?;
    if let Some(missing) = media_root.as_ref().filter(|root| !root.is_dir()) {
        let missing = missing.display();
        return Err(Error::Config(format!(
            "MEDIA_ROOT is {missing}, which is no folder here: set it right, or unset it, and setup finds it"
        )));
    }
    let mut proposal = Proposal { source, changes: Vec::new() };
    let (sonarr, connection, status) = apps::find(&mut proposal, SONARR, wish.sonarr_config.as_deref(), &ask)?;
    let sonarr = Answering::new(&sonarr, 0, connection, status);
    let (radarr, connection, status) = apps::find(&mut proposal, RADARR, wish.radarr_config.as_deref(), &ask)?;
    let apps = [sonarr, Answering::new(&radarr, 0, connection, status)];

    let from = media_root.as_deref().unwrap_or(Path::new("/"));
    cli::print(&format!("looking for films and shows below {}\n", from.display()))?;
    let mut problems = Findings::default();
    let libraries = libraries::ask(&apps, &Roots::new(media_root.clone()), None, &mut problems);
    if let (0 | 1, Some(problem)) = (libraries.len(), problems.0.into_iter().next()) {
        return Err(Error::App(problem.sentence));
    }
    let places = libraries.iter().map(|library| places(library, &ask)).collect::<Result<Vec<_>>>()?;
    settle_paths(&mut proposal, media_root, &libraries, &places, &ask)?;
    for (name, value) in proposal.source.unwritten() {
        if proposal.changes.iter().all(|(other, ..)| *other != name) {
            proposal.add(&name, value, "as it is set now");
        }
    }

    let shown = file.display();
    if proposal.changes.is_empty() {
        cli::print(&format!("{shown} has all of this already\n"))?;
    } else {
        cli::print(&format!("{shown} gets\n{}", proposal.shown()))?;
    }
    if wish.dry_run {
        return cli::print("nothing was written: this was a dry run\n").map(|()| true);
    }
    if !proposal.changes.is_empty() {
        if !ask.confirm(&format!("Write this into {shown}?"))? {
            return cli::print("nothing was written\n").map(|()| true);
        }
        let set: Vec<_> = proposal.changes.into_iter().map(|(name, value, _)| (name, value)).collect();
        config::write(&file, &set, config::packaged_owner(&file).map(|(_, group)| group))?;
    }
    let shows = libraries.iter().zip(&places).filter(|(library, _)| library.app.kind == SONARR);
    let shows: Vec<&Path> = shows.flat_map(|(_, places)| places.iter().map(|(_, local)| &**local)).collect();
    steps::go_on(&file, &shows, port, &ask)
}

/// Where the folders of a library are here: by the settings, under the same name, or wherever their content is.
fn places<'a>(library: &'a Holdings, ask: &Dialog) -> Result<Vec<Mapped<'a>>> {
    let name = library.app.kind.name;
    let mut places = Vec::new();
    for root in library.roots.iter().filter(|root| !root.is_new) {
        let local = if root.here.is_empty() { chosen(library, root, ask)? } else { root.local.clone() };
        let (told, shown) = (&root.told, local.display());
        let (count, of) = (root.count_in(&local), root.items.len());
        cli::print(&format!(
            "{name}'s folder {told} is {shown} here: {count} of {of} that were looked for are in it\n"
        ))?;
        places.push((&**told, local));
    }
    Ok(places)
}

/// One of several folders that it may be, or one that somebody names.
fn chosen(library: &Holdings, root: &Root, ask: &Dialog) -> Result<PathBuf> {
    let (name, told) = (library.app.kind.name, &root.told);
    let several: Vec<_> = root.elsewhere.iter().map(|folder| folder.display().to_string()).collect();
    let question = match &root.elsewhere[..] {
        [only] => return Ok(only.clone()),
        [] => format!("What is {name}'s folder {told} called on this machine?"),
        _ => format!("{name}'s folder {told} may be {} on this machine: which one is it?", several.join(" or ")),
    };
    loop {
        let typed = PathBuf::from(ask.text(&question, &format!("{}={told}=FOLDER-HERE", library.app.path_map()))?);
        if typed.is_absolute() && typed.is_dir() {
            return Ok(typed.components().collect());
        }
        cli::print(&format!("{} is no folder here\n", typed.display()))?;
    }
}

/// The media root and the path maps that make each library what was found.
fn settle_paths(
    proposal: &mut Proposal,
    set: Option<PathBuf>,
    libraries: &[Holdings],
    places: &[Vec<Mapped>],
    ask: &Dialog,
) -> Result<()> {
    let all: Vec<&Path> = places.iter().flatten().map(|(_, local)| &**local).collect();
    let is_set = set.is_some();
    let (media_root, why) = match (set, holding_all(&all)) {
        (Some(set), _) => (set, ""),
        (None, Some(found)) => (found, "films and shows are in it"),
        (None, None) => (ask.text("Which folder holds films and shows?", "MEDIA_ROOT")?.into(), "as you typed it"),
    };
    if !is_set {
        proposal.add("MEDIA_ROOT", media_root.display().to_string(), why);
    }
    let roots = Roots::new([media_root]);
    for (library, places) in libraries.iter().zip(places) {
        let paths = &library.app.paths;
        let is_lost = |(told, local): &&Mapped| !name::mapped(paths, &roots, told).components().eq(local.components());
        let lost = places.iter().filter(is_lost).map(|(told, local)| maps::exact(&(told, local)));
        let maps = maps::with(&paths.maps, lost);
        if maps != paths.maps {
            let variable = library.app.path_map();
            let value = maps::value(&variable, &maps).map_err(Error::Config)?;
            proposal.add(&variable, value, format!("{}'s folders have other names here", library.app.kind.name));
        }
    }
    Ok(())
}

/// The folder that holds all of these, else the first one, beside which the others need a map.
fn holding_all(folders: &[&Path]) -> Option<PathBuf> {
    let first = *folders.first()?;
    let is_narrow = |above: &&Path| !TOO_WIDE.iter().any(|wide| *above == Path::new(wide));
    let above = first.ancestors().find(|above| folders.iter().all(|folder| folder.starts_with(above)));
    // one library alone: another one will be beside it
    let above = if above == Some(first) { first.parent() } else { above };
    Some(above.filter(is_narrow).unwrap_or(first).to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_root_holds_all_libraries() {
        let cases: [(&[&str], &str); 8] = [
            (&["/mnt/media/tv", "/mnt/media/movies"], "/mnt/media"),
            (&["/mnt/media/tv", "/mnt/media/anime", "/mnt/media/films/new"], "/mnt/media"),
            (&["/data/media/tv", "/data/films"], "/data"),
            (&["/volume1/tv", "/volume1/movies"], "/volume1"),
            (&["/tv", "/movies"], "/tv"),
            (&["/mnt/a/tv", "/mnt/b/movies"], "/mnt/a/tv"),
            (&["/mnt/media/all", "/mnt/media/all"], "/mnt/media"),
            (&["/mnt/tv"], "/mnt/tv"),
        ];
        for (folders, root) in cases {
            let folders: Vec<_> = folders.iter().map(Path::new).collect();
            assert_eq!(holding_all(&folders).unwrap(), Path::new(root), "{folders:?}");
        }
        assert_eq!(holding_all(&[]), None);
    }
}
