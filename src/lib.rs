//! plex-linker keeps one relative symlink per rule from a special's place to a film's file.

pub mod arr;
pub mod config;
pub mod error;
pub mod model;
