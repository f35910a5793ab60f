//! Which film may be which special; pure.

mod fit;
mod parts;
mod title;

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
    iter::zip,
};

use crate::model::{Film, NewRule, Rule, Series, Special, Suggestion};
use fit::Fit;
use parts::{Whole, wholes};
use title::Title;

/// The season of specials, as rules write it.
const SEASON: &str = NewRule::DEFAULT_SEASON;
/// Pairs whose scores are no further apart are equally good.
const CLOSE: u8 = 5;

/// Shows, to find those that a film may belong to.
pub struct NamedShows<'a> {
    series: &'a [Series],
    /// Of each show.
    names: Vec<Vec<Title>>,
    /// Every name of every show, which is told by its place, by the name's first word.
    index: HashMap<String, Vec<(usize, Title)>>,
}

/// A film that may be a special, and how well.
struct Pair<'a> {
    /// Its place.
    show: usize,
    film: &'a Film,
    whole: &'a Whole<'a>,
    fit: Fit,
}

impl<'a> NamedShows<'a> {
    pub fn new(series: &'a [Series]) -> NamedShows<'a> {
        let titles = |show: &'a Series| std::iter::once(&show.title).chain(&show.alternate_titles);
        let names: Vec<Vec<Title>> =
            series.iter().map(|show| titles(show).filter_map(|title| Title::of_show(title)).collect()).collect();
        let mut index: HashMap<String, Vec<(usize, Title)>> = HashMap::new();
        for (show, name) in
            names.iter().enumerate().flat_map(|(show, names)| names.iter().map(move |name| (show, name)))
        {
            let first = name.words().next().unwrap_or_default();
            index.entry(first.into()).or_default().push((show, name.clone()));
        }
        NamedShows { series, names, index }
    }

    /// The shows that the film may belong to, as places in the list of shows: those with a name that is in one of its titles, or
    /// that is the name of its collection.
    pub fn of(&self, film: &Film) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for title in film.titles().chain(&film.collection).map(|title| Title::new(title)) {
            for (at, word) in title.words().enumerate() {
                let names = self.index.get(word).into_iter().flatten();
                found.extend(names.filter(|(_, name)| title.has_at(at, name)).map(|(show, _)| show));
            }
        }
        found
    }

    /// What may be made rules of these films and of the specials of each show. Left out is what a rule names already, and a special that
    /// has a file. Those that are `dismissed` stand in nobody's way, and come after the others.
    pub fn suggest(
        &self,
        films: &[Film],
        specials: &[Vec<Special>],
        rules: &[Rule],
        dismissed: &HashSet<String>,
    ) -> Vec<Suggestion> {
        let ruled: Vec<Vec<&NewRule>> = (0..self.series.len())
            .map(|show| rules.iter().map(|rule| &rule.wish).filter(|wish| self.is_named_by(show, wish)).collect())
            .collect();
        let specials = zip(zip(specials, &ruled), &self.names);
        let free: Vec<Vec<Whole>> =
            specials.map(|((specials, wishes), names)| free(wholes(specials, names), wishes)).collect();
        let mut titled: HashMap<String, Vec<(usize, &Whole)>> = HashMap::new();
        for (show, whole) in
            free.iter().enumerate().flat_map(|(show, free)| free.iter().map(move |whole| (show, whole)))
        {
            titled.entry(whole.title.telling().unwrap_or_default()).or_default().push((show, whole));
        }
        let mut pairs: Vec<Pair> = Vec::new();
        for film in films {
            let is_new = |show: &usize| !ruled[*show].iter().any(|wish| wish.tmdb_id == film.tmdb_id);
            let shows = self.of(film);
            for &show in shows.iter().filter(|show| is_new(show)) {
                let titles = fit::rests(film.titles(), &self.names[show]);
                let fit = |whole| Fit::of(film, &titles, whole, self.series[show].runtime);
                let fitting = free[show].iter().filter_map(|whole| Some((whole, fit(whole)?)));
                pairs.extend(fitting.map(|(whole, fit)| Pair { show, film, whole, fit }));
            }
            // a special's whole title may be that of a film, or all that stands behind its colon or dash, and no name of a show in it
            let tails: HashSet<String> = film.titles().flat_map(|title| Title::new(title).tails()).collect();
            let namesakes = tails.iter().filter_map(|tail| titled.get(tail)).flatten();
            for &(show, whole) in namesakes.filter(|(show, _)| !shows.contains(show) && is_new(show)) {
                let fit = Fit::of_namesake(film, whole, self.series[show].runtime);
                pairs.extend(fit.map(|fit| Pair { show, film, whole, fit }));
            }
        }
        let (gone, left) = pairs.into_iter().partition(|pair| dismissed.contains(&self.id(pair)));
        let gone: Vec<Pair> = gone;
        let open = settle(left).into_iter().map(|pair| self.suggestion(pair));
        open.chain(gone.into_iter().map(|pair| Suggestion { dismissed: true, ..self.suggestion(pair) })).collect()
    }

    /// Whether the rule means this show.
    fn is_named_by(&self, show: usize, wish: &NewRule) -> bool {
        let series = &self.series[show];
        match (wish.series_id, wish.tvdb_id) {
            (_, Some(tvdb_id)) => tvdb_id == series.tvdb_id,
            (Some(id), None) => id == series.id,
            (None, None) => {
                wish.show_name == series.title
                    || Title::of_show(&wish.show_name).is_some_and(|name| self.names[show].contains(&name))
            }
        }
    }

    /// By what stays with the special when TVDB gives it another number, as far as that is told.
    fn id(&self, Pair { show, film, whole, .. }: &Pair) -> String {
        let (first, show) = (whole.first, self.series[*show].tvdb_id);
        let special = first.tvdb_id.map_or_else(|| format!("{show}x{}", first.number), |id| id.to_string());
        let parts = if whole.further > 0 { format!("-{}", whole.further + 1) } else { String::new() };
        format!("{}-{special}{parts}", film.tmdb_id)
    }

    fn suggestion(&self, pair: Pair) -> Suggestion {
        let (series, first) = (&self.series[pair.show], pair.whole.first);
        Suggestion {
            id: self.id(&pair),
            movie_title: plain(&pair.film.title),
            tmdb_id: pair.film.tmdb_id,
            show_name: plain(&series.title),
            tvdb_id: series.tvdb_id,
            season: SEASON.into(),
            episode: first.number,
            last_episode: Some(*pair.whole.numbers().end()).filter(|last| *last > first.number),
            episode_title: plain(&first.title),
            likely: pair.fit.likely,
            score: pair.fit.score,
            evidence: pair.fit.evidence,
            dismissed: false,
        }
    }
}

/// Those of which no special has a file or is named by one of these rules.
fn free<'b>(mut wholes: Vec<Whole<'b>>, ruled: &[&NewRule]) -> Vec<Whole<'b>> {
    let is_ruled = |number| ruled.iter().any(|wish| wish.season_number() == Some(0) && wish.has_number(number));
    let singles = wholes.iter().filter(|whole| whole.further == 0).map(|whole| whole.first);
    let taken = singles.filter(|special| special.has_file || is_ruled(special.number));
    let taken: HashSet<i32> = taken.map(|special| special.number).collect();
    wholes.retain(|whole| !whole.numbers().any(|number| taken.contains(&number)));
    wholes
}

/// Each film is one special, and each special one film: what fits worse goes, and of pairs that are equally good none is likely.
fn settle(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by_key(|pair| (Reverse(pair.fit.score), pair.show, pair.whole.first.number, pair.film.tmdb_id));
    let mut settled: Vec<Pair> = Vec::new();
    for pair in pairs {
        if settled.iter().all(|best| !pair.excludes(best) || pair.fit.score + CLOSE >= best.fit.score) {
            settled.push(pair);
        }
    }
    let rivals = |pair: &Pair| settled.iter().filter_map(|other| pair.rival(other)).collect();
    let rivals: Vec<Vec<String>> = settled.iter().map(rivals).collect();
    for (pair, rivals) in zip(&mut settled, rivals) {
        pair.fit.likely &= rivals.is_empty();
        pair.fit.evidence.extend(rivals);
    }
    settled
}

impl Pair<'_> {
    fn excludes(&self, other: &Pair) -> bool {
        self.film.tmdb_id == other.film.tmdb_id || self.show == other.show && self.whole.overlaps(other.whole)
    }

    /// What to say of the other one if it has the same film or special and fits as well.
    fn rival(&self, other: &Pair) -> Option<String> {
        let is_same = std::ptr::eq(self, other);
        if is_same || !self.excludes(other) || other.fit.score + CLOSE < self.fit.score {
            return None;
        }
        let Pair { film, whole: Whole { first: special, .. }, .. } = other;
        Some(if self.film.tmdb_id == film.tmdb_id {
            format!("S{SEASON}E{:02} {:?} fits as well", special.number, special.title)
        } else {
            format!("{:?} (tmdb {}) fits as well", film.title, film.tmdb_id)
        })
    }
}

/// As a rule may have it: without control characters.
fn plain(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).collect()
}
