//! A request as a plain value, and what it asks.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::reply::{Refusal, Result};

/// A request, read whole.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query as received.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Who is at the other end of the connection; `None` counts as a stranger.
    pub peer: Option<IpAddr>,
    /// By HTTP/1.0, which proxies speak, but no browser.
    pub is_old: bool,
    /// When it came, in seconds since 1970.
    pub at: i64,
}

/// How much of a body is read.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    pub bytes: usize,
    /// What is longer is cut, not refused.
    pub cut: bool,
}

impl Most {
    /// As much as tells all that is needed of something that may be of any length.
    pub const BEGINNING: Most = Most { bytes: 64 << 10, cut: true };
    /// As many rules as there may be.
    pub const MANY_RULES: Most = Most { bytes: 8 << 20, cut: false };
}

/// The names and values of a query or of a form.
pub type Pairs = Vec<(String, String)>;

/// What a request asks.
pub struct Asked<'a> {
    pub request: &'a Request,
    /// What is between the slashes, decoded; below the URL base.
    pub path: Vec<String>,
    pub query: Pairs,
    /// Which part of the path stands where that of the route has braces.
    pub part: Option<usize>,
    began: Instant,
}

/// How long one request waits for something new, however often, before what is known is told: with the time that a locked database is
/// waited for, less than the gate waits for an answer of ours, so that nothing is saved of which the gate has said that it is not.
pub const WAIT: Duration = Duration::from_secs(8);

impl Request {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// Whether the method changes nothing.
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// The content type without its parameters, in lower case.
    pub fn content_type(&self) -> String {
        let text = self.header("content-type").unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    pub fn has_json(&self) -> bool {
        self.content_type() == "application/json"
    }
}

impl<'a> Asked<'a> {
    pub fn new(request: &'a Request, url_base: &str) -> Asked<'a> {
        let (_, query) = request.path.split_once('?').unwrap_or_default();
        let mut path: Vec<String> = parts(&request.path).map(decoded).collect();
        let base: Vec<&str> = parts(url_base).collect();
        // some proxies cut the base off, others do not
        if path.len() >= base.len() && path.iter().zip(&base).all(|(part, known)| part == known) {
            path.drain(..base.len());
        }
        Asked { request, path, query: pairs(query.as_bytes()), part: None, began: Instant::now() }
    }

    /// How much longer it may wait.
    pub fn patience(&self) -> Duration {
        WAIT.saturating_sub(self.began.elapsed())
    }

    /// The query without what has this name.
    pub fn query_without(&self, name: &str) -> String {
        let kept = self.query.iter().filter(|(known, _)| known != name);
        query(kept.map(|(name, value)| (&**name, &**value)))
    }

    /// Whether it comes from a program, which wants JSON.
    pub fn is_api(&self) -> bool {
        matches!(self.path.first().map(String::as_str), Some("api" | "metrics" | "openapi.json" | "ping"))
    }

    /// What stands where the route's path has braces.
    pub fn part(&self) -> &str {
        self.part.map_or("", |at| &self.path[at])
    }

    /// The rule that the path names.
    pub fn rule(&self) -> Result<i32> {
        rule(self.part())
    }

    /// The rule that the path names, or those that are selected.
    pub fn rules(&self) -> Result<Vec<i32>> {
        if self.part.is_some() {
            return Ok(vec![self.rule()?]);
        }
        if self.is_api() {
            let ids = self.json()?.get_mut("ids").map(Value::take);
            let ids = serde_json::from_value(ids.unwrap_or_default());
            return ids.map_err(|_| Refusal::new(422, "ids must be a list of the numbers of rules"));
        }
        let form = self.form();
        let pairs = if self.request.is_safe() { &self.query } else { &form };
        let ids = pairs.iter().filter(|(name, _)| name == "id").map(|(_, id)| rule(id));
        let mut ids: Vec<i32> = ids.collect::<Result<_>>()?;
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            Err(Refusal::new(422, "no rule is selected: mark some in the list of rules"))
        } else {
            Ok(ids)
        }
    }

    /// Which part of a list is wanted: how many at most, after how many.
    pub fn part_of_list(&self, most: usize) -> Result<(usize, usize)> {
        let number = |name: &str, usual: usize| match value(&self.query, name) {
            None => Ok(usual),
            Some(text) => {
                text.parse().map_err(|_| Refusal::new(422, format!("{name} is {text:?}: it must be a number")))
            }
        };
        Ok((number("limit", most)?.min(most), number("offset", 0)?))
    }

    /// The moment since which somebody waits for what is shown here; never one to come.
    pub fn since(&self) -> Option<i64> {
        Some(value(&self.query, "since")?.parse::<i64>().ok()?.min(self.request.at))
    }

    /// The fields of a form.
    pub fn form(&self) -> Pairs {
        pairs(&self.request.body)
    }

    /// What is sent to a page is a form.
    pub fn check_form(&self) -> Result<()> {
        const FORMS: [&str; 3] = ["", "application/x-www-form-urlencoded", "multipart/form-data"];
        let is_form = self.is_api() || self.request.is_safe() || FORMS.contains(&&*self.request.content_type());
        let refusal = || Refusal::new(415, "this takes a form of the page: programs use /api/rules");
        if is_form { Ok(()) } else { Err(refusal()) }
    }

    pub fn json(&self) -> Result<Value> {
        match self.request.has_json() {
            true => serde_json::from_slice(&self.request.body).map_err(Refusal::no_json),
            false => Err(Refusal::new(415, "the body must be JSON: send \"Content-Type: application/json\"")),
        }
    }
}

/// What is between the slashes of an address: with one at its end, or two of them, it is the same.
pub fn parts(address: &str) -> impl Iterator<Item = &str> {
    address.split('?').next().unwrap_or_default().split('/').filter(|part| !part.is_empty())
}

/// The first value of this name.
pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

pub fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text).into_owned().collect()
}

/// These as a query.
pub fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A part of a path: percent signs are decoded as in a form, but a plus sign is itself.
fn decoded(part: &str) -> String {
    let escaped = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    pairs(escaped.as_bytes()).into_iter().next().map(|(name, _)| name).unwrap_or_default()
}

/// The number of a rule. One that no rule can have is that of a rule that is not there.
fn rule(text: &str) -> Result<i32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(422, format!("id is {text:?}: it must be the number of a rule")));
    }
    text.parse().map_err(|_| Refusal::no_rule(text))
}
