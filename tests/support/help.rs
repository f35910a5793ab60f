//! What `--help` says can be typed: with it the documents and the completions are compared.

use std::collections::BTreeSet;

use plex_linker::cli;

pub struct Typed {
    /// One word, or two such as `rules list`.
    pub command: String,
    /// Those of the command alone.
    pub options: BTreeSet<String>,
}

/// Every command, in the order of the help.
pub fn commands() -> Vec<Typed> {
    let mut commands: Vec<Typed> = Vec::new();
    for line in part("\nCommands:\n", "\nExit codes:").lines() {
        let text = line.strip_prefix("  ").unwrap();
        if text.starts_with(char::is_lowercase) {
            let words = if text.starts_with("rules ") { 2 } else { 1 };
            let command = text.split_whitespace().take(words).collect::<Vec<_>>().join(" ");
            let same = text.contains("the same options");
            let options = commands.last().filter(|_| same).map(|typed| typed.options.clone()).unwrap_or_default();
            commands.push(Typed { command, options });
        }
        if !text.starts_with('-') {
            commands.last_mut().unwrap().options.extend(options_in(text));
        }
    }
    assert!(commands.len() > 10 && commands.iter().any(|typed| typed.options.len() > 5), "the help is not understood");
    commands
}

/// The options that go with every command, or without one.
pub fn options() -> BTreeSet<String> {
    let alone =
        part("\nCommands:\n", "\nExit codes:").lines().filter(|line| line.starts_with("  -")).flat_map(options_in);
    alone.chain(options_in(part("\nUsage:", "\n\n"))).collect()
}

fn part(from: &str, to: &str) -> &'static str {
    static HELP: std::sync::LazyLock<String> = std::sync::LazyLock::new(cli::usage);
    let (_, rest) = HELP.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}

fn options_in(text: &str) -> impl Iterator<Item = String> {
    let marks = |c: char| c != '-' && !c.is_ascii_lowercase();
    text.split(marks).filter(|word| word.starts_with("--")).map(String::from)
}
