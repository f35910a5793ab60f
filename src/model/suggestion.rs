//! What a suggestion is made of: films and specials with everything that may tell them apart.

use serde::{Deserialize, Serialize};

use super::{Date, NewRule};

/// A film with all that may make it a special.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Film {
    pub tmdb_id: i32,
    /// In the language of Radarr's choice.
    pub title: String,
    /// The original title and those of other countries.
    pub other_titles: Vec<String>,
    /// The series of films that it belongs to, such as "Futurama Collection".
    pub collection: Option<String>,
    /// Minutes.
    pub runtime: Option<i32>,
    pub year: Option<i32>,
    pub in_cinemas: Option<Date>,
    /// When it came out to buy, on a disc or by wire.
    pub released: Vec<Date>,
}

impl Film {
    pub fn titles(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.title).chain(&self.other_titles)
    }
}

/// An episode of season 0 with all that may make it a film.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Special {
    /// Stays with what it is; `None` from a Sonarr that does not tell it.
    pub tvdb_id: Option<i32>,
    pub number: i32,
    pub title: String,
    pub aired: Option<Date>,
    /// Minutes.
    pub runtime: Option<i32>,
    /// Sonarr has a file for it, be it a link of ours.
    pub has_file: bool,
}

/// A film that looks like a special. It is for a person to make a rule of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Names the pair of film and special, whatever number that has: who has dismissed it is not to see it again.
    pub id: String,
    pub movie_title: String,
    pub tmdb_id: i32,
    pub show_name: String,
    pub tvdb_id: i32,
    /// As in a rule.
    pub season: String,
    pub episode: i32,
    /// The last one's number, if the film was shown as several specials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_episode: Option<i32>,
    pub episode_title: String,
    /// Whether it is hardly anything else.
    pub likely: bool,
    /// 0 to 100.
    pub score: u8,
    /// Why, a short text each.
    pub evidence: Vec<String>,
    /// Somebody has said that it is wrong.
    pub dismissed: bool,
}

impl Suggestion {
    /// The rule that it would become.
    pub fn rule(&self) -> NewRule {
        NewRule {
            movie_title: self.movie_title.clone(),
            tmdb_id: self.tmdb_id,
            show_name: self.show_name.clone(),
            episode: Some(self.episode),
            last_episode: self.last_episode,
            season: Some(self.season.clone()),
            tvdb_id: Some(self.tvdb_id).filter(|id| *id > 0),
            ..NewRule::default()
        }
    }
}
