//! What comes from outside, made wrong in every way that comes to mind of a machine: nothing of it may end the program, or be answered
//! as if the mistake were ours.

mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::support::{campaign, daemon::Daemon, sample::Sample, world::World};

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
    tried("environment file", (2_000, 500_000), targets::ENVIRONMENT_FILES, targets::environment_file);
}

#[test]
fn any_names() {
    tried("names", (5_000, 2_000_000), targets::NAMES, targets::names);
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
    // it takes its time for each wrong key
    let tries = (300, 100_000);
    tried("bytes at the gate", tries, targets::REQUESTS, |bytes| targets::at_gate(daemon.address, bytes));
    daemon.assert(daemon.is_well(), "it should be well after all that");
    daemon.assert(!daemon.log().contains("panicked"), "no thread should have panicked");
}

#[test]
fn any_bytes_before_a_strict_server() {
    let gated = targets::Gated::new();
    let tries = (1_000, 100_000);
    tried("bytes at the gate before a strict server", tries, targets::REQUESTS, |bytes| gated.bytes(bytes));
}

#[test]
fn any_answer_of_the_apps() {
    let apps = targets::Apps::new();
    tried("answers of Radarr and Sonarr", (300, 60_000), targets::ANSWERS, |bytes| apps.answers(bytes));
}
