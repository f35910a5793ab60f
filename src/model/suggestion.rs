//! What a suggestion is made of.

use serde::Serialize;

use super::NewRule;

/// A film that looks like a special. It is for a person to make a rule of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    pub movie_title: String,
    pub tmdb_id: i32,
    pub show_name: String,
    pub tvdb_id: i32,
    /// As in a rule.
    pub season: String,
    pub episode: i32,
    pub episode_title: String,
    /// Whether it is hardly anything else.
    pub likely: bool,
    /// 0 to 100.
    pub score: u8,
    /// Why, a short text each.
    pub evidence: Vec<String>,
}

impl Suggestion {
    /// The rule that it would become.
    pub fn rule(&self) -> NewRule {
        NewRule {
            movie_title: self.movie_title.clone(),
            tmdb_id: self.tmdb_id,
            show_name: self.show_name.clone(),
            episode: Some(self.episode),
            season: Some(self.season.clone()),
            tvdb_id: Some(self.tvdb_id).filter(|id| *id > 0),
            ..NewRule::default()
        }
    }
}
