//! In which show a link is, whatever has become of the show's folder.

use std::{
    cell::OnceCell,
    path::{Path, PathBuf},
};

use super::Layout;
use crate::{
    meaning::Library,
    model::{Instance, Link, MediaPath, Roots, Series},
    name,
};

/// The shows that are known in a run.
pub struct Shows<'a> {
    pub(super) roots: &'a Roots,
    /// In the order of their Sonarrs and its numbers.
    pub(super) shows: Vec<ShowFolder>,
    /// The Sonarrs of whose shows nothing is known.
    unread: Vec<Instance>,
    /// The path without symlinks of a folder.
    real: &'a dyn Fn(&MediaPath) -> PathBuf,
    /// Those of the shows' folders.
    reals: OnceCell<Vec<PathBuf>>,
}

pub(super) struct ShowFolder {
    pub sonarr: Instance,
    pub id: i32,
    pub tvdb_id: i32,
    pub folder: MediaPath,
}

impl<'a> Shows<'a> {
    pub fn new(
        library: &Library,
        layout: &Layout,
        roots: &'a Roots,
        real: &'a dyn Fn(&MediaPath) -> PathBuf,
    ) -> Shows<'a> {
        let show = |Series { sonarr, id, tvdb_id, path, .. }: &Series| {
            let folder = name::local(&layout.sonarr[*sonarr], roots, path).ok()?;
            Some(ShowFolder { sonarr: *sonarr, id: *id, tvdb_id: *tvdb_id, folder })
        };
        let mut shows: Vec<ShowFolder> = library.sonarr.iter().flatten().flatten().filter_map(show).collect();
        shows.sort_by_key(|show| (show.sonarr, show.id));
        let unread = library.sonarr.iter().zip(0..).filter(|(shows, _)| shows.is_err()).map(|(_, sonarr)| sonarr);
        Shows { roots, shows, unread: unread.collect(), real, reals: OnceCell::new() }
    }

    pub fn folders(&self) -> impl Iterator<Item = &MediaPath> {
        self.shows.iter().map(|show| &show.folder)
    }

    /// The show that a link's record says it is in.
    pub(super) fn recorded(&self, link: &Link) -> Option<&ShowFolder> {
        let number = (link.concerns.sonarr, link.concerns.series_id);
        let at = self.shows.binary_search_by_key(&number, |show| (show.sonarr, show.id)).ok()?;
        Some(&self.shows[at])
    }

    /// Whether a recorded link is not in the folder of its show, or its show is not there any more.
    pub(super) fn is_astray(&self, link: &Link) -> bool {
        match self.recorded(link) {
            Some(show) => !Path::new(&link.path).starts_with(show.folder.absolute()),
            None => !self.unread.contains(&link.concerns.sonarr),
        }
    }

    /// The show in whose folder a place is, by whatever names: its Sonarr, and its number there.
    pub fn of(&self, at: &MediaPath) -> Option<(Instance, i32)> {
        let named = self.shows.iter().filter(|show| at.is_in(&show.folder));
        let real = || {
            let reals = self.reals.get_or_init(|| self.folders().map(self.real).collect());
            let at = (self.real)(&at.parent()?);
            let holding = self.shows.iter().zip(reals).filter(|(_, real)| at.starts_with(real));
            holding.max_by_key(|(_, real)| real.components().count()).map(|(show, _)| show)
        };
        let show = named.max_by_key(|show| show.folder.components().count()).or_else(real);
        show.map(|show| (show.sonarr, show.id))
    }
}
