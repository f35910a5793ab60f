//! Looking for the subtitles of films, and at what stands where their links are or belong.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use rustix::io::Errno;

use super::{
    Survey, again, id, is_file,
    probe::{is_folder, is_passed},
};
use crate::{
    model::{Link, MediaPath, Roots, is_subtitle},
    name::{self, Subtitle, holds_subtitles, subtitles},
    plan::{Beside, Found, Known, LinkedFilm, Spot, SubtitleFile},
};

impl Survey<'_> {
    /// Looks for the films' subtitles, if they are `wanted`, and at the places of their links and those of our records.
    pub fn look_beside(&mut self, films: &[LinkedFilm], known: &Known, roots: &Roots, wanted: bool) -> Beside {
        let mut beside = Beside::default();
        let place = |link: &Link| roots.locate(link.path.as_ref()).ok();
        let links: Vec<MediaPath> =
            known.links.iter().filter_map(place).chain(films.iter().map(|film| film.at.clone())).collect();
        let ours = links.iter().filter_map(|at| Some(self.folder(at).ok()?.dir.real.join(at.name()))).collect();
        let mut listings = Listings { ours, read: HashMap::new() };
        let mut places: BTreeSet<MediaPath> = known.subtitles.iter().filter_map(place).collect();
        for film in films {
            let mut longest = MediaPath::MAX_COMPONENT;
            if let Ok(listed) = self.folder(&film.at) {
                longest = listed.dir.longest_name();
                beside.folders.insert(film.rule, (listed.dir.real.clone(), longest));
                // others may have given them other names
                let base = name::base(film.at.name());
                let named = listed.names.iter().filter(|name| is_subtitle(name) && name::behind(base, name).is_some());
                places.extend(named.filter_map(|name| film.at.parent()?.join(name).ok()));
            }
            let files = if wanted { listings.subtitles_of(film) } else { Err(None) };
            places.extend(files.iter().flatten().filter_map(|file| film.place(&file.end, longest).ok()));
            let recorded = known.subtitles_of(film.rule).iter().filter_map(place);
            places.extend(recorded.filter_map(|at| film.place(film.end(known, at.name())?, longest).ok()));
            beside.files.insert(film.rule, files);
            beside.parts.extend(listings.parts(&film.source).map(|parts| (film.rule, parts)));
        }
        beside.spots = places.into_iter().map(|at| (at.to_string(), self.spot(at))).collect();
        beside
    }

    fn spot(&mut self, at: MediaPath) -> Spot {
        let found = self.found(&at, None);
        let (mut file, mut target) = (None, PathBuf::new());
        if let (Found::Link { text, .. }, Ok(listed)) = (&found, self.folder(&at)) {
            file = listed.dir.reaches(at.name()).ok();
            target = name::leads_to(&listed.dir.real, text);
        }
        Spot { at, found, file, target }
    }
}

/// What the film of this file is, if it is several.
pub fn of_several_files(film: &Path) -> Option<String> {
    Listings::default().parts(film)
}

#[derive(Default)]
struct Listings {
    /// Links of ours, which are no further films where they lie beside one.
    ours: HashSet<PathBuf>,
    /// The names in the folders that have been read, or why they cannot be: one may have many films in it.
    read: HashMap<PathBuf, Names>,
}

/// In order, without those that are no text: no link can be recorded for them.
type Names = Result<Rc<[String]>, Option<String>>;

impl Listings {
    fn of(&mut self, folder: &Path) -> Names {
        if let Some(read) = self.read.get(folder) {
            return read.clone();
        }
        let names = || -> io::Result<Rc<[String]>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(folder)? {
                let Ok(name) = entry?.file_name().into_string() else { continue };
                // macOS leaves a ._FILM.mkv beside each FILM.mkv on a share
                if !is_passed(name.as_bytes()) && !self.ours.contains(&folder.join(&name)) {
                    names.push(name);
                }
            }
            names.sort();
            Ok(names.into())
        };
        let names = names().map_err(|cause| unread(folder, &cause));
        self.read.insert(folder.to_path_buf(), names.clone());
        names
    }

    /// What a film is that is several files.
    fn parts(&mut self, film: &Path) -> Option<String> {
        // where that is told by the folder's name it need not be read
        name::of_several_files(film, &[]).or_else(|| name::of_several_files(film, &self.of(film.parent()?).ok()?))
    }

    fn subtitles_of(&mut self, film: &LinkedFilm) -> Result<Vec<SubtitleFile>, Option<String>> {
        let (Some(folder), Some(name)) = (film.source.parent(), film.source.file_name().and_then(|name| name.to_str()))
        else {
            return Ok(Vec::new());
        };
        let beside = self.of(folder)?;
        let mut folders = Vec::new();
        for inner in beside.iter().filter(|name| holds_subtitles(name)) {
            let path = folder.join(inner);
            // a symlink to a disk that is away has nothing in it now
            if is_folder(&path).map_err(|cause| unread(&path, &cause))? {
                folders.push((inner.clone(), self.of(&path)?.to_vec()));
            }
        }
        let told = film.told.absolute();
        let mut files = Vec::new();
        for Subtitle { path, end } in subtitles(name, &beside, &folders) {
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
}

fn unread(path: &Path, cause: &io::Error) -> Option<String> {
    Some(format!("cannot read {}: {cause}: the film's subtitles are left as they are", path.display()))
}
