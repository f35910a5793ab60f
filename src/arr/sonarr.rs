//! What Sonarr is asked.

use std::ops::Deref;

use super::{
    candidates::WholeEpisode,
    command::{Accepted, Command},
    connection::Connection,
    http::Http,
    items::{self, Broken},
    message::{Request, percent_encoded},
    wire::{self, FolderSet, Folders, MediaManagement, NamingSettings},
};
use crate::{
    error::Result,
    model::{Episode, Instance, Naming, Series, Special},
};

pub struct Sonarr {
    connection: Connection,
    /// For searches: Sonarr asks its own server on the internet then, and is well itself when that fails (*facts A.4*).
    search: Http,
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
        Sonarr { search: connection.http.apart(), connection, instance }
    }

    /// All shows that Sonarr has.
    pub fn series(&self) -> Result<(Vec<Series>, Folders)> {
        let request = Request::list("for its shows", "/series".into());
        self.http.ask(&request, |body| {
            let (mut series, mut folders) = (Vec::new(), FolderSet::default());
            items::each(body, |show: wire::Show| {
                folders.add(show.root_folder_path.as_deref(), show.path.as_deref());
                series.extend(show.into_series(self.instance));
            })?;
            Ok((series, folders.into()))
        })
    }

    /// The show that has this number in Sonarr, if there is one (*recorded/sonarr_series_by_id.json*, *errors.json* "unknown id").
    pub fn show(&self, id: i32) -> Result<Option<(Series, Folders)>> {
        self.http.find(&Request::small(format!("for show {id}"), format!("/series/{id}")), |body| {
            let (show, mut folders) = (items::object::<wire::Show>(body)?, FolderSet::default());
            folders.add(show.root_folder_path.as_deref(), show.path.as_deref());
            let show = show.into_series(self.instance).map(|show| (show, folders.into()));
            show.ok_or_else(|| Broken::not_expected("a show without a number, a title or a folder"))
        })
    }

    /// One season of a show, with the files that Sonarr has for its episodes. Empty if Sonarr knows no such show or season.
    pub fn episodes(&self, series_id: i32, season: i32) -> Result<Vec<Episode>> {
        let path = format!("/episode?seriesId={series_id}&seasonNumber={season}&includeEpisodeFile=true");
        let request = Request::small(format!("for season {season} of show {series_id}"), path);
        let parts = self.http.ask(&request, |body| {
            let mut parts: Vec<wire::Part> = Vec::new();
            items::each(body, |part| parts.push(part))?;
            Ok(parts)
        })?;
        // Sonarr 3 has no includeEpisodeFile (facts I)
        let files = if parts.iter().any(wire::Part::lacks_its_file) { self.files(series_id)? } else { Vec::new() };
        Ok(parts.into_iter().filter_map(|part| part.into_episode(&files)).collect())
    }

    fn files(&self, series_id: i32) -> Result<Vec<wire::File>> {
        let request =
            Request::small(format!("for the files of show {series_id}"), format!("/episodefile?seriesId={series_id}"));
        self.http.ask(&request, |body| {
            let mut files = Vec::new();
            items::each(body, |file| files.push(file))?;
            Ok(files)
        })
    }

    /// Season 0 of a show. Empty if Sonarr knows no such show.
    pub fn specials(&self, series_id: i32) -> Result<Vec<Special>> {
        let path = format!("/episode?seriesId={series_id}&seasonNumber=0");
        self.http.ask(&Request::small(format!("for the specials of show {series_id}"), path), |body| {
            let mut specials = Vec::new();
            items::each(body, |episode: WholeEpisode| specials.extend(episode.into_special()))?;
            Ok(specials)
        })
    }

    /// What Sonarr's search finds for a title.
    pub fn lookup(&self, title: &str) -> Result<Lookup> {
        let path = format!("/series/lookup?term={}", percent_encoded(title));
        let request = Request::small(format!("to search for {title:?}"), path);
        self.search.ask(&request, |body| {
            let mut found = Lookup::default();
            items::each(body, |hit: wire::Hit| {
                found.hits += 1;
                found.owned.extend(hit.id.filter(|id| *id > 0));
            })?;
            Ok(found)
        })
    }

    /// API v5 has the same under another name (*observed 1*).
    pub fn naming(&self) -> Result<Naming> {
        let target = if self.http.is_v5() { "/settings/naming" } else { "/config/naming" };
        let request = Request::small("for its naming settings".into(), target.into());
        self.http.ask(&request, |body| Ok(items::object::<NamingSettings>(body)?.into()))
    }

    /// Whether Sonarr sets owner and mode of files when it imports or renames them; `None` where it does not say, as API v5 does not
    /// (*observed 1*).
    pub fn sets_permissions(&self) -> Result<Option<bool>> {
        if self.http.is_v5() {
            return Ok(None);
        }
        let request = Request::small("for its media management settings".into(), "/config/mediamanagement".into());
        self.http.ask(&request, |body| Ok(items::object::<MediaManagement>(body)?.set_permissions_linux))
    }

    /// Asks Sonarr to look at the show's folder; it does so in its own time.
    pub fn rescan(&self, series_id: i32) -> Result<Command> {
        self.post("RescanSeries", series_id)
    }

    /// Asks Sonarr for the show's present specials and files. Never beside a [`rescan`](Sonarr::rescan) of it: both would import the
    /// same link (*observed 8*).
    pub fn refresh(&self, series_id: i32) -> Result<Command> {
        self.post("RefreshSeries", series_id)
    }

    /// What became of a command; `None` if Sonarr knows it no more, or does not say.
    pub fn command(&self, id: i32) -> Result<Option<Command>> {
        let request = Request::small(format!("about command {id}"), format!("/command/{id}"));
        self.http.find_if_known(&request, |body| Ok(items::object::<Accepted>(body)?.into()))
    }

    /// The commands of the last minutes, whoever gave them.
    pub fn commands(&self) -> Result<Vec<Command>> {
        let request = Request::small("what it is doing".into(), "/command".into());
        let commands = self.http.find_if_known(&request, |body| {
            let mut commands = Vec::new();
            items::each(body, |accepted: Accepted| commands.push(accepted.into()))?;
            Ok(commands)
        })?;
        Ok(commands.unwrap_or_default())
    }

    fn post(&self, name: &str, series_id: i32) -> Result<Command> {
        let request = self.order(name, "seriesId", series_id)?;
        self.http.ask(&request, |body| Ok(items::object::<Accepted>(body)?.into()))
    }
}
