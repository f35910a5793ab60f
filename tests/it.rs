//! All tests that use the program from outside, one module a topic.

mod architecture;
mod arr;
mod db;
mod documents;
mod harness;
mod static_program;
mod support;
mod web;
