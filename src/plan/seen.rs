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
        text: String,
        leads: Leads,
    },
    /// No symlink: "a file", "a folder" and so on.
    Other(&'static str),
    /// Cannot be read; unknown is never gone.
    Unknown(String),
}

/// Where a symlink leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    ToSource,
    Elsewhere,
    /// To nothing (ENOENT or ENOTDIR); `alive` tells whether the library that held the target is there, so that it is really gone.
    Nowhere {
        alive: bool,
    },
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// By its real path.
    File(PathBuf),
    /// `root`: the library folder that should hold it, if that is empty or missing as well.
    Missing {
        root_away: Option<String>,
    },
    NotAFile,
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// The real path of the folder that holds the link or will hold it.
    Real(PathBuf),
    /// The show's folder is not there; `root_away` as for the film's file.
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
    /// At the placement's `link`.
    pub place: Found,
    /// At the placement's `own_files`, in the same order.
    pub own_files: Vec<Found>,
    /// Other symlinks in the same folder that lead to the source and are marked as the same special, with their texts.
    pub namesakes: Vec<(MediaPath, String)>,
}

/// A symlink that leads nowhere, found by walking the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub at: MediaPath,
    pub text: String,
    /// As in [`Leads::Nowhere`].
    pub alive: bool,
    /// The show in whose folder it is.
    pub series: Option<(Instance, i32)>,
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
    /// How many symlinks there are as far as we know.
    pub count: usize,
}
