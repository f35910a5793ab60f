//! One request to an address of the user's own choice, where neither app answers: news and pings go out by it.

use std::{path::Path, time::Duration};

use ureq::{
    Agent, Body,
    http::{Response, StatusCode},
};

use super::{client, fault::Fault, message::percent_encoded};
use crate::{
    config::Address,
    error::{Error, Result},
};

/// For all of it: whoever waits for it waits for nothing that matters to the links.
const LONGEST: Duration = Duration::from_secs(10);

/// A body and its headers, to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// Who has nobody to hand it to answers that there is no content, and calls that a success.
    pub empty_is_nobody: bool,
}

pub fn post(address: &Address, ca_file: Option<&Path>, letter: &Letter) -> Result<()> {
    let mut post = agent(address, ca_file)?.post(address.url.expose());
    for (name, value) in &letter.headers {
        post = post.header(*name, value);
    }
    match heard(address, post.send(&letter.body))? {
        StatusCode::NO_CONTENT if letter.empty_is_nobody => Err(unheard(address, "nobody is configured there")),
        _ => Ok(()),
    }
}

/// Asks for the address after a run, which was a good one or not.
pub fn ping(address: &Address, ca_file: Option<&Path>, good: bool, message: &str) -> Result<()> {
    let target = ping_target(address.url.expose(), good, message);
    let mut said = String::new();
    let call = agent(address, ca_file)?.get(target).call().map(|mut answer| {
        said = answer.body_mut().with_config().limit(1024).read_to_string().unwrap_or_default();
        answer
    });
    heard(address, call)?;
    // healthchecks.io says so with a 200
    if said.trim() == "OK (not found)" { Err(unheard(address, "it has no such check")) } else { Ok(()) }
}

fn agent(address: &Address, ca_file: Option<&Path>) -> Result<Agent> {
    client::agent(address.shown.starts_with("https:"), ca_file, Some(LONGEST))
}

/// Nothing of the address but its host is told, nor what the answer says, which may quote it.
fn heard(address: &Address, answer: std::result::Result<Response<Body>, ureq::Error>) -> Result<StatusCode> {
    let Address { variable, shown, .. } = address;
    let cause = match answer.map(|answer| answer.status()) {
        Ok(status) if status.is_success() => return Ok(status),
        Ok(status) if status.is_redirection() => {
            format!("it redirects elsewhere: let {variable} be where it redirects to")
        }
        Ok(status) if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            format!("it answers {status}, which should pass by itself")
        }
        Ok(status) => return Err(unheard(address, &format!("it answers {status}"))),
        Err(failure) => Fault::no_answer("that address", variable, failure).cause,
    };
    Err(Error::App(format!("cannot reach {shown}: {cause}")))
}

fn unheard(Address { variable, shown, .. }: &Address, cause: &str) -> Error {
    Error::App(format!("cannot reach {shown}: {cause}: is {variable} right"))
}

/// healthchecks.io and its like take `/fail` at the end of the path; Uptime Kuma's push address has `status` and `msg` in its query.
fn ping_target(url: &str, good: bool, message: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.trim_end_matches('/');
    if path.contains("/api/push/") {
        let ours = |pair: &&str| !pair.is_empty() && !pair.starts_with("status=") && !pair.starts_with("msg=");
        let others: String = query.split('&').filter(ours).map(|pair| format!("&{pair}")).collect();
        let status = if good { "up" } else { "down" };
        // it stands in a list there
        let message: String = message.chars().take(200).collect();
        return format!("{path}?status={status}&msg={}{others}", percent_encoded(&message));
    }
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    match good {
        true => format!("{path}{query}"),
        false => format!("{path}/fail{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::ping_target;

    #[test]
    fn a_ping_says_how_it_went() {
        for (url, good, bad) in [
            ("https://hc-ping.com/uuid", "https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
            ("https://hc-ping.com/uuid/", "https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
            (
                "https://hc-ping.com/key/slug?create=1",
                "https://hc-ping.com/key/slug?create=1",
                "https://hc-ping.com/key/slug/fail?create=1",
            ),
            (
                "http://kuma:3001/api/push/Token?status=up&msg=OK&ping=",
                "http://kuma:3001/api/push/Token?status=up&msg=1%20rule%20%26%20more&ping=",
                "http://kuma:3001/api/push/Token?status=down&msg=1%20rule%20%26%20more&ping=",
            ),
            (
                "http://kuma/api/push/Token",
                "http://kuma/api/push/Token?status=up&msg=1%20rule%20%26%20more",
                "http://kuma/api/push/Token?status=down&msg=1%20rule%20%26%20more",
            ),
        ] {
            assert_eq!(ping_target(url, true, "1 rule & more"), good);
            assert_eq!(ping_target(url, false, "1 rule & more"), bad);
        }
    }
}
