//! `DATABASE_URL`: the forms that the old program's users have, and PostgreSQL's own.

use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{self, Path, PathBuf},
};

use super::Secret;

/// Where the rules are.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file, by its whole path.
    Sqlite(PathBuf),
    /// The same, asked for with `mode=ro`: what is there can be shown, and nothing is written.
    SqliteReadOnly(PathBuf),
    Postgres {
        /// A `postgresql://` URL without the parts that are told by `tls`.
        url: Secret,
        tls: Tls,
        /// Host, port and database, for messages.
        shown: String,
    },
}

/// `sslmode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    Disable,
    /// TLS if the server has it, whatever its certificate.
    Prefer,
    /// TLS, whatever the server's certificate.
    Require,
    /// TLS with a certificate that fits the host, from the usual authorities or those in this file.
    VerifyFull {
        ca_file: Option<PathBuf>,
    },
}

const FORMS: &str = "it must begin with sqlite:/// or postgresql://, for example sqlite:////folder/file.db";
const PORT: u16 = 5432;

/// PostgreSQL's options that go to the server's client as they are.
const PASSED: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

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

fn postgres(rest: &str) -> Result<Database, String> {
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.matches('@').count() > 1 || tail.contains('@') {
        return Err("encode @ as %40, and / and ? in a user name or password as %2F and %3F".into());
    }
    let (user, authority) = authority.split_once('@').unwrap_or(("", authority));
    let (database, query) = tail.split_once('?').unwrap_or((tail, ""));
    let mut database = database.strip_prefix('/').unwrap_or(database);

    let mut hosts = authority.split(',').filter(|text| !text.is_empty()).map(host).collect::<Result<Vec<_>, _>>()?;
    let (mut ports, mut mode, mut ca_file, mut passed) = (Vec::new(), None, None, String::new());
    for (name, value) in options(query)? {
        match name {
            "host" => hosts = decoded(value)?.split(',').map(|name| (name.to_string(), PORT)).collect(),
            "port" => ports = value.split(',').map(port).collect::<Result<_, _>>()?,
            "unix_sock" => hosts = vec![socket(&decoded(value)?)?],
            "sslmode" => mode = Some(value),
            "sslrootcert" => ca_file = Some(decoded(value)?),
            _ if PASSED.contains(&name) => {
                passed += &format!("&{name}={value}");
                if name == "dbname" {
                    database = value;
                }
            }
            _ => return Err(format!("its option {name:?} is not known")),
        }
    }
    if hosts.is_empty() {
        hosts.push(("localhost".into(), PORT));
    }
    if !ports.is_empty() {
        for (at, host) in hosts.iter_mut().enumerate() {
            host.1 = *ports.get(at).unwrap_or(&ports[0]);
        }
    }

    // TLS is for hosts: a socket of this machine has none
    let sockets = hosts.iter().all(|(name, _)| name.starts_with('/'));
    let tls = tls(mode, ca_file)?;
    let names: Vec<_> = hosts.iter().map(|(name, _)| format!("host={}", encode(name))).collect();
    let ports: Vec<_> = hosts.iter().map(|(_, port)| port.to_string()).collect();
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    let url = format!("postgresql://{user}/{database}?{}&port={}{passed}", names.join("&"), ports.join(","));
    Ok(Database::Postgres {
        url: Secret::new(url),
        tls: if sockets { Tls::Disable } else { tls },
        shown: shown(&hosts, &decoded(database)?),
    })
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

/// One of the hosts before the path: `name`, `name:port`, `[::1]:port`.
fn host(text: &str) -> Result<(String, u16), String> {
    let (name, after) = match text.strip_prefix('[') {
        Some(text) => text.split_once(']').ok_or("its host has a [ without a ]")?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let name = if name.is_empty() { "localhost".into() } else { decoded(name)? };
    match after.strip_prefix(':') {
        None if !after.is_empty() => Err("its host has something after the ]".into()),
        None | Some("") => Ok((name, PORT)),
        Some(text) => Ok((name, port(text)?)),
    }
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|&port| port != 0).ok_or_else(|| "its port is not a number from 1 to 65535".into())
}

/// pg8000's `unix_sock` names the socket itself, PostgreSQL's own clients take folder and port.
fn socket(file: &str) -> Result<(String, u16), String> {
    let (folder, number) =
        file.rsplit_once("/.s.PGSQL.").ok_or("its unix_sock must end in /.s.PGSQL.5432 or the like")?;
    Ok((Path::new("/").join(folder).display().to_string(), port(number)?))
}

fn shown(hosts: &[(String, u16)], database: &str) -> String {
    let host = |(name, port): &(String, u16)| match name.contains(':') {
        true => format!("[{name}]:{port}"),
        false => format!("{name}:{port}"),
    };
    let hosts: Vec<_> = hosts.iter().map(host).collect();
    let database = if database.is_empty() { String::new() } else { format!("/{database}") };
    format!("{}{database}", hosts.join(","))
}

/// `%41` is `A`; a `%` without two such digits stands for itself.
fn decode(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut found = Vec::with_capacity(rest.len());
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    loop {
        rest = match *rest {
            [] => return found,
            [b'%', high, low, ref after @ ..] if digit(high).is_some() && digit(low).is_some() => {
                found.extend(digit(high).zip(digit(low)).map(|(high, low)| high * 16 + low));
                after
            }
            [byte, ref after @ ..] => {
                found.push(byte);
                after
            }
        };
    }
}

fn decoded(text: &str) -> Result<String, String> {
    String::from_utf8(decode(text)).map_err(|_| "it has an encoded part that is not UTF-8".into())
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests;
