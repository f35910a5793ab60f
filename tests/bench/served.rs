//! A Radarr and a Sonarr whose answers cost what a real one's cost.

use std::{
    borrow::Cow,
    collections::HashSet,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex},
    thread,
    time::Duration,
};

use nix::time::{ClockId, clock_gettime};
use plex_linker::plan::questions::{FILM_BY_ID, FILM_BY_NUMBER, Price, SHOW_BY_ID, SPECIALS};
use serde_json::{Value, json};

use super::support::{rules, world::World};

/// What the lists cost, as mostly seen (*observed 7*). The program itself reckons with the cheapest that was seen.
const FILMS: Price = Price { once: 40_000_000, each: 158_000 };
const SHOWS: Price = Price { once: 1_000_000, each: 650_000 };

/// Both apps of the world's.
pub struct Served {
    address: String,
    asked: Arc<Mutex<Asked>>,
}

/// What they were asked, and what it cost them.
#[derive(Default)]
pub struct Asked {
    pub targets: Vec<String>,
    pub connections: usize,
    pub bytes: usize,
    /// In milliseconds of their processors.
    pub spent: f64,
    /// Those that have been counted.
    known: HashSet<u16>,
}

struct Library {
    media: PathBuf,
    films: Vec<u8>,
    shows: Vec<u8>,
    /// How many of each.
    counts: (usize, usize),
}

impl Served {
    /// So many films and shows; the first of them have a rule each.
    pub fn new(world: &World, rules: usize, films: usize, shows: usize) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        world.set("RADARR_0_URL", &format!("http://{address}/radarr"));
        world.set("SONARR_0_URL", &format!("http://{address}/sonarr"));
        let media = world.media();
        for id in 1..=rules {
            world.put(&format!("movies/Film {id} (2000)/Film {id}.mkv"));
            world.folder(&format!("tv/Show {id}"));
            world.add_rule(&rules::wish(format!("Film {id}"), id as i32, format!("Show {id}"), 1));
        }
        let all = |count: usize, of: fn(&Path, usize) -> Value| (1..=count).map(|id| of(&media, id)).collect::<Value>();
        let library = Library {
            films: answer(&all(films, film)),
            shows: answer(&all(shows, show)),
            counts: (films, shows),
            media: media.clone(),
        };
        let asked = Arc::new(Mutex::new(Asked::default()));
        let (library, counted) = (Arc::new(library), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (library, counted) = (library.clone(), counted.clone());
                thread::spawn(move || serve(&stream, &library, &counted));
            }
        });
        Served { address, asked }
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    /// What was asked since this was called last.
    pub fn take(&self) -> Asked {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn serve(stream: &TcpStream, library: &Library, asked: &Mutex<Asked>) {
    _ = stream.set_nodelay(true);
    let client = stream.peer_addr().unwrap().port();
    let mut reader = BufReader::new(stream);
    while let Some((first, length)) = head(&mut reader) {
        _ = io::copy(&mut reader.by_ref().take(length), &mut io::sink());
        let start = spent();
        let (method, rest) = first.split_once(' ').unwrap_or_default();
        let target = rest.split(' ').next().unwrap_or_default();
        let (price, bytes) = library.answer(method, target);
        while spent() - start < price {}
        {
            let mut asked = asked.lock().unwrap();
            asked.targets.push(target.into());
            asked.bytes += bytes.len();
            asked.spent += price.as_secs_f64() * 1000.0;
            asked.connections += usize::from(asked.known.insert(client));
        }
        if (&mut &*stream).write_all(&bytes).is_err() {
            return;
        }
    }
}

/// What this thread has had of a processor.
fn spent() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

impl Library {
    fn answer(&self, method: &str, target: &str) -> (Duration, Cow<'_, [u8]>) {
        let (films, shows) = self.counts;
        let cost = |price: Price, count| Duration::from_nanos(price.of(count));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let number =
            |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        let after = |text: &str, before: &str| text.strip_prefix(before).map(number);
        if path == "/sonarr/api/v3/series" {
            (cost(SHOWS, shows), (&self.shows[..]).into())
        } else if let Some(id) = after(path, "/sonarr/api/v3/series/") {
            (cost(SHOW_BY_ID, shows), answer(&show(&self.media, id)).into())
        } else if let Some(id) = after(query, "seriesId=") {
            (cost(SPECIALS, shows), answer(&json!([special(id)])).into())
        } else if let Some(id) = after(query, "tmdbId=") {
            (cost(FILM_BY_NUMBER, films), answer(&json!([film(&self.media, id)])).into())
        } else if let Some(id) = after(path, "/radarr/api/v3/movie/") {
            (cost(FILM_BY_ID, films), answer(&film(&self.media, id)).into())
        } else if path == "/radarr/api/v3/movie" {
            (cost(FILMS, films), (&self.films[..]).into())
        } else if method == "GET" && path.ends_with("/command") {
            (Duration::ZERO, answer(&json!([])).into())
        } else {
            (Duration::ZERO, answer(&json!({ "name": "x", "status": "completed", "id": 1 })).into())
        }
    }
}

/// The first line of a request or an answer, and how long its body is; `None` at the end.
fn head(reader: &mut impl BufRead) -> Option<(String, u64)> {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|bytes| *bytes > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some(_) => {}
            None => return Some((first, length)),
        }
    }
}

fn answer(body: &Value) -> Vec<u8> {
    let body = serde_json::to_string_pretty(body).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    (head + &body).into_bytes()
}

/// A film as Radarr lists it, about 5 KB.
fn film(media: &Path, id: usize) -> Value {
    static RECORDED: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/radarr_movies.json")).unwrap());
    let mut film = RECORDED[0].clone();
    let folder = media.join(format!("movies/Film {id} (2000)"));
    film["id"] = id.into();
    film["tmdbId"] = id.into();
    film["movieFileId"] = id.into();
    film["path"] = folder.to_str().into();
    film["rootFolderPath"] = media.join("movies").to_str().into();
    film["overview"] = "A film about nothing in particular. ".repeat(35).into();
    film["movieFile"]["id"] = id.into();
    film["movieFile"]["path"] = folder.join(format!("Film {id}.mkv")).to_str().into();
    film
}

fn show(media: &Path, id: usize) -> Value {
    static RECORDED: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/sonarr_series.json")).unwrap());
    let mut show = RECORDED[0].clone();
    show["id"] = id.into();
    show["tvdbId"] = id.into();
    show["title"] = format!("Show {id}").into();
    show["path"] = media.join(format!("tv/Show {id}")).to_str().into();
    show["rootFolderPath"] = media.join("tv").to_str().into();
    show
}

fn special(series: usize) -> Value {
    json!({ "id": series, "seriesId": series, "seasonNumber": 0, "episodeNumber": 1, "title": "The Film", "hasFile": false })
}
