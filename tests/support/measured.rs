//! How much memory a run of the program needs.

use std::{env, process::Command};

use super::world::{Outcome, World, program};

/// Where the process of its own learns what to run.
const WORDS: &str = "PLEX_LINKER_TEST_MEASURES";
const BETWEEN: &str = "\u{1f}";
const SAYS: &str = "the most memory: ";

/// No test: [`run`] runs this binary anew with only this in it, so that its one child is the one that is measured.
#[test]
#[ignore = "other tests start it"]
fn a_process_of_its_own() {
    use nix::sys::resource::{UsageWho, getrusage};
    let Ok(words) = env::var(WORDS) else { return };
    let mut words = words.split(BETWEEN);
    let status = Command::new(words.next().unwrap()).args(words).env_remove(WORDS).status().unwrap();
    eprintln!("{SAYS}{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
    std::process::exit(status.code().unwrap_or(101));
}

/// Runs the program to its end; with what became of it the most memory that it had resident, in KiB.
pub fn run<'w>(world: &'w World, arguments: &[&str]) -> (Outcome<'w>, u64) {
    let name = format!("{}::a_process_of_its_own", module_path!().split_once("::").unwrap().1);
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &name, "--ignored", "--nocapture", "--quiet"]);
    let mut command = world.dress(command);
    let program = program();
    let words: Vec<&str> = [program.to_str().unwrap()].into_iter().chain(arguments.iter().copied()).collect();
    command.env(WORDS, words.join(BETWEEN));
    let outcome = world.finish(command);
    let told = outcome.stderr.lines().find_map(|line| line.strip_prefix(SAYS)?.parse().ok());
    let Some(peak) = told else { world.fail("the memory should be told") };
    (outcome, peak)
}
