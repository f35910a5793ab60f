//! What only the daemon needs to know.

use std::net::IpAddr;

use super::{Environment, Secret, address::app_url, wrong};
use crate::error::{Error, Result};

#[derive(Debug, Clone)]
pub struct Serve {
    pub host: IpAddr,
    pub port: u16,
    /// Minutes between two runs; 0: only those that are asked for.
    pub interval_minutes: u32,
    /// Everybody is let in.
    pub open_to_all: bool,
    /// `None`: the key that is kept in the state folder.
    pub api_key: Option<Secret>,
    /// In lower case.
    pub allowed_hosts: Vec<String>,
    /// Empty, or beginning with a slash and not ending with one.
    pub url_base: String,
    /// Where the apps reach us, without a slash at its end; `None`: to be found out.
    pub public_url: Option<String>,
}

/// Where the apps tell us of changes, below our address.
pub const WEBHOOK: &str = "/api/webhook";

impl Environment {
    pub fn serve(&self) -> Result<Serve> {
        const PUBLIC_URL: &str = "PLEX_LINKER_PUBLIC_URL";
        let address = |text: &str| {
            let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
            bare.parse().ok()
        };
        let must = "it must be an IP address such as [::], 0.0.0.0 or 127.0.0.1";
        Ok(Serve {
            host: self.read("PLEX_LINKER_HOST", must, address)?,
            port: self.parsed("PLEX_LINKER_PORT", "it must be a number up to 65535")?,
            interval_minutes: self.parsed("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "it must be a number of minutes")?,
            open_to_all: self.choice("PLEX_LINKER_AUTH", &[("key", false), ("none", true)])?,
            api_key: self.own_key()?,
            allowed_hosts: self.allowed_hosts()?,
            url_base: self.url_base()?,
            public_url: self.text(PUBLIC_URL).map(|text| app_url(PUBLIC_URL, &text, WEBHOOK)).transpose()?,
        })
    }

    fn own_key(&self) -> Result<Option<Secret>> {
        const SHORTEST: usize = 8;
        match self.secret("PLEX_LINKER_API_KEY")?.filter(|key| !key.is_empty()) {
            Some(key) if key.len() < SHORTEST || !key.bytes().all(|b| b.is_ascii_graphic()) => {
                Err(Error::Config(format!(
                    "PLEX_LINKER_API_KEY must have at least {SHORTEST} characters and no blanks: \"openssl rand -hex 16\" makes a good one"
                )))
            }
            key => Ok(key.map(Secret::new)),
        }
    }

    fn allowed_hosts(&self) -> Result<Vec<String>> {
        const NAME: &str = "PLEX_LINKER_ALLOWED_HOSTS";
        let text = self.or_default(NAME).to_lowercase();
        let name = |name: &str| match name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            true => Ok(name.to_string()),
            false => wrong(NAME, name, "it must be names such as plex-linker.example.org, with commas between them"),
        };
        text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(name).collect()
    }

    fn url_base(&self) -> Result<String> {
        let must = "it must be a path such as /plex-linker, of letters, digits and -_.~";
        let sound = |part: &str| {
            let dots = part.bytes().all(|b| b == b'.'); // also none at all
            !dots && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
        };
        self.read("PLEX_LINKER_URL_BASE", must, |text| match text.trim_matches('/') {
            "" => Some(String::new()),
            path => path.split('/').all(sound).then(|| format!("/{path}")),
        })
    }
}
