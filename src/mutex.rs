//! What threads share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock that a thread died with is as good as any other here: what it guards is right at every instant.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
