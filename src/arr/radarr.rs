//! What Radarr is asked.

use std::ops::Deref;

use super::{
    candidates::WholeFilm,
    command::Accepted,
    connection::Connection,
    items::{self, Broken},
    message::Request,
    skim::{self, Key},
    wire::{self, FolderSet, Folders},
};
use crate::{
    error::Result,
    model::{Deleted, Film, Instance, Movie},
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
        let request = Request::list("for its films", "/movie?excludeLocalCovers=true".into());
        let keys = ["\"tmdbId\"", "\"title\"", "\"rootFolderPath\""].map(Key::new);
        let [tmdb_id, title, root_folder_path] = &keys;
        self.http.ask(&request, |body| {
            let (mut movies, mut folders) = (Vec::new(), FolderSet::default());
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
                if let (true, Some(root), false) = (unwanted, root, folders.is_empty()) {
                    folders.add(Some(root), None);
                    return Ok(());
                }
                let film: wire::Film = items::parsed(text)?;
                folders.add(film.root_folder_path.as_deref(), film.path.as_deref());
                movies.extend(
                    film.into_movie(self.instance).filter(|movie| wanted(movie.tmdb_id) || titled(&movie.title)),
                );
                Ok(())
            })?;
            Ok((movies, folders.into()))
        })
    }

    /// The film with this TMDB number, if Radarr has it (*recorded/radarr_movie_by_tmdb*.json*).
    pub fn movie_by_tmdb(&self, tmdb_id: i32) -> Result<Option<(Movie, Folders)>> {
        let target = format!("/movie?tmdbId={tmdb_id}&excludeLocalCovers=true");
        self.http.ask(&Request::small(format!("for the film with the TMDB number {tmdb_id}"), target), |body| {
            let mut movies = Vec::new();
            items::each(body, |film: wire::Film| movies.extend(self.with_folder(film)))?;
            Ok(movies.into_iter().find(|(movie, _)| movie.tmdb_id == tmdb_id))
        })
    }

    /// The film that has this number in Radarr, if there is one (*recorded/errors.json*, "movie unknown").
    pub fn movie(&self, id: i32) -> Result<Option<(Movie, Folders)>> {
        self.http.find(&Request::small(format!("for film {id}"), format!("/movie/{id}")), |body| {
            let film = self.with_folder(items::object::<wire::Film>(body)?);
            film.ok_or_else(|| Broken::not_expected("a film without numbers"))
        })
    }

    fn with_folder(&self, film: wire::Film) -> Option<(Movie, Folders)> {
        let mut folders = FolderSet::default();
        folders.add(film.root_folder_path.as_deref(), film.path.as_deref());
        Some((film.into_movie(self.instance)?, folders.into()))
    }

    /// All films with their titles and dates, and of each what `kept` leaves.
    pub fn films(&self, kept: impl Fn(Film) -> Film) -> Result<Vec<Film>> {
        let request = Request::list("for its films", "/movie?excludeLocalCovers=true".into());
        self.http.ask(&request, |body| {
            let mut films = Vec::new();
            items::each(body, |film: WholeFilm| films.extend(film.into_film().map(&kept)))?;
            Ok(films)
        })
    }

    /// Why a film has no file (*observed 2.3, recorded/radarr_history_movie.json*): `None` if the last that happened to its file is not
    /// that it was deleted, or this Radarr does not say.
    pub fn why_no_file(&self, id: i32) -> Result<Option<Deleted>> {
        let request = Request::small(format!("what became of film {id}"), format!("/history/movie?movieId={id}"));
        let deleted = self.http.find_if_known(&request, |body| {
            let mut events: Vec<wire::Event> = Vec::new();
            items::each(body, |event| events.push(event))?;
            // the newest is the first
            let last = events.into_iter().find(|event| !event.is_of_a_download());
            last.map_or(Ok(None), |event| event.into_deleted().map_err(Broken::not_expected))
        })?;
        Ok(deleted.flatten())
    }

    /// Asks Radarr to look at the film's folder; it does so in its own time.
    pub fn rescan(&self, movie_id: i32) -> Result<()> {
        let request = self.order("RescanMovie", "movieId", movie_id)?;
        self.http.ask(&request, |answer| items::object::<Accepted>(answer).map(drop))
    }
}
