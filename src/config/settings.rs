//! The settings as they count, for people who want to know what is set, and where.

use std::{fs, path::Path};

use serde::Serialize;

use super::{
    Environment, VARIABLES,
    unknown::{is_known, is_secret},
};

/// A variable as it counts. The one of a number that is not set is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    pub name: String,
    /// Not that of a secret.
    pub value: String,
    pub origin: &'static str,
}

const HIDDEN: &str = "(secret)";
const CONFIG: &str = "PLEX_LINKER_CONFIG";

impl Environment {
    /// What is set, in the order of the table, and after it what holds since nothing is set.
    pub(super) fn settings(&self) -> Vec<Setting> {
        let set = |name: &str| Setting {
            value: match self.get(name) {
                Some(value) if !is_secret(name) && !value.contains('@') => value,
                _ => HIDDEN.into(),
            },
            origin: if self.env.contains_key(name) { "environment" } else { "settings file" },
            name: name.into(),
        };
        let is_set = |name: &&str| is_known(name) && *name != CONFIG && self.text(name).is_some();
        let mut settings: Vec<Setting> = self.names().filter(is_set).map(set).collect();
        settings.push(self.file_itself());
        let folder = self.text("CREDENTIALS_DIRECTORY").and_then(|folder| fs::read_dir(folder).ok());
        let given = folder.into_iter().flatten().flatten().filter_map(|file| file.file_name().into_string().ok());
        let given = given.map(|name| name.to_uppercase()).chain(self.credentials.keys().cloned());
        let given = given.filter(|name| is_known(name) && is_secret(name) && self.get(name).is_none());
        settings.extend(given.map(|name| Setting { name, value: HIDDEN.into(), origin: "credential" }));
        let left =
            VARIABLES.iter().filter(|variable| !variable.default.is_empty() && self.text(variable.name).is_none());
        let left = left.filter(|variable| !variable.name.contains("_0_") && variable.name != CONFIG);
        settings.extend(left.map(|variable| Setting {
            name: variable.name.into(),
            value: variable.default.into(),
            origin: "default",
        }));
        settings
    }

    fn file_itself(&self) -> Setting {
        let origin = match (self.env.get(CONFIG), &self.path) {
            (Some(named), path) if Path::new(named) == path.as_deref().unwrap_or(Path::new("")) => "environment",
            (_, Some(_)) if !self.packaged => "command line",
            _ => "default",
        };
        let value = self.path.as_deref().map_or("none".into(), |path| path.display().to_string());
        Setting { name: CONFIG.into(), value, origin }
    }
}
