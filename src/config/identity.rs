//! Whom to become when started as root.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{Environment, PACKAGED_STATE, wrong};
use crate::error::Result;

/// Whom to become when started as root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub umask: Option<u32>,
    /// The media root, if it is the owner of the media because nobody named a user; if there is no user then, they have several.
    pub owner_of: Option<PathBuf>,
}

impl Environment {
    /// If nobody is named: with the package's settings whoever has its files, since what root makes there would be out of its user's
    /// reach; else whoever has the media, whose folders root's would stand among: the media root itself, or, where that is root's, Sonarr's
    /// folders or those in the root.
    pub fn identity(&self) -> Result<Identity> {
        let uid = self.parsed("PUID", "it must be a number")?;
        let gid = self.parsed("PGID", "it must be a number")?;
        let umask = self.umask()?;
        let named = Identity { uid, gid, umask, owner_of: None };
        if uid.is_some() || gid.is_some() {
            return Ok(named);
        }
        if let Some(state) = fs::metadata(PACKAGED_STATE).ok().filter(|_| self.packaged) {
            return Ok(Identity { uid: Some(state.uid()), gid: Some(state.gid()), ..named });
        }
        let Some(root) = self.media_root().ok().flatten() else { return Ok(named) };
        let mapped = self.apps("SONARR").unwrap_or_default().into_iter().flat_map(|app| app.paths.maps);
        let folders = [vec![root.clone()], mapped.map(|map| map.local).collect(), folders_in(&root)];
        let mut owners = folders.iter().map(|folders| owners(folders)).find(|owners| !owners.is_empty());
        Ok(match owners.as_mut().map(|owners| (owners.pop_first(), owners.len())) {
            Some((Some((uid, gid)), 0)) => Identity { uid: Some(uid), gid: Some(gid), owner_of: Some(root), ..named },
            Some(_) => Identity { owner_of: Some(root), ..named },
            None => named,
        })
    }

    fn umask(&self) -> Result<Option<u32>> {
        let Some(text) = self.text("UMASK") else { return Ok(None) };
        match u32::from_str_radix(&text, 8) {
            Ok(mask) if mask <= 0o777 => Ok(Some(mask)),
            _ => wrong("UMASK", &text, "it must be an octal number such as 002"),
        }
    }
}

/// Those who are not root: users and groups.
fn owners(folders: &[PathBuf]) -> BTreeSet<(u32, u32)> {
    let found = folders.iter().filter_map(|folder| fs::metadata(folder).ok());
    found.map(|found| (found.uid(), found.gid())).filter(|(uid, _)| *uid != 0).collect()
}

/// The folders in the media root, but those that a NAS keeps for itself (`@eaDir`, `#recycle`) and hidden ones.
fn folders_in(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let is_for_media = |entry: &fs::DirEntry| !entry.file_name().to_string_lossy().starts_with(['.', '@', '#']);
    entries.filter(is_for_media).map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
