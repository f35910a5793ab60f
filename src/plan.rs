//! Rules × library × disk → plan; pure.

mod place;
mod seen;
mod words;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use crate::{
    model::{Concerns, InvalidRule, Link, Meaning, MediaPath, Reason, Rules, counted},
    name,
};

pub use place::{Followed, Known, Layout, Placed, Placement, place, rivals, series_at, unnamed};
pub use seen::{Broken, Folder, Found, Leads, Seen, Sight, Source};

/// A rule that is not met, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub rule: i64,
    pub reason: Reason,
}

/// One thing to do. `link` is our record of what stands afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing on the disk; `save` when our record differs.
    Keep { at: MediaPath, link: Link, save: bool },
    /// Of the folders to it only the specials folder is made, inside `series_folder`.
    Create { at: MediaPath, series_folder: MediaPath, source: PathBuf, link: Link },
    /// `link.was` is the text to be replaced.
    Replace { at: MediaPath, source: PathBuf, link: Link },
    /// Only a symlink with this text, and only after the step of the rule `after` has worked. Its record goes with it.
    Remove { at: MediaPath, text: String, cause: Cause, after: Option<i32>, concerns: Concerns },
}

/// The positive reason for which a link is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    RuleGone,
    Superseded,
    NoFile,
    TargetGone,
    Broken,
    Leftover,
}

impl Step {
    pub fn at(&self) -> &MediaPath {
        match self {
            Step::Keep { at, .. } | Step::Create { at, .. } | Step::Replace { at, .. } | Step::Remove { at, .. } => at,
        }
    }

    /// The record of what stands afterwards, of a rule.
    pub fn link(&self) -> Option<&Link> {
        match self {
            Step::Keep { link, .. } | Step::Create { link, .. } | Step::Replace { link, .. } => Some(link),
            Step::Remove { .. } => None,
        }
    }

    /// Whom it concerns.
    pub fn concerns(&self) -> Concerns {
        match self {
            Step::Keep { link, .. } | Step::Create { link, .. } | Step::Replace { link, .. } => link.concerns,
            Step::Remove { concerns, .. } => *concerns,
        }
    }
}

impl Cause {
    /// Known from a missing target: such removals are limited.
    fn is_guess(self) -> bool {
        matches!(self, Cause::NoFile | Cause::TargetGone | Cause::Broken)
    }
}

/// What a run will do, what it cannot do, and why.
#[derive(Debug, Default)]
pub struct Plan {
    /// In this order: first what is kept, made or replaced, then what is removed.
    pub steps: Vec<Step>,
    /// Rules whose specials have other numbers now.
    pub followed: Vec<(i32, Followed)>,
    /// What rules mean whose links stand, or are to be made.
    pub meanings: Vec<Meaning>,
    /// Records of links that others have removed or replaced: not ours any more.
    pub forget: Vec<String>,
    pub skips: Vec<Skip>,
    /// What somebody must see to, a sentence each.
    pub problems: Vec<String>,
}

impl Plan {
    /// The steps that change the disk.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !matches!(step, Step::Keep { .. }))
    }
}

/// What the removals may do.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Broken links of our own may be removed.
    pub clean: bool,
    /// However many.
    pub force: bool,
}

/// The plan. `links` are our records.
pub fn decide(rules: &Rules, placed: Placed, seen: &Seen, links: &[Link], layout: &Layout, limits: Limits) -> Plan {
    let mut plan = Plan { skips: placed.skips, ..Plan::default() };
    let records: HashMap<&str, &Link> = links.iter().map(|l| (l.path.as_str(), l)).collect();
    for (placement, sight) in placed.placements.iter().zip(&seen.sights) {
        plan.followed.extend(placement.followed.clone().map(|followed| (placement.rule, followed)));
        match step(placement, sight, &records, layout) {
            Ok(step) => {
                let unknown = |at: &MediaPath| at != step.at() && !records.contains_key(at.to_string().as_str());
                for (at, text) in sight.namesakes.iter().filter(|(at, _)| unknown(at)) {
                    let after = Some(placement.rule);
                    plan.steps.push(removal(at, text, Cause::Superseded, after, step.concerns()));
                }
                plan.steps.push(step);
                plan.meanings.push(placement.meaning.clone());
            }
            Err(reason) => plan.skips.push(Skip { rule: placement.rule.into(), reason }),
        }
    }
    removals(&mut plan, rules, &placed.fileless, seen, &records, limits);
    limit(&mut plan, seen.count.max(records.len()), limits.force);
    for InvalidRule { id, reason } in &rules.invalid {
        plan.skips.push(Skip { rule: *id, reason: Reason::Invalid(reason.clone()) });
    }
    plan.skips.sort_by_key(|skip| skip.rule);
    plan.steps.sort_by_key(|step| matches!(step, Step::Remove { .. }));
    plan
}

/// What is done for one placement: the policy for what may stand at a link's place.
fn step(placement: &Placement, sight: &Sight, records: &HashMap<&str, &Link>, layout: &Layout) -> Result<Step, Reason> {
    let folder = match &sight.folder {
        Folder::Real(path) => path,
        Folder::SeriesMissing { root_away: Some(root) } => return Err(Reason::RootAway { path: root.clone() }),
        Folder::SeriesMissing { root_away: None } => {
            return Err(Reason::SeriesFolderMissing {
                path: placement.series_folder.to_string(),
                sonarr: placement.concerns.sonarr,
            });
        }
        Folder::Outside => return Err(Reason::Outside { path: placement.link.to_string() }),
        Folder::Unknown(cause) => {
            return Err(Reason::Unreadable { path: placement.link.to_string(), cause: cause.clone() });
        }
    };
    let source = match &sight.source {
        Source::File(path) => path.clone(),
        Source::Missing { root_away: Some(root) } => return Err(Reason::RootAway { path: root.clone() }),
        Source::Missing { root_away: None } => {
            return Err(Reason::SourceMissing {
                path: placement.source.to_string(),
                radarr: placement.concerns.radarr,
            });
        }
        Source::NotAFile => return Err(Reason::SourceNotAFile { path: placement.source.to_string() }),
        Source::Unknown(cause) => {
            return Err(Reason::Unreadable { path: placement.source.to_string(), cause: cause.clone() });
        }
    };
    let Some(target) = name::relative(folder, &source).to_str().map(String::from) else {
        return Err(Reason::Unusable(format!("the path of {} is not valid UTF-8", placement.source)));
    };

    let at = placement.link.clone();
    let record = records.get(at.to_string().as_str()).copied();
    let make = |at: &MediaPath, target: &str| record_of(placement, at, target);
    let occupied = |by| Reason::Occupied { path: at.to_string(), by };
    let unreadable = |cause: &String| Reason::Unreadable { path: at.to_string(), cause: cause.clone() };
    let ours = |text: &str| record.is_some_and(|link| is_ours(link, text));
    // Sonarr moves a link along with the folder of its show, which breaks it
    let moved = |text: &str| records.values().any(|link| link.rule == placement.rule && is_ours(link, text));
    let by_sonarr = own_file(placement, sight, records, layout)?;
    if let Some((own, text, is_right)) = by_sonarr {
        let link = Link {
            named: placement.named_by_sonarr.clone().unwrap_or_default(),
            target: if is_right { text.into() } else { target.clone() },
            was: (!is_right).then(|| text.into()),
            ..record_of(placement, own, text)
        };
        let at = own.clone();
        return Ok(if is_right { keep(link, at, None) } else { Step::Replace { at, source, link } });
    }
    match &sight.place {
        Found::Link { text, leads: Leads::ToSource } => Ok(keep(make(&at, text), at, record)),
        Found::Nothing | Found::Away => {
            let series_folder = placement.series_folder.clone();
            Ok(Step::Create { link: make(&at, &target), at, series_folder, source })
        }
        Found::Link { text, leads }
            if ours(text) || matches!(leads, Leads::Nowhere { alive } if *alive || moved(text)) =>
        {
            let link = Link { was: Some(text.clone()), ..make(&at, &target) };
            Ok(Step::Replace { link, at, source })
        }
        Found::Link { leads: Leads::Unknown(cause), .. } | Found::Unknown(cause) => Err(unreadable(cause)),
        Found::Link { leads: Leads::Elsewhere, .. } => Err(occupied("another symlink")),
        Found::Link { .. } => Err(occupied("another symlink, whose disk may be away,")),
        Found::Other(what) => Err(occupied(what)),
    }
}

/// The link that Sonarr has for the special under a name that it gave itself, and whether that leads to the film: it is the rule's link,
/// and stays there. Sonarr writes a link that it moves to another folder anew, through the folder that it then removes: such a link leads
/// nowhere, but its text, read as a path, is the film (*observed §10*). Anything else that Sonarr has for the special keeps us from
/// placing our link, since the two would take turns (*facts D.5*).
fn own_file<'a>(
    placement: &'a Placement,
    sight: &'a Sight,
    records: &HashMap<&str, &Link>,
    layout: &Layout,
) -> Result<Option<(&'a MediaPath, &'a str, bool)>, Reason> {
    let paths = &layout.sonarr[placement.concerns.sonarr];
    let reads_as_source = |text: &str| {
        let read = name::leads_to(Path::new("/"), text);
        let local = read.to_str().map(|read| name::mapped(paths, &layout.roots, read));
        text.starts_with('/') && local.is_some_and(|local| local == placement.source.absolute())
    };
    let mut adopted = None;
    for (own, found) in placement.own_files.iter().zip(&sight.own_files) {
        let path = own.to_string();
        let adoptable = placement.named_by_sonarr.is_some();
        match found {
            // a link of ours from before the film or the special had its present name
            Found::Link { text, .. } if records.get(path.as_str()).is_some_and(|link| is_ours(link, text)) => {}
            Found::Link { text, leads: Leads::ToSource } if adoptable => adopted = Some((own, text.as_str(), true)),
            Found::Link { text, leads: Leads::Nowhere { .. } } if adoptable && reads_as_source(text) => {
                adopted = Some((own, text.as_str(), false));
            }
            Found::Nothing | Found::Away | Found::Link { leads: Leads::ToSource | Leads::Nowhere { .. }, .. } => {}
            Found::Unknown(cause) | Found::Link { leads: Leads::Unknown(cause), .. } => {
                return Err(Reason::Unreadable { path, cause: cause.clone() });
            }
            Found::Link { leads: Leads::Elsewhere, .. } | Found::Other(_) => return Err(Reason::OwnFile { path }),
        }
    }
    Ok(adopted)
}

/// Whether a symlink with this text is the recorded one: as it was before a change that was under way, or after it.
fn is_ours(link: &Link, text: &str) -> bool {
    link.target == text || link.was.as_deref() == Some(text)
}

fn record_of(placement: &Placement, at: &MediaPath, target: &str) -> Link {
    Link {
        path: at.to_string(),
        rule: placement.rule,
        named: placement.named.clone(),
        target: target.to_string(),
        was: None,
        concerns: placement.concerns,
    }
}

/// A link that is right: the apps need not hear of it.
fn keep(link: Link, at: MediaPath, record: Option<&Link>) -> Step {
    Step::Keep { at, save: record != Some(&link), link }
}

/// Whatever of ours is not needed any more, and what is broken.
fn removals(
    plan: &mut Plan,
    rules: &Rules,
    fileless: &HashSet<i32>,
    seen: &Seen,
    records: &HashMap<&str, &Link>,
    limits: Limits,
) {
    let known: HashSet<i64> =
        rules.rules.iter().map(|rule| rule.id.into()).chain(rules.invalid.iter().map(|rule| rule.id)).collect();
    let stands = plan.steps.iter().filter_map(|step| Some((step.link()?.rule, step.at().to_string())));
    let standing: HashMap<i32, String> = stands.collect();
    let needed: HashSet<&str> = standing.values().map(String::as_str).collect();
    let skipped: HashMap<i64, &Reason> = plan.skips.iter().map(|skip| (skip.rule, &skip.reason)).collect();
    let mut steps = Vec::new();
    for (path, (at, found)) in &seen.links {
        let Some(link) = records.get(path.as_str()).filter(|_| !needed.contains(path.as_str())) else { continue };
        let skipped = skipped.get(&link.rule.into());
        let unneeded = if !known.contains(&link.rule.into()) {
            Some((Cause::RuleGone, None))
        } else {
            // a rule that lost its special to another one has its link for as long as that one has none
            let winner = match skipped {
                Some(Reason::Contested { by }) => *by,
                _ => link.rule,
            };
            standing.get(&winner).map(|_| (Cause::Superseded, Some(winner)))
        };
        let dangling = match found {
            // what its rule wants is not known in this run: the link stays for the next one to replace
            _ if skipped.is_some_and(|reason| reason.is_failure()) => None,
            Found::Link { leads: Leads::Nowhere { alive }, .. } if limits.clean => {
                // an empty library names no folder that could be alive
                let believed = limits.force && matches!(skipped, Some(Reason::NoMovie { .. }));
                if believed || fileless.contains(&link.rule) {
                    Some(Cause::NoFile)
                } else {
                    alive.then_some(Cause::TargetGone)
                }
            }
            _ => None,
        };
        let cause = unneeded.or(dangling.map(|cause| (cause, None)));
        match (found, cause) {
            (Found::Link { text, .. }, Some((cause, after))) if is_ours(link, text) => {
                steps.push(removal(at, text, cause, after, link.concerns));
            }
            (Found::Link { .. } | Found::Nothing | Found::Other(_), Some(_)) => plan.forget.push(path.clone()),
            (Found::Unknown(cause), Some(_)) => plan.problems.push(format!("cannot remove {path}: {cause}")),
            (Found::Away, _) | (_, None) => {}
        }
    }
    steps.sort_by(|a, b| a.at().cmp(b.at()));
    for Broken { at, text, series, .. } in seen.broken.iter().filter(|broken| broken.alive) {
        let path = at.to_string();
        let ours = records.get(path.as_str()).is_some_and(|link| is_ours(link, text));
        if !ours && !needed.contains(path.as_str()) {
            let (sonarr, series_id) = series.unwrap_or_default();
            let concerns = Concerns { sonarr, series_id, ..Concerns::default() };
            steps.push(removal(at, text, Cause::Broken, None, concerns));
        }
    }
    for (at, found) in &seen.leftovers {
        match found {
            Found::Link { text, leads }
                if records.values().any(|link| is_ours(link, text)) || *leads == (Leads::Nowhere { alive: true }) =>
            {
                steps.push(removal(at, text, Cause::Leftover, None, Concerns::default()));
            }
            Found::Link { .. } | Found::Other(_) => plan.problems.push(stray(at)),
            Found::Nothing | Found::Away | Found::Unknown(_) => {}
        }
    }
    plan.steps.extend(steps);
}

fn removal(at: &MediaPath, text: &str, cause: Cause, after: Option<i32>, concerns: Concerns) -> Step {
    Step::Remove { at: at.clone(), text: text.to_string(), cause, after, concerns }
}

/// What a run had moved aside, because it came to stand in a link's place at that very moment, and could not put back before it was killed.
fn stray(at: &MediaPath) -> String {
    format!(
        "{at} is somebody else's, moved aside by a run that was killed: give it its name again by hand, or remove it"
    )
}

/// Leaves out all removals that are known from a missing target when they are suspiciously many of the `count` links.
fn limit(plan: &mut Plan, count: usize, force: bool) {
    let guess = |step: &Step| matches!(step, Step::Remove { cause, .. } if cause.is_guess());
    let guesses = plan.steps.iter().filter(|step| guess(step)).count();
    let most = (count / 10).max(5);
    if guesses > most && !force {
        plan.steps.retain(|step| !guess(step));
        plan.problems.push(format!(
            "{} of {} lead to films that are gone, more than the {most} that are removed without asking: if they are \
             really gone, run \"plex-linker once --force\"",
            counted(guesses, "link"),
            count.max(guesses)
        ));
    }
}

#[cfg(test)]
pub(crate) mod tests;
