//! Asking Radarr about files that are not there, before a link goes because of it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{fetch::Apps, now};
use crate::{
    config::Config,
    disk::{Dangling, Proofs},
    meaning::Library,
    model::{Instance, Link, Roots},
    name,
    plan::{self, Broken, Claim, End, Layout, NoFile, Placed, Seen},
};

impl Apps {
    /// Why the films have no files whose links are broken.
    pub fn no_files(&self, placed: &Placed, seen: &Seen, links: &[Link]) -> HashMap<i32, NoFile> {
        let asked = plan::to_ask(placed, seen, links).into_iter();
        asked.map(|(rule, radarr, movie_id)| (rule, self.why_no_file(radarr, movie_id))).collect()
    }

    fn why_no_file(&self, radarr: Instance, movie_id: i32) -> NoFile {
        // the film may be another Radarr's by now
        let Some(arr) = self.radarr.get(radarr) else { return NoFile::Unseen };
        match arr.why_no_file(movie_id) {
            Ok(deleted) => NoFile::new(deleted, now()),
            Err(problem) => NoFile::Unknown(problem.to_string()),
        }
    }

    /// What is known of broken links that are not ours. Radarr is only asked for all its films if one of them would be removed.
    pub fn broken(
        &self,
        config: &Config,
        dangling: Vec<Dangling>,
        proofs: &mut Proofs,
        library: &Library,
        layout: &Layout,
        ours: &[Link],
    ) -> Vec<Broken> {
        let is_ours = |known: &Link, link: &Dangling| plan::is_ours(known, &link.text);
        let ours: HashMap<&str, &Link> = ours.iter().map(|link| (link.path.as_str(), link)).collect();
        let ours = |link: &Dangling| ours.get(link.at.to_string().as_str()).is_some_and(|known| is_ours(known, link));
        let dangling: Vec<_> = dangling.into_iter().filter(|link| !ours(link)).collect();
        let ends: Vec<End> = dangling.iter().map(|link| proofs.end(&link.target)).collect();
        let films = if ends.contains(&End::Gone) {
            self.all_films(config, library, &layout.roots, proofs)
        } else {
            Some(Films::default())
        };
        let broken = dangling.into_iter().zip(ends).map(|(link, end)| Broken {
            claimed: match &films {
                None => Some(Claim::Unknown),
                Some(films) => self.claim(films, &proofs.real(&link.target)),
            },
            series: plan::series_at(library, layout, &link.at),
            at: link.at,
            id: link.id,
            text: link.text,
            end,
        });
        broken.collect()
    }

    /// What Radarr says of a place at which no file is.
    fn claim(&self, films: &Films, place: &Path) -> Option<Claim> {
        if let Some(path) = films.files.get(place) {
            return Some(Claim::File(path.clone()));
        }
        let mut here = films.fileless.iter().filter(|(folder, ..)| place.starts_with(folder));
        let waits = |why| matches!(why, NoFile::Upgrade | NoFile::Unknown(_));
        here.any(|(_, radarr, id)| waits(self.why_no_file(*radarr, *id))).then_some(Claim::Unknown)
    }

    /// `None` if one of the Radarrs could not be asked, is not believed in this run, has no films at all, or does not tell where a file
    /// is.
    fn all_films(&self, config: &Config, library: &Library, roots: &Roots, proofs: &Proofs) -> Option<Films> {
        if library.radarr.iter().any(Result::is_err) {
            return None;
        }
        let mut films = Films::default();
        for (arr, app) in self.radarr.iter().zip(&config.radarr) {
            let local = |path: &str| proofs.real(&name::mapped(&app.paths, roots, path));
            let (movies, told) = arr.movies(&|_| true, &|_| false).ok()?;
            if told.count == 0 || movies.iter().any(|movie| movie.file_untold) {
                return None;
            }
            for movie in movies {
                match (movie.file, movie.folder) {
                    (Some(file), _) => drop(films.files.insert(local(&file.path), file.path)),
                    (None, Some(folder)) => films.fileless.push((local(&folder), movie.radarr, movie.id)),
                    (None, None) => {}
                }
            }
        }
        Some(films)
    }
}

/// All films of all Radarrs.
#[derive(Default)]
struct Films {
    /// Where their files are here, with what Radarr calls them.
    files: HashMap<PathBuf, String>,
    /// Where the folders of those without a file are.
    fileless: Vec<(PathBuf, Instance, i32)>,
}
