//! What a run tells of itself.

use std::collections::{HashMap, HashSet};

use super::{Planned, apply::Applied, now};
use crate::{
    model::{Link, Reason, Report, RuleState, Untold, counted},
    plan::{Skip, Step},
};

impl Planned {
    pub(super) fn report(&self, applied: &Applied, untold: &[String]) -> Report {
        let now = now();
        let skips = &self.plan.skips;
        let mut rules = self.linked(applied);
        rules.extend(skips.iter().map(|skip| self.skipped(skip)));
        rules.sort_by_key(|state| state.rule);
        let before: HashMap<i64, &RuleState> =
            self.last.iter().flat_map(|last| &last.rules).map(|state| (state.rule, state)).collect();
        for state in &mut rules {
            let same = |last: &&&RuleState| RuleState { since: 0, ..(**last).clone() } == *state;
            state.since = before.get(&state.rule).filter(same).map_or(now, |last| last.since);
        }
        let apps = self.app_states.iter().filter_map(|app| app.problem.clone());
        let mut problems: Vec<String> = apps.chain(skips.iter().filter_map(problem)).collect();
        problems.extend(self.plan.problems.iter().chain(&applied.problems).chain(untold).cloned());
        let mut known = HashSet::new();
        problems.retain(|problem| known.insert(problem.clone()));
        let (changed, changes) = applied.changes.iter().cloned().unzip();
        Report {
            at: now,
            summary: summary(self.rules.rules.len(), applied.changes.len(), &rules, &problems),
            failed: !problems.is_empty(),
            changes,
            changed,
            places: applied.places.clone(),
            problems,
            rules,
        }
    }

    /// The rules whose links stand, or should.
    fn linked(&self, applied: &Applied) -> Vec<RuleState> {
        let mut subtitles: HashMap<i32, Vec<String>> = HashMap::new();
        for link in self.plan.subtitles.iter().filter_map(Step::link) {
            if !applied.unmade.contains(&link.path) {
                subtitles.entry(link.rule).or_default().push(link.path.clone());
            }
        }
        let links = self.plan.steps.iter().filter_map(Step::link);
        let mut state_of = |link: &Link| {
            let (state, reason) = self.standing(link, applied);
            RuleState {
                rule: link.rule.into(),
                state: state.into(),
                reason,
                link: Some(link.path.clone()),
                subtitles: subtitles.remove(&link.rule).unwrap_or_default(),
                since: 0,
            }
        };
        links.filter(|link| self.plan.placements.contains_key(&link.rule)).map(&mut state_of).collect()
    }

    fn standing(&self, link: &Link, applied: &Applied) -> (&'static str, String) {
        let rule = &link.rule;
        // Sonarr may not have come to it yet
        let is_untold = self.untold.contains(&Untold::Series(link.concerns.sonarr, link.concerns.series_id));
        let taken = self.taken.reasons.get(rule).filter(|_| !is_untold);
        match (applied.failed.get(rule), taken.or(self.plan.parts.get(rule))) {
            (Some(problem), _) => ("failed", problem.clone()),
            (None, Some(reason)) => (reason.word(), reason.to_string()),
            (None, None) => ("linked", self.plan.notices.get(rule).cloned().unwrap_or_default()),
        }
    }

    fn skipped(&self, Skip { rule, reason }: &Skip) -> RuleState {
        // the number of a row that is no rule may be larger; records of no rule have 0
        let own = i32::try_from(*rule).ok();
        let links = own.map(|own| self.known.links_of(own)).unwrap_or_default();
        let notice = own.and_then(|own| self.plan.notices.get(&own)).filter(|_| !reason.is_failure());
        RuleState {
            rule: *rule,
            state: reason.word().into(),
            reason: notice.map_or(reason.to_string(), |notice| format!("{reason}; {notice}")),
            link: links.first().map(|link| link.path.clone()),
            subtitles: Vec::new(),
            since: 0,
        }
    }
}

/// What has failed with a rule; what many rules share is told without their numbers, and so once.
fn problem(Skip { rule, reason }: &Skip) -> Option<String> {
    reason.is_failure().then(|| match reason {
        Reason::AppFailed(_) | Reason::RootAway { .. } | Reason::RootMissing { .. } => reason.to_string(),
        _ => format!("rule {rule}: {reason}"),
    })
}

fn summary(known: usize, changes: usize, rules: &[RuleState], problems: &[String]) -> String {
    let changes = match changes {
        0 => "nothing changed".to_string(),
        n => counted(n, "change"),
    };
    let linked = rules.iter().filter(|state| ["linked", "linked_in_part"].contains(&&*state.state)).count();
    let mut text = format!("{changes}: {linked} of {} linked", counted(known, "rule"));
    if !problems.is_empty() {
        text += &format!(", {}", counted(problems.len(), "problem"));
    }
    text
}
