//! Whole runs on either database.

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::Command,
    thread,
    time::Duration,
};

use crate::support::{
    daemon::Daemon,
    http::Fault,
    postgres::{self, PASSWORD, Server},
    sample::{BLEACH_LINK, BOTH, BOTH_RETITLED, NARUTO_LINK, Sample, TO_PAPRIKA},
    scene, skip,
    world::World,
};

/// These links are there, and nothing is left to do.
#[track_caller]
fn assert_settled(world: &World, links: &[(&str, &str)]) {
    world.assert_links(links);
    world.assert_settled();
}

fn a_life_of_rules(world: &World) {
    let sample = Sample::without_rules(world);
    sample.add_rules();
    world.run(&["once"]).succeeds();
    assert_settled(world, &BOTH);

    sample.akira.upgrade("movies/Akira (1988)/Akira 4K.mp4", "Bluray-2160p");
    world.run(&["once"]).succeeds();
    let upgraded = "tv/Naruto/Season 00/Naruto - S00E05 - The Movie Bluray-2160p.mp4";
    let to_upgraded = "../../../movies/Akira (1988)/Akira 4K.mp4";
    assert_settled(world, &[(upgraded, to_upgraded), BOTH[1]]);

    world.run(&["rules", "edit", "1", "--episode", "none"]).exits(2).says("episode is missing");
    world.run(&["rules", "remove", "1"]).succeeds();
    world.run(&["once"]).succeeds();
    assert_settled(world, &[(BLEACH_LINK, TO_PAPRIKA)]);
    world.run(&["status"]).succeeds().says("rule 2  linked");
}

#[test]
fn a_run_on_sqlite() {
    a_life_of_rules(&World::new());
}

#[test]
fn a_run_on_postgresql() {
    let world = World::new();
    world.set("DATABASE_URL", &postgres::database());
    a_life_of_rules(&world);
}

#[test]
fn postgresql_down_or_restarted_is_told_and_made_up_for() {
    // D35
    let mut server = Server::start();
    let url = server.database();
    let world = World::new();
    world.set("DATABASE_URL", &url);
    let sample = Sample::without_rules(&world);
    server.stop();
    let place = format!("127.0.0.1:{}/test_", server.port);
    let down = |arguments: &[&str]| {
        world.run(arguments).exits(1).says(&place).says("refused").never_says(PASSWORD).never_says("s3cr");
    };
    down(&["once"]);
    down(&["rules", "list"]);
    down(&["status"]);
    server.restart();
    sample.add_rules();

    // restarted while Radarr thinks
    let (behind, shut) = Fault::behind_a_door();
    world.radarr.on_next(1, "GET /api/v3/movie", behind);
    thread::scope(|scope| {
        let run = scope.spawn(|| world.run(&["once"]));
        while world.radarr.requests().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        server.restart();
        drop(shut);
        run.join().unwrap().exits(1).never_says("panicked").never_says("s3cr");
    });
    world.assert_links(&[]);
    world.run(&["once"]).succeeds();
    assert_settled(&world, &BOTH);
}

#[test]
fn postgresql_that_says_nothing_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let world = World::new();
    Sample::without_rules(&world);
    let place = format!("{}/rules", listener.local_addr().unwrap());
    world.set("DATABASE_URL", &format!("postgresql://u:s3cr%40t@{place}"));
    let told = format!("cannot open the database {place}: the server has not answered for 10 seconds");
    world.run(&["once"]).exits(1).says(&told).never_says("s3cr");
    world.assert(world.requests() == 0, "the apps should not be asked in vain");
}

#[test]
fn bad_rows_of_an_old_database_are_shown_and_passed_over() {
    let world = World::new();
    Sample::new(&world);
    let database = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    database
        .execute_batch(
            "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name, episode, season) VALUES
                (3, 'A', 'abc', 'Naruto', 1, '00'), (4, 'B', 149, 'Naruto', 1.5, '00'), (5, 'C', 149, 'Naruto', 5, '../x'),
                (6, '', 149, 'Naruto', 5, '00'), (7, 'D', 149, 'Naruto', NULL, NULL), (8000000000, 'E', 149, 'Naruto', 5, '00');",
        )
        .unwrap();
    let list = world.run(&["rules", "list"]).succeeds();
    world.assert(list.stdout.matches("(not usable)").count() == 6, "each bad row should be shown");
    list.says("tmdb_id").says("season is \"../x\": it must be 1 to 4 digits").says("8000000000  (not usable)");
    world.run(&["once"]).succeeds().says("2 of 2 rules linked").says("rule 3 is not linked: ");
    world.assert_links(&BOTH);
    world.run(&["status"]).succeeds().says("rule 5  invalid");
    world.run(&["rules", "remove", "3"]).succeeds();

    // a row that goes bad keeps its link
    database.execute_batch("UPDATE link_rules SET tmdb_id = 'abc' WHERE id = 1").unwrap();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH);
    world.assert(world.path(NARUTO_LINK).exists(), "the link should stay");
}

/// The state folder on a disk of 128 KiB that is full up to the last page; only what is started below these words sees it.
fn full_disk(world: &World) -> Option<Vec<String>> {
    let tried = Command::new("unshare").args(["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        skip("mounting a file system needs root");
        return None;
    }
    let script = r#"cd / && cp -a "$0" "$0.copy" && mount -t tmpfs -o size=256k none "$0" && cp -a "$0.copy/." "$0" || exit 99
        head -c 256k /dev/zero >"$0/filler" 2>/dev/null
        cd "$0" && exec "$@""#;
    let words = ["unshare", "--mount", "sh", "-c", script].map(String::from).into_iter();
    Some(words.chain([world.state().display().to_string()]).collect())
}

#[test]
fn a_full_disk_is_told_and_made_up_for() {
    // D45
    let world = World::new();
    let sample = Sample::linked(&world);
    sample.retitle();
    world.run(&["key"]).succeeds();
    let Some(words) = full_disk(&world) else { return };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let full = "disk is full";
    world.finish(world.command_below(&words, &["once"])).exits(1).says("plex_linker.db").says(full);
    world.assert(world.links().len() == 2, "no link should be lost");

    let serve = ["serve", "--host", "127.0.0.1", "--port", "0", "--interval", "0"];
    let daemon = Daemon::of(&world, world.command_below(&words, &serve));
    daemon
        .assert(daemon.get("/api/rules").json().as_array().is_some_and(|rules| rules.len() == 2), "it should be read");
    let rule = r#"{"movie_title": "Another", "tmdb_id": 5, "show_name": "Naruto", "episode": 9}"#;
    let refused = daemon.post("/api/rules", rule);
    daemon.assert(refused.status == 503 && refused.body.contains(full), &refused.body);
    drop(daemon);
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH_RETITLED);
}

#[test]
fn a_folder_that_may_not_be_written_is_told_and_made_up_for() {
    let world = World::new();
    let sample = Sample::linked(&world);
    sample.retitle();
    for show in ["Naruto", "Bleach"] {
        fs::set_permissions(world.path(&format!("tv/{show}/Season 00")), Permissions::from_mode(0o777)).unwrap();
    }
    scene::as_ordinary_user(&world);
    fs::set_permissions(world.state(), Permissions::from_mode(0o555)).unwrap();
    world.run(&["once"]).exits(1).says("plex_linker.db").never_says("panicked");
    world.assert_links(&BOTH);
    world.run(&["rules", "list"]).succeeds().says("Akira");
    fs::set_permissions(world.state(), Permissions::from_mode(0o755)).unwrap();
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH_RETITLED);
}

#[test]
fn a_database_that_stays_locked_is_told_and_made_up_for() {
    let world = World::new();
    let sample = Sample::linked(&world);
    sample.retitle();
    let writer = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    world.run(&["rules", "list"]).succeeds().says("Akira");
    writer.execute_batch("COMMIT; BEGIN EXCLUSIVE").unwrap();
    world.run(&["once"]).exits(1).says("another program has kept it locked");
    world.assert_links(&BOTH);
    drop(writer);
    world.run(&["once"]).succeeds();
    world.assert_links(&BOTH_RETITLED);
}

/// What the old program does with its tables still works after ours was there.
#[test]
fn the_old_programs_statements_work_afterwards() {
    let world = World::new();
    Sample::linked(&world);
    let database = rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    database
        .execute_batch(
            "SELECT link_rules.id, link_rules.movie_title, link_rules.tmdb_id, link_rules.show_name, link_rules.episode,
                link_rules.season, link_rules.episode_id, link_rules.series_id, link_rules.tvdb_id FROM link_rules;
            INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id)
                VALUES ('Old', 7, 'Naruto', 9, '00', NULL, NULL, NULL);
            DELETE FROM link_rules WHERE link_rules.movie_title = 'Paprika';
            INSERT INTO settings (\"key\", value) VALUES ('scan', '1');
            UPDATE settings SET value = '2' WHERE settings.\"key\" = 'scan';",
        )
        .unwrap();
    drop(database);
    world.run(&["once"]).succeeds().says("rule 3 is not linked");
    world.assert_links(&[BOTH[0]]);
}
