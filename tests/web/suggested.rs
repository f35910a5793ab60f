//! Suggestions are dismissed, brought back, and made rules all at once.

use serde_json::{Value, json};

use super::{
    answering, on_both,
    site::{Answers, Site},
    with,
};

/// The films that are suggested, by the API.
fn films(site: &Site, path: &str) -> Vec<(String, bool)> {
    let found = site.get(path).status(200).value();
    let one = |one: &Value| (one["movie_title"].as_str().unwrap().into(), one["dismissed"] == true);
    found["suggestions"].as_array().unwrap().iter().map(one).collect()
}

const SWORD: &str = "Sword Art Online the Movie: Ordinal Scale";
const PIECE: &str = "One Piece Film Red";

#[test]
fn what_is_dismissed_stays_away_until_it_is_brought_back() {
    on_both(|site| {
        let page = site.get("/suggestions").status(200);
        page.shows("action=\"/suggestions/1/dismiss\"");
        assert!(!page.body.contains("Dismissed"), "{}", page.body);
        site.form("/suggestions/1/dismiss", &[("beside", "2")]).leads_to("/suggestions?done=dismissed#2");
        assert_eq!(films(site, "/api/suggestions"), [(PIECE.into(), false)]);
        assert_eq!(films(site, "/api/suggestions?all=1"), [(PIECE.into(), false), (SWORD.into(), true)]);
        let page = site.get("/suggestions?done=dismissed").status(200);
        page.shows("It is not suggested any more");
        page.shows("id=\"2\"");
        assert!(!page.body.contains("id=\"1\"") && page.body.contains("action=\"/suggestions/1/restore\""));

        // the last one, and again
        site.form("/suggestions/2/dismiss", &[("beside", "")]).leads_to("/suggestions?done=dismissed");
        site.form("/suggestions/2/dismiss", &[]).leads_to("/suggestions?done=dismissed");
        site.get("/suggestions").status(200).shows("No further film looks like a special");
        site.form("/suggestions/1/restore", &[]).leads_to("/suggestions?done=back#1");
        site.form("/suggestions/1/restore", &[]).status(404);
        assert_eq!(films(site, "/api/suggestions"), [(SWORD.into(), false)]);
    });
}

#[test]
fn programs_dismiss_and_bring_back_what_there_is() {
    with(&[], |site| {
        let dismissed = site.json("DELETE", "/api/suggestions/1", "").status(200).value();
        assert_eq!(dismissed, json!({ "dismissed": "1" }));
        assert_eq!(films(site, "/api/suggestions"), [(PIECE.into(), false)]);
        assert_eq!(site.json("POST", "/api/suggestions/1", "").status(200).value(), json!({ "restored": "1" }));
        assert_eq!(films(site, "/api/suggestions").len(), 2);
        for (method, id) in [("DELETE", "9"), ("POST", "9"), ("POST", "1"), ("POST", "a%00b"), ("DELETE", "%27")] {
            site.json(method, &format!("/api/suggestions/{id}"), "").status(404).detail();
        }
    });
    answering(Answers::none(), |site| {
        site.json("DELETE", "/api/suggestions/1", "").status(503).detail();
    });
}

#[test]
fn all_likely_ones_that_were_seen_become_rules_at_once() {
    let mut answers = Answers::sample();
    let list = &mut answers.suggestions.as_mut().unwrap().list;
    let mut third = list[0].clone();
    (third.id, third.tmdb_id, third.movie_title) = ("3".into(), 7, "Found later".into());
    list[1].likely = true;
    list.push(third);
    answering(answers, |site| {
        let page = site.get("/suggestions").status(200);
        page.shows("Make the 3 likely rules");
        for id in ["1", "2", "3"] {
            page.shows(&format!("<input type=\"hidden\" name=\"id\" value=\"{id}\">"));
        }
        // the third has been found after somebody has looked
        let seen = [("id", "1"), ("id", "2")];
        site.form("/suggestions", &seen).leads_to("/suggestions?done=made");
        let rules = site.db().rules().unwrap().rules;
        let made: Vec<_> = rules.iter().map(|rule| (rule.wish.tmdb_id, rule.wish.episode)).collect();
        assert_eq!(made, [(413_594, Some(22)), (900_667, Some(46))]);
        let page = site.get("/suggestions?done=made").status(200);
        page.shows("Found later");
        assert!(!page.body.contains("likely rules"), "one is made by its own button");
        site.form("/suggestions", &seen).leads_to("/suggestions?done=made");
        assert_eq!(site.db().rules().unwrap().rules.len(), 2, "sent twice");
    });
}

#[test]
fn what_is_not_suggested_any_more_is_no_rule_that_is_there() {
    with(&[], |site| {
        for (ids, sentence) in
            [(&["gone", "away"][..], "these suggestions are not there any more"), (&[], "no suggestion is selected")]
        {
            let fields: Vec<_> = ids.iter().map(|id| ("id", *id)).collect();
            let answer = site.form("/suggestions", &fields);
            answer.shows(sentence);
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
        let some = [("id", "1"), ("id", "gone")];
        site.form("/suggestions", &some).leads_to("/suggestions?done=fewer");
        assert_eq!(site.db().rules().unwrap().rules.len(), 1);
        site.get("/suggestions?done=fewer").shows("not all of them were suggested any more");
    });
}

#[test]
fn one_stays_at_ones_place_wherever_a_form_says() {
    with(&[], |site| {
        for beside in ["//evil.example", "1\r\nSet-Cookie: a=b", "1\" onclick=\"", "é"] {
            site.form("/suggestions/1/dismiss", &[("beside", beside)]).leads_to("/suggestions?done=dismissed");
        }
    });
}
