//! plex-linker keeps one relative symlink per rule (this film is that show's special) from the special's place to the film's file.
//!
//! A run: **load** rules → **fetch** libraries → **place** each rule (pure) → **look** at the disk → **decide** (pure) → **apply** →
//! **notify** → **report**. Between looking and touching stands a value, the [`plan::Plan`]; a dry run ends after *decide*.
//!
//! | word | is |
//! | --- | --- |
//! | rule | a user's wish: this film is that show's special number N, or specials M to N |
//! | movie, series, special | what Radarr and Sonarr have: a film, a show, an episode that is mostly of season 0 |
//! | meaning | which special and which film a rule was found to mean, remembered and followed |
//! | placement | where a rule's link belongs, and what its name says |
//! | source, target | the film's file; the text of a link, which leads to it |
//! | record | what we know to be ours on the disk: a link, its text, its rule |
//! | step, skip | one thing to do; why nothing is done for a rule, in one sentence |
//! | state, standing | what a rule is found to be; whether that is fine, waits, needs its user, or failed |
//! | untold | an app that has still to hear of a change |
//! | news | what people are told of runs: what changed, fails, needs its user, or is well again |
//! | report | what a run did and found: log, preview, page and API tell its lines |

#![forbid(unsafe_code)]

pub mod arr;
pub mod check;
pub mod cli;
pub mod config;
pub mod connect;
pub mod db;
pub mod disk;
pub mod error;
pub mod gate;
pub mod hosts;
pub mod journal;
pub mod meaning;
pub mod model;
pub mod name;
pub mod news;
pub mod plan;
pub mod run;
pub mod serve;
pub mod setup;
pub mod suggest;
pub mod web;
