//! What is looked up and done beside the runs, and what is known before the first one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Receiver},
    time::UNIX_EPOCH,
};

use super::now;
use crate::{
    check,
    config::Config,
    connect::{self, Wish},
    db::Db,
    error::Result,
    model::{Checked, Season},
    news, run,
    web::{Done, Look, State},
};

/// What is looked up for those who make rules, beside the runs and only when somebody looks at it.
pub struct Looker {
    pub config: Config,
    pub state: Arc<Mutex<State>>,
}

impl Looker {
    pub fn work(&self, looks: &Receiver<Look>) {
        for look in looks {
            match look {
                Look::Catalog { since, done } => {
                    let before = self.state().catalog.clone();
                    if before.as_ref().is_none_or(|before| before.asked_at < since)
                        && let Some(found) = told(run::catalog(&self.config))
                    {
                        let found = before.map_or(found.clone(), |before| found.or_as_before(&before));
                        self.state().catalog = Some(Arc::new(found));
                    }
                    drop(done);
                }
                Look::Suggestions { since, done } => {
                    let before = self.state().suggestions.clone();
                    if before.as_ref().is_none_or(|before| before.asked_at < since)
                        && let Some(found) = told(run::suggest(&self.config))
                    {
                        let found = before.map_or(found.clone(), |before| found.or_as_before(&before));
                        self.state().suggestions = Some(Arc::new(found));
                    }
                    drop(done);
                }
                Look::Check { since, done } => {
                    if self.state().check.as_ref().is_none_or(|check| check.at < since) {
                        let findings = check::check(&Ok(self.config.clone()));
                        self.state().check = Some(Arc::new(Checked { at: now(), findings }));
                    }
                    drop(done);
                }
                Look::Season { sonarr, series_id, season, film, answer } => {
                    let Some(specials) = told(run::specials(&self.config, sonarr, series_id, season)) else { continue };
                    // whoever waits can do without the second answer
                    let _ = answer.send(Season { specials: specials.clone(), best: None });
                    let best = |film| told(run::best(&self.config, (sonarr, series_id), &specials, film))?;
                    if let Some(best) = film.filter(|_| season == 0).and_then(best) {
                        let _ = answer.send(Season { specials, best: Some(best) });
                    }
                }
                Look::Connect { remove, answer } => {
                    let wish = Wish { remove, show: false };
                    drop(answer.send(done(connect::connect(&self.config, wish))));
                }
                Look::TestNews { answer } => drop(answer.send(done(news::test(&self.config)))),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For whoever waits, and for the log.
fn done(done: Result<Vec<(String, Result<String>)>>) -> Done {
    let done = done.unwrap_or_else(|problem| vec![("plex-linker".into(), Err(problem))]);
    let told = |(name, done): (String, Result<String>)| {
        match &done {
            Ok(text) => log::info!("{name}: {text}"),
            Err(problem) => log::error!("{name}: {problem}"),
        }
        (name, done.map_err(|problem| problem.to_string()))
    };
    done.into_iter().map(told).collect()
}

/// What was found; a problem is for the log.
fn told<T>(found: Result<T>) -> Option<T> {
    found.map_err(|problem| log::debug!("{problem}")).ok()
}

/// Tells page, API and metrics of the last run before this start.
pub fn remember(config: &Config, state: &Mutex<State>) {
    let last = Db::open(&config.database).and_then(|mut db| db.last_run());
    if let Some(last) = told(last).flatten() {
        let at = run::last_run(config).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.remember(last, at.map(|at| at.as_secs() as i64));
    }
}
