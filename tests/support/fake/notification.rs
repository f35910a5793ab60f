//! The connections that somebody has made in the app. It tries one before it keeps it, and tells no password that it keeps
//! (*observed 2.11*).

use std::net::{SocketAddr, ToSocketAddrs};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use super::{Answer, Kind, Request, json as answer_json};
use crate::support::{daemon, json::Json};

/// What it tells in place of a password, and takes for the one that it has.
const HIDDEN: &str = "********";

pub fn answer(kind: Kind, kept: &mut Vec<Value>, request: &Request, path: &str) -> Option<Answer> {
    let shown = |value: &Value| Json(hidden(value).to_string());
    let place = |kept: &[Value], id: &str| kept.iter().position(|made| made["id"].as_i64() == id.parse().ok());
    match (request.method.as_str(), path.split_once('/')) {
        ("GET", None) => Some(answer_json(kept.iter().map(shown).collect::<Vec<_>>())),
        ("GET", Some((_, "schema"))) => Some(answer_json(vec![Json(kind.webhook_schema().into())])),
        ("POST", Some((_, "test"))) => {
            let given = request.json();
            let known = given["id"].as_i64().and_then(|id| kept.iter().find(|made| made["id"] == id));
            Some(match refusal(kind, &completed(given.clone(), known)) {
                Some(refusal) => refusal,
                None => Answer::json("{}"),
            })
        }
        ("POST", None) => {
            let mut made = request.json();
            if let Some(refusal) = refusal(kind, &made) {
                return Some(refusal);
            }
            made["id"] = (kept.iter().filter_map(|made| made["id"].as_i64()).max().unwrap_or_default() + 1).into();
            kept.push(made.clone());
            Some(answer_json(shown(&made)).code(201))
        }
        (method, Some((_, id))) => {
            let at = place(kept, id)?;
            match method {
                "GET" => Some(answer_json(shown(&kept[at]))),
                "DELETE" => {
                    kept.remove(at);
                    Some(Answer::json("{}"))
                }
                "PUT" => {
                    let given = completed(request.json(), Some(&kept[at]));
                    if let Some(refusal) = refusal(kind, &given) {
                        return Some(refusal);
                    }
                    kept[at] = given;
                    Some(answer_json(shown(&kept[at])).code(202))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn field<'v>(made: &'v Value, name: &str) -> &'v Value {
    let fields = made["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
    fields.iter().find(|field| field["name"] == name).map_or(&Value::Null, |field| &field["value"])
}

fn each_password(made: &mut Value, change: impl Fn(&mut Value)) {
    for field in made["fields"].as_array_mut().into_iter().flatten() {
        if field["privacy"] == "password" && field["value"].as_str().is_some_and(|text| !text.is_empty()) {
            change(&mut field["value"]);
        }
    }
}

fn hidden(made: &Value) -> Value {
    let mut shown = made.clone();
    each_password(&mut shown, |value| *value = HIDDEN.into());
    shown
}

/// With the password that is kept where it is hidden.
fn completed(mut given: Value, kept: Option<&Value>) -> Value {
    let known = kept.map(|kept| field(kept, "password").clone()).unwrap_or_default();
    each_password(&mut given, |value| {
        if *value == HIDDEN {
            *value = known.clone();
        }
    });
    given
}

/// What is wrong with it, as the apps put it: with its form, or with what answers where it leads.
fn refusal(kind: Kind, made: &Value) -> Option<Answer> {
    let schema: Value = serde_json::from_str(kind.webhook_schema()).unwrap();
    let invalid = |property: &str, message: String| {
        let error =
            json!([{ "isWarning": false, "propertyName": property, "errorMessage": message, "severity": "error" }]);
        Some(Answer::json(error.to_string()).code(400))
    };
    if made["name"].as_str().is_none_or(str::is_empty) {
        return invalid("Name", "'Name' must not be empty.".into());
    }
    for name in ["implementation", "configContract"] {
        if made[name] != schema[name] {
            return invalid(name, format!("'{name}' is not known."));
        }
    }
    for (name, value) in made.as_object().unwrap() {
        let known = &schema[name];
        let same_kind = std::mem::discriminant(known) == std::mem::discriminant(value);
        if !same_kind && name != "id" {
            return invalid(name, format!("'{name}' is {value}."));
        }
    }
    let names =
        |made: &Value| made["fields"].as_array().unwrap().iter().map(|field| field["name"].clone()).collect::<Vec<_>>();
    if names(made) != names(&schema) {
        return invalid("Fields", "other fields than those of the schema".into());
    }
    let url = field(made, "url").as_str().unwrap_or_default();
    let Some((address, path)) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')) else {
        return invalid("Url", "Invalid Url.".into());
    };
    let test = match kind {
        Kind::Sonarr => include_str!("../../fixtures/recorded/webhooks/sonarr_Test.json"),
        Kind::Radarr => include_str!("../../fixtures/recorded/webhooks/radarr_Test.json"),
    };
    let mut headers = vec![("Content-Type", "application/json".to_string())];
    let [user, password] = ["username", "password"].map(|name| field(made, name).as_str().unwrap_or_default());
    if !user.is_empty() || !password.is_empty() {
        headers.push(("Authorization", format!("Basic {}", BASE64.encode(format!("{user}:{password}")))));
    }
    // as if it came from another machine
    headers.push(("X-Forwarded-For", "192.0.2.1".into()));
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let method = if field(made, "method") == 2 { "PUT" } else { "POST" };
    let address = address.to_socket_addrs().unwrap().find(SocketAddr::is_ipv4).unwrap();
    match daemon::ask(address, method, &format!("/{path}"), &headers, test) {
        Some(answer) if answer.status < 300 => None,
        Some(answer) => invalid("Url", format!("Unable to post to webhook: HTTP request failed: [{}]", answer.status)),
        None => invalid("Url", format!("Unable to post to webhook: Connection refused ({address})")),
    }
}
