//! All tests that use the program from outside, one module a topic.

mod architecture;
mod arr;
mod db;
mod faults;
mod harness;
mod killed;
mod lock;
mod static_program;
mod support;
