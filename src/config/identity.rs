//! Whom to become when started as root.

use std::{fs, os::unix::fs::MetadataExt, path::PathBuf};

use super::{PACKAGED_STATE, Source, wrong};
use crate::error::Result;

/// Whom to become when started as root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub umask: Option<u32>,
    /// The media root, if it is its owner because nobody named a user.
    pub owner_of: Option<PathBuf>,
}

impl Source {
    /// If nobody is named: with the package's settings whoever has its files, since what root makes there would be out of its user's
    /// reach; else whoever has the media, whose folders root's would stand among.
    pub fn identity(&self) -> Result<Identity> {
        let uid = self.parsed("PUID", "it must be a number")?;
        let gid = self.parsed("PGID", "it must be a number")?;
        let umask = self.umask()?;
        let named = Identity { uid, gid, umask, owner_of: None };
        if uid.is_some() || gid.is_some() {
            return Ok(named);
        }
        let owned = |owner: fs::Metadata| Identity { uid: Some(owner.uid()), gid: Some(owner.gid()), ..named.clone() };
        if let Some(state) = fs::metadata(PACKAGED_STATE).ok().filter(|_| self.packaged) {
            return Ok(owned(state));
        }
        let media = self.media_root().ok().flatten().and_then(|root| Some((fs::metadata(&root).ok()?, root)));
        Ok(match media.filter(|(owner, _)| owner.uid() != 0) {
            Some((owner, root)) => Identity { owner_of: Some(root), ..owned(owner) },
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
