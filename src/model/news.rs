//! What has become of the links since people were told last.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Report, RuleState, Standing, State, counted};

/// What people were told and has not ended yet, by what tells it apart from others: its wording may change while it lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    problems: BTreeMap<String, String>,
    /// With the state of the rule.
    needs: BTreeMap<String, (String, String)>,
    /// Changes that nobody could be told of.
    changes: Vec<String>,
}

/// What people are to be told, a sentence each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct News {
    pub changes: Vec<String>,
    /// What has begun to fail.
    pub problems: Vec<String>,
    /// Rules that have begun to need their user.
    pub needs: Vec<String>,
    /// Of what was told before, what is over.
    pub over: Vec<String>,
    /// Nothing fails any more, and no rule needs its user.
    pub all_well: bool,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Well,
    Change,
    NeedsUser,
    Problem,
}

/// So many changes are kept for later.
const MOST_KEPT: usize = 1000;

/// In the sentence of a problem that one run has and is done with: it has to be told, and is never over.
pub const NOT_AGAIN: &str = "it is not asked again";

impl Told {
    /// What is news after a run, which ended with a report or with a problem, and what has been told once that is told.
    pub fn news(&self, outcome: &Result<Report, String>) -> (News, Told) {
        let now = match outcome {
            Ok(report) => Told::of(report),
            // what it did not come to is as it was
            Err(problem) => {
                let mut now = Told { changes: Vec::new(), ..self.clone() };
                now.problems.entry(matter(problem)).or_insert_with(|| problem.clone());
                now
            }
        };
        let changes = self.changes.iter().chain(outcome.iter().flat_map(|report| &report.changes));
        let last: BTreeSet<&str> = now.problems.keys().chain(now.needs.keys()).map(|matter| subject(matter)).collect();
        let goes_on = |matter: &String| last.contains(subject(matter));
        let told = self.problems.iter().chain(self.needs.iter().map(|(matter, (_, sentence))| (matter, sentence)));
        let begun = now.problems.iter().filter(|(matter, _)| !self.problems.contains_key(*matter));
        let once = outcome.iter().flat_map(|report| &report.problems).filter(|problem| problem.contains(NOT_AGAIN));
        let problems: Vec<String> = begun.map(|(_, sentence)| sentence).chain(once).cloned().collect();
        let same_state = |matter, state: &String| self.needs.get(matter).is_some_and(|(before, _)| before == state);
        let needs = now.needs.iter().filter(|(matter, (state, _))| !same_state(*matter, state));
        let news = News {
            changes: changes.cloned().collect(),
            needs: needs.map(|(_, (_, sentence))| sentence.clone()).collect(),
            over: told.filter(|(matter, _)| !goes_on(matter)).map(|(_, sentence)| sentence.clone()).collect(),
            all_well: problems.is_empty() && now.problems.is_empty() && now.needs.is_empty(),
            problems,
        };
        (news, now)
    }

    /// What is the case after a run.
    fn of(report: &Report) -> Told {
        let needs = report.rules.iter().filter(|rule| State::of(&rule.state).standing == Standing::NeedsUser);
        let sentence = |rule: &RuleState| format!("rule {}: {}", rule.rule, rule.reason);
        let lasting = report.problems.iter().filter(|problem| !problem.contains(NOT_AGAIN));
        Told {
            problems: lasting.map(|problem| (matter(problem), problem.clone())).collect(),
            needs: needs.map(|rule| (format!("rule {}", rule.rule), (rule.state.clone(), sentence(rule)))).collect(),
            changes: Vec::new(),
        }
    }

    /// The same if nobody could be told the news: the next run tells it.
    pub fn untold(self, news: News) -> Told {
        let once = news.problems.into_iter().filter(|problem| problem.contains(NOT_AGAIN));
        let changes = news.changes.into_iter().chain(once).take(MOST_KEPT).collect();
        Told { changes, ..self }
    }
}

/// What a problem is about: an app, else what stands before its cause.
fn matter(problem: &str) -> String {
    let rest = problem.strip_prefix("cannot ask ").unwrap_or(problem);
    let mut words = rest.split([' ', ':']);
    // how many links it is about may change from run to run
    let uncounted = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    match words.next() {
        Some(app @ ("sonarr" | "radarr")) => {
            let number = words.next().filter(|word| word.parse::<u32>().is_ok());
            number.map_or(app.into(), |number| format!("{app} {number}"))
        }
        // it may have several
        Some("rule") => {
            let (rule, failure) = problem.split_once(": ").unwrap_or((problem, ""));
            format!("{rule}: {}", uncounted(failure.split(": ").next().unwrap_or_default()))
        }
        _ if problem.starts_with(|c: char| c.is_ascii_digit()) => uncounted(problem),
        _ => problem.split(": ").next().unwrap_or_default().into(),
    }
}

/// The rule that a matter is about, or whatever else it is.
fn subject(matter: &str) -> &str {
    matter.split(": ").next().unwrap_or(matter)
}

impl News {
    pub fn is_empty(&self) -> bool {
        [&self.changes, &self.problems, &self.needs, &self.over].iter().all(|list| list.is_empty())
    }

    pub fn weight(&self) -> Weight {
        match self {
            News { problems, .. } if !problems.is_empty() => Weight::Problem,
            News { needs, .. } if !needs.is_empty() => Weight::NeedsUser,
            News { changes, .. } if !changes.is_empty() => Weight::Change,
            _ => Weight::Well,
        }
    }

    /// `plex-linker: 1 problem, 2 changes`, in ASCII, as a header must be.
    pub fn title(&self) -> String {
        let mut parts = Vec::new();
        if !self.problems.is_empty() {
            parts.push(counted(self.problems.len(), "problem"));
        }
        match self.needs.len() {
            0 => {}
            1 => parts.push("1 rule needs you".into()),
            many => parts.push(format!("{many} rules need you")),
        }
        if !self.changes.is_empty() {
            parts.push(counted(self.changes.len(), "change"));
        }
        match self.over.len() {
            0 => {}
            _ if self.all_well => parts.push("all is well again".into()),
            many => parts.push(format!("{many} well again")),
        }
        format!("plex-linker: {}", parts.join(", "))
    }

    /// What matters most comes first.
    pub fn lines(&self) -> Vec<String> {
        let with = |word: &'static str, list: &[String]| -> Vec<String> {
            list.iter().map(|sentence| format!("{word}{sentence}")).collect()
        };
        [
            with("problem: ", &self.problems),
            with("needs you: ", &self.needs),
            self.changes.clone(),
            with("well again: ", &self.over),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests;
