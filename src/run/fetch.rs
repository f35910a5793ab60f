//! Fetching what the apps have, as far as the rules need it.

mod answered;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
    thread,
};

use super::{Known, now};
use crate::{
    arr::{Connection, Patience, Radarr, Sonarr},
    config::{App, Config, Kind, RADARR},
    disk,
    error::{Error, Result},
    meaning::{self, Library},
    model::{AppState, Instance, Movie, Naming, Reason, Roots, Rule, Search, Series},
    name,
};
use answered::Answered;

/// The configured apps, in the order of their numbers.
pub struct Apps {
    pub radarr: Vec<Radarr>,
    pub sonarr: Vec<Sonarr>,
}

/// What a run asks for, and what it knows.
pub struct Ask<'a> {
    pub config: &'a Config,
    pub rules: &'a [Rule],
    pub roots: &'a Roots,
    /// An empty library is believed.
    pub force: bool,
    /// The lists are asked for, whatever they cost.
    pub wholly: bool,
}

/// What they answered.
#[derive(Default)]
pub struct Fetched {
    pub library: Library,
    /// What their searches said in this run.
    pub searches: Vec<Search>,
    films: Vec<Answered<Movie>>,
    shows: Vec<Answered<Series>>,
}

/// One in which an app keeps films or shows.
pub struct LibraryFolder {
    pub local: PathBuf,
    /// As the app calls it.
    told: String,
    app: Kind,
    /// That has the app's path maps.
    variable: String,
}

impl LibraryFolder {
    pub fn has_films(&self) -> bool {
        self.app == RADARR
    }

    /// Why a rule is not met because of it, where a path map may be to blame.
    pub fn missing(&self) -> Option<Reason> {
        let LibraryFolder { told, app, variable, .. } = self;
        let path = self.local.display().to_string();
        let is_away = path != *told && !disk::is_there(&self.local);
        let root = format!("{}'s folder {told}", app.name);
        is_away.then_some(Reason::RootMissing { root, path, variable: variable.clone() })
    }
}

/// How long an answer of Sonarr's search is good for, in seconds.
const SEARCH_AGAIN: i64 = 86_400;
/// A number of shows that no Sonarr has.
const UNKNOWN: i32 = -1;

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

    /// Asks for what the rules need, all apps at the same time. An app that cannot be read is an `Err` in the library and costs no other
    /// app.
    pub fn fetch(&self, ask: &Ask, known: &Known) -> Fetched {
        let (films, shows) = thread::scope(|scope| {
            let shows = || beside(&self.sonarr, |sonarr| self.shows(ask, known, sonarr));
            let beside_films = thread::Builder::new().spawn_scoped(scope, shows);
            let films = beside(&self.radarr, |radarr| self.films(ask, known, radarr));
            (films, beside_films.map_or_else(|_| shows(), joined))
        });
        let mut fetched = Fetched { films, shows, ..Fetched::default() };
        let (films, shows) = (fetched.lacks_films(ask), fetched.lacks_shows(ask, known));
        self.complete(ask, known, &mut fetched, films, shows);
        fetched
    }

    /// Asks for the lists that have not been asked for, of the films and of the shows.
    pub fn complete(&self, ask: &Ask, known: &Known, fetched: &mut Fetched, films: bool, shows: bool) {
        for radarr in (0..self.radarr.len()).filter(|_| films) {
            if !fetched.films[radarr].is_whole() {
                fetched.films[radarr] = self.listed_films(ask, known, radarr);
            }
        }
        for sonarr in (0..self.sonarr.len()).filter(|_| shows) {
            if !fetched.shows[sonarr].is_whole() {
                fetched.shows[sonarr] = self.listed_shows(ask, known, sonarr);
            }
        }
        fetched.library.radarr = fetched.films.iter().map(|answered| answered.items.clone()).collect();
        fetched.library.sonarr = fetched.shows.iter().map(|answered| answered.items.clone()).collect();
        if fetched.searches.is_empty() {
            fetched.searches = self.search_for_shows(ask.rules, known, &mut fetched.library);
        }
        self.fetch_episodes(ask.rules, known, &mut fetched.library);
    }

    /// The local folders in which they keep films and shows, as far as they have told them.
    pub fn folders(&self, ask: &Ask, fetched: &Fetched) -> Vec<LibraryFolder> {
        let Ask { config, roots, .. } = ask;
        let films = fetched.films.iter().map(|answered| &answered.roots).zip(&config.radarr);
        let shows = fetched.shows.iter().map(|answered| &answered.roots).zip(&config.sonarr);
        let folder = |app: &App, told: &String| LibraryFolder {
            // without the slash at the end that an empty rest leaves
            local: name::mapped(&app.paths, roots, told).components().collect(),
            told: told.clone(),
            app: app.kind,
            variable: app.path_map(),
        };
        films.chain(shows).flat_map(|(told, app)| told.iter().map(move |told| folder(app, told))).collect()
    }

    /// How many films and shows those apps have that were asked for all of them, by the apps' names.
    pub fn sizes(&self, fetched: &Fetched) -> Vec<(String, i64)> {
        let films = fetched.films.iter().map(|answered| answered.count);
        let counts = films.chain(fetched.shows.iter().map(|answered| answered.count));
        self.all().zip(counts).filter_map(|(app, count)| Some((app.name().into(), count? as i64))).collect()
    }

    /// How these Sonarrs name what they import.
    pub fn naming(&self, sonarrs: BTreeSet<Instance>) -> BTreeMap<Instance, std::result::Result<Naming, String>> {
        let asked = sonarrs.into_iter().filter_map(|sonarr| Some((sonarr, self.sonarr.get(sonarr)?.naming())));
        asked.map(|(sonarr, naming)| (sonarr, naming.map_err(|problem| problem.to_string()))).collect()
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
    fn fetch_episodes(&self, rules: &[Rule], known: &Known, library: &mut Library) {
        for rule in rules {
            let remembered = known.remembered(rule);
            if meaning::films(rule, remembered, library).is_err() {
                continue;
            }
            let (Ok(series), Some(season)) = (meaning::show(rule, remembered, library), rule.wish.season_number())
            else {
                continue;
            };
            let (sonarr, id) = (series.sonarr, series.id);
            library
                .episodes
                .entry((sonarr, id, season))
                .or_insert_with(|| self.sonarr[sonarr].episodes(id, season).map_err(|problem| problem.to_string()));
        }
    }

    /// Asks Sonarr's search for the names that fit no show: each once, and a day later once more if there are other shows by then, since
    /// Sonarr asks its own server on the internet for it.
    fn search_for_shows(&self, rules: &[Rule], known: &Known, library: &mut Library) -> Vec<Search> {
        let shows = library.sonarr.iter().flatten().map(Vec::len).sum::<usize>() as i32;
        let before: HashMap<&str, &Search> = known.searches.iter().map(|search| (&*search.title, search)).collect();
        library.searched =
            known.searches.iter().filter_map(|search| Some((search.title.clone(), search.tvdb_id?))).collect();
        let mut searches: Vec<Search> = Vec::new();
        for rule in rules {
            let title = &rule.wish.show_name;
            let is_lost = |library: &Library| {
                known.remembered(rule).is_none()
                    && matches!(meaning::show(rule, None, library), Err(Reason::NoSeries { tvdb_id: None, .. }))
                    && meaning::films(rule, None, library).is_ok()
            };
            let is_due =
                before.get(title.as_str()).is_none_or(|last| last.at + SEARCH_AGAIN <= now() && last.shows != shows);
            if is_due && searches.iter().all(|search| search.title != *title) && is_lost(library) {
                let found = self.search(title, library);
                // one that failed is due again in a day, whatever shows there are then
                let shows = if found.is_ok() { shows } else { UNKNOWN };
                let tvdb_id = found.unwrap_or_else(|problem| {
                    log::debug!("cannot search for {title:?}: {problem}");
                    None
                });
                library.searched.extend(tvdb_id.map(|tvdb_id| (title.clone(), tvdb_id)));
                searches.push(Search { title: title.clone(), at: now(), shows, tvdb_id });
            }
        }
        searches
    }

    /// TheTVDB's number of the show that Sonarr's search means. Its ranking is not trusted: only a search with one hit in all tells which
    /// show is meant, so that none is taken that merely sounds alike. The search needs the internet; that it fails is no failure of ours.
    fn search(&self, show_name: &str, library: &Library) -> Result<Option<i32>> {
        for (sonarr, shows) in self.sonarr.iter().zip(&library.sonarr) {
            let found = sonarr.lookup(show_name)?;
            let show = shows.iter().flatten().find(|show| Some(show.id) == found);
            if let Some(show) = show.filter(|show| show.tvdb_id > 0) {
                return Ok(Some(show.tvdb_id));
            }
        }
        Ok(None)
    }
}

/// Asks some apps at the same time; where no thread can be had, one after the other.
fn beside<A: Sync, T: Send>(apps: &[A], ask: impl Fn(Instance) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let ask = &ask;
        let others: Vec<_> =
            (1..apps.len()).map(|app| (app, thread::Builder::new().spawn_scoped(scope, move || ask(app)))).collect();
        let first = apps.first().map(|_| ask(0));
        let others = others.into_iter().map(|(app, thread)| thread.map_or_else(|_| ask(app), joined));
        first.into_iter().chain(others).collect()
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
