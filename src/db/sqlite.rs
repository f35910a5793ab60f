//! A connection to an SQLite file.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, time::Duration};

use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    config::DbConfig,
    params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::row::Row;
use crate::{locks, model::Given};

pub struct Session(Connection);

/// How long another program may hold the file before we give up.
const WAIT: Duration = Duration::from_secs(5);

impl Session {
    pub fn open(file: &Path) -> Result<Session, String> {
        if file.is_dir() {
            return Err("it is a folder: name a file".into());
        }
        make(file)?;
        connect(file).map(Session).map_err(|error| told(error, file))
    }

    pub fn run(&mut self, sql: &str, params: &[Given]) -> Result<Vec<Row>, String> {
        self.query(sql, params).map_err(|error| told(error, Path::new(self.0.path().unwrap_or_default())))
    }

    fn query(&mut self, sql: &str, params: &[Given]) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.0.prepare_cached(sql)?;
        let columns: Arc<[String]> = statement.column_names().map(String::from).collect();
        let mut rows = statement.query(params_from_iter(params.iter().map(param)))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns.len()).map(|column| row.get_ref(column).map(value)).collect::<Result<_, _>>()?;
            found.push(Row { columns: columns.clone(), values });
        }
        Ok(found)
    }
}

/// Makes a missing file, for nobody else to read: settings may be private. SQLite itself would let the umask decide.
fn make(file: &Path) -> Result<(), String> {
    if file.exists() {
        return Ok(());
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(_) if file.parent().is_some_and(|folder| !folder.is_dir()) => {
            Err("its folder is not there: make it first".into())
        }
        Err(cause) => Err(format!("the file cannot be made: {cause}")),
    }
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // the journal's mode stays as it is: a WAL cannot even be read on a full disk or in a read-only folder
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

fn value(value: ValueRef) -> Given {
    match value {
        ValueRef::Null => Given::Absent,
        ValueRef::Integer(number) => Given::Number(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => Given::Other("text that is not UTF-8".into()),
        },
        ValueRef::Real(number) => Given::Other(number.to_string()),
        ValueRef::Blob(bytes) => Given::Other(format!("a blob of {} bytes", bytes.len())),
    }
}

fn param(value: &Given) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match value {
        Given::Absent => ValueRef::Null,
        Given::Number(number) => ValueRef::Integer(*number),
        Given::Text(text) | Given::Other(text) => ValueRef::Text(text.as_bytes()),
    })
}

/// The cause in words that help more than SQLite's own.
fn told(error: rusqlite::Error, database: &Path) -> String {
    let code = error.sqlite_error_code();
    // SQLite calls it busy where nobody keeps locks (ENOLCK), and a failing disk where there are none
    let may_be_no_lock = matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::SystemIoFailure));
    if let Some(cause) = Some(database).filter(|_| may_be_no_lock).and_then(locks::refused_beside) {
        return locks::told(&cause);
    }
    let known = match code {
        Some(ErrorCode::ReadOnly) => "it can only be read: the file or its folder cannot be written",
        Some(ErrorCode::NotADatabase) => "the file is not an SQLite database",
        // which a disk that gives EIO looks like, too
        Some(ErrorCode::DatabaseCorrupt) => "the file is damaged, or its disk fails: put a copy of it in its place",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program has kept it locked for 5 seconds",
        Some(ErrorCode::CannotOpen) => {
            "the file, or its journal in the same folder, cannot be opened: is its disk full, or may plex-linker not write there"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk could not read or write it",
        _ => return error.to_string(),
    };
    known.into()
}
