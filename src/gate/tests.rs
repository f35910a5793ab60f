//! What can be told of the gate without a socket.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::{Limits, affordable, request::Incoming};
use crate::web::Request;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[test]
fn connections_leave_descriptors_for_the_rest() {
    let cases = [(64, None, 64), (64, Some(1024), 64), (64, Some(96), 64), (64, Some(40), 8), (64, Some(10), 1)];
    for (connections, descriptors, expected) in cases {
        assert_eq!(affordable(connections, descriptors), expected, "{descriptors:?}");
    }
}

#[test]
fn a_request_may_come_in_any_two_pieces() {
    for request in ["POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody", "GET / HTTP/1.1\nHost: a\n\n"] {
        let end = request.find('b').unwrap_or(request.len());
        for cut in 1..end {
            let mut incoming = Incoming::default();
            incoming.bytes = request[..cut].into();
            assert!(incoming.head(PEER, &Limits::default()).unwrap().is_none(), "cut at {cut}");
            incoming.bytes = request.into();
            let head = incoming.head(PEER, &Limits::default()).unwrap().unwrap();
            assert_eq!(head.end, end, "cut at {cut}");
        }
    }
}

/// What requests are made of.
const PIECES: &[&str] = &[
    "GET ",
    "POST ",
    "/",
    " HTTP/1.1",
    " HTTP/1.0",
    "\r\n",
    "\n",
    "\r",
    "Host: a\r\n",
    "Host:",
    "Content-Length: ",
    "9",
    "Transfer-Encoding: chunked",
    ": ",
    "\0",
    " ",
    "\t",
    "x",
    "\u{e9}",
    "X-Plex-Linker-Peer: 1.1.1.1\r\n",
];

/// Bytes that often come near a request.
fn near_requests() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![9 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), 1 => any::<Vec<u8>>()];
    let rest = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    rest.prop_map(|rest| [b"GET / HTTP/1.1\r\nHost: a\r\n", &rest[..], b"\r\n\r\n"].concat())
}

proptest! {
    #[test]
    fn what_is_handed_over_is_one_plain_request(bytes in near_requests(), cut in 0usize..400) {
        let mut incoming = Incoming::default();
        incoming.bytes = bytes[..cut.min(bytes.len())].to_vec();
        let early = if incoming.bytes.is_empty() { Ok(None) } else { incoming.head(PEER, &Limits::default()) };
        if matches!(early, Ok(None)) {
            incoming.bytes = bytes.clone();
            if let Ok(Some(head)) = incoming.head(PEER, &Limits::default()) {
                let Request { path, headers, peer, .. } = &head.request;
                let plain = |text: &str| text.is_ascii() && !text.contains(['\r', '\n', '\0']);
                prop_assert!(path.starts_with('/') && plain(path));
                prop_assert!(headers.iter().all(|(name, value)| plain(name) && plain(value)));
                let count = |wanted: &str| headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).count();
                prop_assert!(count("host") == 1 && count("content-length") + count("transfer-encoding") == 0);
                prop_assert_eq!(*peer, Some(PEER));
                prop_assert!(head.end <= bytes.len());
            }
        } else if let Ok(Some(head)) = early {
            prop_assert!(head.end <= cut);
        }
    }
}
