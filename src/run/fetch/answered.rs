//! One app asked for its films or shows: for those of the rules one by one, or for all of them.
//!
//! One by one proves only that all is well: each answer is the very film or show that is meant. Whatever else comes is no answer, and the
//! list is asked for; so it is when the disk shows that something is not as it should be.

use std::collections::{BTreeSet, HashSet};

use super::{Apps, Ask, Fetched};
use crate::{
    arr::{Connection, RootFolders},
    error::{Error, Result},
    model::{Instance, Link, Movie, Series},
    name,
    plan::{
        Known,
        questions::{self, FilmQuestion, ShowQuestion},
    },
};

/// What one app answered.
pub struct Answered<T> {
    pub items: std::result::Result<Vec<T>, String>,
    /// The root folders that are known, in the app's own paths.
    pub roots: BTreeSet<String>,
    /// How many the app has, if it was asked for its list and gave it.
    pub count: Option<usize>,
}

impl<T> Answered<T> {
    /// Whether nothing more is to be had: its whole list, or why there is none.
    pub fn is_whole(&self) -> bool {
        self.count.is_some() || self.items.is_err()
    }

    fn failed(problem: String) -> Answered<T> {
        Answered { items: Err(problem), roots: BTreeSet::new(), count: None }
    }

    /// The list that an app gave. An empty one is not believed where there should be something.
    fn list(answer: Result<(Vec<T>, RootFolders)>, app: &Connection, what: &str, not_empty: bool) -> Answered<T> {
        match answer {
            Ok((_, told)) if told.count == 0 && not_empty => Answered::failed(empty(app, what)),
            Ok((items, told)) => Answered { items: Ok(items), roots: told.roots, count: Some(told.count) },
            Err(problem) => Answered::failed(problem.to_string()),
        }
    }

    /// The answers of an app that was asked one by one; `None` if its list has to be asked for. One that has nothing to say is asked
    /// whether it is there at all.
    fn each<Q>(app: &Connection, questions: Vec<Q>, ask: impl Fn(Q) -> Result<Match<T>>) -> Option<Answered<T>> {
        let mut answered = Answered { items: Ok(Vec::new()), roots: BTreeSet::new(), count: None };
        if questions.is_empty() {
            answered.items = app.status().map(|_| Vec::new()).map_err(|problem| problem.to_string());
            return Some(answered);
        }
        for question in questions {
            match (ask(question), &mut answered.items) {
                (Ok(Match::Meant(item, told)), Ok(items)) => {
                    items.push(item);
                    answered.roots.extend(told.roots);
                }
                (Ok(Match::Elsewhere), _) => {}
                (Err(problem), _) if app.is_given_up() => return Some(Answered::failed(problem.to_string())),
                (Err(Error::App(problem)), _) => {
                    log::debug!("{problem}");
                    return None;
                }
                _ => return None,
            }
        }
        Some(answered)
    }
}

enum Match<T> {
    Meant(T, RootFolders),
    /// Another app may have it.
    Elsewhere,
    Other,
}

impl Apps {
    /// The films of the rules that a Radarr has.
    pub fn films(&self, ask: &Ask, known: &Known, radarr: Instance) -> Answered<Movie> {
        let arr = &self.radarr[radarr];
        let one = |question| {
            let (found, tmdb_id, elsewhere) = match question {
                FilmQuestion::ById { id, tmdb_id } => (arr.movie(id)?, tmdb_id, false),
                FilmQuestion::ByNumber { tmdb_id, elsewhere } => (arr.movie_by_tmdb(tmdb_id)?, tmdb_id, elsewhere),
            };
            Ok(match found {
                Some((film, told)) if film.tmdb_id == tmdb_id => Match::Meant(film, told),
                None if elsewhere => Match::Elsewhere,
                _ => Match::Other,
            })
        };
        let questions = ask.size(known, arr).and_then(|count| questions::films(ask.rules, known, radarr, count));
        let each = questions.and_then(|questions| Answered::each(arr, questions, one));
        each.unwrap_or_else(|| self.listed_films(ask, known, radarr))
    }

    /// Those films of all that a Radarr has.
    pub fn listed_films(&self, ask: &Ask, known: &Known, radarr: Instance) -> Answered<Movie> {
        let numbers: HashSet<i32> = ask.rules.iter().map(|rule| rule.wish.tmdb_id).collect();
        // a film of a rule's title may have got another number
        let titles: HashSet<String> = ask.rules.iter().map(|rule| name::folded(&rule.wish.movie_title)).collect();
        let wanted = |film: &Movie| numbers.contains(&film.tmdb_id) || titles.contains(&name::folded(&film.title));
        let has_links =
            known.links.iter().any(|Link { concerns, .. }| concerns.radarr == radarr && concerns.movie_id > 0);
        let arr = &self.radarr[radarr];
        Answered::list(arr.movies(wanted), arr, "films", has_links && !ask.force)
    }

    /// The shows of the rules that a Sonarr has.
    pub fn shows(&self, ask: &Ask, known: &Known, sonarr: Instance) -> Answered<Series> {
        let arr = &self.sonarr[sonarr];
        let one = |ShowQuestion { id, tvdb_id }| {
            let is_meant = |show: &Series| show.id == id && show.tvdb_id == tvdb_id;
            let found = arr.show(id)?.filter(|(show, _)| is_meant(show));
            Ok(found.map_or(Match::Other, |(show, told)| Match::Meant(show, told)))
        };
        let questions = ask.size(known, arr).and_then(|count| questions::shows(ask.rules, known, sonarr, count));
        let each = questions.and_then(|questions| Answered::each(arr, questions, one));
        each.unwrap_or_else(|| self.listed_shows(ask, known, sonarr))
    }

    /// All shows that a Sonarr has.
    pub fn listed_shows(&self, ask: &Ask, known: &Known, sonarr: Instance) -> Answered<Series> {
        let has_links =
            known.links.iter().any(|Link { concerns, .. }| concerns.sonarr == sonarr && concerns.series_id > 0);
        let arr = &self.sonarr[sonarr];
        Answered::list(arr.series(), arr, "shows", has_links && !ask.force)
    }
}

impl Ask<'_> {
    /// How many the app had lately; without that it has to be asked for its list.
    fn size(&self, known: &Known, app: &Connection) -> Option<usize> {
        let count = known.figures.get(app.name()).filter(|_| !self.wholly)?;
        usize::try_from(*count).ok()
    }
}

impl Fetched {
    /// Whether no question is left: all lists are there that can be had.
    pub fn is_whole(&self) -> bool {
        self.films.iter().all(Answered::is_whole) && self.shows.iter().all(Answered::is_whole)
    }

    /// Whether a rule's film is in no Radarr, as far as they were asked.
    pub(super) fn lacks_films(&self, ask: &Ask) -> bool {
        let found = self.films.iter().filter_map(|answered| answered.items.as_ref().ok()).flatten();
        let found: HashSet<i32> = found.map(|film| film.tmdb_id).collect();
        ask.rules.iter().any(|rule| !found.contains(&rule.wish.tmdb_id))
    }

    /// Whether a rule's show is not the one that is remembered.
    pub(super) fn lacks_shows(&self, ask: &Ask, known: &Known) -> bool {
        ask.rules.iter().any(|rule| {
            let known = known.remembered(rule);
            let shows = known.and_then(|known| Some((known, self.shows.get(known.sonarr)?.items.as_ref())));
            shows.is_none_or(|(known, shows)| {
                let same = |show: &Series| (show.id, show.tvdb_id) == (known.series_id, known.series_tvdb_id);
                shows.is_ok_and(|shows| !shows.iter().any(same))
            })
        })
    }
}

/// Why an empty list is not believed.
fn empty(app: &Connection, what: &str) -> String {
    format!(
        "{} says that it has no {what} at all, but there are links: nothing is removed because of that; if it is true, run \
         \"plex-linker once --force\"",
        app.name()
    )
}
