//! SQLite's file: what we leave alone, and what is told when it cannot be used.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::*;

/// An old file of the old program: rolled back journal, its tables, one rule.
fn old_file(folder: &Path) -> PathBuf {
    let file = folder.join("rules.db");
    let database = Database::Sqlite(file.clone());
    sql(&database, OLD_SQLITE);
    sql(&database, "INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode) VALUES ('A', 603, 'Show', 1)");
    file
}

#[test]
fn looking_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = old_file(folder.path());
    let database = Database::Sqlite(file.clone());
    drop(open(&database));
    let look = || (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap());
    let before = look();

    let mut db = open(&database);
    db.rules().unwrap();
    db.links().unwrap();
    db.last_run().unwrap();
    db.hold().unwrap();
    db.save(&plex_linker::db::Changes::default()).unwrap();
    db.untold().unwrap();
    db.meanings().unwrap();
    db.import_rules(&[wish("A", "Show", 1)]).unwrap();
    drop(db);

    assert_eq!(look(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_tables_of_the_first_versions_work_too() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("rules.db"));
    sql(
        &database,
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE link_rules (id INTEGER PRIMARY KEY AUTOINCREMENT, movie_title TEXT NOT NULL, tmdb_id INTEGER NOT NULL,
            show_name TEXT NOT NULL, episode INTEGER, season TEXT, episode_id INTEGER, series_id INTEGER, tvdb_id INTEGER,
            UNIQUE(movie_title, show_name))",
    );
    let mut db = open(&database);
    let rule = db.add_rule(&wish("A", "Show", 1)).unwrap();
    assert_eq!(db.rules().unwrap().rules, [rule]);
    db.set_setting("k", &serde_json::json!("v")).unwrap();
    assert_eq!(db.setting("k").unwrap(), Some(serde_json::json!("v")));
}

#[test]
fn a_new_file_is_for_us_alone_and_its_journal_is_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.db");
    drop(open(&Database::Sqlite(file.clone())));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let mode: String =
        rusqlite::Connection::open(&file).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn what_cannot_be_used_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("text"), "no database, but long enough to look at; ".repeat(100)).unwrap();
    fs::create_dir(file("folder")).unwrap();
    let mut damaged = fs::read(old_file(folder.path())).unwrap();
    damaged[100..].fill(0xff);
    fs::write(file("damaged"), damaged).unwrap();
    let cases = [
        (Database::Sqlite(file("missing/rules.db")), "its folder is not there"),
        (Database::Sqlite(file("text")), "the file is not an SQLite database"),
        (Database::Sqlite(file("text/rules.db")), "its folder is not there"),
        (Database::Sqlite(file("folder")), "it is a folder"),
        (Database::Sqlite(file("damaged")), "the file is damaged"),
    ];
    for (database, expected) in cases {
        let problem = sentence(Db::open(&database));
        assert!(problem.contains(expected), "{problem}");
        assert!(problem.starts_with("cannot "), "{problem}");
        assert!(problem.contains(folder.path().to_str().unwrap()), "{problem}");
    }
    assert!(!file("missing").exists());
}
