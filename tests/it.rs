//! All tests that use the program from outside, one module a topic.

mod architecture;
mod arr;
mod changes;
mod db;
mod documents;
mod folders;
mod harness;
mod placing;
mod race;
mod removals;
mod safety;
mod static_program;
mod support;
