//! What is known of each rule: a row of the table.

use std::collections::HashMap;

use crate::model::{InvalidRule, Link, NewRule, Report, Rule, RuleState, Rules, State, UNSEEN};

pub struct Row {
    pub id: i64,
    /// A row that is no rule has only a title.
    pub wish: NewRule,
    /// It can be changed; a row that is no rule can only be removed.
    pub usable: bool,
    pub state: &'static State,
    pub reason: String,
    /// Its place.
    pub link: Option<String>,
    /// In seconds since 1970; 0 if nobody knows.
    pub since: i64,
}

/// What is known of each rule, and of each row that is none.
pub fn rows(rules: Rules, links: &[Link], report: Option<&Report>) -> Vec<Row> {
    let states: HashMap<i64, &RuleState> =
        report.iter().flat_map(|report| &report.rules).map(|state| (state.rule, state)).collect();
    let films = links.iter().filter(|link| !link.is_subtitle());
    let links: HashMap<i32, &Link> = films.map(|link| (link.rule, link)).collect();
    let row = |Rule { id, wish }: Rule| {
        let state = states.get(&id.into());
        Row {
            id: id.into(),
            wish,
            usable: true,
            state: state.map_or(UNSEEN, |state| State::of(&state.state)),
            reason: state.map(|state| state.reason.clone()).unwrap_or_default(),
            link: links.get(&id).map(|link| link.path.clone()).or_else(|| state?.link.clone()),
            since: state.map_or(0, |state| state.since),
        }
    };
    let invalid = |InvalidRule { id, reason }| Row {
        id,
        wish: NewRule { movie_title: format!("Row {id} of the database"), ..NewRule::default() },
        usable: false,
        state: State::of("invalid"),
        reason,
        link: None,
        since: 0,
    };
    rules.rules.into_iter().map(row).chain(rules.invalid.into_iter().map(invalid)).collect()
}

/// A path's folder, and its last part.
pub fn place(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
