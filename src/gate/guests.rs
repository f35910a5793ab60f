//! Who is connected, and who gives way when there is no room for another.

use std::{
    net::{IpAddr, Shutdown, TcpStream},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::lock;

/// Someone connected.
pub struct Guest {
    pub stream: TcpStream,
    pub peer: IpAddr,
    since: Instant,
    stage: Mutex<Stage>,
}

/// What a guest is at, those first that give way first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It has not sent a whole request yet, or has had its answer.
    Idle,
    /// It takes its answer.
    Taking,
    /// Its request is with upstream: it never gives way, and upstream's time is limited.
    Asking,
    /// It has been told to go.
    Leaving,
}

impl Guest {
    /// Sets what it is at, unless it is leaving: then false.
    pub fn is(&self, stage: Stage) -> bool {
        let mut now = lock(&self.stage);
        let stays = *now != Stage::Leaving;
        if stays {
            *now = stage;
        }
        stays
    }

    fn stage(&self) -> Stage {
        *lock(&self.stage)
    }

    fn send_away(&self) {
        let mut now = lock(&self.stage);
        if *now < Stage::Asking {
            *now = Stage::Leaving;
            // wakes its thread; an error says that the client has gone by itself
            let _ = self.stream.shutdown(Shutdown::Both);
        }
    }
}

/// Everyone connected.
pub struct Guests {
    most: usize,
    inside: Mutex<Vec<Arc<Guest>>>,
    left: Condvar,
}

impl Guests {
    /// At most so many at once.
    pub fn new(most: usize) -> Guests {
        Guests { most, inside: Mutex::default(), left: Condvar::new() }
    }

    /// Lets someone in, as soon as there is room.
    pub fn enter(&self, stream: TcpStream, peer: IpAddr) -> Arc<Guest> {
        let guest = Arc::new(Guest { stream, peer, since: Instant::now(), stage: Mutex::new(Stage::Idle) });
        let mut inside = lock(&self.inside);
        while inside.len() >= self.most {
            make_room(&inside, 1);
            // the time is for a guest who can give way only later
            let woken = self.left.wait_timeout(inside, Duration::from_millis(20));
            inside = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        inside.push(guest.clone());
        guest
    }

    /// So many of those inside give way.
    pub fn give_way(&self, count: usize) {
        make_room(&lock(&self.inside), count);
    }

    /// The guest is inside until this is dropped.
    pub fn visit(&self, guest: Arc<Guest>) -> Visit<'_> {
        Visit { guests: self, guest }
    }
}

/// Sends away those that have waited longest, unless enough are leaving already.
fn make_room(inside: &[Arc<Guest>], count: usize) {
    let leaving = inside.iter().filter(|guest| guest.stage() == Stage::Leaving).count();
    for _ in leaving..count {
        if let Some(guest) = inside.iter().min_by_key(|guest| (guest.stage(), guest.since)) {
            guest.send_away();
        }
    }
}

/// A guest who is inside.
pub struct Visit<'a> {
    guests: &'a Guests,
    guest: Arc<Guest>,
}

impl std::ops::Deref for Visit<'_> {
    type Target = Guest;

    fn deref(&self) -> &Guest {
        &self.guest
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        lock(&self.guests.inside).retain(|guest| !Arc::ptr_eq(guest, &self.guest));
        self.guests.left.notify_one();
    }
}
