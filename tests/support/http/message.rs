//! Requests, answers, and what can be wrong with an answer.

use std::{
    fmt,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

/// A request as it came, read whole.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    /// As sent, without the question mark; may be empty.
    pub query: String,
    /// In the order sent, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What to answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub fault: Option<Fault>,
}

/// What goes wrong with an answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is reset before the first byte.
    Reset,
    /// The same, and from then on nothing listens any more.
    Leave,
    /// This many bytes of the answer, head included, then a reset.
    CutAfter(usize),
    /// This many bytes of the answer, then an orderly end.
    EndAfter(usize),
    /// This many bytes of the answer, then nothing more for as long as the client waits.
    SilentAfter(usize),
    /// One byte each so often.
    Drip(Duration),
    /// The answer, but not before this can be locked.
    Behind(&'static Mutex<()>),
    /// These bytes in place of an answer, then an orderly end.
    Raw(Vec<u8>),
    /// The body again and again, in chunks, without end.
    Endless,
    /// This `Content-Length` whatever the body has, then an orderly end.
    Length(u64),
    /// One more header whose value has this many bytes.
    HugeHeader(usize),
}

impl Fault {
    /// The request is read and never answered.
    pub const SILENT: Fault = Fault::SilentAfter(0);

    /// `Behind` a door that is shut until the guard goes.
    pub fn behind_a_door() -> (Fault, MutexGuard<'static, ()>) {
        let door: &'static Mutex<()> = Box::leak(Box::default());
        (Fault::Behind(door), door.lock().unwrap())
    }
}

impl Request {
    /// Path and query as sent.
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// By its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded; the name in any case, as the apps take it.
    pub fn param(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| decode(value))
    }

    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// `GET /path?query`, and the body after it if there is one.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target())?;
        if !self.body.is_empty() {
            write!(f, " {}", String::from_utf8_lossy(&self.body))?;
        }
        Ok(())
    }
}

impl Answer {
    /// A status and nothing else.
    pub fn status(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new(), fault: None }
    }

    pub fn json(text: impl Into<Vec<u8>>) -> Answer {
        Answer::typed("application/json; charset=utf-8", text)
    }

    pub fn html(text: impl Into<Vec<u8>>) -> Answer {
        Answer::typed("text/html", text)
    }

    fn typed(content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { body: body.into(), ..Answer::status(200) }.header("Content-Type", content_type)
    }

    /// In place of the kind that it has.
    pub fn of_kind(mut self, kind: &str) -> Answer {
        self.headers.retain(|(name, _)| name != "Content-Type");
        self.header("Content-Type", kind)
    }

    pub fn code(self, status: u16) -> Answer {
        Answer { status, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same answer, but this goes wrong with it.
    pub fn with(self, fault: Fault) -> Answer {
        Answer { fault: Some(fault), ..self }
    }

    /// As it goes over the wire, but for what its fault does then.
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &match self.fault {
            Some(Fault::Endless) => "Transfer-Encoding: chunked\r\n".to_string(),
            Some(Fault::Length(length)) => format!("Content-Length: {length}\r\n"),
            _ => format!("Content-Length: {}\r\n", self.body.len()),
        };
        if let Some(Fault::HugeHeader(length)) = self.fault {
            head += &format!("X-Huge: {}\r\n", "x".repeat(length));
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        if !matches!(self.fault, Some(Fault::Endless)) {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// An answer of a status alone that never arrives as it should.
impl From<Fault> for Answer {
    fn from(fault: Fault) -> Answer {
        Answer::json("[]").with(fault)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Some Status",
    }
}

/// Undoes percent encoding and `+` for a blank.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        let (byte, left) = match (first, hex) {
            (b'%', Some(byte)) => (byte, &tail[2..]),
            (b'+', _) => (b' ', tail),
            (byte, _) => (*byte, tail),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
