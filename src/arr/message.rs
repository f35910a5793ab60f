//! What is asked, and what comes back.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufReader, Read},
    marker::PhantomData,
    rc::Rc,
};

use serde::{
    Deserializer,
    de::{DeserializeOwned, Error, SeqAccess, Visitor},
};
use ureq::{
    Body, BodyReader,
    http::{HeaderMap, Response, StatusCode},
};

use crate::model::escaped;

/// Longer than any film or show.
const LONGEST_ITEM: u64 = 8 << 20;
/// So much of a body is kept for messages, in bytes.
const BEGINNING: usize = 804;

/// What to ask.
pub(super) struct Question {
    /// Reads after "cannot ask radarr ".
    pub what: String,
    pub method: &'static str,
    /// Below the API path, with its query.
    pub target: String,
    pub body: Option<String>,
    /// It is about a whole library: the answer is large and slow.
    pub list: bool,
}

impl Question {
    pub fn get(what: impl Into<String>, target: impl Into<String>) -> Question {
        Question { what: what.into(), method: "GET", target: target.into(), body: None, list: false }
    }

    pub fn list(what: &str, target: &str) -> Question {
        Question { list: true, ..Question::get(what, target) }
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

/// An answer whose body has yet to be read.
pub(super) struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    body: BodyReader<'static>,
    /// What has been read of it.
    pub bytes: u64,
    beginning: Vec<u8>,
    /// What may come before an item of a list ends.
    left: Rc<Cell<u64>>,
}

impl Answer {
    pub fn new(response: Response<Body>, limit: u64) -> Answer {
        let (head, body) = response.into_parts();
        let body = body.into_with_config().limit(limit).reader();
        let left = Rc::new(Cell::new(u64::MAX));
        Answer { status: head.status, headers: head.headers, body, bytes: 0, beginning: Vec::new(), left }
    }

    pub fn header(&self, name: &str) -> Option<String> {
        Some(String::from_utf8_lossy(self.headers.get(name)?.as_bytes()).trim().to_string())
    }

    /// What the body is said to be, in lower case; empty if nothing is said.
    pub fn media_type(&self) -> String {
        let text = self.header("content-type").unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// As much of the body as a message may need, from where it has not been read.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        // what came before a failure is good enough here
        _ = self.take(64 * 1024).read_to_end(&mut text);
        text
    }

    /// The beginning of what has been read, for a message.
    pub fn shown(&self) -> String {
        if self.beginning.is_empty() { "(nothing)".into() } else { shown(&self.beginning) }
    }

    /// The whole body as JSON.
    pub fn json<T: DeserializeOwned>(&mut self) -> serde_json::Result<T> {
        serde_json::from_reader(BufReader::new(self))
    }

    /// Hands every item of a list to `take`, in the memory of one item.
    pub fn each<W: DeserializeOwned>(&mut self, take: impl FnMut(W)) -> serde_json::Result<()> {
        self.left.set(LONGEST_ITEM);
        let items = Items { take, left: self.left.clone(), item: PhantomData };
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(64 * 1024, self));
        json.deserialize_seq(items)?;
        json.end()
    }
}

/// An error for JSON that is sound, but makes no sense.
pub(super) fn senseless(what: &str) -> serde_json::Error {
    Error::custom(what)
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.bytes += count as u64;
        let missing = BEGINNING.saturating_sub(self.beginning.len()).min(count);
        self.beginning.extend_from_slice(&buffer[..missing]);
        let left = self.left.get().checked_sub(count as u64);
        let endless = || io::Error::new(io::ErrorKind::InvalidData, "one of its items is larger than 8 MiB");
        self.left.set(left.ok_or_else(endless)?);
        Ok(count)
    }
}

/// Reads a list item by item.
struct Items<W, F> {
    take: F,
    left: Rc<Cell<u64>>,
    item: PhantomData<W>,
}

impl<'de, W: DeserializeOwned, F: FnMut(W)> Visitor<'de> for Items<W, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element()? {
            (self.take)(item);
            self.left.set(LONGEST_ITEM);
        }
        Ok(())
    }
}

pub(super) fn percent_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
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
