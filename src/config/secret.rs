//! Keys and passwords: values that are never shown, and the files that they come from.

use std::{collections::HashMap, fmt, fs, path::Path};

use super::{
    file::unreadable,
    variables::{is_known, is_secret},
};
use crate::error::Result;

/// A value that is never shown: keys and passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The value itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// The secret in a file that `variable` names. Blanks and line ends around it do not count.
pub(super) fn read(path: &Path, variable: &str) -> Result<String> {
    let text = fs::read_to_string(path).map(|text| text.trim().to_string());
    text.map_err(|cause| unreadable(&cause, format!("cannot read {}, named by {variable}: {cause}", path.display())))
}

/// The secrets in a folder, by the names of their variables. Those in root's own that cannot be read are for others.
pub(super) fn credentials(folder: &Path, prefix: &str) -> Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = file.file_name().to_str().and_then(|name| name.strip_prefix(prefix)).map(str::to_uppercase);
        let Some(name) = name.filter(|name| is_known(name) && is_secret(name)) else { continue };
        match read(&file.path(), "CREDENTIALS_DIRECTORY") {
            Ok(text) => _ = found.insert(name, text),
            Err(_) if !prefix.is_empty() => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(found)
}
