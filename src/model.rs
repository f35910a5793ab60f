//! The nouns.

mod catalog;
mod deleted;
mod field;
mod numbers;
mod reason;
mod record;
mod report;
mod rule;
mod suggestion;
mod wording;

use std::{
    fmt,
    iter::successors,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;

pub use catalog::{AppState, Catalog, CatalogMovie, CatalogShow, Suggestions};
pub use deleted::{Deleted, Why};
pub use field::{Field, Given, sound};
pub use numbers::Numbers;
pub use reason::{Reason, STATES, Standing, State, UNSEEN};
pub use record::{Concerns, KnownSpecial, Link, Meaning, Scan, Search, Untold};
pub use report::{Line, Report, RuleState};
pub use rule::{InvalidRule, NewRule, Rule, Rules, matched, mistakes_in_list};
pub use suggestion::{Date, Film, Special, Suggestion};
pub use wording::{civil, counted, time};

/// Which of the configured Sonarrs or Radarrs: the number in `SONARR_0_URL`.
pub type Instance = usize;

/// A film as Radarr tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movie {
    pub radarr: Instance,
    pub id: i32,
    pub tmdb_id: i32,
    /// In the language of Radarr's choice: for people only.
    pub title: String,
    pub year: Option<i32>,
    /// As Radarr sees it.
    pub folder: Option<String>,
    /// Only a file that Radarr holds to be the film's present one (*facts A.6*).
    pub file: Option<MovieFile>,
    /// Radarr has a file, but does not tell which.
    pub file_untold: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovieFile {
    /// As Radarr sees it, byte for byte.
    pub path: String,
    /// `quality.quality.name`: Radarr's fixed name, not the one that users may edit.
    pub quality: String,
    /// `quality.revision.version`: 2 and more is a Proper or a Repack.
    pub revision: i32,
}

/// A show as Sonarr tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub sonarr: Instance,
    pub id: i32,
    pub tvdb_id: i32,
    pub title: String,
    pub alternate_titles: Vec<String>,
    pub year: Option<i32>,
    /// The show's folder as Sonarr sees it.
    pub path: String,
    /// `seriesType` is `anime`.
    pub anime: bool,
    /// Whether Sonarr puts this show's episodes into season folders.
    pub season_folder: bool,
    /// Minutes, as an episode usually has: TVDB gives them to specials of whose length it knows nothing, too.
    pub runtime: Option<i32>,
}

/// An episode as Sonarr tells it; we only ask for the seasons that rules name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    pub id: i32,
    /// Stays with what it is, as `id` does with its number (*observed §3*); old Sonarrs do not tell it.
    pub tvdb_id: Option<i32>,
    pub number: i32,
    pub title: String,
    /// The file that Sonarr has for it, as Sonarr sees it: perhaps our own link.
    pub file: Option<String>,
}

/// One entry of a path map: what the app calls `app` stands here at `local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMap {
    pub app: String,
    pub local: PathBuf,
}

/// How one app's paths become ours: the maps first, longest prefix; then a path that is below the media root already stays as it
/// is; else `prefix` is cut from its start and the rest stands below the media root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    pub maps: Vec<PathMap>,
    pub prefix: String,
}

/// What the specials folder is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecialsFolder {
    /// What Sonarr itself would use, where Sonarr renames its files or has specials in that folder; else [`SpecialsFolder::USUAL`].
    Auto,
    /// This text; `{season}` stands for the rule's season.
    Named(String),
    /// What Sonarr itself would use.
    Sonarr,
}

impl SpecialsFolder {
    pub const USUAL: &str = "Season {season}";
}

/// How a Sonarr names what it imports, with its own tokens in it (*facts C.1*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// It gives its files names of its own.
    pub renames: bool,
    pub specials_folder: String,
    /// For the other seasons.
    pub season_folder: String,
}

/// The folders below which the linker works: the media root, and the local side of each path map that lies outside it.
#[derive(Debug, Clone)]
pub struct Roots(Vec<Arc<str>>);

/// A path below one of the [`Roots`]: at least one component, none of them empty, `.`, `..`, with a NUL or over 255 bytes.
/// Valid by construction; nothing below this type asks again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaPath {
    root: Arc<str>,
    rest: String,
}

/// Why a text is no [`MediaPath`]; reads after "cannot use PATH: ".
pub type PathProblem = &'static str;

impl Roots {
    /// The media root first, then the others. Folders that lie below another one are left out.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Roots {
        let mut roots: Vec<PathBuf> = Vec::new();
        for folder in folders {
            if !roots.iter().any(|root| folder.starts_with(root)) {
                roots.push(folder);
            }
        }
        Roots(roots.iter().filter_map(|root| root.to_str()).map(Arc::from).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter()
    }

    /// The place of an absolute local path.
    pub fn locate(&self, path: &Path) -> Result<MediaPath, PathProblem> {
        let (root, rest) = self
            .0
            .iter()
            .find_map(|root| Some((root, path.strip_prefix(&**root).ok()?)))
            .ok_or("it is not below the media root or a mapped folder")?;
        let mut found = MediaPath { root: root.clone(), rest: String::new() };
        for component in rest.components() {
            let Component::Normal(name) = component else { return Err("it has a \"..\" in it") };
            found = found.join(name.to_str().ok_or("its name is not valid UTF-8")?)?;
        }
        if found.rest.is_empty() { Err("it is the media root itself") } else { Ok(found) }
    }
}

impl MediaPath {
    pub const MAX_COMPONENT: usize = 255;

    pub fn join(&self, name: &str) -> Result<MediaPath, PathProblem> {
        match name {
            "" | "." | ".." => return Err("a part of it is empty or dots only"),
            _ if name.contains(['/', '\0']) => return Err("a part of it has a slash or a NUL"),
            _ if name.len() > Self::MAX_COMPONENT => return Err("a part of it is longer than 255 bytes"),
            _ => {}
        }
        let rest = if self.rest.is_empty() { name.to_string() } else { format!("{}/{name}", self.rest) };
        Ok(MediaPath { root: self.root.clone(), rest })
    }

    pub fn root(&self) -> &Arc<str> {
        &self.root
    }

    /// Whether this is somewhere below that folder.
    pub fn is_in(&self, folder: &MediaPath) -> bool {
        let rest = self.rest.strip_prefix(&folder.rest).filter(|_| self.root == folder.root);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The folders on the way from that folder to this place, the outer one first.
    pub fn folders_in(&self, folder: &MediaPath) -> Vec<MediaPath> {
        let mut folders: Vec<_> =
            successors(self.parent(), MediaPath::parent).take_while(|at| at.is_in(folder)).collect();
        folders.reverse();
        folders
    }

    /// The components below the root, at least one.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.rest.split('/')
    }

    /// The last component.
    pub fn name(&self) -> &str {
        self.rest.rsplit('/').next().unwrap_or(&self.rest)
    }

    /// The folder it is in; `None` if that is the root itself.
    pub fn parent(&self) -> Option<MediaPath> {
        let (rest, _) = self.rest.rsplit_once('/')?;
        Some(MediaPath { root: self.root.clone(), rest: rest.into() })
    }

    pub fn absolute(&self) -> PathBuf {
        Path::new(&*self.root).join(&self.rest)
    }
}

impl fmt::Display for MediaPath {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.absolute().display())
    }
}

impl fmt::Debug for MediaPath {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.absolute())
    }
}

/// A text that others wrote, on one line and with nothing in it that a terminal would obey.
pub fn escaped(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// All that a check found, and when it ended, in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub at: i64,
    pub findings: Vec<Finding>,
}

/// What a check found: one thing that newcomers get wrong, or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub what: Verdict,
    pub sentence: String,
    /// What to do about it.
    pub mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    /// It works, but may not for ever.
    Warning,
    Wrong,
    /// It could not be found out.
    Unknown,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Wrong => "wrong",
            Verdict::Unknown => "unknown",
        }
    }
}

impl Checked {
    /// What is wrong.
    pub fn wrong(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.what == Verdict::Wrong)
    }
}
