//! The table of rules: what is known of each, filtered, ordered and cut into pages.

use std::collections::HashMap;

use super::words::{Watch, When};
use crate::model::{InvalidRule, Link, Report, Rule, RuleState, Rules, Standing, State, UNSEEN};

pub const PER_PAGE: usize = 50;

pub struct Row {
    pub id: i64,
    pub movie_title: String,
    pub show_name: String,
    /// For example `S00E03`.
    pub special: String,
    /// Its season and number, which put it in order.
    pub number: (Option<i32>, Option<i32>),
    /// It can be changed; a row that is no rule can only be removed.
    pub usable: bool,
    pub state: &'static State,
    pub reason: String,
    pub link: Option<Place>,
    pub when: Option<When>,
}

/// A path, with its last part apart.
pub struct Place {
    pub folder: String,
    pub file: String,
}

/// What of the table is wanted.
#[derive(Default)]
pub struct Wanted {
    pub search: String,
    pub kind: Option<Standing>,
    /// From 1.
    pub page: usize,
    /// Every rule of the page is selected.
    pub all: bool,
}

pub struct Table {
    pub rows: Vec<Row>,
    /// Of all rules that fit the search: all of them, then by kind.
    pub counts: Vec<(Option<Standing>, usize)>,
    pub page: usize,
    pub pages: usize,
}

impl Wanted {
    pub fn new(query: &[(String, String)]) -> Wanted {
        let value = |name: &str| query.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim());
        Wanted {
            search: value("q").into(),
            kind: Standing::ALL.into_iter().find(|kind| kind.name() == value("state")),
            page: value("page").parse().unwrap_or(1),
            all: value("select") == "all",
        }
    }

    /// The query of another page, or of another kind.
    pub fn query(&self, kind: Option<Standing>, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.search.is_empty() {
            query.append_pair("q", &self.search);
        }
        if let Some(kind) = kind {
            query.append_pair("state", kind.name());
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("?{}", query.finish())
    }
}

/// What is known of each rule, and of each row that is none.
pub fn rows(rules: &Rules, links: &[Link], report: Option<&Report>, watch: Watch) -> Vec<Row> {
    let states: HashMap<i64, &RuleState> =
        report.iter().flat_map(|report| &report.rules).map(|state| (state.rule, state)).collect();
    let films = links.iter().filter(|link| !link.is_subtitle());
    let links: HashMap<i64, &Link> = films.map(|link| (i64::from(link.rule), link)).collect();
    let sound = rules.rules.iter().map(|rule| row(rule, &states, &links, watch));
    sound.chain(rules.invalid.iter().map(invalid)).collect()
}

impl Table {
    /// What needs someone comes first.
    pub fn new(mut rows: Vec<Row>, wanted: &Wanted) -> Table {
        let needle = wanted.search.to_lowercase();
        rows.retain(|row| {
            let texts = [&*row.movie_title, &row.show_name, &row.special, row.state.label];
            texts.iter().any(|text| text.to_lowercase().contains(&needle))
        });
        let of = |kind| rows.iter().filter(|row| row.state.standing == kind).count();
        let counts = [(None, rows.len())].into_iter().chain(Standing::ALL.map(|kind| (Some(kind), of(kind)))).collect();
        rows.retain(|row| wanted.kind.is_none_or(|kind| row.state.standing == kind));
        rows.sort_by_cached_key(|row| {
            let rank = Standing::ALL.iter().position(|kind| *kind == row.state.standing);
            (rank, row.show_name.to_lowercase(), row.number, row.id)
        });
        let pages = rows.len().div_ceil(PER_PAGE).max(1);
        let page = wanted.page.clamp(1, pages);
        let rows = rows.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
        Table { rows, counts, page, pages }
    }
}

fn row(rule: &Rule, states: &HashMap<i64, &RuleState>, links: &HashMap<i64, &Link>, watch: Watch) -> Row {
    let id = rule.id.into();
    let (state, record) = (states.get(&id), links.get(&id));
    let path = record.map(|link| &link.path).or(state.and_then(|state| state.link.as_ref()));
    Row {
        id,
        movie_title: rule.wish.movie_title.clone(),
        show_name: rule.wish.show_name.clone(),
        special: rule.wish.special(),
        number: (rule.wish.season_number(), rule.wish.episode),
        usable: true,
        state: state.map_or(UNSEEN, |state| State::of(&state.state)),
        reason: state.map(|state| state.reason.clone()).unwrap_or_default(),
        link: path.map(|path| place(path)),
        when: state.filter(|state| state.since > 0).map(|state| watch.when(state.since)),
    }
}

fn invalid(InvalidRule { id, reason }: &InvalidRule) -> Row {
    Row {
        id: *id,
        movie_title: format!("Row {id} of the database"),
        show_name: String::new(),
        special: String::new(),
        number: (None, None),
        usable: false,
        state: State::of("invalid"),
        reason: reason.clone(),
        link: None,
        when: None,
    }
}

fn place(path: &str) -> Place {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    Place { folder: format!("{folder}/"), file: file.into() }
}
