//! How tiny_http writes an answer.

use std::io::{self, Write};

use tiny_http::{HTTPVersion, Header, Response, StatusCode};

use crate::web::Reply;

/// Writes an answer whole. To HEAD, its body is not sent.
pub fn write(reply: &Reply, to_head: bool, mut socket: impl Write) -> io::Result<()> {
    const CLOSE: &[u8] = b"\r\nConnection: close";
    let headers = reply.headers.iter();
    let headers = headers.filter_map(|(name, value)| Header::from_bytes(name.as_bytes(), value.as_bytes()).ok());
    let response =
        Response::new(StatusCode(reply.status), headers.collect(), io::empty(), Some(reply.body.len()), None);
    let mut head = Vec::new();
    // never in chunks, however long it is
    response.with_chunked_threshold(usize::MAX).raw_print(&mut head, HTTPVersion(1, 1), &[], true, None)?;
    // which tiny_http keeps to itself
    let line = head.iter().position(|byte| *byte == b'\r').unwrap_or(head.len());
    head.splice(line..line, CLOSE.iter().copied());
    socket.write_all(&head)?;
    if to_head { Ok(()) } else { socket.write_all(&reply.body) }
}
