//! Large requests: ten thousand rules at once, from whoever is let in.

use std::fs;

use serde_json::{Value, json};

use crate::support::{
    daemon::{Daemon, ask},
    sample::Sample,
    world::World,
};

/// As many as there may be.
const RULES: usize = 10_000;

fn rules(show: &str, count: usize) -> Value {
    let rule = |n: usize| {
        json!({ "movie_title": format!("A film with a longer title, number {n}"), "tmdb_id": n, "show_name": show,
            "episode": n % 9000, "season": (n / 9000).to_string(), "tvdb_id": 259_640, "series_id": null, "state": "linked",
            "link": format!("/srv/media/tv/{show}/Season 00/{show} - S00E{n} - A film Bluray-1080p.mkv") })
    };
    (1..=count).map(rule).collect()
}

const BROWSER: [(&str, &str); 2] =
    [("Content-Type", "multipart/form-data; boundary=xyz"), ("Sec-Fetch-Site", "same-origin")];

fn form(file: &str) -> String {
    format!("--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n{file}\r\n--xyz--\r\n")
}

fn resident(daemon: &Daemon) -> usize {
    let text = fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn as_many_rules_as_there_may_be_are_imported_and_leave_no_memory_behind() {
    let world = World::new();
    Sample::without_rules(&world);
    // as the static program does, it gives back what is large
    world.set("MALLOC_MMAP_THRESHOLD_", "131072");
    world.set("MALLOC_ARENA_MAX", "1");
    let daemon = Daemon::with(&world, &["--interval", "0"]);
    let file = rules("Sword Art Online", RULES).to_string();
    assert!(file.len() > 2 << 20, "{}", file.len());
    let before = resident(&daemon);
    let answer = daemon.ask("POST", "/rules/import", &BROWSER, &form(&file));
    daemon.assert(answer.status == 303, &format!("{} {}", answer.status, answer.body));
    let there = daemon.get("/api/rules?limit=1");
    assert_eq!(there.header("X-Total-Count"), Some("10000"));
    // what the allocator keeps of many small things for the next time
    let more = resident(&daemon).saturating_sub(before);
    daemon.assert(more < 12 << 10, &format!("{more} KiB stay"));
}

#[test]
fn thousands_of_rules_are_added_by_one_request() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = Daemon::with(&world, &["--interval", "0"]);
    let told = daemon.post("/api/rules", &rules("Sword Art Online", 3000).to_string());
    daemon.assert(told.status == 207, &format!("{} {}", told.status, told.body));
    let told = told.json();
    assert!(told.as_array().unwrap().iter().all(|one| one["status"] == 201), "{told}");
    assert_eq!(told.as_array().unwrap().len(), 3000);
}

#[test]
fn what_is_too_large_or_from_a_stranger_is_refused_in_words() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = Daemon::with(&world, &["--interval", "0"]);
    let huge = form(&"x".repeat(9 << 20));
    let refused =
        |target: &str, headers: &[(&str, &str)], body: &str| ask(daemon.address, "POST", target, headers, body);
    // it is refused before all of it has been sent
    if let Some(answer) = refused("/rules/import", &BROWSER, &huge) {
        assert_eq!(answer.status, 413);
        assert!(answer.body.contains("8192 KiB"), "{}", answer.body);
    }
    // elsewhere there is nothing so large
    if let Some(answer) = refused("/rules", &BROWSER, &huge[..70_000]) {
        assert_eq!(answer.status, 413);
        assert!(answer.body.contains("64 KiB"), "{}", answer.body);
    }
    // a stranger is asked who it is, and what it sent is thrown away
    let stranger = [BROWSER[0], BROWSER[1], ("X-Forwarded-For", "10.0.0.1")];
    let answer = refused("/rules/import", &stranger, &form(&rules("A", 3000).to_string())).unwrap();
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/login?next=%2Frules%2Fimport")));
    let stranger = [("Content-Type", "application/json"), ("X-Forwarded-For", "10.0.0.1")];
    let answer = refused("/api/rules", &stranger, &rules("A", 3000).to_string()).unwrap();
    assert_eq!(answer.status, 401, "{}", answer.body);
}
