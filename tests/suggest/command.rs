//! `plex-linker suggest`.

use crate::support::{
    http::Answer,
    world::{Film, Show, World, program},
};

const TITLE: &str = "Futurama: Bender's Big Score";

/// A film that is a special, and a show that no film belongs to.
fn world(world: &World) -> (Film<'_>, Show<'_>) {
    world.series("Firefly", 78874).special(1, "Serenity");
    let film = world.movie(TITLE, 7249).edit(|movie| {
        movie.in_cinemas = Some("2007-11-27T00:00:00Z".into());
        movie.runtime = 89;
        movie.collection = Some("Futurama Collection".into());
    });
    world.movie("Akira", 149);
    let show = world.series("Futurama", 73871).special(1, "Bender's Big Score").edit(|series| {
        series.episodes[0].air_date = Some("2007-11-27".into());
        series.episodes[0].runtime = 88;
    });
    (film, show)
}

#[test]
fn a_suggestion_comes_with_its_evidence_and_the_command_for_its_rule() {
    let there = World::new();
    world(&there);
    let before = there.tree();
    let said = there.run(&["suggest"]).succeeds().stdout;
    there.assert_same(
        "the suggestion",
        said.trim_end(),
        r#"likely (100): Futurama: Bender's Big Score (tmdb 7249) is Futurama S00E01 Bender's Big Score
    the titles say the same; in cinemas on 2007-11-27, aired on 2007-11-27; 89 minutes, the special 88; of the "Futurama Collection"
    plex-linker rules add --movie-title 'Futurama: Bender'\''s Big Score' --tmdb-id 7249 --show-name 'Futurama' --tvdb-id 73871 --episode 1"#,
    );
    there.assert_posts(&[]);
    there.assert_same("the tree", &there.tree(), &before);

    let line = said.lines().find(|line| line.contains("rules add")).unwrap();
    let mut shell = there.command_below(&["/bin/sh", "-c", line.trim()], &[]);
    shell.env("PATH", program().parent().unwrap());
    there.finish(shell).succeeds().says("added rule 1");
    there.run(&["suggest"]).succeeds().says("no film looks like a special that has neither a file nor a rule");
}

#[test]
fn only_shows_with_such_films_are_asked() {
    let there = World::new();
    let (_, show) = world(&there);
    there.run(&["suggest"]).succeeds();
    let episodes: Vec<_> = there.sonarr.calls().into_iter().filter(|call| call.contains("/episode")).collect();
    assert_eq!(episodes, [format!("GET /api/v3/episode?seriesId={}&seasonNumber=0", show.id())]);
    assert_eq!(there.requests(), 3);
}

#[test]
fn json_is_a_list_of_suggestions() {
    let there = World::new();
    world(&there);
    let said = there.run(&["suggest", "--json"]).succeeds().stdout;
    let list: serde_json::Value = serde_json::from_str(&said).unwrap();
    let expected = serde_json::json!([{
        "id": list[0]["id"], "dismissed": false, "movie_title": TITLE, "tmdb_id": 7249, "show_name": "Futurama", "tvdb_id": 73871, "season": "00", "episode": 1,
        "episode_title": "Bender's Big Score", "likely": true, "score": 100,
        "evidence": ["the titles say the same", "in cinemas on 2007-11-27, aired on 2007-11-27", "89 minutes, the special 88",
            "of the \"Futurama Collection\""],
    }]);
    assert_eq!(list, expected);
    assert!(list[0]["id"].as_str().unwrap().starts_with("7249-"), "{list}");
}

#[test]
fn what_was_dismissed_is_told_only_when_asked_for() {
    let there = World::new();
    world(&there);
    there.run(&["suggest"]).succeeds().says("likely (100)");
    let list: serde_json::Value = serde_json::from_str(&there.run(&["suggest", "--json"]).stdout).unwrap();
    let file = there.state().join("plex_linker.db");
    let id = list[0]["id"].as_str().unwrap();
    rusqlite::Connection::open(file).unwrap().execute("INSERT INTO pl_dismissed VALUES (?1)", [id]).unwrap();
    there.run(&["suggest"]).succeeds().says("no film looks like a special that has neither a file nor a rule");
    there.run(&["suggest", "--all"]).succeeds().says("dismissed (100): Futurama");
    there.run(&["status", "--all"]).exits(2);
}

#[test]
fn a_special_with_a_file_is_left_out_also_when_it_is_our_link() {
    let there = World::new();
    let (film, show) = world(&there);
    film.file("movies/Futurama/Futurama.mkv", "DVD");
    there.link("tv/Futurama/Season 00/S00E01.mkv", "../../../movies/Futurama/Futurama.mkv");
    show.scan();
    there.run(&["suggest"]).succeeds().says("no film looks like a special");
}

#[test]
fn an_app_that_cannot_be_asked_is_told() {
    let there = World::new();
    world(&there);
    there.radarr.on("*", Answer::status(401));
    there
        .run(&["suggest"])
        .exits(1)
        .says("cannot ask radarr for its films: it refuses the key")
        .says("no film looks like a special");
    there.radarr.heal();
    there.sonarr.on("GET /api/v3/episode", Answer::status(404));
    there.run(&["suggest"]).exits(1).says("cannot ask sonarr for the specials of show");
}
