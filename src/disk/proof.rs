//! Whether a library is provably there, so that a file which it lacks is really gone.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    MOST_SYMLINKS, Tree, followed,
    probe::{gone, is_passed, leads_nowhere},
};
use crate::{name, plan::End};

/// A look around for proofs: each folder is looked into once.
pub struct Proofs<'a> {
    tree: &'a Tree,
    /// The folders in which the apps keep films and shows, without symlinks.
    libraries: Vec<PathBuf>,
    /// The mount points of disks that films were seen on, and that are not mounted.
    away: Vec<PathBuf>,
    goes_on: &'a dyn Fn() -> bool,
    holding: HashMap<PathBuf, bool>,
}

/// So many names are looked at in search of a video, so many of them in one folder, and so many folders deep.
const MOST_NAMES: usize = 5_000;
const MOST_IN_ONE: usize = 1_000;
const DEEPEST: usize = 5;

impl<'a> Proofs<'a> {
    /// `disks` are the mount points of those that the films of our links were seen on. `goes_on` is asked in each folder.
    pub fn new(
        tree: &'a Tree,
        libraries: &[PathBuf],
        disks: BTreeSet<&str>,
        goes_on: &'a dyn Fn() -> bool,
    ) -> Proofs<'a> {
        let libraries = libraries.iter().map(|library| tree.real(library)).collect();
        let away = disks.into_iter().map(PathBuf::from).filter(|disk| is_away(disk)).collect();
        Proofs { tree, libraries, away, goes_on, holding: HashMap::new() }
    }

    /// A film that an app says is at this path was seen there: so its library is there.
    pub fn seen(&mut self, film: &Path) {
        if let Some(library) = self.library(film) {
            self.holding.insert(library, true);
        }
    }

    /// The library folder that a path is or was in.
    pub fn library(&self, path: &Path) -> Option<PathBuf> {
        let holding = self.libraries.iter().filter(|library| path.starts_with(library));
        holding.max_by_key(|library| library.components().count()).cloned()
    }

    /// What became of a path at which no file is.
    pub fn end(&mut self, path: &Path) -> End {
        let path = self.tree.real(path);
        let above = match nearest(&path) {
            Ok(above) => above,
            Err(link) => return End::Symlink(link.display().to_string(), end_of(&link).display().to_string()),
        };
        let Some(library) = self.library(&path) else { return End::Unproven(None) };
        let unproven = |folder: &Path| End::Unproven(Some(folder.display().to_string()));
        // whatever has come into its mount point meanwhile
        let real = fs::canonicalize(&above).unwrap_or_default().join(path.strip_prefix(&above).unwrap_or(&path));
        if let Some(disk) = self.away.iter().find(|disk| real.starts_with(disk)) {
            return unproven(disk);
        }
        if !above.starts_with(&library) || !self.holds_video(&library) {
            return unproven(&library);
        }
        // another disk may be mounted below the library, and away
        let there = above == library || self.holds_video(&above) || is_beside(&above, &path);
        if there { End::Gone } else { unproven(&above) }
    }

    /// Whether a video is found below the folder. Whatever else is in it may as well lie in the mount point of a disk that is away.
    pub fn holds_video(&mut self, folder: &Path) -> bool {
        if let Some(known) = self.holding.get(folder) {
            return *known;
        }
        let found = self.finds_video(folder, DEEPEST, &mut MOST_NAMES.clone());
        self.holding.insert(folder.to_path_buf(), found);
        found
    }

    /// Other libraries within this one prove nothing: they may be on disks of their own.
    fn finds_video(&self, folder: &Path, depth: usize, left: &mut usize) -> bool {
        let mut folders = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_IN_ONE) {
            if *left == 0 {
                return false;
            }
            *left -= 1;
            let (name, kind, path) = (entry.file_name(), entry.file_type(), entry.path());
            let (Some(name), Ok(kind)) = (name.to_str(), kind) else { continue };
            if is_passed(name.as_bytes()) || self.libraries.contains(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if name::is_video(name) && fs::metadata(path).is_ok_and(|found| found.is_file()) {
                return true;
            }
        }
        depth > 0 && folders.iter().any(|folder| (self.goes_on)() && self.finds_video(folder, depth - 1, left))
    }
}

/// Where the file system of a file is mounted; `None` if it is the system's own. The device's number would not tell it from another one
/// tomorrow.
pub(super) fn disk_of(file: &Path) -> Option<String> {
    let real = fs::canonicalize(file).ok()?;
    let folder = real.ancestors().skip(1).find(|folder| device(folder) != folder.parent().and_then(device))?;
    folder.parent()?;
    folder.to_str().map(String::from)
}

fn is_away(disk: &Path) -> bool {
    match fs::metadata(disk) {
        Err(cause) => gone(&cause),
        Ok(found) => disk.parent().and_then(device) == Some(found.dev()),
    }
}

fn device(folder: &Path) -> Option<u64> {
    fs::metadata(folder).ok().map(|found| found.dev())
}

/// Whether `above` is the film's own folder, with something of the film left in it.
fn is_beside(above: &Path, path: &Path) -> bool {
    let mut entries = fs::read_dir(above).into_iter().flatten().flatten();
    path.parent() == Some(above)
        && entries.any(|entry| {
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            is_file && !is_passed(entry.file_name().as_encoded_bytes())
        })
}

/// The nearest folder above a path at which nothing is; an error, with the symlink, if one on the way leads nowhere: the disk that it
/// leads to may be away.
fn nearest(path: &Path) -> Result<PathBuf, PathBuf> {
    for here in path.ancestors() {
        match fs::symlink_metadata(here) {
            Err(cause) if gone(&cause) => {}
            Ok(found) if found.is_symlink() && leads_nowhere(here) => return Err(here.to_path_buf()),
            _ => return Ok(here.to_path_buf()),
        }
    }
    Ok(PathBuf::from("/"))
}

/// What a symlink that leads nowhere, by other symlinks perhaps, leads to at last.
fn end_of(link: &Path) -> PathBuf {
    let mut end = link.to_path_buf();
    for _ in 0..MOST_SYMLINKS {
        let Ok(text) = fs::read_link(&end) else { break };
        match end.parent().map(|folder| followed(folder, &text)) {
            Some(Ok(next)) => end = next,
            _ => return text,
        }
    }
    end
}
