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
mod system;
mod table;
mod typed;
mod views;
mod webhook;
mod words;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Sender},
    },
    time::Duration,
};

use crate::{
    config::{Config, Database, Secret, Setting, Zone},
    model::{Catalog, CatalogShow, Checked, Episode, Suggestions},
};
use access::Access;
use api::Answer;
pub use reply::{Refusal, Reply, Request};
use routes::{Asked, Who};
pub use state::{Ask, Counters, Look, Preview, State};
pub use webhook::shortened;

/// How long something new is waited for before what is known is told: less than the gate waits for an answer of ours.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a person looks at nothing.
const GLANCE: Duration = Duration::from_secs(2);
/// How many requests may wait so at once: fewer than are answered at once, so that others are answered meanwhile.
const MOST_WAITING: usize = 2;
/// In seconds, how old a preview may be that programs share, which look again and again.
const PREVIEW_LIFE: i64 = 60;
/// How old films, shows and suggestions may be before they are asked for anew while the old ones are shown, and if an app did not answer.
const LOOK_LIFE: i64 = 600;
const LOOK_LIFE_FAILED: i64 = 30;
/// Somebody who is told that there is no such film has looked at films that are no older than this.
const LOOK_LIFE_REFUSED: i64 = 10;

/// So long an answer to a wrong key is held back.
const WRONG_KEY_TAKES: Duration = Duration::from_millis(200);

pub struct Web {
    database: Database,
    access: Access,
    url_base: String,
    zone: Zone,
    settings: Vec<Setting>,
    linker: Sender<Ask>,
    looker: Sender<Look>,
    /// Requests that wait for one of them.
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
    pub fn new(
        config: &Config,
        key: Option<Secret>,
        linker: Sender<Ask>,
        looker: Sender<Look>,
        state: Arc<Mutex<State>>,
    ) -> Web {
        Web {
            database: config.database.clone(),
            access: Access::new(&config.serve, key),
            url_base: config.serve.url_base.clone(),
            zone: config.zone.clone(),
            settings: config.settings.clone(),
            linker,
            looker,
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
        if let Some((route, part)) = found.filter(|(route, _)| ["/health", "/ping"].contains(&route.path)) {
            return (route.answer)(self, &asked(part));
        }
        self.access.check_origin(request)?;
        if !found.is_some_and(|(route, _)| route.who == Who::Everybody) && !self.access.admits(request) {
            if self.access.offers_key(request) {
                self.access.tell_wrong(request);
            }
            return self.stranger(request, target);
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
        let api = matches!(parts.first().map(String::as_str), Some("api" | "metrics" | "openapi.json" | "ping"));
        Target { parts, query: pairs(query.as_bytes()), api }
    }

    fn state(&self) -> State {
        self.shared().clone()
    }

    fn shared(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, ask: Ask) -> Result<(), Refusal> {
        self.linker.send(ask).map_err(|_| Refusal::new(503, "plex-linker is about to end"))
    }

    /// A change of the rules is to be seen soon. That nobody listens any more is no failure of the change.
    fn rules_changed(&self) {
        self.shared().rules_changed();
        let _ = self.ask(Ask::Soon);
    }

    /// A preview that ended at `since` or later; `None`: it is being made.
    fn preview(&self, since: i64, patience: Duration) -> Option<Arc<Preview>> {
        let known = || self.shared().preview.clone().filter(|preview| preview.at >= since);
        known().or_else(|| {
            self.wait(patience, |done| self.ask(Ask::Preview { since, done }).is_ok());
            known()
        })
    }

    /// The films and shows of the apps as last told, asked for at `since` or later if there is time for it; `None` before they have been
    /// told for the first time.
    fn catalog(&self, since: i64) -> Option<Arc<Catalog>> {
        let known = self.shared().catalog.clone();
        let asked_at = known.as_ref().map_or(0, |catalog| catalog.asked_at);
        if asked_at >= since {
            return known;
        }
        self.wait(PATIENCE, |done| self.looker.send(Look::Catalog { since, done }).is_ok());
        self.shared().catalog.clone()
    }

    /// The same for whoever looks `now`: nobody waits for newer ones.
    fn catalog_at_hand(&self, now: i64) -> Option<Arc<Catalog>> {
        let Some(catalog) = self.shared().catalog.clone() else { return self.catalog(1) };
        if is_old(catalog.asked_at, &catalog.problems, now) {
            self.wait(Duration::ZERO, |done| {
                self.looker.send(Look::Catalog { since: catalog.asked_at + 1, done }).is_ok()
            });
        }
        Some(catalog)
    }

    fn suggestions_at_hand(&self, now: i64, patience: Duration) -> Option<Arc<Suggestions>> {
        let known = self.shared().suggestions.clone();
        if known.as_ref().is_none_or(|known| is_old(known.asked_at, &known.problems, now)) {
            let patience = if known.is_some() { Duration::ZERO } else { patience };
            let since = known.as_ref().map_or(0, |known| known.asked_at + 1);
            self.wait(patience, |done| self.looker.send(Look::Suggestions { since, done }).is_ok());
        }
        known.or_else(|| self.shared().suggestions.clone())
    }

    /// A check that ended at `since` or later; `None`: it is not done yet.
    fn check(&self, since: i64, patience: Duration) -> Option<Arc<Checked>> {
        let known = || self.shared().check.clone().filter(|check| check.at >= since);
        known().or_else(|| {
            self.wait(patience, |done| self.looker.send(Look::Check { since, done }).is_ok());
            known()
        })
    }

    fn episodes(&self, show: &CatalogShow, season: i32) -> Option<Vec<Episode>> {
        let (answer, answers) = mpsc::channel();
        let look = Look::Episodes { sonarr: show.sonarr, series_id: show.id, season, answer };
        self.looker.send(look).ok()?;
        self.waiting(|| answers.recv_timeout(PATIENCE).ok())
    }

    fn wait(&self, patience: Duration, ask: impl FnOnce(Sender<()>) -> bool) {
        let (done, told) = mpsc::channel();
        if ask(done) {
            self.waiting(|| told.recv_timeout(patience).ok());
        }
    }

    /// `None`, at once, when too many wait already.
    fn waiting<T>(&self, wait: impl FnOnce() -> Option<T>) -> Option<T> {
        let others = self.waiting.fetch_add(1, Ordering::Relaxed);
        let found = (others < MOST_WAITING).then(wait).flatten();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        found
    }
}

fn is_old(asked_at: i64, problems: &[String], now: i64) -> bool {
    (now - asked_at).abs() > if problems.is_empty() { LOOK_LIFE } else { LOOK_LIFE_FAILED }
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
