//! Runs: started, previewed and listed.

use askama::Template;
use serde_json::json;

use super::fresh::{GLANCE, SHARED_LIFE};
use super::{Again, Asked, Listed, Order, Refusal, Reply, Result, View, Web, listed::states, value};
use crate::model::Report;

/// How many runs are shown at once.
const RUNS: usize = 50;

#[derive(Template)]
#[template(path = "preview.html", config = "src/web/askama.toml")]
struct PreviewPage<'a> {
    view: &'a View<'a>,
    report: &'a Report,
    /// The film and the reason of each rule that it would leave out.
    left_out: Vec<(String, &'a str)>,
}

/// It is not there yet.
#[derive(Template)]
#[template(path = "previewing.html", config = "src/web/askama.toml")]
struct Previewing<'a> {
    view: &'a View<'a>,
    since: i64,
}

#[derive(Template)]
#[template(path = "runs.html", config = "src/web/askama.toml")]
struct Runs<'a> {
    view: &'a View<'a>,
    runs: Vec<Report>,
    /// From 1.
    page: usize,
    pages: usize,
}

impl Web {
    pub(super) fn run(&self, asked: &Asked) -> Result {
        self.order(Order::Run)?;
        Ok(if asked.is_api() { Reply::json(202, &json!({ "started": true })) } else { self.see("/?done=run") })
    }

    pub(super) fn plan(&self, asked: &Asked) -> Result {
        let report = self.planned(asked)?;
        Ok(Reply::json(200, &json!({ "text": report.to_string(), "report": report })))
    }

    /// What a run would do for one rule.
    pub(super) fn try_rule(&self, asked: &Asked) -> Result {
        let rule = self.db()?.rule(asked.rule()?)?;
        let report = self.planned(asked)?;
        let changes = report.changes_of(rule.id.into());
        let mut tried = Listed::new(rule, &states(Some(&report))).json();
        tried["changes"] = changes.into();
        Ok(Reply::json(200, &tried))
    }

    fn planned(&self, asked: &Asked) -> Result<Report> {
        let now = asked.request.at;
        let shared = self.shared().preview.clone();
        let shared = shared.filter(|preview| preview.at >= now - SHARED_LIFE && preview.outcome.is_ok());
        let preview = shared.or_else(|| self.preview(now, asked.patience()));
        let busy = || Refusal::new(503, "a run is under way or the preview takes long: ask again in a moment");
        preview.ok_or_else(busy)?.outcome.clone().map_err(|problem| Refusal::new(503, problem))
    }

    /// What a run would do, found after the page was asked for: at `since`, if it has been looking at itself since then.
    pub(super) fn preview_page(&self, asked: &Asked) -> Result {
        let rules = self.db()?.rules()?.rules;
        let since = asked.since().unwrap_or(asked.request.at);
        let preview = self.preview(since, GLANCE);
        let view = &self.view(asked);
        let Some(preview) = preview else {
            let again = Again { path: Some(format!("/preview?since={since}")), run: None };
            return Ok(view.page_until(again, 200, "Preview", &Previewing { view, since }));
        };
        let report = preview.outcome.as_ref().map_err(|problem| Refusal::new(503, problem.clone()))?;
        let title = |id: i64| {
            let rule = rules.iter().find(|rule| i64::from(rule.id) == id);
            rule.map_or_else(|| format!("rule {id}"), |rule| rule.wish.movie_title.clone())
        };
        let left_out = report.rules.iter().filter(|state| !state.reason.is_empty());
        let left_out = left_out.map(|state| (title(state.rule), state.reason.as_str())).collect();
        Ok(view.page(200, "Preview", &PreviewPage { view, report, left_out }))
    }

    pub(super) fn runs_page(&self, asked: &Asked) -> Result {
        let view = &self.view(asked);
        let mut db = self.db()?;
        let pages = db.count_runs()?.div_ceil(RUNS).max(1);
        let page = value(&asked.query, "page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, pages);
        let runs = db.runs(RUNS, (page - 1) * RUNS)?;
        Ok(view.page(200, "Last runs", &Runs { view, runs, page, pages }))
    }

    /// The last runs, the newest first. What they found for each rule is known of the last one: the status tells it.
    pub(super) fn list_runs(&self, asked: &Asked) -> Result {
        let (limit, offset) = asked.part_of_list(RUNS)?;
        let told = |Report { at, summary, failed, changes, problems, .. }| json!({ "at": at, "summary": summary, "failed": failed, "changes": changes, "problems": problems });
        let mut db = self.db()?;
        let runs: Vec<_> = db.runs(limit, offset)?.into_iter().map(told).collect();
        Ok(Reply::json(200, &runs).with("X-Total-Count", db.count_runs()?.to_string()))
    }
}
