//! Replies as plain values, and what is said when a request is refused.

use std::{fmt::Display, time::Duration};

use serde_json::json;

use crate::error::{Error, Mistake};

/// The answer. The body of an answer to HEAD is not to be sent.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// So long it is held back, so that keys cannot be tried quickly.
    pub delay: Duration,
}

/// Why a request is not done: a sentence for people, a status for programs.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub detail: String,
    /// What is wrong with which field of a rule.
    pub mistakes: Vec<Mistake>,
    /// The methods that would do, for 405.
    pub allow: Option<String>,
}

/// What a route makes of a request.
pub type Result<T = Reply> = std::result::Result<T, Refusal>;

/// On every answer. No referrer at all would make browsers send `Origin: null` with our own forms.
const SEALS: [(&str, &str); 5] = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
];

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO }
            .with("Content-Type", content_type)
    }

    pub fn json(status: u16, value: &impl serde::Serialize) -> Reply {
        // what is told has texts for keys, and so is always JSON
        Reply::new(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub fn text(status: u16, text: impl Into<String>) -> Reply {
        Reply::new(status, "text/plain; charset=utf-8", text.into())
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.to_string(), value.into()));
        self
    }

    /// With the headers that every answer has.
    pub fn sealed(mut self) -> Reply {
        self.headers.extend(SEALS.map(|(name, value)| (name.to_string(), value.to_string())));
        match self.headers.iter().any(|(name, _)| name == "Cache-Control") {
            true => self,
            false => self.with("Cache-Control", "no-store"),
        }
    }
}

impl Refusal {
    pub fn new(status: u16, detail: impl Into<String>) -> Refusal {
        Refusal { status, detail: detail.into(), mistakes: Vec::new(), allow: None }
    }

    pub fn no_rule(id: impl Display) -> Refusal {
        Refusal::new(404, format!("there is no rule {id}"))
    }

    pub fn no_json(cause: impl Display) -> Refusal {
        Refusal::new(422, format!("this is no JSON: {cause}"))
    }

    pub fn json(&self) -> Reply {
        self.complete(Reply::json(self.status, &json!({ "detail": self.detail })))
    }

    /// Where there is no page: JSON for the API, else a line of text.
    pub fn told(&self, for_api: bool) -> Reply {
        let text = || self.complete(Reply::text(self.status, format!("{}\n", self.detail)));
        if for_api { self.json() } else { text() }.sealed()
    }

    /// Adds the headers that this status must have.
    pub fn complete(&self, reply: Reply) -> Reply {
        match (self.status, &self.allow) {
            (401, _) => reply.with("WWW-Authenticate", "Bearer realm=\"plex-linker\""),
            (405, Some(allow)) => reply.with("Allow", allow),
            (503, _) => reply.with("Retry-After", "10"),
            _ => reply,
        }
    }
}

/// The one table from what went wrong to a status.
impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let detail = error.to_string();
        match error {
            Error::Invalid(mistakes) => Refusal { mistakes, ..Refusal::new(422, detail) },
            Error::Duplicate { .. } => {
                let mistake = Mistake { field: "movie_title", sentence: detail.clone() };
                Refusal { mistakes: vec![mistake], ..Refusal::new(409, detail) }
            }
            Error::NoRule(id) => Refusal::no_rule(id),
            _ => Refusal::new(503, detail),
        }
    }
}
