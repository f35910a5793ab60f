//! What is written about the program is true: every variable is told everywhere, with the same words.

mod comparison;
mod manual;

use std::{fs, path::Path};

use plex_linker::config::{VARIABLES, Variable};

use crate::support::world::World;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A text as one line, without the marks of comments.
fn flat(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches('#').trim());
    lines.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The default as it is set off in the documents: as code when it is a value, plain when it is told in words.
fn told_default(variable: &Variable) -> String {
    match &*variable.default {
        "" => String::new(),
        words if words.contains(' ') && !words.contains('{') => words.to_string(),
        value => format!("`{value}`"),
    }
}

#[test]
fn the_readme_tells_every_variable() {
    let readme = read("README.md");
    let rows: Vec<String> = VARIABLES
        .iter()
        .map(|variable| format!("| `{}` | {} | {} |", variable.name, told_default(variable), variable.help))
        .collect();
    assert!(readme.contains(&rows.join("\n")), "the README's table should be\n{}", rows.join("\n"));
}

#[test]
fn the_sample_file_has_every_variable_with_its_default() {
    let file = read("packaging/plex-linker.env");
    for Variable { name, default, help } in VARIABLES.iter() {
        let value = if default.contains(' ') && !default.contains('{') { "" } else { &**default };
        let line = format!("#{name}={value}");
        assert!(file.lines().any(|found| found == line), "there should be a line {line}");
        assert!(flat(&file).to_lowercase().contains(&flat(help).to_lowercase()), "{name} should be told as: {help}");
    }
    let assigned = file.lines().filter(|line| line.starts_with('#') && line[1..].starts_with(char::is_uppercase));
    assert_eq!(assigned.count(), VARIABLES.len(), "a variable of the file is none of the program's");
}

#[test]
fn the_help_has_every_variable() {
    let world = World::new();
    let help = world.run(&["--help"]).succeeds().stdout.clone();
    for Variable { name, default, help: meaning } in VARIABLES.iter() {
        assert!(help.contains(&format!("\n  {name}\n")), "{name}");
        assert!(flat(&help).contains(&flat(meaning)) && flat(&help).contains(default), "{name}");
    }
}

#[test]
fn what_the_readme_names_is_there() {
    let readme = read("README.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = readme.split('`').skip(1).step_by(2).filter(|named| !named.contains(char::is_whitespace));
    let folders = ["src/", "tests/", "packaging/", "systemd/"];
    let named: Vec<_> = named.filter(|named| folders.iter().any(|folder| named.starts_with(folder))).collect();
    assert!(named.len() > 15, "{named:?}");
    for path in named {
        assert!(root.join(path).exists(), "there is no {path}");
    }
    let (_, promises) = readme.split_once("| in `tests/` |").unwrap();
    for row in promises.lines().skip(2).take_while(|row| row.starts_with("| ")) {
        let files: Vec<_> = row.rsplit(" | ").next().unwrap().trim_end_matches(" |").split(", ").collect();
        for file in files {
            let text = read(&format!("tests/{}", file.trim_matches('`')));
            assert!(text.contains("#[test]\nfn "), "there is no test in {file}, which is to prove: {row}");
        }
    }
}
