//! One app for one run: a request, its limits, and the further tries. One that is down for too long is not asked again.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    path::Path,
    sync::{Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use ureq::Agent;

use super::{
    client,
    fault::{Fault, Then},
    message::{Answer, Question},
};
use crate::{
    config::{App, Secret},
    error::{Error, Result},
    mutex::lock,
};

const TRIES: u32 = 4;
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
const MIB: u64 = 1 << 20;

/// How long an app may take.
#[derive(Debug, Clone)]
pub struct Patience {
    /// The pause before the second try; the further ones are twice as long each. All vary by half, so that many machines that
    /// lost the same server do not come back in step.
    pub pause: Duration,
    /// For one whole answer that is no list of a library, if the app's own limit is not lower.
    pub answer: Duration,
    /// For everything that failed and the pauses after it, all requests to one app together; searches by themselves.
    pub failing: Duration,
    /// Called before each try, so that somebody else knows that one has ended.
    pub beat: fn(),
}

impl Patience {
    /// Where somebody sits and waits.
    pub fn short() -> Patience {
        let [pause, answer, failing] = [250, 10_000, 10_000].map(Duration::from_millis);
        Patience { pause, answer, failing, ..Patience::default() }
    }
}

impl Default for Patience {
    fn default() -> Patience {
        let [pause, answer, failing] = [1, 30, 60].map(Duration::from_secs);
        Patience { pause, answer, failing, beat: || () }
    }
}

/// Reads an answer that is JSON.
type Reader<'a, T> = &'a dyn Fn(&mut Answer) -> io::Result<T>;

/// A [`Radarr`](super::Radarr) or a [`Sonarr`](super::Sonarr), as far as it does not matter which.
pub struct Connection {
    app: App,
    agent: Agent,
    patience: Patience,
    health: Mutex<Health>,
    stopped: Condvar,
}

#[derive(Default)]
struct Health {
    /// What failures and the pauses after them have cost.
    failing: Duration,
    /// That is as much as they may cost: there are no second tries any more.
    spent: bool,
    /// Why nothing more is asked.
    refusal: Option<String>,
    /// An answer was that the key is wrong.
    key_refused: bool,
    version: Option<String>,
    stopping: bool,
}

impl Connection {
    /// Nothing is asked yet. `ca_file` has certificates to trust besides the machine's own; `Err` if it has none.
    pub fn new(app: &App, ca_file: Option<&Path>, patience: Patience) -> Result<Connection> {
        let agent = client::agent(app.url.starts_with("https:"), ca_file, None)?;
        Ok(Connection { app: app.clone(), agent, patience, health: Mutex::default(), stopped: Condvar::new() })
    }

    /// The same app for questions whose failures are no sign of how it is.
    pub(super) fn apart(&self) -> Connection {
        let (app, agent, patience) = (self.app.clone(), self.agent.clone(), self.patience.clone());
        Connection { app, agent, patience, health: Mutex::default(), stopped: Condvar::new() }
    }

    /// For messages: `sonarr`, `radarr 1`.
    pub fn name(&self) -> &str {
        &self.app.name
    }

    /// Newer Sonarrs have a second API, in which some things have other names (*observed 1*).
    pub(super) fn is_v5(&self) -> bool {
        self.app.api_path.ends_with("/v5")
    }

    /// The app's version, as its last answer told it (*facts A.2*).
    pub fn version(&self) -> Option<String> {
        self.health().version.clone()
    }

    /// Whether it refused the key when it failed last.
    pub fn refused_the_key(&self) -> bool {
        self.health().key_refused
    }

    /// Whether it has failed for so long that nothing more is to be expected of it in this run.
    pub fn is_given_up(&self) -> bool {
        let health = self.health();
        health.spent || health.refusal.is_some() || health.stopping
    }

    /// Lets time pass, but none after a `shutdown`.
    pub fn wait(&self, time: Duration) {
        drop(self.stopped.wait_timeout_while(self.health(), time, |health| !health.stopping));
    }

    /// Cuts the request under way and the pause; everything further fails at once. May be called from another thread.
    pub fn shutdown(&self) {
        self.health().stopping = true;
        self.stopped.notify_all();
        self.agent.clone().shutdown();
    }

    pub(super) fn get<T: DeserializeOwned>(&self, what: impl Into<String>, target: impl Into<String>) -> Result<T> {
        self.ask(&Question::get(what, target), &Answer::json)
    }

    /// Sends the request until `read` can read the answer, or there is no hope. Each answer is read from its beginning.
    pub(super) fn ask<T>(&self, question: &Question, read: Reader<T>) -> Result<T> {
        self.try_to_ask(question, read).map_err(|(problem, _)| problem)
    }

    /// The same for one thing by its number: `None` if the app itself says that it has none such. That a path is not known says nothing
    /// of the kind, since another app may answer there, unless not to know the question `counts` as to have no answer.
    pub(super) fn find<T>(&self, question: &Question, counts: bool, read: Reader<T>) -> Result<Option<T>> {
        match self.try_to_ask(question, read) {
            Ok(found) => Ok(Some(found)),
            Err((_, Then::Absent { said })) if said || counts => Ok(None),
            Err((problem, _)) => Err(problem),
        }
    }

    fn try_to_ask<T>(&self, question: &Question, read: Reader<T>) -> std::result::Result<T, (Error, Then)> {
        let name = &self.app.name;
        let mut failed = 0;
        loop {
            let refusal = match &*self.health() {
                Health { stopping: true, .. } => Some(format!("cannot ask {name}: plex-linker is being stopped")),
                health => health.refusal.clone(),
            };
            if let Some(refusal) = refusal {
                return Err((self.error(refusal), Then::GiveUp));
            }
            (self.patience.beat)();
            let start = Instant::now();
            let Fault { cause, then } = match self.try_once(question, read) {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            failed += 1;
            if !self.pauses(&cause, then, failed, start.elapsed()) {
                let tries = if failed > 1 { format!(" (tried {failed} times)") } else { String::new() };
                return Err((self.error(format!("cannot ask {name} {}: {cause}{tries}", question.what)), then));
            }
        }
    }

    fn try_once<T>(&self, question: &Question, read: Reader<T>) -> std::result::Result<T, Fault> {
        let App { name, url, variable, .. } = &self.app;
        let start = Instant::now();
        let mut answer = self.send(question).map_err(|failure| {
            log::trace!("{name}: {question}: no answer, {} ms", start.elapsed().as_millis());
            Fault::no_answer(url, variable, failure)
        })?;
        if let Some(version) = answer.header("x-application-version") {
            self.health().version = Some(version);
        }
        let done = match Fault::not_the_answer(&self.app, question, &mut answer) {
            Some(fault) => Err(fault),
            None => read(&mut answer).map_err(|error| Fault::unreadable(&self.app, &mut answer, error)),
        };
        let Answer { status, bytes, .. } = answer;
        log::trace!("{name}: {question}: {}, {bytes} bytes, {} ms", status.as_u16(), start.elapsed().as_millis());
        done
    }

    fn send(&self, question: &Question) -> std::result::Result<Answer, ureq::Error> {
        let App { url, api_path, api_key, headers, timeout, .. } = &self.app;
        let (time, limit) = match question.list {
            true => (*timeout, u64::MAX),
            false => (self.patience.answer.min(*timeout), 16 * MIB),
        };
        let mut head = ureq::http::Request::builder()
            .method(question.method)
            .uri(format!("{url}{api_path}{}", question.target))
            .header("X-Api-Key", api_key.expose());
        for (name, value) in headers {
            head = head.header(name, value.expose());
        }
        let agent = &self.agent;
        let response = match &question.body {
            None => agent.run(agent.configure_request(head.body(())?).timeout_global(Some(time)).build()),
            Some(body) => {
                let request = head.header("Content-Type", "application/json").body(body)?;
                agent.run(agent.configure_request(request).timeout_global(Some(time)).build())
            }
        }?;
        Ok(Answer::new(response, limit))
    }

    /// Waits before the next try; false if there is none.
    fn pauses(&self, cause: &str, then: Then, failed: u32, cost: Duration) -> bool {
        let mut health = self.health();
        health.key_refused = then == Then::KeyRefused;
        let Then::TryAgain { answered, after } = then else { return health.stopping };
        let pause = varied(self.patience.pause * (1 << (failed - 1)));
        let pause = pause.max(after.unwrap_or_default().min(LONGEST_RETRY_AFTER));
        // an app that lets one question wait too long may answer the next one; not the second time
        let hopeless = health.spent && !answered;
        health.failing += cost;
        health.spent = health.failing + pause > self.patience.failing;
        if failed < TRIES && !health.spent || health.stopping {
            health.failing += pause;
            drop(self.stopped.wait_timeout_while(health, pause, |health| !health.stopping));
            return true;
        }
        if hopeless {
            health.refusal = Some(format!("{} is not asked again in this run: {cause}", self.app.name));
        }
        false
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        lock(&self.health)
    }

    /// An answer that is quoted may hold what we sent.
    fn error(&self, text: String) -> Error {
        let secrets = self.app.headers.iter().map(|(_, value)| value).chain([&self.app.api_key]).map(Secret::expose);
        let long = secrets.filter(|secret| secret.len() >= 16);
        Error::App(long.fold(text, |text, secret| text.replace(secret, "(key)")))
    }
}

/// Half as much to half as much again.
fn varied(pause: Duration) -> Duration {
    // the hasher's keys are the standard library's only source of chance
    let chance = RandomState::new().hash_one(0) % 1001;
    pause * (500 + chance as u32) / 1000
}
