//! The key that lets other machines in, when the user has given none: made once, and kept.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::{Config, Secret};
use crate::error::{Error, Result};

const FILE: &str = "plex_linker.key";
/// Bytes; it is written with twice as many hexadecimal digits.
const LENGTH: usize = 16;

impl Config {
    /// The key that the web side asks for: `PLEX_LINKER_API_KEY`, else the one in the state folder, which is made if it is not
    /// there. `None`: everybody is let in.
    pub fn api_key(&self) -> Result<Option<Secret>> {
        if self.serve.open_to_all {
            return Ok(None);
        }
        match &self.serve.api_key {
            Some(key) => Ok(Some(key.clone())),
            None => {
                let file = self.kept(FILE);
                let unusable = |cause| {
                    let file = file.display();
                    Error::Disk(format!("cannot keep a key in {file}: {cause}: set PLEX_LINKER_API_KEY"))
                };
                kept(&file).map(|key| Some(Secret::new(key))).map_err(unusable)
            }
        }
    }
}

fn kept(file: &Path) -> io::Result<String> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        // one that could not be written whole would be no key for ever
        Ok(new) => make(new).inspect_err(|_| drop(fs::remove_file(file)))?,
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(cause),
    }
    read(file)
}

fn make(mut file: fs::File) -> io::Result<()> {
    let mut random = [0; LENGTH];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let key: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    file.write_all(format!("{key}\n").as_bytes())?;
    file.sync_all()
}

fn read(file: &Path) -> io::Result<String> {
    let key = fs::read_to_string(file)?.trim().to_string();
    match key.len() >= 2 * LENGTH && key.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(key),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "it holds no key: remove it to have a new one made")),
    }
}
