//! Which show, which special and which film a rule means: what is remembered of it, as far as the apps still have it, else what it
//! says; pure.
//!
//! A rule names numbers and titles, and those belong to TheTVDB, TMDB and Sonarr, who change them. Once its link stands, what it was
//! found to mean is remembered, and followed.

mod film;
mod show;
mod special;

use std::collections::BTreeMap;

pub use film::{films, no_file};
pub use show::show;
pub use special::{Specials, specials};

use crate::model::{Episode, Instance, KnownSpecial, Meaning, Movie, NewRule, Reason, Rule, Series};

/// What the apps answered, an entry per configured instance. An `Err` is one sentence on why that one could not be read: then nothing
/// is known about what it has, and nobody after it in the list is asked for what it may have.
#[derive(Debug, Default)]
pub struct Library {
    pub radarr: Vec<Result<Vec<Movie>, String>>,
    pub sonarr: Vec<Result<Vec<Series>, String>>,
    /// By show and season.
    pub episodes: BTreeMap<(Instance, i32, i32), Result<Vec<Episode>, String>>,
    /// For show names that fit nothing: TheTVDB's number of the show that Sonarr's search means by it.
    pub searched: BTreeMap<String, i32>,
}

impl Library {
    /// Those of one Sonarr.
    fn shows(&self, sonarr: Instance) -> Result<&[Series], Reason> {
        self.sonarr[sonarr].as_deref().map_err(|text| Reason::AppFailed(text.clone()))
    }
}

/// What a rule means in this run.
#[derive(Debug)]
pub struct Means<'a> {
    pub series: &'a Series,
    pub season: i32,
    /// All that Sonarr has in that season.
    pub episodes: &'a [Episode],
    /// In the order of their numbers, at least one.
    pub specials: Vec<&'a Episode>,
    /// The film as each Radarr has it, those first that have a file for it.
    pub films: Vec<&'a Movie>,
}

/// A rule with what it means, or why that is not known.
pub type Meant<'a> = (&'a Rule, Result<Means<'a>, Reason>);

/// What a rule means, or why that is not known. `known` is what is remembered of it, which counts as long as nobody has edited it.
pub fn means<'a>(rule: &Rule, known: Option<&Meaning>, library: &'a Library) -> Result<Means<'a>, Reason> {
    let known = known.filter(|known| is_of(known, rule));
    let films = films(rule, known, library)?;
    let series = show(rule, known, library)?;
    let season = season(rule)?;
    let episodes = match library.episodes.get(&(series.sonarr, series.id, season)) {
        Some(Ok(episodes)) => episodes,
        Some(Err(text)) => return Err(Reason::AppFailed(text.clone())),
        None => return Err(Reason::AppFailed(format!("the specials of {:?} have not been fetched", series.title))),
    };
    let specials = specials(rule, known, series, season, episodes)?;
    Ok(Means { series, season, episodes, specials, films })
}

/// Whether that is what the rule meant as it is now; somebody may have edited it since.
pub fn is_of(known: &Meaning, rule: &Rule) -> bool {
    known.wish == fingerprint(&rule.wish)
}

/// The rule's season as a number.
pub fn season(rule: &Rule) -> Result<i32, Reason> {
    rule.wish.season_number().ok_or_else(|| Reason::Unusable("its season is not a number".into()))
}

/// What makes a rule mean something: all of it but the film's title, which is for people alone.
fn fingerprint(wish: &NewRule) -> String {
    let NewRule { tmdb_id, show_name, episode, last_episode, episode_id, series_id, tvdb_id, .. } = wish;
    let season = wish.season_number();
    format!("{tmdb_id} {season:?} {episode:?} {last_episode:?} {episode_id:?} {series_id:?} {tvdb_id:?} {show_name}")
}

impl Means<'_> {
    /// What is to be remembered of a rule whose link leads to this film.
    pub fn remembered(&self, rule: &Rule, film: &Movie) -> Meaning {
        let special = |special: &&Episode| KnownSpecial {
            tvdb_id: special.tvdb_id,
            number: special.number,
            title: special.title.clone(),
        };
        Meaning {
            rule: rule.id,
            wish: fingerprint(&self.followed(rule)),
            sonarr: self.series.sonarr,
            series_id: self.series.id,
            series_tvdb_id: self.series.tvdb_id,
            specials: self.specials.iter().map(special).collect(),
            radarr: film.radarr,
            movie_id: film.id,
            disk: None,
        }
    }

    /// The rule's wish with the numbers that its specials have now.
    pub fn followed(&self, rule: &Rule) -> NewRule {
        let mut wish = rule.wish.clone();
        let (first, last) = (self.specials.first(), self.specials.last());
        if let (Some(_), Some(first), Some(last)) = (wish.episode, first, last)
            && (wish.episode, wish.last_episode.or(wish.episode)) != (Some(first.number), Some(last.number))
        {
            wish.episode = Some(first.number);
            wish.last_episode = Some(last.number).filter(|last| *last != first.number);
            // Sonarr's own number stays with the special's number (*observed §3*)
            wish.episode_id = wish.episode_id.map(|_| first.id);
        }
        wish
    }
}

#[cfg(test)]
mod tests;
