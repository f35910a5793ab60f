//! A sample Radarr: its films are what the test says, its answers have the real one's shape (*facts A.6*, A.7).

use std::{
    ops::Deref,
    sync::{Arc, Mutex},
};

use super::{
    command::{Done, now, timestamp},
    fake::{App, Desk, Kind, Mounts, json, unknown_command},
    http::{Answer, Request},
    json::Json,
    quality::Quality,
};
use crate::object;
pub use history::{Event, What};

mod history;

pub struct Radarr {
    app: App,
    movies: Arc<Mutex<Vec<Movie>>>,
}

#[derive(Debug, Clone)]
pub struct Movie {
    pub id: i32,
    pub tmdb_id: i32,
    pub title: String,
    pub original_title: String,
    pub alternate_titles: Vec<String>,
    pub year: u32,
    /// Minutes; 0 is unknown.
    pub runtime: u32,
    /// `yyyy-MM-ddTHH:mm:ssZ`.
    pub in_cinemas: Option<String>,
    pub imdb_id: Option<String>,
    pub collection: Option<String>,
    /// The film's folder as Radarr sees it.
    pub path: String,
    /// Radarr's row. It stays when the file goes, until a scan or Radarr itself finds out.
    pub file: Option<MovieFile>,
    /// What a scan took away: a scan finds it when it is there again.
    pub lost: Option<MovieFile>,
    /// The oldest first.
    pub history: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovieFile {
    pub id: i32,
    /// May have folders in it.
    pub relative_path: String,
    pub size: u64,
    /// Radarr's fixed name.
    pub quality: String,
    /// 2 is a proper or repack.
    pub version: u32,
}

impl Radarr {
    pub fn start(key: &str, mounts: Mounts) -> Radarr {
        let movies = Arc::new(Mutex::new(Vec::new()));
        let route = {
            let movies = movies.clone();
            move |desk: &Desk, request: &Request| route(&movies.lock().unwrap(), desk, request)
        };
        let perform = {
            let movies = movies.clone();
            move |mounts: &Mounts, _: &str, id: i64| perform(&mut movies.lock().unwrap(), mounts, id)
        };
        let app = App::start(Kind::Radarr, key, mounts, route, perform);
        Radarr { app, movies }
    }

    pub fn add(&self, movie: Movie) {
        self.movies.lock().unwrap().push(movie);
    }

    /// Changes the film with this TMDB id.
    pub fn edit<T>(&self, tmdb_id: i32, change: impl FnOnce(&mut Movie) -> T) -> T {
        let mut movies = self.movies.lock().unwrap();
        change(movies.iter_mut().find(|movie| movie.tmdb_id == tmdb_id).expect("the film is in Radarr"))
    }

    pub fn delete(&self, tmdb_id: i32) {
        self.movies.lock().unwrap().retain(|movie| movie.tmdb_id != tmdb_id);
    }

    pub fn movies(&self) -> Vec<Movie> {
        self.movies.lock().unwrap().clone()
    }

    /// Radarr scans a film's folder by itself, as it does every day.
    pub fn scan(&self, tmdb_id: i32) -> Done {
        let mounts = self.app.mounts().clone();
        self.edit(tmdb_id, |movie| movie.rescan(&mounts))
    }
}

impl Deref for Radarr {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

fn route(movies: &[Movie], desk: &Desk, request: &Request) -> Option<Answer> {
    let path = desk.route_of(request)?;
    let of = |id: &str| movies.iter().find(|movie| movie.id.to_string() == id);
    match (request.method.as_str(), path) {
        ("GET", "movie") => {
            let wanted = request.param("tmdbId");
            let fits = |movie: &&Movie| wanted.as_ref().is_none_or(|id| movie.tmdb_id.to_string() == *id);
            Some(json(movies.iter().filter(fits).map(Movie::json).collect::<Vec<_>>()))
        }
        ("GET", "moviefile") => Some(movie_files(movies, request)),
        ("GET", "history/movie") => {
            let Some(id) = request.param("movieId") else { return Some(Answer::status(400)) };
            let events =
                of(&id).map(|movie| movie.history.iter().rev().map(|event| event.json(movie)).collect::<Vec<_>>());
            Some(json(events.unwrap_or_default()))
        }
        ("GET", "rootfolder") => Some(desk.root_folders(movies.iter().map(|movie| movie.path.clone()).collect())),
        ("GET", "config/naming") => Some(Answer::json(include_str!("../fixtures/radarr_naming.json"))),
        ("GET", "config/mediamanagement") => {
            Some(Answer::json(include_str!("../fixtures/radarr_mediamanagement.json")))
        }
        ("POST", "command") => Some(command(desk, request)),
        ("GET", path) => of(path.strip_prefix("movie/")?).map(|movie| json(movie.json())),
        _ => None,
    }
}

/// The files of some films, of which each is a `movieId`.
fn movie_files(movies: &[Movie], request: &Request) -> Answer {
    let ids: Vec<_> = request.query.split('&').filter_map(|pair| pair.strip_prefix("movieId=")).collect();
    if ids.is_empty() {
        let message = "movieId or movieFileIds must be provided";
        return json(object! { "message": format!("BadRequest: {message}"), "content": message }).code(400);
    }
    let wanted = movies.iter().filter(|movie| ids.contains(&movie.id.to_string().as_str()));
    json(wanted.filter_map(|movie| Some(movie.file.as_ref()?.json(movie))).collect::<Vec<_>>())
}

fn command(desk: &Desk, request: &Request) -> Answer {
    let body = request.json();
    match body["name"].as_str() {
        Some("RescanMovie") => {
            let id = body["movieId"].as_i64();
            desk.command(request, id.map(|id| ("movieId", Json(id.to_string()))).into_iter().collect(), id)
        }
        Some("RefreshMovie") => {
            // a `movieId` is not looked at: without `movieIds` every film is refreshed (*facts 0.1*)
            let own = body["movieIds"].as_array().map(|ids| ("movieIds", Json(serde_json::to_string(ids).unwrap())));
            desk.command(request, own.into_iter().collect(), body["movieIds"][0].as_i64())
        }
        _ => unknown_command(),
    }
}

fn perform(movies: &mut [Movie], mounts: &Mounts, id: i64) -> Done {
    match movies.iter_mut().find(|movie| i64::from(movie.id) == id) {
        Some(movie) => movie.rescan(mounts),
        None => Err(format!("NzbDrone.Core.Datastore.ModelNotFoundException: Movie with ID {id} does not exist")),
    }
}

impl Movie {
    /// A root folder that is missing or empty proves nothing. Is there anything at all in it, a file that is gone is forgotten. A
    /// film that is a link leading nowhere makes the scan fail, and its row stays (*observed 2.2*).
    fn rescan(&mut self, mounts: &Mounts) -> Done {
        let root = mounts.local(&parent(&self.path));
        let root_is_alive = root.and_then(|root| root.read_dir().ok()).is_some_and(|mut dir| dir.next().is_some());
        let Some(folder) = mounts.local(&self.path).filter(|_| root_is_alive) else { return Ok(None) };
        let is_there = |file: &MovieFile| folder.join(&file.relative_path).symlink_metadata().is_ok();
        match &self.file {
            Some(file) if !is_there(file) => self.loses_file("MissingFromDisk"),
            Some(file) if folder.join(&file.relative_path).metadata().is_err() => {
                let path = format!("{}/{}", self.path, file.relative_path);
                return Err(format!("System.IO.FileNotFoundException: Could not find file '{path}'."));
            }
            None => self.file = self.lost.take_if(|file| is_there(file)),
            Some(_) => {}
        }
        Ok(Some(format!("Scanning disk for {}", self.title)))
    }

    /// Radarr's row goes, and its history says why: `Upgrade`, `Manual` or `MissingFromDisk`.
    pub fn loses_file(&mut self, reason: &'static str) {
        let file = self.file.take().expect("the film has a file");
        self.lost = Some(file.clone()).filter(|_| reason == "MissingFromDisk");
        self.happens(file, What::Deleted(reason));
    }

    /// A line in its history.
    pub fn happens(&mut self, file: MovieFile, what: What) {
        let id = self.id * 1000 + self.history.len() as i32 + 1;
        self.history.push(Event { id, date: timestamp(now()), folder: self.path.clone(), file, what });
    }

    pub fn json(&self) -> Json {
        let size = self.file.as_ref().map_or(0, |file| file.size);
        let alternate = |(at, title): (usize, &String)| {
            object! { "sourceType": "tmdb", "movieMetadataId": self.id + 40, "title": title, "id": self.id * 10 + at as i32 + 1 }
        };
        object! {
            "title": &self.title,
            "originalTitle": &self.original_title,
            "originalLanguage": object! { "id": 8, "name": "Japanese" },
            "alternateTitles": self.alternate_titles.iter().enumerate().map(alternate).collect::<Vec<_>>(),
            "secondaryYearSourceId": 0,
            "sortTitle": self.title.to_lowercase(),
            "sizeOnDisk": size,
            "status": "released",
            "overview": "A film.",
            "inCinemas": &self.in_cinemas,
            "releaseDate": &self.in_cinemas,
            "images": images(self.id),
            "website": "",
            "year": self.year,
            "youTubeTrailerId": "",
            "studio": "A Studio",
            "path": &self.path,
            "qualityProfileId": 4,
            "hasFile": self.file.is_some(),
            "movieFileId": self.file.as_ref().map_or(0, |file| file.id),
            "monitored": true,
            "minimumAvailability": "released",
            "isAvailable": true,
            "folderName": &self.path,
            "runtime": self.runtime,
            "cleanTitle": clean(&self.title),
            "imdbId": &self.imdb_id,
            "tmdbId": self.tmdb_id,
            "titleSlug": self.tmdb_id.to_string(),
            "rootFolderPath": parent(&self.path),
            "genres": vec!["Animation", "Action"],
            "keywords": Vec::<Json>::new(),
            "tags": Vec::<Json>::new(),
            "added": "2024-03-02T18:21:09Z",
            "ratings": object! { "imdb": rating(18345, 7.5), "tmdb": rating(1203, 7.4) },
            "movieFile": self.file.as_ref().map(|file| file.json(self)),
            "collection": self.collection.as_ref().map(|title| object! { "title": title, "tmdbId": self.id + 14_000 }),
            "popularity": 23.417,
            "statistics": object! {
                "movieFileCount": usize::from(self.file.is_some()),
                "sizeOnDisk": size,
                "releaseGroups": Vec::<Json>::new(),
            },
            "id": self.id,
        }
    }
}

impl MovieFile {
    fn json(&self, movie: &Movie) -> Json {
        let languages = vec![object! { "id": 1, "name": "English" }, object! { "id": 8, "name": "Japanese" }];
        object! {
            "movieId": movie.id,
            "relativePath": &self.relative_path,
            "path": in_folder(&movie.path, &self.relative_path),
            "size": self.size,
            "dateAdded": "2024-03-02T19:05:44Z",
            "edition": "",
            "languages": languages,
            "quality": Quality::of_radarr(&self.quality).radarr_json(self.version),
            "indexerFlags": 0,
            "mediaInfo": media_info(),
            "qualityCutoffNotMet": false,
            "id": self.id,
        }
    }
}

fn rating(votes: u32, value: f64) -> Json {
    object! { "votes": votes, "value": value, "type": "user" }
}

pub fn images(id: i32) -> Vec<Json> {
    let image = |kind: &str| {
        object! {
            "coverType": kind,
            "url": format!("/MediaCover/{id}/{kind}.jpg?lastWrite=638712345678901234"),
            "remoteUrl": format!("https://images.example.org/{kind}{id}.jpg"),
        }
    };
    vec![image("poster"), image("fanart")]
}

pub fn media_info() -> Json {
    object! {
        "audioBitrate": 1_509_000,
        "audioChannels": 5.1,
        "audioCodec": "DTS-HD MA",
        "audioLanguages": "jpn/eng",
        "audioStreamCount": 2,
        "videoBitDepth": 8,
        "videoBitrate": 9_876_543,
        "videoCodec": "x264",
        "videoFps": 23.976,
        "videoDynamicRange": "",
        "videoDynamicRangeType": "",
        "resolution": "1920x1080",
        "runTime": "1:59:32",
        "scanType": "Progressive",
        "subtitles": "eng",
    }
}

/// The apps' `cleanTitle`, near enough: letters and digits only, small.
pub fn clean(title: &str) -> String {
    title.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// A path in a folder of an app, which may be one on Windows.
fn in_folder(folder: &str, path: &str) -> String {
    if folder.starts_with('/') { format!("{folder}/{path}") } else { format!("{folder}\\{}", path.replace('/', "\\")) }
}

/// The folder that a path of an app is in.
pub fn parent(path: &str) -> String {
    let parent = path.rsplit_once(['/', '\\']).map_or("", |(parent, _)| parent);
    if parent.is_empty() { "/".into() } else { parent.into() }
}
