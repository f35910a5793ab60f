//! One app asked over HTTP: the request, its limits, and the second and third try.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    io::{self, Read},
    path::Path,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ureq::{
    Agent, Body, BodyReader, SendBody,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode},
    middleware::MiddlewareNext,
    tls::TlsConfig,
    unversioned::transport::DefaultConnector,
};

use super::{
    Patience, clock,
    fault::{Fault, Then},
    items::Broken,
    net,
};
use crate::{
    config::{App, Secret},
    error::{Error, Result},
};

const TRIES: u32 = 4;
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
const MIB: u64 = 1 << 20;

pub(super) struct Http {
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

/// What to ask.
pub(super) struct Request {
    /// Reads after "cannot ask radarr ".
    what: String,
    /// Below the API path, with its query.
    target: String,
    body: Option<String>,
    list: bool,
}

/// An answer whose body has yet to be read.
pub(super) struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub retry_after: Option<Duration>,
    /// How its body is packed.
    pub encoding: Option<String>,
    content_type: Option<String>,
    date: Option<String>,
    version: Option<String>,
    body: BodyReader<'static>,
    bytes: u64,
}

impl Request {
    /// A whole library: large and slow.
    pub fn list(what: &str, target: String) -> Request {
        Request { what: what.into(), target, body: None, list: true }
    }

    pub fn small(what: String, target: String) -> Request {
        Request { what, target, body: None, list: false }
    }

    pub fn post(what: String, target: String, body: String) -> Request {
        Request { what, target, body: Some(body), list: false }
    }

    /// Without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// `GET /movie?excludeLocalCovers=true`
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", if self.body.is_some() { "POST" } else { "GET" }, self.target)
    }
}

impl Http {
    pub fn new(app: &App, ca_file: Option<&Path>, patience: Patience) -> Result<Http> {
        let mut config = Agent::config_builder()
            .user_agent(concat!("plex-linker/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .accept_encoding("identity")
            // a redirect would take the key to another host
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .timeout_resolve(Some(Duration::from_secs(10)))
            .timeout_connect(Some(Duration::from_secs(5)));
        if ca_file.is_some() || app.url.starts_with("https:") {
            config = config.tls_config(TlsConfig::builder().root_certs(net::roots(ca_file)?).build());
        }
        let headers = headers(app)?;
        if !headers.is_empty() {
            config = config.middleware(move |mut request: ureq::http::Request<SendBody>, next: MiddlewareNext| {
                request.headers_mut().extend(headers.clone());
                next.handle(request)
            });
        }
        let (answer, list) = (patience.answer.min(app.timeout), patience.list.min(app.timeout));
        let patience = Patience { answer, list, ..patience };
        let agent = Agent::with_parts(config.build(), DefaultConnector::new(), net::PatientResolver::default());
        Ok(Http { app: app.clone(), agent, patience, state: Mutex::default(), stopped: Condvar::new() })
    }

    /// The same app for questions whose failures are no sign of how it is.
    pub fn apart(&self) -> Http {
        let (app, agent, patience) = (self.app.clone(), self.agent.clone(), self.patience.clone());
        Http { app, agent, patience, state: Mutex::default(), stopped: Condvar::new() }
    }

    pub fn name(&self) -> &str {
        &self.app.name
    }

    pub fn refused_the_key(&self) -> bool {
        self.state().key_refused
    }

    /// Sends the request until `read` can read the answer, or there is no hope. Each answer is read from its beginning.
    pub fn ask<T>(&self, request: &Request, read: impl Fn(&mut Answer) -> std::result::Result<T, Broken>) -> Result<T> {
        let mut failed = 0;
        loop {
            self.may_ask()?;
            (self.patience.beat)();
            let start = Instant::now();
            match self.try_once(request, &read) {
                Ok(done) => return Ok(done),
                Err(fault) => {
                    failed += 1;
                    self.pause(request, fault, failed, start.elapsed())?;
                }
            }
        }
    }

    pub fn version(&self) -> Option<String> {
        self.state().version.clone()
    }

    /// Cuts the request under way and the pause; everything further fails at once.
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

    fn try_once<T>(
        &self,
        request: &Request,
        read: impl Fn(&mut Answer) -> std::result::Result<T, Broken>,
    ) -> std::result::Result<T, Fault> {
        let (name, start) = (&self.app.name, Instant::now());
        let mut answer = self.send(request).map_err(|failure| {
            log::trace!("{name}: {request}: no answer, {} ms", start.elapsed().as_millis());
            Fault::no_answer(&self.app, failure)
        })?;
        let done = match Fault::not_the_answer(&self.app, request, &mut answer) {
            Some(fault) => Err(fault),
            None => read(&mut answer).map_err(|broken| match broken {
                Broken::Off(error) => Fault::no_answer(&self.app, error.into()),
                Broken::Text(cause) => Fault::lasting(cause),
            }),
        };
        let Answer { status, bytes, version, .. } = answer;
        if version.is_some() {
            self.state().version = version;
        }
        log::trace!("{name}: {request}: {}, {bytes} bytes, {} ms", status.as_u16(), start.elapsed().as_millis());
        done
    }

    fn send(&self, request: &Request) -> std::result::Result<Answer, ureq::Error> {
        let url = format!("{}{}{}", self.app.url, self.app.api_path, request.target);
        let key = self.app.api_key.expose();
        let (time, limit) = match request.list {
            true => (self.patience.list, u64::MAX),
            false => (self.patience.answer, 16 * MIB),
        };
        let response = match &request.body {
            None => {
                let get = self.agent.get(url).header("X-Api-Key", key);
                get.config().timeout_global(Some(time)).build().call()?
            }
            Some(body) => {
                let post = self.agent.post(url).header("X-Api-Key", key).content_type("application/json");
                post.config().timeout_global(Some(time)).build().send(body)?
            }
        };
        Ok(Answer::new(response, limit))
    }

    /// Waits before the next try, or says why there is none.
    fn pause(&self, request: &Request, fault: Fault, failed: u32, cost: Duration) -> Result<()> {
        let name = &self.app.name;
        let Fault { cause, then } = fault;
        let mut state = self.state();
        if state.stopping {
            return Err(self.stopping());
        }
        match then {
            Then::GiveUp | Then::KeyRefused => {
                state.key_refused |= matches!(then, Then::KeyRefused);
                Err(self.error(format!("cannot ask {name} {}: {cause}", request.what)))
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
                Err(self.error(format!("cannot ask {name} {}: {cause}{tries}", request.what)))
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

/// What the user wants to be sent with every request.
fn headers(app: &App) -> Result<HeaderMap> {
    let header = |(name, value): &(String, Secret)| -> std::result::Result<_, ureq::http::Error> {
        Ok((HeaderName::try_from(name)?, HeaderValue::try_from(value.expose())?))
    };
    app.headers.iter().map(header).collect::<std::result::Result<_, _>>().map_err(|_| {
        let stem = app.variable.strip_suffix("_URL").unwrap_or(&app.variable);
        Error::Config(format!("{stem}_HEADERS cannot be sent: it must be NAME: VALUE"))
    })
}

impl Answer {
    fn new(response: Response<Body>, limit: u64) -> Answer {
        let (head, body) = response.into_parts();
        let header = |name: &str| {
            let value = head.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).trim().to_string())
        };
        Answer {
            status: head.status,
            location: header("location"),
            retry_after: header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs),
            encoding: header("content-encoding").filter(|text| !text.eq_ignore_ascii_case("identity")),
            content_type: header("content-type"),
            date: header("date"),
            version: header("x-application-version"),
            body: body.into_with_config().limit(limit).reader(),
            bytes: 0,
        }
    }

    /// What the body is said to be, in lower case; empty if nothing is said.
    pub fn media_type(&self) -> String {
        let text = self.content_type.as_deref().unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// When it was given, by the app's clock, in seconds since 1970.
    pub fn date(&self) -> Option<i64> {
        clock::http_date(self.date.as_deref()?)
    }

    /// As much of the body as a message may need.
    pub fn beginning(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        // what came before a failure is good enough here
        _ = self.take(64 * 1024).read_to_end(&mut text);
        text
    }
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Half as much to half as much again.
fn varied(pause: Duration) -> Duration {
    // the hasher's keys are the standard library's only source of chance
    let chance = RandomState::new().hash_one(0) % 1001;
    pause * (500 + chance as u32) / 1000
}

pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
