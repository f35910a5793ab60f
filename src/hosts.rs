//! From a host's name to its addresses, where the system's lookup alone does not do.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs},
};

use dns_lookup::{AddrFamily, AddrInfoHints, SockType};

/// Nobody is asked for `localhost`, which not every /etc/hosts has.
pub fn local(host: &str, port: u16) -> Vec<SocketAddr> {
    let both = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    let addresses = both.map(|address| SocketAddr::new(address, port)).to_vec();
    if host.eq_ignore_ascii_case("localhost") { addresses } else { Vec::new() }
}

/// The IPv4 addresses alone, when the lookup of both kinds has failed: many home routers and ad blockers answer "no such name" for the
/// IPv6 address of a host that has only an IPv4 one, and musl then gives up on both.
pub fn ipv4(host: &str, port: u16) -> Vec<SocketAddr> {
    let hints = AddrInfoHints {
        address: AddrFamily::Inet.into(),
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let found = dns_lookup::getaddrinfo(Some(host), None, Some(hints)).into_iter().flatten();
    found.flatten().map(|info| SocketAddr::new(info.sockaddr.ip(), port)).collect()
}

/// All of it, for as long as it takes.
pub fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let local = local(host, port);
    if !local.is_empty() {
        return Ok(local);
    }
    (host, port).to_socket_addrs().map(Iterator::collect).or_else(|cause| match ipv4(host, port) {
        found if found.is_empty() => Err(cause),
        found => Ok(found),
    })
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

    #[test]
    fn a_name_has_what_is_found_of_it() {
        assert_eq!(addresses("LocalHost", 1).unwrap(), ["127.0.0.1:1", "[::1]:1"].map(|text| text.parse().unwrap()));
        assert_eq!(addresses("::1", 1).unwrap(), ["[::1]:1".parse().unwrap()]);
        assert!(addresses("no-such-host.invalid", 1).is_err());
    }
}
