//! Sonarr need not fetch a special whose link stands. It is told once of each: what a person changes there then stays.

use super::{Known, Planned, apply::Applied, now};
use crate::{
    db::Changes,
    error::Result,
    model::{Instance, NOT_AGAIN},
    plan::{Placement, Plan, Step},
};

/// The specials of a rule, by Sonarr's numbers, of which that Sonarr has not been told.
pub struct Unmonitor {
    rule: i32,
    sonarr: Instance,
    episodes: Vec<i32>,
}

/// Of all rules whose links stand, or are to be made.
pub fn wanted(known: &Known, plan: &Plan) -> Vec<Unmonitor> {
    let of = |step: &Step| {
        let Placement { rule, concerns, specials, .. } = plan.placements.get(&step.link()?.rule)?;
        let (rule, sonarr) = (*rule, concerns.sonarr);
        let is_new = |id: &i32| *id > 0 && !known.figures.contains_key(&figure(sonarr, *id));
        let episodes: Vec<i32> = specials.iter().map(|special| special.id).filter(is_new).collect();
        (!episodes.is_empty()).then_some(Unmonitor { rule, sonarr, episodes })
    };
    plan.steps.iter().filter_map(of).collect()
}

/// Under which it is remembered that Sonarr was told.
fn figure(sonarr: Instance, episode: i32) -> String {
    format!("unmonitored {sonarr} {episode}")
}

impl Planned {
    /// Tells Sonarr, and returns what it did not take. That is remembered before it is told, so that it is never told twice.
    pub fn unmonitor(&mut self, applied: &Applied) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        for Unmonitor { rule, sonarr, episodes } in std::mem::take(&mut self.unmonitor) {
            if applied.failed.contains_key(&rule) || self.stop.check().is_err() {
                continue;
            }
            let figures = episodes.iter().map(|id| (figure(sonarr, *id), now())).collect();
            self.db.save(&Changes { figures, ..Changes::default() })?;
            let app = &self.apps.sonarr[sonarr];
            match app.unmonitor(&episodes) {
                Ok(()) => log::info!("{}: the special of rule {rule} is not monitored any more", app.name()),
                Err(problem) => {
                    problems.push(format!("rule {rule}: {problem}; {NOT_AGAIN}: unmonitor the special there"));
                }
            }
        }
        Ok(problems)
    }
}
