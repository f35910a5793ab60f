//! What is set up, what a check says of it, the webhooks and news, and the log: for those who have no terminal at hand.

use std::sync::mpsc::{self, Sender};

use askama::Template;
use serde_json::{Value, json};

use super::fresh::SHARED_LIFE;
use super::{Asked, Lookup, Outcomes, Refusal, Reply, Result, View, Web};
use crate::{
    config::{Database, WEBHOOK},
    journal,
};

#[derive(Template)]
#[template(path = "system.html", config = "src/web/askama.toml")]
struct System<'a> {
    view: &'a View<'a>,
    /// Of what has just been done.
    outcomes: Outcomes,
}

impl Web {
    pub(super) fn system_page(&self, asked: &Asked) -> Result {
        Ok(self.system(asked, Vec::new()))
    }

    fn system(&self, asked: &Asked, outcomes: Outcomes) -> Reply {
        let status = if outcomes.iter().any(|(_, outcome)| outcome.is_err()) { 503 } else { 200 };
        let view = &self.view(asked);
        view.page(status, "System", &System { view, outcomes })
    }

    pub(super) fn database(&self) -> String {
        match &self.config.database {
            Database::Postgres { shown, .. } => shown.clone(),
            Database::Sqlite(file) => file.display().to_string(),
        }
    }

    /// Where the apps send what happens there: as the user says, else as they see us; while that is not known, as the browser calls us.
    pub(super) fn webhook_address(&self, asked: &Asked) -> String {
        if let Some(url) = &self.config.serve.public_url {
            return format!("{url}{WEBHOOK}");
        }
        if let Some(url) = &self.shared().webhook {
            return url.clone();
        }
        let header = |name: &str| asked.request.header(name);
        let scheme = header("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
        format!("{scheme}://{}{}{WEBHOOK}", header("host").unwrap_or("localhost"), self.base())
    }

    /// Checks, and shows what was found. A check that takes long is shown when somebody looks again.
    pub(super) fn check_now(&self, asked: &Asked) -> Result {
        let done = self.check(asked, asked.request.at).is_some();
        Ok(self.see(if done { "/system" } else { "/system?done=checking" }))
    }

    /// Programs that ask again and again share one.
    pub(super) fn show_check(&self, asked: &Asked) -> Result {
        let check = self.check(asked, asked.request.at - SHARED_LIFE);
        let check = check.ok_or_else(|| Refusal::new(503, "the check takes long: ask again in a moment"))?;
        Ok(Reply::json(
            200,
            &json!({ "at": check.at, "ok": check.wrong().next().is_none(), "findings": check.findings }),
        ))
    }

    pub(super) fn connect(&self, asked: &Asked) -> Result {
        self.errand(asked, |answer| Lookup::Connect { remove: false, answer })
    }

    pub(super) fn disconnect(&self, asked: &Asked) -> Result {
        self.errand(asked, |answer| Lookup::Connect { remove: true, answer })
    }

    pub(super) fn test_news(&self, asked: &Asked) -> Result {
        self.errand(asked, |answer| Lookup::TestNews { answer })
    }

    /// Has something done that others are asked for, and tells what came of it.
    fn errand(&self, asked: &Asked, lookup: impl FnOnce(Sender<Outcomes>) -> Lookup) -> Result {
        let (answer, answers) = mpsc::channel();
        let sent = self.looker.send(lookup(answer)).is_ok();
        let outcomes = sent.then(|| self.wait(|| answers.recv_timeout(asked.patience()).ok())).flatten();
        let long = || Refusal::new(503, "this takes long and goes on: the log tells what comes of it");
        let outcomes = outcomes.ok_or_else(long)?;
        if !asked.is_api() {
            return Ok(self.system(asked, outcomes));
        }
        let (mut done, mut failures) = (Vec::new(), Vec::new());
        for (name, outcome) in &outcomes {
            let text = outcome.as_ref().map_or_else(ToString::to_string, String::clone);
            failures.extend(outcome.as_ref().err().map(|problem| format!("{name}: {problem}")));
            done.push(json!({ "name": name, "ok": outcome.is_ok(), "text": text }));
        }
        Ok(with_failures(json!({ "done": done }), &failures))
    }

    pub(super) fn status(&self, _: &Asked) -> Result {
        let shared = self.shared().clone();
        let body = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "running": shared.is_running(),
            "started_at": shared.started_at,
            "last_run_at": shared.last_run_at,
            "last_duration_ms": shared.last_duration_ms,
            "next_run_at": shared.next_run_at,
            "apps": shared.apps,
            "counts": shared.counts(),
            "last": shared.last.as_deref(),
        });
        Ok(with_failures(body, shared.failures()))
    }
}

/// With what failed, if anything did.
fn with_failures(mut body: Value, failures: &[String]) -> Reply {
    if failures.is_empty() {
        return Reply::json(200, &body);
    }
    body["detail"] = failures.join("; ").into();
    Reply::json(503, &body)
}
