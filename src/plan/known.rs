//! What is known of rules before a run.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use super::{Layout, series_at};
use crate::{
    meaning::{self, Library},
    model::{Concerns, Instance, Link, Meaning, Rule, Search},
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
}

impl Known {
    pub fn new(links: Vec<Link>, meanings: Vec<Meaning>, searches: Vec<Search>) -> Known {
        let (subtitles, links): (Vec<_>, Vec<_>) = links.into_iter().partition(Link::is_subtitle);
        let (links_by_rule, subtitles_by_rule) = (by_rule(&links), by_rule(&subtitles));
        let meanings = meanings.into_iter().map(|meaning| (meaning.rule, meaning)).collect();
        Known { links, subtitles, links_by_rule, subtitles_by_rule, meanings, searches, figures: HashMap::new() }
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

    /// The same, but a show that was deleted and added again has another number: so have the links in its folder.
    pub fn renumbered(&self, library: &Library, layout: &Layout) -> Cow<'_, Known> {
        let shows = library.sonarr.iter().flatten().flatten();
        let shows: HashSet<(Instance, i32)> = shows.map(|show| (show.sonarr, show.id)).collect();
        let renumber = |Link { path, concerns, .. }: &mut Link| {
            if let Ok(at) = layout.roots.locate(path.as_ref())
                && let Some((sonarr, series_id)) = series_at(library, layout, &at)
            {
                *concerns = Concerns { sonarr, series_id, ..*concerns };
            }
        };
        let is_lost = |link: &Link| !shows.contains(&(link.concerns.sonarr, link.concerns.series_id));
        let mut known = Cow::Borrowed(self);
        if self.links.iter().chain(&self.subtitles).any(is_lost) {
            let Known { links, subtitles, .. } = known.to_mut();
            links.iter_mut().chain(subtitles).filter(|link| is_lost(link)).for_each(renumber);
        }
        known
    }
}

fn by_rule(links: &[Link]) -> HashMap<i32, Vec<usize>> {
    let mut by_rule: HashMap<i32, Vec<usize>> = HashMap::new();
    for (at, link) in links.iter().enumerate() {
        by_rule.entry(link.rule).or_default().push(at);
    }
    by_rule
}
