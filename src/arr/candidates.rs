//! What suggestions need of films and specials: more than a run does, and asked for seldom.

use serde::Deserialize;

use super::{Arr, http::Request, items, wire::Title};
use crate::{
    error::Result,
    model::{Date, Film, Special},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a film")]
struct WholeFilm {
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
struct WholeEpisode {
    episode_number: Option<i32>,
    title: Option<String>,
    air_date: Option<String>,
    runtime: Option<i32>,
    has_file: Option<bool>,
    episode_file_id: Option<i32>,
}

impl Arr {
    /// The films that are `wanted`, of all that Radarr has, with all their titles and dates. The rest is forgotten as it arrives.
    pub fn films(&self, wanted: &dyn Fn(&Film) -> bool) -> Result<Vec<Film>> {
        let request = Request::list("for its films", "/movie?excludeLocalCovers=true".into());
        self.http.ask(&request, |body| {
            let mut films = Vec::new();
            items::each(body, |film: WholeFilm| films.extend(film.into_film().filter(wanted)))?;
            Ok(films)
        })
    }

    /// Season 0 of a show. Empty if Sonarr knows no such show.
    pub fn specials(&self, series_id: i32) -> Result<Vec<Special>> {
        let path = format!("/episode?seriesId={series_id}&seasonNumber=0");
        self.http.ask(&Request::small(format!("for the specials of show {series_id}"), path), |body| {
            let mut specials = Vec::new();
            items::each(body, |episode: WholeEpisode| specials.extend(episode.into_special()))?;
            Ok(specials)
        })
    }
}

impl WholeFilm {
    /// `None` for what no rule can name.
    fn into_film(self) -> Option<Film> {
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
    fn into_special(self) -> Option<Special> {
        Some(Special {
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
