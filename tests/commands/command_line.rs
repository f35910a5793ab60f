//! What can be typed, and what is printed.

use std::{fs, io::Write, os::unix::fs::MetadataExt, path::PathBuf, process::Stdio};

use plex_linker::{
    cli::{self, Command, CommandLine},
    config::VARIABLES,
    model::{Field, Given},
};
use serde_json::Value;

use crate::support::{
    TELLING, rules,
    sample::{BOTH, NARUTO_LINK, Sample},
    skip,
    world::{Outcome, World},
};

fn parse(words: &[&str]) -> Result<CommandLine, String> {
    cli::parse(words.iter().map(Into::into).collect()).map_err(|error| {
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    })
}

fn once(dry_run: bool, json: bool, force: bool) -> Command {
    Command::Once { dry_run, json, force }
}

#[test]
fn what_is_typed_is_understood() {
    let rule = rules::wish("Akira", 149, "Naruto", 5);
    let add = ["rules", "add", "--tmdb-id", "149", "--episode=5", "--show-name", "Naruto", "--movie-title", "Akira"];
    let edit = || {
        let changes = vec![(Field::Episode, Given::Absent), (Field::Season, "01".into())];
        Command::Edit { id: 3, changes }
    };
    let cases: [(&[&str], Command); 25] = [
        (&[], once(false, false, false)),
        (&["once"], once(false, false, false)),
        (&["--dry-run"], once(true, false, false)),
        (&["once", "--dry-run"], once(true, false, false)),
        (&["--dry-run", "once"], once(true, false, false)),
        (&["once", "--force", "-n", "--json"], once(true, true, true)),
        (&["--json", "--force", "once", "-n"], once(true, true, true)),
        (&["status"], Command::Status { json: false }),
        (&["status", "--json"], Command::Status { json: true }),
        (&["--json", "status"], Command::Status { json: true }),
        (&["rules"], Command::List { json: false }),
        (&["rules", "list", "--json"], Command::List { json: true }),
        (&["rules", "--json"], Command::List { json: true }),
        (&["--json", "rules", "list"], Command::List { json: true }),
        (&add, Command::Add(rule)),
        (&["rules", "edit", "3", "--season", "01", "--episode", "none"], edit()),
        (&["rules", "edit", "--episode", "none", "3", "--season=01"], edit()),
        (&["rules", "remove", "3"], Command::Remove(vec![3])),
        (&["rules", "confirm", "3"], Command::Confirm(3)),
        (&["rules", "import", "rules.csv"], Command::Import(Some(PathBuf::from("rules.csv")))),
        (&["rules", "import", "-"], Command::Import(None)),
        (&["rules", "export"], Command::Export(vec![])),
        (&["--help"], Command::Help),
        (&["once", "--dry-run", "-h"], Command::Help),
        (&["-V"], Command::Version),
    ];
    for (words, command) in cases {
        assert_eq!(parse(words), Ok(CommandLine { config_file: None, command }), "{words:?}");
    }
    for words in [["--config", "x.env", "status"], ["status", "--config", "x.env"]] {
        let typed = CommandLine { config_file: Some("x.env".into()), command: Command::Status { json: false } };
        assert_eq!(parse(&words), Ok(typed));
    }
}

#[test]
fn what_is_not_understood_is_refused_and_named() {
    let cases: [(&[&str], &str); 20] = [
        (&["onec"], "there is no command \"onec\""),
        (&["once", "--dryrun"], "\"--dryrun\" is not understood"),
        (&["once", "twice"], "\"twice\" is not understood"),
        (&["--once"], "\"--once\" is not understood"),
        (&["status", "--force"], "--force"),
        (&["status", "--dry-run"], "--dry-run"),
        (&["rules", "remove", "3", "--dry-run"], "--dry-run"),
        (&["rules", "export", "--json"], "--json"),
        (&["rules", "delete", "3"], "there is no command \"rules delete\""),
        (&["rules", "remove"], "the number of a rule"),
        (&["rules", "remove", "Akira"], "\"Akira\" is not the number of a rule"),
        (&["rules", "remove", "3", "x4"], "\"x4\" is not the number of a rule"),
        (&["rules", "confirm", "3", "4"], "\"4\" is not understood"),
        (&["rules", "edit", "3", "--tmdb-id", "x"], "--tmdb-id is \"x\": it must be a whole number"),
        (&["rules", "edit", "3", "--movie-title"], "--movie-title"),
        (&["rules", "add", "--tmdb-id", "1"], "--movie-title is missing"),
        (&["rules", "add", "--movie-title", "A", "--show-name", "B"], "--tmdb-id is missing"),
        (&["rules", "import"], "the name of a file"),
        (&["--config"], "--config"),
        (&["--verbose"], "\"--verbose\" is not understood"),
    ];
    for (words, expected) in cases {
        let said = parse(words).expect_err(&format!("{words:?} should be refused"));
        assert!(said.contains(expected), "{words:?}: {said}");
        assert!(said.ends_with(": see \"plex-linker --help\""), "{said}");
    }
    let world = World::new();
    world.run(&["onec"]).exits(2).says("plex-linker: there is no command \"onec\": see \"plex-linker --help\"\n");
}

#[test]
fn help_and_version_need_no_configuration() {
    let world = World::new();
    world.set("MEDIA_ROOT", "nonsense");
    world.set("PLEX_LINKER_LOG", "nonsense");
    let help = world.run(&["--help"]).succeeds();
    for variable in VARIABLES.iter() {
        let line = format!("\n  {}\n", variable.name);
        world.assert(help.stdout.contains(&line), &format!("{} should be in the help", variable.name));
    }
    world.assert(help.stdout.lines().all(|line| line.chars().count() <= 110), "help should fit a terminal");
    let version = world.run(&["--version"]).succeeds().stdout;
    assert_eq!(version, format!("plex-linker {}\n", env!("CARGO_PKG_VERSION")));
}

/// Gives the program something to read.
fn import<'w>(world: &'w World, text: &(impl AsRef<[u8]> + ?Sized)) -> Outcome<'w> {
    let file = world.state().join("to import");
    fs::write(&file, text).unwrap();
    world.run(&["rules", "import", file.to_str().unwrap()])
}

fn export(world: &World) -> Value {
    serde_json::from_str(&world.run(&["rules", "export"]).succeeds().stdout).unwrap()
}

#[test]
fn rules_are_added_shown_changed_and_removed() {
    let world = World::new();
    world.run(&["rules", "list"]).succeeds().says("there are no rules yet: \"plex-linker rules add\" makes one");
    let add = ["rules", "add", "--movie-title", "Akira", "--tmdb-id", "149", "--show-name", "Naruto", "--episode", "5"];
    world.run(&add).succeeds().says("added rule 1 (Akira in Naruto)");
    world.run(&add).exits(1).says("a rule for \"Akira\" in \"Naruto\" is there already: edit or remove that one");
    world.run(&["rules"]).succeeds().says("1  Akira (tmdb 149)  Naruto S00E05\n");
    world.run(&["rules", "edit", "1", "--season", "01", "--tvdb-id", "7"]).succeeds().says("changed rule 1");
    world.run(&["rules", "list"]).succeeds().says("1  Akira (tmdb 149)  Naruto S01E05\n");
    world.run(&["rules", "edit", "1", "--season", "x"]).exits(2).says("--season is \"x\": it must be 1 to 4 digits");
    world.run(&["rules", "edit", "1", "--tvdb-id", "none"]).succeeds();
    let listed: Value = serde_json::from_str(&world.run(&["rules", "list", "--json"]).succeeds().stdout).unwrap();
    assert_eq!(listed, export(&world));
    let expected = serde_json::json!([{
        "id": 1, "movie_title": "Akira", "tmdb_id": 149, "show_name": "Naruto", "episode": 5, "season": "01",
        "episode_id": null, "series_id": null, "tvdb_id": null,
    }]);
    assert_eq!(listed, expected);
    for command in [["rules", "remove", "9"], ["rules", "edit", "9"]] {
        world.run(&command).exits(1).says("there is no rule 9: \"plex-linker rules list\" shows them");
    }
    world.run(&["rules", "remove", "1"]).succeeds().says("removed rule 1: its link goes with the next run");
    assert_eq!(export(&world), serde_json::json!([]));
}

#[test]
fn several_rules_are_removed_and_exported_at_once() {
    let world = World::new();
    import(&world, "movie_title,tmdb_id,show_name,episode\nA,1,S,1\nB,2,S,2\nC,3,S,3\n").succeeds();
    let some: serde_json::Value =
        serde_json::from_str(&world.run(&["rules", "export", "3", "1"]).succeeds().stdout).unwrap();
    assert_eq!((some.as_array().unwrap().len(), &some[1]["movie_title"]), (2, &"C".into()));
    world.run(&["rules", "export", "9"]).exits(1).says("there is no rule 9");
    world.run(&["rules", "remove", "1", "9"]).exits(1).says("there is no rule 9");
    world.run(&["rules", "remove", "1", "x"]).exits(2).says("\"x\" is not the number of a rule");
    assert_eq!(export(&world).as_array().unwrap().len(), 3, "all or none");
    world.run(&["rules", "remove", "1", "3"]).succeeds().says("removed rule 1").says("removed rule 3");
    assert_eq!(export(&world)[0]["movie_title"], "B");
}

#[test]
fn what_is_exported_can_be_imported() {
    let (one, other) = (World::new(), World::new());
    let csv =
        "movie_title,tmdb_id,show_name,episode,season,tvdb_id\n\"A \"\"B\"\"\",1,\"C; D\",5,,\nアキラ,2,Ä,0,01,7\n";
    import(&one, csv).succeeds().says("2 added, 0 changed, 0 as they were");
    let exported = export(&one);
    assert_eq!(exported[0]["movie_title"], "A \"B\"");
    import(&other, &exported.to_string()).succeeds().says("2 added, 0 changed, 0 as they were");
    assert_eq!(export(&other), exported);
    import(&other, &exported.to_string()).succeeds().says("0 added, 0 changed, 2 as they were");
    let changed = exported.to_string().replace("\"tvdb_id\":7", "\"tvdb_id\":8");
    let mut command = other.command(&["rules", "import", "-"]);
    let (reader, mut writer) = std::io::pipe().unwrap();
    command.stdin(Stdio::from(reader));
    writer.write_all(changed.as_bytes()).unwrap();
    drop(writer);
    other.finish(command).succeeds().says("0 added, 1 changed, 1 as they were");
    assert_eq!(export(&other)[1]["tvdb_id"], 8);
}

#[test]
fn one_film_is_several_specials_by_a_range_or_by_several_rules() {
    let (world, other) = (World::new(), World::new());
    let film = ["--movie-title", "Akira", "--tmdb-id", "149", "--show-name", "Naruto"];
    let add = |episode| [&["rules", "add"][..], &film, &["--episode", episode]].concat();
    world.run(&add("S00E01-E04")).succeeds().says("added rule 1");
    world.run(&add("6")).succeeds().says("added rule 2");
    world.run(&add("E04-E05")).exits(1).says("is there already: edit or remove that one");
    world.run(&add("S01E01-S01E02")).succeeds().says("added rule 3");
    world.run(&["rules"]).succeeds().says(
        "1  Akira (tmdb 149)  Naruto S00E01-E04\n2  Akira (tmdb 149)  Naruto S00E06\n3  Akira (tmdb 149)  Naruto S01E01-E02\n",
    );

    let exported = export(&world);
    let expected = [(1, Value::from(4), "00"), (6, Value::Null, ""), (1, Value::from(2), "01")];
    for (rule, (first, last, season)) in exported.as_array().unwrap().iter().zip(expected) {
        assert_eq!((&rule["episode"], &rule["last_episode"]), (&first.into(), &last));
        assert_eq!((&rule["movie_title"], rule["season"].as_str().unwrap_or_default()), (&"Akira".into(), season));
    }
    import(&other, &exported.to_string()).succeeds().says("3 added");
    assert_eq!(export(&other), exported);
    for csv in [
        "movie_title,tmdb_id,show_name,episode,last_episode,season\nAkira,149,Naruto,1,4,00\nAkira,149,Naruto,6,,\nAkira,149,Naruto,1,2,01\n",
        "movie_title,tmdb_id,show_name,episode\nAkira,149,Naruto,S00E01-E04\nAkira,149,Naruto,6\nAkira,149,Naruto,S01E01-E02\n",
    ] {
        import(&other, csv).succeeds().says("0 added, 0 changed, 3 as they were");
    }

    world.run(&["rules", "edit", "1", "--episode", "2-3"]).succeeds();
    world.run(&["rules", "edit", "3", "--episode", "S02E07"]).succeeds();
    world.run(&["rules", "edit", "2", "--episode", "S01E06", "--season", "00"]).exits(2).says("one of them is wrong");
    let exported = export(&world);
    assert_eq!((&exported[0]["episode"], &exported[0]["last_episode"]), (&2.into(), &3.into()));
    assert_eq!((&exported[2]["episode"], &exported[2]["season"]), (&7.into(), &"02".into()));
    assert_eq!(exported[2].get("last_episode"), None);
}

#[test]
fn everything_that_is_typed_wrong_is_told_at_once_with_exit_code_2() {
    let world = World::new();
    let wrong = ["--tmdb-id", "x", "--episode", "4-1", "--season", "abc"];
    let told = "--tmdb-id is \"x\": it must be a whole number of at most 2147483647; --episode is 4-1: the second number must be \
                the greater one, by at most 99; --season is \"abc\": it must be 1 to 4 digits";
    world.run(&[&["rules", "add", "--movie-title", "A", "--show-name", "B"][..], &wrong].concat()).exits(2).says(told);
    world.run(&[&["rules", "edit", "1"][..], &wrong].concat()).exits(2).says(told);
    world
        .run(&["rules", "add", "--episode", "3"])
        .exits(2)
        .says("--movie-title is missing; --tmdb-id is missing; --show-name is missing: see \"plex-linker --help\"");
    let add = ["rules", "add", "--movie-title", "A", "--tmdb-id", "1", "--show-name", "B", "--episode", "3"];
    world.run(&add).succeeds();
    world.run(&["rules", "edit", "1", "--episode", "none"]).exits(2).says("episode is missing");
    let csv = "movie_title,tmdb_id,show_name,episode\nA,x,Show,1\nB,1,,\nC,1,Show,1,2\n";
    import(&world, csv).exits(2).says(
        "line 2 cannot be imported: tmdb_id is \"x\": it must be a whole number of at most 2147483647; \
         line 3 cannot be imported: show_name is missing; \
         line 3 cannot be imported: episode is missing: give the special's number; \
         line 4 cannot be imported: \"2\" is below no field: put a text with ',' in quotes",
    );
    let twice = "movie_title,tmdb_id,show_name,episode\nA,1,Show,1-3\nA,1,Show,2\n";
    import(&world, twice).exits(2).says("rule 2 (\"A\") cannot be imported: episode is the same special");
}

#[test]
fn a_rule_is_confirmed_by_its_own_command_or_by_its_number() {
    let world = World::new();
    let rule = world.add_rule(&rules::wish("Akira", 149, "Naruto", 5));
    let id = rule.to_string();
    world.run(&["rules"]).succeeds();
    let database = || rusqlite::Connection::open(world.state().join("plex_linker.db")).unwrap();
    let remembered = |command: &[&str]| {
        let sql = "INSERT INTO pl_meanings (rule, body) VALUES (?1, '{}') ON CONFLICT DO NOTHING";
        database().execute(sql, [rule]).unwrap();
        world.run(command).succeeds();
        database().query_row("SELECT count(*) FROM pl_meanings", [], |row| row.get::<_, i64>(0)).unwrap() == 1
    };
    assert!(remembered(&["rules", "edit", &id, "--movie-title", "AKIRA"]));
    assert!(!remembered(&["rules", "edit", &id, "--episode", "5"]), "a number that is typed, even the same");
    assert!(!remembered(&["rules", "edit", &id, "--tvdb-id", "7"]), "it means something else");
    assert!(!remembered(&["rules", "confirm", &id]));
    world.run(&["rules", "confirm", &id]).says("confirmed rule 1 (AKIRA in Naruto): it means what is S00E05 now");
    world.run(&["rules", "confirm", "9"]).exits(1).says("there is no rule 9");
}

#[test]
fn spreadsheets_are_imported_as_they_write_csv() {
    let plain = "movie_title,tmdb_id,show_name,episode\nAkira,149,Naruto,5\n";
    for csv in [
        plain.to_string(),
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace(',', ";"),
        plain.trim_end().to_string(),
        format!("{plain}\n,,,\n"),
        "episode,show_name,tmdb_id,movie_title,id\n5, Naruto ,149,\"Akira\",77\n".into(),
        plain.replace('\n', "\r"),
        plain.replace(',', "\t"),
        format!("sep=;\r\n{}", plain.replace(',', ";")),
        // so a comma in a field's name or a title does no harm
        format!("sep=\t\n{}", plain.replace(',', "\t")),
    ] {
        let utf16 = |order: fn(u16) -> [u8; 2]| format!("\u{feff}{csv}").encode_utf16().flat_map(order).collect();
        for text in [csv.clone().into_bytes(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
            let world = World::new();
            import(&world, &text).succeeds().says("1 added");
            let rule = &export(&world)[0];
            assert_eq!(
                (&rule["movie_title"], &rule["show_name"], &rule["episode"]),
                (&"Akira".into(), &"Naruto".into(), &5.into())
            );
        }
    }
    import(&World::new(), b"movie_title\nAm\xe9lie\n").exits(2).says("it is text in neither UTF-8 nor UTF-16");
}

#[test]
fn a_list_with_a_mistake_is_refused_whole_and_the_place_is_named() {
    let world = World::new();
    let head = "movie_title,tmdb_id,show_name,episode\nGood,1,Show,1\n";
    let cases = [
        (
            format!("{head}\"two\nlines\",x,Show,2\n"),
            "line 3 cannot be imported: tmdb_id is \"x\": it must be a whole number",
        ),
        (format!("{head}\n\nBad,x,Show,2\n"), "line 5 cannot be imported: tmdb_id is \"x\": it must be a whole number"),
        (format!("{head}\"Bad,2,Show,2\n"), "line 3 cannot be imported: a quotation is never closed"),
        ("title,tmdb_id\nGood,1\n".into(), "line 1 cannot be imported: \"title\" is no field of a rule"),
        (String::new(), "there is nothing in it"),
        (format!("{head}Bad,0,Show,2\n"), "line 3 cannot be imported: tmdb_id is 0: it must be a positive number"),
        (
            r#"[{"movie_title": "Bad", "episode": "4-1"}]"#.into(),
            "rule 1 (\"Bad\") cannot be imported: tmdb_id is missing; rule 1 (\"Bad\") cannot be imported: show_name is missing",
        ),
        (r#"[{"movie_title": "Bad", "tmdb_id": 1, "show_name": "S", "episode": 1, "sason": "1"}]"#.into(), "sason"),
        ("{}".into(), "this is no list of rules in JSON: "),
        ("[".into(), "this is no list of rules in JSON: "),
    ];
    for (text, expected) in cases {
        import(&world, &text).exits(2).says(expected);
        assert_eq!(export(&world), serde_json::json!([]), "{text}");
    }
    world.run(&["rules", "import", "/not/there"]).exits(2).says("cannot read /not/there: No such file or directory");
}

#[test]
fn status_shows_what_the_last_run_found() {
    let world = World::new();
    let sample = Sample::new(&world);
    world.run(&["status"]).succeeds().says("there has been no run yet: \"plex-linker once\" does one");
    assert_eq!(world.run(&["status", "--json"]).succeeds().stdout, "null\n");
    sample.paprika.lose_file();
    world.run(&["once"]).succeeds();
    let link = world.path(NARUTO_LINK);
    world
        .run(&["status"])
        .succeeds()
        .says(": 1 change: 1 of 2 rules linked\n")
        .says(&format!("rule 1  linked                  {}\n", link.display()))
        .says("rule 2  waiting for movie file  Radarr has no file for \"Paprika\" yet\n");
    world.set("RADARR_0_API_KEY", "wrong");
    world.run(&["once"]).exits(1);
    world.run(&["status"]).succeeds().says("problem: cannot ask radarr for its films: it refuses the key");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn the_report_as_json_has_the_same_fields_always() {
    let world = World::new();
    let sample = Sample::new(&world);
    sample.paprika.lose_file();
    for arguments in
        [["once", "--json", "--dry-run"], ["once", "--json", "--force"], ["status", "--json", "--config=/dev/null"]]
    {
        let report: Value = serde_json::from_str(&world.run(&arguments).succeeds().stdout).unwrap();
        assert_eq!(keys(&report), ["at", "changed", "changes", "failed", "places", "problems", "rules", "summary"]);
        assert_eq!(keys(&report["rules"][0]), ["link", "reason", "rule", "since", "state", "subtitles"]);
        assert_eq!(report["rules"][0]["state"], "linked");
        assert_eq!(report["rules"][1]["state"], "waiting_for_movie_file");
        assert_eq!(report["changes"].as_array().unwrap().len(), 1);
        assert_eq!((&report["failed"], &report["problems"]), (&false.into(), &serde_json::json!([])));
    }
}

#[test]
fn variables_may_be_in_a_file() {
    let world = World::new();
    Sample::new(&world);
    let file = world.state().join("plex-linker.env");
    let root = world.variable("MEDIA_ROOT").unwrap();
    fs::write(&file, format!("# where everything is\nMEDIA_ROOT=\"{root}\"\nPLEX_LINKER_LOG=nonsense\n")).unwrap();
    world.unset("MEDIA_ROOT");
    let file = file.to_str().unwrap();
    world.run(&["once", "--config", file]).exits(2).says("PLEX_LINKER_LOG is \"nonsense\": it must be error, warn");
    world.set("PLEX_LINKER_LOG", "info");
    world.run(&["once", "--dry-run"]).succeeds().says("MEDIA_ROOT is not set");
    world.run(&["--config", file, "once", "--dry-run"]).succeeds().says("2 changes");
    world.run_with(&[("PLEX_LINKER_CONFIG", file)], &["once"]).succeeds().says("2 of 2 rules linked");
    world.assert_links(&BOTH);
    world.run(&["--config", "/not/there"]).exits(1).says("/not/there");
}

/// In a mount namespace, so that this machine's own folders stay as they are.
#[test]
fn the_packages_settings_need_no_naming_and_root_acts_as_their_user() {
    let enter = "mount -t tmpfs t /etc && mount -t tmpfs t /var/lib && mkdir /etc/plex-linker /var/lib/plex-linker && \
                 chown 65534:65534 /var/lib/plex-linker && printf '%s' \"$SETTINGS\" > /etc/plex-linker/plex-linker.env && \
                 exec \"$@\"";
    let world = World::new();
    Sample::new(&world);
    let settings = |world: &World| format!("MEDIA_ROOT={}\n", world.variable("MEDIA_ROOT").unwrap());
    world.set("SETTINGS", &settings(&world));
    for variable in ["MEDIA_ROOT", "PLEX_LINKER_CONFIG", "STATE_DIRECTORY", "DATABASE_URL"] {
        world.unset(variable);
    }
    // as a job of a scheduler that systemd has started
    world.set("INVOCATION_ID", "0123456789abcdef0123456789abcdef");
    world.set("SYSTEMD_EXEC_PID", "1");
    let below = |words: &[&str], arguments: &[&str]| {
        let wrapper = [&["unshare", "--mount", "sh", "-c", enter, "sh"], words].concat();
        world.finish(world.command_below(&wrapper, arguments))
    };
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can mount");
    }
    let then = "\"$0\" \"$@\"; stat -c '%n %u:%g' /var/lib/plex-linker/*";
    let ran = below(&["sh", "-c", then], &["once"]).succeeds();
    ran.says("0 rules linked").says("/var/lib/plex-linker/plex_linker.db 65534:65534");
}

#[test]
fn as_much_is_told_as_is_asked_for() {
    let levels = ["error", "warn", "info", "debug", "trace"];
    let mut lines = Vec::new();
    for level in levels {
        let world = World::new();
        Sample::new(&world).paprika.lose_file();
        lines.push(world.run_with(&[("PLEX_LINKER_LOG", level)], &["once"]).succeeds().stderr.lines().count());
    }
    assert_eq!(lines[..3], [0, 1, 3], "a rule that cannot be met, a change and a summary");
    assert!(lines[3] >= lines[2] && lines[4] >= lines[3] + 5, "{lines:?}");
}

#[test]
fn the_journal_gets_priorities_and_no_times() {
    let world = World::new();
    Sample::new(&world).paprika.lose_file();
    let starts =
        |text: &str| -> Vec<_> { text.lines().map(|line| line.split(' ').next().unwrap().to_string()).collect() };
    let text = journal(&world, &["once"]);
    assert_eq!(starts(&text), ["<6>create", "<4>rule", "<6>1"], "{text}");
    // another program's
    world.run_with(&[("JOURNAL_STREAM", "1:1")], &["once"]).succeeds().never_says("<6>");
    // why it has ended
    world.unset("MEDIA_ROOT");
    assert_eq!(starts(&journal(&world, &["once"])), ["<4>MEDIA_ROOT"]);
    world.set("PLEX_LINKER_PORT", "none");
    assert_eq!(starts(&journal(&world, &["once"])), ["<3>PLEX_LINKER_PORT"]);
}

/// What a run tells the journal.
fn journal(world: &World, arguments: &[&str]) -> String {
    let log = world.state().join("journal");
    let file = fs::File::create(&log).unwrap();
    let found = file.metadata().unwrap();
    let mut command = world.command(arguments);
    command.env("JOURNAL_STREAM", format!("{}:{}", found.dev(), found.ino())).stderr(file);
    command.status().unwrap();
    fs::read_to_string(log).unwrap()
}

#[test]
fn control_characters_in_names_reach_no_terminal() {
    // D64
    let world = World::new();
    let evil = "x\u{1b}[2J\n2026-11-22 16:00:00Z info: forged\u{9b}1m";
    let film = world
        .movie("Film", 1)
        .file(&format!("movies/{evil}/{evil}.mkv"), "DVD")
        .edit(|movie| movie.title = evil.into());
    let show = world.series("Show", 2).special(1, evil);
    let gone = world.movie("Gone", 3).edit(|movie| movie.title = evil.into());
    world.rule(film.edit(|movie| movie.title = "Film".into()), show, 1);
    gone.edit(|movie| movie.title = "Gone".into());
    world.rule(gone, show, 2);
    gone.edit(|movie| movie.title = evil.into());
    rusqlite::Connection::open(world.state().join("plex_linker.db"))
        .unwrap()
        .execute("INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode) VALUES (?1, 1, ?1, 1)", [evil])
        .unwrap();
    for command in TELLING {
        let outcome = world.run(command).succeeds();
        let bad = |c: char| c.is_control() && c != '\n';
        world.assert(!outcome.output().contains(bad), "a control character reached the terminal");
        let forged = outcome.output().lines().any(|line| line.starts_with("2026-11-22 16:00:00Z"));
        world.assert(!forged, "a line is forged");
    }
    world.run(&[&format!("on{evil}")]).exits(2).never_says("\u{1b}");
    world.set("MEDIA_ROOT", &format!("/{evil}"));
    world.run(&["once"]).succeeds().never_says("\u{1b}");
    world.assert(world.links().len() == 1, "the film should be linked all the same");
}

#[test]
fn a_variable_that_does_nothing_is_told_once_by_every_command() {
    let sample = World::new();
    sample.set("PLEX_LINKER_CLEANUP", "off");
    let line = "PLEX_LINKER_CLEANUP does nothing: there is no such variable";
    for command in [&["rules", "list"][..], &["status"], &["rules", "export"], &["key"]] {
        let said = sample.run(command).succeeds();
        assert_eq!(said.stderr.matches(line).count(), 1, "{command:?}: {}", said.stderr);
        assert!(said.stderr.contains("warn: ") && said.stderr.contains("write PLEX_LINKER_CLEAN, or remove it"));
    }
    let check = sample.run(&["check"]).exits(1);
    assert!(check.stdout.contains(&format!("wrong    {line}\n         → write PLEX_LINKER_CLEAN, or remove it\n")));
    assert_eq!(check.output().matches(line).count(), 1);
}

#[test]
fn with_errors_alone_nothing_else_is_told() {
    let world = World::new();
    world.set("PLEX_LINKER_LOG", "error");
    world.set("PLEX_LINKER_CLEANUP", "off");
    world.unset("MEDIA_ROOT");
    assert_eq!(world.run(&["once"]).succeeds().output(), "");
    world.set("PLEX_LINKER_LOG", "info");
    assert_ne!(world.run(&["once"]).succeeds().output(), "");
}

#[test]
fn a_variable_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let mut command = world.command(&["once"]);
    command.env("SONARR_0_PATH_MAP", std::ffi::OsStr::from_bytes(b"/tv=/mnt/\xff"));
    world.finish(command).exits(2).says("SONARR_0_PATH_MAP is not text in UTF-8");
}

#[test]
fn a_user_without_a_group_is_given_his_own() {
    let world = World::new();
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can become another user");
    }
    std::os::unix::fs::chown(world.state(), Some(65534), Some(65534)).unwrap();
    world.set("PUID", "65534");
    world.run(&["key"]).succeeds();
    let made = fs::metadata(world.state().join("plex_linker.key")).unwrap();
    assert_eq!((made.uid(), made.gid()), (65534, 65534));
    world.set("PUID", "54321");
    world.run(&["key"]).exits(2).says("PUID is 54321, a user without an account on this machine: set PGID, too");
}

#[test]
fn root_goes_on_as_the_owner_of_the_media() {
    let world = World::new();
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can become another user");
    }
    world.unset("DATABASE_URL");
    std::os::unix::fs::chown(world.media(), Some(12345), Some(2345)).unwrap();
    let state = world.state();
    let said = format!(
        "cannot use STATE_DIRECTORY {0}: Permission denied (os error 13): as root, \"chown -R 12345:2345 {0}\" mends it",
        state.display()
    );
    world.run(&["key"]).exits(1).says(&said);
    std::os::unix::fs::chown(&state, Some(12345), Some(2345)).unwrap();
    world.run(&["key"]).succeeds().says("going on as user 12345, who owns the media in ").says(", and group 2345: ");
    let made = fs::metadata(state.join("plex_linker.key")).unwrap();
    assert_eq!((made.uid(), made.gid()), (12345, 2345));
    // a group alone names no user
    fs::remove_file(state.join("plex_linker.key")).unwrap();
    world.set("PGID", "77");
    world.run(&["key"]).succeeds().says("going on as user 12345, who owns the media in ").says(", and group 77: ");
    let made = fs::metadata(state.join("plex_linker.key")).unwrap();
    assert_eq!((made.uid(), made.gid()), (12345, 77));
}

#[test]
fn who_is_not_root_becomes_nobody_else_and_is_told() {
    let world = World::new();
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can become another user");
    }
    std::os::unix::fs::chown(world.state(), Some(65534), Some(65534)).unwrap();
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let key = || world.finish(world.command_below(&nobody, &["key"])).succeeds();
    let said = |outcome: &Outcome| outcome.output().contains("PUID and PGID do nothing here: plex-linker runs as");
    for (uid, gid, told) in [("65534", "65534", false), ("65534", "7", true), ("7", "65534", true)] {
        world.set("PUID", uid);
        world.set("PGID", gid);
        assert_eq!(said(&key()), told, "{uid} {gid}");
    }
    // systemd has its own ways to choose the user
    world.set("INVOCATION_ID", "x");
    assert!(!said(&key()));
}

/// A volume of a NAS is root's, and holds more than films and shows.
#[test]
fn root_goes_on_as_the_owner_of_the_folders_where_the_media_root_is_roots() {
    let world = World::new();
    if !nix::unistd::geteuid().is_root() {
        return skip("only root can become another user");
    }
    world.movie("A Film", 5).file("movies/A Film/A Film.mkv", "DVD");
    world.series("A Show", 6).special(1, "The Special");
    for path in [world.state(), world.path("tv"), world.path("movies"), world.path("tv/A Show")] {
        std::os::unix::fs::chown(path, Some(1026), Some(100)).unwrap();
    }
    fs::create_dir(world.path("docker")).unwrap();
    world.run(&[
        "rules",
        "add",
        "--movie-title",
        "A Film",
        "--tmdb-id",
        "5",
        "--show-name",
        "A Show",
        "--episode",
        "1",
    ]);
    world.run(&["once"]).succeeds().says("going on as user 1026, who owns the media in ").says(", and group 100: ");
    let made = fs::metadata(world.path("tv/A Show/Season 00")).unwrap();
    assert_eq!((made.uid(), made.gid()), (1026, 100));

    fs::create_dir(world.path("homes")).unwrap();
    std::os::unix::fs::chown(world.path("homes"), Some(1027), Some(100)).unwrap();
    world.run(&["once"]).succeeds().says("going on as root, since the media in ").says("set PUID and PGID");
}
