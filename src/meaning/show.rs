//! The show that a rule means.

use super::Library;
use crate::{
    model::{Meaning, Reason, Rule, Series},
    name,
};

/// The show that is remembered, by TheTVDB's number, which stays with it whatever Sonarr does; else the one that the rule means by its
/// `tvdb_id`, its `series_id`, or its title, of the first Sonarr that has such a show. Never one that merely sounds alike; of two that fit
/// equally well, neither.
pub fn show<'a>(rule: &Rule, known: Option<&Meaning>, library: &'a Library) -> Result<&'a Series, Reason> {
    if let Some(known) = known.filter(|known| known.sonarr < library.sonarr.len()) {
        let same = |show: &&Series| match known.series_tvdb_id {
            0 => show.id == known.series_id,
            tvdb_id => show.tvdb_id == tvdb_id,
        };
        if let Some(show) = library.shows(known.sonarr)?.iter().find(same) {
            return Ok(show);
        }
    }
    let wish = &rule.wish;
    let numbered = wish.series_id.map(|id| by_id(id, library)).transpose()?.unwrap_or_default();
    let meant = match wish.tvdb_id {
        Some(tvdb_id) => by_tvdb_id(tvdb_id, library).and_then(|found| {
            found.ok_or_else(|| Reason::NoSeries { show_name: wish.show_name.clone(), tvdb_id: Some(tvdb_id) })
        }),
        None => by_name(&wish.show_name, library),
    };
    let fits = |show: &&&Series| match wish.tvdb_id {
        Some(tvdb_id) => show.tvdb_id == tvdb_id,
        None => titles(show).any(|title| name::fit(&wish.show_name, title, show.year).is_some()),
    };
    match (numbered.first(), numbered.iter().find(fits), meant) {
        // Sonarr's own number belongs to one Sonarr's database: it says which of the shows that fit, and nothing by itself
        (_, Some(show), _) => Ok(show),
        (Some(one), None, Ok(other)) => {
            Err(Reason::Contradiction { field: "series_id", id: one.id, one: described(one), other: described(other) })
        }
        (Some(show), None, Err(Reason::NoSeries { tvdb_id: None, .. })) => Ok(show),
        (_, None, meant) => meant,
    }
}

/// The shows that have this number in any Sonarr: all of them are asked before a number means anything.
fn by_id(id: i32, library: &Library) -> Result<Vec<&Series>, Reason> {
    let mut found = Vec::new();
    for sonarr in 0..library.sonarr.len() {
        found.extend(library.shows(sonarr)?.iter().find(|show| show.id == id));
    }
    Ok(found)
}

fn by_tvdb_id(tvdb_id: i32, library: &Library) -> Result<Option<&Series>, Reason> {
    for sonarr in 0..library.sonarr.len() {
        if let Some(show) = library.shows(sonarr)?.iter().find(|show| show.tvdb_id == tvdb_id) {
            return Ok(Some(show));
        }
    }
    Ok(None)
}

fn by_name<'a>(show_name: &str, library: &'a Library) -> Result<&'a Series, Reason> {
    // its own title goes before those that it has elsewhere, and each before one that only fits but for the year
    let rank = |show: &Series| {
        let fit = |title: &String| name::fit(show_name, title, show.year);
        let other = || show.alternate_titles.iter().filter_map(fit).min();
        fit(&show.title).map(|fit| (0, fit)).or_else(|| other().map(|fit| (1, fit)))
    };
    let mut ranked = Vec::new();
    for sonarr in 0..library.sonarr.len() {
        ranked.extend(library.shows(sonarr)?.iter().filter_map(|show| Some((rank(show)?, show))));
    }
    let best = ranked.iter().map(|(rank, _)| *rank).min();
    let mut fitting = ranked.iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, show)| *show);
    if let Some(show) = fitting.next() {
        // several Sonarrs may have the same one
        let is_other = |other: &&Series| other.sonarr == show.sonarr || other.tvdb_id != show.tvdb_id;
        return match fitting.find(is_other) {
            None => Ok(show),
            Some(other) => Err(Reason::Ambiguous { one: described(show), other: described(other) }),
        };
    }
    let searched = library.searched.get(show_name).and_then(|tvdb_id| by_tvdb_id(*tvdb_id, library).ok().flatten());
    searched.ok_or_else(|| Reason::NoSeries { show_name: show_name.into(), tvdb_id: None })
}

fn titles(show: &Series) -> impl Iterator<Item = &String> {
    std::iter::once(&show.title).chain(&show.alternate_titles)
}

fn described(show: &Series) -> String {
    let year = show.year.map_or(String::new(), |year| format!("{year}, "));
    format!("{:?} ({year}tvdb_id {})", show.title, show.tvdb_id)
}
