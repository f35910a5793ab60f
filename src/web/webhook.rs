//! What Radarr and Sonarr send when something happened there.

use serde_json::{Value, json};

use super::{Asked, Most, Order, Refusal, Reply, Result, Web};

impl Web {
    /// The answer says only that it was heard.
    pub(super) fn webhook(&self, asked: &Asked) -> Result {
        let body = &asked.request.body;
        // only of many files is there so much to tell
        let event = if body.len() < Most::BEGINNING.bytes { read(body)? } else { Value::Null };
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let order = match (text("/eventType"), text("/deleteReason")) {
            (Some("Test"), _) => return Ok(Reply::json(200, &json!({}))),
            // what has not come to a disk yet, and how the app is
            (Some("Grab" | "ManualInteractionRequired" | "Health" | "HealthRestored" | "ApplicationUpdate"), _) => None,
            // the import that replaces it follows
            (Some(_), Some("upgrade")) => None,
            (Some("EpisodeFileDelete"), Some("missingFromDisk" | "manualOverride")) => {
                // below the show's folder
                Some(text("/episodeFile/relativePath").map_or(Order::Soon, |file| Order::Gone(file.into())))
            }
            _ => Some(Order::Soon),
        };
        order.map_or(Ok(()), |order| self.order(order))?;
        Ok(Reply::json(202, &json!({})))
    }
}

/// Of an empty body nothing is known.
fn read(body: &[u8]) -> Result<Value> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(text).map_err(Refusal::no_json) }
}
