//! Which film may be which special; pure.

mod fit;
mod parts;
mod title;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet, VecDeque},
};

use crate::model::{Film, NewRule, Rule, Series, Special, Suggestion};
use fit::{FilmTitles, Fit, SpecialTitle};
use parts::{Whole, wholes};
use title::Title;

/// The season of specials, as rules write it.
const SEASON: &str = NewRule::DEFAULT_SEASON;
/// Pairs whose scores are no further apart are equally good.
const CLOSE: u8 = 5;

/// Shows, to find those that a film may belong to.
pub struct Shows<'a> {
    shows: Vec<Named<'a>>,
    /// Every name of every show, by its first word: (show, name).
    names: HashMap<String, Vec<(usize, usize)>>,
}

struct Named<'a> {
    series: &'a Series,
    names: Vec<Title>,
}

/// A film that may be a special, and how well.
struct Pair<'a> {
    film: &'a Film,
    whole: &'a Whole<'a>,
    fit: Fit,
}

impl<'a> Shows<'a> {
    pub fn new(series: &'a [Series]) -> Shows<'a> {
        let names = |series: &Series| {
            let titles = std::iter::once(&series.title).chain(&series.alternate_titles);
            titles.filter_map(|title| Title::of_show(title)).collect()
        };
        let shows: Vec<_> = series.iter().map(|series| Named { series, names: names(series) }).collect();
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

    /// What may be made rules of these films and of the specials of each show: for each show the best first. Left out is what a rule
    /// names already, and a special that has a file. Those that are `dismissed` stand in nobody's way, and come after the others.
    pub fn suggest(
        &self,
        films: &[Film],
        specials: &[Vec<Special>],
        rules: &[Rule],
        dismissed: &HashSet<String>,
    ) -> Vec<Suggestion> {
        let mut named: Vec<Vec<&Film>> = vec![Vec::new(); self.shows.len()];
        for film in films {
            self.of(film).into_iter().for_each(|show| named[show].push(film));
        }
        let ruled: Vec<Vec<&NewRule>> = self
            .shows
            .iter()
            .map(|show| rules.iter().map(|rule| &rule.wish).filter(|wish| show.is_named_by(wish)).collect())
            .collect();
        let free: Vec<Vec<Whole>> =
            specials.iter().zip(&ruled).map(|(specials, wishes)| free(specials, wishes)).collect();
        let is_new = |show: usize, film: &Film| !ruled[show].iter().any(|wish| wish.tmdb_id == film.tmdb_id);

        let mut settled: Vec<Vec<Pair>> = Vec::new();
        let mut sent_away: Vec<Suggestion> = Vec::new();
        for (at, (show, wholes)) in self.shows.iter().zip(&free).enumerate() {
            named[at].retain(|film| is_new(at, film));
            settled.push(settle(show.without(show.pairs(&named[at], wholes), dismissed, &mut sent_away)));
        }
        for (show, pairs) in self.namesakes(films, &free, &settled).into_iter().enumerate() {
            let new = pairs.into_iter().filter(|pair| is_new(show, pair.film)).collect();
            settled[show].extend(settle(self.shows[show].without(new, dismissed, &mut sent_away)));
        }
        let with_show = settled.into_iter().zip(&self.shows);
        let open = with_show.flat_map(|(pairs, show)| pairs.into_iter().map(|pair| pair.suggestion(show.series)));
        open.chain(sent_away).collect()
    }

    /// What no name of a show tells: a special's whole title is that of a film, or all that stands behind its colon or dash. Asked of
    /// what is left when the others are settled.
    fn namesakes<'b>(
        &self,
        films: &'b [Film],
        free: &'b [Vec<Whole<'b>>],
        settled: &[Vec<Pair>],
    ) -> Vec<Vec<Pair<'b>>> {
        let mut titled: HashMap<String, Vec<(usize, &Whole)>> = HashMap::new();
        for (show, wholes) in free.iter().enumerate() {
            let left = wholes.iter().filter(|whole| !settled[show].iter().any(|pair| pair.whole.overlaps(whole)));
            for (title, whole) in left.filter_map(|whole| Some((whole.title.telling()?, whole))) {
                titled.entry(title).or_default().push((show, whole));
            }
        }
        let likely = settled.iter().flatten().filter(|pair| pair.fit.likely);
        let likely: HashSet<i32> = likely.map(|pair| pair.film.tmdb_id).collect();
        let mut pairs: Vec<Vec<Pair>> = free.iter().map(|_| Vec::new()).collect();
        for film in films.iter().filter(|film| !likely.contains(&film.tmdb_id)) {
            let titles = std::iter::once(&film.title).chain(&film.other_titles);
            let tails: HashSet<String> = titles.flat_map(|title| Title::new(title).tails()).collect();
            for (show, whole) in tails.iter().filter_map(|tail| titled.get(tail)).flatten() {
                let fit = Fit::of_namesake(film, whole, self.shows[*show].series.runtime);
                pairs[*show].extend(fit.map(|fit| Pair { film, whole, fit }));
            }
        }
        pairs
    }
}

impl Named<'_> {
    /// Whether the rule means this show.
    fn is_named_by(&self, wish: &NewRule) -> bool {
        let Named { series, names } = self;
        match (wish.series_id, wish.tvdb_id) {
            (_, Some(tvdb_id)) => tvdb_id == series.tvdb_id,
            (Some(id), None) => id == series.id,
            (None, None) => {
                wish.show_name == series.title
                    || Title::of_show(&wish.show_name).is_some_and(|name| names.contains(&name))
            }
        }
    }

    fn pairs<'b>(&self, films: &[&'b Film], wholes: &'b [Whole<'b>]) -> Vec<Pair<'b>> {
        let specials: Vec<_> = wholes.iter().map(|whole| SpecialTitle::new(whole, &self.names)).collect();
        let mut pairs = Vec::new();
        for film in films.iter().map(|film| FilmTitles::new(film, &self.names)) {
            let fit = |special| Fit::of(&film, special, self.series.runtime);
            let fitting = specials.iter().filter_map(|special| Some((special.whole, fit(special)?)));
            pairs.extend(fitting.map(|(whole, fit)| Pair { film: film.film, whole, fit }));
        }
        pairs
    }

    /// Takes the dismissed ones out.
    fn without<'b>(
        &self,
        pairs: Vec<Pair<'b>>,
        dismissed: &HashSet<String>,
        away: &mut Vec<Suggestion>,
    ) -> Vec<Pair<'b>> {
        let (gone, left): (Vec<Pair>, _) =
            pairs.into_iter().partition(|pair| dismissed.contains(&pair.id(self.series)));
        for pair in gone {
            let one = Suggestion { dismissed: true, ..pair.suggestion(self.series) };
            // the same may be found by its title alone
            if !away.iter().any(|other| other.id == one.id) {
                away.push(one);
            }
        }
        left
    }
}

/// The specials without a file that none of these rules names.
fn free<'b>(specials: &'b [Special], ruled: &[&NewRule]) -> Vec<Whole<'b>> {
    let is_ruled = |number| ruled.iter().any(|wish| wish.season_number() == Some(0) && wish.has_number(number));
    let taken = specials.iter().filter(|special| special.has_file || is_ruled(special.number));
    let taken: HashSet<i32> = taken.map(|special| special.number).collect();
    wholes(specials).into_iter().filter(|whole| !whole.numbers().any(|number| taken.contains(&number))).collect()
}

/// Each film is one special, and each special one film: what is likely leaves neither to a worse pair, and of pairs that are equally
/// good none is likely.
fn settle(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by_key(|pair| (Reverse(pair.fit.score), pair.whole.first.number, pair.film.tmdb_id));
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
        self.film.tmdb_id == other.film.tmdb_id || self.whole.overlaps(other.whole)
    }

    /// What to say of the other one if it has the same film or special and fits as well.
    fn rival(&self, other: &Pair) -> Option<String> {
        if !self.excludes(other) || other.fit.score + CLOSE < self.fit.score {
            return None;
        }
        let Pair { film, whole: Whole { first: special, .. }, .. } = other;
        Some(if self.film.tmdb_id == film.tmdb_id {
            format!("S{SEASON}E{:02} {:?} fits as well", special.number, special.title)
        } else {
            format!("{:?} (tmdb {}) fits as well", film.title, film.tmdb_id)
        })
    }

    /// By what stays with the special when TVDB gives it another number, as far as that is told.
    fn id(&self, series: &Series) -> String {
        let Whole { first, further, .. } = self.whole;
        let special = first.tvdb_id.map_or_else(|| format!("{}x{}", series.tvdb_id, first.number), |id| id.to_string());
        let parts = if *further > 0 { format!("-{}", further + 1) } else { String::new() };
        format!("{}-{special}{parts}", self.film.tmdb_id)
    }

    fn suggestion(self, series: &Series) -> Suggestion {
        Suggestion {
            id: self.id(series),
            movie_title: plain(&self.film.title),
            tmdb_id: self.film.tmdb_id,
            show_name: plain(&series.title),
            tvdb_id: series.tvdb_id,
            season: SEASON.into(),
            episode: self.whole.first.number,
            last_episode: Some(*self.whole.numbers().end()).filter(|_| self.whole.further > 0),
            episode_title: plain(&self.whole.first.title),
            likely: self.fit.likely,
            score: self.fit.score,
            evidence: self.fit.evidence,
            dismissed: false,
        }
    }
}

/// As a rule may have it: without control characters.
fn plain(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).collect()
}
