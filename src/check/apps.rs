//! Whether the apps answer, and are what they are said to be.

use super::Findings;
use crate::{
    arr::{Connection, Patience, Radarr, Sonarr, Status},
    config::{App, Config},
    error::Result,
    model::Instance,
};

/// The apps that answered as they should.
#[derive(Default)]
pub struct Apps<'a> {
    pub sonarr: Vec<Answering<'a, Sonarr>>,
    pub radarr: Vec<Answering<'a, Radarr>>,
}

impl<'a> Apps<'a> {
    pub fn add(&mut self, app: &'a App, kind: Arr, connection: Connection, instance: Instance, status: Status) {
        match kind {
            Arr::Sonarr => self.sonarr.push(Answering { app, arr: Sonarr::new(connection, instance), status }),
            Arr::Radarr => self.radarr.push(Answering { app, arr: Radarr::new(connection, instance), status }),
        }
    }
}

pub struct Answering<'a, T> {
    pub app: &'a App,
    pub arr: T,
    pub status: Status,
}

/// Which of the two an app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arr {
    Sonarr,
    Radarr,
}

/// Before this one Sonarr took the length of a link's text for the size of the film (*facts D.3*).
const FOLLOWS_LINKS: [u32; 4] = [4, 0, 10, 2656];

pub fn answering<'a>(config: &'a Config, found: &mut Findings) -> Apps<'a> {
    let mut apps = Apps::default();
    for (kind, configured) in [(Arr::Sonarr, &config.sonarr), (Arr::Radarr, &config.radarr)] {
        if configured.is_empty() {
            let (name, stem) = (kind.name(), kind.variables());
            found.wrong(
                format!("{stem}_0_URL is not set"),
                format!("let it be where {name}'s page opens in a browser, and {stem}_0_API_KEY the key from its Settings, General"),
            );
        }
        for (instance, app) in configured.iter().enumerate() {
            let asked = Connection::new(app, config.ca_file.as_deref(), Patience::short());
            let Some((connection, status)) = asked_for_its_name(app, kind, asked, config, found) else { continue };
            look_at_version(app, &status, kind, found);
            apps.add(app, kind, connection, instance, status);
        }
    }
    apps
}

/// `None` if it is not the app that it should be.
fn asked_for_its_name(
    app: &App,
    kind: Arr,
    arr: Result<Connection>,
    config: &Config,
    found: &mut Findings,
) -> Option<(Connection, Status)> {
    let name = kind.name();
    let App { variable, url, .. } = app;
    let in_browser = format!("open {url} in a browser: {name}'s page must come, and its key is in Settings, General");
    let arr = arr.map_err(|problem| found.wrong(problem.to_string(), "mend or unset PLEX_LINKER_CA_FILE")).ok()?;
    match arr.status() {
        Ok(status) if status.app_name == name => {
            found.ok(format!("{} answers at {url}: version {}", app.name, status.version));
            return Some((arr, status));
        }
        Ok(status) if status.app_name.is_empty() => {
            found.wrong(format!("what answers at {url} is not {name}"), in_browser)
        }
        Ok(status) => {
            found.wrong(format!("{variable} leads to {}, not to {name}", status.app_name), kind.set_right(variable))
        }
        Err(_) if arr.refused_the_key() && takes_the_others_key(app, kind, config) => {
            found
                .wrong(format!("{variable} leads to {}, not to {name}", kind.other().name()), kind.set_right(variable));
        }
        Err(problem) => found.wrong(problem.to_string(), in_browser),
    }
    None
}

/// Two addresses that are swapped refuse both keys. Only then the key of one kind is shown to what should be the other.
fn takes_the_others_key(app: &App, kind: Arr, config: &Config) -> bool {
    let ca_file = config.ca_file.as_deref();
    let status = |app: &App| -> (Option<Status>, bool) {
        let Ok(arr) = Connection::new(app, ca_file, Patience::short()) else { return (None, false) };
        (arr.status().ok(), arr.refused_the_key())
    };
    let others = match kind {
        Arr::Sonarr => &config.radarr,
        Arr::Radarr => &config.sonarr,
    };
    let mut refused = others.iter().filter(|other| status(other).1);
    refused.any(|other| {
        let with_its_key = App { api_key: other.api_key.clone(), ..app.clone() };
        status(&with_its_key).0.is_some_and(|status| status.app_name == kind.other().name())
    })
}

fn look_at_version(app: &App, status: &Status, kind: Arr, found: &mut Findings) {
    let name = &app.name;
    let version: Vec<u32> = status.version.split('.').map_while(|part| part.parse().ok()).collect();
    if version.first().is_some_and(|major| *major < 3) {
        found.wrong(
            format!("{name} is version {}, which is too old", status.version),
            format!("update {} to version 4 or later", kind.name()),
        );
    } else if kind == Arr::Sonarr && !version.is_empty() && version.as_slice() < FOLLOWS_LINKS.as_slice() {
        found.warning(
            format!(
                "{name} is version {}, which does not notice when the film behind a link is replaced",
                status.version
            ),
            "update Sonarr to version 4.0.10 or later",
        );
    }
    // Radarr never follows a link
    if status.is_windows && kind == Arr::Sonarr {
        found.warning(
            format!("{name} runs on Windows, where links made on this machine mostly lead nowhere"),
            "run Sonarr on the machine that holds the files",
        );
    }
}

impl Arr {
    pub fn name(self) -> &'static str {
        match self {
            Arr::Sonarr => "Sonarr",
            Arr::Radarr => "Radarr",
        }
    }

    /// What its variables begin with.
    pub fn variables(self) -> String {
        self.name().to_uppercase()
    }

    pub fn usual_port(self) -> u16 {
        match self {
            Arr::Sonarr => 8989,
            Arr::Radarr => 7878,
        }
    }

    fn other(self) -> Arr {
        match self {
            Arr::Sonarr => Arr::Radarr,
            Arr::Radarr => Arr::Sonarr,
        }
    }

    fn set_right(self, variable: &str) -> String {
        let name = self.name();
        format!("let {variable} be {name}'s own address, and its key the one from {name}'s Settings, General")
    }
}
