//! What is asked, and what comes back.

use std::{
    fmt,
    io::{self, Read},
};

use serde::de::{DeserializeOwned, Error, IgnoredAny};
use ureq::{
    Body, BodyReader,
    http::{HeaderMap, Response, StatusCode},
};

use crate::model::escaped;

/// Longer than any film or show.
const LONGEST_ITEM: u64 = 8 << 20;
/// So much of a body is read before serde looks at it: it reads bytes that lie there several times faster than those that arrive.
const AT_ONCE: u64 = 64 * 1024;
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
    left: u64,
}

impl Answer {
    pub fn new(response: Response<Body>, limit: u64) -> Answer {
        let (head, body) = response.into_parts();
        let body = body.into_with_config().limit(limit).reader();
        Answer { status: head.status, headers: head.headers, body, bytes: 0, beginning: Vec::new(), left: u64::MAX }
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
    pub fn json<T: DeserializeOwned>(&mut self) -> io::Result<T> {
        let mut whole = Window { answer: self, text: Vec::new(), used: 0 };
        let told = whole.item()?;
        whole.end().map(|()| told)
    }

    /// Hands every item of a list to `take`, in the memory of one item.
    pub fn each<W: DeserializeOwned>(&mut self, mut take: impl FnMut(W)) -> io::Result<()> {
        self.left = LONGEST_ITEM;
        let mut list = Window { answer: self, text: Vec::new(), used: 0 };
        if !list.passes(b'[')? {
            // serde says what it is instead
            return Ok(serde_json::from_slice::<Vec<IgnoredAny>>(&list.text).map(drop)?);
        }
        let mut goes_on = !list.passes(b']')?;
        while goes_on {
            take(list.item()?);
            list.answer.left = LONGEST_ITEM;
            goes_on = list.passes(b',')?;
            if !goes_on && !list.passes(b']')? {
                return Err(senseless("expected `,` or `]`"));
            }
        }
        list.end()
    }
}

/// An error for JSON that is sound, but makes no sense.
pub(super) fn senseless(what: &str) -> io::Error {
    serde_json::Error::custom(what).into()
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.bytes += count as u64;
        let missing = BEGINNING.saturating_sub(self.beginning.len()).min(count);
        self.beginning.extend_from_slice(&buffer[..missing]);
        let left = self.left.checked_sub(count as u64);
        let endless = || io::Error::new(io::ErrorKind::InvalidData, "one of its items is larger than 8 MiB");
        self.left = left.ok_or_else(endless)?;
        Ok(count)
    }
}

/// The part of a body that is in memory.
struct Window<'a> {
    answer: &'a mut Answer,
    text: Vec<u8>,
    /// So much of the text.
    used: usize,
}

impl Window<'_> {
    /// Reads as much again as is left, and more than most items have; false if nothing more comes.
    fn widen(&mut self) -> io::Result<bool> {
        self.text.drain(..self.used);
        self.used = 0;
        let more = AT_ONCE.max(self.text.len() as u64);
        Ok(self.answer.take(more).read_to_end(&mut self.text)? > 0)
    }

    fn is_at_its_end(&mut self) -> io::Result<bool> {
        loop {
            let blanks = self.text[self.used..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.used += blanks;
            if self.used < self.text.len() || !self.widen()? {
                return Ok(self.used == self.text.len());
            }
        }
    }

    /// An error if anything but blanks follows.
    fn end(&mut self) -> io::Result<()> {
        if self.is_at_its_end()? { Ok(()) } else { Err(senseless("trailing characters")) }
    }

    /// Whether this sign comes next; then it is used.
    fn passes(&mut self, sign: u8) -> io::Result<bool> {
        let passes = !self.is_at_its_end()? && self.text[self.used] == sign;
        self.used += passes as usize;
        Ok(passes)
    }

    fn item<W: DeserializeOwned>(&mut self) -> io::Result<W> {
        let mut is_all = false;
        loop {
            let text = &self.text[self.used..];
            // what is cut off behind one of these misses something, and half a number would be taken for a wrong one
            let cut = text.iter().rposition(|byte| is_all || b"\",]}".contains(byte));
            let text = cut.map_or(text, |last| &text[..=last]);
            let mut items = serde_json::Deserializer::from_slice(text).into_iter();
            match items.next() {
                Some(Ok(item)) => {
                    self.used += items.byte_offset();
                    return Ok(item);
                }
                Some(Err(error)) if is_all || !error.is_eof() => return Err(error.into()),
                None if is_all => return Err(senseless("it ends in the middle")),
                _ => is_all = !self.widen()?,
            }
        }
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
