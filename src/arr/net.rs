//! Whom to trust and how to find a host.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::mpsc,
    thread,
};

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
    let named = ca_file.map(|file| trust::named(file, "PLEX_LINKER_CA_FILE").map_err(Error::Config));
    let named = named.transpose()?.unwrap_or_default();
    let roots: Vec<_> =
        named.iter().chain(&trust::machine()).map(|found| Certificate::from_der(found).to_owned()).collect();
    Ok(if roots.is_empty() { RootCerts::WebPki } else { roots.into() })
}

/// Asks for IPv4 addresses alone when the lookup of both kinds fails: many home routers and ad blockers answer "no such name" for
/// the IPv6 address of a host that has only an IPv4 one, and musl then gives up on both. Nobody is asked for `localhost`, which not every
/// /etc/hosts has.
#[derive(Debug, Default)]
pub(super) struct PatientResolver(DefaultResolver);

impl Resolver for PatientResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, Failure> {
        let host = uri.host().unwrap_or_default().to_string();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let mut found = self.empty();
        if host.eq_ignore_ascii_case("localhost") {
            found.push((Ipv4Addr::LOCALHOST, port).into());
            found.push((Ipv6Addr::LOCALHOST, port).into());
            return Ok(found);
        }
        let failure = match self.0.resolve(uri, config, timeout) {
            Err(failure @ (Failure::Io(_) | Failure::HostNotFound)) => failure,
            done => return done,
        };
        let (sender, receiver) = mpsc::channel();
        // the lookup cannot be cut short: if it takes too long it is left behind
        _ = thread::Builder::new().spawn(move || sender.send(ipv4(&host, port)));
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
