//! JSON as it arrives: the items of a list one by one, in the memory of one item.

use std::io;

use serde::de::DeserializeOwned;

use super::{message::shown, skim};

/// What is read at once. A film has about 5 KB; what is left of one at the end is read a second time with the rest of it.
const WINDOW: usize = 128 * 1024;
/// Longer than any film or show.
const LONGEST_ITEM: usize = 8 * 1024 * 1024;

/// Why an answer could not be read.
pub(super) enum Broken {
    /// It did not arrive.
    Off(io::Error),
    /// It is not what it should be; the end of a sentence, as that of a [`Fault`](super::fault::Fault).
    Text(String),
}

/// What an answer was read as.
pub(super) type Read<T> = Result<T, Broken>;

impl Broken {
    /// It is sound JSON, but of something that makes no sense.
    pub fn not_expected(what: &str) -> Broken {
        Broken::Text(format!("its answer is not the JSON expected, {what}"))
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Off(error)
    }
}

/// Hands every item of a list to `take`. `Err` if it is no list, or one of the items is nothing that `take` takes.
pub(super) fn each<W: DeserializeOwned>(from: &mut dyn io::Read, mut take: impl FnMut(W)) -> Read<()> {
    each_text(from, |text| {
        take(parsed(text)?);
        Ok(())
    })
}

/// All items of a short list.
pub(super) fn list<W: DeserializeOwned>(from: &mut dyn io::Read) -> Read<Vec<W>> {
    let mut items = Vec::new();
    each(from, |item| items.push(item))?;
    Ok(items)
}

/// Hands every item over as it is; what is between their braces has not been looked at.
pub(super) fn each_text(from: &mut dyn io::Read, mut take: impl FnMut(&[u8]) -> Read<()>) -> Read<()> {
    let mut window = Window { from, buffer: vec![0; WINDOW], start: 0, end: 0 };
    if window.next_byte()? != Some(b'[') {
        return Err(window.unexpected("it is no list"));
    }
    window.start += 1;
    let mut first = true;
    loop {
        match window.next_byte()? {
            Some(b']') if first => break,
            Some(b'{') => take(window.item()?)?,
            None => return Err(window.unexpected("it ends in the middle")),
            Some(_) => return Err(window.unexpected("one of its items is no object")),
        }
        first = false;
        match window.next_byte()? {
            Some(b',') => window.start += 1,
            Some(b']') => break,
            None => return Err(window.unexpected("it ends in the middle")),
            Some(_) => return Err(window.unexpected("its items are not separated")),
        }
    }
    window.start += 1;
    match window.next_byte()? {
        None => Ok(()),
        Some(_) => Err(window.unexpected("it goes on after its end")),
    }
}

/// The whole answer as one object.
pub(super) fn object<W: DeserializeOwned>(from: &mut dyn io::Read) -> Read<W> {
    let mut text = Vec::new();
    from.read_to_end(&mut text)?;
    // serde would take a list's items for the fields
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(unexpected("it is no object", &text));
    }
    parsed(&text)
}

pub(super) fn parsed<W: DeserializeOwned>(text: &[u8]) -> Read<W> {
    serde_json::from_slice(text).map_err(|error| unexpected(&words(&error), text))
}

/// The part of the answer that is in memory.
struct Window<'a> {
    from: &'a mut dyn io::Read,
    buffer: Vec<u8>,
    /// What lies between these two has been read but not used.
    start: usize,
    end: usize,
}

impl Window<'_> {
    /// The next byte that is not blank; it is not used up. `None` at the end.
    fn next_byte(&mut self) -> Read<Option<u8>> {
        loop {
            match self.buffer[self.start..self.end].iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(blanks) => {
                    self.start += blanks;
                    return Ok(Some(self.buffer[self.start]));
                }
                None => self.start = self.end,
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn item(&mut self) -> Read<&[u8]> {
        loop {
            if let Some(length) = skim::object(&self.buffer[self.start..self.end]) {
                let item = self.start..self.start + length;
                self.start = item.end;
                return Ok(&self.buffer[item]);
            }
            if !self.fill()? {
                return Err(self.unexpected("it ends in the middle"));
            }
        }
    }

    /// Reads until the window is full; a window that is full already is made wider. False if there was nothing more.
    fn fill(&mut self) -> Read<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.end == self.buffer.len() {
            if self.end >= LONGEST_ITEM {
                return Err(self.unexpected("one of its items is larger than 8 MiB"));
            }
            self.buffer.resize(self.end * 2, 0);
        }
        let before = self.end;
        while self.end < self.buffer.len() {
            match self.from.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.end > before)
    }

    fn unexpected(&self, problem: &str) -> Broken {
        unexpected(problem, &self.buffer[self.start..self.end])
    }
}

fn unexpected(problem: &str, text: &[u8]) -> Broken {
    let text = shown(text);
    let text = if text.is_empty() { "(nothing)" } else { &text };
    Broken::Text(format!("its answer is not the JSON expected, {problem}: {text}"))
}

/// serde_json's words, without its line and column: they count from where we began to look.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    shown(text.as_bytes())
}
