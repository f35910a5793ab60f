//! Which film may be which special; pure.

mod fit;
mod parts;
mod title;

use std::{
    cmp::Reverse,
    collections::{HashMap, VecDeque},
};

use crate::model::{Film, NewRule, Rule, Series, Special, Suggestion};
use fit::{FilmTitles, Fit, SpecialTitle};
use parts::{Part, parts};
use title::Title;

/// The season of specials, as rules write it.
const SEASON: &str = NewRule::DEFAULT_SEASON;
/// Pairs whose scores are no further apart are equally good.
const CLOSE: u8 = 5;

/// Shows, to find those that a film may belong to.
pub struct Shows<'a> {
    shows: Vec<Show<'a>>,
    /// Every name of every show, by its first word: (show, name).
    names: HashMap<String, Vec<(usize, usize)>>,
}

struct Show<'a> {
    series: &'a Series,
    names: Vec<Title>,
}

/// A film that may be a special, and how well.
struct Pair<'a> {
    film: &'a Film,
    special: &'a Special,
    /// How many specials after it are the same film.
    further: i32,
    fit: Fit,
}

impl<'a> Shows<'a> {
    pub fn new(series: &'a [Series]) -> Shows<'a> {
        let names = |series: &Series| {
            let titles = std::iter::once(&series.title).chain(&series.alternate_titles);
            titles.filter_map(|title| Title::of_show(title)).collect()
        };
        let shows: Vec<_> = series.iter().map(|series| Show { series, names: names(series) }).collect();
        let mut index: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (at, show) in shows.iter().enumerate() {
            for (number, name) in show.names.iter().enumerate() {
                let first = name.words().next().unwrap_or_default();
                index.entry(first.into()).or_default().push((at, number));
            }
        }
        Shows { shows, names: index }
    }

    /// The shows that the film may belong to, as places in the list of shows: those with a name that is in one of its titles, or
    /// that is the name of its collection.
    pub fn of(&self, film: &Film) -> Vec<usize> {
        let titles = std::iter::once(&film.title).chain(&film.other_titles).chain(&film.collection);
        let mut found = Vec::new();
        for title in titles.map(|title| Title::new(title)) {
            for (at, word) in title.words().enumerate() {
                let names = self.names.get(word).into_iter().flatten();
                found.extend(
                    names
                        .filter(|(show, name)| title.has_at(at, &self.shows[*show].names[*name]))
                        .map(|(show, _)| show),
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What may be made rules for the show at this place of the list, the best first. Left out is what a rule names already, and a
    /// special that has a file.
    pub fn suggest(&self, show: usize, films: &[&Film], specials: &[Special], rules: &[Rule]) -> Vec<Suggestion> {
        let Show { series, names } = &self.shows[show];
        let known: Vec<&NewRule> =
            rules.iter().map(|rule| &rule.wish).filter(|wish| self.names_show(wish, show)).collect();
        let films = films.iter().filter(|film| !known.iter().any(|wish| wish.tmdb_id == film.tmdb_id));
        let is_ruled = |number| known.iter().any(|wish| wish.season_number() == Some(0) && wish.has_number(number));
        let is_taken = |special: &Special| special.has_file || is_ruled(special.number);
        let free = specials.iter().zip(parts(specials)).filter(|(special, part)| {
            let all = special.number..=special.number + part.further();
            let taken = specials.iter().any(|other| all.contains(&other.number) && is_taken(other));
            !taken && *part != Part::Later
        });
        let free: Vec<_> = free.map(|(special, part)| SpecialTitle::new(special, part, names)).collect();
        let mut pairs = Vec::new();
        for film in films.map(|film| FilmTitles::new(film, names)) {
            let fitting = free.iter().filter_map(|special| Some((special, Fit::of(&film, special)?)));
            pairs.extend(fitting.map(|(special, fit)| Pair {
                film: film.film,
                special: special.special,
                further: special.part.further(),
                fit,
            }));
        }
        settle(pairs).into_iter().map(|pair| pair.suggestion(series)).collect()
    }

    /// Whether the rule means this show.
    fn names_show(&self, wish: &NewRule, show: usize) -> bool {
        let Show { series, names } = &self.shows[show];
        match (wish.series_id, wish.tvdb_id) {
            (_, Some(tvdb_id)) => tvdb_id == series.tvdb_id,
            (Some(id), None) => id == series.id,
            (None, None) => {
                wish.show_name == series.title
                    || Title::of_show(&wish.show_name).is_some_and(|name| names.contains(&name))
            }
        }
    }
}

/// Each film is one special, and each special one film: what is likely leaves neither to a worse pair, and of pairs that are equally
/// good none is likely.
fn settle(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by_key(|pair| (Reverse(pair.fit.score), pair.special.number, pair.film.tmdb_id));
    let mut left: VecDeque<Pair> = pairs.into();
    let mut settled: Vec<Pair> = Vec::new();
    while let Some(mut pair) = left.pop_front() {
        let rivals: Vec<String> = settled.iter().chain(&left).filter_map(|other| pair.rival(other)).collect();
        pair.fit.likely &= rivals.is_empty();
        pair.fit.evidence.extend(rivals);
        if pair.fit.likely {
            left.retain(|other| !pair.excludes(other));
        }
        let of_film = settled.iter().find(|other| other.film.tmdb_id == pair.film.tmdb_id);
        if of_film.is_none_or(|best| pair.fit.score + CLOSE >= best.fit.score) {
            settled.push(pair);
        }
    }
    settled
}

impl Pair<'_> {
    fn excludes(&self, other: &Pair) -> bool {
        self.film.tmdb_id == other.film.tmdb_id || self.special.number == other.special.number
    }

    /// What to say of the other one if it has the same film or special and fits as well.
    fn rival(&self, other: &Pair) -> Option<String> {
        if !self.excludes(other) || other.fit.score + CLOSE < self.fit.score {
            return None;
        }
        let Pair { film, special, .. } = other;
        Some(if self.film.tmdb_id == film.tmdb_id {
            format!("S{SEASON}E{:02} {:?} fits as well", special.number, special.title)
        } else {
            format!("{:?} (tmdb {}) fits as well", film.title, film.tmdb_id)
        })
    }

    fn suggestion(self, series: &Series) -> Suggestion {
        Suggestion {
            movie_title: plain(&self.film.title),
            tmdb_id: self.film.tmdb_id,
            show_name: plain(&series.title),
            tvdb_id: series.tvdb_id,
            season: SEASON.into(),
            episode: self.special.number,
            last_episode: (self.further > 0).then_some(self.special.number + self.further),
            episode_title: plain(&self.special.title),
            likely: self.fit.likely,
            score: self.fit.score,
            evidence: self.fit.evidence,
        }
    }
}

/// As a rule may have it: without control characters.
fn plain(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).collect()
}
