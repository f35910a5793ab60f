//! What the sources may and may not do: the table of modules and the words that never appear, checked against `src`.

use std::{fs, path::Path};

use tokens::Source;

mod tokens;

/// Each module of `src` and those that it may use; a module's own folder counts as the module.
const MODULES: [(&str, &str); 26] = [
    (
        "main",
        "clock journal cli serve setup gate web run disk db arr check connect news plan name suggest config model error",
    ),
    ("cli", "db run check connect news suggest config model error"),
    ("lib", ""),
    ("serve", "clock mutex gate web run check connect news db config model error"),
    ("gate", "clock mutex web config error"),
    ("web", "journal mutex db config model error"),
    ("journal", "mutex"),
    ("run", "clock mutex arr db disk meaning plan name suggest model config error"),
    ("setup", "arr check cli config disk name model error"),
    ("disk", "locks name plan model error"),
    ("db", "hosts locks config model error"),
    ("arr", "hosts mutex config model error"),
    ("check", "arr connect db disk meaning name config model error"),
    ("connect", "arr hosts config error"),
    ("news", "arr config model error"),
    ("meaning", "model name"),
    ("plan", "meaning model name"),
    ("name", "model"),
    ("clock", ""),
    ("mutex", ""),
    ("hosts", ""),
    ("locks", ""),
    ("suggest", "model"),
    ("config", "model error"),
    ("model", "error"),
    ("error", ""),
];

/// Each foreign crate that only some modules may name.
const CRATES: [(&str, &str); 23] = [
    ("askama", "web"),
    ("base64", "web"),
    ("form_urlencoded", "arr web"),
    ("percent_encoding", "config gate"),
    ("ring", "db web"),
    ("subtle", "web"),
    ("rusqlite", "db"),
    ("sd_notify", "serve"),
    ("postgres", "config db"),
    ("tokio_postgres", "db"),
    ("tokio_postgres_rustls", "db"),
    ("rustls", "db config"),
    ("ureq", "arr"),
    ("dns_lookup", "hosts"),
    ("tiny_http", "gate"),
    ("httparse", "gate"),
    ("nix", "clock disk locks serve setup"),
    ("rustix", "disk gate"),
    ("pico_args", "main cli"),
    ("env_logger", "main"),
    ("unicode_normalization", "disk name suggest"),
    ("strsim", "config meaning suggest"),
    ("tz", "config model"),
];

/// Modules that compute and do nothing else.
const PURE: &str = "model name meaning plan suggest";
const IMPURE: [&str; 9] = [
    "log",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

const MAX_LINES: usize = 400;

/// Names that say nothing.
const EMPTY_NAMES: [&str; 5] = ["util", "utils", "common", "helper", "helpers"];

/// A file of `src`: its path there and its text.
type File = (String, String);

#[test]
fn the_sources_keep_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    read(&root, &root, &mut files);
    let broken = broken_rules(&files);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn read(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn broken_rules(files: &[File]) -> Vec<String> {
    let mut broken = Vec::new();
    let sources: Vec<_> = files.iter().map(|(path, text)| (path, Source::new(text))).collect();
    for ((path, text), (_, source)) in files.iter().zip(&sources) {
        let mut say = |what: String| broken.push(format!("src/{path}: {what}"));
        shape(path, text, &mut say);
        // tests may do as they like
        if Path::new(path).file_name().is_some_and(|name| name != "tests.rs") {
            uses(module(path), source, &mut say);
            words(source, &mut say);
        }
    }
    let implementations = |name: &str| sources.iter().map(|(_, source)| source.implementations(name)).sum::<usize>();
    for (path, source) in &sources {
        let lonely = source.traits().into_iter().filter(|name| implementations(name) == 1);
        broken.extend(lonely.map(|name| format!("src/{path}: the trait {name} has one implementor")));
    }
    broken
}

/// `arr/wire.rs` belongs to `arr`.
fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

fn listed(list: &str, name: &str) -> bool {
    list.split(' ').any(|listed| listed == name)
}

/// The file as such.
fn shape(path: &str, text: &str, say: &mut impl FnMut(String)) {
    if !MODULES.iter().any(|(name, _)| *name == module(path)) {
        say("the module is not in the table".into());
    }
    let parts = path.split('/').map(|part| part.trim_end_matches(".rs"));
    parts.filter(|part| EMPTY_NAMES.contains(part)).for_each(|part| say(format!("{part:?} says nothing")));
    if !text.starts_with("//! ") {
        say("the first line does not say what the file is".into());
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        say(format!("{lines} lines are more than {MAX_LINES}"));
    }
}

/// Which modules and crates the file names.
fn uses(module: &str, source: &Source, say: &mut impl FnMut(String)) {
    let may_use = MODULES.iter().find(|(name, _)| *name == module).map_or("", |(_, list)| list);
    for path in source.paths() {
        let mut parts = path.split("::");
        match (parts.next().unwrap(), parts.next()) {
            ("crate" | "plex_linker", Some(other)) if other != module && !listed(may_use, other) => {
                say(format!("{module} may not use {other} ({path})"));
            }
            (name, Some(_)) => {
                let only = CRATES.iter().find(|(foreign, _)| *foreign == name);
                if only.is_some_and(|(_, modules)| !listed(modules, module)) {
                    say(format!("{module} may not name the crate {name} ({path})"));
                }
            }
            _ => {}
        }
        let below =
            |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        if listed(PURE, module) && IMPURE.into_iter().any(below) {
            say(format!("{module} only computes: no {path}"));
        }
    }
}

/// What no file may say.
fn words(source: &Source, say: &mut impl FnMut(String)) {
    for name in EMPTY_NAMES {
        if source.contains(&["mod", name]) {
            say(format!("{name:?} says nothing"));
        }
    }
    for call in ["unwrap", "expect"] {
        if source.contains(&[".", call, "("]) {
            say(format!(".{call}() can panic"));
        }
    }
    if source.contains(&["unsafe"]) {
        say("unsafe".into());
    }
}

/// What is said of one file with this text.
fn said(path: &str, text: &str) -> Vec<String> {
    broken_rules(&[(path.into(), format!("//! A file.\n{text}"))])
}

#[test]
fn a_sound_file_breaks_no_rule() {
    let text = "
        use crate::{error::{Error, Result}, model::Rule};
        use std::{fs, time::Instant};
        /// unsafe, .unwrap() and crate::web in a comment /* or \" a string.
        fn name<'a>(db: &'a str) -> char { let _ = \"unsafe { x.unwrap() }\"; let _ = r#\"\"unsafe\"#; '\"' }
        #[cfg(test)]
        mod tests { use crate::web::Page; fn test() { Some(1).unwrap(); } }
        trait Two { fn two(); }
        impl Two for i32 { fn two() {} }
        impl<T: Iterator> Two for Vec<T> { fn two() {} }";
    assert_eq!(said("db/rules.rs", text), [""; 0]);
    assert_eq!(said("db/tests.rs", "use crate::web; fn f() { g().unwrap(); }"), [""; 0]);
}

#[test]
fn each_rule_can_be_broken() {
    let cases = [
        ("web.rs", "use crate::{model, run::Run};", "web may not use run (crate::run::Run)"),
        ("web/form.rs", "fn f() { crate::disk::remove() }", "web may not use disk (crate::disk::remove)"),
        ("web.rs", "use crate::run as other;", "web may not use run (crate::run)"),
        ("main.rs", "use plex_linker::nothing::At;", "main may not use nothing (plex_linker::nothing::At)"),
        ("run.rs", "use rusqlite::Connection;", "run may not name the crate rusqlite (rusqlite::Connection)"),
        ("run.rs", "fn f() -> nix::Result<()> {}", "run may not name the crate nix (nix::Result)"),
        ("plan.rs", "use std::{collections::HashMap, fs::File};", "plan only computes: no std::fs::File"),
        ("name.rs", "use std::{fs};", "name only computes: no std::fs"),
        ("plan.rs", "use std::time::{Duration, Instant};", "plan only computes: no std::time::Instant"),
        ("model.rs", "fn f() { log::warn!(\"x\"); }", "model only computes: no log::warn"),
        ("other.rs", "", "the module is not in the table"),
        ("arr/util.rs", "", "\"util\" says nothing"),
        ("arr.rs", "mod helpers { }", "\"helpers\" says nothing"),
        ("arr.rs", "fn f() { g().unwrap() }", ".unwrap() can panic"),
        ("arr.rs", "fn f() { g()\n.expect(\"x\") }", ".expect() can panic"),
        ("arr.rs", "#[cfg(test)] use x::y; fn f() { g().unwrap() }", ".unwrap() can panic"),
        ("arr.rs", "fn f() { unsafe { g() } }", "unsafe"),
        ("arr.rs", "trait One { fn f(); } impl<T> One for Box<T> {}", "the trait One has one implementor"),
    ];
    for (path, text, what) in cases {
        assert_eq!(said(path, text), [format!("src/{path}: {what}")], "{text}");
    }
    assert_eq!(said("arr.rs", &"\n".repeat(400)), ["src/arr.rs: 401 lines are more than 400"]);
    let headless = broken_rules(&[("arr.rs".into(), "fn f() {}\n".into())]);
    assert_eq!(headless, ["src/arr.rs: the first line does not say what the file is"]);
}
