//! A connection to an SQLite file.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, ToSql,
    config::DbConfig,
    params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::value::{Failure, Kind, Row, Value};

pub struct Session(Connection);

/// How long another program may hold the file before we give up.
const PATIENCE: Duration = Duration::from_secs(5);

impl Session {
    pub fn open(file: &Path, read_only: bool) -> Result<Session, Failure> {
        if file.is_dir() {
            return Err("it is a folder: name a file".into());
        }
        let access = if read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            make(file)?;
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let connection = Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // the journal's mode stays as it is: a WAL cannot even be read on a full disk or in a read-only folder
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(Session(connection))
    }

    pub fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Failure> {
        let mut statement = self.0.prepare_cached(sql)?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(params))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..width).map(|column| row.get_ref(column).map(value)).collect::<Result<_, _>>()?;
            found.push(Row::new(values));
        }
        Ok(found)
    }
}

/// Makes a missing file, for nobody else to read: settings may be private. SQLite itself would let the umask decide.
fn make(file: &Path) -> Result<(), Failure> {
    if file.exists() {
        return Ok(());
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(_) if file.parent().is_some_and(|folder| !folder.is_dir()) => {
            Err("its folder is not there: make it first".into())
        }
        Err(cause) => Err(format!("the file cannot be made: {cause}").into()),
    }
}

fn value(value: ValueRef) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.into()),
            Err(_) => Value::Other("text that is not UTF-8".into()),
        },
        ValueRef::Real(number) => Value::Other(number.to_string()),
        ValueRef::Blob(bytes) => Value::Other(format!("a blob of {} bytes", bytes.len())),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) | Value::Other(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        let Some(cause) = error.sqlite_error() else { return error.to_string().into() };
        let unique = cause.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE;
        let (kind, text) = match cause.code {
            ErrorCode::ConstraintViolation if unique => (Kind::Unique, "it is there already"),
            ErrorCode::ReadOnly => (Kind::ReadOnly, "it can only be read: the file or its folder cannot be written"),
            ErrorCode::NotADatabase => (Kind::Other, "the file is not an SQLite database"),
            // which a disk that gives EIO looks like, too
            ErrorCode::DatabaseCorrupt => {
                (Kind::Other, "the file is damaged, or its disk fails: put a copy of it in its place")
            }
            ErrorCode::DiskFull => (Kind::Other, "the disk is full"),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                (Kind::Other, "another program has kept it locked for 5 seconds")
            }
            ErrorCode::CannotOpen => (
                Kind::Other,
                "the file, or its journal in the same folder, cannot be opened: is its disk full, or may plex-linker not write there",
            ),
            ErrorCode::SystemIoFailure => (Kind::Other, "the disk could not read or write it"),
            _ => return error.to_string().into(),
        };
        Failure { kind, text: text.into() }
    }
}
