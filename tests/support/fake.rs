//! What Sonarr and Radarr have in common: the key, the start of every answer, commands, and faults on demand.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{
    command::{Command, Done, State, http_date, now, timestamp},
    http::{Answer, Request, Server},
    json::{Json, Value},
    radarr::parent,
};
use crate::object;

mod notification;

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
    /// How often a command is looked at before it ends; `None` is done at once.
    pace: Mutex<Option<usize>>,
    perform: Box<Perform>,
    /// What the recorded develop version answers, not the released one.
    develop: Mutex<bool>,
    notifications: Mutex<Vec<serde_json::Value>>,
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

/// Does a command: its name and the number of its show or film.
pub type Perform = dyn Fn(&Mounts, &str, i64) -> Done + Send + Sync;

/// The folders that an app sees, and where they are on this disk: whole paths without links in them.
#[derive(Debug, Clone)]
pub struct Mounts(pub Vec<(String, PathBuf)>);

impl App {
    pub fn start(
        kind: Kind,
        key: &str,
        mounts: Mounts,
        route: impl Fn(&Desk, &Request) -> Option<Answer> + Send + Sync + 'static,
        perform: impl Fn(&Mounts, &str, i64) -> Done + Send + Sync + 'static,
    ) -> App {
        let desk = Arc::new(Desk {
            kind,
            mounts,
            commands: Mutex::default(),
            pace: Mutex::default(),
            perform: Box::new(perform),
            develop: Mutex::default(),
            notifications: Mutex::default(),
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

    /// From here on the app answers as the develop version that was recorded: with its version, Sonarr also at `/api/v5`.
    pub fn become_develop(&self) {
        *self.desk.develop.lock().unwrap() = true;
    }

    /// From here on a command is first `queued`, then `started`, and ends when it has been looked at so often. A second kind of scan
    /// for a show or film that has one under way is a violation: real Sonarr runs both side by side and comes to two rows for one
    /// file (*observed 8*). An equal one is the same command, of which there is one only (*facts A.9*).
    pub fn commands_take(&self, looks: usize) {
        *self.desk.pace.lock().unwrap() = Some(looks);
    }

    /// The same, and commands end when `finish_commands` says so.
    pub fn hold_commands(&self) {
        self.commands_take(usize::MAX);
    }

    /// Ends every command that is under way, the oldest first.
    pub fn finish_commands(&self) {
        self.desk.end_all();
    }

    /// What the app was told to do so far: name, show or film, and whether that has ended.
    pub fn commands(&self) -> Vec<(String, Option<i64>, bool)> {
        let commands = self.desk.commands.lock().unwrap();
        commands.iter().map(|command| (command.name.clone(), command.item, command.has_ended())).collect()
    }

    /// From here on every request that fits is answered so, whatever its key. `GET /api/v3/movie` fits with any query and
    /// for each item by its number,
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

    /// The connections as the app keeps them, with what it hides in its answers.
    pub fn notifications(&self) -> Vec<serde_json::Value> {
        self.desk.notifications.lock().unwrap().clone()
    }

    /// As its user changes one by hand.
    pub fn change_notification(&self, at: usize, change: impl FnOnce(&mut serde_json::Value)) {
        change(&mut self.desk.notifications.lock().unwrap()[at]);
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
        } else if request.path == "/api" {
            json(self.versions())
        } else if !for_api {
            Answer::html("<!doctype html>\n<html lang=\"en\"><body></body></html>\n")
        } else if request.method == "POST" && !json_sent {
            Answer::status(415)
        } else if request.method == "PATCH" {
            Answer::status(405).header("Allow", "GET, POST, PUT")
        } else if request.method == "POST" && serde_json::from_slice::<serde_json::Value>(&request.body).is_err() {
            bad_json()
        } else {
            let known = (!request.path.starts_with("/api/v5/") || self.speaks_v5()).then_some(&request);
            let answer = known.and_then(|request| self.own_route(request).or_else(|| route(self, request)));
            answer.unwrap_or_else(|| {
                if names_an_item(&request.path) { no_such_item(self.kind) } else { Answer::status(404) }
            })
        };
        if self.pace.lock().unwrap().is_none() {
            self.end_all();
        }
        answer.header("X-Application-Version", self.version()).header("Date", &http_date(now()))
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
        let path = self.route_of(request)?;
        match path {
            "system/status" => get.map(|()| self.system_status()),
            "filesystem/type" => get.map(|()| json(self.file_type(&request.param("path").unwrap_or_default()))),
            "health" => get.map(|()| json(Vec::<Json>::new())),
            "command" => {
                get.map(|()| json(self.commands.lock().unwrap().iter().map(Command::json).collect::<Vec<_>>()))
            }
            _ if path.starts_with("notification") => {
                notification::answer(self.kind, &mut self.notifications.lock().unwrap(), request, path)
            }
            path => {
                let id = path.strip_prefix("command/")?.parse().ok()?;
                get?;
                self.looked_at(id)
            }
        }
    }

    /// What stands behind the version of the API.
    pub fn route_of<'r>(&self, request: &'r Request) -> Option<&'r str> {
        let path = request.path.strip_prefix("/api/v3/");
        path.or_else(|| request.path.strip_prefix("/api/v5/").filter(|_| self.speaks_v5()))
    }

    pub fn is_develop(&self) -> bool {
        *self.develop.lock().unwrap()
    }

    fn speaks_v5(&self) -> bool {
        self.kind == Kind::Sonarr && self.is_develop()
    }

    fn versions(&self) -> Json {
        if self.speaks_v5() {
            object! { "current": "v5", "deprecated": vec!["v3"] }
        } else {
            object! { "current": "v3", "deprecated": Vec::<Json>::new() }
        }
    }

    /// `file` also for a broken link; `folder` also for what is not there (*facts A.8*).
    fn file_type(&self, path: &str) -> Json {
        let is_file = |local: PathBuf| local.symlink_metadata().is_ok_and(|_| !local.is_dir());
        object! { "type": if self.mounts.local(path).is_some_and(is_file) { "file" } else { "folder" } }
    }

    /// The root folders of the items whose folders these are; without items, all that the app sees.
    pub fn root_folders(&self, items: Vec<String>) -> Answer {
        let mut roots: Vec<_> = items.iter().map(|path| parent(path)).collect();
        if roots.is_empty() {
            roots = self.mounts.0.iter().map(|(app, _)| app.clone()).collect();
        }
        roots.sort();
        roots.dedup();
        let total = self.kind == Kind::Sonarr && self.is_develop();
        let folder = |(at, app): (usize, &String)| {
            let accessible = self.mounts.local(app).is_some_and(|local| local.is_dir());
            object! {
                "path": app,
                "accessible": accessible,
                "freeSpace": accessible.then_some(4_398_046_511_104_u64),
                "totalSpace": (accessible && total).then_some(8_796_093_022_208_u64),
                "unmappedFolders": Vec::<Json>::new(),
                "id": at + 1,
            }
        };
        json(roots.iter().enumerate().map(folder).collect::<Vec<_>>())
    }

    /// Takes a command for one show or film. One without an id in its `body` is for the whole library, which is a violation.
    pub fn command(&self, request: &Request, body: Vec<(&'static str, Json)>, item: Option<i64>) -> Answer {
        let name = request.json()["name"].as_str().unwrap_or_default().to_string();
        if body.is_empty() {
            self.violation(format!("whole library scan! {}: {request}", self.kind.name()));
        }
        let mut commands = self.commands.lock().unwrap();
        let open = |command: &&Command| !command.has_ended() && command.item == item;
        if let Some(equal) = commands.iter().filter(open).find(|command| command.name == name) {
            return accepted(equal);
        }
        if let Some(other) = commands.iter().find(open) {
            self.violation(format!(
                "two scans at once! {}: {request} while {} is under way",
                self.kind.name(),
                other.name
            ));
        }
        let id = 5001 + commands.len();
        commands.push(Command { kind: self.kind, id, name, body, item, at: timestamp(now()), state: State::Queued });
        accepted(&commands[commands.len() - 1])
    }

    fn violation(&self, text: String) {
        eprintln!("{text}");
        self.violations.lock().unwrap().push(text);
    }

    /// A command as it is now; where commands take time, a look brings it further.
    fn looked_at(&self, id: usize) -> Option<Answer> {
        let mut commands = self.commands.lock().unwrap();
        let command = commands.iter_mut().find(|command| command.id == id)?;
        let looks = match (&command.state, *self.pace.lock().unwrap()) {
            (State::Queued, pace) => pace.unwrap_or_default(),
            (State::Started(looks), _) => *looks,
            (State::Ended(_), _) => return Some(json(command.json())),
        };
        command.state = State::Started(looks.saturating_sub(1));
        let shown = json(command.json());
        drop(commands);
        if looks > 0 {
            return Some(shown);
        }
        self.end(id);
        let commands = self.commands.lock().unwrap();
        commands.iter().find(|command| command.id == id).map(|command| json(command.json()))
    }

    fn end_all(&self) {
        let commands = self.commands.lock().unwrap();
        let open: Vec<_> = commands.iter().filter(|command| !command.has_ended()).map(|command| command.id).collect();
        drop(commands);
        open.into_iter().for_each(|id| self.end(id));
    }

    fn end(&self, id: usize) {
        let find = |commands: &[Command]| commands.iter().position(|command| command.id == id).expect("it was taken");
        let (name, item) = {
            let commands = self.commands.lock().unwrap();
            let command = &commands[find(&commands)];
            (command.name.clone(), command.item)
        };
        let done = item.map_or(Ok(Some("Completed".into())), |item| (self.perform)(&self.mounts, &name, item));
        let mut commands = self.commands.lock().unwrap();
        let at = find(&commands);
        commands[at].state = State::Ended(done);
    }

    fn version(&self) -> &'static str {
        match (self.kind, self.is_develop()) {
            (Kind::Sonarr, false) => "4.0.19.2979",
            (Kind::Sonarr, true) => "10.0.0.32575",
            (Kind::Radarr, false) => "6.0.3.10276",
            (Kind::Radarr, true) => "10.0.0.32587",
        }
    }

    fn system_status(&self) -> Answer {
        let text = match (self.kind, self.is_develop()) {
            (Kind::Sonarr, false) => include_str!("../fixtures/sonarr_system_status.json"),
            (Kind::Sonarr, true) => include_str!("../fixtures/recorded/sonarr_system_status.json"),
            (Kind::Radarr, false) => include_str!("../fixtures/radarr_system_status.json"),
            (Kind::Radarr, true) => include_str!("../fixtures/recorded/radarr_system_status.json"),
        };
        let url_base = self.url_base.lock().unwrap();
        let text = if self.mounts.is_windows() {
            text.replace("\"isWindows\": false", "\"isWindows\": true")
        } else {
            text.into()
        };
        let lines = text.lines().map(|line| match line.split_once("\"urlBase\": ") {
            Some((start, _)) => format!("{start}\"urlBase\": {:?},", *url_base),
            None => line.into(),
        });
        Answer::json(lines.collect::<Vec<_>>().join("\n"))
    }
}

fn accepted(command: &Command) -> Answer {
    json(command.queued()).code(201).header("Location", &format!("/api/v3/command/{}", command.id))
}

/// What both apps answer to a command that they do not know (`recorded/errors.json`).
pub fn unknown_command() -> Answer {
    let message = "Sequence contains no matching element";
    json(object! { "message": message, "description": format!("System.InvalidOperationException: {message}") })
        .code(400)
        .of_kind("application/json")
}

fn bad_json() -> Answer {
    let problem = "Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be \
                   closed. Path: $.name | LineNumber: 0 | BytePositionInLine: 8.";
    json(object! {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": object! { "$.name": vec![problem] },
        "traceId": "00-a548f4a46bd5d3fb300a3afbf30b1a1c-fc1fbff0ef6f1d0a-00",
    })
    .code(400)
}

/// A number in the place of an id; a word there is no route at all.
fn names_an_item(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, id)| !id.is_empty() && id.chars().all(|digit| digit.is_ascii_digit()))
}

pub fn no_such_item(kind: Kind) -> Answer {
    let answer = json(object! {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.5",
        "title": "Not Found",
        "status": 404,
        "traceId": "00-71c269077f48877cd5191ab64118017a-ce86f55ee9703953-00",
    })
    .code(404);
    match kind {
        Kind::Sonarr => answer,
        Kind::Radarr => answer.of_kind("application/problem+json; charset=utf-8"),
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sonarr => "Sonarr",
            Kind::Radarr => "Radarr",
        }
    }

    pub fn webhook_schema(self) -> &'static str {
        match self {
            Kind::Sonarr => include_str!("../fixtures/recorded/sonarr_notification_schema_webhook.json"),
            Kind::Radarr => include_str!("../fixtures/recorded/radarr_notification_schema_webhook.json"),
        }
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
            && if target.contains('?') { target == request.target() } else { fits_path(target, &request.path) }
            && command.is_none_or(|command| request.json()["name"] == command)
    }
}

/// Of a collection also each of its items by its number.
fn fits_path(target: &str, path: &str) -> bool {
    path.strip_prefix(target).is_some_and(|rest| {
        let number = rest.strip_prefix('/').unwrap_or_default();
        rest.is_empty() || !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

impl Mounts {
    /// Where the app's path is on this disk; `None` where the app sees nothing.
    pub fn local(&self, path: &str) -> Option<PathBuf> {
        let path = &if self.is_windows() { path.replace('\\', "/") } else { path.to_string() };
        self.0.iter().find_map(|(app, local)| Some(local.join(Path::new(path).strip_prefix(app).ok()?)))
    }

    /// What the app calls a path of this disk; `None` where the app sees nothing.
    pub fn app(&self, path: &Path) -> Option<String> {
        let inside = |(app, local): &(String, PathBuf)| Some(Path::new(app).join(path.strip_prefix(local).ok()?));
        let path = self.0.iter().find_map(inside)?.display().to_string();
        Some(if self.is_windows() { path.replace('/', "\\") } else { path })
    }

    /// An app on Windows, whose folders are named as `D:/TV` here.
    fn is_windows(&self) -> bool {
        self.0.iter().any(|(app, _)| app.as_bytes().get(1) == Some(&b':'))
    }
}

pub fn json(value: impl Value) -> Answer {
    Answer::json(value.text().unwrap())
}
