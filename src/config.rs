//! The environment, read once, as values.

mod apps;
mod database;
mod edit;
mod file;
mod identity;
mod key;
mod news;
mod serve;
mod settings;
pub mod trust;
mod unknown;
mod variables;
mod zone;

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt, fs, io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    model::{Paths, Roots, SpecialsFolder},
};

pub use apps::path_maps;
pub use database::{Database, Tls};
pub use edit::{Configured, assignment, packaged_owner, write};
pub use identity::Identity;
pub use news::{Address, Format, Recipients};
pub use serve::{Serve, address};
pub use settings::Setting;
pub use unknown::Unknown;
pub use variables::{VARIABLES, Variable};
pub use zone::Zone;

/// The names of the folder that holds films and shows.
pub const MEDIA_ROOTS: [&str; 3] = ["MEDIA_ROOT", "DOCKER_MEDIA_PATH", "HOST_MEDIA_PATH"];
/// What the packages install, for their user alone to read.
pub const PACKAGED_FILE: &str = "/etc/plex-linker/plex-linker.env";
/// Where root may keep what is secret for the packages' units, as `plex-linker.NAME` (`LoadCredential=` in systemd.exec(5)).
const CREDENTIALS: &str = "/etc/credstore";
/// Where the packages' user has its files.
const PACKAGED_STATE: &str = "/var/lib/plex-linker";

/// A value that is never shown: keys and passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// One Sonarr or Radarr.
#[derive(Debug, Clone)]
pub struct App {
    /// For messages: `sonarr`, or `sonarr 1` and so on for the further ones.
    pub name: String,
    /// The variable that `url` came from.
    pub variable: String,
    /// Without a slash at its end and without `api_path`; with the URL base if there is one.
    pub url: String,
    /// The same as people reach it.
    pub public_url: String,
    pub api_path: String,
    pub api_key: Secret,
    /// Sent with every request, for what stands in front of the app.
    pub headers: Vec<(String, Secret)>,
    /// For one whole answer that lists a library.
    pub timeout: Duration,
    pub paths: Paths,
}

impl App {
    /// The variable that has its path maps, `SONARR_0_PATH_MAP`; it goes before the form without the number.
    pub fn path_map(&self) -> String {
        let (kind, number) = self.name.split_once(' ').unwrap_or((&self.name, "0"));
        format!("{}_{number}_PATH_MAP", kind.to_uppercase())
    }
}

/// Which broken links are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clean {
    Tree,
    /// The same, but not in every run.
    Daily,
    Links,
    Off,
}

#[derive(Debug, Clone)]
pub struct Config {
    /// `None`: nothing is configured yet, and a run does nothing.
    pub media_root: Option<PathBuf>,
    pub sonarr: Vec<App>,
    pub radarr: Vec<App>,
    pub database: Database,
    /// Locked for as long as a run lasts; never removed.
    pub lock_file: PathBuf,
    /// What is kept besides the database.
    state_folder: PathBuf,
    pub specials_folder: SpecialsFolder,
    pub clean: Clean,
    /// Whether Sonarr is to fetch the specials no more whose links stand.
    pub unmonitor: bool,
    /// Whether the films' subtitles are linked.
    pub subtitles: bool,
    pub ca_file: Option<PathBuf>,
    pub news: Recipients,
    pub serve: Serve,
    /// In which people read times.
    pub zone: Zone,
    /// What is set and does nothing.
    pub unknown: Vec<Unknown>,
    pub settings: Vec<Setting>,
}

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

impl Config {
    /// The folders below which links and films may be.
    pub fn roots(&self, media_root: &Path) -> Roots {
        let maps = self.sonarr.iter().chain(&self.radarr).flat_map(|app| &app.paths.maps);
        Roots::new(std::iter::once(media_root.to_path_buf()).chain(maps.map(|map| map.local.clone())))
    }

    /// A file of the state folder. One that lies beside a database elsewhere, from before, goes on being used.
    pub fn kept(&self, name: &str) -> PathBuf {
        let (file, before) = (self.state_folder.join(name), self.lock_file.with_file_name(name));
        let has = |file: &Path| file.metadata().is_ok_and(|found| found.len() > 0);
        if !has(&file) && has(&before) { before } else { file }
    }
}

/// The variables, by name: first the environment, below it the configuration file.
pub struct Environment {
    env: HashMap<String, String>,
    file: HashMap<String, String>,
    /// Where the file is.
    path: Option<PathBuf>,
    /// It is the package's.
    packaged: bool,
    /// With it, what systemd would give to the units: root alone can read it, and only before it becomes somebody else.
    credentials: HashMap<String, String>,
    /// Below all others: what a setup has found and not yet written.
    proposed: HashMap<String, String>,
}

impl Environment {
    /// The file is the one that `file` or `PLEX_LINKER_CONFIG` names, else the package's if it is there.
    pub fn new(env: impl IntoIterator<Item = (OsString, OsString)>, file: Option<&Path>) -> Result<Environment> {
        let env = env.into_iter().filter_map(readable).collect::<Result<HashMap<_, _>>>()?;
        let file = file.map(PathBuf::from).or_else(|| env.get("PLEX_LINKER_CONFIG").map(PathBuf::from));
        let packaged = file.is_none() && Path::new(PACKAGED_FILE).try_exists().unwrap_or(true);
        let path = if packaged { Some(PACKAGED_FILE.into()) } else { file.filter(|file| !file.as_os_str().is_empty()) };
        let file = path.as_deref().map(file::read).transpose()?.unwrap_or_default();
        let credentials = if packaged { credentials(Path::new(CREDENTIALS)) } else { HashMap::new() };
        Ok(Environment { env, file, path, packaged, credentials, proposed: HashMap::new() })
    }

    /// How much is told.
    pub fn log(&self) -> Result<log::LevelFilter> {
        let must = "it must be error, warn, info, debug or trace";
        Ok(self.parsed("PLEX_LINKER_LOG", must)?.unwrap_or(log::LevelFilter::Info))
    }

    /// In which people read times; the error says why that is UTC.
    pub fn zone(&self) -> std::result::Result<Zone, String> {
        Zone::new(self.env.get("TZ").map(String::as_str))
    }

    /// The state folder is made when it is needed. The first wrong value is the error.
    pub fn config(&self) -> Result<Config> {
        let (database, lock_file) = self.database()?;
        // a database that is elsewhere may be where others can read, but outlives a container, as a home in there does not
        let named = self.packaged || self.text("STATE_DIRECTORY").is_some();
        let state_folder = named.then(|| self.state_folder().ok()).flatten();
        Ok(Config {
            state_folder: state_folder.unwrap_or_else(|| lock_file.with_file_name("")),
            media_root: self.media_root()?,
            sonarr: self.apps("SONARR")?,
            radarr: self.apps("RADARR")?,
            database,
            lock_file,
            specials_folder: self.specials_folder()?,
            unmonitor: self.choice("PLEX_LINKER_UNMONITOR", &[("on", true), ("off", false)])?.unwrap_or(false),
            clean: self
                .choice(
                    "PLEX_LINKER_CLEAN",
                    &[("tree", Clean::Tree), ("daily", Clean::Daily), ("links", Clean::Links), ("off", Clean::Off)],
                )?
                .unwrap_or(Clean::Tree),
            subtitles: self.choice("PLEX_LINKER_SUBTITLES", &[("on", true), ("off", false)])?.unwrap_or(true),
            ca_file: self.ca_file(),
            news: self.news()?,
            serve: self.serve()?,
            zone: self.zone().unwrap_or_default(),
            unknown: self.unknown(),
            settings: self.settings(),
        })
    }

    pub fn ca_file(&self) -> Option<PathBuf> {
        self.text("PLEX_LINKER_CA_FILE").map(PathBuf::from)
    }

    /// A variable as it is set.
    fn get(&self, name: &str) -> Option<String> {
        self.env.get(name).or_else(|| self.file.get(name)).or_else(|| self.proposed.get(name)).cloned()
    }

    /// A variable that is set and not empty.
    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
    }

    fn parsed<T: FromStr>(&self, name: &str, must: &str) -> Result<Option<T>> {
        self.text(name).map(|text| text.parse().or_else(|_| wrong(name, &text, must))).transpose()
    }

    /// What one of these words means.
    fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let (last, others) = words.split_last().unwrap_or((&"", &[]));
        let must = || format!("it must be {} or {last}", others.join(", "));
        let chosen = choices.iter().find(|(word, _)| *word == text).map(|(_, meaning)| Some(*meaning));
        chosen.map_or_else(|| wrong(name, &text, &must()), Ok)
    }

    /// A variable whose value is secret: itself, else what is in the file that `NAME_FILE` names, else systemd's credential of
    /// that name. Blanks and line ends around it do not count.
    fn secret(&self, name: &str) -> Result<Option<String>> {
        if let Some(text) = self.get(name) {
            return Ok(Some(text.trim().to_string()));
        }
        let read = |variable: &str, path: &Path| match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text.trim().to_string())),
            Err(cause) => Err(Error::Config(format!("cannot read {}, named by {variable}: {cause}", path.display()))),
        };
        let variable = format!("{name}_FILE");
        if let Some(path) = self.text(&variable) {
            return read(&variable, Path::new(&path));
        }
        let Some(folder) = self.text("CREDENTIALS_DIRECTORY") else { return Ok(self.credentials.get(name).cloned()) };
        let credential = [name.to_lowercase(), name.to_string()].map(|file| Path::new(&folder).join(file));
        match credential.iter().find(|path| path.exists()) {
            Some(path) => read("CREDENTIALS_DIRECTORY", path),
            None => Ok(None),
        }
    }

    pub fn media_root(&self) -> Result<Option<PathBuf>> {
        for name in MEDIA_ROOTS {
            if let Some(text) = self.text(name) {
                return Ok(Some(folder(name, &text)?));
            }
        }
        Ok(None)
    }

    fn database(&self) -> Result<(Database, PathBuf)> {
        let database = match self.secret("DATABASE_URL")? {
            Some(url) => {
                Database::parse(&url).map_err(|problem| Error::Config(format!("cannot use DATABASE_URL: {problem}")))?
            }
            None => Database::Sqlite(self.state_folder()?.join("plex_linker.db")),
        };
        let lock_file = match &database {
            Database::Sqlite(file) | Database::SqliteReadOnly(file) => {
                let mut name = file.clone().into_os_string();
                name.push(".lock");
                name.into()
            }
            Database::Postgres { .. } => self.state_folder()?.join("plex_linker.lock"),
        };
        Ok((database, lock_file))
    }

    /// The first of the usual places that can be written in; made if need be.
    fn state_folder(&self) -> Result<PathBuf> {
        if let Some(folder) = self.text("STATE_DIRECTORY") {
            // systemd separates several by colons
            let folder = PathBuf::from(folder.split(':').next().unwrap_or_default());
            return usable(&folder).map_err(|cause| {
                let denied = cause.kind() == io::ErrorKind::PermissionDenied;
                let mend = if denied { format!(": {}", right_to_write(&folder)) } else { String::new() };
                Error::Disk(format!("cannot use STATE_DIRECTORY {}: {cause}{mend}", folder.display()))
            });
        }
        let own = self
            .text("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(Path::new(&self.text("HOME")?).join(".local/state")))
            .map(|folder| folder.join("plex-linker"));
        let tried = [Some(PathBuf::from(PACKAGED_STATE)), own];
        tried.iter().flatten().find_map(|folder| usable(folder).ok()).ok_or_else(|| {
            let mend = right_to_write(Path::new(PACKAGED_STATE));
            Error::Disk(format!(
                "no folder for the database can be written: {mend}, or set DATABASE_URL, or STATE_DIRECTORY to a folder of yours"
            ))
        })
    }

    fn specials_folder(&self) -> Result<SpecialsFolder> {
        const NAME: &str = "PLEX_LINKER_SPECIALS_FOLDER";
        match self.text(NAME) {
            None => Ok(SpecialsFolder::Auto),
            Some(text) if text == "auto" => Ok(SpecialsFolder::Auto),
            Some(text) if text == "sonarr" => Ok(SpecialsFolder::Sonarr),
            Some(text) if text.starts_with('.') || text.contains(['/', '\\']) || text.chars().any(char::is_control) => {
                wrong(NAME, &text, "it must be the name of one folder that does not begin with a dot")
            }
            Some(text) => Ok(SpecialsFolder::Named(text)),
        }
    }
}

fn wrong<T>(name: &str, value: &str, must: &str) -> Result<T> {
    Err(Error::Config(format!("{name} is {value:?}: {must}")))
}

/// An absolute folder of this machine, without `.` and slashes at its end.
fn folder(name: &str, text: &str) -> Result<PathBuf> {
    let path: PathBuf = Path::new(text).components().collect();
    if !path.is_absolute() || path.components().any(|part| part == std::path::Component::ParentDir) {
        return wrong(name, text, "it must be a whole path that begins with a slash and has no \"..\"");
    }
    if path.parent().is_none() {
        return wrong(name, text, "it is the whole machine: name the folder that holds films and shows");
    }
    Ok(path)
}

/// By the names of their variables. Those that cannot be read are for others.
fn credentials(folder: &Path) -> HashMap<String, String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = files.filter_map(|file| {
        let name = file.file_name().to_str()?.strip_prefix("plex-linker.")?.to_uppercase();
        Some((name, fs::read_to_string(file.path()).ok()?.trim().to_string()))
    });
    ours.collect()
}

/// One of the environment. What is not text is for others, unless it is ours: then it must not count as absent.
fn readable((name, value): (OsString, OsString)) -> Option<Result<(String, String)>> {
    let name = name.into_string().ok()?;
    match value.into_string() {
        Ok(value) => Some(Ok((name, value))),
        Err(_) if unknown::is_known(&name) => {
            Some(Err(Error::Config(format!("{name} is not text in UTF-8: set it anew"))))
        }
        Err(_) => None,
    }
}

/// By which command root gives a folder to the user that we are.
pub fn right_to_write(folder: &Path) -> String {
    let folder_is = folder.display();
    // who we are: std does not tell, the kernel does
    let own =
        fs::metadata("/proc/self").map_or(String::from("USER:GROUP"), |own| format!("{}:{}", own.uid(), own.gid()));
    let make = if folder.exists() { String::new() } else { format!("mkdir -p {folder_is} && ") };
    format!("as root, \"{make}chown -R {own} {folder_is}\" mends it")
}

fn usable(folder: &Path) -> io::Result<PathBuf> {
    // a run in which nothing changed writes nothing
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
    }
    let probe = folder.join("plex_linker.lock");
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(probe)?;
    Ok(folder.to_path_buf())
}

#[cfg(test)]
mod tests;
