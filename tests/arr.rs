//! Radarr and Sonarr as `arr` sees them: what their answers become, what it says when there is none, when it asks again.

mod answers;
mod asked;
mod faults;
mod fields;
mod names;
mod recorded;
mod sentences;
mod tls;

use std::{
    fmt::Debug,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use plex_linker::{
    arr::{Connection, Patience, Radarr, Sonarr},
    config::{App, RADARR, Secret},
    error::{Error, Result},
    model::{Movie, Paths},
};

use crate::support::http::{Answer, Fault, Request, Server};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// An answer that a real app gave.
fn recorded(name: &str) -> String {
    fixture(&format!("recorded/{name}"))
}

fn app(url: &str) -> App {
    App {
        kind: RADARR,
        name: "radarr".into(),
        variable: "RADARR_0_URL".into(),
        url: url.into(),
        public_url: String::new(),
        api_path: "/api/v3".into(),
        api_key: Secret::new(KEY),
        headers: Vec::new(),
        timeout: Duration::from_secs(600),
        paths: Paths::default(),
    }
}

/// One server asked as both apps.
struct Both {
    radarr: Radarr,
    sonarr: Sonarr,
}

fn both(app: &App, ca_file: Option<&Path>, patience: &Patience) -> Result<Both> {
    let connection = || Connection::new(app, ca_file, patience.clone());
    Ok(Both { radarr: Radarr::new(connection()?, 0), sonarr: Sonarr::new(connection()?, 0) })
}

/// Tries four times, quickly.
fn eager(url: &str) -> Both {
    both(&app(url), None, &Patience { pause: Duration::from_millis(1), ..Patience::default() }).unwrap()
}

/// Tries once.
fn curt(url: &str) -> Both {
    both(&app(url), None, &Patience { failing: Duration::ZERO, ..Patience::default() }).unwrap()
}

/// Tries once and waits half a second for an answer.
fn hasty(url: &str) -> Both {
    let app = App { timeout: Duration::from_millis(500), ..app(url) };
    both(&app, None, &Patience { failing: Duration::ZERO, ..Patience::default() }).unwrap()
}

/// Always the same answer.
fn always(answer: Answer) -> Server {
    Server::start(move |_| answer.clone())
}

/// One answer after the other; the last one again and again.
fn script(answers: Vec<Answer>) -> Server {
    let next = AtomicUsize::new(0);
    Server::start(move |_| answers[next.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)].clone())
}

/// Each path has its answer; other paths are unknown.
fn routes(routes: Vec<(&'static str, Answer)>) -> Server {
    Server::start(move |request| {
        let route = routes.iter().find(|(path, _)| *path == request.path);
        route.map_or(Answer::status(404), |(_, answer)| answer.clone())
    })
}

fn all_movies(apps: &Both) -> Result<Vec<Movie>> {
    apps.radarr.movies(|_| true).map(|(movies, _)| movies)
}

/// The sentence of an error. The key is in none.
fn sentence<T: Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::App(text)) => {
            assert!(!text.contains(KEY), "the key is in {text:?}");
            text
        }
        other => panic!("not an app's error: {other:?}"),
    }
}
