//! What a client is told whose request is not handed over, or not answered.

use std::io::{self, ErrorKind};

use super::request::Incoming;

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
        if cause.kind() == ErrorKind::TimedOut {
            let sentence = "the request took too long to arrive".into();
            return Stop::Refused(Refusal { status: 408, sentence });
        }
        Stop::Gone
    }
}

impl Refusal {
    /// The whole answer: JSON for the API, else a line of text.
    pub fn page(&self, request: &Incoming) -> Vec<u8> {
        let (kind, body) = if request.is_for_api() {
            ("application/json", serde_json::json!({ "detail": self.sentence }).to_string())
        } else {
            ("text/plain; charset=utf-8", format!("{}\n", self.sentence))
        };
        let Refusal { status, .. } = self;
        let (reason, length) = (self.reason(), body.len());
        let later = if *status == 503 { "Retry-After: 5\r\n" } else { "" };
        let body = if request.is_head() { "" } else { &body };
        format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{later}\
             Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n\
             Cross-Origin-Resource-Policy: same-origin\r\n\r\n{body}"
        )
        .into_bytes()
    }

    fn reason(&self) -> &'static str {
        match self.status {
            400 => "Bad Request",
            408 => "Request Timeout",
            413 => "Content Too Large",
            431 => "Request Header Fields Too Large",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            505 => "HTTP Version Not Supported",
            _ => "Error",
        }
    }
}
