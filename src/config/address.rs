//! Addresses of apps and of others.

use super::wrong;
use crate::error::{Error, Result};

/// The address of an app, without a slash or the path of its API at its end.
pub(super) fn app_url(variable: &str, text: &str, api_path: &str) -> Result<String> {
    let text = text.trim_end_matches('/');
    let text = text.strip_suffix(api_path).unwrap_or(text).trim_end_matches('/');
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    // the value itself is not shown: it may hold a password
    if rest.split('/').next().is_some_and(|authority| authority.contains('@')) || rest.contains(['?', '#', ' ']) {
        let headers = if variable.contains("ARR_") { ", and who needs a password its HEADERS" } else { "" };
        return Err(Error::Config(format!(
            "{variable} has a user name, a question mark or a blank in it: give the plain address{headers}"
        )));
    }
    match host(text) {
        Some(_) => Ok(text.to_string()),
        None => wrong(variable, text, "it must begin with http:// or https:// and name a host, if need be with a port"),
    }
}

/// Host and port of an address, without a user's name and password; `None` if it has none that can be used.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let (name, port) = host_and_port(host)?;
    // ureq would take the usual port for one that it cannot read
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    Some(host).filter(|_| !name.is_empty() && is_port)
}

/// The parts of `nas:8080` and, without its brackets, of `[::1]:8080`; `None` if a bracket is not closed, or no port follows it.
pub fn host_and_port(host: &str) -> Option<(&str, Option<&str>)> {
    let Some(rest) = host.strip_prefix('[') else {
        return Some(host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port))));
    };
    match rest.split_once(']')? {
        (address, "") => Some((address, None)),
        (address, rest) => Some((address, Some(rest.strip_prefix(':')?))),
    }
}
