//! What tests are made of: a scripted web server, a sample Radarr and Sonarr upon it, and a world around the real program.

#![allow(dead_code, reason = "each user of this folder takes what it needs")]

pub mod command;
pub mod fake;
pub mod http;
pub mod json;
pub mod quality;
pub mod radarr;
pub mod rules;
pub mod sonarr;
pub mod tree;
pub mod world;
