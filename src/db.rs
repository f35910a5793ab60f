//! Rules, settings, links and runs, in SQLite or PostgreSQL: the only module that knows SQL.

mod postgres;
mod records;
mod row;
mod rules;
mod schema;
mod sqlite;
mod tls;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    config::Database,
    error::{Error, Result},
    model::Given,
};
pub use records::Changes;
use row::{Row, columns};

/// An open database. It lives for one run or one request, and belongs to one thread.
///
/// Two of its tables, `link_rules` and `settings`, are the old program's: they are never altered, and it can still be used on the
/// same database.
pub struct Db {
    connection: Engine,
    /// The file, or host, port and database: for messages.
    shown: String,
}

enum Engine {
    Sqlite(sqlite::Session),
    Postgres(postgres::Session),
}

impl Db {
    /// Opens the database and makes the tables that are missing; nothing is written when none are. A missing SQLite file is made,
    /// its folder is not. A PostgreSQL server has 10 seconds.
    pub fn open(database: &Database) -> Result<Db> {
        let (connection, shown) = match database {
            Database::Sqlite(file) => (sqlite::Session::open(file).map(Engine::Sqlite), file.display().to_string()),
            Database::Postgres { server, certificate, shown } => {
                (postgres::Session::open(server, certificate).map(Engine::Postgres), shown.clone())
            }
        };
        let connection =
            connection.map_err(|cause| Error::Database(format!("cannot open the database {shown}: {cause}")))?;
        let mut db = Db { connection, shown };
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
                let held: i32 = self.one("SELECT pg_try_advisory_lock($1)::int", vec![lock.into()])?;
                Ok(held != 0)
            }
        }
    }

    /// Runs one statement, which is the same for both databases: parameters are `$1`, `$2` and so on in the order of their first
    /// use; rows that people see are sorted by us, since each database has its own idea of the order of texts.
    fn run(&mut self, sql: &str, params: Vec<Given>) -> Result<Vec<Row>> {
        if params.iter().any(|param| matches!(param, Given::Text(text) if text.contains('\0'))) {
            return Err(self.unusable("a text with a NUL in it cannot be kept"));
        }
        let answer = match &mut self.connection {
            Engine::Sqlite(session) => session.run(sql, &params),
            Engine::Postgres(session) => session.run(sql, params),
        };
        answer.map_err(|cause| self.unusable(&cause))
    }

    /// The only value of the first row.
    fn one<T: DeserializeOwned>(&mut self, sql: &str, params: Vec<Given>) -> Result<T> {
        let first = self.run(sql, params)?.into_iter().next().ok_or("nothing is answered".to_string());
        first.and_then(Row::value).map_err(|reason| self.unusable(&reason))
    }

    /// All of `body` or nothing.
    fn transaction<T>(&mut self, body: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let begin = match self.connection {
            // with the lock at once: wanting it only at the first write may be a deadlock, which SQLite ends without waiting
            Engine::Sqlite(_) => "BEGIN IMMEDIATE",
            Engine::Postgres(_) => "BEGIN",
        };
        self.run(begin, vec![])?;
        let done = body(self).and_then(|value| self.run("COMMIT", vec![]).map(|_| value));
        if done.is_err() {
            // the first error is the one to tell, and a connection that is closed has rolled back
            let _ = self.run("ROLLBACK", vec![]);
        }
        done
    }

    /// Puts a record into a table, in the place of the one that has the same in its `primary` columns.
    fn put(&mut self, table: &str, primary: &str, record: impl Serialize) -> Result<()> {
        let row = columns(record);
        let others = row.iter().filter(|(name, _)| !primary.split(", ").any(|primary| primary == name));
        let others: Vec<String> = others.map(|(name, _)| format!("{name} = excluded.{name}")).collect();
        let then = if others.is_empty() { "NOTHING".into() } else { format!("UPDATE SET {}", others.join(", ")) };
        let (sql, values) = insertion(table, row, &format!("ON CONFLICT ({primary}) DO {then}"));
        self.run(&sql, values).map(drop)
    }

    fn unusable(&self, why: &str) -> Error {
        Error::Database(format!("cannot use the database {}: {why}", self.shown))
    }
}

/// The statement that puts a row into a table, with its parameters.
fn insertion(table: &str, row: Vec<(String, Given)>, then: &str) -> (String, Vec<Given>) {
    let (names, values): (Vec<String>, Vec<Given>) = row.into_iter().unzip();
    let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({}) {then}", names.join(", "), places.join(", "));
    (sql, values)
}
