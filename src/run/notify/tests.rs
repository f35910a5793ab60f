//! Telling apps that take their time.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use super::*;
use crate::{
    arr::{Connection, Patience, Radarr},
    config::{App, SONARR, Secret},
    model::Paths,
};

/// Answers by what it was asked before: status and body.
type Answers = dyn Fn(&str, &[String]) -> (u16, String) + Send + Sync;

struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: impl Fn(&str, &[String]) -> (u16, String) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answers): (Arc<Mutex<Vec<String>>>, Arc<Answers>) = (Arc::default(), Arc::new(answers));
        let all = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, answers) = (all.clone(), answers.clone());
                thread::spawn(move || serve(stream.unwrap(), &asked, &*answers));
            }
        });
        Server { url, asked }
    }

    fn connection(&self) -> Connection {
        let app = App {
            kind: SONARR,
            name: "app".into(),
            variable: "APP_0_URL".into(),
            url: self.url.clone(),
            public_url: String::new(),
            api_path: String::new(),
            api_key: Secret::new("0123456789abcdef"),
            headers: Vec::new(),
            timeout: std::time::Duration::from_secs(600),
            paths: Paths::default(),
        };
        Connection::new(&app, None, Patience { failing: Duration::ZERO, ..Patience::default() }).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// `GET /command`, `RescanSeries 5`, one after the other on one connection.
fn serve(stream: TcpStream, asked: &Mutex<Vec<String>>, answers: &Answers) {
    let (mut writer, mut reader) = (stream.try_clone().unwrap(), BufReader::new(stream));
    loop {
        let (mut head, mut length) = (String::new(), 0);
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let what = match body["name"].as_str() {
            Some(name) => format!("{name} {}", body.get("seriesId").unwrap_or(&body["movieId"])),
            None => head.trim_end().trim_end_matches(" HTTP/1.1").to_string(),
        };
        let (status, text) = {
            let mut asked = asked.lock().unwrap();
            let answer = answers(&what, &asked);
            asked.push(what);
            answer
        };
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", text.len());
        if writer.write_all((head + &text).as_bytes()).is_err() {
            return;
        }
    }
}

fn command(id: i32, status: &str) -> (u16, String) {
    (200, format!(r#"{{"id":{id},"name":"RescanSeries","status":"{status}"}}"#))
}

fn count(asked: &[String], what: &str) -> usize {
    asked.iter().filter(|asked| *asked == what).count()
}

/// A scan of show 5 is command 105, which has each of these statuses when it is asked about, the last one for ever.
fn sonarr(running: &'static str, statuses: &'static [&'static str]) -> Server {
    Server::start(move |what, asked| match what.split_once(' ').unwrap() {
        ("GET", "/command") => (200, running.into()),
        ("GET", path) => {
            let id = path.strip_prefix("/command/").unwrap().parse().unwrap();
            command(id, statuses[count(asked, what).min(statuses.len() - 1)])
        }
        (_, show) => command(100 + show.parse::<i32>().unwrap(), "queued"),
    })
}

fn apps(sonarr: &[&Server], radarr: &[&Server]) -> Apps {
    Apps {
        sonarr: sonarr.iter().enumerate().map(|(n, server)| Sonarr::new(server.connection(), n)).collect(),
        radarr: radarr.iter().enumerate().map(|(n, server)| Radarr::new(server.connection(), n)).collect(),
    }
}

fn tell(sonarr: &[&Server], untold: &[Untold]) -> Notified {
    notify(&apps(sonarr, &[]), untold, &Stop::default())
}

fn heard(told: &Notified) -> Vec<Untold> {
    let mut heard = told.heard.clone();
    heard.sort();
    heard
}

#[test]
fn a_show_is_refreshed_when_its_scan_is_done() {
    let server = sonarr("[]", &["queued", "started", "completed"]);
    let told = tell(&[&server], &[Untold::Series(0, 5)]);
    assert_eq!(
        server.asked(),
        [
            "GET /command",
            "RescanSeries 5",
            "GET /command/105",
            "GET /command/105",
            "GET /command/105",
            "RefreshSeries 5"
        ]
    );
    assert_eq!(heard(&told), [Untold::Series(0, 5)]);
    assert_eq!((told.problems.len(), told.scan_failed.len(), told.late.len()), (0, 0, 0));
}

#[test]
fn what_a_scan_came_to() {
    let five = || vec![(0, 5)];
    for (status, refreshed, failed, late) in [
        ("completed", true, vec![], vec![]),
        ("failed", true, five(), vec![]),
        ("cancelled", false, vec![], five()),
        ("aborted", false, vec![], five()),
        ("orphaned", false, vec![], five()),
        ("something new", true, vec![], vec![]),
    ] {
        let server = Server::start(move |what, _| match what {
            "GET /command" => (200, "[]".into()),
            "GET /command/105" => command(105, status),
            _ => command(105, "queued"),
        });
        let told = tell(&[&server], &[Untold::Series(0, 5)]);
        assert_eq!(server.asked().last().unwrap() == "RefreshSeries 5", refreshed, "{status}");
        assert_eq!(!told.heard.is_empty(), refreshed, "{status}");
        assert_eq!((told.scan_failed, told.late, told.problems.len()), (failed, late, 0), "{status}");
    }
}

#[test]
fn an_app_that_tells_nothing_of_its_commands_counts_as_told() {
    for accepted in ["{}", r#"{"id":105,"status":"queued"}"#] {
        let server = Server::start(move |what, _| match what.starts_with("GET") {
            true => (404, String::new()),
            false => (201, accepted.into()),
        });
        let told = tell(&[&server], &[Untold::Series(0, 5)]);
        let asked: Vec<_> = server.asked().into_iter().filter(|what| !what.starts_with("GET")).collect();
        assert_eq!(asked, ["RescanSeries 5", "RefreshSeries 5"]);
        assert_eq!((told.heard.len(), told.problems), (1, vec![]));
    }
}

#[test]
fn a_scan_that_others_ordered_is_waited_for() {
    for (running, waits) in [
        (r#"[{"id":7,"name":"RescanSeries","status":"started","body":{"seriesId":5}}]"#, true),
        (r#"[{"id":7,"name":"RefreshSeries","status":"queued","body":{"seriesIds":[4,5]}}]"#, true),
        (r#"[{"id":7,"name":"RefreshSeries","status":"started","body":{"seriesIds":[]}}]"#, true),
        (r#"[{"id":7,"name":"RescanSeries","status":"started"}]"#, true),
        (r#"[{"id":7,"name":"RescanSeries","status":"completed","body":{"seriesId":5}}]"#, false),
        (r#"[{"id":7,"name":"RescanSeries","status":"started","body":{"seriesId":6}}]"#, false),
        (r#"[{"id":7,"name":"Backup","status":"started","body":{}}]"#, false),
    ] {
        let server = sonarr(running, &["started", "completed"]);
        let told = tell(&[&server], &[Untold::Series(0, 5)]);
        let before: Vec<_> = server.asked().into_iter().take_while(|what| what != "RescanSeries 5").collect();
        let expected: &[&str] =
            if waits { &["GET /command", "GET /command/7", "GET /command/7"] } else { &["GET /command"] };
        assert_eq!(before, expected, "{running}");
        assert_eq!(told.heard.len(), 1);
    }
}

#[test]
fn others_go_on_while_one_is_slow() {
    // show 1 is never done, show 2 waits for somebody's scan that is never done
    let slow = Server::start(|what, _| match what {
        "GET /command" => (200, r#"[{"id":7,"name":"RescanSeries","status":"started","body":{"seriesId":2}}]"#.into()),
        "GET /command/101" => command(101, "started"),
        "GET /command/7" => command(7, "started"),
        "GET /command/103" => command(103, "completed"),
        _ => command(100 + what.rsplit(' ').next().unwrap().parse::<i32>().unwrap(), "queued"),
    });
    let (quick, films) = (sonarr("[]", &["completed"]), Server::start(|_, _| (201, "{}".into())));
    let untold =
        [Untold::Series(0, 1), Untold::Series(0, 2), Untold::Series(0, 3), Untold::Series(1, 4), Untold::Movie(0, 9)];
    let told = notify_within(&apps(&[&slow, &quick], &[&films]), &untold, &Stop::default(), Duration::from_millis(300));
    assert_eq!(heard(&told), [Untold::Series(0, 3), Untold::Series(1, 4), Untold::Movie(0, 9)]);
    assert_eq!((told.late, told.problems), (vec![(0, 1), (0, 2)], vec![]));
    let posts: Vec<_> = slow.asked().into_iter().filter(|what| !what.starts_with("GET")).collect();
    assert_eq!(posts, ["RescanSeries 1", "RescanSeries 3", "RefreshSeries 3"]);
    assert_eq!(films.asked(), ["RescanMovie 9"]);
}

#[test]
fn many_shows_are_not_all_asked_about_again_and_again() {
    // scans are done in their order, one with each question
    let server = Server::start(|what, asked| match what.split_once(' ').unwrap() {
        ("GET", "/command") => (200, "[]".into()),
        ("GET", path) => {
            let id: i32 = path.strip_prefix("/command/").unwrap().parse().unwrap();
            let questions = asked.iter().filter(|asked| asked.starts_with("GET /command/")).count();
            command(id, if questions >= (id - 100) as usize { "completed" } else { "queued" })
        }
        (_, show) => command(100 + show.parse::<i32>().unwrap(), "queued"),
    });
    let untold: Vec<_> = (1..=100).map(|show| Untold::Series(0, show)).collect();
    let told = tell(&[&server], &untold);
    assert_eq!(heard(&told), untold);
    let asked = server.asked();
    assert_eq!(asked[1..101], (1..=100).map(|show| format!("RescanSeries {show}")).collect::<Vec<_>>());
    let questions = asked.iter().filter(|what| what.starts_with("GET")).count();
    assert!(questions < 300, "{questions} questions");
}

#[test]
fn an_app_that_fails_is_a_problem_and_the_others_are_told() {
    let down = Server::start(|_, _| (400, r#"{"message":"no"}"#.into()));
    let well = sonarr("[]", &["completed"]);
    let untold = [Untold::Series(0, 5), Untold::Series(1, 5), Untold::Movie(0, 9)];
    let told = notify(&apps(&[&down, &well], &[&down]), &untold, &Stop::default());
    assert_eq!(heard(&told), [Untold::Series(1, 5)]);
    assert_eq!(
        told.problems,
        [
            "cannot ask app for RescanMovie 9: it answers 400 Bad Request: no; it will be told in the next run",
            "cannot ask app what it is doing: it answers 400 Bad Request: no; it will be told in the next run",
        ]
    );
}

#[test]
fn nobody_is_told_of_what_concerns_nobody() {
    let server = sonarr("[]", &["completed"]);
    let untold = [Untold::Series(0, 0), Untold::Series(3, 5), Untold::Movie(0, 1), Untold::Movie(0, -1)];
    assert_eq!(tell(&[&server], &untold).heard.len(), 4);
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_stop_ends_the_waiting() {
    let server = sonarr("[]", &["started"]);
    let apps = Arc::new(apps(&[&server], &[]));
    let stop = Stop::default();
    stop.reaches(&apps).unwrap();
    thread::scope(|scope| {
        let telling = scope.spawn(|| notify_within(&apps, &[Untold::Series(0, 5)], &stop, Duration::from_secs(3600)));
        while count(&server.asked(), "GET /command/105") < 3 {
            thread::yield_now();
        }
        stop.now();
        assert_eq!(telling.join().unwrap().heard.len(), 0);
    });
}
