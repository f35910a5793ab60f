//! Carrying out a plan's steps.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Planned;
use crate::{
    db::Changes,
    error::Result,
    model::{Link, Meaning, Rule, Untold, is_subtitle},
    plan::{Followed, Records, Step, is_ours},
};

/// What came of the steps.
#[derive(Default)]
pub struct Applied {
    /// Each with the rule that it is of, 0 for none.
    pub changes: Vec<(i64, String)>,
    /// Where links were made, changed or removed.
    pub places: Vec<String>,
    pub problems: Vec<String>,
    /// Why a rule's link could not be made, by rule.
    pub failed: HashMap<i32, String>,
    /// Where subtitles could not be linked.
    pub unmade: HashSet<String>,
    /// Who has to hear of what was done.
    pub untold: BTreeSet<Untold>,
    pub records: Recorded,
}

impl Planned {
    /// Carries out the steps. The intent is recorded before and the result after, each at once for all of them: a run that is killed
    /// between leaves records that fit what it found as well as what it wanted. So does one that is stopped, which is an error.
    pub fn apply(&mut self) -> Result<Applied> {
        for (rule, Followed { wish, sentence }) in &self.plan.followed {
            log::info!("{sentence}");
            self.db.follow_rule(&Rule { id: *rule, wish: wish.clone() })?;
        }
        let before = self.known.records();
        let untold: BTreeSet<Untold> = self.plan.changes().flat_map(|step| step.concerns().untold()).collect();
        let untold: BTreeSet<Untold> = untold.difference(&self.untold).copied().collect();
        let changed = self.known.changed.iter().filter(|link| !self.plan.forget.contains(&link.path)).cloned();
        let mut intents = Recorded::default();
        let steps = self.plan.all().flat_map(|step| step.intents(&before));
        changed.chain(steps).for_each(|link| intents.take((Some(link), None)));
        self.db.save(&Changes {
            links: intents.standing.into_values().collect(),
            forget: self.known.left.clone(),
            untold: untold.iter().copied().collect(),
            searches: std::mem::take(&mut self.searches),
            figures: std::mem::take(&mut self.figures),
            ..Changes::default()
        })?;

        let mut applied = self.carry_out_steps(&before);
        self.untold.append(&mut applied.untold);
        let is_news = |meaning: &&Meaning| {
            !applied.failed.contains_key(&meaning.rule) && self.known.meanings.get(&meaning.rule) != Some(meaning)
        };
        let placed = self.plan.placements.values().map(|placement| &placement.meaning);
        let Recorded { standing, gone } = std::mem::take(&mut applied.records);
        self.db.save(&Changes {
            links: standing.into_values().collect(),
            // not before: a link that others have moved is known to have been ours by its record alone
            forget: self.plan.forget.iter().cloned().chain(gone).collect(),
            told: untold.difference(&self.untold).copied().collect(),
            meanings: placed.filter(is_news).cloned().collect(),
            ..Changes::default()
        })?;
        self.stop.check()?;
        Ok(applied)
    }

    /// The disk's part of it, until the run is stopped.
    fn carry_out_steps(&self, before: &Records) -> Applied {
        let mut applied = Applied { changes: self.plan.followed().collect(), ..Applied::default() };
        for step in self.plan.changes().take_while(|_| self.stop.check().is_ok()) {
            let of_subtitle = is_subtitle(step.at().name());
            let done = match step {
                Step::Remove { after: Some(rule), .. } if applied.failed.contains_key(rule) => continue,
                // it belongs beside the film's link
                step if of_subtitle && step.link().is_some_and(|link| applied.failed.contains_key(&link.rule)) => {
                    Err(None)
                }
                step => self.carry_out_one(step, before).map_err(|problem| Some(problem.to_string())),
            };
            match done {
                Ok(true) => {
                    log::info!("{step}");
                    applied.changes.push((step.rule(before), step.to_string()));
                    applied.untold.extend(step.concerns().untold());
                    let (standing, gone) = step.done();
                    applied.places.extend(standing.iter().map(|link| link.path.clone()).chain(gone.clone()));
                    applied.records.take((standing, gone));
                }
                Ok(false) => log::info!("{} leads to a file again, and is kept", step.at()),
                Err(problem) => {
                    applied.problems.extend(problem.clone());
                    let Some(link) = step.link() else { continue };
                    if of_subtitle {
                        applied.unmade.insert(link.path.clone());
                    } else {
                        applied.failed.insert(link.rule, problem.unwrap_or_default());
                    }
                    applied.records.take(step.undone(before));
                }
            }
        }
        applied
    }

    /// Whether it is done, and not left since a link that was to go is whole again.
    fn carry_out_one(&self, step: &Step, before: &Records) -> Result<bool> {
        match step {
            Step::Remove { at, text, cause, .. } => return self.tree.remove(at, text, cause.is_guess()),
            Step::Create { at, folders, source, link } => self.tree.create(at, folders, &link.target, source)?,
            Step::Replace { at, with, source, link } => {
                let was = link.was.as_deref().unwrap_or_default();
                match with {
                    Some(with) => self.tree.trade(at, with, was, &link.target, source)?,
                    None => {
                        let if_broken = !before.get(link.path.as_str()).is_some_and(|known| is_ours(known, was));
                        self.tree.replace(at, was, if_broken, &link.target, source)?;
                    }
                }
            }
            Step::Move { from, text, at, folders, source, link } => {
                self.tree.rename(from, text, at, folders, &link.target, source)?;
            }
            Step::Keep { .. } => {}
        }
        Ok(true)
    }
}

/// What is to be recorded of some steps; the last word on a path counts.
#[derive(Default)]
pub struct Recorded {
    standing: BTreeMap<String, Link>,
    gone: BTreeSet<String>,
}

impl Recorded {
    fn take(&mut self, (standing, gone): (Option<Link>, Option<String>)) {
        if let Some(path) = gone {
            self.standing.remove(&path);
            self.gone.insert(path);
        }
        if let Some(link) = standing {
            self.gone.remove(&link.path);
            self.standing.insert(link.path.clone(), link);
        }
    }
}
