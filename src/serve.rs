//! The daemon: threads, signals, cadence.
//!
//! The gate's threads read requests and have them answered by [`Web`], one thread waits for signals, and the thread that called
//! [`serve`] is the linker's: it alone does runs, one after the other.

mod health;
mod looker;

use std::{
    env,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::{SigSet, Signal};
use sd_notify::NotifyState;

use crate::{
    clock::{now, since_boot},
    config::Config,
    db::Db,
    error::{Error, Result},
    gate::{Gate, Limits},
    model::Report,
    mutex::lock,
    news::{self, Outcome, Teller},
    run::{self, Stop},
    web::{Lookup, Order, Preview, Shared, Subject, Web},
};
pub use health::health;

/// Characters of a key that can be guessed.
const SHORT_KEY: usize = 16;
/// How long a webhook waits for others, so that an import of many films is one run.
const SETTLING: Duration = Duration::from_secs(5);
/// How long a run is put off while another one is at work, or the media root is not there.
const PUT_OFF: Duration = Duration::from_secs(60);
/// The longest sleep of the linker's thread: systemd's watchdog hears from it that often, and after a suspend it is late by no more.
/// In a run it hears from it more often, but for the time that one request takes.
const NAP: Duration = Duration::from_secs(30);
/// How long after a change Sonarr may tell us of it, in seconds, and of how many runs.
const ECHO: i64 = 600;
const MOST_ECHOED: usize = 10;
/// The longest wait for another try where there is no interval.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Serves the page and the API and does a run now and then, until a signal ends it.
pub fn serve(mut config: Config) -> Result<()> {
    // before any other thread is there, so that all of them have it
    let signals = block_signals()?;
    let limits = Limits { health: format!("{}/health", config.serve.url_base), ..Limits::default() };
    let gate = Gate::bind(&config.serve.host.to_string(), config.serve.port, limits)?;
    // where the system has chosen it
    config.serve.port = gate.address().port();
    let key = config.api_key()?;
    if key.as_ref().is_some_and(|key| key.expose().len() < SHORT_KEY) {
        log::warn!(
            "PLEX_LINKER_API_KEY has fewer than {SHORT_KEY} characters: \"openssl rand -hex 16\" makes a good one"
        );
    }
    let (ordering, orders) = mpsc::channel();
    let (looking, lookups) = mpsc::channel();
    let (seasons, season_lookups) = mpsc::channel();
    let shared = Arc::new(Mutex::new(Shared::default()));
    looker::remember(&config, &shared);
    let web = Web::new(&config, key, ordering.clone(), looking.clone(), seasons, shared.clone());
    let looker = looker::Looker { config: config.clone(), shared: shared.clone() };
    start("looker", move || looker.work(&lookups))?;
    let apart = config.clone();
    start("seasons", move || looker::seasons(&apart, &season_lookups))?;
    log::info!("listening on http://{}{}/", gate.address(), config.serve.url_base);
    let web = Arc::new(web);
    let (heads, late) = (web.clone(), web.clone());
    gate.open(
        move |request| heads.most(request),
        move |request| web.answer(request),
        move |request, refusal| late.refuse(request, refusal),
    )?;
    let stop = Arc::new(Stop::new(beat));
    let stopper = stop.clone();
    start("signals", move || wait_for_signals(&signals, &ordering, &stopper))?;
    let news = (!config.news.to().is_empty()).then(|| start_teller(&config)).transpose()?;
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    let minutes = u64::from(config.serve.interval_minutes);
    let interval = (minutes > 0).then(|| Duration::from_secs(60 * minutes));
    let linker = Linker {
        config,
        shared,
        stop,
        orders,
        looking,
        interval,
        failures: 0,
        due: interval.map(|_| since_boot()),
        wished: true,
        missing: Vec::new(),
        missed: None,
        previewers: Vec::new(),
        news,
    };
    linker.work();
    log::info!("stopped");
    Ok(())
}

/// The thread that does the runs, and what it knows between them.
struct Linker {
    config: Config,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<Stop>,
    orders: Receiver<Order>,
    looking: Sender<Lookup>,
    /// `None`: only on demand.
    interval: Option<Duration>,
    /// Runs that failed, one after the other, and their number.
    failures: u32,
    /// When the next run is due, by a clock that goes on while the machine sleeps.
    due: Option<Duration>,
    /// Somebody has asked for the next run; the first one counts as well.
    wished: bool,
    /// Files that Sonarr misses, below their shows' folders, and when it is looked whether a run is to follow.
    missing: Vec<String>,
    missed: Option<Duration>,
    /// Those who wait for a preview.
    previewers: Vec<Sender<()>>,
    /// Who tells how runs ended, if anybody is told.
    news: Option<Sender<Outcome>>,
}

impl Linker {
    fn work(mut self) {
        if self.due.is_none() && self.config.media_root.is_some() && !self.shared().failures().is_empty() {
            // by an earlier process
            self.due = Some(since_boot() + again_after(1, None));
        }
        loop {
            beat();
            self.tell_due();
            let next = self.due.into_iter().chain(self.missed).min();
            let wait = next.map_or(NAP, |next| NAP.min(next.saturating_sub(since_boot())));
            let wait = if self.previewers.is_empty() { wait } else { Duration::ZERO };
            match self.orders.recv_timeout(wait) {
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                // also when a run is due: wishes that came during the last one are one run
                Ok(order) => self.take(order, since_boot()),
                Err(RecvTimeoutError::Timeout) if self.due.is_some_and(|due| due <= since_boot()) => {
                    // from the start of this run, and at once when that has passed as well
                    self.due = self.interval.map(|interval| since_boot() + interval);
                    if !self.run() {
                        // whoever wished for this run need not wait for the next one
                        self.due = sooner(self.due, since_boot() + PUT_OFF);
                    }
                }
                Err(RecvTimeoutError::Timeout) if self.missed.is_some_and(|missed| missed <= since_boot()) => {
                    self.missed = None;
                    // a run that is at work may be the one that has changed them, and tells of it at its end
                    if self.misses_any() && !self.run() {
                        self.missed = Some(since_boot() + PUT_OFF);
                    }
                }
                // after the runs that are due, however many ask for it
                Err(RecvTimeoutError::Timeout) if !self.previewers.is_empty() => self.preview(),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn take(&mut self, order: Order, now: Duration) {
        match order {
            Order::Run => (self.due, self.wished) = (Some(now), true),
            Order::Soon => self.due = sooner(self.due, now + SETTLING),
            Order::Gone(file) => {
                self.missing.push(file);
                self.missed = self.missed.or(Some(now + SETTLING));
            }
            Order::Preview { since, done } => {
                let is_there = self.shared().preview.as_ref().is_some_and(|preview| preview.at >= since);
                self.previewers.extend((!is_there).then_some(done));
            }
            Order::Stop => {}
        }
    }

    /// One for all who wait for one. If the rules were changed meanwhile, they go on waiting for the next one.
    fn preview(&mut self) {
        let changes = self.shared().changes;
        let planned = patiently(&self.config, || run::plan(&self.config, false, true, &self.stop));
        let outcome = planned.map(|planned| planned.preview()).map_err(|problem| problem.to_string());
        let preview = Preview { at: now(), outcome };
        let mut shared = self.shared();
        if shared.changes == changes {
            shared.preview = Some(Arc::new(preview));
            drop(shared);
            self.previewers.clear();
        }
    }

    /// Whether it was not put off, since another one is at work.
    fn run(&mut self) -> bool {
        let began = Instant::now();
        self.shared().started_at = Some(now());
        let planned = patiently(&self.config, || run::plan(&self.config, false, self.wished, &self.stop));
        if let Ok(planned) = &planned {
            self.wished = false;
            self.shared().apps = planned.apps().to_vec();
        }
        let outcome = planned.and_then(run::Planned::carry_out);
        if let Err(Error::Busy(problem)) = &outcome {
            log::info!("{problem}");
            self.shared().started_at = None;
            return false;
        }
        (self.missing, self.missed) = (Vec::new(), None);
        if let Err(problem) = &outcome {
            let is_told = self.shared().failures() == [problem.to_string()];
            let level = if is_told { log::Level::Debug } else { problem.level() };
            log::log!(level, "{problem}");
            if matches!(problem, Error::NoMedia(_)) && self.config.media_root.is_some() {
                // its disk may be mounted soon
                self.due = sooner(self.due, since_boot() + PUT_OFF);
            }
        }
        if let Some(news) = &self.news {
            news::outcome(&outcome).into_iter().for_each(|outcome| drop(news.send(outcome)));
        }
        let duration = began.elapsed().as_millis() as u64;
        let ended = since_boot();
        let last = self.shared().last.clone();
        let report = outcome.unwrap_or_else(|problem| self.undone(&problem, last.as_deref()));
        let mut shared = self.shared();
        let failed_before = !shared.failures().is_empty();
        shared.end(now(), duration, report);
        let fails = !shared.failures().is_empty();
        drop(shared);
        self.failures = if fails { self.failures + 1 } else { 0 };
        if fails && self.config.media_root.is_some() {
            self.due = sooner(self.due, ended + again_after(self.failures, self.interval));
        }
        if fails && !failed_before {
            // for the page, which nobody waits for
            let _ = self.looking.send(Lookup::Renew { subject: Subject::Check, since: now(), done: mpsc::channel().0 });
        }
        true
    }

    /// The report of a run that could not be done, which is stored as others are: after a restart the same is told, and tried again.
    fn undone(&self, problem: &Error, last: Option<&Report>) -> Report {
        let report = Report::undone(now(), problem.to_string(), last);
        let is_news = last.is_none_or(|last| last.problems != report.problems);
        if is_news && !matches!(problem, Error::Idle(_)) {
            let stored = Db::open(&self.config.database).and_then(|mut db| db.save_run(&report));
            stored.unwrap_or_else(|problem| log::debug!("{problem}"));
        }
        report
    }

    /// Whether Sonarr misses anything but what runs have changed lately, of this daemon or another process. Its folders may have other
    /// names than ours: what is below the show's counts.
    fn misses_any(&mut self) -> bool {
        let runs = Db::open(&self.config.database).and_then(|mut db| db.runs(MOST_ECHOED, 0)).unwrap_or_default();
        let lately = runs.into_iter().filter(|run| now() < run.at + ECHO);
        let places: Vec<String> = lately.flat_map(|run| run.places).collect();
        self.missing.retain(|file| {
            let below = format!("/{}", file.replace('\\', "/"));
            let is_echo = places.iter().any(|place| place.ends_with(&below));
            if is_echo {
                log::debug!("Sonarr tells of {file}, which a run changed");
            }
            !is_echo
        });
        !self.missing.is_empty()
    }

    fn tell_due(&self) {
        let in_seconds = self.due.map(|due| due.saturating_sub(since_boot()).as_secs() as i64);
        self.shared().next_run_at = in_seconds.map(|seconds| now() + seconds);
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

/// Telling may take its time, which is nobody else's.
fn start_teller(config: &Config) -> Result<Sender<Outcome>> {
    let (news, outcomes) = mpsc::channel::<Outcome>();
    let config = config.clone();
    start("news", move || {
        let mut teller = Teller::new(&config);
        outcomes.iter().for_each(|outcome| teller.tell(&outcome));
    })?;
    Ok(news)
}

fn block_signals() -> Result<SigSet> {
    let signals = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGUSR1]);
    signals.thread_block().map_err(|cause| Error::Serve(format!("cannot block signals: {cause}")))?;
    Ok(signals)
}

/// SIGTERM and SIGINT end the daemon, in a run after the change in hand; a second one ends it at once. SIGHUP and SIGUSR1 ask for a run.
fn wait_for_signals(signals: &SigSet, ordering: &Sender<Order>, stop: &Stop) {
    let mut stopping = false;
    while let Ok(signal) = signals.wait() {
        match signal {
            Signal::SIGHUP | Signal::SIGUSR1 => drop(ordering.send(Order::Run)),
            _ if stopping => std::process::exit(1),
            _ => {
                stopping = true;
                let _ = sd_notify::notify(&[NotifyState::Stopping]);
                stop.now();
                let _ = ordering.send(Order::Stop);
            }
        }
    }
}

/// Asks the apps, for which systemd's watchdog waits longer than else: whoever waits for one answer is not stuck.
fn patiently<T>(config: &Config, ask: impl FnOnce() -> T) -> T {
    let longest = config.apps().map(|app| app.timeout + PUT_OFF).max();
    let longest = longest.unwrap_or_default().as_micros() as u32;
    let usual = env::var("WATCHDOG_USEC").ok().and_then(|usual| usual.parse::<u32>().ok());
    let usual = usual.filter(|usual| *usual < longest);
    let wait = |time: u32| drop(sd_notify::notify(&[NotifyState::WatchdogUsec(time), NotifyState::Watchdog]));
    usual.iter().for_each(|_| wait(longest));
    let answer = ask();
    usual.iter().for_each(|usual| wait(*usual));
    answer
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

/// When to try again after so many failed runs: a minute, then two, four, up to the interval.
fn again_after(failures: u32, interval: Option<Duration>) -> Duration {
    let minutes = 1 << failures.saturating_sub(1).min(16);
    Duration::from_secs(60 * minutes).min(interval.unwrap_or(LONGEST_WAIT))
}

fn sooner(due: Option<Duration>, wish: Duration) -> Option<Duration> {
    Some(due.map_or(wish, |due| due.min(wish)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::again_after;

    #[test]
    fn what_failed_is_tried_again_later_each_time_up_to_the_interval() {
        let waits = |interval: Option<u64>| {
            [1, 2, 3, 4, 5, 6, 7, 100]
                .map(|failures| again_after(failures, interval.map(Duration::from_secs)).as_secs())
        };
        assert_eq!(waits(Some(900)), [60, 120, 240, 480, 900, 900, 900, 900]);
        assert_eq!(waits(Some(60)), [60; 8]);
        assert_eq!(waits(None), [60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }
}
