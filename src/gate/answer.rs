//! What a client is told: how tiny_http writes an answer, and what is said of what is no request.

use std::io::{self, ErrorKind, Write};

use tiny_http::{HTTPVersion, Header, Response, StatusCode};

use crate::web::{Refusal, Reply};

/// Why there is no whole request.
pub enum NoRequest {
    Refused(Refusal),
    /// The client has gone, or was sent away: nobody is there to be told.
    Gone,
}

impl From<Refusal> for NoRequest {
    fn from(refusal: Refusal) -> NoRequest {
        NoRequest::Refused(refusal)
    }
}

impl From<io::Error> for NoRequest {
    fn from(cause: io::Error) -> NoRequest {
        match cause.kind() {
            ErrorKind::TimedOut => Refusal::new(408, "the request took too long to arrive").into(),
            ErrorKind::InvalidData | ErrorKind::Other => Refusal::new(400, cause.to_string()).into(),
            _ => NoRequest::Gone,
        }
    }
}

/// JSON for the API, else a line of text.
pub fn told(refusal: &Refusal, for_api: bool) -> Reply {
    let text = || refusal.complete(Reply::text(refusal.status, format!("{}\n", refusal.detail)));
    if for_api { refusal.json() } else { text() }.sealed()
}

/// Writes an answer whole. To HEAD, its body is not sent.
pub fn write(reply: &Reply, to_head: bool, mut socket: impl Write) -> io::Result<()> {
    const CLOSE: &[u8] = b"\r\nConnection: close";
    let headers = reply.headers.iter();
    let headers = headers.filter_map(|(name, value)| Header::from_bytes(name.as_bytes(), value.as_bytes()).ok());
    let response =
        Response::new(StatusCode(reply.status), headers.collect(), io::empty(), Some(reply.body.len()), None);
    let mut head = Vec::new();
    // never in chunks, however long it is
    response.with_chunked_threshold(usize::MAX).raw_print(&mut head, HTTPVersion(1, 1), &[], true, None)?;
    // which tiny_http keeps to itself
    let line = head.iter().position(|byte| *byte == b'\r').unwrap_or(head.len());
    head.splice(line..line, CLOSE.iter().copied());
    socket.write_all(&head)?;
    if to_head { Ok(()) } else { socket.write_all(&reply.body) }
}
