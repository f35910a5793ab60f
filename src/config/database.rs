//! `DATABASE_URL`: the forms that the old program's users have, and PostgreSQL's own.

use std::path::PathBuf;

use super::Secret;

/// Where the rules are.
#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres {
        /// A `postgresql://` URL without the parts that are told by `tls`.
        url: Secret,
        tls: Tls,
        /// Host, port and database, for messages.
        shown: String,
    },
}

/// `sslmode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    Disable,
    /// TLS if the server has it, whatever its certificate.
    Prefer,
    /// TLS, whatever the server's certificate.
    Require,
    /// TLS with a certificate that fits the host, from the usual authorities or those in this file.
    VerifyFull {
        ca_file: Option<PathBuf>,
    },
}

impl Database {
    /// The sentence about what is wrong reads after "cannot use DATABASE_URL: " and never quotes the URL.
    pub fn parse(_url: &str) -> Result<Database, String> {
        todo!()
    }
}
