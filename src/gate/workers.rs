//! Those who answer: a few threads behind a bounded channel, and one beside them for whoever asks for our health.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    time::Instant,
};

use super::{Limits, lock, refusal::refused, thread_with_small_stack};
use crate::web::{Refusal, Reply, Request};

/// From a request to its answer.
type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

pub struct Workers {
    lane: Lane,
    /// That all else waits for something slow is no illness.
    health: Lane,
    path: String,
}

/// Workers, and what may be asked of them.
struct Lane {
    jobs: SyncSender<Job>,
    permits: Arc<Permits>,
}

/// A request, and where its answer is waited for.
struct Job {
    request: Request,
    answer: SyncSender<Result<Answer, Refusal>>,
    _permit: Permit,
}

/// An answer, and the room that it takes.
pub struct Answer {
    pub reply: Reply,
    _room: Room,
}

/// Answers up to here always have room: however many clients fetch something large, the small keep going.
const SMALL: usize = 16 << 10;
/// A page is made on it.
const STACK: usize = 2 << 20;

impl Workers {
    /// Starts them all.
    pub fn start(limits: &Limits, handler: Arc<Handler>) -> std::io::Result<Workers> {
        let rooms = Arc::new(Rooms { most: limits.answers, held: AtomicUsize::new(0) });
        let lane = Lane::start(limits.workers, &handler, &rooms)?;
        let health = Lane::start(1, &handler, &rooms)?;
        Ok(Workers { lane, health, path: limits.health.clone() })
    }

    /// Hands a request over and waits for its answer. One that is not ended in time keeps its permit, so that workers who are stuck
    /// get no more to hold.
    pub fn ask(&self, request: Request, until: Instant) -> Result<Answer, Refusal> {
        let path = request.path.as_str();
        let lane = if path == "/health" || path == self.path { &self.health } else { &self.lane };
        let permit = lane.permits.take(until)?;
        let (answer, answers) = sync_channel(1);
        // there is room for as many as there are permits
        if lane.jobs.try_send(Job { request, answer, _permit: permit }).is_err() {
            return busy();
        }
        match answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => busy(),
        }
    }
}

impl Lane {
    fn start(workers: usize, handler: &Arc<Handler>, rooms: &Arc<Rooms>) -> std::io::Result<Lane> {
        let (jobs, waiting) = sync_channel(workers);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..workers {
            let (waiting, handler, rooms) = (waiting.clone(), handler.clone(), rooms.clone());
            let work = move || work(&waiting, &*handler, &rooms);
            thread_with_small_stack().name("worker".into()).stack_size(STACK).spawn(work)?;
        }
        Ok(Lane { jobs, permits: Arc::new(Permits { free: Mutex::new(workers), freed: Condvar::new() }) })
    }
}

fn work(waiting: &Mutex<Receiver<Job>>, handler: &Handler, rooms: &Arc<Rooms>) {
    loop {
        let job = lock(waiting).recv();
        let Ok(Job { request, answer, _permit }) = job else { return };
        let reply = handler(&request);
        let room = rooms.take(reply.body.len());
        // whoever asked may have gone
        let _ = answer.try_send(room.map(|room| Answer { reply, _room: room }));
    }
}

fn busy<T>() -> Result<T, Refusal> {
    refused(503, "plex-linker is busy: try again in a while")
}

/// The right to a worker.
struct Permits {
    free: Mutex<usize>,
    freed: Condvar,
}

struct Permit(Arc<Permits>);

impl Permits {
    /// Waits until a worker is free.
    fn take(self: &Arc<Permits>, until: Instant) -> Result<Permit, Refusal> {
        let left = until.saturating_duration_since(Instant::now());
        let waited = self.freed.wait_timeout_while(lock(&self.free), left, |free| *free == 0);
        let (mut free, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && *free == 0 {
            return busy();
        }
        *free -= 1;
        Ok(Permit(self.clone()))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.freed.notify_one();
    }
}

/// Bytes of large answers that are held now.
struct Rooms {
    most: usize,
    held: AtomicUsize,
}

/// The room that one large answer takes.
struct Room {
    rooms: Arc<Rooms>,
    bytes: usize,
}

impl Rooms {
    fn take(self: &Arc<Rooms>, bytes: usize) -> Result<Room, Refusal> {
        let bytes = if bytes <= SMALL { 0 } else { bytes };
        let room = Room { rooms: self.clone(), bytes };
        // its Drop gives back what is taken here
        let held = self.held.fetch_add(bytes, Ordering::Relaxed);
        if held.saturating_add(bytes) > self.most {
            return refused(503, "too much is being fetched at once: try again, or fetch less (?limit=)");
        }
        Ok(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.rooms.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
