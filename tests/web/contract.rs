//! `openapi.json` is true: every route that it names is there and answers as it says.

use std::collections::BTreeSet;

use plex_linker::web::addresses;
use serde_json::{Value, json};

use super::{
    site::{Site, local, remote},
    with,
};

fn document() -> Value {
    serde_json::from_str(include_str!("../../src/web/openapi.json")).unwrap()
}

/// Every method and path with its description.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone();
        methods
            .into_iter()
            .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation))
            .collect::<Vec<_>>()
    };
    let mut all: Vec<_> = paths.iter().flat_map(of).collect();
    // what is deleted can be neither shown nor changed
    all.sort_by_key(|(method, _, _)| method == "DELETE");
    all
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            document.pointer(reference.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{reference}"))
        }
        None => value,
    }
}

/// What is wrong with a value by its schema, in so far as the document uses JSON Schema.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolved(document, schema);
    if let Some(parts) = schema["anyOf"].as_array() {
        if !value.is_null() {
            check(document, &parts[0], value, place);
        }
        return;
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let own = |part: &Value| resolved(document, part)["properties"].as_object().unwrap().clone();
        let properties: serde_json::Map<_, _> = parts.iter().flat_map(own).collect();
        let required = parts.iter().flat_map(|part| resolved(document, part)["required"].as_array().unwrap());
        let required: Vec<_> = required.collect();
        let whole = json!({ "type": "object", "required": required, "properties": properties });
        return check(document, &whole, value, place);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().map(|one| one.as_str().unwrap()).collect(),
        _ => return,
    };
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&found), "{place} is {value}, not {types:?}");
    if let Some(list) = value.as_array() {
        list.iter().for_each(|item| check(document, &schema["items"], item, place));
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(name.as_str().unwrap()), "{place} has no {name}");
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, value) in object {
            let schema = properties.get(name).unwrap_or_else(|| panic!("{place}.{name} is not told"));
            check(document, schema, value, &format!("{place}.{name}"));
        }
    }
}

/// Sends it and holds the answer against what is told of it.
fn drive(
    site: &Site,
    document: &Value,
    (method, path, operation): &(String, String, Value),
    given: &str,
    body: &Value,
) -> u16 {
    let path = path.replace("{id}", given).replace("{key}", given);
    let sent = local(method, &path).header("Content-Type", "application/json").body(&body.to_string());
    let answer = site.send(&sent);
    let told = &operation["responses"][answer.status.to_string()];
    assert!(!told.is_null(), "{method} {path} answers {}, which is not told", answer.status);
    let content = &resolved(document, told)["content"];
    match content["application/json"]["schema"] {
        Value::Null => {
            assert!(content["text/plain"].is_object() && answer.header("Content-Type").starts_with("text/plain"))
        }
        ref schema if operation["operationId"] == "openapi" => check(document, schema, &json!({}), "openapi"),
        ref schema => check(document, schema, &answer.value(), &path),
    }
    answer.status
}

#[test]
fn every_route_is_there_and_answers_as_told() {
    let document = document();
    with(&[], |site| {
        let drive_all = |given: &str, body: &Value| {
            let mut seen = BTreeSet::new();
            for operation in operations(&document) {
                seen.insert((
                    operation.2["operationId"].as_str().unwrap().to_string(),
                    drive(site, &document, &operation, given, body),
                ));
            }
            seen
        };
        let empty = drive_all("1", &json!({}));
        assert!(empty.contains(&("showRule".into(), 404)) && empty.contains(&("addRule".into(), 422)));
        let mut state = site.state.lock().unwrap();
        state.end(5, 5, super::site::report(&[super::site::rule_state(1, "linked", "")]));
        state.next_run_at = Some(7);
        drop(state);
        site.db().add_rule(&super::site::wish("Other", "Show", 1)).unwrap();
        // one body for all: a rule, a setting, and what Radarr sends
        let body = json!({
            "movie_title": "Film", "tmdb_id": 603, "show_name": "Show", "episode": 3, "value": [1], "eventType": "Test", "ids": []
        });
        let mut seen = drive_all("1", &body);
        seen.extend(drive_all("2", &body));
        // a setting is shown before it is set
        seen.extend(drive_all("2", &body));
        for operation in operations(&document) {
            let id = operation.2["operationId"].as_str().unwrap();
            assert!(seen.iter().any(|(seen, status)| seen == id && *status < 300), "{id} is not in {seen:?}");
        }
        for refused in [("addRule", 409), ("editRule", 409)] {
            assert!(seen.contains(&(refused.0.into(), refused.1)), "{refused:?} is not in {seen:?}");
        }
        site.cannot_run(6, "away");
        assert!(drive_all("1", &json!({})).contains(&("status".into(), 503)));
    });
}

#[test]
fn nothing_but_the_health_is_told_to_strangers() {
    let document = document();
    with(&[], |site| {
        for (method, path, operation) in operations(&document) {
            let sent = remote(&method, &path.replace("{id}", "1").replace("{key}", "x"))
                .header("Content-Type", "application/json");
            let expected = if operation["security"] == json!([]) { 200 } else { 401 };
            assert_eq!(site.send(&sent).status, expected, "{method} {path}");
        }
    });
}

#[test]
fn it_tells_of_every_route() {
    let told: BTreeSet<String> =
        operations(&document()).into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let ours = |path: &str| {
        ["/health", "/ping"].contains(&path)
            || ["/api/", "/metrics", "/openapi.json"].iter().any(|for_programs| path.starts_with(for_programs))
    };
    let known = addresses().filter(|(_, path)| ours(path)).map(|(method, path)| format!("{method} {path}")).collect();
    assert_eq!(told, known);
}

#[test]
fn its_version_is_ours() {
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
}
