//! What is known of rules before a run.

use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
};

use super::{Layout, LinkId, is_ours};
use crate::{
    meaning::{self, Library},
    model::{Concerns, Instance, Link, Meaning, MediaPath, Roots, Rule, Search, Series},
    name,
};

/// What is known of rules from earlier runs.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Our records of links to films, in the order of their paths.
    pub links: Vec<Link>,
    /// Those of links to their subtitles.
    pub subtitles: Vec<Link>,
    /// Where in these lists each rule's are.
    links_by_rule: HashMap<i32, Vec<usize>>,
    subtitles_by_rule: HashMap<i32, Vec<usize>>,
    pub meanings: HashMap<i32, Meaning>,
    pub searches: Vec<Search>,
    /// How many films or shows each app had when it told all of them, by its name; and when that was asked for last.
    pub figures: HashMap<String, i64>,
    /// The records that are others than those in the database, since shows have moved, and the paths at which none is any more.
    pub changed: Vec<Link>,
    pub left: Vec<String>,
}

impl Known {
    pub fn new(links: Vec<Link>, meanings: Vec<Meaning>, searches: Vec<Search>) -> Known {
        let (subtitles, links): (Vec<_>, Vec<_>) = links.into_iter().partition(Link::is_subtitle);
        let (links_by_rule, subtitles_by_rule) = (by_rule(&links), by_rule(&subtitles));
        let meanings = meanings.into_iter().map(|meaning| (meaning.rule, meaning)).collect();
        Known { links, subtitles, links_by_rule, subtitles_by_rule, meanings, searches, ..Known::default() }
    }

    /// What is remembered of a rule.
    pub fn remembered(&self, rule: &Rule) -> Option<&Meaning> {
        self.meanings.get(&rule.id).filter(|known| meaning::is_of(known, rule))
    }

    pub fn links(&self, rule: &Rule) -> impl Iterator<Item = &Link> {
        self.links_of(rule.id)
    }

    /// The same of a rule that may be gone.
    pub fn links_of(&self, rule: i32) -> impl Iterator<Item = &Link> {
        self.links_by_rule.get(&rule).into_iter().flatten().map(|at| &self.links[*at])
    }

    pub fn subtitles_of(&self, rule: i32) -> impl Iterator<Item = &Link> {
        self.subtitles_by_rule.get(&rule).into_iter().flatten().map(|at| &self.subtitles[*at])
    }

    /// The same as the shows are now: one that was deleted and added again has another number, and links went along with a folder that
    /// Sonarr has moved, or are reached by another name of it. `link` tells what symlink is at a place.
    pub fn followed(&self, shows: &Shows, link: impl Fn(&MediaPath) -> Option<(LinkId, String)>) -> Cow<'_, Known> {
        let all = || self.links.iter().chain(&self.subtitles);
        let is_astray = |link: &&Link| match shows.folder(link.concerns) {
            Some(folder) => !Path::new(&link.path).starts_with(folder.absolute()),
            None => !shows.unread.contains(&link.concerns.sonarr),
        };
        if !all().any(|link| is_astray(&link)) {
            return Cow::Borrowed(self);
        }
        let stands = |known: &Link| {
            let at = shows.roots.locate(known.path.as_ref());
            at.ok().and_then(|at| link(&at)).is_some_and(|(_, text)| is_ours(known, &text))
        };
        // where one that has gone astray stands no more, the link of another show may stand by now: two can have traded places
        let mut taken: HashSet<String> =
            all().filter(|known| !is_astray(known) || stands(known)).map(|known| known.path.clone()).collect();
        let (mut links, mut changed, mut left) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut stale = Vec::new();
        for known in all() {
            let tvdb_id = self.meanings.get(&known.rule).map(|meaning| meaning.series_tvdb_id);
            match Some(known).filter(is_astray).and_then(|known| shows.now(known, tvdb_id, &taken, &link)) {
                Some(now) => {
                    taken.insert(now.path.clone());
                    left.extend(Some(known.path.clone()).filter(|path| *path != now.path));
                    changed.extend(Some(now.clone()).filter(|now| now != known));
                    links.insert(now.path.clone(), now);
                }
                None => stale.push(known),
            }
        }
        for known in stale {
            links.entry(known.path.clone()).or_insert_with(|| known.clone());
        }
        left.retain(|path| !links.contains_key(path));
        let links = links.into_values().collect();
        let known = Known::new(links, Vec::new(), self.searches.clone());
        Cow::Owned(Known { meanings: self.meanings.clone(), figures: self.figures.clone(), changed, left, ..known })
    }
}

/// The folders of the shows that are known in a run.
pub struct Shows<'a> {
    roots: &'a Roots,
    folders: Vec<(Instance, i32, MediaPath)>,
    by_number: HashMap<(Instance, i32), usize>,
    /// TheTVDB's numbers of `folders`.
    tvdb_ids: Vec<i32>,
    /// The Sonarrs of whose shows nothing is known.
    unread: Vec<Instance>,
    /// The path without symlinks of a folder.
    real: &'a dyn Fn(&MediaPath) -> PathBuf,
    /// Those of `folders`.
    reals: OnceCell<Vec<PathBuf>>,
}

impl<'a> Shows<'a> {
    pub fn new(
        library: &Library,
        layout: &Layout,
        roots: &'a Roots,
        real: &'a dyn Fn(&MediaPath) -> PathBuf,
    ) -> Shows<'a> {
        let shows = library.sonarr.iter().flatten().flatten();
        let folder = |show: &Series| {
            let folder = name::local(&layout.sonarr[show.sonarr], roots, &show.path).ok()?;
            Some(((show.sonarr, show.id, folder), show.tvdb_id))
        };
        let (folders, tvdb_ids): (Vec<_>, Vec<_>) = shows.filter_map(folder).unzip();
        let by_number = folders.iter().zip(0..).map(|((sonarr, id, _), at)| ((*sonarr, *id), at)).collect();
        let unread = library.sonarr.iter().zip(0..).filter(|(shows, _)| shows.is_err()).map(|(_, sonarr)| sonarr);
        Shows { roots, folders, by_number, tvdb_ids, unread: unread.collect(), real, reals: OnceCell::new() }
    }

    pub fn folders(&self) -> impl Iterator<Item = &MediaPath> {
        self.folders.iter().map(|(.., folder)| folder)
    }

    fn folder(&self, concerns: Concerns) -> Option<&MediaPath> {
        self.by_number.get(&(concerns.sonarr, concerns.series_id)).map(|at| &self.folders[*at].2)
    }

    /// The show in whose folder a place is, by whatever names.
    pub fn of(&self, at: &MediaPath) -> Option<(Instance, i32)> {
        let named = self.folders.iter().filter(|(.., folder)| at.is_in(folder));
        let real = || {
            let reals = self.reals.get_or_init(|| self.folders().map(self.real).collect());
            let at = (self.real)(&at.parent()?);
            let holding = self.folders.iter().zip(reals).filter(|(_, real)| at.starts_with(real));
            holding.max_by_key(|(_, real)| real.components().count()).map(|(show, _)| show)
        };
        let show = named.max_by_key(|(.., folder)| folder.components().count()).or_else(real);
        show.map(|(sonarr, id, _)| (*sonarr, *id))
    }

    /// The record of a link that is in another folder than its show's, if the link is in that, too; or in another show's, if its own is
    /// not there any more.
    fn now(
        &self,
        known: &Link,
        tvdb_id: Option<i32>,
        taken: &HashSet<String>,
        link: impl Fn(&MediaPath) -> Option<(LinkId, String)>,
    ) -> Option<Link> {
        let at = self.roots.locate(known.path.as_ref()).ok()?;
        let own = self.by_number.get(&(known.concerns.sonarr, known.concerns.series_id));
        let number = |sonarr, series_id| Concerns { sonarr, series_id, ..known.concerns };
        let renumbered = || self.of(&at).map(|(sonarr, id)| Link { concerns: number(sonarr, id), ..known.clone() });
        if own.is_none() && self.folders().any(|folder| at.is_in(folder)) {
            return renumbered();
        }
        // another show may well have a link like ours, of somebody's, and to look at those of a whole library costs thousands of system
        // calls, in every run after a show has left Sonarr
        let its: Vec<_> = match own {
            Some(own) => vec![*own],
            None => (0..self.folders.len()).filter(|show| tvdb_id == Some(self.tvdb_ids[*show])).collect(),
        };
        if its.is_empty() {
            return None;
        }
        let ours = |at: &MediaPath| link(at).filter(|(_, text)| is_ours(known, text)).map(|(id, _)| id);
        let stands = ours(&at);
        let parts: Vec<&str> = at.components().collect();
        let moved = its.into_iter().find_map(|show| {
            let (sonarr, id, folder) = &self.folders[show];
            let place = |from: usize| parts[from..].iter().try_fold(folder.clone(), |at, part| at.join(part)).ok();
            let is_it = |place: &MediaPath| {
                let id = ours(place);
                id.is_some() && (stands.is_none() || id == stands) && !taken.contains(&place.to_string())
            };
            let place = (0..parts.len()).rev().filter_map(place).find(is_it)?;
            let concerns = number(*sonarr, *id);
            let (target, was) = match stands {
                Some(_) => (known.target.clone(), known.was.clone()),
                None => corrected(known, &at, &place, link(&place)?.1),
            };
            Some(Link { path: place.to_string(), target, was, concerns, ..known.clone() })
        });
        moved.or_else(|| renumbered().filter(|_| own.is_none()))
    }
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

fn by_rule(links: &[Link]) -> HashMap<i32, Vec<usize>> {
    let mut by_rule: HashMap<i32, Vec<usize>> = HashMap::new();
    for (at, link) in links.iter().enumerate() {
        by_rule.entry(link.rule).or_default().push(at);
    }
    by_rule
}
