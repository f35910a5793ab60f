//! The shapes of Sonarr's answers (*facts A.4*, A.5).

use super::{Episode, EpisodeFile, Series};
use crate::{
    object,
    support::{
        json::Json,
        quality::Quality,
        radarr::{clean, images, media_info, parent},
    },
};

impl Series {
    pub fn json(&self) -> Json {
        let alternate = |title: &String| object! { "title": title, "seasonNumber": -1 };
        let titles = self.alternate_titles.as_ref();
        let mut seasons: Vec<u32> = self.episodes.iter().map(|episode| episode.season).chain([0]).collect();
        seasons.sort_unstable();
        seasons.dedup();
        let season = |number: &u32| {
            object! {
                "seasonNumber": *number,
                "monitored": *number > 0,
                "statistics": self.statistics(None, |episode| episode.season == *number),
            }
        };
        object! {
            "title": &self.title,
            "alternateTitles": titles.map(|titles| titles.iter().map(alternate).collect::<Vec<_>>()),
            "sortTitle": self.title.to_lowercase(),
            "status": "ended",
            "ended": true,
            "overview": "A show.",
            "previousAiring": "2020-09-19T15:00:00Z",
            "network": "Tokyo MX",
            "airTime": "00:00",
            "images": images(self.id),
            "originalLanguage": object! { "id": 8, "name": "Japanese" },
            "seasons": seasons.iter().map(season).collect::<Vec<_>>(),
            "year": self.year,
            "path": &self.path,
            "qualityProfileId": 4,
            "seasonFolder": self.season_folder,
            "monitored": true,
            "monitorNewItems": "all",
            "useSceneNumbering": false,
            "runtime": 24,
            "tvdbId": self.tvdb_id,
            "tvRageId": 0,
            "tvMazeId": 0,
            "tmdbId": 0,
            "firstAired": "2012-07-08T00:00:00Z",
            "lastAired": "2020-09-20T00:00:00Z",
            "seriesType": &self.series_type,
            "cleanTitle": clean(&self.title),
            "titleSlug": slug(&self.title),
            "rootFolderPath": parent(&self.path),
            "genres": vec!["Animation"],
            "tags": Vec::<Json>::new(),
            "added": "2023-01-15T12:00:00Z",
            "ratings": object! { "votes": 4321, "value": 8.2 },
            "statistics": self.statistics(Some(seasons.len() - 1), |episode| episode.season > 0),
            "languageProfileId": 1,
            "id": self.id,
        }
    }

    /// All its files, each once.
    pub fn files_json(&self) -> Vec<Json> {
        self.files().iter().map(|(season, file)| file.json(self, *season)).collect()
    }

    /// Each file once, with its season.
    pub fn files(&self) -> Vec<(u32, EpisodeFile)> {
        let mut files: Vec<(u32, EpisodeFile)> = Vec::new();
        for episode in &self.episodes {
            let file = episode.file.iter().find(|file| !files.iter().any(|(_, known)| known.id == file.id));
            files.extend(file.map(|file| (episode.season, file.clone())));
        }
        files
    }

    /// The numbers of the episodes that a file is of.
    pub fn numbers_of(&self, file: i32) -> Vec<u32> {
        let has = |episode: &&Episode| episode.file.as_ref().is_some_and(|known| known.id == file);
        self.episodes.iter().filter(has).map(|episode| episode.number).collect()
    }

    fn statistics(&self, season_count: Option<usize>, counted: impl Fn(&Episode) -> bool) -> Json {
        let episodes: Vec<_> = self.episodes.iter().filter(|episode| counted(episode)).collect();
        let files = episodes.iter().filter_map(|episode| episode.file.as_ref());
        let count = files.clone().count();
        object! {
            "seasonCount": season_count,
            "previousAiring": season_count.is_none().then_some("2020-09-19T15:00:00Z"),
            "episodeFileCount": count,
            "episodeCount": count,
            "totalEpisodeCount": episodes.len(),
            "sizeOnDisk": files.map(|file| file.size).sum::<u64>(),
            "releaseGroups": Vec::<Json>::new(),
            "percentOfEpisodes": if count > 0 { 100.0 } else { 0.0 },
        }
    }
}

impl Episode {
    pub fn json(&self, series: &Series, with_file: bool) -> Json {
        let file = self.file.as_ref().filter(|_| with_file);
        object! {
            "seriesId": series.id,
            "tvdbId": series.tells_tvdb_ids.then_some(self.tvdb_id),
            "episodeFileId": self.file.as_ref().map_or(0, |file| file.id),
            "seasonNumber": self.season,
            "episodeNumber": self.number,
            "title": &self.title,
            "airDate": &self.air_date,
            "airDateUtc": self.air_date.as_ref().map(|date| format!("{date}T15:00:00Z")),
            "runtime": self.runtime,
            "episodeFile": file.map(|file| file.json(series, self.season)),
            "hasFile": self.file.is_some(),
            "monitored": self.monitored,
            "unverifiedSceneNumbering": false,
            "id": self.id,
        }
    }
}

impl EpisodeFile {
    fn json(&self, series: &Series, season: u32) -> Json {
        object! {
            "seriesId": series.id,
            "seasonNumber": season,
            "relativePath": &self.relative_path,
            "path": format!("{}/{}", series.path, self.relative_path),
            "size": self.size,
            "dateAdded": "2026-07-01T12:00:41Z",
            "languages": vec![object! { "id": 1, "name": "English" }],
            "quality": Quality::in_name(&self.relative_path)
                .sonarr_json(Quality::revision_in(&self.relative_path)),
            "customFormats": Vec::<Json>::new(),
            "customFormatScore": 0,
            "indexerFlags": 0,
            "releaseType": if series.numbers_of(self.id).len() > 1 { "multiEpisode" } else { "singleEpisode" },
            "mediaInfo": media_info(),
            "qualityCutoffNotMet": false,
            "id": self.id,
        }
    }
}

/// A hit of a lookup that is not in the library: no `id`, no `path`, and a date before all dates.
pub fn not_owned(title: &str, tvdb_id: i32) -> Json {
    object! {
        "title": title,
        "sortTitle": title.to_lowercase(),
        "status": "ended",
        "ended": true,
        "overview": "A show.",
        "network": "Tokyo MX",
        "airTime": "00:00",
        "images": images(0),
        "originalLanguage": object! { "id": 8, "name": "Japanese" },
        "remotePoster": "https://images.example.org/poster.jpg",
        "seasons": vec![object! { "seasonNumber": 0, "monitored": true }],
        "year": 2018,
        "qualityProfileId": 0,
        "seasonFolder": false,
        "monitored": true,
        "monitorNewItems": "all",
        "useSceneNumbering": false,
        "runtime": 24,
        "tvdbId": tvdb_id,
        "tvRageId": 0,
        "tvMazeId": 0,
        "tmdbId": 0,
        "firstAired": "2018-01-11T00:00:00Z",
        "lastAired": "2018-04-05T00:00:00Z",
        "seriesType": "standard",
        "cleanTitle": clean(title),
        "imdbId": "tt7472896",
        "titleSlug": slug(title),
        "folder": title,
        "genres": vec!["Animation"],
        "tags": Vec::<Json>::new(),
        "added": "0001-01-01T00:00:00Z",
        "ratings": object! { "votes": 4321, "value": 8.2 },
        "statistics": object! {
            "seasonCount": 1,
            "episodeFileCount": 0,
            "episodeCount": 0,
            "totalEpisodeCount": 0,
            "sizeOnDisk": 0,
            "percentOfEpisodes": 0,
        },
        "languageProfileId": 1,
    }
}

fn slug(title: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    title.to_lowercase().chars().map(letter).collect()
}
