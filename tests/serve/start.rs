//! What the daemon is started with: addresses, systemd's sockets, too little of everything.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    os::unix::{fs::MetadataExt, net::UnixDatagram},
    time::Duration,
};

use nix::sys::signal::Signal;

use crate::support::{
    daemon::Daemon,
    http::{Answer, Fault},
    scene::linked,
    skip,
    world::World,
};

#[test]
fn a_port_in_use_is_one_clear_sentence() {
    let world = World::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let ended = world.run(&["serve", "--host", "127.0.0.1", "--port", &port]).exits(1);
    let sentence = format!(
        "plex-linker: cannot listen on 127.0.0.1:{port}: another program uses that port: choose another with --host and --port\n"
    );
    assert_eq!(ended.stderr, sentence);
}

#[test]
fn variables_say_where_to_listen_and_flags_go_before_them() {
    let world = linked();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    world.set("PLEX_LINKER_HOST", "127.0.0.2");
    world.set("PLEX_LINKER_PORT", &taken.local_addr().unwrap().port().to_string());
    world.run(&["serve", "--host", "127.0.0.1"]).exits(1).says("another program uses that port");
    let daemon = Daemon::with(&world, &[]);
    assert!(daemon.log().contains("listening on http://127.0.0.1:"));
    drop(daemon);

    world.set("PLEX_LINKER_HOST", "127.0.0.1");
    world.set("PLEX_LINKER_PORT", "0");
    let daemon = Daemon::of(&world, world.command(&["serve"]));
    assert!(daemon.log().contains("listening on http://127.0.0.1:"));
}

#[test]
fn a_wrong_value_is_told_and_nothing_starts() {
    let world = World::new();
    for (name, value) in [
        ("PLEX_LINKER_HOST", "nowhere"),
        ("PLEX_LINKER_PORT", "70000"),
        ("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "soon"),
        ("PLEX_LINKER_URL_BASE", "/a b"),
        ("PLEX_LINKER_AUTH", "off"),
        ("PLEX_LINKER_API_KEY", "short"),
    ] {
        world.run_with(&[(name, value)], &["serve"]).exits(2).says(name);
    }
    for (words, must) in [
        (["serve", "--port", "70000"], "it must be a number up to 65535"),
        (["serve", "--host", "x"], "it must be an IP address such as [::], 0.0.0.0 or 127.0.0.1"),
        (["serve", "--host", "[::"], "it must be an IP address"),
        (["serve", "--interval", "-1"], "it must be a number"),
    ] {
        world.run(&words).exits(2).says(&format!("{} is {:?}: {must}", words[1], words[2]));
    }
}

#[test]
fn systemd_hears_of_the_start_the_loop_the_run_and_the_end() {
    let world = linked();
    // the third try waits for longer than we do
    world.sonarr.on("GET /api/v3/series", Fault::SILENT);
    world.sonarr.on_next(2, "GET /api/v3/series", Answer::status(503));
    let path = world.state().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let next = || {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).expect("systemd should hear of it");
        String::from_utf8_lossy(&buffer[..length]).trim_end().to_string()
    };
    world.set("NOTIFY_SOCKET", path.to_str().unwrap());
    let mut daemon = Daemon::start(&world);
    assert_eq!(next(), "READY=1");
    assert_eq!(next(), "WATCHDOG=1");
    // of the run that goes on
    assert_eq!(next(), "WATCHDOG=1");
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.ends_within(Duration::from_secs(10)).code(), Some(0));
    let rest = std::iter::from_fn(|| Some(next())).find(|word| word != "WATCHDOG=1");
    assert_eq!(rest.as_deref(), Some("STOPPING=1"));
}

#[test]
fn the_journal_gets_priorities_and_no_times() {
    let world = linked();
    // a page of something else in front of Sonarr is a failure without a second try
    world.sonarr.on("*", Answer::html("<html>down for maintenance</html>"));
    // the daemon's log is this very file
    let log = File::create(world.state().join("daemon.log")).unwrap().metadata().unwrap();
    world.set("JOURNAL_STREAM", &format!("{}:{}", log.dev(), log.ino()));
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let log = daemon.log();
    assert!(log.lines().all(|line| line.starts_with('<')), "{log}");
    assert!(log.starts_with("<6>listening on http://127.0.0.1:"), "{log}");
    assert!(log.contains("\n<3>") || log.contains("\n<4>"), "the failure has a priority of its own: {log}");
}

#[test]
fn a_crowd_that_takes_all_descriptors_is_survived() {
    if std::process::Command::new("prlimit").arg("--version").output().is_err() {
        return skip("prlimit is missing: install util-linux");
    }
    let world = linked();
    let few = ["prlimit", "--nofile=40"];
    let mut daemon = Daemon::of(&world, world.command_below(&few, &["serve", "--host", "127.0.0.1", "--port", "0"]));
    daemon.has_run(1);
    let crowd: Vec<_> = (0..100).filter_map(|_| TcpStream::connect(daemon.address).ok()).collect();
    assert!(crowd.len() > 40);
    assert!(fs::read_dir(format!("/proc/{}/fd", daemon.id())).is_ok(), "it lives");
    drop(crowd);
    daemon.wait("/health should answer again", |daemon| daemon.is_well());
    daemon.run_now();
    daemon.has_run(2);
    assert_eq!(daemon.metric("plex_linker_last_run_success"), Some(1.0));
}

/// The disk that a file of its own is on, too.
#[test]
fn a_key_that_comes_late_is_waited_for() {
    let world = linked();
    let file = world.path("key of sonarr");
    world.unset("SONARR_0_API_KEY");
    world.set("SONARR_0_API_KEY_FILE", file.to_str().unwrap());
    world.run(&["once"]).exits(1).says("key of sonarr, named by SONARR_0_API_KEY_FILE: No such file");
    let command = world.command(&["serve", "--host", "127.0.0.1", "--port", "0"]);
    let mut daemon = std::thread::scope(|scope| {
        scope.spawn(|| {
            until_it_tries_again(&world);
            fs::write(&file, world.sonarr.key()).unwrap();
        });
        Daemon::of(&world, command)
    });
    daemon.has_run(1);
    assert_eq!(daemon.metric("plex_linker_last_run_success"), Some(1.0));
}

fn until_it_tries_again(world: &World) {
    while !fs::read_to_string(crate::support::daemon::log_file(world)).is_ok_and(|log| log.contains("tried again")) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_state_folder_that_comes_late_is_waited_for() {
    let world = linked();
    world.unset("DATABASE_URL");
    let state = world.path("late");
    fs::write(&state, "no folder yet").unwrap();
    world.set("STATE_DIRECTORY", state.to_str().unwrap());
    world.run(&["once"]).exits(1).says("cannot use STATE_DIRECTORY");
    let command = world.command(&["serve", "--host", "127.0.0.1", "--port", "0"]);
    let daemon = std::thread::scope(|scope| {
        // it is there when the daemon has said that it is not
        scope.spawn(|| {
            until_it_tries_again(&world);
            fs::remove_file(&state).unwrap();
        });
        Daemon::of(&world, command)
    });
    assert!(daemon.log().contains("listening on") && state.join("plex_linker.db").exists());
}
