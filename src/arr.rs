//! Radarr and Sonarr over HTTP; the only module that knows their shapes.

mod candidates;
mod clock;
mod fault;
mod http;
mod items;
mod net;
mod settings;
mod skim;
mod wire;

use std::{path::Path, time::Duration};

use crate::{
    config::App,
    error::{Error, Result},
    model::{Episode, Instance, Movie, Series},
};
use http::{Http, Request};
pub use settings::{Settings, Status};
use skim::Key;
use wire::FolderSet;

/// One configured Radarr or Sonarr, for one run: an app that is down for too long is not asked again.
pub struct Arr {
    http: Http,
    /// For searches: Sonarr asks its own server on the internet then, and is well itself when that fails (*facts A.4*).
    search: Http,
    instance: Instance,
}

/// How long an app may take.
#[derive(Debug, Clone)]
pub struct Patience {
    /// The pause before the second try; the further ones are twice as long each. All vary by half, so that many machines that
    /// lost the same server do not come back in step.
    pub pause: Duration,
    /// For one whole answer.
    pub answer: Duration,
    /// For one whole answer that lists a library, if the app's own limit is not lower.
    pub list: Duration,
    /// For everything that failed and the pauses after it, all requests to one app together; searches by themselves.
    pub failing: Duration,
    /// Called before each try, so that somebody else knows that one has ended.
    pub beat: fn(),
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            pause: Duration::from_secs(1),
            answer: Duration::from_secs(30),
            list: Duration::from_secs(3600),
            failing: Duration::from_secs(60),
            beat: || (),
        }
    }
}

/// What a list of films or shows tells about folders, in the app's own paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    /// How many items the answer had, also those that were left out.
    pub count: usize,
    /// The root folders that the items are in, each once.
    pub roots: Vec<String>,
}

/// What Sonarr's search found for a title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookup {
    pub hits: usize,
    /// Sonarr's numbers of the hits that are in its library, in the order of the hits.
    pub owned: Vec<i32>,
}

/// What an app is told to do. A command without an id would mean the whole library (*facts 0.1*): there is none here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    RescanSeries(i32),
    RefreshSeries(i32),
    RescanMovie(i32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The app will do it, or does it by now.
    Queued,
    /// The app is busy with an equal command from before ours and made no new one (*facts A.9*): what it has looked at already it
    /// will not look at again.
    AlreadyRunning,
}

impl Arr {
    /// Nothing is asked yet. `ca_file` has certificates to trust besides the machine's own; `Err` if it has none.
    pub fn new(app: &App, instance: Instance, ca_file: Option<&Path>, patience: Patience) -> Result<Arr> {
        let http = Http::new(app, ca_file, patience)?;
        Ok(Arr { search: http.apart(), http, instance })
    }

    /// For messages: `sonarr`, `radarr 1`.
    pub fn name(&self) -> &str {
        self.http.name()
    }

    /// The app's version, as its last answer told it (*facts A.2*).
    pub fn version(&self) -> Option<String> {
        self.http.version()
    }

    /// The films that are `wanted` by their TMDB number, of all that Radarr has. The rest is forgotten as it arrives.
    pub fn movies(&self, wanted: &dyn Fn(i32) -> bool) -> Result<(Vec<Movie>, Folders)> {
        // without it Radarr looks for cover files of every film
        let request = Request::list("for its films", "/movie?excludeLocalCovers=true".into());
        let (tmdb_id, root_folder_path) = (Key::new("\"tmdbId\""), Key::new("\"rootFolderPath\""));
        self.http.ask(&request, |body| {
            let (mut movies, mut folders) = (Vec::new(), FolderSet::default());
            items::each_text(body, |text| {
                // its collection has such a number, too
                let mut numbers = tmdb_id.values(text).map(skim::number).peekable();
                let unwanted = numbers.peek().is_some() && numbers.all(|n| n.is_some_and(|n| !wanted(n)));
                let root = root_folder_path.values(text).find_map(skim::plain_text);
                // the first one is parsed in any case: it shows whether this is a list of films
                if let (true, Some(root), false) = (unwanted, root, folders.is_empty()) {
                    folders.add(Some(root), None);
                    return Ok(());
                }
                let film: wire::Film = items::parsed(text)?;
                folders.add(film.root_folder_path.as_deref(), film.path.as_deref());
                movies.extend(film.into_movie(self.instance).filter(|movie| wanted(movie.tmdb_id)));
                Ok(())
            })?;
            Ok((movies, folders.into()))
        })
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

    /// What Sonarr's search finds for a title.
    pub fn lookup(&self, title: &str) -> Result<Lookup> {
        let path = format!("/series/lookup?term={}", http::percent_encoded(title));
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

    /// Asks the app to do it; it does so in its own time.
    pub fn command(&self, command: Command) -> Result<Told> {
        let (name, field, id) = match command {
            Command::RescanSeries(id) => ("RescanSeries", "seriesId", id),
            Command::RefreshSeries(id) => ("RefreshSeries", "seriesId", id),
            Command::RescanMovie(id) => ("RescanMovie", "movieId", id),
        };
        if id < 1 {
            return Err(Error::App(format!("cannot ask {} for {name}: {id} is no number of it", self.name())));
        }
        let body = format!(r#"{{"name":"{name}","{field}":{id}}}"#);
        let request = Request::post(format!("for {name} {id}"), "/command".into(), body);
        self.http.ask(&request, |answer| {
            let date = answer.date();
            Ok(items::object::<wire::Accepted>(answer)?.told(date))
        })
    }

    /// Cuts what is under way and refuses everything further; may be called from another thread.
    pub fn shutdown(&self) {
        self.http.shutdown();
        self.search.shutdown();
    }
}
