//! Looking for the subtitles of films, and at what stands where their links are or belong.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use rustix::io::Errno;

use super::{
    Dir, Proofs, Tree, again, id, is_file,
    look::{Look, gone},
    walk::is_passed,
};
use crate::{
    model::{Link, MediaPath, Roots},
    name::{self, Subtitle, holds_subtitles, subtitles},
    plan::{Beside, Film, Found, Known, Spot, SubtitleFile},
};

impl Tree {
    /// Looks for the films' subtitles, if they are `wanted`, and at the places of their links and those of our records.
    pub fn look_beside(
        &self,
        films: &[Film],
        known: &Known,
        roots: &Roots,
        wanted: bool,
        proofs: &mut Proofs,
    ) -> Beside {
        let mut look =
            Look { tree: self, shows: &[], recorded: &[], proofs, folders: HashMap::new(), disks: HashMap::new() };
        let mut beside = Beside::default();
        let place = |link: &Link| roots.locate(link.path.as_ref()).ok();
        let links: Vec<MediaPath> =
            known.links.iter().filter_map(place).chain(films.iter().map(|film| film.at.clone())).collect();
        let ours = links.iter().filter_map(|at| Some(look.folder(at).ok()?.dir.real.join(at.name()))).collect();
        let mut listings = Listings { ours, read: HashMap::new() };
        let mut places: BTreeSet<MediaPath> = known.subtitles.iter().filter_map(place).collect();
        for film in films {
            let mut longest = MediaPath::MAX_COMPONENT;
            if let Ok(listed) = look.folder(&film.at) {
                longest = longest_name(&listed.dir);
                beside.folders.insert(film.rule, (listed.dir.real.clone(), longest));
                // others may have given them other names
                let of_link = |name: &&String| name::behind(name::base(film.at.name()), name).is_some();
                let named = listed.subtitles.iter().filter(of_link);
                places.extend(named.filter_map(|name| film.at.parent()?.join(name).ok()));
            }
            let files = if wanted { of_film(film, &mut listings) } else { Err(None) };
            places.extend(files.iter().flatten().filter_map(|file| film.place(&file.end, longest).ok()));
            let recorded = known.subtitles_of(film.rule).iter().filter_map(place);
            places.extend(recorded.filter_map(|at| film.place(film.end(known, at.name())?, longest).ok()));
            beside.files.insert(film.rule, files);
            beside.parts.extend(parts(&film.source, &mut listings).map(|parts| (film.rule, parts)));
        }
        beside.spots = places.into_iter().map(|at| (at.to_string(), look.spot(at))).collect();
        beside
    }
}

/// What the film of this file is, if it is several.
pub fn of_several_files(film: &Path) -> Option<String> {
    parts(film, &mut Listings::default())
}

fn parts(film: &Path, known: &mut Listings) -> Option<String> {
    // where that is told by the folder's name it need not be read
    name::of_several_files(film, &[])
        .or_else(|| name::of_several_files(film, &listing(film.parent()?, known).ok()?.names))
}

/// As its file system tells; some tell nothing.
pub(super) fn longest_name(dir: &Dir) -> usize {
    let told = rustix::fs::fstatvfs(&dir.fd).map_or(0, |told| told.f_namemax as usize);
    if told == 0 { MediaPath::MAX_COMPONENT } else { told.min(MediaPath::MAX_COMPONENT) }
}

impl Look<'_, '_> {
    fn spot(&mut self, at: MediaPath) -> Spot {
        let found = self.found(&at, None);
        let (mut file, mut target) = (None, PathBuf::new());
        if let (Found::Link { text, .. }, Ok(listed)) = (&found, self.folder(&at)) {
            file = self.reaches(&listed.dir, at.name()).ok();
            target = name::leads_to(&listed.dir.real, text);
        }
        Spot { at, found, file, target }
    }
}

/// What is in a folder, in order, without names that are no text: no link can be recorded for them.
#[derive(Default)]
struct Listing {
    names: Vec<String>,
    /// Those of them that subtitles may be in.
    folders: Vec<String>,
}

#[derive(Default)]
struct Listings {
    /// Links of ours, which are no further films where they lie beside one.
    ours: HashSet<PathBuf>,
    /// The folders that have been read, or why they cannot be: one may have many films in it.
    read: HashMap<PathBuf, Result<Rc<Listing>, Option<String>>>,
}

/// The subtitles of a film.
fn of_film(film: &Film, known: &mut Listings) -> Result<Vec<SubtitleFile>, Option<String>> {
    let (Some(folder), Some(name)) = (film.source.parent(), film.source.file_name().and_then(|name| name.to_str()))
    else {
        return Ok(Vec::new());
    };
    let beside = listing(folder, known)?;
    let mut folders = Vec::new();
    for inner in &beside.folders {
        let path = folder.join(inner);
        // a symlink to a disk that is away has nothing in it now
        if !matches!(fs::metadata(&path), Err(cause) if gone(&cause)) {
            folders.push((inner.clone(), listing(&path, known)?.names.clone()));
        }
    }
    let told = film.told.absolute();
    let mut files = Vec::new();
    for Subtitle { path, end } in subtitles(name, &beside.names, &folders) {
        let source = folder.join(&path);
        match again(|| rustix::fs::stat(&source)) {
            Ok(stat) if is_file(&stat) => {
                files.push(SubtitleFile { told: told.with_file_name(&path), id: id(&stat), source, end });
            }
            Ok(_) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            Err(cause) => return Err(unread(&source, &cause.into())),
        }
    }
    Ok(files)
}

fn listing(folder: &Path, known: &mut Listings) -> Result<Rc<Listing>, Option<String>> {
    let read = || -> io::Result<Rc<Listing>> {
        let mut listing = Listing::default();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // macOS leaves a ._FILM.mkv beside each FILM.mkv on a share
            if is_passed(name.as_bytes()) || known.ours.contains(&folder.join(&name)) {
                continue;
            }
            if holds_subtitles(&name) && !entry.file_type()?.is_file() {
                listing.folders.push(name.clone());
            }
            listing.names.push(name);
        }
        listing.names.sort();
        listing.folders.sort();
        Ok(Rc::new(listing))
    };
    if let Some(read) = known.read.get(folder) {
        return read.clone();
    }
    let read = read().map_err(|cause| unread(folder, &cause));
    known.read.insert(folder.to_path_buf(), read.clone());
    read
}

fn unread(path: &Path, cause: &io::Error) -> Option<String> {
    Some(format!("cannot read {}: {cause}: the film's subtitles are left as they are", path.display()))
}
