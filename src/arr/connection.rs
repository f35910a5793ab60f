//! One app for one run, as far as it does not matter which: an app that is down for too long is not asked again.

use std::{path::Path, time::Duration};

use serde::Deserialize;

use super::{
    http::{Http, Patience},
    items,
    message::{Request, percent_encoded},
};
use crate::{
    config::App,
    error::{Error, Result},
};

/// A [`Radarr`](super::Radarr) or a [`Sonarr`](super::Sonarr).
pub struct Connection {
    pub(super) http: Http,
}

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

impl Connection {
    /// Nothing is asked yet. `ca_file` has certificates to trust besides the machine's own; `Err` if it has none.
    pub fn new(app: &App, ca_file: Option<&Path>, patience: Patience) -> Result<Connection> {
        Ok(Connection { http: Http::new(app, ca_file, patience)? })
    }

    /// For messages: `sonarr`, `radarr 1`.
    pub fn name(&self) -> &str {
        self.http.name()
    }

    /// The app's version, as its last answer told it (*facts A.2*).
    pub fn version(&self) -> Option<String> {
        self.http.version()
    }

    pub fn status(&self) -> Result<Status> {
        self.http.ask(&Request::small("what it is".into(), "/system/status".into()), |body| items::object(body))
    }

    /// Whether it refused the key when it was asked last.
    pub fn refused_the_key(&self) -> bool {
        self.http.refused_the_key()
    }

    /// Whether the app has a file at this path of its own. What is not there is a folder to it (*facts A.8*).
    pub fn sees_file(&self, path: &str) -> Result<bool> {
        let target = format!("/filesystem/type?path={}", percent_encoded(path));
        let found: PathType =
            self.http.ask(&Request::small("for a film's file".into(), target), |body| items::object(body))?;
        Ok(found.kind.as_deref() == Some("file"))
    }

    /// The folders in which the app keeps films or shows, also those that have none yet. It looks into each of them for this, which
    /// takes a while (*facts A.7*).
    pub fn root_folders(&self) -> Result<Vec<RootFolder>> {
        let request = Request::small("for its root folders".into(), "/rootfolder".into());
        self.http.ask(&request, |body| {
            let mut folders = Vec::new();
            items::each(body, |folder| folders.push(folder))?;
            Ok(folders)
        })
    }

    /// Whether it has failed for so long that nothing more is to be expected of it in this run.
    pub fn is_given_up(&self) -> bool {
        self.http.is_given_up()
    }

    /// Lets time pass, but none after a `shutdown`.
    pub fn wait(&self, time: Duration) {
        self.http.wait(time);
    }

    /// Cuts what is under way and refuses everything further; may be called from another thread.
    pub fn shutdown(&self) {
        self.http.shutdown();
    }

    /// Asks the app to do something with one film or show; it does so in its own time. A command without an id would mean the whole
    /// library (*facts 0.1*): there is none here.
    pub(super) fn order(&self, name: &str, field: &str, id: i32) -> Result<Request> {
        if id < 1 {
            return Err(Error::App(format!("cannot ask {} for {name}: {id} is no number of it", self.name())));
        }
        let body = format!(r#"{{"name":"{name}","{field}":{id}}}"#);
        Ok(Request::post(format!("for {name} {id}"), "/command".into(), body))
    }
}
