//! The web side without a socket: requests as values, and a linker that only remembers what it was asked.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, mpsc},
    thread,
};

use plex_linker::{
    config::{Config, Database, Environment, Secret},
    db::{Changes, Db},
    model::{
        Catalog, CatalogMovie, CatalogShow, Checked, Concerns, Date, Finding, Link, NewRule, Report, RuleState, Season,
        Special, Suggestion, Suggestions, Verdict,
    },
    web::{Lookup, Order, Preview, Reply, Request, SeasonLookup, Shared, Subject, Web},
};
use serde_json::Value;

pub const KEY: &str = "0123456789abcdef0123456789abcdef";
/// When every request comes.
pub const NOW: i64 = 1_800_000_000;

pub struct Site {
    pub web: Web,
    pub database: Database,
    pub state: Arc<Mutex<Shared>>,
    /// One word for each thing that the linker was asked to do.
    pub asked: Arc<Mutex<Vec<&'static str>>>,
    linker: mpsc::Sender<Order>,
}

/// What those who are asked put into the state.
#[derive(Clone)]
pub struct Answers {
    pub catalog: Option<Catalog>,
    pub suggestions: Option<Suggestions>,
    pub preview: Result<Report, String>,
    pub season: Option<Season>,
    pub check: Option<Checked>,
}

impl Site {
    /// With these variables besides the database, and the sample catalog.
    pub fn new(database_url: &str, variables: &[(&str, &str)]) -> Site {
        Site::answering(database_url, variables, Answers::sample())
    }

    pub fn answering(database_url: &str, variables: &[(&str, &str)], answers: Answers) -> Site {
        let config = config(database_url, variables);
        let key = (!config.serve.open_to_all).then(|| Secret::new(KEY));
        let state = Arc::new(Mutex::new(Shared::default()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (linker, asks) = mpsc::channel();
        let (looker, looks) = mpsc::channel();
        let (seasons, season_looks) = mpsc::channel::<SeasonLookup>();
        let (remembered, told, answered) = (asked.clone(), state.clone(), answers.clone());
        thread::spawn(move || asks.into_iter().for_each(|ask| answer(ask, &answered, &told, &remembered)));
        let (remembered, told) = (asked.clone(), state.clone());
        let season = answers.season.clone();
        thread::spawn(move || looks.into_iter().for_each(|look| find(look, &answers, &told, &remembered)));
        let remembered = asked.clone();
        thread::spawn(move || {
            for SeasonLookup { answer, .. } in season_looks {
                remembered.lock().unwrap().push("season");
                season.iter().for_each(|season| answer.send(season.clone()).unwrap());
            }
        });
        let web = Web::new(&config, key, linker.clone(), looker, seasons, state.clone());
        Site { web, database: config.database, state, asked, linker }
    }

    /// A run ends that could not be done.
    pub fn cannot_run(&self, at: i64, problem: &str) {
        let mut state = self.state.lock().unwrap();
        let undone = Report::undone(at, problem.into(), state.last.as_deref());
        state.end(at, 5, undone);
    }

    pub fn db(&self) -> Db {
        Db::open(&self.database).unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(&local("GET", path))
    }

    /// As a script on this machine does.
    pub fn json(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(&local(method, path).header("Content-Type", "application/json").body(body))
    }

    /// As a browser on this machine sends a form.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(&local("POST", path).form("http://localhost:8080", &body))
    }

    pub fn send(&self, request: &Sent) -> Answer {
        let Reply { status, headers, body, .. } = self.web.answer(&request.0);
        let answer = Answer { status, headers, body: String::from_utf8(body).unwrap() };
        assert!(!answer.text().contains(KEY), "the key is in an answer: {answer:?}");
        answer
    }

    pub fn asked(&self) -> Vec<&'static str> {
        // what was sent before it has been noted when it is dropped
        let (done, told) = mpsc::channel();
        self.linker.send(Order::Preview { since: BARRIER, done }).unwrap();
        let _ = told.recv();
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().filter(|word| !LOOKS.contains(word)).collect()
    }

    /// What was looked up.
    pub fn looked(&self) -> Vec<&'static str> {
        self.asked.lock().unwrap().iter().copied().filter(|word| LOOKS.contains(word)).collect()
    }
}

const LOOKS: [&str; 4] = ["catalog", "suggestions", "check", "season"];
/// When no preview is made.
const BARRIER: i64 = i64::MAX;

fn answer(ask: Order, answers: &Answers, state: &Mutex<Shared>, asked: &Mutex<Vec<&'static str>>) {
    let word = match ask {
        Order::Run => "run",
        Order::Soon => "soon",
        Order::Gone(_) => "gone",
        Order::Stop => "stop",
        Order::Preview { since: BARRIER, .. } => return,
        Order::Preview { since, done } => {
            asked.lock().unwrap().push("preview");
            let mut state = state.lock().unwrap();
            if state.preview.as_ref().is_none_or(|known| known.at < since) {
                state.preview = Some(Arc::new(Preview { at: NOW, outcome: answers.preview.clone() }));
            }
            return drop(done);
        }
    };
    asked.lock().unwrap().push(word);
}

fn find(look: Lookup, answers: &Answers, state: &Mutex<Shared>, asked: &Mutex<Vec<&'static str>>) {
    match look {
        Lookup::Renew { subject: Subject::Catalog, done, .. } => {
            asked.lock().unwrap().push("catalog");
            state.lock().unwrap().catalog = answers.catalog.clone().map(Arc::new);
            drop(done);
        }
        Lookup::Renew { subject: Subject::Suggestions, done, .. } => {
            asked.lock().unwrap().push("suggestions");
            state.lock().unwrap().suggestions = answers.suggestions.clone().map(Arc::new);
            drop(done);
        }
        Lookup::Renew { subject: Subject::Check, done, .. } => {
            asked.lock().unwrap().push("check");
            state.lock().unwrap().check = answers.check.clone().map(Arc::new);
            drop(done);
        }
        Lookup::Connect { remove, answer } => {
            let what = if remove { "there is none any more" } else { "the webhook is made" };
            answer.send(vec![("radarr".into(), Ok(what.into()))]).unwrap();
        }
        Lookup::TestNews { answer } => {
            answer.send(vec![("http://ntfy".into(), Ok("the test is sent".into()))]).unwrap()
        }
    }
}

pub fn config(database_url: &str, variables: &[(&str, &str)]) -> Config {
    let env = [("DATABASE_URL", database_url)].into_iter().chain(variables.iter().copied());
    Environment::new(env.map(|(name, value)| (name.into(), value.into())), None).unwrap().config().unwrap()
}

/// A request under construction.
#[derive(Clone)]
pub struct Sent(pub Request);

/// From this machine, by the name that the tests' browser uses.
pub fn local(method: &str, path: &str) -> Sent {
    Sent(Request {
        method: method.into(),
        path: path.into(),
        headers: vec![("Host".into(), "localhost:8080".into())],
        body: Vec::new(),
        peer: Some(IpAddr::from([127, 0, 0, 1])),
        is_old: false,
        at: NOW,
    })
}

/// From another machine.
pub fn remote(method: &str, path: &str) -> Sent {
    let mut sent = local(method, path).header("Host", "nas:8080");
    sent.0.peer = Some(IpAddr::from([192, 168, 1, 20]));
    sent
}

impl Sent {
    pub fn header(mut self, name: &str, value: &str) -> Sent {
        if name == "Host" {
            self.0.headers.retain(|(known, _)| known != name);
        }
        self.0.headers.push((name.into(), value.into()));
        self
    }

    pub fn body(mut self, body: &str) -> Sent {
        self.0.body = body.into();
        self
    }

    /// As a browser sends one that stands on a page of `origin`.
    pub fn form(self, origin: &str, body: &str) -> Sent {
        self.header("Content-Type", "application/x-www-form-urlencoded").header("Origin", origin).body(body)
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// Everything in it.
    pub fn text(&self) -> String {
        format!("{:?}\n{}", self.headers, self.body)
    }

    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map_or("", |(_, value)| value);
        assert!(found.next().is_none(), "{name} is there twice");
        value
    }

    #[track_caller]
    pub fn status(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    pub fn value(&self) -> Value {
        assert_eq!(self.header("Content-Type"), "application/json", "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// The sentence of a refusal.
    #[track_caller]
    pub fn detail(&self) -> String {
        self.value()["detail"].as_str().unwrap().to_string()
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "{text:?} is not in {}", self.body);
    }

    #[track_caller]
    pub fn leads_to(self, path: &str) -> Answer {
        let answer = self.status(303);
        assert_eq!(answer.header("Location"), path);
        answer
    }
}

impl Answers {
    pub fn sample() -> Answers {
        Answers {
            catalog: Some(catalog()),
            suggestions: Some(suggestions()),
            preview: Ok(preview()),
            season: Some(season()),
            check: Some(check()),
        }
    }

    /// The linker is busy.
    pub fn none() -> Answers {
        let preview = Err("another run is busy".into());
        Answers { catalog: None, suggestions: None, preview, season: None, check: None }
    }
}

fn check() -> Checked {
    let finding = |what, sentence: &str, mend: Option<&str>| Finding {
        what,
        sentence: sentence.into(),
        mend: mend.map(str::to_string),
    };
    Checked {
        at: NOW,
        findings: vec![
            finding(Verdict::Ok, "the lock can be taken", None),
            finding(Verdict::Warning, "Sonarr has <no> shows", Some("add one")),
            finding(Verdict::Wrong, "the key is not <its>", Some("copy it again")),
        ],
    }
}

fn movie(tmdb_id: i32, title: &str, year: i32) -> CatalogMovie {
    CatalogMovie { radarr: 0, tmdb_id, title: title.into(), year: Some(year), has_file: year % 2 == 0 }
}

fn show(id: i32, tvdb_id: i32, title: &str) -> CatalogShow {
    CatalogShow { sonarr: 0, id, tvdb_id, title: title.into(), slug: Some(title.to_lowercase().replace(' ', "-")) }
}

fn catalog() -> Catalog {
    Catalog {
        asked_at: NOW,
        fetched_at: NOW - 60,
        movies: vec![
            movie(533_514, "Violet Evergarden: The Movie", 2020),
            movie(413_594, "Sword Art Online the Movie: Ordinal Scale", 2017),
            movie(900_667, "One Piece Film Red", 2022),
            movie(1, "Ghost", 1990),
            movie(2, "Ghost", 2015),
        ],
        shows: vec![
            show(1, 330_139, "Violet Evergarden"),
            show(2, 259_640, "Sword Art Online"),
            show(3, 81_797, "One Piece"),
        ],
        problems: vec![],
    }
}

fn suggestions() -> Suggestions {
    let first = Suggestion {
        id: "1".into(),
        dismissed: false,
        movie_title: "Sword Art Online the Movie: Ordinal Scale".into(),
        tmdb_id: 413_594,
        show_name: "Sword Art Online".into(),
        tvdb_id: 259_640,
        season: "00".into(),
        episode: 22,
        last_episode: None,
        episode_title: "Ordinal Scale".into(),
        likely: true,
        score: 97,
        evidence: vec!["the titles agree".into(), "aired on the day of the film's release".into()],
    };
    Suggestions {
        asked_at: NOW,
        fetched_at: NOW - 60,
        list: vec![
            first.clone(),
            Suggestion {
                id: "2".into(),
                movie_title: "One Piece Film Red".into(),
                tmdb_id: 900_667,
                show_name: "One Piece".into(),
                tvdb_id: 81_797,
                episode: 46,
                episode_title: "Film: Red".into(),
                likely: false,
                score: 71,
                evidence: vec!["the titles are alike".into()],
                ..first
            },
        ],
        problems: vec![],
    }
}

fn season() -> Season {
    let special = |number, title: &str| Special { number, title: title.into(), ..Special::default() };
    let movie =
        Special { aired: Date::parse("2020-09-18"), runtime: Some(140), has_file: true, ..special(3, "The Movie") };
    let specials = vec![special(1, "Extra Episode"), special(2, "Eternity and the Auto Memory Doll"), movie];
    Season { specials, best: None }
}

fn preview() -> Report {
    Report {
        summary: "1 change: 3 links right, 0 rules skipped".into(),
        changes: vec!["create /m/tv/Show/Season 00/A.mkv -> ../A.mkv".into()],
        changed: vec![1],
        ..report(&[])
    }
}

/// A report with these states.
pub fn report(rules: &[RuleState]) -> Report {
    Report {
        at: NOW - 180,
        summary: "nothing changed: 1 of 1 rule linked".into(),
        failed: false,
        changes: vec![],
        changed: vec![],
        places: vec![],
        problems: vec![],
        rules: rules.to_vec(),
    }
}

pub fn rule_state(rule: i64, state: &str, reason: &str) -> RuleState {
    RuleState { rule, state: state.into(), reason: reason.into(), link: None, subtitles: Vec::new(), since: 0 }
}

/// The recorded link of a rule.
pub fn link(rule: i32, path: &str) -> Link {
    let concerns = Concerns { sonarr: 0, series_id: 1, radarr: 0, movie_id: 1 };
    Link { path: path.into(), rule, named: String::new(), target: "x".into(), was: None, concerns }
}

pub fn record(links: Vec<Link>) -> Changes {
    Changes { links, ..Changes::default() }
}

pub fn wish(movie: &str, show: &str, episode: i32) -> NewRule {
    crate::support::rules::wish(movie, 603, show, episode)
}
