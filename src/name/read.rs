//! What Sonarr reads from the name of a file in a show's folder (*observed §9*).

/// Whether Sonarr takes a file of this name for anything else than these specials of that season.
pub fn misread(file_name: &str, season: i32, first: i32, last: i32) -> bool {
    super::marked(file_name) != Some((season, first, last))
}
