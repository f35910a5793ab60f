//! Connections in, whole, small, well-formed requests to the workers, answers back.
//!
//! tiny_http must not face a network: one request can end the process or hold a worker for ever, and a few hundred idle connections
//! end its accept loop. So it only writes the answers. One thread a connection, one request a connection.

mod answer;
mod body;
mod connections;
mod exchange;
mod limits;
mod request;
mod timed;
mod workers;

use std::{
    fs,
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::net::{self, AddressFamily, SocketFlags, SocketType, sockopt};

use crate::{
    error::{Error, Result},
    web::{Most, Refusal, Reply, Request},
};
use connections::{Connection, Connections};
use exchange::{Door, attend};
pub use limits::Limits;
use workers::{Answers, Rooms, Workers};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;

/// Enough for a connection's thread, whose buffers are on the heap; what is refused is a page that is made on it.
const STACK: usize = 256 << 10;

/// A rest after a system that had no descriptor or no thread left.
const REST: Duration = Duration::from_millis(20);

/// As many connections give way then, so that there is room for others than us too.
const SPARE: usize = 8;

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
    /// `most`: how much of a request's body is read, by its head, if it is not what the limits say.
    /// `refuse`: the answer to a request that nobody has come to.
    pub fn open(
        self,
        most: impl Fn(&Request) -> Option<Most> + Send + Sync + 'static,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
        refuse: impl Fn(&Request, &Refusal) -> Reply + Send + Sync + 'static,
    ) -> Result<()> {
        let Gate { listener, address, mut limits } = self;
        limits.connections = affordable(limits.connections, descriptors());
        let no_thread = |cause| Error::Serve(format!("cannot serve on {address}: cannot start a thread: {cause}"));
        let answers = Answers { most: Box::new(most), answer: Box::new(answer), refuse: Box::new(refuse) };
        let answers = Arc::new(answers);
        let door = Arc::new(Door {
            connections: Connections::new(limits.connections),
            workers: Workers::start(&limits, &answers).map_err(no_thread)?,
            answers,
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
    let mut said = None;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                let connection = door.connections.admit(stream, peer.ip().to_canonical());
                // as soon as the system has a thread
                while let Err(cause) = start(door.clone(), connection.clone()) {
                    relieve(door, &cause, &mut said);
                }
            }
            Err(cause) if matches!(cause.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            Err(cause) => relieve(door, &cause, &mut said),
        }
    }
}

/// Starts the connection's thread.
fn start(door: Arc<Door>, connection: Arc<Connection>) -> io::Result<()> {
    let run = move || {
        attend(&door, &connection);
        door.connections.leave(&connection);
    };
    thread_with_small_stack().spawn(run).map(drop)
}

/// The system has no descriptor or no thread left: makes room and rests, and says so once a minute.
fn relieve(door: &Door, cause: &io::Error, said: &mut Option<Instant>) {
    if said.is_none_or(|said| said.elapsed() > Duration::from_secs(60)) {
        log::warn!("cannot take another connection: {cause}: those that wait are sent away");
        *said = Some(Instant::now());
    }
    door.connections.give_way(SPARE);
    thread::sleep(REST);
}

#[cfg(test)]
mod tests;
