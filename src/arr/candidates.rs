//! The shapes of what suggestions need of films and specials: more than a run does, and asked for seldom.

use serde::Deserialize;

use super::wire::Title;
use crate::model::{Date, Film, Special};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a film")]
pub(super) struct WholeFilm {
    tmdb_id: Option<i32>,
    title: Option<String>,
    original_title: Option<String>,
    alternate_titles: Option<Vec<Title>>,
    collection: Option<Title>,
    runtime: Option<i32>,
    year: Option<i32>,
    in_cinemas: Option<String>,
    digital_release: Option<String>,
    physical_release: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected an episode")]
pub(super) struct WholeEpisode {
    tvdb_id: Option<i32>,
    episode_number: Option<i32>,
    title: Option<String>,
    air_date: Option<String>,
    runtime: Option<i32>,
    has_file: Option<bool>,
    episode_file_id: Option<i32>,
}

impl WholeFilm {
    /// `None` for what no rule can name.
    pub fn into_film(self) -> Option<Film> {
        let title = self.title.filter(|title| !title.is_empty())?;
        let others = self.alternate_titles.into_iter().flatten().filter_map(|alternate| alternate.title);
        let others = self.original_title.into_iter().chain(others);
        let released = [self.digital_release, self.physical_release];
        Some(Film {
            tmdb_id: self.tmdb_id.filter(|id| *id > 0)?,
            other_titles: others.filter(|other| !other.is_empty() && *other != title).collect(),
            title,
            collection: self.collection.and_then(|collection| collection.title),
            runtime: self.runtime.filter(|minutes| *minutes > 0),
            year: self.year.filter(|year| *year > 0),
            in_cinemas: date(self.in_cinemas),
            released: released.into_iter().filter_map(date).collect(),
        })
    }
}

impl WholeEpisode {
    pub fn into_special(self) -> Option<Special> {
        Some(Special {
            tvdb_id: self.tvdb_id.filter(|id| *id > 0),
            number: self.episode_number?,
            title: self.title.unwrap_or_default(),
            aired: date(self.air_date),
            runtime: self.runtime.filter(|minutes| *minutes > 0),
            has_file: self.has_file == Some(true) || self.episode_file_id.is_some_and(|id| id > 0),
        })
    }
}

/// A time that is none, the first of January of the year 1, is what .NET has for nothing (*facts A.1*).
fn date(text: Option<String>) -> Option<Date> {
    Date::parse(&text?).filter(|date| date.year() > 1)
}
