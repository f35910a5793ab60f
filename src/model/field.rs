//! The fields of a rule, and what somewhere stands for one.

use std::fmt;

use serde_json::Value;

use crate::error::Mistake;

/// A field of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    MovieTitle,
    TmdbId,
    ShowName,
    Episode,
    Season,
    EpisodeId,
    SeriesId,
    TvdbId,
    LastEpisode,
}

/// What somewhere stands for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    Absent,
    Text(String),
    Number(i64),
    /// Something that no field holds, told for people.
    Other(String),
}

impl Field {
    /// As the table of rules and the API call each, and as the command line does.
    pub(super) const NAMES: [(Field, &str, &str); 9] = [
        (Field::MovieTitle, "movie_title", "--movie-title"),
        (Field::TmdbId, "tmdb_id", "--tmdb-id"),
        (Field::ShowName, "show_name", "--show-name"),
        (Field::Episode, "episode", "--episode"),
        (Field::Season, "season", "--season"),
        (Field::EpisodeId, "episode_id", "--episode-id"),
        (Field::SeriesId, "series_id", "--series-id"),
        (Field::TvdbId, "tvdb_id", "--tvdb-id"),
        (Field::LastEpisode, "last_episode", "--last-episode"),
    ];

    pub fn all() -> impl Iterator<Item = Field> + Clone {
        Field::NAMES.into_iter().map(|(field, ..)| field)
    }

    pub fn name(self) -> &'static str {
        Field::NAMES[self as usize].1
    }

    pub fn option(self) -> &'static str {
        Field::NAMES[self as usize].2
    }

    pub fn named(name: &str) -> Option<Field> {
        Field::all().find(|field| field.name() == name)
    }

    pub fn mistake(self, what: impl fmt::Display) -> Mistake {
        Mistake { field: self.name(), sentence: format!("{} {what}", self.name()) }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const MOST: usize = 40;
        match self {
            Given::Absent => f.write_str("empty"),
            Given::Number(number) => write!(f, "{number}"),
            Given::Text(text) if text.chars().count() > MOST => {
                write!(f, "{:?} and more", text.chars().take(MOST).collect::<String>())
            }
            Given::Text(text) => write!(f, "{text:?}"),
            Given::Other(text) => f.write_str(text),
        }
    }
}

impl From<&str> for Given {
    fn from(text: &str) -> Given {
        Given::Text(text.into())
    }
}

impl From<i64> for Given {
    fn from(number: i64) -> Given {
        Given::Number(number)
    }
}

impl From<i32> for Given {
    fn from(number: i32) -> Given {
        Given::Number(number.into())
    }
}

impl From<Option<i32>> for Given {
    fn from(number: Option<i32>) -> Given {
        number.map_or(Given::Absent, Given::from)
    }
}

impl From<&Value> for Given {
    fn from(value: &Value) -> Given {
        // 3.0 is a whole number, too
        let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
        match value {
            Value::Null => Given::Absent,
            Value::String(text) => Given::Text(text.clone()),
            Value::Number(number) => match number.as_i64().or(number.as_f64().and_then(whole)) {
                Some(number) => Given::Number(number),
                None => Given::Other(number.to_string()),
            },
            Value::Bool(yes) => Given::Other(yes.to_string()),
            Value::Array(_) => Given::Other("a list".into()),
            Value::Object(_) => Given::Other("an object".into()),
        }
    }
}
