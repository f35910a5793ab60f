//! What the web side asks others for, and what they tell everybody.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc::Sender},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    error,
    model::{AppState, Catalog, Checked, Instance, Report, Rule, Season, Standing, State, Suggestions},
};

/// What the linker's thread is asked.
pub enum Order {
    /// A run now.
    Run,
    /// A run some seconds from now; several such wishes are one run.
    Soon,
    /// As `Soon`, since Sonarr misses a file, below the show's folder: unless it is a link that a run has just changed.
    Gone(String),
    /// A preview that ended at `since` or later. The sender is dropped when it is shared.
    Preview {
        since: i64,
        done: Sender<()>,
    },
    Stop,
}

/// What was done with each of several, by its name.
pub type Outcomes = Vec<(String, error::Result<String>)>;

/// What is looked up or done beside the runs, for those who make rules or connections. A sender is dropped when what was asked for is shared.
pub enum Lookup {
    /// Something that all may know, as it is at `since` or later.
    Renew { subject: Subject, since: i64, done: Sender<()> },
    /// Makes the webhooks in the apps, or removes them.
    Connect { remove: bool, answer: Sender<Outcomes> },
    /// Sends a test to everybody who is told news.
    TestNews { answer: Sender<Outcomes> },
}

/// One season of a show, for a form; no answer if Sonarr cannot be asked. A second answer tells as well what of it the film with this
/// TMDB number looks like, if it looks like anything.
pub struct SeasonLookup {
    pub sonarr: Instance,
    pub series_id: i32,
    pub season: i32,
    pub film: Option<i32>,
    /// When nobody waits for it any more.
    pub until: Instant,
    pub answer: Sender<Season>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The films and shows.
    Catalog,
    Suggestions,
    /// All that can be found out about what is set up.
    Check,
}

/// A run that ended before it changed anything, or why there could be none.
#[derive(Debug, Clone)]
pub struct Preview {
    /// When it ended.
    pub at: i64,
    pub outcome: Result<Report, String>,
}

/// What everybody may know. Runs, previews and the next run's time come from `serve.rs`, what is looked up beside them from
/// `serve/looker.rs`; the web side only tells what people change. Times are in seconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// When the run that is under way began.
    pub started_at: Option<i64>,
    /// The report of the last run.
    pub last: Option<Arc<Report>>,
    pub last_run_at: Option<i64>,
    /// Of a run since the start.
    pub last_duration_ms: u64,
    pub next_run_at: Option<i64>,
    pub apps: Vec<AppState>,
    /// The address for the apps' webhooks, once it is found out.
    pub webhook: Option<String>,
    /// The last one, which somebody asked for, or which came when runs began to fail.
    pub check: Option<Arc<Checked>>,
    pub counters: Counters,
    /// How often the rules were changed here: what was begun before is not a preview of what they are now.
    pub changes: u64,
    /// The last one, unless a run or a change of the rules has made it old.
    pub preview: Option<Arc<Preview>>,
    pub catalog: Option<Arc<Catalog>>,
    pub suggestions: Option<Arc<Suggestions>>,
    /// What was deleted on the page the last time, for whoever did not mean it.
    pub deleted: Vec<Rule>,
}

/// Since the daemon's start.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    pub runs: u64,
    pub failed_runs: u64,
    pub changes: u64,
    pub problems: u64,
}

impl Shared {
    /// What an earlier process has left.
    pub fn remember(&mut self, last: Report, last_run_at: Option<i64>) {
        self.last_run_at = Some(last_run_at.unwrap_or(last.at));
        self.last = Some(Arc::new(last));
    }

    /// The rules are others now.
    pub fn rules_changed(&mut self) {
        self.changes += 1;
        self.preview = None;
    }

    pub fn is_running(&self) -> bool {
        self.started_at.is_some()
    }

    pub fn end(&mut self, at: i64, duration_ms: u64, report: Report) {
        self.started_at = None;
        self.last_run_at = Some(at);
        self.last_duration_ms = duration_ms;
        self.preview = None;
        self.counters.runs += 1;
        self.counters.changes += report.changes.len() as u64;
        self.counters.problems += report.problems.len() as u64;
        self.counters.failed_runs += u64::from(report.failed);
        self.last = Some(Arc::new(report));
    }

    /// How many rules the last run found in each state.
    pub fn states(&self) -> BTreeMap<&'static str, usize> {
        let mut states = BTreeMap::new();
        for rule in self.last.iter().flat_map(|last| &last.rules) {
            *states.entry(State::of(&rule.state).word).or_default() += 1;
        }
        states
    }

    /// The rules of the last run by what has to happen with them, and by their states.
    pub fn counts(&self) -> Value {
        let states = self.states();
        let mut counts = json!({ "rules": states.values().sum::<usize>(), "states": states });
        for standing in Standing::ALL {
            let of = states.iter().filter(|(word, _)| State::of(word).standing == standing);
            counts[standing.name()] = of.map(|(_, count)| count).sum::<usize>().into();
        }
        counts
    }

    /// Why the last run has failed, one sentence each; empty if it has not.
    pub fn failures(&self) -> &[String] {
        self.last.as_deref().filter(|last| last.failed).map_or(&[], |last| &last.problems)
    }
}
