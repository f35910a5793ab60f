//! Those who answer: a few threads behind a bounded channel, and one beside them for whoever asks for our health. And how much memory
//! large bodies, or large answers, may take together.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};

use super::limits::Limits;
use crate::{
    mutex::lock,
    web::{Most, Refusal, Reply, Request, parts},
};

/// Those who tell what to do with a request, on whatever thread.
pub struct Answers {
    pub most: Box<Telling<Option<Most>>>,
    pub answer: Box<Telling<Reply>>,
    pub refuse: Box<Refusing>,
}

type Telling<T> = dyn Fn(&Request) -> T + Send + Sync;
type Refusing = dyn Fn(&Request, &Refusal) -> Reply + Send + Sync;

pub struct Workers {
    jobs: SyncSender<Job>,
    /// That all else waits for something slow is no illness.
    health: SyncSender<Job>,
    /// The path of those who ask for it.
    path: String,
}

/// A request, and where its answer is waited for.
struct Job {
    received: Arc<Received>,
    answer: SyncSender<Result<Answered, Refusal>>,
    until: Instant,
}

/// A request with the room that its body takes.
pub struct Received {
    pub request: Request,
    pub _room: Room,
}

/// A reply with the room that it takes.
pub type Answered = (Reply, Room);

/// A page is made on it.
const STACK: usize = 2 << 20;

impl Workers {
    /// Starts them all.
    pub fn start(limits: &Limits, answers: &Arc<Answers>) -> io::Result<Workers> {
        let rooms = Rooms::new(limits.answers);
        let start = |workers| {
            // a place for each client that can wait
            let (jobs, waiting) = sync_channel(limits.connections);
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 0..workers {
                let (waiting, answers, rooms) = (waiting.clone(), answers.clone(), rooms.clone());
                let work = move || work(&waiting, &answers, &rooms);
                thread::Builder::new().name("worker".into()).stack_size(STACK).spawn(work)?;
            }
            io::Result::Ok(jobs)
        };
        Ok(Workers { jobs: start(limits.workers)?, health: start(1)?, path: limits.health.clone() })
    }

    /// Hands a request over and waits for its answer.
    pub fn ask(&self, received: &Arc<Received>, until: Instant) -> Result<Answered, Refusal> {
        let path = &received.request.path;
        let is_health = ["/health", &self.path].iter().any(|health| parts(path).eq(parts(health)));
        let (answer, answers) = sync_channel(1);
        let job = Job { received: received.clone(), answer, until };
        let busy = || Err(Refusal::new(503, "plex-linker is busy: try again in a while"));
        // it is full where all are stuck: then they get no more to hold
        if (if is_health { &self.health } else { &self.jobs }).try_send(job).is_err() {
            return busy();
        }
        answers.recv_timeout(until.saturating_duration_since(Instant::now())).unwrap_or_else(|_| busy())
    }
}

fn work(waiting: &Mutex<Receiver<Job>>, answers: &Answers, rooms: &Arc<Rooms>) {
    loop {
        let job = lock(waiting).recv();
        let Ok(Job { received, answer, until }) = job else { return };
        // nobody waits for it any more
        if until < Instant::now() {
            continue;
        }
        let reply = (answers.answer)(&received.request);
        let much = || Refusal::new(503, "too much is being fetched at once: try again, or fetch less (?limit=)");
        let room = rooms.take(reply.body.len()).ok_or_else(much);
        // whoever asked may have gone
        let _ = answer.try_send(room.map(|room| (reply, room)));
    }
}

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
