//! What is looked up beside the runs, and what is known before the first one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Receiver},
    time::UNIX_EPOCH,
};

use super::now;
use crate::{
    check,
    config::Config,
    db::Db,
    error::Result,
    model::Checked,
    run,
    web::{Look, State},
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
                Look::Episodes { sonarr, series_id, season, answer } => {
                    let episodes = told(run::episodes(&self.config, sonarr, series_id, season));
                    episodes.into_iter().for_each(|episodes| drop(answer.send(episodes)));
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
