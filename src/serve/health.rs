//! Whether the daemon on this machine answers: what a container's health check asks.

use std::net::{Ipv4Addr, SocketAddr};

use crate::{
    config::Serve,
    connect,
    error::{Error, Result},
};

/// The address at which it is well.
pub fn health(serve: &Serve) -> Result<String> {
    let host = if serve.host.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { serve.host };
    let url = format!("http://{}{}", SocketAddr::new(host, serve.port), serve.url_base);
    match connect::health(&url, "PLEX_LINKER_PORT", None) {
        Ok(()) => Ok(url),
        Err(problem) => Err(Error::Serve(problem.to_string())),
    }
}
