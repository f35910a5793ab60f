//! Whether the apps answer, and are what they are said to be.

use super::Findings;
use crate::{
    arr::{Connection, Patience, Radarr, Sonarr, Status},
    config::{App, Config},
    error::{Error, Result},
    model::{Instance, Naming},
};

/// The apps that answered as they should.
#[derive(Default)]
pub struct Apps<'a> {
    pub sonarr: Vec<Answering<'a, Sonarr>>,
    pub radarr: Vec<Answering<'a, Radarr>>,
}

impl<'a> Apps<'a> {
    pub fn add(&mut self, app: &'a App, kind: Arr, connection: Connection, instance: Instance, status: Status) {
        if kind == SONARR {
            self.sonarr.push(Answering { app, arr: Sonarr::new(connection, instance), status, naming: None });
        } else {
            self.radarr.push(Answering { app, arr: Radarr::new(connection, instance), status, naming: None });
        }
    }
}

pub struct Answering<'a, T> {
    pub app: &'a App,
    pub arr: T,
    pub status: Status,
    /// How a Sonarr names what it imports, as far as it was asked and said so.
    pub naming: Option<Naming>,
}

/// Which of the two an app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arr {
    pub name: &'static str,
    /// What its variables begin with.
    pub stem: &'static str,
    pub usual_port: u16,
    /// What it keeps.
    pub what: &'static str,
}

pub const SONARR: Arr = Arr { name: "Sonarr", stem: "SONARR", usual_port: 8989, what: "shows" };
pub const RADARR: Arr = Arr { name: "Radarr", stem: "RADARR", usual_port: 7878, what: "films" };

/// Before this one Sonarr took the length of a link's text for the size of the film (*facts D.3*).
const FOLLOWS_LINKS: [u32; 4] = [4, 0, 10, 2656];

pub fn answering<'a>(config: &'a Config, found: &mut Findings) -> Apps<'a> {
    let mut apps = Apps::default();
    let both = [(SONARR, RADARR, &config.sonarr, &config.radarr), (RADARR, SONARR, &config.radarr, &config.sonarr)];
    for (kind, other, configured, others) in both {
        let Arr { name, stem, .. } = kind;
        if configured.is_empty() {
            found.wrong(
                format!("{stem}_0_URL is not set"),
                format!("let it be where {name}'s page opens in a browser, and {stem}_0_API_KEY the key from its Settings, General"),
            );
        }
        for (instance, app) in configured.iter().enumerate() {
            let swapped = || Some(other).filter(|other| takes_the_others_key(app, others, *other, config));
            if let Some((connection, status)) = asked_for_its_name(app, kind, config, swapped, found) {
                look_at_version(app, &status, kind, found);
                apps.add(app, kind, connection, instance, status);
            }
        }
    }
    apps
}

impl Arr {
    /// Its state, if it is this one that answers.
    pub fn answer(self, app: &App, connection: &Connection) -> Result<Status> {
        let (App { url, variable, .. }, Arr { name, .. }) = (app, self);
        let status = connection.status()?;
        match status.app_name.as_str() {
            theirs if theirs == name => Ok(status),
            "" => Err(Error::App(format!("what answers at {url} is not {name}"))),
            other => Err(Error::App(format!("{variable} leads to {other}, not to {name}"))),
        }
    }
}

/// `None` if it is not the app that it should be.
fn asked_for_its_name(
    app: &App,
    kind: Arr,
    config: &Config,
    swapped: impl Fn() -> Option<Arr>,
    found: &mut Findings,
) -> Option<(Connection, Status)> {
    let (App { variable, url, .. }, Arr { name, .. }) = (app, kind);
    let arr = Connection::new(app, config.ca_file.as_deref(), Patience::short());
    let arr = arr.map_err(|problem| found.wrong(problem.to_string(), "mend or unset PLEX_LINKER_CA_FILE")).ok()?;
    let problem = match kind.answer(app, &arr) {
        Ok(status) => {
            found.ok(format!("{} answers at {url}: version {}", app.name, status.version));
            return Some((arr, status));
        }
        Err(problem) => problem.to_string(),
    };
    let other = if arr.refused_the_key() { swapped() } else { None };
    found.wrong(
        other.map_or(problem, |other| format!("{variable} leads to {}, not to {name}", other.name)),
        format!("open {url} in a browser: {name}'s page must come, and its key is in Settings, General"),
    );
    None
}

/// Two addresses that are swapped refuse both keys. Only then the key of one kind is shown to what should be the other.
fn takes_the_others_key(app: &App, others: &[App], other: Arr, config: &Config) -> bool {
    let ask = |app: &App| Connection::new(app, config.ca_file.as_deref(), Patience::short());
    let refuses = |app: &&App| ask(app).is_ok_and(|arr| arr.status().is_err() && arr.refused_the_key());
    others.iter().filter(refuses).any(|refusing| {
        let arr = ask(&App { api_key: refusing.api_key.clone(), ..app.clone() });
        arr.and_then(|arr| arr.status()).is_ok_and(|status| status.app_name == other.name)
    })
}

fn look_at_version(app: &App, Status { version, is_windows, .. }: &Status, kind: Arr, found: &mut Findings) {
    let name = &app.name;
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    // Radarr never follows a link
    let is_sonarr = kind == SONARR;
    if numbers.first().is_some_and(|major| *major < 3) {
        found.wrong(
            format!("{name} is version {version}, which is too old"),
            format!("update {} to version 4 or later", kind.name),
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
