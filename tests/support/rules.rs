//! Rules, and how they are put into a SQLite file past the program, in the tables of the program's old version.

use plex_linker::model::NewRule;
use rusqlite::{Connection, params};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS link_rules (
        id INTEGER NOT NULL, movie_title VARCHAR NOT NULL, tmdb_id INTEGER NOT NULL, show_name VARCHAR NOT NULL,
        episode INTEGER, season VARCHAR, episode_id INTEGER, series_id INTEGER, tvdb_id INTEGER,
        PRIMARY KEY (id), UNIQUE (movie_title, show_name));
    CREATE TABLE IF NOT EXISTS settings (key VARCHAR NOT NULL, value TEXT NOT NULL, PRIMARY KEY (key));";

/// This film is that show's special number so-and-so.
pub fn wish(movie: impl Into<String>, tmdb_id: i32, show: impl Into<String>, episode: i32) -> NewRule {
    NewRule { movie_title: movie.into(), tmdb_id, show_name: show.into(), episode: Some(episode), ..NewRule::default() }
}

/// The number of the new rule.
pub fn add(file: &str, rule: &NewRule) -> i32 {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let sql = "INSERT INTO link_rules
        (movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    let NewRule { movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id, .. } = rule;
    let values = params![movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id];
    connection.query_row(sql, values, |row| row.get(0)).unwrap()
}

/// What `plex-linker` is told to add the same rule.
pub fn arguments(rule: &NewRule) -> Vec<String> {
    let number = |value: Option<i32>| value.map(|value| value.to_string());
    let options = [
        ("--movie-title", Some(rule.movie_title.clone())),
        ("--tmdb-id", Some(rule.tmdb_id.to_string())),
        ("--show-name", Some(rule.show_name.clone())),
        ("--season", rule.season.clone()),
        ("--episode", episodes(rule)),
        ("--episode-id", number(rule.episode_id)),
        ("--series-id", number(rule.series_id)),
        ("--tvdb-id", number(rule.tvdb_id)),
    ];
    let given = options.into_iter().filter_map(|(name, value)| Some([name.to_string(), value?]));
    ["rules", "add"].map(String::from).into_iter().chain(given.flatten()).collect()
}

/// `5`, or `1-4`.
fn episodes(rule: &NewRule) -> Option<String> {
    let first = rule.episode?;
    Some(rule.last_episode.map_or_else(|| first.to_string(), |last| format!("{first}-{last}")))
}
