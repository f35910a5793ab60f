//! A person at a terminal: `script` makes one, and the answers are typed when their questions stand there.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use super::{skip, world::World};

const PATIENCE: Duration = Duration::from_secs(120);

/// What the terminal shows in the end, and the exit code. Each answer is typed after the end of its question is seen.
pub fn talk(world: &World, command: &Command, answers: &[(&str, &str)]) -> Option<(String, Option<i32>)> {
    if Command::new("script").arg("--version").output().is_err() {
        skip("questions on a terminal were not tested: script is missing: run tests/setup.sh");
        return None;
    }
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let line = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let mut script = world.dress(script);
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stdout.read(&mut bytes) {
            _ = sender.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
        }
    });
    let mut shown = String::new();
    let mut seen = 0;
    for (question, answer) in answers {
        while !shown[seen..].contains(question) {
            match receiver.recv_timeout(PATIENCE) {
                Ok(more) => shown += &more,
                Err(_) => {
                    _ = child.kill();
                    world.fail(&format!("it should ask {question:?}, but the terminal shows\n{shown}"))
                }
            }
        }
        seen += shown[seen..].find(question).unwrap() + question.len();
        writeln!(stdin, "{answer}").unwrap();
    }
    // a question that was not expected ends it
    drop(stdin);
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(more) => shown += &more,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                _ = child.kill();
                world.fail(&format!("it does not end, and the terminal shows\n{shown}"));
            }
        }
    }
    Some((shown.replace('\r', ""), child.wait().unwrap().code()))
}
