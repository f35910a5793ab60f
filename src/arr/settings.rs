//! What the apps tell about themselves: only a check asks for it.

use serde::Deserialize;

use super::{
    Arr,
    http::{Request, percent_encoded},
    items,
    wire::Naming,
};
use crate::error::Result;

/// Which app it is that answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, expecting = "expected the status")]
pub struct Status {
    /// `Sonarr`, `Radarr`, or whatever else has been built on the same ground.
    pub app_name: String,
    pub version: String,
    pub is_windows: bool,
}

/// Sonarr's settings as far as they concern links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// It gives its files names of its own.
    pub renames: bool,
    /// What it calls the specials folder, with its own tokens in it.
    pub specials_folder: String,
    /// It sets owner and mode of files when it imports or renames them.
    pub sets_permissions: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "expected the media management settings")]
struct MediaManagement {
    set_permissions_linux: Option<bool>,
}

#[derive(Deserialize)]
#[serde(expecting = "expected the type of a path")]
struct PathType {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Arr {
    pub fn status(&self) -> Result<Status> {
        self.http.ask(&Request::small("what it is".into(), "/system/status".into()), |body| items::object(body))
    }

    /// Whether it refused the key when it was asked last.
    pub fn refused_the_key(&self) -> bool {
        self.http.refused_the_key()
    }

    /// Sonarr's alone.
    pub fn settings(&self) -> Result<Settings> {
        let naming = self.naming()?;
        let request = Request::small("for its media management settings".into(), "/config/mediamanagement".into());
        let management: MediaManagement = self.http.ask(&request, |body| items::object(body))?;
        Ok(Settings {
            renames: naming.rename_episodes == Some(true),
            specials_folder: naming.specials_folder(),
            sets_permissions: management.set_permissions_linux == Some(true),
        })
    }

    /// What Sonarr calls the specials folder: a name with Sonarr's own tokens in it.
    pub fn specials_folder_format(&self) -> Result<String> {
        Ok(self.naming()?.specials_folder())
    }

    fn naming(&self) -> Result<Naming> {
        self.http
            .ask(&Request::small("for its naming settings".into(), "/config/naming".into()), |body| items::object(body))
    }

    /// Whether the app has a file at this path of its own. What is not there is a folder to it (*facts A.8*).
    pub fn sees_file(&self, path: &str) -> Result<bool> {
        let target = format!("/filesystem/type?path={}", percent_encoded(path));
        let found: PathType =
            self.http.ask(&Request::small("for a film's file".into(), target), |body| items::object(body))?;
        Ok(found.kind.as_deref() == Some("file"))
    }
}
