//! Whole runs on either database.

use std::{net::TcpListener, thread, time::Duration};

use crate::support::{
    http::Fault,
    postgres::{self, PASSWORD, Server},
    sample::{BLEACH_LINK, BOTH, NARUTO_LINK, Sample, TO_PAPRIKA},
    world::World,
};

/// Nothing is done, and the next run neither.
#[track_caller]
fn assert_settled(world: &World, links: &[(&str, &str)]) {
    world.assert_links(links);
    world.forget();
    world.run(&["once"]).succeeds().says("nothing changed");
    world.assert_posts(&[]);
    world.assert_links(links);
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

    world.run(&["rules", "edit", "1", "--episode", "none"]).exits(1).says("episode is missing");
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
    world.radarr.on_next(1, "GET /api/v3/movie", Fault::Late(Duration::from_secs(5)));
    thread::scope(|scope| {
        let run = scope.spawn(|| world.run(&["once"]));
        while world.radarr.requests().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        server.restart();
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
    world.set("DATABASE_URL", &format!("postgresql://u:s3cr%40t@{}/rules", listener.local_addr().unwrap()));
    world.run(&["once"]).exits(1).says("the server has not answered for 10 seconds").never_says("s3cr");
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
