//! The shapes of Radarr's and Sonarr's JSON. Everything may be absent: nulls and ids of 0 are left out (*facts A.1*).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Folders, Told, clock};
use crate::model::{Episode, Instance, Movie, MovieFile, Series};

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

/// A quality and its revision, of which we use the former.
#[derive(Deserialize)]
struct Revised {
    quality: Option<Quality>,
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
    alternate_titles: Option<Vec<Title>>,
    pub path: Option<String>,
    pub root_folder_path: Option<String>,
    series_type: Option<String>,
    season_folder: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Title {
    pub title: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an episode")]
pub(super) struct Part {
    id: Option<i32>,
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
pub(super) struct Naming {
    pub rename_episodes: Option<bool>,
    specials_folder_format: Option<String>,
}

/// A command as the app has it after our POST.
#[derive(Deserialize)]
#[serde(expecting = "expected a command")]
pub(super) struct Accepted {
    status: Option<String>,
    queued: Option<String>,
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
    pub fn into_movie(self, radarr: Instance) -> Option<Movie> {
        let present = self.file_is_present();
        Some(Movie {
            radarr,
            id: id(self.id)?,
            tmdb_id: id(self.tmdb_id)?,
            title: self.title.unwrap_or_default(),
            year: self.year.filter(|year| *year > 0),
            file: self.movie_file.filter(|_| present).and_then(File::into_movie_file),
        })
    }

    /// A row of an earlier file may come along (*facts A.6*). Radarr 4 has `hasFile` alone; since 5 that may be absent.
    fn file_is_present(&self) -> bool {
        match self.movie_file_id {
            None => self.has_file == Some(true),
            Some(present) => {
                self.has_file != Some(false)
                    && present > 0
                    && self.movie_file.as_ref().is_some_and(|file| file.id == Some(present))
            }
        }
    }
}

impl File {
    fn into_movie_file(self) -> Option<MovieFile> {
        let name = self.quality.and_then(|revised| revised.quality).and_then(|quality| text(quality.name));
        Some(MovieFile { path: text(self.path)?, quality: name.unwrap_or_else(|| "Unknown".into()) })
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
            alternate_titles: self
                .alternate_titles
                .unwrap_or_default()
                .into_iter()
                .filter_map(|alternate| text(alternate.title))
                .collect(),
            path: text(self.path)?,
            anime: self.series_type.is_some_and(|kind| kind.eq_ignore_ascii_case("anime")),
            season_folder: self.season_folder.unwrap_or(true),
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
        Some(Episode { id: id(self.id)?, number: self.episode_number?, title: self.title.unwrap_or_default(), file })
    }
}

impl Naming {
    /// `Specials` is what Sonarr has by default (*facts C.1*).
    pub fn specials_folder(self) -> String {
        self.specials_folder_format.filter(|format| !format.trim().is_empty()).unwrap_or_else(|| "Specials".into())
    }
}

impl Accepted {
    /// `date` is when the app answered, by its own clock. Both times are whole seconds, and a command of ours may have been taken
    /// up before the answer was written.
    pub fn told(&self, date: Option<i64>) -> Told {
        let started = self.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("started"));
        let queued = self.queued.as_deref().and_then(clock::iso);
        match (date, queued) {
            (Some(date), Some(queued)) if started && date - queued >= 2 => Told::AlreadyRunning,
            _ => Told::Queued,
        }
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
