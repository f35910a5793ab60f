//! Radarr and Sonarr over HTTP; the only module that knows their shapes.

mod candidates;
mod clock;
mod command;
mod connection;
mod elsewhere;
mod fault;
mod http;
mod items;
mod message;
mod net;
mod radarr;
mod skim;
mod sonarr;
mod webhook;
mod wire;

pub use command::{Command, Stage};
pub use connection::{Connection, RootFolder, Status};
pub use elsewhere::{Elsewhere, Letter};
pub use http::Patience;
pub use radarr::Radarr;
pub use sonarr::{Lookup, Sonarr};
pub use webhook::{HookStep, Wanted, Webhook};
pub use wire::Folders;
