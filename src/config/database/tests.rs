//! Every form of `DATABASE_URL`, and what is said of those that cannot be used.

use super::*;

fn sqlite_file(url: &str) -> PathBuf {
    match Database::parse(url) {
        Ok(Database::Sqlite(file)) => file,
        other => panic!("{url}: {other:?}"),
    }
}

/// What goes to PostgreSQL, the TLS that is wanted, and what is shown.
fn postgres_parts(url: &str) -> (String, Tls, String) {
    match Database::parse(url) {
        Ok(Database::Postgres { url, tls, shown }) => (url.expose().to_string(), tls, shown),
        other => panic!("{url}: {other:?}"),
    }
}

#[test]
fn sqlite_files_are_where_the_old_program_had_them() {
    let here = std::env::current_dir().unwrap();
    let cases = [
        ("sqlite:////abs/x.db", "/abs/x.db".into()),
        ("sqlite:///rel/x.db", here.join("rel/x.db")),
        ("sqlite:///./x.db", here.join("x.db")),
        ("SQLite:////abs/x.db", "/abs/x.db".into()),
        ("sqlite+pysqlite:////abs/x.db", "/abs/x.db".into()),
        ("sqlite:////abs/x.db?check_same_thread=false", "/abs/x.db".into()),
        ("sqlite:///file:/abs/x.db?mode=rwc&uri=true", "/abs/x.db".into()),
        ("sqlite:////abs/50%.db", "/abs/50%.db".into()),
        ("sqlite:////abs/a%20b%C3%A9.db", "/abs/a bé.db".into()),
        ("  sqlite:////abs/x.db\n", "/abs/x.db".into()),
    ];
    for (url, file) in cases {
        assert_eq!(sqlite_file(url), file, "{url}");
    }
}

#[test]
fn mode_ro_is_kept() {
    for url in ["sqlite:////abs/x.db?mode=ro", "sqlite:///file:/abs/x.db?mode=ro&uri=true"] {
        assert!(
            matches!(Database::parse(url), Ok(Database::SqliteReadOnly(file)) if file == std::path::Path::new("/abs/x.db"))
        );
    }
}

#[test]
fn a_file_whose_literal_name_has_a_percent_sign_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:///{}/a%20b.db", folder.path().display());
    assert_eq!(sqlite_file(&url), folder.path().join("a b.db"));
    std::fs::write(folder.path().join("a%20b.db"), "").unwrap();
    assert_eq!(sqlite_file(&url), folder.path().join("a%20b.db"));
}

#[test]
fn postgresql_urls_of_every_kind() {
    let plain = "postgresql://u:p%40ss@h/d?";
    let cases = [
        ("postgresql://u:p%40ss@h/d", plain, "h:5432/d"),
        ("postgres://u:p%40ss@h/d", plain, "h:5432/d"),
        ("POSTGRESQL+pg8000://u:p%40ss@h/d", plain, "h:5432/d"),
        ("postgresql+psycopg2://u:p%40ss@h:/d", "postgresql://u:p%40ss@h:/d?", "h:5432/d"),
        ("postgresql://h1:1,h2:2/d", "postgresql://h1:1,h2:2/d?", "h1:1,h2:2/d"),
        ("postgresql://u@[::1]:99/d", "postgresql://u@[::1]:99/d?", "[::1]:99/d"),
        ("postgresql://u@h", "postgresql://u@h?", "h:5432"),
        ("postgresql:///d", "postgresql://localhost/d?", "localhost:5432/d"),
        ("postgresql://u@/d?host=/tmp", "postgresql://u@/d?host=/tmp", "/tmp:5432/d"),
        ("postgresql://u@h/d?host=h1,h2", "postgresql://u@/d?host=h1&host=h2", "h1:5432,h2:5432/d"),
        ("postgresql://u@%2Ftmp/d", "postgresql://u@%2Ftmp/d?", "/tmp:5432/d"),
        (
            "postgresql+pg8000://u@/d?unix_sock=/tmp/.s.PGSQL.5433",
            "postgresql://u@/d?host=/tmp&port=5433",
            "/tmp:5433/d",
        ),
        ("postgresql://u@h1,h2/d?port=7", "postgresql://u@/d?host=h1&host=h2&port=7", "h1:7,h2:7/d"),
        ("postgresql:///d?port=99", "postgresql:///d?host=localhost&port=99", "localhost:99/d"),
        ("postgresql://u@h:1/d?port=2&host=x", "postgresql://u@/d?port=2&host=x", "x:2/d"),
        ("postgresql://u@[::1]:1,[::2]/d?port=7", "postgresql://u@/d?host=::1&host=::2&port=7", "[::1]:7,[::2]:7/d"),
        (
            "postgresql://u@h/d%20e?options=-c%20work_mem%3D1MB",
            "postgresql://u@h/d%20e?options=-c%20work_mem%3D1MB",
            "h:5432/d e",
        ),
    ];
    for (url, expected, shown) in cases {
        let found = postgres_parts(url);
        assert_eq!((found.0.as_str(), found.2.as_str()), (expected, shown), "{url}");
    }
}

#[test]
fn sslmode_is_taken_out_of_the_url() {
    let file = |file: &str| Tls::VerifyFull { ca_file: Some(file.into()) };
    let cases = [
        ("", Tls::Prefer),
        ("?sslmode=prefer", Tls::Prefer),
        ("?sslmode=allow", Tls::Prefer),
        ("?sslmode=disable", Tls::Disable),
        ("?sslmode=require", Tls::Require),
        ("?sslmode=verify-ca", Tls::VerifyFull { ca_file: None }),
        ("?sslmode=verify-full", Tls::VerifyFull { ca_file: None }),
        ("?sslmode=verify-full&sslrootcert=system", Tls::VerifyFull { ca_file: None }),
        ("?sslrootcert=/ca%20s.pem&sslmode=verify-full", file("/ca s.pem")),
        ("?sslrootcert=/ca.pem&sslmode=require", file("/ca.pem")),
        ("?host=/tmp&sslmode=require", Tls::Disable),
    ];
    for (query, tls) in cases {
        let found = postgres_parts(&format!("postgresql://u@h/d{query}"));
        assert_eq!(found.1, tls, "{query}");
        assert!(!found.0.contains("ssl"), "{}", found.0);
    }
}

#[test]
fn what_cannot_be_used_is_refused_without_a_word_of_the_url() {
    let cases = [
        ("", "it is empty"),
        (" ", "it is empty"),
        ("/secret/x.db", "must begin with"),
        ("sqlite:/secret.db", "must begin with"),
        ("mysql://secret@h/d", "must begin with"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://secret.db", "write sqlite:///file.db"),
        ("sqlite:////secret/", "names a folder"),
        ("sqlite:////secret%00.db", "a NUL"),
        ("sqlite:////secret.db?mode=memory", "option \"mode\" is not known"),
        ("sqlite:////secret.db?cache=shared", "option \"cache\" is not known"),
        ("postgresql://u:p@secret@h/d", "encode @ as %40"),
        ("postgresql://u:p/secret@h/d", "/ and ? in a user name or password as %2F and %3F"),
        ("postgresql://u:p?secret@h/d", "%3F"),
        ("postgresql://u:secret@h:99999/d", "invalid value for option `port`"),
        ("postgresql://u:secret@h:0/d", "port is 0"),
        ("postgresql://u:secret@h/d?port=x", "invalid value for option `port`"),
        ("postgresql://u:secret@[::1/d", "invalid value for option `host`"),
        ("postgresql://u:secret@h/d?sslmode=secret", "sslmode must be"),
        ("postgresql://u:secret@h/d?sslrootcert=/secret", "give both"),
        ("postgresql://u:secret@h/d?sslcert=/secret", "unknown option `sslcert`"),
        ("postgresql://u:secret@h/d?connect_timeout=secret", "invalid value for option `connect_timeout`"),
        ("postgresql://u:secret@h/d?secret", "has no value"),
        ("postgresql://u:secret@h/d?unix_sock=/secret", "unix_sock must end"),
    ];
    for (url, part) in cases {
        let problem = Database::parse(url).expect_err(url);
        assert!(problem.contains(part), "{url}: {problem}");
        assert!(!problem.contains("secret"), "{url}: {problem}");
    }
}

#[test]
fn the_password_is_not_shown_by_debug() {
    assert!(!format!("{:?}", Database::parse("postgresql://u:pencil@h/d")).contains("pencil"));
}
