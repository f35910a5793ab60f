//! Films and shows as the apps last told them: for those who make rules.

use super::{Instance, Suggestion};

/// What the apps have, as far as completing a form and suggesting rules needs it.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Seconds since 1970.
    pub fetched_at: i64,
    pub movies: Vec<CatalogMovie>,
    pub shows: Vec<CatalogShow>,
    /// The best first.
    pub suggestions: Vec<Suggestion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogMovie {
    pub tmdb_id: i32,
    pub title: String,
    pub year: Option<i32>,
    pub has_file: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogShow {
    pub sonarr: Instance,
    /// Sonarr's own number.
    pub id: i32,
    pub tvdb_id: i32,
    pub title: String,
}

/// What is known of one Sonarr or Radarr.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AppState {
    pub name: String,
    pub version: Option<String>,
    /// Why it could not be used the last time.
    pub problem: Option<String>,
}
