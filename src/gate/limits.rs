//! How much of everything one gate takes.

use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once, a thread each. Where the process may open few descriptors, fewer.
    pub connections: usize,
    /// Bytes of a request's head.
    pub head: usize,
    /// Bytes of a request's body, where whoever answers does not say otherwise.
    pub body: usize,
    /// Threads that answer, beside the one for our health; other requests wait.
    pub workers: usize,
    /// The path, besides `/health`, of requests that do not wait for the others but only for each other.
    pub health: String,
    /// Bytes of all large answers that wait for their clients, together; and of all large bodies.
    pub answers: usize,
    /// From the connection to the end of the head.
    pub head_time: Duration,
    /// From there to the end of the body.
    pub body_time: Duration,
    /// From there to the whole answer from a worker, who may wait for the apps and then for the database; and from there until the
    /// client has taken it.
    pub answer_time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 64,
            head: 64 << 10,
            body: 64 << 10,
            workers: 4,
            health: "/health".into(),
            answers: 8 << 20,
            head_time: Duration::from_secs(5),
            body_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(15),
        }
    }
}
