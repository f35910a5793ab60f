//! The web side: from a plain [`Request`] to a plain [`Reply`], without a socket, a thread or a clock.

mod access;
mod api;
mod files;
mod forms;
mod metrics;
mod page;
mod reply;
mod state;
mod table;
mod typed;
mod views;
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
    config::{Config, Database, Secret, Zone},
    model::{Catalog, CatalogShow, Episode, Suggestions},
};
use access::Access;
use api::Answer;
use reply::Refusal;
pub use reply::{Reply, Request};
pub use state::{Ask, Counters, Look, Preview, State};

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

/// A longer body is refused.
const MAX_BODY: usize = 64 * 1024;

pub struct Web {
    database: Database,
    access: Access,
    url_base: String,
    zone: Zone,
    linker: Sender<Ask>,
    looker: Sender<Look>,
    /// Requests that wait for one of them.
    waiting: AtomicUsize,
    state: Arc<Mutex<State>>,
}

/// Every address there is, with the parts that vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route<'a> {
    Health,
    File(&'static files::File),
    LoginPage,
    Login,
    Logout,
    Home,
    NewRule,
    AddRule,
    Rule(&'a str),
    EditRule(&'a str),
    ConfirmDelete(&'a str),
    DeleteRule(&'a str),
    ConfirmRule(&'a str),
    ImportPage,
    Import,
    Export,
    PreviewPage,
    RunNow,
    Runs,
    SuggestionsPage,
    ApiRules,
    ApiAddRule,
    ApiRule(&'a str),
    ApiEditRule(&'a str),
    ApiDeleteRule(&'a str),
    ApiConfirmRule(&'a str),
    ApiSetting(&'a str),
    ApiSetSetting(&'a str),
    ApiStatus,
    ApiPlan,
    ApiRun,
    ApiRuns,
    ApiSuggestions,
    ApiWebhook,
    Metrics,
    OpenApi,
}

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

fn route<'a>(method: &str, parts: &[&'a str]) -> Option<Route<'a>> {
    use Route::*;
    Some(match (method, parts) {
        ("GET", ["health"]) => Health,
        ("GET", ["login"]) => LoginPage,
        ("POST", ["login"]) => Login,
        ("POST", ["logout"]) => Logout,
        ("GET", [""]) => Home,
        ("GET", ["rules", "new"]) => NewRule,
        ("GET", ["rules", "import"]) => ImportPage,
        ("POST", ["rules", "import"]) => Import,
        ("GET", ["rules", "export"]) => Export,
        ("POST", ["rules"]) => AddRule,
        ("GET", ["rules", id]) => Rule(id),
        ("POST", ["rules", id]) => EditRule(id),
        ("GET", ["rules", id, "delete"]) => ConfirmDelete(id),
        ("POST", ["rules", id, "delete"]) => DeleteRule(id),
        ("POST", ["rules", id, "confirm"]) => ConfirmRule(id),
        ("GET", ["preview"]) => PreviewPage,
        ("POST", ["run"]) => RunNow,
        ("GET", ["runs"]) => Runs,
        ("GET", ["suggestions"]) => SuggestionsPage,
        ("GET", ["api", "rules"]) => ApiRules,
        ("POST", ["api", "rules"]) => ApiAddRule,
        ("GET", ["api", "rules", id]) => ApiRule(id),
        ("PUT", ["api", "rules", id]) => ApiEditRule(id),
        ("DELETE", ["api", "rules", id]) => ApiDeleteRule(id),
        ("POST", ["api", "rules", id, "confirm"]) => ApiConfirmRule(id),
        ("GET", ["api", "settings", key]) => ApiSetting(key),
        ("PUT", ["api", "settings", key]) => ApiSetSetting(key),
        ("GET", ["api", "status"]) => ApiStatus,
        ("GET", ["api", "plan"]) => ApiPlan,
        ("POST", ["api", "run"]) => ApiRun,
        ("GET", ["api", "runs"]) => ApiRuns,
        ("GET", ["api", "suggestions"]) => ApiSuggestions,
        ("POST", ["api", "webhook"]) => ApiWebhook,
        ("GET", ["metrics"]) => Metrics,
        ("GET", ["openapi.json"]) => OpenApi,
        ("GET", [name]) => File(files::file(name)?),
        _ => return None,
    })
}

impl Route<'_> {
    /// What a stranger may see: that we live, and what the login page is made of.
    fn is_public(self) -> bool {
        matches!(self, Route::Health | Route::File(_) | Route::LoginPage | Route::Login)
    }
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
        reply.sealed()
    }

    fn dispatch(&self, request: &Request, target: &Target) -> Answer {
        let parts: Vec<&str> = target.parts.iter().map(String::as_str).collect();
        let method = if request.method == "HEAD" { "GET" } else { &request.method };
        let route = route(method, &parts);
        if route == Some(Route::Health) {
            return Ok(Reply::text(200, "ok"));
        }
        self.access.check_origin(request)?;
        if !route.is_some_and(Route::is_public) && !self.access.admits(request) {
            return self.stranger(request, target);
        }
        if request.body.len() > MAX_BODY {
            return Err(Refusal::new(413, format!("the body is longer than {MAX_BODY} bytes")));
        }
        match route {
            Some(route) => self.carry_out(route, request, &target.query),
            None => Err(no_route(request, &parts)),
        }
    }

    fn carry_out(&self, route: Route, request: &Request, query: &[(String, String)]) -> Answer {
        match route {
            Route::Health => Ok(Reply::text(200, "ok")),
            Route::File(file) => Ok(file.reply(query)),
            Route::LoginPage => self.login_page(request, query),
            Route::Login => self.login(request),
            Route::Logout => self.logout(request),
            Route::Home => self.home(request, query),
            Route::NewRule => self.new_rule(request, query),
            Route::AddRule => self.add_by_form(request),
            Route::Rule(id) => self.rule_page(request, id, query),
            Route::EditRule(id) => self.edit_by_form(request, id),
            Route::ConfirmDelete(id) => self.confirm_delete(request, id),
            Route::DeleteRule(id) => self.delete_by_form(request, id),
            Route::ConfirmRule(id) => self.confirm_by_form(request, id),
            Route::ImportPage => self.import_page(request),
            Route::Import => self.import(request),
            Route::Export => self.export(),
            Route::PreviewPage => self.preview_page(request, query),
            Route::RunNow => self.run_now(),
            Route::Runs => self.runs_page(request, query),
            Route::SuggestionsPage => self.suggestions_page(request),
            Route::ApiRules => self.list_rules(query),
            Route::ApiAddRule => self.add_rule(request),
            Route::ApiRule(id) => self.show_rule(id),
            Route::ApiEditRule(id) => self.edit_rule(id, request),
            Route::ApiDeleteRule(id) => self.delete_rule(id),
            Route::ApiConfirmRule(id) => self.confirm_rule(id),
            Route::ApiSetting(key) => self.show_setting(key),
            Route::ApiSetSetting(key) => self.set_setting(key, request),
            Route::ApiStatus => self.status(),
            Route::ApiPlan => self.plan(request),
            Route::ApiRun => self.run(),
            Route::ApiRuns => self.list_runs(query),
            Route::ApiSuggestions => self.suggestions(request),
            Route::ApiWebhook => self.webhook(request),
            Route::Metrics => {
                Ok(Reply::new(200, "text/plain; version=0.0.4; charset=utf-8", metrics::metrics(&self.state())))
            }
            Route::OpenApi => Ok(Reply::new(200, "application/json", include_str!("web/openapi.json"))),
        }
    }

    fn target(&self, request: &Request) -> Target {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        // some proxies cut the base off, others do not
        let below = path.strip_prefix(self.url_base.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = below.unwrap_or(path);
        let parts: Vec<String> = path.strip_prefix('/').unwrap_or(path).split('/').map(decoded).collect();
        let api = matches!(parts.first().map(String::as_str), Some("api" | "metrics" | "openapi.json"));
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

fn no_route(request: &Request, parts: &[&str]) -> Refusal {
    let allowed: Vec<_> = METHODS.into_iter().filter(|method| route(method, parts).is_some()).collect();
    if allowed.is_empty() {
        return Refusal::new(404, "there is nothing at this address");
    }
    let detail = format!("{} is not possible here, only {}", request.method, allowed.join(" and "));
    Refusal { allow: Some(allowed.join(", ")), ..Refusal::new(405, detail) }
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
