//! A web server on a loopback port that answers as it is told, also wrongly.

pub use message::{Answer, Fault, Request};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, Weak},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::port::Held;

mod message;

/// A running server: one thread a connection, kept open between requests. Dropping it ends and joins them all.
pub struct Server {
    shared: Arc<Shared>,
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    port: Held,
    handler: Box<dyn Fn(&Request) -> Answer + Send + Sync>,
    state: Mutex<State>,
    stopping: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    /// Nothing listens at the address.
    away: bool,
    requests: Vec<Request>,
    /// Every connection there has been; its thread alone keeps it open, since a reset needs the last owner to close it.
    connections: Vec<(Weak<TcpStream>, JoinHandle<()>)>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
        let port = Held::new();
        let listener = port.listen();
        let (state, stopping) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { port, handler: Box::new(handler), state, stopping });
        let acceptor = shared.clone().accepting(listener);
        Server { shared, acceptor: Mutex::new(Some(acceptor)) }
    }

    pub fn address(&self) -> SocketAddr {
        self.shared.port.address
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// From here on nothing listens at the address.
    pub fn leave(&self) {
        self.shared.leave();
        self.join();
    }

    /// Listens again, if it has left.
    pub fn come_back(&self) {
        if self.shared.state().away {
            self.join();
            self.shared.state().away = false;
            let listener = self.shared.port.listen();
            *self.acceptor.lock().unwrap() = Some(self.shared.clone().accepting(listener));
        }
    }

    /// Waits until nothing listens any more.
    fn join(&self) {
        if let Some(acceptor) = self.acceptor.lock().unwrap().take() {
            acceptor.join().unwrap();
        }
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
        self.shared.leave();
        let mut ended = Vec::from_iter(self.acceptor.get_mut().unwrap().take().map(JoinHandle::join));
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

    fn accepting(self: Arc<Self>, listener: TcpListener) -> JoinHandle<()> {
        thread::spawn(move || self.accept(&listener))
    }

    fn leave(&self) {
        self.state().away = true;
        // wakes the acceptor, which then sees that it is over
        drop(TcpStream::connect(self.port.address));
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let mut state = self.state();
            if state.away {
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
            Some(Fault::Leave) => {
                self.leave();
                return reset(&[]);
            }
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
            Some(Fault::Behind(door)) => {
                drop(door.lock());
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
