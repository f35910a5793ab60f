//! Locks of files: some network shares have none, or nobody who keeps them.

use std::{
    fs::{self, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use nix::errno::Errno;

/// Why a new file beside this one cannot be locked; `None` if it can, or cannot be made. The file itself is not touched: a run may want
/// its lock at this moment, and SQLite's locks go as soon as a second descriptor of its file is closed.
pub fn refused_beside(file: &Path) -> Option<io::Error> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".check");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&beside).ok()?;
    let locked = file.try_lock();
    let _ = fs::remove_file(&beside);
    match locked {
        Err(TryLockError::Error(cause)) => Some(cause),
        Ok(()) | Err(TryLockError::WouldBlock) => None,
    }
}

/// Why a lock was refused, in words that help.
pub fn told(cause: &io::Error) -> String {
    match cause.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOLCK | Errno::EOPNOTSUPP | Errno::ENOSYS) => {
            format!("its file system cannot lock files ({cause}): put the state folder on a disk of this machine")
        }
        _ => cause.to_string(),
    }
}
