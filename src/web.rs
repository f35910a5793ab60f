//! The web side: from a plain [`Request`] to a plain [`Reply`], without a socket, a thread or a clock.

mod access;
mod api;
mod files;
mod forms;
mod metrics;
mod page;
mod reply;
mod routes;
mod state;
mod table;
mod typed;
mod views;
mod webhook;
mod wish;
mod words;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    time::Duration,
};

use crate::{
    config::{Config, Database, Secret},
    model::{Catalog, Episode, Instance},
};
use access::Access;
use api::Answer;
use reply::Refusal;
pub use reply::{Reply, Request};
use routes::{Asked, Who};
pub use state::{Ask, Counters, Preview, State};
pub use webhook::shortened;

/// How long an answer of the linker's thread is waited for: less than the gate waits for ours. It answers nothing while a run is under
/// way.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many requests may wait so at once: fewer than are answered at once, so that others are answered meanwhile.
const MOST_WAITING: usize = 2;

/// So long an answer to a wrong key is held back.
const WRONG_KEY_TAKES: Duration = Duration::from_millis(200);
/// A longer body is refused.
const MAX_BODY: usize = 64 * 1024;

pub struct Web {
    database: Database,
    access: Access,
    url_base: String,
    linker: Sender<Ask>,
    /// Requests that wait for the linker's thread.
    waiting: AtomicUsize,
    state: Arc<Mutex<State>>,
}

/// A request's path, taken apart.
struct Target {
    /// What is between the slashes, decoded; below the URL base.
    parts: Vec<String>,
    query: Vec<(String, String)>,
    /// For programs, which want JSON.
    api: bool,
}

impl Web {
    /// `key` is what strangers must know; `None` lets everybody in.
    pub fn new(config: &Config, key: Option<Secret>, linker: Sender<Ask>, state: Arc<Mutex<State>>) -> Web {
        Web {
            database: config.database.clone(),
            access: Access::new(&config.serve, key),
            url_base: config.serve.url_base.clone(),
            linker,
            waiting: AtomicUsize::new(0),
            state,
        }
    }

    pub fn answer(&self, request: &Request) -> Reply {
        let target = self.target(request);
        let answer = self.dispatch(request, &target);
        let reply = answer.unwrap_or_else(|refusal| match target.api {
            true => refusal.json(),
            false => refusal.complete(self.refusal_page(request, &refusal)),
        });
        let reply = reply.sealed();
        let wrong_key = reply.status == 401 && (request.method == "POST" || self.access.offers_key(request));
        Reply { delay: if wrong_key { WRONG_KEY_TAKES } else { Duration::ZERO }, ..reply }
    }

    fn dispatch(&self, request: &Request, target: &Target) -> Answer {
        let found = routes::find(&request.method, &target.parts);
        let asked = |part| Asked { request, part, query: &target.query };
        // whoever watches us may call us by any name
        if let Some((route, part)) = found.filter(|(route, _)| route.path == "/health") {
            return (route.answer)(self, &asked(part));
        }
        self.access.check_origin(request)?;
        if !found.is_some_and(|(route, _)| route.who == Who::Everybody) && !self.access.admits(request) {
            if self.access.offers_key(request) {
                self.access.tell_wrong(request);
            }
            return self.stranger(request, target);
        }
        if request.body.len() > MAX_BODY {
            return Err(Refusal::new(413, format!("the body is longer than {MAX_BODY} bytes")));
        }
        match found {
            Some((route, part)) => (route.answer)(self, &asked(part)),
            None => Err(routes::none(&request.method, &target.parts)),
        }
    }

    fn target(&self, request: &Request) -> Target {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        // some proxies cut the base off, others do not
        let below = path.strip_prefix(self.url_base.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = below.unwrap_or(path);
        // with a slash at the end, or two of them, it is the same route
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let api = matches!(parts.first().map(String::as_str), Some("api" | "metrics" | "openapi.json"));
        Target { parts, query: pairs(query.as_bytes()), api }
    }

    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn ask(&self, ask: Ask) -> Result<(), Refusal> {
        self.linker.send(ask).map_err(|_| Refusal::new(503, "plex-linker is about to end"))
    }

    /// A change of the rules is to be seen soon. That nobody listens any more is no failure of the change.
    fn rules_changed(&self) {
        let _ = self.ask(Ask::Soon);
    }

    fn preview(&self) -> Result<Preview, Refusal> {
        match self.answer_of_linker(Ask::Preview) {
            Some(preview) => preview.map_err(|problem| Refusal::new(503, problem)),
            None => Err(Refusal::new(503, "a run or another preview is under way: try again in a while")),
        }
    }

    /// What the apps have; `None` if that cannot be told now.
    fn catalog(&self) -> Option<Arc<Catalog>> {
        self.answer_of_linker(Ask::Catalog)
    }

    fn episodes(&self, sonarr: Instance, series_id: i32, season: i32) -> Option<Vec<Episode>> {
        self.answer_of_linker(|answer| Ask::Episodes { sonarr, series_id, season, answer })
    }

    /// `None`: the linker's thread is busy, or too many wait for it already.
    fn answer_of_linker<T>(&self, ask: impl FnOnce(Sender<T>) -> Ask) -> Option<T> {
        let others = self.waiting.fetch_add(1, Ordering::Relaxed);
        let (answer, answers) = mpsc::channel();
        let asked = others < MOST_WAITING && self.ask(ask(answer)).is_ok();
        let answer = asked.then(|| answers.recv_timeout(PATIENCE).ok()).flatten();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        answer
    }
}

/// Every method and path that is answered.
pub fn addresses() -> impl Iterator<Item = (&'static str, &'static str)> {
    routes::ROUTES.iter().map(|route| (route.method, route.path))
}

/// The names and values of a query or of a form.
fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// A part of a path: percent signs are decoded as in a form, but a plus sign is itself.
fn decoded(part: &str) -> String {
    let escaped = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    pairs(escaped.as_bytes()).into_iter().next().map(|(name, _)| name).unwrap_or_default()
}
