//! Asking Radarr about files that are not there, before a link goes because of it.

use std::{collections::HashMap, path::PathBuf};

use super::{fetch::Apps, now};
use crate::{
    config::Config,
    disk::{Dangling, Proofs},
    meaning::Library,
    model::{Link, Roots},
    name,
    plan::{self, Broken, Claim, End, Layout, NoFile, Placed, Seen},
};

impl Apps {
    /// Why the films have no files whose links are broken.
    pub fn no_files(&self, placed: &Placed, seen: &Seen, links: &[Link]) -> HashMap<i32, NoFile> {
        let asked = plan::to_ask(placed, seen, links).into_iter().map(|(rule, radarr, movie_id)| {
            let why = match self.radarr.get(radarr) {
                // the film may be another Radarr's by now
                None => NoFile::Unseen,
                Some(arr) => match arr.why_no_file(movie_id) {
                    Ok(deleted) => NoFile::new(deleted, now()),
                    Err(problem) => NoFile::Unknown(problem.to_string()),
                },
            };
            (rule, why)
        });
        asked.collect()
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
        let files =
            if ends.contains(&End::Gone) { self.film_files(config, &layout.roots) } else { Some(HashMap::new()) };
        let broken = dangling.into_iter().zip(ends).map(|(link, end)| Broken {
            claimed: match &files {
                None => Some(Claim::Unknown),
                Some(files) => files.get(&link.target).cloned().map(Claim::File),
            },
            series: plan::series_at(library, layout, &link.at),
            at: link.at,
            id: link.id,
            text: link.text,
            end,
        });
        broken.collect()
    }

    /// The local paths of the files that the Radarrs have, with what they call them; `None` if one could not be asked.
    fn film_files(&self, config: &Config, roots: &Roots) -> Option<HashMap<PathBuf, String>> {
        let mut files = HashMap::new();
        for (arr, app) in self.radarr.iter().zip(&config.radarr) {
            let (movies, _) = arr.movies(&|_| true, &|_| false).ok()?;
            let paths = movies.into_iter().filter_map(|movie| Some(movie.file?.path));
            files.extend(paths.map(|path| (name::mapped(&app.paths, roots, &path), path)));
        }
        Some(files)
    }
}
