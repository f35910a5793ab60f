//! How much memory large bodies or large answers may take together.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Up to here there is always room: however many clients fetch something large, the small keep going.
const SMALL: usize = 16 << 10;

pub struct Rooms {
    most: usize,
    held: AtomicUsize,
}

/// The room that something large takes, until it is dropped.
pub struct Room {
    rooms: Arc<Rooms>,
    bytes: usize,
}

impl Rooms {
    pub fn new(most: usize) -> Arc<Rooms> {
        Arc::new(Rooms { most, held: AtomicUsize::new(0) })
    }

    /// `None`: the others take too much.
    pub fn take(self: &Arc<Rooms>, bytes: usize) -> Option<Room> {
        let bytes = if bytes <= SMALL { 0 } else { bytes };
        let room = Room { rooms: self.clone(), bytes };
        // its Drop gives back what is taken here
        let held = self.held.fetch_add(bytes, Ordering::Relaxed);
        (held.saturating_add(bytes) <= self.most).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.rooms.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
