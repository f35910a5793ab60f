//! Reading and writing with a deadline for the whole, however slowly it drips.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// As much as one read usually takes.
pub const PIECE: usize = 4096;

/// Appends what comes next, from one byte to `most`: `UnexpectedEof` at the end, `TimedOut` after the deadline.
pub fn receive(mut socket: &TcpStream, into: &mut Vec<u8>, most: usize, until: Instant) -> io::Result<()> {
    let seen = into.len();
    into.resize(seen + most, 0);
    let read = in_time(until, |left| {
        socket.set_read_timeout(Some(left))?;
        socket.read(&mut into[seen..])
    });
    into.truncate(seen + read.as_ref().copied().unwrap_or(0));
    match read {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        other => other.map(drop),
    }
}

/// Writes until a deadline: `TimedOut` after it.
pub struct Writer<'a> {
    pub socket: &'a TcpStream,
    pub until: Instant,
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        in_time(self.until, |left| {
            self.socket.set_write_timeout(Some(left))?;
            self.socket.write(bytes)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Calls with the time that is left. The system says `WouldBlock` where it means that the time is over.
fn in_time(until: Instant, mut call: impl FnMut(Duration) -> io::Result<usize>) -> io::Result<usize> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        match call(left) {
            Err(cause) if matches!(cause.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            other => return other,
        }
    }
}
