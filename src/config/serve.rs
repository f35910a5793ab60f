//! What only the daemon needs to know.

use std::net::{IpAddr, Ipv6Addr};

use super::{Environment, Secret, apps::app_url, wrong};
use crate::error::{Error, Result};

const PUBLIC_URL: &str = "PLEX_LINKER_PUBLIC_URL";

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

/// An address to listen at, or what it must be.
pub fn address(text: &str) -> std::result::Result<IpAddr, &'static str> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().map_err(|_| "it must be an IP address such as [::], 0.0.0.0 or 127.0.0.1")
}

impl Environment {
    pub fn serve(&self) -> Result<Serve> {
        Ok(Serve {
            host: self.host()?,
            port: self.parsed("PLEX_LINKER_PORT", "it must be a number up to 65535")?.unwrap_or(8080),
            interval_minutes: self
                .parsed("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "it must be a number of minutes")?
                .unwrap_or(15),
            open_to_all: self.choice("PLEX_LINKER_AUTH", &[("key", false), ("none", true)])?.unwrap_or(false),
            api_key: self.own_key()?,
            allowed_hosts: self.allowed_hosts()?,
            url_base: self.url_base()?,
            public_url: self.text(PUBLIC_URL).map(|text| app_url(PUBLIC_URL, &text, "/api/webhook")).transpose()?,
        })
    }

    fn host(&self) -> Result<IpAddr> {
        const NAME: &str = "PLEX_LINKER_HOST";
        let Some(text) = self.text(NAME) else { return Ok(IpAddr::from(Ipv6Addr::UNSPECIFIED)) };
        address(&text).or_else(|must| wrong(NAME, &text, must))
    }

    fn own_key(&self) -> Result<Option<Secret>> {
        const SHORTEST: usize = 8;
        let Some(key) = self.secret("PLEX_LINKER_API_KEY")?.filter(|key| !key.is_empty()) else { return Ok(None) };
        if key.len() < SHORTEST || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Config(format!(
                "PLEX_LINKER_API_KEY must have at least {SHORTEST} characters and no blanks: \"openssl rand -hex 16\" makes a good one"
            )));
        }
        Ok(Some(Secret::new(key)))
    }

    fn allowed_hosts(&self) -> Result<Vec<String>> {
        const NAME: &str = "PLEX_LINKER_ALLOWED_HOSTS";
        let text = self.text(NAME).unwrap_or_default().to_lowercase();
        let name = |name: &str| match name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            true => Ok(name.to_string()),
            false => wrong(NAME, name, "it must be names such as plex-linker.example.org, with commas between them"),
        };
        text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(name).collect()
    }

    fn url_base(&self) -> Result<String> {
        const NAME: &str = "PLEX_LINKER_URL_BASE";
        let Some(text) = self.text(NAME) else { return Ok(String::new()) };
        let path = text.trim_matches('/');
        let sound = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
                && !part.bytes().all(|b| b == b'.')
        };
        match path {
            "" => Ok(String::new()),
            _ if path.split('/').all(sound) => Ok(format!("/{path}")),
            _ => wrong(NAME, &text, "it must be a path such as /plex-linker, of letters, digits and -_.~"),
        }
    }
}
