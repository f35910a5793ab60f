//! TLS to PostgreSQL, by rustls.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::CA_BUNDLES;

/// TLS with whatever certificate the server shows.
pub fn with_any_certificate() -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let config = builder(&provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// TLS with a certificate for the very host, from an authority in `ca_file`, else one that this machine trusts, else one that
/// browsers trust.
pub fn verified(ca_file: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let bundle = || CA_BUNDLES.iter().map(PathBuf::from).find(|file| file.exists());
    let mut roots = RootCertStore::empty();
    match ca_file.map(PathBuf::from).or_else(bundle) {
        Some(file) => {
            let certificates = CertificateDer::pem_file_iter(&file)
                .and_then(|found| found.collect::<Result<Vec<_>, _>>())
                .map_err(|cause| format!("cannot read the certificates in {}: {cause}", file.display()))?;
            if roots.add_parsable_certificates(certificates).0 == 0 {
                return Err(format!("there is no certificate in {}", file.display()));
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = builder(&Arc::new(ring::default_provider()))?.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder(provider: &Arc<CryptoProvider>) -> Result<Builder, String> {
    ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())
}

/// Takes every certificate, as `sslmode=require` asks: it hides the talk from those who listen, not from those who interfere.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
