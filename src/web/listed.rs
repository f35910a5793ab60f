//! A rule with what is known of it: what pages and API list.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::model::{InvalidRule, Link, NewRule, Report, Rule, RuleState, Rules, State, UNSEEN};

pub struct Listed {
    pub id: i64,
    /// A row that is no rule has only a title.
    pub wish: NewRule,
    /// It can be changed; a row that is no rule can only be removed.
    pub usable: bool,
    pub found: RuleState,
}

/// What a report tells of each rule, by its number.
pub type States<'a> = HashMap<i64, &'a RuleState>;

pub fn states(report: Option<&Report>) -> States<'_> {
    report.iter().flat_map(|report| &report.rules).map(|found| (found.rule, found)).collect()
}

/// Every rule, and every row that is none, with the places of their links by our records.
pub fn listed(rules: Rules, links: &[Link], report: Option<&Report>) -> Vec<Listed> {
    let found = states(report);
    let films = links.iter().filter(|link| !link.is_subtitle());
    let places: HashMap<i32, &str> = films.map(|link| (link.rule, link.path.as_str())).collect();
    let rule = |rule: Rule| {
        let mut listed = Listed::new(rule, &found);
        let place = i32::try_from(listed.id).ok().and_then(|id| places.get(&id));
        listed.found.link = place.map(|place| place.to_string()).or(listed.found.link);
        listed
    };
    let invalid = |InvalidRule { id, reason }| {
        let title = format!("Row {id} of the database");
        let wish = NewRule { movie_title: title, ..NewRule::default() };
        Listed { id, wish, usable: false, found: RuleState { reason, ..state(id, "invalid") } }
    };
    rules.rules.into_iter().map(rule).chain(rules.invalid.into_iter().map(invalid)).collect()
}

fn state(rule: i64, word: &str) -> RuleState {
    RuleState { rule, state: word.into(), reason: String::new(), link: None, subtitles: Vec::new(), since: 0 }
}

impl Listed {
    pub fn new(Rule { id, wish }: Rule, found: &States) -> Listed {
        let id = id.into();
        let found = found.get(&id).map_or_else(|| state(id, UNSEEN.word), |found| (*found).clone());
        Listed { id, wish, usable: true, found }
    }

    pub fn state(&self) -> &'static State {
        if self.found.state == UNSEEN.word { UNSEEN } else { State::of(&self.found.state) }
    }

    pub fn json(&self) -> Value {
        let RuleState { state, reason, since, link, .. } = &self.found;
        let mut json = json!(self.wish);
        json["id"] = self.id.into();
        json["state"] = state.as_str().into();
        json["reason"] = reason.as_str().into();
        json["since"] = (*since).into();
        json["link"] = json!(link);
        json
    }
}

/// A path's folder, and its last part.
pub fn place(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
