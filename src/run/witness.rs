//! Asking Radarr about files that are not there, before a link goes because of it.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{
    fetch::{Apps, Ask, Fetched},
    now,
};
use crate::{
    disk::Tree,
    model::{Instance, Link, MediaPath, Movie, Rule},
    name,
    plan::{self, Broken, Claim, Known, NoFile, Placed, Seen},
};

/// What is known of some broken links that are not ours.
pub struct Judged {
    /// In their order.
    pub claims: Vec<Option<Claim>>,
    /// To be remembered.
    pub figures: Vec<(String, i64)>,
    /// Why none of them goes, where that was found out by an earlier run.
    pub problem: Option<String>,
}

/// The figure that says how many of them no film claimed when they were too many to be removed.
const UNCLAIMED: &str = "unclaimed";

/// The figure that has the film that claimed a broken link's target when all films were asked for: it is asked for first.
fn claimant(radarr: Instance, at: &MediaPath) -> String {
    format!("claimed {radarr} {at}")
}

impl Apps {
    /// Why the films have no files whose links are broken.
    pub fn no_files(&self, placed: &Placed, seen: &Seen, known: &Known) -> HashMap<i32, NoFile> {
        let asked = plan::to_ask(placed, seen, &known.links).into_iter();
        asked.map(|(rule, radarr, movie_id)| (rule, self.why_no_file(radarr, movie_id))).collect()
    }

    fn why_no_file(&self, radarr: Instance, movie_id: i32) -> NoFile {
        // the film may be another Radarr's by now
        let Some(arr) = self.radarr.get(radarr) else { return NoFile::Unseen };
        match arr.why_no_file(movie_id) {
            Ok(deleted) => NoFile::new(deleted, now()),
            Err(problem) => NoFile::Unknown(problem.to_string()),
        }
    }

    /// The links of rules that somebody has edited, and whose films have no files yet, that lead to the very files of other films.
    pub fn of_other_films(&self, ask: &Ask, placed: &Placed, known: &Known, tree: &Tree) -> HashSet<String> {
        let leads_to_another = |rule: &Rule, link: &Link| {
            let film = self.radarr.get(link.concerns.radarr)?.movie(link.concerns.movie_id).ok()??.0;
            let is_another = film.tmdb_id != rule.wish.tmdb_id && film.file.is_some();
            let at = ask.roots.locate(link.path.as_ref()).ok()?;
            let target = name::leads_to(&tree.real_folder(&at.parent()?), &link.target);
            Some(is_another && FilmPlace::of(ask, film, tree)?.path == target)
        };
        let edited = ask.rules.iter().filter(|rule| placed.fileless.contains_key(&rule.id));
        let edited = edited.filter(|rule| known.remembered(rule).is_none());
        let links = edited.flat_map(|rule| known.links_of(rule.id).iter().map(move |link| (rule, link)));
        links
            .filter(|(rule, link)| leads_to_another(rule, link) == Some(true))
            .map(|(_, link)| link.path.clone())
            .collect()
    }

    /// What Radarr says of these broken links, which are not ours, of `count` links that are not. Radarr is asked for all its films if one
    /// of them may have to go: `None` if that has to be a run that asks for all.
    pub fn judge(
        &self,
        ask: &Ask,
        known: &Known,
        fetched: &Fetched,
        broken: &[Broken],
        count: usize,
        tree: &Tree,
    ) -> Option<Judged> {
        let unclaimed = |claims: &[Option<Claim>]| claims.iter().filter(|claim| claim.is_none()).count();
        let too_many = |unclaimed| plan::too_many(unclaimed, count).filter(|_| !ask.force);
        let as_before = |link: &Broken| {
            let place = tree.real(&link.target);
            self.radarr.iter().zip(0..).find_map(|(arr, radarr)| {
                let id = known.figures.get(&claimant(radarr, &link.at))?;
                match arr.movie(i32::try_from(*id).ok()?) {
                    Ok(film) => self.claim(&FilmPlace::of(ask, film?.0, tree)?, &place),
                    Err(_) => Some(Claim::Unknown),
                }
            })
        };
        let mut claims: Vec<_> = broken.iter().map(as_before).collect();
        let mut figures = Vec::new();
        let mut problem = None;
        match unclaimed(&claims) {
            0 => {}
            open if !fetched.is_whole() => {
                problem = Some(too_many(open).filter(|_| known.figures.get(UNCLAIMED) == Some(&(open as i64)))?);
                claims.iter_mut().for_each(|claim| _ = claim.get_or_insert(Claim::Unknown));
            }
            _ if fetched.library.radarr.iter().any(Result::is_err)
                || fetched.library.sonarr.iter().any(Result::is_err) =>
            {
                claims.fill(Some(Claim::Unknown));
            }
            _ => {
                (claims, figures) = self.claims(ask, broken, tree);
                let open = unclaimed(&claims);
                figures.extend(too_many(open).map(|_| (UNCLAIMED.into(), open as i64)));
            }
        }
        Some(Judged { claims, figures, problem })
    }

    /// What all films of all Radarrs say of these links' targets, and the figures that are to be remembered of that.
    fn claims(&self, ask: &Ask, broken: &[Broken], tree: &Tree) -> (Vec<Option<Claim>>, Vec<(String, i64)>) {
        let mut figures = Vec::new();
        let Some((files, folders)) = self.all_places(ask, tree) else {
            return (vec![Some(Claim::Unknown); broken.len()], figures);
        };
        let of_link = |link: &Broken| {
            let place = tree.real(&link.target);
            let within = folders.iter().filter(|film| place.starts_with(&film.path));
            let mut films = files.get(&place).into_iter().chain(within);
            let (film, claim) = films.find_map(|film| Some((&film.film, self.claim(film, &place)?)))?;
            figures.push((claimant(film.radarr, &link.at), film.id.into()));
            Some(claim)
        };
        (broken.iter().map(of_link).collect(), figures)
    }

    /// What a film says of a place at which no file is.
    fn claim(&self, FilmPlace { film, path }: &FilmPlace, place: &Path) -> Option<Claim> {
        match &film.file {
            _ if film.file_untold => Some(Claim::Unknown),
            Some(file) => (path == place).then(|| Claim::File(file.path.clone())),
            None if !place.starts_with(path) => None,
            None => match self.why_no_file(film.radarr, film.id) {
                NoFile::Upgrade | NoFile::Unknown(_) => Some(Claim::Unknown),
                NoFile::Deleted | NoFile::Unseen => None,
            },
        }
    }

    /// The files of all films, by their paths, and the folders of those without one. `None` if one of the Radarrs could not be asked, is
    /// not believed in this run, has no films at all, or does not tell where a file is.
    fn all_places(&self, ask: &Ask, tree: &Tree) -> Option<(HashMap<PathBuf, FilmPlace>, Vec<FilmPlace>)> {
        let (mut files, mut folders) = (HashMap::new(), Vec::new());
        for arr in &self.radarr {
            let (movies, told) = arr.movies(|_| true).ok()?;
            if told.count == 0 || movies.iter().any(|movie| movie.file_untold) {
                return None;
            }
            for place in movies.into_iter().filter_map(|film| FilmPlace::of(ask, film, tree)) {
                match place.film.file {
                    Some(_) => drop(files.insert(place.path.clone(), place)),
                    None => folders.push(place),
                }
            }
        }
        Some((files, folders))
    }
}

/// Where a film's file is here, or its folder if it has none.
struct FilmPlace {
    film: Movie,
    path: PathBuf,
}

impl FilmPlace {
    fn of(ask: &Ask, film: Movie, tree: &Tree) -> Option<FilmPlace> {
        let path = film.file.as_ref().map(|file| &file.path).or(film.folder.as_ref())?;
        let path = tree.real(&name::mapped(&ask.config.radarr[film.radarr].paths, ask.roots, path));
        Some(FilmPlace { film, path })
    }
}
