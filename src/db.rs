//! Rules, settings, links and runs, in SQLite or PostgreSQL: the only module that knows SQL.

mod postgres;
mod records;
mod row;
mod rules;
mod schema;
mod sqlite;
mod tls;

use serde::de::DeserializeOwned;

use crate::{
    config::Database,
    error::{Error, Result},
    model::Given,
};
pub use records::Changes;
use row::{Failure, Row};

/// An open database. It lives for one run or one request, and belongs to one thread.
///
/// Two of its tables, `link_rules` and `settings`, are the old program's: they are never altered, and it can still be used on the
/// same database.
pub struct Db {
    connection: Engine,
    /// The file, or host, port and database: for messages.
    shown: String,
    /// Whether the tables that are ours alone are there. A database that can only be read may lack them.
    ours: bool,
}

enum Engine {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

impl Db {
    /// Opens the database and makes the tables that are missing; nothing is written when none are. A missing SQLite file is made,
    /// its folder is not. A PostgreSQL server has 10 seconds.
    pub fn open(database: &Database) -> Result<Db> {
        let sqlite = |file, read_only| sqlite::Session::open(file, read_only).map(Engine::Sqlite);
        let (connection, shown) = match database {
            Database::Sqlite(file) => (sqlite(file, false), file.display().to_string()),
            Database::SqliteReadOnly(file) => (sqlite(file, true), file.display().to_string()),
            Database::Postgres { url, tls, shown } => {
                (postgres::Session::open(url, tls).map(Engine::Postgres), shown.clone())
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
            Engine::Sqlite(_) => Ok(true),
            Engine::Postgres(_) => {
                // the server keeps such locks apart by database
                let lock = i64::from_be_bytes(*b"plexlink");
                let rows = self.run("SELECT pg_try_advisory_lock($1)::int", vec![lock.into()])?;
                Ok(self.one::<i32>(rows)? != 0)
            }
        }
    }

    /// Runs one statement, which is the same for both databases: parameters are `$1`, `$2` and so on in the order of their first
    /// use; rows that people see are sorted by us, since each database has its own idea of the order of texts.
    fn run(&mut self, sql: &str, params: Vec<Given>) -> std::result::Result<Vec<Row>, Failure> {
        if params.iter().any(|param| matches!(param, Given::Text(text) if text.contains('\0'))) {
            return Err(self.about("a text with a NUL in it cannot be kept".into()));
        }
        let answer = match &mut self.connection {
            Engine::Sqlite(session) => session.run(sql, &params),
            Engine::Postgres(session) => session.run(sql, &params),
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
            Engine::Sqlite(_) => "BEGIN IMMEDIATE",
            Engine::Postgres(_) => "BEGIN",
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

    /// Puts a row into a table, in the place of the one that has the same in its `primary` columns.
    fn put(
        &mut self,
        table: &str,
        primary: &str,
        row: Vec<(impl AsRef<str>, Given)>,
    ) -> std::result::Result<(), Failure> {
        let others = row.iter().map(|(name, _)| name.as_ref());
        let others = others.filter(|name| !primary.split(", ").any(|primary| primary == *name));
        let others: Vec<String> = others.map(|name| format!("{name} = excluded.{name}")).collect();
        let then = if others.is_empty() { "NOTHING".into() } else { format!("UPDATE SET {}", others.join(", ")) };
        self.insert(table, row, &format!("ON CONFLICT ({primary}) DO {then}")).map(drop)
    }

    fn insert(
        &mut self,
        table: &str,
        row: Vec<(impl AsRef<str>, Given)>,
        then: &str,
    ) -> std::result::Result<Vec<Row>, Failure> {
        let names: Vec<&str> = row.iter().map(|(name, _)| name.as_ref()).collect();
        let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({}) {then}", names.join(", "), places.join(", "));
        self.run(&sql, row.into_iter().map(|(_, value)| value).collect())
    }

    /// The first value of the first row.
    fn one<T: DeserializeOwned>(&self, rows: Vec<Row>) -> Result<T> {
        let first = rows.into_iter().next().ok_or("nothing is answered".to_string());
        first.and_then(|row| row.values::<(T,)>()).map(|(value,)| value).map_err(|reason| self.unusable(reason))
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
