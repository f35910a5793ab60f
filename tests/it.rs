//! The tests that use plex-linker as its users do.

mod static_program;
