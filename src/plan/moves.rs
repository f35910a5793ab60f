//! Which links get another name in one step, and in which order.

use std::collections::{HashMap, HashSet};

use super::{Found, LinkId, Seen, Sight, Step, is_ours};
use crate::model::{Link, MediaPath};

/// The steps, of which those that would make a rule's link under a new name beside its old one become moves. A place that another
/// link of ours leaves is free once that one has moved: so the moves come in their order. Where they go round in a circle (two specials
/// that swap their numbers) each place is given its new link by exchange: nothing is ever missing, and no name leads to another film
/// than before until it leads to its own.
pub fn in_order(steps: Vec<(Step, &Sight)>, seen: &Seen, records: &HashMap<&str, &Link>) -> Vec<Step> {
    let mut moves: HashMap<String, Step> = HashMap::new();
    let mut free = Vec::new();
    let mut ordered = Vec::new();
    let kept: HashSet<String> = steps
        .iter()
        .filter(|(step, _)| matches!(step, Step::Keep { .. }))
        .map(|(step, _)| step.at().to_string())
        .collect();
    let standing = standing(seen, records);
    let mut rest = Vec::new();
    for (step, sight) in steps {
        let (source, link) = match &step {
            Step::Create { source, link, .. } if sight.place == Found::Nothing => (source, link),
            Step::Replace { source, link, .. } => (source, link),
            _ => {
                rest.push(step);
                continue;
            }
        };
        let place = sight.place.id();
        // of another show's folder another show must hear
        let old = standing.get(&link.rule).into_iter().flatten().find(|old| {
            let known = records.get(old.at.to_string().as_str());
            let same_show = known.is_some_and(|known| {
                (known.concerns.sonarr, known.concerns.series_id) == (link.concerns.sonarr, link.concerns.series_id)
            });
            same_show && old.at != *step.at() && Some(old.id) != place && !kept.contains(&old.at.to_string())
        });
        match old {
            Some(old) => {
                let to = step.at().clone();
                if place.is_none() {
                    free.push(to.to_string());
                }
                let link = Link { was: None, ..link.clone() };
                let moved = Step::Move {
                    from: old.at.clone(),
                    text: old.text.clone(),
                    at: to.clone(),
                    source: source.clone(),
                    link,
                };
                moves.insert(to.to_string(), moved);
                rest.push(step);
            }
            None => rest.push(step),
        }
    }
    free.reverse();
    while let Some(place) = free.pop() {
        let Some(step) = moves.remove(&place) else { continue };
        if let Step::Move { from, .. } = &step {
            free.push(from.to_string());
        }
        ordered.push(step);
    }
    let moved: HashSet<&MediaPath> = ordered.iter().map(Step::at).collect();
    let rest: Vec<Step> = rest.into_iter().filter(|step| !moved.contains(step.at())).collect();
    ordered.extend(rest);
    ordered
}

struct Standing {
    at: MediaPath,
    id: LinkId,
    text: String,
}

/// The links of each rule that are recorded and there, in the order of their paths.
fn standing(seen: &Seen, records: &HashMap<&str, &Link>) -> HashMap<i32, Vec<Standing>> {
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
