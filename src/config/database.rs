//! `DATABASE_URL`: the forms that the old program's users have, and PostgreSQL's own.

use std::{
    error::Error,
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{self, PathBuf},
};

use postgres::{Config, config::Host};

use super::Secret;

/// Where the rules are.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file, by its whole path.
    Sqlite(PathBuf),
    /// The same, asked for with `mode=ro`: what is there can be shown, and nothing is written.
    SqliteReadOnly(PathBuf),
    /// A `postgresql://` URL without the parts that are told by `tls`; `shown` is host, port and database, for messages.
    Postgres { url: Secret, tls: Tls, shown: String },
}

/// `sslmode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// None.
    Disable,
    /// TLS if the server has it, whatever its certificate.
    Prefer,
    /// TLS, whatever the server's certificate.
    Require,
    /// TLS with a certificate that fits the host, from the usual authorities or those in this file.
    VerifyFull { ca_file: Option<PathBuf> },
}

const FORMS: &str = "it must begin with sqlite:/// or postgresql://, for example sqlite:////folder/file.db";

impl Database {
    /// The sentence about what is wrong reads after "cannot use DATABASE_URL: " and never quotes the URL.
    pub fn parse(url: &str) -> Result<Database, String> {
        let url = url.trim();
        if url.is_empty() {
            return Err("it is empty: give a URL, or leave it unset for the usual file".into());
        }
        let (scheme, rest) = url.split_once("://").ok_or(FORMS)?;
        // what follows a + is the old program's choice of a Python driver
        match scheme.to_ascii_lowercase().split('+').next() {
            Some("sqlite") => sqlite(rest),
            Some("postgresql" | "postgres") => postgres(rest),
            _ => Err(FORMS.into()),
        }
    }
}

fn sqlite(rest: &str) -> Result<Database, String> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut read_only, mut uri) = (false, false);
    for (name, value) in options(query)? {
        match (name, value) {
            ("mode", "ro") => read_only = true,
            ("mode", "rw" | "rwc") => {}
            ("uri", _) => uri = true,
            // about Python's threads and locks only
            ("check_same_thread" | "timeout", _) => {}
            _ => return Err(format!("its option {name:?} is not known with that value")),
        }
    }
    let path = match path.strip_prefix('/') {
        Some(path) if uri => path.strip_prefix("file://").or(path.strip_prefix("file:")).unwrap_or(path),
        Some(path) => path,
        None if path.is_empty() => path,
        None => return Err("write sqlite:///file.db, or sqlite:////folder/file.db for a whole path".into()),
    };
    match path {
        "" | ":memory:" => {
            return Err("it names no file, and a database in memory would keep nothing: give a file".into());
        }
        _ if path.ends_with('/') => return Err("it names a folder: give a file".into()),
        _ => {}
    }
    // SQLAlchemy decodes the path since 2.1 only, so that a file made before has the literal name
    let literal = PathBuf::from(path);
    let file = if literal.exists() { literal } else { OsString::from_vec(decode(path)).into() };
    if file.as_os_str().as_encoded_bytes().contains(&0) {
        return Err("its path has a NUL in it".into());
    }
    let file = path::absolute(&file).map_err(|cause| format!("its path has no beginning: {cause}"))?;
    Ok(if read_only { Database::SqliteReadOnly(file) } else { Database::Sqlite(file) })
}

/// What follows the scheme is as PostgreSQL's own clients have it, but for what is said of TLS, for the old program's sockets, and for
/// hosts and ports that are told as options.
fn postgres(rest: &str) -> Result<Database, String> {
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.matches('@').count() > 1 || tail.contains('@') {
        return Err("encode @ as %40, and / and ? in a user name or password as %2F and %3F".into());
    }
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let (user, mut hosts) = authority.split_at(authority.find('@').map_or(0, |at| at + 1));
    if hosts.is_empty() {
        hosts = "localhost";
    }
    let given = options(query)?;
    let is_given = |wanted: &[&str]| given.iter().any(|(name, _)| wanted.contains(name));
    let (mut mode, mut ca_file, mut kept) = (None, None, Vec::new());
    if is_given(&["host", "unix_sock"]) {
        hosts = "";
    } else if is_given(&["port"]) {
        let name = |host: &str| {
            let port = host.rfind(':').filter(|_| !host.ends_with(']')).unwrap_or(host.len());
            format!("host={}", host[..port].trim_matches(['[', ']']))
        };
        kept.extend(hosts.split(',').map(name));
        hosts = "";
    }
    for (name, value) in given {
        match name {
            "sslmode" => mode = Some(value),
            "sslrootcert" => ca_file = Some(decoded(value)?),
            "unix_sock" => kept.push(socket(value)?),
            "host" => kept.extend(value.split(',').map(|host| format!("host={host}"))),
            _ => kept.push(format!("{name}={value}")),
        }
    }
    let url = format!("postgresql://{user}{hosts}{path}?{}", kept.join("&"));
    let config: Config = url.parse().map_err(|error: postgres::Error| {
        error.source().map_or_else(|| error.to_string(), |cause| cause.to_string())
    })?;
    if config.get_ports().contains(&0) {
        return Err("its port is 0".into());
    }
    // TLS is for hosts: a socket of this machine has none
    let sockets = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    let tls = tls(mode, ca_file)?;
    let tls = if sockets { Tls::Disable } else { tls };
    Ok(Database::Postgres { url: Secret::new(url), tls, shown: shown(&config) })
}

fn tls(mode: Option<&str>, ca_file: Option<String>) -> Result<Tls, String> {
    match (mode, ca_file) {
        // libpq's clients verify in this case too
        (Some("require" | "verify-ca" | "verify-full"), Some(file)) => {
            Ok(Tls::VerifyFull { ca_file: (file != "system").then(|| file.into()) })
        }
        (_, Some(_)) => Err("sslrootcert has an effect with sslmode=verify-full only: give both".into()),
        (None | Some("prefer" | "allow"), None) => Ok(Tls::Prefer),
        (Some("disable"), None) => Ok(Tls::Disable),
        (Some("require"), None) => Ok(Tls::Require),
        (Some("verify-full" | "verify-ca"), None) => Ok(Tls::VerifyFull { ca_file: None }),
        (Some(_), None) => Err("sslmode must be disable, prefer, require or verify-full".into()),
    }
}

fn options(query: &str) -> Result<Vec<(&str, &str)>, String> {
    let option = |text| str::split_once(text, '=').ok_or_else(|| "one of its options has no value".to_string());
    query.split('&').filter(|text| !text.is_empty()).map(option).collect()
}

/// pg8000's `unix_sock` names the socket itself, PostgreSQL's own clients take folder and port.
fn socket(file: &str) -> Result<String, String> {
    let file = file.replace("%2F", "/").replace("%2f", "/");
    let (folder, port) =
        file.rsplit_once("/.s.PGSQL.").ok_or("its unix_sock must end in /.s.PGSQL.5432 or the like")?;
    Ok(format!("host=/{}&port={port}", folder.trim_start_matches('/')))
}

fn shown(config: &Config) -> String {
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let ports = config.get_ports();
        let port = ports.get(at).or(ports.first()).unwrap_or(&5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(folder) => format!("{}:{port}", folder.display()),
        }
    });
    let database = config.get_dbname().map(|name| format!("/{name}")).unwrap_or_default();
    hosts.collect::<Vec<_>>().join(",") + &database
}

/// `%41` is `A`; a `%` without two such digits stands for itself.
fn decode(text: &str) -> Vec<u8> {
    let mut found = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let coded = after.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let coded = coded.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        found.push(coded.unwrap_or(*first));
        rest = &after[if coded.is_some() { 2 } else { 0 }..];
    }
    found
}

fn decoded(text: &str) -> Result<String, String> {
    String::from_utf8(decode(text)).map_err(|_| "it has an encoded part that is not UTF-8".into())
}

#[cfg(test)]
mod tests;
