//! What a run did and found, and how that reads wherever it is told.

use std::{collections::HashSet, fmt};

use serde::{Deserialize, Serialize};

use super::{State, escaped};

/// What a run found for one rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RuleState {
    pub rule: i64,
    /// One word for machines: `linked`, or why not.
    pub state: String,
    /// One sentence for people; empty when there is nothing to tell.
    pub reason: String,
    /// The link's place, as far as it is known.
    pub link: Option<String>,
    /// Those of the links to the film's subtitles.
    #[serde(default)]
    pub subtitles: Vec<String>,
    /// Since when all that is so, in seconds since 1970; 0 if nobody knows.
    #[serde(default)]
    pub since: i64,
}

/// What a run did and found. It is stored when it differs from the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Seconds since 1970.
    pub at: i64,
    /// The summary line.
    pub summary: String,
    /// Whether something failed.
    pub failed: bool,
    /// One line per change.
    pub changes: Vec<String>,
    /// The rule that each change is of, 0 for none. Earlier versions did not tell.
    #[serde(default)]
    pub changed: Vec<i64>,
    /// Where links were made, changed or removed. Earlier versions did not tell.
    #[serde(default)]
    pub places: Vec<String>,
    /// What failed, one sentence each.
    pub problems: Vec<String>,
    pub rules: Vec<RuleState>,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// What was done.
    Change(String),
    /// A rule that is not met. `news`: it was not so before.
    NotLinked { text: String, news: bool },
    /// What failed.
    Problem(String),
    /// All of it in a sentence.
    Summary(String),
}

impl Report {
    /// That of a run that could not be done at all: the rules are as the last one found them.
    pub fn undone(at: i64, problem: String, last: Option<&Report>) -> Report {
        Report {
            at,
            summary: problem.clone(),
            failed: true,
            changes: Vec::new(),
            changed: Vec::new(),
            places: Vec::new(),
            problems: vec![problem],
            rules: last.map(|last| last.rules.clone()).unwrap_or_default(),
        }
    }

    /// What was changed for a rule.
    pub fn changes_of(&self, rule: i64) -> Vec<String> {
        let of = self.changes.iter().zip(&self.changed).filter(|(_, changed)| **changed == rule);
        of.map(|(line, _)| line.clone()).collect()
    }

    /// What it tells of one rule, if it tells anything.
    pub fn of(mut self, rule: i64) -> Option<Report> {
        let about = format!("rule {rule}: ");
        self.changes = self.changes_of(rule);
        self.problems.retain(|problem| problem.starts_with(&about));
        (!self.changes.is_empty() || !self.problems.is_empty()).then_some(self)
    }

    /// The report for people: a dry run, a preview and the log have the same lines. What keeps many rules from being met is told once.
    /// What is not as it was `before` is news.
    pub fn lines(&self, before: Option<&Report>) -> Vec<Line> {
        let told = |state: &RuleState| {
            let own = format!("rule {}: {}", state.rule, state.reason);
            self.problems.iter().any(|problem| *problem == state.reason || *problem == own)
        };
        let before: HashSet<&RuleState> = before.iter().flat_map(|before| &before.rules).collect();
        let open = self.rules.iter().filter(|state| !state.reason.is_empty() && !told(state));
        let mut lines: Vec<Line> = self.changes.iter().cloned().map(Line::Change).collect();
        lines.extend(open.map(|state| Line::NotLinked {
            text: match State::of(&state.state).has_link() {
                true => format!("rule {}: {}", state.rule, state.reason),
                false => format!("rule {} is not linked: {}", state.rule, state.reason),
            },
            news: !before.contains(state),
        }));
        lines.extend(self.problems.iter().cloned().map(Line::Problem));
        lines.push(Line::Summary(self.summary.clone()));
        lines
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Line::Problem(text) => write!(f, "problem: {}", escaped(text)),
            Line::Change(text) | Line::NotLinked { text, .. } | Line::Summary(text) => f.write_str(&escaped(text)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let lines: Vec<String> = self.lines(None).iter().map(Line::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
