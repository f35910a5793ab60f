//! Runs: started, previewed and listed.

use serde_json::json;

use super::{
    Web,
    known::{GLANCE, SHARED_LIFE, WAIT},
    page::Content,
    reply::{Answer, Refusal, Reply},
    request::{Asked, value},
    rules::{found, part, shown, usable},
    state::Ask,
};
use crate::model::Report;

/// How many runs are shown at once.
const RUNS: usize = 50;

pub struct Runs {
    pub runs: Vec<Report>,
    /// From 1.
    pub page: usize,
    pub pages: usize,
}

impl Web {
    pub(super) fn run(&self, asked: &Asked) -> Answer {
        self.ask(Ask::Run)?;
        Ok(if asked.is_api() { Reply::json(202, &json!({ "started": true })) } else { self.see("/?done=run") })
    }

    pub(super) fn plan(&self, asked: &Asked) -> Answer {
        let report = self.planned(asked)?;
        Ok(Reply::json(200, &json!({ "text": report.to_string(), "report": report })))
    }

    /// What a run would do for one rule.
    pub(super) fn try_rule(&self, asked: &Asked) -> Answer {
        let rule = usable(&mut self.db()?, asked.rule()?)?;
        let report = self.planned(asked)?;
        let state = found(Some(&report), rule.id);
        let mut tried = shown(&rule, state);
        tried["reason"] = state.map_or("", |state| &state.reason).into();
        tried["changes"] = report.changes_of(rule.id.into()).into();
        Ok(Reply::json(200, &tried))
    }

    fn planned(&self, asked: &Asked) -> Result<Report, Refusal> {
        let now = asked.request.at;
        let shared = self.state().preview.clone();
        let shared = shared.filter(|preview| preview.at >= now - SHARED_LIFE && preview.outcome.is_ok());
        let preview = shared.or_else(|| self.preview(now, WAIT));
        let busy = || Refusal::new(503, "a run is under way or the preview takes long: ask again in a moment");
        preview.ok_or_else(busy)?.outcome.clone().map_err(|problem| Refusal::new(503, problem))
    }

    /// What a run would do, found after the page was asked for: at `since`, if it has been looking at itself since then.
    pub(super) fn preview_page(&self, asked: &Asked) -> Answer {
        let rules = self.db()?.rules()?.rules;
        let since = asked.since().unwrap_or(asked.request.at);
        let Some(preview) = self.preview(since, GLANCE) else {
            let running = self.state().running;
            return Ok(self.page(asked, 200, "Preview", Content::Previewing { since, running }));
        };
        let report = preview.outcome.as_ref().map_err(|problem| Refusal::new(503, problem.clone()))?;
        let title = |id: i64| {
            let rule = rules.iter().find(|rule| i64::from(rule.id) == id);
            rule.map_or_else(|| format!("rule {id}"), |rule| rule.wish.movie_title.clone())
        };
        let left_out = report.rules.iter().filter(|state| !state.reason.is_empty());
        let left_out = left_out.map(|state| (title(state.rule), state.reason.as_str())).collect();
        Ok(self.page(asked, 200, "Preview", Content::Preview(report, left_out)))
    }

    pub(super) fn runs_page(&self, asked: &Asked) -> Answer {
        let mut db = self.db()?;
        let pages = db.count_runs()?.div_ceil(RUNS).max(1);
        let page = value(&asked.query, "page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, pages);
        let runs = Runs { runs: db.runs(RUNS, (page - 1) * RUNS)?, page, pages };
        Ok(self.page(asked, 200, "Last runs", Content::Runs(&runs)))
    }

    /// The last runs, the newest first. What they found for each rule is known of the last one: the status tells it.
    pub(super) fn list_runs(&self, asked: &Asked) -> Answer {
        let (limit, offset) = part(asked, RUNS)?;
        let told = |Report { at, summary, failed, changes, problems, .. }| json!({ "at": at, "summary": summary, "failed": failed, "changes": changes, "problems": problems });
        let mut db = self.db()?;
        let runs: Vec<_> = db.runs(limit, offset)?.into_iter().map(told).collect();
        Ok(Reply::json(200, &runs).with("X-Total-Count", db.count_runs()?.to_string()))
    }
}
