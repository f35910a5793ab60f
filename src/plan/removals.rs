//! Which link of a film goes, and why. What proves that a file is gone is in `disk/proof.rs` and `run/witness.rs`; whichever of a rule's
//! links another one stands for is found in `plan.rs` (`twins`), and links of subtitles go by `plan/subtitles.rs`.

use std::collections::{HashMap, HashSet};

use super::{
    Broken, Cause, Claim, End, Found, Known, Leads, LinkId, Placed, Plan, Reason, Records, Seen, Step, is_ours,
    policy::away,
};
use crate::model::{Concerns, Deleted, Instance, Link, MediaPath, Rules, Why, counted};

/// Why Radarr has no file for a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFile {
    /// A better one is on its way.
    Upgrade,
    /// Somebody had Radarr delete it.
    Deleted,
    /// Radarr did not see it, or does not say.
    Unseen,
    /// Radarr could not be asked.
    Unknown(String),
}

/// So long an upgrade may take, in seconds: a large file is copied from one disk to another.
const LONGEST_UPGRADE: i64 = 24 * 60 * 60;

impl NoFile {
    pub fn new(deleted: Option<Deleted>, now: i64) -> NoFile {
        match deleted {
            Some(Deleted { why: Why::Upgrade, at }) if now - at < LONGEST_UPGRADE => NoFile::Upgrade,
            Some(Deleted { why: Why::Manual, .. }) => NoFile::Deleted,
            _ => NoFile::Unseen,
        }
    }
}

/// What Radarr says of the film of a link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says<'a> {
    /// It has a file; `absent` from the disk.
    File {
        absent: bool,
    },
    NoFile(&'a NoFile),
    /// It has other films.
    NoFilm,
    /// Radarr, or what the rule needs besides, could not be asked.
    Nothing,
}

/// What becomes of a link of ours that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Goes(Cause),
    /// With a reason that takes the place of the rule's own.
    Stays(Option<Reason>),
}

/// The same reason with our link, which stays, where Sonarr has a file of its own.
fn beside(reason: &Reason, link: &str) -> Option<Reason> {
    let Reason::OwnFile { path, .. } = reason else { return None };
    Some(Reason::OwnFile { path: path.clone(), beside: Some(link.into()) })
}

/// The two witnesses: a link that leads nowhere goes only where they agree that there is no file.
pub(super) fn fate(says: &Says, end: &End, link: &Link, force: bool) -> Fate {
    let path = || link.path.clone();
    let stays = |reason| Fate::Stays(Some(reason));
    let disagree = || stays(away(end).unwrap_or_else(|| Reason::Vanished { path: path() }));
    match (says, end) {
        // what the rule wants is not known in this run
        (Says::Nothing, _) => Fate::Stays(None),
        (Says::NoFile(NoFile::Unknown(cause)), _) => stays(Reason::AppFailed(cause.clone())),
        (Says::NoFile(NoFile::Upgrade), _) => stays(Reason::Upgrade { path: path() }),
        (Says::File { absent: false }, _) => Fate::Stays(None),
        // Radarr has the file, and the disk has not
        (Says::File { absent: true }, _) => disagree(),
        (Says::NoFile(NoFile::Deleted), End::Gone | End::Unproven(_)) => Fate::Goes(Cause::NoFile),
        (Says::NoFile(_) | Says::NoFilm, End::Gone) => Fate::Goes(Cause::NoFile),
        (Says::NoFile(_) | Says::NoFilm, End::Unproven(_)) if force => Fate::Goes(Cause::NoFile),
        (Says::NoFile(_) | Says::NoFilm, End::Unproven(_) | End::Symlink(..) | End::There(..)) => disagree(),
    }
}

/// The links whose fate depends on why Radarr has no file, each with its rule, Radarr and film.
pub fn to_ask(placed: &Placed, seen: &Seen, links: &[Link]) -> Vec<(i32, Instance, i32)> {
    let broken = links.iter().filter(|link| {
        matches!(seen.links.get(&link.path), Some((_, Found::Link { leads: Leads::Nowhere(_), text, .. })) if is_ours(link, text))
    });
    // the film may have left Radarr since the link was made, and come again with another number
    let fileless = broken.filter_map(|link| Some((link.rule, placed.fileless.get(&link.rule)?)));
    fileless.map(|(rule, (radarr, movie_id))| (rule, *radarr, *movie_id)).collect()
}

/// What the removals may do.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// Broken links may be removed.
    pub clean: bool,
    /// However many, and in a library that is not provably there.
    pub force: bool,
}

/// All that the removals are decided from, besides what stands.
pub(super) struct Facts<'a> {
    pub rules: &'a Rules,
    pub fileless: &'a HashMap<i32, (Instance, i32)>,
    pub of_other_films: &'a HashSet<String>,
    /// The rules that have a place, and whose film's file, as Radarr has it, is not on the disk.
    pub absent: &'a HashSet<i32>,
    pub no_files: &'a HashMap<i32, NoFile>,
    pub seen: &'a Seen,
    pub known: &'a Known,
    pub records: &'a Records<'a>,
    pub limits: Allowed,
    /// How many there are.
    pub radarrs: usize,
}

impl Facts<'_> {
    /// Whatever of ours is not needed any more, and what is broken. `standing` are the links that the plan's steps leave at their
    /// places now.
    pub fn removals(&self, plan: &mut Plan, standing: &HashSet<LinkId>) {
        let steps = plan.steps.iter().filter_map(|step| Some((step.link()?.rule, step.at().to_string())));
        let places: HashMap<i32, String> = steps.collect();
        let mut needed: HashSet<String> = places.values().cloned().collect();
        needed.extend(plan.steps.iter().filter_map(|step| match step {
            Step::Move { from, .. } => Some(from.to_string()),
            _ => None,
        }));
        let reasons: HashMap<i64, Reason> = plan.skips.iter().map(|skip| (skip.rule, skip.reason.clone())).collect();
        let mut instead = HashMap::new();
        let mut steps = Vec::new();
        for (path, (at, found)) in &self.seen.links {
            let Some(link) = self.records.get(path.as_str()).filter(|_| !needed.contains(path)) else { continue };
            let rule = i64::from(link.rule);
            let reason = reasons.get(&rule);
            let unneeded = match reason {
                _ if !self.rules.has(link.rule) => Some((Cause::RuleGone, None)),
                // what the rule wants is not known in this run
                Some(Reason::AppFailed(_)) => None,
                _ if self.of_other_films.contains(path) => Some((Cause::OtherFilm, None)),
                // a rule that lost its special to another one has its link for as long as that one has none
                Some(Reason::Contested { by }) => places.get(by).map(|_| (Cause::Superseded, Some(*by))),
                _ => places.get(&link.rule).map(|_| (Cause::Superseded, Some(link.rule))),
            };
            match (found, unneeded) {
                // the same link by another path
                (Found::Link { id, .. }, _) if standing.contains(id) => plan.forget.push(path.clone()),
                (Found::Link { text, .. }, Some((cause, after))) if is_ours(link, text) => {
                    steps.push(removal(at, text, cause, after, link.concerns));
                }
                (Found::Link { .. } | Found::Nothing | Found::Other(_), Some(_)) => plan.forget.push(path.clone()),
                (Found::Unknown(cause), Some(_)) => plan.problems.push(format!("cannot remove {path}: {cause}")),
                // whatever becomes of its rule, it need not lead nowhere
                (Found::Link { text, leads: Leads::Nowhere(End::There(source, target)), .. }, None)
                    if is_ours(link, text) =>
                {
                    let link = Link { target: target.clone(), was: Some(text.clone()), ..(*link).clone() };
                    steps.push(Step::Replace { at: at.clone(), with: None, source: source.clone(), link });
                    drop(reason.and_then(|reason| beside(reason, path)).map(|reason| instead.insert(rule, reason)));
                }
                (Found::Link { text, leads: Leads::Nowhere(end), .. }, None) if is_ours(link, text) => {
                    match fate(&self.says(reason, link), end, link, self.limits.force) {
                        Fate::Goes(cause) if self.limits.clean => {
                            steps.push(removal(at, text, cause, None, link.concerns));
                        }
                        Fate::Goes(_) => {}
                        Fate::Stays(other) => match other.or_else(|| beside(reason?, path)) {
                            Some(reason) => drop(instead.insert(rule, reason)),
                            None => drop(plan.notices.insert(link.rule, format!("its link {path} leads nowhere"))),
                        },
                    }
                }
                (Found::Link { text, .. }, None) => match reason.and_then(|reason| beside(reason, path)) {
                    Some(reason) => drop(instead.insert(rule, reason)),
                    None if is_ours(link, text) && self.is_edited(link.rule) => {
                        let sentence = format!("its link {path} stays until there is a new one");
                        plan.notices.insert(link.rule, sentence);
                    }
                    None => {}
                },
                (Found::Away, _) | (_, None) => {}
            }
        }
        for skip in plan.skips.iter_mut().filter(|skip| !skip.reason.is_failure()) {
            skip.reason = instead.remove(&skip.rule).unwrap_or_else(|| skip.reason.clone());
        }
        steps.sort_by(|a, b| a.at().cmp(b.at()));
        self.broken(plan, &needed, &mut steps);
        self.leftovers(plan, &mut steps);
        let broken = self.seen.count.saturating_sub(self.records.len());
        limit(&mut steps, &mut plan.problems, self.records.len(), |cause| cause == Cause::NoFile, self.limits.force);
        limit(&mut steps, &mut plan.problems, broken, |cause| cause == Cause::Broken, self.limits.force);
        plan.steps.extend(steps);
    }

    /// Whether it is not remembered what the rule means: somebody has edited it.
    fn is_edited(&self, rule: i32) -> bool {
        self.rules.get(rule).is_some_and(|rule| self.known.remembered(rule).is_none())
    }

    fn says(&self, reason: Option<&Reason>, link: &Link) -> Says<'_> {
        let rule = link.rule;
        match (reason, self.no_files.get(&rule)) {
            (Some(Reason::AppFailed(_)), _) => Says::Nothing,
            // the Radarr that had the file is asked no more
            _ if link.concerns.radarr >= self.radarrs => Says::Nothing,
            (Some(Reason::NoMovie { .. }), _) => Says::NoFilm,
            (_, Some(why)) if self.fileless.contains_key(&rule) => Says::NoFile(why),
            _ => Says::File { absent: self.absent.contains(&rule) },
        }
    }

    /// Broken links that are not ours.
    fn broken(&self, plan: &mut Plan, needed: &HashSet<String>, steps: &mut Vec<Step>) {
        let ours = self.seen.links.iter().filter_map(|(path, (_, found))| match found {
            Found::Link { id, text, .. } if is_ours(self.records.get(path.as_str())?, text) => Some(*id),
            _ => None,
        });
        let ours: HashSet<LinkId> = ours.collect();
        for Broken { at, id, text, claimed, series, .. } in &self.seen.broken {
            if ours.contains(id) || needed.contains(&at.to_string()) {
                continue;
            }
            match claimed {
                None => {
                    let (sonarr, series_id) = series.unwrap_or_default();
                    let concerns = Concerns { sonarr, series_id, ..Concerns::default() };
                    steps.push(removal(at, text, Cause::Broken, None, concerns));
                }
                Some(Claim::File(path)) => plan.problems.push(format!(
                    "{at} leads nowhere, and is kept: Radarr has the film's file {path}, which is not there; if it is really gone, let \
                     Radarr scan the film again"
                )),
                Some(Claim::Unknown) => {}
            }
        }
    }

    /// What runs that were killed have left.
    fn leftovers(&self, plan: &mut Plan, steps: &mut Vec<Step>) {
        for (at, found) in &self.seen.leftovers {
            match found {
                Found::Link { text, .. } if self.known.has_text(text) => {
                    steps.push(removal(at, text, Cause::Leftover, None, Concerns::default()));
                }
                // judged like any broken link of others: a run may have moved it aside to remove it
                Found::Link { .. } if self.seen.broken.iter().any(|broken| broken.at == *at) => {}
                Found::Link { .. } | Found::Other(_) => plan.problems.push(stray(at)),
                Found::Nothing | Found::Away | Found::Unknown(_) => {}
            }
        }
    }
}

pub(super) fn removal(at: &MediaPath, text: &str, cause: Cause, after: Option<i32>, concerns: Concerns) -> Step {
    Step::Remove { at: at.clone(), text: text.to_string(), cause, after, concerns }
}

/// What a run had moved aside, because it came to stand in a link's place at that very moment, and could not put back before it was killed.
fn stray(at: &MediaPath) -> String {
    format!(
        "{at} is somebody else's, moved aside by a run that was killed: give it its name again by hand, or remove it"
    )
}

/// Leaves out all removals of a kind that are known from a missing target when they are suspiciously many of the `count` links of
/// that kind.
fn limit(steps: &mut Vec<Step>, problems: &mut Vec<String>, count: usize, kind: impl Fn(Cause) -> bool, force: bool) {
    let is_guess = |step: &Step| matches!(step, Step::Remove { cause, .. } if kind(*cause));
    let guesses = steps.iter().filter(|step| is_guess(step)).count();
    if let Some(problem) = too_many(guesses, count).filter(|_| !force) {
        steps.retain(|step| !is_guess(step));
        problems.push(problem);
    }
}

/// Why so many of `count` links of a kind are not removed because of a missing target, if they are suspiciously many.
pub fn too_many(guesses: usize, count: usize) -> Option<String> {
    let most = (count / 10).max(5);
    (guesses > most).then(|| {
        format!(
            "{} of {} lead to films that are gone, more than the {most} that are removed without asking: if they are \
             really gone, run \"plex-linker once --force\"",
            counted(guesses, "link"),
            count.max(guesses)
        )
    })
}

#[cfg(test)]
mod tests;
