//! What either app is asked.

use std::collections::BTreeSet;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Map, Value};

use super::{
    connection::Connection,
    message::{Answer, Question, percent_encoded},
};
use crate::{
    error::{Error, Result},
    model::{Date, MovieFile},
};

/// Which app it is that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `Sonarr`, `Radarr`, or whatever else has been built on the same ground.
    pub app_name: String,
    pub version: String,
    pub is_windows: bool,
}

/// One of the folders in which an app keeps films or shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootFolder {
    pub path: String,
    /// Whether the app itself can use it.
    pub accessible: Option<bool>,
    /// The names of folders in it that belong to no film or show.
    pub unmapped_folders: Vec<String>,
}

/// What an answer with films or shows tells about folders, in the app's own paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RootFolders {
    /// How many items the answer had, also those that were left out.
    pub count: usize,
    /// The root folders that the items are in.
    pub roots: BTreeSet<String>,
}

impl Connection {
    pub fn status(&self) -> Result<Status> {
        let told: Map<String, Value> = self.get("what it is", "/system/status")?;
        let said = |field: &str| told.get(field).and_then(Value::as_str).unwrap_or_default().to_string();
        let is_windows = told.get("isWindows") == Some(&Value::Bool(true));
        Ok(Status { app_name: said("appName"), version: said("version"), is_windows })
    }

    /// Whether the app has a file at this path of its own. What is not there is a folder to it (*facts A.8*).
    pub fn sees_file(&self, path: &str) -> Result<bool> {
        let found: Value = self.get("for a film's file", format!("/filesystem/type?path={}", percent_encoded(path)))?;
        Ok(found["type"] == "file")
    }

    /// The folders in which the app keeps films or shows, also those that have none yet. It looks into each of them for this, which
    /// takes a while (*facts A.7*).
    pub fn root_folders(&self) -> Result<Vec<RootFolder>> {
        let told: Vec<Value> = self.get("for its root folders", "/rootfolder")?;
        let name = |folder: &Value| folder["name"].as_str().map(String::from);
        let folder = |told: &Value| {
            let unmapped = told["unmappedFolders"].as_array().into_iter().flatten();
            Some(RootFolder {
                path: text(told["path"].as_str().map(String::from))?,
                accessible: told["accessible"].as_bool(),
                unmapped_folders: unmapped.filter_map(name).collect(),
            })
        };
        Ok(told.iter().filter_map(folder).collect())
    }

    /// Asks the app to do something with one film or show; it does so in its own time. A command without an id would mean the whole
    /// library (*facts 0.1*): there is none here.
    pub(super) fn order<T: DeserializeOwned>(&self, name: &str, field: &str, id: i32) -> Result<T> {
        if id < 1 {
            return Err(Error::App(format!("cannot ask {} for {name}: {id} is no number of it", self.name())));
        }
        let body = Some(format!(r#"{{"name":"{name}","{field}":{id}}}"#));
        let question = Question { method: "POST", body, ..Question::get(format!("for {name} {id}"), "/command") };
        self.ask(&question, &Answer::json)
    }
}

impl RootFolders {
    /// Counts an item that is at `path`. Its root folder is that folder's parent if the app does not say.
    pub(super) fn add(&mut self, root: Option<&str>, path: Option<&str>) {
        self.count += 1;
        let parent = || path?.trim_end_matches(['/', '\\']).rsplit_once(['/', '\\']).map(|(parent, _)| parent);
        self.roots.extend(root.filter(|root| !root.is_empty()).or_else(parent).map(String::from));
    }
}

/// A file that an app has.
#[derive(Deserialize)]
#[serde(expecting = "a file")]
pub(super) struct FileJson {
    pub id: Option<i32>,
    pub path: Option<String>,
    #[serde(default)]
    quality: Value,
}

#[derive(Deserialize)]
pub(super) struct Titled {
    pub title: Loose<String>,
}

/// What no link depends on: where it is not what it should be, it is as if it were not told.
pub(super) struct Loose<T>(pub Option<T>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Either<T> {
    Told(T),
    Other(IgnoredAny),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(told: D) -> std::result::Result<Loose<T>, D::Error> {
        Ok(match Option::deserialize(told)? {
            Some(Either::Told(told)) => Loose(Some(told)),
            Some(Either::Other(_)) | None => Loose(None),
        })
    }
}

impl FileJson {
    pub fn into_movie_file(self) -> Option<MovieFile> {
        let name = self.quality["quality"]["name"].as_str().filter(|name| !name.is_empty());
        let revision = self.quality["revision"]["version"].as_i64();
        Some(MovieFile {
            path: text(self.path)?,
            quality: name.unwrap_or("Unknown").into(),
            revision: revision.map_or(1, |version| version as i32),
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
