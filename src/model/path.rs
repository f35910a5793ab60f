//! Places below the folders that the linker works in, and what an app's paths are here.

use std::{
    fmt,
    iter::successors,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

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
