//! The database: each test that can runs on SQLite and on a real PostgreSQL.

mod databases;
mod postgres;
pub mod records;
mod rules;
mod sqlite;

use plex_linker::{
    config::Database,
    db::Db,
    error::Error,
    model::{NewRule, Rule},
};

use crate::support;

/// The old program's tables, word for word as SQLAlchemy makes them.
pub const OLD_SQLITE: &str = "
CREATE TABLE link_rules (
\tid INTEGER NOT NULL, 
\tmovie_title VARCHAR NOT NULL, 
\ttmdb_id INTEGER NOT NULL, 
\tshow_name VARCHAR NOT NULL, 
\tepisode INTEGER, 
\tseason VARCHAR, 
\tepisode_id INTEGER, 
\tseries_id INTEGER, 
\ttvdb_id INTEGER, 
\tPRIMARY KEY (id), 
\tUNIQUE (movie_title, show_name)
);
CREATE TABLE settings (
\t\"key\" VARCHAR NOT NULL, 
\tvalue TEXT NOT NULL, 
\tPRIMARY KEY (\"key\")
);
";

/// Runs `test` with a database that is not there yet, and with an empty one.
fn on_both(test: impl Fn(&Database)) {
    let folder = tempfile::tempdir().unwrap();
    test(&Database::Sqlite(folder.path().join("rules.db")));
    test(&postgres_database());
}

/// The same with a database that the old program has made and used.
fn on_both_old(test: impl Fn(&Database)) {
    on_both(|database| {
        let postgres = OLD_SQLITE.replace("id INTEGER NOT NULL, \n\tmovie", "id SERIAL NOT NULL, \n\tmovie");
        sql(database, if matches!(database, Database::Sqlite(_)) { OLD_SQLITE } else { &postgres });
        sql(
            database,
            "INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode, season) VALUES ('Old Film', 7, 'Show', 1, '00')",
        );
        test(database);
    });
}

fn postgres_database() -> Database {
    Database::parse(&support::postgres::database()).unwrap()
}

/// What another program does to the database.
fn sql(database: &Database, statements: &str) {
    match database {
        Database::Postgres { server, .. } => {
            server.connect(::postgres::NoTls).unwrap().batch_execute(statements).unwrap()
        }
        Database::Sqlite(file) => {
            rusqlite::Connection::open(file).unwrap().execute_batch(statements).unwrap();
        }
    }
}

fn client(url: &str) -> ::postgres::Client {
    ::postgres::Client::connect(url, ::postgres::NoTls).unwrap()
}

fn open(database: &Database) -> Db {
    Db::open(database).unwrap()
}

/// The sentence of an error that is the database's.
fn sentence<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Database(text)) => text,
        Err(error) => panic!("another error: {error:?}"),
        Ok(_) => panic!("no error"),
    }
}

fn wish(movie: &str, show: &str, episode: i32) -> NewRule {
    support::rules::wish(movie, 603, show, episode)
}

fn wishes(rules: &[Rule]) -> Vec<NewRule> {
    rules.iter().map(|rule| rule.wish.clone()).collect()
}
