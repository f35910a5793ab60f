//! Https: whom it trusts, and what it says when the other side speaks something else.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Command,
    thread,
};

use super::*;
use crate::support::{https, skip};

fn trusting(url: &str, ca_file: Option<&str>) -> Both {
    let patience = Patience { failing: Duration::ZERO, ..Patience::default() };
    let ca_file = ca_file.map(https::file);
    both(&app(url), ca_file.as_deref(), &patience).unwrap()
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_named() {
    let address = https::server();
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}", address.port());
        assert_eq!(all_movies(&trusting(&url, Some("authority.pem"))).unwrap(), []);
        let said = sentence(all_movies(&trusting(&url, None)));
        let start = "cannot ask radarr for its films: its certificate is not trusted: name the file of its authority, \
                     or its own, in PLEX_LINKER_CA_FILE (";
        assert!(said.starts_with(start), "{said}");
    }
}

#[test]
fn a_certificate_of_the_servers_own() {
    let url = |certificate| format!("https://localhost:{}", https::server_with(certificate).port());
    assert_eq!(all_movies(&trusting(&url("alone.pem"), Some("alone.pem"))).unwrap(), []);
    let said = sentence(all_movies(&trusting(&url("own_authority.pem"), Some("own_authority.pem"))));
    let start = "cannot ask radarr for its films: its certificate is one for an authority, which no server may have: make it anew \
                 with \"openssl req -x509\", \"-addext basicConstraints=critical,CA:FALSE\" and \"-addext subjectAltName=DNS:NAME\" \
                 (or \"IP:ADDRESS\"), and name its file in PLEX_LINKER_CA_FILE (";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn a_certificate_that_is_made_as_the_sentence_says_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pem");
    for (host, name) in [("localhost", "DNS:localhost"), ("127.0.0.1", "IP:127.0.0.1")] {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-subj", "/CN=nas", "-key"])
            .arg(https::file("server.key"))
            .args([
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                &format!("subjectAltName={name}"),
                "-out",
            ])
            .arg(&path)
            .output();
        let Ok(made) = made else { return skip("openssl is missing") };
        assert!(made.status.success(), "{made:?}");
        let file = path.to_str().unwrap();
        let url = format!("https://{host}:{}", https::server_with(file).port());
        assert_eq!(all_movies(&trusting(&url, Some(file))).unwrap(), []);
    }
}

#[test]
fn a_certificate_out_of_its_time() {
    for (certificate, expected) in [
        (
            "expired.pem",
            "its certificate was good until 2021-03-04 05:06:07Z: renew it, or is the clock of this machine wrong",
        ),
        ("early.pem", "its certificate is good from 2119-02-03 04:05:06Z on, or is the clock of this machine wrong"),
    ] {
        let url = format!("https://localhost:{}", https::server_with(certificate).port());
        let said = sentence(all_movies(&trusting(&url, Some(certificate))));
        assert_eq!(said, format!("cannot ask radarr for its films: {expected}"));
    }
}

#[test]
fn a_certificate_for_another_host() {
    let url = format!("https://127.0.0.2:{}", https::server().port());
    let said = sentence(all_movies(&trusting(&url, Some("authority.pem"))));
    let start = "cannot ask radarr for its films: its certificate is for other names: call the server as one of them, or make it anew \
                 with \"-addext subjectAltName=DNS:NAME\" (or \"IP:ADDRESS\") (";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn https_to_a_port_that_speaks_http() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let said = sentence(all_movies(&trusting(&url, None)));
    server.join().unwrap();
    assert_eq!(
        said,
        format!(
            "cannot ask radarr for its films: what answers at {url} does not speak https: let RADARR_0_URL begin with http://"
        )
    );
}

#[test]
fn http_to_a_port_that_speaks_https() {
    let url = format!("http://127.0.0.1:{}", https::server().port());
    let said = sentence(all_movies(&trusting(&url, None)));
    assert!(said.contains("does not speak plain HTTP"), "{said}");
}

#[test]
fn a_file_of_authorities_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    let missing = folder.path().join("missing.pem");
    for (file, cause) in
        [(&empty, "it has no certificate in PEM form"), (&missing, "No such file or directory (os error 2)")]
    {
        // also for plain http: a wrong variable is told at once, not when someone turns https on
        for url in ["https://localhost", "http://localhost"] {
            let Err(Error::Config(said)) = both(&app(url), Some(file), &Patience::default()) else {
                panic!("{} was taken", file.display())
            };
            assert_eq!(said, format!("cannot use {}, named by PLEX_LINKER_CA_FILE: {cause}", file.display()));
        }
    }
}
