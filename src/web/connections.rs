//! The webhooks that the apps have for us, and those who are told news: made, taken away and tried by somebody's click.

use std::sync::mpsc::{self, Sender};

use serde_json::json;

use super::{
    PATIENCE, Web,
    api::Answer,
    reply::{Refusal, Reply, Request},
    state::{Done, Look},
    views::{Connections, Content},
};

impl Web {
    pub(super) fn connections_page(&self, request: &Request, done: Option<Done>) -> Answer {
        let failed = done.iter().flatten().any(|(_, done)| done.is_err());
        let content =
            Content::Connections(Connections { done: done.unwrap_or_default(), news_to: self.news_to.clone() });
        let status = if failed { 503 } else { 200 };
        Ok(Reply::html(status, self.render(request, "Connections", content)))
    }

    pub(super) fn connect_by_form(&self, request: &Request, remove: bool) -> Answer {
        let done = self.errand(|answer| Look::Connect { remove, answer })?;
        self.connections_page(request, Some(done))
    }

    pub(super) fn test_news_by_form(&self, request: &Request) -> Answer {
        let done = self.errand(|answer| Look::TestNews { answer })?;
        self.connections_page(request, Some(done))
    }

    pub(super) fn connect(&self, remove: bool) -> Answer {
        self.errand(|answer| Look::Connect { remove, answer }).map(|done| told(&done))
    }

    pub(super) fn test_news(&self) -> Answer {
        self.errand(|answer| Look::TestNews { answer }).map(|done| told(&done))
    }

    fn errand(&self, look: impl FnOnce(Sender<Done>) -> Look) -> Result<Done, Refusal> {
        let (answer, answers) = mpsc::channel();
        let asked = self.looker.send(look(answer)).is_ok();
        let done = asked.then(|| self.waiting(|| answers.recv_timeout(PATIENCE).ok())).flatten();
        done.ok_or_else(|| Refusal::new(503, "this takes long and goes on: the log tells what comes of it"))
    }
}

fn told(done: &Done) -> Reply {
    let failed: Vec<_> =
        done.iter().filter_map(|(name, done)| Some(format!("{name}: {}", done.as_ref().err()?))).collect();
    let row = |(name, done): &(String, Result<String, String>)| {
        let (Ok(text) | Err(text)) = done;
        json!({ "name": name, "ok": done.is_ok(), "text": text })
    };
    let mut body = json!({ "done": done.iter().map(row).collect::<Vec<_>>() });
    if failed.is_empty() {
        return Reply::json(200, &body);
    }
    body["detail"] = failed.join("; ").into();
    Reply::json(503, &body)
}
