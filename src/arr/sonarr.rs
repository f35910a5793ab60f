//! What Sonarr is asked, and the shapes of its answers.

use std::ops::Deref;

use serde::Deserialize;

use super::{
    command::{Accepted, Command},
    connection::Connection,
    either::{FileJson, Folders, Titled, date, id, text},
    items::{self, Broken},
    message::{Question, percent_encoded},
};
use crate::{
    error::Result,
    model::{Episode, Instance, Naming, Series, Special},
};

pub struct Sonarr {
    connection: Connection,
    /// For searches: Sonarr asks its own server on the internet then, and is well itself when that fails (*facts A.4*).
    search: Connection,
    instance: Instance,
}

/// What Sonarr's search found for a title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    pub hits: usize,
    /// Sonarr's numbers of the hits that are in its library, in the order of the hits.
    pub owned: Vec<i32>,
}

impl Deref for Sonarr {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Sonarr {
    pub fn new(connection: Connection, instance: Instance) -> Sonarr {
        Sonarr { search: connection.apart(), connection, instance }
    }

    /// All shows that Sonarr has.
    pub fn series(&self) -> Result<(Vec<Series>, Folders)> {
        let question = Question::list("for its shows", "/series");
        self.ask(&question, |body| {
            let (mut series, mut folders) = (Vec::new(), Folders::default());
            items::each(body, |show: ShowJson| {
                folders.add(show.root_folder_path.as_deref(), show.path.as_deref());
                series.extend(show.into_series(self.instance));
            })?;
            Ok((series, folders))
        })
    }

    /// The show that has this number in Sonarr, if there is one (*recorded/sonarr_series_by_id.json*, *errors.json* "unknown id").
    pub fn show(&self, id: i32) -> Result<Option<(Series, Folders)>> {
        self.find(&Question::small(format!("for show {id}"), format!("/series/{id}")), false, |body| {
            let show: ShowJson = items::object(body)?;
            let folders = Folders::of(show.root_folder_path.as_deref(), show.path.as_deref());
            let show = show.into_series(self.instance).map(|show| (show, folders));
            show.ok_or_else(|| Broken::not_expected("a show without a number, a title or a folder"))
        })
    }

    /// One season of a show, with the files that Sonarr has for its episodes. Empty if Sonarr knows no such show or season.
    pub fn episodes(&self, series_id: i32, season: i32) -> Result<Vec<Episode>> {
        let path = format!("/episode?seriesId={series_id}&seasonNumber={season}&includeEpisodeFile=true");
        let question = Question::small(format!("for season {season} of show {series_id}"), path);
        let episodes: Vec<EpisodeJson> = self.ask(&question, |body| items::list(body))?;
        // Sonarr 3 has no includeEpisodeFile (facts I)
        let files: Vec<FileJson> = if episodes.iter().any(EpisodeJson::lacks_its_file) {
            let path = format!("/episodefile?seriesId={series_id}");
            self.ask(&Question::small(format!("for the files of show {series_id}"), path), |body| items::list(body))?
        } else {
            Vec::new()
        };
        Ok(episodes.into_iter().filter_map(|episode| episode.into_episode(&files)).collect())
    }

    /// Season 0 of a show, or another one. Empty if Sonarr knows no such show or season.
    pub fn specials(&self, series_id: i32, season: i32) -> Result<Vec<Special>> {
        let path = format!("/episode?seriesId={series_id}&seasonNumber={season}");
        self.ask(&Question::small(format!("for the specials of show {series_id}"), path), |body| {
            Ok(items::list(body)?.into_iter().filter_map(CandidateJson::into_special).collect())
        })
    }

    /// What Sonarr's search finds for a title.
    pub fn lookup(&self, title: &str) -> Result<Lookup> {
        let path = format!("/series/lookup?term={}", percent_encoded(title));
        let question = Question::small(format!("to search for {title:?}"), path);
        self.search.ask(&question, |body| {
            let mut found = Lookup::default();
            items::each(body, |hit: Hit| {
                found.hits += 1;
                found.owned.extend(hit.id.filter(|id| *id > 0));
            })?;
            Ok(found)
        })
    }

    /// API v5 has the same under another name (*observed 1*).
    pub fn naming(&self) -> Result<Naming> {
        let target = if self.is_v5() { "/settings/naming" } else { "/config/naming" };
        let question = Question::small("for its naming settings", target);
        self.ask(&question, |body| Ok(items::object::<NamingSettings>(body)?.into()))
    }

    /// Whether Sonarr sets owner and mode of files when it imports or renames them; `None` where it does not say, as API v5 does not
    /// (*observed 1*).
    pub fn sets_permissions(&self) -> Result<Option<bool>> {
        if self.is_v5() {
            return Ok(None);
        }
        let question = Question::small("for its media management settings", "/config/mediamanagement");
        self.ask(&question, |body| Ok(items::object::<MediaManagement>(body)?.set_permissions_linux))
    }

    /// Asks Sonarr to look at the show's folder; it does so in its own time.
    pub fn rescan(&self, series_id: i32) -> Result<Command> {
        self.order("RescanSeries", "seriesId", series_id)
    }

    /// Asks Sonarr for the show's present specials and files. Never beside a [`rescan`](Sonarr::rescan) of it: both would import the
    /// same link (*observed 8*).
    pub fn refresh(&self, series_id: i32) -> Result<Command> {
        self.order("RefreshSeries", "seriesId", series_id)
    }

    /// Sonarr is to fetch these episodes no more, until somebody tells it otherwise (*facts A.5*).
    pub fn unmonitor(&self, episodes: &[i32]) -> Result<()> {
        let ids: Vec<String> = episodes.iter().map(i32::to_string).collect();
        let body = format!(r#"{{"episodeIds":[{}],"monitored":false}}"#, ids.join(","));
        let question = Question::new("PUT", "to unmonitor a special", "/episode/monitor", Some(body));
        self.ask(&question, |_| Ok(()))
    }

    /// What became of a command; `None` if Sonarr knows it no more, or does not say.
    pub fn command(&self, id: i32) -> Result<Option<Command>> {
        let question = Question::small(format!("about command {id}"), format!("/command/{id}"));
        self.find(&question, true, |body| Ok(items::object::<Accepted>(body)?.into()))
    }

    /// The commands of the last minutes, whoever gave them.
    pub fn commands(&self) -> Result<Vec<Command>> {
        let commands = self.find(&Question::small("what it is doing", "/command"), true, |body| items::list(body))?;
        Ok(commands.into_iter().flatten().map(Accepted::into).collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a show")]
struct ShowJson {
    id: Option<i32>,
    tvdb_id: Option<i32>,
    title: Option<String>,
    title_slug: Option<String>,
    alternate_titles: Option<Vec<Titled>>,
    year: Option<i32>,
    path: Option<String>,
    root_folder_path: Option<String>,
    series_type: Option<String>,
    season_folder: Option<bool>,
    runtime: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an episode")]
struct EpisodeJson {
    id: Option<i32>,
    tvdb_id: Option<i32>,
    episode_number: Option<i32>,
    title: Option<String>,
    episode_file_id: Option<i32>,
    episode_file: Option<FileJson>,
}

/// What a search found. One that is not in the library has no id (*facts A.4*).
#[derive(Deserialize)]
#[serde(expecting = "expected a show")]
struct Hit {
    id: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected the naming settings")]
struct NamingSettings {
    rename_episodes: Option<bool>,
    specials_folder_format: Option<String>,
    season_folder_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected the media management settings")]
struct MediaManagement {
    set_permissions_linux: Option<bool>,
}

/// What suggestions need of an episode.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an episode")]
struct CandidateJson {
    tvdb_id: Option<i32>,
    episode_number: Option<i32>,
    title: Option<String>,
    air_date: Option<String>,
    runtime: Option<i32>,
    has_file: Option<bool>,
    episode_file_id: Option<i32>,
}

impl ShowJson {
    /// `None` for what is no place for a special: without a number, a title or a folder.
    fn into_series(self, sonarr: Instance) -> Option<Series> {
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

impl EpisodeJson {
    /// Sonarr has a file for it but did not say which.
    fn lacks_its_file(&self) -> bool {
        self.episode_file.is_none() && id(self.episode_file_id).is_some()
    }

    /// `files` are those that did not come with their episodes.
    fn into_episode(self, files: &[FileJson]) -> Option<Episode> {
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

impl CandidateJson {
    fn into_special(self) -> Option<Special> {
        Some(Special {
            tvdb_id: self.tvdb_id.filter(|id| *id > 0),
            number: self.episode_number?,
            title: self.title.unwrap_or_default(),
            aired: date(self.air_date),
            runtime: self.runtime.filter(|minutes| *minutes > 0),
            has_file: self.has_file == Some(true) || self.episode_file_id.is_some_and(|id| id > 0),
        })
    }
}
