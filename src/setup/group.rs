//! Whether the user of the package's units may write in the shows' folders, and by which group it could.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

/// An account, and the groups that it is in.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    uid: u32,
    groups: Vec<u32>,
}

/// Who may write in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rights {
    uid: u32,
    gid: u32,
    mode: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Way {
    /// It may already.
    Open,
    Join(String),
    /// No group would help.
    Closed,
}

impl Account {
    pub fn of(uid: u32) -> Option<Account> {
        account(uid, &fs::read_to_string("/etc/passwd").ok()?, &groups())
    }

    pub fn way_into(&self, folder: &Path) -> Way {
        let Ok(found) = fs::metadata(folder) else { return Way::Closed };
        let rights = Rights { uid: found.uid(), gid: found.gid(), mode: found.permissions().mode() };
        way(self, rights, &groups())
    }
}

fn groups() -> String {
    fs::read_to_string("/etc/group").unwrap_or_default()
}

/// The lines of `/etc/passwd` and `/etc/group`, which have the name first and the number third (passwd(5), group(5)).
fn lines(text: &str) -> impl Iterator<Item = (&str, u32, &str)> {
    text.lines().filter_map(|line| {
        let mut parts = line.splitn(4, ':');
        let (name, _, number) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
        Some((name, number, parts.next()?))
    })
}

fn account(uid: u32, accounts: &str, groups: &str) -> Option<Account> {
    let (name, _, rest) = lines(accounts).find(|(_, number, _)| *number == uid)?;
    let own = rest.split(':').next()?.parse().ok();
    let others = lines(groups).filter(|(.., members)| members.split(',').any(|member| member == name));
    let groups = own.into_iter().chain(others.map(|(_, number, _)| number)).collect();
    Some(Account { name: name.into(), uid, groups })
}

fn way(account: &Account, folder: Rights, groups: &str) -> Way {
    let Rights { uid, gid, mode } = folder;
    let right = if uid == account.uid {
        0o300
    } else if account.groups.contains(&gid) {
        0o030
    } else {
        0o003
    };
    let group = lines(groups).find(|(_, number, _)| *number == gid);
    match group {
        _ if mode & right == right => Way::Open,
        // root's group may do more than that
        Some((name, ..)) if right == 0o003 && mode & 0o030 == 0o030 && gid != 0 => Way::Join(name.into()),
        _ => Way::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/sh\nplex-linker:x:900:901:p:/var/lib/plex-linker:/bin/false\n";
    const GROUPS: &str = "root:x:0:\nmedia:x:50:sonarr,anna\nusers:x:100:plex-linker,anna\nplex-linker:x:901:\n";

    #[test]
    fn an_account_has_its_own_group_and_those_that_name_it() {
        let account = account(900, ACCOUNTS, GROUPS).unwrap();
        assert_eq!(account, Account { name: "plex-linker".into(), uid: 900, groups: vec![901, 100] });
        assert_eq!(super::account(1, ACCOUNTS, GROUPS), None);
    }

    #[test]
    fn a_group_helps_where_it_may_write_and_has_a_name() {
        let account = account(900, ACCOUNTS, GROUPS).unwrap();
        let cases = [
            (1, 50, 0o2775, Way::Join("media".into())),
            (1, 50, 0o755, Way::Closed),
            (1, 50, 0o777, Way::Open),
            (1, 100, 0o775, Way::Open),
            (1, 100, 0o757, Way::Closed),
            (900, 50, 0o755, Way::Open),
            (900, 50, 0o575, Way::Closed),
            (1, 0, 0o775, Way::Closed),
            (1, 77, 0o775, Way::Closed),
        ];
        for (uid, gid, mode, wanted) in cases {
            assert_eq!(way(&account, Rights { uid, gid, mode }, GROUPS), wanted, "{uid} {gid} {mode:o}");
        }
    }
}
