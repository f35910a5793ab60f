//! The first page: the last run, and the table of rules, filtered, ordered and cut into pages.

use super::{
    Web,
    page::Content,
    reply::Answer,
    request::{Asked, query, value},
    table::{self, Row},
};
use crate::model::Standing;

const PER_PAGE: usize = 50;

pub struct Home {
    /// The rules that have just been deleted.
    pub deleted: Vec<i32>,
    /// There is no rule at all.
    pub empty: bool,
    pub search: String,
    pub kind: Option<Standing>,
    /// Those of this page.
    pub rows: Vec<Row>,
    /// Of all rules that fit the search: all of them, then by kind.
    pub counts: Vec<(Option<Standing>, usize)>,
    /// From 1.
    pub page: usize,
    pub pages: usize,
    /// Every rule of the page is selected.
    pub all: bool,
}

impl Web {
    pub(super) fn home(&self, asked: &Asked) -> Answer {
        let wanted = |name: &str| value(&asked.query, name).unwrap_or_default().trim();
        let mut db = self.db()?;
        let (rules, links) = (db.rules()?, db.links()?);
        let state = self.state().clone();
        let mut rows = table::rows(rules, &links, state.last.as_deref());
        let empty = rows.is_empty();
        let needs_user = |row: &&Row| matches!(row.state.standing, Standing::NeedsUser | Standing::Failed);
        let title = match rows.iter().filter(needs_user).count() {
            0 => "Rules".to_string(),
            1 => "1 needs you".into(),
            many => format!("{many} need you"),
        };
        let search = wanted("q").to_lowercase();
        rows.retain(|Row { wish, state, .. }| {
            let texts = [&*wish.movie_title, &wish.show_name, &wish.special(), state.label];
            texts.iter().any(|text| text.to_lowercase().contains(&search))
        });
        let of = |kind| rows.iter().filter(|row| row.state.standing == kind).count();
        let counts = [(None, rows.len())].into_iter().chain(Standing::ALL.map(|kind| (Some(kind), of(kind)))).collect();
        let kind = Standing::ALL.into_iter().find(|kind| kind.name() == wanted("state"));
        rows.retain(|row| kind.is_none_or(|kind| row.state.standing == kind));
        // what needs someone comes first
        rows.sort_by_cached_key(|Row { wish, state, id, .. }| {
            let rank = Standing::ALL.iter().position(|kind| *kind == state.standing);
            (rank, wish.show_name.to_lowercase(), wish.season_number(), wish.episode, *id)
        });
        let pages = rows.len().div_ceil(PER_PAGE).max(1);
        let page = wanted("page").parse().unwrap_or(1).clamp(1, pages);
        let has_deleted = matches!(wanted("done"), "deleted" | "removed");
        let home = Home {
            deleted: state.deleted.iter().filter(|_| has_deleted).map(|rule| rule.id).collect(),
            empty,
            search: wanted("q").into(),
            kind,
            rows: rows.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect(),
            counts,
            page,
            pages,
            all: wanted("select") == "all",
        };
        Ok(self.page(asked, 200, &title, Content::Home(&home)))
    }
}

impl Home {
    /// The query of another page, or of another kind.
    pub fn query(&self, kind: &Option<Standing>, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let all = [("q", &*self.search), ("state", kind.map_or("", Standing::name)), ("page", &page)];
        format!("?{}", query(all.into_iter().filter(|(_, value)| !value.is_empty())))
    }
}
