//! What went wrong with one try, in the user's words, and what to do then.

use std::{
    io::{self, Read},
    time::Duration,
};

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
    fn lasting(cause: String) -> Fault {
        Fault { cause, then: Then::GiveUp }
    }

    /// No answer from an address, which a variable has, or not the whole of it.
    pub fn no_answer(url: &str, variable: &str, failure: ureq::Error) -> Fault {
        let (cause, passes) = match failure {
            ureq::Error::Io(error) => broken(url, variable, &error),
            ureq::Error::Timeout(Timeout::Connect) => {
                (format!("nothing answers at {url} in time: is it running, and is {variable} right"), true)
            }
            ureq::Error::Timeout(Timeout::Resolve) | ureq::Error::HostNotFound => no_such_host(url, variable),
            ureq::Error::Timeout(_) => ("its answer takes too long".into(), true),
            ureq::Error::BodyExceedsLimit(limit) => (format!("its answer is larger than {} MiB", limit >> 20), false),
            ureq::Error::Protocol(problem) => {
                let problem = shown(problem.to_string().as_bytes());
                let cause = format!("what answers at {url} does not speak plain HTTP ({problem})");
                (format!("{cause}: is {variable} right, does it need https://"), false)
            }
            ureq::Error::Http(_) | ureq::Error::BadUri(_) => {
                (format!("{variable} is {url:?}, which is no address"), false)
            }
            other => (shown(other.to_string().as_bytes()), false),
        };
        Fault { cause, then: if passes { Then::TryAgain { answered: false, after: None } } else { Then::GiveUp } }
    }

    /// A body that could not be read to its end as what it should be. What is wrong with the beginning of one that is cut off says nothing.
    pub fn unreadable(app: &App, answer: &mut Answer, error: io::Error) -> Fault {
        let read = error.downcast::<serde_json::Error>();
        match read.and_then(|wrong| io::copy(&mut answer.take(64 * 1024), &mut io::sink()).map(|_| wrong)) {
            Ok(wrong) => {
                let words = wrong.to_string();
                // lines and columns count from the item on
                let words = shown(words.split(" at line ").next().unwrap_or_default().as_bytes());
                Fault::lasting(format!("its answer is not the JSON expected, {words}: {}", answer.shown()))
            }
            Err(cause) => Fault::no_answer(&app.url, &app.variable, cause.into()),
        }
    }

    /// An answer, but not the one asked for. `None` if its body is worth reading.
    pub fn not_the_answer(app: &App, question: &Question, answer: &mut Answer) -> Option<Fault> {
        let App { name, variable, api_path, .. } = app;
        let code = answer.status.as_u16();
        Some(match (code, answer.media_type().as_str()) {
            (200..=299, "application/json" | "application/problem+json") => return None,
            (200..=299, "text/html") => Fault::lasting(format!(
                "it answers with a web page: the URL base in {variable} is wrong or missing, or a login page stands in front of it"
            )),
            (200..=299, kind) => {
                let kind =
                    if kind.is_empty() { "without a type".into() } else { format!("with {}", shown(kind.as_bytes())) };
                Fault::lasting(format!("it answers {kind}, not with JSON: {}", shown(&answer.rest())))
            }
            (300..=399, _) => Fault::lasting(redirected(app, question, answer.header("location"))),
            (401 | 403, "text/html") => Fault::lasting(format!(
                "a login page stands in front of it: let {variable} be the address of {name} itself"
            )),
            (401 | 403, _) => {
                let stem = variable.strip_suffix("_URL").unwrap_or(variable);
                Fault { cause: format!("it refuses the key: check {stem}_API_KEY"), then: Then::KeyRefused }
            }
            (404 | 405, _) => {
                let text = complaint(answer);
                let said = text.as_deref().is_some_and(is_absence);
                let cause = match text {
                    Some(text) if !text.eq_ignore_ascii_case("not found") => {
                        format!("it answers {}: {text}", answer.status)
                    }
                    _ => format!(
                        "it knows no {api_path}{}: does {variable} lead to another app, or is its URL base wrong",
                        question.path()
                    ),
                };
                Fault { cause, then: if code == 404 { Then::Absent { said } } else { Then::GiveUp } }
            }
            _ => {
                let text = complaint(answer).or_else(|| {
                    matches!(code, 502 | 504).then(|| "what stands in front of it does not reach it".into())
                });
                let after = || answer.header("retry-after")?.parse().ok().map(Duration::from_secs);
                let then = match code {
                    408 | 429 | 500..=599 => Then::TryAgain { answered: true, after: after() },
                    _ => Then::GiveUp,
                };
                let text = text.map(|text| format!(": {text}")).unwrap_or_default();
                Fault { cause: format!("it answers {}{text}", answer.status), then }
            }
        })
    }
}

/// The cause, and whether it may pass.
fn broken(url: &str, variable: &str, error: &io::Error) -> (String, bool) {
    // rustls and the lookup of names give no kind of error of their own
    let text = shown(error.to_string().as_bytes());
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            (format!("nothing answers at {url}: is it running, and is {variable} right"), true)
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            ("it closed the connection before its answer was whole".into(), true)
        }
        _ if text.contains("InvalidContentType") => {
            (format!("what answers at {url} does not speak https: let {variable} begin with http://"), false)
        }
        _ if text.contains("certificate") => {
            let advice = trust::advice(&text, "PLEX_LINKER_CA_FILE");
            (advice.unwrap_or_else(|| format!("its certificate is not good for {url} ({text})")), false)
        }
        io::ErrorKind::InvalidData => (text, false),
        _ if text.contains("lookup") => no_such_host(url, variable),
        _ => (text, true),
    }
}

fn no_such_host(url: &str, variable: &str) -> (String, bool) {
    let cause = format!("its host in {url} cannot be looked up: check {variable}, or give an address there");
    (format!("{cause}: only DNS and /etc/hosts are asked, not the network's machines themselves"), true)
}

/// What an app says about an error: each kind has a shape of its own (*facts A.3*).
fn complaint(answer: &mut Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.rest()).ok()?;
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
fn redirected(app: &App, question: &Question, location: Option<String>) -> String {
    let App { name, url, variable, api_path, .. } = app;
    let Some(location) = location else {
        return format!("it redirects to nowhere: is {variable} right");
    };
    let target = location.split(['?', '#']).next().unwrap_or_default();
    let host = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let is_path = target.starts_with('/') && !target.starts_with("//");
    let target = shown(format!("{}{target}", if is_path { &host } else { "" }).as_bytes());
    match target.strip_suffix(&format!("{api_path}{}", question.path())) {
        Some(right) => format!("it redirects to {target}: let {variable} be {right}"),
        None => format!(
            "it redirects to {target}: the URL base in {variable} is wrong, or a login page stands in front of {name}"
        ),
    }
}
