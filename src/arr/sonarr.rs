//! What Sonarr is asked, and the shapes of its answers.

use std::ops::Deref;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    connection::Connection,
    either::{FileJson, Loose, RootFolders, Titled, date, id, text},
    message::{Answer, Question, percent_encoded, senseless},
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

/// A command of Sonarr's (*facts A.9, recorded/sonarr_command_rescan_*.json*).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Map<String, Value>")]
pub struct Command {
    /// `None` if the app does not say: nothing more can be asked about it.
    pub id: Option<i32>,
    pub stage: Stage,
    /// The shows that it scans, if it is a scan; none are all.
    scans: Option<Vec<i32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its turn, or is at work.
    Open,
    Completed,
    /// The import comes first, so that links have been seen nevertheless (*observed 2.1*).
    Failed,
    /// It has not been carried out: cancelled, or lost when the app ended.
    Dropped,
    /// It says nothing of that, or something unknown.
    Untold,
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
    pub fn series(&self) -> Result<(Vec<Series>, RootFolders)> {
        self.ask(&Question::list("for its shows", "/series"), &|answer| {
            let (mut series, mut folders) = (Vec::new(), RootFolders::default());
            answer.each(|show: ShowJson| {
                folders.add(show.root_folder_path.0.as_deref(), show.path.as_deref());
                series.extend(show.into_series(self.instance));
            })?;
            Ok((series, folders))
        })
    }

    /// The show that has this number in Sonarr, if there is one (*recorded/sonarr_series_by_id.json*, *errors.json* "unknown id").
    pub fn show(&self, id: i32) -> Result<Option<(Series, RootFolders)>> {
        self.find(&Question::get(format!("for show {id}"), format!("/series/{id}")), false, &|answer| {
            let (show, mut folders): (ShowJson, _) = (answer.json()?, RootFolders::default());
            folders.add(show.root_folder_path.0.as_deref(), show.path.as_deref());
            let show = show.into_series(self.instance).map(|show| (show, folders));
            show.ok_or_else(|| senseless("a show without a number, a title or a folder"))
        })
    }

    /// One season of a show, with the files that Sonarr has for its episodes. Empty if Sonarr knows no such show or season.
    pub fn episodes(&self, series_id: i32, season: i32) -> Result<Vec<Episode>> {
        let target = format!("/episode?seriesId={series_id}&seasonNumber={season}&includeEpisodeFile=true");
        let episodes: Vec<EpisodeJson> = self.get(format!("for season {season} of show {series_id}"), target)?;
        // Sonarr 3 has no includeEpisodeFile (facts I)
        let files: Vec<FileJson> = if episodes.iter().any(EpisodeJson::lacks_its_file) {
            let target = format!("/episodefile?seriesId={series_id}");
            self.get(format!("for the files of show {series_id}"), target)?
        } else {
            Vec::new()
        };
        Ok(episodes.into_iter().filter_map(|episode| episode.into_episode(&files)).collect())
    }

    /// Season 0 of a show, or another one. Empty if Sonarr knows no such show or season.
    pub fn specials(&self, series_id: i32, season: i32) -> Result<Vec<Special>> {
        let target = format!("/episode?seriesId={series_id}&seasonNumber={season}");
        let episodes: Vec<EpisodeJson> = self.get(format!("for the specials of show {series_id}"), target)?;
        Ok(episodes.into_iter().filter_map(EpisodeJson::into_special).collect())
    }

    /// Sonarr's number of the show that its search means by a title: the only hit of it, and in its library. One that is not has no id
    /// (*facts A.4*).
    pub fn lookup(&self, title: &str) -> Result<Option<i32>> {
        let target = format!("/series/lookup?term={}", percent_encoded(title));
        let hits: Vec<ShowJson> = self.search.get(format!("to search for {title:?}"), target)?;
        Ok(hits.first().filter(|_| hits.len() == 1).and_then(|hit| id(hit.id)))
    }

    /// API v5 has the same under another name (*observed 1*).
    pub fn naming(&self) -> Result<Naming> {
        let target = if self.is_v5() { "/settings/naming" } else { "/config/naming" };
        let settings: Map<String, Value> = self.get("for its naming settings", target)?;
        // what is missing is as Sonarr has it by default (facts C.1, recorded/sonarr_config_naming.json)
        let or = |field: &str, default: &str| -> String {
            let format = settings.get(field).and_then(Value::as_str).filter(|format| !format.trim().is_empty());
            format.unwrap_or(default).into()
        };
        Ok(Naming {
            renames: settings.get("renameEpisodes") == Some(&Value::Bool(true)),
            specials_folder: or("specialsFolderFormat", "Specials"),
            season_folder: or("seasonFolderFormat", "Season {season}"),
        })
    }

    /// Whether Sonarr sets owner and mode of files when it imports or renames them; `None` where it does not say, as API v5 does not
    /// (*observed 1*).
    pub fn sets_permissions(&self) -> Result<Option<bool>> {
        if self.is_v5() {
            return Ok(None);
        }
        let settings: Value = self.get("for its media management settings", "/config/mediamanagement")?;
        Ok(settings["setPermissionsLinux"].as_bool())
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
        let body = Some(json!({ "episodeIds": episodes, "monitored": false }).to_string());
        let question = Question { method: "PUT", body, ..Question::get("to unmonitor a special", "/episode/monitor") };
        self.ask(&question, &|_| Ok(()))
    }

    /// What became of a command; `None` if Sonarr knows it no more, or does not say.
    pub fn command(&self, id: i32) -> Result<Option<Command>> {
        let question = Question::get(format!("about command {id}"), format!("/command/{id}"));
        self.find(&question, true, &Answer::json)
    }

    /// The commands of the last minutes, whoever gave them.
    pub fn commands(&self) -> Result<Vec<Command>> {
        let commands = self.find(&Question::get("what it is doing", "/command"), true, &Answer::json)?;
        Ok(commands.unwrap_or_default())
    }
}

impl Command {
    /// Whether it is at this show, or will be.
    pub fn is_scanning(&self, series_id: i32) -> bool {
        let is_of = |shows: &Vec<i32>| shows.is_empty() || shows.contains(&series_id);
        self.stage == Stage::Open && self.scans.as_ref().is_some_and(is_of)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a show")]
struct ShowJson {
    id: Option<i32>,
    tvdb_id: Option<i32>,
    title: Option<String>,
    title_slug: Loose<String>,
    alternate_titles: Loose<Vec<Titled>>,
    year: Loose<i32>,
    path: Option<String>,
    root_folder_path: Loose<String>,
    series_type: Loose<String>,
    season_folder: Loose<bool>,
    runtime: Loose<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an episode")]
struct EpisodeJson {
    id: Option<i32>,
    tvdb_id: Option<i32>,
    episode_number: Option<i32>,
    title: Option<String>,
    air_date: Loose<String>,
    runtime: Loose<i32>,
    has_file: Option<bool>,
    episode_file_id: Option<i32>,
    episode_file: Option<FileJson>,
}

impl ShowJson {
    /// `None` for what is no place for a special: without a number, a title or a folder.
    fn into_series(self, sonarr: Instance) -> Option<Series> {
        Some(Series {
            sonarr,
            id: id(self.id)?,
            tvdb_id: self.tvdb_id.unwrap_or_default(),
            title: text(self.title)?,
            slug: text(self.title_slug.0),
            alternate_titles: self
                .alternate_titles
                .0
                .into_iter()
                .flatten()
                .filter_map(|one| text(one.title.0))
                .collect(),
            year: id(self.year.0),
            path: text(self.path)?,
            anime: self.series_type.0.is_some_and(|kind| kind.eq_ignore_ascii_case("anime")),
            season_folder: self.season_folder.0.unwrap_or(true),
            runtime: id(self.runtime.0),
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

    fn into_special(self) -> Option<Special> {
        Some(Special {
            tvdb_id: id(self.tvdb_id),
            number: self.episode_number?,
            title: self.title.unwrap_or_default(),
            aired: date(self.air_date.0),
            runtime: id(self.runtime.0),
            has_file: self.has_file == Some(true) || id(self.episode_file_id).is_some(),
        })
    }
}

impl From<Map<String, Value>> for Command {
    fn from(told: Map<String, Value>) -> Command {
        let told = Value::Object(told);
        let said = |field: &str| told[field].as_str().unwrap_or_default();
        let stage = match said("status").to_ascii_lowercase().as_str() {
            "queued" | "started" => Stage::Open,
            "failed" => Stage::Failed,
            "aborted" | "cancelled" | "orphaned" => Stage::Dropped,
            "completed" => Stage::Completed,
            _ => Stage::Untold,
        };
        let is_scan = ["RescanSeries", "RefreshSeries"].iter().any(|scan| said("name").eq_ignore_ascii_case(scan));
        // RescanSeries has one show, RefreshSeries a list; neither means all shows
        let body = &told["body"];
        let shows = body["seriesIds"].as_array().into_iter().flatten().chain([&body["seriesId"]]);
        let scans = is_scan.then(|| shows.filter_map(Value::as_i64).map(|id| id as i32).collect());
        Command { id: id(told["id"].as_i64().and_then(|id| id.try_into().ok())), stage, scans }
    }
}
