//! A connection to a PostgreSQL server. What takes time is done in a thread of its own, so that a server that says nothing cannot make us
//! wait: the client's own timeout ends with the TCP connection, before the handshake, and no statement has one.

use std::{
    error, iter,
    net::ToSocketAddrs,
    sync::{Arc, LazyLock, mpsc},
    thread,
    time::Duration,
};

use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
    types::{ToSql, Type},
};

use super::{row::Row, tls};
use crate::{
    config::{Certificate, trust},
    hosts,
    model::Given,
};

const PORT: u16 = 5432;

/// For the whole connect, names and handshake included.
const CONNECT: Duration = Duration::from_secs(10);
/// For one host, so that a second one has its turn.
const CONNECT_ONE: Duration = Duration::from_secs(4);
/// For one statement: a little more than the server allows itself, so that it can say what was slow.
const STATEMENT: Duration = Duration::from_secs(12);
const TIMEOUTS: &str = "SET statement_timeout = 10000; SET lock_timeout = 5000";

/// Threads whose server never answers stay until it does. This many may; then no more are started.
const MOST_THREADS: usize = 32;
static THREADS: LazyLock<Arc<()>> = LazyLock::new(Arc::default);

/// `None` once an answer is overdue: what comes later would belong to another question.
pub struct Session(Option<Client>);

impl Session {
    pub fn open(server: &Config, certificate: &Certificate) -> Result<Session, String> {
        let config = configured(server);
        let tls = tls::by(certificate)?;
        let connected = in_time(CONNECT, move || {
            let config = reachable(config);
            // a socket has no name that a certificate could be for
            let mut client = match config.get_ssl_mode() {
                SslMode::Disable => config.connect(NoTls),
                _ => config.connect(tls),
            }?;
            // not by the `options` of the connection: pgbouncer refuses those
            client.batch_execute(TIMEOUTS)?;
            Ok::<_, postgres::Error>(client)
        })?;
        connected.map(|client| Session(Some(client))).map_err(told)
    }

    pub fn run(&mut self, sql: &str, params: Vec<Given>) -> Result<Vec<Row>, String> {
        let mut client = self.0.take().ok_or("the connection is closed")?;
        let sql = sql.to_string();
        let (client, answer) = in_time(STATEMENT, move || {
            let answer = query(&mut client, &sql, &params);
            (client, answer)
        })?;
        self.0 = Some(client);
        answer.map_err(told)
    }
}

impl Drop for Session {
    /// Frees our lock and says goodbye: the server ends the session in its own time, and the lock with it, perhaps after the next run has
    /// asked for that; and it logs no broken connection.
    fn drop(&mut self) {
        if let Some(mut client) = self.0.take() {
            let _ = in_time(Duration::from_secs(1), move || client.batch_execute("SELECT pg_advisory_unlock_all()"));
        }
    }
}

/// What this work comes to, unless that takes too long: then it is left behind.
fn in_time<T: Send + 'static>(most: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let alive = THREADS.clone();
    if Arc::strong_count(&alive) > MOST_THREADS + 1 {
        return Err("the server has not answered earlier connections yet".into());
    }
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let _alive = alive;
        let _ = sender.send(work());
    };
    thread::Builder::new().name("postgres".into()).spawn(work).map_err(|cause| cause.to_string())?;
    receiver.recv_timeout(most).map_err(|_| format!("the server has not answered for {} seconds", most.as_secs()))
}

fn configured(server: &Config) -> Config {
    let mut config = server.clone();
    config
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3)
        .tcp_user_timeout(Duration::from_secs(15))
        .notice_callback(|_| {});
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_ONE);
    }
    if config.get_application_name().is_none() {
        config.application_name("plex-linker");
    }
    config
}

/// With the address of a host that the client's own lookup does not find.
fn reachable(mut config: Config) -> Config {
    let [Host::Tcp(host)] = config.get_hosts() else { return config };
    let port = config.get_ports().first().copied().unwrap_or(PORT);
    if config.get_hostaddrs().is_empty()
        && (host.as_str(), port).to_socket_addrs().is_err()
        && let Some(address) = hosts::addresses(host, port).ok().and_then(|found| found.first().copied())
    {
        config.hostaddr(address.ip());
    }
    config
}

fn query(client: &mut Client, sql: &str, params: &[Given]) -> Result<Vec<Row>, postgres::Error> {
    let typed = |param| match param {
        // the server infers this one from where it stands
        &Given::Absent => (&None::<&str> as &(dyn ToSql + Sync), Type::UNKNOWN),
        Given::Number(number) => (number as _, Type::INT8),
        Given::Text(text) | Given::Other(text) => (text as _, Type::TEXT),
    };
    let params: Vec<_> = params.iter().map(typed).collect();
    let rows = client.query_typed(sql, &params)?;
    let columns = rows.first().map_or(&[][..], |row| row.columns());
    let names: Arc<[String]> = columns.iter().map(|column| column.name().into()).collect();
    let values = |row: &postgres::Row| (0..columns.len()).map(|at| value(row, at)).collect::<Result<_, _>>();
    rows.iter().map(|row| Ok(Row { columns: names.clone(), values: values(row)? })).collect()
}

fn value(row: &postgres::Row, at: usize) -> Result<Given, postgres::Error> {
    let number = match *row.columns()[at].type_() {
        Type::INT2 => row.try_get::<_, Option<i16>>(at)?.map(i64::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(i64::from),
        Type::INT8 => row.try_get(at)?,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => {
            return Ok(row.try_get::<_, Option<&str>>(at)?.map_or(Given::Absent, Given::from));
        }
        ref other => return Ok(Given::Other(format!("a value of type {other}"))),
    };
    Ok(number.map_or(Given::Absent, Given::Number))
}

/// What the server says, or the error with its causes: alone it only tells that there was one.
fn told(error: postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return said.message().into();
    }
    let causes = iter::successors(Some(&error as &dyn error::Error), |cause| cause.source());
    let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    trust::advice(&text, "sslrootcert").unwrap_or(text)
}
