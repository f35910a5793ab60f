//! All tests that use the program from outside, one module a topic.

mod architecture;
mod harness;
mod support;
