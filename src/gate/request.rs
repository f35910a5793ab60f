//! A request as it arrives, and its head.

use std::net::{IpAddr, Ipv6Addr};

use httparse::{EMPTY_HEADER, Error, Header, Request, Status};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use super::{body::Framing, limits::Limits};
use crate::{
    config::host_and_port,
    web::{self, Refusal},
};

/// The bytes of a request, as many as have come.
#[derive(Default)]
pub struct Incoming {
    pub bytes: Vec<u8>,
    /// So many of them hold no end of the head.
    searched: usize,
}

/// A good head.
pub struct Head {
    /// The request, without its body.
    pub request: web::Request,
    /// Where the body begins.
    pub end: usize,
    pub framing: Framing,
    /// The client waits for a word before it sends the body.
    pub waits: bool,
}

/// What belongs to the client's connection and ends here. Those that `Connection` names are left alone: a client could take away
/// what a proxy said about it.
const ENDS_HERE: &str = "connection content-length expect keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade";

/// Header lines of a request.
const HEADERS: usize = 128;

/// What mostly fills a head: cookies that other programs of the same host have set.
const REMEDY: &str = "delete this host's cookies in the browser";

impl Incoming {
    /// The head, once it is there.
    pub fn head(&mut self, peer: IpAddr, limits: &Limits) -> Result<Option<Head>, Refusal> {
        // an empty line may come before a request (RFC 9112, 2.2)
        if self.bytes.starts_with(b"\r\n") {
            self.bytes.drain(..2);
        }
        if b"\r".starts_with(&self.bytes) {
            return Ok(None);
        }
        // what begins otherwise, such as TLS or blank lines, will never be a request
        if !self.bytes.first().is_some_and(u8::is_ascii_alphabetic) {
            return refused(400, "this is not an HTTP request: does its address begin with http:// ?");
        }
        let Some(end) = self.end_of_head().filter(|end| *end <= limits.head) else {
            if self.bytes.len() >= limits.head {
                return refused(431, format!("the request's head is larger than {} KiB: {REMEDY}", limits.head >> 10));
            }
            return Ok(None);
        };
        let mut headers = [EMPTY_HEADER; HEADERS];
        let mut request = Request::new(&mut headers);
        match request.parse(&self.bytes[..end]) {
            Ok(Status::Complete(_)) => {}
            Err(Error::TooManyHeaders) => {
                return refused(431, format!("the request has more than {HEADERS} headers: {REMEDY}"));
            }
            Err(Error::Version) => return refused(505, "only HTTP/1.1 and HTTP/1.0 are understood"),
            Ok(Status::Partial) | Err(_) => return refused(400, "the request is malformed"),
        }
        checked(&request, end, peer).map(Some)
    }

    /// Where the first empty line ends.
    fn end_of_head(&mut self) -> Option<usize> {
        let from = self.searched.saturating_sub(2);
        self.searched = self.bytes.len();
        let mut newlines = (from..self.bytes.len()).filter(|at| self.bytes[*at] == b'\n');
        newlines.find_map(|at| match self.bytes[at + 1..] {
            [b'\n', ..] => Some(at + 2),
            [b'\r', b'\n', ..] => Some(at + 3),
            _ => None,
        })
    }

    /// Whether the client expects JSON, as far as can be told from what may be no request at all.
    pub fn is_for_api(&self) -> bool {
        let line = self.bytes.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
        let target = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        target.windows(5).any(|part| part == b"/api/")
    }

    pub fn is_head(&self) -> bool {
        self.bytes.starts_with(b"HEAD ")
    }
}

/// What httparse does not look at.
fn checked(request: &Request, end: usize, peer: IpAddr) -> Result<Head, Refusal> {
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let is_old = request.version == Some(0);
    let chunked = match one(request, "Transfer-Encoding")? {
        None => false,
        Some(coding) if coding.eq_ignore_ascii_case(b"chunked") && !is_old => true,
        Some(_) => {
            return refused(
                501,
                "a body must have a Content-Length or be chunked: no other Transfer-Encoding is understood",
            );
        }
    };
    if chunked && one(request, "Content-Length")?.is_some() {
        return refused(501, "a body that is chunked has no Content-Length");
    }
    let host = one(request, "Host")?;
    if host.is_none() && !is_old {
        return refused(400, "the request has no Host");
    }
    if host.is_some_and(|host| !is_host(host)) {
        return refused(400, "the request's Host is malformed");
    }
    let Some(path) = path(target, host.unwrap_or_default()) else {
        return refused(400, "the request must name a path that begins with / and holds only ASCII");
    };
    let framing = match one(request, "Content-Length")? {
        _ if chunked => Framing::Chunked,
        None => Framing::Length(0),
        Some(digits) if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) => {
            return refused(400, "the request's Content-Length is not a number");
        }
        // more than is ever read, which is told where the limit is known
        Some(digits) => Framing::Length(length(digits).unwrap_or(u64::MAX)),
    };
    let waits = !is_old && one(request, "Expect")?.is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"));
    let ends_here = |header: &&Header| ENDS_HERE.split(' ').any(|name| header.name.eq_ignore_ascii_case(name));
    // names of people, which proxies do send, are no ASCII
    let text = |value: &[u8]| value.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
    let passed = request.headers.iter().filter(|header| !ends_here(header));
    let headers = passed.map(|header| (header.name.to_string(), text(header.value))).collect();
    let method = method.to_string();
    let request = web::Request { method, path, headers, body: Vec::new(), peer: Some(peer), is_old, at: 0 };
    Ok(Head { request, end, framing, waits })
}

/// Path and query of a target, in ASCII. Before them a proxy may name the host once more (RFC 9112, 3.2.2).
fn path(target: &str, host: &[u8]) -> Option<String> {
    let whole =
        target.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(&&*scheme.to_ascii_lowercase()));
    let path = match whole {
        Some((_, rest)) => {
            rest.get(host.len()..).filter(|_| rest.as_bytes()[..host.len()].eq_ignore_ascii_case(host))?
        }
        None => target,
    };
    let is_plain = path.starts_with('/') && path.split('?').next().is_some_and(str::is_ascii);
    // scripts often leave a query as it is
    is_plain.then(|| utf8_percent_encode(path, CONTROLS).to_string())
}

/// The value of a header that may be there once.
fn one<'a>(request: &Request<'_, 'a>, name: &str) -> Result<Option<&'a [u8]>, Refusal> {
    let mut values = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    let value = values.next().map(|header| header.value);
    if values.next().is_some() {
        return refused(400, format!("the request has more than one {name}"));
    }
    Ok(value)
}

fn length(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().filter(|digits| digits.len() <= 9)?.parse().ok()
}

fn refused<T>(status: u16, sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(status, sentence))
}

/// Whether a Host is a name or an address, perhaps with a port.
fn is_host(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let Some((name, port)) = host_and_port(host) else { return false };
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_name = match host.starts_with('[') {
        true => name.parse::<Ipv6Addr>().is_ok(),
        false => !name.is_empty() && name.bytes().all(in_name),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    is_name && port.is_none_or(is_port)
}
