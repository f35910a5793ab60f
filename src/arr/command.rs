//! What has become of a command, and which shows it concerns.

use serde::Deserialize;

/// A command as Sonarr has it (*facts A.9, recorded/sonarr_command_rescan_*.json*).
#[derive(Deserialize)]
#[serde(expecting = "expected a command")]
pub(super) struct Accepted {
    id: Option<i32>,
    name: Option<String>,
    status: Option<String>,
    body: Option<AcceptedBody>,
}

/// `RescanSeries` has one show, `RefreshSeries` a list; neither means all shows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AcceptedBody {
    series_id: Option<i32>,
    series_ids: Option<Vec<i32>>,
}

/// A command of Sonarr's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `None` if the app does not say: nothing more can be asked about it.
    pub id: Option<i32>,
    pub stage: Stage,
    scans: Scans,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its turn, or is at work.
    Open,
    Completed,
    /// The import comes first, so that links have been seen nevertheless (*observed 2.1*).
    Failed,
    /// It has not been carried out: cancelled, or lost when the app ended.
    Dropped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Scans {
    Nothing,
    Everything,
    Shows(Vec<i32>),
}

impl From<Accepted> for Command {
    fn from(accepted: Accepted) -> Command {
        let stage = match accepted.status.unwrap_or_default().to_ascii_lowercase().as_str() {
            "queued" | "started" => Stage::Open,
            "failed" => Stage::Failed,
            "aborted" | "cancelled" | "orphaned" => Stage::Dropped,
            _ => Stage::Completed,
        };
        let is_scan =
            |name: String| ["RescanSeries", "RefreshSeries"].iter().any(|scan| name.eq_ignore_ascii_case(scan));
        let scans = if accepted.name.is_some_and(is_scan) {
            let body = accepted.body;
            let shows: Vec<i32> = body
                .into_iter()
                .flat_map(|body| body.series_id.into_iter().chain(body.series_ids.into_iter().flatten()))
                .collect();
            if shows.is_empty() { Scans::Everything } else { Scans::Shows(shows) }
        } else {
            Scans::Nothing
        };
        Command { id: accepted.id.filter(|id| *id > 0), stage, scans }
    }
}

impl Command {
    /// Whether it is at this show, or will be.
    pub fn is_scanning(&self, series_id: i32) -> bool {
        self.stage == Stage::Open
            && match &self.scans {
                Scans::Nothing => false,
                Scans::Everything => true,
                Scans::Shows(shows) => shows.contains(&series_id),
            }
    }
}
