//! The first page: the last run, and the table of rules, filtered, ordered and cut into pages.

use askama::Template;

use super::{Again, Asked, Listed, Result, View, Web, listed::listed, query, value};
use crate::model::Standing;

const PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "home.html", config = "src/web/askama.toml")]
struct Home<'a> {
    view: &'a View<'a>,
    /// The rules that have just been deleted.
    deleted: Vec<i32>,
    /// There is no rule at all.
    empty: bool,
    search: &'a str,
    kind: Option<Standing>,
    /// Those of this page.
    rows: Vec<Listed>,
    /// Of all rules that fit the search: all of them, then by kind.
    counts: Vec<(Option<Standing>, usize)>,
    /// From 1.
    page: usize,
    pages: usize,
    /// Every rule of the page is selected.
    all: bool,
}

impl Web {
    pub(super) fn home(&self, asked: &Asked) -> Result {
        let view = &self.view(asked);
        let wanted = |name: &str| value(&asked.query, name).unwrap_or_default().trim();
        let mut db = self.db()?;
        let mut rows = listed(db.rules()?, &db.links()?, view.shared.last.as_deref());
        let empty = rows.is_empty();
        let needs_user = |row: &&Listed| matches!(row.state().standing, Standing::NeedsUser | Standing::Failed);
        let title = match rows.iter().filter(needs_user).count() {
            0 => "Rules".to_string(),
            1 => "1 needs you".into(),
            many => format!("{many} need you"),
        };
        let search = wanted("q").to_lowercase();
        rows.retain(|row| {
            let texts = [&*row.wish.movie_title, &row.wish.show_name, &row.wish.special(), row.state().label];
            texts.iter().any(|text| text.to_lowercase().contains(&search))
        });
        let of = |kind| rows.iter().filter(|row| row.state().standing == kind).count();
        let counts = [(None, rows.len())].into_iter().chain(Standing::ALL.map(|kind| (Some(kind), of(kind)))).collect();
        let kind = Standing::ALL.into_iter().find(|kind| kind.name() == wanted("state"));
        rows.retain(|row| kind.is_none_or(|kind| row.state().standing == kind));
        // what needs someone comes first
        rows.sort_by_cached_key(|row| {
            let rank = Standing::ALL.iter().position(|kind| *kind == row.state().standing);
            (rank, row.wish.show_name.to_lowercase(), row.wish.season_number(), row.wish.episode, row.id)
        });
        let pages = rows.len().div_ceil(PER_PAGE).max(1);
        let page = wanted("page").parse().unwrap_or(1).clamp(1, pages);
        let rows = rows.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
        let has_deleted = matches!(wanted("done"), "deleted" | "removed");
        let deleted: Vec<i32> = view.shared.deleted.iter().filter(|_| has_deleted).map(|rule| rule.id).collect();
        let changes = view.shared.is_running() || view.done().is_some();
        // what was deleted can be made again for as long as it is offered
        let path = (changes && deleted.is_empty()).then(|| format!("/?{}", asked.query_without("done")));
        let again = Again { path, run: changes.then(|| view.shared.last_run_at.unwrap_or_default()) };
        let (search, all) = (wanted("q"), wanted("select") == "all");
        let home = Home { view, deleted, empty, search, kind, rows, counts, page, pages, all };
        Ok(view.page_until(again, 200, &title, &home))
    }
}

impl Home<'_> {
    /// The query of another page, or of another kind.
    fn query(&self, kind: &Option<Standing>, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let all = [("q", self.search), ("state", kind.map_or("", Standing::name)), ("page", &page)];
        format!("?{}", query(all.into_iter().filter(|(_, value)| !value.is_empty())))
    }
}
