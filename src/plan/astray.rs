//! Records of links that are in their show's folder no more, as the shows are now.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    path::Path,
};

use super::{Known, LinkId, Shows, is_ours, shows::ShowFolder};
use crate::{
    model::{Concerns, Instance, Link, MediaPath},
    name,
};

impl Known {
    /// The same as the shows are now: one that was deleted and added again has another number, and links went along with a folder that
    /// Sonarr has moved, or are reached by another name of it. `look` tells what symlink is at a place.
    pub fn followed(&self, shows: &Shows, look: impl Fn(&MediaPath) -> Option<(LinkId, String)>) -> Cow<'_, Known> {
        let all = || self.links.iter().chain(&self.subtitles);
        if !all().any(|link| shows.is_astray(link)) {
            return Cow::Borrowed(self);
        }
        let stands = |known: &Link| {
            let at = shows.roots.locate(known.path.as_ref());
            at.ok().and_then(|at| look(&at)).is_some_and(|(_, text)| is_ours(known, &text))
        };
        // where one that has gone astray stands no more, the link of another show may stand by now: two can have traded places
        let fixed = all().filter(|known| !shows.is_astray(known) || stands(known));
        let mut taken: HashSet<String> = fixed.map(|known| known.path.clone()).collect();
        let (mut links, mut changed, mut left, mut stale) = (BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        for known in all() {
            let tvdb_id = self.meanings.get(&known.rule).map(|meaning| meaning.series_tvdb_id);
            let astray = Some(known).filter(|known| shows.is_astray(known));
            let Some(now) = astray.and_then(|known| shows.followed(known, tvdb_id, &taken, &look)) else {
                stale.push(known);
                continue;
            };
            taken.insert(now.path.clone());
            left.extend(Some(known.path.clone()).filter(|path| *path != now.path));
            changed.extend(Some(now.clone()).filter(|now| now != known));
            links.insert(now.path.clone(), now);
        }
        for known in stale {
            links.entry(known.path.clone()).or_insert_with(|| known.clone());
        }
        left.retain(|path| !links.contains_key(path));
        let known = Known::new(links.into_values().collect(), Vec::new(), self.searches.clone());
        Cow::Owned(Known { meanings: self.meanings.clone(), figures: self.figures.clone(), changed, left, ..known })
    }
}

impl Shows<'_> {
    /// The record of a link that is in another folder than its show's, if the link is in that, too; or in another show's, if its own is
    /// not there any more.
    fn followed(
        &self,
        known: &Link,
        tvdb_id: Option<i32>,
        taken: &HashSet<String>,
        look: impl Fn(&MediaPath) -> Option<(LinkId, String)>,
    ) -> Option<Link> {
        let at = self.roots.locate(known.path.as_ref()).ok()?;
        let own = self.recorded(known);
        let renumbered = || self.of(&at).map(|(sonarr, id)| in_show(known, sonarr, id));
        if own.is_none() && self.folders().any(|folder| at.is_in(folder)) {
            return renumbered();
        }
        // another show may well have a link like ours, of somebody's, and to look at those of a whole library costs thousands of system
        // calls, in every run after a show has left Sonarr
        let is_its = |show: &&ShowFolder| match own {
            Some(own) => (own.sonarr, own.id) == (show.sonarr, show.id),
            None => tvdb_id == Some(show.tvdb_id),
        };
        let its: Vec<&ShowFolder> = self.shows.iter().filter(is_its).collect();
        if its.is_empty() {
            return None;
        }
        let ours = |at: &MediaPath| look(at).filter(|(_, text)| is_ours(known, text));
        let stands = ours(&at).map(|(id, _)| id);
        let parts: Vec<&str> = at.components().collect();
        for ShowFolder { sonarr, id, folder, .. } in its {
            for from in (0..parts.len()).rev() {
                let Ok(place) = parts[from..].iter().try_fold(folder.clone(), |at, part| at.join(part)) else {
                    continue;
                };
                let Some((link, text)) = ours(&place) else { continue };
                if stands.is_some_and(|stands| stands != link) || taken.contains(&place.to_string()) {
                    continue;
                }
                let (target, was) = match stands {
                    Some(_) => (known.target.clone(), known.was.clone()),
                    None => corrected(known, &at, &place, text),
                };
                return Some(Link { path: place.to_string(), target, was, ..in_show(known, *sonarr, *id) });
            }
        }
        renumbered().filter(|_| own.is_none())
    }
}

fn in_show(known: &Link, sonarr: Instance, series_id: i32) -> Link {
    Link { concerns: Concerns { sonarr, series_id, ..known.concerns }, ..known.clone() }
}

/// The text by which a link that has moved would lead where it led, and its present one if that is another.
fn corrected(known: &Link, from: &MediaPath, to: &MediaPath, text: String) -> (String, Option<String>) {
    let folder = |at: &MediaPath| at.absolute().parent().unwrap_or(Path::new("/")).to_path_buf();
    let target = match Path::new(&known.target).is_absolute() {
        true => known.target.clone(),
        false => {
            let led = name::leads_to(&folder(from), &known.target);
            name::relative(&folder(to), &led).display().to_string()
        }
    };
    let was = (text != target).then_some(text);
    (target, was)
}
