//! The webhooks by which Radarr and Sonarr tell us of changes: made, mended, tried and taken away.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::Path,
    time::Duration,
};

use crate::{
    arr::{Connection, HookStep, Patience, Wanted, Webhook, elsewhere},
    config::{self, Address, App, Config, RADARR, Secret, WEBHOOK},
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
pub enum HookState {
    /// To that address there is none.
    Missing(String),
    Works(String),
    /// Why it does not.
    Broken(String),
}

pub fn connect(config: &Config, wish: Wish) -> Result<Vec<Done>> {
    let done: Vec<Done> = config.apps().map(|app| (app.name.clone(), connect_one(config, app, wish))).collect();
    if done.is_empty() { Err(Error::Config("SONARR_0_URL and RADARR_0_URL are not set".into())) } else { Ok(done) }
}

/// Looks at the webhook of one app, and lets the app try it if nothing else is wrong with it.
pub fn look(config: &Config, app: &App) -> Result<HookState> {
    let desk = Desk::open(config, app)?;
    let Some(hook) = desk.there.first() else { return Ok(HookState::Missing(desk.url.clone())) };
    if let [fault, ..] = &hook.faults(&desk.wanted(&desk.url))[..] {
        return Ok(HookState::Broken(format!("{}'s webhook {fault}", app.name)));
    }
    Ok(match desk.carry_out(HookStep::Try, hook) {
        Ok(()) => HookState::Works(desk.url.clone()),
        Err(problem) => HookState::Broken(problem.to_string()),
    })
}

/// Whether it is us that answers at the address where an app would reach us.
pub fn is_served(config: &Config, app: &App) -> bool {
    let is_well = |url: &String| health(url, PUBLIC_URL, config.ca_file.as_deref()).is_ok();
    public_urls(config, app).is_ok_and(|urls| urls.iter().any(is_well))
}

/// An error if no daemon is well at this address, which comes from a variable.
pub fn health(url: &str, variable: &'static str, ca_file: Option<&Path>) -> Result<()> {
    let address = Address { variable, shown: url.into(), url: Secret::new(format!("{url}/health")) };
    elsewhere::ping(&address, ca_file, true, "")
}

/// Where the apps reach us, as far as one address is for all: the last that would be tried is good for apps in containers, too.
pub fn address(config: &Config) -> Option<String> {
    let url = |app| public_urls(config, app).ok()?.pop();
    Some(config.apps().find_map(url)? + WEBHOOK)
}

/// One app, and what is known of its webhook.
struct Desk {
    connection: Connection,
    key: Option<Secret>,
    events: &'static [&'static str],
    /// Where webhooks most likely lead, and where else they may.
    url: String,
    other_urls: Vec<String>,
    /// Ours, as the app has them.
    there: Vec<Webhook>,
}

impl Desk {
    fn open(config: &Config, app: &App) -> Result<Desk> {
        let events = if app.kind == RADARR { &RADARR_EVENTS[..] } else { &SONARR_EVENTS[..] };
        let mut urls: Vec<_> = public_urls(config, app)?.into_iter().map(|url| url + WEBHOOK).collect();
        let connection = connection(config, app)?;
        let mut there = Vec::new();
        for hook in connection.webhooks()? {
            // by whatever name of this machine somebody made it
            let leads_here = leads_here(config, hook.url());
            if leads_here && config.serve.public_url.is_none() {
                urls.push(hook.url().trim_end_matches('/').into());
            }
            if leads_here || hook.is_named_ours() || urls.iter().any(|url| hook.leads_to(url)) {
                there.push(hook);
            }
        }
        // what is there and may be right goes first
        there.sort_by_key(|hook| !urls.iter().any(|url| hook.leads_to(url)));
        urls.sort_by_key(|url| !there.first().is_some_and(|hook| hook.leads_to(url)));
        let (url, other_urls) = (urls.remove(0), urls);
        Ok(Desk { connection, key: config.api_key()?, events, url, other_urls, there })
    }

    fn wanted<'a>(&'a self, url: &'a str) -> Wanted<'a> {
        Wanted { url, key: self.key.as_ref(), events: self.events }
    }

    /// How it comes about that a webhook leads to this address.
    fn step(&self, url: &str) -> Result<(HookStep, Webhook)> {
        let wanted = self.wanted(url);
        Ok(match self.there.first() {
            None => (HookStep::Make, self.connection.webhook_form()?.mended(&wanted)),
            Some(hook) if hook.faults(&wanted).is_empty() => (HookStep::Try, hook.clone()),
            Some(hook) => (HookStep::Mend, hook.clone().mended(&wanted)),
        })
    }

    fn connect(&self, url: &str) -> Result<String> {
        let (mut step, hook) = self.step(url)?;
        match (self.carry_out(step, &hook), step) {
            // the key is hidden in what the app tells: it may be an old one
            (Err(_), HookStep::Try) => {
                step = HookStep::Mend;
                self.carry_out(step, &hook.mended(&self.wanted(url)))
            }
            (done, _) => done,
        }?;
        let what = match step {
            HookStep::Make => "is made",
            HookStep::Try => "was there already",
            HookStep::Mend | HookStep::Remove => "is mended",
        };
        Ok(format!("the webhook to {url} {what}, and it works"))
    }

    /// What the app says may tell what it was told.
    fn carry_out(&self, step: HookStep, hook: &Webhook) -> Result<()> {
        self.connection.hook(step, hook).map_err(|problem| match &self.key {
            Some(key) => Error::App(problem.to_string().replace(key.expose(), "(key)")),
            None => problem,
        })
    }
}

fn connect_one(config: &Config, app: &App, wish: Wish) -> Result<String> {
    let desk = Desk::open(config, app)?;
    let shown = |steps: Vec<String>| Ok(format!("would be sent: {}", steps.join("\n")));
    match (wish.remove, wish.show) {
        (true, _) if desk.there.is_empty() => Ok("there is no webhook of plex-linker: nothing is to be removed".into()),
        (true, true) => shown(desk.there.iter().map(|hook| hook.shown(HookStep::Remove)).collect()),
        (true, false) => {
            desk.there.iter().try_for_each(|hook| desk.carry_out(HookStep::Remove, hook))?;
            Ok("there is no webhook of plex-linker any more".into())
        }
        (false, true) => desk.step(&desk.url).and_then(|(step, hook)| shown(vec![hook.shown(step)])),
        (false, false) => {
            let at_another = |problem| desk.other_urls.iter().find_map(|url| desk.connect(url).ok()).ok_or(problem);
            desk.connect(&desk.url).or_else(at_another).map_err(|problem| {
                Error::App(format!(
                    "{problem}: is \"plex-linker serve\" running, and is that where it is reached from there? {PUBLIC_URL} says another address"
                ))
            })
        }
    }
}

/// Webhooks are of API v3, which newer apps have, too (*observed 1*). A webhook is tried before the answer comes, and no second one
/// is to be made because the first answer was lost.
fn connection(config: &Config, app: &App) -> Result<Connection> {
    let api_path = app.api_path.strip_suffix("/v5").map_or(app.api_path.clone(), |path| format!("{path}/v3"));
    let patience = Patience { failing: Duration::ZERO, ..Patience::default() };
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

/// Whether an address is where this machine serves the page.
fn leads_here(config: &Config, url: &str) -> bool {
    let (host, port) = host_and_port(url);
    let path = url.splitn(4, '/').nth(3).unwrap_or_default().trim_end_matches('/');
    let is_own = |address: SocketAddr| UdpSocket::bind((address.ip(), 0)).is_ok();
    port == config.serve.port
        && format!("/{path}") == config.serve.url_base.clone() + WEBHOOK
        && hosts::addresses(host, port).is_ok_and(|found| found.into_iter().any(is_own))
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
    let (host, port) = config::host_and_port(authority).unwrap_or((authority, None));
    (host, port.and_then(|port| port.parse().ok()).unwrap_or(usual))
}
