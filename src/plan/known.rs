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
    pub meanings: HashMap<i32, Meaning>,
    pub searches: Vec<Search>,
}

impl Known {
    /// What is remembered of a rule.
    pub fn remembered(&self, rule: &Rule) -> Option<&Meaning> {
        self.meanings.get(&rule.id).filter(|known| meaning::is_of(known, rule))
    }

    pub fn links(&self, rule: &Rule) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.rule == rule.id)
    }
}
