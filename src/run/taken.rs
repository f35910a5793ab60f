//! Whether Sonarr has taken the links that stand.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use super::fetch::Apps;
use crate::{
    model::{Concerns, Instance, Link, Reason, Scan, Untold},
    name,
    plan::{Layout, Plan, Step},
};

/// What Sonarr has made of links that it has had time for.
#[derive(Default)]
pub struct Taken {
    /// By rule: why its link is not the special's file in Sonarr.
    pub reasons: HashMap<i32, Reason>,
    /// The shows that are to be scanned once more: Sonarr has not taken a link, and can by now.
    pub again: BTreeSet<Untold>,
}

impl Apps {
    /// Only the shows count whose scan was seen to end since a link in them changed last.
    pub fn taken(&self, plan: &Plan, layout: &Layout, scans: &[Scan]) -> Taken {
        let mut taken = Taken::default();
        for step in &plan.steps {
            let Step::Keep { link, .. } = step else { continue };
            let Concerns { sonarr, series_id, .. } = link.concerns;
            let scan = scans.iter().find(|scan| (scan.sonarr, scan.series_id) == (sonarr, series_id));
            let (Some(scan), Some(placement)) = (scan, plan.placements.get(&link.rule)) else { continue };
            let is_taken = placement.specials.iter().all(|special| special.file.is_some());
            if is_taken && !scan.failed {
                continue;
            }
            let sees =
                target(&placement.series_path, link, layout).map(|target| self.sonarr[sonarr].sees_file(&target));
            let sees = matches!(sees, Some(Ok(true)));
            match (is_taken, sees) {
                // another link in the show leads nowhere
                (true, true) => {}
                (true, false) => drop(taken.reasons.insert(link.rule, Reason::TakenUnseen)),
                (false, _) => {
                    if sees && !scan.again {
                        taken.again.insert(Untold::Series(sonarr, series_id));
                    }
                    taken.reasons.insert(link.rule, Reason::NotTaken);
                }
            }
        }
        taken
    }
}

/// What the link leads to for Sonarr, which calls the show's folder `series`, as far as the link's text tells.
fn target(series: &str, link: &Link, layout: &Layout) -> Option<String> {
    let local = name::mapped(&layout.sonarr[link.concerns.sonarr], &layout.roots, series);
    let folder = Path::new(&link.path).strip_prefix(local).ok()?.parent()?;
    let target = name::leads_to(&Path::new(series).join(folder), &link.target);
    // an app on Windows has other paths
    target.to_str().filter(|_| series.starts_with('/')).map(String::from)
}

/// What is to be remembered of scans: of those that were seen to end, and that shows have been told of `again`.
pub fn scans(
    completed: &[(Instance, i32)],
    failed: &[(Instance, i32)],
    heard: &[Untold],
    before: &[Scan],
    again: &BTreeSet<Untold>,
) -> Vec<Scan> {
    let show = |scan: &Scan| Untold::Series(scan.sonarr, scan.series_id);
    let repeated = |scan: &&Scan| heard.contains(&show(scan)) && again.contains(&show(scan));
    let mut scans: Vec<Scan> = before.iter().filter(repeated).map(|scan| Scan { again: true, ..*scan }).collect();
    let ended = completed.iter().map(|show| (show, false)).chain(failed.iter().map(|show| (show, true)));
    for (&(sonarr, series_id), failed) in ended {
        let of_show = |scan: &&Scan| (scan.sonarr, scan.series_id) == (sonarr, series_id);
        let again = scans.iter().chain(before).find(of_show).is_some_and(|scan| scan.again);
        scans.push(Scan { sonarr, series_id, failed, again });
    }
    scans
}
