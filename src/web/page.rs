//! The pages: what each shows.

use std::collections::HashMap;

use super::{
    Web,
    api::{Answer, number, open_suggestions, usable},
    reply::{Refusal, Reply, Request},
    table::{self, Table, Wanted},
    typed::Typed,
    views::{self, Content, Form, Home, Planned, Run, Suggested},
    words::When,
};
use crate::{
    error::Mistake,
    model::{Catalog, Report, Standing},
};

/// How many runs are shown.
const RUNS: usize = 50;

type Query<'a> = &'a [(String, String)];

impl Web {
    pub(super) fn home(&self, request: &Request, query: Query) -> Answer {
        let mut db = self.db()?;
        let (rules, links) = (db.rules()?, db.links()?);
        let state = self.state();
        let stored = if state.last.is_none() { db.last_run()? } else { None };
        let report = state.last.as_ref().or(stored.as_ref());
        let wanted = Wanted::new(query);
        let rows = table::rows(&rules, &links, report, request.at);
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
            last: report
                .map(|report| (When::new(state.last_run_at.unwrap_or(report.at), request.at), report.summary.clone())),
            next: state.next_run_at.map(|at| When::new(at, request.at)),
            failures: state.failures(),
            findings: state.findings,
            apps: state.apps,
            empty: rows.is_empty(),
            table: Table::new(rows, &wanted),
            wanted,
        };
        Ok(Reply::html(200, self.render(request, &title, Content::Home(Box::new(home)))))
    }

    pub(super) fn new_rule(&self, request: &Request, query: Query) -> Answer {
        Ok(self.form_page(request, 200, None, &Typed::new(query), &[]))
    }

    /// The form of a rule: with what stands in the database, or with what was typed when its specials are to be listed.
    pub(super) fn rule_page(&self, request: &Request, id: &str, query: Query) -> Answer {
        let rule = usable(&mut self.db()?, number(id)?)?;
        let typed = Typed::new(query);
        let typed = if typed.is_empty() { Typed::from_rule(&rule.wish) } else { typed };
        Ok(self.form_page(request, 200, Some(rule.id), &typed, &[]))
    }

    /// The form with what was typed and what is wrong with it. `rule` is the one that is changed.
    pub(super) fn form_page(
        &self,
        request: &Request,
        status: u16,
        rule: Option<i32>,
        typed: &Typed,
        mistakes: &[Mistake],
    ) -> Reply {
        let catalog = self.catalog();
        let (movies, shows) = catalog.as_deref().map(views::choices).unwrap_or_default();
        let show = catalog.as_deref().and_then(|catalog: &Catalog| typed.show(catalog));
        let episodes = show.zip(typed.season()).and_then(|(show, season)| self.episodes(show.sonarr, show.id, season));
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
            refused: !mistakes.is_empty(),
        };
        Reply::html(status, self.render(request, heading, Content::Form(Box::new(form))))
    }

    pub(super) fn confirm_delete(&self, request: &Request, id: &str) -> Answer {
        let id = number(id)?;
        let mut db = self.db()?;
        let (rules, links) = (db.rules()?, db.links()?);
        let row = table::rows(&rules, &links, None, request.at).into_iter().find(|row| row.id == i64::from(id));
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

    pub(super) fn preview_page(&self, request: &Request) -> Answer {
        let rules = self.db()?.rules()?;
        let preview = self.preview()?;
        let titles: HashMap<i64, &str> =
            rules.rules.iter().map(|rule| (rule.id.into(), rule.wish.movie_title.as_str())).collect();
        let skipped = preview.report.rules.iter().filter(|state| !state.reason.is_empty());
        let planned = Planned {
            skips: skipped
                .map(|state| {
                    let title =
                        titles.get(&state.rule).map_or(format!("rule {}", state.rule), |title| title.to_string());
                    (title, state.reason.clone())
                })
                .collect(),
            changes: preview.report.changes,
            problems: preview.report.problems,
            last: preview.text.lines().last().unwrap_or_default().into(),
        };
        Ok(Reply::html(200, self.render(request, "Preview", Content::Preview(planned))))
    }

    pub(super) fn runs_page(&self, request: &Request) -> Answer {
        let run = |report: Report| Run { when: When::new(report.at, request.at), report };
        let runs = self.db()?.runs(RUNS)?.into_iter().map(run).collect();
        Ok(Reply::html(200, self.render(request, "Last runs", Content::Runs(runs))))
    }

    pub(super) fn suggestions_page(&self, request: &Request) -> Answer {
        let rules = self.db()?.rules()?.rules;
        let found =
            self.catalog().map(|catalog| open_suggestions(&catalog.suggestions, &rules).map(Suggested::new).collect());
        Ok(Reply::html(200, self.render(request, "Suggestions", Content::Suggestions(found))))
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
