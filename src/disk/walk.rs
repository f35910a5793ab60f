//! The walk through the media tree for symlinks that lead nowhere, by directory entries alone: no call per file.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use super::{
    Root, Tree,
    probe::{is_passed, leads_nowhere},
};
use crate::{model::Roots, name, plan::Broken};

/// What the walk has found.
#[derive(Debug, Default)]
pub struct Walked {
    /// Symlinks with a video's name that lead nowhere.
    pub broken: Vec<Broken>,
    /// How many symlinks with a video's name there are.
    pub links: usize,
}

/// Deeper than any library.
const DEEPEST: usize = 64;

impl Tree {
    /// Walks through the media root and the disks that are mounted in it, past folders that no app takes for media. `goes_on` is asked
    /// in each folder.
    pub fn walk(&self, roots: &Roots, goes_on: &dyn Fn() -> bool) -> Walked {
        let Some(root) = self.roots.first() else { return Walked::default() };
        let mut walk = Walk { root, roots, goes_on, walked: Walked::default() };
        walk.folder(&root.real, 0);
        walk.walked
    }
}

struct Walk<'a> {
    root: &'a Root,
    roots: &'a Roots,
    goes_on: &'a dyn Fn() -> bool,
    walked: Walked,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        if !(self.goes_on)() {
            return;
        }
        let mut folders = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().map_while(Result::ok) {
            let (name, kind) = (entry.file_name(), entry.file_type());
            if kind.as_ref().is_ok_and(|kind| kind.is_dir()) && !is_passed(name.as_encoded_bytes()) {
                folders.push(name);
            } else if kind.is_ok_and(|kind| kind.is_symlink()) && name.to_str().is_some_and(name::is_video) {
                self.link(folder, &entry.path());
            }
        }
        if depth < DEEPEST {
            folders.iter().for_each(|inner| self.folder(&folder.join(inner), depth + 1));
        }
    }

    fn link(&mut self, folder: &Path, link: &Path) {
        self.walked.links += 1;
        if !leads_nowhere(link) {
            return;
        }
        let (Ok(own), Ok(text), Ok(below)) =
            (fs::symlink_metadata(link), fs::read_link(link), link.strip_prefix(&self.root.real))
        else {
            return;
        };
        let at = self.roots.locate(&Path::new(&*self.root.name).join(below));
        if let (Ok(at), Some(text)) = (at, text.to_str()) {
            let (id, target) = ((own.dev(), own.ino()), name::leads_to(folder, text));
            self.walked.broken.push(Broken { at, id, text: text.into(), target, claimed: None, series: None });
        }
    }
}
