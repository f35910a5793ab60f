//! The webhook by which an app tells us of changes, as the app keeps it (*observed 2.11*, *recorded/…_notification….json*).

use std::io;

use serde_json::{Value, json};

use super::{
    connection::Connection,
    message::{Answer, Question, senseless},
};
use crate::{config::Secret, error::Result};

/// What it should be.
pub struct Wanted<'a> {
    pub url: &'a str,
    /// What lets the app in to us.
    pub key: Option<&'a Secret>,
    pub events: &'static [&'static str],
}

/// One that an app has, or the form of one.
#[derive(Debug, Clone)]
pub struct Webhook(Value);

/// What an app is asked to do with one. It tries one that it is to keep, by sending a first message, and refuses it if that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStep {
    Make,
    Mend,
    /// As it is kept: what the app hides in its answer, it knows.
    Try,
    Remove,
}

const NAME: &str = "plex-linker";

impl Connection {
    pub fn webhooks(&self) -> Result<Vec<Webhook>> {
        self.ask(&Question::get("for its webhooks", "/notification"), &webhooks)
    }

    /// The form of a new one.
    pub fn webhook_form(&self) -> Result<Webhook> {
        self.ask(&Question::get("for the form of a webhook", "/notification/schema"), &|answer| {
            webhooks(answer)?.pop().ok_or_else(|| senseless("without the form of a webhook"))
        })
    }

    pub fn hook(&self, step: HookStep, hook: &Webhook) -> Result<()> {
        self.ask(&hook.question(step), &|_| Ok(()))
    }
}

fn webhooks(answer: &mut Answer) -> io::Result<Vec<Webhook>> {
    let kept: Vec<Value> = answer.json()?;
    Ok(kept.into_iter().filter(|kept| kept["implementation"] == "Webhook").map(Webhook).collect())
}

impl Webhook {
    /// Whether it was made by us, be it for another address.
    pub fn is_named_ours(&self) -> bool {
        self.0["name"] == NAME
    }

    pub fn leads_to(&self, url: &str) -> bool {
        self.url().trim_end_matches('/').eq_ignore_ascii_case(url)
    }

    pub fn url(&self) -> &str {
        self.field("url").and_then(|field| field["value"].as_str()).unwrap_or_default()
    }

    /// What is wrong with it, as far as that can be seen: the ends of a sentence.
    pub fn faults(&self, wanted: &Wanted) -> Vec<String> {
        let elsewhere = (!self.leads_to(wanted.url)).then(|| format!("leads to {}", self.url()));
        let left_out = wanted.events.iter().filter(|event| self.0.get(**event) == Some(&Value::Bool(false)));
        elsewhere.into_iter().chain(left_out.map(|event| format!("leaves out {event}"))).collect()
    }

    /// As it should be. What else its user has chosen stays.
    pub fn mended(mut self, wanted: &Wanted) -> Webhook {
        if self.0["name"].as_str().is_none_or(str::is_empty) {
            self.0["name"] = NAME.into();
        }
        for event in wanted.events {
            // an older app does not know all of them
            if self.0.get(*event).is_some() {
                self.0[*event] = true.into();
            }
        }
        self.set("url", wanted.url);
        if let Some(key) = wanted.key {
            self.set("username", NAME);
            self.set("password", key.expose());
        }
        self
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.0["fields"].as_array()?.iter().find(|field| field["name"] == name)
    }

    fn set(&mut self, name: &str, value: &str) {
        let fields = self.0["fields"].as_array_mut();
        for field in fields.into_iter().flatten().filter(|field| field["name"] == name) {
            field["value"] = json!(value);
        }
    }

    fn question(&self, step: HookStep) -> Question {
        let (url, own) = (self.url(), format!("/notification/{}", self.0["id"]));
        let (what, method, target) = match step {
            HookStep::Make => (format!("for a webhook to {url}"), "POST", "/notification".into()),
            HookStep::Mend => (format!("for a webhook to {url}"), "PUT", own),
            HookStep::Try => (format!("to try its webhook to {url}"), "POST", "/notification/test".into()),
            HookStep::Remove => (format!("to remove its webhook to {url}"), "DELETE", own),
        };
        let body = (step != HookStep::Remove).then(|| self.0.to_string());
        Question { method, body, ..Question::get(what, target) }
    }

    /// What would be sent, without the key.
    pub fn shown(&self, step: HookStep) -> String {
        let mut shown = self.clone();
        if shown.field("password").is_some_and(|field| field.get("value").is_some()) {
            shown.set("password", "(key)");
        }
        let question = self.question(step);
        if question.body.is_some() { format!("{question}\n{:#}", shown.0) } else { question.to_string() }
    }
}
