//! What is said when an answer cannot be used.

use serde_json::Value;

use super::*;

/// What one request for the shows comes to.
fn said(answer: Answer) -> String {
    let server = always(answer);
    let text = sentence(curt(&server.url()).sonarr.series());
    text.replace(&server.url(), "URL")
}

#[test]
fn every_known_error_answer() {
    let cases: Vec<Value> = serde_json::from_str(&fixture("errors.json")).unwrap();
    let expected = [
        "it refuses the key: check RADARR_0_API_KEY",
        "it refuses the key: check RADARR_0_API_KEY",
        "it knows no /api/v3/series: does RADARR_0_URL lead to another app, or is its URL base wrong",
        "it answers 404 Not Found: Series with ID 99999 does not exist",
        "it answers 400 Bad Request: BadRequest: seriesId or episodeIds must be provided",
        "it answers 400 Bad Request: One or more validation errors occurred.",
        "it answers 400 Bad Request: 'Name' must not be empty.",
        "it answers 500 Internal Server Error: Sequence contains no matching element",
        "it answers 415 Unsupported Media Type: Unsupported Media Type",
        "it answers 503 Service Unavailable: Sonarr is starting up, please try again later",
        "it answers 503 Service Unavailable: Search for 'Sword Art Online' failed. Unable to communicate with SkyHook.",
        "it redirects to URL/sonarr/api/v3/series: let RADARR_0_URL be URL/sonarr",
        "it answers with a web page: the URL base in RADARR_0_URL is wrong or missing, or a login page stands in front of it",
        "it redirects to http://host:8989/login: the URL base in RADARR_0_URL is wrong, or a login page stands in front of radarr",
        "it knows no /api/v3/series: does RADARR_0_URL lead to another app, or is its URL base wrong",
        "it redirects to https://auth.example.org/: the URL base in RADARR_0_URL is wrong, or a login page stands in front of radarr",
        "it answers 502 Bad Gateway: what stands in front of it does not reach it",
        "it knows no /api/v3/series: does RADARR_0_URL lead to another app, or is its URL base wrong",
        "it knows no /api/v3/series: does RADARR_0_URL lead to another app, or is its URL base wrong",
    ];
    assert_eq!(cases.len(), expected.len());
    for (case, expected) in cases.iter().zip(expected) {
        let body = case["bodyText"].as_str().map_or_else(|| case["body"].to_string(), String::from);
        let mut answer = Answer { body: body.into(), ..Answer::status(case["status"].as_u64().unwrap() as u16) };
        for (name, value) in case["headers"].as_object().unwrap() {
            answer = answer.header(name, value.as_str().unwrap());
        }
        let said = said(answer);
        let said = said.strip_prefix("cannot ask radarr for its shows: ").unwrap_or(&said);
        assert_eq!(said, expected, "{}", case["case"]);
    }
}

#[test]
fn answers_from_something_else() {
    for (answer, expected) in [
        (
            Answer::html("<html>sign in</html>").code(401),
            "a login page stands in front of it: let RADARR_0_URL be the address of radarr itself",
        ),
        (Answer::status(403), "it refuses the key: check RADARR_0_API_KEY"),
        (Answer::status(301), "it redirects to nowhere: is RADARR_0_URL right"),
        (
            Answer::status(301).header("Location", "https://films.example.org/api/v3/series"),
            "it redirects to https://films.example.org/api/v3/series: let RADARR_0_URL be https://films.example.org",
        ),
        (
            Answer { body: "OK\n\u{1b}[31m".into(), ..Answer::status(200).header("Content-Type", "text/plain") },
            r"it answers with text/plain, not with JSON: OK\n\u{1b}[31m",
        ),
        (Answer { body: "[]".into(), ..Answer::status(200) }, "it answers without a type, not with JSON: []"),
        (Answer::status(204), "it answers without a type, not with JSON: "),
        (Answer::json(r#"{"message":5}"#).code(400), "it answers 400 Bad Request"),
        (Answer::json(r#"{"message":"a\nb\u001b[0m"}"#).code(400), r"it answers 400 Bad Request: a\nb\u{1b}[0m"),
    ] {
        let said = said(answer);
        assert_eq!(said.strip_prefix("cannot ask radarr for its shows: ").unwrap_or(&said), expected);
    }
}

#[test]
fn what_is_no_list_of_shows_is_quoted() {
    let long = format!(r#"{{"text":"{}"}}"#, "é".repeat(300));
    for (body, expected) in [
        ("null", "invalid type: null, expected a sequence: null"),
        (r#"{"message":"x"}"#, r#"invalid type: map, expected a sequence: {"message":"x"}"#),
        ("5", "invalid type: integer `5`, expected a sequence: 5"),
        ("", "EOF while parsing a value: (nothing)"),
        (&long, &format!(r#"invalid type: map, expected a sequence: {{"text":"{}…"#, "é".repeat(191))),
        (r#"[{},"a"]"#, r#"invalid type: string "a", expected a show: [{},"a"]"#),
        ("[[]]", "invalid length 0, expected a show: [[]]"),
        ("[5,5]", "invalid type: integer `5`, expected a show: [5,5]"),
        ("[{},]", "expected value: [{},]"),
        ("[{},", "it ends in the middle: [{},"),
        (r#"[{"title":"A"#, r#"EOF while parsing a string: [{"title":"A"#),
        (r#"[{"title":"}"#, r#"EOF while parsing a string: [{"title":"}"#),
        ("[{}{}]", "expected `,` or `]`: [{}{}]"),
        ("[{}", "expected `,` or `]`: [{}"),
        ("[", "it ends in the middle: ["),
        ("[{}] x", "trailing characters: [{}] x"),
        (r#"[{"id":"7"}]"#, r#"invalid type: string "7", expected i32: [{"id":"7"}]"#),
        (r#"[{"other":nul}]"#, r#"expected ident: [{"other":nul}]"#),
        ("[{\u{7}}]", r"key must be a string: [{\u{7}}]"),
    ] {
        let expected = format!("cannot ask radarr for its shows: its answer is not the JSON expected, {expected}");
        assert_eq!(said(Answer::json(body)), expected, "{body}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let garbage: Vec<u8> = (0..=255).rev().collect();
    assert!(said(Answer::json(garbage)).contains("expected value: \u{fffd}"));
}

#[test]
fn what_is_no_object_is_quoted() {
    for (body, expected) in [
        ("[]", "invalid type: sequence, expected a map: []"),
        ("null", "invalid type: null, expected a map: null"),
        (r#"{"a":"#, r#"EOF while parsing a value: {"a":"#),
    ] {
        let server = always(Answer::json(body));
        let said = sentence(eager(&server.url()).sonarr.naming());
        let expected =
            format!("cannot ask radarr for its naming settings: its answer is not the JSON expected, {expected}");
        assert_eq!(said, expected);
        assert_eq!(server.requests().len(), 1, "{body}");
    }
}

#[test]
fn an_app_that_repeats_the_key() {
    for answer in [
        Answer::json(format!(r#"{{"message":"bad key {KEY}"}}"#)).code(400),
        Answer::json(format!("{{\"key\":\"{KEY}\"}}")),
        Answer::status(302).header("Location", &format!("/x/{KEY}?apikey={KEY}")),
    ] {
        assert!(said(answer).contains("(key)"));
    }
}
