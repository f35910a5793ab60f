//! A sample Sonarr: its shows are what the test says, but which episode has a file it learns from the disk alone.

use std::{
    ops::Deref,
    sync::{Arc, Mutex},
};

use super::{
    fake::{App, Desk, Kind, Mounts, json},
    http::{Answer, Request},
    json::Json,
    radarr::unknown_command,
};
use crate::object;
use resources::not_owned;

mod resources;
mod scan;

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
}

#[derive(Debug, Clone)]
pub struct Episode {
    pub id: i32,
    pub tvdb_id: i32,
    pub season: u32,
    pub number: u32,
    pub title: String,
    /// `yyyy-MM-dd`.
    pub air_date: Option<String>,
    /// Minutes; 0 is unknown.
    pub runtime: u32,
    pub file: Option<EpisodeFile>,
}

/// A row of Sonarr's own: it stands for a name in the show's folder, also after that has gone, until a scan finds out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeFile {
    pub id: i32,
    pub relative_path: String,
    pub size: u64,
}

impl Sonarr {
    pub fn start(key: &str, mounts: Mounts) -> Sonarr {
        let library = Arc::new(Mutex::new(Library { specials_folder: "Specials".into(), ..Library::default() }));
        let app = App::start(Kind::Sonarr, key, mounts, {
            let library = library.clone();
            move |desk, request| library.lock().unwrap().route(desk, request)
        });
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
        let path = request.path.strip_prefix("/api/v3/")?;
        match (request.method.as_str(), path) {
            ("GET", "series") => {
                let wanted = request.param("tvdbId");
                let fits = |series: &&Series| wanted.as_ref().is_none_or(|id| series.tvdb_id.to_string() == *id);
                Some(json(self.series.iter().filter(fits).map(Series::json).collect::<Vec<_>>()))
            }
            ("GET", "series/lookup") => Some(json(self.lookup(&request.param("term")?))),
            ("GET", "episode") => Some(self.episodes(request)),
            ("GET", "config/naming") => Some(self.naming()),
            ("GET", "config/mediamanagement") => {
                Some(Answer::json(include_str!("../fixtures/sonarr_mediamanagement.json")))
            }
            ("POST", "command") => Some(self.command(desk, request)),
            ("GET", path) => {
                let id = path.strip_prefix("series/")?;
                self.series.iter().find(|series| series.id.to_string() == id).map(|series| json(series.json()))
            }
            _ => None,
        }
    }

    fn episodes(&self, request: &Request) -> Answer {
        let Some(id) = request.param("seriesId") else {
            let message = "seriesId or episodeIds must be provided";
            return json(object! { "message": format!("BadRequest: {message}"), "content": message }).code(400);
        };
        let season = request.param("seasonNumber");
        let with_files = request.param("includeEpisodeFile").is_some_and(|text| text.eq_ignore_ascii_case("true"));
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
        let series = self.series.iter_mut().find(|series| Some(i64::from(series.id)) == id);
        let done = match (name, series, id) {
            ("RescanSeries" | "RefreshSeries", Some(series), _) => scan::scan(series, &desk.mounts),
            ("RescanSeries" | "RefreshSeries", None, Some(id)) => Err(format!("Series with ID {id} does not exist")),
            ("RescanSeries" | "RefreshSeries", None, None) => Ok("Completed".into()),
            _ => return unknown_command(),
        };
        let own = match (name, id) {
            ("RescanSeries", Some(id)) => vec![("seriesId", Json(id.to_string()))],
            (_, Some(id)) => vec![("seriesIds", Json(format!("[{id}]"))), ("isNewSeries", Json("false".into()))],
            (_, None) => Vec::new(),
        };
        desk.command(request, own, done)
    }

    fn naming(&self) -> Answer {
        let text = include_str!("../fixtures/sonarr_naming.json");
        Answer::json(text.replace("\"Specials\"", &format!("{:?}", self.specials_folder)))
    }
}
