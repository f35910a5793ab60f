//! Who hears of changes: each show's scans are ordered one at a time, and waited for.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use super::{Stop, fetch::Apps};
use crate::{
    arr::{self, Sonarr},
    error::{Error, Result},
    model::{Instance, Untold},
};

/// For all apps together. What takes longer is told in the next run.
const LONGEST: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// So many scans that are not done are asked about before the rest is left for later: Sonarr works at three at once, in the order in
/// which it was told (*facts A.9*).
const AHEAD: usize = 8;

/// What came of telling.
#[derive(Debug, Default)]
pub struct Notified {
    /// Who knows now. Everybody else is to be told in the next run.
    pub heard: Vec<Untold>,
    /// The shows, by their Sonarr, of which a scan was seen to be completed.
    pub scanned: Vec<(Instance, i32)>,
    /// Those of which one failed. They have heard nevertheless: the import comes first (*observed 2.1*).
    pub scan_failed: Vec<(Instance, i32)>,
    /// The shows whose scans were not done in time, or were cancelled.
    pub late: Vec<(Instance, i32)>,
    /// What failed, a sentence each.
    pub problems: Vec<String>,
}

/// A show that has to be scanned.
struct ShowScan<'a> {
    sonarr: &'a Sonarr,
    instance: Instance,
    id: i32,
    stage: Progress,
}

enum Progress {
    /// For scans that others ordered: they may have passed our link before it was there, and ours must not run beside them.
    Waits(Vec<i32>),
    /// This command is our scan.
    Scans(i32),
    Ended,
}

/// What has been asked in one round, by Sonarr and command; `None` if that says no more about it.
type Asked = HashMap<(Instance, i32), Option<arr::Stage>>;

/// Tells the apps. The disk is as it shall be: whatever begins from now on sees it.
pub fn notify<'a>(apps: &Apps, untold: impl IntoIterator<Item = &'a Untold>, stop: &Stop) -> Notified {
    notify_within(apps, untold, stop, LONGEST)
}

fn notify_within<'a>(
    apps: &Apps,
    untold: impl IntoIterator<Item = &'a Untold>,
    stop: &Stop,
    longest: Duration,
) -> Notified {
    let start = Instant::now();
    let mut told = Notified::default();
    let mut shows_of: BTreeMap<Instance, Vec<i32>> = BTreeMap::new();
    for &untold in untold {
        match untold {
            // an app that is not configured any more need not hear of anything
            Untold::Series(sonarr, id) if id > 0 && sonarr < apps.sonarr.len() => {
                shows_of.entry(sonarr).or_default().push(id);
            }
            Untold::Movie(radarr, id) if id > 0 && radarr < apps.radarr.len() => match apps.radarr[radarr].rescan(id) {
                Ok(()) => told.heard.push(untold),
                Err(problem) => told.failed(problem),
            },
            _ => told.heard.push(untold),
        }
    }
    let mut shows = Vec::new();
    for (instance, ids) in shows_of {
        let sonarr = &apps.sonarr[instance];
        match sonarr.commands() {
            Ok(commands) => shows.extend(ids.into_iter().map(|id| {
                let scans = commands.iter().filter(|command| command.is_scanning(id));
                ShowScan { sonarr, instance, id, stage: Progress::Waits(scans.filter_map(|scan| scan.id).collect()) }
            })),
            Err(problem) => told.failed(problem),
        }
    }
    // all are ordered before the first is asked about
    let mut asked = Asked::default();
    shows.iter_mut().for_each(|show| show.advance(&mut asked, &mut told));
    let mut pause = FIRST_PAUSE;
    while round(&mut shows, &mut told) {
        let left = longest.saturating_sub(start.elapsed());
        if left.is_zero() || stop.check().is_err() {
            break;
        }
        shows[0].sonarr.wait(pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    told.late.extend(shows.iter().map(|show| (show.instance, show.id)));
    told
}

/// Takes every show as far as its Sonarr has come, and keeps those that have yet to be waited for; false if there are none.
fn round(shows: &mut Vec<ShowScan>, told: &mut Notified) -> bool {
    let mut asked = Asked::default();
    let mut ahead: HashMap<Instance, usize> = HashMap::new();
    for show in shows.iter_mut() {
        let ahead = ahead.entry(show.instance).or_default();
        if *ahead < AHEAD || matches!(show.stage, Progress::Waits(_)) {
            show.advance(&mut asked, told);
            *ahead += usize::from(matches!(show.stage, Progress::Scans(_)));
        }
    }
    shows.retain(|show| !matches!(show.stage, Progress::Ended));
    !shows.is_empty()
}

impl ShowScan<'_> {
    /// Orders what may be ordered now.
    fn advance(&mut self, asked: &mut Asked, told: &mut Notified) {
        if let Err(problem) = self.try_advance(asked, told) {
            told.failed(problem);
            self.stage = Progress::Ended;
        }
    }

    fn try_advance(&mut self, asked: &mut Asked, told: &mut Notified) -> Result<()> {
        let stage = match &mut self.stage {
            Progress::Waits(scans) => {
                while let Some(scan) = scans.last() {
                    if stage(self.sonarr, self.instance, *scan, asked)? == Some(arr::Stage::Open) {
                        return Ok(());
                    }
                    scans.pop();
                }
                let scan = self.sonarr.rescan(self.id)?;
                match (scan.id, scan.stage) {
                    (Some(id), arr::Stage::Open | arr::Stage::Untold) => {
                        self.stage = Progress::Scans(id);
                        return Ok(());
                    }
                    (_, stage) => Some(stage),
                }
            }
            Progress::Scans(id) => stage(self.sonarr, self.instance, *id, asked)?,
            Progress::Ended => return Ok(()),
        };
        match stage {
            Some(arr::Stage::Open) if matches!(self.stage, Progress::Scans(_)) => return Ok(()),
            Some(arr::Stage::Dropped) => told.late.push((self.instance, self.id)),
            stage => {
                match stage {
                    Some(arr::Stage::Failed) => told.scan_failed.push((self.instance, self.id)),
                    // an app that names no command may have answered anything
                    Some(arr::Stage::Completed) if matches!(self.stage, Progress::Scans(_)) => {
                        told.scanned.push((self.instance, self.id));
                    }
                    _ => {}
                }
                self.sonarr.refresh(self.id)?;
                told.heard.push(Untold::Series(self.instance, self.id));
            }
        }
        self.stage = Progress::Ended;
        Ok(())
    }
}

/// What has become of a command. Several shows may wait for one that is for all of them.
fn stage(sonarr: &Sonarr, instance: Instance, id: i32, asked: &mut Asked) -> Result<Option<arr::Stage>> {
    if let Some(stage) = asked.get(&(instance, id)) {
        return Ok(*stage);
    }
    let command = sonarr.command(id)?.filter(|command| command.id == Some(id));
    let stage = command.map(|command| command.stage);
    asked.insert((instance, id), stage);
    Ok(stage)
}

impl Notified {
    fn failed(&mut self, problem: Error) {
        self.problems.push(format!("{problem}; it will be told in the next run"));
    }
}

#[cfg(test)]
mod tests;
