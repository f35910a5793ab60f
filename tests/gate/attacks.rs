//! What anyone on the network may try: the process lives, `/health` answers meanwhile, memory and threads stay bounded, and every
//! connection is closed in time. The figures for a bare tiny_http under the same attacks are why there is a gate.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    os::unix::fs::MetadataExt,
    thread,
    time::{Duration, Instant},
};

use super::served::{Served, all, connect, many_descriptors};
use crate::support::{campaign, skip};

/// So many connections that each send this and then nothing.
fn crowd(address: SocketAddr, count: usize, bytes: &[u8]) -> Vec<TcpStream> {
    many_descriptors();
    let began = Instant::now();
    let connected = (0..count).map(|_| {
        let mut stream = connect(address);
        let _ = stream.write_all(bytes);
        stream
    });
    let crowd = connected.collect();
    // a crowd that had to wait for its own time limits takes twice as long
    assert!(began.elapsed() < Duration::from_secs(20), "connecting took {:?}", began.elapsed());
    crowd
}

/// All are closed by the gate, each within the time that the limits leave it.
fn all_closed(mut crowd: Vec<TcpStream>) -> Vec<String> {
    crowd.iter_mut().map(all).collect()
}

/// A crowd does not keep others out, and is sent home.
fn withstands(count: usize, bytes: &[u8]) -> Vec<String> {
    let mut served = Served::new();
    let crowd = crowd(served.address, count, bytes);
    served.is_well();
    let answers = all_closed(crowd);
    served.was_modest();
    answers
}

const HEAD: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n";

#[test]
fn a_crowd_of_idle_connections() {
    let answers = withstands(campaign::size(500, 2000) as usize, b"");
    assert!(answers.iter().all(String::is_empty), "who asked nothing was answered");
}

#[test]
fn a_crowd_of_half_requests() {
    withstands(campaign::size(500, 2000) as usize, b"GET /health HTTP/1.1\r\nHost: a\r\nX: ");
}

#[test]
fn half_sent_bodies() {
    let answers = withstands(60, &[HEAD.as_bytes(), b"half"].concat());
    assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 408 ")), "{answers:?}");
    withstands(160, &[HEAD.as_bytes(), &[b'x'; 50_000]].concat());
}

#[test]
fn lengths_that_no_machine_has() {
    for length in
        ["100000000000", "1000000000000", "9223372036854775807", "9223372036854775808", "18446744073709551615"]
    {
        let answers =
            withstands(10, format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\nx").as_bytes());
        assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 413 ")), "{answers:?}");
    }
}

#[test]
fn requests_that_drip() {
    let mut served = Served::new();
    let began = Instant::now();
    let mut drips = crowd(served.address, 40, b"G");
    drips.extend(crowd(served.address, 40, HEAD.as_bytes()));
    // until each is cut, whatever it still sends
    while !drips.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(15), "{} drips were not cut", drips.len());
        drips.retain_mut(|drip| drip.write_all(b"x").is_ok());
        served.is_well();
        thread::sleep(Duration::from_millis(100));
    }
    served.was_modest();
}

#[test]
fn a_burst_whose_requests_come_late() {
    let mut served = Served::new();
    // a busy machine may take longer for the burst than the last of it may take for its request: then it is tried again
    let answered = (0..20).any(|_| {
        let mut burst = crowd(served.address, 500, b"");
        for stream in &mut burst {
            let _ = stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        served.is_well();
        // answered or closed, none hangs
        all_closed(burst)[499].starts_with("HTTP/1.1 200 ")
    });
    assert!(answered, "those who come last are sent away");
    served.was_modest();
}

#[test]
fn resets_before_they_are_accepted() {
    use nix::{
        libc::linger,
        sys::socket::{setsockopt, sockopt::Linger},
    };
    let mut served = Served::new();
    for round in 0..campaign::size(1000, 3000) {
        let mut stream = connect(served.address);
        setsockopt(&stream, Linger, &linger { l_onoff: 1, l_linger: 0 }).unwrap();
        let _ = stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        drop(stream);
        if round % 500 == 0 {
            served.is_well();
        }
    }
    served.was_modest();
}

#[test]
fn clients_that_never_read() {
    let mut served = Served::new();
    let crowd = crowd(served.address, 100, b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    for _ in 0..5 {
        served.is_well();
        thread::sleep(Duration::from_millis(200));
    }
    // some had their answer as far as they took it, the others were told that it is too much at once
    thread::sleep(Duration::from_secs(2));
    let answers = all_closed(crowd);
    assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 503 ")));
    served.was_modest();
}

/// Sends the same again and again, up to so many bytes, and returns how many went through before the end.
fn flood(address: SocketAddr, begin: &[u8], again: &[u8], most: usize) -> usize {
    let mut stream = connect(address);
    let mut sent = 0;
    let piece = again.repeat((64 << 10) / again.len() + 1);
    let mut next = stream.write_all(begin);
    while next.is_ok() && sent < most {
        next = stream.write_all(&piece);
        sent += piece.len();
    }
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
    sent
}

#[test]
fn floods_on_one_connection() {
    let mut served = Served::new();
    let request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    let floods = [
        ("300,000 pipelined requests", "", request, 300_000 * request.len()),
        ("a header line of 256 MB", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "x", 256 << 20),
        ("a million headers", "GET / HTTP/1.1\r\n", "X: 1\r\n", 6_000_000),
        ("a line of 256 MB", "", "x", 256 << 20),
        ("binary", "", "\0\u{1}\u{ff}", 256 << 20),
        ("blank lines", "", "\r\n", 256 << 20),
    ];
    for (what, begin, again, most) in floods {
        let sent = flood(served.address, begin.as_bytes(), again.as_bytes(), most);
        // the rest is what the system's buffers take
        assert!(sent < most.min(32 << 20), "{what}: {sent} bytes went through");
        served.is_well();
    }
    served.was_modest();
}

#[test]
fn no_descriptor_left() {
    let mut served = Served::under(&["prlimit", "--nofile=40"]);
    let crowd = crowd(served.address, 200, b"");
    served.answers_within(Duration::from_secs(1));
    all_closed(crowd);
    served.was_modest();
}

#[test]
fn descriptors_that_run_out_later() {
    for spare in [0, 1, 2, 3, 8] {
        let mut served = Served::new();
        served.limit_descriptors(spare);
        let crowd = crowd(served.address, 100, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        thread::sleep(Duration::from_millis(300));
        served.limit_descriptors(100);
        // tiny_http may have ended, and a new one serves
        served.answers_within(Duration::from_secs(1));
        all_closed(crowd);
        served.was_modest();
    }
}

#[test]
fn no_thread_left() {
    // the limit counts a user's threads and means nothing to root: so a user of whom there is nobody else
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return skip("only root can become a user with no other threads");
    }
    let user = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "prlimit", "--nproc=24"];
    let mut served = Served::under(&user);
    let crowd = crowd(served.address, 200, b"");
    served.answers_within(Duration::from_secs(1));
    all_closed(crowd);
    served.was_modest();
    assert!(served.log().contains("cannot take another connection"), "there were threads for all");
}
