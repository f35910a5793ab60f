//! PostgreSQL's server: down, silent, restarted; who may hold it; TLS.

use std::{
    fs,
    io::{self, Read, Write},
    mem,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
};

use super::*;
use crate::support::{
    postgres::{PASSWORD, Server},
    skip,
};

fn parse(url: &str) -> Database {
    Database::parse(url).unwrap()
}

/// Nothing that is told has the password, as it is or as it is written in a URL.
fn without_password(problem: &str) -> &str {
    assert!(!problem.contains(PASSWORD) && !problem.contains("s3cr"), "{problem}");
    problem
}

#[test]
fn one_connection_holds_the_database_until_it_ends() {
    let url = support::postgres::database();
    let (_, place) = url.split_once('@').unwrap();
    let (address, _) = place.split_once('/').unwrap();
    let slow = without_goodbyes(address.parse().unwrap());
    let mut first = open(&parse(&url.replace(address, &slow.to_string())));
    let mut second = open(&parse(&url));
    assert!(first.hold().unwrap());
    assert!(first.hold().unwrap());
    assert!(!second.hold().unwrap());
    assert!(open(&postgres_database()).hold().unwrap(), "another database is held by nobody");
    drop(first);
    assert!(second.hold().unwrap(), "it should be free although the server has not yet heard of the end");
}

/// A way to the server for one connection, of whose end it does not hear: else it hears of it in its own time.
fn without_goodbyes(server: SocketAddr) -> SocketAddr {
    const GOODBYE: &[u8] = b"X\0\0\0\x04";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut server = TcpStream::connect(server).unwrap();
        let (mut answers, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut answers, &mut to_client));
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = client.read(&mut piece) {
            let piece = &piece[..length];
            server.write_all(piece.strip_suffix(GOODBYE).unwrap_or(piece)).unwrap();
        }
        // open until all tests end
        mem::forget(server);
    });
    address
}

#[test]
fn a_sequence_that_lags_behind_is_no_duplicate() {
    let database = postgres_database();
    let mut db = open(&database);
    sql(&database, "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name) VALUES (1, 'Restored', 1, 'Show')");
    let problem = sentence(db.add_rule(&wish("B", "Show", 1)));
    assert!(problem.contains("link_rules_pkey"), "{problem}");
}

#[test]
fn a_user_who_may_not_make_tables_needs_none_to_be_made() {
    let url = support::postgres::database();
    let database = parse(&url);
    drop(open(&database));
    sql(
        &database,
        "CREATE ROLE reader LOGIN PASSWORD 'x'; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    );
    let (_, place) = url.split_once('@').unwrap();
    let mut db = open(&parse(&format!("postgresql://reader:x@{place}")));
    assert!(db.rules().unwrap().rules.is_empty());
    let problem = sentence(db.add_rule(&wish("A", "Show", 1)));
    assert!(problem.contains("permission denied for table link_rules"), "{problem}");
}

#[test]
fn a_server_that_stops_answering_is_told() {
    let url = support::postgres::database();
    let mut db = open(&parse(&url));
    let pid: i32 = client(&url)
        .query_one(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            &[],
        )
        .unwrap()
        .get(0);
    let signal = |signal| nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).unwrap();
    signal(nix::sys::signal::SIGSTOP);
    let problem = sentence(db.rules());
    signal(nix::sys::signal::SIGCONT);
    assert!(problem.contains("has not answered for 12 seconds"), "{problem}");
    assert!(sentence(db.rules()).contains("the connection is closed"), "a late answer is nobody's");
}

#[test]
fn what_the_server_or_the_url_has_against_it_is_told() {
    let url = support::postgres::database();
    let (_, place) = url.split_once('@').unwrap();
    let cases = [
        (format!("postgresql://linker:s3cret@{place}"), "password authentication failed for user \"linker\""),
        (format!("{}_not_there", url), "does not exist"),
        (format!("{url}?sslmode=require"), "does not support TLS"),
        (
            format!("{url}?sslmode=verify-full&sslrootcert=/not/there.pem"),
            "cannot use /not/there.pem, named by sslrootcert: No such file",
        ),
        ("postgresql://linker:s3cret@host.invalid/d".into(), "host.invalid:5432/d"),
    ];
    for (url, expected) in cases {
        let problem = sentence(Db::open(&parse(&url)));
        assert!(without_password(&problem).contains(expected), "{problem}");
    }
}

#[test]
fn a_socket_works_in_either_spelling() {
    let server = Server::start();
    let url = server.database();
    let name = url.rsplit('/').next().unwrap();
    let user = url.strip_prefix("postgresql://").and_then(|rest| rest.split_once('@')).unwrap().0;
    let (folder, port) = (server.folder.display(), server.port);
    for url in [
        format!("postgresql+pg8000://{user}@/{name}?unix_sock={folder}/.s.PGSQL.{port}"),
        format!("postgresql://{user}@/{name}?host={folder}&port={port}&sslmode=require"),
    ] {
        open(&parse(&url));
    }
}

/// Runs openssl in this folder; false if there is none.
fn openssl(folder: &Path, args: &str) -> bool {
    match Command::new("openssl").current_dir(folder).args(args.split(' ')).output() {
        Ok(output) => {
            assert!(output.status.success(), "openssl {args}: {output:?}");
            true
        }
        Err(_) => false,
    }
}

#[test]
fn tls_is_used_as_sslmode_says() {
    let made = tempfile::tempdir().unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    if !openssl(made.path(), &format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=ours")) {
        return skip("TLS to PostgreSQL needs the openssl program");
    }
    openssl(made.path(), &format!("req -x509 {key} -keyout other.key -out other.pem -subj /CN=other"));
    fs::write(made.path().join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(made.path(), &format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"));
    openssl(
        made.path(),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.pem",
    );
    let mut server = Server::start();
    for name in ["server.key", "server.pem"] {
        server.put(name, &fs::read_to_string(made.path().join(name)).unwrap(), 0o600);
    }
    server.configure("ssl = on\nssl_key_file = '../server.key'\nssl_cert_file = '../server.pem'");
    server.restart();
    let url = server.database();
    let by_name = url.replace("127.0.0.1", "localhost");
    let [ca, other] = ["ca.pem", "other.pem"].map(|name| made.path().join(name).display().to_string());

    let secret = |server: &Server, database: &Database| -> bool {
        let _db = open(database);
        server
            .admin()
            .query_one("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname LIKE 'test_%'", &[])
            .unwrap()
            .get(0)
    };
    for (url, expected) in [
        (format!("{url}?sslmode=disable"), false),
        (url.clone(), true),
        (format!("{url}?sslmode=require"), true),
        (format!("{by_name}?sslmode=verify-full&sslrootcert={ca}"), true),
        (format!("{by_name}?sslmode=verify-ca&sslrootcert={ca}"), true),
    ] {
        assert_eq!(secret(&server, &parse(&url)), expected, "{url}");
    }
    for (url, expected) in [
        (
            format!("{by_name}?sslmode=verify-full&sslrootcert={other}"),
            "in sslrootcert (error performing TLS handshake: invalid peer certificate: UnknownIssuer",
        ),
        (
            format!("{by_name}?sslmode=verify-full"),
            "in sslrootcert (error performing TLS handshake: invalid peer certificate: UnknownIssuer",
        ),
        (format!("{url}?sslmode=verify-full&sslrootcert={ca}"), "not valid for"),
    ] {
        let problem = sentence(Db::open(&parse(&url)));
        assert!(without_password(&problem).contains(expected), "{problem}");
    }

    // the server's own, as openssl makes it unless it is told otherwise; and as the sentence says
    let own = format!(
        "req -x509 {key} -keyout own.key -out own.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    );
    for (more, mends) in [("", false), (" -addext basicConstraints=critical,CA:FALSE", true)] {
        openssl(made.path(), &format!("{own}{more}"));
        for (file, name) in [("own.key", "server.key"), ("own.pem", "server.pem")] {
            server.put(name, &fs::read_to_string(made.path().join(file)).unwrap(), 0o600);
        }
        server.restart();
        let url = format!("{by_name}?sslmode=verify-full&sslrootcert={}", made.path().join("own.pem").display());
        if mends {
            assert!(secret(&server, &parse(&url)));
        } else {
            let problem = sentence(Db::open(&parse(&url)));
            let told = "make it anew with \"openssl req -x509\", \"-addext basicConstraints=critical,CA:FALSE\"";
            assert!(problem.contains(told), "{problem}");
        }
    }
}
