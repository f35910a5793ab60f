//! Nothing that is typed is lost, and nobody waits for what is known already.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    time::{Duration, Instant},
};

use plex_linker::{
    gate::Limits,
    model::{Catalog, CatalogMovie, NewRule, Rule, Suggestions},
    web::{Lookup, Order, Preview, SeasonLookup, Shared, Web},
};
use tempfile::TempDir;

use super::{
    answering,
    forms::{kept, only, upload},
    site::{Answer, Answers, KEY, NOW, Site, config, local, remote, wish},
    sqlite, with,
};

/// What somebody has typed into a form.
const TYPED: &str = "movie_title=Am%C3%A9lie+%26+%22co%22&tmdb_id=194&show_name=%3Cb%3E&episode=x%2By";

#[track_caller]
fn all_is_kept(page: &Answer) {
    kept(page, "movie_title", "Am\u{e9}lie &#38; &#34;co&#34;");
    kept(page, "show_name", "&#60;b&#62;");
    kept(page, "episode", "x+y");
}

/// A site whose linker and lookups are asked and never answer.
fn idle(folder: &TempDir, state: Arc<Mutex<Shared>>) -> (Web, Asked) {
    let ((linker, asks), (looker, looks), (seasons, of_seasons)) = (mpsc::channel(), mpsc::channel(), mpsc::channel());
    let web = Web::new(&config(&sqlite(folder), &[]), None, linker, looker, seasons, state);
    (web, (asks, looks, of_seasons))
}

type Asked = (Receiver<Order>, Receiver<Lookup>, Receiver<SeasonLookup>);

#[test]
fn what_cannot_be_saved_is_still_there_whatever_the_reason() {
    let fields = [("movie_title", "One Piece Film Red"), ("show_name", "One Piece"), ("episode", "2")];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.db");
    let site = Site::new(&format!("sqlite:///{}", file.display()), &[]);
    let rule = site.db().add_rule(&wish("Film", "Show", 1)).unwrap().id;
    // another program that has it locked for long
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for path in ["/rules".to_string(), format!("/rules/{rule}")] {
        let answer = site.form(&path, &fields).status(503);
        assert_eq!(answer.header("Retry-After"), "10");
        answer.shows("another program has kept it locked");
        answer.shows(&format!("action=\"{path}\""));
        fields.iter().for_each(|(field, value)| kept(&answer, field, value));
    }
    upload(&site, "[]").status(503).shows("type=\"file\"");
    other.execute_batch("ROLLBACK").unwrap();
    // somebody else has deleted the rule: what was typed may become a new one
    site.db().remove_rules(&[rule]).unwrap();
    let answer = site.form(&format!("/rules/{rule}"), &fields).status(404);
    answer.shows(&format!("there is no rule {rule}"));
    answer.shows("action=\"/rules\"");
    fields.iter().for_each(|(field, value)| kept(&answer, field, value));
}

/// Mostly since a proxy has left the port out of the Host header.
#[test]
fn what_seems_to_come_from_another_site_is_not_saved_but_comes_back() {
    with(&[], |site| {
        let rule = site.db().add_rule(&wish("Secret film", "Secret show", 1)).unwrap().id;
        site.state.lock().unwrap().catalog = Answers::sample().catalog.map(Arc::new);
        for path in ["/rules".to_string(), format!("/rules/{rule}")] {
            let sent = |from: fn(&str, &str) -> super::site::Sent, host: &str| {
                from("POST", &path).header("Host", host).form("http://localhost:8443", TYPED)
            };
            let page = site.send(&sent(local, "localhost")).status(403);
            all_is_kept(&page);
            page.shows("Nothing has been saved: this request seems to come from another site");
            page.shows("with its port ($http_host in nginx)");
            // a page of another site is told nothing but what it has sent
            for told in ["Secret", "One Piece", "Naruto"] {
                assert!(!page.body.contains(told), "{told} is in {}", page.body);
            }
            // neither is a stranger given a form, nor whoever calls us by a name of another site's
            for other in [sent(remote, "nas"), sent(local, "evil.example")] {
                let page = site.send(&other).status(403);
                assert!(!page.body.contains("movie_title"), "{}", page.body);
            }
        }
        let rules = site.db().rules().unwrap().rules;
        assert_eq!((rules.len(), &*rules[0].wish.movie_title), (1, "Secret film"));
        assert_eq!(site.asked(), [""; 0]);
    });
}

#[test]
fn a_login_that_ended_loses_nothing_of_what_was_typed() {
    with(&[], |site| {
        let rule = site.db().add_rule(&wish("Film", "Show", 1)).unwrap().id;
        for (sent, shown) in
            [("/rules".to_string(), "/rules/new"), (format!("/rules/{rule}"), &format!("/rules/{rule}/edit"))]
        {
            let away = site.send(&remote("POST", &sent).form("http://nas:8080", TYPED)).status(303);
            let login = away.header("Location").to_string();
            assert!(login.starts_with("/login?next="), "{login}");
            let page = site.send(&remote("GET", &login)).status(200);
            let next = page.body.split("name=\"next\" value=\"").nth(1).unwrap().split('"').next().unwrap();
            let next = next.replace("&#38;", "&");
            let login =
                form_urlencoded::Serializer::new(String::new()).extend_pairs([("key", KEY), ("next", &next)]).finish();
            let form = remote("POST", "/login").form("http://nas:8080", &login);
            let there = site.send(&form).status(303).header("Location").to_string();
            assert!(there.starts_with(&format!("{shown}?")), "{there}");
            let page = site.get(&there).status(200);
            all_is_kept(&page);
        }
        for (path, next) in [
            ("/run", "%2F"),
            ("/rules/1/delete", "%2Frules%2F1%2Fdelete"),
            ("/rules/1/try", "%2Frules%2F1"),
            ("/rules/delete", "%2F"),
            ("/rules/import", "%2Frules%2Fimport"),
        ] {
            site.send(&remote("POST", path).form("http://nas:8080", "")).leads_to(&format!("/login?next={next}"));
        }
    });
}

#[test]
fn a_film_that_was_added_a_minute_ago_is_found() {
    let fields = [("movie_title", "One Piece Film Red"), ("show_name", "One Piece"), ("episode", "2")];
    let known = |asked_at| Catalog { asked_at, ..Catalog::default() };
    with(&[], |site| {
        site.state.lock().unwrap().catalog = Some(known(NOW - 60).into());
        site.form("/rules", &fields).leads_to("/?done=added");
        assert_eq!(only(site).tmdb_id, 900_667);
        assert_eq!(site.looked(), ["catalog"]);
    });
    // also by its number alone
    with(&[], |site| {
        site.state.lock().unwrap().catalog = Some(known(NOW - 60).into());
        site.form("/rules", &[("tmdb_id", "900667"), ("show_name", "One Piece"), ("episode", "2")])
            .leads_to("/?done=added");
        assert_eq!(only(site).movie_title, "One Piece Film Red");
    });
    // the apps are not asked again and again for what they do not have
    with(&[], |site| {
        site.state.lock().unwrap().catalog = Some(known(NOW - 5).into());
        site.form("/rules", &fields).status(422);
        assert_eq!(site.looked(), [""; 0]);
    });
}

#[test]
fn nobody_waits_for_what_is_known_already() {
    with(&[], |site| {
        site.get("/rules/new").status(200).shows("One Piece Film Red");
        let state = &site.state;
        let folder = tempfile::tempdir().unwrap();
        let (idle, _asked) = idle(&folder, state.clone());
        let mut old = Catalog::clone(state.lock().unwrap().catalog.as_deref().unwrap());
        old.asked_at = NOW - 10_000;
        state.lock().unwrap().catalog = Some(old.into());
        let began = Instant::now();
        let page = idle.answer(&local("GET", "/rules/new").0);
        assert!(began.elapsed() < Duration::from_secs(8), "it waited for {:?}", began.elapsed());
        assert_eq!(page.status, 200);
        assert!(String::from_utf8(page.body).unwrap().contains("One Piece Film Red"));
    });
}

/// The gate gives up later, and says then that nothing has been saved.
#[test]
fn one_form_waits_once_however_much_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (idle, _asked) = idle(&folder, Arc::default());
    let form = local("POST", "/rules").header("Content-Type", "application/x-www-form-urlencoded");
    let form =
        form.header("Sec-Fetch-Site", "same-origin").body("movie_title=Paprika&show_name=Naruto&episode=The+Movie");
    let began = Instant::now();
    let page = idle.answer(&form.0);
    assert!(began.elapsed() < Duration::from_secs(20), "it waited for {:?}", began.elapsed());
    assert_eq!(page.status, 422);
    assert!(String::from_utf8(page.body).unwrap().contains("Paprika"));
}

#[test]
fn the_form_says_what_is_needed_and_what_could_not_be_asked() {
    with(&[], |site| {
        let page = site.get("/rules/new").status(200);
        assert_eq!(page.body.matches(" <span class=\"quiet\">needed</span></label>").count(), 3);
        assert_eq!(page.body.matches("aria-required=\"true\"").count(), 3);
        let mut known = Catalog::clone(site.state.lock().unwrap().catalog.as_deref().unwrap());
        known.problems = vec!["cannot ask radarr for its films: it is away".into()];
        site.state.lock().unwrap().catalog = Some(known.into());
        let page = site.get("/rules/new").status(200);
        page.shows("<li>cannot ask radarr for its films: it is away</li>");
        page.shows("One Piece Film Red");
    });
}

#[test]
fn films_beyond_the_list_of_a_page_are_found_by_typing() {
    let film = |number: i32| CatalogMovie {
        radarr: 0,
        tmdb_id: number,
        title: format!("Film {number}"),
        year: None,
        has_file: true,
    };
    let catalog = Catalog { asked_at: NOW, movies: (1..=3000).map(film).collect(), ..Catalog::default() };
    with(&[], |site| {
        site.state.lock().unwrap().catalog = Some(catalog.clone().into());
        let choice = "<option value=\"Film 2999 [tmdb 2999]\">";
        let page = site.get("/rules/new").status(200);
        assert!(!page.body.contains(choice) && page.body.matches("<option").count() == 1000);
        page.shows("<datalist id=\"movies\" data-cut>");
        let page = site.get("/rules/new?movie_title=film+299").status(200);
        page.shows(choice);
        page.shows("<p id=\"movies-count\" class=\"hidden\" role=\"status\">11 films to choose from</p>");
    });
}

#[test]
fn the_first_mistake_has_the_focus() {
    with(&[], |site| {
        let answer =
            site.form("/rules", &[("movie_title", "Ghost (1990)"), ("tvdb_id", "x"), ("season", "y")]).status(422);
        assert_eq!(answer.body.matches(" autofocus").count(), 1, "{}", answer.body);
        let field = answer.body.split("<input ").find(|field| field.contains(" autofocus")).unwrap();
        assert!(field.starts_with("id=\"show_name\""), "{field}");
        assert!(!site.get("/rules/new").body.contains("autofocus"));
    });
}

/// A longer form would end at the gate, which can only say so.
#[test]
fn no_browser_sends_a_form_that_is_too_long() {
    with(&[], |site| {
        for page in [site.get("/rules/new"), site.form("/rules", &[("season", "y")]).status(422)] {
            let fields: Vec<&str> = page.body.split("<input ").filter(|field| field.contains("-hint\"")).collect();
            let longest = |field: &&str| {
                let most = field.split("maxlength=\"").nth(1).unwrap_or_else(|| panic!("{field}"));
                // of the characters that a field counts as one, the longest is nine with its percent signs
                9 * most.split('"').next().unwrap().parse::<usize>().unwrap() + "movie_title=&".len()
            };
            assert_eq!(fields.len(), 8, "{}", page.body);
            assert!(fields.iter().map(longest).sum::<usize>() < Limits::default().body);
        }
    });
}

#[test]
fn a_preview_that_takes_long_is_shown_when_it_is_there() {
    with(&[], |site| {
        let folder = tempfile::tempdir().unwrap();
        let (web, (asks, ..)) = idle(&folder, site.state.clone());
        let page = |path: &str| {
            let reply = web.answer(&local("GET", path).0);
            (reply.status, String::from_utf8(reply.body).unwrap())
        };
        let (status, text) = page("/preview");
        assert_eq!(status, 200);
        assert!(text.contains("The preview is being made."), "{text}");
        let refresh = format!("<meta http-equiv=\"refresh\" content=\"5;url=/preview?since={NOW}\">");
        assert!(text.contains(&refresh) && !text.contains("<noscript>"), "{text}");
        let Ok(Order::Preview { since: NOW, done }) = asks.recv() else { panic!("a preview should be asked for") };
        let answers = Answers::sample();
        // an old one is not it
        site.state.lock().unwrap().preview = Some(Preview { at: NOW - 1, outcome: answers.preview.clone() }.into());
        site.state.lock().unwrap().started_at = Some(NOW);
        let again = format!("/preview?since={NOW}");
        assert!(page(&again).1.contains("A run is under way: the preview is made after it."));
        site.state.lock().unwrap().preview = Some(Preview { at: NOW, outcome: answers.preview }.into());
        drop(done);
        assert!(page(&again).1.contains("1 change: 3 links right"));
    });
}

#[test]
fn a_sound_rule_can_be_edited_whatever_else_bears_its_title() {
    with(&[], |site| {
        // a film of that title that Radarr does not have, and a show of that title that Sonarr does not have
        let rule = NewRule { tmdb_id: 77, tvdb_id: Some(88), ..wish("Ghost", "One Piece", 1) };
        let id = site.db().add_rule(&rule).unwrap().id;
        let mut fields = [
            ("movie_title", "Ghost"),
            ("tmdb_id", "77"),
            ("show_name", "One Piece"),
            ("tvdb_id", "88"),
            ("episode", "2"),
        ];
        site.form(&format!("/rules/{id}"), &fields).leads_to("/?done=changed");
        assert_eq!(only(site), NewRule { episode: Some(2), ..rule.clone() });
        // who changes one of the two has forgotten the other
        fields[1].1 = "78";
        site.form(&format!("/rules/{id}"), &fields).status(422).shows("empty one of them");
        fields[1].1 = "77";
        fields[2].1 = "Violet Evergarden";
        site.form(&format!("/rules/{id}"), &fields).status(422).shows("empty one of them");
    });
}

#[test]
fn a_number_of_sonarrs_that_stands_there_from_before_never_beats_what_is_typed() {
    with(&[], |site| {
        let rule = NewRule { tvdb_id: Some(8), episode_id: Some(6), series_id: Some(7), ..wish("Film", "Show", 3) };
        let id = site.db().add_rule(&rule).unwrap().id;
        let shown = [
            ("movie_title", "Film"),
            ("tmdb_id", "603"),
            ("show_name", "Show"),
            ("tvdb_id", "8"),
            ("episode", "3"),
            ("episode_id", "6"),
            ("series_id", "7"),
        ];
        // what is changed, and what becomes of the two numbers
        for (changed, numbers) in [
            (&[("movie_title", "Other")][..], (Some(6), Some(7))),
            (&[("episode", "4")], (None, Some(7))),
            (&[("season", "1")], (None, Some(7))),
            (&[("show_name", "Other")], (None, None)),
            (&[("tvdb_id", "9"), ("series_id", "5")], (None, Some(5))),
            (&[("episode", "4"), ("episode_id", "9")], (Some(9), Some(7))),
        ] {
            site.db().edit_rule(&Rule { id, wish: rule.clone() }).unwrap();
            let mut fields = shown.to_vec();
            fields.retain(|(name, _)| !changed.iter().any(|(other, _)| name == other));
            fields.extend(changed);
            site.form(&format!("/rules/{id}"), &fields).leads_to("/?done=changed");
            let now = only(site);
            assert_eq!((now.episode_id, now.series_id), numbers, "{changed:?}");
        }
    });
}

#[test]
fn programs_share_one_preview() {
    with(&[], |site| {
        for _ in 0..5 {
            site.get("/api/plan").status(200);
        }
        assert_eq!(site.asked(), ["preview"]);
        site.json("POST", "/api/rules", r#"{"movie_title":"F","tmdb_id":5,"show_name":"S","episode":1}"#).status(201);
        site.get("/api/plan").status(200);
        assert_eq!(site.asked(), ["soon", "preview"], "the rules are others now");
        site.cannot_run(NOW, "away");
        site.get("/api/plan").status(200);
        assert_eq!(site.asked(), ["preview"], "a run may have changed what there is to do");
    });
    // that there could be none is not kept
    answering(Answers::none(), |site| {
        site.get("/api/plan").status(503);
        let old = Preview { at: NOW - 1, outcome: Err("away".into()) };
        site.state.lock().unwrap().preview = Some(old.into());
        site.get("/api/plan").status(503);
        assert_eq!(site.asked(), ["preview", "preview"]);
    });
}

#[test]
fn an_app_that_was_away_for_a_moment_takes_no_suggestion_away() {
    with(&[], |site| {
        site.get("/suggestions").status(200).shows("One Piece Film Red");
        let mut known = Suggestions::clone(site.state.lock().unwrap().suggestions.as_deref().unwrap());
        known.problems = vec!["cannot ask radarr for its films: it is away".into()];
        known.fetched_at = NOW - 3600;
        site.state.lock().unwrap().suggestions = Some(known.clone().into());
        let page = site.get("/suggestions").status(200);
        for text in ["One Piece Film Red", "cannot ask radarr for its films: it is away", ">1 hour ago<"] {
            page.shows(text);
        }
        let told = site.get("/api/suggestions").status(200).value();
        assert_eq!(
            (&told["fetched_at"], &told["problems"][0]),
            (&(NOW - 3600).into(), &known.problems[0].clone().into())
        );
        known.list.clear();
        site.state.lock().unwrap().suggestions = Some(known.into());
        let page = site.get("/suggestions").status(200);
        assert!(!page.body.contains("No further film"), "{}", page.body);
    });
    answering(Answers::none(), |site| {
        let page = site.get("/suggestions").status(200);
        page.shows("are being asked");
        page.shows("content=\"5;url=/suggestions\"");
    });
}
