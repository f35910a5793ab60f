//! Whether the apps answer, and are what they are said to be.

use std::ops::Deref;

use super::Findings;
use crate::{
    arr::{Connection, Patience, Radarr, Sonarr, Status},
    config::{App, Config, Kind, RADARR, SONARR},
    error::{Error, Result},
    model::{Instance, Naming},
};

/// An app that answered as it should.
pub struct Answering<'a> {
    pub app: &'a App,
    pub arr: Arr,
    pub status: Status,
    /// How a Sonarr names what it imports, as far as it was asked and said so.
    pub naming: Option<Naming>,
}

pub enum Arr {
    Sonarr(Box<Sonarr>),
    Radarr(Box<Radarr>),
}

impl Deref for Arr {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Arr::Sonarr(sonarr) => sonarr,
            Arr::Radarr(radarr) => radarr,
        }
    }
}

impl<'a> Answering<'a> {
    pub fn new(app: &'a App, instance: Instance, connection: Connection, status: Status) -> Answering<'a> {
        let arr = match app.kind {
            SONARR => Arr::Sonarr(Sonarr::new(connection, instance).into()),
            _ => Arr::Radarr(Radarr::new(connection, instance).into()),
        };
        Answering { app, arr, status, naming: None }
    }
}

/// Before this one Sonarr took the length of a link's text for the size of the film (*facts D.3*).
const FOLLOWS_LINKS: [u32; 4] = [4, 0, 10, 2656];

pub fn answering<'a>(config: &'a Config, found: &mut Findings) -> Vec<Answering<'a>> {
    let mut apps = Vec::new();
    for (Kind { name, stem, .. }, configured) in [(SONARR, &config.sonarr), (RADARR, &config.radarr)] {
        if configured.is_empty() {
            found.wrong(
                format!("{stem}_0_URL is not set"),
                format!("let it be where {name}'s page opens in a browser, and {stem}_0_API_KEY the key from its Settings, General"),
            );
        }
        for (instance, app) in configured.iter().enumerate() {
            if let Some((connection, status)) = asked_for_its_name(app, config, found) {
                look_at_version(app, &status, found);
                apps.push(Answering::new(app, instance, connection, status));
            }
        }
    }
    apps
}

/// Its state, if it is this one that answers.
pub fn status(app: &App, connection: &Connection) -> Result<Status> {
    let (App { url, variable, .. }, name) = (app, app.kind.name);
    let status = connection.status()?;
    match status.app_name.as_str() {
        theirs if theirs == name => Ok(status),
        "" => Err(Error::App(format!("what answers at {url} is not {name}"))),
        other => Err(Error::App(format!("{variable} leads to {other}, not to {name}"))),
    }
}

/// `None` if it is not the app that it should be.
fn asked_for_its_name(app: &App, config: &Config, found: &mut Findings) -> Option<(Connection, Status)> {
    let (App { variable, url, .. }, name) = (app, app.kind.name);
    let arr = Connection::new(app, config.ca_file.as_deref(), Patience::short());
    let arr = arr.map_err(|problem| found.wrong(problem.to_string(), "mend or unset PLEX_LINKER_CA_FILE")).ok()?;
    let problem = match status(app, &arr) {
        Ok(status) => {
            found.ok(format!("{} answers at {url}: version {}", app.name, status.version));
            return Some((arr, status));
        }
        Err(problem) => problem.to_string(),
    };
    let other = if arr.refused_the_key() { swapped(app, config) } else { None };
    found.wrong(
        other.map_or(problem, |other| format!("{variable} leads to {other}, not to {name}")),
        format!("open {url} in a browser: {name}'s page must come, and its key is in Settings, General"),
    );
    None
}

/// The other app, if it is at this address. Two addresses that are swapped refuse both keys: only then the key of one is shown to what
/// should be the other.
fn swapped(app: &App, config: &Config) -> Option<&'static str> {
    let ask = |app: &App| Connection::new(app, config.ca_file.as_deref(), Patience::short());
    let refuses = |app: &&App| ask(app).is_ok_and(|arr| arr.status().is_err() && arr.refused_the_key());
    let others = config.apps().filter(|other| other.kind != app.kind);
    let mut names = others.filter(refuses).filter_map(|other| {
        let arr = ask(&App { api_key: other.api_key.clone(), ..app.clone() }).ok()?;
        (arr.status().ok()?.app_name == other.kind.name).then_some(other.kind.name)
    });
    names.next()
}

fn look_at_version(app: &App, Status { version, is_windows, .. }: &Status, found: &mut Findings) {
    let name = &app.name;
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    // Radarr never follows a link
    let is_sonarr = app.kind == SONARR;
    if numbers.first().is_some_and(|major| *major < 3) {
        found.wrong(
            format!("{name} is version {version}, which is too old"),
            format!("update {} to version 4 or later", app.kind.name),
        );
    } else if is_sonarr && !numbers.is_empty() && numbers.as_slice() < FOLLOWS_LINKS.as_slice() {
        found.warning(
            format!("{name} is version {version}, which does not notice when the film behind a link is replaced"),
            "update Sonarr to version 4.0.10 or later",
        );
    }
    if *is_windows && is_sonarr {
        found.warning(
            format!("{name} runs on Windows, where links made on this machine mostly lead nowhere"),
            "run Sonarr on the machine that holds the files",
        );
    }
}
