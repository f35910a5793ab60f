//! What TVDB changes in a show, and what Sonarr does with it by itself or at its user's word, on the disk and in its rows.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use super::Show;
use crate::support::sonarr::{Entry, Episode, Series};

/// TVDB. Sonarr takes each change over at once, as its refresh does: the row's id and its file stay with the number, `tvdbId`, title
/// and date move (*observed 3*).
impl Show<'_> {
    /// A new special before number `before`: that one and all behind it are one number higher from now on.
    pub fn tvdb_inserts(self, before: u32, title: &str) -> Self {
        let tvdb_id = self.new_tvdb_id();
        self.tvdb(|specials| {
            specials.iter_mut().filter(|special| special.number >= before).for_each(|special| special.number += 1);
            let (title, air_date) = (title.into(), None);
            specials.push(Entry { season: 0, number: before, tvdb_id, title, air_date, runtime: 5 });
        })
    }

    /// Two specials change their numbers.
    pub fn tvdb_swaps(self, one: u32, other: u32) -> Self {
        self.tvdb(|specials| {
            for special in specials {
                special.number = match special.number {
                    number if number == one => other,
                    number if number == other => one,
                    number => number,
                };
            }
        })
    }

    /// A special gets another number, which nobody has: Sonarr's row for the old one goes, a new row without a file comes.
    pub fn tvdb_renumbers(self, from: u32, to: u32) -> Self {
        self.tvdb(|specials| {
            assert!(specials.iter().all(|special| special.number != to), "there is a special {to} already");
            special(specials, from).number = to;
        })
    }

    /// The entry is made anew: number and title as before, another `tvdbId`.
    pub fn tvdb_remakes(self, number: u32) -> Self {
        let tvdb_id = self.new_tvdb_id();
        self.tvdb(|specials| special(specials, number).tvdb_id = tvdb_id)
    }

    /// The entry goes and something quite different stands at its number.
    pub fn tvdb_replaces(self, number: u32, title: &str) -> Self {
        self.tvdb_remakes(number).retitle(number, title)
    }

    /// The special goes; the others keep their numbers.
    pub fn tvdb_removes(self, number: u32) -> Self {
        self.tvdb(|specials| specials.retain(|special| special.number != number))
    }

    /// The special goes, and all behind it are one number lower from now on.
    pub fn tvdb_removes_and_closes_up(self, number: u32) -> Self {
        self.tvdb(|specials| {
            specials.retain(|special| special.number != number);
            specials.iter_mut().filter(|special| special.number > number).for_each(|special| special.number -= 1);
        })
    }

    /// An old Sonarr: it tells no `tvdbId` of the episodes.
    pub fn without_tvdb_ids(self) -> Self {
        self.edit(|series| series.tells_tvdb_ids = false)
    }

    /// Any change of the specials that TVDB has.
    pub fn tvdb(self, change: impl FnOnce(&mut Vec<Entry>)) -> Self {
        let world = self.world;
        self.edit(|series| {
            let (mut specials, others) = series.entries().into_iter().partition(|entry| entry.season == 0);
            change(&mut specials);
            let entries: Vec<Entry> = others;
            series.refresh(specials.into_iter().chain(entries).collect(), || 2000 + world.next_id());
        })
    }

    fn new_tvdb_id(self) -> i32 {
        4_500_000 + self.world.next_id()
    }
}

fn special(specials: &mut [Entry], number: u32) -> &mut Entry {
    specials.iter_mut().find(|special| special.number == number).expect("there is such a special")
}

/// Sonarr's rows.
impl Show<'_> {
    /// What Sonarr has for a special.
    pub fn row(self, number: u32) -> Option<Episode> {
        let rows = self.series().episodes.into_iter();
        rows.filter(|row| row.season == 0).find(|row| row.number == number)
    }

    /// The subtitles that Sonarr has found beside the show's files, each with what it reads in its name: `["en", "forced"]`
    /// (*observed 5*).
    pub fn subtitles(self) -> Vec<(String, Vec<String>)> {
        self.series().extras.into_iter().map(|extra| (extra.relative_path, extra.tags)).collect()
    }

    fn series(self) -> Series {
        self.world.sonarr.edit(self.tvdb_id, |series| series.clone())
    }

    fn folder(self) -> PathBuf {
        self.world.sonarr.mounts().local(&self.series().path).expect("Sonarr sees the show's folder")
    }
}

/// Sonarr.
impl Show<'_> {
    /// Somebody deletes a special's file in Sonarr: the link goes, the film stays (*observed 2.7*).
    pub fn delete_file(self, number: u32) -> Self {
        let path = self.forgets_file(number);
        fs::remove_file(path).unwrap();
        self
    }

    /// The same with a recycle bin, a folder below the media root: the link stands there as a working absolute one.
    pub fn delete_file_into(self, number: u32, bin: &str) -> Self {
        let path = self.forgets_file(number);
        let target = path.canonicalize().unwrap();
        fs::remove_file(&path).unwrap();
        symlink(target, self.world.folder(bin).join(path.file_name().unwrap())).unwrap();
        self
    }

    fn forgets_file(self, number: u32) -> PathBuf {
        let file = self.row(number).and_then(|row| row.file).expect("the special has a file");
        let folder = self.folder();
        self.edit(|series| series.forget(file.id, &folder));
        folder.join(file.relative_path)
    }

    /// Sonarr moves the show to another place on the same file system. Its folder is renamed as a whole: a relative link keeps its
    /// text, and dangles if the new place is of another depth (*observed 2.6*).
    pub fn moved_to(self, below: &str) -> Self {
        self.path(below)
    }

    /// Sonarr moves the show to another file system: it writes each link anew as an absolute one with `..` in it, which works
    /// (*observed 2.6*): the old folders stay, empty.
    pub fn moved_to_other_disk(self, below: &str) -> Self {
        let (old, old_path) = (self.folder(), self.series().path);
        let new = self.world.folder(below);
        carry(&old, &new, Path::new(&old_path));
        let path = self.world.seen_by_sonarr(below);
        self.edit(|series| series.path = path)
    }

    /// Somebody deletes the show in Sonarr and adds it again, in the same folder: show and episodes have new numbers of Sonarr's
    /// (*observed 2.5*), and Sonarr scans what is there.
    pub fn added_again(self) -> Self {
        let world = self.world;
        self.edit(|series| {
            series.id = world.next_id();
            series.extras.clear();
            for row in &mut series.episodes {
                row.id = 2000 + world.next_id();
                row.file = None;
            }
        });
        _ = self.world.sonarr.scan(self.tvdb_id);
        self
    }

    /// Somebody has Sonarr rename the show's files, which `set_renames` must have been told (*observed 10*): they come to its own
    /// folder and name; a relative link that comes to another folder is written anew as the old folder with the old text behind it,
    /// and dangles when that folder was empty then and went. Which files moved, as (from, to) in the show's folder.
    pub fn renamed_by_sonarr(self) -> Vec<(String, String)> {
        self.world.sonarr.rename(self.tvdb_id)
    }

    /// Sonarr scans, and it does not matter how that ends.
    pub fn scan_may_fail(self) -> Result<String, String> {
        self.world.sonarr.scan(self.tvdb_id)
    }
}

/// All that is in a folder to another one. `app` is what Sonarr calls the old one.
fn carry(old: &Path, new: &Path, app: &Path) {
    for entry in fs::read_dir(old).unwrap().map(Result::unwrap) {
        let (from, name) = (entry.path(), entry.file_name());
        let to = new.join(&name);
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&to).unwrap();
            carry(&from, &to, &app.join(&name));
        } else if let Ok(text) = fs::read_link(&from) {
            // an absolute text stays as it is
            symlink(app.join(text), &to).unwrap();
            fs::remove_file(&from).unwrap();
        } else {
            fs::rename(&from, &to).unwrap();
        }
    }
}
