//! Ending a run early.

use std::sync::{
    Arc, Mutex, Weak,
    atomic::{AtomicBool, Ordering},
};

use super::fetch::Apps;
use crate::{
    error::{Error, Result},
    mutex::lock,
};

/// Ends a run early, from another thread: requests under way are cut, the change in hand is finished, and the rest is left to the
/// next run.
pub struct Stop {
    wanted: AtomicBool,
    apps: Mutex<Weak<Apps>>,
    pub(super) beat: fn(),
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new(|| ())
    }
}

impl Stop {
    /// `beat` is called often while a run gets on: before each try of a request, in each folder of the walk, before each change.
    pub fn new(beat: fn()) -> Stop {
        Stop { wanted: AtomicBool::default(), apps: Mutex::default(), beat }
    }

    pub fn now(&self) {
        self.wanted.store(true, Ordering::SeqCst);
        let apps = lock(&self.apps).upgrade();
        if let Some(apps) = apps {
            apps.shutdown();
        }
    }

    /// Lets `now` reach these apps too; an error if it has been called.
    pub(super) fn reaches(&self, apps: &Arc<Apps>) -> Result<()> {
        *lock(&self.apps) = Arc::downgrade(apps);
        self.check()
    }

    pub(super) fn check(&self) -> Result<()> {
        (self.beat)();
        match self.wanted.load(Ordering::SeqCst) {
            true => Err(Error::Idle("stopped: the rest is left to the next run".into())),
            false => Ok(()),
        }
    }
}
