//! A sample Radarr: its films are what the test says, its answers have the real one's shape (*facts A.6*, A.7).

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, Mutex},
};

use super::{
    fake::{App, Desk, Kind, Mounts, json},
    http::{Answer, Request},
    json::Json,
    quality::Quality,
};
use crate::object;

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
    pub file: Option<MovieFile>,
}

#[derive(Debug, Clone)]
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
        let app = App::start(Kind::Radarr, key, mounts, {
            let movies = movies.clone();
            move |desk, request| route(&mut movies.lock().unwrap(), desk, request)
        });
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
}

impl Deref for Radarr {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

fn route(movies: &mut [Movie], desk: &Desk, request: &Request) -> Option<Answer> {
    let path = request.path.strip_prefix("/api/v3/")?;
    match (request.method.as_str(), path) {
        ("GET", "movie") => {
            let wanted = request.param("tmdbId");
            let fits = |movie: &&Movie| wanted.as_ref().is_none_or(|id| movie.tmdb_id.to_string() == *id);
            Some(json(movies.iter().filter(fits).map(Movie::json).collect::<Vec<_>>()))
        }
        ("GET", "config/naming") => Some(Answer::json(include_str!("../fixtures/radarr_naming.json"))),
        ("GET", "config/mediamanagement") => {
            Some(Answer::json(include_str!("../fixtures/radarr_mediamanagement.json")))
        }
        ("POST", "command") => Some(command(movies, desk, request)),
        ("GET", path) => {
            let id = path.strip_prefix("movie/")?;
            movies.iter().find(|movie| movie.id.to_string() == id).map(|movie| json(movie.json()))
        }
        _ => None,
    }
}

fn command(movies: &mut [Movie], desk: &Desk, request: &Request) -> Answer {
    let body = request.json();
    match body["name"].as_str() {
        Some("RescanMovie") => {
            let id = body["movieId"].as_i64();
            let movie = movies.iter_mut().find(|movie| Some(i64::from(movie.id)) == id);
            let done = movie.map_or_else(|| Err("no such movie".into()), |movie| movie.rescan(&desk.mounts));
            let own = id.map(|id| ("movieId", Json(id.to_string())));
            desk.command(request, own.into_iter().collect(), done)
        }
        Some("RefreshMovie") => {
            // a `movieId` is not looked at: without `movieIds` every film is refreshed (*facts 0.1*)
            let own = body["movieIds"].as_array().map(|ids| ("movieIds", Json(serde_json::to_string(ids).unwrap())));
            desk.command(request, own.into_iter().collect(), Ok("Completed".into()))
        }
        _ => unknown_command(),
    }
}

/// What both apps answer to a command that they do not know (*facts A.9*).
pub fn unknown_command() -> Answer {
    json(object! { "message": "Sequence contains no matching element", "description": "System.InvalidOperationException" })
        .code(500)
}

impl Movie {
    /// A file that is gone from a folder that is there is forgotten; a root folder that is missing or empty proves nothing.
    fn rescan(&mut self, mounts: &Mounts) -> Result<String, String> {
        let folder = mounts.local(&self.path).ok_or("the folder is not mounted")?;
        let root_is_alive =
            folder.parent().and_then(|root| root.read_dir().ok()).is_some_and(|mut dir| dir.next().is_some());
        let file_is_there = |file: &MovieFile| folder.join(&file.relative_path).symlink_metadata().is_ok();
        if root_is_alive && !self.file.as_ref().is_some_and(file_is_there) {
            self.file = None;
        }
        Ok(format!("Scanning {}", self.title))
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
            "path": format!("{}/{}", movie.path, self.relative_path),
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

/// The folder that a path of an app is in.
pub fn parent(path: &str) -> String {
    Path::new(path).parent().map(|parent| parent.display().to_string()).unwrap_or_default()
}
