//! One connection from its first byte to its last: one request, and its answer.

use std::{
    io::{self, BufReader, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    answer,
    body::Framing,
    connections::{Connection, Connections, Phase},
    limits::Limits,
    request::Incoming,
    timed::Timed,
    workers::{Answers, Received, Rooms, Workers},
};
use crate::{
    clock,
    web::{Most, Refusal},
};

/// As much as one read usually takes.
const PIECE: usize = 4096;

/// Where there is no room for so many rules.
const MORE: &str = "\"plex-linker rules import\" takes more at once";

/// How long, and for how many bytes, a client is listened to after its answer.
const LINGER_TIME: Duration = Duration::from_millis(500);
const LINGER: u64 = 256 << 10;

/// What the threads share.
pub struct Door {
    pub limits: Limits,
    pub connections: Connections,
    pub workers: Workers,
    pub answers: Arc<Answers>,
    /// For large bodies.
    pub bodies: Arc<Rooms>,
}

/// Why there is no whole request. `None`: the client has gone, or was sent away, and nobody is there to be told.
type NoRequest = Option<Refusal>;

fn why(cause: io::Error) -> NoRequest {
    match cause.kind() {
        ErrorKind::TimedOut => Some(Refusal::new(408, "the request took too long to arrive")),
        ErrorKind::InvalidData => Some(Refusal::new(400, cause.to_string())),
        _ => None,
    }
}

pub fn attend(door: &Door, connection: &Connection) {
    let mut incoming = Incoming::default();
    let began = Instant::now();
    let refused = |refusal: &Refusal| {
        log::debug!("refused a request from {}: {} {}", connection.peer, refusal.status, refusal.detail);
    };
    let (reply, room) = match receive(door, connection, &mut incoming) {
        Ok(received) if connection.is_at(Phase::Asking) => {
            let request = &received.request;
            let answered = door.workers.ask(&received, Instant::now() + door.limits.answer_time);
            let status = answered.as_ref().map_or_else(|refusal| refusal.status, |(reply, _)| reply.status);
            let (method, path) = (&request.method, request.path.split('?').next().unwrap_or_default());
            let took = began.elapsed().as_millis();
            log::trace!("{} {:?}: {status} after {took} ms", connection.peer, format!("{method} {path}"));
            match answered {
                Ok((reply, room)) => (reply, Some(room)),
                Err(refusal) => {
                    refused(&refusal);
                    ((door.answers.refuse)(request, &refusal), None)
                }
            }
        }
        Err(Some(refusal)) => {
            refused(&refusal);
            (refusal.told(incoming.is_for_api()), None)
        }
        Ok(_) | Err(None) => return,
    };
    thread::sleep(reply.delay);
    connection.is_at(Phase::Taking);
    let socket = Timed { socket: &connection.stream, until: Instant::now() + door.limits.answer_time };
    let taken = answer::write(&reply, incoming.is_head(), socket);
    drop(room);
    connection.is_at(Phase::Idle);
    if taken.is_ok() {
        linger(&connection.stream);
    }
}

/// Reads one request whole, and takes room for a large one.
fn receive(door: &Door, connection: &Connection, incoming: &mut Incoming) -> Result<Arc<Received>, NoRequest> {
    let limits = &door.limits;
    let mut socket = Timed { socket: &connection.stream, until: Instant::now() + limits.head_time };
    let mut piece = [0; PIECE];
    let head = loop {
        match socket.read(&mut piece) {
            Ok(read) => incoming.bytes.extend(&piece[..read]),
            // a browser connects beforehand and would show what it is told without having asked
            Err(_) if incoming.bytes.is_empty() => return Err(None),
            Err(cause) => return Err(why(cause)),
        }
        if let Some(head) = incoming.head(connection.peer, limits)? {
            break head;
        }
    };
    let mut request = head.request;
    let Most { bytes, cut } = (door.answers.most)(&request).unwrap_or(Most { bytes: limits.body, cut: false });
    let too_large = || Refusal::new(413, format!("the request's body is larger than {} KiB: {MORE}", bytes >> 10));
    let comes = match head.framing {
        Framing::Length(length) if length > bytes as u64 && !cut => return Err(too_large().into()),
        Framing::Length(length) => bytes.min(length as usize),
        Framing::Chunked => bytes,
    };
    let much = || Refusal::new(503, "too much is being sent at once: try again in a while");
    let room = door.bodies.take(if bytes > limits.body { comes } else { 0 }).ok_or_else(much)?;
    socket.until = Instant::now() + limits.body_time;
    let ahead = incoming.bytes.split_off(head.end);
    if head.waits && ahead.is_empty() && head.framing != Framing::Length(0) {
        socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(why)?;
    }
    let mut body = head.framing.body(BufReader::with_capacity(PIECE, ahead.as_slice().chain(socket)));
    body.by_ref().take(bytes as u64).read_to_end(&mut request.body).map_err(why)?;
    // what is cut is read to its end: a client that still sends may never see its answer
    if io::copy(&mut body.take(if cut { u64::MAX } else { 1 }), &mut io::sink()).map_err(why)? > 0 && !cut {
        return Err(too_large().into());
    }
    request.at = clock::now();
    Ok(Arc::new(Received { request, _room: room }))
}

/// Says that nothing more will come, and listens a little to a client that still sends: it would lose its answer otherwise, since
/// closing a connection over unread bytes resets it.
fn linger(stream: &TcpStream) {
    if stream.shutdown(Shutdown::Write).is_ok() {
        let socket = Timed { socket: stream, until: Instant::now() + LINGER_TIME };
        let _ = io::copy(&mut socket.take(LINGER), &mut io::sink());
    }
}
