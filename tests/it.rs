//! The map of the tests: a group for each room of `src` and for what is delivered, so that `cargo test disk` runs what is told of
//! `disk`, here and beside its code. All use the program from outside; `stress` takes as long as all others together.

/// What is asked of Radarr and Sonarr, and what is made of their answers.
mod arr;
/// `plex-linker check`.
mod check;
/// What can be typed, printed and offered, and the commands that set things up.
mod commands {
    mod command_line;
    mod completions;
    mod connect;
    mod secrets;
    mod setup;
}
/// The rules and records, in SQLite and PostgreSQL.
mod db;
/// What is told of the program is true.
mod documents;
/// What is found in the media tree, and what is never touched there.
mod disk {
    mod file_systems;
    mod folders;
    mod lock;
    mod safety;
}
/// Requests as they come from the network.
mod gate;
/// What the tests themselves rely on.
mod harness {
    mod apps;
    mod names;
    mod observed;
    mod world;
}
/// What is installed: by `make install`, and as README sets it up in containers. Packages are in `system.rs`.
mod packages {
    mod containers;
    mod install;
}
/// Which link a rule gets, and which goes.
mod plan {
    mod changes;
    mod meaning;
    mod moving;
    mod placing;
    mod removals;
    mod subtitles;
    mod witnesses;
}
/// One run from start to end: what it asks, tells and leaves.
mod run {
    mod fields;
    mod monitor;
    mod news;
    mod notify;
    mod once;
    mod taken;
}
/// `plex-linker serve` as a process: when it runs, how it ends, whom it answers, and what it survives.
mod serve {
    mod access;
    mod away;
    mod families;
    mod health;
    mod large;
    mod locked;
    mod looks;
    mod proxy;
    mod runs;
    mod signals;
    mod start;
    mod stopped;
    mod told;
}
/// What the sources may and may not do, and what they are made of.
mod sources {
    mod architecture;
    mod dependencies;
}
/// Everything that goes wrong, at every moment that it can: in `make campaign` for hours.
mod stress {
    mod errnos;
    mod faults;
    mod fuzz;
    mod killed;
    mod model;
    mod mount;
    mod race;
    mod soak;
    mod swapper;
}
/// What is suggested: how good it is, on real films and specials, and what the command prints.
mod suggest {
    mod cases;
    mod command;
    mod fixtures;
    mod quality;
}
/// The page and the API, as values and in a browser.
mod web;

mod support;
