//! A web server on a loopback port that answers as it is told, also wrongly.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, Weak},
    thread::{self, JoinHandle},
    time::Duration,
};

/// A request as it came, read whole.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    /// As sent, without the question mark; may be empty.
    pub query: String,
    /// In the order sent, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What to answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub fault: Option<Fault>,
}

/// What goes wrong with an answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is reset before the first byte.
    Reset,
    /// This many bytes of the answer, head included, then a reset.
    CutAfter(usize),
    /// This many bytes of the answer, then an orderly end.
    EndAfter(usize),
    /// This many bytes of the answer, then nothing more for as long as the client waits.
    SilentAfter(usize),
    /// One byte each so often.
    Drip(Duration),
    /// The right answer, but this much later.
    Late(Duration),
    /// These bytes in place of an answer, then an orderly end.
    Raw(Vec<u8>),
    /// The body again and again, in chunks, without end.
    Endless,
    /// This `Content-Length` whatever the body has, then an orderly end.
    Length(u64),
    /// One more header whose value has this many bytes.
    HugeHeader(usize),
}

impl Fault {
    /// The request is read and never answered.
    pub const SILENT: Fault = Fault::SilentAfter(0);
}

/// A running server: one thread a connection, kept open between requests. Dropping it ends and joins them all.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Box<dyn Fn(&Request) -> Answer + Send + Sync>,
    state: Mutex<State>,
    stopping: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    requests: Vec<Request>,
    /// Every connection there has been; its thread alone keeps it open, since a reset needs the last owner to close it.
    connections: Vec<(Weak<TcpStream>, JoinHandle<()>)>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { handler: Box::new(handler), state: Mutex::default(), stopping: Condvar::new() });
        let acceptor = thread::spawn({
            let shared = shared.clone();
            move || shared.accept(&listener)
        });
        Server { address, shared, acceptor: Some(acceptor) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request since the start or the last `forget`, the oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    pub fn forget(&self) {
        self.shared.state().requests.clear();
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.shared.state().connections.len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.state().stopping = true;
        self.shared.stopping.notify_all();
        // wakes the acceptor, which then sees that it is over
        drop(TcpStream::connect(self.address));
        let mut ended = vec![self.acceptor.take().unwrap().join()];
        let connections = std::mem::take(&mut self.shared.state().connections);
        for (stream, thread) in connections {
            if let Some(stream) = stream.upgrade() {
                _ = stream.shutdown(Shutdown::Both);
            }
            ended.push(thread.join());
        }
        if !thread::panicking() {
            ended.into_iter().for_each(|ended| ended.expect("a thread of the test server panicked"));
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let mut state = self.state();
            if state.stopping {
                return;
            }
            let Ok(stream) = stream.map(Arc::new) else { continue };
            let weak = Arc::downgrade(&stream);
            let shared = self.clone();
            state.connections.push((weak, thread::spawn(move || shared.serve(&stream))));
        }
    }

    fn serve(&self, stream: &TcpStream) {
        _ = stream.set_nodelay(true);
        let mut connection = Connection { stream };
        while let Ok(Some(request)) = connection.request() {
            let last = request.header("connection").is_some_and(|text| text.eq_ignore_ascii_case("close"));
            self.state().requests.push(request.clone());
            let answer = (self.handler)(&request);
            match self.answer(&mut connection, answer) {
                Ok(true) if !last => {}
                _ => return,
            }
        }
    }

    /// Sends the answer; whether the connection is good for another request.
    fn answer(&self, connection: &mut Connection, answer: Answer) -> io::Result<bool> {
        let whole = answer.bytes();
        let part = |bytes: usize| &whole[..bytes.min(whole.len())];
        let mut reset = |bytes: &[u8]| connection.send(bytes).map(|()| false);
        match answer.fault {
            Some(Fault::Reset) => return reset(&[]),
            Some(Fault::CutAfter(bytes)) => return reset(part(bytes)),
            _ => connection.release()?,
        }
        match answer.fault {
            Some(Fault::EndAfter(bytes)) => connection.send(part(bytes)).map(|()| false),
            Some(Fault::Raw(bytes)) => connection.send(&bytes).map(|()| false),
            Some(Fault::Length(_)) => connection.send(&whole).map(|()| false),
            Some(Fault::SilentAfter(bytes)) => {
                connection.send(part(bytes))?;
                connection.wait_for_end()
            }
            Some(Fault::Drip(pause)) => {
                for byte in &whole {
                    connection.send(&[*byte])?;
                    self.sleep(pause)?;
                }
                Ok(true)
            }
            Some(Fault::Late(pause)) => {
                self.sleep(pause)?;
                connection.send(&whole).map(|()| true)
            }
            Some(Fault::Endless) => {
                connection.send(&whole)?;
                let mut chunk = format!("{:x}\r\n", answer.body.len()).into_bytes();
                chunk.extend_from_slice(&answer.body);
                chunk.extend_from_slice(b"\r\n");
                loop {
                    connection.send(&chunk)?;
                }
            }
            _ => connection.send(&whole).map(|()| true),
        }
    }

    /// Sleeps, or fails at once when the server stops.
    fn sleep(&self, pause: Duration) -> io::Result<()> {
        let (state, _) = self.stopping.wait_timeout_while(self.state(), pause, |state| !state.stopping).unwrap();
        if state.stopping { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

/// The last byte of a request is seen but left unread until `release`: closing a socket with unread bytes resets it, and the
/// standard library has no other way to a reset.
struct Connection<'a> {
    stream: &'a TcpStream,
}

impl Connection<'_> {
    /// `None` when the client has no more.
    fn request(&mut self) -> io::Result<Option<Request>> {
        let end_of_head = |bytes: &[u8]| bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let head = self.read_up_to(end_of_head)?;
        if head.is_empty() {
            return Ok(None);
        }
        let head = String::from_utf8(head).expect("a request head is ASCII");
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap().split(' ');
        let (method, target) = (words.next().unwrap(), words.next().expect("a request line has a target"));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.filter_map(|line| line.split_once(':'));
        let mut request = Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().into())).collect(),
            body: Vec::new(),
        };
        assert!(request.header("transfer-encoding").is_none(), "the test server reads no chunked requests");
        let length = request.header("content-length").map_or(0, |text| text.parse().expect("a length is a number"));
        if length > 0 {
            self.release()?;
            request.body = self.read_up_to(|bytes| (bytes.len() >= length).then_some(length))?;
        }
        Ok(Some(request))
    }

    /// Everything until `end` says how long it is, the last byte of which stays unread. Empty when nothing comes any more.
    fn read_up_to(&mut self, end: impl Fn(&[u8]) -> Option<usize>) -> io::Result<Vec<u8>> {
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = seen.len();
            let more = self.stream.peek(&mut buffer)?;
            if more == 0 && read == 0 {
                return Ok(seen);
            } else if more == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            seen.extend_from_slice(&buffer[..more]);
            let end = end(&seen);
            let take = end.map_or(seen.len(), |end| end - 1) - read;
            self.stream.read_exact(&mut buffer[..take])?;
            if let Some(end) = end {
                seen.truncate(end);
                return Ok(seen);
            }
        }
    }

    /// Takes the byte that was left.
    fn release(&mut self) -> io::Result<()> {
        self.stream.read_exact(&mut [0])
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    fn wait_for_end(&mut self) -> io::Result<bool> {
        while self.stream.read(&mut [0; 64])? > 0 {}
        Ok(false)
    }
}

impl Request {
    /// By its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded; the name in any case, as the apps take it.
    pub fn param(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| decode(value))
    }

    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// `GET /path?query`, and the body after it if there is one.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if !self.query.is_empty() {
            write!(f, "?{}", self.query)?;
        }
        if !self.body.is_empty() {
            write!(f, " {}", String::from_utf8_lossy(&self.body))?;
        }
        Ok(())
    }
}

impl Answer {
    /// A status and nothing else.
    pub fn status(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new(), fault: None }
    }

    pub fn json(text: impl Into<Vec<u8>>) -> Answer {
        Answer::typed("application/json; charset=utf-8", text)
    }

    pub fn html(text: impl Into<Vec<u8>>) -> Answer {
        Answer::typed("text/html", text)
    }

    fn typed(content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { body: body.into(), ..Answer::status(200) }.header("Content-Type", content_type)
    }

    pub fn code(self, status: u16) -> Answer {
        Answer { status, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same answer, but this goes wrong with it.
    pub fn with(self, fault: Fault) -> Answer {
        Answer { fault: Some(fault), ..self }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &match self.fault {
            Some(Fault::Endless) => "Transfer-Encoding: chunked\r\n".to_string(),
            Some(Fault::Length(length)) => format!("Content-Length: {length}\r\n"),
            _ => format!("Content-Length: {}\r\n", self.body.len()),
        };
        if let Some(Fault::HugeHeader(length)) = self.fault {
            head += &format!("X-Huge: {}\r\n", "x".repeat(length));
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        if !matches!(self.fault, Some(Fault::Endless)) {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// An answer of a status alone that never arrives as it should.
impl From<Fault> for Answer {
    fn from(fault: Fault) -> Answer {
        Answer::json("[]").with(fault)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Some Status",
    }
}

/// Undoes percent encoding and `+` for a blank.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        let (byte, left) = match (first, hex) {
            (b'%', Some(byte)) => (byte, &tail[2..]),
            (b'+', _) => (b' ', tail),
            (byte, _) => (*byte, tail),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
