//! Radarr and Sonarr over HTTP; the only module that knows their shapes.

mod command;
mod connection;
mod either;
pub mod elsewhere;
mod fault;
mod items;
mod message;
mod net;
mod radarr;
mod skim;
mod sonarr;
mod webhook;

pub use command::{Command, Stage};
pub use connection::{Connection, Patience};
pub use either::{Folders, RootFolder, Status};
pub use elsewhere::Letter;
pub use radarr::Radarr;
pub use sonarr::{Lookup, Sonarr};
pub use webhook::{HookStep, Wanted, Webhook};
