//! The pages: what each shows.

use std::collections::HashMap;

use super::{
    GLANCE, PATIENCE, Web,
    api::{Answer, number, open_suggestions, usable},
    reply::{Refusal, Reply, Request},
    table::{self, Table, Wanted},
    typed::Typed,
    views::{self, Content, Form, Found, Home, Planned, Run, Runs, Suggested},
    words::Watch,
};
use crate::model::{Catalog, Report, Standing};

/// How many runs are shown at once.
pub const RUNS: usize = 50;

type Query<'a> = &'a [(String, String)];

impl Web {
    pub(super) fn home(&self, request: &Request, query: Query) -> Answer {
        let mut db = self.db()?;
        let (rules, links) = (db.rules()?, db.links()?);
        let state = self.state();
        let report = state.last.as_deref();
        let (wanted, watch) = (Wanted::new(query), self.watch(request));
        let rows = table::rows(&rules, &links, report, watch);
        let attention =
            rows.iter().filter(|row| matches!(row.state.standing, Standing::NeedsUser | Standing::Failed)).count();
        let title = match attention {
            0 => "Rules".to_string(),
            1 => "1 needs you".into(),
            many => format!("{many} need you"),
        };
        let home = Home {
            running: state.running,
            last_run_at: state.last_run_at,
            last: report.map(|report| (watch.when(state.last_run_at.unwrap_or(report.at)), report.summary.clone())),
            next: state.next_run_at.map(|at| watch.when(at)),
            failures: state.failures(),
            findings: state.check.iter().flat_map(|check| check.wrong().cloned()).collect(),
            apps: state.apps,
            empty: rows.is_empty(),
            table: Table::new(rows, &wanted),
            wanted,
        };
        Ok(Reply::html(200, self.render(request, &title, Content::Home(Box::new(home)))))
    }

    pub(super) fn new_rule(&self, request: &Request, query: Query) -> Answer {
        Ok(self.form_page(request, 200, None, &Typed::new(query), None))
    }

    /// The form of a rule: with what stands in the database, or with what was typed when its specials are to be listed.
    pub(super) fn rule_page(&self, request: &Request, id: &str, query: Query) -> Answer {
        let rule = usable(&mut self.db()?, number(id)?)?;
        let typed = Typed::new(query);
        let typed = if typed.is_empty() { Typed::from_rule(&rule.wish) } else { typed };
        Ok(self.form_page(request, 200, Some(rule.id), &typed, None))
    }

    /// The form with what was typed and why it was refused. `rule` is the one that is changed.
    pub(super) fn form_page(
        &self,
        request: &Request,
        status: u16,
        rule: Option<i32>,
        typed: &Typed,
        refusal: Option<&Refusal>,
    ) -> Reply {
        let mistakes = refusal.map(|refusal| refusal.mistakes.as_slice()).unwrap_or_default();
        let catalog = self.catalog_at_hand(request.at);
        let (movies, shows) = catalog.as_deref().map(|catalog| views::choices(catalog, typed)).unwrap_or_default();
        let show = catalog.as_deref().and_then(|catalog: &Catalog| typed.show(catalog));
        let episodes = show.zip(typed.season()).and_then(|(show, season)| self.episodes(show, season));
        let (heading, button) = match rule {
            Some(_) => ("Edit the rule", "Save"),
            None => ("Add a rule", "Add the rule"),
        };
        let below = rule.map(|id| format!("/{id}")).unwrap_or_default();
        let form = Form {
            heading,
            button,
            action: format!("/rules{below}"),
            list_action: if rule.is_some() { format!("/rules{below}") } else { "/rules/new".into() },
            rule,
            fields: views::fields(typed, mistakes),
            movies,
            shows,
            episodes,
            completes: catalog.is_some(),
            problems: catalog.as_deref().map(|catalog| catalog.problems.clone()).unwrap_or_default(),
            refused: refusal.map(|refusal| match refusal.mistakes.is_empty() {
                true => format!("Nothing has been saved: {}. What you typed is still here.", refusal.detail),
                false => "This is not a rule yet: see below what is missing.".into(),
            }),
        };
        Reply::html(status, self.render(request, heading, Content::Form(Box::new(form))))
    }

    pub(super) fn confirm_delete(&self, request: &Request, id: &str) -> Answer {
        let id = number(id)?;
        let mut db = self.db()?;
        let (rules, links) = (db.rules()?, db.links()?);
        let row =
            table::rows(&rules, &links, None, self.watch(request)).into_iter().find(|row| row.id == i64::from(id));
        let row = row.ok_or(Refusal::no_rule(id))?;
        Ok(Reply::html(200, self.render(request, "Delete a rule", Content::Confirm(Box::new(row)))))
    }

    pub(super) fn import_page(&self, request: &Request) -> Answer {
        Ok(Reply::html(200, self.render(request, "Import rules", Content::Import(Vec::new()))))
    }

    pub(super) fn export(&self) -> Answer {
        let rules = self.db()?.rules()?.rules;
        Ok(Reply::json(200, &rules).with("Content-Disposition", "attachment; filename=\"plex-linker-rules.json\""))
    }

    /// What a run would do, found after the page was asked for: at `since`, if it has been looking at itself since then.
    pub(super) fn preview_page(&self, request: &Request, query: Query) -> Answer {
        let rules = self.db()?.rules()?;
        let since = query.iter().find(|(name, _)| name == "since").and_then(|(_, since)| since.parse().ok());
        let since = since.filter(|since| *since <= request.at).unwrap_or(request.at);
        let Some(preview) = self.preview(since, GLANCE) else {
            let running = self.shared().running;
            return Ok(Reply::html(200, self.render(request, "Preview", Content::Previewing { since, running })));
        };
        let (text, report) = preview.outcome.as_ref().map_err(|problem| Refusal::new(503, problem.clone()))?;
        let titles: HashMap<i64, &str> =
            rules.rules.iter().map(|rule| (rule.id.into(), rule.wish.movie_title.as_str())).collect();
        let skipped = report.rules.iter().filter(|state| !state.reason.is_empty());
        let planned = Planned {
            skips: skipped
                .map(|state| {
                    let title =
                        titles.get(&state.rule).map_or(format!("rule {}", state.rule), |title| title.to_string());
                    (title, state.reason.clone())
                })
                .collect(),
            changes: report.changes.clone(),
            problems: report.problems.clone(),
            last: text.lines().last().unwrap_or_default().into(),
        };
        Ok(Reply::html(200, self.render(request, "Preview", Content::Preview(planned))))
    }

    pub(super) fn runs_page(&self, request: &Request, query: Query) -> Answer {
        let mut db = self.db()?;
        let pages = db.count_runs()?.div_ceil(RUNS).max(1);
        let page = query.iter().find(|(name, _)| name == "page").and_then(|(_, page)| page.parse().ok());
        let page = page.unwrap_or(1).clamp(1, pages);
        let watch = self.watch(request);
        let run = |report: Report| Run { when: watch.when(report.at), report };
        let runs = db.runs(RUNS, (page - 1) * RUNS)?.into_iter().map(run).collect();
        Ok(Reply::html(200, self.render(request, "Last runs", Content::Runs(Runs { runs, page, pages }))))
    }

    pub(super) fn suggestions_page(&self, request: &Request) -> Answer {
        let rules = self.db()?.rules()?.rules;
        let found = self.suggestions_at_hand(request.at, PATIENCE).map(|known| Found {
            when: self.watch(request).when(known.fetched_at),
            problems: known.problems.clone(),
            list: open_suggestions(&known.list, &rules).map(Suggested::new).collect(),
        });
        Ok(Reply::html(200, self.render(request, "Suggestions", Content::Suggestions(found))))
    }

    pub(super) fn watch(&self, request: &Request) -> Watch<'_> {
        Watch { now: request.at, zone: &self.zone }
    }

    pub(super) fn refusal_page(&self, request: &Request, refusal: &Refusal) -> Reply {
        let heading = match refusal.status {
            403 => "Not let in",
            404 => "Not found",
            503 => "Not possible right now",
            _ => "Not possible",
        };
        let content = Content::Message { heading, text: &refusal.detail };
        Reply::html(refusal.status, self.render(request, heading, content))
    }
}
