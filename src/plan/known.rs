//! What is known of rules before a run.

use std::collections::HashMap;

use super::{Records, is_ours};
use crate::{
    meaning,
    model::{Link, Meaning, Rule, Search},
};

/// The figure that has the number of the last rule that the old program has made.
pub const OLD_RULES: &str = "old_rules";

/// What is known of rules from earlier runs.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Our records of links to films, in the order of their rules and paths.
    pub links: Vec<Link>,
    /// Those of links to their subtitles.
    pub subtitles: Vec<Link>,
    pub meanings: HashMap<i32, Meaning>,
    pub searches: Vec<Search>,
    /// How many films or shows each app had when it told all of them, by its name; and when that was asked for last.
    pub figures: HashMap<String, i64>,
    /// The records that are others than those in the database, since shows have moved, and the paths at which none is any more.
    pub changed: Vec<Link>,
    pub left: Vec<String>,
}

impl Known {
    pub fn new(mut links: Vec<Link>, meanings: Vec<Meaning>, searches: Vec<Search>) -> Known {
        links.sort_by(|a, b| (a.rule, &a.path).cmp(&(b.rule, &b.path)));
        let (subtitles, links) = links.into_iter().partition(Link::is_subtitle);
        let meanings = meanings.into_iter().map(|meaning| (meaning.rule, meaning)).collect();
        Known { links, subtitles, meanings, searches, ..Known::default() }
    }

    /// The records of all links.
    pub fn records(&self) -> Records<'_> {
        self.links.iter().chain(&self.subtitles).map(|link| (link.path.as_str(), link)).collect()
    }

    /// What is remembered of a rule.
    pub fn remembered(&self, rule: &Rule) -> Option<&Meaning> {
        self.meanings.get(&rule.id).filter(|known| meaning::is_of(known, rule))
    }

    /// Whether it is a rule of the old program's that has had no link of ours yet: the old program kept no records of its links.
    pub fn is_old(&self, rule: i32) -> bool {
        self.links_of(rule).is_empty() && self.figures.get(OLD_RULES).is_some_and(|last| i64::from(rule) <= *last)
    }

    /// Whether a link of ours somewhere has this text.
    pub fn has_text(&self, text: &str) -> bool {
        self.links.iter().chain(&self.subtitles).any(|link| is_ours(link, text))
    }

    pub fn links_of(&self, rule: i32) -> &[Link] {
        of_rule(&self.links, rule)
    }

    pub fn subtitles_of(&self, rule: i32) -> &[Link] {
        of_rule(&self.subtitles, rule)
    }
}

fn of_rule(links: &[Link], rule: i32) -> &[Link] {
    let from = links.partition_point(|link| link.rule < rule);
    let to = links.partition_point(|link| link.rule <= rule);
    &links[from..to]
}
