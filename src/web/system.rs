//! What is set up, what a check says of it, the webhooks and news, and the log: for those who have no terminal at hand.

use std::sync::mpsc::{self, Sender};

use serde_json::json;

use super::{
    Web,
    known::{SHARED_LIFE, WAIT},
    page::Content,
    reply::{Answer, Refusal, Reply},
    request::Asked,
    state::{Done, Look, State},
};
use crate::{
    config::Database,
    model::{self, Standing},
};

impl Web {
    pub(super) fn system_page(&self, asked: &Asked) -> Answer {
        Ok(self.system(asked, Vec::new()))
    }

    fn system(&self, asked: &Asked, done: Done) -> Reply {
        let status = if done.iter().any(|(_, done)| done.is_err()) { 503 } else { 200 };
        self.page(asked, status, "System", Content::System(done))
    }

    pub(super) fn database(&self) -> String {
        match &self.config.database {
            Database::Postgres { shown, .. } => shown.clone(),
            Database::Sqlite(file) => file.display().to_string(),
        }
    }

    /// Where the apps send what happens there: as the user says, else as the browser calls us.
    pub(super) fn webhook_address(&self, asked: &Asked) -> String {
        if let Some(url) = &self.config.serve.public_url {
            return format!("{url}/api/webhook");
        }
        let header = |name: &str| asked.request.header(name);
        let scheme = header("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
        format!("{scheme}://{}{}/api/webhook", header("host").unwrap_or("localhost"), self.base())
    }

    /// Checks, and shows what was found. A check that takes long is shown when somebody looks again.
    pub(super) fn check_now(&self, asked: &Asked) -> Answer {
        let done = self.check(asked.request.at, WAIT).is_some();
        Ok(self.see(if done { "/system" } else { "/system?done=checking" }))
    }

    /// Programs that ask again and again share one.
    pub(super) fn show_check(&self, asked: &Asked) -> Answer {
        let check = self.check(asked.request.at - SHARED_LIFE, WAIT);
        let check = check.ok_or_else(|| Refusal::new(503, "the check takes long: ask again in a moment"))?;
        Ok(Reply::json(
            200,
            &json!({ "at": check.at, "ok": check.wrong().next().is_none(), "findings": check.findings }),
        ))
    }

    pub(super) fn connect(&self, asked: &Asked) -> Answer {
        self.errand(asked, |answer| Look::Connect { remove: false, answer })
    }

    pub(super) fn disconnect(&self, asked: &Asked) -> Answer {
        self.errand(asked, |answer| Look::Connect { remove: true, answer })
    }

    pub(super) fn test_news(&self, asked: &Asked) -> Answer {
        self.errand(asked, |answer| Look::TestNews { answer })
    }

    /// Has something done that others are asked for, and tells what came of it.
    fn errand(&self, asked: &Asked, look: impl FnOnce(Sender<Done>) -> Look) -> Answer {
        let (answer, answers) = mpsc::channel();
        let sent = self.looker.send(look(answer)).is_ok();
        let done = sent.then(|| self.wait(|| answers.recv_timeout(WAIT).ok())).flatten();
        let done =
            done.ok_or_else(|| Refusal::new(503, "this takes long and goes on: the log tells what comes of it"))?;
        if !asked.is_api() {
            return Ok(self.system(asked, done));
        }
        let row = |(name, done): &(String, Result<String, String>)| {
            let (Ok(text) | Err(text)) = done;
            json!({ "name": name, "ok": done.is_ok(), "text": text })
        };
        let mut body = json!({ "done": done.iter().map(row).collect::<Vec<_>>() });
        let failed = done.iter().filter_map(|(name, done)| Some(format!("{name}: {}", done.as_ref().err()?)));
        Ok(with_failures(&mut body, &failed.collect::<Vec<_>>()))
    }

    pub(super) fn status(&self, _: &Asked) -> Answer {
        let state = self.state().clone();
        let mut body = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "running": state.running,
            "started_at": state.started_at,
            "last_run_at": state.last_run_at,
            "last_duration_ms": state.last_duration_ms,
            "next_run_at": state.next_run_at,
            "apps": state.apps,
            "counts": counts(&state),
            "last": state.last.as_deref(),
        });
        Ok(with_failures(&mut body, &state.failures()))
    }
}

/// With what failed, if anything did.
fn with_failures(body: &mut serde_json::Value, failures: &[String]) -> Reply {
    if failures.is_empty() {
        return Reply::json(200, body);
    }
    body["detail"] = failures.join("; ").into();
    Reply::json(503, body)
}

/// The rules of the last run by what has to happen with them, and by their states.
fn counts(state: &State) -> serde_json::Value {
    let states = state.states();
    let of = |standing| -> usize {
        states.iter().filter(|(word, _)| model::State::of(word).standing == standing).map(|(_, count)| count).sum()
    };
    let mut counts = json!({ "rules": states.values().sum::<usize>(), "states": states });
    for standing in Standing::ALL {
        counts[standing.name()] = of(standing).into();
    }
    counts
}
