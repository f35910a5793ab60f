//! Whom to become when started as root.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{Environment, PACKAGED_STATE, apps::SONARR};
use crate::error::Result;

/// Whom to become when started as root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    /// The media root, if it is the owner of the media because nobody named one; if there is no user then, they have several.
    pub owner_of: Option<PathBuf>,
}

impl Environment {
    /// The umask for what is made, if one is set.
    pub fn umask(&self) -> Result<Option<u32>> {
        self.if_set("UMASK", |name| {
            let mask = |text: &str| u32::from_str_radix(text, 8).ok().filter(|mask| *mask <= 0o777);
            self.read(name, "it must be an octal number such as 002", mask)
        })
    }

    /// Whom `PUID` and `PGID` name.
    pub fn named(&self) -> Result<Identity> {
        let number = |name: &str| self.parsed(name, "it must be a number");
        Ok(Identity { uid: self.if_set("PUID", number)?, gid: self.if_set("PGID", number)?, owner_of: None })
    }

    /// If no user is named: with the package's settings whoever has its files, since what root makes there would be out of its user's
    /// reach; else whoever has the media, whose folders root's would stand among: the media root itself, or, where that is root's, Sonarr's
    /// folders or those in the root.
    pub fn identity(&self) -> Result<Identity> {
        let named = self.named()?;
        if named.uid.is_some() {
            return Ok(named);
        }
        if let Some(state) = fs::metadata(PACKAGED_STATE).ok().filter(|_| self.packaged) {
            return Ok(Identity { uid: Some(state.uid()), gid: named.gid.or(Some(state.gid())), ..named });
        }
        let Some(root) = self.media_root().ok().flatten() else { return Ok(named) };
        let mapped = self.apps(SONARR).unwrap_or_default().into_iter().flat_map(|app| app.paths.maps);
        let folders = [vec![root.clone()], mapped.map(|map| map.local).collect(), folders_in(&root)];
        let owners =
            folders.iter().map(|folders| owners(folders)).find(|owners| !owners.is_empty()).unwrap_or_default();
        let (uid, gid) = owners.first().filter(|_| owners.len() == 1).copied().unzip();
        Ok(Identity { uid, gid: named.gid.or(gid), owner_of: (!owners.is_empty()).then_some(root) })
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
