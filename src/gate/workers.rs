//! Those who answer: a few threads behind a bounded channel, and one beside them for whoever asks for our health.

use std::{
    io,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};

use super::{
    connections::lock,
    limits::Limits,
    rooms::{Room, Rooms},
};
use crate::web::{Refusal, Reply, Request, parts};

/// From a request to its answer.
pub type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

pub struct Workers {
    jobs: SyncSender<Job>,
    /// That all else waits for something slow is no illness.
    health: SyncSender<Job>,
    /// The path of those who ask for it.
    path: String,
}

/// A request, and where its answer is waited for.
struct Job {
    request: Request,
    /// What its body takes.
    _room: Room,
    answer: SyncSender<Answer>,
    until: Instant,
}

/// A reply with the room that it takes, or why there is none.
type Answer = Result<(Reply, Room), Refusal>;

/// A page is made on it.
const STACK: usize = 2 << 20;

impl Workers {
    /// Starts them all.
    pub fn start(limits: &Limits, handler: Arc<Handler>) -> io::Result<Workers> {
        let rooms = Rooms::new(limits.answers);
        let start = |workers| {
            // a place for each client that can wait
            let (jobs, waiting) = sync_channel(limits.connections);
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 0..workers {
                let (waiting, handler, rooms) = (waiting.clone(), handler.clone(), rooms.clone());
                let work = move || work(&waiting, &*handler, &rooms);
                thread::Builder::new().name("worker".into()).stack_size(STACK).spawn(work)?;
            }
            io::Result::Ok(jobs)
        };
        Ok(Workers { jobs: start(limits.workers)?, health: start(1)?, path: limits.health.clone() })
    }

    /// Hands a request over and waits for its answer.
    pub fn ask(&self, request: Request, room: Room, until: Instant) -> Answer {
        let is_health = ["/health", &self.path].iter().any(|path| parts(&request.path).eq(parts(path)));
        let (answer, answers) = sync_channel(1);
        let job = Job { request, _room: room, answer, until };
        let busy = || Err(Refusal::new(503, "plex-linker is busy: try again in a while"));
        // it is full where all are stuck: then they get no more to hold
        if (if is_health { &self.health } else { &self.jobs }).try_send(job).is_err() {
            return busy();
        }
        answers.recv_timeout(until.saturating_duration_since(Instant::now())).unwrap_or_else(|_| busy())
    }
}

fn work(waiting: &Mutex<Receiver<Job>>, handler: &Handler, rooms: &Arc<Rooms>) {
    loop {
        let job = lock(waiting).recv();
        let Ok(job) = job else { return };
        // nobody waits for it any more
        if job.until < Instant::now() {
            continue;
        }
        let reply = handler(&job.request);
        let much = || Refusal::new(503, "too much is being fetched at once: try again, or fetch less (?limit=)");
        let room = rooms.take(reply.body.len()).ok_or_else(much);
        // whoever asked may have gone
        let _ = job.answer.try_send(room.map(|room| (reply, room)));
    }
}
