//! Where the database, the lock, the key and other files of ours are, and the key itself.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{Config, Database, Environment, PACKAGED_STATE, Secret, Serve};
use crate::error::{Error, Result};

const DATABASE: &str = "plex_linker.db";
const LOCK: &str = "plex_linker.lock";
const KEY: &str = "plex_linker.key";
/// Bytes of a key that is made; it is written with twice as many hexadecimal digits.
const KEY_LENGTH: usize = 16;

impl Environment {
    /// The database and its lock.
    pub(super) fn database(&self) -> Result<(Database, PathBuf)> {
        let database = match self.secret("DATABASE_URL")? {
            Some(url) => {
                Database::parse(&url).map_err(|problem| Error::Config(format!("cannot use DATABASE_URL: {problem}")))?
            }
            None => Database::Sqlite(self.state_folder()?.join(DATABASE)),
        };
        let lock_file = match &database {
            Database::Sqlite(file) => {
                let mut name = file.clone().into_os_string();
                name.push(".lock");
                name.into()
            }
            Database::Postgres { .. } => self.state_folder()?.join(LOCK),
        };
        Ok((database, lock_file))
    }

    /// Where other files are kept. A database that is elsewhere may be where others can read, but outlives a container, as a home in
    /// there does not.
    pub(super) fn state_folder_beside(&self, lock_file: &Path) -> PathBuf {
        let named = self.packaged || self.text("STATE_DIRECTORY").is_some();
        named.then(|| self.state_folder().ok()).flatten().unwrap_or_else(|| lock_file.with_file_name(""))
    }

    /// The first of the usual places that can be written in; made if need be.
    fn state_folder(&self) -> Result<PathBuf> {
        if let Some(folder) = self.text("STATE_DIRECTORY") {
            // systemd separates several by colons
            let folder = Path::new(folder.split(':').next().unwrap_or_default());
            return usable(folder).map_err(|cause| {
                let denied = cause.kind() == io::ErrorKind::PermissionDenied;
                let mend = if denied { format!(": {}", right_to_write(folder)) } else { String::new() };
                Error::Disk(format!("cannot use STATE_DIRECTORY {}: {cause}{mend}", folder.display()))
            });
        }
        let of_user = self.text("XDG_STATE_HOME").or_else(|| Some(self.text("HOME")? + "/.local/state"));
        let own = of_user.map(|folder| Path::new(&folder).join("plex-linker"));
        let tried = [Some(PathBuf::from(PACKAGED_STATE)), own];
        tried.iter().flatten().find_map(|folder| usable(folder).ok()).ok_or_else(|| {
            let mend = right_to_write(Path::new(PACKAGED_STATE));
            Error::Disk(format!(
                "no folder for the database can be written: {mend}, or set DATABASE_URL, or STATE_DIRECTORY to a folder of yours"
            ))
        })
    }
}

impl Config {
    /// A file of the state folder. One that lies beside a database elsewhere, from before, goes on being used.
    pub fn kept(&self, name: &str) -> PathBuf {
        let (file, before) = (self.state_folder.join(name), self.lock_file.with_file_name(name));
        let has = |file: &Path| file.metadata().is_ok_and(|found| found.len() > 0);
        if !has(&file) && has(&before) { before } else { file }
    }

    /// The key that the web side asks for: `PLEX_LINKER_API_KEY`, else the one in the state folder, which is made if it is not
    /// there. `None`: everybody is let in.
    pub fn api_key(&self) -> Result<Option<Secret>> {
        let file = match &self.serve {
            Serve { open_to_all: true, .. } => return Ok(None),
            Serve { api_key: Some(key), .. } => return Ok(Some(key.clone())),
            _ => self.kept(KEY),
        };
        let key = make_key(&file).and_then(|()| read_key(&file));
        key.map(Some).map_err(|cause| {
            Error::Disk(format!("cannot keep a key in {}: {cause}: set PLEX_LINKER_API_KEY", file.display()))
        })
    }
}

/// Unless one is there.
fn make_key(file: &Path) -> io::Result<()> {
    let mut new = match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        opened => opened?,
    };
    let mut random = [0; KEY_LENGTH];
    let put = fs::File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut random)).and_then(|()| {
        let key: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        new.write_all(format!("{key}\n").as_bytes())?;
        new.sync_all()
    });
    // one that could not be written whole would be no key for ever
    put.inspect_err(|_| drop(fs::remove_file(file)))
}

fn read_key(file: &Path) -> io::Result<Secret> {
    let key = fs::read_to_string(file)?.trim().to_string();
    match key.len() >= 2 * KEY_LENGTH && key.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(Secret::new(key)),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "it holds no key: remove it to have a new one made")),
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
    fs::OpenOptions::new().append(true).create(true).mode(0o600).open(folder.join(LOCK))?;
    Ok(folder.to_path_buf())
}
