//! Whether the daemon on this machine answers: what a container's health check asks.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use crate::{
    config::Serve,
    error::{Error, Result},
};

/// As long as it may take to answer.
const SOON: Duration = Duration::from_secs(10);

/// The address at which it is well.
pub fn health(serve: &Serve) -> Result<SocketAddr> {
    let host = if serve.host.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { serve.host };
    let address = SocketAddr::new(host, serve.port);
    let problem = match answer(address, &serve.url_base) {
        Ok(start) if start == *b"HTTP/1.1 200" => return Ok(address),
        Ok(_) => "its answer is not the daemon's: is another program at this port".to_string(),
        Err(cause) => format!("{cause}: start it with \"plex-linker serve\""),
    };
    Err(Error::Serve(format!("nothing is well at http://{address}{}: {problem}", serve.url_base)))
}

fn answer(address: SocketAddr, url_base: &str) -> io::Result<[u8; 12]> {
    let mut stream = TcpStream::connect_timeout(&address, SOON)?;
    stream.set_read_timeout(Some(SOON))?;
    write!(stream, "GET {url_base}/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; 12];
    stream.read_exact(&mut start).map(|()| start)
}
