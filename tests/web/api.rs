//! The JSON API.

use plex_linker::{
    config::Database,
    db::Changes,
    model::{AppState, Meaning, Report, RuleState},
};
use serde_json::{Value, json};

use super::{
    answering, on_both,
    site::{Answers, Site, local, report, rule_state, wish},
    sqlite, with,
};
use crate::support::settings;

const RULE: &str = r#"{"movie_title": "Film", "tmdb_id": 603, "show_name": "Show", "episode": 3}"#;

pub fn sql(site: &Site, statement: &str) {
    match &site.database {
        Database::Postgres { server, .. } => {
            server.connect(postgres::NoTls).unwrap().batch_execute(statement).unwrap();
        }
        Database::Sqlite(file) => {
            rusqlite::Connection::open(file).unwrap().execute_batch(statement).unwrap();
        }
    }
}

#[test]
fn rules_are_added_shown_changed_and_deleted() {
    on_both(|site| {
        assert_eq!(site.get("/api/rules").status(200).value(), json!([]));
        let answer = site.json("POST", "/api/rules", RULE).status(201);
        assert_eq!(answer.value(), json!({ "id": 1, "movie_title": "Film", "show_name": "Show" }));
        assert_eq!(answer.header("Location"), "/api/rules/1");
        let rule = json!({
            "id": 1, "movie_title": "Film", "tmdb_id": 603, "show_name": "Show", "episode": 3, "season": null,
            "episode_id": null, "series_id": null, "tvdb_id": null
        });
        let shown = |rule: &Value| {
            let mut shown = rule.clone();
            (shown["state"], shown["link"]) = (json!("unseen"), Value::Null);
            (shown["reason"], shown["since"]) = (json!(""), json!(0));
            shown
        };
        assert_eq!(site.get("/api/rules").status(200).value(), json!([shown(&rule)]));
        assert_eq!(site.get("/api/rules/1").status(200).value(), shown(&rule));

        let mut changed = rule;
        changed["season"] = json!("0001");
        changed["episode"] = json!(null);
        changed["episode_id"] = json!(9);
        assert_eq!(site.json("PUT", "/api/rules/1", &changed.to_string()).status(200).value(), changed);
        assert_eq!(site.get("/api/rules/1").value(), shown(&changed));

        assert_eq!(site.send(&local("DELETE", "/api/rules/1")).status(200).value(), json!({ "deleted": 1 }));
        assert_eq!(site.get("/api/rules").value(), json!([]));
        assert_eq!(site.asked(), ["soon", "soon", "soon"]);
    });
}

#[test]
fn a_rule_comes_with_what_the_last_run_found_of_it() {
    with(&[], |site| {
        for number in 1..=2 {
            site.db().add_rule(&wish(&format!("Film {number}"), "Show", number)).unwrap();
        }
        let link = Some("/m/tv/Show/Link.mkv".into());
        let found = RuleState { link, since: 77, ..rule_state(2, "linked", "a notice") };
        site.state.lock().unwrap().end(5, 5, report(&[found]));
        let list = site.get("/api/rules").value();
        let told = |rule: &Value| (rule["id"].clone(), rule["state"].clone(), rule["link"].clone());
        assert_eq!(told(&list[0]), (json!(1), json!("unseen"), Value::Null));
        assert_eq!(told(&list[1]), (json!(2), json!("linked"), json!("/m/tv/Show/Link.mkv")));
        assert_eq!((&list[1]["reason"], &list[1]["since"]), (&json!("a notice"), &json!(77)));
        let shown = site.get("/api/rules/2").value();
        assert_eq!(shown, list[1]);
        // it may be sent back as it came
        site.json("PUT", "/api/rules/2", &shown.to_string()).status(200);
    });
}

#[test]
fn of_many_rules_at_once_each_has_its_answer() {
    on_both(|site| {
        let rule = |title: &str, episode: i32| json!({ "movie_title": title, "tmdb_id": episode, "show_name": "Show", "episode": episode });
        let list = json!([rule("One", 1), rule("", 2), rule("One", 1), 7, rule("Two", 2)]);
        let answers = site.json("POST", "/api/rules", &list.to_string()).status(207).value();
        let statuses: Vec<_> =
            answers.as_array().unwrap().iter().map(|answer| answer["status"].as_i64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 409, 422, 201]);
        assert_eq!(answers[0], json!({ "status": 201, "id": 1, "movie_title": "One", "show_name": "Show" }));
        assert!(answers[1]["detail"].as_str().unwrap().contains("movie_title"), "{answers}");
        assert_eq!(site.get("/api/rules").header("X-Total-Count"), "2");
        assert_eq!(site.json("POST", "/api/rules", "[]").status(207).value(), json!([]));
    });
}

#[test]
fn whether_it_lives_is_told_as_sonarr_and_radarr_tell_it() {
    with(&[], |site| {
        let answer = site.send(&super::site::remote("GET", "/ping").header("Host", "anything.example")).status(200);
        assert_eq!(answer.value(), json!({ "status": "OK" }));
    });
}

#[test]
fn a_part_of_the_rules_can_be_asked_for() {
    with(&[], |site| {
        for number in 1..=5 {
            site.db().add_rule(&wish(&format!("Film {number}"), "Show", number)).unwrap();
        }
        let ids = |query: &str| {
            let list = site.get(&format!("/api/rules{query}")).status(200).value();
            list.as_array().unwrap().iter().map(|rule| rule["id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ids(""), [1, 2, 3, 4, 5]);
        assert_eq!(ids("?limit=2"), [1, 2]);
        assert_eq!(ids("?limit=2&offset=3"), [4, 5]);
        assert_eq!(site.get("/api/rules?limit=2&offset=3").header("X-Total-Count"), "5");
        assert_eq!(ids("?offset=9"), [0; 0]);
        assert_eq!(ids("?limit=0"), [0; 0]);
        assert_eq!(ids("?limit=18446744073709551615"), [1, 2, 3, 4, 5]);
        for query in ["?limit=-1", "?limit=x", "?offset=1.5", "?offset=99999999999999999999"] {
            assert!(site.get(&format!("/api/rules{query}")).status(422).detail().ends_with("it must be a number"));
        }
    });
}

#[test]
fn every_mistake_in_a_rule_is_told_with_its_field() {
    on_both(|site| {
        let long = "x".repeat(501);
        // what is changed in a sound rule, and what is said of it
        let cases = [
            (json!({ "movie_title": "" }), "movie_title is empty: give a title"),
            (json!({ "movie_title": null }), "movie_title is missing"),
            (json!({ "movie_title": 5 }), "movie_title is 5: it must be a text"),
            (json!({ "movie_title": long }), "movie_title is longer than 500 bytes"),
            (json!({ "movie_title": "a\u{0}b" }), "movie_title has a control character"),
            (json!({ "show_name": "a\nb" }), "show_name has a control character"),
            (json!({ "show_name": " " }), "show_name is empty: give a title"),
            (json!({ "tmdb_id": -1 }), "tmdb_id is -1: it must be a positive number, see the film's page"),
            (
                json!({ "tmdb_id": 1_180_591_620_717_411_303_424.0_f64 }),
                "tmdb_id is 1.1805916207174113e+21: it must be a whole number of at most 2147483647",
            ),
            (json!({ "tmdb_id": 1.5 }), "tmdb_id is 1.5: it must be a whole number of at most 2147483647"),
            (json!({ "tmdb_id": "x" }), "tmdb_id is \"x\": it must be a whole number of at most 2147483647"),
            (json!({ "tmdb_id": [] }), "tmdb_id is a list: it must be a whole number of at most 2147483647"),
            (json!({ "tmdb_id": null }), "tmdb_id is missing"),
            (json!({ "episode": null }), "episode is missing: give the special's number"),
            (json!({ "episode": 10_000 }), "episode must be between 0 and 9999"),
            (json!({ "episode": true }), "episode is true: it must be a whole number of at most 2147483647"),
            (
                json!({ "season": "<img src=x onerror=alert(1)>" }),
                "season is \"<img src=x onerror=alert(1)>\": it must be 1 to 4 digits",
            ),
            (json!({ "season": [] }), "season is a list: it must be 1 to 4 digits"),
            (
                json!({ "episode": 4, "last_episode": 1 }),
                "episode is 4-1: the second number must be the greater one, by at most 99",
            ),
            (json!({ "episode_id": 0 }), "episode_id must be a positive number or absent"),
            (json!({ "series_id": -5 }), "series_id must be a positive number or absent"),
            (
                json!({ "tvdb_id": 2_147_483_648_u32 }),
                "tvdb_id is 2147483648: it must be a whole number of at most 2147483647",
            ),
        ];
        let rule = site.db().add_rule(&wish("Other", "Show", 1)).unwrap();
        for (change, sentence) in cases {
            let mut rule_: Value = serde_json::from_str(RULE).unwrap();
            rule_.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            for (method, path) in [("POST", "/api/rules".to_string()), ("PUT", format!("/api/rules/{}", rule.id))] {
                assert_eq!(site.json(method, &path, &rule_.to_string()).status(422).detail(), sentence, "{change}");
            }
        }
        let answer = site.json("POST", "/api/rules", "{}").status(422);
        let all = "movie_title is missing; tmdb_id is missing; show_name is missing; episode is missing: give the special's number";
        assert_eq!(answer.detail(), all);
        assert_eq!(site.db().rules().unwrap().rules, [rule], "nothing has been added");
    });
}

#[test]
fn bodies_that_are_no_rule_are_refused() {
    with(&[], |site| {
        let deep = "[".repeat(60_000);
        for body in ["", "{", "null", "5", "\"x\"", "\u{feff}{}", r#"{"movie_title": "\ud800"}"#, &deep] {
            site.json("POST", "/api/rules", body).status(422).detail();
        }
        let mut binary = local("POST", "/api/rules").header("Content-Type", "application/json");
        binary.0.body = vec![0xff, 0xfe, 0];
        site.send(&binary).status(422);
        let untyped = local("PUT", "/api/rules/1").body(RULE);
        assert!(site.send(&untyped).status(415).detail().contains("application/json"));
        let typed = local("POST", "/api/rules").header("Content-Type", "Application/JSON; charset=utf-8").body(RULE);
        site.send(&typed).status(201);
    });
}

#[test]
fn numbers_as_the_old_program_took_them_are_taken() {
    with(&[], |site| {
        let rule = r#"{"id": 77, "movie_title": "A", "tmdb_id": "603", "show_name": "S", "episode": 3.0, "more": 1}"#;
        site.json("POST", "/api/rules", rule).status(201);
        let kept = site.get("/api/rules/1").value();
        assert_eq!((&kept["tmdb_id"], &kept["episode"]), (&json!(603), &json!(3)));
        assert_eq!(kept.get("last_episode"), None);
    });
}

#[test]
fn several_specials_that_are_one_film_are_a_range() {
    on_both(|site| {
        let rule = |episode: Value| json!({ "movie_title": "A", "tmdb_id": 603, "show_name": "S", "episode": episode });
        site.json("POST", "/api/rules", &rule(json!("S01E01-E04")).to_string()).status(201);
        let kept = site.get("/api/rules/1").value();
        assert_eq!((&kept["episode"], &kept["last_episode"], &kept["season"]), (&json!(1), &json!(4), &json!("01")));
        // and what is shown can be put back
        site.json("PUT", "/api/rules/1", &kept.to_string()).status(200);
        assert_eq!(site.get("/api/rules/1").value(), kept);
        site.json("PUT", "/api/rules/1", &rule(json!("2")).to_string()).status(200);
        assert_eq!(site.get("/api/rules/1").value().get("last_episode"), None);
        // another special of the same show is another rule
        site.json("POST", "/api/rules", &rule(json!(7)).to_string()).status(201);
        site.json("POST", "/api/rules", &rule(json!("7-8")).to_string()).status(409);
    });
}

/// What a run has found the rule to mean.
pub fn remember(site: &Site, rule: i32) {
    let meaning = Meaning {
        rule,
        wish: String::new(),
        sonarr: 0,
        series_id: 1,
        series_tvdb_id: 2,
        specials: vec![],
        radarr: 0,
        movie_id: 3,
        disk: Some("/media/movies".into()),
    };
    site.db().save(&Changes { meanings: vec![meaning], ..Changes::default() }).unwrap();
}

#[test]
fn a_rule_is_confirmed() {
    on_both(|site| {
        let rule = site.db().add_rule(&wish("Film", "Show", 1)).unwrap();
        remember(site, rule.id);
        let answer = site.json("POST", &format!("/api/rules/{}/confirm", rule.id), "").status(200);
        assert_eq!(answer.value(), json!(rule));
        assert_eq!(site.db().meanings().unwrap(), []);
        assert_eq!(site.asked(), ["soon"]);
        site.json("POST", "/api/rules/99/confirm", "").status(404);
        site.json("POST", "/api/rules/x/confirm", "").status(422);
    });
}

#[test]
fn a_second_rule_for_the_same_film_and_show_is_a_conflict() {
    on_both(|site| {
        site.json("POST", "/api/rules", RULE).status(201);
        let sentence = "a rule for \"Film\" in \"Show\" is there already: edit or remove that one";
        assert_eq!(site.json("POST", "/api/rules", RULE).status(409).detail(), sentence);
        let other = site.db().add_rule(&wish("Other", "Show", 4)).unwrap().id;
        assert_eq!(site.json("PUT", &format!("/api/rules/{other}"), RULE).status(409).detail(), sentence);
    });
}

#[test]
fn rules_that_are_not_there_are_not_found() {
    on_both(|site| {
        for id in ["1", "0", "-1", "2147483648", "99999999999999999999"] {
            let path = format!("/api/rules/{id}");
            for answer in [site.get(&path), site.json("PUT", &path, RULE), site.send(&local("DELETE", &path))] {
                assert_eq!(answer.status(404).detail(), format!("there is no rule {id}"));
            }
        }
        for id in ["x", "1x", "1.0", "%31%00", "--1", "%C3%A9"] {
            site.get(&format!("/api/rules/{id}")).status(422).detail();
        }
    });
}

#[test]
fn a_row_that_is_no_rule_is_left_out_and_can_be_deleted() {
    on_both(|site| {
        site.json("POST", "/api/rules", RULE).status(201);
        sql(site, "INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode) VALUES ('Bad', -5, 'Show', 1)");
        assert_eq!(site.get("/api/rules").value().as_array().unwrap().len(), 1);
        assert!(site.get("/api/rules/2").status(422).detail().starts_with("cannot use rule 2: tmdb_id is -5"));
        site.send(&local("DELETE", "/api/rules/2")).status(200);
    });
}

#[test]
fn settings_come_back_as_they_went_in() {
    on_both(|site| {
        for value in &settings::values() {
            let expected = json!({ "key": "a key-1._", "value": value });
            let body = json!({ "value": value }).to_string();
            assert_eq!(site.json("PUT", "/api/settings/a%20key-1._", &body).status(200).value(), expected);
            assert_eq!(site.get("/api/settings/a%20key-1._").status(200).value(), expected);
        }
        assert_eq!(site.get("/api/settings/other").status(404).detail(), "there is no setting \"other\"");
        site.get("/api/settings/%00").status(404);
        assert_eq!(site.json("PUT", "/api/settings/x", "{}").status(422).detail(), "value is missing");
        assert_eq!(site.json("PUT", "/api/settings/x", "[]").status(422).detail(), "value is missing");
        for key in ["a%2Fb", "%00", "%C3%A9", "a+b", &"x".repeat(65)] {
            site.json("PUT", &format!("/api/settings/{key}"), r#"{"value": 1}"#).status(422);
        }
        let long = json!({ "value": "x".repeat(17_000) }).to_string();
        site.json("PUT", "/api/settings/x", &long).status(413);
    });
}

#[test]
fn the_status_tells_the_last_run() {
    with(&[], |site| {
        let fresh = site.get("/api/status").status(200).value();
        assert_eq!((&fresh["running"], &fresh["last"]), (&json!(false), &Value::Null));
        let states =
            [rule_state(1, "linked", ""), rule_state(2, "waiting_for_movie_file", "Radarr has no file for \"B\" yet")];
        {
            let mut state = site.state.lock().unwrap();
            state.started_at = Some(100);
            state.end(110, 900, report(&states));
            state.next_run_at = Some(1000);
            state.apps = vec![AppState { name: "sonarr".into(), version: Some("4.0".into()), problem: None }];
        }
        let status = site.get("/api/status").status(200).value();
        let told: Vec<RuleState> = serde_json::from_value(status["last"]["rules"].clone()).unwrap();
        assert_eq!(told, states);
        assert_eq!((&status["last_run_at"], &status["last_duration_ms"]), (&json!(110), &json!(900)));
        let counts = json!({
            "rules": 2, "good": 1, "waiting": 1, "attention": 0, "failed": 0,
            "states": { "linked": 1, "waiting_for_movie_file": 1 }
        });
        assert_eq!(status["counts"], counts);
        let readme = include_str!("../../README.md");
        let fields: Vec<&str> =
            readme.split("field: ").skip(1).map(|rest| rest.split([',', '}']).next().unwrap()).collect();
        assert_eq!(fields.len(), 4, "the widget of the README");
        for field in fields {
            let pointer = format!("/{}", field.replace('.', "/"));
            assert!(status.pointer(&pointer).is_some_and(Value::is_number), "{field}");
        }
        assert_eq!(status["apps"], json!([{ "name": "sonarr", "version": "4.0", "problem": null }]));

        site.cannot_run(120, "cannot open the database: it is away");
        let failing = site.get("/api/status").status(503).value();
        assert_eq!(failing["detail"], "cannot open the database: it is away");
        assert_eq!(failing["last"]["rules"].as_array().unwrap().len(), 2, "what was found before is still told");

        let mut failed = report(&states);
        failed.failed = true;
        failed.problems = vec!["radarr is away".into(), "sonarr is away".into()];
        site.state.lock().unwrap().end(130, 5, failed);
        assert_eq!(site.get("/api/status").status(503).detail(), "radarr is away; sonarr is away");
    });
}

#[test]
fn runs_are_asked_for_and_previewed() {
    with(&[], |site| {
        assert_eq!(site.json("POST", "/api/run", "").status(202).value(), json!({ "started": true }));
        let plan = site.get("/api/plan").status(200).value();
        assert!(plan["text"].as_str().unwrap().starts_with("create /m/tv/"));
        assert_eq!(plan["report"]["changes"].as_array().unwrap().len(), 1);
        assert_eq!(site.asked(), ["run", "preview"]);
    });
    answering(Answers::none(), |site| {
        let answer = site.get("/api/plan").status(503);
        assert_eq!(answer.detail(), "another run is busy");
        assert_eq!(answer.header("Retry-After"), "10");
    });
}

#[test]
fn a_webhook_starts_a_run_unless_it_is_only_a_trial() {
    with(&[], |site| {
        site.json("POST", "/api/webhook", r#"{"eventType": "Download"}"#).status(202);
        site.json("POST", "/api/webhook", r#"{"eventType": "Test"}"#).status(200);
        site.json("POST", "/api/webhook", "[1]").status(202);
        site.json("POST", "/api/webhook", "no").status(422);
        assert_eq!(site.asked(), ["soon", "soon"]);
        // as programs and proxies send it
        for (method, path, kind, body) in [
            ("PUT", "/api/webhook", "application/json", r#"{"eventType": "Download"}"#),
            ("POST", "/api/webhook/", "text/plain", r#"{"eventType": "Download"}"#),
            ("POST", "//api//webhook", "", "\u{feff}{\"eventType\": \"Download\"}"),
            ("POST", "/api/webhook", "", ""),
            ("PUT", "/api/webhook", "", " \r\n"),
            ("POST", "/api/webhook", "", r#"{"eventType": 5, "deleteReason": "upgrade"}"#),
        ] {
            let sent =
                local(method, path).header("Content-Type", kind).header("X-Api-Key", super::site::KEY).body(body);
            site.send(&sent).status(202);
            assert_eq!(site.asked(), ["soon"], "{method} {path} {body:?}");
        }
    });
}

#[test]
fn an_event_that_another_follows_or_that_a_run_caused_starts_nothing_by_itself() {
    with(&[], |site| {
        for (name, asked) in [
            ("radarr_Download", &["soon"][..]),
            ("radarr_MovieDelete", &["soon"]),
            ("radarr_MovieFileDelete_manual", &["soon"]),
            ("radarr_MovieFileDelete_missingFromDisk", &["soon"]),
            ("radarr_MovieFileDelete_upgrade", &[]),
            ("radarr_Rename", &["soon"]),
            ("radarr_Test", &[]),
            ("sonarr_EpisodeFileDelete_manualOverride", &["gone"]),
            ("sonarr_EpisodeFileDelete_missingFromDisk", &["gone"]),
            ("sonarr_Rename", &["soon"]),
            ("sonarr_SeriesAdd", &["soon"]),
            ("sonarr_SeriesDelete", &["soon"]),
            ("sonarr_Test", &[]),
        ] {
            let file = format!("{}/tests/fixtures/recorded/webhooks/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let body = std::fs::read_to_string(&file).unwrap_or_else(|cause| panic!("{file}: {cause}"));
            let answer = site.json("POST", "/api/webhook", &body);
            answer.status(if name.ends_with("_Test") { 200 } else { 202 });
            assert_eq!(site.asked(), asked, "{name}");
        }
    });
}

/// All that Radarr and Sonarr have sent since their third versions.
#[test]
fn only_events_on_which_links_may_depend_start_a_run() {
    with(&[], |site| {
        for (event, asked) in [
            ("Download", &["soon"][..]),
            ("Rename", &["soon"]),
            ("MovieAdded", &["soon"]),
            ("MovieDelete", &["soon"]),
            ("MovieFileDelete", &["soon"]),
            ("SeriesAdd", &["soon"]),
            ("SeriesDelete", &["soon"]),
            ("EpisodeFileDelete", &["soon"]),
            // of a later version
            ("Unheard", &["soon"]),
            // nothing has come to a disk yet
            ("Grab", &[]),
            ("ManualInteractionRequired", &[]),
            ("Health", &[]),
            ("HealthRestored", &[]),
            ("ApplicationUpdate", &[]),
        ] {
            site.json("POST", "/api/webhook", &format!(r#"{{"eventType": "{event}"}}"#)).status(202);
            assert_eq!(site.asked(), asked, "{event}");
        }
    });
}

#[test]
fn a_check_is_told_and_shared() {
    with(&[], |site| {
        let check = site.get("/api/check").status(200).value();
        assert_eq!(check["ok"], false);
        assert_eq!(
            check["findings"][2],
            json!({ "what": "wrong", "sentence": "the key is not <its>", "mend": "copy it again" })
        );
        site.get("/api/check").status(200);
        assert_eq!(site.looked(), ["check"], "programs share one");
    });
}

#[test]
fn suggestions_are_those_without_a_rule() {
    with(&[], |site| {
        let found = site.get("/api/suggestions").status(200).value();
        let list = found["suggestions"].as_array().unwrap();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0]["likely"], json!(true));
        site.json("POST", "/api/rules", &list[0]["rule"].to_string()).status(201);
        let left = site.get("/api/suggestions").value();
        assert_eq!(left["suggestions"].as_array().unwrap().len(), 1);
        assert_eq!(left["suggestions"][0]["movie_title"], "One Piece Film Red");
    });
    answering(Answers::none(), |site| drop(site.get("/api/suggestions").status(503).detail()));
}

#[test]
fn the_metrics_count_what_there_is() {
    with(&[], |site| {
        let text = site.get("/metrics").status(200).body;
        assert!(text.contains(&format!("plex_linker_build_info{{version=\"{}\"}} 1\n", env!("CARGO_PKG_VERSION"))));
        assert!(!text.contains("last_run"), "there has been none");
        {
            let mut state = site.state.lock().unwrap();
            let mut done =
                report(&[rule_state(1, "linked", ""), rule_state(2, "linked", ""), rule_state(3, "occupied", "x")]);
            done.changes = vec!["a".into(), "b".into()];
            state.end(500, 1500, done);
            let undone = Report::undone(600, "no".into(), state.last.as_deref());
            state.end(600, 250, undone);
            state.apps = vec![AppState { name: "so\"nar\\r".into(), version: None, problem: Some("x".into()) }];
        }
        let text = site.get("/metrics").body;
        for line in [
            "plex_linker_running 0",
            "plex_linker_last_run_timestamp_seconds 600",
            "plex_linker_last_run_duration_seconds 0.25",
            "plex_linker_last_run_success 0",
            "plex_linker_rules{state=\"linked\"} 2",
            "plex_linker_rules{state=\"occupied\"} 1",
            "plex_linker_runs_total{result=\"done\"} 1",
            "plex_linker_runs_total{result=\"failed\"} 1",
            "plex_linker_changes_total 2",
            "plex_linker_problems_total 1",
            "plex_linker_app_up{app=\"so\\\"nar\\\\r\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
    });
}

#[test]
fn while_the_database_is_away_it_is_said_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite(&folder);
    let site = Site::new(&url, &[]);
    drop(folder);
    for (method, path) in [
        ("GET", "/api/rules"),
        ("POST", "/api/rules"),
        ("GET", "/api/rules/1"),
        ("PUT", "/api/rules/1"),
        ("DELETE", "/api/rules/1"),
        ("GET", "/api/settings/x"),
        ("GET", "/api/suggestions"),
    ] {
        let answer = site.json(method, path, RULE).status(503);
        assert!(answer.detail().starts_with("cannot open the database "), "{answer:?}");
        assert_eq!(answer.header("Retry-After"), "10");
    }
    site.get("/health").status(200);
    site.get("/api/status").status(200);
    site.get("/").status(503).shows("cannot open the database");
    site.form("/rules", &[("movie_title", "A"), ("tmdb_id", "1"), ("show_name", "S"), ("episode", "1")]).status(503);
}

/// D34
#[test]
fn while_the_database_is_locked_it_can_be_read() {
    with(&[], |site| {
        site.json("POST", "/api/rules", RULE).status(201);
        let Database::Sqlite(file) = &site.database else { panic!("another database") };
        let writer = rusqlite::Connection::open(file).unwrap();
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(site.get("/api/rules").status(200).value()[0]["id"], 1);
        site.get("/").status(200);
        let refused = site.json("PUT", "/api/rules/1", RULE).status(503);
        assert!(refused.detail().contains("another program has kept it locked"), "{refused:?}");
        assert_eq!(refused.header("Retry-After"), "10");
        writer.execute_batch("COMMIT").unwrap();
        site.json("PUT", "/api/rules/1", RULE).status(200);
    });
}

#[test]
fn there_can_be_ten_thousand_rules() {
    with(&[], |site| {
        let wishes: Vec<_> = (0..9_999).map(|n| wish(&format!("Film {n}"), "Show", 1)).collect();
        site.db().import_rules(&wishes).unwrap();
        site.json("POST", "/api/rules", RULE).status(201);
        let more = r#"{"movie_title": "One more", "tmdb_id": 1, "show_name": "Show", "episode": 1}"#;
        assert_eq!(site.json("POST", "/api/rules", more).status(409).detail(), "there can be no more than 10000 rules");
        assert_eq!(site.get("/api/rules").value().as_array().unwrap().len(), 10_000);
    });
}

#[test]
fn other_addresses_and_methods_are_refused() {
    with(&[], |site| {
        for path in ["/api", "/api/", "/api/nothing", "/api/rules/1/more"] {
            site.get(path).status(404).detail();
        }
        for path in ["/nothing", "/../etc/passwd", "/%2e%2e/x", "/web.rs", "/src/web.rs", "*", "http://nas/"] {
            site.get(path).status(404).shows("nothing at this address");
        }
        for (method, path, allow) in [
            ("DELETE", "/api/rules", "GET, POST"),
            ("PATCH", "/api/rules/1", "GET, PUT, DELETE"),
            ("DELETE", "/api/settings/x", "GET, PUT"),
            ("GET", "/api/run", "POST"),
            ("PUT", "/api/status", "GET"),
            ("OPTIONS", "/api/rules", "GET, POST"),
        ] {
            let answer = site.json(method, path, "{}").status(405);
            assert_eq!(answer.header("Allow"), allow);
        }
        assert_eq!(site.send(&local("HEAD", "/api/rules")).status(200).body, "[]");
    });
}

#[test]
fn reading_changes_nothing() {
    with(&[], |site| {
        let rule = site.db().add_rule(&wish("Film", "Show", 1)).unwrap();
        site.db().save(&Changes::default()).unwrap();
        for path in [
            "/",
            "/rules/1",
            "/rules/1/edit",
            "/rules/1/try",
            "/rules/restore",
            "/rules/1/delete",
            "/rules/new",
            "/run",
            "/api/run",
            "/logout",
            "/runs",
            "/suggestions",
            "/rules/export",
        ] {
            site.get(path);
        }
        assert_eq!(site.db().rules().unwrap().rules, [rule]);
        assert!(!site.asked().iter().any(|word| matches!(*word, "run" | "soon" | "stop")));
    });
}
