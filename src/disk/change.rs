//! Everything that changes the media tree. What may be replaced or removed is looked at again after it has been moved aside under a
//! name that nobody else uses, and put back when it is not what was expected: whoever else writes here at the same moment loses nothing.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    path::Path,
};

use rustix::{
    fs::{AtFlags, FileType, Gid, Mode, OFlags, RenameFlags},
    io::Errno,
};

use super::{Dir, FileId, Miss, TEMPORARY, Tree, again, id, lock};
use crate::{
    error::{Error, Result},
    model::MediaPath,
};

const OTHER: &str = "something else has come to stand there";

impl Tree {
    /// Makes the symlink `at` with the text `target`, which must lead to `source`. Nothing that stands there is ever overwritten.
    pub fn create(&self, at: &MediaPath, series_folder: &MediaPath, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| failed("link", at, &cause);
        let dir = match self.enter_parent(at) {
            Err(Miss::Missing) => self.make_folder(at, series_folder).map_err(failed)?,
            other => other.map_err(|miss| failed(told(miss)))?,
        };
        rustix::fs::symlinkat(target, &dir.fd, at.name()).map_err(|cause| failed(why_no_symlink(cause)))?;
        if let Err(cause) = leads_to(&dir, at.name(), source) {
            take_away(&dir, at.name(), target).map_err(failed)?;
            return Err(failed(cause));
        }
        Ok(())
    }

    /// Gives the symlink `at`, whose text is `was`, the text `target`, which must lead to `source`. At every instant one of the two
    /// is there, except where the file system cannot exchange two names.
    pub fn replace(&self, at: &MediaPath, was: &str, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| failed("relink", at, &cause);
        let dir = self.enter_parent(at).map_err(|miss| failed(told(miss)))?;
        let new = temporary();
        rustix::fs::symlinkat(target, &dir.fd, &new).map_err(|cause| failed(why_no_symlink(cause)))?;
        let done = leads_to(&dir, &new, source).and_then(|()| exchange(&dir, at.name(), was, target, &new));
        // the old link, or the new one that was not needed; the next run sweeps up what cannot be unlinked now
        if expect_link(&dir, &new, was).is_ok() || expect_link(&dir, &new, target).is_ok() {
            let _ = rustix::fs::unlinkat(&dir.fd, &new, AtFlags::empty());
        }
        done.map_err(failed)
    }

    /// Removes the symlink `at` if its text is `text`. One that is gone already is well removed.
    pub fn remove(&self, at: &MediaPath, text: &str) -> Result<()> {
        let failed = |cause: String| failed("remove", at, &cause);
        match self.enter_parent(at) {
            Ok(dir) => take_away(&dir, at.name(), text).map_err(failed),
            Err(Miss::Missing) => Ok(()),
            Err(miss) => Err(failed(told(miss))),
        }
    }

    /// Makes the specials folder that `at` shall be in, with the group and mode of the show's folder, so that Sonarr can work in it
    /// (*facts E.4*). The show's folder itself is never made: Sonarr would take an empty one for a show without files (*facts D.1*).
    fn make_folder(&self, at: &MediaPath, series_folder: &MediaPath) -> std::result::Result<Dir, String> {
        let folder = at.parent().filter(|folder| folder.parent().as_ref() == Some(series_folder));
        let folder = folder.ok_or("the show's folder is not there")?;
        let series = self.enter(series_folder.root(), Some(series_folder)).map_err(told)?;
        let like = rustix::fs::fstat(&series.fd).map_err(|cause| cause.to_string())?;
        let mode = Mode::from_raw_mode(like.st_mode & 0o7777 & !lock::chosen_umask());
        // without the setgid bit, which a sandbox may refuse, and which the show's folder gives in any case
        match rustix::fs::mkdirat(&series.fd, folder.name(), mode & Mode::from_raw_mode(0o777)) {
            Ok(()) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let made = rustix::fs::openat(&series.fd, folder.name(), flags, Mode::empty());
                if let Ok(made) = made {
                    // neither may be permitted; the folder serves all the same
                    let _ = rustix::fs::fchown(&made, None, Some(Gid::from_raw(like.st_gid)));
                    let _ = rustix::fs::fchmod(&made, mode);
                }
            }
            Err(Errno::EXIST) => {}
            Err(cause) => return Err(format!("its folder cannot be made: {cause}")),
        }
        self.enter_parent(at).map_err(told)
    }
}

/// Puts `new`, a symlink with the text `target`, in the place of `name`, whose text must be `was`.
fn exchange(dir: &Dir, name: &str, was: &str, target: &str, new: &str) -> std::result::Result<(), String> {
    match rename(dir, new, name, RenameFlags::EXCHANGE) {
        Ok(()) => match expect_link(dir, new, was) {
            Ok(()) => Ok(()),
            Err(cause) => {
                // something else came to stand there since we looked, or may have: it goes back
                rename(dir, new, name, RenameFlags::EXCHANGE).map_err(|cause| stranded(dir, new, cause))?;
                expect_link(dir, new, target).map_err(|_| stranded(dir, new, Errno::EXIST))?;
                Err(cause)
            }
        },
        Err(Errno::NOENT) => rustix::fs::symlinkat(target, &dir.fd, name).map_err(why_no_symlink),
        Err(cause) if unsupported(cause) => {
            // mergerfs, unionfs and NFS cannot exchange names: for two system calls there is no link
            let aside = move_aside(dir, name, was)?;
            let made = rustix::fs::symlinkat(target, &dir.fd, name);
            match (made, aside) {
                (Ok(()) | Err(Errno::EXIST), Some(aside)) => unlink(dir, &aside)?,
                (Err(_), Some(aside)) => put_back(dir, &aside, name).map_err(|cause| stranded(dir, &aside, cause))?,
                (_, None) => {}
            }
            made.map_err(why_no_symlink)
        }
        Err(cause) => Err(cause.to_string()),
    }
}

/// Removes the symlink `name` if its text is `text`.
fn take_away(dir: &Dir, name: &str, text: &str) -> std::result::Result<(), String> {
    match move_aside(dir, name, text)? {
        Some(aside) => unlink(dir, &aside),
        None => Ok(()),
    }
}

/// Gives the symlink `name` another name if its text is `text`, and tells that name; `None` if there is nothing to move. What turns
/// out to be something else is put back.
fn move_aside(dir: &Dir, name: &str, text: &str) -> std::result::Result<Option<String>, String> {
    match rustix::fs::statat(&dir.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(None),
        _ => expect_link(dir, name, text)?,
    }
    let aside = temporary();
    let moved = rename(dir, name, &aside, RenameFlags::NOREPLACE)
        .or_else(|cause| if unsupported(cause) { plain_rename(dir, name, &aside) } else { Err(cause) });
    match moved {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(None),
        Err(cause) => return Err(cause.to_string()),
    }
    match expect_link(dir, &aside, text) {
        Ok(()) => Ok(Some(aside)),
        Err(cause) => {
            put_back(dir, &aside, name).map_err(|cause| stranded(dir, &aside, cause))?;
            Err(cause)
        }
    }
}

/// An error if `name` is anything else than a symlink with this text, or nobody can tell.
fn expect_link(dir: &Dir, name: &str, text: &str) -> std::result::Result<(), String> {
    match again(|| rustix::fs::readlinkat(&dir.fd, name, Vec::new())) {
        Ok(found) if found.as_bytes() == text.as_bytes() => Ok(()),
        Ok(_) | Err(Errno::INVAL | Errno::NOENT) => Err(OTHER.into()),
        Err(cause) => Err(cause.to_string()),
    }
}

fn unlink(dir: &Dir, name: &str) -> std::result::Result<(), String> {
    rustix::fs::unlinkat(&dir.fd, name, AtFlags::empty()).map_err(|cause| cause.to_string())
}

/// Gives what was moved aside its name again, without overwriting anything.
fn put_back(dir: &Dir, aside: &str, name: &str) -> std::result::Result<(), Errno> {
    match rename(dir, aside, name, RenameFlags::NOREPLACE) {
        Err(cause) if unsupported(cause) => {}
        done => return done,
    }
    let stat = rustix::fs::statat(&dir.fd, aside, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        // overwrites nothing but an empty folder
        return plain_rename(dir, aside, name);
    }
    rustix::fs::linkat(&dir.fd, aside, &dir.fd, name, AtFlags::empty())?;
    rustix::fs::unlinkat(&dir.fd, aside, AtFlags::empty())
}

fn rename(dir: &Dir, from: &str, to: &str, flags: RenameFlags) -> std::result::Result<(), Errno> {
    rustix::fs::renameat_with(&dir.fd, from, &dir.fd, to, flags)
}

/// A rename that every kernel knows: before Linux 3.15 there is none with flags, and old NAS have such.
fn plain_rename(dir: &Dir, from: &str, to: &str) -> std::result::Result<(), Errno> {
    rustix::fs::renameat(&dir.fd, from, &dir.fd, to)
}

/// The kernel or the file system does not know the flags of a rename.
fn unsupported(cause: Errno) -> bool {
    matches!(cause, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// A link is only right when it leads to the very file: relative texts go wrong where a folder above is a symlink.
fn leads_to(dir: &Dir, name: &str, source: &Path) -> std::result::Result<(), String> {
    let file = |found: rustix::io::Result<rustix::fs::Stat>| found.map(|stat| id(&stat));
    let wanted: FileId = file(rustix::fs::stat(source)).map_err(|cause| format!("{}: {cause}", source.display()))?;
    match file(rustix::fs::statat(&dir.fd, name, AtFlags::empty())) {
        Ok(reached) if reached == wanted => Ok(()),
        Ok(_) => Err("the link would lead to another file".into()),
        Err(cause) => Err(format!("the link would not lead to {}: {cause}", source.display())),
    }
}

pub(super) fn temporary() -> String {
    format!("{TEMPORARY}{:016x}", RandomState::new().build_hasher().finish())
}

pub(super) fn why_no_symlink(cause: Errno) -> String {
    match cause {
        Errno::EXIST => OTHER.into(),
        Errno::PERM | Errno::NOSYS | Errno::OPNOTSUPP => {
            format!(
                "this file system cannot hold symlinks ({cause}): put shows on another one, or change how it is mounted"
            )
        }
        Errno::ACCESS | Errno::ROFS => format!("{cause}: plex-linker must be allowed to write in the show's folder"),
        cause => cause.to_string(),
    }
}

fn stranded(dir: &Dir, aside: &str, cause: Errno) -> String {
    format!(
        "something else came to stand there, and it could not be put back ({cause}): it is now {}, move it back by hand",
        dir.real.join(aside).display()
    )
}

fn told(miss: Miss) -> String {
    match miss {
        Miss::Missing => "its folder is not there".into(),
        Miss::Outside => "a symlink in its path leads out of the media root".into(),
        Miss::Unknown(cause) => cause,
    }
}

fn failed(verb: &str, at: &MediaPath, cause: &str) -> Error {
    Error::Disk(format!("cannot {verb} {at}: {cause}"))
}
