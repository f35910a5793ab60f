//! The page of one rule.

use plex_linker::model::{Concerns, Link, NewRule, Report, RuleState};

use super::{
    answering, on_both,
    site::{Answers, NOW, link, record, report, rule_state, wish},
    with,
};

/// With the show of the sample catalog.
fn violet() -> NewRule {
    NewRule { tmdb_id: 533_514, tvdb_id: Some(330_139), ..wish("Violet Evergarden: The Movie", "Violet Evergarden", 3) }
}

const PLACE: &str = "/m/tv/Violet Evergarden/Season 00/Violet.mkv";

#[test]
fn it_tells_state_reason_and_what_runs_did_for_this_rule() {
    on_both(|site| {
        let mut db = site.db();
        db.add_rule(&violet()).unwrap();
        db.add_rule(&wish("Other", "Show", 1)).unwrap();
        let run = |at, changes: &[(&str, i64)], problems: &[&str]| Report {
            at,
            changes: changes.iter().map(|(line, _)| line.to_string()).collect(),
            changed: changes.iter().map(|(_, rule)| *rule).collect(),
            problems: problems.iter().map(|problem| problem.to_string()).collect(),
            ..report(&[])
        };
        db.save_run(&run(NOW - 90_000, &[("create A", 1), ("create B", 2)], &[])).unwrap();
        db.save_run(&run(NOW - 8000, &[("remove C", 2)], &["rule 11: no", "radarr is away"])).unwrap();
        db.save_run(&run(NOW - 7200, &[("replace D", 2), ("replace A", 1)], &["rule 1: the disk is full"])).unwrap();
        let state = RuleState { since: NOW - 7200, ..rule_state(1, "occupied", "a file is in the way") };
        site.state.lock().unwrap().remember(report(&[state]), None);

        let page = site.get("/rules/1").status(200);
        for text in ["<title>Violet Evergarden: The Movie", "since <time", ">2 hours ago<", "a file is in the way"] {
            page.shows(text);
        }
        let (_, history) = page.body.split_once("What happened to it").unwrap();
        let at = |text: &str| history.find(text).unwrap_or_else(|| panic!("{text:?} is not in {history}"));
        assert!(at("rule 1: the disk is full") < at("replace A") && at("replace A") < at("create A"), "newest first");
        for text in ["create B", "remove C", "replace D", "rule 11", "radarr is away"] {
            assert!(!page.body.contains(text), "{text} is of another rule");
        }
        assert_eq!(history.matches("<time").count(), 2);
        site.get("/rules/2/edit").status(200).shows("Edit the rule");
        site.get("/rules/3").status(404).shows("there is no rule 3");
        site.get("/").shows("<a href=\"/rules/1\"><bdi>Violet Evergarden: The Movie</bdi></a>");
    });
}

#[test]
fn links_lead_to_its_film_and_its_show() {
    let apps = [
        ("RADARR_0_URL", "http://radarr:7878"),
        ("RADARR_0_API_KEY", "k"),
        ("RADARR_0_PUBLIC_URL", "https://films.example/radarr/"),
        ("SONARR_URL", "http://sonarr:8989"),
        ("SONARR_API_KEY", "k"),
    ];
    with(&apps, |site| {
        let id = site.db().add_rule(&violet()).unwrap().id;
        let page = site.get(&format!("/rules/{id}")).status(200);
        for way in [
            "https://films.example/radarr/movie/533514",
            "https://www.themoviedb.org/movie/533514",
            "http://sonarr:8989/series/violet-evergarden",
            "https://www.thetvdb.com/?tab=series&#38;id=330139",
        ] {
            page.shows(&format!("<a href=\"{way}\">"));
        }
        // what the apps do not have
        let id = site.db().add_rule(&wish("Elsewhere", "Nowhere", 1)).unwrap().id;
        let page = site.get(&format!("/rules/{id}")).status(200);
        page.shows("https://www.themoviedb.org/movie/603");
        for text in ["films.example", "sonarr:8989", "thetvdb"] {
            assert!(!page.body.contains(text), "{text}");
        }
    });
    // where the link's Sonarr has the show, its own page is meant
    let mut answers = Answers::sample();
    let shows = &mut answers.catalog.as_mut().unwrap().shows;
    let second =
        plex_linker::model::CatalogShow { sonarr: 1, id: 9, slug: Some("violet-too".into()), ..shows[0].clone() };
    shows.push(second);
    answering(answers, |site| {
        let rule = site.db().add_rule(&violet()).unwrap().id;
        let concerns = Concerns { sonarr: 1, series_id: 9, radarr: 0, movie_id: 1 };
        site.db().save(&record(vec![Link { concerns, ..link(rule, PLACE) }])).unwrap();
        let page = site.get(&format!("/rules/{rule}")).status(200);
        page.shows("Season 00/<b>Violet.mkv</b>");
        assert!(!page.body.contains("in Sonarr"), "no Sonarr is configured: {}", page.body);
    });
}

#[test]
fn the_links_of_its_subtitles_are_listed() {
    on_both(|site| {
        let rule = site.db().add_rule(&violet()).unwrap().id;
        let subtitle = |language: &str| format!("/m/tv/Violet Evergarden/Season 00/Violet.{language}.srt");
        let mut links = vec![link(rule, PLACE), link(9, "/m/tv/Other/Other.en.srt")];
        links.extend(["en", "de.forced"].map(|language| link(rule, &subtitle(language))));
        site.db().save(&record(links)).unwrap();
        let page = site.get(&format!("/rules/{rule}")).status(200);
        for text in ["Season 00/<b>Violet.mkv</b>", "<b>Violet.en.srt</b>", "<b>Violet.de.forced.srt</b>"] {
            page.shows(text);
        }
        assert!(!page.body.contains("Other"), "{}", page.body);
        let table = site.get("/").status(200);
        assert!(!table.body.contains(".srt"), "the table of rules tells of films alone");
    });
}

#[test]
fn it_is_tried_alone_and_nothing_is_done() {
    let mut answers = Answers::sample();
    let states = [rule_state(1, "linked", ""), rule_state(2, "occupied", "a file is in the way")];
    let changes = vec!["create A".to_string(), "remove old B".into(), "remove C".into()];
    answers.preview = Ok(Report { changes, changed: vec![1, 2, 0], ..report(&states) });
    answering(answers, |site| {
        for title in ["One", "Two", "Three"] {
            site.db().add_rule(&wish(title, "Show", 1)).unwrap();
        }
        site.form("/rules/2/try", &[]).leads_to(&format!("/rules/2?since={NOW}#trial"));
        let page = site.get(&format!("/rules/2?since={NOW}")).status(200);
        for text in ["Nothing has been changed yet", "remove old B", "a file is in the way"] {
            page.shows(text);
        }
        assert!(!page.body.contains("create A") && !page.body.contains("remove C"), "{}", page.body);
        site.get("/rules/3?since=1").status(200).shows("A run would change nothing for it.");
        let tried = site.json("POST", "/api/rules/1/try", "").status(200).value();
        assert_eq!((&tried["state"], &tried["changes"]), (&"linked".into(), &vec!["create A"].into()));
        let tried = site.json("POST", "/api/rules/3/try", "").status(200).value();
        assert_eq!(tried["changes"], serde_json::json!([]));
        site.json("POST", "/api/rules/9/try", "").status(404).detail();
        site.form("/rules/9/try", &[]).status(404);
        assert!(!site.asked().iter().any(|word| *word == "run" || *word == "soon"));
    });
    answering(Answers::none(), |site| {
        site.db().add_rule(&wish("One", "Show", 1)).unwrap();
        site.get("/rules/1?since=1").status(200).shows("another run is busy");
        site.json("POST", "/api/rules/1/try", "").status(503).detail();
    });
}
