//! A sample Sonarr: its shows are what the test says, but which episode has a file it learns from the disk alone.

use std::{
    ops::Deref,
    sync::{Arc, Mutex},
};

use super::{
    command::Done,
    fake::{App, Desk, Kind, Mounts, json, no_such_item, unknown_command},
    http::{Answer, Request},
    json::Json,
};
use crate::object;
use resources::not_owned;
pub use scan::Extra;
pub use tvdb::Entry;

mod naming;
pub mod read;
mod resources;
mod scan;
mod sight;
mod tvdb;

pub struct Sonarr {
    app: App,
    library: Arc<Mutex<Library>>,
}

#[derive(Default)]
struct Library {
    series: Vec<Series>,
    /// What a lookup finds in the internet besides: title and TVDB id.
    elsewhere: Vec<(String, i32)>,
    specials_folder: String,
    renames: bool,
}

#[derive(Debug, Clone)]
pub struct Series {
    pub id: i32,
    pub tvdb_id: i32,
    pub title: String,
    /// `None` is absent from the answer, which happens.
    pub alternate_titles: Option<Vec<String>>,
    pub year: u32,
    /// The show's folder as Sonarr sees it.
    pub path: String,
    /// `standard`, `daily` or `anime`.
    pub series_type: String,
    pub season_folder: bool,
    pub episodes: Vec<Episode>,
    /// What lies beside the files, as Sonarr has found it.
    pub extras: Vec<Extra>,
    /// Old Sonarrs do not tell the episodes' `tvdbId`.
    pub tells_tvdb_ids: bool,
}

/// A row of Sonarr's. Its `id` and its file stay with the number, whatever TVDB puts there (*observed 3*).
#[derive(Debug, Clone)]
pub struct Episode {
    pub id: i32,
    /// Stays with what the episode is.
    pub tvdb_id: i32,
    pub season: u32,
    pub number: u32,
    pub title: String,
    /// `yyyy-MM-dd`.
    pub air_date: Option<String>,
    /// Minutes; 0 is unknown.
    pub runtime: u32,
    pub file: Option<EpisodeFile>,
    pub monitored: bool,
}

/// A row of Sonarr's own: it stands for a name in the show's folder, also after that has gone, until a scan finds out. Several
/// episodes may share one (*observed 4*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeFile {
    pub id: i32,
    pub relative_path: String,
    pub size: u64,
}

impl Sonarr {
    pub fn start(key: &str, mounts: Mounts) -> Sonarr {
        let library = Arc::new(Mutex::new(Library { specials_folder: "Specials".into(), ..Library::default() }));
        let route = {
            let library = library.clone();
            move |desk: &Desk, request: &Request| library.lock().unwrap().route(desk, request)
        };
        let perform = {
            let library = library.clone();
            move |mounts: &Mounts, name: &str, id: i64| library.lock().unwrap().perform(mounts, name, id)
        };
        let app = App::start(Kind::Sonarr, key, mounts, route, perform);
        Sonarr { app, library }
    }

    pub fn add(&self, series: Series) {
        self.library.lock().unwrap().series.push(series);
    }

    /// Changes the show with this TVDB id.
    pub fn edit<T>(&self, tvdb_id: i32, change: impl FnOnce(&mut Series) -> T) -> T {
        let mut library = self.library.lock().unwrap();
        change(library.series.iter_mut().find(|series| series.tvdb_id == tvdb_id).expect("the show is in Sonarr"))
    }

    pub fn delete(&self, tvdb_id: i32) {
        self.library.lock().unwrap().series.retain(|series| series.tvdb_id != tvdb_id);
    }

    pub fn series(&self) -> Vec<Series> {
        self.library.lock().unwrap().series.clone()
    }

    /// A show that a lookup finds first though it is not in the library (*facts A.4*).
    pub fn elsewhere(&self, title: &str, tvdb_id: i32) {
        self.library.lock().unwrap().elsewhere.push((title.into(), tvdb_id));
    }

    /// `Specials` unless set (*facts C.1*).
    pub fn set_specials_folder(&self, name: &str) {
        self.library.lock().unwrap().specials_folder = name.into();
    }

    /// *Rename Episodes*, which is off unless set.
    pub fn set_renames(&self, renames: bool) {
        self.library.lock().unwrap().renames = renames;
    }

    /// Somebody has Sonarr rename all files of a show (*observed 10*). Which files it moved, as (from, to) in the show's folder.
    pub fn rename(&self, tvdb_id: i32) -> Vec<(String, String)> {
        let mounts = self.app.mounts().clone();
        let mut library = self.library.lock().unwrap();
        let format = library.format();
        let series = library.series.iter_mut().find(|series| series.tvdb_id == tvdb_id);
        naming::rename(series.expect("the show is in Sonarr"), &format, &mounts)
    }

    /// Sonarr scans by itself, as after a download.
    pub fn scan(&self, tvdb_id: i32) -> Result<String, String> {
        let mounts = self.app.mounts().clone();
        self.edit(tvdb_id, |series| scan::scan(series, &mounts))
    }
}

impl Deref for Sonarr {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl Library {
    fn route(&mut self, desk: &Desk, request: &Request) -> Option<Answer> {
        let path = desk.route_of(request)?;
        let v5 = request.path.starts_with("/api/v5/");
        match (request.method.as_str(), path) {
            ("GET", "series") => {
                let wanted = request.param("tvdbId");
                let fits = |series: &&Series| wanted.as_ref().is_none_or(|id| series.tvdb_id.to_string() == *id);
                Some(json(self.series.iter().filter(fits).map(Series::json).collect::<Vec<_>>()))
            }
            ("GET", "series/lookup") => Some(json(self.lookup(&request.param("term")?))),
            ("GET", "episode") => Some(self.episodes(request, v5)),
            ("GET", "episodefile") => Some(self.of_show(request, Series::files_json)),
            ("GET", "rename") => Some(self.of_show(request, |series| naming::preview(series, &self.format(), v5))),
            ("GET", "config/naming") if !v5 => Some(self.naming()),
            ("GET", "settings/naming") if v5 => Some(self.naming()),
            ("GET", "config/mediamanagement") if !v5 => Some(Answer::json(if desk.is_develop() {
                include_str!("../fixtures/recorded/sonarr_config_mediamanagement.json")
            } else {
                include_str!("../fixtures/sonarr_mediamanagement.json")
            })),
            ("GET", "rootfolder") => {
                Some(desk.root_folders(self.series.iter().map(|series| series.path.clone()).collect()))
            }
            ("POST", "command") => Some(self.command(desk, request)),
            ("PUT", "episode/monitor") => {
                let body = request.json();
                let is_named = |episode: &Episode| {
                    body["episodeIds"].as_array().is_some_and(|ids| ids.iter().any(|id| *id == episode.id))
                };
                let episodes = self.series.iter_mut().flat_map(|series| &mut series.episodes);
                for episode in episodes.filter(|episode| is_named(episode)) {
                    episode.monitored = body["monitored"] == true;
                }
                Some(Answer::json("[]").code(202))
            }
            ("GET", path) => {
                let id = path.strip_prefix("series/")?;
                self.series.iter().find(|series| series.id.to_string() == id).map(|series| json(series.json()))
            }
            _ => None,
        }
    }

    /// A list that belongs to one show.
    fn of_show(&self, request: &Request, list: impl Fn(&Series) -> Vec<Json>) -> Answer {
        let Some(id) = request.param("seriesId") else {
            let message = "seriesId must be provided";
            return json(object! { "message": format!("BadRequest: {message}"), "content": message })
                .code(400)
                .of_kind("application/json");
        };
        let series = self.series.iter().find(|series| series.id.to_string() == id);
        series.map_or_else(|| no_such_item(Kind::Sonarr), |series| json(list(series)))
    }

    fn episodes(&self, request: &Request, v5: bool) -> Answer {
        let Some(id) = request.param("seriesId") else {
            let message = "seriesId or episodeIds must be provided";
            return json(object! { "message": format!("BadRequest: {message}"), "content": message })
                .code(400)
                .of_kind("application/json");
        };
        let season = request.param("seasonNumber");
        // v5 has one word for all that may come along
        let (word, asked) = if v5 { ("includeSubresources", "episodeFile") } else { ("includeEpisodeFile", "true") };
        let with_files = request.param(word).is_some_and(|text| text.eq_ignore_ascii_case(asked));
        let series = self.series.iter().filter(|series| series.id.to_string() == id);
        let episodes = series.flat_map(|series| series.episodes.iter().map(move |episode| (series, episode)));
        let fits =
            |(_, episode): &(&Series, &Episode)| season.as_ref().is_none_or(|n| episode.season.to_string() == *n);
        let list = episodes.filter(fits).map(|(series, episode)| episode.json(series, with_files));
        json(list.collect::<Vec<_>>())
    }

    /// `tvdb:N` of a show that is owned comes from the library; everything else is the internet's order, and what is not owned has
    /// neither `id` nor `path`.
    fn lookup(&self, term: &str) -> Vec<Json> {
        let (term, tvdb_id) = (term.to_lowercase(), term.strip_prefix("tvdb:").and_then(|text| text.parse().ok()));
        let fits = |title: &str, id: i32| Some(id) == tvdb_id || title.to_lowercase().contains(&term);
        let elsewhere = self.elsewhere.iter().filter(|(title, id)| fits(title, *id));
        let owned = self.series.iter().filter(|series| fits(&series.title, series.tvdb_id));
        elsewhere.map(|(title, id)| not_owned(title, *id)).chain(owned.map(Series::json)).collect()
    }

    fn command(&mut self, desk: &Desk, request: &Request) -> Answer {
        let body = request.json();
        let name = body["name"].as_str().unwrap_or_default();
        let id = body["seriesId"].as_i64();
        let own = match (name, id) {
            ("RescanSeries", Some(id)) => vec![("seriesId", Json(id.to_string()))],
            ("RefreshSeries", Some(id)) => {
                vec![("seriesIds", Json(format!("[{id}]"))), ("isNewSeries", Json("false".into()))]
            }
            ("RescanSeries" | "RefreshSeries", None) => Vec::new(),
            _ => return unknown_command(),
        };
        desk.command(request, own, id)
    }

    /// A refresh scans, too, and says that it is well whatever became of that (*observed 2.1*).
    fn perform(&mut self, mounts: &Mounts, name: &str, id: i64) -> Done {
        let Some(series) = self.series.iter_mut().find(|series| i64::from(series.id) == id) else {
            return Err(format!("NzbDrone.Core.Datastore.ModelNotFoundException: Series with ID {id} does not exist"));
        };
        let scanned = scan::scan(series, mounts);
        if name == "RefreshSeries" { Ok(Some("Completed".into())) } else { scanned.map(Some) }
    }

    fn format(&self) -> naming::Format {
        naming::Format { renames: self.renames, specials_folder: self.specials_folder.clone() }
    }

    fn naming(&self) -> Answer {
        let text = include_str!("../fixtures/sonarr_naming.json");
        let text = text.replace("\"Specials\"", &format!("{:?}", self.specials_folder));
        Answer::json(text.replace("\"renameEpisodes\": true", &format!("\"renameEpisodes\": {}", self.renames)))
    }
}
