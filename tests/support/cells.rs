//! Many small worlds at once: what a test waits for most of the time is a pause of the program.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// How many at once.
const WORKERS: usize = 48;

/// Runs `test` with each of the cases, and fails with all that failed, by name.
#[track_caller]
pub fn each<C: Sync>(cases: &[(String, C)], test: impl Fn(&C) + Sync) {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(case))) {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
                failures.lock().unwrap().push(format!("=== {name}: {said}"));
            }
        }
    };
    thread::scope(|scope| (0..WORKERS.min(cases.len())).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), cases.len(), failures.join("\n"));
}
