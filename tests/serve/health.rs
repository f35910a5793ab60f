//! `plex-linker health`, which a container asks.

use std::net::TcpListener;

use crate::support::{daemon::Daemon, scene::linked, world::World};

#[test]
fn it_tells_whether_the_daemon_answers() {
    let world = linked();
    let daemon = Daemon::start(&world);
    let port = daemon.address.port().to_string();
    world.set("PLEX_LINKER_PORT", &port);
    for host in ["[::]", "0.0.0.0", "127.0.0.1"] {
        let outcome = world.run_with(&[("PLEX_LINKER_HOST", host)], &["health"]).succeeds();
        assert_eq!((&*outcome.output(), outcome.code()), (&*format!("well at http://127.0.0.1:{port}\n"), Some(0)));
    }
    drop(daemon);
    let outcome = world
        .run(&["health"])
        .exits(1)
        .says(&format!("cannot reach http://127.0.0.1:{port}: nothing answers at that address: is it running"));
    assert_eq!(outcome.output().lines().count(), 1);
}

#[test]
fn it_asks_below_the_url_base() {
    let world = linked();
    world.set("PLEX_LINKER_URL_BASE", "/links");
    let daemon = Daemon::start(&world);
    world.set("PLEX_LINKER_PORT", &daemon.address.port().to_string());
    world.run(&["health"]).succeeds();
}

#[test]
fn another_program_at_its_port_is_not_well() {
    let world = World::new();
    world.set("PLEX_LINKER_PORT", &world.sonarr.address().port().to_string());
    world.sonarr.on("*", crate::support::http::Answer::status(404));
    world.run(&["health"]).exits(1).says("it answers 404 Not Found: is PLEX_LINKER_PORT right");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    world.set("PLEX_LINKER_PORT", &silent.local_addr().unwrap().port().to_string());
    world.run(&["health"]).exits(1).says("cannot reach http://127.0.0.1:");
    world.run_with(&[("PLEX_LINKER_PORT", "x")], &["health"]).exits(2).says("PLEX_LINKER_PORT");
}
