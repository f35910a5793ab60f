//! The Sonarrs and Radarrs, and what their folders are here.

use std::time::Duration;

use super::{App, Environment, Secret, folder, unknown, wrong};
use crate::{
    error::{Error, Result},
    model::{PathMap, Paths},
};

const FORM: &str = "each entry must be FOLDER-IN-THE-APP=FOLDER-HERE, the app's with a slash, a drive (D:/) or \\\\ at its start, \
                    with commas between entries";
/// Headers that are ours to set.
const OURS: &str = " accept accept-encoding connection content-length content-type host transfer-encoding x-api-key ";

impl Environment {
    /// The instances of one kind: the plain form is the first one, the numbered ones follow without a gap.
    pub fn apps(&self, kind: &str) -> Result<Vec<App>> {
        let mut apps = Vec::new();
        for index in 0.. {
            let named = |what: &str| {
                let numbered = format!("{kind}_{index}_{what}");
                let plain = format!("{kind}_{what}");
                if index == 0 && self.text(&numbered).is_none() { plain } else { numbered }
            };
            let variable = named("URL");
            let Some(url) = self.text(&variable) else { break };
            let numbered = |what: &str| format!("{kind}_{index}_{what}");
            let secret = |what: &str| -> Result<Option<String>> {
                let names = [numbered(what), format!("{kind}_{what}")];
                self.first_secret(&names[..if index == 0 { 2 } else { 1 }])
            };
            let Some(api_key) = secret("API_KEY")? else {
                return Err(Error::Config(format!(
                    "{variable} is set but {} is not: copy the key from the app's Settings, General",
                    numbered("API_KEY")
                )));
            };
            if !api_key.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::Config(format!(
                    "{} has a blank or a character that no key has: copy it again",
                    numbered("API_KEY")
                )));
            }
            let api_path = self.text(&named("API_PATH")).unwrap_or_else(|| "/api/v3".into());
            let api_path = format!("/{}", api_path.trim_matches('/'));
            let prefix = format!("{kind}_ROOT_PATH_PREFIX");
            let name = kind.to_lowercase();
            let public = named("PUBLIC_URL");
            let url = app_url(&variable, &url, &api_path)?;
            apps.push(App {
                name: if index == 0 { name } else { format!("{name} {index}") },
                public_url: self.text(&public).map_or(Ok(url.clone()), |text| app_url(&public, &text, &api_path))?,
                url,
                variable,
                api_path,
                api_key: Secret::new(api_key),
                headers: headers(&numbered("HEADERS"), &secret("HEADERS")?.unwrap_or_default())?,
                timeout: self.timeout(&named("TIMEOUT_SECONDS"))?,
                paths: Paths {
                    maps: path_maps(&named("PATH_MAP"), &self.text(&named("PATH_MAP")).unwrap_or_default())?,
                    prefix: self.text(&prefix).unwrap_or_else(|| "/".into()),
                },
            });
        }
        self.no_others(kind, apps.len())?;
        Ok(apps)
    }

    /// Of several names of one secret.
    pub fn first_secret(&self, names: &[String]) -> Result<Option<String>> {
        let mut found = None;
        for name in names {
            found = found.or(self.secret(name)?.filter(|text| !text.is_empty()));
        }
        Ok(found)
    }

    /// That nothing is set for an instance behind the last one: it would be silently void.
    fn no_others(&self, kind: &str, count: usize) -> Result<()> {
        let names = self.names().filter(|name| unknown::is_known(name) && self.text(name).is_some());
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

    fn timeout(&self, name: &str) -> Result<Duration> {
        const MUST: &str = "it must be a number of seconds from 1 to 3600";
        match self.parsed(name, MUST)? {
            None => Ok(Duration::from_secs(600)),
            Some(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
            Some(other) => wrong(name, &other.to_string(), MUST),
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
fn entries(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(',') {
        let behind = text[at + 1..].trim_start();
        if behind.is_empty() || behind.starts_with(',') || begins_a_folder(behind) {
            entries.push(&text[start..at]);
            start = at + 1;
        }
    }
    entries.push(&text[start..]);
    entries.into_iter().map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

fn path_map(name: &str, entry: &str) -> Result<PathMap> {
    if entry.split(['=', ',', ';']).any(|part| part.trim_start().starts_with(['"', '\''])) {
        return wrong(name, entry, "it has quotes in it, which would be part of a folder's name: take them away");
    }
    let mut semicolons = entry.match_indices(';').map(|(at, _)| entry[at + 1..].trim_start());
    if semicolons.any(|behind| behind.is_empty() || begins_a_folder(behind)) {
        return wrong(name, entry, "entries have commas between them, not semicolons");
    }
    // a folder here begins with a slash, so that either side may have an equals sign in a name
    let whole = entry.match_indices('=').filter(|(at, _)| entry[at + 1..].trim_start().starts_with('/'));
    let (app, local) = match whole.map(|(at, _)| at).collect::<Vec<_>>()[..] {
        [at] => (&entry[..at], &entry[at + 1..]),
        [] => entry.split_once('=').map_or_else(|| wrong(name, entry, FORM), Ok)?,
        _ => return wrong(name, entry, FORM),
    };
    let app = app.trim();
    if app.starts_with('\\') && !app.starts_with("\\\\") || has_drive(app) && !begins_a_folder(app) {
        let must = "a backslash of it got lost: write folders of Windows with slashes, such as D:/TV or //nas/TV";
        return wrong(name, entry, must);
    }
    if !begins_a_folder(app) {
        return wrong(name, entry, FORM);
    }
    Ok(PathMap { app: app.to_string(), local: folder(name, local.trim())? })
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
    let sound = |header: &str, value: &str| {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`~".contains(&b);
        let shown = |b: u8| b == b' ' || b.is_ascii_graphic();
        !header.is_empty() && header.bytes().all(token) && !value.is_empty() && value.bytes().all(shown)
    };
    let header = |pair: &str| {
        let (header, value) = pair.split_once(':').unwrap_or_default();
        let (header, value) = (header.trim(), value.trim());
        if OURS.contains(&format!(" {} ", header.to_ascii_lowercase())) {
            return Err(Error::Config(format!(
                "{name} has {header} in it, which plex-linker sets itself: take it out"
            )));
        }
        if !sound(header, value) {
            return Err(Error::Config(format!(
                "{name} cannot be used: it must be NAME: VALUE in ASCII, with | or a new line between several"
            )));
        }
        Ok((header.to_string(), Secret::new(value)))
    };
    text.split(['|', '\n']).map(str::trim).filter(|pair| !pair.is_empty()).map(header).collect()
}

/// The address of an app, without a slash or the path of its API at its end.
pub(super) fn app_url(variable: &str, text: &str, api_path: &str) -> Result<String> {
    let text = text.trim_end_matches('/');
    let text = text.strip_suffix(api_path).unwrap_or(text).trim_end_matches('/');
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.starts_with('/')) else {
        return wrong(variable, text, "it must begin with http:// or https:// and name a host");
    };
    let authority = rest.split('/').next().unwrap_or_default();
    // the value itself is not shown: it may hold a password
    if authority.contains('@') || rest.contains(['?', '#', ' ']) {
        let headers = if variable.contains("ARR_") { ", and who needs a password its HEADERS" } else { "" };
        return Err(Error::Config(format!(
            "{variable} has a user name, a question mark or a blank in it: give the plain address{headers}"
        )));
    }
    match host(text) {
        Some(_) => Ok(text.to_string()),
        None => wrong(variable, text, "its host or its port is none"),
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
