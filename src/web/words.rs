//! How times read on the page.

use crate::{
    config::Zone,
    model::{counted, time},
};

/// A moment, for people and for programs.
pub struct When {
    at: i64,
    /// For example `3 minutes ago`.
    pub near: String,
    /// For example `2026-11-22 17:03:00+01:00`.
    pub exact: String,
}

/// Whoever looks at a page: when, and in which time zone.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub now: i64,
    pub zone: &'a Zone,
}

impl Watch<'_> {
    pub fn when(self, at: i64) -> When {
        When { at, near: near(at, self), exact: self.zone.time(at) }
    }
}

impl When {
    /// As HTML wants it.
    pub fn machine(&self) -> String {
        time(self.at).replace(' ', "T")
    }
}

fn near(at: i64, Watch { now, zone }: Watch) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let apart = (now - at).abs();
    if apart >= 30 * 86_400 {
        return zone.time(at).split(' ').next().unwrap_or_default().into();
    }
    if apart < 10 {
        return if at > now { "in a moment" } else { "just now" }.into();
    }
    let (length, unit) = UNITS.into_iter().find(|(length, _)| apart >= *length).unwrap_or((1, "second"));
    let count = counted((apart / length) as usize, unit);
    if at > now { format!("in {count}") } else { format!("{count} ago") }
}
