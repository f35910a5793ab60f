//! What several tests need.

pub mod postgres;

/// Says loudly that a test could not run; where everything must be there, it fails.
pub fn skip(reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "cannot run this test: {reason}");
    eprintln!("SKIPPED: {reason}");
}
