//! Who may: the key, the login's cookie, the host's name, and requests that other sites make a browser send.

use std::{collections::BTreeMap, net::IpAddr, sync::Mutex};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ring::hmac;
use subtle::ConstantTimeEq;

use super::{Refusal, Request, Result, pairs, value};
use crate::{
    config::{Secret, Serve, host_and_port},
    mutex::lock,
};

const COOKIE: &str = "plex_linker";
const COOKIE_SECONDS: i64 = 90 * 24 * 3600;

/// Names that only a home network has, besides those without a dot.
const LOCAL_DOMAINS: [&str; 4] = [".local", ".lan", ".home.arpa", ".internal"];

/// With one of these a proxy speaks for somebody else, so that its own address says nothing.
const FORWARDING: &str =
    "forwarded via x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip cf-connecting-ip true-client-ip";

pub struct Access {
    /// `None`: everybody is let in.
    key: Option<Secret>,
    allowed_hosts: Vec<String>,
    url_base: String,
    /// The settings tell of a proxy, for which being on this machine says nothing.
    behind_proxy: bool,
    /// What the log has been told, and until when it is not told again.
    told: Mutex<BTreeMap<String, i64>>,
}

/// As many warnings of a kind are remembered: whoever makes up host names or has many addresses fills no log.
const MOST_TOLD: usize = 16;

impl Access {
    pub fn new(serve: &Serve, key: Option<Secret>) -> Access {
        let Serve { allowed_hosts, url_base, public_url, .. } = serve.clone();
        let public_name = public_url.as_deref().and_then(|url| url.split('/').nth(2)).map(host_name);
        let elsewhere = public_name.is_some_and(|name| !is_loopback_name(&name));
        let behind_proxy = elsewhere || !url_base.is_empty() || !allowed_hosts.is_empty();
        Access { key, allowed_hosts, url_base, behind_proxy, told: Mutex::default() }
    }

    /// Refuses a request that a page of another site may have made this browser send by a name for our address that is that
    /// site's (DNS rebinding). A page that does so does not know the key.
    pub fn check_host(&self, request: &Request) -> Result<()> {
        let name = &host_name(request.header("host").unwrap_or_default());
        if !self.may_be_ours(name) && !self.shows_key(request) {
            let add = "add it to PLEX_LINKER_ALLOWED_HOSTS";
            let line = format!("refused a request to the host name {name:?}: if it is this machine's, {add}");
            self.warn(line, request.at, i64::MAX);
            return Err(Refusal::new(403, format!("the host name {name:?} is not known here: {add}")));
        }
        Ok(())
    }

    /// The same across sites. `judged`: it tells the key in its own way.
    pub fn check_origin(&self, request: &Request, judged: bool) -> Result<()> {
        if request.is_safe() || self.is_own(request, judged) {
            return Ok(());
        }
        let why = "this request seems to come from another site";
        let mend = match request.header("origin") {
            Some(_) => {
                "a proxy in front must pass the Host header on as the browser sent it, with its port ($http_host in nginx)"
            }
            None if self.key.is_none() => "a script must send any X-Api-Key, or \"Content-Type: application/json\"",
            None => "a script must send the key, or \"Content-Type: application/json\"",
        };
        Err(Refusal::new(403, format!("{why}: {mend}")))
    }

    fn may_be_ours(&self, name: &str) -> bool {
        let plain = !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        name.parse::<IpAddr>().is_ok()
            || plain && (!name.contains('.') || LOCAL_DOMAINS.iter().any(|domain| name.ends_with(domain)))
            || self.allowed_hosts.iter().any(|allowed| allowed == name)
    }

    /// What a browser says about the page that makes it send something; where it says nothing, what no page of another site can
    /// make it send without asking us first, which we never allow.
    fn is_own(&self, request: &Request, judged: bool) -> bool {
        if let Some(site) = request.header("sec-fetch-site") {
            return matches!(site, "same-origin" | "none");
        }
        if let Some(origin) = request.header("origin") {
            return same_origin(origin, request.header("host").unwrap_or_default());
        }
        // where no key is needed, any: but browsers and proxies add an Authorization by themselves
        let shows_any = self.key.is_none() && request.header("x-api-key").is_some();
        // a browser so old sends the login's cookie with no form of another site: it is SameSite
        judged
            || shows_any
            || request.has_json()
            || request.method != "POST"
            || self.shows_key(request)
            || self.has_cookie(request)
    }

    /// Whether the key is in a header or the address.
    fn shows_key(&self, request: &Request) -> bool {
        self.key.as_ref().is_some_and(|key| offered_keys(request).iter().any(|offered| same(offered, key)))
    }

    /// Tells the log of a wrong key, once a minute for each address.
    pub fn tell_wrong(&self, request: &Request) {
        let peer = request.peer.map_or("an unknown address".into(), |peer| peer.to_canonical().to_string());
        self.warn(format!("a wrong key came from {peer}"), request.at, request.at + 60);
    }

    fn warn(&self, line: String, now: i64, until: i64) {
        let mut told = lock(&self.told);
        told.retain(|_, until| now < *until);
        // those for ever leave room for the others
        let alike = told.values().filter(|other| (**other == i64::MAX) == (until == i64::MAX)).count();
        if alike < MOST_TOLD && !told.contains_key(&line) {
            log::warn!("{line}");
            told.insert(line, until);
        }
    }

    /// Whether there is a key where one may be sent, and the sender is a stranger all the same.
    pub fn offers_wrong_key(&self, request: &Request) -> bool {
        let wrong = !offered_keys(request).is_empty() && !self.admits(request);
        if wrong {
            self.tell_wrong(request);
        }
        wrong
    }

    /// Whether the sender may see and change things.
    pub fn admits(&self, request: &Request) -> bool {
        self.key.is_none() || self.is_local(request) || self.shows_key(request) || self.has_cookie(request)
    }

    /// On this machine, by one of its names for itself, and not for somebody else: a proxy that says nothing about whom it speaks for
    /// passes the name on that it was called by, or speaks HTTP/1.0, as nginx does, or is known from the settings.
    fn is_local(&self, request: &Request) -> bool {
        let forwarded = FORWARDING.split(' ').any(|name| request.header(name).is_some());
        let called_so = is_loopback_name(&host_name(request.header("host").unwrap_or_default()));
        !self.behind_proxy && !request.is_old && !forwarded && called_so && request.peer.is_some_and(is_loopback)
    }

    pub fn is_key(&self, typed: &str) -> bool {
        self.key.as_ref().is_none_or(|key| same(typed.trim(), key))
    }

    /// Whether a login let this sender in.
    pub fn has_cookie(&self, request: &Request) -> bool {
        let Some(key) = &self.key else { return false };
        let cookies = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        cookies.flat_map(|(_, value)| value.split(';')).any(|cookie| {
            let Some(value) = cookie.trim().strip_prefix(COOKIE).and_then(|rest| rest.strip_prefix('=')) else {
                return false;
            };
            let until = value.split('.').next().and_then(|until| until.parse().ok()).unwrap_or(0);
            until > request.at && bool::from(value.as_bytes().ct_eq(token(key, until).as_bytes()))
        })
    }

    /// The `Set-Cookie` that a login answers with: it holds a time and a signature by the key, not the key. Or that of a logout.
    pub fn cookie(&self, request: &Request, login: bool) -> String {
        let seconds = if login { COOKIE_SECONDS } else { 0 };
        let key = self.key.as_ref().filter(|_| login);
        let value = key.map(|key| token(key, request.at + seconds)).unwrap_or_default();
        let secure = if request.header("x-forwarded-proto") == Some("https") { "; Secure" } else { "" };
        let path = &self.url_base;
        format!("{COOKIE}={value}; Path={path}/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// What may be the key, as a script or an app sends it: the apps' webhooks can only send a user name and a password, some dashboards
/// only an address. A proxy may have put something of its own into one of these places.
fn offered_keys(request: &Request) -> Vec<String> {
    let header = request.header("x-api-key").map(str::to_string);
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let in_address = value(&pairs(query.as_bytes()), "apikey").map(str::to_string);
    let password = request.header("authorization").and_then(password);
    [header, password, in_address].into_iter().flatten().collect()
}

fn password(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(value.trim().to_string()),
        "basic" => {
            let text = String::from_utf8(BASE64.decode(value.trim()).ok()?).ok()?;
            text.split_once(':').map(|(_, password)| password.to_string())
        }
        _ => None,
    }
}

fn same(offered: &str, key: &Secret) -> bool {
    offered.as_bytes().ct_eq(key.expose().as_bytes()).into()
}

fn token(key: &Secret, until: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes());
    let signature = hmac::sign(&key, format!("plex-linker login until {until}").as_bytes());
    let hex: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{until}.{hex}")
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn is_loopback_name(name: &str) -> bool {
    name == "localhost" || name.parse().is_ok_and(is_loopback)
}

/// `NAS.:8080` is `nas`, `[::1]:8080` is `::1`.
fn host_name(host: &str) -> String {
    let name = host_and_port(host).map_or(host, |(name, _)| name);
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether a page of `origin` is ours, as the browser calls us. Browsers leave out the scheme's own port in both.
fn same_origin(origin: &str, host: &str) -> bool {
    let (rest, port) = match origin.split_once("://") {
        Some(("http", rest)) => (rest, ":80"),
        Some(("https", rest)) => (rest, ":443"),
        _ => return false,
    };
    let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    bare(rest) == bare(host)
}
