//! Who needs the key of a running daemon.

use std::{
    fs,
    net::{SocketAddr, UdpSocket},
    os::unix::fs::PermissionsExt,
};

use crate::support::{
    daemon::{Daemon, ask},
    scene::linked,
    skip,
};

#[test]
fn whoever_speaks_for_others_needs_the_key() {
    let world = linked();
    world.set("PLEX_LINKER_LOG", "trace");
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let told = world.run(&["key"]).succeeds().stdout;
    let key = told.trim();
    assert!(key.len() >= 32, "{key}");
    let file = world.state().join("plex_linker.key");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);

    let forwarded = ("X-Forwarded-For", "203.0.113.9");
    let bearer = format!("Bearer {key}");
    assert_eq!(daemon.get("/api/rules").status, 200);
    assert_eq!(daemon.ask("GET", "/health", &[forwarded], "").status, 200);
    for target in ["/api/rules", "/api/status", "/metrics"] {
        assert_eq!(daemon.ask("GET", target, &[forwarded], "").status, 401, "{target}");
        assert_eq!(daemon.ask("GET", target, &[forwarded, ("X-Api-Key", "wrong")], "").status, 401, "{target}");
        assert_eq!(daemon.ask("GET", target, &[forwarded, ("X-Api-Key", key)], "").status, 200, "{target}");
        assert_eq!(daemon.ask("GET", target, &[forwarded, ("Authorization", &bearer)], "").status, 200, "{target}");
    }
    let page = daemon.ask("GET", "/", &[forwarded], "");
    assert_eq!((page.status, page.header("Location")), (303, Some("/login")));
    let refused = daemon.ask("POST", "/api/run", &[forwarded, ("Content-Type", "application/json")], "{}");
    assert_eq!(refused.status, 401);
    assert_eq!(daemon.runs(), 1);
    daemon.assert(!daemon.log().contains(key), "no log may show the key");
    for app in [world.sonarr.key(), world.radarr.key()] {
        daemon.assert(!daemon.log().contains(app), "no log may show an app's key");
    }
}

#[test]
fn another_machine_needs_the_key() {
    let Some(own) = own_address() else { return skip("this machine has no address but loopback") };
    let world = linked();
    let daemon = Daemon::of(&world, world.command(&["serve", "--host", "0.0.0.0", "--port", "0"]));
    let told = world.run(&["key"]).succeeds().stdout;
    let from_outside = |target, headers: &[(&str, &str)]| {
        ask(SocketAddr::new(own.ip(), daemon.address.port()), "GET", target, headers, "").unwrap().status
    };
    assert_eq!(from_outside("/health", &[]), 200);
    assert_eq!(from_outside("/api/rules", &[]), 401);
    assert_eq!(from_outside("/api/rules", &[("X-Api-Key", told.trim())]), 200);
}

#[test]
fn with_a_key_of_ones_own_no_other_is_made() {
    let world = linked();
    world.set("PLEX_LINKER_API_KEY", "a-key-of-my-own");
    let daemon = Daemon::start(&world);
    let forwarded = ("X-Forwarded-For", "203.0.113.9");
    assert_eq!(daemon.ask("GET", "/api/rules", &[forwarded, ("X-Api-Key", "a-key-of-my-own")], "").status, 200);
    assert_eq!(daemon.ask("GET", "/api/rules", &[forwarded], "").status, 401);
    assert!(!world.state().join("plex_linker.key").exists());
}

/// The address by which this machine would go out; nothing is sent.
fn own_address() -> Option<SocketAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().filter(|own| !own.ip().is_loopback())
}
