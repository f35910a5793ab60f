//! The test harness itself: what the other tests rely on.

mod apps;
mod http;
mod names;
mod observed;
mod world;
