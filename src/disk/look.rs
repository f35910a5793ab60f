//! Looking at what stands where links are or shall be, and whether the libraries that they lead to are there.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use rustix::{
    fs::{FileType, Mode, OFlags, Stat},
    io::Errno,
};

use super::{
    Dir, FileId, Miss, Proofs, Tree, Walked, again, entries, id, is_file, is_temporary,
    probe::{barrier, is_empty},
    proof::disk_of,
    respelled,
};
use crate::{
    model::{MediaPath, is_subtitle},
    name,
    plan::{End, Folder, Found, Leads, LinkId, Placement, Seen, Sight, Source},
};

impl Tree {
    /// The most bytes that a name may have in shows' folders, or in those that they will be in.
    pub fn longest_names<'a>(&self, folders: impl Iterator<Item = &'a MediaPath>) -> HashMap<MediaPath, usize> {
        let longest = |folder| Some(self.enter(folder).or_else(|_| self.enter_parent(folder)).ok()?.longest_name());
        folders.filter_map(|folder| Some((folder.clone(), longest(folder)?))).collect()
    }

    /// The real path of a film's file, if it is there.
    pub fn file(&self, at: &MediaPath) -> Option<PathBuf> {
        self.source(at).ok().map(|(path, _)| path)
    }

    /// The film's file. The kernel may follow symlinks here: nothing is ever written below it. What became of a missing one is still to
    /// be found out.
    fn source(&self, at: &MediaPath) -> Result<(PathBuf, FileId), Source> {
        let path = self.real(&at.absolute());
        match again(|| rustix::fs::stat(&path)) {
            Ok(stat) if is_file(&stat) => Ok((path, id(&stat))),
            Ok(_) => Err(Source::NotAFile),
            Err(Errno::NOENT | Errno::NOTDIR) => {
                let (path, stat) = respelled_path(&path).ok_or(Source::Missing(End::Unproven(None)))?;
                Ok((path, id(&stat)))
            }
            Err(cause) => Err(Source::Unknown(match barrier(&path) {
                Some(folder) => format!(
                    "{} cannot be entered ({cause}): give plex-linker's user the right x on it",
                    folder.display()
                ),
                None => cause.to_string(),
            })),
        }
    }
}

/// A folder in which links are.
pub(super) struct Listed {
    pub(super) dir: Dir,
    /// Its symlinks, with what may be one where the file system does not tell, and whatever has a temporary name of ours.
    pub(super) names: Vec<String>,
}

/// One look around: each folder is listed once.
pub struct Survey<'a> {
    tree: &'a Tree,
    pub proofs: Proofs<'a>,
    /// The folders of all shows.
    shows: Vec<&'a MediaPath>,
    /// Where links of ours were when a run ended last.
    recorded: Vec<MediaPath>,
    folders: HashMap<Option<MediaPath>, Result<Rc<Listed>, Miss>>,
    /// Where each device is mounted.
    disks: HashMap<u64, Option<String>>,
}

impl<'a> Survey<'a> {
    /// `shows` are the folders of all shows; `recorded` is where links of ours were when a run ended last.
    pub fn new(
        tree: &'a Tree,
        proofs: Proofs<'a>,
        shows: impl Iterator<Item = &'a MediaPath>,
        recorded: Vec<MediaPath>,
    ) -> Survey<'a> {
        Survey { tree, proofs, shows: shows.collect(), recorded, folders: HashMap::new(), disks: HashMap::new() }
    }

    /// Looks at everything that placements and recorded links name. What was `walked` past in the same folders gets the paths by which
    /// we name it.
    pub fn look(&mut self, placements: &[Placement], walked: &mut Walked) -> Seen {
        let sources: Vec<_> = placements.iter().map(|placement| self.tree.source(&placement.source)).collect();
        sources.iter().flatten().for_each(|(path, _)| self.proofs.seen(path));
        let sights = placements.iter().zip(sources).map(|(placement, source)| self.sight(placement, source)).collect();
        let links = self.recorded.clone().into_iter().map(|at| (at.to_string(), self.with_found(at)));
        let links: HashMap<_, _> = links.collect();
        let mut leftovers = Vec::new();
        for (folder, listed) in &self.folders {
            let (Some(folder), Ok(listed)) = (folder, listed) else { continue };
            let left = listed.names.iter().filter(|name| is_temporary(name));
            leftovers.extend(left.filter_map(|name| folder.join(name).ok()));
        }
        let leftovers = leftovers.into_iter().map(|at| self.with_found(at)).collect();
        self.rename(walked);
        let count = links.len().max(walked.links);
        Seen { sights, links, leftovers, count, broken: Vec::new() }
    }

    fn sight(&mut self, placement: &Placement, source: Result<(PathBuf, FileId), Source>) -> Sight {
        let (source, id) = match source {
            Ok((path, id)) => (Source::File(path), Some(id)),
            Err(Source::Missing(_)) => (Source::Missing(self.proofs.end(&placement.source.absolute())), None),
            Err(other) => (other, None),
        };
        let disk = match (&source, id) {
            (Source::File(path), Some((device, _))) => {
                self.disks.entry(device).or_insert_with(|| disk_of(path)).clone()
            }
            _ => None,
        };
        Sight {
            folder: self.folder_for(placement),
            source,
            disk,
            place: self.found(&placement.link, id),
            own_files: placement.own_files.iter().map(|own| self.found(own, id)).collect(),
            namesakes: id.map(|id| self.namesakes(placement, id)).unwrap_or_default(),
        }
    }

    /// The folder that a link is in or will be in.
    fn folder_for(&mut self, Placement { link, series_folder, .. }: &Placement) -> Folder {
        let below = link.folders_in(series_folder);
        let inside = |series: PathBuf| below.iter().fold(series, |path, folder| path.join(folder.name()));
        let folder = match self.folder(link) {
            Ok(listed) => Ok(listed.dir.real.clone()),
            Err(Miss::Missing) => self.tree.enter(series_folder).map(|series| inside(series.real)),
            Err(miss) => Err(miss),
        };
        match folder {
            Ok(real) => Folder::Real(real),
            Err(Miss::Missing) => self.to_make(series_folder, inside),
            Err(Miss::Outside) => Folder::Outside,
            Err(Miss::Unknown(cause)) => Folder::Unknown(cause),
        }
    }

    /// Sonarr makes a show's folder when it imports something: if those of other shows are there, so is their disk. One in which a link
    /// of ours was has been there, and somebody has moved or removed it.
    fn to_make(&self, series_folder: &MediaPath, inside: impl Fn(PathBuf) -> PathBuf) -> Folder {
        let beside =
            self.shows.iter().filter(|show| **show != series_folder && show.parent() == series_folder.parent());
        let had_link = self.recorded.iter().any(|link| link.is_in(series_folder));
        let (mut is_away, mut like) = (true, None);
        for show in beside {
            let Ok(dir) = self.tree.enter(show) else { continue };
            is_away = false;
            like = Some(*show).filter(|_| !had_link && matches!(is_empty(&dir.real), Ok(false)));
            if had_link || like.is_some() {
                break;
            }
        }
        if let (Some(like), Ok(above)) = (like, self.tree.enter_parent(series_folder)) {
            return Folder::ToMake { real: inside(above.real.join(series_folder.name())), like: like.clone() };
        }
        // none of its library's shows is there: so that is away, or another one is in its place
        let folder = self.tree.real(&series_folder.absolute());
        let library = self.proofs.library(&folder).filter(|_| is_away);
        let above = folder.parent().unwrap_or(&folder).display().to_string();
        Folder::SeriesMissing { root_away: library.map(|_| above) }
    }

    /// Other links beside a link's place that lead to its film and are marked as its special.
    fn namesakes(&mut self, placement: &Placement, film: FileId) -> Vec<(MediaPath, LinkId, String)> {
        let (link, special) = (&placement.link, placement.special);
        let (Ok(listed), Some(folder)) = (self.folder(link), link.parent()) else { return Vec::new() };
        // one that stands for further specials, too, is another one
        let last = name::marked(link.name()).map_or(special.1, |(.., last)| last);
        let is_same = |name: &str| {
            let mark = name::marked(name).filter(|(.., end)| *end <= last && !is_subtitle(name));
            name != link.name() && mark.is_some_and(|(season, first, _)| (season, first) == special)
        };
        let mut namesakes = Vec::new();
        for name in listed.names.iter().filter(|name| is_same(name)) {
            if listed.dir.reaches(name) == Ok(film)
                && let (Ok((id, text)), Ok(at)) = (listed.dir.symlink(name), folder.join(name))
            {
                namesakes.push((at, id, text));
            }
        }
        namesakes
    }

    fn with_found(&mut self, at: MediaPath) -> (MediaPath, Found) {
        let found = self.found(&at, None);
        (at, found)
    }

    /// What stands at a place, and whether it leads to the file `source`.
    pub(super) fn found(&mut self, at: &MediaPath, source: Option<FileId>) -> Found {
        let listed = match self.folder(at) {
            Ok(listed) => listed,
            Err(Miss::Missing) => return Found::Away,
            Err(miss) => return Found::Unknown(miss.to_string()),
        };
        let (id, text) = match listed.dir.symlink(at.name()) {
            Ok(link) => link,
            Err(found) => return found,
        };
        let leads = match listed.dir.reaches(at.name()) {
            Ok(reached) if Some(reached) == source => Leads::ToSource,
            Ok(_) => Leads::Elsewhere,
            Err(Errno::NOENT | Errno::NOTDIR) => {
                Leads::Nowhere(self.proofs.end(&name::leads_to(&listed.dir.real, &text)))
            }
            Err(cause) => Leads::Unknown(cause.to_string()),
        };
        Found::Link { id, text, leads }
    }

    /// The folder that a place is in.
    pub(super) fn folder(&mut self, at: &MediaPath) -> Result<Rc<Listed>, Miss> {
        let enter = || Ok(Rc::new(listed(self.tree.enter_parent(at)?)?));
        self.folders.entry(at.parent()).or_insert_with(enter).clone()
    }

    /// A folder behind a symlink is reached by two paths, of which the walk knows the other one.
    fn rename(&self, walked: &mut Walked) {
        let listed = self.folders.iter().filter_map(|(folder, listed)| Some((folder.as_ref()?, listed.as_ref().ok()?)));
        let ours: HashMap<&Path, &MediaPath> = listed.map(|(folder, listed)| (&*listed.dir.real, folder)).collect();
        for link in &mut walked.broken {
            let real = self.tree.real(&link.at.absolute());
            let folder = real.parent().and_then(|folder| ours.get(folder));
            if let Some(Ok(known)) = folder.map(|folder| folder.join(link.at.name())) {
                link.at = known;
            }
        }
    }
}

fn listed(dir: Dir) -> Result<Listed, Errno> {
    let mut names = Vec::new();
    for entry in entries(&dir.fd)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        if matches!(entry.file_type(), FileType::Symlink | FileType::Unknown) || is_temporary(name) {
            names.push(name.to_string());
        }
    }
    Ok(Listed { dir, names })
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
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(&found, flags, Mode::empty()).ok()?;
        found.push(respelled(&folder, component.as_os_str())?);
    }
    let stat = rustix::fs::stat(&found).ok().filter(is_file)?;
    Some((found, stat))
}
