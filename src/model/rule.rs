//! A rule: this film is that special of that show.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    ops::RangeInclusive,
};

use serde::{Deserialize, Serialize};

use super::Field;
use crate::error::Mistake;

/// A wish of the user: this film is that show's special number N. The field names are those of the API and of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    pub movie_title: String,
    /// The film's number at themoviedb.org; the title is for people only.
    pub tmdb_id: i32,
    pub show_name: String,
    /// The special's number in its season; of several specials that are one film, the first one's.
    #[serde(default)]
    pub episode: Option<i32>,
    /// The last one's number, if the film is several specials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_episode: Option<i32>,
    /// 1 to 4 digits, used in folder and file name as typed; [`NewRule::DEFAULT_SEASON`] if absent.
    #[serde(default)]
    pub season: Option<String>,
    /// Sonarr's own number of the episode; goes before `episode`.
    #[serde(default)]
    pub episode_id: Option<i32>,
    /// Sonarr's own number of the show; goes before `tvdb_id`, which goes before `show_name`.
    #[serde(default)]
    pub series_id: Option<i32>,
    #[serde(default)]
    pub tvdb_id: Option<i32>,
}

/// A rule as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: i32,
    #[serde(flatten)]
    pub wish: NewRule,
}

/// A row of the rules' table that is no rule: the old program's columns are loosely typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRule {
    pub id: i64,
    /// What is wrong, one sentence.
    pub reason: String,
}

/// Everything in the rules' table, each list in the order of the numbers.
#[derive(Debug, Default)]
pub struct Rules {
    pub rules: Vec<Rule>,
    pub invalid: Vec<InvalidRule>,
}

impl Rules {
    /// The rule with this number.
    pub fn get(&self, rule: i32) -> Option<&Rule> {
        self.rules.binary_search_by_key(&rule, |known| known.id).ok().map(|place| &self.rules[place])
    }

    /// Whether there is a row with this number, be it a rule or not.
    pub fn has(&self, rule: i32) -> bool {
        self.get(rule).is_some() || self.invalid.binary_search_by_key(&rule.into(), |known| known.id).is_ok()
    }
}

impl NewRule {
    pub const DEFAULT_SEASON: &str = "00";
    const MAX_TITLE: usize = 500;
    const MAX_EPISODE: i32 = 9999;
    /// Between the first and the last special that are one film.
    const MOST_APART: i32 = 99;

    /// The season as it is written in names: digits only in a rule that [`NewRule::mistakes`] finds sound.
    pub fn season_text(&self) -> &str {
        match self.season.as_deref() {
            None | Some("") => Self::DEFAULT_SEASON,
            Some(season) => season,
        }
    }

    /// The season's number; `None` if the text is no season.
    pub fn season_number(&self) -> Option<i32> {
        let text = self.season_text();
        let sound = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| text.parse().ok()).flatten()
    }

    /// The special as people write it, for example `S00E03` or `S00E01-E04`.
    pub fn special(&self) -> String {
        match (self.episode, self.last_episode, self.episode_id) {
            (Some(first), Some(last), _) => format!("S{}E{first:02}-E{last:02}", self.season_text()),
            (Some(number), None, _) => format!("S{}E{number:02}", self.season_text()),
            (None, _, Some(id)) => format!("Sonarr's episode {id}"),
            (None, _, None) => String::new(),
        }
    }

    /// The special's number, or the first and the last one: `3` or `1-4`.
    pub fn numbers(&self) -> Option<String> {
        let first = self.episode?;
        Some(self.last_episode.map_or_else(|| first.to_string(), |last| format!("{first}-{last}")))
    }

    /// The numbers of the specials that the film is.
    fn span(&self) -> Option<RangeInclusive<i32>> {
        self.episode.map(|first| first..=self.last_episode.unwrap_or(first))
    }

    /// Whether the special with this number is one of those that the film is.
    pub fn has_number(&self, number: i32) -> bool {
        self.span().is_some_and(|numbers| numbers.contains(&number))
    }

    /// Everything that tells which special is meant.
    fn means(&self) -> (Option<i32>, Option<i32>, Option<i32>, Option<i32>) {
        let id = self.episode_id.filter(|_| self.episode.is_none());
        (self.season_number(), self.episode, self.last_episode, id)
    }

    /// Whether there can only be one of the two: one film is one special of one show once.
    pub fn is_for_the_same(&self, other: &NewRule) -> bool {
        let special = match (self.span(), other.span()) {
            (Some(one), Some(two)) => one.start() <= two.end() && two.start() <= one.end(),
            _ => self.episode_id.is_some() && self.episode_id == other.episode_id,
        };
        special && self.season_number() == other.season_number() && self.film_and_show() == other.film_and_show()
    }

    /// Whether nothing that tells the two apart is different.
    pub fn is_for_just_the_same(&self, other: &NewRule) -> bool {
        self.means() == other.means() && self.film_and_show() == other.film_and_show()
    }

    /// Whether the two mean the same: the film's title is for people alone.
    pub fn is_but_for_its_title(&self, other: &NewRule) -> bool {
        NewRule { movie_title: other.movie_title.clone(), ..self.clone() } == *other
    }

    fn film_and_show(&self) -> (&str, &str) {
        (&self.movie_title, &self.show_name)
    }

    /// This in the place of `was`, as a person has edited it. Sonarr's own numbers go before what else tells the show and the special:
    /// if that is changed and they were left as they were, they are gone.
    pub fn in_place_of(mut self, was: &NewRule) -> NewRule {
        let other_number = self.tvdb_id.is_some() && self.tvdb_id != was.tvdb_id;
        let other_show = other_number || self.show_name != was.show_name;
        let other_special = other_show || self.means() != was.means();
        if other_show && self.series_id == was.series_id {
            self.series_id = None;
        }
        if other_special && self.episode.is_some() && self.episode_id == was.episode_id {
            self.episode_id = None;
        }
        self
    }

    /// Everything that keeps this from being a rule; empty if it is one.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut add = |field: Field, what: String| mistakes.push(field.mistake(what));
        for (field, text) in [(Field::MovieTitle, &self.movie_title), (Field::ShowName, &self.show_name)] {
            if text.trim().is_empty() {
                add(field, "is empty: give a title".into());
            } else if text.len() > Self::MAX_TITLE {
                add(field, format!("is longer than {} bytes", Self::MAX_TITLE));
            } else if text.chars().any(char::is_control) {
                add(field, "has a control character".into());
            }
        }
        if self.tmdb_id < 1 {
            add(Field::TmdbId, format!("is {}: it must be a positive number, see the film's page", self.tmdb_id));
        }
        if self.season_number().is_none() {
            add(Field::Season, format!("is {:?}: it must be 1 to 4 digits", self.season_text()));
        }
        let mut numbers = self.episode.into_iter().chain(self.last_episode);
        if !numbers.all(|number| (0..=Self::MAX_EPISODE).contains(&number)) {
            add(Field::Episode, format!("must be between 0 and {}", Self::MAX_EPISODE));
        }
        match (self.episode, self.last_episode) {
            (None, Some(_)) => add(Field::Episode, "is missing: last_episode is no special without it".into()),
            (None, None) if self.episode_id.is_none() => {
                add(Field::Episode, "is missing: give the special's number".into());
            }
            (Some(first), Some(last)) if !(1..=Self::MOST_APART).contains(&last.saturating_sub(first)) => {
                let most = Self::MOST_APART;
                let what = format!("is {first}-{last}: the second number must be the greater one, by at most {most}");
                add(Field::Episode, what);
            }
            _ => {}
        }
        let ids =
            [(Field::EpisodeId, self.episode_id), (Field::SeriesId, self.series_id), (Field::TvdbId, self.tvdb_id)];
        for (field, _) in ids.into_iter().filter(|(_, id)| id.is_some_and(|id| id < 1)) {
            add(field, "must be a positive number or absent".into());
        }
        mistakes
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let NewRule { movie_title, show_name, .. } = &self.wish;
        write!(f, "rule {} ({movie_title} in {show_name})", self.id)
    }
}

/// Which of the rules that are there each rule of a list is: the one for its film, show and special, or the only one for its film and
/// show if it is the only such in the list, too.
pub fn matched(there: &[Rule], list: &[NewRule]) -> Vec<Option<i32>> {
    let mut films: HashMap<_, (Vec<&Rule>, Vec<usize>)> = HashMap::new();
    for rule in there {
        films.entry(rule.wish.film_and_show()).or_default().0.push(rule);
    }
    for (place, wish) in list.iter().enumerate() {
        films.entry(wish.film_and_show()).or_default().1.push(place);
    }
    let mut found = vec![None; list.len()];
    for (rules, places) in films.into_values() {
        if let ([rule], [place]) = (&rules[..], &places[..]) {
            found[*place] = Some(rule.id);
            continue;
        }
        let mut taken = HashSet::new();
        // one that is for just this special goes before one that only has a special in common
        let fits: [fn(&NewRule, &NewRule) -> bool; 2] = [NewRule::is_for_just_the_same, NewRule::is_for_the_same];
        for fits in fits {
            for place in &places {
                let free = |rule: &&&Rule| !taken.contains(&rule.id) && fits(&rule.wish, &list[*place]);
                if found[*place].is_none()
                    && let Some(rule) = rules.iter().find(free)
                {
                    taken.insert(rule.id);
                    found[*place] = Some(rule.id);
                }
            }
        }
    }
    found
}

/// What is wrong with each rule of a list, and with having them together. To say the same twice is nothing wrong.
pub fn mistakes_in_list(list: &[NewRule]) -> Vec<Mistake> {
    let mut films: HashMap<_, Vec<(usize, &NewRule)>> = HashMap::new();
    let mut mistakes = Vec::new();
    for (place, wish) in (1..).zip(list) {
        let mut said = wish.mistakes();
        let before = films.entry(wish.film_and_show()).or_default();
        let same = before.iter().find(|(_, other)| wish.is_for_the_same(other) && *other != wish);
        said.extend(same.map(|(other, _)| {
            Field::Episode.mistake(format_args!("is the same special of the same show as in rule {other}"))
        }));
        before.push((place, wish));
        let at = format!("rule {place} ({:?})", wish.movie_title);
        mistakes.extend(said.into_iter().map(|mistake| mistake.at(&at)));
    }
    mistakes
}

#[cfg(test)]
mod tests;
