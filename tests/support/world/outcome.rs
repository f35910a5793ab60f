//! What became of a command.

use std::{
    io::Read,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use super::{World, indented};

/// How long a run may take, also on a busy machine, and when apps do not answer.
const PATIENCE: Duration = Duration::from_secs(240);

/// A command that has ended. Every assertion that fails shows the whole scene.
pub struct Outcome<'w> {
    world: &'w World,
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome<'_> {
    pub fn of(world: &World, mut command: Command) -> Outcome<'_> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let shown = shown(&command);
        *world.last.lock().unwrap() = format!("command: {shown}\nwhich has not ended");
        let mut child = command.spawn().unwrap_or_else(|cause| panic!("cannot run {shown}: {cause}"));
        let stdout = reading(child.stdout.take().unwrap());
        let stderr = reading(child.stderr.take().unwrap());
        let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(PATIENCE), stderr.recv_timeout(PATIENCE)) else {
            _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
            _ = child.wait();
            world.fail("the command took longer than four minutes");
        };
        let status = child.wait().unwrap();
        let outcome = Outcome { world, status, stdout, stderr };
        *world.last.lock().unwrap() = format!("command: {shown}\n{}", outcome.scene());
        for key in [world.sonarr.key(), world.radarr.key()] {
            world.assert(!outcome.output().contains(key), "a key was shown");
        }
        outcome
    }

    /// `None` if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// All that was said.
    pub fn output(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Exit code 0.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        self.world.assert(self.code() == Some(code), &format!("the exit code should be {code}"));
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        self.world.assert(self.output().contains(text), &format!("it should say {text:?}"));
        self
    }

    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        self.world.assert(!self.output().contains(text), &format!("it should not say {text:?}"));
        self
    }

    fn scene(&self) -> String {
        format!("ended: {}\nstdout:\n{}\nstderr:\n{}", self.status, indented(&self.stdout), indented(&self.stderr))
    }
}

/// Reads a pipe to its end in a thread of its own.
fn reading(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        _ = pipe.read_to_end(&mut bytes);
        _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// As it could be typed, but for the environment.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" ")
}
