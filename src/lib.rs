//! plex-linker keeps one relative symlink per rule from a special's place to a film's file.

pub mod config;
pub mod db;
pub mod error;
pub mod model;
