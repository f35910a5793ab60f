//! What may be done where a link belongs: one policy for the links of films and of their subtitles.

use super::{End, Found, Leads, LinkId};
use crate::model::{Link, MediaPath, Reason};

/// What is done at a place, with the text that stands there.
#[derive(Debug, PartialEq, Eq)]
pub enum Act<'a> {
    Keep(&'a str),
    Make,
    Replace(&'a str),
}

/// What keeps a link from its place.
#[derive(Debug, PartialEq, Eq)]
pub enum Obstacle<'a> {
    Thing(&'static str),
    /// What stands there cannot be read.
    Unknown(&'a str),
}

/// `right`: it leads to the file. `ours`: a symlink with this text is recorded as ours. `free`: one that leads nowhere may go, since its
/// film is gone, or was to lead to the file, as those do that Sonarr writes anew when it moves a link (*observed §10*).
pub fn act<'a>(
    found: &'a Found,
    right: bool,
    ours: impl Fn(&str) -> bool,
    free: impl Fn(LinkId, &str) -> bool,
) -> Result<Act<'a>, Obstacle<'a>> {
    match found {
        Found::Link { text, .. } if right => Ok(Act::Keep(text)),
        Found::Nothing | Found::Away => Ok(Act::Make),
        Found::Link { text, .. } if ours(text) => Ok(Act::Replace(text)),
        Found::Link { id, text, leads: Leads::Nowhere(_) } if free(*id, text) => Ok(Act::Replace(text)),
        Found::Link { leads: Leads::Nowhere(_), .. } => {
            Err(Obstacle::Thing("another symlink, whose disk may be away,"))
        }
        Found::Link { leads: Leads::ToSource | Leads::Elsewhere, .. } => Err(Obstacle::Thing("another symlink")),
        Found::Other(what) => Err(Obstacle::Thing(what)),
        Found::Link { leads: Leads::Unknown(cause), .. } | Found::Unknown(cause) => Err(Obstacle::Unknown(cause)),
    }
}

/// Whether a symlink with this text is the recorded one: as it was before a change that was under way, or after it.
pub fn is_ours(link: &Link, text: &str) -> bool {
    link.target == text || link.was.as_deref() == Some(text)
}

/// What may be away, so that a file is not there.
pub fn away(end: &End) -> Option<Reason> {
    match end {
        End::Unproven(Some(root)) => Some(Reason::RootAway { path: root.clone() }),
        End::Symlink(at, end) => Some(Reason::EndAway { path: at.clone(), end: end.clone() }),
        End::Gone | End::Unproven(None) | End::There(..) => None,
    }
}

pub fn unreadable(at: &MediaPath, cause: &str) -> Reason {
    Reason::Unreadable { path: at.to_string(), cause: cause.into() }
}
