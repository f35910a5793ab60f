//! Whom to trust: the certificates of a file that is named, and the machine's own.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateDer, pem::PemObject};

use crate::model::time;

/// Where systems keep the certificates that they trust: Debian, Fedora, openSUSE, Alpine and the BSDs.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Those in a file that `variable` names, one or more.
pub fn named(file: &Path, variable: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    read(file).map_err(|cause| format!("cannot use {}, named by {variable}: {cause}", file.display()))
}

/// None where the machine has no such file.
pub fn machine() -> Vec<CertificateDer<'static>> {
    let bundles = env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter().chain(BUNDLES.map(PathBuf::from));
    bundles.filter_map(|file| read(&file).ok()).next().unwrap_or_default()
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = fs::read(file).map_err(|cause| cause.to_string())?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
    if found.is_empty() { Err("it has no certificate in PEM form".into()) } else { Ok(found) }
}

/// What is to be done when rustls says this of a server's certificate, if anything is known to mend it: often a file in `variable`.
pub fn advice(said: &str, variable: &str) -> Option<String> {
    if said.contains("UnknownIssuer") {
        return Some(format!(
            "its certificate is not trusted: name the file of its authority, or its own, in {variable} ({said})"
        ));
    }
    // as "openssl req -x509" makes it
    if said.contains("CaUsedAsEndEntity") {
        return Some(format!(
            "its certificate is one for an authority, which no server may have: make it anew with \"openssl req -x509\", \
             \"-addext basicConstraints=critical,CA:FALSE\" and \"-addext subjectAltName=DNS:NAME\" (or \"IP:ADDRESS\"), and name its \
             file in {variable} ({said})"
        ));
    }
    if said.contains("not valid for") {
        return Some(format!(
            "its certificate is for other names: call the server as one of them, or make it anew with \
             \"-addext subjectAltName=DNS:NAME\" (or \"IP:ADDRESS\") ({said})"
        ));
    }
    let moment = |words: &str| {
        let (_, rest) = said.split_once(words)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok().map(time)
    };
    let ended = moment("not valid after ").map(|end| format!("its certificate was good until {end}: renew it"));
    let begins = || moment("not valid before ").map(|start| format!("its certificate is good from {start} on"));
    Some(ended.or_else(begins)? + ", or is the clock of this machine wrong")
}
