//! Fetching what the apps have, as far as the rules need it.

use std::{collections::HashSet, path::PathBuf};

use crate::{
    arr::{Connection, Patience, Radarr, Sonarr},
    config::{App, Config},
    error::{Error, Result},
    model::{AppState, Instance, Link, Roots, Rule, SpecialsFolder},
    name,
    plan::{self, Library, Reason},
};

/// The configured apps, in the order of their numbers.
pub struct Apps {
    pub radarr: Vec<Radarr>,
    pub sonarr: Vec<Sonarr>,
}

/// What they answered.
pub struct Fetched {
    pub library: Library,
    /// The local folders in which they keep films and shows.
    pub folders: Vec<PathBuf>,
    /// Sonarr's name for specials folders, by instance; empty if it is not needed.
    pub specials: Vec<std::result::Result<String, String>>,
}

impl Apps {
    /// `beat` is called before each try of a request.
    pub fn new(config: &Config, beat: fn()) -> Result<Apps> {
        let patience = || Patience { beat, ..Patience::default() };
        let open = |apps: &[App], variable: &str| -> Result<Vec<Connection>> {
            if apps.is_empty() {
                return Err(Error::Config(format!("{variable} is not set: say where the app answers")));
            }
            let ca_file = config.ca_file.as_deref();
            apps.iter().map(|app| Connection::new(app, ca_file, patience())).collect()
        };
        let numbered = |apps: Vec<Connection>| apps.into_iter().zip(0..);
        Ok(Apps {
            radarr: numbered(open(&config.radarr, "RADARR_0_URL")?).map(|(app, n)| Radarr::new(app, n)).collect(),
            sonarr: numbered(open(&config.sonarr, "SONARR_0_URL")?).map(|(app, n)| Sonarr::new(app, n)).collect(),
        })
    }

    /// Cuts what is under way, and everything further fails at once.
    pub fn shutdown(&self) {
        self.all().for_each(Connection::shutdown);
    }

    fn all(&self) -> impl Iterator<Item = &Connection> {
        self.radarr.iter().map(|radarr| &**radarr).chain(self.sonarr.iter().map(|sonarr| &**sonarr))
    }

    /// An app that cannot be read is an `Err` in the library and costs no other app.
    pub fn fetch(&self, config: &Config, rules: &[Rule], links: &[Link], roots: &Roots, force: bool) -> Fetched {
        let mut library = Library::default();
        let mut folders = Vec::new();
        let mut keep = |app: &App, told: Vec<String>| {
            folders.extend(told.iter().map(|folder| name::mapped(&app.paths, roots, folder)));
        };
        let wanted: HashSet<i32> = rules.iter().map(|rule| rule.wish.tmdb_id).collect();
        for (instance, (arr, app)) in self.radarr.iter().zip(&config.radarr).enumerate() {
            let known = links.iter().any(|link| link.concerns.radarr == instance && link.concerns.movie_id > 0);
            library.radarr.push(match arr.movies(&|tmdb_id| wanted.contains(&tmdb_id)) {
                Ok((_, told)) if told.count == 0 && known && !force => Err(empty(arr, "films")),
                Ok((movies, told)) => {
                    keep(app, told.roots);
                    Ok(movies)
                }
                Err(problem) => Err(problem.to_string()),
            });
        }
        for (instance, (arr, app)) in self.sonarr.iter().zip(&config.sonarr).enumerate() {
            let known = links.iter().any(|link| link.concerns.sonarr == instance && link.concerns.series_id > 0);
            library.sonarr.push(match arr.series() {
                Ok((_, told)) if told.count == 0 && known && !force => Err(empty(arr, "shows")),
                Ok((shows, told)) => {
                    keep(app, told.roots);
                    Ok(shows)
                }
                Err(problem) => Err(problem.to_string()),
            });
        }
        self.fetch_episodes(rules, &mut library);
        let specials = match config.specials_folder {
            SpecialsFolder::Named(_) => Vec::new(),
            SpecialsFolder::Sonarr => self
                .sonarr
                .iter()
                .map(|sonarr| {
                    sonarr.naming().map(|naming| naming.specials_folder).map_err(|problem| problem.to_string())
                })
                .collect(),
        };
        Fetched { library, folders, specials }
    }

    /// What became of asking them for what they have.
    pub fn states(&self, library: &Library) -> Vec<AppState> {
        let films = library.radarr.iter().map(|movies| movies.as_ref().err());
        let shows = library.sonarr.iter().map(|series| series.as_ref().err());
        let state = |(app, problem): (&Connection, Option<&String>)| AppState {
            name: app.name().into(),
            version: app.version(),
            problem: problem.cloned(),
        };
        self.all().zip(films.chain(shows)).map(state).collect()
    }

    /// The specials of each show that a rule with a film names, once.
    fn fetch_episodes(&self, rules: &[Rule], library: &mut Library) {
        for rule in rules {
            if plan::movie(rule, library).is_err() {
                continue;
            }
            let name = &rule.wish.show_name;
            if matches!(plan::series(rule, library), Err(Reason::NoSeries { tvdb_id: None, .. }))
                && !library.searched.contains_key(name)
            {
                library.searched.insert(name.clone(), self.search(name));
            }
            let (Ok(series), Some(season)) = (plan::series(rule, library), rule.wish.season_number()) else { continue };
            let (sonarr, id) = (series.sonarr, series.id);
            library
                .episodes
                .entry((sonarr, id, season))
                .or_insert_with(|| self.sonarr[sonarr].episodes(id, season).map_err(|problem| problem.to_string()));
        }
    }

    /// Asks Sonarr's search for a name that fits no show. Its ranking is not trusted: only a search with one hit in all tells which
    /// show is meant, so that none is taken that merely sounds alike. The search needs the internet; that it fails is no failure of ours.
    fn search(&self, show_name: &str) -> Option<(Instance, i32)> {
        self.sonarr.iter().enumerate().find_map(|(instance, arr)| match arr.lookup(show_name) {
            Ok(lookup) if lookup.hits == 1 => lookup.owned.first().map(|id| (instance, *id)),
            Ok(_) => None,
            Err(problem) => {
                log::debug!("cannot search for {show_name:?}: {problem}");
                None
            }
        })
    }
}

/// Why an empty list is not believed.
fn empty(app: &Connection, what: &str) -> String {
    format!(
        "{} says that it has no {what} at all, but there are links: nothing is removed because of that; if it is true, run \
         \"plex-linker once --force\"",
        app.name()
    )
}
