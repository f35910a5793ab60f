//! Every form of `DATABASE_URL`, and what is said of those that cannot be used.

use super::*;

fn sqlite_file(url: &str) -> PathBuf {
    match Database::parse(url) {
        Ok(Database::Sqlite(file)) => file,
        other => panic!("{url}: {other:?}"),
    }
}

fn server(url: &str) -> (Config, Certificate, String) {
    match Database::parse(url) {
        Ok(Database::Postgres { server, certificate, shown }) => (*server, certificate, shown),
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
fn a_file_whose_literal_name_has_a_percent_sign_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:///{}/a%20b.db", folder.path().display());
    assert_eq!(sqlite_file(&url), folder.path().join("a b.db"));
    std::fs::write(folder.path().join("a%20b.db"), "").unwrap();
    assert_eq!(sqlite_file(&url), folder.path().join("a%20b.db"));
}

#[test]
fn postgresql_urls_of_every_kind() {
    let both = (Some("u"), Some("p@ss"));
    let user = (Some("u"), None);
    let none = (None, None);
    let cases = [
        ("postgresql://u:p%40ss@h/d", both, "h:5432/d"),
        ("postgres://u:p%40ss@h/d", both, "h:5432/d"),
        ("POSTGRESQL+pg8000://u:p%40ss@h/d", both, "h:5432/d"),
        ("postgresql+psycopg2://u:p%40ss@h:/d", both, "h:5432/d"),
        ("postgresql://h1:1,h2:2/d", none, "h1:1,h2:2/d"),
        ("postgresql://u@[::1]:99/d", user, "[::1]:99/d"),
        ("postgresql://u@h", user, "h:5432"),
        ("postgresql:///d", none, "localhost:5432/d"),
        ("postgresql://u@/d?host=/tmp", user, "/tmp:5432/d"),
        ("postgresql://u@/d?host=h1,h2", user, "h1:5432,h2:5432/d"),
        ("postgresql://u@%2Ftmp/d", user, "/tmp:5432/d"),
        ("postgresql+pg8000://u@/d?unix_sock=/tmp/.s.PGSQL.5433", user, "/tmp:5433/d"),
        ("postgresql:///d?port=99", none, "localhost:99/d"),
        ("postgresql://u@/d?port=2&host=x", user, "x:2/d"),
        ("postgresql://u@h/d%20e?options=-c%20work_mem%3D1MB", user, "h:5432/d e"),
    ];
    for (url, (user, password), expected) in cases {
        let (server, _, shown) = server(url);
        let told = server.get_password().map(|password| str::from_utf8(password).unwrap());
        assert_eq!((server.get_user(), told, &*shown), (user, password, expected), "{url}");
        let options = url.contains("options").then_some("-c work_mem=1MB");
        assert_eq!(server.get_options(), options, "{url}");
    }
}

#[test]
fn sslmode_says_which_certificate_will_do() {
    use Certificate::{Any, Trusted, TrustedBy};
    let cases = [
        ("", SslMode::Prefer, Any),
        ("?sslmode=prefer", SslMode::Prefer, Any),
        ("?sslmode=allow", SslMode::Prefer, Any),
        ("?sslmode=disable", SslMode::Disable, Any),
        ("?sslmode=require", SslMode::Require, Any),
        ("?sslmode=verify-ca", SslMode::Require, Trusted),
        ("?sslmode=verify-full", SslMode::Require, Trusted),
        ("?sslmode=verify-full&sslrootcert=system", SslMode::Require, Trusted),
        ("?sslrootcert=/ca%20s.pem&sslmode=verify-full", SslMode::Require, TrustedBy("/ca s.pem".into())),
        ("?sslrootcert=/ca.pem&sslmode=require", SslMode::Require, TrustedBy("/ca.pem".into())),
    ];
    for (query, mode, expected) in cases {
        let (server, certificate, _) = server(&format!("postgresql://u@h/d{query}"));
        assert_eq!((server.get_ssl_mode(), certificate), (mode, expected), "{query}");
    }
    assert_eq!(server("postgresql://u@/d?host=/tmp&sslmode=require").0.get_ssl_mode(), SslMode::Disable);
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
        ("sqlite:////secret.db?mode=ro", "with mode=ro nothing could be kept in it"),
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
        ("postgresql://u:secret@h1,h2/d?port=7", "once"),
        ("postgresql://u:secret@h/d?host=h2", "once"),
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
