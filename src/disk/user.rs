//! As whom we run, and what users may do.

use std::{ffi::CString, fs, os::unix::fs::MetadataExt, path::Path};

use nix::{
    errno::Errno,
    sys::stat::Mode,
    unistd::{Gid, Group, Uid, User, getgrouplist, initgroups, setgid, setgroups, setuid},
};

use crate::error::{Error, Result};

/// What folders and files that are made are not to be for others.
pub fn set_umask(umask: u32) {
    nix::sys::stat::umask(Mode::from_bits_truncate(umask));
}

/// Becomes this user and group for good, if we are root. A user with an account has its other groups too, and
/// its own group if none is given: root's would stay otherwise.
pub fn act_as(uid: Option<u32>, gid: Option<u32>) -> Result<()> {
    let cannot = |what: &str, cause: Errno| Error::Config(format!("cannot become {what}: {}", cause.desc()));
    let uid = uid.map(Uid::from_raw);
    let account = uid.and_then(|uid| User::from_uid(uid).ok().flatten());
    let gid = gid.map(Gid::from_raw).or(account.as_ref().map(|account| account.gid));
    if let (Some(uid), None) = (uid, gid) {
        return Err(Error::Config(format!("PUID is {uid}, a user without an account on this machine: set PGID, too")));
    }
    if let Some(gid) = gid {
        account
            .filter(|account| account.gid == gid)
            .and_then(|account| CString::new(account.name).ok())
            .map_or_else(|| setgroups(&[gid]), |name| initgroups(&name, gid))
            .and_then(|()| setgid(gid))
            .map_err(|cause| cannot(&format!("group {gid}"), cause))?;
    }
    if let Some(uid) = uid {
        setuid(uid).map_err(|cause| cannot(&format!("user {uid}"), cause))?;
    }
    Ok(())
}

pub fn is_root() -> bool {
    Uid::effective().is_root()
}

/// The user and group that we are.
pub fn own() -> (u32, u32) {
    (Uid::effective().as_raw(), Gid::effective().as_raw())
}

/// How a user comes to write in a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Way {
    /// It may already.
    Open,
    /// As one of this group.
    Join(String),
    /// No group would help.
    Closed,
}

/// The user's name, and how it comes to write in the folder; `None` without an account.
pub fn way_into(folder: &Path, uid: u32) -> Option<(String, Way)> {
    let user = User::from_uid(Uid::from_raw(uid)).ok()??;
    let groups = getgrouplist(&CString::new(user.name.clone()).ok()?, user.gid).unwrap_or_else(|_| vec![user.gid]);
    let way = fs::metadata(folder).map_or(Way::Closed, |found| {
        let group = Gid::from_raw(found.gid());
        let right = match found.uid() {
            owner if owner == uid => 0o300,
            _ if groups.contains(&group) => 0o030,
            _ => 0o003,
        };
        way(found.mode(), right, group, || Some(Group::from_gid(group).ok()??.name))
    });
    Some((user.name, way))
}

/// `right` is what the user needs, as one of those whom the mode tells apart.
fn way(mode: u32, right: u32, group: Gid, name: impl FnOnce() -> Option<String>) -> Way {
    // root's group may do more than that
    let helps = right == 0o003 && mode & 0o030 == 0o030 && group != Gid::from_raw(0);
    match name().filter(|_| helps) {
        _ if mode & right == right => Way::Open,
        Some(name) => Way::Join(name),
        None => Way::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_helps_where_it_may_write_and_has_a_name() {
        let cases = [
            (0o2775, 0o003, 50, Way::Join("media".into())),
            (0o755, 0o003, 50, Way::Closed),
            (0o777, 0o003, 50, Way::Open),
            (0o775, 0o030, 50, Way::Open),
            (0o757, 0o030, 50, Way::Closed),
            (0o755, 0o300, 50, Way::Open),
            (0o575, 0o300, 50, Way::Closed),
            (0o775, 0o003, 0, Way::Closed),
            (0o775, 0o003, 77, Way::Closed),
        ];
        for (mode, right, group, wanted) in cases {
            let name = || (group == 50).then(|| "media".to_string());
            assert_eq!(way(mode, right, Gid::from_raw(group), name), wanted, "{mode:o} {right:o} {group}");
        }
    }
}
