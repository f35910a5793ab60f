//! What is below a folder, to be looked at.

use std::{fs, path::Path};

pub struct Entry {
    /// Below the folder.
    pub path: String,
    pub folder: bool,
    /// A link's text.
    pub target: Option<String>,
    pub broken: bool,
}

/// Everything below a folder, links not followed, in the order of the paths.
pub fn entries(folder: &Path) -> Vec<Entry> {
    let mut found = Vec::new();
    collect(folder, "", &mut found);
    found
}

fn collect(folder: &Path, inside: &str, found: &mut Vec<Entry>) {
    let Ok(list) = fs::read_dir(folder) else { return };
    let mut names: Vec<_> = list.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let (here, path) = (folder.join(&name), format!("{inside}{name}"));
        let target = fs::read_link(&here).ok().map(|target| target.display().to_string());
        let folder = target.is_none() && here.is_dir();
        let broken = target.is_some() && !here.exists();
        found.push(Entry { path: path.clone(), folder, target, broken });
        if folder {
            collect(&here, &format!("{path}/"), found);
        }
    }
}

/// One line each: `folder/`, `file`, `link -> text`, `link -> text (broken)`.
pub fn text(folder: &Path) -> String {
    entries(folder).iter().map(|entry| format!("{}{}\n", entry.path, entry.tail())).collect()
}

impl Entry {
    /// What is written behind the path.
    pub fn tail(&self) -> String {
        match &self.target {
            _ if self.folder => "/".into(),
            None => String::new(),
            Some(target) => format!(" -> {target}{}", if self.broken { " (broken)" } else { "" }),
        }
    }
}
