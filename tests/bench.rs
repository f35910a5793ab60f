//! `make bench`: what a run costs, beside the least that the same work can cost: the same lists fetched and thrown away, and
//! `find -type l` on the same tree.
//!
//! Every figure is a median of several runs, taken in turns; the ratios are what counts, since machines differ and are busy.

use std::{
    collections::HashMap,
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use nix::sys::resource::{UsageWho, getrusage};
use plex_linker::model::NewRule;
use serde_json::{Value, json};
use support::{
    campaign,
    world::{World, program},
};

#[path = "bench/daemon.rs"]
mod daemon;
#[path = "support/mod.rs"]
mod support;

const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["measure", program, ref arguments @ ..] => measured(program, arguments),
        ["get", address, ref targets @ ..] => fetched_and_thrown_away(address, targets),
        _ => bench(),
    }
}

fn bench() {
    println!("medians of {ROUNDS} runs, taken in turns; the floor fetches the same lists and throws them away\n");
    println!("{:34} {:>9} {:>9} {:>9} {:>9}", "", "wall ms", "CPU ms", "peak MB", "requests");
    let small = lists(20, 2_000);
    let large = lists(200, 20_000);
    println!(
        "\nten times as many films: {:.1} times the CPU time of the run, {:.1} times that of the floor",
        large.0.cpu / small.0.cpu,
        large.1.cpu / small.1.cpu
    );
    if campaign::size(0, 1) > 0 {
        lists(1_000, 20_000);
    }
    tree(1_000_000);
    let world = World::new();
    let _served = Served::new(&world, 1_000, 1_000);
    daemon::bench(&world);
}

/// What one process cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    wall: f64,
    cpu: f64,
    peak: f64,
}

/// A library of films, some of which a rule each links to a special of a show of its own; returns what a run costs that
/// finds nothing to do, and the floor.
fn lists(rules: usize, films: usize) -> (Cost, Cost) {
    let world = World::new();
    let served = Served::new(&world, rules, films);
    println!("{rules} rules, {films} films, {} MB of JSON", served.bytes / 1_000_000);

    served.requests.store(0, Ordering::Relaxed);
    let first = cost(&world, &[program().to_str().unwrap(), "once"]);
    print("  first run", first, Some(served.requests.swap(0, Ordering::Relaxed)));
    assert_eq!(world.links().len(), rules, "{}", world.tree());

    let own = env::current_exe().unwrap();
    let mut floor = vec![own.to_str().unwrap().to_string(), "get".into(), served.address.clone()];
    floor.extend(["/radarr/api/v3/movie", "/sonarr/api/v3/series"].map(String::from));
    floor.extend((1..=rules).map(|id| format!("/sonarr/api/v3/episode?seriesId={id}&")));
    let floor: Vec<&str> = floor.iter().map(String::as_str).collect();
    let urls: Vec<String> = floor[3..].iter().map(|target| format!("http://{}{target}", served.address)).collect();
    let curl: Vec<&str> =
        ["curl", "-s"].into_iter().chain(urls.iter().flat_map(|url| ["-o", "/dev/null", url])).collect();
    let program = program();
    let commands = [&[program.to_str().unwrap(), "once"][..], &floor, &curl];
    let mut costs = commands.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (command, costs) in commands.iter().zip(&mut costs) {
            served.requests.store(0, Ordering::Relaxed);
            costs.push(cost(&world, command));
            assert_eq!(served.requests.load(Ordering::Relaxed), rules + 2, "{command:?}");
        }
    }
    let [run, floor, curl] = costs.map(|costs| median(&costs));
    print("  nothing changed", run, Some(rules + 2));
    campaign::figure(
        &format!("a run with nothing to do, {rules} rules, {films} films"),
        &format!("{:.0} ms, {:.1} MB at most, {} requests, none of them a POST", run.wall, run.peak, rules + 2),
    );
    for (name, other) in [("  the floor, a small client", floor), ("  the floor, curl", curl)] {
        print(name, other, Some(rules + 2));
        println!(
            "    nothing changed is {:.2} times that in wall time, {:.2} in CPU",
            run.wall / other.wall,
            run.cpu / other.cpu
        );
    }
    (run, floor)
}

/// A media tree of so many files beside one rule.
fn tree(entries: usize) {
    let world = World::new();
    let _served = Served::new(&world, 1, 1);
    for folder in 0..entries / 50 {
        let folder = world.folder(&format!("tv/Show {}/Season {folder}", folder / 20));
        (0..50).for_each(|n| {
            drop(fs::File::create(folder.join(format!("Show - S01E{n} - Title Bluray-1080p.mkv"))).unwrap())
        });
    }
    let media = world.media();
    let find = ["find", media.to_str().unwrap(), "-type", "l"];
    let once = |clean: &str| {
        world.set("PLEX_LINKER_CLEAN", clean);
        cost(&world, &[program().to_str().unwrap(), "once"])
    };
    once("tree");
    let (mut with, mut without, mut finds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        with.push(once("tree"));
        without.push(once("off"));
        finds.push(cost(&world, &find));
    }
    let (with, without, find) = (median(&with), median(&without), median(&finds));
    println!("\na tree of {entries} files in {} folders, in the cache", entries / 50);
    print("  a run that walks through it", with, None);
    print("  a run that does not", without, None);
    print("  find -type l", find, None);
    println!(
        "  the walk / find: {:.2} wall, {:.2} CPU",
        (with.wall - without.wall) / find.wall,
        (with.cpu - without.cpu) / find.cpu
    );
}

fn print(what: &str, Cost { wall, cpu, peak }: Cost, requests: Option<usize>) {
    let requests = requests.map_or(String::new(), |requests| requests.to_string());
    println!("{what:34} {wall:9.1} {cpu:9.1} {peak:9.1} {requests:>9}");
}

fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut all: Vec<f64> = costs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Cost { wall: middle(|cost| cost.wall), cpu: middle(|cost| cost.cpu), peak: middle(|cost| cost.peak) }
}

/// What a command costs, by a process of its own that has no other child.
fn cost(world: &World, command: &[&str]) -> Cost {
    let mut measure = Command::new(env::current_exe().unwrap());
    measure.arg("measure").args(command);
    let output = world.dress(measure).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    let [wall, cpu, peak] = figures[..] else { panic!("{command:?} failed: {text}") };
    Cost { wall, cpu, peak }
}

/// Runs a command and prints what it cost: wall and CPU milliseconds, and the most memory that it had at once, in MB.
fn measured(program: &str, arguments: &[&str]) {
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().unwrap();
    let wall = start.elapsed().as_secs_f64() * 1000.0;
    assert!(status.success(), "{status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let milliseconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 * 1000.0 + time.tv_usec() as f64 / 1000.0;
    let cpu = milliseconds(usage.user_time()) + milliseconds(usage.system_time());
    println!("{wall} {cpu} {}", usage.max_rss() as f64 / 1000.0);
}

/// The floor: one request after the other on one connection, each answer read and forgotten.
fn fetched_and_thrown_away(address: &str, targets: &[&str]) {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::with_capacity(64 * 1024, &stream);
    for target in targets {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        (&stream).write_all(request.as_bytes()).unwrap();
        let (_, length) = head(&mut reader).unwrap();
        io::copy(&mut reader.by_ref().take(length), &mut io::sink()).unwrap();
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

/// A Radarr and a Sonarr of the world's whose answers lie ready, so that only the client's work is measured.
struct Served {
    address: String,
    bytes: usize,
    requests: Arc<AtomicUsize>,
}

impl Served {
    fn new(world: &World, rules: usize, films: usize) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        world.set("RADARR_0_URL", &format!("http://{address}/radarr"));
        world.set("SONARR_0_URL", &format!("http://{address}/sonarr"));
        let media = world.media();
        let mut answers = HashMap::new();
        let movies: Vec<Value> = (1..=films).map(|id| film(&media, id)).collect();
        let shows: Vec<Value> = (1..=rules).map(|id| show(&media, id)).collect();
        answers.insert("/radarr/api/v3/movie".to_string(), answer(&Value::from(movies)));
        answers.insert("/sonarr/api/v3/series".to_string(), answer(&Value::from(shows)));
        for id in 1..=rules {
            answers.insert(format!("/sonarr/api/v3/episode?seriesId={id}"), answer(&json!([special(id)])));
            world.put(&format!("movies/Film {id} (2000)/Film {id}.mkv"));
            world.folder(&format!("tv/Show {id}"));
            world.add_rule(&NewRule {
                movie_title: format!("Film {id}"),
                tmdb_id: id as i32,
                show_name: format!("Show {id}"),
                episode: Some(1),
                ..NewRule::default()
            });
        }
        let bytes = answers.values().map(Vec::len).sum();
        let requests = Arc::new(AtomicUsize::new(0));
        let (answers, counted) = (Arc::new(answers), requests.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, counted) = (answers.clone(), counted.clone());
                thread::spawn(move || serve(&stream, &answers, &counted));
            }
        });
        Served { address, bytes, requests }
    }
}

fn serve(stream: &TcpStream, answers: &HashMap<String, Vec<u8>>, requests: &AtomicUsize) {
    _ = stream.set_nodelay(true);
    let accepted = answer(&json!({ "name": "x", "status": "queued", "id": 1 }));
    let mut reader = BufReader::new(stream);
    while let Some((first, length)) = head(&mut reader) {
        _ = io::copy(&mut reader.by_ref().take(length), &mut io::sink());
        let target = first.split(' ').nth(1).unwrap_or_default();
        requests.fetch_add(1, Ordering::Relaxed);
        let key = if target.contains("seriesId") { target.split('&').next() } else { target.split('?').next() };
        let bytes = key.and_then(|key| answers.get(key)).unwrap_or(&accepted);
        if (&mut &*stream).write_all(bytes).is_err() {
            return;
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
    let mut films: Vec<Value> = serde_json::from_str(include_str!("fixtures/radarr_movies.json")).unwrap();
    let mut film = films.swap_remove(0);
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
    let mut shows: Vec<Value> = serde_json::from_str(include_str!("fixtures/sonarr_series.json")).unwrap();
    let mut show = shows.swap_remove(0);
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
