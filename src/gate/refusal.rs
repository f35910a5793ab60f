//! What a client is told whose request is not handed over, or not answered; and how tiny_http writes what it is told.

use std::io::{self, BufWriter, Cursor, ErrorKind, Write};

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
pub fn write(reply: &Reply, to_head: bool, socket: impl Write) -> io::Result<()> {
    let close = [("Connection".to_string(), "close".to_string())];
    let headers = close.iter().chain(&reply.headers);
    let headers = headers.filter_map(|(name, value)| Header::from_bytes(name.as_bytes(), value.as_bytes()).ok());
    let length = reply.body.len();
    let body = Cursor::new(reply.body.as_slice());
    // it is never chunked, however long it is
    let response = Response::new(StatusCode(reply.status), headers.collect(), body, Some(length), None)
        .with_chunked_threshold(usize::MAX);
    let mut writer = BufWriter::new(socket);
    response.raw_print(&mut writer, HTTPVersion(1, 1), &[], to_head, None)?;
    writer.flush()
}
