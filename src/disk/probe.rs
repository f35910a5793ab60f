//! Looking at single folders and files: what is there, and what a run would be able to do.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, AtFlags, Mode};

use super::{FOLDER, temporary, why::why_no_symlink};

/// What a folder has in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Content {
    Something,
    /// As the folder that an unplugged disk leaves.
    Nothing,
    /// There is no such folder.
    #[default]
    Missing,
    Unknown(String),
}

pub fn content(folder: &Path) -> Content {
    match is_empty(folder) {
        Ok(false) => Content::Something,
        Ok(true) => Content::Nothing,
        Err(cause) if gone(&cause) => Content::Missing,
        Err(cause) => Content::Unknown(cause.to_string()),
    }
}

/// Whether a folder is there, symlinks followed; an error if nobody can tell.
pub fn is_folder(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Err(cause) if gone(&cause) => Ok(false),
        found => Ok(found?.is_dir()),
    }
}

/// Whether a folder is empty.
pub(super) fn is_empty(folder: &Path) -> io::Result<bool> {
    fs::read_dir(folder)?.next().transpose().map(|entry| entry.is_none())
}

pub(super) fn gone(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether a path leads to nothing; not where nobody can tell.
pub(super) fn leads_nowhere(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|cause| gone(&cause))
}

/// Whether a file is there, symlinks followed.
pub fn is_file_at(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// Whether anything is there, symlinks followed.
pub fn is_there(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// The path without symlinks; `None` if nothing is there.
pub fn resolved(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// Whether a file can be changed, or names be made and removed in a folder. Nothing is tried.
pub fn may_write(path: &Path) -> io::Result<()> {
    let needed = if path.is_dir() { Access::WRITE_OK | Access::EXEC_OK } else { Access::WRITE_OK };
    Ok(rustix::fs::access(path, needed)?)
}

/// The folder on the way to a path that we may not enter, if there is one: nobody can tell what is behind it.
pub fn barrier(path: &Path) -> Option<PathBuf> {
    let is_denied = |cause: io::Error| cause.kind() == io::ErrorKind::PermissionDenied;
    let denied = |path: &&Path| fs::symlink_metadata(path).is_err_and(is_denied);
    path.ancestors().take_while(denied).last()?.parent().map(PathBuf::from)
}

/// Whether the file system of a folder can hold symlinks: only trying tells. The symlink that is made there for an instant has a name
/// that Sonarr, Radarr, Plex and Jellyfin ignore (*facts D.4*) and that nothing else has.
pub fn holds_symlinks(folder: &Path) -> Result<(), String> {
    let dir = rustix::fs::open(folder, FOLDER, Mode::empty()).map_err(|cause| cause.to_string())?;
    let name = temporary();
    rustix::fs::symlinkat("a probe", &dir, &name).map_err(why_no_symlink)?;
    rustix::fs::unlinkat(&dir, &name, AtFlags::empty())
        .map_err(|cause| format!("{name} cannot be removed again: {cause}"))
}

/// What lies among media and is none: bins, snapshots and thumbnails, what systems leave on every disk, and whatever is hidden.
pub(super) fn is_passed(name: &[u8]) -> bool {
    const NAMES: &str = "@eaDir/@Recycle/@Recently-Snapshot/@sharebin/@sharesnap/@tmp/#recycle/#snapshot/~snapshot/lost+found/\
        $RECYCLE.BIN/RECYCLER/System Volume Information/desktop.ini/Thumbs.db";
    name.starts_with(b".") || NAMES.split('/').any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}
