//! TLS to PostgreSQL, by rustls.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{Certificate, trust};

/// TLS with a server that shows such a certificate.
pub fn by(certificate: &Certificate) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|cause| cause.to_string())?;
    let mut roots = RootCertStore::empty();
    match certificate {
        Certificate::Any => {
            let verifier = Arc::new(AnyCertificate(provider));
            let config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
            return Ok(MakeRustlsConnect::new(config));
        }
        Certificate::TrustedBy(file) => _ = roots.add_parsable_certificates(trust::named(file, "sslrootcert")?),
        Certificate::Trusted => _ = roots.add_parsable_certificates(trust::machine()),
    }
    if roots.is_empty() && *certificate == Certificate::Trusted {
        // those that browsers trust
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// Takes every certificate, as `sslmode=require` asks: it hides the talk from those who listen, not from those who interfere.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

type Signed = Result<HandshakeSignatureValid, Error>;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(&self, _: &[u8], _: &CertificateDer, _: &DigitallySignedStruct) -> Signed {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(&self, _: &[u8], _: &CertificateDer, _: &DigitallySignedStruct) -> Signed {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
