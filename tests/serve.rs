//! `plex-linker serve` as a process: when it runs, how it ends, whom it answers, and what it survives.

mod access;
mod away;
mod families;
mod health;
mod looks;
mod proxy;
mod runs;
mod signals;
mod start;
mod stopped;
mod told;
