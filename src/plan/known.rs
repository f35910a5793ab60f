//! What is known of rules before a run.

use std::collections::HashMap;

use crate::{
    meaning,
    model::{Link, Meaning, Rule, Search},
};

/// What is known of rules from earlier runs.
#[derive(Debug, Default)]
pub struct Known {
    /// Our records, in the order of their paths.
    pub links: Vec<Link>,
    /// Where in that list each rule's are.
    by_rule: HashMap<i32, Vec<usize>>,
    pub meanings: HashMap<i32, Meaning>,
    pub searches: Vec<Search>,
    /// How many films or shows each app had when it told all of them, by its name; and when that was asked for last.
    pub figures: HashMap<String, i64>,
}

impl Known {
    pub fn new(links: Vec<Link>, meanings: Vec<Meaning>, searches: Vec<Search>) -> Known {
        let mut by_rule: HashMap<i32, Vec<usize>> = HashMap::new();
        for (at, link) in links.iter().enumerate() {
            by_rule.entry(link.rule).or_default().push(at);
        }
        let meanings = meanings.into_iter().map(|meaning| (meaning.rule, meaning)).collect();
        Known { links, by_rule, meanings, searches, figures: HashMap::new() }
    }

    /// What is remembered of a rule.
    pub fn remembered(&self, rule: &Rule) -> Option<&Meaning> {
        self.meanings.get(&rule.id).filter(|known| meaning::is_of(known, rule))
    }

    pub fn links(&self, rule: &Rule) -> impl Iterator<Item = &Link> {
        self.by_rule.get(&rule.id).into_iter().flatten().map(|at| &self.links[*at])
    }
}
