//! One app for one run: a request, its limits, and the second and third try. One that is down for too long is not asked again.

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ureq::{Agent, AsSendBody, tls::TlsConfig, unversioned::transport::DefaultConnector};

use super::{
    fault::{Fault, Then},
    items::{Broken, Read},
    message::{Answer, Question},
    net,
};
use crate::{
    config::{App, Secret},
    error::{Error, Result},
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
    /// For one whole answer.
    pub answer: Duration,
    /// For one whole answer that lists a library, if the app's own limit is not lower.
    pub list: Duration,
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
        Patience {
            pause: Duration::from_secs(1),
            answer: Duration::from_secs(30),
            list: Duration::from_secs(3600),
            failing: Duration::from_secs(60),
            beat: || (),
        }
    }
}

/// A [`Radarr`](super::Radarr) or a [`Sonarr`](super::Sonarr), as far as it does not matter which.
pub struct Connection {
    app: App,
    agent: Agent,
    patience: Patience,
    state: Mutex<State>,
    stopped: Condvar,
}

#[derive(Default)]
struct State {
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
        let agent = agent(app.url.starts_with("https:"), ca_file, None)?;
        let (answer, list) = (patience.answer.min(app.timeout), patience.list.min(app.timeout));
        let patience = Patience { answer, list, ..patience };
        Ok(Connection { app: app.clone(), agent, patience, state: Mutex::default(), stopped: Condvar::new() })
    }

    /// The same app for questions whose failures are no sign of how it is.
    pub(super) fn apart(&self) -> Connection {
        let (app, agent, patience) = (self.app.clone(), self.agent.clone(), self.patience.clone());
        Connection { app, agent, patience, state: Mutex::default(), stopped: Condvar::new() }
    }

    /// For messages: `sonarr`, `radarr 1`.
    pub fn name(&self) -> &str {
        &self.app.name
    }

    /// Newer Sonarrs have a second API, in which some things have other names (*observed 1*).
    pub(super) fn is_v5(&self) -> bool {
        self.app.api_path.ends_with("/v5")
    }

    /// Lets time pass, but none after a `shutdown`.
    pub fn wait(&self, time: Duration) {
        drop(self.stopped.wait_timeout_while(self.state(), time, |state| !state.stopping));
    }

    /// Whether it refused the key when it was asked last.
    pub fn refused_the_key(&self) -> bool {
        self.state().key_refused
    }

    /// Whether it has failed for so long that nothing more is to be expected of it in this run.
    pub fn is_given_up(&self) -> bool {
        let state = self.state();
        state.spent || state.refusal.is_some() || state.stopping
    }

    /// Sends the request until `read` can read the answer, or there is no hope. Each answer is read from its beginning.
    pub(super) fn ask<T>(&self, question: &Question, read: impl Fn(&mut Answer) -> Read<T>) -> Result<T> {
        self.ask_unless(question, read, |_| None)
    }

    /// The same for one thing by its number: `None` if the app itself says that it has none such. That a path is not known says nothing
    /// of the kind, since another app may answer there, unless not to know the question `counts` as to have no answer.
    pub(super) fn find<T>(
        &self,
        question: &Question,
        counts: bool,
        read: impl Fn(&mut Answer) -> Read<T>,
    ) -> Result<Option<T>> {
        let absent = |then| matches!(then, Then::Absent { said } if said || counts).then_some(None);
        self.ask_unless(question, |answer| read(answer).map(Some), absent)
    }

    fn ask_unless<T>(
        &self,
        question: &Question,
        read: impl Fn(&mut Answer) -> Read<T>,
        answers: impl Fn(Then) -> Option<T>,
    ) -> Result<T> {
        let mut failed = 0;
        loop {
            self.may_ask()?;
            (self.patience.beat)();
            let start = Instant::now();
            let fault = match self.try_once(question, &read) {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            if let Some(done) = answers(fault.then) {
                return Ok(done);
            }
            failed += 1;
            self.pause(question, fault, failed, start.elapsed())?;
        }
    }

    /// The app's version, as its last answer told it (*facts A.2*).
    pub fn version(&self) -> Option<String> {
        self.state().version.clone()
    }

    /// Cuts the request under way and the pause; everything further fails at once. May be called from another thread.
    pub fn shutdown(&self) {
        self.state().stopping = true;
        self.stopped.notify_all();
        self.agent.clone().shutdown();
    }

    fn may_ask(&self) -> Result<()> {
        let state = self.state();
        match &state.refusal {
            _ if state.stopping => Err(self.stopping()),
            Some(refusal) => Err(self.error(refusal.clone())),
            None => Ok(()),
        }
    }

    fn try_once<T>(&self, question: &Question, read: impl Fn(&mut Answer) -> Read<T>) -> std::result::Result<T, Fault> {
        let App { name, url, variable, .. } = &self.app;
        let start = Instant::now();
        let mut answer = self.send(question).map_err(|failure| {
            log::trace!("{name}: {question}: no answer, {} ms", start.elapsed().as_millis());
            Fault::no_answer(url, variable, failure)
        })?;
        let done = match Fault::not_the_answer(&self.app, question, &mut answer) {
            Some(fault) => Err(fault),
            None => read(&mut answer).map_err(|broken| match broken {
                Broken::Off(error) => Fault::no_answer(url, variable, error.into()),
                Broken::Text(cause) => Fault::lasting(cause),
            }),
        };
        let Answer { status, bytes, version, .. } = answer;
        if version.is_some() {
            self.state().version = version;
        }
        log::trace!("{name}: {question}: {}, {bytes} bytes, {} ms", status.as_u16(), start.elapsed().as_millis());
        done
    }

    fn send(&self, question: &Question) -> std::result::Result<Answer, ureq::Error> {
        let url = format!("{}{}{}", self.app.url, self.app.api_path, question.target);
        let key = self.app.api_key.expose();
        let (time, limit) = match question.list {
            true => (self.patience.list, u64::MAX),
            false => (self.patience.answer, 16 * MIB),
        };
        let mut head = ureq::http::Request::builder().method(question.method).uri(url).header("X-Api-Key", key);
        for (name, value) in &self.app.headers {
            head = head.header(name, value.expose());
        }
        let response = match &question.body {
            None => self.run(head.body(())?, time)?,
            Some(body) => self.run(head.header("Content-Type", "application/json").body(body)?, time)?,
        };
        Ok(Answer::new(response, limit))
    }

    fn run(
        &self,
        request: ureq::http::Request<impl AsSendBody>,
        time: Duration,
    ) -> std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        self.agent.run(self.agent.configure_request(request).timeout_global(Some(time)).build())
    }

    /// Waits before the next try, or says why there is none.
    fn pause(&self, question: &Question, fault: Fault, failed: u32, cost: Duration) -> Result<()> {
        let name = &self.app.name;
        let Fault { cause, then } = fault;
        let mut state = self.state();
        if state.stopping {
            return Err(self.stopping());
        }
        match then {
            Then::GiveUp | Then::Absent { .. } | Then::KeyRefused => {
                state.key_refused |= matches!(then, Then::KeyRefused);
                Err(self.error(format!("cannot ask {name} {}: {cause}", question.what)))
            }
            Then::TryAgain { answered, after } => {
                let pause = varied(self.patience.pause * (1 << (failed - 1)));
                let pause = pause.max(after.unwrap_or_default().min(LONGEST_RETRY_AFTER));
                // an app that lets one question wait too long may answer the next one; not the second time
                let hopeless = state.spent && !answered;
                state.failing += cost;
                state.spent = state.failing + pause > self.patience.failing;
                if failed < TRIES && !state.spent {
                    state.failing += pause;
                    drop(self.stopped.wait_timeout_while(state, pause, |state| !state.stopping));
                    return Ok(());
                }
                if hopeless {
                    state.refusal = Some(format!("{name} is not asked again in this run: {cause}"));
                }
                let tries = if failed > 1 { format!(" (tried {failed} times)") } else { String::new() };
                Err(self.error(format!("cannot ask {name} {}: {cause}{tries}", question.what)))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> Error {
        Error::App(format!("cannot ask {}: plex-linker is being stopped", self.app.name))
    }

    /// An answer that is quoted may hold what we sent.
    fn error(&self, text: String) -> Error {
        let secrets = self.app.headers.iter().map(|(_, value)| value).chain([&self.app.api_key]).map(Secret::expose);
        let long = secrets.filter(|secret| secret.len() >= 16);
        Error::App(long.fold(text, |text, secret| text.replace(secret, "(key)")))
    }
}

/// What holds for all that we ask over HTTP.
pub(super) fn agent(https: bool, ca_file: Option<&Path>, longest: Option<Duration>) -> Result<Agent> {
    let mut config = Agent::config_builder()
        .user_agent(concat!("plex-linker/", env!("CARGO_PKG_VERSION")))
        .accept("application/json")
        .accept_encoding("identity")
        // a redirect would take the key to another host
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(longest)
        .timeout_resolve(Some(Duration::from_secs(10)))
        .timeout_connect(Some(Duration::from_secs(5)));
    if ca_file.is_some() || https {
        config = config.tls_config(TlsConfig::builder().root_certs(net::roots(ca_file)?).build());
    }
    Ok(Agent::with_parts(config.build(), DefaultConnector::new(), net::PatientResolver::default()))
}

/// Half as much to half as much again.
fn varied(pause: Duration) -> Duration {
    // the hasher's keys are the standard library's only source of chance
    let chance = RandomState::new().hash_one(0) % 1001;
    pause * (500 + chance as u32) / 1000
}
