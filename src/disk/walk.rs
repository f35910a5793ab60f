//! The walk through the media tree for symlinks that lead nowhere, by directory entries alone: no call per file.

use std::{
    ffi::{CStr, CString},
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    path::PathBuf,
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, RawDir},
    io::Errno,
};

use super::{Root, Tree, id};
use crate::{
    model::{MediaPath, Roots},
    name,
    plan::LinkId,
};

/// What the walk has found.
#[derive(Debug, Default)]
pub struct Walked {
    /// Symlinks with a video's name that lead nowhere.
    pub broken: Vec<Dangling>,
    /// How many symlinks with a video's name there are.
    pub links: usize,
}

/// A symlink that leads nowhere.
#[derive(Debug, Clone)]
pub struct Dangling {
    pub at: MediaPath,
    pub id: LinkId,
    pub text: String,
    /// Where its text leads.
    pub target: PathBuf,
}

/// Deeper than any library; a limit on the folders that are open at once.
const DEEPEST: usize = 64;

impl Tree {
    /// Walks through the media root and the disks that are mounted in it, past folders that no app takes for media. `goes_on` is asked
    /// in each folder.
    pub fn walk(&self, roots: &Roots, goes_on: &dyn Fn() -> bool) -> Walked {
        let Some(root) = self.roots.first() else { return Walked::default() };
        let mut walk = Walk {
            root,
            roots,
            goes_on,
            below: Vec::new(),
            buffer: vec![MaybeUninit::uninit(); 32 * 1024],
            walked: Walked::default(),
        };
        if let Ok(fd) = open(&root.fd, c".") {
            walk.folder(fd);
        }
        walk.walked
    }
}

struct Walk<'a> {
    root: &'a Root,
    roots: &'a Roots,
    goes_on: &'a dyn Fn() -> bool,
    /// The names of the folders from the root to here.
    below: Vec<CString>,
    buffer: Vec<MaybeUninit<u8>>,
    walked: Walked,
}

impl Walk<'_> {
    fn folder(&mut self, fd: OwnedFd) {
        if !(self.goes_on)() {
            return;
        }
        let mut folders: Vec<CString> = Vec::new();
        let mut links: Vec<CString> = Vec::new();
        let mut entries = RawDir::new(&fd, &mut self.buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name();
            let kind = match entry.file_type() {
                FileType::Unknown => match rustix::fs::statat(&fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    Err(_) => continue,
                },
                known => known,
            };
            match kind {
                FileType::Directory if !is_passed(name.to_bytes()) => folders.push(name.to_owned()),
                FileType::Symlink if name.to_str().is_ok_and(name::is_video) => links.push(name.to_owned()),
                _ => {}
            }
        }
        for link in links {
            self.link(&fd, &link);
        }
        if self.below.len() == DEEPEST {
            return;
        }
        for folder in folders {
            if let Ok(inner) = open(&fd, &folder) {
                self.below.push(folder);
                self.folder(inner);
                self.below.pop();
            }
        }
    }

    fn link(&mut self, fd: &OwnedFd, name: &CStr) {
        self.walked.links += 1;
        let reached = rustix::fs::statat(fd, name, AtFlags::empty());
        if !matches!(reached, Err(Errno::NOENT | Errno::NOTDIR)) {
            return;
        }
        let Ok(stat) = rustix::fs::statat(fd, name, AtFlags::SYMLINK_NOFOLLOW) else { return };
        let Ok(text) = rustix::fs::readlinkat(fd, name, Vec::new()) else { return };
        let names: Option<Vec<&str>> = self.below.iter().map(|name| name.to_str().ok()).collect();
        let (Ok(text), Some(names), Ok(name)) = (text.into_string(), names, name.to_str()) else { return };
        let folder = names.iter().fold(PathBuf::from(&*self.root.name), |path, name| path.join(name));
        let real = names.iter().fold(self.root.real.clone(), |path, name| path.join(name));
        if let Ok(at) = self.roots.locate(&folder.join(name)) {
            let target = name::leads_to(&real, &text);
            self.walked.broken.push(Dangling { at, id: id(&stat), text, target });
        }
    }
}

/// What lies among media and is none: bins, snapshots and thumbnails, what systems leave on every disk, and whatever is hidden.
pub(super) fn is_passed(name: &[u8]) -> bool {
    const NAMES: [&str; 15] = [
        "@eaDir",
        "@Recycle",
        "@Recently-Snapshot",
        "@sharebin",
        "@sharesnap",
        "@tmp",
        "#recycle",
        "#snapshot",
        "~snapshot",
        "lost+found",
        "$RECYCLE.BIN",
        "RECYCLER",
        "System Volume Information",
        "desktop.ini",
        "Thumbs.db",
    ];
    name.starts_with(b".") || NAMES.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

fn open(folder: impl AsFd, name: &CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty())
}
