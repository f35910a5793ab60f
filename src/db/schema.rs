//! The tables: the old program's two, and ours beside them.

use super::{
    Db, Engine,
    row::{Class, Failure},
};
use crate::error::{Error, Result};

/// The version of our own tables, in `pl_meta`.
const SCHEMA: i64 = 2;

const MAKE: &str = include_str!("tables.sql");
const FROM_1: &str = include_str!("from_1.sql");

fn tables() -> impl Iterator<Item = &'static str> {
    MAKE.split("CREATE TABLE IF NOT EXISTS ").skip(1).filter_map(|sql| sql.split(' ').next())
}

impl Db {
    /// Makes the tables that are missing, and those of an earlier version anew; nothing is written when all is there.
    pub fn complete(&mut self) -> Result<()> {
        let missing = self.missing()?;
        let version = if missing.contains(&"pl_meta") { SCHEMA } else { self.version()? };
        if missing.is_empty() && version == SCHEMA {
            return Ok(());
        }
        match self.transaction(Db::make) {
            Err(failure) if failure.class == Class::ReadOnly && !missing.contains(&"link_rules") => {
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
            Engine::Sqlite(_) => "SELECT name FROM sqlite_schema",
            Engine::Postgres(_) => {
                "SELECT relname FROM pg_class
                WHERE pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace"
            }
        };
        let rows = self.run(sql, vec![])?;
        let there: Vec<(String,)> = rows.into_iter().filter_map(|row| row.values().ok()).collect();
        Ok(tables().filter(|table| !there.iter().any(|(name,)| name == table)).collect())
    }

    fn make(&mut self) -> std::result::Result<(), Failure> {
        for sql in MAKE.split(';') {
            match self.connection {
                Engine::Sqlite(_) => self.run(&sql.replace("SERIAL", "INTEGER"), vec![])?,
                Engine::Postgres(_) => self.run(sql, vec![])?,
            };
        }
        // whoever is first changes the row, and everybody else waits for that and finds it changed
        let first = "UPDATE pl_meta SET value = 2 WHERE name = 'schema' AND value = 1 RETURNING value";
        if !self.run(first, vec![])?.is_empty() {
            for sql in FROM_1.split(';') {
                self.run(sql, vec![])?;
            }
        }
        Ok(())
    }

    /// The version of our own tables; one that this program does not know is an error.
    fn version(&mut self) -> Result<i64> {
        let rows = self.run("SELECT value FROM pl_meta WHERE name = 'schema'", vec![])?;
        let version = if rows.is_empty() { SCHEMA } else { self.one(rows)? };
        if version > SCHEMA {
            return Err(Error::Database(format!(
                "cannot use the database {}: a newer plex-linker has made its tables (version {version}, this one knows {SCHEMA}): \
                 upgrade plex-linker",
                self.shown
            )));
        }
        Ok(version)
    }
}
