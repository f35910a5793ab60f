//! `DATABASE_URL`: the forms that the old program's users have, and PostgreSQL's own.

use std::{
    error::Error,
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{self, PathBuf},
};

use percent_encoding::percent_decode_str;
use postgres::{
    Config,
    config::{Host, SslMode},
};

/// Where the rules are.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file, by its whole path.
    Sqlite(PathBuf),
    /// `shown` is host, port and database, for messages.
    Postgres { server: Box<Config>, certificate: Certificate, shown: String },
}

/// Which certificates of a server with TLS will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    Any,
    /// One that fits the host, from the usual authorities.
    Trusted,
    /// The same, from those in this file.
    TrustedBy(PathBuf),
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
    let mut uri = false;
    for (name, value) in options(query)? {
        match (name, value) {
            ("uri", _) => uri = true,
            // the others are about Python's threads and locks only
            ("mode", "rw" | "rwc") | ("check_same_thread" | "timeout", _) => {}
            ("mode", "ro") => return Err("with mode=ro nothing could be kept in it: leave that out".into()),
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
    let decoded = || OsString::from_vec(percent_decode_str(path).collect()).into();
    let file = if literal.exists() { literal } else { decoded() };
    if file.as_os_str().as_encoded_bytes().contains(&0) {
        return Err("its path has a NUL in it".into());
    }
    path::absolute(&file).map(Database::Sqlite).map_err(|cause| format!("its path has no beginning: {cause}"))
}

/// What follows the scheme is as PostgreSQL's own clients have it, but for what is said of TLS, and for the old program's sockets.
fn postgres(rest: &str) -> Result<Database, String> {
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.matches('@').count() > 1 || tail.contains('@') {
        return Err("encode @ as %40, and / and ? in a user name or password as %2F and %3F".into());
    }
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let (mut mode, mut ca_file, mut kept) = (None, None, Vec::new());
    for (name, value) in options(query)? {
        match name {
            "sslmode" => mode = Some(value),
            "sslrootcert" => ca_file = Some(OsString::from_vec(percent_decode_str(value).collect())),
            "unix_sock" => kept.push(socket(value)?),
            "host" => kept.extend(value.split(',').map(|host| format!("host={host}"))),
            _ => kept.push(format!("{name}={value}")),
        }
    }
    let url = format!("postgresql://{authority}{path}?{}", kept.join("&"));
    let mut server: Config = url.parse().map_err(|error: postgres::Error| {
        error.source().map_or_else(|| error.to_string(), |cause| cause.to_string())
    })?;
    if server.get_hosts().is_empty() {
        server.host("localhost");
    }
    if server.get_ports().contains(&0) {
        return Err("its port is 0".into());
    }
    let host_is_twice =
        !authority.ends_with('@') && !authority.is_empty() && kept.iter().any(|part| part.starts_with("host="));
    if host_is_twice || server.get_ports().len() > server.get_hosts().len() {
        return Err("give hosts and ports once: before the path, or both as options".into());
    }
    let (mode, certificate) = tls(mode, ca_file.map(PathBuf::from))?;
    // TLS is for hosts: a socket of this machine has none
    let sockets = server.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    server.ssl_mode(if sockets { SslMode::Disable } else { mode });
    let shown = shown(&server);
    Ok(Database::Postgres { server: Box::new(server), certificate, shown })
}

fn tls(mode: Option<&str>, ca_file: Option<PathBuf>) -> Result<(SslMode, Certificate), String> {
    match (mode, ca_file) {
        // libpq's clients verify in this case too
        (Some("require" | "verify-ca" | "verify-full"), Some(file)) if file.as_os_str() != "system" => {
            Ok((SslMode::Require, Certificate::TrustedBy(file)))
        }
        (Some("require"), None) => Ok((SslMode::Require, Certificate::Any)),
        (Some("require" | "verify-ca" | "verify-full"), _) => Ok((SslMode::Require, Certificate::Trusted)),
        (_, Some(_)) => Err("sslrootcert has an effect with sslmode=verify-full only: give both".into()),
        (None | Some("prefer" | "allow"), None) => Ok((SslMode::Prefer, Certificate::Any)),
        (Some("disable"), None) => Ok((SslMode::Disable, Certificate::Any)),
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

fn shown(server: &Config) -> String {
    let ports = server.get_ports();
    let hosts = server.get_hosts().iter().enumerate().map(|(at, host)| {
        let port = ports.get(at).or(ports.first()).unwrap_or(&5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(folder) => format!("{}:{port}", folder.display()),
        }
    });
    let database = server.get_dbname().map(|name| format!("/{name}")).unwrap_or_default();
    hosts.collect::<Vec<_>>().join(",") + &database
}

#[cfg(test)]
mod tests;
