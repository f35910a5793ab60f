//! Why a film's file is gone.

/// The last that Radarr did with a film's file was to delete it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    pub why: Why,
    /// When, by Radarr's clock, in seconds since 1970.
    pub at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A better one is being put in its place, which takes minutes between two disks (*observed 2.3*).
    Upgrade,
    /// By its user.
    Manual,
    /// It was not there at a scan.
    MissingFromDisk,
    Other,
}
