//! What Sonarr finds at a path: it walks it as the kernel does, among the folders that it sees.

use std::{
    collections::VecDeque,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::support::fake::Mounts;

/// More links than the kernel follows.
const LINKS: usize = 40;

/// Where a path of the app ends, links followed and each `..` taken from where it has come to. `Err` is the path at which it ends.
pub fn resolve(mounts: &Mounts, path: &Path) -> Result<PathBuf, PathBuf> {
    let mut ahead: VecDeque<PathBuf> = parts(path).collect();
    let (mut here, mut links) = (PathBuf::from("/"), 0);
    while let Some(part) = ahead.pop_front() {
        match part.to_str() {
            Some("/") => here = "/".into(),
            Some("..") => _ = here.pop(),
            _ => here.push(part),
        }
        let Some(local) = mounts.local(&here.display().to_string()) else {
            // the folders above those that it sees are there, too
            let above = mounts.0.iter().any(|(app, _)| Path::new(app).starts_with(&here));
            if above { continue } else { return Err(here) }
        };
        let Ok(found) = local.symlink_metadata() else { return Err(here) };
        if found.is_symlink() {
            links += 1;
            if links > LINKS {
                return Err(here);
            }
            let text = fs::read_link(&local).map_err(|_| here.clone())?;
            here.pop();
            for part in parts(&text).collect::<Vec<_>>().into_iter().rev() {
                ahead.push_front(part);
            }
        } else if !found.is_dir() && !ahead.is_empty() {
            return Err(here);
        }
    }
    mounts.local(&here.display().to_string()).ok_or(here)
}

fn parts(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    path.components().filter(|part| *part != Component::CurDir).map(|part| PathBuf::from(part.as_os_str()))
}
