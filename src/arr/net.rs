//! Whom to trust and how to find a host.

use std::{net::SocketAddr, path::Path, sync::mpsc, thread};

use dns_lookup::{AddrFamily, AddrInfoHints, SockType};
use ureq::{
    Error as Failure,
    config::Config,
    http::Uri,
    tls::{Certificate, RootCerts},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

use crate::{
    config::trust,
    error::{Error, Result},
};

/// The machine's certificates and those in `ca_file`; if there are neither, the ones that are built in.
pub(super) fn roots(ca_file: Option<&Path>) -> Result<RootCerts> {
    let named = |file: &Path| {
        trust::named(file).map_err(|cause| {
            Error::Config(format!("cannot use {}, named by PLEX_LINKER_CA_FILE: {cause}", file.display()))
        })
    };
    let named = ca_file.map(named).transpose()?.unwrap_or_default();
    let roots: Vec<_> =
        named.iter().chain(&trust::machine()).map(|found| Certificate::from_der(found).to_owned()).collect();
    Ok(if roots.is_empty() { RootCerts::WebPki } else { roots.into() })
}

/// Asks for IPv4 addresses alone when the lookup of both kinds fails: many home routers and ad blockers answer "no such name" for
/// the IPv6 address of a host that has only an IPv4 one, and musl then gives up on both.
#[derive(Debug, Default)]
pub(super) struct PatientResolver(DefaultResolver);

impl Resolver for PatientResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, Failure> {
        let failure = match self.0.resolve(uri, config, timeout) {
            Err(failure @ (Failure::Io(_) | Failure::HostNotFound)) => failure,
            done => return done,
        };
        let Some(host) = uri.host().map(str::to_string) else { return Err(failure) };
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let (sender, receiver) = mpsc::channel();
        // the lookup cannot be cut short: if it takes too long it is left behind
        _ = thread::Builder::new().spawn(move || sender.send(ipv4(&host, port)));
        let mut found = self.empty();
        for address in receiver.recv_timeout(*timeout.after).unwrap_or_default().into_iter().take(16) {
            found.push(address);
        }
        if found.is_empty() { Err(failure) } else { Ok(found) }
    }
}

fn ipv4(host: &str, port: u16) -> Vec<SocketAddr> {
    let hints = AddrInfoHints {
        address: AddrFamily::Inet.into(),
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let found = dns_lookup::getaddrinfo(Some(host), None, Some(hints)).into_iter().flatten();
    found.flatten().map(|info| SocketAddr::new(info.sockaddr.ip(), port)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_alone() {
        assert_eq!(ipv4("127.0.0.1", 7878), ["127.0.0.1:7878".parse().unwrap()]);
        assert_eq!(ipv4("localhost", 80), ["127.0.0.1:80".parse().unwrap()]);
        assert_eq!(ipv4("::1", 80), []);
        assert_eq!(ipv4("no-such-host.invalid", 80), []);
    }
}
