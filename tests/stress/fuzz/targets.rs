//! What is done with wrong input, and where it begins.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use plex_linker::{
    arr::{Connection, Patience, Radarr, Sonarr},
    config::{App, Config, Database, Environment, Secret},
    gate::{Gate, Limits},
    model::{MediaPath, Paths},
    name::{self, Name},
    web::{Lookup, Order, Reply, Request, Shared, Web},
};
use tempfile::TempDir;

pub const DATABASE_URLS: &[&[u8]] = &[
    b"sqlite:////var/lib/plex-linker/plex_linker.db?mode=ro&uri=true",
    b"sqlite:///./a%20b.db",
    b"postgresql+pg8000://user:p%40ss@[::1]:5432,host:1/db?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=3",
    b"postgres://u@%2Ftmp/d?unix_sock=/tmp/.s.PGSQL.5432",
];

pub const ENVIRONMENT_FILES: &[&[u8]] = &[
    b"# comment\nSONARR_0_URL=http://nas:8989/sonarr/\nexport SONARR_0_API_KEY='0123456789abcdef'\nSONARR_0_PATH_MAP=/tv=/mnt/tv,/a=/b\n",
    b"RADARR_URL=\"http://[::1]:7878\"\nRADARR_API_KEY=x\\\ny\nMEDIA_ROOT=/tmp\nPLEX_LINKER_SPECIALS_FOLDER=Season {season}\n",
    b"DATABASE_URL=sqlite:////tmp/x.db\nPLEX_LINKER_SCAN_INTERVAL_MINUTES=15\nPLEX_LINKER_CLEAN=tree\nPUID=99\nUMASK=022\n",
    b"PLEX_LINKER_URL_BASE=/links\nPLEX_LINKER_ALLOWED_HOSTS=a.example,b\nPLEX_LINKER_AUTH=none\nSONARR_1_URL=x\nPLEX_LINKER_LOG=debug\n",
];

/// Series, season, number, title, quality and file, a line each.
pub const NAMES: &[&[u8]] = &[
    b"Naruto\n00\n5\nThe Movie: Part (2)\nBluray-1080p\n/movies/Akira (1988)/Akira.mkv",
    "Fate/Zero\n0\n101\n...どうして?\nRemux-2160p\nC:\\Films\\a.b.MKV".as_bytes(),
    b"2009-12-25\n0123\n9999\nS01E02 and 3x04\n\nnone",
];

pub const REQUESTS: &[&[u8]] = &[
    b"GET /?q=akira&state=waiting&page=2&done=added HTTP/1.1\r\nHost: nas:8080\r\nAccept: text/html\r\n\r\n",
    b"GET /api/rules?limit=5&offset=1 HTTP/1.1\r\nHost: nas:8080\r\n\r\n",
    b"POST /api/rules HTTP/1.1\r\nHost: nas:8080\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"movie_title\": \"Akira\", \"tmdb_id\": 149, \"show_name\": \"Naruto\", \"episode\": 5, \"season\": \"00\"}     ",
    b"PUT /api/rules/1 HTTP/1.1\r\nHost: nas:8080\r\nContent-Type: application/json\r\nContent-Length: 76\r\n\r\n{\"movie_title\":\"A\",\"tmdb_id\":1,\"show_name\":\"B\",\"episode_id\":7,\"tvdb_id\":null}",
    b"PUT /api/settings/theme HTTP/1.1\r\nHost: nas:8080\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n{\"value\": {\"a\": [1.5, \"b\"]}}",
    b"DELETE /api/rules/1 HTTP/1.1\r\nHost: nas:8080\r\nContent-Type: application/json\r\n\r\n",
    b"POST /rules HTTP/1.1\r\nHost: nas:8080\r\nOrigin: http://nas:8080\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 72\r\n\r\nmovie_title=Akira&tmdb_id=149&show_name=Naruto&episode=5&season=00&list=",
    b"POST /rules/import HTTP/1.1\r\nHost: nas:8080\r\nOrigin: http://nas:8080\r\nContent-Type: multipart/form-data; boundary=xx\r\nContent-Length: 123\r\n\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nmovie_title,tmdb_id,show_name,episode\r\nA,1,\"B\",2\r\n--xx--\r\n",
    b"POST /login HTTP/1.1\r\nHost: nas:8080\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\nkey=a&next=/",
    b"POST /api/run HTTP/1.1\r\nHost: nas:8080\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    b"POST /api/webhook HTTP/1.1\r\nHost: nas:8080\r\nAuthorization: Basic dTpw\r\nX-Forwarded-For: 1.2.3.4\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{\"eventType\":\"Download\"}",
];

/// What stands in place of the lists of Radarr and Sonarr.
pub const ANSWERS: &[&[u8]] = &[
    include_bytes!("../../fixtures/radarr_movies.json"),
    include_bytes!("../../fixtures/sonarr_series.json"),
    include_bytes!("../../fixtures/sonarr_episodes_s00_13_with_files.json"),
];

pub fn database_url(bytes: &[u8]) {
    let _ = Database::parse(&String::from_utf8_lossy(bytes));
}

/// The whole configuration, as far as a file tells it.
pub fn environment_file(bytes: &[u8]) {
    thread_local!(static FOLDER: TempDir = tempfile::tempdir().unwrap());
    FOLDER.with(|folder| {
        let file = folder.path().join("env");
        fs::write(&file, bytes).unwrap();
        let env = [("STATE_DIRECTORY".into(), folder.path().into())];
        if let Ok(source) = Environment::new(env, Some(&file)) {
            let _ = (source.log().is_ok(), source.identity().is_ok(), source.config().is_ok());
        }
    });
}

/// A name is one component that fits, with its special's mark.
pub fn names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (series, season, number) = (line(), line(), line());
    let season: String = season.chars().filter(char::is_ascii_digit).take(4).collect();
    let season = if season.is_empty() { "00" } else { &season };
    let number = number.parse().unwrap_or(5).clamp(0, 9998);
    let (title, quality, file) = (line(), line(), line());
    let last = if file.len() % 3 == 0 { number + 1 } else { number };
    let name = name::file_name(&Name {
        series,
        season,
        number,
        last: Some(last),
        anime: file.len() % 2 == 0,
        title,
        quality,
        revision: title.len() as i32 % 3,
        file,
        room: name::ROOM,
    });
    assert!(!name.is_empty() && name.len() <= MediaPath::MAX_COMPONENT, "{name:?}");
    assert!(!name.contains('/') && !name.starts_with('.') && !name.chars().any(char::is_control), "{name:?}");
    assert_eq!(name::marked(&name), season.parse().ok().map(|season| (season, number, last)), "{name:?}");
    let show = name::Show { title: series, year: Some(number), tvdb_id: 1 };
    if let Ok(folder) = name::folder(title, show, season) {
        assert!(folder.split('/').all(|part| !["", ".", ".."].contains(&part)), "{folder:?}");
    }
    if let Ok(folder) = name::folder_of_sonarr(title, show, 0) {
        assert!(!folder.contains('/') && !["", ".", ".."].contains(&&*folder), "{folder:?}");
    }
    let target = name::leads_to(Path::new("/media/tv"), title);
    assert!(target.is_absolute() && !target.components().any(|part| part.as_os_str() == ".."), "{target:?}");
    let _ = (name::folded(title), name::is_video(title));
}

/// The page and the API with a database of their own, and nobody who does runs.
pub struct Site {
    web: Web,
    _folder: TempDir,
}

impl Site {
    pub fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:///{}", folder.path().join("rules.db").display());
        let config: Config = Environment::new([("DATABASE_URL".into(), url.into())], None).unwrap().config().unwrap();
        let (asks, asked) = mpsc::channel::<Order>();
        // what is asked of the linker is never answered
        thread::spawn(move || asked.into_iter().for_each(drop));
        let (looks, looked) = mpsc::channel::<Lookup>();
        thread::spawn(move || looked.into_iter().for_each(drop));
        let web = Web::new(&config, None, asks, looks, mpsc::channel().0, Arc::new(Mutex::new(Shared::default())));
        Site { web, _folder: folder }
    }

    /// A request as the gate would take it apart; the answer may blame whoever sent it, but never us.
    pub fn request(&self, bytes: &[u8]) {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let reply = self.web.answer(&Request {
            method: method.into(),
            path: path.into(),
            headers: headers.map(|(name, value)| (name.into(), value.trim().into())).collect(),
            body: bytes.get(end + 4..).unwrap_or_default().to_vec(),
            peer: Some(IpAddr::from([127, 0, 0, 1])),
            is_old: false,
            at: 1_800_000_000,
        });
        assert!(
            (200..500).contains(&reply.status) || reply.status == 503,
            "{}: {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        for (name, value) in &reply.headers {
            assert!(!name.contains(['\r', '\n']) && !value.contains(['\r', '\n']), "{name}: {value:?}");
        }
    }
}

/// The gate, and behind it somebody who finds fault with whatever is not one whole, small, well-formed request.
pub struct Gated {
    address: SocketAddr,
    fault: Arc<Mutex<Option<String>>>,
}

impl Gated {
    pub fn new() -> Gated {
        let gate = Gate::bind("127.0.0.1", 0, Limits::default()).unwrap();
        let address = gate.address();
        let fault = Arc::new(Mutex::new(None));
        let found = fault.clone();
        let answer = move |request: &Request| {
            if let Err(fault) = sound(request) {
                *found.lock().unwrap() = Some(fault);
            }
            Reply::text(200, "ok")
        };
        gate.open(|_| None, answer, |_, refusal| refusal.told(false)).unwrap();
        Gated { address, fault }
    }

    pub fn bytes(&self, bytes: &[u8]) {
        at_gate(self.address, bytes);
        assert_eq!(self.fault.lock().unwrap().take(), None);
    }
}

/// Sends bytes as a client may; the answer may blame whoever sent them, but never us.
pub fn at_gate(address: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // what is refused early need not be read to its end
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let head = String::from_utf8_lossy(&answer);
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
    let is_sound = |status| matches!(status, 100 | 200..=499 | 501 | 503 | 505);
    assert!(answer.is_empty() || status.is_some_and(is_sound), "{head}");
}

/// Says what is wrong with a request that the gate has handed over.
fn sound(request: &Request) -> Result<(), String> {
    let Request { method, path, headers, body, peer, .. } = request;
    if method.is_empty() || !path.starts_with('/') || !path.is_ascii() || path.contains([' ', '\r', '\n', '\0']) {
        return Err(format!("{method:?} {path:?} is no request's first line"));
    }
    let bad = |text: &String| !text.is_ascii() || text.contains(['\r', '\n', '\0']);
    let size: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > 128 || size > 64 << 10 || headers.iter().any(|(name, value)| bad(name) || bad(value)) {
        return Err(format!("its head is not small and well-formed: {headers:?}"));
    }
    let count = |wanted: &str| headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).count();
    if count("Host") > 1 || count("Transfer-Encoding") + count("Content-Length") > 0 {
        return Err(format!("a header that should not pass, or too many: {headers:?}"));
    }
    if body.len() > 64 << 10 || *peer != Some(IpAddr::from([127, 0, 0, 1])) {
        return Err(format!("{} bytes from {peer:?}", body.len()));
    }
    Ok(())
}

/// An app that gives one answer to everything.
pub struct Apps {
    radarr: Radarr,
    sonarr: Sonarr,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Apps {
    pub fn new() -> Apps {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let app = App {
            kind: plex_linker::config::SONARR,
            name: "radarr".into(),
            variable: "RADARR_0_URL".into(),
            url: format!("http://{}", listener.local_addr().unwrap()),
            public_url: String::new(),
            api_path: "/api/v3".into(),
            api_key: Secret::new("0123456789abcdef0123456789abcdef"),
            headers: Vec::new(),
            timeout: Duration::from_secs(600),
            paths: Paths::default(),
        };
        let answer = Arc::new(Mutex::new(Vec::new()));
        let given = answer.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let given = given.clone();
                thread::spawn(move || gives(&stream, &given));
            }
        });
        let patience = Patience { failing: Duration::ZERO, ..Patience::default() };
        let connection = || Connection::new(&app, None, patience.clone()).unwrap();
        Apps { radarr: Radarr::new(connection(), 0), sonarr: Sonarr::new(connection(), 0), answer }
    }

    /// With this answer; what is wrong with it is told in a sentence.
    pub fn answers(&self, bytes: &[u8]) {
        *self.answer.lock().unwrap() = bytes.to_vec();
        let said = [
            self.radarr.movies(|_| true).err(),
            self.radarr.movie(1).err(),
            self.radarr.movie_by_tmdb(1).err(),
            self.radarr.why_no_file(1).err(),
            self.radarr.films(|film| film).err(),
            self.sonarr.series().err(),
            self.sonarr.show(1).err(),
            self.sonarr.episodes(1, 0).err(),
            self.sonarr.specials(1, 0).err(),
            self.sonarr.lookup("a").err(),
            self.sonarr.naming().err(),
            self.sonarr.command(1).err(),
            self.sonarr.commands().err(),
        ];
        for problem in said.into_iter().flatten().map(|problem| problem.to_string()) {
            assert!(problem.starts_with("cannot ask radarr ") && !problem.chars().any(char::is_control), "{problem:?}");
        }
    }
}

/// The same answer to every request on a connection.
fn gives(stream: &TcpStream, answer: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut writer = stream;
    for line in BufReader::new(stream).lines() {
        if line?.is_empty() {
            let body = answer.lock().unwrap().clone();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
            writer.write_all(&[format!("{head} {}\r\n\r\n", body.len()).as_bytes(), &body].concat())?;
        }
    }
    Ok(())
}
