//! Ports that nobody else on this machine takes by chance.

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener},
    os::fd::{AsRawFd, OwnedFd},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, bind, getsockname, listen, setsockopt, socket, sockopt,
};

/// A loopback address that is ours until this is dropped, whether anybody listens there or not.
pub struct Held {
    pub address: SocketAddr,
    /// It never listens: connections to it are refused, and nobody else is given its port.
    _socket: OwnedFd,
}

impl Held {
    pub fn new() -> Held {
        let socket = bound(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));
        let name: SockaddrIn = getsockname(socket.as_raw_fd()).unwrap();
        Held { address: SocketAddrV4::from(name).into(), _socket: socket }
    }

    pub fn listen(&self) -> TcpListener {
        let SocketAddr::V4(address) = self.address else { unreachable!("it is an IPv4 address") };
        let socket = bound(address);
        listen(&socket, Backlog::MAXCONN).unwrap();
        socket.into()
    }
}

/// Several sockets of one user may share an address when all of them say so, and only one of these listens.
fn bound(address: SocketAddrV4) -> OwnedFd {
    let socket = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
    setsockopt(&socket, sockopt::ReuseAddr, &true).unwrap();
    setsockopt(&socket, sockopt::ReusePort, &true).unwrap();
    bind(socket.as_raw_fd(), &SockaddrIn::from(address)).unwrap();
    socket
}

/// A loopback address for a program that is told its port, another one each time. It is below those that the kernel gives to
/// listeners and connections that ask for any, 32768 and up.
pub fn unused() -> SocketAddr {
    const FIRST: u32 = 12_000;
    const PORTS: u32 = 20_000;
    // several test processes may run at once
    static NEXT: LazyLock<AtomicU32> = LazyLock::new(|| AtomicU32::new(RandomState::new().hash_one(0) as u32));
    loop {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % PORTS;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port as u16));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
