//! The environment, read once, as values.

mod address;
mod apps;
mod database;
mod edit;
mod environment;
mod file;
mod identity;
mod maps;
mod news;
mod secret;
mod serve;
mod settings;
mod state;
pub mod trust;
mod unknown;
mod variables;
mod zone;

use std::path::{Component, Path, PathBuf};

use crate::{
    error::Result,
    model::{Roots, SpecialsFolder},
};

pub use address::host_and_port;
pub use apps::{App, Kind, RADARR, SONARR};
pub use database::{Certificate, Database};
pub use edit::{assignment, packaged_owner, write};
pub use environment::{Environment, OPTIONS};
pub use identity::Identity;
pub use maps::path_maps;
pub use news::{Address, Format, Recipients};
pub use secret::Secret;
pub use serve::{Serve, WEBHOOK};
pub use settings::{Setting, is_for_file};
pub use state::right_to_write;
pub use unknown::Unknown;
pub use variables::{TABLE, VARIABLES, Variable, is_secret};
pub use zone::Zone;

use environment::wrong;
use variables::MEDIA_ROOTS;

/// What the packages install, for their user alone to read.
pub const PACKAGED_FILE: &str = "/etc/plex-linker/plex-linker.env";
/// Where root may keep what is secret for the packages' units, as `plex-linker.NAME` (`LoadCredential=` in systemd.exec(5)).
const CREDENTIALS: &str = "/etc/credstore";
/// Where the packages' user has its files.
const PACKAGED_STATE: &str = "/var/lib/plex-linker";

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

impl Config {
    /// Both kinds.
    pub fn apps(&self) -> impl Iterator<Item = &App> {
        self.sonarr.iter().chain(&self.radarr)
    }

    /// The folders below which links and films may be.
    pub fn roots(&self, media_root: &Path) -> Roots {
        let maps = self.apps().flat_map(|app| &app.paths.maps);
        Roots::new(std::iter::once(media_root.to_path_buf()).chain(maps.map(|map| map.local.clone())))
    }
}

impl Environment {
    /// How much is told.
    pub fn log(&self) -> Result<log::LevelFilter> {
        self.parsed("PLEX_LINKER_LOG", "it must be error, warn, info, debug or trace")
    }

    /// In which people read times, and why that is not the one that is set.
    pub fn zone(&self) -> (Zone, Option<String>) {
        Zone::new(self.get("TZ").map(String::as_str))
    }

    pub fn ca_file(&self) -> Option<PathBuf> {
        self.text("PLEX_LINKER_CA_FILE").map(PathBuf::from)
    }

    /// The state folder is made when it is needed. The first wrong value is the error.
    pub fn config(&self) -> Result<Config> {
        const ON_OFF: [(&str, bool); 2] = [("on", true), ("off", false)];
        const CLEAN: [(&str, Clean); 4] =
            [("tree", Clean::Tree), ("daily", Clean::Daily), ("links", Clean::Links), ("off", Clean::Off)];
        let (database, lock_file) = self.database()?;
        Ok(Config {
            state_folder: self.state_folder_beside(&lock_file),
            media_root: self.media_root()?,
            sonarr: self.apps(SONARR)?,
            radarr: self.apps(RADARR)?,
            database,
            lock_file,
            specials_folder: self.specials_folder()?,
            unmonitor: self.choice("PLEX_LINKER_UNMONITOR", &ON_OFF)?,
            clean: self.choice("PLEX_LINKER_CLEAN", &CLEAN)?,
            subtitles: self.choice("PLEX_LINKER_SUBTITLES", &ON_OFF)?,
            ca_file: self.ca_file(),
            news: self.news()?,
            serve: self.serve()?,
            zone: self.zone().0,
            unknown: self.unknown(),
            settings: self.settings(),
        })
    }

    pub fn media_root(&self) -> Result<Option<PathBuf>> {
        let name = self.spelled(MEDIA_ROOTS[0]);
        self.text(&name).map(|text| folder(&name, &text)).transpose()
    }

    fn specials_folder(&self) -> Result<SpecialsFolder> {
        let must = "it must be the name of one folder that does not begin with a dot";
        self.read("PLEX_LINKER_SPECIALS_FOLDER", must, |text| match text {
            "auto" => Some(SpecialsFolder::Auto),
            "sonarr" => Some(SpecialsFolder::Sonarr),
            _ if text.starts_with('.') || text.contains(['/', '\\']) || text.chars().any(char::is_control) => None,
            _ => Some(SpecialsFolder::Named(text.into())),
        })
    }
}

/// An absolute folder of this machine, without `.` and slashes at its end.
fn folder(name: &str, text: &str) -> Result<PathBuf> {
    let path: PathBuf = Path::new(text).components().collect();
    if !path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
        return wrong(name, text, "it must be a whole path that begins with a slash and has no \"..\"");
    }
    if path.parent().is_none() {
        return wrong(name, text, "it is the whole machine: name the folder that holds films and shows");
    }
    Ok(path)
}

#[cfg(test)]
mod tests;
