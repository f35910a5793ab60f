//! What keeps two runs apart.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    time::{Duration, SystemTime},
};

use nix::fcntl::OFlag;

use crate::{
    error::{Error, Result},
    locks,
};

/// Held for as long as a run lasts; the kernel frees it when the process ends, however it ends.
///
/// Two things are locked: a file beside the database that is never removed by us, and the media root's folder itself, which keeps
/// runs apart that have different databases, or whose lock file somebody has removed meanwhile.
pub struct Lock {
    file: File,
    _media_root: Option<File>,
}

impl Lock {
    /// Takes the lock, or says who has it ([`Error::Busy`]).
    pub fn take(path: &Path, media_root: &Path) -> Result<Lock> {
        let file = lock_file(path)?;
        let folder = File::open(media_root)
            .map_err(|cause| Error::Disk(format!("cannot open MEDIA_ROOT {}: {cause}", media_root.display())))?;
        let media_root = match folder.try_lock() {
            Ok(()) => Some(folder),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy(format!("another run is working on {}: nothing done", media_root.display())));
            }
            // network file systems lock no folders; the file's lock remains
            Err(TryLockError::Error(_)) => None,
        };
        let mut lock = Lock { file, _media_root: media_root };
        lock.sign();
        Ok(lock)
    }

    /// Writes down who holds the lock, for people, and leaves the file's time alone: that belongs to [`last_run`].
    fn sign(&mut self) {
        let known = self.file.metadata().ok().filter(|found| found.len() > 0);
        let last = known.and_then(|found| found.modified().ok()).unwrap_or(NEVER);
        let host = nix::unistd::gethostname().unwrap_or_default();
        let note = format!("process {} on {}\n", std::process::id(), host.to_string_lossy());
        let _ = self.file.set_len(0).and_then(|()| self.file.write_all(note.as_bytes()));
        let _ = self.file.set_modified(last);
    }

    /// From here on this is a run that counts.
    pub fn note(&self) {
        let _ = self.file.set_modified(SystemTime::now());
    }
}

/// The lock file's time before the first run that counts.
const NEVER: SystemTime = SystemTime::UNIX_EPOCH;

/// When the last run that was no dry one came to its changes.
pub fn last_run(path: &Path) -> Option<SystemTime> {
    let found = fs::metadata(path).ok().filter(|found| found.len() > 0)?;
    found.modified().ok().filter(|last| last.duration_since(NEVER).is_ok_and(|since| since > Duration::ZERO))
}

/// Whether the lock could be taken if nobody had it.
pub fn can_lock(path: &Path) -> Result<()> {
    options().open(path).map_err(|cause| cannot_lock(path, &cause))?;
    locks::refused_beside(path).map_or(Ok(()), |cause| Err(cannot_lock(path, &cause)))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
    options
}

fn cannot_lock(path: &Path, cause: &io::Error) -> Error {
    Error::Disk(format!("cannot lock {}: {}", path.display(), locks::told(cause)))
}

fn lock_file(path: &Path) -> Result<File> {
    let cannot = |cause| cannot_lock(path, &cause);
    for _ in 0..10 {
        let file = options().open(path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(file)),
            Err(TryLockError::Error(cause)) => return Err(cannot(cause)),
        }
        // somebody may have removed or replaced the file between open and lock: then we have locked one that nobody else will find
        let ours = file.metadata().map_err(cannot)?;
        match fs::symlink_metadata(path) {
            Ok(there) if (ours.dev(), ours.ino()) == (there.dev(), there.ino()) => return Ok(file),
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(cannot(cause)),
            _ => {}
        }
    }
    Err(cannot(io::Error::other("it is being replaced all the time")))
}

fn busy(mut file: File) -> Error {
    let mut note = String::new();
    let _ = file.read_to_string(&mut note);
    let who = if note.trim().is_empty() { "another run".into() } else { format!("another run ({})", note.trim()) };
    Error::Busy(format!("{who} is busy: nothing done"))
}
