//! Rules × library × disk → plan; pure.

mod astray;
mod known;
mod layout;
mod moves;
mod others;
mod place;
mod policy;
pub mod questions;
mod removals;
mod seen;
mod shows;
mod step;
mod subtitles;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use crate::{
    model::{InvalidRule, Link, Meaning, MediaPath, Reason, Rules},
    name,
};

pub use known::Known;
pub use layout::Layout;
pub use others::{in_the_way, left_behind};
use others::{twins, was_ours};
pub use policy::is_ours;
use policy::{Act, Obstacle, away, unreadable};

pub use place::{Followed, Placed, Placement, place, present_file, rivals, unnamed};
pub use removals::{Allowed, NoFile, to_ask, too_many};
pub use seen::{Broken, Claim, End, Folder, Found, Leads, LinkId, Seen, Sight, Source};
pub use shows::Shows;
pub use step::{Cause, Folders, Records, Step};
pub use subtitles::{Beside, LinkedFilm, Spot, SubtitleFile};

/// A rule that is not met, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub rule: i64,
    pub reason: Reason,
}

/// What a run will do, what it cannot do, and why.
#[derive(Debug, Default)]
pub struct Plan {
    /// In this order: first what is kept, made or replaced, then what is removed.
    pub steps: Vec<Step>,
    /// The same for the links of subtitles, which stand beside those of their films: to be carried out after these.
    pub subtitles: Vec<Step>,
    /// The films whose links stand then.
    pub films: Vec<LinkedFilm>,
    /// Rules whose specials have other numbers now.
    pub followed: Vec<(i32, Followed)>,
    /// The rules' whose links stand, or are to be made.
    pub placements: HashMap<i32, Placement>,
    /// Records of links that others have removed or replaced: not ours any more.
    pub forget: Vec<String>,
    pub skips: Vec<Skip>,
    /// What is to be told of rules whose links stand all the same, a sentence each.
    pub notices: HashMap<i32, String>,
    /// The same of films of several files.
    pub parts: HashMap<i32, Reason>,
    /// What somebody must see to, a sentence each.
    pub problems: Vec<String>,
}

impl Plan {
    /// The steps that change the disk.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.all().filter(|step| !matches!(step, Step::Keep { .. }))
    }

    /// What a report tells of rules that follow their specials, each with its rule.
    pub fn followed(&self) -> impl Iterator<Item = (i64, String)> {
        self.followed.iter().map(|(rule, followed)| ((*rule).into(), followed.sentence.clone()))
    }

    /// All steps, in their order.
    pub fn all(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().chain(&self.subtitles)
    }
}

/// The plan, but for subtitles. `no_files` tells why Radarr has no file for the rules' films whose links are broken.
pub fn decide(
    rules: &Rules,
    placed: Placed,
    seen: &Seen,
    known: &Known,
    layout: &Layout,
    no_files: &HashMap<i32, NoFile>,
    limits: Allowed,
) -> Plan {
    let mut plan = Plan { skips: placed.skips, ..Plan::default() };
    let records: Records = known.links.iter().map(|link| (link.path.as_str(), link)).collect();
    let free = seen.broken.iter().filter(|link| link.claimed.is_none() && limits.clean).map(|link| link.id);
    let free: HashSet<LinkId> = free.collect();
    let mut steps = Vec::new();
    let (mut standing, mut absent) = (HashSet::new(), HashSet::new());
    for (placement, sight) in placed.placements.iter().zip(&seen.sights) {
        plan.followed.extend(placement.followed.clone().map(|followed| (placement.rule, followed)));
        absent.extend(matches!(sight.source, Source::Missing(_)).then_some(placement.rule));
        match step(placement, sight, &records, layout, |id| free.contains(&id)) {
            Ok(step) => {
                let own = placement.own_files.iter().zip(&sight.own_files).find(|(own, _)| *own == step.at());
                let at_place = if *step.at() == placement.link { Some(&sight.place) } else { own.map(|(_, own)| own) };
                standing.extend(at_place.and_then(Found::id));
                // Sonarr has moved the link, and removed its folder perhaps
                let moved = |link: &&Link| {
                    let found = seen.links.get(&link.path);
                    link.path != step.at().to_string()
                        && found.is_some_and(|(at, found)| at.is_in(&placement.series_folder) && *found == Found::Away)
                };
                let moved = known.links_of(placement.rule).iter().filter(moved);
                plan.forget.extend(moved.map(|link| link.path.clone()));
                plan.films.extend(LinkedFilm::new(&step, placement, sight));
                steps.push((step, placement, sight));
                let meaning = Meaning { disk: sight.disk.clone(), ..placement.meaning.clone() };
                plan.placements.insert(placement.rule, Placement { meaning, ..placement.clone() });
            }
            Err(reason) => plan.skips.push(Skip { rule: placement.rule.into(), reason }),
        }
    }
    for (step, placement, sight) in &steps {
        for (at, (id, text)) in twins(placement, sight) {
            if at == step.at() || standing.contains(&id) || records.contains_key(at.to_string().as_str()) {
                continue;
            }
            if known.is_old(placement.rule) || was_ours(text, placement, seen, known, layout) {
                plan.steps.push(removals::removal(at, text, Cause::Superseded, Some(placement.rule), step.concerns()));
            } else {
                let sentence =
                    format!("{at} leads to the film as well, and is somebody else's: remove it if it is not needed");
                plan.notices.insert(placement.rule, sentence);
            }
        }
    }
    plan.steps.extend(moves::in_order(steps, seen, &records));
    let (fileless, of_other_films) = (&placed.fileless, &placed.of_other_films);
    let (records, absent, radarrs) = (&records, &absent, layout.radarr.len());
    let facts =
        removals::Facts { rules, fileless, of_other_films, absent, no_files, seen, known, records, limits, radarrs };
    facts.removals(&mut plan, &standing);
    for InvalidRule { id, reason } in &rules.invalid {
        plan.skips.push(Skip { rule: *id, reason: Reason::Invalid(reason.clone()) });
    }
    plan.skips.sort_by_key(|skip| skip.rule);
    plan.steps.sort_by_key(|step| matches!(step, Step::Remove { .. }));
    plan
}

fn reads_as_source(text: &str, placement: &Placement, layout: &Layout) -> bool {
    name::reads_as(&layout.sonarr[placement.concerns.sonarr], &layout.roots, text, &placement.source.absolute())
}

/// What is done for one placement.
fn step(
    placement: &Placement,
    sight: &Sight,
    records: &Records,
    layout: &Layout,
    free: impl Fn(LinkId) -> bool,
) -> Result<Step, Reason> {
    let (folder, source) = (real_folder(placement, sight)?, real_source(placement, sight)?);
    let Some(target) = name::relative(folder, source).to_str().map(String::from) else {
        return Err(Reason::Unusable(format!("the path of {} is not valid UTF-8", placement.source)));
    };
    let (at, source) = (placement.link.clone(), source.clone());
    let record = records.get(at.to_string().as_str()).copied();
    let reads_as_source = |text: &str| reads_as_source(text, placement, layout);
    let by_sonarr = own_file(placement, sight, records, reads_as_source)?;
    let right = matches!(sight.place, Found::Link { leads: Leads::ToSource, .. });
    if let Some((own, text, is_right)) = by_sonarr.filter(|_| !right) {
        let link = Link {
            named: placement.named_by_sonarr.clone().unwrap_or_default(),
            target: if is_right { text.into() } else { target },
            was: (!is_right).then(|| text.into()),
            ..record_of(placement, own, text)
        };
        let at = own.clone();
        return Ok(if is_right { Step::keep(link, at, None) } else { Step::Replace { at, with: None, source, link } });
    }
    let ours = |text: &str| record.is_some_and(|link| is_ours(link, text));
    match policy::act(&sight.place, right, ours, |id, text| free(id) || reads_as_source(text)) {
        Ok(Act::Keep(text)) => Ok(Step::keep(record_of(placement, &at, text), at, record)),
        Ok(Act::Make) => {
            let folders = Folders::of(placement, sight);
            Ok(Step::Create { link: record_of(placement, &at, &target), at, folders, source })
        }
        Ok(Act::Replace(text)) => {
            let link = Link { was: Some(text.into()), ..record_of(placement, &at, &target) };
            Ok(Step::Replace { link, at, with: None, source })
        }
        Err(Obstacle::Thing(by)) => Err(Reason::Occupied { path: at.to_string(), by }),
        Err(Obstacle::Unknown(cause)) => Err(unreadable(&at, cause)),
    }
}

/// The real path of the folder that the link is or will be in.
fn real_folder<'a>(
    Placement { link, series_folder, concerns, .. }: &Placement,
    sight: &'a Sight,
) -> Result<&'a Path, Reason> {
    match &sight.folder {
        Folder::Real(path) | Folder::ToMake { real: path, .. } => Ok(path),
        Folder::SeriesMissing { root_away: Some(root) } => Err(Reason::RootAway { path: root.clone() }),
        Folder::SeriesMissing { root_away: None } => {
            Err(Reason::SeriesFolderMissing { path: series_folder.to_string(), sonarr: concerns.sonarr })
        }
        Folder::Outside => Err(Reason::Outside { path: link.to_string() }),
        Folder::Unknown(cause) => Err(unreadable(link, cause)),
    }
}

/// The real path of the film's file.
fn real_source<'a>(Placement { source, concerns, .. }: &Placement, sight: &'a Sight) -> Result<&'a PathBuf, Reason> {
    match &sight.source {
        Source::File(path) => Ok(path),
        Source::Missing(end) => {
            let missing = || Reason::SourceMissing { path: source.to_string(), radarr: concerns.radarr };
            Err(away(end).unwrap_or_else(missing))
        }
        Source::NotAFile => Err(Reason::SourceNotAFile { path: source.to_string() }),
        Source::Unknown(cause) => Err(unreadable(source, cause)),
    }
}

/// The link that Sonarr has for the special under a name that it gave itself, and whether that leads to the film: it is the rule's link,
/// and stays there. Sonarr writes a link that it moves to another folder anew, through the folder that it then removes: such a link leads
/// nowhere, but its text, read as a path, is the film (*observed §10*). Anything else that Sonarr has for the special keeps us from
/// placing our link, since the two would take turns (*facts D.5*).
fn own_file<'a>(
    placement: &'a Placement,
    sight: &'a Sight,
    records: &Records,
    reads_as_source: impl Fn(&str) -> bool,
) -> Result<Option<(&'a MediaPath, &'a str, bool)>, Reason> {
    let mut adopted = None;
    for (own, found) in placement.own_files.iter().zip(&sight.own_files) {
        let path = own.to_string();
        let adoptable = placement.named_by_sonarr.is_some();
        match found {
            // a link of ours from before the film or the special had its present name
            Found::Link { text, .. } if records.get(path.as_str()).is_some_and(|link| is_ours(link, text)) => {}
            Found::Link { text, leads: Leads::ToSource, .. } if adoptable => adopted = Some((own, text.as_str(), true)),
            Found::Link { text, leads: Leads::Nowhere(_), .. } if adoptable && reads_as_source(text) => {
                adopted = Some((own, text.as_str(), false));
            }
            Found::Nothing | Found::Away | Found::Link { leads: Leads::ToSource | Leads::Nowhere(_), .. } => {}
            Found::Unknown(cause) | Found::Link { leads: Leads::Unknown(cause), .. } => {
                return Err(unreadable(own, cause));
            }
            Found::Link { leads: Leads::Elsewhere, .. } | Found::Other(_) => {
                return Err(Reason::OwnFile { path, beside: None });
            }
        }
    }
    Ok(adopted)
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

#[cfg(test)]
pub(crate) mod tests;
