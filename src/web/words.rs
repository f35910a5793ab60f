//! How times read on the page.

use crate::model::{counted, time};

/// A moment, for people and for programs.
pub struct When {
    /// For example `3 minutes ago`.
    pub near: String,
    /// For example `2026-11-22 16:03:00Z`.
    pub exact: String,
}

impl When {
    pub fn new(at: i64, now: i64) -> When {
        When { near: near(at, now), exact: time(at) }
    }

    /// As HTML wants it.
    pub fn machine(&self) -> String {
        self.exact.replace(' ', "T")
    }
}

fn near(at: i64, now: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let apart = (now - at).abs();
    if apart >= 30 * 86_400 {
        return time(at).split(' ').next().unwrap_or_default().into();
    }
    if apart < 10 {
        return "just now".into();
    }
    let (length, unit) = UNITS.into_iter().find(|(length, _)| apart >= *length).unwrap_or((1, "second"));
    let count = counted((apart / length) as usize, unit);
    if at > now { format!("in {count}") } else { format!("{count} ago") }
}
