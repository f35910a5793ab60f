//! What the forms of the page do.

use plex_linker::model::{NewRule, Rule};
use serde_json::json;

use super::{
    answering, on_both,
    site::{Answer, Answers, Site, local, wish},
    with,
};

/// The one rule that there is.
pub fn only(site: &Site) -> NewRule {
    let rules = site.db().rules().unwrap().rules;
    assert_eq!(rules.len(), 1, "{rules:?}");
    rules[0].wish.clone()
}

/// What was typed is in its field still, or marked in the list of specials.
#[track_caller]
pub fn kept(answer: &Answer, field: &str, value: &str) {
    let marked = format!("name=\"picked\" id=\"s{value}\" value=\"{value}\" checked");
    if field == "episode" && answer.body.contains(&marked) {
        return;
    }
    answer.shows(&format!("name=\"{field}\" value=\"{value}\""));
}

#[test]
fn a_rule_is_added_as_picked_from_the_lists() {
    on_both(|site| {
        let page = site.get("/rules/new").status(200);
        page.shows("<option value=\"Violet Evergarden: The Movie (2020) [tmdb 533514]\">");
        page.shows("<option value=\"Violet Evergarden [tvdb 330139]\">");
        let answer = site.form(
            "/rules",
            &[
                ("movie_title", "Violet Evergarden: The Movie (2020) [tmdb 533514]"),
                ("tmdb_id", ""),
                ("show_name", "Violet Evergarden [tvdb 330139]"),
                ("tvdb_id", ""),
                ("episode", "3 · The Movie"),
                ("season", ""),
            ],
        );
        answer.leads_to("/?done=added");
        assert_eq!(
            only(site),
            NewRule {
                tvdb_id: Some(330_139),
                ..crate::support::rules::wish("Violet Evergarden: The Movie", 533_514, "Violet Evergarden", 3)
            }
        );
        site.get("/?done=added").shows("The rule is there. A run follows in a moment.");
        assert_eq!(site.asked(), ["soon"]);
    });
}

#[test]
fn titles_as_people_type_them_are_understood() {
    // film, TMDB number, show, special, season; then what they mean
    let cases = [
        (
            "violet evergarden: the MOVIE",
            "",
            "violet evergarden",
            "the movie",
            "",
            (533_514, Some(330_139), Some(3), None),
        ),
        ("One Piece Film Red (2022)", "", "One Piece", "S00E46", "", (900_667, Some(81_797), Some(46), Some("00"))),
        ("Ghost (2015)", "", "One Piece", "07", "0", (2, Some(81_797), Some(7), Some("0"))),
        ("Ghost", "1", "Unheard Of", "7", "", (1, None, Some(7), None)),
        ("Not in Radarr", "77", "One Piece", "s01e2", "", (77, Some(81_797), Some(2), Some("01"))),
        ("", "900667", "One Piece", "1", "", (900_667, Some(81_797), Some(1), None)),
    ];
    for (movie_title, tmdb_id, show_name, episode, season, (tmdb, tvdb, number, folder)) in cases {
        with(&[], |site| {
            let fields = [
                ("movie_title", movie_title),
                ("tmdb_id", tmdb_id),
                ("show_name", show_name),
                ("episode", episode),
                ("season", season),
            ];
            site.form("/rules", &fields).leads_to("/?done=added");
            let rule = only(site);
            assert_eq!((rule.tmdb_id, rule.tvdb_id, rule.episode), (tmdb, tvdb, number), "{movie_title}");
            assert_eq!(rule.season.as_deref(), folder);
        });
    }
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_tells_what_is_wrong_beside_the_field() {
    with(&[], |site| {
        // what is typed, and what is said of it
        let base = [("movie_title", "Ghost (1990)"), ("show_name", "One Piece"), ("episode", "1")];
        let cases = [
            (("movie_title", ""), "Film is empty: give a title"),
            (
                ("movie_title", "Ghost"),
                "TMDB number is missing: 2 films are called so: 1 is Ghost (1990), 2 is Ghost (2015)",
            ),
            (
                ("movie_title", "Unknown"),
                "TMDB number is missing: Radarr has no film called \"Unknown\", so its number must be given",
            ),
            (("tmdb_id", "x"), "TMDB number is \"x\": it must be a whole number of at most 2147483647"),
            (("tmdb_id", "2"), "TMDB number is 2, but \"Ghost\" is 1: empty one of them"),
            (("show_name", ""), "Show is empty: give a title"),
            (("tvdb_id", "5"), "TVDB number is 5, but \"One Piece\" is 81797: empty one of them"),
            (("episode", ""), "Special is missing: give the special's number"),
            (
                ("episode", "No Such"),
                "Special: the show has no special called \"No Such\": take one from the list, or give its number",
            ),
            (("episode", "99999"), "Special must be between 0 and 9999"),
            (("episode", "4-1"), "Special is 4-1: the second number must be the greater one, by at most 99"),
            (("season", "abc"), "Season is \"abc\": it must be 1 to 4 digits"),
            (("series_id", "0"), "Sonarr's number of the show must be a positive number or absent"),
        ];
        for ((field, value), sentence) in cases {
            let mut fields = base.to_vec();
            fields.retain(|(name, _)| *name != field);
            fields.push((field, value));
            let answer = site.form("/rules", &fields).status(422);
            let escaped = sentence.replace('"', "&#34;").replace('\'', "&#39;");
            answer.shows(&format!("<p class=\"mistake\">{escaped}</p>"));
            assert_eq!(answer.body.matches("class=\"mistake\"").count(), 1, "{}", answer.body);
            for (name, value) in fields {
                kept(&answer, name, value);
            }
            let wrong = if sentence.starts_with("TMDB") { "tmdb_id" } else { field };
            answer.shows(&format!("id=\"{wrong}-hint\"><p class=\"mistake\">"));
        }
        assert_eq!(site.db().rules().unwrap().rules, []);
    });
}

#[test]
fn a_duplicate_is_told_on_the_form() {
    on_both(|site| {
        site.db().add_rule(&wish("Film", "Show", 1)).unwrap();
        let fields = [("movie_title", "Film"), ("tmdb_id", "5"), ("show_name", "Show"), ("episode", "1-2")];
        let answer = site.form("/rules", &fields).status(409);
        answer.shows("is there already: edit or remove that one");
        kept(&answer, "episode", "1-2");
    });
}

#[test]
fn without_the_catalog_numbers_do() {
    answering(Answers::none(), |site| {
        site.get("/rules/new").status(200).shows("titles are not completed");
        let titles = [("movie_title", "Film"), ("show_name", "Show"), ("episode", "Title")];
        let answer = site.form("/rules", &titles).status(422);
        answer.shows("which specials the show has is not known");
        let numbers = [("movie_title", "Film"), ("tmdb_id", "5"), ("show_name", "Show"), ("episode", "3")];
        site.form("/rules", &numbers).leads_to("/?done=added");
    });
}

#[test]
fn the_specials_of_a_show_are_listed_without_losing_what_was_typed() {
    with(&[], |site| {
        let page = site.get("/rules/new?movie_title=Ghost&show_name=One+Piece&episode=&season=").status(200);
        kept(&page, "movie_title", "Ghost");
        page.shows("3 specials of this show");
        page.shows("name=\"picked\" id=\"s2\" value=\"2\"");
        let rule = site.db().add_rule(&wish("Film", "Show", 1)).unwrap();
        let page = site.get(&format!("/rules/{}/edit?movie_title=Typed&show_name=One+Piece", rule.id)).status(200);
        kept(&page, "movie_title", "Typed");
        page.shows(&format!("action=\"/rules/{}\"", rule.id));
    });
}

#[test]
fn a_rule_is_edited() {
    on_both(|site| {
        let full = NewRule {
            last_episode: None,
            movie_title: "Film".into(),
            tmdb_id: 5,
            show_name: "Show".into(),
            episode: Some(3),
            season: Some("001".into()),
            episode_id: Some(6),
            series_id: Some(7),
            tvdb_id: Some(8),
        };
        let Rule { id, .. } = site.db().add_rule(&full).unwrap();
        let page = site.get(&format!("/rules/{id}/edit")).status(200);
        let shown = [
            ("movie_title", "Film"),
            ("tmdb_id", "5"),
            ("show_name", "Show"),
            ("episode", "3"),
            ("season", "001"),
            ("episode_id", "6"),
            ("series_id", "7"),
            ("tvdb_id", "8"),
        ];
        for (field, value) in shown {
            kept(&page, field, value);
        }
        site.form(&format!("/rules/{id}"), &shown).leads_to("/?done=changed");
        assert_eq!(only(site), full, "what was not touched stays");

        let mut changed = shown.to_vec();
        changed[0].1 = "One Piece Film Red (2022) [tmdb 900667]";
        site.form(&format!("/rules/{id}"), &changed).leads_to("/?done=changed");
        assert_eq!((only(site).movie_title.as_str(), only(site).tmdb_id), ("One Piece Film Red", 900_667));

        changed[3].1 = "x";
        site.form(&format!("/rules/{id}"), &changed).status(422);
        site.form("/rules/99", &shown).status(404);
        site.get("/rules/99").status(404);
        site.get("/rules/x").status(422);
    });
}

#[test]
fn a_film_that_is_several_specials_is_typed_as_a_range() {
    with(&[], |site| {
        let fields = |episode| [("movie_title", "Film"), ("tmdb_id", "5"), ("show_name", "Show"), ("episode", episode)];
        for (typed, shown) in [("1-4", "1-4"), ("S00E01-E04", "1-4"), ("E02 - E03", "2-3")] {
            site.form("/rules", &fields(typed)).leads_to("/?done=added");
            let rule = site.db().rules().unwrap().rules.remove(0);
            assert_eq!(rule.wish.numbers().as_deref(), Some(shown));
            kept(&site.get(&format!("/rules/{}/edit", rule.id)), "episode", shown);
            site.form(&format!("/rules/{}", rule.id), &fields(shown)).leads_to("/?done=changed");
            assert_eq!(only(site).numbers().as_deref(), Some(shown));
            site.db().remove_rules(&[rule.id]).unwrap();
        }
    });
}

#[test]
fn a_rule_whose_special_has_become_another_one_is_confirmed_with_one_click() {
    with(&[], |site| {
        let id = site.db().add_rule(&wish("Film", "Show", 1)).unwrap().id;
        let button = format!("action=\"/rules/{id}/confirm\"");
        for (state, shown) in [("linked", false), ("changed", true)] {
            let found = super::site::report(&[super::site::rule_state(id.into(), state, "")]);
            site.state.lock().unwrap().end(5, 5, found);
            assert_eq!(site.get("/").status(200).body.contains(&button), shown, "{state}");
        }
        super::api::remember(site, id);
        site.form(&format!("/rules/{id}/confirm"), &[]).leads_to("/?done=confirmed");
        assert_eq!(site.db().meanings().unwrap(), []);
        site.form("/rules/99/confirm", &[]).status(404);
    });
}

#[test]
fn a_rule_is_deleted_after_being_asked() {
    on_both(|site| {
        let id = site.db().add_rule(&wish("Film", "Show", 1)).unwrap().id;
        let page = site.get(&format!("/rules/{id}/delete")).status(200);
        page.shows("Delete this rule?");
        page.shows(&format!("method=\"post\" action=\"/rules/{id}/delete\""));
        assert_eq!(site.db().rules().unwrap().rules.len(), 1);
        site.form(&format!("/rules/{id}/delete"), &[]).leads_to("/?done=deleted");
        assert_eq!(site.db().rules().unwrap().rules, []);
        site.form(&format!("/rules/{id}/delete"), &[]).status(404);
        site.get(&format!("/rules/{id}/delete")).status(404);
    });
}

#[test]
fn a_run_is_started_and_previewed_from_the_page() {
    with(&[], |site| {
        site.form("/run", &[]).leads_to("/?done=run");
        let page = site.get("/preview").status(200);
        page.shows("create /m/tv/Show/Season 00/A.mkv -&#62; ../A.mkv");
        page.shows("1 change: 3 links right, 0 rules skipped");
        assert_eq!(site.asked(), ["run", "preview"]);
    });
    answering(Answers::none(), |site| site.get("/preview").status(503).shows("another run is busy"));
}

#[test]
fn a_suggestion_becomes_a_rule_with_one_click() {
    with(&[], |site| {
        let page = site.get("/suggestions").status(200);
        page.shows("aired on the day of the film&#39;s release");
        let form = page.body.split("<form").skip(1).find(|form| form.contains("Ordinal Scale")).unwrap();
        let field = |input: &str| {
            let part = |name: &str| input.split(&format!("{name}=\"")).nth(1)?.split('"').next().map(String::from);
            Some((part("name")?, part("value")?))
        };
        let fields: Vec<(String, String)> = form.split("<input").filter_map(field).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        site.form("/suggestions", &fields).leads_to("/suggestions?done=added#2");
        let rule = only(site);
        assert_eq!((rule.tmdb_id, rule.tvdb_id, rule.episode), (413_594, Some(259_640), Some(22)));
        let page = site.get("/suggestions?done=added").status(200);
        page.shows("The rule is there.");
        assert!(!page.body.contains("Ordinal Scale"));
    });
}

pub fn upload(site: &Site, content: &str) -> Answer {
    let body = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rules.json\"\r\nContent-Type: application/json\r\n\r\n\
         {content}\r\n--xyz--\r\n"
    );
    let sent = local("POST", "/rules/import").header("Content-Type", "multipart/form-data; boundary=xyz");
    site.send(&sent.header("Origin", "http://localhost:8080").body(&body))
}

#[test]
fn what_is_exported_can_be_imported() {
    on_both(|site| {
        site.db().add_rule(&wish("Film \"one\" <b>", "Show -- é", 1)).unwrap();
        site.db().add_rule(&NewRule { season: Some("01".into()), ..wish("B", "Show", 2) }).unwrap();
        let export = site.get("/rules/export").status(200);
        assert!(export.header("Content-Disposition").starts_with("attachment; filename="));
        let before = site.db().rules().unwrap().rules;
        for rule in &before {
            site.db().remove_rules(&[rule.id]).unwrap();
        }
        upload(site, &export.body).leads_to("/?done=imported");
        let after = site.db().rules().unwrap().rules;
        let wishes = |rules: &[Rule]| rules.iter().map(|rule| rule.wish.clone()).collect::<Vec<_>>();
        assert_eq!(wishes(&after), wishes(&before));
        // once more changes nothing, nor does the mark with which Windows begins a text
        upload(site, &format!("\u{feff}{}", export.body)).leads_to("/?done=imported");
        assert_eq!(site.db().rules().unwrap().rules, after);
    });
}

#[test]
fn a_spreadsheet_can_be_imported() {
    with(&[], |site| {
        upload(site, "sep=;\r\nmovie_title;tmdb_id;show_name;episode\r\nAkira;149;Naruto;5")
            .leads_to("/?done=imported");
        assert_eq!(only(site).movie_title, "Akira");
    });
}

#[test]
fn an_import_with_a_mistake_imports_nothing() {
    with(&[], |site| {
        let sound = json!({ "movie_title": "A", "tmdb_id": 1, "show_name": "S", "episode": 1 });
        let cases = [
            ("no".to_string(), "line 1 cannot be imported: &#34;no&#34; is no field of a rule"),
            ("[".into(), "this is no list of rules in JSON: "),
            ("movie_title\nFilm".into(), "line 2 cannot be imported: tmdb_id is missing"),
            ("{}".into(), "this is no list of rules"),
            ("[5]".into(), "rule 1 cannot be imported: the rule must be a JSON object"),
            (
                json!([sound, { "movie_title": "<b>", "tmdb_id": 0, "show_name": "S", "episode": 1 }]).to_string(),
                "rule 2 (&#34;&#60;b&#62;&#34;) cannot be imported: tmdb_id is 0",
            ),
        ];
        for (content, sentence) in cases {
            upload(site, &content).status(422).shows(sentence);
        }
        assert_eq!(site.db().rules().unwrap().rules, []);
        site.form("/rules/import", &[("file", "[]")]).status(415);
        let cut = local("POST", "/rules/import").header("Content-Type", "multipart/form-data; boundary=xyz");
        site.send(&cut.header("Origin", "http://localhost:8080").body("--xyz\r\nContent-Disposition: x\r\n\r\n[]"))
            .status(422);
    });
}

#[test]
fn forms_take_only_forms() {
    with(&[], |site| {
        let id = site.db().add_rule(&wish("Film", "Show", 1)).unwrap().id;
        for path in ["/rules".to_string(), format!("/rules/{id}"), format!("/rules/{id}/delete"), "/login".into()] {
            site.json("POST", &path, "{}").status(415);
        }
        assert_eq!(site.db().rules().unwrap().rules.len(), 1);
    });
}
