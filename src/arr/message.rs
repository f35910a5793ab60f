//! What is asked, and what comes back.

use std::{
    fmt,
    io::{self, Read},
    time::Duration,
};

use ureq::{
    Body, BodyReader,
    http::{Response, StatusCode},
};

use crate::model::escaped;

/// What to ask.
pub(super) struct Question {
    /// Reads after "cannot ask radarr ".
    pub what: String,
    pub method: &'static str,
    /// Below the API path, with its query.
    pub target: String,
    pub body: Option<String>,
    pub list: bool,
}

/// An answer whose body has yet to be read.
pub(super) struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub retry_after: Option<Duration>,
    /// How its body is packed.
    pub encoding: Option<String>,
    content_type: Option<String>,
    pub version: Option<String>,
    body: BodyReader<'static>,
    pub bytes: u64,
}

impl Question {
    pub fn new(
        method: &'static str,
        what: impl Into<String>,
        target: impl Into<String>,
        body: Option<String>,
    ) -> Question {
        Question { what: what.into(), method, target: target.into(), body, list: false }
    }

    pub fn small(what: impl Into<String>, target: impl Into<String>) -> Question {
        Question::new("GET", what, target, None)
    }

    /// A whole library: large and slow.
    pub fn list(what: &str, target: &str) -> Question {
        Question { list: true, ..Question::small(what, target) }
    }

    /// Without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// `GET /movie?excludeLocalCovers=true`
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

impl Answer {
    pub fn new(response: Response<Body>, limit: u64) -> Answer {
        let (head, body) = response.into_parts();
        let header = |name: &str| {
            let value = head.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).trim().to_string())
        };
        Answer {
            status: head.status,
            location: header("location"),
            retry_after: header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs),
            encoding: header("content-encoding").filter(|text| !text.eq_ignore_ascii_case("identity")),
            content_type: header("content-type"),
            version: header("x-application-version"),
            body: body.into_with_config().limit(limit).reader(),
            bytes: 0,
        }
    }

    /// What the body is said to be, in lower case; empty if nothing is said.
    pub fn media_type(&self) -> String {
        let text = self.content_type.as_deref().unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// As much of the body as a message may need.
    pub fn beginning(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        // what came before a failure is good enough here
        _ = self.take(64 * 1024).read_to_end(&mut text);
        text
    }
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The first 200 characters of a text that someone else wrote: on one line, with nothing in it that a terminal would obey.
pub(super) fn shown(text: &[u8]) -> String {
    const MOST: usize = 200;
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * MOST + 4)]);
    let mut shown = escaped(&text.chars().take(MOST).collect::<String>());
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
