//! How the daemon ends, and what else a signal does.

use std::{net::TcpListener, time::Duration};

use nix::sys::signal::Signal;

use crate::support::{
    daemon::Daemon,
    http::Fault,
    scene::{LINK, OTHER_LINK, OTHER_TARGET, TARGET, add_other, linked},
};

/// Shorter than any sleep of the daemon's.
const AT_ONCE: Duration = Duration::from_secs(10);

#[test]
fn an_idle_daemon_goes_at_once_and_leaves_nothing_behind() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let world = linked();
        let mut daemon = Daemon::start(&world);
        daemon.has_run(1);
        daemon.signal(signal);
        let status = daemon.ends_within(AT_ONCE);
        assert_eq!(status.code(), Some(0), "{signal}");
        let left: Vec<_> = world.state().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let folder = left.iter().find(|name| name.to_string_lossy().starts_with("plex-linker-"));
        assert_eq!(folder, None, "{signal}");
    }
}

#[test]
fn a_run_that_waits_for_a_silent_app_is_cut_short() {
    let world = linked();
    add_other(&world);
    world.sonarr.on("*", Fault::SILENT);
    let mut daemon = Daemon::start(&world);
    daemon.wait("Sonarr should be asked", |_| !world.sonarr.requests().is_empty());
    assert!(daemon.is_well());
    daemon.signal(Signal::SIGTERM);
    let status = daemon.ends_within(Duration::from_secs(30));
    assert_eq!(status.code(), Some(0));
    daemon.assert(!daemon.log().contains("error:"), "to be stopped is no failure");
    daemon.assert(daemon.log().contains("stopped: the rest is left to the next run"), "it should tell what is left");
    world.assert_links(&[(LINK, TARGET)]);

    world.sonarr.heal();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    world.assert_links(&[(LINK, TARGET), (OTHER_LINK, OTHER_TARGET)]);
}

#[test]
fn hup_and_usr1_are_run_now() {
    let world = linked();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    daemon.signal(Signal::SIGHUP);
    daemon.has_run(2);
    daemon.signal(Signal::SIGUSR1);
    daemon.has_run(3);
}

#[test]
fn a_second_signal_ends_what_the_first_cannot() {
    let world = linked();
    // a database that accepts and says nothing: no signal cuts the wait for it
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    world.set("DATABASE_URL", &format!("postgresql://linker@127.0.0.1:{port}/links"));
    let mut daemon = Daemon::start(&world);
    let _connection = silent.accept().unwrap();
    daemon.signal(Signal::SIGTERM);
    daemon.signal(Signal::SIGINT);
    // the first alone would have been followed, sooner or later, by 0
    assert_eq!(daemon.ends_within(AT_ONCE).code(), Some(1));
    world.assert_links(&[(LINK, TARGET)]);
}
