//! The server behind the private Unix socket: a request goes in, its whole answer comes out.

use std::{
    fs::File,
    io::{self, ErrorKind},
    ops::Range,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};

use httparse::{EMPTY_HEADER, Response, Status};

use super::{
    HEADERS, Limits, REST, SPARE, lock,
    refusal::{Refusal, refused},
    timed,
};

/// Tells when nobody listens any more on the Unix socket: the accept loop of tiny_http ends for good when the system has no
/// descriptor or thread for it.
pub struct Lost {
    told: Receiver<()>,
    path: PathBuf,
}

impl Lost {
    /// Waits until the server is lost, and until there are descriptors for another. Requests wait for it meanwhile. It is to be made
    /// under another name and renamed, since a server that ends removes the name that it was made under; and making it panics when
    /// there are no threads for it.
    pub fn wait(&self) {
        while self.told.recv().is_ok() {
            // those that have ended keep their threads for some seconds: not too many
            thread::sleep(REST * 10);
            let spare = || (0..SPARE).map(|_| File::open("/dev/null")).collect::<io::Result<Vec<_>>>();
            while spare().is_err() {
                thread::sleep(REST * 10);
            }
            // what was told may be old
            if UnixStream::connect(&self.path).is_err() {
                return;
            }
        }
    }
}

/// The server, and what may be asked of it at once.
pub struct Upstream {
    path: PathBuf,
    lost: SyncSender<()>,
    limits: Limits,
    calls: Line,
    /// Whoever watches us has a line of his own: that all else waits for something slow is no illness.
    health: Line,
    /// Bytes of large answers that are held now.
    held: AtomicUsize,
}

/// Where requests wait until one of their calls has ended.
struct Line {
    /// Calls that may begin now.
    free: Mutex<usize>,
    freed: Condvar,
}

/// Answers up to here always have room: however many clients fetch something large, the small keep going.
const SMALL: usize = 16 << 10;

impl Upstream {
    pub fn new(path: PathBuf, limits: &Limits) -> (Upstream, Lost) {
        let (lost, told) = sync_channel(1);
        let line = |calls| Line { free: Mutex::new(calls), freed: Condvar::new() };
        let (calls, health) = (line(limits.calls), line(1));
        let held = AtomicUsize::new(0);
        let upstream = Upstream { path: path.clone(), lost, limits: limits.clone(), calls, health, held };
        (upstream, Lost { told, path })
    }

    /// Hands a request over and waits for its answer. A call that has not ended comes back beside the refusal: whoever has it waits for
    /// its end, so that a server that is stuck gets no more to hold.
    pub fn ask(&self, request: &[u8]) -> (Result<Answer<'_>, Refusal>, Option<Call<'_>>) {
        let until = Instant::now() + self.limits.answer_time;
        let line = if self.is_for_health(request) { &self.health } else { &self.calls };
        let call = match self.call(line, until) {
            Ok(call) => call,
            Err(refusal) => return (Err(refusal), None),
        };
        match call.answer(request, until) {
            Ok(answer) => (Ok(answer), None),
            Err(refusal) if Instant::now() >= until => (Err(refusal), Some(call)),
            Err(refusal) => (Err(refusal), None),
        }
    }

    fn is_for_health(&self, request: &[u8]) -> bool {
        let path = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        path == b"/health" || path == self.limits.health.as_bytes()
    }

    fn call<'a>(&'a self, line: &'a Line, until: Instant) -> Result<Call<'a>, Refusal> {
        let turn = line.turn(until)?;
        loop {
            match UnixStream::connect(&self.path) {
                Ok(stream) => return Ok(Call { upstream: self, stream, _turn: turn }),
                Err(_) if Instant::now() < until => {
                    // full: it has been said already
                    let _ = self.lost.try_send(());
                    thread::sleep(REST);
                }
                Err(_) => return busy(),
            }
        }
    }

    /// Room for an answer.
    fn room(&self, bytes: usize) -> Result<Room<'_>, Refusal> {
        let bytes = if bytes <= SMALL { 0 } else { bytes };
        let room = Room { upstream: self, bytes };
        // its Drop gives back what is taken here
        let held = self.held.fetch_add(bytes, Ordering::Relaxed);
        if held.saturating_add(bytes) > self.limits.answers {
            return refused(503, "too much is being fetched at once: try again, or fetch less (?limit=)");
        }
        Ok(room)
    }
}

impl Line {
    /// Waits until fewer calls than allowed are going on.
    fn turn(&self, until: Instant) -> Result<Turn<'_>, Refusal> {
        let left = until.saturating_duration_since(Instant::now());
        let waited = self.freed.wait_timeout_while(lock(&self.free), left, |free| *free == 0);
        let (mut free, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && *free == 0 {
            return busy();
        }
        *free -= 1;
        Ok(Turn { line: self })
    }
}

fn busy<T>() -> Result<T, Refusal> {
    refused(503, "plex-linker is busy: try again in a while")
}

/// One call: a request and its answer.
pub struct Call<'a> {
    upstream: &'a Upstream,
    stream: UnixStream,
    _turn: Turn<'a>,
}

impl<'a> Call<'a> {
    fn answer(&self, request: &[u8], until: Instant) -> Result<Answer<'a>, Refusal> {
        timed::send(&self.stream, request, until).or_else(broken_off)?;
        let mut bytes = Vec::new();
        let body = loop {
            timed::receive(&self.stream, &mut bytes, timed::PIECE, until).or_else(broken_off)?;
            if let Some(body) = finish_head(&mut bytes)? {
                break body;
            }
        };
        let room = self.upstream.room(body.end)?;
        bytes.reserve_exact(body.end.saturating_sub(bytes.len()));
        while bytes.len() < body.end {
            let piece = (body.end - bytes.len()).min(LARGE_PIECE);
            match timed::receive(&self.stream, &mut bytes, piece, until) {
                Ok(()) => {}
                // the answer to HEAD has a length and no body
                Err(cause) if cause.kind() == ErrorKind::UnexpectedEof && bytes.len() == body.start => break,
                Err(cause) => return broken_off(cause),
            }
        }
        Ok(Answer { bytes, _room: Some(room) })
    }

    /// Waits until upstream has ended what it began.
    pub fn wait(self) {
        if self.stream.set_read_timeout(None).is_ok() {
            let _ = io::copy(&mut &self.stream, &mut io::sink());
        }
    }
}

/// As much as one read of a body takes.
const LARGE_PIECE: usize = 64 << 10;

fn broken_off<T>(cause: io::Error) -> Result<T, Refusal> {
    if cause.kind() == ErrorKind::TimedOut { busy() } else { refused(502, "plex-linker gave no whole answer") }
}

/// Makes the head of an answer what the client is to see, once it is there, and tells where the body will be.
fn finish_head(bytes: &mut Vec<u8>) -> Result<Option<Range<usize>>, Refusal> {
    const CLOSE: &[u8] = b"\r\nConnection: close";
    let bad = || refused(502, "plex-linker gave a malformed answer");
    let mut headers = [EMPTY_HEADER; HEADERS];
    let mut answer = Response::new(&mut headers);
    let end = match answer.parse(bytes) {
        Ok(Status::Complete(end)) => end,
        Ok(Status::Partial) if bytes.len() < MOST_HEAD => return Ok(None),
        Ok(Status::Partial) | Err(_) => return bad(),
    };
    let length = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("Content-Length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<u32>().ok());
    let line = bytes.iter().position(|byte| *byte == b'\r');
    let (Some(length), Some(line)) = (length, line) else { return bad() };
    bytes.splice(line..line, CLOSE.iter().copied());
    bytes.splice(..b"HTTP/1.0".len(), *b"HTTP/1.1");
    let start = end + CLOSE.len();
    Ok(Some(start..start.saturating_add(length as usize)))
}

/// Bytes of an answer's head.
const MOST_HEAD: usize = 16 << 10;

/// A whole answer as the client is to have it.
pub struct Answer<'a> {
    pub bytes: Vec<u8>,
    _room: Option<Room<'a>>,
}

impl From<Vec<u8>> for Answer<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Answer { bytes, _room: None }
    }
}

/// The right to one call.
struct Turn<'a> {
    line: &'a Line,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.line.free) += 1;
        self.line.freed.notify_one();
    }
}

/// The room that one large answer takes.
struct Room<'a> {
    upstream: &'a Upstream,
    bytes: usize,
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.upstream.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
