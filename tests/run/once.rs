//! What the old program got wrong in a run: each row of reliability.md 1.2 as a promise.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use crate::support::{
    http::{Answer, Fault},
    port::Held,
    rules,
    sample::{BOTH, Sample},
    world::{Outcome, World},
};

fn sql(world: &World, sql: &str) {
    rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap().execute_batch(sql).unwrap();
}

/// Root may write everywhere: then another user runs the program.
fn run_as_nobody<'w>(world: &'w World, variables: &[(&str, &str)], arguments: &[&str]) -> Outcome<'w> {
    const NOBODY: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let root = nix::unistd::geteuid().is_root();
    let mut command = if root { world.command_below(&NOBODY, arguments) } else { world.command(arguments) };
    command.envs(variables.iter().copied());
    world.finish(command)
}

#[test]
fn a_run_needs_no_folder_of_its_own_to_write_in() {
    // D59
    let world = World::new();
    Sample::new(&world);
    let mut command = world.command(&[]);
    command.current_dir("/proc");
    world.finish(command).succeeds();
    world.assert_links(&BOTH);
}

#[test]
fn dots_at_the_end_of_folders_stay() {
    // D06
    let world = World::new();
    let film = world.movie("Dr. Strange...", 1).file("movies/Dr. Strange.../Dr. Strange....mkv", "DVD");
    let show = world.series("Wait...", 2).special(1, "One...");
    world.rule(film, show, 1);
    world.run(&["once"]).succeeds();
    world.assert_tree(&[
        "movies/",
        "movies/Dr. Strange.../",
        "movies/Dr. Strange.../Dr. Strange....mkv",
        "tv/",
        "tv/Wait.../",
        "tv/Wait.../Season 00/",
        "tv/Wait.../Season 00/Wait - S00E01 - One DVD.mkv -> ../../../movies/Dr. Strange.../Dr. Strange....mkv",
    ]);
}

#[test]
fn a_nul_in_a_rule_costs_no_other_rule() {
    // D63
    let world = World::new();
    Sample::new(&world);
    sql(&world, "UPDATE link_rules SET season = CAST(x'3000' AS TEXT) WHERE id = 1");
    world.run(&["once"]).succeeds().says("rule 1 is not linked: season is \"0\\0\": it must be 1 to 4 digits");
    world.assert_links(&[BOTH[1]]);
}

#[test]
fn a_huge_answer_needs_little_memory() {
    // D24
    let film = format!(r#"{{"id": 1, "tmdbId": 5, "title": "{}"}},"#, "x".repeat(5000));
    let answers = [
        (Answer::json(vec![b' '; 1 << 20]).with(Fault::Endless), "larger than 8 MiB"),
        (
            Answer::json(format!("[{}", film.repeat(14_000)) + r#"{"id": 2, "tmdbId": 0}]"#),
            "\"plex-linker once --force\"",
        ),
        (Answer::json([b"[{\"a\":\"".as_slice(), &vec![b'a'; 9 << 20]].concat()), "larger than 8 MiB"),
        (Answer::json(vec![b'x'; 1 << 20]).header("Content-Encoding", "gzip"), "not the JSON expected"),
    ];
    for (answer, says) in answers {
        let world = World::new();
        Sample::linked(&world);
        world.radarr.on("GET /api/v3/movie", answer);
        let limited = ["sh", "-c", "ulimit -d 65536; exec \"$0\" \"$@\""];
        let outcome = world.finish(world.command_below(&limited, &["once"]));
        world.assert(outcome.signal().is_none(), "64 MiB should be enough");
        if says.contains("--force") {
            // many films, and none of ours among them: that is no reason to remove anything
            outcome.succeeds().says("Radarr has no film with the TMDB number 149");
        } else {
            outcome.exits(1).says(says);
        }
        world.assert_links(&BOTH);
    }
}

/// It is a warning, which cron's mail has, too.
#[test]
fn no_media_root_is_told_as_a_warning() {
    let world = World::new();
    for root in ["", "/not/there"] {
        let variables = [("MEDIA_ROOT", root), ("PLEX_LINKER_LOG", "warn")];
        world.run_with(&variables, &["once"]).succeeds().says("nothing done");
        world.run_with(&variables, &["check"]).exits(1).says("wrong    MEDIA_ROOT ");
        let variables = [("MEDIA_ROOT", root), ("PLEX_LINKER_LOG", "error")];
        world.run_with(&variables, &["once"]).succeeds().never_says("nothing done");
    }
}

#[test]
fn every_end_of_a_run_has_its_exit_code_and_its_sentence() {
    // D23, D16
    let port = Held::new();
    let closed = port.address;
    let postgres = format!("postgres://linker:secret@{closed}/rules");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], i32, &'a str);
    let cases: [Case; 15] = [
        ("all is well", &[], 0, "2 changes: 2 of 2 rules linked"),
        ("no media root", &[("MEDIA_ROOT", "")], 0, "MEDIA_ROOT is not set: nothing done"),
        (
            "missing media root",
            &[("MEDIA_ROOT", "/not/there")],
            0,
            "MEDIA_ROOT /not/there is not a folder: nothing done",
        ),
        ("relative media root", &[("MEDIA_ROOT", "media")], 2, "MEDIA_ROOT is \"media\": it must be a whole path"),
        ("empty database", &[("DATABASE_URL", "")], 2, "cannot use DATABASE_URL: "),
        ("unknown database", &[("DATABASE_URL", "mysql://x")], 2, "cannot use DATABASE_URL: "),
        ("database that is down", &[("DATABASE_URL", &postgres)], 1, "cannot open the database 127.0.0.1:"),
        (
            "folder as database",
            &[("DATABASE_URL", "sqlite:////proc")],
            1,
            "cannot open the database /proc: it is a folder",
        ),
        ("text as database", &[("DATABASE_URL", "sqlite:///text")], 1, "the file is not an SQLite database"),
        ("database in no folder", &[("DATABASE_URL", "sqlite:////not/there.db")], 1, "/not/there.db"),
        ("no Sonarr", &[("SONARR_0_URL", "")], 2, "SONARR_0_URL is not set"),
        (
            "no address",
            &[("RADARR_0_URL", "radarr:7878")],
            2,
            "RADARR_0_URL is \"radarr:7878\": it must begin with http",
        ),
        ("no key", &[("SONARR_0_API_KEY", "")], 2, "SONARR_0_URL is set but SONARR_0_API_KEY is not"),
        ("wrong key", &[("SONARR_0_API_KEY", "wrong")], 1, "it refuses the key: check SONARR_0_API_KEY"),
        (
            "swapped addresses",
            &[("SONARR_0_URL", "swapped")],
            1,
            "it knows no /api/v3/series: does SONARR_0_URL lead to another app",
        ),
    ];
    for (case, variables, code, says) in cases {
        let world = World::new();
        Sample::new(&world);
        fs::write(world.state().join("text"), "this is no database, and long enough to be seen as none\n".repeat(99))
            .unwrap();
        let mut command = world.command(&["once"]);
        command.envs(variables.iter().copied());
        if case == "swapped addresses" {
            command.env("SONARR_0_URL", world.radarr.url()).env("SONARR_0_API_KEY", world.radarr.key());
        }
        let outcome = world.finish(command);
        world.assert(outcome.code() == Some(code), &format!("{case}: the exit code should be {code}"));
        outcome.says(says).never_says("secret@");
        world.assert_links(if case == "all is well" { &BOTH } else { &[] });
    }
}

#[test]
fn without_a_database_url_the_state_folder_has_the_database() {
    let world = World::new();
    Sample::new(&world);
    world.unset("DATABASE_URL");
    world.run(&["once"]).succeeds().says("2 of 2 rules linked");
    world.unset("STATE_DIRECTORY");
    fs::set_permissions(world.state(), Permissions::from_mode(0o777)).unwrap();
    let state = world.state().display().to_string();
    for (variable, below) in [("HOME", ".local/state/plex-linker"), ("XDG_STATE_HOME", "plex-linker")] {
        run_as_nobody(&world, &[(variable, &state)], &["rules", "list"]).succeeds();
        let database = world.state().join(below).join("plex_linker.db");
        world.assert(database.exists(), &format!("the database should be below {variable}"));
    }
}

#[test]
fn rules_that_cannot_be_met_are_told_once_and_are_no_failure() {
    let world = World::new();
    let sample = Sample::new(&world);
    world.add_rule(&rules::wish("Not There", 7, sample.naruto.title(), 1));
    let reason = "rule 3 is not linked: Radarr has no film with the TMDB number 7: add it there";
    world.run(&["once"]).succeeds().says(reason);
    world.run(&["once"]).succeeds().never_says(reason);
    world.run_with(&[("PLEX_LINKER_LOG", "debug")], &["once"]).succeeds().says(reason);
}
