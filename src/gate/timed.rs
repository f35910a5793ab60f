//! Reading and writing with a deadline for the whole, however slowly it drips.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// A socket until a deadline: `TimedOut` after it. That the other end sends no more is an error, too: `UnexpectedEof`.
pub struct Timed<'a> {
    pub socket: &'a TcpStream,
    pub until: Instant,
}

impl Read for Timed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.in_time(TcpStream::set_read_timeout, |mut socket| socket.read(into))?;
        if read == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.in_time(TcpStream::set_write_timeout, |mut socket| socket.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Timed<'_> {
    /// Calls with the time that is left. The system says `WouldBlock` where it means that the time is over.
    fn in_time(
        &self,
        limit: fn(&TcpStream, Option<Duration>) -> io::Result<()>,
        mut call: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            limit(self.socket, Some(left))?;
            match call(self.socket) {
                Err(cause) if matches!(cause.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
                other => return other,
            }
        }
    }
}
