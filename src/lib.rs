//! plex-linker keeps one relative symlink per rule (this film is that show's special) from the special's place to the film's file.
//!
//! A run: **load** rules → **fetch** libraries → **place** each rule (pure) → **look** at the disk → **decide** (pure) → **apply** →
//! **notify** → **report**. Between looking and touching stands a value, the [`plan::Plan`]; a dry run ends after *decide*.

#![forbid(unsafe_code)]

pub mod arr;
pub mod check;
pub mod cli;
pub mod config;
pub mod db;
pub mod disk;
pub mod error;
pub mod gate;
pub mod meaning;
pub mod model;
pub mod name;
pub mod plan;
pub mod run;
pub mod serve;
pub mod suggest;
pub mod web;
