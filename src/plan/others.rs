//! Links where a rule's is or belongs that may be somebody else's.

use std::collections::BTreeMap;

use super::{
    Broken, Folder, Found, Known, Layout, Leads, LinkId, Placed, Placement, Seen, Sight, is_ours, reads_as_source,
};
use crate::{
    model::{Link, MediaPath},
    name,
};

/// All links to the film that are the special's. There are never two of one rule: one is what others have made of ours, the old program
/// has left, or is somebody else's.
pub(super) fn twins<'a>(placement: &'a Placement, sight: &'a Sight) -> BTreeMap<&'a MediaPath, (LinkId, &'a str)> {
    let places = placement.own_files.iter().zip(&sight.own_files).chain([(&placement.link, &sight.place)]);
    let right = places.filter_map(|(at, found)| match found {
        Found::Link { id, text, leads: Leads::ToSource } => Some((at, (*id, text.as_str()))),
        _ => None,
    });
    right.chain(sight.namesakes.iter().map(|(at, id, text)| (at, (*id, text.as_str())))).collect()
}

/// Whether a link with this text is what others have made of the rule's, which is at its own place no more.
pub(super) fn was_ours(text: &str, placement: &Placement, seen: &Seen, known: &Known, layout: &Layout) -> bool {
    let is_lost = |link: &&Link| matches!(seen.links.get(&link.path), Some((_, Found::Nothing | Found::Away)));
    let mut lost = known.links_of(placement.rule).iter().filter(is_lost);
    lost.any(|link| is_ours(link, text) || reads_as_source(text, placement, layout))
}

/// The broken links at the places of rules' links.
pub fn in_the_way(placed: &Placed, seen: &Seen) -> Vec<Broken> {
    let sights = placed.placements.iter().zip(&seen.sights);
    let broken = sights.filter_map(|(placement, sight)| match (&sight.place, &sight.folder) {
        (Found::Link { id, text, leads: Leads::Nowhere(_) }, Folder::Real(folder)) => Some(Broken {
            at: placement.link.clone(),
            id: *id,
            text: text.clone(),
            target: name::leads_to(folder, text),
            claimed: None,
            series: None,
        }),
        _ => None,
    });
    broken.collect()
}

#[cfg(test)]
mod tests;
