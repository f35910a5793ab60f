//! What is done when an answer does not arrive: another try, or none.

use std::{sync::mpsc, thread, time::Instant};

use super::*;
use crate::support::port::Held;

fn two_films() -> Answer {
    Answer::json(r#"[{"id":1,"tmdbId":10},{"id":2,"tmdbId":20}]"#)
}

#[test]
fn passing_faults_are_tried_again() {
    for fault in [
        Answer::from(Fault::Reset),
        two_films().with(Fault::CutAfter(20)),
        two_films().with(Fault::CutAfter(110)),
        two_films().with(Fault::EndAfter(110)),
        two_films().with(Fault::Length(1000)),
        Answer::status(408),
        Answer::status(429),
        Answer::status(500),
        Answer::html("<h1>502</h1>").code(502),
        Answer::json(r#"{"errorMessage":"starting up"}"#).code(503),
    ] {
        let server = script(vec![fault.clone(), fault.clone(), fault.clone(), two_films()]);
        let ids: Vec<_> = all_movies(&eager(&server.url())).unwrap().iter().map(|movie| movie.id).collect();
        assert_eq!(ids, [1, 2], "{fault:?}");
        assert_eq!(server.requests().len(), 4, "{fault:?}");
    }
}

#[test]
fn half_a_list_leaves_nothing_behind() {
    let films: Vec<_> =
        (1..2000).map(|id| format!(r#"{{"id":{id},"tmdbId":{id},"title":"{}"}}"#, "x".repeat(400))).collect();
    let list = Answer::json(format!("[{}]", films.join(",")));
    let server = script(vec![list.clone().with(Fault::EndAfter(500_000)), list]);
    let (movies, folders) = eager(&server.url()).radarr.movies(|_| true).unwrap();
    assert_eq!((movies.len(), folders.count), (1999, 1999));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_fourth_failure_is_the_last() {
    let server = always(Answer::json(r#"{"message":"database is locked"}"#).code(500));
    let said = sentence(eager(&server.url()).sonarr.episodes(7, 0));
    assert_eq!(
        said,
        "cannot ask radarr for season 0 of show 7: it answers 500 Internal Server Error: database is locked (tried 4 times)"
    );
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn commands_are_tried_again() {
    let accepted = Answer::json(fixture("radarr_command_rescanmovie_queued.json")).code(201);
    let server = script(vec![Answer::from(Fault::Reset), Answer::status(503), accepted]);
    eager(&server.url()).radarr.rescan(101).unwrap();
    let bodies: Vec<_> = server.requests().iter().map(Request::to_string).collect();
    assert_eq!(bodies, [r#"POST /api/v3/command {"name":"RescanMovie","movieId":101}"#; 3]);
}

#[test]
fn lasting_faults_are_not_tried_again() {
    for answer in [
        Answer::status(401),
        Answer::status(403),
        Answer::status(404),
        Answer::json("{}").code(400),
        Answer::status(302).header("Location", "/login"),
        Answer::html("<html>"),
        Answer::json("null"),
        Answer::json("[{"),
        Answer::from(Fault::Raw(b"\x15\x03\x01\x00\x02\x02\x50".into())),
        Answer::from(Fault::HugeHeader(2_000_000)),
    ] {
        let server = always(answer.clone());
        sentence(all_movies(&eager(&server.url())));
        assert_eq!(server.requests().len(), 1, "{answer:?}");
    }
}

#[test]
fn an_app_that_is_silent_too_long_is_asked_once_more_and_then_no_longer() {
    let server = always(Answer::from(Fault::Reset));
    let arr = curt(&server.url());
    let closed = "it closed the connection before its answer was whole";
    for show in [1, 2] {
        let said = sentence(arr.sonarr.episodes(show, 0));
        assert_eq!(said, format!("cannot ask radarr for season 0 of show {show}: {closed}"));
    }
    for show in [3, 4] {
        assert_eq!(sentence(arr.sonarr.episodes(show, 0)), format!("radarr is not asked again in this run: {closed}"));
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn searches_that_fail_cost_no_other_question() {
    let server =
        routes(vec![("/api/v3/series/lookup", Answer::from(Fault::Reset)), ("/api/v3/episode", Answer::json("[]"))]);
    let arr = curt(&server.url());
    for title in ["One", "Two", "Three"] {
        sentence(arr.sonarr.lookup(title));
    }
    assert_eq!(server.requests().len(), 2);
    assert_eq!(arr.sonarr.episodes(1, 0).unwrap(), []);
}

#[test]
fn an_app_that_fails_for_some_shows_is_asked_for_the_others() {
    for status in [401, 403, 404, 500] {
        let server = Server::start(move |request| match request.param("seriesId").as_deref() {
            Some("3") => Answer::json("[]"),
            _ => Answer::status(status),
        });
        let arr = curt(&server.url());
        for broken in [1, 2] {
            sentence(arr.sonarr.episodes(broken, 0));
        }
        assert_eq!(arr.sonarr.episodes(3, 0).unwrap(), [], "{status}");
    }
}

#[test]
fn an_app_that_names_a_pause_gets_it() {
    let server = script(vec![Answer::status(429).header("Retry-After", "1"), two_films()]);
    let start = Instant::now();
    all_movies(&eager(&server.url())).unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[test]
fn an_answer_that_takes_too_long() {
    for fault in [Fault::SILENT, Fault::SilentAfter(100), Fault::Drip(Duration::from_millis(20))] {
        let held_back = fault.clone();
        let server = Server::start(move |request| {
            let command = || Answer::json(r#"{"id":1,"name":"RescanMovie","status":"completed"}"#);
            let answer = if request.method == "POST" { command() } else { two_films() };
            answer.with(held_back.clone())
        });
        // each by one that has not waited yet
        let asked = |ask: &dyn Fn(&Both) -> String| ask(&hasty(&server.url()));
        let told = [
            asked(&|arr| sentence(all_movies(arr))),
            asked(&|arr| sentence(arr.sonarr.series())),
            asked(&|arr| sentence(arr.sonarr.episodes(7, 0))),
            asked(&|arr| sentence(arr.sonarr.lookup("One"))),
            asked(&|arr| sentence(arr.radarr.rescan(1))),
        ];
        let said = [
            "cannot ask radarr for its films: its answer takes too long",
            "cannot ask radarr for its shows: its answer takes too long",
            "cannot ask radarr for season 0 of show 7: its answer takes too long",
            "cannot ask radarr to search for \"One\": its answer takes too long",
            "cannot ask radarr for RescanMovie 1: its answer takes too long",
        ];
        assert_eq!(told, said, "{fault:?}");
    }
}

#[test]
fn an_endless_answer_ends_at_the_limit() {
    let server = always(Answer::json(vec![b' '; 1 << 20]).with(Fault::Endless));
    let said = sentence(eager(&server.url()).sonarr.episodes(1, 0));
    assert_eq!(said, "cannot ask radarr for season 0 of show 1: its answer is larger than 16 MiB");
    let said = sentence(eager(&server.url()).sonarr.naming());
    assert_eq!(said, "cannot ask radarr for its naming settings: its answer is larger than 16 MiB");
    // a library may be as large as it likes, but nothing in it
    let said = sentence(all_movies(&eager(&server.url())));
    assert_eq!(said, "cannot ask radarr for its films: one of its items is larger than 8 MiB");
}

#[test]
fn an_endless_item_ends_at_its_limit() {
    let server = always(Answer::json([b"[{\"a\":\"".as_slice(), &vec![b'a'; 9 << 20]].concat()));
    let said = sentence(all_movies(&eager(&server.url())));
    assert_eq!(said, "cannot ask radarr for its films: one of its items is larger than 8 MiB");
}

#[test]
fn what_does_not_speak_http() {
    for bytes in [b"\x15\x03\x01\x00\x02\x02\x50".as_slice(), b"SSH-2.0-OpenSSH_9.2\r\n"] {
        let server = always(Answer::from(Fault::Raw(bytes.into())));
        let said = sentence(all_movies(&eager(&server.url())));
        let start =
            format!("cannot ask radarr for its films: what answers at {} does not speak plain HTTP (", server.url());
        assert!(said.starts_with(&start), "{said}");
    }
    let server = always(two_films().with(Fault::HugeHeader(2_000_000)));
    let said = sentence(all_movies(&eager(&server.url())));
    assert!(said.contains("header is too big"), "{said}");
}

#[test]
fn a_port_where_nothing_answers() {
    let closed = Held::new();
    let url = format!("http://{}", closed.address);
    assert_eq!(
        sentence(all_movies(&eager(&url))),
        format!(
            "cannot ask radarr for its films: nothing answers at {url}: is it running, and is RADARR_0_URL right (tried 4 times)"
        )
    );
}

#[test]
fn a_host_that_nobody_knows() {
    for host in ["no-such-host.invalid", "no-such-nas.local"] {
        let said = sentence(all_movies(&curt(&format!("http://{host}:7878"))));
        let expected = format!(
            "cannot ask radarr for its films: its host in http://{host}:7878 cannot be looked up: check RADARR_0_URL, or give an address \
             there: only DNS and /etc/hosts are asked, not the network's machines themselves"
        );
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn what_is_no_address() {
    for url in ["http://[::1", "http://a^b"] {
        let said = sentence(all_movies(&eager(url)));
        assert_eq!(said, format!("cannot ask radarr for its films: RADARR_0_URL is {url:?}, which is no address"));
    }
}

#[test]
fn a_host_with_a_name() {
    let server = always(two_films());
    let url = format!("http://localhost:{}", server.address().port());
    assert_eq!(all_movies(&eager(&url)).unwrap().len(), 2);
}

/// Runs until the request has arrived, then stops the app; how long the request outlives that.
fn outlives_shutdown(answer: Answer, pause: Duration) -> Duration {
    let (arrived, seen) = mpsc::channel();
    let server = Server::start(move |_| {
        _ = arrived.send(());
        answer.clone()
    });
    let patience = Patience { pause, ..Patience::default() };
    let arr = both(&app(&server.url()), None, &patience).unwrap();
    thread::scope(|scope| {
        let asking = scope.spawn(|| sentence(all_movies(&arr)));
        seen.recv().unwrap();
        let start = Instant::now();
        arr.radarr.shutdown();
        arr.sonarr.shutdown();
        assert_eq!(asking.join().unwrap(), "cannot ask radarr: plex-linker is being stopped");
        assert_eq!(sentence(arr.sonarr.series()), "cannot ask radarr: plex-linker is being stopped");
        assert_eq!(server.requests().len(), 1);
        start.elapsed()
    })
}

#[test]
fn shutdown_cuts_requests_and_pauses() {
    let minute = Duration::from_secs(60);
    for answer in [
        Answer::from(Fault::SILENT),
        two_films().with(Fault::SilentAfter(100)),
        Answer::status(503),
        Answer::from(Fault::Reset),
    ] {
        assert!(outlives_shutdown(answer, minute / 4) < minute / 6);
    }
}
