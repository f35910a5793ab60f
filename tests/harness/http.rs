//! The scripted web server.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::support::http::{Answer, Fault, Server};

/// The longest that a read may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Everything the server sends until it ends the connection, and how that ended.
fn ask(server: &Server, request: &str) -> (String, io::Result<usize>) {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    (String::from_utf8(bytes).unwrap(), end)
}

fn serving(answer: Answer) -> Server {
    Server::start(move |_| answer.clone())
}

const GET: &str = "GET /a?b=c%20d+e HTTP/1.1\r\nHost: x\r\n\r\n";
const LAST_GET: &str = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[test]
fn a_request_is_read_whole_and_remembered() {
    let server = serving(Answer::status(201));
    let request = "POST /a?b=c%20d+e HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{\"a\":1}";
    let (text, end) = ask(&server, request);
    assert_eq!(text, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    end.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].to_string(), "POST /a?b=c%20d+e {\"a\":1}");
    assert_eq!(requests[0].param("B").unwrap(), "c d e");
    assert_eq!(requests[0].json()["a"], 1);
}

#[test]
fn a_connection_serves_several_requests() {
    let server = serving(Answer::json("[]"));
    let mut stream = connect(&server);
    for _ in 0..2 {
        stream.write_all(GET.as_bytes()).unwrap();
        let whole = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n[]";
        let mut bytes = vec![0; whole.len()];
        stream.read_exact(&mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), whole);
    }
    drop(stream);
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
}

#[test]
fn a_reset_is_a_reset_and_not_an_end() {
    let (text, end) = ask(&serving(Fault::Reset.into()), GET);
    assert_eq!((text.as_str(), end.unwrap_err().kind()), ("", io::ErrorKind::ConnectionReset));
    let body = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let (text, end) = ask(&serving(Fault::CutAfter(8).into()), body);
    assert_eq!((text.as_str(), end.unwrap_err().kind()), ("HTTP/1.1", io::ErrorKind::ConnectionReset));
}

#[test]
fn an_answer_can_end_early_or_lie_about_its_length() {
    let (text, end) = ask(&serving(Fault::EndAfter(8).into()), GET);
    assert_eq!((text.as_str(), end.unwrap()), ("HTTP/1.1", 8));
    let (text, _) = ask(&serving(Answer::json("[]").with(Fault::Length(9))), GET);
    assert!(text.ends_with("Content-Length: 9\r\n\r\n[]"), "{text}");
    let (text, _) = ask(&serving(Fault::Raw(b"SSH-2.0-x\r\n".to_vec()).into()), GET);
    assert_eq!(text, "SSH-2.0-x\r\n");
}

#[test]
fn an_answer_can_be_silent_until_the_server_stops() {
    let server = serving(Fault::SilentAfter(4).into());
    let mut stream = connect(&server);
    stream.write_all(GET.as_bytes()).unwrap();
    let mut first = [0; 4];
    stream.read_exact(&mut first).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(server);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn an_answer_can_wait_behind_a_door() {
    let (behind, shut) = Fault::behind_a_door();
    let server = serving(Answer::json("[1]").with(behind));
    let mut stream = connect(&server);
    stream.write_all(LAST_GET.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(shut);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("\r\n\r\n[1]"), "{text}");
}

#[test]
fn an_answer_can_be_slow_endless_or_huge() {
    let (text, _) = ask(&serving(Answer::json("[1]").with(Fault::Drip(Duration::from_millis(1)))), LAST_GET);
    assert!(text.ends_with("\r\n\r\n[1]"), "{text}");
    let (text, _) = ask(&serving(Fault::HugeHeader(100_000).into()), LAST_GET);
    assert!(text.len() > 100_000);

    let server = serving(Answer::json("[1]").with(Fault::Endless));
    let mut stream = connect(&server);
    stream.write_all(GET.as_bytes()).unwrap();
    let mut megabyte = vec![0; 1 << 20];
    stream.read_exact(&mut megabyte).unwrap();
    assert!(megabyte[200..].windows(8).any(|bytes| bytes == b"3\r\n[1]\r\n"));
}
