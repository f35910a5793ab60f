//! Who is connected, and who gives way when there is no room for another.

use std::{
    net::{IpAddr, Shutdown, TcpStream},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::mutex::lock;

/// A connection.
pub struct Connection {
    pub stream: TcpStream,
    pub peer: IpAddr,
    since: Instant,
    stage: Mutex<Phase>,
}

/// What it is at, those first that give way first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It has not sent a whole request yet, or has had its answer.
    Idle,
    /// It takes its answer.
    Taking,
    /// Its request is with the workers: it never gives way, and their time is limited.
    Asking,
    /// It has been told to go.
    Leaving,
}

impl Connection {
    /// Sets what it is at, unless it is leaving: then false.
    pub fn is_at(&self, stage: Phase) -> bool {
        let mut now = lock(&self.stage);
        let stays = *now != Phase::Leaving;
        if stays {
            *now = stage;
        }
        stays
    }

    fn send_away(&self) {
        let mut now = lock(&self.stage);
        if *now < Phase::Asking {
            *now = Phase::Leaving;
            // wakes its thread; an error says that the client has gone by itself
            let _ = self.stream.shutdown(Shutdown::Both);
        }
    }
}

/// All connections.
pub struct Connections {
    most: usize,
    open: Mutex<Vec<Arc<Connection>>>,
    left: Condvar,
}

impl Connections {
    /// At most so many at once.
    pub fn new(most: usize) -> Connections {
        Connections { most, open: Mutex::default(), left: Condvar::new() }
    }

    /// Lets someone in, as soon as there is room.
    pub fn admit(&self, stream: TcpStream, peer: IpAddr) -> Arc<Connection> {
        let connection = Arc::new(Connection { stream, peer, since: Instant::now(), stage: Mutex::new(Phase::Idle) });
        let mut open = lock(&self.open);
        while open.len() >= self.most {
            make_room(&open, 1);
            // the time is for a connection who can give way only later
            let woken = self.left.wait_timeout(open, Duration::from_millis(20));
            open = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        open.push(connection.clone());
        connection
    }

    /// So many of those open give way.
    pub fn give_way(&self, count: usize) {
        make_room(&lock(&self.open), count);
    }

    /// It has ended.
    pub fn leave(&self, connection: &Arc<Connection>) {
        lock(&self.open).retain(|other| !Arc::ptr_eq(other, connection));
        self.left.notify_one();
    }
}

/// Sends away those that have waited longest, unless enough are leaving already.
fn make_room(open: &[Arc<Connection>], count: usize) {
    let leaving = open.iter().filter(|connection| *lock(&connection.stage) == Phase::Leaving).count();
    for _ in leaving..count {
        if let Some(connection) = open.iter().min_by_key(|connection| (*lock(&connection.stage), connection.since)) {
            connection.send_away();
        }
    }
}
