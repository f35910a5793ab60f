//! The client for all that is asked over HTTP: whom it trusts, how it finds a host, and how long it waits.

use std::{path::Path, sync::mpsc, thread, time::Duration};

use ureq::{
    Agent, Error as Failure,
    config::Config,
    http::Uri,
    tls::{Certificate, RootCerts, TlsConfig},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

use crate::{
    config::trust,
    error::{Error, Result},
    hosts,
};

/// `ca_file` has certificates to trust besides the machine's own; `Err` if it has none.
pub(super) fn agent(https: bool, ca_file: Option<&Path>, longest: Option<Duration>) -> Result<Agent> {
    let mut config = Agent::config_builder()
        .user_agent(concat!("plex-linker/", env!("CARGO_PKG_VERSION")))
        .accept("application/json")
        .accept_encoding("identity")
        // a redirect would take the key to another host
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(longest)
        .timeout_resolve(Some(Duration::from_secs(10)))
        .timeout_connect(Some(Duration::from_secs(5)));
    if ca_file.is_some() || https {
        config = config.tls_config(TlsConfig::builder().root_certs(roots(ca_file)?).build());
    }
    Ok(Agent::with_parts(config.build(), DefaultConnector::new(), PatientResolver::default()))
}

/// The machine's certificates and those in `ca_file`; if there are neither, the ones that are built in.
fn roots(ca_file: Option<&Path>) -> Result<RootCerts> {
    let named = ca_file.map(|file| trust::named(file, "PLEX_LINKER_CA_FILE").map_err(Error::Config));
    let named = named.transpose()?.unwrap_or_default();
    let roots: Vec<_> =
        named.iter().chain(&trust::machine()).map(|found| Certificate::from_der(found).to_owned()).collect();
    Ok(if roots.is_empty() { RootCerts::WebPki } else { roots.into() })
}

/// The usual lookup with what [`hosts`] adds.
#[derive(Debug, Default)]
struct PatientResolver(DefaultResolver);

impl Resolver for PatientResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, Failure> {
        let host = uri.host().unwrap_or_default().to_string();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let mut found = self.empty();
        hosts::local(&host, port).into_iter().for_each(|address| found.push(address));
        if !found.is_empty() {
            return Ok(found);
        }
        let failure = match self.0.resolve(uri, config, timeout) {
            Err(failure @ (Failure::Io(_) | Failure::HostNotFound)) => failure,
            done => return done,
        };
        let (sender, receiver) = mpsc::channel();
        // the lookup cannot be cut short: if it takes too long it is left behind
        _ = thread::Builder::new().spawn(move || sender.send(hosts::ipv4(&host, port)));
        for address in receiver.recv_timeout(*timeout.after).unwrap_or_default().into_iter().take(16) {
            found.push(address);
        }
        if found.is_empty() { Err(failure) } else { Ok(found) }
    }
}
