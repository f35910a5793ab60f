//! strace in front of the program: it strikes at a system call of choice.

use std::{collections::HashMap, fs, path::PathBuf, process::Command};

use super::{
    skip,
    world::{Outcome, World},
};

/// Says so if there is none.
pub fn is_there() -> bool {
    let tried = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let works = tried.is_ok_and(|output| output.status.success());
    if !works {
        skip("strace is missing or may not trace: install it, and allow ptrace");
    }
    works
}

/// What happens at which system calls of the program's main thread, which is the one that does the run.
#[derive(Debug, Clone)]
pub struct Strike {
    call: String,
    /// In strace's words: `signal=KILL`, `error=EIO`.
    blow: String,
    /// Which of the calls of that name, in strace's words: `3`, `1..2`, `2+`.
    when: String,
    /// Only calls that name one of these paths, or a descriptor of one, are struck and counted; any if there are none.
    paths: Vec<String>,
}

impl Strike {
    pub fn at(call: &str, blow: &str, when: impl ToString) -> Strike {
        Strike { call: call.into(), blow: blow.into(), when: when.to_string(), paths: Vec::new() }
    }

    pub fn only(self, paths: Vec<String>) -> Strike {
        Strike { paths, ..self }
    }

    /// The program with these arguments, struck.
    pub fn command(&self, world: &World, arguments: &[&str]) -> Command {
        let Strike { call, blow, when, .. } = self;
        // a name that this machine does not know is no error
        let mut words =
            ["-e".into(), format!("trace=?{call}"), "-e".into(), format!("inject=?{call}:{blow}:when={when}")].to_vec();
        words.extend(self.paths.iter().flat_map(|path| ["-P".into(), path.clone()]));
        traced(world, &words, arguments)
    }

    /// Such a run to its end.
    pub fn once<'w>(&self, world: &'w World) -> Outcome<'w> {
        world.finish(self.command(world, &["once"]))
    }

    /// How many calls of the last run failed because of it.
    pub fn hits(world: &World) -> usize {
        trace(world).lines().filter(|line| line.contains("(INJECTED)")).count()
    }
}

/// The system calls that the main thread of a run makes, in their order.
pub fn calls(world: &World, paths: Vec<String>) -> Vec<(String, usize)> {
    let words: Vec<String> = paths.into_iter().flat_map(|path| ["-P".into(), path]).collect();
    world.finish(traced(world, &words, &["once"])).succeeds();
    numbered(&trace(world))
}

/// The calls in a trace of one thread: the name, and how many of that name there have been with it.
pub fn numbered(trace: &str) -> Vec<(String, usize)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let names = trace.lines().filter_map(|line| Some(line.split_once('(')?.0.to_string()));
    let count = |name: String| {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        (name, *times)
    };
    names.map(count).collect()
}

/// The program with these arguments, watched and not struck.
pub fn watched(world: &World, arguments: &[&str]) -> Command {
    traced(world, &[], arguments)
}

fn traced(world: &World, words: &[String], arguments: &[&str]) -> Command {
    let file = trace_file(world).display().to_string();
    let words: Vec<&str> = ["strace", "-qq", "-o", &file].into_iter().chain(words.iter().map(String::as_str)).collect();
    world.command_below(&words, arguments)
}

/// What strace has seen of the last run; nothing if that has not begun.
pub fn trace(world: &World) -> String {
    fs::read_to_string(trace_file(world)).unwrap_or_default()
}

fn trace_file(world: &World) -> PathBuf {
    world.media().with_file_name("trace")
}
