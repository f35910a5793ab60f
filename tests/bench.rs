//! `make bench`: what a run costs us and the apps, beside the least that the same work can cost: the same questions asked by curl, and
//! `find -type l` on the same tree. The stand-in for the apps spends as much of its processor's time on an answer as a real one does.
//!
//! Every figure is a median of several runs, taken in turns; the ratios are what counts, since machines differ and are busy.

use std::{
    env, fs,
    process::{Command, Stdio},
    time::Instant,
};

use nix::sys::resource::{UsageWho, getrusage};
use served::Served;
use support::{
    campaign,
    world::{World, program},
};

#[path = "bench/daemon.rs"]
mod daemon;
#[path = "bench/served.rs"]
mod served;
#[path = "support/mod.rs"]
mod support;

const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["measure", program, ref arguments @ ..] => measured(program, arguments),
        _ => bench(),
    }
}

fn bench() {
    println!("medians of {ROUNDS} runs, taken in turns");
    println!("\n{:42} {:>9} {:>9} {:>9}", "", "wall ms", "CPU ms", "peak MB");
    runs(20, 2_000, 500);
    runs(200, 20_000, 500);
    if campaign::size(0, 1) > 0 {
        runs(1_000, 20_000, 2_000);
    }
    tree(1_000_000);
    let world = World::new();
    let _served = Served::new(&world, 1_000, 1_000, 1_000);
    daemon::bench(&world);
}

/// What one process cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    wall: f64,
    cpu: f64,
    peak: f64,
}

/// A library in which a rule each links some of the films to specials of shows of their own: what a run costs that finds nothing to do,
/// with the whole lists, as each run had to ask for them once, and as it is.
fn runs(rules: usize, films: usize, shows: usize) {
    let world = World::new();
    let served = Served::new(&world, rules, films, shows);
    println!("{rules} rules, {films} films, {shows} shows");
    let program = program();
    let program = program.to_str().unwrap();
    print("  first run", cost(&world, &[program, "once"]));
    assert_eq!(world.links().len(), rules, "{}", world.tree());

    let commands = [("with lists", vec![program, "once", "--force"]), ("as it is", vec![program, "once"])];
    let asked = commands.each_ref().map(|(_, command)| {
        served.take();
        cost(&world, command);
        served.take()
    });
    let urls = asked.each_ref().map(|asked| asked.targets.iter().map(|target| served.url(target)).collect::<Vec<_>>());
    let mut costs = commands.each_ref().map(|_| (Vec::new(), Vec::new()));
    for _ in 0..ROUNDS {
        for (((_, command), urls), (ours, curls)) in commands.iter().zip(&urls).zip(&mut costs) {
            let curl = ["curl", "-s"].into_iter().chain(urls.iter().flat_map(|url| ["-o", "/dev/null", url]));
            ours.push(cost(&world, command));
            curls.push(cost(&world, &curl.collect::<Vec<_>>()));
        }
    }
    for (((name, _), asked), (ours, curls)) in commands.iter().zip(&asked).zip(&costs) {
        let (requests, ours) = (asked.targets.len(), median(ours));
        print(&format!("  nothing changed, {name}"), ours);
        print("    curl asks the same", median(curls));
        println!(
            "    the apps: {:.0} ms of their processors, {requests} requests on {} connections, {:.2} MB",
            asked.spent,
            asked.connections,
            asked.bytes as f64 / 1e6
        );
        campaign::figure(
            &format!("a run with nothing to do, {rules} rules, {films} films, {shows} shows, {name}"),
            &format!(
                "{:.0} ms, {:.1} MB at most; the apps {:.0} ms in {requests} requests",
                ours.wall, ours.peak, asked.spent
            ),
        );
    }
    println!("  the apps' part is {:.1} times less", asked[0].spent / asked[1].spent);
}

/// A media tree of so many files beside one rule.
fn tree(entries: usize) {
    let world = World::new();
    let _served = Served::new(&world, 1, 1, 1);
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
    print("  a run that walks through it", with);
    print("  a run that does not", without);
    print("  find -type l", find);
    println!(
        "  the walk / find: {:.2} wall, {:.2} CPU",
        (with.wall - without.wall) / find.wall,
        (with.cpu - without.cpu) / find.cpu
    );
}

fn print(what: &str, Cost { wall, cpu, peak }: Cost) {
    println!("{what:42} {wall:9.1} {cpu:9.1} {peak:9.1}");
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
    let [wall, cpu, peak] = figures[..] else {
        panic!("{command:?} failed: {text}{}", String::from_utf8_lossy(&output.stderr))
    };
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
