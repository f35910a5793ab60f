//! Which links get another name in one step, and in which order.

use std::collections::{HashMap, HashSet};

use super::{Folders, Found, LinkId, Placement, Records, Seen, Sight, Step, is_ours};
use crate::model::{Link, MediaPath};

/// The steps, of which those that would make a rule's link under a new name beside its old one become moves. A place that another
/// link of ours leaves is free once that one has moved: so the moves come in their order. Two links that take each other's places are
/// exchanged for each other. In a longer circle each place is given its new link by itself: no name leads to another film than before
/// until it leads to its own, but meanwhile a film has two names and another one has none.
pub fn in_order(steps: Vec<(Step, &Placement, &Sight)>, seen: &Seen, records: &Records) -> Vec<Step> {
    let mut moves: HashMap<MediaPath, Step> = HashMap::new();
    let mut free = Vec::new();
    let kept: HashSet<MediaPath> = steps
        .iter()
        .filter(|(step, ..)| matches!(step, Step::Keep { .. }))
        .map(|(step, ..)| step.at().clone())
        .collect();
    let standing = standing(seen, records);
    for (step, placement, sight) in &steps {
        let (Step::Create { source, link, .. } | Step::Replace { source, link, .. }) = step else { continue };
        let place = sight.place.id();
        // of another show's folder another show must hear
        let old = standing.get(&link.rule).into_iter().flatten().find(|old| {
            let known = records.get(old.at.to_string().as_str());
            let same_show = known.is_some_and(|known| {
                (known.concerns.sonarr, known.concerns.series_id) == (link.concerns.sonarr, link.concerns.series_id)
            });
            same_show && old.at != *step.at() && Some(old.id) != place && !kept.contains(&old.at)
        });
        let Some(old) = old else { continue };
        if place.is_none() {
            free.push(step.at().clone());
        }
        let moved = Step::Move {
            from: old.at.clone(),
            text: old.text.clone(),
            at: step.at().clone(),
            folders: Folders::of(placement, sight),
            source: source.clone(),
            link: Link { was: None, ..link.clone() },
        };
        moves.insert(step.at().clone(), moved);
    }
    free.reverse();
    let mut ordered = Vec::new();
    while let Some(place) = free.pop() {
        let Some(step) = moves.remove(&place) else { continue };
        if let Step::Move { from, .. } = &step {
            free.push(from.clone());
        }
        ordered.push(step);
    }
    let moved: HashSet<MediaPath> = ordered.iter().map(|step| step.at().clone()).collect();
    let rest = steps.into_iter().map(|(step, ..)| step).filter(|step| !moved.contains(step.at()));
    ordered.extend(rest.map(|step| exchanged(step, &moves)));
    ordered
}

/// Where the link that is to come to a place stands in the place of the one that is there.
fn exchanged(step: Step, moves: &HashMap<MediaPath, Step>) -> Step {
    let from = |at: &MediaPath| match moves.get(at) {
        // its text is right at its new place
        Some(Step::Move { from, text, link, .. }) if *text == link.target => Some(from.clone()),
        _ => None,
    };
    match step {
        Step::Replace { at, source, link, .. } => {
            let with = from(&at).filter(|other| from(other).as_ref() == Some(&at));
            Step::Replace { at, with, source, link }
        }
        step => step,
    }
}

struct Standing {
    at: MediaPath,
    id: LinkId,
    text: String,
}

/// The links of each rule that are recorded and there, in the order of their paths.
fn standing(seen: &Seen, records: &Records) -> HashMap<i32, Vec<Standing>> {
    let mut standing: HashMap<i32, Vec<Standing>> = HashMap::new();
    for (path, (at, found)) in &seen.links {
        if let (Some(record), Found::Link { id, text, .. }) = (records.get(path.as_str()), found)
            && is_ours(record, text)
        {
            let link = Standing { at: at.clone(), id: *id, text: text.clone() };
            standing.entry(record.rule).or_default().push(link);
        }
    }
    standing.values_mut().for_each(|links| links.sort_by(|a, b| a.at.cmp(&b.at)));
    standing
}
