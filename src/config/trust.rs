//! Whom to trust: the certificates of a file that is named, and the machine's own.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateDer, pem::PemObject};

/// What is said of a server's own certificate as "openssl req -x509" makes it, for which rustls says `CaUsedAsEndEntity`.
pub const FOR_AN_AUTHORITY: &str = "its certificate is one for an authority, which no server may have: make it anew with \
    \"openssl req -x509\" and \"-addext basicConstraints=critical,CA:FALSE\"";

/// Where systems keep the certificates that they trust: Debian, Fedora, openSUSE, Alpine and the BSDs.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// One or more; the sentence about what is wrong reads after the file's name.
pub fn named(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = fs::read(file).map_err(|cause| cause.to_string())?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
    if found.is_empty() { Err("it has no certificate in PEM form".into()) } else { Ok(found) }
}

/// None where the machine has no such file.
pub fn machine() -> Vec<CertificateDer<'static>> {
    let bundles = env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter().chain(BUNDLES.map(PathBuf::from));
    bundles.filter_map(|file| named(&file).ok()).next().unwrap_or_default()
}
