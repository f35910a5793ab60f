//! What is looked up and done beside the runs, and what is known before the first one.

use std::{
    sync::{Arc, Mutex, mpsc::Receiver},
    time::Instant,
};

use crate::{
    check,
    clock::now,
    config::Config,
    connect::{self, Wish},
    db::Db,
    error::Result,
    model::{Catalog, Checked, Season, Suggestions},
    mutex::lock,
    news, run,
    web::{Lookup, Outcomes, SeasonLookup, Shared, Subject},
};

/// What is looked up for those who make rules, beside the runs and only when somebody looks at it.
pub struct Looker {
    pub config: Config,
    pub shared: Arc<Mutex<Shared>>,
}

impl Looker {
    pub fn work(&self, lookups: &Receiver<Lookup>) {
        self.look_up_address();
        lookups.iter().for_each(|lookup| self.look(lookup));
    }

    fn look_up_address(&self) {
        let address = connect::address(&self.config);
        lock(&self.shared).webhook = address;
    }

    /// Whoever waits hears of it when its sender is dropped at the end.
    fn look(&self, lookup: Lookup) {
        match lookup {
            Lookup::Renew { subject: Subject::Catalog, since, done: _done } => {
                let unknown = |problem| Catalog { asked_at: now(), problems: vec![problem], ..Catalog::default() };
                let ask = || run::catalog(&self.config).unwrap_or_else(|problem| unknown(problem.to_string()));
                self.renew(since, |shared| &mut shared.catalog, |known| known.asked_at, ask, Catalog::or_as_before);
            }
            Lookup::Renew { subject: Subject::Suggestions, since, done: _done } => {
                let unknown =
                    |problem| Suggestions { asked_at: now(), problems: vec![problem], ..Suggestions::default() };
                let ask = || run::suggest(&self.config).unwrap_or_else(|problem| unknown(problem.to_string()));
                let at = |known: &Suggestions| known.asked_at;
                self.renew(since, |shared| &mut shared.suggestions, at, ask, Suggestions::or_as_before);
            }
            Lookup::Renew { subject: Subject::Check, since, done: _done } => {
                self.look_up_address();
                let check = || Checked { findings: check::check(&Ok(self.config.clone())), at: now() };
                self.renew(since, |shared| &mut shared.check, |known| known.at, check, |found, _| found);
            }
            Lookup::Connect { remove, answer } => {
                let outcomes = connect::connect(&self.config, Wish { remove, show: false });
                drop(answer.send(told(outcomes)));
            }
            Lookup::TestNews { answer } => drop(answer.send(told(news::test(&self.config)))),
        }
    }

    /// Puts what is found into the state, unless what is there is of `since` or later.
    fn renew<T>(
        &self,
        since: i64,
        known: fn(&mut Shared) -> &mut Option<Arc<T>>,
        at: fn(&T) -> i64,
        find: impl FnOnce() -> T,
        or_as_before: fn(T, &T) -> T,
    ) {
        let before = known(&mut lock(&self.shared)).clone();
        if before.as_deref().is_none_or(|before| at(before) < since) {
            let found = before.iter().fold(find(), |found, before| or_as_before(found, before));
            *known(&mut lock(&self.shared)) = Some(Arc::new(found));
        }
    }
}

/// Looks up seasons for forms, one after the other: whoever fills one in does not wait for what the looker is at.
pub fn seasons(config: &Config, lookups: &Receiver<SeasonLookup>) {
    for SeasonLookup { sonarr, series_id, season, film, until, answer } in lookups {
        // nobody waits for it any more
        if Instant::now() >= until {
            continue;
        }
        let Some(specials) = or_logged(run::specials(config, sonarr, series_id, season)) else { continue };
        // whoever waits can do without the second answer
        let _ = answer.send(Season { specials: specials.clone(), best: None });
        let best = |film| or_logged(run::best(config, (sonarr, series_id), &specials, film))?;
        if let Some(best) = film.filter(|_| season == 0).and_then(best) {
            let _ = answer.send(Season { specials, best: Some(best) });
        }
    }
}

/// For whoever waits, and for the log.
fn told(outcomes: Result<Outcomes>) -> Outcomes {
    let outcomes = outcomes.unwrap_or_else(|problem| vec![("plex-linker".into(), Err(problem))]);
    for (name, outcome) in &outcomes {
        match outcome {
            Ok(text) => log::info!("{name}: {text}"),
            Err(problem) => log::error!("{name}: {problem}"),
        }
    }
    outcomes
}

/// What was found; a problem is for the log.
fn or_logged<T>(found: Result<T>) -> Option<T> {
    found.map_err(|problem| log::debug!("{problem}")).ok()
}

/// Tells page, API and metrics of the last run before this start.
pub fn remember(config: &Config, shared: &Mutex<Shared>) {
    let last = Db::open(&config.database).and_then(|mut db| db.last_run());
    if let Some(last) = or_logged(last).flatten() {
        lock(shared).remember(last, run::last_run(config));
    }
}
