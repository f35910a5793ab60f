//! What is suggested: how good it is, on real films and specials, and what the command prints.

mod cases;
mod command;
mod fixtures;
mod quality;
