//! What the linker's thread and the web side tell each other.

use std::sync::{Arc, mpsc::Sender};

use crate::model::{AppState, Catalog, Episode, Finding, Instance, Report};

/// What the linker's thread is asked. It answers through the sender inside; a sender that is dropped is an answer too: not now.
pub enum Ask {
    /// A run now.
    Run,
    /// A run some seconds from now; several such wishes are one run.
    Soon,
    /// As `Soon`, since Sonarr misses a file, below the show's folder: unless it is a link that a run has just changed.
    Gone(String),
    /// What a run would do.
    Preview(Sender<Result<Preview, String>>),
    Catalog(Sender<Arc<Catalog>>),
    /// The episodes of one season of a show.
    Episodes {
        sonarr: Instance,
        series_id: i32,
        season: i32,
        answer: Sender<Vec<Episode>>,
    },
    Stop,
}

/// A run that ended before it changed anything.
#[derive(Debug, Clone)]
pub struct Preview {
    pub text: String,
    pub report: Report,
}

/// What the linker's thread tells everybody. Times are in seconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub running: bool,
    /// When the run that is under way began.
    pub started_at: Option<i64>,
    /// The report of the last run that could be done.
    pub last: Option<Report>,
    pub last_run_at: Option<i64>,
    pub last_duration_ms: u64,
    pub next_run_at: Option<i64>,
    /// Why the last run could not be done at all.
    pub error: Option<String>,
    pub apps: Vec<AppState>,
    /// What a check found wrong after runs began to fail.
    pub findings: Vec<Finding>,
    pub counters: Counters,
}

/// Since the daemon's start.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    pub runs: u64,
    pub failed_runs: u64,
    pub changes: u64,
    pub problems: u64,
}

impl State {
    pub fn begin(&mut self, at: i64) {
        self.running = true;
        self.started_at = Some(at);
    }

    /// The end of a run that never began, since another one is at work.
    pub fn put_off(&mut self) {
        self.running = false;
        self.started_at = None;
    }

    /// The end of a run: with its report, or with the reason for which there was none.
    pub fn end(&mut self, at: i64, duration_ms: u64, outcome: Result<Report, String>) {
        self.running = false;
        self.started_at = None;
        self.last_run_at = Some(at);
        self.last_duration_ms = duration_ms;
        self.counters.runs += 1;
        match outcome {
            Ok(report) => {
                self.counters.changes += report.changes.len() as u64;
                self.counters.problems += report.problems.len() as u64;
                self.counters.failed_runs += u64::from(report.failed);
                self.last = Some(report);
                self.error = None;
            }
            Err(error) => {
                self.counters.problems += 1;
                self.counters.failed_runs += 1;
                self.error = Some(error);
            }
        }
    }

    /// Why the last run has failed, one sentence each; empty if it has not.
    pub fn failures(&self) -> Vec<String> {
        match (&self.error, &self.last) {
            (Some(error), _) => vec![error.clone()],
            (None, Some(last)) if last.failed => last.problems.clone(),
            (None, _) => Vec::new(),
        }
    }
}
