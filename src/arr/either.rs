//! What either app is asked.

use serde::Deserialize;

use super::{
    command::{Accepted, Command},
    connection::Connection,
    items,
    message::{Question, percent_encoded},
};
use crate::{
    error::{Error, Result},
    model::{Date, MovieFile},
};

/// Which app it is that answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "expected the status")]
pub struct Status {
    /// `Sonarr`, `Radarr`, or whatever else has been built on the same ground.
    pub app_name: String,
    pub version: String,
    pub is_windows: bool,
}

/// One of the folders in which an app keeps films or shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected a root folder")]
pub struct RootFolder {
    pub path: String,
    /// Whether the app itself can use it.
    pub accessible: Option<bool>,
    /// Folders in it that belong to no film or show.
    #[serde(default)]
    pub unmapped_folders: Vec<UnmappedFolder>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(expecting = "expected a folder")]
pub struct UnmappedFolder {
    pub name: String,
}

#[derive(Deserialize)]
#[serde(expecting = "expected the type of a path")]
struct PathType {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// What a list of films or shows tells about folders, in the app's own paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    /// How many items the answer had, also those that were left out.
    pub count: usize,
    /// The root folders that the items are in, each once and in order.
    pub roots: Vec<String>,
}

impl Connection {
    pub fn status(&self) -> Result<Status> {
        self.ask(&Question::small("what it is", "/system/status"), |body| items::object(body))
    }

    /// Whether the app has a file at this path of its own. What is not there is a folder to it (*facts A.8*).
    pub fn sees_file(&self, path: &str) -> Result<bool> {
        let target = format!("/filesystem/type?path={}", percent_encoded(path));
        let found: PathType = self.ask(&Question::small("for a film's file", target), |body| items::object(body))?;
        Ok(found.kind.as_deref() == Some("file"))
    }

    /// The folders in which the app keeps films or shows, also those that have none yet. It looks into each of them for this, which
    /// takes a while (*facts A.7*).
    pub fn root_folders(&self) -> Result<Vec<RootFolder>> {
        self.ask(&Question::small("for its root folders", "/rootfolder"), |body| items::list(body))
    }

    /// Asks the app to do something with one film or show; it does so in its own time. A command without an id would mean the whole
    /// library (*facts 0.1*): there is none here.
    pub(super) fn order(&self, name: &str, field: &str, id: i32) -> Result<Command> {
        if id < 1 {
            return Err(Error::App(format!("cannot ask {} for {name}: {id} is no number of it", self.name())));
        }
        let body = format!(r#"{{"name":"{name}","{field}":{id}}}"#);
        let question = Question::new("POST", format!("for {name} {id}"), "/command", Some(body));
        self.ask(&question, |body| Ok(items::object::<Accepted>(body)?.into()))
    }
}

impl Folders {
    pub(super) fn of(root: Option<&str>, path: Option<&str>) -> Folders {
        let mut folders = Folders::default();
        folders.add(root, path);
        folders
    }

    /// Counts an item that is at `path`. Its root folder is that folder's parent if the app does not say.
    pub(super) fn add(&mut self, root: Option<&str>, path: Option<&str>) {
        self.count += 1;
        let parent = || path?.trim_end_matches(['/', '\\']).rsplit_once(['/', '\\']).map(|(parent, _)| parent);
        if let Some(root) = root.filter(|root| !root.is_empty()).or_else(parent)
            && let Err(at) = self.roots.binary_search_by(|known| (**known).cmp(root))
        {
            self.roots.insert(at, root.into());
        }
    }
}

/// A file that an app has.
#[derive(Deserialize)]
#[serde(expecting = "expected a file")]
pub(super) struct FileJson {
    pub id: Option<i32>,
    pub path: Option<String>,
    quality: Option<Revised>,
}

#[derive(Deserialize)]
struct Revised {
    quality: Option<Quality>,
    revision: Option<Revision>,
}

#[derive(Deserialize)]
struct Revision {
    version: Option<i32>,
}

#[derive(Deserialize)]
struct Quality {
    name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Titled {
    pub title: Option<String>,
}

impl FileJson {
    pub fn into_movie_file(self) -> Option<MovieFile> {
        let revision = self.quality.as_ref().and_then(|revised| revised.revision.as_ref()?.version);
        let name = self.quality.and_then(|revised| revised.quality).and_then(|quality| text(quality.name));
        Some(MovieFile {
            path: text(self.path)?,
            quality: name.unwrap_or_else(|| "Unknown".into()),
            revision: revision.unwrap_or(1),
        })
    }
}

/// A time that is none, the first of January of the year 1, is what .NET has for nothing (*facts A.1*).
pub(super) fn date(text: Option<String>) -> Option<Date> {
    Date::parse(&text?).filter(|date| date.year() > 1)
}

/// Numbers of 0 and empty texts are left out (*facts A.1*).
pub(super) fn id(id: Option<i32>) -> Option<i32> {
    id.filter(|id| *id > 0)
}

pub(super) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
