//! Reading and writing with a deadline for the whole, however slowly it drips.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

/// A socket whose calls can be limited in time.
pub trait Socket {
    fn limit_reads(&self, time: Duration) -> io::Result<()>;
    fn limit_writes(&self, time: Duration) -> io::Result<()>;
}

impl Socket for TcpStream {
    fn limit_reads(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))
    }

    fn limit_writes(&self, time: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(time))
    }
}

impl Socket for UnixStream {
    fn limit_reads(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))
    }

    fn limit_writes(&self, time: Duration) -> io::Result<()> {
        self.set_write_timeout(Some(time))
    }
}

/// As much as one read usually takes.
pub const PIECE: usize = 4096;

/// Appends what comes next, from one byte to `most`: `UnexpectedEof` at the end, `TimedOut` after the deadline.
pub fn receive<'a, S>(socket: &'a S, into: &mut Vec<u8>, most: usize, until: Instant) -> io::Result<()>
where
    S: Socket,
    &'a S: Read,
{
    let seen = into.len();
    into.resize(seen + most, 0);
    let read = in_time(until, |left| {
        socket.limit_reads(left)?;
        (&*socket).read(&mut into[seen..])
    });
    into.truncate(seen + read.as_ref().copied().unwrap_or(0));
    match read {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        other => other.map(drop),
    }
}

/// Writes all: `TimedOut` after the deadline.
pub fn send<'a, S>(socket: &'a S, mut bytes: &[u8], until: Instant) -> io::Result<()>
where
    S: Socket,
    &'a S: Write,
{
    while !bytes.is_empty() {
        let written = in_time(until, |left| {
            socket.limit_writes(left)?;
            (&*socket).write(bytes)
        })?;
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
    }
    Ok(())
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
