//! All tests that use the program from outside, one module a topic.

mod architecture;
mod arr;
mod browser;
mod changes;
mod check;
mod command_line;
mod databases;
mod db;
mod documents;
mod faults;
mod folders;
mod gate;
mod harness;
mod killed;
mod lock;
mod once;
mod placing;
mod race;
mod removals;
mod safety;
mod secrets;
mod serve;
mod static_program;
mod suggest;
mod support;
mod web;
