//! What Radarr and Sonarr send when something happened there.

use serde::Deserialize;
use serde_json::json;

use super::{Asked, Most, Order, Refusal, Reply, Result, Web};

impl Web {
    /// The answer says only that it was heard. Their trial message is no reason for a run.
    pub(super) fn webhook(&self, asked: &Asked) -> Result {
        let body = &asked.request.body;
        // only of many files is there so much to tell
        let is_cut = body.len() >= Most::BEGINNING.bytes;
        let event = if is_cut { Event::default() } else { Event::read(body).map_err(Refusal::no_json)? };
        let status = if event.is_trial() { 200 } else { 202 };
        event.wish().map_or(Ok(()), |wish| self.order(wish))?;
        Ok(Reply::json(status, &json!({})))
    }
}

/// As much of an event as decides whether a run follows.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    event_type: String,
    delete_reason: Option<String>,
    episode_file: Option<File>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    /// Below the show's folder.
    relative_path: String,
}

impl Event {
    /// Of an empty body, or of other JSON, nothing is known.
    pub fn read(body: &[u8]) -> serde_json::Result<Event> {
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        match serde_json::from_slice(text) {
            Err(problem) if !problem.is_data() && !text.is_empty() => Err(problem),
            event => Ok(event.unwrap_or_default()),
        }
    }

    /// What is asked of the linker; `None`: nothing.
    pub fn wish(self) -> Option<Order> {
        match (self.event_type.as_str(), self.delete_reason.as_deref()) {
            ("Test", _) => None,
            // the import that replaces it follows
            (_, Some("upgrade")) => None,
            ("EpisodeFileDelete", Some("missingFromDisk" | "manualOverride")) => {
                Some(self.episode_file.map_or(Order::Soon, |file| Order::Gone(file.relative_path)))
            }
            _ => Some(Order::Soon),
        }
    }

    pub fn is_trial(&self) -> bool {
        self.event_type == "Test"
    }
}
