//! A run that waits for the answer of an app.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{fake::App, http::Fault, world::World};

/// It has the lock, and it ends with this value at the latest.
pub struct Waiting(Child);

impl Waiting {
    /// For this request, as `on` has them, `app` keeps the run waiting.
    pub fn start(world: &World, app: &App, request: &str) -> Waiting {
        Waiting::start_by(world.command(&["once"]), world, app, request)
    }

    /// The same with a command that does a run.
    pub fn start_by(mut command: Command, world: &World, app: &App, request: &str) -> Waiting {
        app.on_next(1, request, Fault::SILENT);
        let method = request.split(' ').next();
        let asked = || app.requests().iter().filter(|request| Some(request.method.as_str()) == method).count();
        let before = asked();
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut waiting = Waiting(child);
        let deadline = Instant::now() + Duration::from_secs(60);
        while asked() == before {
            if waiting.0.try_wait().unwrap().is_some() {
                let mut said = String::new();
                waiting.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                world.fail(&format!("the run should wait for the answer to {request}: {said}"));
            }
            world.assert(Instant::now() < deadline, &format!("the run should ask {request}"));
            thread::sleep(Duration::from_millis(5));
        }
        waiting
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// As `kill -9` does.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn ends(mut self) {
        self.0.wait().unwrap();
    }
}

/// Waits until this is so.
pub fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
