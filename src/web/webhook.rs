//! What Radarr and Sonarr send when something happened there: read from the stream, however long it is.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::state::Ask;

/// As much of an event as decides whether a run follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    event_type: String,
    delete_reason: Option<String>,
    episode_file: Option<File>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    /// Below the show's folder.
    relative_path: String,
}

impl Event {
    /// What the body tells; `None` if it is no JSON. An empty body, or other JSON, is an event of which nothing is known.
    pub fn read(body: impl Read) -> io::Result<Option<Event>> {
        let mut body = Shortened::new(body);
        match serde_json::from_reader(io::BufReader::new(&mut body)) {
            Ok(event) => Ok(Some(event)),
            Err(problem) if problem.is_io() => Err(problem.into()),
            Err(problem) if problem.is_data() || !body.any => Ok(Some(Event::default())),
            Err(_) => Ok(None),
        }
    }

    /// What is asked of the linker; `None`: nothing.
    pub fn wish(self) -> Option<Ask> {
        match (self.event_type.as_str(), self.delete_reason.as_deref()) {
            ("Test", _) => None,
            // the import that replaces it follows
            (_, Some("upgrade")) => None,
            ("EpisodeFileDelete", Some("missingFromDisk" | "manualOverride")) => {
                Some(self.episode_file.map_or(Ask::Soon, |file| Ask::Gone(file.relative_path)))
            }
            _ => Some(Ask::Soon),
        }
    }

    pub fn is_trial(&self) -> bool {
        self.event_type == "Test"
    }
}

/// The body of a webhook as it is handed on: short, whatever came. What is no JSON stays none.
pub fn shortened(body: &mut dyn Read) -> io::Result<Vec<u8>> {
    let event = Event::read(body)?;
    Ok(event.and_then(|event| serde_json::to_vec(&event).ok()).unwrap_or_else(|| b"?".to_vec()))
}

/// JSON as it comes, with the end of long texts left out and without a byte order mark, so that reading it takes no memory to speak of.
struct Shortened<R> {
    inner: R,
    /// Bytes that came, as far as they can be a mark.
    begun: usize,
    /// Whether anything but blanks came.
    any: bool,
    depth: usize,
    /// Bytes of the text that it is in.
    text: Option<usize>,
    /// So many bytes of an escape are to come.
    escaped: usize,
    /// The rest of the text is left out.
    cut: bool,
}

/// Bytes of a text, and brackets within each other.
const MOST_TEXT: usize = 4096;
const MOST_DEPTH: usize = 64;

impl<R> Shortened<R> {
    fn new(inner: R) -> Shortened<R> {
        Shortened { inner, begun: 0, any: false, depth: 0, text: None, escaped: 0, cut: false }
    }

    /// Whether a byte stays.
    fn keeps(&mut self, byte: u8) -> io::Result<bool> {
        if self.begun < 3 {
            self.begun += 1;
            if byte == b"\xef\xbb\xbf"[self.begun - 1] {
                return Ok(false);
            }
            self.begun = 3;
        }
        self.any |= !byte.is_ascii_whitespace();
        let Some(length) = self.text else {
            match byte {
                b'"' => self.text = Some(0),
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > MOST_DEPTH {
                return Err(io::Error::other("it is nested too deeply"));
            }
            return Ok(true);
        };
        if self.escaped == 0 && byte == b'"' {
            (self.text, self.cut) = (None, false);
            return Ok(true);
        }
        // between two characters, so that none is halved
        let begins = self.escaped == 0 && byte & 0xc0 != 0x80;
        self.cut |= begins && length >= MOST_TEXT;
        self.escaped = match (self.escaped, byte) {
            (0, b'\\') => 1,
            (1, b'u') => 4,
            (left, _) => left.saturating_sub(1),
        };
        self.text = Some(length + 1);
        Ok(!self.cut)
    }
}

impl<R: Read> Read for Shortened<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.inner.read(into)?;
            if read == 0 {
                return Ok(0);
            }
            let mut kept = 0;
            for at in 0..read {
                let byte = into[at];
                if self.keeps(byte)? {
                    into[kept] = byte;
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}
