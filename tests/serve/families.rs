//! IPv6 and IPv4: one address for both, also on machines that keep them apart or have only one of them.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::Command,
    thread,
};

use nix::{sched::CloneFlags, unistd::Uid};

use crate::support::{
    daemon::{Daemon, ask},
    skip, strace,
    world::World,
};

const IDLE: [&str; 5] = ["serve", "--port", "0", "--interval", "0"];

fn answers(daemon: &Daemon, address: IpAddr) -> bool {
    ask(SocketAddr::new(address, daemon.address.port()), "GET", "/health", &[], "").is_some()
}

/// Does it with a network of our own, which has loopback alone and these settings of `/proc/sys/net/ipv6`.
fn in_network(settings: &[(&str, &str)], test: impl FnOnce() + Send) {
    let network = || {
        nix::sched::unshare(CloneFlags::CLONE_NEWNET).unwrap();
        for (name, value) in settings {
            fs::write(format!("/proc/sys/net/ipv6/{name}"), value).unwrap();
        }
        let up = Command::new("busybox").args(["ip", "link", "set", "lo", "up"]).status();
        assert!(up.unwrap().success());
        test();
    };
    // a thread has its network to itself, and hands it on to what it starts
    thread::scope(|scope| scope.spawn(network).join()).unwrap_or_else(|cause| std::panic::resume_unwind(cause));
}

#[test]
fn both_are_served_at_one_address_whatever_the_machine_does_by_itself() {
    if !Uid::effective().is_root() || Command::new("busybox").arg("true").output().is_err() {
        return skip("networks of their own were not tried: they need root and busybox");
    }
    for apart in ["0", "1"] {
        in_network(&[("bindv6only", apart)], || {
            let world = World::new();
            let daemon = Daemon::of(&world, world.command(&IDLE));
            daemon.assert(daemon.log().contains("listening on http://[::]:"), "both should be listened for");
            for address in [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()] {
                daemon.assert(answers(&daemon, address), &format!("bindv6only={apart}: {address} should answer"));
            }
        });
    }
    in_network(&[("conf/all/disable_ipv6", "1")], || {
        let world = World::new();
        let daemon = Daemon::of(&world, world.command(&IDLE));
        daemon.assert(answers(&daemon, Ipv4Addr::LOCALHOST.into()), "IPv4 should be served");
    });
}

/// As where Linux was started with `ipv6.disable=1`.
#[test]
fn where_there_is_no_ipv6_the_other_is_served() {
    if !strace::is_there() {
        return;
    }
    let world = World::new();
    let calls = world.state().join("calls");
    // the main thread's first socket is the one that is listened on
    let mut words = strace::Strace::new().at("socket", "error=EAFNOSUPPORT", 1).words(&calls);
    words.retain(|word| word != "-f");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let daemon = Daemon::of(&world, world.command_below(&words, &IDLE));
    daemon.assert(daemon.log().contains("listening on http://0.0.0.0:"), "IPv4 should be listened for");
    let calls = fs::read_to_string(calls).unwrap();
    assert!(calls.contains("socket(AF_INET6") && calls.contains("EAFNOSUPPORT"), "{calls}");
}
