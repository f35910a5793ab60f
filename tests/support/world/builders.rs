//! Films and shows, made and changed in the apps and on the disk at once.

use std::fs;

use super::World;
use crate::support::{
    radarr::{Movie, MovieFile},
    sonarr::{Episode, Series},
};

/// A film in Radarr.
#[derive(Clone, Copy)]
pub struct Film<'w> {
    pub(super) world: &'w World,
    pub tmdb_id: i32,
}

/// A show in Sonarr.
#[derive(Clone, Copy)]
pub struct Show<'w> {
    pub(super) world: &'w World,
    pub tvdb_id: i32,
}

impl World {
    /// A film without a file yet; its folder would be `movies/TITLE`.
    pub fn movie(&self, title: &str, tmdb_id: i32) -> Film<'_> {
        self.radarr.add(Movie {
            id: self.next_id(),
            tmdb_id,
            title: title.into(),
            original_title: title.into(),
            alternate_titles: Vec::new(),
            year: 2000,
            runtime: 120,
            in_cinemas: None,
            imdb_id: None,
            collection: None,
            path: self.seen_by_radarr(&format!("movies/{title}")),
            file: None,
            lost: None,
            history: Vec::new(),
        });
        Film { world: self, tmdb_id }
    }

    /// A show without episodes, with its folder `tv/TITLE`.
    pub fn series(&self, title: &str, tvdb_id: i32) -> Show<'_> {
        let folder = format!("tv/{title}");
        self.folder(&folder);
        self.sonarr.add(Series {
            id: self.next_id(),
            tvdb_id,
            title: title.into(),
            alternate_titles: None,
            year: 2000,
            path: self.seen_by_sonarr(&folder),
            series_type: "standard".into(),
            season_folder: true,
            episodes: Vec::new(),
            extras: Vec::new(),
            tells_tvdb_ids: true,
        });
        Show { world: self, tvdb_id }
    }

    /// The same without its folder, as a new show is until something is imported (*observed 2.9*).
    pub fn series_without_folder(&self, title: &str, tvdb_id: i32) -> Show<'_> {
        let show = self.series(title, tvdb_id);
        fs::remove_dir(self.path(&format!("tv/{title}"))).unwrap();
        show
    }

    /// So many other films and shows that the apps are asked for those of a few rules one by one, once their lists are known.
    pub fn crowd(&self) {
        for number in 900_000..900_200 {
            self.movie(&format!("Other film {number}"), number);
        }
        for number in 900_000..900_040 {
            self.series_without_folder(&format!("Other show {number}"), number);
        }
    }

    /// A film that Radarr has already.
    pub fn known_movie(&self, tmdb_id: i32) -> Film<'_> {
        Film { world: self, tmdb_id }
    }

    /// A show that Sonarr has already.
    pub fn known_series(&self, tvdb_id: i32) -> Show<'_> {
        Show { world: self, tvdb_id }
    }

    /// What Radarr calls a path below the media root.
    pub fn seen_by_radarr(&self, below: &str) -> String {
        self.radarr.mounts().app(&self.path(below)).unwrap_or_else(|| panic!("Radarr does not see {below}"))
    }

    /// What Sonarr calls a path below the media root.
    pub fn seen_by_sonarr(&self, below: &str) -> String {
        self.sonarr.mounts().app(&self.path(below)).unwrap_or_else(|| panic!("Sonarr does not see {below}"))
    }
}

impl Film<'_> {
    /// Anything else that Radarr may say of it.
    pub fn edit(self, change: impl FnOnce(&mut Movie)) -> Self {
        self.world.radarr.edit(self.tmdb_id, change);
        self
    }

    pub fn title(self) -> String {
        self.world.radarr.edit(self.tmdb_id, |movie| movie.title.clone())
    }

    /// Radarr's own number.
    pub fn id(self) -> i32 {
        self.world.radarr.edit(self.tmdb_id, |movie| movie.id)
    }

    /// Its file, on the disk and in Radarr. The film's folder are the first two parts of the path.
    pub fn file(self, below: &str, quality: &str) -> Self {
        self.world.put(below);
        self.file_in_radarr_only(below, quality)
    }

    /// Its file, which is not on the disk.
    pub fn file_in_radarr_only(self, below: &str, quality: &str) -> Self {
        let (folder, relative_path) = match below.match_indices('/').nth(1).or(below.match_indices('/').next()) {
            Some((slash, _)) => below.split_at(slash),
            None => panic!("{below} has no folder"),
        };
        let (path, id) = (self.world.seen_by_radarr(folder), self.world.next_id());
        let (relative_path, quality) = (relative_path[1..].to_string(), quality.to_string());
        self.edit(|movie| {
            movie.path = path;
            movie.file = Some(MovieFile { id, relative_path, size: below.len() as u64, quality, version: 1 });
        })
    }

    /// Another file in place of the one it has, as after an upgrade.
    pub fn upgrade(self, below: &str, quality: &str) -> Self {
        self.upgrade_begins().upgrade_ends(below, quality)
    }

    /// The file goes, and Radarr knows because it has scanned.
    pub fn lose_file(self) -> Self {
        self.removes_file("MissingFromDisk")
    }

    /// The film goes from Radarr, and its file from the disk if it has one.
    pub fn delete(self) {
        if self.world.radarr.edit(self.tmdb_id, |movie| movie.file.is_some()) {
            self.lose_file();
        }
        self.world.radarr.delete(self.tmdb_id);
    }
}

impl Show<'_> {
    /// Anything else that Sonarr may say of it.
    pub fn edit(self, change: impl FnOnce(&mut Series)) -> Self {
        self.world.sonarr.edit(self.tvdb_id, change);
        self
    }

    pub fn title(self) -> String {
        self.world.sonarr.edit(self.tvdb_id, |series| series.title.clone())
    }

    /// Sonarr's own number.
    pub fn id(self) -> i32 {
        self.world.sonarr.edit(self.tvdb_id, |series| series.id)
    }

    /// Its folder, moved there with all that is in it.
    pub fn path(self, below: &str) -> Self {
        let path = self.world.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = self.world.sonarr.edit(self.tvdb_id, |series| series.path.clone());
        let before = self.world.sonarr.mounts().local(&before).unwrap();
        fs::rename(&before, path).unwrap();
        if !self.world.sonarr.mounts().0.iter().any(|(_, root)| Some(root.as_path()) == before.parent()) {
            // the folder of shows too, when this was the last one
            _ = fs::remove_dir(before.parent().unwrap());
        }
        let path = self.world.seen_by_sonarr(below);
        self.edit(|series| series.path = path)
    }

    /// Three digits in names instead of two.
    pub fn anime(self) -> Self {
        self.edit(|series| series.series_type = "anime".into())
    }

    pub fn alternate_title(self, title: &str) -> Self {
        self.edit(|series| series.alternate_titles.get_or_insert_default().push(title.into()))
    }

    pub fn special(self, number: u32, title: &str) -> Self {
        self.episode(0, number, title)
    }

    pub fn episode(self, season: u32, number: u32, title: &str) -> Self {
        let id = 2000 + self.world.next_id();
        let episode = Episode {
            id,
            tvdb_id: 4_000_000 + id,
            season,
            number,
            title: title.into(),
            air_date: None,
            runtime: 90,
            file: None,
        };
        self.edit(|series| series.episodes.push(episode))
    }

    pub fn retitle(self, number: u32, title: &str) -> Self {
        self.edit(|series| {
            let mut specials = series.episodes.iter_mut().filter(|episode| episode.season == 0);
            specials.find(|special| special.number == number).expect("there is such a special").title = title.into();
        })
    }

    /// A real file in the show's folder, which Sonarr finds.
    pub fn file(self, in_folder: &str) -> Self {
        let folder = self.world.sonarr.edit(self.tvdb_id, |series| series.path.clone());
        let path = self.world.sonarr.mounts().local(&folder).unwrap().join(in_folder);
        let below = path.strip_prefix(self.world.media()).unwrap().to_str().unwrap().to_string();
        self.world.put(&below);
        self.scan();
        self
    }

    /// Sonarr looks at the folder by itself.
    pub fn scan(self) {
        self.world.sonarr.scan(self.tvdb_id).unwrap_or_else(|exception| self.world.fail(&exception));
    }

    /// What Sonarr has for a special, as it stands in the show's folder.
    pub fn file_of(self, number: u32) -> Option<String> {
        self.world.sonarr.edit(self.tvdb_id, |series| {
            let mut specials = series.episodes.iter().filter(|episode| episode.season == 0);
            Some(specials.find(|special| special.number == number)?.file.as_ref()?.relative_path.clone())
        })
    }

    /// The show goes from Sonarr; its folder stays.
    pub fn delete(self) {
        self.world.sonarr.delete(self.tvdb_id);
    }
}
