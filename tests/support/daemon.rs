//! The real program as a daemon in a world, and a client for what it serves.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use super::world::World;

/// How long anything may take that does not have a time of its own, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

/// A running `plex-linker serve`, killed when dropped.
pub struct Daemon<'w> {
    world: &'w World,
    child: Child,
    pub address: SocketAddr,
}

/// What it answered.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl<'w> Daemon<'w> {
    /// On a port of its own on loopback, as soon as it answers.
    pub fn start(world: &World) -> Daemon<'_> {
        Daemon::with(world, &[])
    }

    /// The same with further words.
    pub fn with<'a>(world: &'a World, words: &[&str]) -> Daemon<'a> {
        let words = [&["serve", "--host", "127.0.0.1", "--port", "0"], words].concat();
        Daemon::of(world, world.command(&words))
    }

    /// Any command that becomes the daemon.
    pub fn of(world: &World, mut command: Command) -> Daemon<'_> {
        let log = File::create(log_file(world)).unwrap();
        // what a killed daemon leaves goes with the world
        command.env("TMPDIR", world.state()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().unwrap();
        let mut daemon = Daemon { world, child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) };
        daemon.wait("it should say where it listens", |daemon| {
            let log = daemon.log();
            let port = log.split_once("listening on http://").and_then(|(_, rest)| {
                let (address, _) = rest.split_once('/')?;
                address.rsplit(':').next()?.parse().ok()
            });
            daemon.address.set_port(port.unwrap_or(0));
            port.is_some()
        });
        daemon.wait("/health should answer", |daemon| daemon.is_well());
        daemon
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(log_file(self.world)).unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// Waits for the end, which must come within `patience`.
    #[track_caller]
    pub fn ends_within(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            self.assert(Instant::now() < deadline, &format!("it should end within {patience:?}"));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until this is so.
    #[track_caller]
    pub fn wait(&mut self, what: &str, mut so: impl FnMut(&mut Daemon) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(self) {
            let ended = self.child.try_wait().unwrap();
            self.assert(ended.is_none(), &format!("{what}: it has ended with {ended:?}"));
            self.assert(Instant::now() < deadline, what);
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    pub fn assert(&self, condition: bool, what: &str) {
        if !condition {
            self.world.fail(&format!("{what}\nlog:\n{}", self.log()));
        }
    }
}

/// What it serves.
impl Daemon<'_> {
    /// `None`: there was no answer.
    pub fn try_ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        ask(self.address, method, target, headers, body)
    }

    #[track_caller]
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let answer = self.try_ask(method, target, headers, body);
        self.assert(answer.is_some(), &format!("{method} {target} should be answered"));
        answer.unwrap()
    }

    #[track_caller]
    pub fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[], "")
    }

    #[track_caller]
    pub fn post(&self, target: &str, json: &str) -> Answer {
        self.ask("POST", target, &JSON, json)
    }

    pub fn is_well(&self) -> bool {
        self.try_ask("GET", "/health", &[], "").is_some_and(|answer| answer.status == 200 && answer.body == "ok")
    }

    #[track_caller]
    pub fn run_now(&self) {
        let answer = self.post("/api/run", "{}");
        self.assert(answer.status == 202, "a run should be started");
    }

    /// What `/api/status` tells.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.get("/api/status").json()
    }

    /// One number of `/metrics`, named with its labels.
    #[track_caller]
    pub fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").body;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// How many runs there have been, failed ones too.
    #[track_caller]
    pub fn runs(&self) -> u32 {
        let result = |word: &str| self.metric(&format!("plex_linker_runs_total{{result=\"{word}\"}}")).unwrap();
        (result("done") + result("failed")) as u32
    }

    /// Waits until there have been so many runs; more are wrong.
    #[track_caller]
    pub fn has_run(&mut self, times: u32) {
        self.wait(&format!("there should be {times} runs"), |daemon| daemon.runs() >= times);
        self.assert(self.runs() == times, &format!("there should be no more than {times} runs"));
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|cause| panic!("{cause}: {}", self.body))
    }
}

/// Asks whoever listens there; an own `Host` goes before the address.
pub fn ask(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut text = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text += &format!("Host: {address}\r\n");
    }
    headers.iter().for_each(|(name, value)| text += &format!("{name}: {value}\r\n"));
    text += &format!("\r\n{body}");
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.into(), body: body.into() })
}

pub fn log_file(world: &World) -> PathBuf {
    world.state().join("daemon.log")
}
