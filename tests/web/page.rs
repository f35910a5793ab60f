//! What the pages show.

use std::sync::Arc;

use plex_linker::{
    journal,
    model::{AppState, NewRule, Reason, Report, RuleState, STATES, Season, Special},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{
    answering,
    api::sql,
    on_both,
    site::{Answer, Answers, KEY, NOW, Site, link, local, record, remote, report, rule_state, wish},
    with,
};
use crate::support::campaign;

/// The row of the table that has this text.
fn row(page: &Answer, text: &str) -> String {
    let rows = page.body.split("<tr role=\"row\" class=").skip(1);
    let found: Vec<&str> = rows.filter_map(|row| row.split("</tr>").next()).filter(|row| row.contains(text)).collect();
    assert_eq!(found.len(), 1, "{text:?} is in {} rows", found.len());
    found[0].to_string()
}

fn count_rows(page: &Answer) -> usize {
    page.body.matches("<tr role=\"row\" class=").count()
}

#[test]
fn a_row_of_the_database_that_is_no_rule_is_shown_and_can_be_deleted() {
    on_both(|site| {
        site.get("/").status(200).shows("No rules yet");
        sql(site, "INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode) VALUES ('Bad', -5, 'Show', 1)");
        let row = row(&site.get("/").status(200), "Row 1 of the database");
        assert!(row.contains("not a usable rule") && row.contains("tmdb_id is -5"), "{row}");
        assert!(row.contains("href=\"/rules/1/delete\"") && !row.contains("href=\"/rules/1\""), "{row}");
        site.get("/rules/1/delete").status(200).shows("action=\"/rules/1/delete\"");
        site.form("/rules/1/delete", &[]).leads_to("/?done=deleted");
        site.get("/").status(200).shows("No rules yet");
    });
}

#[test]
fn the_first_page_helps_to_begin() {
    on_both(|site| {
        let page = site.get("/").status(200);
        page.shows("No rules yet");
        page.shows("There has been no run yet.");
        for path in ["/rules/new", "/suggestions", "/rules/import", "/preview"] {
            page.shows(&format!("href=\"{path}\""));
            site.get(path).status(200);
        }
    });
}

#[test]
fn each_rule_is_shown_with_its_state_reason_and_link() {
    on_both(|site| {
        let mut db = site.db();
        for (title, episode) in [("Linked", 3), ("Waiting", 4), ("New", 5)] {
            db.add_rule(&wish(title, "Show", episode)).unwrap();
        }
        db.save(&record(vec![link(1, "/m/tv/Show/Season 00/Show - S00E03 - X.mkv")])).unwrap();
        let states = [
            RuleState { since: NOW - 7200, ..rule_state(1, "linked", "") },
            rule_state(2, "waiting_for_movie_file", "Radarr has no file for \"B\" yet"),
        ];
        // what an earlier process found
        site.state.lock().unwrap().remember(report(&states), None);

        let page = site.get("/").status(200);
        let linked = row(&page, ">Linked<");
        assert!(linked.contains("S00E03") && linked.contains(">linked<"), "{linked}");
        assert!(linked.contains("/m/tv/Show/Season 00/<b>Show - S00E03 - X.mkv</b>"), "{linked}");
        assert!(
            linked.contains("datetime=\"2027-01-15T06:00:00Z\" title=\"2027-01-15 06:00:00Z\">2 hours ago<"),
            "{linked}"
        );
        let waiting = row(&page, ">Waiting<");
        assert!(
            waiting.contains("waiting for the download") && waiting.contains("Radarr has no file for &#34;B&#34; yet"),
            "{waiting}"
        );
        assert!(row(&page, ">New<").contains("not looked at yet"));
        page.shows("nothing changed: 1 of 1 rule linked");
    });
}

#[test]
fn every_state_that_a_run_can_find_has_words() {
    let text = String::new;
    let reasons = [
        Reason::NoMovie { tmdb_id: 1, other: None },
        Reason::NoFile { movie: text() },
        Reason::NoSeries { show_name: text(), tvdb_id: None },
        Reason::Ambiguous { one: text(), other: text() },
        Reason::Contradiction { field: "series_id", id: 1, one: text(), other: text() },
        Reason::Changed { number: 1, was: text(), is: None, now: None },
        Reason::NoEpisode { series: text(), season: 0, number: None, known: 0 },
        Reason::OwnFile { path: text(), beside: None },
        Reason::EndAway { path: text(), end: text() },
        Reason::Vanished { path: text() },
        Reason::Upgrade { path: text() },
        Reason::SourceMissing { path: text(), radarr: 0 },
        Reason::RootAway { path: text() },
        Reason::SourceNotAFile { path: text() },
        Reason::SeriesFolderMissing { path: text(), sonarr: 0 },
        Reason::Outside { path: text() },
        Reason::Occupied { path: text(), by: "x" },
        Reason::Contested { by: 1 },
        Reason::Unreadable { path: text(), cause: text() },
        Reason::InPart { path: text(), film: text() },
        Reason::NotTaken,
        Reason::TakenUnseen,
        Reason::Unusable(text()),
        Reason::AppFailed(text()),
        Reason::Invalid(text()),
    ];
    let words: Vec<&str> = reasons.iter().map(Reason::word).chain(["linked", "failed"]).collect();
    for word in &words {
        assert!(STATES.iter().any(|state| state.word == *word), "{word} has no words");
    }
    assert_eq!(STATES.len(), words.len(), "a state of the page is none of a run's");
}

#[test]
fn what_is_wrong_stands_first() {
    with(&[], |site| {
        let mut failed = report(&[]);
        failed.failed = true;
        failed.problems = vec!["cannot ask radarr: it is away".into()];
        let mut state = site.state.lock().unwrap();
        state.end(NOW - 60, 10, failed);
        state.next_run_at = Some(NOW + 600);
        state.apps = vec![AppState { name: "radarr".into(), version: None, problem: Some("away".into()) }];
        state.check = Answers::sample().check.map(Arc::new);
        drop(state);
        let page = site.get("/").status(200);
        page.shows("role=\"alert\"");
        page.shows("cannot ask radarr: it is away");
        page.shows("the key is not &#60;its&#62;: copy it again");
        assert!(!page.body.contains("the lock can be taken"), "it is well");
        page.shows("not usable");
        page.shows(">in 10 minutes<");
        site.state.lock().unwrap().started_at = Some(NOW);
        let page = site.get("/");
        page.shows("A run is under way.");
        page.shows("http-equiv=\"refresh\"");
        page.shows("data-status=\"/api/status\"");
    });
}

#[test]
fn many_rules_come_in_pages_and_can_be_searched() {
    with(&[], |site| {
        let wishes: Vec<_> = (1..=500).map(|n| wish(&format!("Film {n:03}"), &format!("Show {}", n % 7), n)).collect();
        site.db().import_rules(&wishes).unwrap();
        let states: Vec<_> =
            (1..=500).map(|n| rule_state(n, if n % 100 == 0 { "occupied" } else { "linked" }, "")).collect();
        site.state.lock().unwrap().end(NOW, 1, report(&states));

        let first = site.get("/").status(200);
        assert_eq!(count_rows(&first), 50);
        first.shows("Page 1 of 10");
        assert!(
            first.body.find("Film 100").unwrap() < first.body.find("Film 007").unwrap(),
            "what needs someone is first"
        );
        first.shows("<title>5 need you – plex-linker</title>");
        assert!(first.body.len() < 64 * 1024, "{} bytes", first.body.len());
        let mut titles = std::collections::BTreeSet::new();
        for page in 1..=10 {
            let page = site.get(&format!("/?page={page}"));
            titles.extend(page.body.split("Film ").skip(1).map(|rest| rest[..3].to_string()));
        }
        assert_eq!(titles.len(), 500);
        for page in ["0", "-1", "99", "x", "99999999999999999999"] {
            site.get(&format!("/?page={page}")).status(200);
        }
        let attention = site.get("/?state=attention");
        assert_eq!(count_rows(&attention), 5);
        attention.shows("Needs you <span class=\"count\">5</span>");
        assert_eq!(count_rows(&site.get("/?q=FILM+123")), 1);
        assert_eq!(count_rows(&site.get("/?q=something+is+in")), 5);
        let narrowed = site.get("/?q=show+3&state=good&page=2").status(200);
        narrowed.shows("value=\"show 3\"");
        narrowed.shows("href=\"/?q=show+3&#38;state=good\"");
        site.get("/?q=nowhere").shows("No rule fits.");
    });
}

#[test]
fn specials_and_ranges_are_in_the_order_of_their_numbers() {
    with(&[], |site| {
        for number in [100, 99, 9, 10, 1000] {
            site.db().add_rule(&wish(&format!("Film {number}"), "Show", number)).unwrap();
        }
        for (film, season, last_episode) in [("Range", "00", Some(4)), ("Film of 1", "1", None)] {
            let season = Some(season.to_string());
            site.db().add_rule(&NewRule { last_episode, season, ..wish(film, "Show", 1) }).unwrap();
        }
        let page = site.get("/").status(200).body;
        let order: Vec<_> =
            page.split("<b class=\"number\">").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
        assert_eq!(order, ["S00E01-E04", "S00E09", "S00E10", "S00E99", "S00E100", "S00E1000", "S1E01"]);
    });
}

#[test]
fn what_is_about_to_happen_is_not_said_to_have_happened() {
    with(&[], |site| {
        let mut state = site.state.lock().unwrap();
        state.end(NOW - 5, 1, report(&[]));
        state.next_run_at = Some(NOW + 5);
        drop(state);
        let page = site.get("/").status(200);
        page.shows(">just now<");
        page.shows(">in a moment<");
    });
}

#[test]
fn what_is_read_again_keeps_search_and_filter() {
    with(&[], |site| {
        site.db().add_rule(&wish("Film", "Show", 1)).unwrap();
        site.state.lock().unwrap().started_at = Some(NOW);
        let page = site.get("/?q=a+%26+b&state=waiting&page=2").status(200);
        page.shows("<noscript><meta http-equiv=\"refresh\" content=\"5;url=/?q=a+%26+b&#38;state=waiting&#38;page=2\"></noscript>");
        for live in ["<div id=\"now\" aria-live=\"polite\">", "<p id=\"found-count\" class=\"hidden\" role=\"status\">"]
        {
            page.shows(live);
        }
    });
}

#[test]
fn the_last_runs_come_in_pages() {
    on_both(|site| {
        let mut db = site.db();
        for at in 1..=120 {
            let states = [rule_state(at, "linked", "")];
            db.save_run(&Report { at, summary: format!("run {at}"), ..report(&states) }).unwrap();
        }
        let runs = |path: &str| {
            let page = site.get(path).status(200);
            let runs =
                page.body.split("<strong>run ").skip(1).map(|rest| rest.split('<').next().unwrap().parse().unwrap());
            (runs.collect::<Vec<i64>>(), page)
        };
        let (newest, page) = runs("/runs");
        assert_eq!(newest, (71..=120).rev().collect::<Vec<_>>());
        page.shows("Page 1 of 3");
        page.shows("href=\"/runs?page=2\"");
        assert_eq!(runs("/runs?page=3").0, (1..=20).rev().collect::<Vec<_>>());
        for page in ["0", "9", "-1", "x"] {
            site.get(&format!("/runs?page={page}")).status(200);
        }
        let told = |query: &str| {
            let runs = site.get(&format!("/api/runs{query}")).status(200).value();
            runs.as_array().unwrap().iter().map(|run| run["at"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(told(""), newest);
        assert_eq!(told("?limit=1000"), newest);
        assert_eq!(told("?limit=2&offset=117"), [3, 2]);
        assert_eq!(told("?offset=120"), [0; 0]);
        site.get("/api/runs?limit=x").status(422);
    });
}

#[test]
fn the_last_runs_are_listed() {
    on_both(|site| {
        site.get("/runs").status(200).shows("There has been no run yet.");
        let run = Report {
            changes: vec!["create /m/a -> ../b".into()],
            problems: vec!["radarr is away".into()],
            failed: true,
            ..report(&[])
        };
        site.db().save_run(&run).unwrap();
        let page = site.get("/runs").status(200);
        for text in
            ["3 minutes ago", "create /m/a -&#62; ../b", "radarr is away", "nothing changed: 1 of 1 rule linked"]
        {
            page.shows(text);
        }
    });
}

/// A text that does harm wherever it is not escaped.
const HARM: &str = "</title></textarea></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;{{7*7}}";

/// Nothing of [`HARM`] is markup: what stands in the source of the page is that of a page without it.
#[track_caller]
fn is_harmless(answer: &Answer) {
    // the stamps of our own files are any number
    let stamped = answer.body.split("?v=");
    let body: String = stamped.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    for sign in ["<script>", "<img src=x", "\"'>", "</textarea>", "alert(1)\"", "lt;49"] {
        assert!(!body.contains(sign), "{sign} is in {body}");
    }
}

#[test]
fn what_people_type_is_text_everywhere() {
    let mut answers = Answers::sample();
    let harmful = Report {
        summary: HARM.into(),
        failed: true,
        changes: vec![HARM.into()],
        problems: vec![HARM.into()],
        ..report(&[rule_state(1, "occupied", HARM)])
    };
    answers.preview = Ok(harmful.clone());
    let catalog = answers.catalog.as_mut().unwrap();
    catalog.movies.iter_mut().for_each(|movie| movie.title = HARM.into());
    for show in &mut catalog.shows {
        (show.title, show.slug) = (HARM.into(), Some(HARM.into()));
    }
    for found in &mut answers.suggestions.as_mut().unwrap().list {
        (found.id, found.movie_title, found.show_name) = (HARM.into(), HARM.into(), HARM.into());
        (found.season, found.episode_title, found.evidence) = (HARM.into(), HARM.into(), vec![HARM.into()]);
    }
    let best = answers.suggestions.as_ref().unwrap().list.first().cloned();
    answers.season = Some(Season { specials: vec![Special { title: HARM.into(), ..Special::default() }], best });
    answering(answers, |site: &Site| {
        let mut db = site.db();
        db.add_rule(&wish(HARM, HARM, 1)).unwrap();
        db.save(&record(vec![link(1, &format!("/m/{HARM}/{HARM}"))])).unwrap();
        db.save_run(&harmful).unwrap();
        let mut state = site.state.lock().unwrap();
        state.end(NOW - 5, 1, harmful.clone());
        state.apps = vec![AppState { name: HARM.into(), version: Some(HARM.into()), problem: Some(HARM.into()) }];
        drop(state);
        let harm: String = form_urlencoded::byte_serialize(HARM.as_bytes()).collect();
        let pages = [
            "/".into(),
            format!("/?q={harm}&state={harm}&page={harm}"),
            "/?q=script".into(),
            "/rules/1".into(),
            "/rules/1?since=1".into(),
            "/rules/1/edit".into(),
            "/rules/1/delete".into(),
            "/suggestions".into(),
            "/runs".into(),
            "/preview".into(),
            format!("/rules/{harm}"),
            format!("/{harm}"),
            format!(
                "/rules/new?show_name={harm}&movie_title={harm}&tmdb_id={harm}&tvdb_id=&episode={harm}&season=&series_id={harm}"
            ),
            format!("/api/rules/{harm}"),
            format!("/api/settings/{harm}"),
        ];
        for path in &pages {
            let page = site.get(path);
            is_harmless_or_json(&page);
            assert!(page.status < 500, "{path}");
        }
        for (field, value) in
            [("movie_title", HARM), ("tmdb_id", HARM), ("show_name", HARM), ("episode", HARM), ("season", HARM)]
        {
            let answer = site.form("/rules", &[(field, value)]).status(422);
            answer.shows("&#60;img src=x onerror=alert(1)&#62;");
            is_harmless(&answer);
        }
        is_harmless(&site.form("/login", &[("key", HARM), ("next", HARM)]));
        is_harmless(&site.send(&remote("GET", &format!("/login?next=/{harm}"))));
        is_harmless(&site.send(&local("GET", "/").header("Host", HARM)));
    });
}

/// What is typed stands in the page with nothing in it that could end the attribute or begin a tag, and a browser reads it as typed.
#[test]
fn any_text_is_escaped_and_read_as_it_was_typed() {
    let cases = campaign::size(300, 10_000);
    with(&[], |site| {
        let config = Config { cases: cases as u32, failure_persistence: None, ..Config::default() };
        let any_text = "[<>&\"'`=/a-c#;\\PC]{1,40}".prop_filter("blanks are cut", |text: &String| text.trim() == text);
        let escaped = TestRunner::new(config).run(&any_text, |text| {
            let page = site.form("/rules", &[("movie_title", text.as_str()), ("tmdb_id", "none")]).status(422);
            let field = page.body.split("<input ").find(|input| input.contains("id=\"movie_title\"")).unwrap();
            let value = field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            prop_assert!(!value.contains(['<', '>', '"', '\'']), "{}", value);
            let marks = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
            let read = marks.iter().fold(value.to_string(), |text, (mark, letter)| text.replace(mark, letter));
            prop_assert_eq!(read, text);
            Ok(())
        });
        escaped.unwrap();
    });
    campaign::figure(&format!("{cases} texts typed into a form"), "each escaped, and read as it was typed");
}

fn is_harmless_or_json(page: &Answer) {
    if page.header("Content-Type") == "application/json" {
        page.value();
    } else {
        is_harmless(page);
    }
}

#[test]
fn pages_need_nothing_that_the_policy_forbids() {
    with(&[], |site| {
        site.db().add_rule(&wish("Film", "Show", 1)).unwrap();
        for path in [
            "/",
            "/rules/new",
            "/rules/1",
            "/rules/1?since=1",
            "/rules/1/edit",
            "/rules/1/delete",
            "/suggestions",
            "/runs",
            "/preview",
            "/rules/import",
            "/nothing",
        ] {
            let mut page = site.get(path);
            for elsewhere in ["https://www.themoviedb.org/", "https://www.thetvdb.com/"] {
                page.body = page.body.replace(&format!("<a href=\"{elsewhere}"), "<a href=\"");
            }
            for forbidden in
                [" style=", "<style", " onclick", " onload", " onsubmit", "javascript:", "http://", "https://", "//cdn"]
            {
                assert!(!page.body.contains(forbidden), "{path} has {forbidden}");
            }
            assert_eq!(page.body.matches("<script").count(), 1, "{path}");
            assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
            page.shows("<html lang=\"en\">");
            page.shows("name=\"viewport\"");
            for name in page.body.split("<input ").skip(1).filter(|input| !input.contains("hidden")) {
                let id = name.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
                page.shows(&format!("for=\"{id}\""));
            }
        }
        let page = site.send(&remote("GET", "/login"));
        assert!(!page.body.contains(KEY));
    });
}

#[test]
fn the_system_is_shown_whole_and_without_secrets() {
    let variables = [
        ("MEDIA_ROOT", "/srv/<media>"),
        ("SONARR_0_URL", "http://nas:8989"),
        ("SONARR_0_API_KEY", KEY),
        ("PLEX_LINKER_CONFIG", ""),
    ];
    with(&variables, |site| {
        journal::keep("2026-11-22 17:03:00 info: <linked>".into());
        let page = site.send(&remote("GET", "/system").header("X-Api-Key", KEY)).status(200);
        page.shows("Nothing has been checked since the start.");
        page.shows("<code>http://nas:8080/api/webhook</code>");
        site.state.lock().unwrap().webhook = Some("http://192.168.1.2:8080/api/webhook".into());
        site.send(&local("GET", "/system").header("X-Api-Key", KEY))
            .shows("<code>http://192.168.1.2:8080/api/webhook</code>");
        let told = [&variables[..], &[("PLEX_LINKER_PUBLIC_URL", "https://linker.example.org/x/")]].concat();
        with(&told, |site| {
            site.send(&local("GET", "/system").header("X-Api-Key", KEY))
                .shows("<code>https://linker.example.org/x/api/webhook</code>")
        });
        page.shows("info: &#60;linked&#62;");
        let row = |name: &str, value: &str, origin: &str| {
            format!("<th scope=\"row\">{name}</th><td>{value}</td><td class=\"quiet\">{origin}</td>")
        };
        page.shows(&row("MEDIA_ROOT", "/srv/&#60;media&#62;", "environment"));
        page.shows(&row("SONARR_0_API_KEY", "(secret)", "environment"));
        page.shows(&row("DATABASE_URL", "(secret)", "environment"));
        page.shows(&row("PLEX_LINKER_PORT", "8080", "default"));
        page.shows(&row("PLEX_LINKER_CONFIG", "none", "environment"));
        assert_eq!(page.body.matches(">PLEX_LINKER_CONFIG<").count(), 1);
        assert!(!page.body.contains("SONARR_0_PATH_MAP"), "which is not set");

        site.form("/system", &[]).leads_to("/system");
        let page = site.get("/system");
        page.shows("Checked <time");
        page.shows("<li class=\"warning\"><strong>warning</strong> Sonarr has &#60;no&#62; shows<p>add one</p>");
        assert_eq!(site.looked(), ["check"]);
    });
    answering(Answers::none(), |site| {
        site.form("/system", &[]).leads_to("/system?done=checking");
        site.get("/system?done=checking").shows("The check takes long");
        site.get("/api/check").status(503);
    });
}

/// A mark that turns what follows it: who can name a film must not turn what stands beside its name.
#[test]
fn a_title_that_turns_the_text_turns_itself_alone() {
    let (film, show) = ("Film\u{202e}mliF", "Show\u{202e}wohS");
    let mut answers = Answers::sample();
    let list = &mut answers.suggestions.as_mut().unwrap().list;
    (list[0].movie_title, list[0].show_name, list[0].episode_title) = (film.into(), show.into(), film.into());
    answers.season.as_mut().unwrap().specials[0].title = film.into();
    answering(answers, |site| {
        site.db().add_rule(&wish(film, show, 1)).unwrap();
        for (path, times) in [
            ("/", 2),
            ("/rules/1", 4),
            ("/rules/1/delete", 2),
            ("/suggestions", 3),
            ("/rules/new?show_name=One+Piece", 1),
        ] {
            let body = site.get(path).status(200).body;
            let body = body.split_once("<main").unwrap().1;
            // the values of fields, and what nobody sees, have a line of their own
            let shown = |at: usize| {
                let tag = body[..at].rfind('<').map_or("", |tag| &body[tag..at]);
                !tag.ends_with("value=\"") && !tag.contains("hidden")
            };
            let titles = [film, show];
            let titles = titles.iter().flat_map(|title| body.match_indices(title)).map(|(at, _)| at);
            let shown: Vec<usize> = titles.filter(|at| shown(*at)).collect();
            assert_eq!(shown.len(), times, "{path}: {body}");
            for at in shown {
                assert!(body[..at].ends_with("<bdi>"), "{path}: {}", &body[at.saturating_sub(60)..at]);
            }
        }
    });
}

#[test]
fn files_are_kept_by_browsers_until_they_change() {
    with(&[], |site| {
        let page = site.get("/");
        let style = page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(site.get(style).status(200).header("Cache-Control").contains("immutable"));
        assert_eq!(site.get("/style.css?v=1").status(200).header("Cache-Control"), "no-cache");
        assert!(site.get("/style.css").body.len() <= 11_264);
        assert_eq!(site.get("/script.js").header("Content-Type"), "text/javascript; charset=utf-8");
        assert_eq!(site.get("/icon.svg").header("Content-Type"), "image/svg+xml");
    });
}
