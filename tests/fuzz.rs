//! What comes from outside, made wrong in every way that comes to mind of a machine: nothing of it may end the program, or be answered
//! as if the mistake were ours.

mod targets;

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};

use plex_linker::{
    arr::{Arr, Patience},
    config::{App, Secret},
    model::Paths,
};

use crate::support::{
    campaign,
    daemon::Daemon,
    http::{Answer, Server},
    sample::Sample,
    world::World,
};

/// What parsers stumble over.
const PIECES: [&[u8]; 32] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"%",
    b"%00",
    b"%2f",
    b"%zz",
    b"..",
    b"/",
    b"//",
    b"\\",
    b"\"",
    b"'",
    b"{",
    b"[",
    b"[[[[[[[[",
    b"}",
    b"]",
    b",",
    b":",
    b"=",
    b"&",
    b"null",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"\xff\xfe",
    "\u{feff}".as_bytes(),
    "\u{202e}é".as_bytes(),
    b"@",
    b" ",
];

/// The same numbers each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// One of these with some changes.
    fn changed(&mut self, seeds: &[&[u8]]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].to_vec();
        for _ in 0..self.below(6) {
            let (at, to) = (self.below(bytes.len() + 1), self.below(bytes.len() + 1));
            let (from, to) = (at.min(to), at.max(to));
            match self.below(6) {
                0 if from < to => bytes[from] ^= 1 << self.below(8),
                1 => drop(bytes.drain(from..to)),
                2 => {
                    let part = bytes[from..to].repeat(1 + self.below(3));
                    bytes.splice(from..from, part);
                }
                3 => bytes.truncate(at),
                4 => {
                    let other = seeds[self.below(seeds.len())];
                    bytes.splice(from..to, other[self.below(other.len())..].iter().copied());
                }
                _ => {
                    let piece = PIECES[self.below(PIECES.len())];
                    let times = if self.below(20) == 0 { 2_000 } else { 1 };
                    bytes.splice(at..at, piece.repeat(times));
                }
            }
        }
        bytes
    }
}

/// Tries so many changed seeds, and shows the one that fails.
fn tried(what: &str, (each_time, in_campaign): (u64, u64), seeds: &[&[u8]], mut target: impl FnMut(&[u8])) {
    let tries = campaign::size(each_time, in_campaign);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    seeds.iter().for_each(|seed| target(seed));
    for _ in 0..tries {
        let input = chance.changed(seeds);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&input))) {
            eprintln!("{what} failed with b\"{}\"", input.escape_ascii());
            resume_unwind(panic);
        }
    }
    campaign::figure(&format!("{tries} wrong inputs: {what}"), "each refused or taken, none fatal");
}

#[test]
fn any_database_url() {
    tried("DATABASE_URL", (20_000, 2_000_000), targets::DATABASE_URLS, targets::database_url);
}

#[test]
fn any_environment_file() {
    tried("environment file", (5_000, 500_000), targets::ENVIRONMENT_FILES, targets::environment_file);
}

#[test]
fn any_names() {
    tried("names", (20_000, 2_000_000), targets::NAMES, targets::names);
}

#[test]
fn any_request() {
    let site = targets::Site::new();
    tried("requests to the page and the API", (1_500, 200_000), targets::REQUESTS, |bytes| site.request(bytes));
}

/// The same through the gate and over a socket.
#[test]
fn any_bytes_at_the_gate() {
    let world = World::new();
    Sample::new(&world);
    world.set("PLEX_LINKER_SCAN_INTERVAL_MINUTES", "0");
    let daemon = Daemon::start(&world);
    tried("bytes at the gate", (1_000, 100_000), targets::REQUESTS, |bytes| {
        let mut stream = TcpStream::connect(daemon.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // what is refused early need not be read to its end
        _ = stream.write_all(bytes);
        _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        _ = stream.read_to_end(&mut answer);
        let head = String::from_utf8_lossy(&answer);
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
        let sound = answer.is_empty()
            || status.is_some_and(|status| (200..500).contains(&status) || [501, 503, 505].contains(&status));
        assert!(sound, "{head}");
    });
    daemon.assert(daemon.is_well(), "it should be well after all that");
    daemon.assert(!daemon.log().contains("panicked"), "no thread should have panicked");
}

/// What stands in place of the lists of Radarr and Sonarr.
#[test]
fn any_answer_of_the_apps() {
    let films = include_bytes!("fixtures/radarr_movies.json");
    let shows = include_bytes!("fixtures/sonarr_series.json");
    let episodes = include_bytes!("fixtures/sonarr_episodes_s00_13_with_files.json");
    let body = Arc::new(Mutex::new(Vec::new()));
    let server = Server::start({
        let body = body.clone();
        move |_| Answer::json(body.lock().unwrap().clone())
    });
    let app = App {
        name: "radarr".into(),
        variable: "RADARR_0_URL".into(),
        url: server.url(),
        api_path: "/api/v3".into(),
        api_key: Secret::new("0123456789abcdef0123456789abcdef"),
        paths: Paths::default(),
    };
    let patience = Patience { failing: Duration::ZERO, ..Patience::default() };
    let arr = Arr::new(&app, 0, None, patience).unwrap();
    tried("answers of Radarr and Sonarr", (600, 60_000), &[films, shows, episodes], |bytes| {
        *body.lock().unwrap() = bytes.to_vec();
        let said = [
            arr.movies(&|_| true).err(),
            arr.series().err(),
            arr.episodes(1, 0).err(),
            arr.films(&|_| true).err(),
            arr.specials(1).err(),
            arr.lookup("a").err(),
        ];
        for problem in said.into_iter().flatten().map(|problem| problem.to_string()) {
            assert!(problem.starts_with("cannot ask radarr ") && !problem.chars().any(char::is_control), "{problem:?}");
        }
        server.forget();
    });
}
