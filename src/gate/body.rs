//! A request's body as it comes: with a length, or in chunks.

use std::io::{self, BufRead, ErrorKind, Read};

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Length(u64),
    Chunked,
}

impl Framing {
    /// The body in what comes after the head. To end before it does is an error of its source.
    pub fn body<'a>(self, source: impl BufRead + 'a) -> Box<dyn Read + 'a> {
        match self {
            Framing::Length(length) => Box::new(source.take(length)),
            Framing::Chunked => Box::new(Chunks { source, left: 0, ended: false }),
        }
    }
}

struct Chunks<R> {
    source: R,
    /// Bytes until the end of this chunk.
    left: u64,
    ended: bool,
}

/// Bytes of a line between two chunks, and of all that follow the last one.
const MOST_LINE: u64 = 256;
const MOST_TRAILERS: usize = 16;

impl<R: BufRead> Chunks<R> {
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.source.by_ref().take(MOST_LINE).read_until(b'\n', &mut line)?;
        line.strip_suffix(b"\r\n").map(<[u8]>::to_vec).ok_or_else(malformed)
    }

    /// The line before a chunk; after the last one, all the rest.
    fn next_chunk(&mut self) -> io::Result<()> {
        let line = self.line()?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
        let sound = digits.len() <= 8 && digits.iter().all(u8::is_ascii_hexdigit);
        let size = std::str::from_utf8(digits).ok().filter(|_| sound);
        self.left = size.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or_else(malformed)?;
        self.ended = self.left == 0;
        let mut trailers = 0;
        while self.ended && !self.line()?.is_empty() {
            trailers += 1;
            if trailers == MOST_TRAILERS {
                return Err(malformed());
            }
        }
        Ok(())
    }
}

fn malformed() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "the request's chunks are malformed")
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            self.next_chunk()?;
        }
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        let read = self.source.by_ref().take(self.left).read(into)?;
        self.left -= read as u64;
        if self.left == 0 && !self.line()?.is_empty() {
            return Err(malformed());
        }
        Ok(read)
    }
}
