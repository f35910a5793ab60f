//! Rules, settings, links and runs, in SQLite or PostgreSQL: the only module that knows SQL.

mod postgres;
mod records;
mod rules;
mod sqlite;
mod tls;
mod value;

use crate::{
    config::Database,
    error::{Error, Result},
};
pub use records::Changes;
use value::{Failure, Kind, Row, Value};

/// An open database. It lives for one run or one request, and belongs to one thread.
///
/// Two of its tables, `link_rules` and `settings`, are the old program's: they are never altered, and it can still be used on the
/// same database.
pub struct Db {
    connection: Connection,
    /// The file, or host, port and database: for messages.
    shown: String,
    /// Whether the tables that are ours alone are there. A database that can only be read may lack them.
    ours: bool,
}

enum Connection {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

/// The version of our own tables, in `pl_meta`.
const SCHEMA: i64 = 2;

const TABLES: [&str; 11] = [
    "link_rules",
    "settings",
    "pl_rules",
    "pl_links",
    "pl_untold",
    "pl_scans",
    "pl_meanings",
    "pl_searches",
    "pl_dismissed",
    "pl_runs",
    "pl_meta",
];

/// No `STRICT`: the SQLite of an old Python could not read the file any more.
const MAKE: [&str; 12] = [
    "CREATE TABLE IF NOT EXISTS link_rules (
        id SERIAL NOT NULL,
        movie_title VARCHAR NOT NULL,
        tmdb_id INTEGER NOT NULL,
        show_name VARCHAR NOT NULL,
        episode INTEGER,
        season VARCHAR,
        episode_id INTEGER,
        series_id INTEGER,
        tvdb_id INTEGER,
        PRIMARY KEY (id),
        UNIQUE (movie_title, show_name)
    )",
    "CREATE TABLE IF NOT EXISTS settings (
        key VARCHAR NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (key)
    )",
    "CREATE TABLE IF NOT EXISTS pl_rules (
        rule INTEGER NOT NULL PRIMARY KEY,
        movie_title TEXT NOT NULL,
        stored_title TEXT NOT NULL,
        episode INTEGER,
        last_episode INTEGER
    )",
    "CREATE TABLE IF NOT EXISTS pl_links (
        path TEXT NOT NULL PRIMARY KEY,
        rule INTEGER NOT NULL,
        named TEXT NOT NULL,
        target TEXT NOT NULL,
        was TEXT,
        sonarr INTEGER NOT NULL,
        series_id INTEGER NOT NULL,
        radarr INTEGER NOT NULL,
        movie_id INTEGER NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS pl_untold (
        app TEXT NOT NULL,
        instance INTEGER NOT NULL,
        id INTEGER NOT NULL,
        PRIMARY KEY (app, instance, id)
    )",
    "CREATE TABLE IF NOT EXISTS pl_scans (
        sonarr INTEGER NOT NULL,
        series_id INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        again INTEGER NOT NULL,
        PRIMARY KEY (sonarr, series_id)
    )",
    "CREATE TABLE IF NOT EXISTS pl_meanings (
        rule INTEGER NOT NULL PRIMARY KEY,
        body TEXT NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS pl_searches (
        title TEXT NOT NULL PRIMARY KEY,
        at BIGINT NOT NULL,
        shows INTEGER NOT NULL,
        tvdb_id INTEGER
    )",
    "CREATE TABLE IF NOT EXISTS pl_dismissed (
        suggestion TEXT NOT NULL PRIMARY KEY
    )",
    "CREATE TABLE IF NOT EXISTS pl_runs (
        number BIGINT NOT NULL PRIMARY KEY,
        body TEXT NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS pl_meta (
        name TEXT NOT NULL PRIMARY KEY,
        value BIGINT NOT NULL
    )",
    "INSERT INTO pl_meta (name, value) VALUES ('schema', 2) ON CONFLICT (name) DO NOTHING",
];

/// From the tables of version 4.0, in which a record of a link also was the note that the apps had still to hear of it.
const FROM_1: [&str; 8] = [
    "INSERT INTO pl_untold (app, instance, id)
        SELECT DISTINCT 'sonarr', sonarr, series_id FROM pl_links WHERE told = 0 AND series_id > 0",
    "INSERT INTO pl_untold (app, instance, id)
        SELECT DISTINCT 'radarr', radarr, movie_id FROM pl_links WHERE told = 0 AND movie_id > 0",
    "DELETE FROM pl_links WHERE gone = 1",
    "ALTER TABLE pl_links DROP COLUMN placed",
    "ALTER TABLE pl_links DROP COLUMN gone",
    "ALTER TABLE pl_links DROP COLUMN told",
    "ALTER TABLE pl_links DROP COLUMN changed_at",
    "ALTER TABLE pl_links ADD COLUMN named TEXT NOT NULL DEFAULT ''",
];

impl Db {
    /// Opens the database and makes the tables that are missing; nothing is written when none are. A missing SQLite file is made,
    /// its folder is not. A PostgreSQL server has 10 seconds.
    pub fn open(database: &Database) -> Result<Db> {
        let sqlite = |file, read_only| sqlite::Session::open(file, read_only).map(Connection::Sqlite);
        let (connection, shown) = match database {
            Database::Sqlite(file) => (sqlite(file, false), file.display().to_string()),
            Database::SqliteReadOnly(file) => (sqlite(file, true), file.display().to_string()),
            Database::Postgres { url, tls, shown } => {
                (postgres::Session::open(url, tls).map(Connection::Postgres), shown.clone())
            }
        };
        let connection = connection
            .map_err(|failure| Error::Database(format!("cannot open the database {shown}: {}", failure.text)))?;
        let mut db = Db { connection, shown, ours: true };
        db.complete()?;
        Ok(db)
    }

    /// Takes the one place among all machines that share this database, for as long as this connection lives; false if another
    /// has it. An SQLite file is not shared between machines: the lock beside it does.
    pub fn hold(&mut self) -> Result<bool> {
        match self.connection {
            Connection::Sqlite(_) => Ok(true),
            Connection::Postgres(_) => {
                // the server keeps such locks apart by database
                let key = i64::from_be_bytes(*b"plexlink");
                let mut rows = self.run("SELECT pg_try_advisory_lock($1)::int", vec![key.into()])?;
                self.one(&mut rows, "the lock")
            }
        }
    }

    /// Runs one statement, which is the same for both databases: parameters are `$1`, `$2` and so on in the order of their first
    /// use; rows that people see are sorted by us, since each database has its own idea of the order of texts.
    fn run(&mut self, sql: &str, params: Vec<Value>) -> std::result::Result<Vec<Row>, Failure> {
        if params.iter().any(|param| matches!(param, Value::Text(text) if text.contains('\0'))) {
            return Err(self.about("a text with a NUL in it cannot be kept".into()));
        }
        let answer = match &mut self.connection {
            Connection::Sqlite(session) => session.run(sql, &params),
            Connection::Postgres(session) => session.run(sql, &params),
        };
        answer.map_err(|failure| self.about(failure))
    }

    /// All of `body` or nothing.
    fn transaction<T, E: From<Failure>>(
        &mut self,
        body: impl FnOnce(&mut Db) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let begin = match self.connection {
            // with the lock at once: wanting it only at the first write may be a deadlock, which SQLite ends without waiting
            Connection::Sqlite(_) => "BEGIN IMMEDIATE",
            Connection::Postgres(_) => "BEGIN",
        };
        self.run(begin, vec![])?;
        let done = body(self).and_then(|value| {
            self.run("COMMIT", vec![])?;
            Ok(value)
        });
        if done.is_err() {
            // the first error is the one to tell, and a connection that is closed has rolled back
            let _ = self.run("ROLLBACK", vec![]);
        }
        done
    }

    fn complete(&mut self) -> Result<()> {
        let missing = self.missing()?;
        let version = if missing.contains(&"pl_meta") { SCHEMA } else { self.version()? };
        if missing.is_empty() && version == SCHEMA {
            return Ok(());
        }
        match self.transaction(Db::make) {
            Err(failure) if failure.kind == Kind::ReadOnly && !missing.contains(&"link_rules") => {
                self.ours = false;
                Ok(())
            }
            // another program may have made them at the same moment
            Err(failure) if !self.missing()?.is_empty() || self.version()? != SCHEMA => Err(failure.into()),
            _ => Ok(()),
        }
    }

    fn missing(&mut self) -> Result<Vec<&'static str>> {
        let sql = match self.connection {
            Connection::Sqlite(_) => "SELECT name FROM sqlite_schema",
            Connection::Postgres(_) => {
                "SELECT relname FROM pg_class
                WHERE pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace"
            }
        };
        let rows = self.run(sql, vec![])?;
        let there: Vec<String> = rows.into_iter().filter_map(|mut row| row.next("name").ok()).collect();
        Ok(TABLES.into_iter().filter(|table| !there.iter().any(|name| name == table)).collect())
    }

    fn make(&mut self) -> std::result::Result<(), Failure> {
        for sql in MAKE {
            match self.connection {
                Connection::Sqlite(_) => self.run(&sql.replace("SERIAL", "INTEGER"), vec![])?,
                Connection::Postgres(_) => self.run(sql, vec![])?,
            };
        }
        // whoever is first changes the row, and everybody else waits for that and finds it changed
        let first = "UPDATE pl_meta SET value = 2 WHERE name = 'schema' AND value = 1 RETURNING value";
        if !self.run(first, vec![])?.is_empty() {
            for sql in FROM_1 {
                self.run(sql, vec![])?;
            }
        }
        Ok(())
    }

    /// The version of our own tables; one that this program does not know is an error.
    fn version(&mut self) -> Result<i64> {
        let mut rows = self.run("SELECT value FROM pl_meta WHERE name = 'schema'", vec![])?;
        let version: i64 = if rows.is_empty() { SCHEMA } else { self.one(&mut rows, "pl_meta.value")? };
        if version > SCHEMA {
            return Err(Error::Database(format!(
                "cannot use the database {}: a newer plex-linker has made its tables (version {version}, this one knows {SCHEMA}): \
                 upgrade plex-linker",
                self.shown
            )));
        }
        Ok(version)
    }

    /// The first column of the first row.
    fn one<T: TryFrom<Value, Error = value::Wrong>>(&self, rows: &mut [Row], column: &str) -> Result<T> {
        let first = rows.first_mut().ok_or_else(|| format!("{column} is missing"));
        first.and_then(|row| row.next(column)).map_err(|reason| self.unusable(reason))
    }

    fn about(&self, failure: Failure) -> Failure {
        Failure { text: format!("cannot use the database {}: {}", self.shown, failure.text), ..failure }
    }

    fn unusable(&self, reason: String) -> Error {
        self.about(reason.into()).into()
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        Error::Database(failure.text)
    }
}
