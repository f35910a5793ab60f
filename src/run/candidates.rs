//! What may be made rules: asks the apps for films and specials, and changes nothing.

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use super::{Stop, fetch::Apps, now};
use crate::{
    config::Config,
    db::Db,
    error::Result,
    model::{Catalog, CatalogMovie, CatalogShow, Episode, Film, Instance, Movie, Series, Suggestion},
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
    let apps = Apps::new(config, || ())?;
    let mut found = Suggested::default();
    let series = found.series(&apps);
    found.suggest(&apps, config, series)?;
    Ok(found)
}

/// What the apps have now, as far as it helps to make rules. An app that cannot be asked has nothing.
pub fn catalog(config: &Config, stop: &Stop) -> Result<Catalog> {
    let apps = Arc::new(Apps::new(config, stop.beat)?);
    stop.reaches(&apps)?;
    let mut found = Suggested::default();
    let mut catalog = Catalog { fetched_at: now(), ..Catalog::default() };
    for arr in &apps.radarr {
        let (movies, _) = found.kept(arr.movies(&|_| true, &|_| true));
        catalog.movies.extend(movies.into_iter().map(|Movie { tmdb_id, title, year, file, file_untold, .. }| {
            CatalogMovie { tmdb_id, title, year, has_file: file.is_some() || file_untold }
        }));
    }
    let series = found.series(&apps);
    let shown = |Series { sonarr, id, tvdb_id, title, .. }: &Series| CatalogShow {
        sonarr: *sonarr,
        id: *id,
        tvdb_id: *tvdb_id,
        title: title.clone(),
    };
    catalog.shows = series.iter().map(shown).collect();
    found.suggest(&apps, config, series)?;
    catalog.suggestions = found.suggestions;
    Ok(catalog)
}

/// The episodes of one season of a show, as that Sonarr has them.
pub fn episodes(config: &Config, stop: &Stop, sonarr: Instance, series_id: i32, season: i32) -> Result<Vec<Episode>> {
    let apps = Arc::new(Apps::new(config, stop.beat)?);
    stop.reaches(&apps)?;
    apps.sonarr.get(sonarr).map_or(Ok(Vec::new()), |arr| arr.episodes(series_id, season))
}

impl Suggested {
    /// All shows of all Sonarrs.
    fn series(&mut self, apps: &Apps) -> Vec<Series> {
        apps.sonarr.iter().flat_map(|arr| self.kept(arr.series()).0).collect()
    }

    fn suggest(&mut self, apps: &Apps, config: &Config, mut series: Vec<Series>) -> Result<()> {
        let rules = Db::open(&config.database)?.rules()?.rules;

        // as for rules, the first Sonarr that has a show serves it
        let mut known = HashSet::new();
        series.retain(|show| known.insert(show.tvdb_id));
        let shows = Shows::new(&series);
        let (mut films, mut known) = (Vec::<Film>::new(), HashSet::new());
        for arr in &apps.radarr {
            let some = self.kept(arr.films(&|film| !shows.of(film).is_empty()));
            films.extend(some.into_iter().filter(|film| known.insert(film.tmdb_id)));
        }

        let mut films_of: Vec<Vec<&Film>> = vec![Vec::new(); series.len()];
        for film in &films {
            shows.of(film).into_iter().for_each(|show| films_of[show].push(film));
        }
        for (show, films) in films_of.iter().enumerate().filter(|(_, films)| !films.is_empty()) {
            let specials = self.kept(apps.sonarr[series[show].sonarr].specials(series[show].id));
            self.suggestions.extend(shows.suggest(show, films, &specials, &rules));
        }
        self.suggestions.sort_by_key(|suggestion| Reverse((suggestion.likely, suggestion.score)));
        Ok(())
    }

    /// An answer, or nothing and its problem.
    fn kept<T: Default>(&mut self, answer: Result<T>) -> T {
        answer.unwrap_or_else(|problem| {
            self.problems.push(problem.to_string());
            T::default()
        })
    }
}
