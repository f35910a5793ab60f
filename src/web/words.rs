//! How times read on the page.

use crate::{
    config::Zone,
    model::{counted, time},
};

/// A moment as HTML, for people and for programs: how long ago it was, and in full.
pub fn time_element(at: i64, now: i64, zone: &Zone) -> String {
    let (machine, exact) = (time(at).replace(' ', "T"), zone.time(at));
    format!("<time datetime=\"{machine}\" title=\"{exact}\">{}</time>", near(at, now, zone))
}

/// For example `3 minutes ago`.
fn near(at: i64, now: i64, zone: &Zone) -> String {
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
