//! Finding on this machine the folders that apps know under other names, by what is in them.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// So many folders are read, nearest to the root first.
const MOST_FOLDERS: usize = 5_000;
/// `/srv/dev-disk/media/tv`, counted from where the search begins.
const DEPTH: usize = 4;
/// Below the root: the system's own.
const SYSTEM: [&str; 17] = [
    "bin",
    "boot",
    "dev",
    "etc",
    "lib",
    "lib32",
    "lib64",
    "proc",
    "run",
    "sbin",
    "snap",
    "sys",
    "tmp",
    "usr",
    "var",
    "lost+found",
    "root",
];

/// A root folder of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// As the app calls it.
    pub told: String,
    /// What is in it: folders of shows, or files of films, as paths below it.
    pub has: Vec<String>,
}

impl Library {
    /// How much of it is in this folder.
    pub fn count_in(&self, folder: &Path) -> usize {
        self.has.iter().filter(|has| folder.join(has).exists()).count()
    }

    /// Whether something of it may be among these names.
    fn may_be_among(&self, names: &HashSet<String>) -> bool {
        self.has.iter().any(|has| names.contains(has.split('/').next().unwrap_or(has)))
    }
}

/// The folders below `from` that have the most of each library in them, where that is something. Several are equally good.
pub fn folders(from: &Path, libraries: &[&Library]) -> Vec<Vec<PathBuf>> {
    let mut best: Vec<(usize, Vec<PathBuf>)> = vec![(1, Vec::new()); libraries.len()];
    let mut level = vec![from.to_path_buf()];
    let mut read = 0;
    for depth in 0..=DEPTH {
        let mut next = Vec::new();
        for folder in level {
            read += 1;
            if read > MOST_FOLDERS {
                break;
            }
            let (mut names, mut below) = (HashSet::new(), Vec::new());
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let Ok(name) = entry.file_name().into_string() else { continue };
                let passed = name.starts_with(['.', '@', '#']) || depth == 0 && is_system(from, &name);
                if !passed && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    below.push(entry.path());
                }
                names.insert(name);
            }
            let mut is_library = false;
            for (library, best) in libraries.iter().zip(&mut best) {
                let count = if library.may_be_among(&names) { library.count_in(&folder) } else { 0 };
                is_library |= count > 0;
                if count > best.0 {
                    *best = (count, Vec::new());
                }
                if count == best.0 {
                    best.1.push(folder.clone());
                }
            }
            // the folders of shows and films are no libraries
            if !is_library {
                next.extend(below);
            }
        }
        // what lies further down is a copy
        if best.iter().zip(libraries).all(|((count, found), library)| !found.is_empty() && *count == library.has.len())
        {
            break;
        }
        next.sort();
        level = next;
    }
    best.into_iter().map(|(_, found)| preferred(found)).collect()
}

fn is_system(from: &Path, name: &str) -> bool {
    from == Path::new("/") && SYSTEM.contains(&name)
}

/// Unraid shows the files of all its disks in `/mnt/user` too; and a folder may have several names.
fn preferred(mut found: Vec<PathBuf>) -> Vec<PathBuf> {
    if found.iter().any(|folder| folder.starts_with("/mnt/user")) {
        found.retain(|folder| folder.starts_with("/mnt/user"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(has: &[&str]) -> Library {
        Library { told: "/told".into(), has: has.iter().map(ToString::to_string).collect() }
    }

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
            "pool/a/b/c/d/e/Deep/Deep.mkv",
        ] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let libraries = [
            library(&["Naruto", "Bleach", "One Piece"]),
            library(&["Akira/Akira.mkv"]),
            library(&["Paprika/Paprika.mkv"]),
            library(&["Deep/Deep.mkv"]),
            library(&["Nowhere"]),
            library(&[]),
        ];
        let found = folders(root, &libraries.iter().collect::<Vec<_>>());
        let shown = |found: &Vec<PathBuf>| {
            found.iter().map(|at| at.strip_prefix(root).unwrap().display().to_string()).collect::<Vec<_>>()
        };
        let wanted: [&[&str]; 6] =
            [&["pool/media/tv"], &["pool/media/films"], &["pool/twice/a", "pool/twice/b"], &[], &[], &[]];
        assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn the_union_of_unraids_disks_goes_before_them() {
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(preferred(paths(&["/mnt/disk1/tv", "/mnt/user/tv", "/mnt/cache/tv"])), paths(&["/mnt/user/tv"]));
        assert_eq!(preferred(paths(&["/mnt/a/tv", "/mnt/b/tv"])), paths(&["/mnt/a/tv", "/mnt/b/tv"]));
    }
}
