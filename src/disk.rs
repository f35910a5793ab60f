//! The media tree and the lock; the only module that reads or changes them.

mod beside;
mod change;
mod lock;
mod look;
mod probe;
mod proof;
mod search;
mod user;
mod walk;
mod why;

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{FileType, Mode, OFlags, Stat},
    io::Errno,
};
use unicode_normalization::UnicodeNormalization;

use crate::{
    error::{Error, Result},
    model::{MediaPath, Roots},
};

pub use beside::of_several_files;
pub use lock::{Lock, can_lock, last_run};
pub use probe::{
    Content, barrier, content, holds_symlinks, is_file_at, is_folder, is_link, is_there, may_write, resolved,
};
pub use proof::Proofs;
pub use search::holding;
pub use user::{Way, act_as, is_root, way_into};
pub use walk::{Dangling, Walked};

/// The media tree. Folders are entered from the root one component at a time and never through a symlink that the kernel would follow
/// by itself, so that nobody who swaps folders meanwhile can lead us out of it.
pub struct Tree {
    roots: Vec<Root>,
}

struct Root {
    /// As configured.
    name: Arc<str>,
    /// Without symlinks.
    real: PathBuf,
    fd: OwnedFd,
}

/// A folder that has been entered.
struct Dir {
    fd: OwnedFd,
    /// Its path without symlinks.
    real: PathBuf,
}

/// Why a folder cannot be entered.
#[derive(Debug)]
enum Miss {
    /// ENOENT and nothing else.
    Missing,
    /// A symlink leads out of the roots.
    Outside,
    Unknown(String),
}

/// What tells that two paths lead to one file.
type FileId = (u64, u64);

/// Names that Sonarr, Radarr, Plex and Jellyfin all ignore (*facts D.4*), and that only we give.
const TEMPORARY: &str = "._plnk-";

/// As many symlinks as the kernel follows in one path.
const MOST_SYMLINKS: u32 = 40;

impl Tree {
    /// Opens the roots. One that cannot be opened is left out, and everything below it is missing; the media root must be there.
    pub fn open(roots: &Roots) -> Result<Tree> {
        let open = |name: &Arc<str>| -> io::Result<Root> {
            let real = fs::canonicalize(&**name)?;
            let fd = rustix::fs::open(&real, FOLDER, Mode::empty())?;
            Ok(Root { name: name.clone(), real, fd })
        };
        let mut opened = Vec::new();
        for (index, name) in roots.iter().enumerate() {
            match open(name) {
                Ok(root) => opened.push(root),
                Err(cause) if index == 0 => return Err(Error::Disk(format!("cannot open MEDIA_ROOT {name}: {cause}"))),
                Err(cause) => log::warn!("cannot open the mapped folder {name}: {cause}"),
            }
        }
        Ok(Tree { roots: opened })
    }

    /// A configured path with its root's symlinks resolved, and those below it left as they are.
    pub fn real(&self, path: &Path) -> PathBuf {
        let below = self.roots.iter().find_map(|root| Some((root, path.strip_prefix(&*root.name).ok()?)));
        below.map_or_else(|| path.to_path_buf(), |(root, rest)| root.real.join(rest))
    }

    /// Enters the folder of a path below a root; with no path, the root itself.
    fn enter(&self, root: &str, path: Option<&MediaPath>) -> std::result::Result<Dir, Miss> {
        let components = path.iter().flat_map(|path| path.components()).map(OsString::from);
        let mut todo: Vec<OsString> = components.collect();
        todo.reverse();
        let mut root = self.roots.iter().find(|known| *known.name == *root).ok_or(Miss::Missing)?;
        let mut below: Vec<(OsString, OwnedFd)> = Vec::new();
        let mut symlinks = 0;
        while let Some(name) = todo.pop() {
            let here = below.last().map_or(&root.fd, |(_, fd)| fd);
            match again(|| rustix::fs::openat(here, &name, FOLDER, Mode::empty())) {
                Ok(fd) => below.push((name, fd)),
                Err(Errno::NOENT) => match respelled(here, &name) {
                    Some(other) => todo.push(other),
                    None => return Err(Miss::Missing),
                },
                Err(Errno::NOTDIR | Errno::LOOP) => {
                    let text = rustix::fs::readlinkat(here, &name, Vec::new()).map_err(|cause| match cause {
                        Errno::INVAL => Miss::Unknown("a part of its path is not a folder".into()),
                        cause => unknown(cause),
                    })?;
                    symlinks += 1;
                    if symlinks > MOST_SYMLINKS {
                        return Err(Miss::Unknown("a symlink in its path leads in a circle".into()));
                    }
                    let folder = below.iter().fold(root.real.clone(), |path, (name, _)| path.join(name));
                    let target = followed(&folder, Path::new(OsStr::from_bytes(text.as_bytes())))?;
                    let inside = self.roots.iter().find_map(|root| Some((root, target.strip_prefix(&root.real).ok()?)));
                    let Some((other, rest)) = inside else { return Err(Miss::Outside) };
                    todo.extend(rest.components().rev().map(|part| part.as_os_str().to_os_string()));
                    root = other;
                    below.clear();
                }
                Err(cause) => return Err(unknown(cause)),
            }
        }
        let real = below.iter().fold(root.real.clone(), |path, (name, _)| path.join(name));
        let fd = match below.pop() {
            Some((_, fd)) => fd,
            None => root.fd.try_clone().map_err(|cause| Miss::Unknown(cause.to_string()))?,
        };
        Ok(Dir { fd, real })
    }

    /// Enters the folder that holds a path.
    fn enter_parent(&self, at: &MediaPath) -> std::result::Result<Dir, Miss> {
        self.enter(at.root(), at.parent().as_ref())
    }
}

/// How a folder is opened: to pass through it, not to read it.
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A symlink's text. It is kept in the database, so it must be UTF-8.
fn text_of(dir: &Dir, name: &str) -> std::result::Result<String, String> {
    let text = again(|| rustix::fs::readlinkat(&dir.fd, name, Vec::new())).map_err(|cause| cause.to_string())?;
    text.into_string().map_err(|_| "its text is not valid UTF-8".into())
}

/// The text of the symlink at `path` as a path from the root. Below a symlink's own folder only its beginning may climb: what lies
/// above another symlink is not to be read from the text.
fn followed(folder: &Path, text: &Path) -> std::result::Result<PathBuf, Miss> {
    let mut path = folder.to_path_buf();
    let mut descended = false;
    for component in text.components() {
        match component {
            Component::RootDir => path = PathBuf::from("/"),
            Component::ParentDir if descended => {
                return Err(Miss::Unknown("a symlink in its path has \"..\" inside".into()));
            }
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => {
                descended = true;
                path.push(name);
            }
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(path)
}

/// The one name in a folder that is `name` in another Unicode form: macOS and some shares write accents apart from their letters.
fn respelled(folder: &OwnedFd, name: &OsStr) -> Option<OsString> {
    let name = name.to_str().filter(|name| !name.is_ascii())?;
    let mut found = None;
    for entry in entries(folder).ok()? {
        let entry = entry.ok()?;
        let Ok(other) = entry.file_name().to_str() else { continue };
        if other.nfc().eq(name.nfc()) && found.replace(OsString::from(other)).is_some() {
            return None;
        }
    }
    found
}

/// What is in a folder that has been entered.
fn entries(folder: &OwnedFd) -> std::result::Result<rustix::fs::Dir, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::Dir::new(again(|| rustix::fs::openat(folder, ".", flags, Mode::empty()))?)
}

/// mergerfs and NFS answer ESTALE when a rename crosses a look: the second look tells.
fn again<T>(mut call: impl FnMut() -> std::result::Result<T, Errno>) -> std::result::Result<T, Errno> {
    match call() {
        Err(Errno::STALE | Errno::INTR) => call(),
        other => other,
    }
}

fn unknown(cause: Errno) -> Miss {
    Miss::Unknown(cause.to_string())
}

fn id(stat: &Stat) -> FileId {
    (stat.st_dev, stat.st_ino)
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}
