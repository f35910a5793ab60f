//! The daemon: threads, signals, cadence; the only file that names tiny_http.
//!
//! The gate's threads let whole requests through to tiny_http, the workers' threads answer them by [`Web`], one thread waits for
//! signals, and the thread that called [`serve`] is the linker's: it alone does runs, one after the other.

mod looker;

use std::{
    env, fs,
    hash::{BuildHasher, Hasher, RandomState},
    os::unix::fs::DirBuilderExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use nix::{
    sys::signal::{SigSet, Signal},
    time::{ClockId, clock_gettime},
};
use sd_notify::NotifyState;
use tiny_http::{Header, Response, Server};

use crate::{
    check,
    config::Config,
    error::{Error, Result},
    gate::{Gate, Limits, Lost},
    model::Verdict,
    run::{self, Stop},
    web::{Ask, Preview, Reply, Request, State, Web},
};

/// Threads that answer requests: as many as the gate lets through at once, with the one that asks for our health.
const WORKERS: usize = 5;
/// How long a webhook waits for others, so that an import of many films is one run.
const SETTLING: Duration = Duration::from_secs(5);
/// How long a run waits for another one to end, or for the media root.
const PATIENCE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
/// The longest sleep of the linker's thread: systemd's watchdog hears from it that often, and after a suspend it is late by no more.
/// In a run it hears from it more often, but for the time that one request takes.
const NAP: Duration = Duration::from_secs(30);
/// What the unit has systemd's watchdog wait for.
const WATCHDOG: Duration = Duration::from_secs(300);
/// By which the gate tells who is at the other end of a connection.
const PEER: &str = "X-Plex-Linker-Peer";

/// Serves the page and the API and does a run now and then, until a signal ends it.
pub fn serve(config: Config) -> Result<()> {
    // before any other thread is there, so that all of them have it
    let signals = block_signals()?;
    let limits = Limits { health: format!("{}/health", config.serve.url_base), ..Limits::default() };
    let gate = Gate::bind(&config.serve.host.to_string(), config.serve.port, limits)?;
    let key = config.api_key()?;
    let folder = PrivateFolder::new()?;
    let socket = folder.0.join("http");
    let (asks, asked) = mpsc::channel();
    let (looks, looked) = mpsc::channel();
    let state = Arc::new(Mutex::new(State::default()));
    looker::remember(&config, &state);
    let web = Web::new(&config, key, asks.clone(), looks, state.clone());
    let looker = looker::Looker { config: config.clone(), state: state.clone() };
    start("looker", move || looker.work(&looked))?;
    log::info!("listening on http://{}{}/", gate.address(), config.serve.url_base);
    let lost = gate.open(socket.clone())?;
    start("http", move || keep_serving(&socket, &web, &lost))?;
    let stop = Arc::new(Stop::new(beat));
    let stopper = stop.clone();
    start("signals", move || wait_for_signals(&signals, &asks, &stopper))?;
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    // whoever waits for one answer is not stuck
    let longest =
        config.sonarr.iter().chain(&config.radarr).map(|app| app.timeout + PATIENCE).max().unwrap_or_default();
    if env::var_os("WATCHDOG_USEC").is_some() && longest > WATCHDOG {
        let _ = sd_notify::notify(&[NotifyState::WatchdogUsec(longest.as_micros() as u32)]);
    }
    Linker::new(config, state, stop, asked).work();
    log::info!("stopped");
    Ok(())
}

/// The thread that does the runs, and what it knows between them.
struct Linker {
    config: Config,
    state: Arc<Mutex<State>>,
    stop: Arc<Stop>,
    asked: Receiver<Ask>,
    /// `None`: only on demand.
    interval: Option<Duration>,
    /// When the next run is due, by a clock that goes on while the machine sleeps.
    due: Option<Duration>,
    /// When a run walks through the tree again where not all of them do; `None`: the next one.
    walk_at: Option<Duration>,
    /// Those who wait for a preview.
    previewers: Vec<Sender<()>>,
}

impl Linker {
    fn new(config: Config, state: Arc<Mutex<State>>, stop: Arc<Stop>, asked: Receiver<Ask>) -> Linker {
        let minutes = u64::from(config.serve.interval_minutes);
        let interval = (minutes > 0).then(|| Duration::from_secs(60 * minutes));
        let due = interval.map(|_| since_boot());
        Linker { config, state, stop, asked, interval, due, walk_at: None, previewers: Vec::new() }
    }

    fn work(mut self) {
        loop {
            beat();
            let now = since_boot();
            let wait = self.due.map_or(NAP, |due| NAP.min(due.saturating_sub(now)));
            let wait = if self.previewers.is_empty() { wait } else { Duration::ZERO };
            match self.asked.recv_timeout(wait) {
                Ok(Ask::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                // also when a run is due: wishes that came during the last one are one run
                Ok(ask) => self.answer(ask, now),
                Err(RecvTimeoutError::Timeout) if self.due.is_some_and(|due| due <= since_boot()) => {
                    // from the start of this run, and at once when that has passed as well
                    self.due = self.interval.map(|interval| since_boot() + interval);
                    self.run();
                }
                // after the runs that are due, however many ask for it
                Err(RecvTimeoutError::Timeout) if !self.previewers.is_empty() => self.preview(),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn answer(&mut self, ask: Ask, now: Duration) {
        match ask {
            Ask::Run => (self.due, self.walk_at) = (Some(now), None),
            Ask::Soon => self.due = sooner(self.due, now + SETTLING),
            Ask::Preview { since, done } => {
                let is_there = self.state().preview.as_ref().is_some_and(|preview| preview.at >= since);
                self.previewers.extend((!is_there).then_some(done));
            }
            Ask::Stop => {}
        }
        self.tell_due();
    }

    /// One for all who wait for one. If the rules were changed meanwhile, they go on waiting for the next one.
    fn preview(&mut self) {
        let changes = self.state().changes;
        let planned = run::plan(&self.config, false, true, &self.stop);
        let outcome = planned.map(|planned| planned.preview()).map(|report| (report.to_string(), report));
        let preview = Preview { at: now(), outcome: outcome.map_err(|problem| problem.to_string()) };
        let mut state = self.state();
        if state.changes == changes {
            state.preview = Some(Arc::new(preview));
            drop(state);
            self.previewers.clear();
        }
    }

    fn run(&mut self) {
        let began = Instant::now();
        self.state().begin(now());
        let is_due = self.walk_at.is_none_or(|at| at <= since_boot());
        let planned = run::plan(&self.config, false, is_due, &self.stop);
        if let Ok(planned) = &planned {
            if planned.has_walked() {
                self.walk_at = Some(since_boot() + DAY);
            }
            self.state().apps = planned.apps().to_vec();
        }
        let outcome = planned.and_then(run::Planned::carry_out);
        if let Err(Error::Busy(problem)) = &outcome {
            log::info!("{problem}");
            // whoever wished for this run need not wait for the next one
            self.due = sooner(self.due, since_boot() + PATIENCE);
            self.state().put_off();
            return self.tell_due();
        }
        if let Err(problem) = &outcome {
            let level = match problem {
                _ if self.state().error.as_ref() == Some(&problem.to_string()) => log::Level::Debug,
                Error::Idle(_) => log::Level::Info,
                _ => log::Level::Error,
            };
            log::log!(level, "{problem}");
            if matches!(problem, Error::Idle(_)) && self.config.media_root.is_some() {
                // its disk may be mounted soon
                self.due = sooner(self.due, since_boot() + PATIENCE);
            }
        }
        let duration = began.elapsed().as_millis() as u64;
        let mut state = self.state();
        let failed_before = !state.failures().is_empty();
        state.end(now(), duration, outcome.map_err(|problem| problem.to_string()));
        let fails = !state.failures().is_empty();
        if !fails {
            state.findings.clear();
        }
        drop(state);
        if fails && !failed_before {
            self.check();
        }
        self.tell_due();
    }

    /// Finds out what is set up wrong, for the page. That may take its time.
    fn check(&self) {
        let (config, state) = (self.config.clone(), self.state.clone());
        let checked = start("check", move || {
            let found = check::check(&Ok(config)).into_iter().filter(|finding| finding.what == Verdict::Wrong);
            state.lock().unwrap_or_else(PoisonError::into_inner).findings = found.collect();
        });
        if let Err(problem) = checked {
            log::debug!("{problem}");
        }
    }

    fn tell_due(&self) {
        let in_seconds = self.due.map(|due| due.saturating_sub(since_boot()).as_secs() as i64);
        self.state().next_run_at = in_seconds.map(|seconds| now() + seconds);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers requests for ever. tiny_http ends by itself when descriptors or threads run out; then another one is made.
fn keep_serving(socket: &Path, web: &Web, lost: &Lost) {
    loop {
        // it panics where no thread can be had
        let Ok(Ok(server)) = catch_unwind(|| listening(socket)) else {
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                let _ = thread::Builder::new().name("worker".into()).spawn_scoped(scope, || answer(&server, web));
            }
            lost.wait();
            (0..WORKERS).for_each(|_| server.unblock());
        });
        log::warn!("the web server had ended: another one is started");
    }
}

/// A server under the name `socket`. It is made under another one, which is what it removes when it ends: not its successor's.
fn listening(socket: &Path) -> Result<Server> {
    let fresh = socket.with_extension(random());
    let server = Server::http_unix(&fresh).map_err(|cause| cannot("listen on", &fresh, &cause.to_string()))?;
    fs::rename(&fresh, socket).map_err(|cause| cannot("use", socket, &cause.to_string()))?;
    Ok(server)
}

fn answer(server: &Server, web: &Web) {
    for mut request in server.incoming_requests() {
        let headers = request.headers().iter().map(|h| (h.field.to_string(), h.value.to_string()));
        let (peers, headers): (Vec<_>, Vec<_>) = headers.partition(|(name, _)| name.eq_ignore_ascii_case(PEER));
        let mut body = Vec::new();
        if request.as_reader().read_to_end(&mut body).is_err() {
            continue;
        }
        let asked = Request {
            method: request.method().to_string(),
            path: request.url().into(),
            headers,
            body,
            peer: peers.first().and_then(|(_, peer)| peer.parse().ok()),
            at: now(),
        };
        // a mistake of ours in one answer must not end the daemon
        let reply =
            catch_unwind(AssertUnwindSafe(|| web.answer(&asked))).unwrap_or_else(|_| Reply::text(500, "failed"));
        let _ = request.respond(response(reply));
    }
}

fn response(reply: Reply) -> Response<std::io::Cursor<Vec<u8>>> {
    let headers =
        reply.headers.iter().filter_map(|(name, value)| Header::from_bytes(name.as_bytes(), value.as_bytes()).ok());
    let length = reply.body.len();
    Response::new(reply.status.into(), headers.collect(), std::io::Cursor::new(reply.body), Some(length), None)
}

fn block_signals() -> Result<SigSet> {
    let signals = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGUSR1]);
    signals.thread_block().map_err(|cause| Error::Serve(format!("cannot block signals: {cause}")))?;
    Ok(signals)
}

/// SIGTERM and SIGINT end the daemon, in a run after the change in hand; a second one ends it at once. SIGHUP and SIGUSR1 ask for a run.
fn wait_for_signals(signals: &SigSet, asks: &Sender<Ask>, stop: &Stop) {
    let mut stopping = false;
    while let Ok(signal) = signals.wait() {
        match signal {
            Signal::SIGHUP | Signal::SIGUSR1 => drop(asks.send(Ask::Run)),
            _ if stopping => std::process::exit(1),
            _ => {
                stopping = true;
                let _ = sd_notify::notify(&[NotifyState::Stopping]);
                stop.now();
                let _ = asks.send(Ask::Stop);
            }
        }
    }
}

/// A folder that nobody else may look into, removed at the end.
struct PrivateFolder(PathBuf);

impl PrivateFolder {
    fn new() -> Result<PrivateFolder> {
        let above = env::var_os("RUNTIME_DIRECTORY").map_or_else(env::temp_dir, PathBuf::from);
        let folder = above.join(format!("plex-linker-{}", random()));
        let made = fs::DirBuilder::new().mode(0o700).create(&folder);
        made.map_err(|cause| cannot("make", &folder, &cause.to_string()))?;
        Ok(PrivateFolder(folder))
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Tells systemd's watchdog that the linker's thread gets on: once a second at most, so that it can be called at every step.
fn beat() {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = since_boot().as_secs();
    if LAST.swap(now, Ordering::Relaxed) != now {
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
    }
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name(name.into()).spawn(work);
    thread.map(drop).map_err(|cause| Error::Serve(format!("cannot start a thread: {cause}")))
}

fn random() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

fn cannot(verb: &str, path: &Path, cause: &str) -> Error {
    Error::Serve(format!("cannot {verb} {}: {cause}", path.display()))
}

fn sooner(due: Option<Duration>, wish: Duration) -> Option<Duration> {
    Some(due.map_or(wish, |due| due.min(wish)))
}

/// Goes on while the machine sleeps, and is not set by anybody.
fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or_else(|_| Duration::ZERO, Duration::from)
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
