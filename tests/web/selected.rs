//! Several rules at once: deleted, made again, exported.

use serde_json::json;

use super::{
    on_both,
    site::{Site, wish},
    with,
};

fn titles(site: &Site) -> Vec<String> {
    site.db().rules().unwrap().rules.into_iter().map(|rule| rule.wish.movie_title).collect()
}

fn with_rules(site: &Site) {
    for (title, episode) in [("A", 1), ("B", 2), ("C", 3)] {
        site.db().add_rule(&wish(title, "Show", episode)).unwrap();
    }
}

#[test]
fn those_that_are_selected_are_deleted_after_being_asked_and_can_be_made_again() {
    on_both(|site| {
        with_rules(site);
        let page = site.get("/").status(200);
        page.shows("<input type=\"checkbox\" id=\"r2\" name=\"id\" value=\"2\" form=\"selected\">");
        page.shows("<label class=\"hidden\" for=\"r2\">Select B</label>");
        assert_eq!(site.get("/?select=all").body.matches("form=\"selected\" checked").count(), 3);
        site.get("/?state=good&q=show").shows("No rule fits");

        let page = site.get("/rules/delete?id=3&id=1&id=3").status(200);
        page.shows("Delete these 2 rules?");
        page.shows("method=\"post\" action=\"/rules/delete\"");
        for id in [1, 3] {
            page.shows(&format!("<input type=\"hidden\" name=\"id\" value=\"{id}\">"));
        }
        assert_eq!(titles(site), ["A", "B", "C"]);
        site.form("/rules/delete", &[("id", "3"), ("id", "1")]).leads_to("/?done=removed");
        assert_eq!(titles(site), ["B"]);

        let page = site.get("/?done=removed").status(200);
        page.shows("The rules are deleted.");
        page.shows("action=\"/rules/restore\"");
        assert!(!site.get("/").body.contains("/rules/restore"), "only just after it");
        site.form("/rules/restore", &[("id", "1"), ("id", "3")]).leads_to("/?done=restored");
        let rules = site.db().rules().unwrap().rules;
        assert_eq!(titles(site), ["B", "A", "C"]);
        assert_eq!(rules[1].wish, wish("A", "Show", 1));
        assert!(rules.iter().all(|rule| rule.id == 2 || rule.id > 3), "numbers are never given again");
        site.form("/rules/restore", &[("id", "1"), ("id", "3")]).status(404).shows("not known any more");
        assert_eq!(titles(site).len(), 3, "sent twice");

        // to name one twice is to name it
        site.json("POST", "/api/rules/delete", "{\"ids\":[2,2]}").status(200);
        assert_eq!(titles(site), ["A", "C"]);
    });
}

#[test]
fn one_that_was_deleted_by_its_own_button_can_be_made_again() {
    with(&[], |site| {
        with_rules(site);
        site.form("/rules/2/delete", &[]).leads_to("/?done=deleted");
        let page = site.get("/?done=deleted").status(200);
        page.shows("Undo: make it again");
        assert!(!page.body.contains("http-equiv=\"refresh\""), "it should stay there: {}", page.body);
        page.shows("<input type=\"hidden\" name=\"id\" value=\"2\">");
        site.form("/rules/restore", &[("id", "2")]).leads_to("/?done=restored");
        assert_eq!(titles(site), ["A", "C", "B"]);
    });
}

#[test]
fn all_that_are_named_go_or_none() {
    on_both(|site| {
        with_rules(site);
        for (method, path) in [("GET", "/rules/delete"), ("POST", "/rules/delete"), ("POST", "/rules/restore")] {
            let answer = if method == "GET" { site.get(path) } else { site.form(path, &[]) };
            answer.status(422).shows("no rule is selected");
        }
        site.get("/rules/delete?id=1&id=9").status(404).shows("there is no rule 9");
        site.get("/rules/delete?id=x").status(422);
        site.form("/rules/delete", &[("id", "1"), ("id", "9")]).status(404);
        let refused = site.json("POST", "/api/rules/delete", r#"{"ids":[1,9]}"#).status(404).detail();
        assert_eq!(refused, "there is no rule 9");
        for body in ["{}", r#"{"ids":1}"#, r#"{"ids":["1"]}"#, r#"{"ids":[1.5]}"#, r#"{"ids":[99999999999]}"#, "[1]"] {
            site.json("POST", "/api/rules/delete", body).status(422).detail();
        }
        assert_eq!(titles(site), ["A", "B", "C"]);
        let deleted = site.json("POST", "/api/rules/delete", r#"{"ids":[1,3]}"#).status(200).value();
        assert_eq!(deleted, json!({ "deleted": [1, 3] }));
        assert_eq!(titles(site), ["B"]);
    });
}

#[test]
fn those_that_are_selected_are_exported() {
    with(&[], |site| {
        with_rules(site);
        let exported = site.get("/rules/export?id=1&id=3").status(200).value();
        let of: Vec<_> = exported.as_array().unwrap().iter().map(|rule| rule["movie_title"].clone()).collect();
        assert_eq!(of, ["A", "C"]);
        assert_eq!(site.get("/rules/export").value().as_array().unwrap().len(), 3);
        site.get("/rules/export?id=x").status(422);
    });
}
