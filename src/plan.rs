//! Rules × library × disk → plan; pure.

mod moves;
mod place;
mod removals;
mod seen;
mod words;

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use crate::{
    model::{Concerns, InvalidRule, Link, MediaPath, Rules},
    name,
};

pub use place::{Layout, Library, Placed, Placement, Specials, movie, place, series, series_at};
pub use removals::{Limits, NoFile, to_ask};
pub use seen::{Broken, Claim, End, Folder, Found, Leads, LinkId, Seen, Sight, Source};

/// Why a rule is not met for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NoMovie {
        tmdb_id: i32,
    },
    NoFile {
        movie: String,
    },
    NoSeries {
        show_name: String,
        tvdb_id: Option<i32>,
    },
    Ambiguous {
        one: String,
        other: String,
    },
    NoEpisode {
        series: String,
        season: i32,
        number: Option<i32>,
        known: usize,
    },
    /// `beside`: our link, which stays.
    OwnFile {
        path: String,
        beside: Option<String>,
    },
    SourceMissing {
        path: String,
    },
    RootAway {
        path: String,
    },
    /// The film's file is a symlink that leads nowhere.
    EndAway {
        path: String,
        end: String,
    },
    /// The link leads nowhere, and Radarr still has the film's file.
    Vanished {
        path: String,
    },
    /// The link leads nowhere while Radarr puts a better file in the place of the film's.
    Upgrade {
        path: String,
    },
    SourceNotAFile {
        path: String,
    },
    SeriesFolderMissing {
        path: String,
    },
    Outside {
        path: String,
    },
    Occupied {
        path: String,
        by: &'static str,
    },
    Contested {
        by: i32,
    },
    Unreadable {
        path: String,
        cause: String,
    },
    Unusable(String),
    AppFailed(String),
    Invalid(String),
}

impl Reason {
    /// Whether someone must act, or the next run may do better, so that the run has failed. The others are the world as it is.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Reason::AppFailed(_)
                | Reason::Unreadable { .. }
                | Reason::RootAway { .. }
                | Reason::EndAway { .. }
                | Reason::Vanished { .. }
        )
    }
}

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
    /// Of the folders to it only the specials folder is made, inside `series_folder`, and that one if there is another show's folder
    /// that it can be made like.
    Create { at: MediaPath, series_folder: MediaPath, like: Option<MediaPath>, source: PathBuf, link: Link },
    /// `link.was` is the text to be replaced.
    Replace { at: MediaPath, source: PathBuf, link: Link },
    /// The rule's link `from`, whose text is `text`, gets another name, and its present text with it.
    Move { from: MediaPath, text: String, at: MediaPath, source: PathBuf, link: Link },
    /// Only a symlink with this text, and only after the step of the rule `after` has worked. Its record goes with it.
    Remove { at: MediaPath, text: String, cause: Cause, after: Option<i32>, concerns: Concerns },
}

/// The positive reason for which a link is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    RuleGone,
    Superseded,
    NoFile,
    Broken,
    Leftover,
}

impl Step {
    pub fn at(&self) -> &MediaPath {
        match self {
            Step::Keep { at, .. }
            | Step::Create { at, .. }
            | Step::Replace { at, .. }
            | Step::Move { at, .. }
            | Step::Remove { at, .. } => at,
        }
    }

    /// The record of what stands afterwards, of a rule.
    pub fn link(&self) -> Option<&Link> {
        match self {
            Step::Keep { link, .. }
            | Step::Create { link, .. }
            | Step::Replace { link, .. }
            | Step::Move { link, .. } => Some(link),
            Step::Remove { .. } => None,
        }
    }

    /// Whom it concerns.
    pub fn concerns(&self) -> Concerns {
        match self {
            Step::Keep { link, .. }
            | Step::Create { link, .. }
            | Step::Replace { link, .. }
            | Step::Move { link, .. } => link.concerns,
            Step::Remove { concerns, .. } => *concerns,
        }
    }
}

impl Cause {
    /// Known from a missing target, which may be there again.
    pub fn is_guess(self) -> bool {
        matches!(self, Cause::NoFile | Cause::Broken)
    }
}

/// What a run will do, what it cannot do, and why.
#[derive(Debug, Default)]
pub struct Plan {
    /// In this order: first what is kept, made or replaced, then what is removed.
    pub steps: Vec<Step>,
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

/// The plan. `links` are our records, `no_files` tells why Radarr has no file for the rules' films whose links are broken.
pub fn decide(
    rules: &Rules,
    placed: Placed,
    seen: &Seen,
    links: &[Link],
    no_files: &HashMap<i32, NoFile>,
    limits: Limits,
) -> Plan {
    let mut plan = Plan { skips: placed.skips, ..Plan::default() };
    let records: HashMap<&str, &Link> = links.iter().map(|l| (l.path.as_str(), l)).collect();
    let mut steps = Vec::new();
    let (mut standing, mut filed) = (HashSet::new(), HashSet::new());
    for (placement, sight) in placed.placements.iter().zip(&seen.sights) {
        filed.extend(matches!(sight.source, Source::File(_)).then_some(placement.rule));
        match step(placement, sight, &records) {
            Ok(step) => {
                let at_place = if *step.at() == placement.link { Some(&sight.place) } else { sight.own_file.as_ref() };
                standing.extend(at_place.and_then(Found::id));
                steps.push((step, sight));
            }
            Err(reason) => plan.skips.push(Skip { rule: placement.rule.into(), reason }),
        }
    }
    for (step, sight) in &steps {
        let unknown = |at: &MediaPath, id: &LinkId| {
            at != step.at() && !standing.contains(id) && !records.contains_key(at.to_string().as_str())
        };
        let after = step.link().map(|link| link.rule);
        let namesakes = sight.namesakes.iter().filter(|(at, id, _)| unknown(at, id));
        plan.steps.extend(
            namesakes.map(|(at, _, text)| removals::removal(at, text, Cause::Superseded, after, step.concerns())),
        );
    }
    plan.steps.extend(moves::in_order(steps, seen, &records));
    let fileless = &placed.fileless;
    let facts = removals::Facts { rules, fileless, filed: &filed, no_files, seen, records: &records, limits };
    facts.removals(&mut plan, &standing);
    for InvalidRule { id, reason } in &rules.invalid {
        plan.skips.push(Skip { rule: *id, reason: Reason::Invalid(reason.clone()) });
    }
    plan.skips.sort_by_key(|skip| skip.rule);
    plan.steps.sort_by_key(|step| matches!(step, Step::Remove { .. }));
    plan
}

/// What is done for one placement: the policy for what may stand at a link's place.
fn step(placement: &Placement, sight: &Sight, records: &HashMap<&str, &Link>) -> Result<Step, Reason> {
    let (folder, like) = match &sight.folder {
        Folder::Real(path) => (path, None),
        Folder::ToMake { real, like } => (real, Some(like.clone())),
        Folder::SeriesMissing { root_away: Some(root) } => return Err(Reason::RootAway { path: root.clone() }),
        Folder::SeriesMissing { root_away: None } => {
            return Err(Reason::SeriesFolderMissing { path: placement.series_folder.to_string() });
        }
        Folder::Outside => return Err(Reason::Outside { path: placement.link.to_string() }),
        Folder::Unknown(cause) => {
            return Err(Reason::Unreadable { path: placement.link.to_string(), cause: cause.clone() });
        }
    };
    let source = match &sight.source {
        Source::File(path) => path.clone(),
        Source::Missing(End::Unproven(Some(root))) => return Err(Reason::RootAway { path: root.clone() }),
        Source::Missing(End::Symlink(at, end)) => {
            return Err(Reason::EndAway { path: at.clone(), end: end.clone() });
        }
        Source::Missing(End::Gone | End::Unproven(None)) => {
            return Err(Reason::SourceMissing { path: placement.source.to_string() });
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
    let adopted = own_file(placement, sight, records)?;

    match (&sight.place, adopted) {
        (Found::Link { text, leads: Leads::ToSource, .. }, _) => Ok(keep(make(&at, text), at, record)),
        (Found::Nothing | Found::Away, Some((own, text))) => Ok(keep(make(own, text), own.clone(), None)),
        (Found::Nothing | Found::Away, None) => {
            let series_folder = placement.series_folder.clone();
            Ok(Step::Create { link: make(&at, &target), at, series_folder, like, source })
        }
        (Found::Link { text, leads, .. }, _)
            if ours(text) || matches!(leads, Leads::Nowhere(end) if *end == End::Gone || moved(text)) =>
        {
            let link = Link { was: Some(text.clone()), ..make(&at, &target) };
            Ok(Step::Replace { link, at, source })
        }
        (Found::Link { leads: Leads::Unknown(cause), .. } | Found::Unknown(cause), _) => Err(unreadable(cause)),
        (Found::Link { leads: Leads::Elsewhere, .. }, _) => Err(occupied("another symlink")),
        (Found::Link { .. }, _) => Err(occupied("another symlink, whose disk may be away,")),
        (Found::Other(what), _) => Err(occupied(what)),
    }
}

/// The link that Sonarr has for the special under a name that it gave itself: the right one, to be kept there. Anything else that
/// Sonarr has for it keeps us from placing our link, since the two would take turns (*facts D.5*).
fn own_file<'a>(
    placement: &'a Placement,
    sight: &'a Sight,
    records: &HashMap<&str, &Link>,
) -> Result<Option<(&'a MediaPath, &'a str)>, Reason> {
    let (Some(own), Some(found)) = (&placement.own_file, &sight.own_file) else { return Ok(None) };
    let path = own.to_string();
    let record = records.get(path.as_str());
    match found {
        // a link of ours from before the film or the special had its present name
        Found::Link { text, .. } if record.is_some_and(|link| is_ours(link, text)) => Ok(None),
        Found::Link { text, leads: Leads::ToSource, .. } => Ok(Some((own, text))),
        Found::Nothing | Found::Away | Found::Link { leads: Leads::Nowhere(_), .. } => Ok(None),
        Found::Unknown(cause) | Found::Link { leads: Leads::Unknown(cause), .. } => {
            Err(Reason::Unreadable { path, cause: cause.clone() })
        }
        Found::Link { leads: Leads::Elsewhere, .. } | Found::Other(_) => Err(Reason::OwnFile { path, beside: None }),
    }
}

/// Whether a symlink with this text is the recorded one: as it was before a change that was under way, or after it.
pub fn is_ours(link: &Link, text: &str) -> bool {
    link.target == text || link.was.as_deref() == Some(text)
}

fn record_of(placement: &Placement, at: &MediaPath, target: &str) -> Link {
    Link {
        path: at.to_string(),
        rule: placement.rule,
        named: placement.wanted.to_string(),
        target: target.to_string(),
        was: None,
        concerns: placement.concerns,
    }
}

/// A link that is right: the apps need not hear of it.
fn keep(link: Link, at: MediaPath, record: Option<&Link>) -> Step {
    Step::Keep { at, save: record != Some(&link), link }
}

#[cfg(test)]
mod tests;
