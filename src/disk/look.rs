//! Looking at what stands where links are or shall be, and whether the libraries that they lead to are there.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use super::{
    Dir, FileId, Miss, Proofs, TEMPORARY, Tree, Walked, again, beside::longest_name, entries, id, is_file,
    probe::barrier, proof::disk_of, respelled, text_of, unknown, walk::Dangling, why::too_long,
};
use crate::{
    model::{MediaPath, is_subtitle},
    name,
    plan::{Folder, Found, Leads, Placement, Seen, Sight, Source},
};

impl Tree {
    /// Looks at everything that placements and recorded links name. `shows` are the folders of all shows. What was `walked` past in
    /// the same folders gets the paths by which we name it.
    pub fn look<'a>(
        &self,
        placements: &[Placement],
        links: Vec<MediaPath>,
        shows: impl Iterator<Item = &'a MediaPath>,
        proofs: &mut Proofs,
        walked: &mut Walked,
    ) -> Seen {
        let sources: Vec<_> = placements.iter().map(|placement| self.source(&placement.source)).collect();
        sources.iter().flatten().for_each(|(path, _)| proofs.seen(path));
        let shows: Vec<_> = shows.collect();
        let (folders, disks) = (HashMap::new(), HashMap::new());
        let mut look = Look { tree: self, shows: &shows, recorded: &links, proofs, folders, disks };
        let sights = placements.iter().zip(sources).map(|(placement, source)| look.sight(placement, source)).collect();
        let links: HashMap<_, _> =
            links.iter().map(|at| (at.to_string(), (at.clone(), look.found(at, None)))).collect();
        let leftovers = look.leftovers();
        look.rename(walked);
        let count = links.len().max(walked.links);
        Seen { sights, links, leftovers, count, broken: Vec::new() }
    }

    /// The symlink that is at a place, and its text.
    pub fn link(&self, at: &MediaPath) -> Option<(FileId, String)> {
        let dir = self.enter_parent(at).ok()?;
        let text = text_of(&dir, at.name()).ok()?;
        let stat = rustix::fs::statat(&dir.fd, at.name(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some((id(&stat), text))
    }

    /// The path without symlinks of a folder, if it is there.
    pub fn real_folder(&self, folder: &MediaPath) -> PathBuf {
        let entered = self.enter(folder.root(), Some(folder));
        entered.map_or_else(|_| self.real(&folder.absolute()), |dir| dir.real)
    }

    /// Whether a symlink on the way to a folder leads out of the roots, so that no link is made in it.
    pub fn leads_out(&self, folder: &MediaPath) -> bool {
        matches!(self.enter(folder.root(), Some(folder)), Err(Miss::Outside))
    }

    /// The most bytes that a name may have in shows' folders, or in those that they will be in.
    pub fn longest_names<'a>(&self, folders: impl Iterator<Item = &'a MediaPath>) -> HashMap<MediaPath, usize> {
        let enter =
            |folder: &MediaPath| self.enter(folder.root(), Some(folder)).or_else(|_| self.enter_parent(folder)).ok();
        folders.filter_map(|folder| Some((folder.clone(), longest_name(&enter(folder)?)))).collect()
    }

    /// Whether a film's file is there.
    pub fn has_file(&self, at: &MediaPath) -> bool {
        fs::metadata(self.real(&at.absolute())).is_ok_and(|found| found.is_file())
    }

    /// The film's file. The kernel may follow symlinks here: nothing is ever written below it.
    fn source(&self, at: &MediaPath) -> std::result::Result<(PathBuf, FileId), Absent> {
        let path = self.real(&at.absolute());
        match again(|| rustix::fs::stat(&path)) {
            Ok(stat) if is_file(&stat) => Ok((path, id(&stat))),
            Ok(_) => Err(Absent::NotAFile),
            Err(Errno::NOENT | Errno::NOTDIR) => {
                respelled_path(&path).map(|(path, stat)| (path, id(&stat))).ok_or(Absent::Missing(path))
            }
            Err(cause) => Err(Absent::Unknown(match barrier(&path) {
                Some(folder) => format!(
                    "{} cannot be entered ({cause}): give plex-linker's user the right x on it",
                    folder.display()
                ),
                None => cause.to_string(),
            })),
        }
    }
}

/// Why a film's file is not used.
enum Absent {
    Missing(PathBuf),
    NotAFile,
    Unknown(String),
}

/// A folder in which links are, and those of its entries that may concern us.
pub(super) struct Listed {
    pub(super) dir: Dir,
    links: Vec<String>,
    pub(super) subtitles: Vec<String>,
    leftovers: Vec<String>,
}

/// One look around: folders are listed once.
pub(super) struct Look<'a, 'b> {
    pub(super) tree: &'a Tree,
    pub(super) shows: &'a [&'a MediaPath],
    /// Where links of ours were when a run ended last.
    pub(super) recorded: &'a [MediaPath],
    pub(super) proofs: &'a mut Proofs<'b>,
    pub(super) folders: HashMap<Option<MediaPath>, std::result::Result<Rc<Listed>, Rc<Miss>>>,
    /// Where each device is mounted.
    pub(super) disks: HashMap<u64, Option<String>>,
}

impl Look<'_, '_> {
    fn sight(&mut self, placement: &Placement, source: std::result::Result<(PathBuf, FileId), Absent>) -> Sight {
        let (source, id) = match source {
            Ok((path, id)) => (Source::File(path), Some(id)),
            Err(Absent::Missing(path)) => (Source::Missing(self.proofs.end(&path)), None),
            Err(Absent::NotAFile) => (Source::NotAFile, None),
            Err(Absent::Unknown(cause)) => (Source::Unknown(cause), None),
        };
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
            // one that stands for further specials, too, is another one
            let last = name::marked(link.name()).map_or(placement.special.1, |(_, _, last)| last);
            let marked = |name: &str| {
                name::marked(name).filter(|(.., end)| *end <= last).map(|(season, first, _)| (season, first))
            };
            let same = |name: &&String| *name != link.name() && marked(name) == Some(placement.special);
            for name in listed.links.iter().filter(same) {
                let leads_to_source = matches!(self.reaches(&listed.dir, name), Ok(reached) if reached == id);
                if let (true, Ok(text)) = (leads_to_source, text_of(&listed.dir, name))
                    && let Ok(own) = rustix::fs::statat(&listed.dir.fd, name, AtFlags::SYMLINK_NOFOLLOW)
                    && let Some(Ok(at)) = link.parent().map(|folder| folder.join(name))
                {
                    namesakes.push((at, super::id(&own), text));
                }
            }
        }
        let disk = match &source {
            Source::File(path) => {
                id.and_then(|(device, _)| self.disks.entry(device).or_insert_with(|| disk_of(path)).clone())
            }
            _ => None,
        };
        Sight {
            folder,
            source,
            disk,
            place: self.found(link, id),
            own_files: placement.own_files.iter().map(|own| self.found(own, id)).collect(),
            namesakes,
        }
    }

    /// Where the specials folder will be that is not there yet.
    fn future_folder(&self, placement: &Placement) -> Folder {
        let series_folder = &placement.series_folder;
        let below = placement.link.folders_in(series_folder);
        let inside = |series: PathBuf| below.iter().fold(series, |path, folder| path.join(folder.name()));
        match self.tree.enter(series_folder.root(), Some(series_folder)) {
            Ok(series) => Folder::Real(inside(series.real)),
            Err(Miss::Missing) => self.to_make(series_folder, inside),
            Err(Miss::Outside) => Folder::Outside,
            Err(Miss::Unknown(cause)) => Folder::Unknown(cause),
        }
    }

    /// Sonarr makes a show's folder when it imports something: if those of other shows are there, so is their disk. One in which a link
    /// of ours was has been there, and somebody has moved or removed it.
    fn to_make(&self, series_folder: &MediaPath, inside: impl Fn(PathBuf) -> PathBuf) -> Folder {
        let root = series_folder.parent();
        let enter = |show: &MediaPath| self.tree.enter(show.root(), Some(show));
        let mut beside = self.shows.iter().filter(|show| **show != series_folder && show.parent() == root);
        let like = beside.find(|show| enter(show).is_ok_and(|dir| !is_empty(&dir.real).unwrap_or(true)));
        let like = like.filter(|_| !self.recorded.iter().any(|link| link.is_in(series_folder)));
        match (like, self.tree.enter_parent(series_folder)) {
            (Some(like), Ok(root)) => {
                Folder::ToMake { real: inside(root.real.join(series_folder.name())), like: (*like).clone() }
            }
            _ => Folder::SeriesMissing { root_away: self.away(series_folder) },
        }
    }

    /// The folder in a library that should hold a show, if none of Sonarr's shows is in it: so it is away, or another one is in its place.
    fn away(&self, series_folder: &MediaPath) -> Option<String> {
        let folder = self.tree.real(&series_folder.absolute());
        self.proofs.library(&folder)?;
        let mut beside = self.shows.iter().filter(|show| show.parent() == series_folder.parent());
        let away = !beside.any(|show| self.tree.enter(show.root(), Some(show)).is_ok());
        away.then(|| folder.parent().unwrap_or(&folder).display().to_string())
    }

    /// What stands at a place, and whether it leads to the file `source`.
    pub(super) fn found(&mut self, at: &MediaPath, source: Option<FileId>) -> Found {
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
            Err(cause) => return Found::Unknown(too_long(cause)),
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
                Leads::Nowhere(self.proofs.end(&target))
            }
            Err(cause) => Leads::Unknown(cause.to_string()),
        };
        Found::Link { id: id(&stat), text, leads }
    }

    pub(super) fn reaches(&self, dir: &Dir, name: &str) -> std::result::Result<FileId, Errno> {
        again(|| rustix::fs::statat(&dir.fd, name, AtFlags::empty())).map(|stat| id(&stat))
    }

    pub(super) fn folder(&mut self, at: &MediaPath) -> std::result::Result<Rc<Listed>, Rc<Miss>> {
        let tree = self.tree;
        let key = at.parent();
        let enter = || listed(tree.enter_parent(at)?).map(Rc::new).map_err(unknown);
        self.folders.entry(key).or_insert_with(|| enter().map_err(Rc::new)).clone()
    }

    /// A folder behind a symlink is reached by two paths, of which the walk knows the other one.
    fn rename(&self, walked: &mut Walked) {
        let listed = self.folders.iter().filter_map(|(folder, listed)| Some((folder.as_ref()?, listed.as_ref().ok()?)));
        let ours: HashMap<&Path, &MediaPath> = listed.map(|(folder, listed)| (&*listed.dir.real, folder)).collect();
        for Dangling { at, .. } in &mut walked.broken {
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

/// The symlinks of a folder that have a subtitle's name or are marked as specials, or what may be one where the file system does not tell, and whatever has a
/// temporary name of ours.
fn listed(dir: Dir) -> std::result::Result<Listed, Errno> {
    let (mut links, mut subtitles, mut leftovers) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries(&dir.fd)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        let may_be = matches!(entry.file_type(), FileType::Symlink | FileType::Unknown);
        if name.starts_with(TEMPORARY) {
            leftovers.push(name.to_string());
        } else if may_be && is_subtitle(name) {
            subtitles.push(name.to_string());
        } else if may_be && name::marked(name).is_some() {
            links.push(name.to_string());
        }
    }
    Ok(Listed { dir, links, subtitles, leftovers })
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
