//! What tests are made of: a scripted web server, a sample Radarr and Sonarr upon it, a world around the real program, a database
//! server.

#![allow(dead_code, reason = "each user of this folder takes what it needs")]

use std::io::Write;

pub mod browser;
pub mod campaign;
pub mod cells;
pub mod change;
pub mod command;
pub mod daemon;
pub mod fake;
pub mod help;
pub mod http;
pub mod https;
pub mod json;
pub mod measured;
pub mod mount;
pub mod namespace;
pub mod port;
pub mod postgres;
pub mod quality;
pub mod radarr;
pub mod rules;
pub mod sample;
pub mod scene;
pub mod settings;
pub mod sonarr;
pub mod strace;
pub mod terminal;
pub mod tree;
pub mod waiting;
pub mod world;

/// The commands that tell of rules and runs.
pub const TELLING: [&[&str]; 7] = [
    &["once", "--dry-run"],
    &["once"],
    &["once", "--json"],
    &["status"],
    &["status", "--json"],
    &["rules", "list"],
    &["rules", "export"],
];

/// Says loudly that a test could not run; where everything must be there, it fails.
pub fn skip(reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "cannot run this test: {reason}");
    // a captured line would not be seen
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason}");
}
