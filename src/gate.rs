//! What may reach tiny_http: whole, small, well-formed requests.
//!
//! tiny_http must not face a network: one request can end the process or hold a worker for ever, and a few hundred idle connections
//! end its accept loop. So the gate reads each request whole, under limits, hands it over a private Unix socket, and brings back
//! the answer. One thread a connection, one request a connection.

mod guests;
mod refusal;
mod request;
mod timed;
mod upstream;

use std::{
    fs,
    io::{self, ErrorKind},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::error::{Error, Result};
use guests::{Guest, Guests, Stage};
use refusal::Stop;
use request::Incoming;
use upstream::{Answer, Call, Upstream};

pub use upstream::Lost;

/// How much of everything one gate takes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once, a thread each. Where the process may open few descriptors, fewer.
    pub connections: usize,
    /// Bytes of a request's head.
    pub head: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// Requests handed over at once; the others wait. With the one for our health, no fewer than there are workers behind the Unix
    /// socket.
    pub calls: usize,
    /// The path, besides `/health`, of requests that do not wait for the others but only for each other.
    pub health: String,
    /// Bytes of all large answers that wait for their clients, together.
    pub answers: usize,
    /// From the connection to the end of the head.
    pub head_time: Duration,
    /// From there to the end of the body.
    pub body_time: Duration,
    /// From there to the whole answer from upstream; and from there until the client has taken it.
    pub answer_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 64,
            head: 16 << 10,
            body: 64 << 10,
            calls: 4,
            health: "/health".into(),
            answers: 8 << 20,
            head_time: Duration::from_secs(5),
            body_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(10),
        }
    }
}

/// Header lines of a request, and of an answer.
const HEADERS: usize = 64;

/// Enough for a connection's thread, whose buffers are on the heap.
const STACK: usize = 128 << 10;

/// A rest after a system that had no descriptor or no thread left.
const REST: Duration = Duration::from_millis(20);

/// As many connections give way then, so that there is room for others than us too.
const SPARE: usize = 8;

/// How long, and for how many bytes, a client is listened to after its answer.
const LINGER_TIME: Duration = Duration::from_millis(500);
const LINGER: usize = 256 << 10;

/// A port that is listened on.
pub struct Gate {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Gate {
    /// Listens. Nothing is answered before `open`, but connections may wait from now on.
    pub fn bind(host: &str, port: u16, limits: Limits) -> Result<Gate> {
        let cannot = |cause: io::Error| {
            let cause = match cause.kind() {
                ErrorKind::AddrInUse => "another program uses that port".to_string(),
                _ => cause.to_string(),
            };
            let at = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            Error::Serve(format!("cannot listen on {at}: {cause}: choose another with --host and --port"))
        };
        let listener = TcpListener::bind((host, port)).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Gate { listener, address, limits })
    }

    /// Where it listens: with port 0, the one that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves for ever on threads of its own, handing over to the server that listens on the Unix socket `upstream`.
    pub fn open(self, upstream: PathBuf) -> Result<Lost> {
        let Gate { listener, address, mut limits } = self;
        limits.connections = affordable(limits.connections, descriptors());
        let (upstream, lost) = Upstream::new(upstream, &limits);
        let door = Arc::new(Door { guests: Guests::new(limits.connections), upstream, limits });
        match thread_with_small_stack().spawn(move || admit(&listener, &door)) {
            Ok(_) => Ok(lost),
            Err(cause) => Err(Error::Serve(format!("cannot serve on {address}: cannot start a thread: {cause}"))),
        }
    }
}

fn thread_with_small_stack() -> thread::Builder {
    thread::Builder::new().name("gate".into()).stack_size(STACK)
}

/// What the threads share.
struct Door {
    limits: Limits,
    guests: Guests,
    upstream: Upstream,
}

/// The most files that this process may have open.
fn descriptors() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// As many connections as leave tiny_http its descriptors: without one its accept loop ends. A connection has one, and three more
/// while its request is handed over; 16 are for the rest of the program.
fn affordable(connections: usize, descriptors: Option<usize>) -> usize {
    let most = descriptors.map_or(usize::MAX, |most| most.saturating_sub(16) / 4);
    connections.min(most).max(1)
}

/// Accepts for ever, whatever the system answers.
fn admit(listener: &TcpListener, door: &Arc<Door>) {
    let mut shortage = Shortage::default();
    loop {
        match listener.accept() {
            Ok((stream, peer)) => start(door, door.guests.enter(stream, peer.ip().to_canonical()), &mut shortage),
            Err(cause) if matches!(cause.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            Err(cause) => shortage.relieve(door, &cause),
        }
    }
}

/// Starts the guest's thread, as soon as the system has one.
fn start(door: &Arc<Door>, guest: Arc<Guest>, shortage: &mut Shortage) {
    loop {
        let (inside, visitor) = (door.clone(), guest.clone());
        let run = move || {
            let visit = inside.guests.visit(visitor);
            let late = attend(&inside, &visit);
            drop(visit);
            if let Some(call) = late {
                call.wait();
            }
        };
        match thread_with_small_stack().spawn(run) {
            Ok(_) => return,
            Err(cause) => shortage.relieve(door, &cause),
        }
    }
}

/// The system has no descriptor or no thread left.
#[derive(Default)]
struct Shortage {
    said: Option<Instant>,
}

impl Shortage {
    /// Makes room and rests, and says so once a minute.
    fn relieve(&mut self, door: &Door, cause: &io::Error) {
        if self.said.is_none_or(|said| said.elapsed() > Duration::from_secs(60)) {
            log::warn!("cannot take another connection: {cause}: those that wait are sent away");
            self.said = Some(Instant::now());
        }
        door.guests.give_way(SPARE);
        thread::sleep(REST);
    }
}

/// One connection from its first byte to its last. What is returned is a call that upstream has not ended in time.
fn attend<'a>(door: &'a Door, guest: &Guest) -> Option<Call<'a>> {
    let mut incoming = Incoming::default();
    let (answer, late) = match receive(door, guest, &mut incoming) {
        Ok(request) if guest.is(Stage::Asking) => door.upstream.ask(&request),
        Ok(_) | Err(Stop::Gone) => return None,
        Err(Stop::Refused(refusal)) => (Err(refusal), None),
    };
    let answer = answer.unwrap_or_else(|refusal| {
        log::debug!("refused a request from {}: {} {}", guest.peer, refusal.status, refusal.sentence);
        Answer::from(refusal.page(&incoming))
    });
    guest.is(Stage::Taking);
    let taken = timed::send(&guest.stream, &answer.bytes, Instant::now() + door.limits.answer_time);
    drop(answer);
    guest.is(Stage::Idle);
    if taken.is_ok() {
        linger(&guest.stream);
    }
    late
}

/// Reads one request whole and returns it as it is handed over.
fn receive(door: &Door, guest: &Guest, incoming: &mut Incoming) -> std::result::Result<Vec<u8>, Stop> {
    let limits = &door.limits;
    let until = Instant::now() + limits.head_time;
    let head = loop {
        let came = timed::receive(&guest.stream, &mut incoming.bytes, timed::PIECE, until);
        if incoming.bytes.is_empty() {
            // a browser connects beforehand and would show what it is told without having asked
            return Err(Stop::Gone);
        }
        came?;
        if let Some(head) = incoming.head(guest.peer, limits)? {
            break head;
        }
    };
    let until = Instant::now() + limits.body_time;
    let whole = head.end + head.body;
    if head.waits && incoming.bytes.len() < whole {
        timed::send(&guest.stream, b"HTTP/1.1 100 Continue\r\n\r\n", until)?;
    }
    let mut handed = head.handed;
    incoming.bytes.reserve_exact(whole.saturating_sub(incoming.bytes.len()));
    while incoming.bytes.len() < whole {
        let left = whole - incoming.bytes.len();
        timed::receive(&guest.stream, &mut incoming.bytes, left.min(timed::PIECE), until)?;
    }
    handed.extend_from_slice(&incoming.bytes[head.end..whole]);
    Ok(handed)
}

/// Says that nothing more will come, and listens a little to a client that still sends: it would lose its answer otherwise, since
/// closing a connection over unread bytes resets it.
fn linger(stream: &TcpStream) {
    if stream.shutdown(Shutdown::Write).is_err() {
        return;
    }
    let until = Instant::now() + LINGER_TIME;
    let mut thrown_away = Vec::new();
    let mut heard = 0;
    while heard < LINGER && timed::receive(stream, &mut thrown_away, timed::PIECE, until).is_ok() {
        heard += thrown_away.len();
        thrown_away.clear();
    }
}

/// A lock that a thread died with is as good as any other here: what it guards is right at every instant.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
