//! Looking for the subtitles of films, and at what stands where their links are or belong.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    Proofs, Tree, id, is_file,
    look::{Look, gone},
};
use crate::{
    model::{MediaPath, Roots},
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
        let mut look = Look { tree: self, shows: &[], proofs, folders: HashMap::new(), disks: HashMap::new() };
        let mut beside = Beside::default();
        let mut names = Names::default();
        let located =
            known.subtitles.iter().filter_map(|link| Some((link.rule, roots.locate(link.path.as_ref()).ok()?)));
        let recorded: Vec<(i32, MediaPath)> = located.collect();
        let mut places: Vec<MediaPath> = recorded.iter().map(|(_, at)| at.clone()).collect();
        for film in films {
            let files = if wanted { of_film(film, &mut names) } else { Err(None) };
            places.extend(files.iter().flatten().filter_map(|file| film.place(&file.end).ok()));
            let of_film = recorded.iter().filter(|(rule, _)| *rule == film.rule);
            places.extend(of_film.filter_map(|(_, at)| film.place(film.end(known, at.name())?).ok()));
            // what stands there under other names matters only where there is something to link
            let names = match look.folder(&film.at) {
                Ok(listed) if files.as_ref().is_ok_and(|files| !files.is_empty()) => listed.subtitles.clone(),
                _ => Vec::new(),
            };
            let own = names.iter().filter(|name| name::behind(name::base(film.at.name()), name).is_some());
            places.extend(own.filter_map(|name| film.at.parent()?.join(name).ok()));
            beside.files.insert(film.rule, files);
        }
        beside.spots = places.into_iter().map(|at| (at.to_string(), look.spot(at))).collect();
        beside
    }
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

/// What is in folders, or why that cannot be read: a folder may have many films in it.
type Names = HashMap<PathBuf, Result<Rc<Vec<String>>, Option<String>>>;

/// The subtitles of a film.
fn of_film(film: &Film, known: &mut Names) -> Result<Vec<SubtitleFile>, Option<String>> {
    let (Some(folder), Some(name)) = (film.source.parent(), film.source.file_name().and_then(|name| name.to_str()))
    else {
        return Ok(Vec::new());
    };
    let beside = names(folder, known)?;
    let mut folders = Vec::new();
    for inner in beside.iter().filter(|name| holds_subtitles(name)) {
        folders.push((inner.clone(), names(&folder.join(inner), known)?.to_vec()));
    }
    let told = film.told.absolute();
    let found = subtitles(name, &beside, &folders).into_iter().filter_map(|Subtitle { path, end }| {
        let source = folder.join(&path);
        let stat = rustix::fs::stat(&source).ok().filter(is_file)?;
        Some(SubtitleFile { told: told.with_file_name(&path), id: id(&stat), source, end })
    });
    Ok(found.collect())
}

/// In order, without those that are no text: no link can be recorded for them.
fn names(folder: &Path, known: &mut Names) -> Result<Rc<Vec<String>>, Option<String>> {
    let read = || -> io::Result<Vec<String>> {
        let names: io::Result<Vec<_>> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into_string())).collect();
        let mut names: Vec<String> = names?.into_iter().flatten().collect();
        names.sort();
        Ok(names)
    };
    let names = || match read() {
        Ok(names) => Ok(Rc::new(names)),
        // a file that is called so
        Err(cause) if gone(&cause) => Ok(Rc::default()),
        Err(cause) => Err(Some(format!("cannot read {}: {cause}: subtitles are left as they are", folder.display()))),
    };
    known.entry(folder.to_path_buf()).or_insert_with(names).clone()
}
