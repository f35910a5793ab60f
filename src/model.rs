//! The nouns.

mod calendar;
mod catalog;
mod csv;
mod deleted;
mod field;
mod finding;
mod news;
mod numbers;
mod path;
mod reading;
mod reason;
mod record;
mod report;
mod rule;
mod suggestion;
mod wording;

pub use calendar::{Date, civil, time};
pub use catalog::{AppState, Catalog, CatalogMovie, CatalogShow, Season, Suggestions};
pub use deleted::{Deleted, Why};
pub use field::{Field, Given};
pub use finding::{Checked, Finding, Verdict};
pub use news::{NOT_AGAIN, News, Told, Weight};
pub use numbers::Numbers;
pub use path::{MediaPath, PathMap, PathProblem, Paths, Roots};
pub use reading::sound;
pub use reason::{Reason, STATES, Standing, State, UNSEEN};
pub use record::{Concerns, KnownSpecial, Link, Meaning, Scan, Search, Untold, is_subtitle};
pub use report::{Line, Report, RuleState};
pub use rule::{InvalidRule, NewRule, Rule, Rules, matched, mistakes_in_list};
pub use suggestion::{Film, Special, Suggestion};
pub use wording::{counted, escaped};

/// Which of the configured Sonarrs or Radarrs: the number in `SONARR_0_URL`.
pub type Instance = usize;

/// A film as Radarr tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movie {
    pub radarr: Instance,
    pub id: i32,
    pub tmdb_id: i32,
    /// In the language of Radarr's choice: for people only.
    pub title: String,
    pub year: Option<i32>,
    /// As Radarr sees it.
    pub folder: Option<String>,
    /// Only a file that Radarr holds to be the film's present one (*facts A.6*).
    pub file: Option<MovieFile>,
    /// Radarr has a file, but does not tell which.
    pub file_untold: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovieFile {
    /// As Radarr sees it, byte for byte.
    pub path: String,
    /// `quality.quality.name`: Radarr's fixed name, not the one that users may edit.
    pub quality: String,
    /// `quality.revision.version`: 2 and more is a Proper or a Repack.
    pub revision: i32,
}

/// A show as Sonarr tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub sonarr: Instance,
    pub id: i32,
    pub tvdb_id: i32,
    pub title: String,
    pub alternate_titles: Vec<String>,
    pub year: Option<i32>,
    /// The show's folder as Sonarr sees it.
    pub path: String,
    /// `seriesType` is `anime`.
    pub anime: bool,
    /// Whether Sonarr puts this show's episodes into season folders.
    pub season_folder: bool,
    /// What the address of its page in Sonarr ends with.
    pub slug: Option<String>,
    /// Minutes, as an episode usually has: TVDB gives them to specials of whose length it knows nothing, too.
    pub runtime: Option<i32>,
}

/// An episode as Sonarr tells it; we only ask for the seasons that rules name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    pub id: i32,
    /// Stays with what it is, as `id` does with its number (*observed §3*); old Sonarrs do not tell it.
    pub tvdb_id: Option<i32>,
    pub number: i32,
    pub title: String,
    /// The file that Sonarr has for it, as Sonarr sees it: perhaps our own link.
    pub file: Option<String>,
}

/// What the specials folder is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecialsFolder {
    /// What Sonarr itself would use, where Sonarr renames its files or has specials in that folder; else [`SpecialsFolder::USUAL`].
    Auto,
    /// This text; `{season}` stands for the rule's season.
    Named(String),
    /// What Sonarr itself would use.
    Sonarr,
}

impl SpecialsFolder {
    pub const USUAL: &str = "Season {season}";
}

/// How a Sonarr names what it imports, with its own tokens in it (*facts C.1*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// It gives its files names of its own.
    pub renames: bool,
    pub specials_folder: String,
    /// For the other seasons.
    pub season_folder: String,
}
