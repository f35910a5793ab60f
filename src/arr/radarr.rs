//! What Radarr is asked, and the shapes of its answers.

use std::{io, ops::Deref};

use serde::Deserialize;
use serde_json::Value;

use super::{
    connection::Connection,
    either::{FileJson, Loose, RootFolders, Titled, date, id, text},
    message::{Question, senseless},
};
use crate::{
    error::Result,
    model::{Date, Deleted, Film, Instance, Movie, MovieFile, Why},
};

pub struct Radarr {
    connection: Connection,
    instance: Instance,
}

impl Deref for Radarr {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Radarr {
    pub fn new(connection: Connection, instance: Instance) -> Radarr {
        Radarr { connection, instance }
    }

    /// Of all films that Radarr has those that are `wanted`. The rest is forgotten as it arrives.
    pub fn movies(&self, wanted: impl Fn(&Movie) -> bool) -> Result<(Vec<Movie>, RootFolders)> {
        self.ask(&all_films(), &|answer| {
            let (mut movies, mut folders) = (Vec::new(), RootFolders::default());
            answer.each(|film: FilmJson| {
                folders.add(film.root_folder_path.0.as_deref(), film.path.as_deref());
                movies.extend(film.into_movie(self.instance).filter(&wanted));
            })?;
            Ok((movies, folders))
        })
    }

    /// The film with this TMDB number, if Radarr has it (*recorded/radarr_movie_by_tmdb*.json*).
    pub fn movie_by_tmdb(&self, tmdb_id: i32) -> Result<Option<(Movie, RootFolders)>> {
        Ok(self.film_json(tmdb_id)?.and_then(|film| self.with_folder(film)))
    }

    /// The film that has this number in Radarr, if there is one (*recorded/errors.json*, "movie unknown").
    pub fn movie(&self, id: i32) -> Result<Option<(Movie, RootFolders)>> {
        self.find(&Question::get(format!("for film {id}"), format!("/movie/{id}")), false, &|answer| {
            self.with_folder(answer.json()?).ok_or_else(|| senseless("a film without numbers"))
        })
    }

    fn with_folder(&self, film: FilmJson) -> Option<(Movie, RootFolders)> {
        let mut folders = RootFolders::default();
        folders.add(film.root_folder_path.0.as_deref(), film.path.as_deref());
        Some((film.into_movie(self.instance)?, folders))
    }

    /// All films with their titles and dates, and of each what `kept` leaves.
    pub fn films(&self, kept: impl Fn(Film) -> Film) -> Result<Vec<Film>> {
        self.ask(&all_films(), &|answer| {
            let mut films = Vec::new();
            answer.each(|film: FilmJson| films.extend(film.into_film().map(&kept)))?;
            Ok(films)
        })
    }

    /// The film with this TMDB number, with its titles and dates.
    pub fn film(&self, tmdb_id: i32) -> Result<Option<Film>> {
        Ok(self.film_json(tmdb_id)?.and_then(FilmJson::into_film))
    }

    fn film_json(&self, tmdb_id: i32) -> Result<Option<FilmJson>> {
        let target = format!("/movie?tmdbId={tmdb_id}&excludeLocalCovers=true");
        let films: Vec<FilmJson> = self.get(format!("for the film with the TMDB number {tmdb_id}"), target)?;
        Ok(films.into_iter().find(|film| film.tmdb_id == tmdb_id))
    }

    /// Why a film has no file (*observed 2.3, recorded/radarr_history_movie.json*): `None` if the last that happened to its file is not
    /// that it was deleted, or this Radarr does not say.
    pub fn why_no_file(&self, id: i32) -> Result<Option<Deleted>> {
        let question = Question::get(format!("what became of film {id}"), format!("/history/movie?movieId={id}"));
        let deleted = self.find(&question, true, &|answer| {
            let events: Vec<Event> = answer.json()?;
            // the newest is the first; some tell nothing of the film's file
            let last = events
                .into_iter()
                .find(|event| !["grabbed", "downloadfailed", "downloadignored"].contains(&&*event.kind()));
            last.map_or(Ok(None), Event::into_deleted)
        })?;
        Ok(deleted.flatten())
    }

    /// Asks Radarr to look at the film's folder; it does so in its own time.
    pub fn rescan(&self, movie_id: i32) -> Result<()> {
        self.order("RescanMovie", "movieId", movie_id).map(|_: serde_json::Map<String, Value>| ())
    }
}

fn all_films() -> Question {
    // without it Radarr looks for cover files of every film
    Question::list("for its films", "/movie?excludeLocalCovers=true")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a film")]
struct FilmJson {
    // not to tell the numbers of a film that is there would be to tell that it is not
    id: i32,
    tmdb_id: i32,
    title: Option<String>,
    year: Loose<i32>,
    path: Option<String>,
    root_folder_path: Loose<String>,
    has_file: Option<bool>,
    movie_file_id: Option<i32>,
    movie_file: Option<FileJson>,
    // what suggestions alone need
    original_title: Loose<String>,
    alternate_titles: Loose<Vec<Titled>>,
    collection: Loose<Titled>,
    runtime: Loose<i32>,
    in_cinemas: Loose<String>,
    digital_release: Loose<String>,
    physical_release: Loose<String>,
}

/// What has happened to a film (*recorded/radarr_history_movie.json*).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an event")]
struct Event {
    event_type: Option<String>,
    date: Option<String>,
    #[serde(default)]
    data: Value,
}

impl FilmJson {
    /// `None` for what no rule can name, a film of no number.
    fn into_movie(mut self, radarr: Instance) -> Option<Movie> {
        let (file, file_untold) = self.file();
        Some(Movie {
            radarr,
            id: id(Some(self.id))?,
            tmdb_id: id(Some(self.tmdb_id))?,
            title: self.title.unwrap_or_default(),
            year: id(self.year.0),
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
            (None, None) => return (None, true),
            (None, Some(_)) => return (None, false),
        };
        let known = present.and_then(FileJson::into_movie_file);
        let untold = known.is_none();
        (known, untold)
    }

    /// `None` for what no rule can name.
    fn into_film(self) -> Option<Film> {
        let title = text(self.title)?;
        let others = self.alternate_titles.0.into_iter().flatten().filter_map(|alternate| alternate.title.0);
        let others = self.original_title.0.into_iter().chain(others);
        let released = [self.digital_release.0, self.physical_release.0];
        Some(Film {
            tmdb_id: id(Some(self.tmdb_id))?,
            other_titles: others.filter(|other| !other.is_empty() && *other != title).collect(),
            title,
            collection: self.collection.0.and_then(|collection| collection.title.0),
            runtime: id(self.runtime.0),
            year: id(self.year.0),
            in_cinemas: date(self.in_cinemas.0),
            released: released.into_iter().filter_map(date).collect(),
        })
    }
}

impl Event {
    fn kind(&self) -> String {
        self.event_type.as_deref().unwrap_or_default().to_ascii_lowercase()
    }

    /// `None` if it is another event; an error if it does not say which, or when.
    fn into_deleted(self) -> io::Result<Option<Deleted>> {
        match &*self.kind() {
            "moviefiledeleted" => {}
            "" => return Err(senseless("an event has no type")),
            _ => return Ok(None),
        }
        let why = match self.data["reason"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
            "upgrade" => Why::Upgrade,
            "manual" => Why::Manual,
            "missingfromdisk" => Why::MissingFromDisk,
            _ => Why::Other,
        };
        let at = self.date.as_deref().and_then(second).ok_or_else(|| senseless("an event has no date"))?;
        Ok(Some(Deleted { why, at }))
    }
}

/// The second since 1970 at a time of an app: `2026-07-01T12:00:41Z`, perhaps with a fraction (Sonarr 3).
fn second(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut clock = 0;
    for part in time.split('.').next()?.splitn(3, ':') {
        clock = clock * 60 + part.parse::<u8>().ok()? as i64;
    }
    Some(Date::parse(date)?.number() * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_its_second() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1994-11-06T08:49:37Z", 784_111_777),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-07-01T12:00:41.1234567Z", 1_782_907_241),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(second(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "Z", "T", "2026-07-01", "2026-13-01T00:00:00Z", "-1-01-01T00:00:00Z", "2026-07-01T12:xx:00Z"] {
            assert_eq!(second(text), None, "{text}");
        }
    }
}
