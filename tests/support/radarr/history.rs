//! What Radarr tells of a film's past (`recorded/radarr_history_movie.json`).

use super::{Movie, MovieFile};
use crate::{
    object,
    support::{json::Json, quality::Quality},
};

#[derive(Debug, Clone)]
pub struct Event {
    pub id: i32,
    /// As it stands in the answer, to whole seconds.
    pub date: String,
    /// The film's folder then.
    pub folder: String,
    pub file: MovieFile,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    /// `Upgrade`, `Manual` or `MissingFromDisk`.
    Deleted(&'static str),
    Imported,
    /// From this name in the film's folder.
    Renamed(String),
}

impl Event {
    pub fn json(&self, movie: &Movie) -> Json {
        let path = |name: &str| format!("{}/{name}", self.folder);
        let name = self.file.relative_path.as_str();
        let base = name.rsplit_once('.').map_or(name, |(base, _)| base);
        let dropped = format!("/downloads/{name}");
        let null = || Json("null".into());
        let size = self.file.size.to_string();
        let (kind, title, data) = match &self.what {
            What::Deleted(reason) => (
                "movieFileDeleted",
                path(name),
                object! { "reason": *reason, "releaseGroup": null(), "size": size, "indexerFlags": "0" },
            ),
            What::Imported => (
                "downloadFolderImported",
                base.to_string(),
                object! {
                    "fileId": self.file.id.to_string(),
                    "droppedPath": dropped,
                    "importedPath": path(name),
                    "downloadClient": null(),
                    "downloadClientName": null(),
                    "releaseGroup": null(),
                    "customFormatScore": "0",
                    "size": size,
                    "indexerFlags": "0",
                },
            ),
            What::Renamed(from) => (
                "movieFileRenamed",
                path(from),
                object! {
                    "sourcePath": path(from),
                    "sourceRelativePath": from,
                    "path": path(name),
                    "relativePath": name,
                    "releaseGroup": null(),
                    "size": size,
                    "indexerFlags": "0",
                },
            ),
        };
        object! {
            "movieId": movie.id,
            "sourceTitle": title,
            "languages": vec![object! { "id": 1, "name": "English" }],
            "quality": Quality::of_radarr(&self.file.quality).radarr_json(self.file.version),
            "customFormats": Vec::<Json>::new(),
            "customFormatScore": 0,
            "qualityCutoffNotMet": false,
            "date": &self.date,
            "eventType": kind,
            "data": data,
            "id": self.id,
        }
    }
}
