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
    fmt, fs,
    hash::{BuildHasher, Hasher, RandomState},
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, Stat},
    io::Errno,
};
use unicode_normalization::UnicodeNormalization;

use crate::{
    error::{Error, Result},
    model::{MediaPath, Roots},
    plan::Found,
};

pub use beside::of_several_files;
pub use lock::{Lock, can_lock, last_run};
pub use look::Survey;
pub use probe::{
    Content, barrier, content, holds_symlinks, is_file_at, is_folder, is_link, is_there, may_write, resolved,
};
pub use proof::Proofs;
pub use search::holding;
pub use user::{Way, act_as, is_root, own, set_umask, way_into};
pub use walk::Walked;

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
#[derive(Debug, Clone)]
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

/// How a folder is opened: to pass through it, not to read it.
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

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
        let below = self.roots.iter().find_map(|root| Some(root.real.join(path.strip_prefix(&*root.name).ok()?)));
        below.unwrap_or_else(|| path.to_path_buf())
    }

    /// The path without symlinks of a folder, if it is there.
    pub fn real_folder(&self, folder: &MediaPath) -> PathBuf {
        self.enter(folder).map_or_else(|_| self.real(&folder.absolute()), |dir| dir.real)
    }

    /// Whether a symlink on the way to a folder leads out of the roots, so that no link is made in it.
    pub fn leads_out(&self, folder: &MediaPath) -> bool {
        matches!(self.enter(folder), Err(Miss::Outside))
    }

    /// The symlink that is at a place, and its text.
    pub fn link(&self, at: &MediaPath) -> Option<(FileId, String)> {
        self.enter_parent(at).ok()?.symlink(at.name()).ok()
    }

    /// Enters a folder.
    fn enter(&self, folder: &MediaPath) -> Result<Dir, Miss> {
        self.enter_all(folder.root(), folder.components().map(OsString::from).collect())
    }

    /// Enters the folder that holds a path: of what is in a root that is the root itself.
    fn enter_parent(&self, at: &MediaPath) -> Result<Dir, Miss> {
        at.parent().map_or_else(|| self.enter_all(at.root(), Vec::new()), |folder| self.enter(&folder))
    }

    fn enter_all(&self, root: &str, mut todo: Vec<OsString>) -> Result<Dir, Miss> {
        todo.reverse();
        let mut root = self.roots.iter().find(|known| *known.name == *root).ok_or(Miss::Missing)?;
        let mut real = root.real.clone();
        // the folder that has been come to, if that is not the root
        let mut inner: Option<OwnedFd> = None;
        let mut symlinks = 0;
        while let Some(name) = todo.pop() {
            let here = inner.as_ref().unwrap_or(&root.fd);
            match again(|| rustix::fs::openat(here, &name, FOLDER, Mode::empty())) {
                Ok(fd) => {
                    real.push(name);
                    inner = Some(fd);
                }
                Err(Errno::NOENT) => todo.push(respelled(here, &name).ok_or(Miss::Missing)?),
                Err(Errno::NOTDIR | Errno::LOOP) => {
                    let text = rustix::fs::readlinkat(here, &name, Vec::new()).map_err(|cause| match cause {
                        Errno::INVAL => Miss::Unknown("a part of its path is not a folder".into()),
                        cause => cause.into(),
                    })?;
                    symlinks += 1;
                    if symlinks > MOST_SYMLINKS {
                        return Err(Miss::Unknown("a symlink in its path leads in a circle".into()));
                    }
                    let target = followed(&real, Path::new(OsStr::from_bytes(text.as_bytes())))?;
                    let inside = self.roots.iter().find_map(|root| Some((root, target.strip_prefix(&root.real).ok()?)));
                    let Some((other, rest)) = inside else { return Err(Miss::Outside) };
                    todo.extend(rest.components().rev().map(|part| part.as_os_str().to_os_string()));
                    (root, real, inner) = (other, other.real.clone(), None);
                }
                Err(cause) => return Err(cause.into()),
            }
        }
        let fd = inner.map_or_else(|| root.fd.try_clone(), Ok).map_err(|cause| Miss::Unknown(cause.to_string()))?;
        Ok(Dir { fd, real })
    }
}

impl Dir {
    /// The symlink of this name and its text, which is kept in the database and so must be UTF-8; or what is there instead.
    fn symlink(&self, name: &str) -> Result<(FileId, String), Found> {
        let stat = again(|| rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW));
        let stat = stat.map_err(|cause| match cause {
            Errno::NOENT => Found::Nothing,
            cause => Found::Unknown(why::too_long(cause)),
        })?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => {}
            FileType::RegularFile => return Err(Found::Other("a file")),
            FileType::Directory => return Err(Found::Other("a folder")),
            _ => return Err(Found::Other("a special file")),
        }
        let text = again(|| rustix::fs::readlinkat(&self.fd, name, Vec::new()));
        let text = text.map_err(|cause| Found::Unknown(cause.to_string()))?;
        let text = text.into_string().map_err(|_| Found::Unknown("its text is not valid UTF-8".into()))?;
        Ok((id(&stat), text))
    }

    /// The file that a name leads to.
    fn reaches(&self, name: &str) -> Result<FileId, Errno> {
        again(|| rustix::fs::statat(&self.fd, name, AtFlags::empty())).map(|stat| id(&stat))
    }

    /// The most bytes that a name in it may have, as its file system tells; some tell nothing.
    fn longest_name(&self) -> usize {
        let told = rustix::fs::fstatvfs(&self.fd).map_or(0, |told| told.f_namemax as usize);
        if told == 0 { MediaPath::MAX_COMPONENT } else { told.min(MediaPath::MAX_COMPONENT) }
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Miss::Missing => "its folder is not there",
            Miss::Outside => "a symlink in its path leads out of the media root",
            Miss::Unknown(cause) => cause,
        })
    }
}

impl From<Miss> for String {
    fn from(miss: Miss) -> String {
        miss.to_string()
    }
}

impl From<Errno> for Miss {
    fn from(cause: Errno) -> Miss {
        Miss::Unknown(cause.to_string())
    }
}

/// The text of the symlink at `path` as a path from the root. Below a symlink's own folder only its beginning may climb: what lies
/// above another symlink is not to be read from the text.
fn followed(folder: &Path, text: &Path) -> Result<PathBuf, Miss> {
    let mut path = folder.to_path_buf();
    let mut descended = false;
    for component in text.components() {
        match component {
            Component::ParentDir if descended => {
                return Err(Miss::Unknown("a symlink in its path has \"..\" inside".into()));
            }
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            component => {
                descended |= matches!(component, Component::Normal(_));
                path.push(component);
            }
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
fn entries(folder: &OwnedFd) -> Result<rustix::fs::Dir, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::Dir::new(again(|| rustix::fs::openat(folder, ".", flags, Mode::empty()))?)
}

/// mergerfs and NFS answer ESTALE when a rename crosses a look: the second look tells.
fn again<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    match call() {
        Err(Errno::STALE | Errno::INTR) => call(),
        other => other,
    }
}

/// Whether a name is one that [`temporary`] gives.
fn is_temporary(name: &str) -> bool {
    let digits = name.strip_prefix(TEMPORARY).unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// A name that nobody else uses.
fn temporary() -> String {
    format!("{TEMPORARY}{:016x}", RandomState::new().build_hasher().finish())
}

fn id(stat: &Stat) -> FileId {
    (stat.st_dev, stat.st_ino)
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}
