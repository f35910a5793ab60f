//! Whole runs while Radarr or Sonarr fail: no link is lost, one sentence says what to do, the next run makes up for everything.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crate::support::{
    campaign, cells,
    http::{Answer, Fault},
    measured,
    port::Held,
    sample::{BLEACH_RETITLED, BOTH, BOTH_RETITLED, NARUTO_LINK, Sample, TO_AKIRA, TO_PAPRIKA},
    world::World,
};

/// The request that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Movies,
    Shows,
    /// Akira alone, by Radarr's number; then the list is asked for.
    Movie,
    /// Every film by TMDB's number, as those that are not remembered.
    MovieByNumber,
    /// Naruto alone.
    Show,
    /// Of Naruto alone.
    Specials,
    TellSonarr,
    TellRadarr,
    Search,
}

const CALLS: [Call; 9] = [
    Call::Movies,
    Call::Shows,
    Call::Movie,
    Call::MovieByNumber,
    Call::Show,
    Call::Specials,
    Call::TellSonarr,
    Call::TellRadarr,
    Call::Search,
];

impl Call {
    /// This is answered so from here on, or so many times.
    fn fails(self, sample: &Sample, answer: Answer, times: usize) {
        let world = sample.world;
        let (app, pattern) = match self {
            Call::Movies => (&*world.radarr, "GET /api/v3/movie".to_string()),
            Call::Movie => (&*world.radarr, format!("GET /api/v3/movie/{}", sample.akira.id())),
            Call::MovieByNumber => (&*world.radarr, "GET /api/v3/movie?tmdbId=4977&excludeLocalCovers=true".into()),
            Call::Show => (&*world.sonarr, format!("GET /api/v3/series/{}", sample.naruto.id())),
            Call::TellRadarr => (&*world.radarr, "POST /api/v3/command".into()),
            Call::Shows => (&*world.sonarr, "GET /api/v3/series".into()),
            Call::Specials => (&*world.sonarr, Sample::specials_of(sample.naruto)),
            Call::TellSonarr => (&*world.sonarr, "POST /api/v3/command".into()),
            Call::Search => (&*world.sonarr, "GET /api/v3/series/lookup".into()),
        };
        app.on_next(times, &pattern, answer);
    }

    /// What is left undone by a run in which it fails.
    fn blocks(self) -> bool {
        matches!(self, Call::Movies | Call::Shows)
    }

    /// It is asked for one film or show, and the list makes up for it.
    fn is_single(self) -> bool {
        matches!(self, Call::Movie | Call::MovieByNumber | Call::Show)
    }

    fn tells(self) -> bool {
        matches!(self, Call::TellSonarr | Call::TellRadarr)
    }
}

/// What is answered, and what a run then says: of a list, and of a command.
type Wrong = (&'static str, fn() -> Answer, &'static str, &'static str);

const WRONG: [Wrong; 23] = [
    (REFUSED, || Fault::Leave.into(), "nothing answers at http", "nothing answers at http"),
    ("reset", || Fault::Reset.into(), CLOSED, CLOSED),
    ("reset mid-body", || list().with(Fault::CutAfter(120)), CLOSED, CLOSED),
    ("cut short", || list().with(Fault::EndAfter(120)), CLOSED, CLOSED),
    ("wrong length", || list().with(Fault::Length(9999)), CLOSED, CLOSED),
    ("401", || Answer::status(401), KEY, KEY),
    ("403", || Answer::status(403), KEY, KEY),
    ("404", || Answer::status(404), "lead to another app, or is its URL base wrong", "another app"),
    ("429", || Answer::status(429).header("Retry-After", "1"), "it answers 429 Too Many Requests", "it answers 429"),
    ("500", || message("database is locked").code(500), "database is locked", "database is locked"),
    (
        "502",
        || Answer::html("<h1>Bad Gateway</h1>").code(502),
        "stands in front of it does not reach",
        "it answers 502",
    ),
    ("503", || message("is starting up").code(503), "is starting up", "is starting up"),
    ("302", || Answer::status(302).header("Location", "/login"), "URL base in", "URL base in"),
    ("web page", || Answer::html("<!doctype html>"), "it answers with a web page", "it answers with a web page"),
    ("cut JSON", || Answer::json(r#"[{"id":1,"ti"#), "EOF while parsing", NOT_EXPECTED),
    ("null", || Answer::json("null"), "invalid type: null", NOT_EXPECTED),
    ("{}", || Answer::json("{}"), "invalid type: map", ""),
    ("[]", || Answer::json("[]"), "\"plex-linker once --force\"", NOT_EXPECTED),
    ("no objects", || Answer::json(r#"[1,"a",null]"#), "invalid type", NOT_EXPECTED),
    ("wrong types", || Answer::json(r#"[{"id":"one"}]"#), "invalid type", NOT_EXPECTED),
    ("endless", || Answer::json(vec![b' '; 1 << 20]).with(Fault::Endless), "larger than", "larger than"),
    ("packed", bomb, NOT_EXPECTED, NOT_EXPECTED),
    ("huge header", || list().with(Fault::HugeHeader(2 << 20)), "header is too big", "header is too big"),
];
const CLOSED: &str = "it closed the connection before its answer was whole";
const NOT_EXPECTED: &str = "its answer is not the JSON expected";
const KEY: &str = "refuses the key: check";
/// The only one after which the app answers nothing else either.
const REFUSED: &str = "refused";
/// The most memory that a run may have resident, in KiB.
const MEMORY: u64 = 64 * 1024;

fn list() -> Answer {
    Answer::json(r#"[{"id": 1, "title": "One"}, {"id": 2, "title": "Two"}]"#)
}

fn message(text: &str) -> Answer {
    Answer::json(format!(r#"{{"message": "{text}"}}"#))
}

/// A thousandth of what it becomes when it is unpacked, again and again.
fn bomb() -> Answer {
    static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut gzip = Command::new("gzip").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = gzip.stdin.take().unwrap();
        let writer = thread::spawn(move || input.write_all(&vec![b' '; 16 << 20]).unwrap());
        let packed = gzip.wait_with_output().unwrap().stdout;
        writer.join().unwrap();
        packed
    });
    Answer::json(PACKED.clone()).header("Content-Encoding", "gzip").with(Fault::Endless)
}

fn matrix(wrong: &[Wrong]) -> Vec<(String, (Call, Wrong))> {
    let cells = wrong.iter().flat_map(|wrong| CALLS.map(|call| (format!("{call:?}, {}", wrong.0), (call, *wrong))));
    cells.collect()
}

/// Each time every request and every answer, in a third of their combinations.
fn some<C>(cells: impl IntoIterator<Item = C>) -> Vec<C> {
    let step = campaign::size(3, 1) as usize;
    let cells = cells.into_iter().enumerate().filter(|(at, _)| (at + at / CALLS.len()).is_multiple_of(step));
    cells.map(|(_, cell)| cell).collect()
}

/// Two rules are linked and the second one's link is to be renamed when the fault strikes; then it passes. Returns the most memory that
/// the run had, in KiB.
fn strike(call: Call, (name, answer, of_list, of_command): Wrong) -> u64 {
    let world = World::new();
    if !matches!(call, Call::Movies | Call::Shows) {
        world.crowd();
    }
    let sample = Sample::without_rules(&world);
    // the first of all, so that the others come after the failure
    let searched = (call == Call::Search).then(|| sample.rule_to_search());
    sample.rules();
    sample.link();
    if let Some(rule) = searched {
        // a name is searched for once
        world.run(&["rules", "edit", &rule.to_string(), "--show-name", "Nowhere to be found either"]).succeeds();
    }
    sample.retitle();
    if call == Call::Search {
        // a name that was searched for is not searched for again
        let file = world.state().join("plex_linker.db");
        rusqlite::Connection::open(file).unwrap().execute("DELETE FROM pl_searches", []).unwrap();
    }
    if call == Call::MovieByNumber {
        // what a rule means is not remembered any more when somebody has edited it
        world.run(&["rules", "edit", "2", "--show-name", "bleach"]).succeeds();
    }
    let mut answer = answer();
    if call.tells() && of_command == CLOSED {
        // what is cut would have been the right answer
        answer.body = br#"{"id": 1, "name": "RescanSeries", "status": "completed"}"#.into();
    }
    call.fails(&sample, answer, usize::MAX);
    // for a list an app may take very long
    const TIMES: [&str; 2] = ["SONARR_0_TIMEOUT_SECONDS", "RADARR_0_TIMEOUT_SECONDS"];
    if matches!(call, Call::Movies | Call::Shows) && ["silent", "drip"].contains(&name) {
        TIMES.iter().for_each(|time| world.set(time, "3"));
    }
    let (outcome, memory) = measured::run(&world, &["once"]);
    TIMES.iter().for_each(|time| world.unset(time));
    let outcome = outcome.never_says("panicked");
    world.assert(memory < MEMORY, &format!("{memory} KiB of memory are too much"));

    // an app that is silent twice is not asked again in this run
    let given_up = name == REFUSED || call.is_single() && SLOW.iter().any(|(slow, ..)| *slow == name);
    let blocks = call.blocks() || given_up && !call.tells();
    let harmless = match call {
        Call::Search => name != REFUSED,
        Call::Specials => name == "[]",
        Call::TellSonarr | Call::TellRadarr => name == "{}",
        Call::Movie | Call::MovieByNumber | Call::Show => !given_up,
        Call::Movies | Call::Shows => false,
    };
    if harmless {
        outcome.succeeds();
    } else {
        outcome.exits(1).says(if call.tells() { of_command } else { of_list });
    }
    world.assert_links(if blocks { &BOTH } else { &BOTH_RETITLED });
    if call.is_single() && !given_up {
        let list = if call == Call::Show { "GET /api/v3/series" } else { "GET /api/v3/movie?excludeLocalCovers=true" };
        let calls = [world.radarr.calls(), world.sonarr.calls()].concat();
        world.assert(calls.iter().any(|asked| asked == list), "the list should be asked for");
    }

    world.radarr.heal();
    world.sonarr.heal();
    world.forget();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH_RETITLED);
    let all = sample.told_of_bleach();
    let all = all.each_ref().map(String::as_str);
    // only the app that could not be told is told again
    world.assert_posts(match call {
        _ if blocks => &all,
        Call::TellSonarr if !harmless => &all[..2],
        Call::TellRadarr if !harmless => &all[2..],
        _ => &[],
    });
    memory
}

/// Each try takes half a minute, and two for lists: tests/arr has those with less patience.
const SLOW: [Wrong; 2] = [
    ("silent", || Fault::SILENT.into(), "its answer takes too long", "its answer takes too long"),
    ("drip", || list().with(Fault::Drip(Duration::from_secs(2))), "takes too long", "takes too long"),
];

#[test]
fn no_answer_of_an_app_costs_a_link_or_another_rule() {
    let mut cases = matrix(&SLOW);
    cases.truncate(campaign::size(0, cases.len() as u64) as usize);
    cases.extend(some(matrix(&WRONG)));
    let most = AtomicU64::new(0);
    cells::each_with_pauses(&cases, |(call, wrong)| {
        most.fetch_max(strike(*call, *wrong), Ordering::Relaxed);
    });
    let most = most.into_inner() as f64 / 1024.0;
    campaign::figure(
        &format!("a run in which one of 9 requests gets one of {} wrong answers", cases.len() / 9),
        &format!("{} of {} as they should: no link lost, at most {most:.1} MiB of memory", cases.len(), cases.len()),
    );
}

#[test]
fn an_app_that_is_down_costs_no_link_and_is_told_once() {
    // D23, D26
    cells::each_with_pauses(&["RADARR", "SONARR"].map(|app| (app.to_string(), app)), |app| {
        let world = World::new();
        Sample::linked(&world).retitle();
        let port = Held::new();
        let closed = port.address;
        world.set(&format!("{app}_0_URL"), &format!("http://{closed}"));
        let sentence = format!("nothing answers at http://{closed}: is it running, and is {app}_0_URL right");
        let outcome = world.run(&["once"]).exits(1).says(&sentence);
        world.assert(outcome.output().matches(&sentence).count() == 1, "it should be told once, not for every rule");
        world.assert_links(&BOTH);
        world.connect();
        world.run(&["once"]).succeeds();
        world.assert_links(&BOTH_RETITLED);
    });
}

#[test]
fn what_fails_up_to_three_times_and_then_works_is_no_failure() {
    const PASSING: [&str; 8] = ["reset", "reset mid-body", "cut short", "wrong length", "429", "500", "502", "503"];
    let passing: Vec<Wrong> = WRONG.into_iter().filter(|wrong| PASSING.contains(&wrong.0)).collect();
    let cases = some((1..=3).flat_map(|times| {
        matrix(&passing).into_iter().map(move |(name, cell)| (format!("{name}, {times}"), (cell, times)))
    }));
    cells::each_with_pauses(&cases, |((call, (_, answer, ..)), times)| {
        let world = World::new();
        let sample = Sample::new(&world);
        let show = world.series("Nowhere to be found: Again", 99);
        let found =
            "tv/Nowhere to be found: Again/Season 00/Nowhere to be found- Again - S00E01 - One Bluray-1080p.mkv";
        let mut links = BOTH.to_vec();
        if *call == Call::Search {
            show.special(1, "One");
            sample.rule_to_search();
            links.push((found, TO_AKIRA));
        }
        call.fails(&sample, answer(), *times);
        world.run(&["once"]).succeeds();
        world.assert_links(&links);
        world.forget();
        world.run(&["once"]).succeeds();
        world.assert_posts(&[]);
    });
    campaign::figure(
        "a run in which one of 9 requests fails up to three times, in 8 ways, and then works",
        &format!("{} of {} with all links made", cases.len(), cases.len()),
    );
}

#[test]
fn an_app_that_is_being_restarted_is_waited_for() {
    let world = World::new();
    Sample::new(&world);
    for app in [&*world.radarr, &*world.sonarr] {
        app.leave();
    }
    thread::scope(|scope| {
        let run = scope.spawn(|| world.run(&["once"]));
        // its fourth try comes after three seconds and a half at the earliest
        thread::sleep(Duration::from_secs(1));
        world.radarr.heal();
        world.sonarr.heal();
        run.join().unwrap().succeeds();
    });
    world.assert_links(&BOTH);
}

/// The next run tells Sonarr, and the one after it nothing.
#[test]
fn a_notification_that_failed_is_made_up_for_once() {
    let world = World::new();
    let sample = Sample::linked(&world);
    sample.retitle();
    world.sonarr.on("POST /api/v3/command", Answer::status(400));
    world.run(&["once"]).exits(1).says("it will be told in the next run");
    world.assert_links(&BOTH_RETITLED);
    world.sonarr.heal();
    let told = sample.told_of_bleach();
    for told in [&told.each_ref().map(String::as_str)[..2], &[]] {
        world.forget();
        world.run(&["once"]).succeeds();
        world.assert_posts(told);
    }
}

#[test]
fn the_other_rules_are_linked_when_one_show_fails_from_the_start() {
    // D21a
    let world = World::new();
    let sample = Sample::new(&world);
    world.sonarr.on(&Sample::specials_of(sample.naruto), Answer::status(400));
    world.run(&["once"]).exits(1);
    world.assert_links(&[BOTH[1]]);
    world.sonarr.heal();
    sample.retitle();
    world.run(&["once"]).succeeds();
    world.assert_links(&[(NARUTO_LINK, TO_AKIRA), (BLEACH_RETITLED, TO_PAPRIKA)]);
}
