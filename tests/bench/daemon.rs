//! What `plex-linker serve` costs: memory, and how fast it answers.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::support::{campaign, port, world::World};

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 8;

pub fn bench(world: &World) {
    let listening = port::unused();
    let address = listening.to_string();
    world.set("PLEX_LINKER_LOG", "warn");
    let started = Instant::now();
    let mut command = world.command(&["serve", "--host", "127.0.0.1", "--port", &listening.port().to_string()]);
    let mut daemon = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while get(&address, "/health").is_none() {
        assert!(started.elapsed() < Duration::from_secs(30), "the daemon does not answer");
    }
    let ready = started.elapsed();
    // until its first run is over
    while !get(&address, "/api/status").is_some_and(|answer| answer.contains("\"running\":false")) {
        thread::sleep(Duration::from_millis(20));
    }
    println!("\nplex-linker serve, 1,000 rules, {CLIENTS} clients, a connection for each request");
    println!("  first answer to /health after {:.1} ms", ready.as_secs_f64() * 1000.0);
    println!("  resident after its first run {:.1} MB", resident(&daemon));
    for path in ["/health", "/api/rules", "/"] {
        answers(&address, path, "");
        let body = get(&address, path).unwrap().split_once("\r\n\r\n").unwrap().1.to_string();
        answers(&bare(body), path, "from tiny_http alone");
    }
    let held = resident(&daemon);
    println!("  resident after {} requests {held:.1} MB", 3 * REQUESTS);
    let descriptors = fs::read_dir(format!("/proc/{}/fd", daemon.id())).unwrap().count();
    let requests = format!("{} requests, {CLIENTS} clients, 1,000 rules", 3 * REQUESTS);
    campaign::figure(&requests, &format!("{held:.1} MB resident, {descriptors} descriptors"));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

/// tiny_http, open to the network as it is, with the same answer to everything.
fn bare(body: String) -> String {
    let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").unwrap());
    let address = server.server_addr().to_string();
    for _ in 0..4 {
        let (server, body) = (server.clone(), body.clone());
        thread::spawn(move || {
            let answer = |request: tiny_http::Request| _ = request.respond(tiny_http::Response::from_string(&body));
            server.incoming_requests().for_each(answer);
        });
    }
    address
}

/// Many requests from some clients at once, a connection each.
fn answers(address: &str, path: &str, what: &str) {
    let began = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let client = || {
            let one = |_| {
                let began = Instant::now();
                let answer = get(address, path).unwrap_or_else(|| panic!("{path} was not answered"));
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                began.elapsed()
            };
            (0..REQUESTS / CLIENTS).map(one).collect::<Vec<_>>()
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    times.sort();
    let (second, p99) = (times.len() as f64 / began.elapsed().as_secs_f64(), times[times.len() * 99 / 100]);
    let p99 = p99.as_secs_f64() * 1000.0;
    if what.is_empty() {
        let found = format!("{second:.0} answers a second, 99 of 100 within {p99:.1} ms");
        campaign::figure(&format!("{REQUESTS} requests for {path}, {CLIENTS} clients, 1,000 rules"), &found);
    }
    println!("  {path:12} {second:7.0} requests a second, 99 of 100 within {p99:5.1} ms {what}");
}

fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn resident(daemon: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1000.0
}
