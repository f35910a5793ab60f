//! Where variables come from, and how their texts become values.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::{
    CREDENTIALS, PACKAGED_FILE, file, secret,
    variables::{MEDIA_ROOTS, Variable, is_known},
};
use crate::error::{Error, Result};

/// Options of the command line, and the variables of the same meaning.
pub const OPTIONS: [(&str, &str); 3] = [
    ("--host", "PLEX_LINKER_HOST"),
    ("--port", "PLEX_LINKER_PORT"),
    ("--interval", "PLEX_LINKER_SCAN_INTERVAL_MINUTES"),
];

/// Where a variable comes from.
pub(super) const TYPED: &str = "command line";
pub(super) const ENVIRONMENT: &str = "environment";
pub(super) const FILE: &str = "settings file";
/// A setup has found it, and not yet written.
const PROPOSED: &str = "setup";

/// The variables: what was typed goes before the environment, and that before the configuration file.
pub struct Environment {
    /// By name, with where each comes from.
    pub(super) variables: BTreeMap<String, (String, &'static str)>,
    /// What the file says by itself.
    pub(super) in_file: HashMap<String, String>,
    /// Where the file is.
    pub(super) path: Option<PathBuf>,
    /// It is the package's.
    pub(super) packaged: bool,
    /// What systemd gives us; with the package's file what it would give to the units: root alone can read it, and only before it
    /// becomes somebody else.
    pub(super) credentials: HashMap<String, String>,
}

impl Environment {
    /// The file is the one that `file` or `PLEX_LINKER_CONFIG` names, else the package's if it is there.
    pub fn new(env: impl IntoIterator<Item = (OsString, OsString)>, file: Option<&Path>) -> Result<Environment> {
        let env = env.into_iter().filter_map(readable).collect::<Result<HashMap<_, _>>>()?;
        let file = file.map(PathBuf::from).or_else(|| env.get("PLEX_LINKER_CONFIG").map(PathBuf::from));
        let packaged = file.is_none() && Path::new(PACKAGED_FILE).try_exists().unwrap_or(true);
        let path = if packaged { Some(PACKAGED_FILE.into()) } else { file.filter(|file| !file.as_os_str().is_empty()) };
        let file = path.as_deref().map(file::read).transpose()?.unwrap_or_default();
        let credentials = match env.get("CREDENTIALS_DIRECTORY") {
            Some(folder) => secret::credentials(Path::new(folder), "")?,
            None if packaged => secret::credentials(Path::new(CREDENTIALS), "plex-linker.")?,
            None => HashMap::new(),
        };
        let in_file = file.clone();
        let from = |origin| move |(name, value)| (name, (value, origin));
        let variables = file.into_iter().map(from(FILE)).chain(env.into_iter().map(from(ENVIRONMENT))).collect();
        Ok(Environment { variables, in_file, path, packaged, credentials })
    }

    /// An option goes before all else.
    pub fn set(&mut self, option: &str, value: String) {
        let variable = OPTIONS.iter().find(|(name, _)| *name == option);
        self.variables.extend(variable.map(|(_, variable)| (variable.to_string(), (value, TYPED))));
    }

    /// From here on this holds where nothing else is set.
    pub fn propose(&mut self, name: &str, value: &str) {
        if !self.is_set(name) || self.comes_from(name, PROPOSED) {
            self.variables.insert(name.into(), (value.into(), PROPOSED));
        }
    }

    pub(super) fn comes_from(&self, name: &str, origin: &str) -> bool {
        self.variables.get(name).is_some_and(|(_, from)| *from == origin)
    }

    /// A variable as it is set.
    pub(super) fn get(&self, name: &str) -> Option<&String> {
        self.variables.get(name).map(|(value, _)| value)
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|text| !text.trim().is_empty())
    }

    /// Which of its names a variable is set by: `SONARR_0_URL` may also be called `SONARR_URL`.
    pub(super) fn spelled(&self, name: &str) -> String {
        let plain = name.replacen("_0_", "_", 1);
        let names = if MEDIA_ROOTS.contains(&name) { MEDIA_ROOTS.to_vec() } else { vec![name, &plain] };
        names.into_iter().find(|name| self.is_set(name)).unwrap_or(name).to_string()
    }

    /// A variable that is set and not empty.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(&self.spelled(name)).map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
    }

    /// The same, or what the table has for it.
    pub(super) fn or_default(&self, name: &str) -> String {
        let default = || Variable::named(name).map(|variable| variable.default.clone());
        self.text(name).or_else(default).unwrap_or_default()
    }

    /// What a variable says, or the table where it is not set; `must` is told of what says nothing.
    pub(super) fn read<T>(&self, name: &str, must: &str, meaning: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text = self.or_default(name);
        let option = OPTIONS.iter().find(|(_, variable)| *variable == name && self.comes_from(name, TYPED));
        let told = option.map_or_else(|| self.spelled(name), |(option, _)| option.to_string());
        meaning(&text).map_or_else(|| wrong(&told, &text, must), Ok)
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &str, must: &str) -> Result<T> {
        self.read(name, must, |text| text.parse().ok())
    }

    /// What one of these words means.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let (last, others) = words.split_last().unwrap_or((&"", &[]));
        let must = format!("it must be {} or {last}", others.join(", "));
        self.read(name, &must, |text| choices.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning))
    }

    /// What `read` makes of a variable, if it is set.
    pub(super) fn if_set<T>(&self, name: &str, read: impl FnOnce(&str) -> Result<T>) -> Result<Option<T>> {
        self.text(name).map(|_| read(name)).transpose()
    }

    /// A variable whose value is secret: itself, else what is in the file that `NAME_FILE` names, else systemd's credential of
    /// that name; then the same by its plain name. Blanks and line ends around it do not count.
    pub fn secret(&self, name: &str) -> Result<Option<String>> {
        let plain = name.replacen("_0_", "_", 1);
        let mut found = None;
        for name in [name, &plain] {
            let file = format!("{name}_FILE");
            found = match (self.get(name), self.text(&file).filter(|_| self.is_set(&file))) {
                (Some(text), _) => Some(text.trim().into()),
                (None, Some(path)) => Some(secret::read(Path::new(&path), &file)?),
                (None, None) => self.credentials.get(name).cloned(),
            };
            if found.as_ref().is_some_and(|text: &String| !text.is_empty()) {
                break;
            }
        }
        Ok(found)
    }
}

/// What is said of a value that cannot be used.
pub(super) fn wrong<T>(name: &str, value: &str, must: &str) -> Result<T> {
    Err(Error::Config(format!("{name} is {value:?}: {must}")))
}

/// One of the environment. What is not text is for others, unless it is ours: then it must not count as absent. A port that is an
/// address is what Kubernetes tells of a service, `PLEX_LINKER_PORT` of one that is called plex-linker.
fn readable((name, value): (OsString, OsString)) -> Option<Result<(String, String)>> {
    let name = name.into_string().ok()?;
    match value.into_string() {
        Ok(value) if name.ends_with("_PORT") && ["tcp://", "udp://"].iter().any(|start| value.starts_with(start)) => {
            None
        }
        Ok(value) => Some(Ok((name, value))),
        Err(_) if is_known(&name) => Some(Err(Error::Config(format!("{name} is not text in UTF-8: set it anew")))),
        Err(_) => None,
    }
}
