//! What has become of a command, and which shows it concerns.

use serde::Deserialize;

use super::either::id;

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
    /// The shows that it scans, if it is a scan; none are all.
    scans: Option<Vec<i32>>,
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

impl From<Accepted> for Command {
    fn from(accepted: Accepted) -> Command {
        let stage = match accepted.status.unwrap_or_default().to_ascii_lowercase().as_str() {
            "queued" | "started" => Stage::Open,
            "failed" => Stage::Failed,
            "aborted" | "cancelled" | "orphaned" => Stage::Dropped,
            _ => Stage::Completed,
        };
        let name = accepted.name.unwrap_or_default();
        let is_scan = ["RescanSeries", "RefreshSeries"].iter().any(|scan| name.eq_ignore_ascii_case(scan));
        let shows = |body: AcceptedBody| body.series_id.into_iter().chain(body.series_ids.into_iter().flatten());
        let scans = is_scan.then(|| accepted.body.into_iter().flat_map(shows).collect());
        Command { id: id(accepted.id), stage, scans }
    }
}

impl Command {
    /// Whether it is at this show, or will be.
    pub fn is_scanning(&self, series_id: i32) -> bool {
        let is_of = |shows: &Vec<i32>| shows.is_empty() || shows.contains(&series_id);
        self.stage == Stage::Open && self.scans.as_ref().is_some_and(is_of)
    }
}
