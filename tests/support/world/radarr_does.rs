//! What Radarr does with a film by itself or at its user's word, on the disk, in its rows and in its history.

use std::{fs, path::PathBuf};

use super::Film;
use crate::support::{
    command::Done,
    radarr::{MovieFile, What},
};

impl Film<'_> {
    /// The first half of an upgrade: the old file is deleted, `hasFile` is false, the history says `Upgrade` (*observed 2.3*).
    pub fn upgrade_begins(self) -> Self {
        self.removes_file("Upgrade")
    }

    /// The second half, seconds or minutes later: the new file is there and imported.
    pub fn upgrade_ends(self, below: &str, quality: &str) -> Self {
        self.file(below, quality).edit(|movie| {
            let file = movie.file.clone().expect("it has just got one");
            movie.happens(file, What::Imported);
        })
    }

    /// Its old file was deleted for a better one, which is not there yet.
    pub fn is_waiting_for_upgrade(self) -> bool {
        self.world.radarr.edit(self.tmdb_id, |movie| {
            let last = movie.history.last().map(|event| &event.what);
            movie.file.is_none() && matches!(last, Some(What::Deleted("Upgrade")))
        })
    }

    /// Somebody deletes the file in Radarr: reason `Manual`.
    pub fn delete_file(self) -> Self {
        self.removes_file("Manual")
    }

    /// The file goes from the disk, and Radarr knows nothing of it: `hasFile` stays true until a scan (*observed 2.2*).
    pub fn file_vanishes(self) -> Self {
        fs::remove_file(self.local_file()).unwrap();
        self
    }

    /// Radarr renames the file within the film's folder: a line `movieFileRenamed` in the history.
    pub fn rename_file(self, name: &str) -> Self {
        let old = self.local_file();
        self.edit(|movie| {
            let file = movie.file.as_mut().expect("the film has a file");
            let from = std::mem::replace(&mut file.relative_path, name.into());
            let file = file.clone();
            movie.happens(file, What::Renamed(from));
        });
        let new = self.local_file();
        fs::create_dir_all(new.parent().unwrap()).unwrap();
        fs::rename(old, new).unwrap();
        self
    }

    /// Somebody edits the film's path and has Radarr move the files: no webhook and no history tell of it (*observed 2.5*).
    pub fn move_folder(self, below: &str) -> Self {
        let (world, new) = (self.world, self.world.path(below));
        let old = world.radarr.mounts().local(&world.radarr.edit(self.tmdb_id, |movie| movie.path.clone())).unwrap();
        fs::create_dir_all(new.parent().unwrap()).unwrap();
        fs::rename(old, new).unwrap();
        let path = world.seen_by_radarr(below);
        self.edit(|movie| movie.path = path)
    }

    /// Radarr looks at the film's folder by itself. A root folder that is missing or empty: nothing changes; one with anything at all
    /// in it, be it `.NOT_MOUNTED`: `hasFile` becomes false; the film a link that leads nowhere: `Err`, nothing changes; a file that
    /// an earlier scan missed and that is back: `hasFile` is true again (*observed 2.2*).
    pub fn scan(self) -> Done {
        self.world.radarr.scan(self.tmdb_id)
    }

    /// What Radarr says of it.
    pub fn has_file(self) -> bool {
        self.world.radarr.edit(self.tmdb_id, |movie| movie.file.is_some())
    }

    /// Where its file is on this disk.
    pub fn local_file(self) -> PathBuf {
        let path = |file: &MovieFile, folder: &str| format!("{folder}/{}", file.relative_path);
        let path = self
            .world
            .radarr
            .edit(self.tmdb_id, |movie| path(movie.file.as_ref().expect("the film has a file"), &movie.path));
        self.world.radarr.mounts().local(&path).expect("Radarr sees the film")
    }

    /// Radarr's row goes for this reason, and the file from the disk.
    pub(super) fn removes_file(self, reason: &'static str) -> Self {
        fs::remove_file(self.local_file()).unwrap();
        self.edit(|movie| movie.loses_file(reason))
    }
}
