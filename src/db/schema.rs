//! The tables: the old program's two, and ours beside them.

use super::{Db, Engine};
use crate::error::Result;

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
        self.transaction(|db| db.make(missing.contains(&"pl_meta"))).or_else(|failure| {
            // another program may have made them at the same moment
            if self.missing()?.is_empty() && self.version()? == SCHEMA { Ok(()) } else { Err(failure) }
        })
    }

    fn missing(&mut self) -> Result<Vec<&'static str>> {
        let sql = match self.connection {
            Engine::Sqlite(_) => "SELECT name FROM sqlite_schema",
            Engine::Postgres(_) => {
                "SELECT relname FROM pg_class
                WHERE pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace"
            }
        };
        let there: Vec<String> = self.run(sql, vec![])?.into_iter().filter_map(|row| row.value().ok()).collect();
        Ok(tables().filter(|table| !there.iter().any(|name| name == table)).collect())
    }

    /// `first`: no version of this program has used the database yet, so that the rules in it are the old program's.
    fn make(&mut self, first: bool) -> Result<()> {
        for sql in MAKE.split(';') {
            match self.connection {
                Engine::Sqlite(_) => self.run(&sql.replace("SERIAL", "INTEGER"), vec![])?,
                Engine::Postgres(_) => self.run(sql, vec![])?,
            };
        }
        if first {
            let sql = "INSERT INTO pl_meta SELECT 'old_rules', coalesce(max(id), 0) FROM link_rules WHERE true
                ON CONFLICT (name) DO NOTHING";
            self.run(sql, vec![])?;
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
        let version = self.one("SELECT coalesce(max(value), 2) FROM pl_meta WHERE name = 'schema'", vec![])?;
        if version > SCHEMA {
            return Err(self.unusable(&format!(
                "a newer plex-linker has made its tables (version {version}, this one knows {SCHEMA}): upgrade plex-linker"
            )));
        }
        Ok(version)
    }
}
