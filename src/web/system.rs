//! What is set up, what a check says of it, and the log: for those who have no terminal at hand.

use serde_json::json;

use super::{
    PATIENCE, PREVIEW_LIFE, Web,
    api::Answer,
    reply::{Refusal, Reply, Request},
    views::{Content, System},
};
use crate::{config::Database, journal};

impl Web {
    pub(super) fn system_page(&self, request: &Request) -> Answer {
        let (state, watch) = (self.state(), self.watch(request));
        let scheme = request.header("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
        let host = request.header("host").unwrap_or("localhost");
        let system = System {
            checked: state.check.as_deref().map(|check| (watch.when(check.at), check.findings.clone())),
            settings: self.settings.clone(),
            database: match &self.database {
                Database::Postgres { shown, .. } => shown.clone(),
                Database::Sqlite(file) | Database::SqliteReadOnly(file) => file.display().to_string(),
            },
            webhook: format!("{scheme}://{host}{}/api/webhook", self.url_base),
            apps: state.apps,
            next: state.next_run_at.map(|at| watch.when(at)),
            log: journal::lines(),
        };
        Ok(Reply::html(200, self.render(request, "System", Content::System(Box::new(system)))))
    }

    /// Checks, and shows what was found. A check that takes long is shown when somebody looks again.
    pub(super) fn check_now(&self, request: &Request) -> Answer {
        let done = self.check(request.at, PATIENCE).is_some();
        Ok(self.see(if done { "/system" } else { "/system?done=checking" }))
    }

    /// Programs that ask again and again share one.
    pub(super) fn show_check(&self, request: &Request) -> Answer {
        let check = self.check(request.at - PREVIEW_LIFE, PATIENCE);
        let check = check.ok_or_else(|| Refusal::new(503, "the check takes long: ask again in a moment"))?;
        Ok(Reply::json(
            200,
            &json!({ "at": check.at, "ok": check.wrong().next().is_none(), "findings": check.findings }),
        ))
    }
}
