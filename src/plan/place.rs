//! Which film, which show, which special a rule means, and where its link therefore belongs.

use std::collections::{BTreeMap, HashSet};

use super::{Reason, Skip};
use crate::{
    model::{Concerns, Episode, Instance, Link, MediaPath, Movie, Paths, Roots, Rule, Series},
    name,
};

/// What the apps answered, an entry per configured instance. An `Err` is one sentence on why that one could not be read: then nothing
/// is known about what it has, and nobody after it in the list is asked for what it may have.
#[derive(Debug, Default)]
pub struct Library {
    pub radarr: Vec<Result<Vec<Movie>, String>>,
    pub sonarr: Vec<Result<Vec<Series>, String>>,
    /// By show and season.
    pub episodes: BTreeMap<(Instance, i32, i32), Result<Vec<Episode>, String>>,
    /// For show names that fit nothing: the one show of the library that Sonarr's search means by it, if it means one.
    pub searched: BTreeMap<String, Option<(Instance, i32)>>,
}

/// Where the apps' folders are here, and what specials folders are called.
#[derive(Debug)]
pub struct Layout {
    pub roots: Roots,
    pub radarr: Vec<Paths>,
    pub sonarr: Vec<Paths>,
    pub specials: Specials,
}

#[derive(Debug)]
pub enum Specials {
    /// Our own format, the rule's season as typed.
    Named(String),
    /// Sonarr's `specialsFolderFormat`, by instance.
    Sonarr(Vec<Result<String, String>>),
}

/// A rule's film and special, and the link that would join them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub rule: i32,
    pub concerns: Concerns,
    pub episode_id: i32,
    /// The show's folder; never made by us.
    pub series_folder: MediaPath,
    /// The film's file.
    pub source: MediaPath,
    /// Where the names put the link.
    pub wanted: MediaPath,
    /// Where the link is or shall be: `wanted`, or the name that Sonarr gave to the link that we made there.
    pub link: MediaPath,
    /// Sonarr's own file for the special when it is not `link`.
    pub own_file: Option<MediaPath>,
    /// The season and number in the name.
    pub special: (i32, i32),
}

/// Every rule is in one of the two.
#[derive(Debug, Default)]
pub struct Placed {
    pub placements: Vec<Placement>,
    pub skips: Vec<Skip>,
    /// The rules whose films have no file in Radarr, whatever else keeps them from being met.
    pub fileless: HashSet<i32>,
}

/// Where each rule's link belongs. `links` is our record: a link that Sonarr renamed stays where it is.
pub fn place(rules: &[Rule], library: &Library, layout: &Layout, links: &[Link]) -> Placed {
    let mut placed = Placed::default();
    let mut specials = BTreeMap::new();
    let mut names = HashSet::new();
    for rule in rules {
        if movie(rule, library).is_ok_and(|movie| movie.file.is_none() && !movie.file_untold) {
            placed.fileless.insert(rule.id);
        }
        match place_one(rule, library, layout, links) {
            Ok(placement) => {
                let Concerns { sonarr, series_id, .. } = placement.concerns;
                let special = (sonarr, series_id, placement.episode_id);
                let by = *specials.entry(special).or_insert(rule.id);
                if by != rule.id {
                    placed.skips.push(Skip { rule: rule.id.into(), reason: Reason::Contested { by } });
                } else if !names.insert(placement.link.clone()) {
                    let reason = Reason::Unusable(format!("another rule's link has the same name, {}", placement.link));
                    placed.skips.push(Skip { rule: rule.id.into(), reason });
                } else {
                    placed.placements.push(placement);
                }
            }
            Err(reason) => placed.skips.push(Skip { rule: rule.id.into(), reason }),
        }
    }
    placed
}

fn place_one(rule: &Rule, library: &Library, layout: &Layout, links: &[Link]) -> Result<Placement, Reason> {
    let movie = movie(rule, library)?;
    let series = series(rule, library)?;
    let season = rule.wish.season_number().ok_or_else(|| Reason::Unusable("its season is not a number".into()))?;
    let episode = episode(rule, library, series, season)?;
    let file = movie.file.as_ref().ok_or_else(|| match movie.file_untold {
        true => Reason::AppFailed(format!("Radarr has a file for {:?} but does not say which", movie.title)),
        false => Reason::NoFile { movie: movie.title.clone() },
    })?;

    let series_paths = &layout.sonarr[series.sonarr];
    let series_folder = name::local(series_paths, &layout.roots, &series.path).map_err(Reason::Unusable)?;
    let source = name::local(&layout.radarr[movie.radarr], &layout.roots, &file.path).map_err(Reason::Unusable)?;
    let own_file = episode.file.as_deref().map(|file| name::local(series_paths, &layout.roots, file)).transpose();
    let own_file = own_file.map_err(Reason::Unusable)?;

    let file_name = name::file_name(&name::Name {
        series: &series.title,
        season: rule.wish.season_text(),
        number: episode.number,
        anime: series.anime,
        title: &episode.title,
        quality: &file.quality,
        file: &file.path,
    });
    let folder = specials_folder(rule, series, &series_folder, season, layout)?;
    let wanted =
        folder.join(&file_name).map_err(|problem| Reason::Unusable(format!("{file_name:?} is no name: {problem}")))?;
    let link = links
        .iter()
        .filter(|link| link.rule == rule.id && link.named == wanted.to_string())
        .find_map(|link| layout.roots.locate(link.path.as_ref()).ok())
        .unwrap_or_else(|| wanted.clone());
    Ok(Placement {
        rule: rule.id,
        concerns: Concerns { sonarr: series.sonarr, series_id: series.id, radarr: movie.radarr, movie_id: movie.id },
        episode_id: episode.id,
        series_folder,
        source,
        own_file: own_file.filter(|own| *own != link),
        wanted,
        link,
        special: (season, episode.number),
    })
}

/// The first Radarr's that has the film. One that could not be read may have it.
pub fn movie<'a>(rule: &Rule, library: &'a Library) -> Result<&'a Movie, Reason> {
    for movies in &library.radarr {
        let movies = movies.as_ref().map_err(|text| Reason::AppFailed(text.clone()))?;
        if let Some(movie) = movies.iter().find(|movie| movie.tmdb_id == rule.wish.tmdb_id) {
            return Ok(movie);
        }
    }
    Err(Reason::NoMovie { tmdb_id: rule.wish.tmdb_id })
}

/// The show in whose folder a place is.
pub fn series_at(library: &Library, layout: &Layout, at: &MediaPath) -> Option<(Instance, i32)> {
    let at = at.absolute();
    let shows = library.sonarr.iter().flatten().flatten();
    let holds = |show: &&Series| {
        let folder = name::local(&layout.sonarr[show.sonarr], &layout.roots, &show.path);
        folder.is_ok_and(|folder| at.starts_with(folder.absolute()))
    };
    shows.filter(holds).max_by_key(|show| show.path.len()).map(|show| (show.sonarr, show.id))
}

/// The show that the rule means: by Sonarr's number, else TVDB's, else the title, of the first Sonarr that has such a show.
/// Never one that merely sounds alike; of two that fit equally well, neither.
pub fn series<'a>(rule: &Rule, library: &'a Library) -> Result<&'a Series, Reason> {
    let wish = &rule.wish;
    let key = name::key(&wish.show_name);
    let alike = |title: &String| *title == wish.show_name || (!key.is_empty() && name::key(title) == key);
    let fits: [&dyn Fn(&Series) -> bool; 5] = [
        &|series| wish.series_id == Some(series.id),
        &|series| wish.tvdb_id == Some(series.tvdb_id),
        &|series| series.title == wish.show_name,
        &|series| alike(&series.title),
        &|series| series.alternate_titles.iter().any(alike),
    ];
    for shows in &library.sonarr {
        let shows = shows.as_ref().map_err(|text| Reason::AppFailed(text.clone()))?;
        // whatever else fits, a show that TVDB knows by another number is another show
        let possible = || shows.iter().filter(|show| wish.tvdb_id.is_none_or(|tvdb_id| show.tvdb_id == tvdb_id));
        for fit in fits {
            let mut fitting = possible().filter(|show| fit(show));
            match (fitting.next(), fitting.next()) {
                (None, _) => continue,
                (Some(show), None) => return Ok(show),
                (Some(one), Some(other)) => {
                    return Err(Reason::Ambiguous { one: described(one), other: described(other) });
                }
            }
        }
    }
    let found = library.searched.get(&wish.show_name).filter(|_| wish.tvdb_id.is_none());
    let found = found.and_then(Option::as_ref);
    found
        .and_then(|(sonarr, id)| library.sonarr.get(*sonarr)?.as_ref().ok()?.iter().find(|show| show.id == *id))
        .ok_or_else(|| Reason::NoSeries { show_name: wish.show_name.clone(), tvdb_id: wish.tvdb_id })
}

fn described(series: &Series) -> String {
    format!("{:?} (tvdb_id {})", series.title, series.tvdb_id)
}

fn episode<'a>(rule: &Rule, library: &'a Library, series: &Series, season: i32) -> Result<&'a Episode, Reason> {
    let key = (series.sonarr, series.id, season);
    let episodes = match library.episodes.get(&key) {
        Some(Ok(episodes)) => episodes,
        Some(Err(text)) => return Err(Reason::AppFailed(text.clone())),
        None => return Err(Reason::AppFailed(format!("the specials of {:?} have not been fetched", series.title))),
    };
    let by_id = episodes.iter().find(|episode| rule.wish.episode_id == Some(episode.id));
    by_id.or_else(|| episodes.iter().find(|episode| rule.wish.episode == Some(episode.number))).ok_or_else(|| {
        Reason::NoEpisode { series: series.title.clone(), season, number: rule.wish.episode, known: episodes.len() }
    })
}

fn specials_folder(
    rule: &Rule,
    series: &Series,
    series_folder: &MediaPath,
    season: i32,
    layout: &Layout,
) -> Result<MediaPath, Reason> {
    let name = match &layout.specials {
        Specials::Named(format) => name::folder(format, &series.title, rule.wish.season_text()),
        Specials::Sonarr(_) if !series.season_folder => return Ok(series_folder.clone()),
        // only season 0 has a format of its own (*facts C.1*)
        Specials::Sonarr(_) if season != 0 => name::folder("Season {season}", &series.title, &season.to_string()),
        Specials::Sonarr(formats) => match &formats[series.sonarr] {
            Ok(format) => name::folder(format, &series.title, &season.to_string()),
            Err(text) => return Err(Reason::AppFailed(text.clone())),
        },
    };
    let name = name.map_err(Reason::Unusable)?;
    series_folder.join(&name).map_err(|problem| Reason::Unusable(format!("{name:?} is no folder's name: {problem}")))
}

#[cfg(test)]
mod tests;
