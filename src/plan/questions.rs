//! What the apps are asked: for each film and show by itself, or for the whole list, whichever costs the app less; pure.

use std::collections::BTreeMap;

use super::Known;
use crate::model::{Instance, Rule};

/// What an answer costs the app, in nanoseconds of its processor: by itself, and for each film or show that the app has.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    pub once: u64,
    pub each: u64,
}

/// As measured (*observed 7*). The lists are taken for as cheap as they have been seen, so that they are asked for when in doubt.
pub const FILMS: Price = Price { once: 1_000_000, each: 117_000 };
pub const FILM_BY_ID: Price = Price { once: 1_260_000, each: 72 };
pub const FILM_BY_NUMBER: Price = Price { once: 3_000_000, each: 200 };
pub const SHOWS: Price = Price { once: 1_000_000, each: 300_000 };
pub const SHOW_BY_ID: Price = Price { once: 1_200_000, each: 0 };
/// Of one show; they are asked for in either way.
pub const SPECIALS: Price = Price { once: 700_000, each: 0 };

impl Price {
    pub fn of(self, count: usize) -> u64 {
        self.once + self.each * count as u64
    }
}

/// A question for one film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilmQuestion {
    /// By TMDB's number; `elsewhere`: another Radarr's is remembered, so that this one need not have it.
    ByNumber { tmdb_id: i32, elsewhere: bool },
    /// By Radarr's own number, which is remembered.
    ById { id: i32, tmdb_id: i32 },
}

/// A question for one show, by Sonarr's own number, and by which of TheTVDB's it is known again; 0 if it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShowQuestion {
    pub id: i32,
    pub tvdb_id: i32,
}

/// What to ask this Radarr, which had so many films; `None` is for their list. Those that it may not have come first.
pub fn films(rules: &[Rule], known: &Known, radarr: Instance, count: usize) -> Option<Vec<FilmQuestion>> {
    let is_served = |rule: &Rule| {
        known.links_of(rule.id).iter().any(|link| link.concerns.radarr == radarr && link.concerns.movie_id > 0)
    };
    let mut asked = BTreeMap::new();
    for rule in rules {
        let tmdb_id = rule.wish.tmdb_id;
        let question = match known.remembered(rule) {
            Some(known) if known.radarr == radarr => FilmQuestion::ById { id: known.movie_id, tmdb_id },
            remembered => FilmQuestion::ByNumber { tmdb_id, elsewhere: remembered.is_some() && !is_served(rule) },
        };
        let best = asked.entry(tmdb_id).or_insert(question);
        *best = question.max(*best);
    }
    let mut asked: Vec<FilmQuestion> = asked.into_values().collect();
    asked.sort();
    let price = |question: &FilmQuestion| match question {
        FilmQuestion::ByNumber { .. } => FILM_BY_NUMBER.of(count),
        FilmQuestion::ById { .. } => FILM_BY_ID.of(count),
    };
    (asked.iter().map(price).sum::<u64>() <= FILMS.of(count)).then_some(asked)
}

/// The same for a Sonarr. A rule whose show is not remembered needs the shows of all Sonarrs.
pub fn shows(rules: &[Rule], known: &Known, sonarr: Instance, count: usize) -> Option<Vec<ShowQuestion>> {
    let mut asked = Vec::new();
    for rule in rules {
        let known = known.remembered(rule)?;
        if known.sonarr == sonarr {
            asked.push(ShowQuestion { id: known.series_id, tvdb_id: known.series_tvdb_id });
        }
    }
    asked.sort();
    asked.dedup();
    (SHOW_BY_ID.of(count) * asked.len() as u64 <= SHOWS.of(count)).then_some(asked)
}

#[cfg(test)]
mod tests;
