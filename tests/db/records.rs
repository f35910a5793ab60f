//! Settings, links, runs, and the tables that they are in.

use std::cell::RefCell;

use plex_linker::{
    db::Changes,
    model::{Concerns, KnownSpecial, Link, Meaning, Report, RuleState, Untold},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::*;
use crate::support::{campaign, settings};

#[test]
fn a_setting_comes_back_as_it_went_in() {
    on_both(|database| {
        let mut db = open(database);
        for value in &settings::values() {
            db.set_setting("key", value).unwrap();
            assert_eq!(open(database).setting("key").unwrap().as_ref(), Some(value));
        }
        assert_eq!(db.setting("other").unwrap(), None);
    });
}

#[test]
fn what_is_dismissed_is_remembered() {
    on_both(|database| {
        let dismissed = || {
            let mut list: Vec<String> = open(database).dismissed().unwrap().into_iter().collect();
            list.sort();
            list
        };
        assert_eq!(dismissed(), [""; 0]);
        for id in ["7249-5", "1-70x3", "7249-5"] {
            open(database).dismiss(id).unwrap();
        }
        assert_eq!(dismissed(), ["1-70x3", "7249-5"]);
        assert!(open(database).restore("7249-5").unwrap());
        assert!(!open(database).restore("7249-5").unwrap());
        assert_eq!(dismissed(), ["1-70x3"]);
    });
}

/// Any JSON value, nested as it may be.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter_map("JSON has no such number", |number| serde_json::Number::from_f64(number).map(Value::from)),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn any_setting_comes_back_as_it_went_in() {
    let cases = campaign::size(100, 10_000);
    on_both(|database| {
        let db = RefCell::new(open(database));
        let config = Config { cases: cases as u32, failure_persistence: None, ..Config::default() };
        let came_back = TestRunner::new(config).run(&any_json(), |value| {
            db.borrow_mut().set_setting("key", &value).unwrap();
            prop_assert_eq!(db.borrow_mut().setting("key").unwrap(), Some(value));
            Ok(())
        });
        came_back.unwrap();
    });
    campaign::figure(&format!("{cases} settings made up by chance"), "each came back as it went in");
}

#[test]
fn settings_of_the_old_program_are_read_as_it_reads_them() {
    on_both_old(|database| {
        let cases = [
            ("plain text", json!("plain text")),
            ("", json!("")),
            ("1", json!(1)),
            ("1.5", json!(1.5)),
            ("true", json!(true)),
            ("True", json!("True")),
            ("null", Value::Null),
            ("None", json!("None")),
            ("[1, \"a\"]", json!([1, "a"])),
            ("{\"a\": {\"b\": 2}}", json!({"a": {"b": 2}})),
            ("{not json", json!("{not json")),
        ];
        let mut db = open(database);
        db.set_setting("key", &json!("ours")).unwrap();
        for (raw, value) in cases {
            sql(database, &format!("UPDATE settings SET value = '{raw}' WHERE key = 'key'"));
            assert_eq!(db.setting("key").unwrap(), Some(value), "{raw}");
        }
    });
}

#[test]
fn a_key_with_a_nul_is_refused() {
    on_both(|database| assert!(sentence(open(database).set_setting("a\0b", &json!(1))).contains("NUL")));
}

fn link(path: &str) -> Link {
    Link {
        path: path.into(),
        rule: 1,
        named: format!("{path} as named"),
        target: "../../film.mkv".into(),
        was: None,
        concerns: Concerns { sonarr: 0, series_id: 2, radarr: 1, movie_id: 3 },
    }
}

fn save(db: &mut Db, links: &[Link], forget: &[&str]) -> plex_linker::error::Result<()> {
    let forget = forget.iter().map(|path| path.to_string()).collect();
    db.save(&Changes { links: links.into(), forget, ..Changes::default() })
}

#[test]
fn links_are_kept_replaced_and_forgotten_by_path() {
    on_both(|database| {
        let mut db = open(database);
        assert_eq!(db.links().unwrap(), []);
        save(&mut db, &[link("/m/b"), link("/m/a"), link("/m/B")], &[]).unwrap();
        assert_eq!(open(database).links().unwrap(), [link("/m/B"), link("/m/a"), link("/m/b")]);

        let changed = Link {
            rule: 9,
            named: "/m/é".into(),
            target: "other".into(),
            was: Some("../../film.mkv".into()),
            concerns: Concerns { sonarr: 5, series_id: 6, radarr: 7, movie_id: 8 },
            ..link("/m/a")
        };
        save(&mut db, std::slice::from_ref(&changed), &["/m/b", "/m/never"]).unwrap();
        assert_eq!(open(database).links().unwrap(), [link("/m/B"), changed]);
    });
}

#[test]
fn links_are_saved_all_or_none() {
    on_both(|database| {
        let mut db = open(database);
        save(&mut db, &[link("/m/a")], &[]).unwrap();
        sentence(save(&mut db, &[link("/m/b"), link("/m/\0")], &["/m/a"]));
        assert_eq!(db.links().unwrap(), [link("/m/a")]);
        // and the connection goes on
        save(&mut db, &[link("/m/c")], &[]).unwrap();
        assert_eq!(db.links().unwrap().len(), 2);
    });
}

#[test]
fn whom_to_tell_and_what_rules_mean_is_kept_until_it_is_taken_back() {
    on_both(|database| {
        let mut db = open(database);
        let rule = db.add_rule(&wish("Film", "Show", 3)).unwrap().id;
        let untold = vec![Untold::Series(0, 7), Untold::Movie(1, 7), Untold::Series(1, 7)];
        let special = KnownSpecial { tvdb_id: Some(9), number: 3, title: "The \"Film\"".into() };
        let meaning = Meaning {
            rule,
            wish: "Film".into(),
            sonarr: 0,
            series_id: 7,
            series_tvdb_id: 70,
            specials: vec![special],
            radarr: 1,
            movie_id: 8,
            disk: Some("/media/movies".into()),
        };
        let changes = Changes { untold, meanings: vec![meaning.clone()], ..Changes::default() };
        db.save(&changes).unwrap();
        db.save(&changes).unwrap();
        db.save(&Changes { told: vec![Untold::Series(1, 7), Untold::Series(5, 5)], ..Changes::default() }).unwrap();
        let mut db = open(database);
        assert_eq!(db.untold().unwrap(), [Untold::Series(0, 7), Untold::Movie(1, 7)].into());
        assert_eq!(db.meanings().unwrap(), [meaning]);
        // a rule that is gone means nothing any more
        db.remove_rules(&[rule]).unwrap();
        assert_eq!(db.meanings().unwrap(), []);
    });
}

/// The tables of our own as version 4.0 made them.
pub const OURS_OF_4_0: &str = "
    CREATE TABLE pl_links (
        path TEXT NOT NULL PRIMARY KEY, rule INTEGER NOT NULL, placed TEXT NOT NULL, target TEXT NOT NULL, was TEXT,
        sonarr INTEGER NOT NULL, series_id INTEGER NOT NULL, radarr INTEGER NOT NULL, movie_id INTEGER NOT NULL,
        gone INTEGER NOT NULL, told INTEGER NOT NULL, changed_at BIGINT NOT NULL);
    CREATE TABLE pl_runs (number BIGINT NOT NULL PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE pl_meta (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL);
    INSERT INTO pl_meta (name, value) VALUES ('schema', 1);";

const LINKS_OF_4_0: &str = "
    INSERT INTO pl_links VALUES ('/m/a', 1, '/m/a', 'film', NULL, 0, 2, 1, 3, 0, 1, 5);
    INSERT INTO pl_links VALUES ('/m/b', 1, '/m/b', 'film', 'old', 0, 2, 1, 4, 0, 0, 5);
    INSERT INTO pl_links VALUES ('/m/c', 0, '/m/c', 'film', NULL, 0, 2, 0, 0, 1, 0, 5);";

#[test]
fn the_records_of_version_4_0_are_taken_over() {
    on_both_old(|database| {
        sql(database, OURS_OF_4_0);
        sql(database, LINKS_OF_4_0);
        // by whoever is first, and once
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| open(database)))));
        let mut db = open(database);
        let link = |path: &str, was: Option<&str>, movie_id| Link {
            path: path.into(),
            rule: 1,
            named: String::new(),
            target: "film".into(),
            was: was.map(String::from),
            concerns: Concerns { sonarr: 0, series_id: 2, radarr: 1, movie_id },
        };
        assert_eq!(db.links().unwrap(), [link("/m/a", None, 3), link("/m/b", Some("old"), 4)]);
        assert_eq!(db.untold().unwrap(), [Untold::Series(0, 2), Untold::Movie(1, 4)].into());
        assert_eq!(db.meanings().unwrap(), []);
    });
}

fn run(at: i64) -> Report {
    Report {
        at,
        summary: "1 link made".into(),
        failed: at % 2 == 1,
        changes: vec!["a \"change\" \u{0}\n".into()],
        changed: vec![1],
        places: vec!["/m/a".into()],
        problems: vec!["é".into()],
        rules: vec![RuleState {
            rule: 1,
            state: "linked".into(),
            reason: String::new(),
            link: Some("/m/a".into()),
            subtitles: Vec::new(),
            since: 5,
        }],
    }
}

#[test]
fn the_newest_runs_are_kept_newest_first() {
    on_both(|database| {
        let mut db = open(database);
        assert_eq!(db.last_run().unwrap(), None);
        // a clock that is set back does not make a run old
        for at in (0..205).rev() {
            db.save_run(&run(at)).unwrap();
        }
        assert_eq!(open(database).last_run().unwrap(), Some(run(0)));
        let expected: Vec<_> = (0..200).map(|at| Report { rules: Vec::new(), ..run(at) }).collect();
        assert_eq!(db.runs(1000, 0).unwrap(), expected);
        assert_eq!(db.runs(3, 0).unwrap(), expected[..3]);
        assert_eq!(db.runs(3, 198).unwrap(), expected[198..]);
        assert_eq!(db.runs(3, 200).unwrap(), []);
        assert_eq!(db.runs(0, 0).unwrap(), []);
        assert_eq!(db.count_runs().unwrap(), 200);
    });
}

/// A number that the database computes.
fn size(database: &Database, query: &str) -> i64 {
    match database {
        Database::Postgres { server, .. } => {
            server.connect(::postgres::NoTls).unwrap().query_one(query, &[]).unwrap().get(0)
        }
        Database::Sqlite(file) => {
            rusqlite::Connection::open(file).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
        }
    }
}

#[test]
fn the_states_of_ten_thousand_rules_are_kept_once() {
    on_both(|database| {
        let mut db = open(database);
        let states = |at: i64| (1..=10_000).map(move |rule| RuleState { rule, since: at, ..run(at).rules[0].clone() });
        let whole = |at: i64| Report { rules: states(at).collect(), ..run(at) };
        // as version 4.0 left them
        for at in 1..=3 {
            let body = serde_json::to_string(&whole(at)).unwrap().replace('\'', "''");
            sql(database, &format!("INSERT INTO pl_runs (number, body) VALUES ({at}, '{body}')"));
        }
        assert_eq!(db.runs(20, 0).unwrap().iter().map(|run| run.rules.len()).sum::<usize>(), 0);
        for at in 4..=6 {
            db.save_run(&whole(at)).unwrap();
        }
        assert_eq!(db.last_run().unwrap(), Some(whole(6)));
        let kept = size(database, "SELECT sum(length(body)) FROM pl_runs");
        let one = serde_json::to_string(&whole(6)).unwrap().len() as i64;
        assert!(kept < one + 4096, "{kept} bytes for 6 runs, of which one has {one}");
        if let Database::Sqlite(file) = database {
            let length = std::fs::metadata(file).unwrap().len() as i64;
            assert!(length < 3 * one, "{length} bytes of a file whose largest run has {one}");
        }
    });
}

#[test]
fn a_run_of_another_version_is_left_out() {
    on_both(|database| {
        let mut db = open(database);
        db.save_run(&run(1)).unwrap();
        sql(database, "INSERT INTO pl_runs (number, body) VALUES (2, '{\"shape\": 2}')");
        assert_eq!(db.runs(10, 0).unwrap(), [Report { rules: Vec::new(), ..run(1) }]);
    });
}

/// Everything that the database says about the old program's two tables.
fn old_schema(database: &Database) -> Vec<String> {
    match database {
        Database::Postgres { server, .. } => server
            .connect(::postgres::NoTls)
            .unwrap()
            .query(
                "SELECT format('%s %s %s %s %s %s', table_name, ordinal_position, column_name, data_type, is_nullable,
                        column_default) AS line
                    FROM information_schema.columns WHERE table_name IN ('link_rules', 'settings')
                UNION SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE conrelid::regclass::text IN ('link_rules', 'settings')
                UNION SELECT indexdef FROM pg_indexes WHERE tablename IN ('link_rules', 'settings')
                UNION SELECT relname || ' ' || relkind::text FROM pg_class WHERE relname LIKE 'link_rules%'
                ORDER BY line",
                &[],
            )
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect(),
        Database::Sqlite(file) => rusqlite::Connection::open(file)
            .unwrap()
            .prepare("SELECT coalesce(sql, name) FROM sqlite_schema WHERE tbl_name IN ('link_rules', 'settings')")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap(),
    }
}

#[test]
fn an_old_database_opens_and_its_tables_stay_as_they_are() {
    on_both_old(|database| {
        let before = old_schema(database);
        assert!(before.iter().any(|line| line.contains("movie_title")), "{before:?}");
        let mut db = open(database);
        let old = NewRule { tmdb_id: 7, season: Some("00".into()), ..wish("Old Film", "Show", 1) };
        assert_eq!(db.rules().unwrap().rules, [Rule { id: 1, wish: old }]);
        assert_eq!(db.add_rule(&wish("New Film", "Show", 2)).unwrap().id, 2);
        save(&mut db, &[link("/m/a")], &[]).unwrap();
        db.save_run(&run(1)).unwrap();
        assert_eq!(old_schema(database), before);
        // and the old program goes on
        sql(database, "INSERT INTO link_rules (movie_title, tmdb_id, show_name) VALUES ('Third', 1, 'Show')");
        sql(database, "INSERT INTO settings (key, value) VALUES ('k', 'v')");
        assert_eq!(db.rules().unwrap().invalid[0].id, 3);
    });
}

#[test]
fn new_tables_are_as_the_old_program_makes_them() {
    on_both_old(|old| {
        let folder = tempfile::tempdir().unwrap();
        let new = match old {
            Database::Postgres { .. } => postgres_database(),
            _ => Database::Sqlite(folder.path().join("new.db")),
        };
        drop(open(&new));
        let words = |lines: Vec<String>| -> Vec<String> {
            lines.iter().map(|line| line.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        let made = words(old_schema(&new)).join("\n").replace("CREATE TABLE IF NOT EXISTS", "CREATE TABLE");
        assert_eq!(made, words(old_schema(old)).join("\n"));
    });
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    on_both(|database| {
        drop(open(database));
        sql(database, "UPDATE pl_meta SET value = 3");
        assert!(sentence(Db::open(database)).ends_with("upgrade plex-linker"));
    });
}

#[test]
fn several_may_open_a_new_database_at_the_same_moment() {
    on_both(|database| {
        std::thread::scope(|scope| {
            for title in ["A", "B", "C", "D"] {
                scope.spawn(move || open(database).add_rule(&wish(title, "Show", 1)).unwrap());
            }
        });
        assert_eq!(open(database).rules().unwrap().rules.len(), 4);
    });
}
