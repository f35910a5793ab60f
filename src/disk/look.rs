//! Looking at what stands where links are or shall be, and whether the libraries that they lead to are there.

use std::{
    collections::HashMap,
    fs, io,
    mem::MaybeUninit,
    path::{Path, PathBuf},
    rc::Rc,
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, RawDir, Stat},
    io::Errno,
};

use super::{Dir, FileId, Miss, TEMPORARY, Tree, Walked, again, id, is_file, respelled, text_of, unknown};
use crate::{
    model::MediaPath,
    name,
    plan::{Folder, Found, Leads, Placement, Seen, Sight, Source},
};

impl Tree {
    /// Looks at everything that placements and recorded links name. `libraries` are the folders in which the apps say that they keep
    /// films and shows. What was `walked` past in the same folders gets the paths by which we name it.
    pub fn look(
        &self,
        placements: &[Placement],
        links: Vec<MediaPath>,
        libraries: &[PathBuf],
        walked: &mut Walked,
    ) -> Seen {
        let mut look = Look { tree: self, libraries, folders: HashMap::new() };
        let sights = placements.iter().map(|placement| look.sight(placement)).collect();
        let links: HashMap<_, _> =
            links.into_iter().map(|at| (at.to_string(), (at.clone(), look.found(&at, None)))).collect();
        let leftovers = look.leftovers();
        look.rename(walked);
        let count = links.len().max(walked.links);
        Seen { sights, links, leftovers, count, broken: Vec::new() }
    }

    /// Whether a film's file is there.
    pub fn has_file(&self, at: &MediaPath) -> bool {
        fs::metadata(self.real(&at.absolute())).is_ok_and(|found| found.is_file())
    }

    /// Whether the library that `target` was in is there: its folder is not empty, and neither is the nearest folder above the target
    /// that still exists. An unplugged disk leaves an empty folder, or none.
    pub fn alive(&self, target: &Path, libraries: &[PathBuf]) -> bool {
        let target = &*self.real(target);
        let Some(library) = self.library(target, libraries) else { return false };
        let above = target.ancestors().skip(1).find(|above| !matches!(fs::metadata(above), Err(cause) if gone(&cause)));
        let filled = |folder: &Path| matches!(is_empty(folder), Ok(false));
        filled(&library) && above.is_some_and(|above| above.starts_with(&library) && filled(above))
    }

    /// The real path of the library folder that `target` is or was in.
    fn library(&self, target: &Path, libraries: &[PathBuf]) -> Option<PathBuf> {
        let libraries = libraries.iter().map(|library| self.real(library));
        libraries.filter(|library| target.starts_with(library)).max_by_key(|library| library.components().count())
    }
}

/// A folder in which links are, and those of its entries that may concern us.
struct Listed {
    dir: Dir,
    links: Vec<String>,
    leftovers: Vec<String>,
}

/// One look around: folders are listed once.
struct Look<'a> {
    tree: &'a Tree,
    libraries: &'a [PathBuf],
    folders: HashMap<Option<MediaPath>, std::result::Result<Rc<Listed>, Rc<Miss>>>,
}

impl Look<'_> {
    fn sight(&mut self, placement: &Placement) -> Sight {
        let (source, id) = self.source(&placement.source);
        let link = &placement.link;
        let folder = match self.folder(link) {
            Ok(listed) => Folder::Real(listed.dir.real.clone()),
            Err(miss) => match &*miss {
                Miss::Missing => self.future_folder(placement),
                Miss::Outside => Folder::Outside,
                Miss::Unknown(cause) => Folder::Unknown(cause.clone()),
            },
        };
        let mut namesakes = Vec::new();
        if let (Ok(listed), Some(id)) = (self.folder(link), id) {
            let same = |name: &&String| *name != link.name() && name::marked(name) == Some(placement.special);
            for name in listed.links.iter().filter(same) {
                let leads_to_source = matches!(self.reaches(&listed.dir, name), Ok(reached) if reached == id);
                if let (true, Ok(text)) = (leads_to_source, text_of(&listed.dir, name))
                    && let Some(Ok(at)) = link.parent().map(|folder| folder.join(name))
                {
                    namesakes.push((at, text));
                }
            }
        }
        Sight {
            folder,
            source,
            place: self.found(link, id),
            own_files: placement.own_files.iter().map(|own| self.found(own, id)).collect(),
            namesakes,
        }
    }

    /// Where the specials folder will be that is not there yet.
    fn future_folder(&self, placement: &Placement) -> Folder {
        let series_folder = &placement.series_folder;
        let missing = || Folder::SeriesMissing { root_away: self.away(&self.tree.real(&series_folder.absolute())) };
        let Some(folder) = placement.link.parent().filter(|folder| folder != series_folder) else { return missing() };
        match self.tree.enter(folder.root(), Some(series_folder)) {
            Ok(series) => Folder::Real(series.real.join(folder.name())),
            Err(Miss::Missing) => missing(),
            Err(Miss::Outside) => Folder::Outside,
            Err(Miss::Unknown(cause)) => Folder::Unknown(cause),
        }
    }

    /// The film's file. The kernel may follow symlinks here: nothing is ever written below it.
    fn source(&self, at: &MediaPath) -> (Source, Option<FileId>) {
        let path = self.tree.real(&at.absolute());
        match again(|| rustix::fs::stat(&path)) {
            Ok(stat) if is_file(&stat) => (Source::File(path), Some(id(&stat))),
            Ok(_) => (Source::NotAFile, None),
            Err(Errno::NOENT | Errno::NOTDIR) => match respelled_path(&path) {
                Some((path, stat)) => (Source::File(path), Some(id(&stat))),
                None => (Source::Missing { root_away: self.away(&path) }, None),
            },
            Err(cause) => (Source::Unknown(cause.to_string()), None),
        }
    }

    /// The library folder that should hold a path, if it is empty or missing itself.
    fn away(&self, path: &Path) -> Option<String> {
        let library = self.tree.library(path, self.libraries);
        let away = library.filter(|library| !matches!(is_empty(library), Ok(false)));
        away.map(|library| library.display().to_string())
    }

    /// What stands at a place, and whether it leads to the file `source`.
    fn found(&mut self, at: &MediaPath, source: Option<FileId>) -> Found {
        let listed = match self.folder(at) {
            Ok(listed) => listed,
            Err(miss) => match &*miss {
                Miss::Missing => return Found::Away,
                Miss::Outside => return Found::Unknown("a symlink in its path leads out of the media root".into()),
                Miss::Unknown(cause) => return Found::Unknown(cause.clone()),
            },
        };
        let dir = &listed.dir;
        let stat = match again(|| rustix::fs::statat(&dir.fd, at.name(), AtFlags::SYMLINK_NOFOLLOW)) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return Found::Nothing,
            Err(cause) => return Found::Unknown(cause.to_string()),
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => {}
            FileType::RegularFile => return Found::Other("a file"),
            FileType::Directory => return Found::Other("a folder"),
            _ => return Found::Other("a special file"),
        }
        let text = match text_of(dir, at.name()) {
            Ok(text) => text,
            Err(cause) => return Found::Unknown(cause),
        };
        let leads = match self.reaches(dir, at.name()) {
            Ok(reached) if Some(reached) == source => Leads::ToSource,
            Ok(_) => Leads::Elsewhere,
            Err(Errno::NOENT | Errno::NOTDIR) => {
                let target = name::leads_to(&dir.real, &text);
                Leads::Nowhere { alive: self.tree.alive(&target, self.libraries) }
            }
            Err(cause) => Leads::Unknown(cause.to_string()),
        };
        Found::Link { text, leads }
    }

    fn reaches(&self, dir: &Dir, name: &str) -> std::result::Result<FileId, Errno> {
        again(|| rustix::fs::statat(&dir.fd, name, AtFlags::empty())).map(|stat| id(&stat))
    }

    fn folder(&mut self, at: &MediaPath) -> std::result::Result<Rc<Listed>, Rc<Miss>> {
        let tree = self.tree;
        let key = at.parent();
        let enter = || listed(tree.enter_parent(at)?).map(Rc::new).map_err(unknown);
        self.folders.entry(key).or_insert_with(|| enter().map_err(Rc::new)).clone()
    }

    /// A folder behind a symlink is reached by two paths, of which the walk knows the other one.
    fn rename(&self, walked: &mut Walked) {
        let listed = self.folders.iter().filter_map(|(folder, listed)| Some((folder.as_ref()?, listed.as_ref().ok()?)));
        let ours: HashMap<&Path, &MediaPath> = listed.map(|(folder, listed)| (&*listed.dir.real, folder)).collect();
        for (at, ..) in &mut walked.broken {
            let real = self.tree.real(&at.absolute());
            let folder = real.parent().and_then(|folder| ours.get(folder));
            if let Some(Ok(known)) = folder.map(|folder| folder.join(at.name())) {
                *at = known;
            }
        }
    }

    fn leftovers(&mut self) -> Vec<(MediaPath, Found)> {
        let mut places = Vec::new();
        for (folder, listed) in &self.folders {
            if let (Some(folder), Ok(listed)) = (folder, listed) {
                places.extend(listed.leftovers.iter().filter_map(|name| folder.join(name).ok()));
            }
        }
        places.into_iter().map(|at| (at.clone(), self.found(&at, None))).collect()
    }
}

/// The symlinks of a folder that are marked as specials, or what may be one where the file system does not tell, and whatever has a
/// temporary name of ours.
fn listed(dir: Dir) -> std::result::Result<Listed, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = again(|| rustix::fs::openat(&dir.fd, ".", flags, Mode::empty()))?;
    let mut buffer = [MaybeUninit::uninit(); 8192];
    let mut entries = RawDir::new(fd, &mut buffer);
    let (mut links, mut leftovers) = (Vec::new(), Vec::new());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        let may_be = matches!(entry.file_type(), FileType::Symlink | FileType::Unknown);
        if name.starts_with(TEMPORARY) {
            leftovers.push(name.to_string());
        } else if may_be && name::marked(name).is_some() {
            links.push(name.to_string());
        }
    }
    Ok(Listed { dir, links, leftovers })
}

/// The file at `path` with each missing component in the Unicode form that is there.
fn respelled_path(path: &Path) -> Option<(PathBuf, Stat)> {
    let mut found = PathBuf::new();
    for component in path.components() {
        let next = found.join(component);
        if fs::symlink_metadata(&next).is_ok() {
            found = next;
            continue;
        }
        let folder =
            rustix::fs::open(&found, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
        found.push(respelled(&folder, component.as_os_str())?);
    }
    let stat = rustix::fs::stat(&found).ok().filter(is_file)?;
    Some((found, stat))
}

pub(super) fn is_empty(folder: &Path) -> io::Result<bool> {
    fs::read_dir(folder)?.next().transpose().map(|entry| entry.is_none())
}

pub(super) fn gone(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
