//! Carrying out a plan's steps.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Planned;
use crate::{
    db::Changes,
    error::Result,
    model::{Link, Meaning, Rule, Untold, is_subtitle},
    plan::{Followed, Step},
};

/// What came of the steps.
#[derive(Default)]
pub struct Applied {
    /// Each with the rule that it is of, 0 for none.
    pub changes: Vec<(i64, String)>,
    pub problems: Vec<String>,
    /// Why a rule's link could not be made, by rule.
    pub failed: HashMap<i32, String>,
    /// Where subtitles could not be linked.
    pub unmade: HashSet<String>,
}

impl Planned {
    /// Carries out the steps. The intent is recorded before and the result after, each at once for all of them: a run that is killed
    /// between leaves records that fit what it found as well as what it wanted. So does one that is stopped, which is an error.
    pub fn apply(&mut self) -> Result<Applied> {
        for (rule, Followed { wish, sentence }) in &self.plan.followed {
            log::info!("{sentence}");
            self.db.follow_rule(&Rule { id: *rule, wish: wish.clone() })?;
        }
        let known = self.known.links.iter().chain(&self.known.subtitles);
        let before: HashMap<&str, &Link> = known.map(|link| (link.path.as_str(), link)).collect();
        let untold: BTreeSet<Untold> = self.plan.changes().flat_map(|step| step.concerns().untold()).collect();
        let untold: BTreeSet<Untold> = untold.difference(&self.untold).copied().collect();
        let changed = self.known.changed.iter().filter(|link| !self.plan.forget.contains(&link.path));
        self.db.save(&Changes {
            links: intents(changed, self.plan.all(), &before),
            forget: self.plan.forget.iter().chain(&self.known.left).cloned().collect(),
            untold: untold.iter().copied().collect(),
            searches: std::mem::take(&mut self.searches),
            figures: std::mem::take(&mut self.figures),
            ..Changes::default()
        })?;

        let mut applied = Applied::default();
        applied
            .changes
            .extend(self.plan.followed.iter().map(|(rule, followed)| ((*rule).into(), followed.sentence.clone())));
        let (mut standing, mut gone) = (BTreeMap::new(), HashSet::new());
        for step in self.plan.changes().take_while(|_| self.stop.check().is_ok()) {
            let is_subtitle = is_subtitle(step.at().name());
            let done = match step {
                Step::Remove { after: Some(rule), .. } if applied.failed.contains_key(rule) => continue,
                // it belongs beside the film's link
                step if is_subtitle && step.link().is_some_and(|link| applied.failed.contains_key(&link.rule)) => {
                    Err(None)
                }
                step => self.carry_out_one(step).map_err(Some),
            };
            let path = step.at().to_string();
            match (done, step.link()) {
                (Ok(true), link) => {
                    log::info!("{step}");
                    applied.changes.push((rule_of(step, &before), step.to_string()));
                    self.untold.extend(step.concerns().untold());
                    if let Step::Move { from, .. } = step {
                        standing.remove(&from.to_string());
                        gone.insert(from.to_string());
                    }
                    match link {
                        Some(link) => drop(standing.insert(path, Link { was: None, ..link.clone() })),
                        None => drop(gone.insert(path)),
                    }
                }
                (Ok(false), _) => log::info!("{path} leads to a file again, and is kept"),
                (Err(problem), link) => {
                    let problem = problem.map(|problem| problem.to_string());
                    applied.problems.extend(problem.clone());
                    let Some(link) = link else { continue };
                    match problem {
                        _ if is_subtitle => drop(applied.unmade.insert(path.clone())),
                        problem => drop(applied.failed.insert(link.rule, problem.unwrap_or_default())),
                    }
                    match before.get(path.as_str()) {
                        // either text may stand there now, and both are ours
                        Some(_) if matches!(step, Step::Replace { .. }) => {}
                        Some(&known) => drop(standing.insert(path, known.clone())),
                        None => drop(gone.insert(path)),
                    }
                }
            }
        }
        let news = |meaning: &&Meaning| {
            !applied.failed.contains_key(&meaning.rule) && self.known.meanings.get(&meaning.rule) != Some(meaning)
        };
        let meanings = self.plan.meanings.iter().filter(news).cloned().collect();
        gone.retain(|path| !standing.contains_key(path));
        self.db.save(&Changes {
            links: standing.into_values().collect(),
            forget: gone.into_iter().collect(),
            told: untold.difference(&self.untold).copied().collect(),
            meanings,
            ..Changes::default()
        })?;
        self.stop.check()?;
        Ok(applied)
    }

    /// Whether it is done, and not left since a link that was to go is whole again.
    fn carry_out_one(&self, step: &Step) -> Result<bool> {
        match step {
            Step::Remove { at, text, cause, .. } => return self.tree.remove(at, text, cause.is_guess()),
            Step::Create { at, folders, source, link } => self.tree.create(at, folders, &link.target, source)?,
            Step::Replace { at, with, source, link } => {
                let was = link.was.as_deref().unwrap_or_default();
                match with {
                    Some(with) => self.tree.trade(at, with, was, &link.target, source)?,
                    None => self.tree.replace(at, was, &link.target, source)?,
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

/// The rule that a step is of, 0 if it is none's. `before` are our records, by their paths.
pub fn rule_of(step: &Step, before: &HashMap<&str, &Link>) -> i64 {
    let link = step.link().or_else(|| before.get(step.at().to_string().as_str()).copied());
    link.map_or(0, |link| link.rule.into())
}

/// What is recorded before the steps are tried: from then on either state of the disk is known to be ours.
fn intents<'a>(
    changed: impl Iterator<Item = &'a Link>,
    steps: impl Iterator<Item = &'a Step>,
    before: &HashMap<&str, &Link>,
) -> Vec<Link> {
    // the last word on a path counts
    let mut links: BTreeMap<String, Link> = changed.map(|link| (link.path.clone(), link.clone())).collect();
    for step in steps {
        match step {
            Step::Keep { link, save: true, .. } | Step::Create { link, .. } | Step::Replace { link, .. } => {
                links.insert(link.path.clone(), link.clone());
            }
            Step::Move { from, text, link, .. } => {
                let path = from.to_string();
                if let Some(&known) = before.get(path.as_str()) {
                    let known = Link { target: link.target.clone(), was: Some(text.clone()), ..known.clone() };
                    links.insert(path, known);
                }
                // the link of another rule may stand there until it has moved
                let was = before.get(link.path.as_str()).map(|known| known.target.clone());
                links.insert(link.path.clone(), Link { was, ..link.clone() });
            }
            Step::Keep { .. } | Step::Remove { .. } => {}
        }
    }
    links.into_values().collect()
}
