//! Connections in, whole, small, well-formed requests to the workers, answers back.
//!
//! tiny_http must not face a network: one request can end the process or hold a worker for ever, and a few hundred idle connections
//! end its accept loop. So it only writes the answers. One thread a connection, one request a connection.

mod body;
mod connections;
mod refusal;
mod request;
mod timed;
mod workers;

use std::{
    fs,
    io::{self, ErrorKind, Read},
    net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    error::{Error, Result},
    web::{Reply, Request, shortened},
};
use body::Body;
use connections::{Connection, Connections, Stage};
use refusal::NoRequest;
use request::Incoming;
use workers::Workers;

/// How much of everything one gate takes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once, a thread each. Where the process may open few descriptors, fewer.
    pub connections: usize,
    /// Bytes of a request's head.
    pub head: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// Threads that answer, beside the one for our health; other requests wait.
    pub workers: usize,
    /// The path, besides `/health`, of requests that do not wait for the others but only for each other.
    pub health: String,
    /// How the path of requests ends whose body may be of any size, since only a little of it is kept.
    pub long: &'static str,
    /// Bytes of all large answers that wait for their clients, together.
    pub answers: usize,
    /// From the connection to the end of the head.
    pub head_time: Duration,
    /// From there to the end of the body.
    pub body_time: Duration,
    /// From there to the whole answer from a worker; and from there until the client has taken it.
    pub answer_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 64,
            head: 64 << 10,
            body: 64 << 10,
            workers: 4,
            health: "/health".into(),
            long: "/api/webhook",
            answers: 8 << 20,
            head_time: Duration::from_secs(5),
            body_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    fn is_long(&self, target: &str) -> bool {
        let path = target.split('?').next().unwrap_or_default();
        path.trim_end_matches('/').ends_with(self.long)
    }
}

/// Header lines of a request.
const HEADERS: usize = 128;

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
        let listener = listen(host, port).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Gate { listener, address, limits })
    }

    /// Where it listens: with port 0, the one that the system chose.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves for ever on threads of its own.
    pub fn open(self, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Result<()> {
        let Gate { listener, address, mut limits } = self;
        limits.connections = affordable(limits.connections, descriptors());
        let no_thread = |cause| Error::Serve(format!("cannot serve on {address}: cannot start a thread: {cause}"));
        let workers = Workers::start(&limits, Arc::new(answer)).map_err(no_thread)?;
        let door = Arc::new(Door { connections: Connections::new(limits.connections), workers, limits });
        thread_with_small_stack().spawn(move || admit(&listener, &door)).map(drop).map_err(no_thread)
    }
}

/// Listens for both families at `::`, and for one where the machine has no other.
fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    match TcpListener::bind((host, port)) {
        Err(cause) if host == Ipv6Addr::UNSPECIFIED.to_string() && cause.kind() != ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(|_| cause)
        }
        other => other,
    }
}

fn thread_with_small_stack() -> thread::Builder {
    thread::Builder::new().name("gate".into()).stack_size(STACK)
}

/// What the threads share.
struct Door {
    limits: Limits,
    connections: Connections,
    workers: Workers,
}

/// The most files that this process may have open.
fn descriptors() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// As many connections as leave the rest of the program its descriptors.
fn affordable(connections: usize, descriptors: Option<usize>) -> usize {
    let most = descriptors.map_or(usize::MAX, |most| most.saturating_sub(32));
    connections.min(most).max(1)
}

/// Accepts for ever, whatever the system answers.
fn admit(listener: &TcpListener, door: &Arc<Door>) {
    let mut shortage = Shortage::default();
    loop {
        match listener.accept() {
            Ok((stream, peer)) => start(door, door.connections.admit(stream, peer.ip().to_canonical()), &mut shortage),
            Err(cause) if matches!(cause.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            Err(cause) => shortage.relieve(door, &cause),
        }
    }
}

/// Starts the connection's thread, as soon as the system has one.
fn start(door: &Arc<Door>, connection: Arc<Connection>, shortage: &mut Shortage) {
    loop {
        let (inside, connection) = (door.clone(), connection.clone());
        let run = move || attend(&inside, &inside.connections.slot(connection));
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
        door.connections.give_way(SPARE);
        thread::sleep(REST);
    }
}

/// One connection from its first byte to its last.
fn attend(door: &Door, connection: &Connection) {
    let mut incoming = Incoming::default();
    let began = Instant::now();
    let answer = match receive(door, connection, &mut incoming) {
        Ok(request) if connection.is(Stage::Asking) => {
            let until = Instant::now() + door.limits.answer_time;
            let line = format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default());
            let answer = door.workers.ask(request, until);
            let status = answer.as_ref().map_or_else(|refusal| refusal.status, |answer| answer.reply.status);
            log::trace!("{} {line:?}: {status} after {} ms", connection.peer, began.elapsed().as_millis());
            answer
        }
        Ok(_) | Err(NoRequest::Gone) => return,
        Err(NoRequest::Refused(refusal)) => Err(refusal),
    };
    let refused = answer.as_ref().err().map(|refusal| {
        log::debug!("refused a request from {}: {} {}", connection.peer, refusal.status, refusal.detail);
        refusal::told(refusal, incoming.is_for_api())
    });
    let reply = refused.as_ref().or(answer.as_ref().ok().map(|answer| &answer.reply));
    let Some(reply) = reply else { return };
    thread::sleep(reply.delay);
    connection.is(Stage::Taking);
    let socket = timed::Writer { socket: &connection.stream, until: Instant::now() + door.limits.answer_time };
    let taken = refusal::write(reply, incoming.is_head(), socket);
    drop(answer);
    connection.is(Stage::Idle);
    if taken.is_ok() {
        linger(&connection.stream);
    }
}

/// Reads one request whole.
fn receive(door: &Door, connection: &Connection, incoming: &mut Incoming) -> std::result::Result<Request, NoRequest> {
    let limits = &door.limits;
    let until = Instant::now() + limits.head_time;
    let head = loop {
        let came = timed::receive(&connection.stream, &mut incoming.bytes, timed::PIECE, until);
        if incoming.bytes.is_empty() {
            // a browser connects beforehand and would show what it is told without having asked
            return Err(NoRequest::Gone);
        }
        came?;
        if let Some(head) = incoming.head(connection.peer, limits)? {
            break head;
        }
    };
    let until = Instant::now() + limits.body_time;
    let ahead = incoming.bytes.split_off(head.end);
    if head.waits && ahead.is_empty() && head.framing != body::Framing::Length(0) {
        let mut writer = timed::Writer { socket: &connection.stream, until };
        io::Write::write_all(&mut writer, b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut request = head.request;
    let mut body = Body::new(&connection.stream, ahead, head.framing, until);
    if limits.is_long(&request.path) {
        request.body = shortened(&mut body)?;
    } else {
        body.by_ref().take(limits.body as u64 + 1).read_to_end(&mut request.body)?;
        if request.body.len() > limits.body {
            return Err(request::too_large(limits).into());
        }
    }
    request.at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    Ok(request)
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
