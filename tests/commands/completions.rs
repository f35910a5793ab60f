//! What the shells offer after a tab is what can be typed, no more and no less.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{
    help::{self, Typed},
    skip,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/completions");

/// Fills in COMP_WORDS as bash does, and prints what is offered.
const BASH: &str = r#"
source "$0"
for line; do
    words=${line//=/ = }
    read -ra COMP_WORDS <<<"$words"
    [[ $words == *' ' && $words != *'= ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _plex_linker 2>/dev/null
    echo "AFTER:$line"
    printf 'OFFERED:%s\n' "${COMPREPLY[@]}"
done
"#;

const FISH: &str = r#"
source $argv[1]
for line in $argv[2..]
    echo "AFTER:$line"
    complete -C $line | string replace -r '\t.*' '' | string replace -r '^' OFFERED:
end
"#;

/// A shell's completions, by what is typed before the tab.
struct Shell {
    name: &'static str,
    offered: Vec<(String, BTreeSet<String>)>,
}

impl Shell {
    /// The words offered after `line`: options alone if it ends in dashes, else no options.
    fn offers(&self, line: &str) -> BTreeSet<String> {
        let (_, offered) = self.offered.iter().find(|(typed, _)| typed == line).unwrap();
        offered.iter().filter(|word| word.starts_with('-') == line.ends_with("--")).cloned().collect()
    }

    fn offers_files(&self, line: &str, file: &str) -> bool {
        let (_, offered) = self.offered.iter().find(|(typed, _)| typed == line).unwrap();
        !offered.is_empty() && offered.iter().all(|word| Path::new(word).file_name().is_some_and(|name| name == file))
    }
}

/// What each shell that is there offers after each of these lines.
fn shells(lines: &[String]) -> Vec<Shell> {
    let mut shells = Vec::new();
    for (name, file) in [("bash", "plex-linker.bash"), ("zsh", "_plex-linker"), ("fish", "plex-linker.fish")] {
        if Command::new(name).args(["-c", "true"]).status().is_err() {
            skip(&format!("the completions of {name} were not tested: {name} is missing"));
            continue;
        }
        let file = format!("{FOLDER}/{file}");
        let mut command = Command::new(name);
        match name {
            "bash" => command.args(["--norc", "-c", BASH, &file]),
            "fish" => command.args(["--no-config", "-c", FISH, &file]),
            // completion runs on a terminal alone
            _ => command.args([
                "-f",
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/commands/completions/tabs.zsh"),
                FOLDER,
            ]),
        };
        let output = command.args(lines).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        assert!(output.status.success() && said.contains("OFFERED:"), "{name}: {output:?}");
        let mut offered: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in said.lines() {
            if let Some(line) = line.strip_prefix("AFTER:") {
                offered.push((line.to_string(), BTreeSet::new()));
            } else if let Some(word) = line.strip_prefix("OFFERED:").filter(|word| !word.is_empty()) {
                offered.last_mut().unwrap().1.insert(word.to_string());
            }
        }
        assert_eq!(offered.len(), lines.len(), "{name}: {said}");
        shells.push(Shell { name, offered });
    }
    shells
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(String::from).collect()
}

#[test]
fn the_shells_offer_what_can_be_typed() {
    let commands = help::commands();
    let split = |typed: &Typed| typed.command.split_once(' ').map(|(a, b)| (a.to_string(), b.to_string()));
    let first = commands.iter().map(|typed| typed.command.split(' ').next().unwrap());
    let below_rules: Vec<_> = commands.iter().filter_map(split).collect();

    let mut expected = vec![
        ("plex-linker ".to_string(), words(first)),
        ("plex-linker ru".into(), words(["rules"])),
        ("plex-linker --config x s".into(), words(["serve", "setup", "status", "suggest"])),
        ("plex-linker rules ".into(), below_rules.iter().map(|(_, second)| second.clone()).collect()),
        ("plex-linker rules e".into(), words(["edit", "export"])),
        ("plex-linker rules add --movie-title ".into(), words([])),
        ("plex-linker serve --port ".into(), words([])),
    ];
    for Typed { command, options } in &commands {
        let mut options = options.clone();
        options.insert("--config".into());
        expected.push((format!("plex-linker {command} --"), options.clone()));
        if command == "once" {
            // it is what happens without a command, too
            expected.push(("plex-linker --".into(), options.union(&help::options()).cloned().collect()));
        }
    }
    let lines: Vec<String> = expected.iter().map(|(line, _)| line.clone()).collect();
    for shell in shells(&lines) {
        for (line, expected) in &expected {
            assert_eq!(shell.offers(line), *expected, "{} after {line:?}", shell.name);
        }
    }
}

#[test]
fn files_are_offered_where_a_file_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plex-linker.env"), "").unwrap();
    let start = folder.path().join("plex").display().to_string();
    let lines = [
        "--config ",
        "--config=",
        "once --config ",
        "rules import ",
        "setup --sonarr-config ",
        "setup --radarr-config=",
    ]
    .map(|line| format!("plex-linker {line}{start}"));
    for shell in shells(&lines) {
        for line in &lines {
            assert!(shell.offers_files(line, "plex-linker.env"), "{} after {line:?}: {:?}", shell.name, shell.offered);
        }
    }
}
