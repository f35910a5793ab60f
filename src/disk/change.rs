//! Everything that changes the media tree. What may be replaced or removed is looked at again after it has been moved aside under a
//! name that nobody else uses, and put back when it is not what was expected: whoever else writes here at the same moment loses nothing.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, FileType, Gid, Mode, OFlags, RenameFlags},
    io::Errno,
};

use super::{
    Dir, FileId, Miss, TEMPORARY, Tree, again, id, user,
    why::{OTHER, cannot, stranded, told, unsure, why_no_symlink},
};
use crate::{
    error::{Error, Result},
    model::MediaPath,
    plan::Folders,
};

impl Tree {
    /// Makes the symlink `at` with the text `target`, which must lead to `source`. Nothing that stands there is ever overwritten.
    pub fn create(&self, at: &MediaPath, folders: &Folders, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| cannot("link", at, &cause);
        let dir = self.enter_or_make(at, folders).map_err(failed)?;
        rustix::fs::symlinkat(target, &dir.fd, at.name()).map_err(|cause| failed(why_no_symlink(cause)))?;
        if let Err(cause) = leads_to(&dir, at.name(), source) {
            take_away(&dir, at.name(), target, false).map_err(failed)?;
            return Err(failed(cause));
        }
        Ok(())
    }

    /// Gives the symlink `at`, whose text is `was`, the text `target`, which must lead to `source`. At every instant one of the two
    /// is there, except where the file system cannot exchange two names.
    pub fn replace(&self, at: &MediaPath, was: &str, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| cannot("relink", at, &cause);
        let dir = self.enter_parent(at).map_err(|miss| failed(told(miss)))?;
        let new = temporary();
        rustix::fs::symlinkat(target, &dir.fd, &new).map_err(|cause| failed(why_no_symlink(cause)))?;
        let done = leads_to(&dir, &new, source).and_then(|()| exchange(&dir, at.name(), was, target, &new));
        sweep(&dir, &new, &[was, target]);
        done.map_err(failed)
    }

    /// The same for two symlinks that have each other's texts: both change at one instant, and the second call finds it done. Where they
    /// cannot be exchanged for each other, each is replaced.
    pub fn trade(&self, at: &MediaPath, with: &MediaPath, was: &str, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| cannot("relink", at, &cause);
        let dir = self.enter_parent(at).map_err(|miss| failed(told(miss)))?;
        if expect_link(&dir, at.name(), target).is_ok() {
            return leads_to(&dir, at.name(), source).map_err(failed);
        }
        let other = self.enter_parent(with).map_err(|miss| failed(told(miss)))?;
        let (place, other) = (Place { dir: &dir, name: at.name() }, Place { dir: &other, name: with.name() });
        let fits = expect_link(other.dir, other.name, target).and_then(|()| leads_to(other.dir, other.name, source));
        // from another folder a relative text leads elsewhere
        if fits.is_err() || place.dir.real != other.dir.real {
            return self.replace(at, was, target, source);
        }
        expect_link(place.dir, place.name, was).map_err(failed)?;
        if rename(&other, &place, RenameFlags::EXCHANGE).is_err() {
            return self.replace(at, was, target, source);
        }
        expect_link(place.dir, place.name, target)
            .and_then(|()| expect_link(other.dir, other.name, was))
            .map_err(|cause| failed(unsure(&cause, &place.path(), &other.path())))
    }

    /// Gives the symlink `from`, whose text is `was`, the name `to` and the text `target`, which must lead to `source`. At every instant
    /// one of the two names is there, and never both: a player that saw both would forget what was watched (*observed §6*). The text
    /// changes first, under the old name; between two folders of different depth the link leads nowhere until it has its new name. Where
    /// the file system cannot exchange names, or the two are on different ones, there is neither for two system calls.
    pub fn rename(
        &self,
        from: &MediaPath,
        was: &str,
        to: &MediaPath,
        folders: &Folders,
        target: &str,
        source: &Path,
    ) -> Result<()> {
        let failed =
            |cause: String| Error::Disk(format!("cannot rename {from} to {}: {cause}", to.absolute().display()));
        let old = self.enter_parent(from).map_err(|miss| failed(told(miss)))?;
        let new = self.enter_or_make(to, folders).map_err(failed)?;
        let aside = temporary();
        rustix::fs::symlinkat(target, &new.fd, &aside).map_err(|cause| failed(why_no_symlink(cause)))?;
        let (from, to) = (Place { dir: &old, name: from.name() }, Place { dir: &new, name: to.name() });
        let done = leads_to(&new, &aside, source).and_then(|()| move_over(&from, was, &to, target, &aside));
        sweep(&new, &aside, &[was, target]);
        done.map_err(failed)
    }

    /// Removes the symlink `at` if its text is `text`, and tells whether it is gone: one that is to be removed only `if_broken` stays
    /// when it leads to something by then. One that is gone already is well removed.
    pub fn remove(&self, at: &MediaPath, text: &str, if_broken: bool) -> Result<bool> {
        let failed = |cause: String| cannot("remove", at, &cause);
        match self.enter_parent(at) {
            Ok(dir) => take_away(&dir, at.name(), text, if_broken).map_err(failed),
            Err(Miss::Missing) => Ok(true),
            Err(miss) => Err(failed(told(miss))),
        }
    }

    /// Enters the folder that `at` shall be in. The specials folder, and those in it, are made so that Sonarr can work in them (*facts E.4*),
    /// the show's folder only as that of another show beside it is: elsewhere Sonarr would take an empty one for a show without files
    /// (*facts D.1*).
    fn enter_or_make(&self, at: &MediaPath, Folders { series, like }: &Folders) -> std::result::Result<Dir, String> {
        let enter = |folder: &MediaPath| self.enter(folder.root(), Some(folder));
        match self.enter_parent(at) {
            Err(Miss::Missing) => {}
            other => return other.map_err(told),
        }
        let show = match (enter(series), like) {
            (Err(Miss::Missing), Some(like)) => {
                let like = enter(like).map_err(told)?;
                let above = self.enter_parent(series).map_err(told)?;
                make_like(&above, series.name(), &like)?;
                enter(series).map_err(told)?
            }
            (Err(Miss::Missing), None) => return Err("the show's folder is not there".into()),
            (show, _) => show.map_err(told)?,
        };
        for folder in at.folders_in(series) {
            let above = self.enter_parent(&folder).map_err(told)?;
            make_like(&above, folder.name(), &show)?;
        }
        self.enter_parent(at).map_err(told)
    }
}

/// Makes the folder `name` with the group and mode of the folder `like`. A default access list of the folder above it, which the
/// kernel gives to the new one, goes before the mode.
fn make_like(above: &Dir, name: &str, like: &Dir) -> std::result::Result<(), String> {
    let stat = rustix::fs::fstat(&like.fd).map_err(|cause| cause.to_string())?;
    let mode = Mode::from_raw_mode(stat.st_mode & 0o7777 & !user::chosen_umask());
    // without the setgid bit, which a sandbox may refuse, and which the folder above gives in any case
    match rustix::fs::mkdirat(&above.fd, name, mode & Mode::from_raw_mode(0o777)) {
        Err(Errno::EXIST) => return Ok(()),
        made => made.map_err(|cause| format!("its folder cannot be made: {cause}"))?,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if let Ok(made) = rustix::fs::openat(&above.fd, name, flags, Mode::empty()) {
        // neither may be permitted; the folder serves all the same
        let _ = rustix::fs::fchown(&made, None, Some(Gid::from_raw(stat.st_gid)));
        // no list is as short as this
        let list = rustix::fs::fgetxattr(&made, "system.posix_acl_default", &mut [0; 1]);
        if list != Err(Errno::RANGE) {
            let _ = rustix::fs::fchmod(&made, mode);
        }
    }
    Ok(())
}

/// A name in a folder.
struct Place<'a> {
    dir: &'a Dir,
    name: &'a str,
}

impl Place<'_> {
    fn path(&self) -> PathBuf {
        self.dir.real.join(self.name)
    }
}

/// Puts `new`, a symlink with the text `target`, in the place of `name`, whose text must be `was`.
fn exchange(dir: &Dir, name: &str, was: &str, target: &str, new: &str) -> std::result::Result<(), String> {
    let (place, new) = (Place { dir, name }, Place { dir, name: new });
    match swap(&place, was, target, &new) {
        Err(Errno::NOENT) => rustix::fs::symlinkat(target, &dir.fd, name).map_err(why_no_symlink),
        // mergerfs, unionfs and NFS cannot exchange names: for two system calls there is no link
        Err(cause) if unsupported(cause) => make_instead(&place, was, &place, target),
        Err(cause) => Err(cause.to_string()),
        Ok(done) => done,
    }
}

/// Exchanges `new`, a symlink with the text `target`, for what stands at `place`, and exchanges them back if that is no symlink with
/// the text `was`: something else came to stand there since we looked, or may have. Since nobody else uses the name of `new`, what is
/// found under it was at `place`.
fn swap(
    place: &Place,
    was: &str,
    target: &str,
    new: &Place,
) -> std::result::Result<std::result::Result<(), String>, Errno> {
    rename(new, place, RenameFlags::EXCHANGE)?;
    let Err(cause) = expect_link(new.dir, new.name, was) else { return Ok(Ok(())) };
    Ok(swap_back(place, target, new).and(Err(cause)))
}

fn swap_back(place: &Place, target: &str, new: &Place) -> std::result::Result<(), String> {
    rename(new, place, RenameFlags::EXCHANGE).map_err(|cause| stranded(new.dir, new.name, cause))?;
    expect_link(new.dir, new.name, target).map_err(|_| stranded(new.dir, new.name, Errno::EXIST))
}

/// Moves the link at `from`, whose text must be `was`, to `to`, where it has the text `target`, as `aside` has in the same folder.
fn move_over(from: &Place, was: &str, to: &Place, target: &str, aside: &str) -> std::result::Result<(), String> {
    let aside = Place { dir: to.dir, name: aside };
    match swap(from, was, target, &aside) {
        Ok(done) => done?,
        Err(Errno::NOENT) => return rustix::fs::symlinkat(target, &to.dir.fd, to.name).map_err(why_no_symlink),
        Err(cause) if unsupported(cause) || cause == Errno::XDEV => return make_instead(from, was, to, target),
        Err(cause) => return Err(cause.to_string()),
    }
    match rename(from, to, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(cause) => {
            exchange_back(from, was, target, &aside)?;
            let able = !unsupported(cause);
            return if able { Err(why_no_symlink(cause)) } else { make_instead(from, was, to, target) };
        }
    }
    expect_link(to.dir, to.name, target).map_err(|cause| unsure(&cause, &from.path(), &to.path()))
}

/// Gives `from` its old text again, as `aside` has it.
fn exchange_back(from: &Place, was: &str, target: &str, aside: &Place) -> std::result::Result<(), String> {
    match swap(from, target, was, aside) {
        Ok(done) => done,
        Err(Errno::NOENT) => Ok(()),
        Err(cause) => Err(cause.to_string()),
    }
}

/// Where names cannot be exchanged: takes away the link at `from`, whose text must be `was`, then makes the one at `to`.
fn make_instead(from: &Place, was: &str, to: &Place, target: &str) -> std::result::Result<(), String> {
    let aside = move_aside(from.dir, from.name, was)?;
    let made = rustix::fs::symlinkat(target, &to.dir.fd, to.name);
    let in_place = (&from.dir.real, from.name) == (&to.dir.real, to.name);
    match (made, aside) {
        (Ok(()), Some(aside)) => unlink(from.dir, &aside)?,
        // something else stands in the link's own place now
        (Err(Errno::EXIST), Some(aside)) if in_place => unlink(from.dir, &aside)?,
        (Err(_), Some(aside)) => {
            put_back(from.dir, &aside, from).map_err(|cause| stranded(from.dir, &aside, cause))?;
        }
        (_, None) => {}
    }
    made.map_err(why_no_symlink)
}

/// Removes the symlink `name` if its text is `text`, and tells whether it is gone.
fn take_away(dir: &Dir, name: &str, text: &str, if_broken: bool) -> std::result::Result<bool, String> {
    let Some(aside) = move_aside(dir, name, text)? else { return Ok(true) };
    // a disk may have been mounted since we looked
    let reached = || again(|| rustix::fs::statat(&dir.fd, &aside, AtFlags::empty()));
    if if_broken && !matches!(reached(), Err(Errno::NOENT | Errno::NOTDIR)) {
        put_back(dir, &aside, &Place { dir, name }).map_err(|cause| stranded(dir, &aside, cause))?;
        return Ok(false);
    }
    unlink(dir, &aside).map(|()| true)
}

/// Unlinks what lies under a temporary name, if it is one of ours: the old link, or the new one that was not needed. The next run
/// sweeps up what cannot be unlinked now.
fn sweep(dir: &Dir, aside: &str, texts: &[&str]) {
    if texts.iter().any(|text| expect_link(dir, aside, text).is_ok()) {
        let _ = rustix::fs::unlinkat(&dir.fd, aside, AtFlags::empty());
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
    let (place, new) = (Place { dir, name }, Place { dir, name: &aside });
    let moved = rename(&place, &new, RenameFlags::NOREPLACE)
        .or_else(|cause| if unsupported(cause) { plain_rename(&place, &new) } else { Err(cause) });
    match moved {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(None),
        Err(cause) => return Err(cause.to_string()),
    }
    match expect_link(dir, &aside, text) {
        Ok(()) => Ok(Some(aside)),
        Err(cause) => {
            put_back(dir, &aside, &place).map_err(|cause| stranded(dir, &aside, cause))?;
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
fn put_back(dir: &Dir, aside: &str, place: &Place) -> std::result::Result<(), Errno> {
    let moved = Place { dir, name: aside };
    match rename(&moved, place, RenameFlags::NOREPLACE) {
        Err(cause) if unsupported(cause) => {}
        done => return done,
    }
    let stat = rustix::fs::statat(&dir.fd, aside, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        // overwrites nothing but an empty folder
        return plain_rename(&moved, place);
    }
    rustix::fs::linkat(&dir.fd, aside, &place.dir.fd, place.name, AtFlags::empty())?;
    rustix::fs::unlinkat(&dir.fd, aside, AtFlags::empty())
}

fn rename(from: &Place, to: &Place, flags: RenameFlags) -> std::result::Result<(), Errno> {
    rustix::fs::renameat_with(&from.dir.fd, from.name, &to.dir.fd, to.name, flags)
}

/// A rename that every kernel knows: before Linux 3.15 there is none with flags, and old NAS have such.
fn plain_rename(from: &Place, to: &Place) -> std::result::Result<(), Errno> {
    rustix::fs::renameat(&from.dir.fd, from.name, &to.dir.fd, to.name)
}

/// The kernel or the file system does not know the flags of a rename. Some NAS say that they are not permitted.
fn unsupported(cause: Errno) -> bool {
    matches!(cause, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM)
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
