//! The settings as they count, for people who want to know what is set, and where.

use std::path::Path;

use serde::Serialize;

use super::{
    Environment, VARIABLES,
    environment::{ENVIRONMENT, TYPED},
    variables::{is_known, is_secret},
};

/// A variable as it counts. The one of a number that is not set is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    pub name: String,
    /// Not that of a secret.
    pub value: String,
    pub origin: &'static str,
}

const CONFIG: &str = "PLEX_LINKER_CONFIG";

/// Whether this is a variable that the settings file may set.
pub fn is_for_file(name: &str) -> bool {
    is_known(name) && name != CONFIG
}

impl Setting {
    fn new(name: &str, value: &str, origin: &'static str) -> Setting {
        let hidden = is_secret(name) || value.contains('@');
        Setting { name: name.into(), value: if hidden { "(secret)" } else { value }.into(), origin }
    }
}

impl Environment {
    /// What is set, in the order of the table, and after it what holds since nothing is set.
    pub(super) fn settings(&self) -> Vec<Setting> {
        let counts = |name: &str| is_for_file(name) && self.is_set(name);
        let set = self.variables.iter().filter(|(name, _)| counts(name));
        let set = set.map(|(name, (value, origin))| Setting::new(name, value, origin));
        let given = self.credentials.keys().filter(|name| self.get(name).is_none());
        let given = given.map(|name| Setting::new(name, "", "credential"));
        let left = VARIABLES.iter().filter(|variable| {
            let name = variable.name;
            !variable.default.is_empty() && !name.contains("_0_") && name != CONFIG && self.text(name).is_none()
        });
        let left = left
            .map(|variable| Setting { value: variable.default.clone(), ..Setting::new(variable.name, "", "default") });
        set.chain([self.file_itself()]).chain(given).chain(left).collect()
    }

    fn file_itself(&self) -> Setting {
        let named = self.get(CONFIG).filter(|_| self.comes_from(CONFIG, ENVIRONMENT));
        let origin = match (named, &self.path) {
            (Some(named), path) if Path::new(named) == path.as_deref().unwrap_or(Path::new("")) => ENVIRONMENT,
            (_, Some(_)) if !self.packaged => TYPED,
            _ => "default",
        };
        let value = self.path.as_deref().map_or("none".into(), |path| path.display().to_string());
        Setting { name: CONFIG.into(), value, origin }
    }
}
