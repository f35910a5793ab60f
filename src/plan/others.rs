//! Links where a rule's is or belongs that may be somebody else's.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

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

/// Whether a link with this text is what others have made of the rule's, which is at its own place no more, or is there anew.
pub(super) fn was_ours(text: &str, placement: &Placement, seen: &Seen, known: &Known, layout: &Layout) -> bool {
    let is_lost = |link: &&Link| matches!(seen.links.get(&link.path), Some((_, Found::Nothing | Found::Away)));
    let mut lost = known.links_of(placement.rule).iter().filter(is_lost);
    let paths = &layout.sonarr[placement.concerns.sonarr];
    // a text through the link's own folder is Sonarr's, which has moved it (*observed §10*)
    let was_moved = |link: &Link| {
        let folder = text.strip_suffix(&link.target).filter(|folder| folder.starts_with('/'));
        folder.is_some_and(|folder| {
            Path::new(&link.path).parent() == Some(&name::mapped(paths, &layout.roots, folder))
                && link.target.starts_with("../")
        })
    };
    lost.any(|link| is_ours(link, text) || reads_as_source(text, placement, layout))
        || known.links_of(placement.rule).iter().any(was_moved)
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

/// The broken links at temporary names of ours that have no text of ours.
pub fn left_behind(seen: &Seen, known: &Known, real: impl Fn(&MediaPath) -> PathBuf) -> Vec<Broken> {
    let left = seen.leftovers.iter().filter_map(|(at, found)| match found {
        Found::Link { id, text, leads: Leads::Nowhere(_) } if !known.has_text(text) => Some(Broken {
            at: at.clone(),
            id: *id,
            text: text.clone(),
            target: name::leads_to(&real(&at.parent()?), text),
            claimed: None,
            series: None,
        }),
        _ => None,
    });
    left.collect()
}

#[cfg(test)]
mod tests;
