//! plex-linker keeps one relative symlink per rule (this film is that show's special) from the special's place to the film's file.
//!
//! A run: **load** rules → **fetch** libraries → **place** each rule (pure) → **look** at the disk → **decide** (pure) → **apply** →
//! **notify** → **report**. Between looking and touching stands a value, the [`plan::Plan`]; a dry run ends after *decide*.
//!
//! | word | is | lives in |
//! | --- | --- | --- |
//! | rule | a user's wish: this film is that show's special number N, or specials M to N | [`model::Rule`], [`db`] |
//! | movie, series, special | what Radarr and Sonarr have: a film, a show, an episode that is mostly of season 0 | [`model`], [`arr`] |
//! | meaning | which special and which film a rule was found to mean, remembered and followed | [`meaning`], [`model::Meaning`] |
//! | place | where a rule's link belongs, and what its name says | [`plan`], [`name`] |
//! | source, target | the film's file; the text of a link, which leads to it | [`disk`] |
//! | record | what we keep of our own in the database: most of all which links are ours | [`model::Link`], [`db`] |
//! | plan, step, skip | what is to be done as a value; one thing of it; why nothing is done for a rule | [`plan`], [`model::Reason`] |
//! | state, standing | what a rule is found to be; whether that is fine, waits, needs its user, or failed | [`model::STATES`] |
//! | told, untold | an app that has heard of a change, and one that has still to | [`run`], [`model::Untold`] |
//! | news | what people hear of runs: what changed, fails, needs its user, or is well again | [`news`] |
//! | report | what a run did and found: log, preview, page and API tell its lines | [`model::Report`] |
//! | suggestion | a film that looks like a special, for a person to make a rule of | [`suggest`] |
//! | finding | one thing that is set up wrong, or is not | [`check`] |
//! | connection | a client of the daemon | [`gate`] |
//! | key | what lets a program or person in, here or at an app | [`config::Secret`] |
//! | mistake | what is wrong with one field of a rule that somebody gave | [`error::Mistake`] |
//!
//! *observed N* and *facts X* in comments are paragraphs of what real Sonarrs and Radarrs were seen to do, and of what their sources say;
//! `tests/fixtures/recorded` has the answers.

#![forbid(unsafe_code)]

pub mod arr;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connect;
pub mod db;
pub mod disk;
pub mod error;
pub mod gate;
pub mod hosts;
pub mod journal;
pub mod locks;
pub mod meaning;
pub mod model;
pub mod mutex;
pub mod name;
pub mod news;
pub mod plan;
pub mod run;
pub mod serve;
pub mod setup;
pub mod suggest;
pub mod web;
