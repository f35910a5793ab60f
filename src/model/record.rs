//! What we keep for ourselves: which links are ours, what rules were found to mean, and who has still to hear of a change.

use serde::{Deserialize, Deserializer, Serialize};

use super::Instance;

/// Our own record of a link that we made or adopted: what may be replaced or removed. A row of `pl_links`; the path is absolute and local.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub path: String,
    /// The rule that it was made for.
    pub rule: i32,
    /// What its name says, as [`crate::plan::Placement::named`] puts it. Empty if it was made before that was recorded.
    pub named: String,
    /// The link's text.
    pub target: String,
    /// The text before the change that is or was under way: a killed run leaves either one on the disk, and both are ours.
    pub was: Option<String>,
    #[serde(flatten)]
    pub concerns: Concerns,
}

impl Link {
    /// It leads to a subtitle file, and stands beside the rule's link to the film.
    pub fn is_subtitle(&self) -> bool {
        is_subtitle(&self.path)
    }
}

/// By its extension, among those that players know (*observed §5*).
pub fn is_subtitle(name: &str) -> bool {
    const EXTENSIONS: [&str; 8] = ["srt", "ass", "ssa", "vtt", "sup", "sub", "idx", "smi"];
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// Whom a change of a link concerns: the show that it is in, and the film that it leads to. A number of 0 is nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concerns {
    pub sonarr: Instance,
    pub series_id: i32,
    pub radarr: Instance,
    pub movie_id: i32,
}

/// What a rule was found to mean when its link was made or found right: which special and which film, whatever their numbers become.
/// A row of `pl_meanings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    pub rule: i32,
    /// What the rule wished for then: it means something else as soon as somebody edits it.
    pub wish: String,
    pub sonarr: Instance,
    pub series_id: i32,
    /// 0 if it has none.
    pub series_tvdb_id: i32,
    /// In the order of their numbers: one, or several that are one film.
    pub specials: Vec<KnownSpecial>,
    pub radarr: Instance,
    pub movie_id: i32,
    /// Where the disk is mounted that the film's file was seen on; `None` if it is the system's own.
    #[serde(default)]
    pub disk: Option<String>,
}

/// A special as Sonarr told it. Its number may change with TVDB's order, and Sonarr's own id stays with the number (*observed §3*):
/// only TVDB's id stays with what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSpecial {
    /// `None` from a Sonarr that does not tell it.
    pub tvdb_id: Option<i32>,
    pub number: i32,
    pub title: String,
}

/// What Sonarr's search said when it was asked for a show's name. A row of `pl_searches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub title: String,
    /// Seconds since 1970.
    pub at: i64,
    /// How many shows the Sonarrs had then.
    pub shows: i32,
    /// The one show of the library that it means, if it means one.
    pub tvdb_id: Option<i32>,
}

/// An app that has still to hear of a change: which show or film of it has changed. A row of `pl_untold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untold {
    Series(Instance, i32),
    Movie(Instance, i32),
}

/// What became of the scan of a show since a link in it changed last, as far as that was seen. A row of `pl_scans`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub sonarr: Instance,
    pub series_id: i32,
    /// The command did; the import comes first, and is done nevertheless (*observed 2.1*).
    #[serde(deserialize_with = "is_set")]
    pub failed: bool,
    /// Sonarr has been told once more since it sees the film.
    #[serde(deserialize_with = "is_set")]
    pub again: bool,
}

/// Both databases have a number there.
fn is_set<'de, D: Deserializer<'de>>(number: D) -> Result<bool, D::Error> {
    Ok(i64::deserialize(number)? != 0)
}

impl Concerns {
    /// Who has to hear of a change.
    pub fn untold(self) -> impl Iterator<Item = Untold> {
        let series = (self.series_id > 0).then_some(Untold::Series(self.sonarr, self.series_id));
        let movie = (self.movie_id > 0).then_some(Untold::Movie(self.radarr, self.movie_id));
        series.into_iter().chain(movie)
    }
}
