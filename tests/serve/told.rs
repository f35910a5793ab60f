//! What the log tells of those who ask.

use std::{
    net::Ipv6Addr,
    time::{Duration, Instant},
};

use crate::support::{
    daemon::{Daemon, ask},
    scene::linked,
    world::World,
};

const FORWARDED: (&str, &str) = ("X-Forwarded-For", "203.0.113.9");

fn lines(daemon: &Daemon, text: &str) -> usize {
    daemon.log().lines().filter(|line| line.contains(text)).count()
}

/// Does no run by itself.
fn idle(world: &World) -> Daemon<'_> {
    Daemon::with(world, &["--interval", "0"])
}

#[test]
fn a_key_that_can_be_guessed_is_warned_about() {
    let world = World::new();
    for (key, warnings) in [("fifteen-letters", 1), ("sixteen--letters", 0)] {
        world.set("PLEX_LINKER_API_KEY", key);
        let daemon = idle(&world);
        assert_eq!(lines(&daemon, "warn: PLEX_LINKER_API_KEY has fewer than 16 characters: "), warnings, "{key}");
        assert!(!daemon.log().contains(key));
    }
}

#[test]
fn a_wrong_key_takes_its_time_and_is_told_once_a_minute_for_each_address() {
    let world = World::new();
    world.set("PLEX_LINKER_HOST", "::");
    let daemon = Daemon::of(&world, world.command(&["serve", "--port", "0", "--interval", "0"]));
    let wrong = [FORWARDED, ("X-Api-Key", "0123456789abcdef")];
    let elsewhere = [wrong[0], wrong[1], ("Host", "nas.fritz.box")];
    let form = [FORWARDED, ("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
    for (method, target, headers, body) in [
        ("GET", "/api/rules", &wrong[..], ""),
        ("GET", "/", &wrong, ""),
        ("GET", "/", &elsewhere, ""),
        ("POST", "/login", &form, "key=0123456789abcdef"),
    ] {
        let began = Instant::now();
        let status = daemon.ask(method, target, headers, body).status;
        assert!(began.elapsed() >= Duration::from_millis(200), "{method} {target}");
        assert!([401, 303, 403].contains(&status), "{method} {target}: {status}");
    }
    assert_eq!(lines(&daemon, "warn: a wrong key came from 127.0.0.1"), 1, "{}", daemon.log());
    let other = (Ipv6Addr::LOCALHOST, daemon.address.port()).into();
    assert_eq!(ask(other, "GET", "/api/rules", &wrong, "").unwrap().status, 401);
    assert_eq!(lines(&daemon, "warn: a wrong key came from ::1"), 1, "{}", daemon.log());
    // whoever shows none knows nothing
    assert_eq!(daemon.ask("GET", "/api/rules", &[FORWARDED], "").status, 401);
    assert_eq!(lines(&daemon, "wrong key"), 2, "{}", daemon.log());
    assert!(!daemon.log().contains("0123456789abcdef"));
}

#[test]
fn an_unknown_name_is_told_once_with_the_setting_that_allows_it() {
    let world = World::new();
    let daemon = idle(&world);
    for host in ["nas.fritz.box", "nas.fritz.box:8080", "nas.tail.ts.net"] {
        assert_eq!(daemon.ask("GET", "/", &[("Host", host)], "").status, 403, "{host}");
    }
    for host in ["nas.fritz.box", "nas.tail.ts.net"] {
        let line = format!(
            "warn: refused a request to the host name {host:?}: if it is this machine's, add it to PLEX_LINKER_ALLOWED_HOSTS"
        );
        assert_eq!(lines(&daemon, &line), 1, "{}", daemon.log());
    }
    // whoever makes names up fills no log
    for number in 0..40 {
        daemon.ask("GET", "/", &[("Host", &format!("{number}.example"))], "");
    }
    assert_eq!(lines(&daemon, "PLEX_LINKER_ALLOWED_HOSTS"), 16);
}

#[test]
fn requests_are_told_at_trace_without_what_may_be_secret() {
    let world = linked();
    for (level, told) in [("trace", 1), ("debug", 0)] {
        world.set("PLEX_LINKER_LOG", level);
        let daemon = idle(&world);
        assert_eq!(daemon.get("/api/rules?apikey=s3cret").status, 200);
        assert_eq!(lines(&daemon, "trace: 127.0.0.1 \"GET /api/rules\": 200 after "), told, "{}", daemon.log());
        assert!(!daemon.log().contains("s3cret"));
    }
}
