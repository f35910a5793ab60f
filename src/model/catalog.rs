//! Films and shows as the apps last told them: for those who make rules.

use std::{collections::HashSet, hash::Hash};

use super::{Instance, Special, Suggestion};

/// The films and shows that the apps have, as far as completing a form needs it. Times are in seconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// When the apps were asked the last time.
    pub asked_at: i64,
    /// Since when everything in it is known: earlier, if an app did not answer then.
    pub fetched_at: i64,
    pub movies: Vec<CatalogMovie>,
    pub shows: Vec<CatalogShow>,
    /// Why apps could not be asked, one sentence each.
    pub problems: Vec<String>,
}

/// Films that look like specials.
#[derive(Debug, Clone, Default)]
pub struct Suggestions {
    pub asked_at: i64,
    pub fetched_at: i64,
    /// The best first.
    pub list: Vec<Suggestion>,
    pub problems: Vec<String>,
}

/// The episodes of one season of a show, in the order of their numbers, to pick one from.
#[derive(Debug, Clone, Default)]
pub struct Season {
    pub specials: Vec<Special>,
    /// Which of them a certain film looks like most, if it looks like one.
    pub best: Option<Suggestion>,
}

impl Catalog {
    /// Where apps did not answer, what was known before is better than nothing.
    pub fn or_as_before(mut self, before: &Catalog) -> Catalog {
        if !self.problems.is_empty() {
            self.fetched_at = before.fetched_at;
            keep(&mut self.movies, &before.movies, |movie| movie.tmdb_id);
            keep(&mut self.shows, &before.shows, |show| (show.sonarr, show.id));
        }
        self
    }
}

impl Suggestions {
    /// As [`Catalog::or_as_before`].
    pub fn or_as_before(mut self, before: &Suggestions) -> Suggestions {
        if !self.problems.is_empty() {
            self.fetched_at = before.fetched_at;
            keep(&mut self.list, &before.list, |one| (one.tmdb_id, one.tvdb_id, one.episode));
        }
        self
    }
}

/// Adds what was there `before` and is not there now.
fn keep<T: Clone, I: Hash + Eq>(now: &mut Vec<T>, before: &[T], id: impl Fn(&T) -> I) {
    let known: HashSet<I> = now.iter().map(&id).collect();
    now.extend(before.iter().filter(|one| !known.contains(&id(one))).cloned());
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogMovie {
    pub radarr: Instance,
    pub tmdb_id: i32,
    pub title: String,
    pub year: Option<i32>,
    pub has_file: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogShow {
    pub sonarr: Instance,
    /// Sonarr's own number.
    pub id: i32,
    pub tvdb_id: i32,
    pub title: String,
    /// What the address of its page in Sonarr ends with.
    pub slug: Option<String>,
}

/// What is known of one Sonarr or Radarr.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AppState {
    pub name: String,
    pub version: Option<String>,
    /// Why it could not be used the last time.
    pub problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_had_stays_while_it_does_not_answer() {
        let movie = |tmdb_id, title: &str| CatalogMovie {
            radarr: 0,
            tmdb_id,
            title: title.into(),
            year: None,
            has_file: false,
        };
        let show = |sonarr, id| CatalogShow { sonarr, id, tvdb_id: 0, title: String::new(), slug: None };
        let suggestion = |tmdb_id, score| Suggestion {
            id: String::new(),
            movie_title: String::new(),
            tmdb_id,
            show_name: String::new(),
            tvdb_id: 1,
            season: String::new(),
            episode: 1,
            last_episode: None,
            episode_title: String::new(),
            likely: false,
            score,
            evidence: vec![],
            dismissed: false,
        };
        let before = Catalog {
            asked_at: 5,
            fetched_at: 5,
            movies: vec![movie(1, "old"), movie(2, "gone")],
            shows: vec![show(0, 1), show(1, 1)],
            problems: vec![],
        };
        let now = |problems: &[&str]| Catalog {
            asked_at: 9,
            fetched_at: 9,
            movies: vec![movie(1, "new")],
            shows: vec![show(1, 1), show(1, 2)],
            problems: problems.iter().map(|problem| problem.to_string()).collect(),
        };
        let sound = now(&[]).or_as_before(&before);
        assert_eq!((sound.fetched_at, sound.movies.len(), sound.shows.len()), (9, 1, 2));
        let partly = now(&["radarr is away"]).or_as_before(&before);
        assert_eq!(partly.movies, [movie(1, "new"), movie(2, "gone")]);
        assert_eq!(partly.shows, [show(1, 1), show(1, 2), show(0, 1)]);
        assert_eq!((partly.asked_at, partly.fetched_at), (9, 5));

        let before =
            Suggestions { fetched_at: 5, list: vec![suggestion(1, 1), suggestion(2, 2)], ..Suggestions::default() };
        let now = Suggestions { fetched_at: 9, list: vec![suggestion(1, 8)], ..Suggestions::default() };
        assert_eq!(now.clone().or_as_before(&before).list, [suggestion(1, 8)]);
        let partly = Suggestions { problems: vec!["sonarr is away".into()], ..now }.or_as_before(&before);
        assert_eq!((partly.list, partly.fetched_at), (vec![suggestion(1, 8), suggestion(2, 2)], 5));
    }
}
