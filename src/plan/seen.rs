//! What the disk shows, as far as a plan needs it.

use std::{collections::HashMap, path::PathBuf};

use crate::model::{Instance, MediaPath};

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The folder is there, and there is no such name in it.
    Nothing,
    /// The folder itself is not there.
    Away,
    Link {
        id: LinkId,
        text: String,
        leads: Leads,
    },
    /// No symlink: "a file", "a folder" and so on.
    Other(&'static str),
    /// Cannot be read; unknown is never gone.
    Unknown(String),
}

impl Found {
    pub fn id(&self) -> Option<LinkId> {
        match self {
            Found::Link { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The symlink's.
    pub fn text(&self) -> Option<&str> {
        match self {
            Found::Link { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// What a symlink is, whatever path it is reached by: a folder can have a second name, and a name a second spelling.
pub type LinkId = (u64, u64);

/// Where a symlink leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    ToSource,
    Elsewhere,
    /// To nothing (ENOENT or ENOTDIR).
    Nowhere(End),
    Unknown(String),
}

/// What is known of a file that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its library is provably there, without it.
    Gone,
    /// Whether the disk of this folder is there is not known; `None` if it is in no library.
    Unproven(Option<String>),
    /// At the first path a symlink stands in its place, or in that of a folder on the way, and what it leads to is not there.
    Symlink(String, String),
    /// The link is ours, and its film's file is there: a symlink at its place leads to it by this text.
    There(PathBuf, String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// By its real path.
    File(PathBuf),
    Missing(End),
    NotAFile,
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// The real path of the folder that holds the link or will hold it.
    Real(PathBuf),
    /// The same where the show's folder is not there yet; that of another show beside it is, after which it can be made.
    ToMake {
        real: PathBuf,
        like: MediaPath,
    },
    /// The show's folder is not there; `root_away`: the library folder that should hold it, if that is empty or missing as well.
    SeriesMissing {
        root_away: Option<String>,
    },
    Outside,
    Unknown(String),
}

/// What the disk shows for one placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub folder: Folder,
    pub source: Source,
    /// Where the disk is mounted that the source is on; `None` if it is the system's own.
    pub disk: Option<String>,
    /// At the placement's `link`.
    pub place: Found,
    /// At the placement's `own_files`, in the same order.
    pub own_files: Vec<Found>,
    /// Other symlinks in the same folder that lead to the source and are marked as the same special, with their texts.
    pub namesakes: Vec<(MediaPath, LinkId, String)>,
}

/// A symlink to a file that is gone, found by walking the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub at: MediaPath,
    pub id: LinkId,
    pub text: String,
    /// Where its text leads.
    pub target: PathBuf,
    /// Radarr says that it has the film's file at the very place that the symlink leads to, or could not be asked.
    pub claimed: Option<Claim>,
    /// The show in whose folder it is.
    pub series: Option<(Instance, i32)>,
}

/// What Radarr says of the place of a file that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    File(String),
    Unknown,
}

/// Everything that was looked at.
#[derive(Debug, Default)]
pub struct Seen {
    /// One for each placement, in the same order.
    pub sights: Vec<Sight>,
    /// At the place of each of our recorded links, by path; records for other places than ours are left out.
    pub links: HashMap<String, (MediaPath, Found)>,
    pub broken: Vec<Broken>,
    /// At temporary names of ours, from runs that were killed.
    pub leftovers: Vec<(MediaPath, Found)>,
    /// How many symlinks there are as far as we know, ours among them.
    pub count: usize,
}

impl Seen {
    /// Whether something that should be there is not, so that it matters what else the apps have.
    pub fn is_doubtful(&self) -> bool {
        let leads_nowhere = |found: &Found| matches!(found, Found::Link { leads: Leads::Nowhere(_), .. });
        let of_rules = self.sights.iter().any(|sight| {
            matches!(sight.source, Source::Missing(_))
                || matches!(sight.folder, Folder::ToMake { .. } | Folder::SeriesMissing { .. })
                || sight.own_files.iter().chain([&sight.place]).any(leads_nowhere)
        });
        let recorded = self.links.values().chain(&self.leftovers).map(|(_, found)| found);
        of_rules || recorded.into_iter().any(leads_nowhere)
    }
}
