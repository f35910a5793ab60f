//! All tests that use the program from outside, one module a topic.

mod architecture;
mod arr;
mod check;
mod db;
mod harness;
mod static_program;
mod suggest;
mod support;
