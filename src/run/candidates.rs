//! What may be made rules: asks the apps for films and specials, and changes nothing.

use std::{cell::Cell, cmp::Reverse, collections::HashSet};

use super::{fetch::Apps, now};
use crate::{
    config::Config,
    db::Db,
    error::Result,
    model::{Catalog, CatalogMovie, CatalogShow, Film, Instance, Movie, Series, Special, Suggestion, Suggestions},
    suggest::NamedShows,
};

/// Films that look like specials, the likely ones first, dismissed ones among them. Only the shows whose name is in a film's title are asked for their specials,
/// and of other films, nearly all of a library, one title is kept.
pub fn suggest(config: &Config) -> Result<Suggestions> {
    let (apps, asked_at) = (Apps::new(config, || ())?, now());
    let mut db = Db::open(&config.database)?;
    let (rules, dismissed) = (db.rules()?.rules, db.dismissed()?);
    let mut problems = Vec::new();

    let mut series = series(&apps, &mut problems);
    // as for rules, the first Sonarr that has a show serves it
    let mut known = HashSet::new();
    series.retain(|show| known.insert(show.tvdb_id));
    let shows = NamedShows::new(&series);
    let (mut films, mut known) = (Vec::<Film>::new(), HashSet::new());
    let is_named = vec![Cell::new(false); series.len()];
    for arr in &apps.radarr {
        let some = kept(
            arr.films(|mut film| {
                let named = shows.of(&film);
                if named.is_empty() {
                    film.other_titles = Vec::new();
                }
                named.into_iter().for_each(|show| is_named[show].set(true));
                film
            }),
            &mut problems,
        );
        films.extend(some.into_iter().filter(|film| known.insert(film.tmdb_id)));
    }

    let specials: Vec<_> =
        series
            .iter()
            .zip(is_named)
            .map(|(show, named)| {
                if named.get() {
                    kept(apps.sonarr[show.sonarr].specials(show.id, 0), &mut problems)
                } else {
                    Vec::new()
                }
            })
            .collect();
    let mut list = shows.suggest(&films, &specials, &rules, &dismissed);
    list.sort_by_key(|suggestion| Reverse((suggestion.likely, suggestion.score)));
    Ok(Suggestions { asked_at, fetched_at: asked_at, list, problems })
}

/// The films and shows that the apps have now. An app that cannot be asked has nothing.
pub fn catalog(config: &Config) -> Result<Catalog> {
    let (apps, asked_at) = (Apps::new(config, || ())?, now());
    let mut problems = Vec::new();
    let mut movies = Vec::new();
    for arr in &apps.radarr {
        let (some, _) = kept(arr.movies(|_| true), &mut problems);
        movies.extend(some.into_iter().map(|Movie { radarr, tmdb_id, title, year, file, file_untold, .. }| {
            CatalogMovie { radarr, tmdb_id, title, year, has_file: file.is_some() || file_untold }
        }));
    }
    let shown = |Series { sonarr, id, tvdb_id, title, slug, .. }| CatalogShow { sonarr, id, tvdb_id, title, slug };
    let shows = series(&apps, &mut problems).into_iter().map(shown).collect();
    Ok(Catalog { asked_at, fetched_at: asked_at, movies, shows, problems })
}

/// One season of a show, as that Sonarr has it.
pub fn specials(config: &Config, sonarr: Instance, series_id: i32, season: i32) -> Result<Vec<Special>> {
    let apps = Apps::new(config, || ())?;
    let mut specials = apps.sonarr.get(sonarr).map_or(Ok(Vec::new()), |arr| arr.specials(series_id, season))?;
    specials.sort_by_key(|special| special.number);
    Ok(specials)
}

/// Which of the specials the film with this TMDB number looks like most, as far as neither a rule nor a dismissal speaks against it.
pub fn best(config: &Config, show: (Instance, i32), specials: &[Special], film: i32) -> Result<Option<Suggestion>> {
    let apps = Apps::new(config, || ())?;
    let Some((series, _)) = apps.sonarr.get(show.0).map_or(Ok(None), |arr| arr.show(show.1))? else { return Ok(None) };
    let mut films = Vec::new();
    for radarr in &apps.radarr {
        if films.is_empty() {
            films.extend(radarr.film(film)?);
        }
    }
    let mut db = Db::open(&config.database)?;
    let (rules, dismissed) = (db.rules()?.rules, db.dismissed()?);
    let found = NamedShows::new(&[series]).suggest(&films, &[specials.to_vec()], &rules, &dismissed);
    Ok(found.into_iter().find(|suggestion| !suggestion.dismissed))
}

/// All shows of all Sonarrs.
fn series(apps: &Apps, problems: &mut Vec<String>) -> Vec<Series> {
    apps.sonarr.iter().flat_map(|arr| kept(arr.series(), problems).0).collect()
}

/// An answer, or nothing and its problem.
fn kept<T: Default>(answer: Result<T>, problems: &mut Vec<String>) -> T {
    answer.unwrap_or_else(|problem| {
        problems.push(problem.to_string());
        T::default()
    })
}
