//! Radarr and Sonarr over HTTP; the only module that knows their shapes.

mod client;
mod connection;
mod either;
pub mod elsewhere;
mod fault;
mod message;
mod radarr;
mod sonarr;
mod webhook;

pub use connection::{Connection, Patience};
pub use either::{RootFolder, RootFolders, Status};
pub use elsewhere::Letter;
pub use radarr::Radarr;
pub use sonarr::{Command, Sonarr, Stage};
pub use webhook::{HookStep, Wanted, Webhook};
