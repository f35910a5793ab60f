//! All tests that use the program from outside, one module a topic.

mod architecture;
mod arr;
mod command_line;
mod databases;
mod db;
mod faults;
mod harness;
mod killed;
mod lock;
mod once;
mod secrets;
mod static_program;
mod support;
