//! What Sonarr and Radarr have in common: the key, the start of every answer, commands, and faults on demand.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{
    command::{Command, http_date, now, timestamp},
    http::{Answer, Request, Server},
    json::{Json, Value},
};
use crate::object;

/// A running sample app. What it knows and how it answers is in `sonarr` and `radarr`.
pub struct App {
    server: Server,
    desk: Arc<Desk>,
}

/// The part of an app that its routes share.
pub struct Desk {
    pub kind: Kind,
    pub mounts: Mounts,
    pub commands: Mutex<Vec<Command>>,
    key: String,
    url_base: Mutex<String>,
    script: Mutex<Vec<Line>>,
    violations: Mutex<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sonarr,
    Radarr,
}

/// An answer in place of the right one.
struct Line {
    pattern: String,
    /// For how many more requests; `None` is for ever.
    left: Option<usize>,
    answer: Answer,
}

/// The folders that an app sees, and where they are on this disk: whole paths without links in them.
#[derive(Debug, Clone)]
pub struct Mounts(pub Vec<(String, PathBuf)>);

impl App {
    pub fn start(
        kind: Kind,
        key: &str,
        mounts: Mounts,
        route: impl Fn(&Desk, &Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> App {
        let desk = Arc::new(Desk {
            kind,
            mounts,
            commands: Mutex::default(),
            key: key.into(),
            url_base: Mutex::default(),
            script: Mutex::default(),
            violations: Mutex::default(),
        });
        let server = Server::start({
            let desk = desk.clone();
            move |request| desk.answer(request, &route)
        });
        App { server, desk }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// With the URL base, if there is one, and without a slash at its end.
    pub fn url(&self) -> String {
        format!("{}{}", self.server.url(), self.desk.url_base.lock().unwrap())
    }

    pub fn key(&self) -> &str {
        &self.desk.key
    }

    pub fn mounts(&self) -> &Mounts {
        &self.desk.mounts
    }

    /// From here on the app lives under this path, such as `/sonarr`, and sends everyone else there (*facts A.2*).
    pub fn set_url_base(&self, base: &str) {
        *self.desk.url_base.lock().unwrap() = base.into();
    }

    /// From here on every request that fits is answered so, whatever its key. `GET /api/v3/movie` fits with any query,
    /// `GET /api/v3/movie?tmdbId=5` with that one only, `POST /api/v3/command RescanSeries` with that command only,
    /// and `*` with everything. What was said last goes first.
    pub fn on(&self, pattern: &str, answer: impl Into<Answer>) {
        self.script(pattern, None, answer.into());
    }

    /// The same for the next `count` requests that fit.
    pub fn on_next(&self, count: usize, pattern: &str, answer: impl Into<Answer>) {
        self.script(pattern, Some(count), answer.into());
    }

    fn script(&self, pattern: &str, left: Option<usize>, answer: Answer) {
        self.desk.script.lock().unwrap().insert(0, Line { pattern: pattern.into(), left, answer });
    }

    /// Takes back every `on` and `on_next`, and a `leave`.
    pub fn heal(&self) {
        self.desk.script.lock().unwrap().clear();
        self.server.come_back();
    }

    /// From here on nothing listens at the address.
    pub fn leave(&self) {
        self.server.leave();
    }

    /// Every request since the start or the last `forget`, the oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// The same as text: `GET /api/v3/movie`, `POST /api/v3/command {"name":...}`.
    pub fn calls(&self) -> Vec<String> {
        self.requests().iter().map(ToString::to_string).collect()
    }

    /// What was commanded: `RescanSeries 11`, in the order of the requests, also where the answer was a fault.
    pub fn posts(&self) -> Vec<String> {
        let posts = self.requests().into_iter().filter(|request| request.method != "GET");
        posts
            .map(|request| {
                let body = request.json();
                let ids = ["seriesId", "movieId"].map(|name| body[name].as_i64());
                match (body["name"].as_str(), ids.into_iter().flatten().next()) {
                    (Some(name), Some(id)) => format!("{name} {id}"),
                    _ => request.to_string(),
                }
            })
            .collect()
    }

    pub fn forget(&self) {
        self.server.forget();
    }

    /// What no careful client does, such as having a whole library scanned.
    pub fn violations(&self) -> Vec<String> {
        self.desk.violations.lock().unwrap().clone()
    }
}

impl Desk {
    fn answer(&self, request: &Request, route: impl Fn(&Desk, &Request) -> Option<Answer>) -> Answer {
        if let Some(answer) = self.scripted(request) {
            return answer;
        }
        let base = self.url_base.lock().unwrap().clone();
        let inside = request.path.strip_prefix(&base);
        let request = Request { path: inside.unwrap_or(&request.path).into(), ..request.clone() };
        let for_api = request.path.starts_with("/api");
        let json_sent = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        // in the order of the real ones: a wrong key is told before a wrong path
        let answer = if for_api && request.header("x-api-key") != Some(&self.key) {
            Answer::status(401)
        } else if inside.is_none() {
            Answer::status(307).header("Location", &format!("{base}{}", request.target()))
        } else if request.path == "/ping" {
            json(object! { "status": "OK" })
        } else if !for_api {
            Answer::html("<!doctype html>\n<html lang=\"en\"><body></body></html>\n")
        } else if request.method == "POST" && !json_sent {
            Answer::status(415)
        } else {
            self.own_route(&request).or_else(|| route(self, &request)).unwrap_or_else(|| Answer::status(404))
        };
        answer.header("X-Application-Version", self.kind.version()).header("Date", &http_date(now()))
    }

    fn scripted(&self, request: &Request) -> Option<Answer> {
        let mut script = self.script.lock().unwrap();
        let at = script.iter().position(|line| line.left != Some(0) && line.fits(request))?;
        let line = &mut script[at];
        line.left = line.left.map(|left| left - 1);
        Some(line.answer.clone())
    }

    /// The routes that both apps have.
    fn own_route(&self, request: &Request) -> Option<Answer> {
        let get = (request.method == "GET").then_some(());
        match request.path.strip_prefix("/api/v3/")? {
            "system/status" => get.map(|()| self.kind.system_status(&self.url_base.lock().unwrap())),
            "filesystem/type" => get.map(|()| json(self.file_type(&request.param("path").unwrap_or_default()))),
            "rootfolder" => get.map(|()| json(self.root_folders())),
            "command" => {
                get.map(|()| json(self.commands.lock().unwrap().iter().map(Command::json).collect::<Vec<_>>()))
            }
            path => {
                let id = path.strip_prefix("command/")?;
                let commands = self.commands.lock().unwrap();
                commands.iter().find(|command| command.id.to_string() == id).map(|command| json(command.json()))
            }
        }
    }

    /// `file` also for a broken link; `folder` also for what is not there (*facts A.8*).
    fn file_type(&self, path: &str) -> Json {
        let is_file = |local: PathBuf| local.symlink_metadata().is_ok_and(|_| !local.is_dir());
        object! { "type": if self.mounts.local(path).is_some_and(is_file) { "file" } else { "folder" } }
    }

    fn root_folders(&self) -> Vec<Json> {
        let folders = self.mounts.0.iter().enumerate();
        let folder = |(at, (app, local)): (usize, &(String, PathBuf))| {
            let accessible = local.is_dir();
            object! {
                "path": app,
                "accessible": accessible,
                "freeSpace": accessible.then_some(4_398_046_511_104_u64),
                "unmappedFolders": Vec::<Json>::new(),
                "id": at + 1,
            }
        };
        folders.map(folder).collect()
    }

    /// Takes a command that is `done` already. One without an id in its `body` was for the whole library, which is a violation.
    pub fn command(&self, request: &Request, body: Vec<(&'static str, Json)>, done: Result<String, String>) -> Answer {
        let name = request.json()["name"].as_str().unwrap_or_default().to_string();
        if body.is_empty() {
            let text = format!("whole library scan! {}: {request}", self.kind.name());
            eprintln!("{text}");
            self.violations.lock().unwrap().push(text);
        }
        let mut commands = self.commands.lock().unwrap();
        let id = 5001 + commands.len();
        commands.push(Command { kind: self.kind, id, name, body, at: timestamp(now()), done });
        let location = format!("/api/v3/command/{id}");
        json(commands[commands.len() - 1].queued()).code(201).header("Location", &location)
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sonarr => "Sonarr",
            Kind::Radarr => "Radarr",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Kind::Sonarr => "4.0.19.2979",
            Kind::Radarr => "6.0.3.10276",
        }
    }

    fn system_status(self, url_base: &str) -> Answer {
        let text = match self {
            Kind::Sonarr => include_str!("../fixtures/sonarr_system_status.json"),
            Kind::Radarr => include_str!("../fixtures/radarr_system_status.json"),
        };
        let lines = text.lines().map(|line| match line.split_once("\"urlBase\": ") {
            Some((start, _)) => format!("{start}\"urlBase\": {url_base:?},"),
            None => line.into(),
        });
        Answer::json(lines.collect::<Vec<_>>().join("\n"))
    }
}

impl Line {
    fn fits(&self, request: &Request) -> bool {
        if self.pattern == "*" {
            return true;
        }
        let mut words = self.pattern.splitn(3, ' ');
        let (method, target, command) = (words.next(), words.next().unwrap_or_default(), words.next());
        method == Some(&request.method)
            && if target.contains('?') { target == request.target() } else { target == request.path }
            && command.is_none_or(|command| request.json()["name"] == command)
    }
}

impl Mounts {
    /// Where the app's path is on this disk; `None` where the app sees nothing.
    pub fn local(&self, path: &str) -> Option<PathBuf> {
        self.0.iter().find_map(|(app, local)| Some(local.join(Path::new(path).strip_prefix(app).ok()?)))
    }

    /// What the app calls a path of this disk; `None` where the app sees nothing.
    pub fn app(&self, path: &Path) -> Option<String> {
        let inside = |(app, local): &(String, PathBuf)| Some(Path::new(app).join(path.strip_prefix(local).ok()?));
        self.0.iter().find_map(inside).map(|path| path.display().to_string())
    }
}

pub fn json(value: impl Value) -> Answer {
    Answer::json(value.text().unwrap())
}
