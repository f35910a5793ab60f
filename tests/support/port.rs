//! Ports that nobody takes by chance.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Below those that the kernel gives to listeners and connections that ask for any, 32768 and up.
const FIRST: u32 = 12_000;
const PORTS: u32 = 20_000;

/// A loopback address at which nothing listens, another one each time, and at which nothing will but by its number: other tests and
/// their programs have theirs from the kernel. So a server can leave it and come back to it.
pub fn unused() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // several test processes may run at once
    let start = process::id().wrapping_mul(997);
    loop {
        let port = FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port as u16));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
