//! What went wrong with one try, in the user's words, and what to do then.

use std::{io, time::Duration};

use serde_json::Value;
use ureq::Timeout;

use super::message::{Answer, Question, shown};
use crate::config::{App, trust};

/// Why a try failed.
pub(super) struct Fault {
    /// The end of a sentence that begins "cannot ask radarr for its films: ".
    pub cause: String,
    pub then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It would fail again.
    GiveUp,
    /// The app has no such thing, or knows no such question; `said` if it was an app that answered so (*recorded/errors.json*).
    Absent { said: bool },
    /// It would fail again, because of the key.
    KeyRefused,
    /// It may pass; after this pause at least, if the app named one.
    TryAgain { answered: bool, after: Option<Duration> },
}

impl Fault {
    /// One that another try does not mend.
    pub fn lasting(cause: String) -> Fault {
        Fault { cause, then: Then::GiveUp }
    }

    fn passing(cause: String) -> Fault {
        Fault { cause, then: Then::TryAgain { answered: false, after: None } }
    }

    /// No answer from an address, which a variable has, or not the whole of it.
    pub fn no_answer(url: &str, variable: &str, failure: ureq::Error) -> Fault {
        match failure {
            ureq::Error::Io(error) => Fault::broken(url, variable, &error),
            ureq::Error::Timeout(Timeout::Connect) => {
                Fault::passing(format!("nothing answers at {url} in time: is it running, and is {variable} right"))
            }
            ureq::Error::Timeout(Timeout::Resolve) | ureq::Error::HostNotFound => Fault::no_such_host(url, variable),
            ureq::Error::Timeout(_) => Fault::passing("its answer takes too long".into()),
            ureq::Error::BodyExceedsLimit(limit) => {
                Fault::lasting(format!("its answer is larger than {} MiB", limit >> 20))
            }
            ureq::Error::Protocol(problem) => Fault::lasting(format!(
                "what answers at {url} does not speak plain HTTP ({}): is {variable} right, does it need https://",
                shown(problem.to_string().as_bytes())
            )),
            ureq::Error::Http(_) | ureq::Error::BadUri(_) => {
                Fault::lasting(format!("{variable} is {url:?}, which is no address"))
            }
            other => Fault::lasting(shown(other.to_string().as_bytes())),
        }
    }

    fn broken(url: &str, variable: &str, error: &io::Error) -> Fault {
        // rustls and the lookup of names give no kind of error of their own
        let text = shown(error.to_string().as_bytes());
        match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                Fault::passing(format!("nothing answers at {url}: is it running, and is {variable} right"))
            }
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Fault::passing("it closed the connection before its answer was whole".into())
            }
            _ if text.contains("InvalidContentType") => {
                Fault::lasting(format!("what answers at {url} does not speak https: let {variable} begin with http://"))
            }
            _ if text.contains("certificate") => Fault::lasting(
                trust::advice(&text, "PLEX_LINKER_CA_FILE")
                    .unwrap_or_else(|| format!("its certificate is not good for {url} ({text})")),
            ),
            io::ErrorKind::InvalidData => Fault::lasting(text),
            _ if text.contains("lookup") => Fault::no_such_host(url, variable),
            _ => Fault::passing(text),
        }
    }

    fn no_such_host(url: &str, variable: &str) -> Fault {
        let others = "only DNS and /etc/hosts are asked, not the network's machines themselves";
        Fault::passing(format!(
            "its host in {url} cannot be looked up: check {variable}, or give an address there: {others}"
        ))
    }

    /// An answer, but not the one asked for. `None` if its body is worth reading.
    pub fn not_the_answer(app: &App, question: &Question, answer: &mut Answer) -> Option<Fault> {
        let App { name, variable, api_path, .. } = app;
        let fault = match answer.status.as_u16() {
            200..=299 => return Fault::not_json(app, answer),
            300..=399 => Fault::lasting(redirected(app, question, answer.location.as_deref())),
            401 | 403 if answer.media_type() == "text/html" => Fault::lasting(format!(
                "a login page stands in front of it: let {variable} be the address of {name} itself"
            )),
            401 | 403 => {
                let stem = variable.strip_suffix("_URL").unwrap_or(variable);
                Fault { cause: format!("it refuses the key: check {stem}_API_KEY"), then: Then::KeyRefused }
            }
            code @ (404 | 405) => {
                let text = complaint(answer);
                let absent = text.as_deref().is_some_and(is_absence);
                let cause = match text {
                    Some(text) if !text.eq_ignore_ascii_case("not found") => answered(answer, Some(text)),
                    _ => format!(
                        "it knows no {api_path}{}: does {variable} lead to another app, or is its URL base wrong",
                        question.path()
                    ),
                };
                Fault { cause, then: if code == 404 { Then::Absent { said: absent } } else { Then::GiveUp } }
            }
            code => {
                let text = complaint(answer);
                let then = match code {
                    408 | 429 | 500..=599 => Then::TryAgain { answered: true, after: answer.retry_after },
                    _ => Then::GiveUp,
                };
                Fault { cause: answered(answer, text), then }
            }
        };
        Some(fault)
    }

    fn not_json(app: &App, answer: &mut Answer) -> Option<Fault> {
        let variable = &app.variable;
        if let Some(encoding) = &answer.encoding {
            let encoding = shown(encoding.as_bytes());
            return Some(Fault::lasting(format!("its answer is packed ({encoding}), which was not asked for")));
        }
        let kind = answer.media_type();
        match kind.as_str() {
            "application/json" | "application/problem+json" => None,
            "text/html" => Some(Fault::lasting(format!(
                "it answers with a web page: the URL base in {variable} is wrong or missing, or a login page stands in front of it"
            ))),
            _ => {
                let kind =
                    if kind.is_empty() { "without a type".into() } else { format!("with {}", shown(kind.as_bytes())) };
                let text = shown(&answer.beginning());
                Some(Fault::lasting(format!("it answers {kind}, not with JSON: {text}")))
            }
        }
    }
}

/// `it answers 503 Service Unavailable: Sonarr is starting up, please try again later`
fn answered(answer: &Answer, text: Option<String>) -> String {
    match text {
        Some(text) => format!("it answers {}: {text}", answer.status),
        None if matches!(answer.status.as_u16(), 502 | 504) => {
            format!("it answers {}: what stands in front of it does not reach it", answer.status)
        }
        None => format!("it answers {}", answer.status),
    }
}

/// What an app says about an error: each kind has a shape of its own (*facts A.3*).
fn complaint(answer: &mut Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.beginning()).ok()?;
    let said = body.get(0).unwrap_or(&body);
    let text = ["message", "errorMessage", "error", "title"].iter().find_map(|field| said.get(field)?.as_str())?;
    Some(shown(text.as_bytes()))
}

/// Whether an app says that it has no such thing: in the words of today, of a thing by its number, and of Sonarr 3.
fn is_absence(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["not found", "notfound"].contains(&text.as_str()) || text.ends_with("does not exist")
}

/// An app with a URL base sends those who leave it out to the same path below it (*facts A.2*), and proxies do the same for https:
/// then the right address is known.
fn redirected(app: &App, question: &Question, location: Option<&str>) -> String {
    let App { name, url, variable, api_path, .. } = app;
    let Some(location) = location else {
        return format!("it redirects to nowhere: is {variable} right");
    };
    let target = location.split(['?', '#']).next().unwrap_or_default();
    let target = if target.starts_with('/') && !target.starts_with("//") {
        let host = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        format!("{host}{target}")
    } else {
        target.to_string()
    };
    let target = shown(target.as_bytes());
    match target.strip_suffix(&format!("{api_path}{}", question.path())) {
        Some(right) => format!("it redirects to {target}: let {variable} be {right}"),
        None => format!(
            "it redirects to {target}: the URL base in {variable} is wrong, or a login page stands in front of {name}"
        ),
    }
}
