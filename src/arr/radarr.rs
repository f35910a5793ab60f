//! What Radarr is asked, and the shapes of its answers.

use std::ops::Deref;

use serde::Deserialize;

use super::{
    connection::Connection,
    either::{FileJson, Folders, Titled, date, id, text},
    items::{self, Broken, Read},
    message::Question,
    skim::{self, Field},
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

    /// The films that are `wanted` by their TMDB number or `titled` so, of all that Radarr has. The rest is forgotten as it arrives.
    pub fn movies(&self, wanted: &dyn Fn(i32) -> bool, titled: &dyn Fn(&str) -> bool) -> Result<(Vec<Movie>, Folders)> {
        // without it Radarr looks for cover files of every film
        let question = Question::list("for its films", "/movie?excludeLocalCovers=true");
        let fields = ["\"tmdbId\"", "\"title\"", "\"rootFolderPath\""].map(Field::new);
        let [tmdb_id, title, root_folder_path] = &fields;
        self.ask(&question, |body| {
            let (mut movies, mut folders) = (Vec::new(), Folders::default());
            items::each_text(body, |text| {
                // its collection has such a number, too
                let mut numbers = tmdb_id.values(text).map(skim::number).peekable();
                let mut unwanted = numbers.peek().is_some() && numbers.all(|n| n.is_some_and(|n| !wanted(n)));
                // the film's own title comes before those of its files and collection
                unwanted &= title
                    .values(text)
                    .next()
                    .is_some_and(|title| skim::plain_text(title).is_some_and(|title| !titled(title)));
                let root = root_folder_path.values(text).find_map(skim::plain_text);
                // the first one is parsed in any case: it shows whether this is a list of films
                if let (true, Some(root), 1..) = (unwanted, root, folders.count) {
                    folders.add(Some(root), None);
                    return Ok(());
                }
                let film: FilmJson = items::parsed(text)?;
                folders.add(film.root_folder_path.as_deref(), film.path.as_deref());
                movies.extend(
                    film.into_movie(self.instance).filter(|movie| wanted(movie.tmdb_id) || titled(&movie.title)),
                );
                Ok(())
            })?;
            Ok((movies, folders))
        })
    }

    /// The film with this TMDB number, if Radarr has it (*recorded/radarr_movie_by_tmdb*.json*).
    pub fn movie_by_tmdb(&self, tmdb_id: i32) -> Result<Option<(Movie, Folders)>> {
        let target = format!("/movie?tmdbId={tmdb_id}&excludeLocalCovers=true");
        self.ask(&Question::small(format!("for the film with the TMDB number {tmdb_id}"), target), |body| {
            let mut movies = items::list(body)?.into_iter().filter_map(|film| self.with_folder(film));
            Ok(movies.find(|(movie, _)| movie.tmdb_id == tmdb_id))
        })
    }

    /// The film that has this number in Radarr, if there is one (*recorded/errors.json*, "movie unknown").
    pub fn movie(&self, id: i32) -> Result<Option<(Movie, Folders)>> {
        self.find(&Question::small(format!("for film {id}"), format!("/movie/{id}")), false, |body| {
            let film = self.with_folder(items::object::<FilmJson>(body)?);
            film.ok_or_else(|| Broken::not_expected("a film without numbers"))
        })
    }

    fn with_folder(&self, film: FilmJson) -> Option<(Movie, Folders)> {
        let folders = Folders::of(film.root_folder_path.as_deref(), film.path.as_deref());
        Some((film.into_movie(self.instance)?, folders))
    }

    /// All films with their titles and dates, and of each what `kept` leaves.
    pub fn films(&self, kept: impl Fn(Film) -> Film) -> Result<Vec<Film>> {
        let question = Question::list("for its films", "/movie?excludeLocalCovers=true");
        self.ask(&question, |body| {
            let mut films = Vec::new();
            items::each(body, |film: CandidateJson| films.extend(film.into_film().map(&kept)))?;
            Ok(films)
        })
    }

    /// The film with this TMDB number, with its titles and dates.
    pub fn film(&self, tmdb_id: i32) -> Result<Option<Film>> {
        let target = format!("/movie?tmdbId={tmdb_id}&excludeLocalCovers=true");
        self.ask(&Question::small(format!("for the film with the TMDB number {tmdb_id}"), target), |body| {
            let mut films = items::list(body)?.into_iter().filter_map(CandidateJson::into_film);
            Ok(films.find(|film| film.tmdb_id == tmdb_id))
        })
    }

    /// Why a film has no file (*observed 2.3, recorded/radarr_history_movie.json*): `None` if the last that happened to its file is not
    /// that it was deleted, or this Radarr does not say.
    pub fn why_no_file(&self, id: i32) -> Result<Option<Deleted>> {
        let question = Question::small(format!("what became of film {id}"), format!("/history/movie?movieId={id}"));
        let deleted = self.find(&question, true, |body| {
            // the newest is the first
            let last = items::list(body)?.into_iter().find(|event: &Event| !event.is_of_a_download());
            last.map_or(Ok(None), Event::into_deleted)
        })?;
        Ok(deleted.flatten())
    }

    /// Asks Radarr to look at the film's folder; it does so in its own time.
    pub fn rescan(&self, movie_id: i32) -> Result<()> {
        self.order("RescanMovie", "movieId", movie_id).map(drop)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a film")]
struct FilmJson {
    id: Option<i32>,
    tmdb_id: Option<i32>,
    title: Option<String>,
    year: Option<i32>,
    path: Option<String>,
    root_folder_path: Option<String>,
    has_file: Option<bool>,
    movie_file_id: Option<i32>,
    movie_file: Option<FileJson>,
}

/// What suggestions need of a film: more than a run does, and asked for seldom.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a film")]
struct CandidateJson {
    tmdb_id: Option<i32>,
    title: Option<String>,
    original_title: Option<String>,
    alternate_titles: Option<Vec<Titled>>,
    collection: Option<Titled>,
    runtime: Option<i32>,
    year: Option<i32>,
    in_cinemas: Option<String>,
    digital_release: Option<String>,
    physical_release: Option<String>,
}

/// What has happened to a film (*recorded/radarr_history_movie.json*).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an event")]
struct Event {
    event_type: Option<String>,
    date: Option<String>,
    data: Option<EventData>,
}

#[derive(Deserialize)]
struct EventData {
    reason: Option<String>,
}

impl FilmJson {
    /// `None` for what no rule can name: without numbers of its own and of the film.
    fn into_movie(mut self, radarr: Instance) -> Option<Movie> {
        let (file, file_untold) = self.file();
        Some(Movie {
            radarr,
            id: id(self.id)?,
            tmdb_id: id(self.tmdb_id)?,
            title: self.title.unwrap_or_default(),
            year: self.year.filter(|year| *year > 0),
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
            (None, _) => return (None, false),
        };
        let known = present.and_then(FileJson::into_movie_file);
        let untold = known.is_none();
        (known, untold)
    }
}

impl CandidateJson {
    /// `None` for what no rule can name.
    fn into_film(self) -> Option<Film> {
        let title = self.title.filter(|title| !title.is_empty())?;
        let others = self.alternate_titles.into_iter().flatten().filter_map(|alternate| alternate.title);
        let others = self.original_title.into_iter().chain(others);
        let released = [self.digital_release, self.physical_release];
        Some(Film {
            tmdb_id: self.tmdb_id.filter(|id| *id > 0)?,
            other_titles: others.filter(|other| !other.is_empty() && *other != title).collect(),
            title,
            collection: self.collection.and_then(|collection| collection.title),
            runtime: self.runtime.filter(|minutes| *minutes > 0),
            year: self.year.filter(|year| *year > 0),
            in_cinemas: date(self.in_cinemas),
            released: released.into_iter().filter_map(date).collect(),
        })
    }
}

impl Event {
    /// Whether it tells nothing of the film's file.
    fn is_of_a_download(&self) -> bool {
        let is = |kind: &str| self.event_type.as_deref().is_some_and(|told| told.eq_ignore_ascii_case(kind));
        ["grabbed", "downloadFailed", "downloadIgnored"].into_iter().any(is)
    }

    /// `None` if it is another event; an error if it has no date.
    fn into_deleted(self) -> Read<Option<Deleted>> {
        if !self.event_type.is_some_and(|kind| kind.eq_ignore_ascii_case("movieFileDeleted")) {
            return Ok(None);
        }
        let reason = self.data.and_then(|data| data.reason).unwrap_or_default();
        let why = match reason.to_ascii_lowercase().as_str() {
            "upgrade" => Why::Upgrade,
            "manual" => Why::Manual,
            "missingfromdisk" => Why::MissingFromDisk,
            _ => Why::Other,
        };
        let at = self.date.as_deref().and_then(second).ok_or_else(|| Broken::not_expected("an event has no date"))?;
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
