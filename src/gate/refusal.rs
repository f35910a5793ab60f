//! What a client is told whose request is not handed over, or not answered; and how tiny_http writes what it is told.

use std::io::{self, ErrorKind, Write};

use tiny_http::{HTTPVersion, Header, Response, StatusCode};

use crate::web::Reply;

/// A status and one sentence about it.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub sentence: String,
}

/// Why there is no whole request.
pub enum Stop {
    Refused(Refusal),
    /// The client has gone, or was sent away: nobody is there to be told.
    Gone,
}

pub fn refused<T>(status: u16, sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { status, sentence: sentence.into() })
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<io::Error> for Stop {
    fn from(cause: io::Error) -> Stop {
        let refused = |status, sentence| Stop::Refused(Refusal { status, sentence });
        match cause.kind() {
            ErrorKind::TimedOut => refused(408, "the request took too long to arrive".into()),
            ErrorKind::InvalidData | ErrorKind::Other => refused(400, cause.to_string()),
            _ => Stop::Gone,
        }
    }
}

impl Refusal {
    /// JSON for the API, else a line of text.
    pub fn reply(&self, for_api: bool) -> Reply {
        let reply = match for_api {
            true => Reply::json(self.status, &serde_json::json!({ "detail": self.sentence })),
            false => Reply::text(self.status, format!("{}\n", self.sentence)),
        };
        let reply = reply.sealed();
        if self.status == 503 { reply.with("Retry-After", "5") } else { reply }
    }
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
