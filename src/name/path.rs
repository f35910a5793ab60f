//! Where a path that an app told is here, and the text of a link.

use std::path::{Component, Path, PathBuf};

use crate::model::{MediaPath, Paths, Roots};

/// The local place of a path that an app told, or one sentence on why there is none.
pub fn local(paths: &Paths, roots: &Roots, path: &str) -> Result<MediaPath, String> {
    let found = mapped(paths, roots, path);
    roots.locate(&found).map_err(|problem| format!("{} cannot be used: {problem}", found.display()))
}

/// What a path that an app told is here, wherever that may be.
pub fn mapped(paths: &Paths, roots: &Roots, path: &str) -> PathBuf {
    let path = unixed(path);
    let path = Path::new(&path);
    let media_root = roots.iter().next().map(|root| Path::new(&**root)).unwrap_or(Path::new("/"));
    let mapped = paths
        .maps
        .iter()
        .filter_map(|map| Some((map, path.strip_prefix(unixed(&map.app)).ok()?)))
        .min_by_key(|(_, rest)| rest.components().count())
        .map(|(map, rest)| map.local.join(rest));
    match mapped {
        Some(mapped) => mapped,
        None if path.starts_with(media_root) => path.to_path_buf(),
        None => {
            let rest = path.strip_prefix(unixed(&paths.prefix)).unwrap_or(path);
            media_root.join(rest.strip_prefix("/").unwrap_or(rest))
        }
    }
}

/// Whether a link's text, which an app may have written, is that file when it is read as a path.
pub fn reads_as(paths: &Paths, roots: &Roots, text: &str, file: &Path) -> bool {
    let read = leads_to(Path::new("/"), text);
    text.starts_with('/') && read.to_str().is_some_and(|read| mapped(paths, roots, read) == file)
}

/// A path of an app on Windows with slashes. Elsewhere a backslash is part of a name.
pub fn unixed(path: &str) -> String {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if drive || path.starts_with("\\\\") { path.replace('\\', "/") } else { path.to_string() }
}

/// The text of a link in `folder` that leads to `target`; both are whole paths without `..`, and `folder` has no symlink in it.
pub fn relative(folder: &Path, target: &Path) -> PathBuf {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), target.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    up.chain(to[shared..].iter().copied()).collect()
}

/// Where a link's text leads from `folder`, a real path, read as text alone.
pub fn leads_to(folder: &Path, text: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for component in folder.join(text).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            component => path.push(component),
        }
    }
    path
}
