//! One daemon through many runs, some of which go wrong: it keeps neither memory nor descriptors nor threads, and loses nothing.

use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    campaign,
    daemon::Daemon,
    http::{Answer, Fault},
    world::{World, program},
};

const SHOWS: i32 = 4;
const SPECIALS: i32 = 5;
const PAGES: [&str; 10] = [
    "/",
    "/api/rules",
    "/api/status",
    "/metrics",
    "/rules/new",
    "/rules/1",
    "/runs",
    "/api/plan",
    "/suggestions",
    "/nowhere",
];
const FAULTS: u64 = 10;

fn special(show: i32, number: i32) -> i32 {
    (show - 1) * SPECIALS + number
}

fn library(world: &World) {
    for show in 1..=SHOWS {
        let series = world.series(&format!("Show {show}"), show);
        for number in 1..=SPECIALS {
            let id = special(show, number);
            let film = world.movie(&format!("Film {id}"), id).file(&file(id, 0), "DVD");
            world.rule(film, series.special(number as u32, &format!("Special {number}")), number);
        }
    }
}

/// After so many upgrades.
fn file(film: i32, upgrades: u32) -> String {
    format!("movies/Film {film}/Film {film} v{upgrades}.mkv")
}

fn place(film: i32) -> String {
    let (show, number) = ((film - 1) / SPECIALS + 1, (film - 1) % SPECIALS + 1);
    format!("tv/Show {show}/Season 00/Show {show} - S00E{number:02} - Special {number} DVD.mkv")
}

/// What the kernel says that a process has.
#[derive(Debug, Clone, Copy)]
struct Has {
    /// kB, without the pages of the program's file: which of those are in memory is the kernel's choice.
    own: i64,
    threads: i64,
    descriptors: usize,
}

impl Has {
    fn of(daemon: &Daemon) -> Has {
        let process = format!("/proc/{}", daemon.id());
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        let descriptors = fs::read_dir(format!("{process}/fd")).unwrap().count();
        Has { own: number("RssAnon:"), threads: number("Threads:"), descriptors }
    }

    /// When nobody is served any more.
    fn at_rest(daemon: &Daemon, before: Option<Has>) -> Has {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            thread::sleep(Duration::from_millis(200));
            let has = Has::of(daemon);
            let same =
                before.is_none_or(|before| (before.threads, before.descriptors) == (has.threads, has.descriptors));
            if same || Instant::now() > deadline {
                return has;
            }
        }
    }
}

#[test]
fn a_daemon_that_ran_very_often_has_what_it_had_and_has_lost_nothing() {
    let (runs, warm_up) = (campaign::size(40, 7_200), campaign::size(20, 100));
    let world = World::new();
    library(&world);
    let mut command = world.dress(Command::new(program()));
    // as the static program has: of glibc's many heaps each grows in its own time
    command.env("MALLOC_ARENA_MAX", "1");
    command.args(["serve", "--host", "127.0.0.1", "--port", "0", "--interval", "0"]);
    let mut daemon = Daemon::of(&world, command);
    let mut upgrades = [0; (SHOWS * SPECIALS) as usize + 1];
    let (mut warm, mut faults) = (None, 0);
    let mut chance: u64 = 20;
    for run in 0..runs {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = (chance >> 33) as i32;
        let film = number % (SHOWS * SPECIALS) + 1;
        let fault = (number as u64 % 1_000 < 50).then_some(number as u64 / 1_000 % FAULTS);
        faults += u64::from(fault.is_some());
        let before = world.links();
        let mut only_copy = None;
        match fault {
            Some(0) => world.radarr.on("*", Answer::status(401)),
            Some(1) => world.sonarr.on("*", Answer::html("<html>starting</html>")),
            Some(2) => world.radarr.on_next(1, "*", Fault::Reset),
            Some(3) => world.sonarr.on_next(2, "*", Answer::status(503)),
            Some(4) => world.radarr.on("*", Answer::json("[{\"id\": 1, \"tmdbId\":")),
            Some(5) => world.sonarr.on("GET /api/v3/episode", Answer::json("[]").with(Fault::HugeHeader(2_000_000))),
            Some(6) => world.sonarr.on("GET /api/v3/series", Answer::json("[]")),
            Some(7) => {
                // an importer puts a real file in the place of a link
                world.remove(&place(film));
                only_copy = Some(world.put(&place(film)));
            }
            Some(8) => world.remove(&place(film)),
            Some(_) => {
                let upgrades = &mut upgrades[film as usize];
                *upgrades += 1;
                world.known_movie(film).upgrade(&file(film, *upgrades), "DVD");
            }
            None => {}
        }
        let done = daemon.runs();
        daemon.run_now();
        for page in [PAGES[number as usize % PAGES.len()], "/", "/api/status"] {
            daemon.get(page);
        }
        let deadline = Instant::now() + Duration::from_secs(120);
        while daemon.runs() == done {
            daemon.assert(Instant::now() < deadline, "the run should end");
            thread::sleep(Duration::from_millis(2));
        }
        if let Some(file) = only_copy {
            assert_eq!(fs::read_to_string(&file).unwrap(), place(film), "run {run}");
            fs::remove_file(file).unwrap();
        } else if fault.is_none_or(|fault| fault < 8) && run > 0 && before.len() == upgrades.len() - 1 {
            daemon.assert(world.links() == before, &format!("links were lost or changed in run {run}"));
        }
        world.radarr.heal();
        world.sonarr.heal();
        world.forget();
        if run + 1 == warm_up {
            warm = Some(Has::at_rest(&daemon, None));
        }
    }
    daemon.run_now();
    daemon.has_run(runs as u32 + 1);
    for (film, upgrades) in (0..).zip(upgrades).skip(1) {
        let target = fs::canonicalize(world.path(&place(film))).unwrap();
        assert_eq!(target, world.path(&file(film, upgrades)), "{}", world.tree());
    }
    let warm = warm.unwrap();
    let end = Has::at_rest(&daemon, Some(warm));
    let figures = format!("{warm:?} after {warm_up} runs, {end:?} after {runs}");
    assert_eq!((end.threads, end.descriptors), (warm.threads, warm.descriptors), "{figures}");
    // in kB; after so few runs of the small size the heap has not found its shape yet
    assert!(end.own - warm.own < campaign::size(4_000, 1_000) as i64, "{figures}");
    campaign::figure(
        &format!("{runs} runs of one daemon, {faults} of them with a fault"),
        &format!(
            "nothing lost; {} kB of its own after {warm_up} runs and {} kB at the end, {} threads, {} descriptors",
            warm.own, end.own, end.threads, end.descriptors
        ),
    );
}
