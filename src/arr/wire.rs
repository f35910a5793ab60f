//! The shapes of Radarr's and Sonarr's JSON. Everything may be absent: nulls and ids of 0 are left out (*facts A.1*).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::clock;
use crate::model::{Deleted, Episode, Instance, Movie, MovieFile, Naming, Series, Why};

/// What a list of films or shows tells about folders, in the app's own paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    /// How many items the answer had, also those that were left out.
    pub count: usize,
    /// The root folders that the items are in, each once.
    pub roots: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a film")]
pub(super) struct Film {
    id: Option<i32>,
    tmdb_id: Option<i32>,
    title: Option<String>,
    year: Option<i32>,
    pub path: Option<String>,
    pub root_folder_path: Option<String>,
    has_file: Option<bool>,
    movie_file_id: Option<i32>,
    movie_file: Option<File>,
}

#[derive(Deserialize)]
#[serde(expecting = "expected a file")]
pub(super) struct File {
    id: Option<i32>,
    path: Option<String>,
    quality: Option<Revised>,
}

#[derive(Deserialize)]
struct Revised {
    quality: Option<Quality>,
    revision: Option<Revision>,
}

#[derive(Deserialize)]
struct Revision {
    version: Option<i32>,
}

#[derive(Deserialize)]
struct Quality {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a show")]
pub(super) struct Show {
    id: Option<i32>,
    tvdb_id: Option<i32>,
    title: Option<String>,
    title_slug: Option<String>,
    alternate_titles: Option<Vec<Title>>,
    year: Option<i32>,
    pub path: Option<String>,
    pub root_folder_path: Option<String>,
    series_type: Option<String>,
    season_folder: Option<bool>,
    runtime: Option<i32>,
}

#[derive(Deserialize)]
pub(super) struct Title {
    pub title: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an episode")]
pub(super) struct Part {
    id: Option<i32>,
    tvdb_id: Option<i32>,
    episode_number: Option<i32>,
    title: Option<String>,
    episode_file_id: Option<i32>,
    episode_file: Option<File>,
}

/// What a search found. One that is not in the library has no id (*facts A.4*).
#[derive(Deserialize)]
#[serde(expecting = "expected a show")]
pub(super) struct Hit {
    pub id: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected the naming settings")]
pub(super) struct NamingSettings {
    rename_episodes: Option<bool>,
    specials_folder_format: Option<String>,
    season_folder_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected the media management settings")]
pub(super) struct MediaManagement {
    pub set_permissions_linux: Option<bool>,
}

/// What has happened to a film (*recorded/radarr_history_movie.json*).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an event")]
pub(super) struct Event {
    event_type: Option<String>,
    date: Option<String>,
    data: Option<EventData>,
}

#[derive(Deserialize)]
struct EventData {
    reason: Option<String>,
}

/// The root folders while a list arrives.
#[derive(Default)]
pub(super) struct FolderSet {
    count: usize,
    roots: BTreeSet<String>,
}

fn id(id: Option<i32>) -> Option<i32> {
    id.filter(|id| *id > 0)
}

fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

impl Film {
    /// `None` for what no rule can name: without numbers of its own and of the film.
    pub fn into_movie(mut self, radarr: Instance) -> Option<Movie> {
        let (file, file_untold) = self.file();
        Some(Movie {
            radarr,
            id: id(self.id)?,
            tmdb_id: id(self.tmdb_id)?,
            title: self.title.unwrap_or_default(),
            year: self.year.filter(|year| *year > 0),
            folder: text(self.path),
            file,
            file_untold,
        })
    }

    /// The present file, and whether there is one of which nothing is told. A row of an earlier file may come along (*facts A.6*).
    /// Radarr 4 has `hasFile` alone; since 5 that may be absent.
    fn file(&mut self) -> (Option<MovieFile>, bool) {
        let file = self.movie_file.take();
        let present = match (self.has_file, self.movie_file_id) {
            (Some(false), _) => return (None, false),
            (_, Some(number)) if number > 0 => file.filter(|file| file.id == Some(number)),
            // a file without a number is an earlier one; `hasFile` counts those, too
            (Some(true), Some(_)) if file.is_some() => return (None, false),
            (Some(true), _) => file,
            (None, _) => return (None, false),
        };
        let known = present.and_then(File::into_movie_file);
        let untold = known.is_none();
        (known, untold)
    }
}

impl File {
    fn into_movie_file(self) -> Option<MovieFile> {
        let revision = self.quality.as_ref().and_then(|revised| revised.revision.as_ref()?.version);
        let name = self.quality.and_then(|revised| revised.quality).and_then(|quality| text(quality.name));
        Some(MovieFile {
            path: text(self.path)?,
            quality: name.unwrap_or_else(|| "Unknown".into()),
            revision: revision.unwrap_or(1),
        })
    }
}

impl Show {
    /// `None` for what is no place for a special: without a number, a title or a folder.
    pub fn into_series(self, sonarr: Instance) -> Option<Series> {
        Some(Series {
            sonarr,
            id: id(self.id)?,
            tvdb_id: self.tvdb_id.unwrap_or_default(),
            title: text(self.title)?,
            slug: text(self.title_slug),
            alternate_titles: self
                .alternate_titles
                .unwrap_or_default()
                .into_iter()
                .filter_map(|alternate| text(alternate.title))
                .collect(),
            year: self.year.filter(|year| *year > 0),
            path: text(self.path)?,
            anime: self.series_type.is_some_and(|kind| kind.eq_ignore_ascii_case("anime")),
            season_folder: self.season_folder.unwrap_or(true),
            runtime: self.runtime.filter(|minutes| *minutes > 0),
        })
    }
}

impl Part {
    /// Sonarr has a file for it but did not say which.
    pub fn lacks_its_file(&self) -> bool {
        self.episode_file.is_none() && id(self.episode_file_id).is_some()
    }

    /// `files` are those that did not come with their episodes.
    pub fn into_episode(self, files: &[File]) -> Option<Episode> {
        let apart = id(self.episode_file_id).and_then(|id| files.iter().find(|file| file.id == Some(id)));
        let file = self.episode_file.as_ref().or(apart).and_then(|file| text(file.path.clone()));
        Some(Episode {
            id: id(self.id)?,
            tvdb_id: id(self.tvdb_id),
            number: self.episode_number?,
            title: self.title.unwrap_or_default(),
            file,
        })
    }
}

impl From<NamingSettings> for Naming {
    /// What is missing is as Sonarr has it by default (*facts C.1, recorded/sonarr_config_naming.json*).
    fn from(settings: NamingSettings) -> Naming {
        let or = |format: Option<String>, default: &str| {
            format.filter(|format| !format.trim().is_empty()).unwrap_or_else(|| default.into())
        };
        Naming {
            renames: settings.rename_episodes == Some(true),
            specials_folder: or(settings.specials_folder_format, "Specials"),
            season_folder: or(settings.season_folder_format, "Season {season}"),
        }
    }
}

impl Event {
    /// Whether it tells nothing of the film's file.
    pub fn is_of_a_download(&self) -> bool {
        let is = |kind: &str| self.event_type.as_deref().is_some_and(|told| told.eq_ignore_ascii_case(kind));
        ["grabbed", "downloadFailed", "downloadIgnored"].into_iter().any(is)
    }

    /// `None` if it is another event; an error if it has no date.
    pub fn into_deleted(self) -> Result<Option<Deleted>, &'static str> {
        if !self.event_type.is_some_and(|kind| kind.eq_ignore_ascii_case("movieFileDeleted")) {
            return Ok(None);
        }
        let reason = self.data.and_then(|data| data.reason).unwrap_or_default();
        let why = match reason.to_ascii_lowercase().as_str() {
            "upgrade" => Why::Upgrade,
            "manual" => Why::Manual,
            "missingfromdisk" => Why::MissingFromDisk,
            _ => Why::Other,
        };
        let at = self.date.as_deref().and_then(clock::iso).ok_or("an event has no date")?;
        Ok(Some(Deleted { why, at }))
    }
}

impl FolderSet {
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Counts an item that is at `path`. Its root folder is that folder's parent if the app does not say.
    pub fn add(&mut self, root: Option<&str>, path: Option<&str>) {
        self.count += 1;
        let parent = || path?.trim_end_matches(['/', '\\']).rsplit_once(['/', '\\']).map(|(parent, _)| parent);
        if let Some(root) = root.filter(|root| !root.is_empty()).or_else(parent)
            && !self.roots.contains(root)
        {
            self.roots.insert(root.into());
        }
    }
}

impl From<FolderSet> for Folders {
    fn from(set: FolderSet) -> Folders {
        Folders { count: set.count, roots: set.roots.into_iter().collect() }
    }
}
