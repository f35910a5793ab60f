//! Connections in, whole, small, well-formed requests to the workers, answers back.
//!
//! tiny_http must not face a network: one request can end the process or hold a worker for ever, and a few hundred idle connections
//! end its accept loop. So it only writes the answers. One thread a connection, one request a connection.

mod answer;
mod body;
mod connections;
mod limits;
mod request;
mod rooms;
mod timed;
mod workers;

use std::{
    fs,
    io::{self, ErrorKind, Read},
    net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rustix::net::{self, AddressFamily, SocketFlags, SocketType, sockopt};

use crate::{
    error::{Error, Result},
    web::{Most, Refusal, Reply, Request},
};
use answer::NoRequest;
use body::{Body, Framing};
use connections::{Connection, Connections, Stage};
pub use limits::Limits;
use request::Incoming;
use rooms::{Room, Rooms};
use workers::Workers;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;

/// Where there is no room for so many rules.
const MORE: &str = "\"plex-linker rules import\" takes more at once";

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

    /// Serves for ever on threads of its own. `most` is a [`BodyLimit`].
    pub fn open(
        self,
        most: impl Fn(&Request) -> Option<Most> + Send + Sync + 'static,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Result<()> {
        let Gate { listener, address, mut limits } = self;
        limits.connections = affordable(limits.connections, descriptors());
        let no_thread = |cause| Error::Serve(format!("cannot serve on {address}: cannot start a thread: {cause}"));
        let workers = Workers::start(&limits, Arc::new(answer)).map_err(no_thread)?;
        let door = Arc::new(Door {
            connections: Connections::new(limits.connections),
            workers,
            most: Box::new(most),
            bodies: Rooms::new(limits.answers),
            limits,
        });
        thread_with_small_stack().spawn(move || admit(&listener, &door)).map(drop).map_err(no_thread)
    }
}

/// Listens for both families at `::`, and for one where the machine has no other.
fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    if host != Ipv6Addr::UNSPECIFIED.to_string() {
        return TcpListener::bind((host, port));
    }
    both_families(port).or_else(|cause| match cause.kind() {
        ErrorKind::AddrInUse => Err(cause),
        _ => TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(|_| cause),
    })
}

/// The same as the standard library does it, but also where `net.ipv6.bindv6only` keeps the families apart.
fn both_families(port: u16) -> io::Result<TcpListener> {
    let socket = net::socket_with(AddressFamily::INET6, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_ipv6_v6only(&socket, false)?;
    net::bind(&socket, &SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))?;
    net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

fn thread_with_small_stack() -> thread::Builder {
    thread::Builder::new().name("gate".into()).stack_size(STACK)
}

/// How much of a request's body is read, by its head, if it is not what the limits say.
type BodyLimit = dyn Fn(&Request) -> Option<Most> + Send + Sync;

/// What the threads share.
struct Door {
    limits: Limits,
    connections: Connections,
    workers: Workers,
    most: Box<BodyLimit>,
    /// For large bodies.
    bodies: Arc<Rooms>,
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
        let run = move || attend(&inside, &inside.connections.slot(connection).connection);
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
        Ok((request, room)) if connection.is_at(Stage::Asking) => {
            let until = Instant::now() + door.limits.answer_time;
            let line = format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default());
            let answer = door.workers.ask(request, room, until);
            let status = answer.as_ref().map_or_else(|refusal| refusal.status, |(reply, _)| reply.status);
            log::trace!("{} {line:?}: {status} after {} ms", connection.peer, began.elapsed().as_millis());
            answer
        }
        Ok(_) | Err(NoRequest::Gone) => return,
        Err(NoRequest::Refused(refusal)) => Err(refusal),
    };
    let (reply, _room) = match answer {
        Ok((reply, room)) => (reply, Some(room)),
        Err(refusal) => {
            log::debug!("refused a request from {}: {} {}", connection.peer, refusal.status, refusal.detail);
            (answer::told(&refusal, incoming.is_for_api()), None)
        }
    };
    thread::sleep(reply.delay);
    connection.is_at(Stage::Taking);
    let socket = timed::Writer { socket: &connection.stream, until: Instant::now() + door.limits.answer_time };
    let taken = answer::write(&reply, incoming.is_head(), socket);
    drop(_room);
    connection.is_at(Stage::Idle);
    if taken.is_ok() {
        linger(&connection.stream);
    }
}

/// Reads one request whole, and takes room for a large one.
fn receive(
    door: &Door,
    connection: &Connection,
    incoming: &mut Incoming,
) -> std::result::Result<(Request, Room), NoRequest> {
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
    let mut request = head.request;
    let Most { bytes, cut } = (door.most)(&request).unwrap_or(Most { bytes: limits.body, cut: false });
    let too_large = || Refusal::new(413, format!("the request's body is larger than {} KiB: {MORE}", bytes >> 10));
    let comes = match head.framing {
        Framing::Length(length) if length > bytes as u64 && !cut => return Err(too_large().into()),
        Framing::Length(length) => bytes.min(length as usize),
        Framing::Chunked => bytes,
    };
    let much = || Refusal::new(503, "too much is being sent at once: try again in a while");
    let room = door.bodies.take(if bytes > limits.body { comes } else { 0 }).ok_or_else(much)?;
    let until = Instant::now() + limits.body_time;
    let ahead = incoming.bytes.split_off(head.end);
    if head.waits && ahead.is_empty() && head.framing != Framing::Length(0) {
        let mut writer = timed::Writer { socket: &connection.stream, until };
        io::Write::write_all(&mut writer, b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = Body::new(&connection.stream, ahead, head.framing, until);
    body.by_ref().take(bytes as u64).read_to_end(&mut request.body)?;
    // a client that is refused meanwhile may never see why
    if io::copy(&mut body.take(if cut { u64::MAX } else { 1 }), &mut io::sink())? > 0 && !cut {
        return Err(too_large().into());
    }
    request.at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    Ok((request, room))
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

#[cfg(test)]
mod tests;
