//! A connection to a PostgreSQL server. It lives in a thread of its own, so that a server that says nothing cannot make us wait:
//! the client's own timeout ends with the TCP connection, before the handshake, and no statement has one.

use std::{
    error,
    net::ToSocketAddrs,
    sync::{
        Arc, LazyLock,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
    error::SqlState,
    types::{ToSql, Type},
};

use super::{
    row::{Class, Failure, Row},
    tls,
};
use crate::{
    config::{Secret, Tls, trust},
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

pub struct Session {
    /// `None` once an answer is overdue: what comes later would belong to another question.
    questions: Option<Sender<(String, Vec<Given>)>>,
    answers: Receiver<Rows>,
}

type Rows = Result<Vec<Row>, Failure>;

impl Session {
    pub fn open(url: &Secret, tls: &Tls) -> Result<Session, Failure> {
        let config = configure(url, tls)?;
        let connect: Box<dyn FnOnce() -> Result<Client, postgres::Error> + Send> = match tls {
            Tls::Disable => Box::new(move || reachable(config).connect(NoTls)),
            Tls::Prefer | Tls::Require => {
                let tls = tls::with_any_certificate()?;
                Box::new(move || reachable(config).connect(tls))
            }
            Tls::VerifyFull { ca_file } => {
                let tls = tls::verified(ca_file.as_deref())?;
                Box::new(move || reachable(config).connect(tls))
            }
        };
        let alive = THREADS.clone();
        if Arc::strong_count(&alive) > MOST_THREADS + 1 {
            return Err("the server has not answered earlier connections yet".into());
        }
        let (questions, asked) = mpsc::channel();
        let (sender, answers) = mpsc::channel();
        let work = move || {
            let _alive = alive;
            serve(connect, &asked, &sender);
        };
        thread::Builder::new().name("postgres".into()).spawn(work).map_err(|cause| cause.to_string())?;
        let mut session = Session { questions: Some(questions), answers };
        session.answer(CONNECT)?;
        Ok(session)
    }

    pub fn run(&mut self, sql: &str, params: &[Given]) -> Rows {
        if let Some(questions) = &self.questions {
            // a thread that has ended is noticed at the answer
            let _ = questions.send((sql.into(), params.into()));
        }
        self.answer(STATEMENT)
    }

    fn answer(&mut self, most: Duration) -> Rows {
        if self.questions.is_none() {
            return Err("the connection is closed".into());
        }
        match self.answers.recv_timeout(most) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                self.questions = None;
                Err(format!("the server has not answered for {} seconds", most.as_secs()).into())
            }
            Err(RecvTimeoutError::Disconnected) => Err("the connection is closed".into()),
        }
    }
}

impl Drop for Session {
    /// Lets the thread free our lock and say goodbye: the next run can have the lock, and the server logs no broken connection.
    fn drop(&mut self) {
        if self.questions.take().is_some() {
            let _ = self.answers.recv_timeout(Duration::from_secs(1));
        }
    }
}

fn configure(url: &Secret, tls: &Tls) -> Result<Config, Failure> {
    let mut config: Config = url.expose().parse()?;
    config
        .ssl_mode(match tls {
            Tls::Disable => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
            Tls::Require | Tls::VerifyFull { .. } => SslMode::Require,
        })
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
    Ok(config)
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

/// The thread: connects, then answers each question, until nobody asks any more.
fn serve(
    connect: impl FnOnce() -> Result<Client, postgres::Error>,
    asked: &Receiver<(String, Vec<Given>)>,
    answers: &Sender<Rows>,
) {
    let connected = connect().and_then(|mut client| {
        // not by the `options` of the connection: pgbouncer refuses those
        client.batch_execute(TIMEOUTS)?;
        Ok(client)
    });
    let mut client = match connected {
        Ok(client) => client,
        Err(error) => {
            let _ = answers.send(Err(error.into()));
            return;
        }
    };
    let mut answer = Ok(Vec::new());
    while answers.send(answer).is_ok() {
        let Ok((sql, params)) = asked.recv() else {
            // the server ends the session in its own time, and the lock with it: perhaps after the next run has asked for that
            let _ = client.batch_execute("SELECT pg_advisory_unlock_all()");
            return;
        };
        answer = query(&mut client, &sql, &params).map_err(Failure::from);
    }
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
    rows.iter().map(|row| Ok(Row::new(&names, values(row)?))).collect()
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

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Failure {
        let Some(cause) = error.as_db_error() else { return chain(&error).into() };
        let class = match *cause.code() {
            // a sequence that lags behind is no rule that is there already
            SqlState::UNIQUE_VIOLATION if !cause.constraint().is_some_and(|name| name.ends_with("_pkey")) => {
                Class::Unique
            }
            SqlState::READ_ONLY_SQL_TRANSACTION => Class::ReadOnly,
            _ => Class::Other,
        };
        Failure { class, text: cause.message().into() }
    }
}

/// The error with its causes: alone it only tells that there was one.
fn chain(error: &dyn error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text += &format!(": {cause}");
        next = cause.source();
    }
    trust::advice(&text, "sslrootcert").unwrap_or(text)
}
