//! A request's body as it comes: with a length, or in chunks.

use std::{
    io::{self, ErrorKind, Read},
    net::TcpStream,
    time::Instant,
};

use super::timed;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Length(u64),
    Chunked,
}

/// The bytes of a body, until a deadline.
pub struct Body<'a> {
    stream: &'a TcpStream,
    until: Instant,
    /// What came with the head, or has been read ahead.
    ahead: Vec<u8>,
    at: usize,
    framing: Framing,
    /// Bytes until the end of the body, or of this chunk.
    left: u64,
    ended: bool,
}

/// Bytes of a line between two chunks, and of all that follow the last one.
const MOST_LINE: usize = 256;
const MOST_TRAILERS: usize = 16;

impl<'a> Body<'a> {
    pub fn new(stream: &'a TcpStream, ahead: Vec<u8>, framing: Framing, until: Instant) -> Body<'a> {
        let left = match framing {
            Framing::Length(length) => length,
            Framing::Chunked => 0,
        };
        Body { stream, until, ahead, at: 0, framing, left, ended: framing == Framing::Length(0) }
    }

    fn more(&mut self) -> io::Result<()> {
        self.ahead.clear();
        self.at = 0;
        timed::receive(self.stream, &mut self.ahead, timed::PIECE, self.until)
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            if self.at == self.ahead.len() {
                self.more()?;
            }
            let byte = self.ahead[self.at];
            self.at += 1;
            match byte {
                b'\n' if line.last() == Some(&b'\r') => {
                    line.pop();
                    return Ok(line);
                }
                b'\n' => return Err(malformed()),
                _ if line.len() == MOST_LINE => return Err(malformed()),
                _ => line.push(byte),
            }
        }
    }

    /// The line before a chunk; after the last one, all the rest.
    fn next_chunk(&mut self) -> io::Result<()> {
        let line = self.line()?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
        let sound = !digits.is_empty() && digits.len() <= 8 && digits.iter().all(u8::is_ascii_hexdigit);
        let size = std::str::from_utf8(digits).ok().filter(|_| sound);
        self.left = size.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or_else(malformed)?;
        if self.left > 0 {
            return Ok(());
        }
        self.ended = true;
        for _ in 0..MOST_TRAILERS {
            if self.line()?.is_empty() {
                return Ok(());
            }
        }
        Err(malformed())
    }
}

fn malformed() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "the request's chunks are malformed")
}

impl Read for Body<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            self.next_chunk()?;
        }
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        if self.at == self.ahead.len() {
            self.more()?;
        }
        let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = (&self.ahead[self.at..]).read(&mut into[..most])?;
        self.at += read;
        self.left -= read as u64;
        if self.left == 0 {
            match self.framing {
                Framing::Length(_) => self.ended = true,
                Framing::Chunked => {
                    if !self.line()?.is_empty() {
                        return Err(malformed());
                    }
                }
            }
        }
        Ok(read)
    }
}
