//! strace in front of the program: it strikes at a system call of choice.

use std::{
    collections::HashMap,
    fmt::Display,
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

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

/// strace's words. It sees the program's main thread alone, which is the one that does the run.
#[derive(Debug, Clone, Default)]
pub struct Strace(Vec<String>);

impl Strace {
    /// Watches only.
    pub fn new() -> Strace {
        Strace::default()
    }

    /// Strikes the program with `blow`, such as `signal=KILL` or `error=EIO`, at those calls of this name that `when` tells: `3`,
    /// `1..2`, `2+`.
    pub fn at(mut self, call: &str, blow: &str, when: impl Display) -> Strace {
        // a name that this machine does not know is no error
        self.0.extend(["-e".into(), format!("inject=?{call}:{blow}:when={when}")]);
        self
    }

    /// Sees, counts and strikes only calls that name one of these paths, or a descriptor of one.
    pub fn only(mut self, paths: Vec<String>) -> Strace {
        self.0.extend(paths.into_iter().flat_map(|path| ["-P".into(), path]));
        self
    }

    /// What stands before the words of another program; what it sees goes into `file`.
    pub fn words(&self, file: &Path) -> Vec<String> {
        let own = ["strace", "-f", "-qq", "-o", file.to_str().unwrap()].map(String::from);
        own.into_iter().chain(self.0.iter().cloned()).collect()
    }

    /// The program with these arguments below it.
    pub fn command(&self, world: &World, arguments: &[&str]) -> Command {
        let file = trace_file(world).display().to_string();
        let words = ["strace", "-qq", "-o", &file].into_iter().chain(self.0.iter().map(String::as_str));
        world.command_below(&words.collect::<Vec<_>>(), arguments)
    }

    /// A run to its end.
    pub fn once<'w>(&self, world: &'w World) -> Outcome<'w> {
        world.finish(self.command(world, &["once"]))
    }

    /// The calls that a run makes.
    pub fn calls(&self, world: &World) -> Vec<(String, usize)> {
        self.once(world).succeeds();
        calls(world)
    }
}

/// Starts strace where its program may be stopped: in a group of its own, since what stands still in ours would end all of it (SIGHUP)
/// as soon as its last shell has gone.
pub fn start(strace: &mut Command) -> Child {
    strace.process_group(0).spawn().unwrap()
}

/// Signals strace's only child, which may have ended meanwhile.
pub fn signal(strace: &Child, signal: Signal) {
    let id = strace.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    _ = children.trim().parse().map(|child| kill(Pid::from_raw(child), signal));
}

/// What strace has seen of the last run; nothing if that has not begun.
pub fn trace(world: &World) -> String {
    fs::read_to_string(trace_file(world)).unwrap_or_default()
}

/// The calls of the last run in their order: the name, and how many of that name there have been with it.
pub fn calls(world: &World) -> Vec<(String, usize)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let trace = trace(world);
    let names = trace.lines().filter_map(|line| Some(line.split_once('(')?.0.to_string()));
    let count = |name: String| {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        (name, *times)
    };
    names.map(count).collect()
}

/// How many calls of the last run failed because they were struck.
pub fn hits(world: &World) -> usize {
    trace(world).lines().filter(|line| line.contains("(INJECTED)")).count()
}

fn trace_file(world: &World) -> PathBuf {
    world.media().with_file_name("trace")
}
