//! The Sonarrs and Radarrs, and what their folders are here.

use std::time::Duration;

use super::{Environment, Secret, folder, unknown::is_known, wrong};
use crate::{
    error::{Error, Result},
    model::{PathMap, Paths},
};

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

const FORM: &str = "each entry must be FOLDER-IN-THE-APP=FOLDER-HERE, the app's with a slash, a drive (D:/) or \\\\ at its start, \
                    with commas between entries";
/// Headers that are ours to set.
const OURS: &str = " accept accept-encoding connection content-length content-type host transfer-encoding x-api-key ";

impl Environment {
    /// The instances of one kind; they follow each other without a gap.
    pub fn apps(&self, kind: &str) -> Result<Vec<App>> {
        let mut apps = Vec::new();
        while let Some(app) = self.app(kind, apps.len())? {
            apps.push(app);
        }
        self.no_others(kind, apps.len())?;
        Ok(apps)
    }

    /// The plain form is the first one's, too.
    fn app(&self, kind: &str, index: usize) -> Result<Option<App>> {
        let numbered = |what: &str| format!("{kind}_{index}_{what}");
        let plain = |what: &str| format!("{kind}_{what}");
        let named = |what: &str| match numbered(what) {
            numbered if index > 0 || self.text(&numbered).is_some() => numbered,
            _ => plain(what),
        };
        let secret = |what: &str| match index {
            0 => self.first_secret(&[numbered(what), plain(what)]),
            _ => self.first_secret(&[numbered(what)]),
        };
        let variable = named("URL");
        let Some(url) = self.text(&variable) else { return Ok(None) };
        let key_name = numbered("API_KEY");
        let Some(api_key) = secret("API_KEY")? else {
            return Err(Error::Config(format!(
                "{variable} is set but {key_name} is not: copy the key from the app's Settings, General"
            )));
        };
        if !api_key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Config(format!("{key_name} has a blank or a character that no key has: copy it again")));
        }
        let api_path = format!("/{}", self.or_default(&named("API_PATH")).trim_matches('/'));
        let url = app_url(&variable, &url, &api_path)?;
        let public = named("PUBLIC_URL");
        let map = named("PATH_MAP");
        let seconds = |text: &str| text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
        let seconds = self.read(&named("TIMEOUT_SECONDS"), "it must be a number of seconds from 1 to 3600", seconds)?;
        let name = kind.to_lowercase();
        Ok(Some(App {
            name: if index == 0 { name } else { format!("{name} {index}") },
            public_url: self.text(&public).map_or(Ok(url.clone()), |text| app_url(&public, &text, &api_path))?,
            url,
            variable,
            api_path,
            api_key: Secret::new(api_key),
            headers: headers(&numbered("HEADERS"), &secret("HEADERS")?.unwrap_or_default())?,
            timeout: Duration::from_secs(seconds),
            paths: Paths {
                maps: path_maps(&map, &self.or_default(&map))?,
                prefix: self.or_default(&format!("{kind}_ROOT_PATH_PREFIX")),
            },
        }))
    }

    /// That nothing is set for an instance behind the last one: it would be silently void.
    fn no_others(&self, kind: &str, count: usize) -> Result<()> {
        let names = self.names().filter(|name| is_known(name) && self.text(name).is_some());
        let numbered = names.filter_map(|name| {
            let (number, _) = name.strip_prefix(kind)?.strip_prefix('_')?.split_once('_')?;
            Some((number.parse::<usize>().ok()?, name))
        });
        match numbered.filter(|(number, _)| *number >= count.max(1)).min() {
            Some((_, name)) => Err(Error::Config(format!(
                "{name} is set but {kind}_{count}_URL is not: number the instances from 0 without a gap"
            ))),
            None => Ok(()),
        }
    }
}

/// The maps of a variable that is called so, as its `text` has them.
pub fn path_maps(name: &str, text: &str) -> Result<Vec<PathMap>> {
    let mut maps: Vec<PathMap> = Vec::new();
    for entry in entries(text) {
        let map = path_map(name, entry)?;
        if maps.iter().any(|known| known.app == map.app) {
            return wrong(name, text, &format!("it has {} twice: only the first would count", map.app));
        }
        maps.push(map);
    }
    Ok(maps)
}

/// A comma is part of a folder's name unless a folder begins behind it.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices(',').map(|(at, _)| at).filter(|&at| {
        let behind = text[at + 1..].trim_start();
        behind.is_empty() || behind.starts_with(',') || begins_a_folder(behind)
    });
    let mut start = 0;
    let entries = ends.chain([text.len()]).map(move |end| {
        let entry = &text[start..end];
        start = end + 1;
        entry.trim()
    });
    entries.filter(|entry| !entry.is_empty())
}

fn path_map(name: &str, entry: &str) -> Result<PathMap> {
    // a folder here begins with a slash, so that either side may have an equals sign in a name
    let whole: Vec<_> =
        entry.match_indices('=').filter(|(at, _)| entry[at + 1..].trim_start().starts_with('/')).collect();
    let sides = match whole[..] {
        [(at, _)] => Some((entry[..at].trim(), entry[at + 1..].trim())),
        [] => entry.split_once('=').map(|(app, local)| (app.trim(), local.trim())),
        _ => None,
    };
    let mut after_semicolons = entry.split(';').skip(1).map(str::trim_start);
    let must = match sides {
        _ if entry.split(['=', ',', ';']).any(|part| part.trim_start().starts_with(['"', '\''])) => {
            "it has quotes in it, which would be part of a folder's name: take them away"
        }
        _ if after_semicolons.any(|behind| behind.is_empty() || begins_a_folder(behind)) => {
            "entries have commas between them, not semicolons"
        }
        Some((app, local)) if begins_a_folder(app) => {
            return Ok(PathMap { app: app.into(), local: folder(name, local)? });
        }
        Some((app, _)) if app.starts_with('\\') || has_drive(app) => {
            "a backslash of it got lost: write folders of Windows with slashes, such as D:/TV or //nas/TV"
        }
        _ => FORM,
    };
    wrong(name, entry, must)
}

fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// With a slash, a drive, or the two backslashes of a Windows share.
fn begins_a_folder(text: &str) -> bool {
    let drive = has_drive(text) && matches!(text.as_bytes().get(2), None | Some(b'/' | b'\\' | b'='));
    text.starts_with('/') || text.starts_with("\\\\") || drive
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

/// The address of an app, without a slash or the path of its API at its end.
pub(super) fn app_url(variable: &str, text: &str, api_path: &str) -> Result<String> {
    let text = text.trim_end_matches('/');
    let text = text.strip_suffix(api_path).unwrap_or(text).trim_end_matches('/');
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    // the value itself is not shown: it may hold a password
    if rest.split('/').next().is_some_and(|authority| authority.contains('@')) || rest.contains(['?', '#', ' ']) {
        let headers = if variable.contains("ARR_") { ", and who needs a password its HEADERS" } else { "" };
        return Err(Error::Config(format!(
            "{variable} has a user name, a question mark or a blank in it: give the plain address{headers}"
        )));
    }
    match host(text) {
        Some(_) => Ok(text.to_string()),
        None => wrong(variable, text, "it must begin with http:// or https:// and name a host, if need be with a port"),
    }
}

/// Host and port of an address, without a user's name and password; `None` if it has none that can be used.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let (name, port) = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).unwrap_or((host, "80"));
    // ureq would take the usual port for one that it cannot read
    Some(host).filter(|_| !name.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests;
