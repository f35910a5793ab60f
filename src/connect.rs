//! The webhooks by which Radarr and Sonarr tell us of changes: made, mended, tried and taken away.

use std::{
    net::{IpAddr, Ipv4Addr, ToSocketAddrs, UdpSocket},
    time::Duration,
};

use crate::{
    arr::{Connection, Elsewhere, HookStep, Patience, Wanted, Webhook},
    config::{Address, App, Config, Secret},
    error::{Error, Result},
};

/// What an import of a link in Sonarr would tell is what we have done ourselves.
const SONARR_EVENTS: [&str; 4] = ["onRename", "onSeriesAdd", "onSeriesDelete", "onEpisodeFileDelete"];
const RADARR_EVENTS: [&str; 6] =
    ["onDownload", "onUpgrade", "onRename", "onMovieAdded", "onMovieDelete", "onMovieFileDelete"];

const PUBLIC_URL: &str = "PLEX_LINKER_PUBLIC_URL";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Connect,
    Remove,
    /// What connecting would send; nothing is sent.
    ShowConnect,
    ShowRemove,
}

/// What came of it for one app, by its name.
pub type Done = (String, Result<String>);

/// How an app's webhook is.
pub enum Found {
    /// To that address there is none.
    Missing(String),
    Works(String),
    /// Why it does not.
    Broken(String),
}

pub fn connect(config: &Config, wish: Wish) -> Vec<Done> {
    apps(config).map(|(app, events)| (app.name.clone(), connect_one(config, app, events, wish))).collect()
}

/// Looks at the webhook of one app, and lets the app try it if nothing else is wrong with it.
pub fn look(config: &Config, app: &App) -> Result<Found> {
    let Some((_, events)) = apps(config).find(|(other, _)| other.name == app.name) else {
        return Err(Error::App(format!("{} is not configured", app.name)));
    };
    let key = config.api_key()?;
    let wanted = wanted(config, app, key.as_ref(), events)?;
    let connection = connection(config, app)?;
    let Some(hook) = ours(&connection, &wanted)?.into_iter().next() else { return Ok(Found::Missing(wanted.url)) };
    if let [fault, ..] = &hook.faults(&wanted)[..] {
        return Ok(Found::Broken(format!("{}'s webhook {fault}", app.name)));
    }
    match connection.hook(&HookStep::Try(hook)) {
        Ok(()) => Ok(Found::Works(wanted.url)),
        Err(problem) => Ok(Found::Broken(problem.to_string())),
    }
}

/// Whether it is us that answers at the address where an app would reach us.
pub fn is_served(config: &Config, app: &App) -> bool {
    let health = || -> Result<()> {
        let url = public_url(config, app)?;
        let address = Address { variable: PUBLIC_URL, shown: url.clone(), url: Secret::new(format!("{url}/health")) };
        Elsewhere::new(&address, config.ca_file.as_deref())?.ping(true, "")
    };
    health().is_ok()
}

fn apps(config: &Config) -> impl Iterator<Item = (&App, &'static [&'static str])> {
    let sonarr = config.sonarr.iter().map(|app| (app, &SONARR_EVENTS[..]));
    config.radarr.iter().map(|app| (app, &RADARR_EVENTS[..])).chain(sonarr)
}

fn connect_one(config: &Config, app: &App, events: &'static [&'static str], wish: Wish) -> Result<String> {
    let key = config.api_key()?;
    let wanted = wanted(config, app, key.as_ref(), events)?;
    let connection = connection(config, app)?;
    let there = ours(&connection, &wanted)?;
    let steps = match (wish, there.first()) {
        (Wish::Remove | Wish::ShowRemove, _) => there.into_iter().map(HookStep::Remove).collect(),
        (_, None) => vec![HookStep::Make(connection.webhook_form()?.mended(&wanted))],
        (_, Some(hook)) if hook.faults(&wanted).is_empty() => vec![HookStep::Try(hook.clone())],
        (_, Some(hook)) => vec![HookStep::Mend(hook.clone().mended(&wanted))],
    };
    let url = &wanted.url;
    let Some(first) = steps.first() else {
        return Ok("has no webhook of plex-linker: nothing is to be removed".into());
    };
    if matches!(wish, Wish::ShowConnect | Wish::ShowRemove) {
        let shown: Vec<_> = steps.iter().map(HookStep::to_string).collect();
        return Ok(format!("would be sent: {}", shown.join("\n")));
    }
    let mend = |problem: Error| {
        let text = match &key {
            Some(key) => problem.to_string().replace(key.expose(), "(key)"),
            None => problem.to_string(),
        };
        Error::App(format!(
            "{text}: is \"plex-linker serve\" running, and is that where it is reached from there? {PUBLIC_URL} says another address"
        ))
    };
    match first {
        HookStep::Make(_) => {
            connection.hook(first).map_err(mend)?;
            Ok(format!("has a webhook to {url} now, and it works"))
        }
        // the key is hidden in what the app tells: it may be an old one
        HookStep::Try(hook) if connection.hook(first).is_err() => {
            connection.hook(&HookStep::Mend(hook.clone().mended(&wanted))).map_err(mend)?;
            Ok(format!("has the webhook to {url} mended, and it works now"))
        }
        HookStep::Try(_) => Ok(format!("has the webhook to {url} already, and it works")),
        HookStep::Mend(_) => {
            connection.hook(first).map_err(mend)?;
            Ok(format!("has the webhook to {url} mended, and it works now"))
        }
        HookStep::Remove(_) => {
            steps.iter().try_for_each(|step| connection.hook(step))?;
            Ok("has no webhook of plex-linker any more".into())
        }
    }
}

fn ours(connection: &Connection, wanted: &Wanted) -> Result<Vec<Webhook>> {
    let mut ours = connection.webhooks()?;
    ours.retain(|hook| hook.is_ours(wanted));
    // one for this address goes before one for an older address
    ours.sort_by_key(|hook| hook.url() != wanted.url);
    Ok(ours)
}

fn wanted<'a>(
    config: &Config,
    app: &App,
    key: Option<&'a Secret>,
    events: &'static [&'static str],
) -> Result<Wanted<'a>> {
    Ok(Wanted { url: format!("{}/api/webhook", public_url(config, app)?), key, events })
}

/// Webhooks are of API v3, which newer apps have, too (*observed 1*). A webhook is tried before the answer comes, and no second one
/// is to be made because the first answer was lost.
fn connection(config: &Config, app: &App) -> Result<Connection> {
    let api_path = app.api_path.strip_suffix("/v5").map_or(app.api_path.clone(), |path| format!("{path}/v3"));
    let patience = Patience { answer: Duration::from_secs(30), failing: Duration::ZERO, ..Patience::default() };
    Connection::new(&App { api_path, ..app.clone() }, config.ca_file.as_deref(), patience)
}

/// Where this app reaches us: the address that the user gives, else this machine as the app's host sees it.
fn public_url(config: &Config, app: &App) -> Result<String> {
    let serve = &config.serve;
    if let Some(url) = &serve.public_url {
        return Ok(url.clone());
    }
    let unknown = |cause: String| {
        Error::Config(format!("where {} reaches plex-linker is not known ({cause}): set {PUBLIC_URL}", app.name))
    };
    let theirs = host_and_port(&app.url)
        .to_socket_addrs()
        .map_err(|cause| unknown(cause.to_string()))?
        .next()
        .ok_or_else(|| unknown("it has no address".into()))?;
    let host = match serve.host {
        _ if theirs.ip().is_loopback() && (serve.host.is_unspecified() || serve.host.is_loopback()) => {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        }
        host if host.is_unspecified() => {
            // nothing is sent: only the way there is looked up
            let from: IpAddr = if theirs.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { serve.host };
            let socket = UdpSocket::bind((from, 0)).and_then(|socket| socket.connect(theirs).map(|()| socket));
            let own = socket.and_then(|socket| socket.local_addr());
            own.map_err(|cause| unknown(cause.to_string()))?.ip()
        }
        host if host.is_loopback() => return Err(unknown("PLEX_LINKER_HOST is for this machine alone".into())),
        host => host,
    };
    let host = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
    Ok(format!("http://{host}:{}{}", serve.port, serve.url_base))
}

/// Of an address that was looked at when it was read.
fn host_and_port(url: &str) -> String {
    let usual = if url.starts_with("https:") { 443 } else { 80 };
    let authority = url.split('/').nth(2).unwrap_or_default();
    match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some(_) => authority.into(),
        None => format!("{authority}:{usual}"),
    }
}
