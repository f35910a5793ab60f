//! The Sonarrs and Radarrs.

use std::time::Duration;

use super::{Environment, Secret, address::app_url, maps::path_maps, variables::is_known};
use crate::{
    error::{Error, Result},
    model::Paths,
};

/// Which of the two an app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub name: &'static str,
    /// What its variables begin with.
    pub stem: &'static str,
    /// What it keeps.
    pub what: &'static str,
    pub usual_port: u16,
}

pub const SONARR: Kind = Kind { name: "Sonarr", stem: "SONARR", what: "shows", usual_port: 8989 };
pub const RADARR: Kind = Kind { name: "Radarr", stem: "RADARR", what: "films", usual_port: 7878 };

/// One Sonarr or Radarr.
#[derive(Debug, Clone)]
pub struct App {
    pub kind: Kind,
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
        let (_, number) = self.name.split_once(' ').unwrap_or(("", "0"));
        format!("{}_{number}_PATH_MAP", self.kind.stem)
    }
}

/// Headers that are ours to set.
const OURS: &str = " accept accept-encoding connection content-length content-type host transfer-encoding x-api-key ";

impl Environment {
    /// The instances of one kind; they follow each other without a gap.
    pub fn apps(&self, kind: Kind) -> Result<Vec<App>> {
        let mut apps = Vec::new();
        while let Some(app) = self.app(kind, apps.len())? {
            apps.push(app);
        }
        self.no_others(kind.stem, apps.len())?;
        Ok(apps)
    }

    /// The plain form is the first one's, too.
    fn app(&self, kind: Kind, index: usize) -> Result<Option<App>> {
        let numbered = |what: &str| format!("{}_{index}_{what}", kind.stem);
        let variable = self.spelled(&numbered("URL"));
        let Some(url) = self.text(&variable) else { return Ok(None) };
        let key_name = numbered("API_KEY");
        let Some(api_key) = self.secret(&key_name)?.filter(|key| !key.is_empty()) else {
            return Err(Error::Config(format!(
                "{variable} is set but {key_name} is not: copy the key from the app's Settings, General"
            )));
        };
        if !api_key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Config(format!("{key_name} has a blank or a character that no key has: copy it again")));
        }
        let api_path = format!("/{}", self.or_default(&numbered("API_PATH")).trim_matches('/'));
        let url = app_url(&variable, &url, &api_path)?;
        let [public, map] = ["PUBLIC_URL", "PATH_MAP"].map(|what| self.spelled(&numbered(what)));
        let seconds = |text: &str| text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
        let seconds =
            self.read(&numbered("TIMEOUT_SECONDS"), "it must be a number of seconds from 1 to 3600", seconds)?;
        let name = kind.name.to_lowercase();
        Ok(Some(App {
            kind,
            name: if index == 0 { name } else { format!("{name} {index}") },
            public_url: self.text(&public).map_or(Ok(url.clone()), |text| app_url(&public, &text, &api_path))?,
            url,
            variable,
            api_path,
            api_key: Secret::new(api_key),
            headers: headers(&numbered("HEADERS"), &self.secret(&numbered("HEADERS"))?.unwrap_or_default())?,
            timeout: Duration::from_secs(seconds),
            paths: Paths {
                maps: path_maps(&map, &self.or_default(&map))?,
                prefix: self.or_default(&format!("{}_ROOT_PATH_PREFIX", kind.stem)),
            },
        }))
    }

    /// That nothing is set for an instance behind the last one: it would be silently void.
    fn no_others(&self, stem: &str, count: usize) -> Result<()> {
        let names = self.variables.keys().filter(|name| is_known(name) && self.is_set(name));
        let numbered = names.filter_map(|name| {
            let (number, _) = name.strip_prefix(stem)?.strip_prefix('_')?.split_once('_')?;
            Some((number.parse::<usize>().ok()?, name))
        });
        match numbered.filter(|(number, _)| *number >= count.max(1)).min() {
            Some((_, name)) => Err(Error::Config(format!(
                "{name} is set but {stem}_{count}_URL is not: number the instances from 0 without a gap"
            ))),
            None => Ok(()),
        }
    }
}

/// The value is never shown.
fn headers(name: &str, text: &str) -> Result<Vec<(String, Secret)>> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`~".contains(&b);
    let is_shown = |b: u8| b == b' ' || b.is_ascii_graphic();
    let header = |pair: &str| {
        let (header, value) = pair.split_once(':').unwrap_or_default();
        let (header, value) = (header.trim(), value.trim());
        let sound = header.bytes().all(is_token) && value.bytes().all(is_shown);
        if OURS.contains(&format!(" {} ", header.to_ascii_lowercase())) && !header.is_empty() {
            Err(Error::Config(format!("{name} has {header} in it, which plex-linker sets itself: take it out")))
        } else if header.is_empty() || value.is_empty() || !sound {
            Err(Error::Config(format!(
                "{name} cannot be used: it must be NAME: VALUE in ASCII, with | or a new line between several"
            )))
        } else {
            Ok((header.to_string(), Secret::new(value)))
        }
    };
    text.split(['|', '\n']).map(str::trim).filter(|pair| !pair.is_empty()).map(header).collect()
}

#[cfg(test)]
mod tests;
