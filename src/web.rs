//! The web side: from a plain [`Request`] to a plain [`Reply`], without a socket, a thread or a clock.
//!
//! [`Web::answer`] looks up the request's line in [`routes::ROUTES`], which says who may ask, how much may be sent, and which function
//! answers. Those functions have the database and what others have told ([`Shared`]); for all else they ask the linker or the looker.

mod access;
mod choice;
mod files;
mod form;
mod fresh;
mod home;
mod listed;
mod login;
mod metrics;
mod page;
mod reply;
mod request;
mod routes;
mod rule;
mod rules;
mod runs;
mod settings;
mod shared;
mod suggested;
mod system;
mod typed;
mod webhook;
mod words;

use std::{
    sync::{Arc, Mutex, MutexGuard, atomic::AtomicUsize, mpsc::Sender},
    time::Duration,
};

use serde_json::Value;

use crate::{
    config::{Config, Secret},
    db::Db,
    mutex::lock,
};
use access::Access;
use listed::Listed;
use page::{Again, View};
use reply::Result;
pub use reply::{Refusal, Reply};
use request::{Asked, pairs, query, value};
pub use request::{Most, Request, parts};
use routes::Who;
pub use shared::{Counters, Lookup, Order, Outcomes, Preview, SeasonLookup, Shared, Subject};
use typed::Typed;

/// So long an answer to a wrong key is held back.
const WRONG_KEY_TAKES: Duration = Duration::from_millis(200);

pub struct Web {
    config: Config,
    access: Access,
    linker: Sender<Order>,
    looker: Sender<Lookup>,
    seasons: Sender<SeasonLookup>,
    /// Requests that wait for one of them.
    waiting: AtomicUsize,
    shared: Arc<Mutex<Shared>>,
}

impl Web {
    /// `key` is what strangers must know; `None` lets everybody in.
    pub fn new(
        config: &Config,
        key: Option<Secret>,
        linker: Sender<Order>,
        looker: Sender<Lookup>,
        seasons: Sender<SeasonLookup>,
        shared: Arc<Mutex<Shared>>,
    ) -> Web {
        let access = Access::new(&config.serve, key);
        Web { config: config.clone(), access, linker, looker, seasons, waiting: AtomicUsize::new(0), shared }
    }

    /// How much of this request's body is to be read, by its head, if it is not what is usual. A stranger is given no room.
    pub fn most(&self, request: &Request) -> Option<Most> {
        let (_, route) = self.asked(request);
        let most = route?.most?;
        Some(if self.access.admits(request) { most } else { Most::BEGINNING })
    }

    pub fn answer(&self, request: &Request) -> Reply {
        let (asked, route) = self.asked(request);
        let answer = match route {
            // whoever watches us may call us by any name
            Some(route) if route.who == Who::Anything => (route.answer)(self, &asked),
            _ => self.guarded(&asked, route),
        };
        let reply = answer.unwrap_or_else(|refusal| self.refused(&asked, &refusal)).sealed();
        // whatever it is answered: each answer tells whether the key was right
        let wrong_key = self.access.offers_wrong_key(request);
        let wrong_login = reply.status == 401 && request.method == "POST";
        Reply { delay: if wrong_key || wrong_login { WRONG_KEY_TAKES } else { Duration::ZERO }, ..reply }
    }

    /// The answer to a request for which there is no time.
    pub fn refuse(&self, request: &Request, refusal: &Refusal) -> Reply {
        let (asked, _) = self.asked(request);
        self.given_back(&asked, refusal).sealed()
    }

    /// Whoever is let in has a form back with what was typed into it, and nothing else in it.
    fn given_back(&self, asked: &Asked, refusal: &Refusal) -> Reply {
        let typed = self.access.admits(asked.request).then(|| self.typed_in_vain(asked, refusal)).flatten();
        typed.unwrap_or_else(|| self.refused(asked, refusal))
    }

    fn refused(&self, asked: &Asked, refusal: &Refusal) -> Reply {
        if asked.is_api() { refusal.json() } else { refusal.complete(self.refusal_page(asked, refusal)) }
    }

    fn guarded(&self, asked: &Asked, route: Option<&'static routes::Route>) -> Result {
        // what is typed at the login is judged itself
        let judged = route.is_some_and(|route| route.path == "/login");
        self.access.check_host(asked.request)?;
        if let Err(refusal) = self.access.check_origin(asked.request, judged) {
            return Ok(self.given_back(asked, &refusal));
        }
        if !route.is_some_and(|route| route.who == Who::Everybody) && !self.access.admits(asked.request) {
            return self.stranger(asked);
        }
        let Some(route) = route else { return Err(routes::none(asked)) };
        asked.check_form()?;
        (route.answer)(self, asked)
    }

    fn asked<'a>(&self, request: &'a Request) -> (Asked<'a>, Option<&'static routes::Route>) {
        let mut asked = Asked::new(request, self.base());
        let route = routes::find(&asked);
        asked.part = route.and_then(routes::Route::any_part);
        (asked, route)
    }

    /// What the paths of all our addresses begin with.
    fn base(&self) -> &str {
        &self.config.serve.url_base
    }

    /// A database for this request.
    fn db(&self) -> Result<Db> {
        Ok(Db::open(&self.config.database)?)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }

    fn order(&self, order: Order) -> Result<()> {
        self.linker.send(order).map_err(|_| Refusal::new(503, "plex-linker is about to end"))
    }

    /// A change of the rules is to be seen soon. That nobody listens any more is no failure of the change.
    fn rules_changed(&self) {
        self.shared().rules_changed();
        let _ = self.order(Order::Soon);
    }

    /// Another page, below the base.
    fn see(&self, path: &str) -> Reply {
        Reply::text(303, "").with("Location", format!("{}{path}", self.base()))
    }

    /// What has been done: for programs as a value, for people the page that they go on with.
    fn done(&self, asked: &Asked, value: &Value, path: &str) -> Result {
        Ok(if asked.is_api() { Reply::json(200, value) } else { self.see(path) })
    }
}

/// Every method and path that is answered.
pub fn addresses() -> impl Iterator<Item = (&'static str, &'static str)> {
    routes::ROUTES.iter().map(|route| (route.method, route.path))
}
