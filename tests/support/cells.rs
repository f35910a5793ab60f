//! Many small worlds at once, each a case of one test.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Runs `test` with each of the cases, and fails with all that failed, by name. Few at once, lest the tests beside it starve.
#[track_caller]
pub fn each<C: Sync>(cases: &[(String, C)], test: impl Fn(&C) + Sync) {
    at_once(6, cases, test);
}

/// The same where the program pauses most of the time.
#[track_caller]
pub fn each_with_pauses<C: Sync>(cases: &[(String, C)], test: impl Fn(&C) + Sync) {
    at_once(48, cases, test);
}

#[track_caller]
fn at_once<C: Sync>(workers: usize, cases: &[(String, C)], test: impl Fn(&C) + Sync) {
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
    thread::scope(|scope| (0..workers.min(cases.len())).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), cases.len(), failures.join("\n"));
}
