//! Finding on this machine a folder that an app knows under another name, by what is in it.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use super::probe::{is_passed, is_there};

/// So many levels below the start, and so many folders, are read: `/srv/dev-disk/media/tv`, counted from the root.
const DEEPEST: usize = 4;
const MOST_FOLDERS: usize = 5_000;
/// Below the root: the system's own.
const SYSTEM: &str = " bin boot dev etc lib lib32 lib64 proc root run sbin snap sys tmp usr var ";

/// The folders at or below `start` in which the most of `items` are, which are paths from there. Of several those that end most like
/// `told`, and of these the highest; what is left is equally likely.
pub fn holding(start: &Path, items: &[String], told: &Path) -> Vec<PathBuf> {
    let (mut best, mut found) = ((0, 0), Vec::new());
    let mut left = MOST_FOLDERS;
    let mut level = vec![start.to_path_buf()];
    for depth in 0..=DEEPEST {
        let (higher, mut below) = (best, Vec::new());
        for folder in level.into_iter().take(left) {
            left -= 1;
            let (names, folders) = listed(&folder, depth == 0);
            let is_in = |item: &&String| names.contains(Path::new(item).iter().next().unwrap_or_default());
            let count = items.iter().filter(is_in).filter(|item| is_there(&folder.join(item))).count();
            let parts = folder.components().rev().zip(told.components().rev());
            let likely = (count, parts.take_while(|(one, other)| one == other).count());
            // the folders of shows and films are no libraries
            if count * 2 < items.len() {
                below.extend(folders);
            }
            if count > 0 && likely > best {
                (best, found) = (likely, vec![folder]);
            } else if likely == best && likely > higher {
                found.push(folder);
            }
        }
        // what lies further down is a copy
        if best.0 == items.len() && best.1 > 0 {
            break;
        }
        below.sort();
        level = below;
    }
    // Unraid shows the files of all its disks there, too
    if found.iter().any(|folder| folder.starts_with("/mnt/user")) {
        found.retain(|folder| folder.starts_with("/mnt/user"));
    }
    found
}

/// The names in a folder, and those of its folders that media may be in. Symlinks are not followed.
fn listed(folder: &Path, is_start: bool) -> (HashSet<OsString>, Vec<PathBuf>) {
    let (mut names, mut folders) = (HashSet::new(), Vec::new());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let is_system = is_start && folder.parent().is_none() && SYSTEM.contains(&format!(" {shown} "));
        let is_passed = is_passed(shown.as_bytes()) || shown.starts_with(['@', '#']) || is_system;
        if !is_passed && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(entry.path());
        }
        names.insert(name);
    }
    (names, folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_with_the_most_of_a_library_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for file in [
            "pool/media/tv/Naruto/x",
            "pool/media/tv/Bleach/x",
            "pool/media/old/Naruto/x",
            "pool/media/films/Akira/Akira.mkv",
            "pool/downloads/Akira/other.mkv",
            "pool/.bin/films/Akira/Akira.mkv",
            "pool/twice/a/Paprika/Paprika.mkv",
            "pool/twice/b/Paprika/Paprika.mkv",
            "pool/high/Red/Red.mkv",
            "pool/low/movies/Red/Red.mkv",
            "pool/low/down/films/Red/Red.mkv",
            "pool/a/b/c/d/e/Deep/Deep.mkv",
        ] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let cases: [(&[&str], &str, &[&str]); 8] = [
            (&["Naruto", "Bleach", "One Piece"], "/tv", &["pool/media/tv"]),
            (&["Akira/Akira.mkv"], "/movies", &["pool/media/films"]),
            (&["Paprika/Paprika.mkv"], "/movies", &["pool/twice/a", "pool/twice/b"]),
            (&["Paprika/Paprika.mkv"], "/data/b", &["pool/twice/b"]),
            (&["Red/Red.mkv"], "/data/movies", &["pool/low/movies"]),
            (&["Red/Red.mkv"], "/data/other", &["pool/high"]),
            (&["Deep/Deep.mkv"], "/movies", &[]),
            (&[], "/movies", &[]),
        ];
        for (items, told, wanted) in cases {
            let items: Vec<_> = items.iter().map(ToString::to_string).collect();
            let found = holding(root, &items, Path::new(told));
            let shown: Vec<_> = found.iter().map(|at| at.strip_prefix(root).unwrap().display().to_string()).collect();
            assert_eq!(shown, wanted, "{items:?} {told}");
        }
    }
}
