//! The gate: what passes, what is refused, and what the refused are told.

mod attacks;
mod served;

use std::{
    io::{Read, Write},
    sync::atomic::Ordering,
    thread,
    time::{Duration, Instant},
};

use plex_linker::{
    error::Error,
    gate::{Gate, Limits},
};
use served::{ASKED, STUCK, connect, open, patient, short, talk};

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn only_whole_small_well_formed_requests_pass() {
    let address = open(patient());
    let get = |rest: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{rest}\r\n");
    let post = |rest: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{rest}");
    let length = |length: &str| post(&format!("Content-Length: {length}\r\n\r\nbody"));
    let host = |host: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let line = |line: &str| format!("{line}\r\nHost: a\r\n\r\n");
    let lines = |count: usize| get(&(0..count).map(|n| format!("X-{n}: 1\r\n")).collect::<String>());
    let cases = [
        ("200", get("")),
        ("200", "GET / HTTP/1.0\r\n\r\n".into()),
        ("200", "GET / HTTP/1.1\nHost: a\n\n".into()),
        ("200", line("PROPFIND /a?b=c//d%00 HTTP/1.1")),
        ("200", get("Cookie: a=b\r\n")),
        ("200", lines(127)),
        ("431", lines(128)),
        ("431", lines(3000)),
        ("200", get(&format!("X: {}\r\n", "x".repeat(65_000)))),
        ("431", get(&format!("X: {}\r\n", "x".repeat(65_600)))),
        ("431", get(&format!("X: {}\r\n", "x".repeat(1 << 20)))),
        ("431", line(&format!("GET /{} HTTP/1.1", "x".repeat(70_000)))),
        // lengths
        ("200", length("4")),
        ("200", length("0")),
        ("200", length("000000004")),
        ("200", post(&format!("Content-Length: 65536\r\n\r\n{}", "x".repeat(65_536)))),
        ("413", post(&format!("Content-Length: 65537\r\n\r\n{}", "x".repeat(65_537)))),
        ("413", post(&format!("Content-Length: 9000000\r\n\r\n{}", "x".repeat(9_000_000)))),
        ("413", length("0000000004")),
        ("413", length("100000000000")),
        ("413", length("1000000000000")),
        ("413", length("9223372036854775807")),
        ("413", length("9223372036854775808")),
        ("413", length("18446744073709551615")),
        ("400", length("-1")),
        ("400", length("+4")),
        ("400", length("")),
        ("400", length("4, 4")),
        ("400", length("0x4")),
        ("400", length("4\r\nContent-Length: 4")),
        ("400", length("0\r\ncontent-length: 30")),
        ("200", post("Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")),
        ("200", post("transfer-encoding: Chunked\r\n\r\n2;x=y\r\nbo\r\n002 \r\ndy\r\n0\r\nTrailer: 1\r\n\r\n")),
        ("200", post("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        ("200", post(&format!("Transfer-Encoding: chunked\r\n\r\n10000\r\n{}\r\n0\r\n\r\n", "x".repeat(65_536)))),
        ("413", post(&format!("Transfer-Encoding: chunked\r\n\r\n10001\r\n{}\r\n0\r\n\r\n", "x".repeat(65_537)))),
        ("413", post(&format!("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n{}", "x".repeat(70_000)))),
        ("400", post("Transfer-Encoding: chunked\r\n\r\n100000000\r\nbody\r\n0\r\n\r\n")),
        ("400", post("Transfer-Encoding: chunked\r\n\r\n\r\nbody\r\n0\r\n\r\n")),
        ("400", post("Transfer-Encoding: chunked\r\n\r\n-4\r\nbody\r\n0\r\n\r\n")),
        ("400", post("Transfer-Encoding: chunked\r\n\r\n0x4\r\nbody\r\n0\r\n\r\n")),
        ("400", post("Transfer-Encoding: chunked\r\n\r\n4\nbody\r\n0\r\n\r\n")),
        ("400", post("Transfer-Encoding: chunked\r\n\r\n3\r\nbody\r\n0\r\n\r\n")),
        ("400", post(&format!("Transfer-Encoding: chunked\r\n\r\n4;{}\r\nbody\r\n0\r\n\r\n", "x".repeat(300)))),
        ("501", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n".into()),
        ("501", post("Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")),
        ("400", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        ("501", post("Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody")),
        ("501", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nbody")),
        // hosts
        ("200", host("127.0.0.1:8080")),
        ("200", host("[::1]")),
        ("200", host("[::1]:8080")),
        ("200", host("my_nas.home.arpa")),
        ("400", "GET / HTTP/1.1\r\n\r\n".into()),
        ("400", get("Host: a\r\n")),
        ("400", host("")),
        ("400", host("a b")),
        ("400", host("a:b")),
        ("400", host("a:65536")),
        ("400", host("a:")),
        ("400", host("a@b")),
        ("400", host("a/b")),
        ("400", host("a, b")),
        ("400", host("[::1")),
        ("400", host("[::1]a")),
        ("400", host("[a]")),
        ("400", host("\u{e9}")),
        // targets, methods, versions
        ("400", line("GET http://evil/ HTTP/1.1")),
        ("400", line("GET http://a:80/ HTTP/1.1")),
        ("400", line("GET http://x@a/ HTTP/1.1")),
        ("400", line("GET ftp://a/ HTTP/1.1")),
        ("400", "GET http://a/ HTTP/1.0\r\n\r\n".into()),
        ("200", line("GET http://a/ HTTP/1.1")),
        ("200", line("GET HTTPS://A/b?c=http://d HTTP/1.1")),
        ("200", line("GET /?q=\u{e9}\u{1f600} HTTP/1.1")),
        ("400", line("CONNECT a:80 HTTP/1.1")),
        ("400", line("OPTIONS * HTTP/1.1")),
        ("400", line("GET a HTTP/1.1")),
        ("400", line("GET /\u{e9} HTTP/1.1")),
        ("505", line("GET /a b HTTP/1.1")),
        ("400", line("GET  / HTTP/1.1")),
        ("400", line("GET /")),
        ("400", line("G(T / HTTP/1.1")),
        ("505", line("GET / HTTP/2.0")),
        ("505", line("GET / HTTP/1.2")),
        ("505", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into()),
        // lines
        ("400", get("X: 1\r\n 2\r\n")),
        ("400", get("X : 1\r\n")),
        ("400", get(": 1\r\n")),
        ("400", get("X\r\n")),
        ("400", get("X: a\0b\r\n")),
        ("400", get("X: a\rb\r\n")),
        ("200", format!("\r\n{}", get(""))),
        ("400", format!("\r\n\r\n{}", get(""))),
        ("400", format!("\n{}", get(""))),
        ("400", "\r\n\r\n\r\n".into()),
        ("400", "\u{16}\u{3}\u{1}\u{2}\0\u{1}".into()),
    ];
    for (expected, request) in &cases {
        let answer = talk(address, request.as_bytes());
        let shown = request.chars().take(100).collect::<String>();
        assert_eq!(status(&answer), *expected, "{shown:?} was answered {answer:?}");
        assert_eq!(answer.matches("Connection: close\r\n").count(), 1, "{answer}");
    }
}

#[test]
fn half_a_request_is_waited_for_and_then_refused() {
    let address = open(short());
    for half in ["GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo"] {
        let answer = talk(address, half.as_bytes());
        assert_eq!(status(&answer), "408", "{answer}");
    }
}

#[test]
fn what_passes_arrives_as_it_was() {
    let address = open(patient());
    let request = "PUT /a?b=%20 HTTP/1.1\r\nHost: nas:8080\r\nX-Api-Key: k\u{e9}y\r\nConnection: X-Forwarded-For, keep-alive\r\n\
                   X-Forwarded-For: 10.0.0.1\r\nx-plex-linker-peer: 1.2.3.4\r\nTE: chunked\r\nUpgrade: h2c\r\nExpect: other\r\n\
                   Keep-Alive: 5\r\nContent-Length: 4\r\nX-Empty:\r\n\r\nbodyGET /second HTTP/1.1\r\n\r\n";
    let answer = talk(address, request.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert_eq!(
        body,
        "PUT /a?b=%20\nHost: nas:8080\nX-Api-Key: k??y\nX-Forwarded-For: 10.0.0.1\nx-plex-linker-peer: 1.2.3.4\nX-Empty: \n\
         from 127.0.0.1\n\nbody"
    );
    let absolute = talk(address, "GET http://a/b%20?c=d%20\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n".as_bytes());
    assert!(absolute.ends_with("\r\n\r\nGET /b%20?c=d%20%C3%A9\nHost: a\nfrom 127.0.0.1\n\n"), "{absolute}");
    let late_head = talk(address, b"\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(late_head.starts_with("HTTP/1.1 200 ") && late_head.ends_with("\r\n\r\n"), "{late_head}");
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x\r\ndy\r\n0\r\nX: 1\r\n\r\nGET /";
    assert!(talk(address, chunked.as_bytes()).ends_with("\nHost: a\nfrom 127.0.0.1\n\nbody"));
}

#[test]
fn what_may_be_of_any_size_passes_as_its_beginning() {
    let address = open(patient());
    let body = "0123456789".repeat(200_000);
    let with = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for rest in [with, chunked] {
        let answer = talk(address, format!("PUT /long HTTP/1.1\r\nHost: a\r\n{rest}").as_bytes());
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(answer.ends_with("\n\n0123456789"), "{answer}");
    }
}

#[test]
fn what_may_be_large_is_read_whole_but_not_much_of_it_at_once() {
    let address = open(patient());
    let sent = |size: usize| {
        let body = "x".repeat(size);
        talk(address, format!("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n{body}").as_bytes())
    };
    assert!(sent(served::LARGE).ends_with(&format!("\r\n\r\n{}", served::LARGE)));
    assert_eq!(status(&sent(served::LARGE + 1)), "413");
    // somebody who takes long to send as much
    let mut slow = connect(address);
    let head = format!("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", served::LARGE);
    slow.write_all(format!("{head}x").as_bytes()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while status(&sent(served::LARGE)) != "503" {
        assert!(Instant::now() < deadline, "both should not be held at once");
    }
    assert_eq!(status(&sent(1 << 20)), "200", "there is room for less");
    drop(slow);
    while status(&sent(served::LARGE)) != "200" {
        assert!(Instant::now() < deadline, "who has gone should take no room");
    }
}

#[test]
fn large_bodies_pass_whole_both_ways() {
    let address = open(patient());
    let body = "0123456789abcdef".repeat(4096);
    let answer = talk(address, format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n{body}").as_bytes());
    assert!(answer.ends_with(&body));
    let answer = talk(address, b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("\r\nContent-Length: {}", served::BIG)), "{head}");
    assert_eq!(body.len(), served::BIG);
    let answer = talk(address, b"HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.ends_with("\r\n\r\n") && answer.contains("4194304"), "{answer}");
}

#[test]
fn a_client_that_waits_for_a_word_gets_it() {
    let address = open(patient());
    let mut stream = connect(address);
    stream.write_all(b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n").unwrap();
    let mut word = [0; 25];
    stream.read_exact(&mut word).unwrap();
    assert_eq!(word, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"body").unwrap();
    assert!(served::all(&mut stream).ends_with("\n\nbody"));
}

#[test]
fn the_refused_are_told_why() {
    let address = open(patient());
    let refused =
        |line: &str| talk(address, format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n").as_bytes());
    let sentence = "the request's body is larger than 64 KiB: \"plex-linker rules import\" takes more at once";
    let text = refused("POST /rules");
    assert!(text.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{text}");
    assert!(text.ends_with(&format!("\r\n\r\n{sentence}\n")), "{text}");
    assert!(
        text.contains("\r\nX-Content-Type-Options: nosniff\r\n") && text.contains("\r\nContent-Type: text/plain"),
        "{text}"
    );
    for target in ["/api/rules", "/base/api/rules?x"] {
        let json = refused(&format!("POST {target}"));
        assert!(json.contains("\r\nContent-Type: application/json\r\n"), "{json}");
        assert!(json.ends_with(&format!("\r\n\r\n{}", serde_json::json!({ "detail": sentence }))), "{json}");
    }
    let empty = refused("HEAD /rules");
    assert!(
        empty.ends_with("\r\n\r\n") && empty.contains(&format!("\r\nContent-Length: {}\r\n", sentence.len() + 1)),
        "{empty}"
    );
}

#[test]
fn a_port_in_use_is_one_clear_sentence() {
    let gate = Gate::bind("127.0.0.1", 0, Limits::default()).unwrap();
    let port = gate.address().port();
    let error = Gate::bind("127.0.0.1", port, Limits::default()).err().unwrap();
    assert!(matches!(error, Error::Serve(_)) && error.exit_code() == 1);
    let sentence = format!(
        "cannot listen on 127.0.0.1:{port}: another program uses that port: choose another with --host and --port"
    );
    assert_eq!(error.to_string(), sentence);
}

#[test]
fn a_stuck_server_is_not_waited_for_and_gets_no_more_to_do() {
    let address = open(Limits { workers: 2, ..short() });
    let stuck = STUCK.lock().unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let answer = talk(address, b"GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n");
                assert_eq!(status(&answer), "503", "{answer}");
                assert!(answer.contains("\r\nRetry-After: "), "{answer}");
            });
        }
    });
    // both workers hold their request still, so both calls go on: the next waits for its turn in vain
    let next = || talk(address, b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&next()), "503");
    // however it is written
    assert_eq!(status(&talk(address, b"GET //health/?since=1 HTTP/1.1\r\nHost: a\r\n\r\n")), "200");
    assert_eq!(ASKED.load(Ordering::Relaxed), 0, "it should not have been handed over");
    drop(stuck);
    let deadline = Instant::now() + Duration::from_secs(60);
    while status(&next()) != "200" {
        assert!(Instant::now() < deadline, "its turn should come when they end");
    }
}
