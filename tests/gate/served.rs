//! The gate before a stand-in for the page, in this process or in one of its own.

use std::{
    env,
    fs::{self, File, Permissions},
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use plex_linker::{
    gate::{Gate, Limits},
    web::{Most, Reply, Request},
};
use tempfile::TempDir;

/// Limits that a test can wait for.
pub fn short() -> Limits {
    Limits {
        head_time: Duration::from_millis(1500),
        body_time: Duration::from_millis(1500),
        answer_time: Duration::from_secs(2),
        // one large answer is held and another one made
        workers: 1,
        answers: 6 << 20,
        ..Limits::default()
    }
}

/// Limits of time that no busy machine reaches.
pub fn patient() -> Limits {
    let minute = Duration::from_secs(60);
    Limits { head_time: minute, body_time: minute, answer_time: minute, ..Limits::default() }
}

/// What `/big` answers.
pub const BIG: usize = 4 << 20;

/// What `/large` takes.
pub const LARGE: usize = 5 << 20;

/// For as long as somebody has this, `/stuck` is not answered.
pub static STUCK: Mutex<()> = Mutex::new(());

/// How many requests have been handed over.
pub static ASKED: AtomicUsize = AtomicUsize::new(0);

pub fn open(limits: Limits) -> SocketAddr {
    let gate = Gate::bind("127.0.0.1", 0, limits).unwrap();
    let address = gate.address();
    gate.open(most, answer, |_, refusal| refusal.told(false)).unwrap();
    address
}

/// How much may be sent there.
fn most(request: &Request) -> Option<Most> {
    match request.path.as_str() {
        "/long" => Some(Most { bytes: 10, cut: true }),
        "/large" => Some(Most { bytes: LARGE, cut: false }),
        _ => None,
    }
}

fn answer(request: &Request) -> Reply {
    match request.path.as_str() {
        "/health" | "//health/?since=1" => Reply::text(200, "ok"),
        "/big" => Reply::text(200, "x".repeat(BIG)),
        "/stuck" => {
            drop(STUCK.lock());
            Reply::text(200, "at last")
        }
        "/next" => {
            ASKED.fetch_add(1, Ordering::Relaxed);
            Reply::text(200, "next")
        }
        "/large" => Reply::text(200, request.body.len().to_string()),
        // everything that came, a line each
        _ => {
            let mut text = format!("{} {}\n", request.method, request.path);
            for (name, value) in &request.headers {
                text += &format!("{name}: {value}\n");
            }
            text += &format!("from {}\n", request.peer.unwrap());
            text += &format!("\n{}", String::from_utf8_lossy(&request.body));
            Reply::text(200, text)
        }
    }
}

/// Sends bytes and returns all that comes back.
pub fn talk(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    // a refusal may come before all is sent
    let _ = stream.write_all(bytes);
    all(&mut stream)
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// All that comes until the end, which must come.
pub fn all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    if let Err(cause) = stream.read_to_end(&mut text) {
        assert_eq!(
            cause.kind(),
            io::ErrorKind::ConnectionReset,
            "not closed after {:?}",
            String::from_utf8_lossy(&text)
        );
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Where the process of its own learns that it is one.
const TIMES: &str = "PLEX_LINKER_TEST_GATE";

/// No test: `Served` runs this binary anew with only this in it, so that its memory and threads can be measured and limited.
#[test]
#[ignore = "the other tests start it"]
fn a_process_of_its_own() {
    if env::var_os(TIMES).is_none() {
        return;
    }
    env_logger::Builder::new().filter_level(log::LevelFilter::Warn).init();
    println!("\nat {}", open(short()));
    loop {
        thread::park();
    }
}

/// A gate in a process of its own.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
    /// KiB that it had resident before anything happened: most of it is this binary.
    before: usize,
    folder: TempDir,
}

impl Served {
    pub fn new() -> Served {
        Served::under(&[])
    }

    /// Started by another command, such as `prlimit`.
    pub fn under(starter: &[&str]) -> Served {
        // where any user can start it
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("it");
        let itself = env::current_exe().unwrap();
        fs::hard_link(&itself, &program).or_else(|_| fs::copy(&itself, &program).map(drop)).unwrap();
        let name = format!("{}::a_process_of_its_own", module_path!().split_once("::").unwrap().1);
        let words = starter.iter().map(Path::new).chain([program.as_path()]).collect::<Vec<_>>();
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .args(["--exact", &name, "--ignored", "--nocapture", "--test-threads=1"])
            .env(TIMES, "1")
            // as the static program does, it gives back what is large
            .env("MALLOC_MMAP_THRESHOLD_", "131072")
            // the symbols of this binary, for the trace of a panic that is expected, take 100 MB
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("at ")?.parse().ok());
        let address = address.expect("the server did not start");
        let mut served = Served { child, address, before: 0, folder };
        served.is_well();
        served.before = served.status("VmRSS");
        served
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Leaves it so few descriptors beside those that are open.
    pub fn limit_descriptors(&self, spare: usize) {
        let open = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count();
        let limit = format!("--nofile={}:20000", open + spare);
        let limited = Command::new("prlimit").args(["--pid", &self.child.id().to_string(), &limit]).status();
        assert!(limited.unwrap().success());
    }

    /// A number in `/proc/PID/status`.
    fn status(&self, name: &str) -> usize {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the process has ended");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).expect("no such line");
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// `/health` answers soon: once in a few tries within 250 ms, whatever else the machine has to do, and before a crowd could have
    /// left by itself. Threads stay few meanwhile.
    pub fn is_well(&mut self) {
        self.answers_within(Duration::from_millis(250));
    }

    pub fn answers_within(&mut self, soon: Duration) {
        let mut times = Vec::new();
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let began = Instant::now();
            let answered = self.answers();
            let took = began.elapsed();
            assert!(self.child.try_wait().unwrap().is_none(), "the process has ended");
            let threads = self.status("Threads");
            // 64 connections at once; as many more threads may be about to end
            assert!(threads <= 150, "{threads} threads\n{}", self.log());
            if answered && took < soon {
                return;
            }
            times.push((answered, took));
            thread::sleep(Duration::from_millis(50));
        }
        panic!("/health did not answer within {soon:?}: {times:?}");
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)) else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let _ = stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        text.starts_with("HTTP/1.1 200 ") && text.ends_with("\r\n\r\nok")
    }

    /// It never took much memory, and leaves no thread behind.
    pub fn was_modest(&mut self) {
        self.is_well();
        let more = self.status("VmHWM") - self.before;
        // beside these, the program has 4 MB, and 16 are allowed
        assert!(more < 12 << 10, "{more} KiB more became resident");
        let until = Instant::now() + Duration::from_secs(15);
        // of tests, gate and workers, and what is being ended
        while self.status("Threads") > 14 {
            assert!(Instant::now() < until, "{} threads are left", self.status("Threads"));
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Raises this process's own limit, for tests that connect often.
pub fn many_descriptors() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(8000).min(hard), hard).unwrap();
}
