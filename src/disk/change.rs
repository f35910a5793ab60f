//! Everything that changes the media tree. What may be replaced or removed is looked at again after it has been moved aside under a
//! name that nobody else uses, and put back when it is not what was expected: whoever else writes here at the same moment loses nothing.

use std::path::{Path, PathBuf};

use rustix::{
    fs::{AtFlags, FileType, Gid, Mode, OFlags, RenameFlags, Uid},
    io::Errno,
};

use super::{
    Dir, Miss, Tree, again, id, temporary,
    why::{OTHER, cannot, stranded, unsure, why_no_symlink},
};
use crate::{error::Result, model::MediaPath, plan::Folders};

impl Tree {
    /// Makes the symlink `at` with the text `target`, which must lead to `source`. Nothing that stands there is ever overwritten.
    pub fn create(&self, at: &MediaPath, folders: &Folders, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| cannot("link", at, &cause);
        let dir = self.enter_or_make(at, folders).map_err(|miss| failed(miss.into()))?;
        let place = Place { dir: &dir, name: at.name() };
        place.make(target).map_err(failed)?;
        if let Err(cause) = place.leads_to(source) {
            take_away(&place, target, false).map_err(failed)?;
            return Err(failed(cause));
        }
        Ok(())
    }

    /// Gives the symlink `at`, whose text is `was`, the text `target`, which must lead to `source`. At every instant one of the two
    /// is there, except where the file system cannot exchange two names.
    /// One that may go only `if_broken` stays when it leads to something by then.
    pub fn replace(&self, at: &MediaPath, was: &str, if_broken: bool, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| cannot("relink", at, &cause);
        let dir = self.enter_parent(at).map_err(|miss| failed(miss.into()))?;
        let place = Place { dir: &dir, name: at.name() };
        put_over(&place, Text { was, if_broken }, &place, target, source).map_err(failed)
    }

    /// The same for two symlinks that have each other's texts: both change at one instant, and the second call finds it done. Where they
    /// cannot be exchanged for each other, each is replaced.
    pub fn trade(&self, at: &MediaPath, with: &MediaPath, was: &str, target: &str, source: &Path) -> Result<()> {
        let failed = |cause: String| cannot("relink", at, &cause);
        let enter = |at| self.enter_parent(at).map_err(|miss| failed(miss.into()));
        let dir = enter(at)?;
        let place = Place { dir: &dir, name: at.name() };
        if place.must_be(target).is_ok() {
            return place.leads_to(source).map_err(failed);
        }
        let with_dir = enter(with)?;
        let other = Place { dir: &with_dir, name: with.name() };
        let fits = other.must_be(target).and_then(|()| other.leads_to(source));
        // from another folder a relative text leads elsewhere
        if fits.is_ok() && dir.real == with_dir.real {
            place.must_be(was).map_err(failed)?;
            if rename(&other, &place, RenameFlags::EXCHANGE).is_ok() {
                let done = place.must_be(target).and_then(|()| other.must_be(was));
                return done.map_err(|cause| failed(unsure(&cause, &place.path(), &other.path())));
            }
        }
        put_over(&place, Text::ours(was), &place, target, source).map_err(failed)
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
        let failed = |cause: String| cannot(&format!("rename {from} to"), to, &cause);
        let old = self.enter_parent(from).map_err(|miss| failed(miss.into()))?;
        let new = self.enter_or_make(to, folders).map_err(|miss| failed(miss.into()))?;
        let (from, to) = (Place { dir: &old, name: from.name() }, Place { dir: &new, name: to.name() });
        put_over(&from, Text::ours(was), &to, target, source).map_err(failed)
    }

    /// Removes the symlink `at` if its text is `text`, and tells whether it is gone: one that is to be removed only `if_broken` stays
    /// when it leads to something by then. One that is gone already is well removed.
    pub fn remove(&self, at: &MediaPath, text: &str, if_broken: bool) -> Result<bool> {
        let done = match self.enter_parent(at) {
            Ok(dir) => take_away(&Place { dir: &dir, name: at.name() }, text, if_broken),
            Err(Miss::Missing) => Ok(true),
            Err(miss) => Err(miss.into()),
        };
        done.map_err(|cause| cannot("remove", at, &cause))
    }

    /// Enters the folder that `at` shall be in. The specials folder, and those in it, are made so that Sonarr can work in them (*facts E.4*),
    /// the show's folder only as that of another show beside it is: elsewhere Sonarr would take an empty one for a show without files
    /// (*facts D.1*).
    fn enter_or_make(&self, at: &MediaPath, Folders { series, like }: &Folders) -> Result<Dir, Miss> {
        match self.enter_parent(at) {
            Err(Miss::Missing) => {}
            other => return other,
        }
        let show = match (self.enter(series), like) {
            (Err(Miss::Missing), Some(like)) => {
                let like = self.enter(like)?;
                make_like(&self.enter_parent(series)?, series.name(), &like)?;
                self.enter(series)?
            }
            (Err(Miss::Missing), None) => return Err(Miss::Unknown("the show's folder is not there".into())),
            (show, _) => show?,
        };
        for folder in at.folders_in(series) {
            make_like(&self.enter_parent(&folder)?, folder.name(), &show)?;
        }
        self.enter_parent(at)
    }
}

/// Makes the folder `name` with the owner, group and mode of the folder `like`, but for what the umask takes. A default access list of the
/// folder above it, which the kernel gives to the new one, goes before both.
fn make_like(above: &Dir, name: &str, like: &Dir) -> Result<(), Miss> {
    let stat = rustix::fs::fstat(&like.fd)?;
    // without the setgid bit, which a sandbox may refuse, and which the folder above gives in most cases
    match rustix::fs::mkdirat(&above.fd, name, Mode::from_raw_mode(stat.st_mode & 0o777)) {
        Err(Errno::EXIST) => return Ok(()),
        made => made.map_err(|cause| Miss::Unknown(format!("its folder cannot be made: {cause}")))?,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if let Ok(made) = rustix::fs::openat(&above.fd, name, flags, Mode::empty()) {
        // neither may be permitted; the folder serves all the same
        let group = Some(Gid::from_raw(stat.st_gid));
        let _ = rustix::fs::fchown(&made, Some(Uid::from_raw(stat.st_uid)), group)
            .or_else(|_| rustix::fs::fchown(&made, None, group));
        let mode = rustix::fs::fstat(&made).map_or(stat.st_mode, |made| made.st_mode);
        let setgid = stat.st_mode & Mode::SGID.bits();
        if mode & setgid != setgid {
            let _ = rustix::fs::fchmod(&made, Mode::from_raw_mode((mode | setgid) & 0o7777));
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

    fn is(&self, other: &Place) -> bool {
        (&self.dir.real, self.name) == (&other.dir.real, other.name)
    }

    fn make(&self, target: &str) -> Result<(), String> {
        rustix::fs::symlinkat(target, &self.dir.fd, self.name).map_err(why_no_symlink)
    }

    fn unlink(&self) -> Result<(), Errno> {
        rustix::fs::unlinkat(&self.dir.fd, self.name, AtFlags::empty())
    }

    /// An error if anything else than a symlink with this text is there, or nobody can tell.
    fn must_be(&self, text: &str) -> Result<(), String> {
        match again(|| rustix::fs::readlinkat(&self.dir.fd, self.name, Vec::new())) {
            Ok(found) if found.as_bytes() == text.as_bytes() => Ok(()),
            Ok(_) | Err(Errno::INVAL | Errno::NOENT) => Err(OTHER.into()),
            Err(cause) => Err(cause.to_string()),
        }
    }

    /// A disk may have been mounted since we looked.
    fn leads_nowhere(&self) -> bool {
        matches!(self.dir.reaches(self.name), Err(Errno::NOENT | Errno::NOTDIR))
    }

    /// A link is only right when it leads to the very file: relative texts go wrong where a folder above is a symlink.
    fn leads_to(&self, source: &Path) -> Result<(), String> {
        let wanted = rustix::fs::stat(source).map_err(|cause| format!("{}: {cause}", source.display()))?;
        match self.dir.reaches(self.name) {
            Ok(reached) if reached == id(&wanted) => Ok(()),
            Ok(_) => Err("the link would lead to another file".into()),
            Err(cause) => Err(format!("the link would not lead to {}: {cause}", source.display())),
        }
    }
}

/// What a link that is to go must be.
#[derive(Clone, Copy)]
struct Text<'a> {
    was: &'a str,
    if_broken: bool,
}

impl Text<'_> {
    fn ours(was: &str) -> Text<'_> {
        Text { was, if_broken: false }
    }

    fn fits(self, place: &Place) -> Result<(), String> {
        place.must_be(self.was)?;
        if self.if_broken && !place.leads_nowhere() { Err("it leads to a file again".into()) } else { Ok(()) }
    }
}

/// Takes away the link at `from`, whose text must be `was`, for one at `to` with the text `target`, which must lead to `source`. The new
/// one is made under a temporary name, which the old one has in the end.
fn put_over(from: &Place, was: Text, to: &Place, target: &str, source: &Path) -> Result<(), String> {
    let name = temporary();
    let new = Place { dir: to.dir, name: &name };
    new.make(target)?;
    let done = new.leads_to(source).and_then(|()| move_over(from, was, to, target, &new));
    // what cannot be unlinked now, and is ours, the next run sweeps up
    if [was.was, target].iter().any(|text| new.must_be(text).is_ok()) {
        let _ = new.unlink();
    }
    done
}

/// Exchanges the link at `from`, whose text must be `was`, for `new`, which has the text `target`, and moves that to `to`.
fn move_over(from: &Place, was: Text, to: &Place, target: &str, new: &Place) -> Result<(), String> {
    match swap(from, was, target, new) {
        Ok(done) => done?,
        Err(Errno::NOENT) => return to.make(target),
        // mergerfs, unionfs and NFS cannot exchange names, and two disks cannot: for two system calls there is no link
        Err(cause) if unsupported(cause) || cause == Errno::XDEV => return make_instead(from, was, to, target),
        Err(cause) => return Err(cause.to_string()),
    }
    if from.is(to) {
        return Ok(());
    }
    let Err(cause) = rename(from, to, RenameFlags::NOREPLACE) else {
        return to.must_be(target).map_err(|cause| unsure(&cause, &from.path(), &to.path()));
    };
    // it gets its old text again
    match swap(from, Text::ours(target), was.was, new) {
        Ok(done) => done?,
        Err(Errno::NOENT) => {}
        Err(cause) => return Err(cause.to_string()),
    }
    if unsupported(cause) { make_instead(from, was, to, target) } else { Err(why_no_symlink(cause)) }
}

/// Exchanges `new`, a symlink with the text `target`, for what stands at `place`, and exchanges them back if that is no symlink with
/// the text `was`: something else came to stand there since we looked, or may have. Since nobody else uses the name of `new`, what is
/// found under it was at `place`.
fn swap(place: &Place, was: Text, target: &str, new: &Place) -> Result<Result<(), String>, Errno> {
    rename(new, place, RenameFlags::EXCHANGE)?;
    let Err(other) = was.fits(new) else { return Ok(Ok(())) };
    let back = rename(new, place, RenameFlags::EXCHANGE).map_err(|cause| stranded(&new.path(), cause));
    let back = back.and_then(|()| new.must_be(target).map_err(|_| stranded(&new.path(), Errno::EXIST)));
    Ok(back.and(Err(other)))
}

/// Where names cannot be exchanged: takes away the link at `from`, whose text must be `was`, then makes the one at `to`.
fn make_instead(from: &Place, was: Text, to: &Place, target: &str) -> Result<(), String> {
    let aside = move_aside(from, was.was)?;
    if let Some(name) = &aside {
        let aside = Place { dir: from.dir, name };
        if let Err(cause) = was.fits(&aside) {
            put_back(&aside, from)?;
            return Err(cause);
        }
    }
    let made = rustix::fs::symlinkat(target, &to.dir.fd, to.name);
    if let Some(name) = aside {
        let aside = Place { dir: from.dir, name: &name };
        // something else may stand in the link's own place now
        if made.is_ok() || made == Err(Errno::EXIST) && from.is(to) {
            aside.unlink().map_err(|cause| cause.to_string())?;
        } else {
            put_back(&aside, from)?;
        }
    }
    made.map_err(why_no_symlink)
}

/// Removes the symlink at `place` if its text is `text`, and tells whether it is gone.
fn take_away(place: &Place, text: &str, if_broken: bool) -> Result<bool, String> {
    let Some(name) = move_aside(place, text)? else { return Ok(true) };
    let aside = Place { dir: place.dir, name: &name };
    if if_broken && !aside.leads_nowhere() {
        return put_back(&aside, place).map(|()| false);
    }
    aside.unlink().map(|()| true).map_err(|cause| cause.to_string())
}

/// Gives the symlink at `place` another name if its text is `text`, and tells that name; `None` if there is nothing to move. What turns
/// out to be something else is put back.
fn move_aside(place: &Place, text: &str) -> Result<Option<String>, String> {
    let found = rustix::fs::statat(&place.dir.fd, place.name, AtFlags::SYMLINK_NOFOLLOW);
    if found.is_err_and(|cause| cause == Errno::NOENT) {
        return Ok(None);
    }
    place.must_be(text)?;
    let name = temporary();
    let aside = Place { dir: place.dir, name: &name };
    let moved = rename(place, &aside, RenameFlags::NOREPLACE);
    match moved.or_else(|cause| if unsupported(cause) { plain_rename(place, &aside) } else { Err(cause) }) {
        Ok(()) => {}
        Err(Errno::NOENT) => return Ok(None),
        Err(cause) => return Err(cause.to_string()),
    }
    if let Err(cause) = aside.must_be(text) {
        put_back(&aside, place)?;
        return Err(cause);
    }
    Ok(Some(name))
}

/// Gives what was moved aside its name again, without overwriting anything.
fn put_back(aside: &Place, place: &Place) -> Result<(), String> {
    let back = || match rename(aside, place, RenameFlags::NOREPLACE) {
        Err(cause) if unsupported(cause) => {
            let stat = rustix::fs::statat(&aside.dir.fd, aside.name, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                // overwrites nothing but an empty folder
                return plain_rename(aside, place);
            }
            rustix::fs::linkat(&aside.dir.fd, aside.name, &place.dir.fd, place.name, AtFlags::empty())?;
            aside.unlink()
        }
        done => done,
    };
    back().map_err(|cause| stranded(&aside.path(), cause))
}

fn rename(from: &Place, to: &Place, flags: RenameFlags) -> Result<(), Errno> {
    rustix::fs::renameat_with(&from.dir.fd, from.name, &to.dir.fd, to.name, flags)
}

/// A rename that every kernel knows: before Linux 3.15 there is none with flags, and old NAS have such.
fn plain_rename(from: &Place, to: &Place) -> Result<(), Errno> {
    rustix::fs::renameat(&from.dir.fd, from.name, &to.dir.fd, to.name)
}

/// The kernel or the file system does not know the flags of a rename. Some NAS say that they are not permitted.
fn unsupported(cause: Errno) -> bool {
    matches!(cause, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM)
}
