//! The webhooks by which Radarr and Sonarr tell us of changes: made, mended, tried and taken away.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use crate::{
    arr::{Connection, HookStep, Patience, Wanted, Webhook, elsewhere},
    config::{Address, App, Config, Secret},
    error::{Error, Result},
    hosts,
};

/// What an import of a link in Sonarr would tell is what we have done ourselves.
const SONARR_EVENTS: [&str; 4] = ["onRename", "onSeriesAdd", "onSeriesDelete", "onEpisodeFileDelete"];
const RADARR_EVENTS: [&str; 6] =
    ["onDownload", "onUpgrade", "onRename", "onMovieAdded", "onMovieDelete", "onMovieFileDelete"];

const PUBLIC_URL: &str = "PLEX_LINKER_PUBLIC_URL";
/// An address that nobody has (RFC 5737).
const SOMEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// That webhooks are made, mended and tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// That they are taken away instead.
    pub remove: bool,
    /// That what would be sent is shown, and nothing is sent.
    pub show: bool,
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

pub fn connect(config: &Config, wish: Wish) -> Result<Vec<Done>> {
    let done: Vec<Done> =
        apps(config).map(|(app, events)| (app.name.clone(), connect_one(config, app, events, wish))).collect();
    if done.is_empty() { Err(Error::Config("SONARR_0_URL and RADARR_0_URL are not set".into())) } else { Ok(done) }
}

/// Looks at the webhook of one app, and lets the app try it if nothing else is wrong with it.
pub fn look(config: &Config, app: &App) -> Result<Found> {
    let events = apps(config).find(|(other, _)| other.name == app.name).map_or(&[][..], |(_, events)| events);
    let desk = Desk::open(config, app, events)?;
    let (Some(hook), [url, ..]) = (desk.there.first(), &desk.urls[..]) else {
        return Ok(Found::Missing(desk.urls.into_iter().next().unwrap_or_default()));
    };
    if let [fault, ..] = &hook.faults(&desk.wanted(url))[..] {
        return Ok(Found::Broken(format!("{}'s webhook {fault}", app.name)));
    }
    match desk.carry_out(&HookStep::Try(hook.clone())) {
        Ok(()) => Ok(Found::Works(url.clone())),
        Err(problem) => Ok(Found::Broken(problem.to_string())),
    }
}

/// Whether it is us that answers at the address where an app would reach us.
pub fn is_served(config: &Config, app: &App) -> bool {
    let health = |url: &String| -> Result<()> {
        let address = Address { variable: PUBLIC_URL, shown: url.clone(), url: Secret::new(format!("{url}/health")) };
        elsewhere::ping(&address, config.ca_file.as_deref(), true, "")
    };
    public_urls(config, app).is_ok_and(|urls| urls.iter().any(|url| health(url).is_ok()))
}

fn apps(config: &Config) -> impl Iterator<Item = (&App, &'static [&'static str])> {
    let sonarr = config.sonarr.iter().map(|app| (app, &SONARR_EVENTS[..]));
    config.radarr.iter().map(|app| (app, &RADARR_EVENTS[..])).chain(sonarr)
}

/// One app, and what is known of its webhook.
struct Desk {
    connection: Connection,
    key: Option<Secret>,
    events: &'static [&'static str],
    /// Where webhooks may lead, the likeliest first.
    urls: Vec<String>,
    /// Ours, as the app has them.
    there: Vec<Webhook>,
}

impl Desk {
    fn open(config: &Config, app: &App, events: &'static [&'static str]) -> Result<Desk> {
        let mut urls: Vec<_> = public_urls(config, app)?.into_iter().map(|url| format!("{url}/api/webhook")).collect();
        let connection = connection(config, app)?;
        let mut there = connection.webhooks()?;
        there.retain(|hook| hook.is_named_ours() || urls.iter().any(|url| hook.leads_to(url)));
        // what is there and may be right goes first
        there.sort_by_key(|hook| !urls.iter().any(|url| hook.leads_to(url)));
        urls.sort_by_key(|url| !there.first().is_some_and(|hook| hook.leads_to(url)));
        Ok(Desk { connection, key: config.api_key()?, events, urls, there })
    }

    fn wanted<'a>(&'a self, url: &'a str) -> Wanted<'a> {
        Wanted { url, key: self.key.as_ref(), events: self.events }
    }

    /// How it comes about that a webhook leads to this address.
    fn step(&self, url: &str) -> Result<HookStep> {
        let wanted = self.wanted(url);
        Ok(match self.there.first() {
            None => HookStep::Make(self.connection.webhook_form()?.mended(&wanted)),
            Some(hook) if hook.faults(&wanted).is_empty() => HookStep::Try(hook.clone()),
            Some(hook) => HookStep::Mend(hook.clone().mended(&wanted)),
        })
    }

    fn connect(&self, url: &str) -> Result<String> {
        let step = self.step(url)?;
        let what = match &step {
            HookStep::Make(_) => "is made",
            HookStep::Try(_) => "was there already",
            _ => "is mended",
        };
        let done = self.carry_out(&step);
        match step {
            // the key is hidden in what the app tells: it may be an old one
            HookStep::Try(hook) if done.is_err() => {
                self.carry_out(&HookStep::Mend(hook.mended(&self.wanted(url))))?;
                Ok(format!("the webhook to {url} is mended, and it works"))
            }
            _ => done.map(|()| format!("the webhook to {url} {what}, and it works")),
        }
    }

    /// What the app says may tell what it was told.
    fn carry_out(&self, step: &HookStep) -> Result<()> {
        self.connection.hook(step).map_err(|problem| match &self.key {
            Some(key) => Error::App(problem.to_string().replace(key.expose(), "(key)")),
            None => problem,
        })
    }
}

fn connect_one(config: &Config, app: &App, events: &'static [&'static str], wish: Wish) -> Result<String> {
    let desk = Desk::open(config, app, events)?;
    if wish.remove {
        let removals: Vec<_> = desk.there.iter().cloned().map(HookStep::Remove).collect();
        return match (removals.is_empty(), wish.show) {
            (true, _) => Ok("there is no webhook of plex-linker: nothing is to be removed".into()),
            (false, true) => Ok(shown(&removals)),
            (false, false) => removals
                .iter()
                .try_for_each(|step| desk.carry_out(step))
                .map(|()| "there is no webhook of plex-linker any more".into()),
        };
    }
    let [url, others @ ..] = &desk.urls[..] else { return Err(Error::App("there is no address".into())) };
    if wish.show {
        return Ok(shown(&[desk.step(url)?]));
    }
    let at_another = |problem| others.iter().find_map(|url| desk.connect(url).ok()).ok_or(problem);
    desk.connect(url).or_else(at_another).map_err(|problem| {
        Error::App(format!(
            "{problem}: is \"plex-linker serve\" running, and is that where it is reached from there? {PUBLIC_URL} says another address"
        ))
    })
}

fn shown(steps: &[HookStep]) -> String {
    let steps: Vec<_> = steps.iter().map(HookStep::to_string).collect();
    format!("would be sent: {}", steps.join("\n"))
}

/// Webhooks are of API v3, which newer apps have, too (*observed 1*). A webhook is tried before the answer comes, and no second one
/// is to be made because the first answer was lost.
fn connection(config: &Config, app: &App) -> Result<Connection> {
    let api_path = app.api_path.strip_suffix("/v5").map_or(app.api_path.clone(), |path| format!("{path}/v3"));
    let patience = Patience { answer: Duration::from_secs(30), failing: Duration::ZERO, ..Patience::default() };
    Connection::new(&App { api_path, ..app.clone() }, config.ca_file.as_deref(), patience)
}

/// Where this app may reach us: the address that the user gives, else this machine as the app's host sees it. What answers on this
/// machine may be in a container, to which it has another address.
fn public_urls(config: &Config, app: &App) -> Result<Vec<String>> {
    let serve = &config.serve;
    if let Some(url) = &serve.public_url {
        return Ok(vec![url.clone()]);
    }
    let unknown = |cause: &str| {
        Error::Config(format!("where {} reaches plex-linker is not known ({cause}): set {PUBLIC_URL}", app.name))
    };
    let (host, port) = host_and_port(&app.url);
    let mut theirs = hosts::addresses(host, port).map_err(|cause| unknown(&cause.to_string()))?;
    theirs.sort_by_key(SocketAddr::is_ipv6);
    let here = theirs.first().ok_or_else(|| unknown("it has no address"))?;
    let hosts = match (serve.host, here.ip().is_loopback()) {
        (host, false) if host.is_loopback() => return Err(unknown("PLEX_LINKER_HOST is for this machine alone")),
        (host, _) if !host.is_unspecified() => vec![host],
        (_, true) => [Some(IpAddr::from(Ipv4Addr::LOCALHOST)), own_address(SOMEWHERE)].into_iter().flatten().collect(),
        (_, false) => vec![own_address(*here).ok_or_else(|| unknown("there is no way to it"))?],
    };
    let url = |host: IpAddr| format!("http://{}{}", SocketAddr::new(host, serve.port), serve.url_base);
    Ok(hosts.into_iter().map(url).collect())
}

/// Of this machine, on the way to that one; nothing is sent there.
fn own_address(there: SocketAddr) -> Option<IpAddr> {
    let from: IpAddr = if there.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((from, 0)).ok()?;
    socket.connect(there).ok()?;
    socket.local_addr().ok().map(|own| own.ip())
}

/// Of an address that was looked at when it was read.
fn host_and_port(url: &str) -> (&str, u16) {
    let usual = if url.starts_with("https:") { 443 } else { 80 };
    let authority = url.split('/').nth(2).unwrap_or_default();
    let named = authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = named.unwrap_or((authority, usual));
    (host.trim_matches(['[', ']']), port)
}
