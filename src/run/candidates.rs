//! What may be made rules: asks the apps for films and specials, and changes nothing.

use std::{cmp::Reverse, collections::HashSet};

use super::fetch::Apps;
use crate::{
    config::Config,
    db::Db,
    error::Result,
    model::{Film, Suggestion},
    suggest::Shows,
};

/// What may be made rules, the likely ones first, and why apps could not be asked, a sentence each.
#[derive(Debug, Default)]
pub struct Suggested {
    pub suggestions: Vec<Suggestion>,
    pub problems: Vec<String>,
}

/// Films that look like specials. Of a library only the films are kept whose titles have a show's name in them, and only the shows
/// with such films are asked for their specials.
pub fn suggest(config: &Config) -> Result<Suggested> {
    let apps = Apps::new(config)?;
    let rules = Db::open(&config.database)?.rules()?.rules;
    let mut found = Suggested::default();

    // as for rules, the first Sonarr that has a show serves it
    let (mut series, mut known) = (Vec::new(), HashSet::new());
    for arr in &apps.sonarr {
        let (shows, _) = found.kept(arr.series());
        series.extend(shows.into_iter().filter(|show| known.insert(show.tvdb_id)));
    }
    let shows = Shows::new(&series);
    let (mut films, mut known) = (Vec::<Film>::new(), HashSet::new());
    for arr in &apps.radarr {
        let some = found.kept(arr.films(&|film| !shows.of(film).is_empty()));
        films.extend(some.into_iter().filter(|film| known.insert(film.tmdb_id)));
    }

    let mut films_of: Vec<Vec<&Film>> = vec![Vec::new(); series.len()];
    for film in &films {
        shows.of(film).into_iter().for_each(|show| films_of[show].push(film));
    }
    for (show, films) in films_of.iter().enumerate().filter(|(_, films)| !films.is_empty()) {
        let specials = found.kept(apps.sonarr[series[show].sonarr].specials(series[show].id));
        found.suggestions.extend(shows.suggest(show, films, &specials, &rules));
    }
    found.suggestions.sort_by_key(|suggestion| Reverse((suggestion.likely, suggestion.score)));
    Ok(found)
}

impl Suggested {
    /// An answer, or nothing and its problem.
    fn kept<T: Default>(&mut self, answer: Result<T>) -> T {
        answer.unwrap_or_else(|problem| {
            self.problems.push(problem.to_string());
            T::default()
        })
    }
}
