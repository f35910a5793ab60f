//! The two clocks: one that goes on while the machine sleeps, and the one that people look at.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::time::{ClockId, clock_gettime};

/// Goes on while the machine sleeps, and is not set by anybody.
pub fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or_else(|_| Duration::ZERO, Duration::from)
}

/// Seconds since 1970.
pub fn now() -> i64 {
    seconds(SystemTime::now())
}

/// Seconds since 1970, or 0 for a time before that.
pub fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
