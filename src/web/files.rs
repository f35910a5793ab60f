//! The files that pages are made of.

use super::{
    api::Answer,
    reply::{Refusal, Reply},
};

struct File {
    name: &'static str,
    content_type: &'static str,
    text: &'static str,
}

static FILES: [File; 3] = [
    File { name: "style.css", content_type: "text/css; charset=utf-8", text: include_str!("style.css") },
    File { name: "script.js", content_type: "text/javascript; charset=utf-8", text: include_str!("script.js") },
    File { name: "icon.svg", content_type: "image/svg+xml", text: include_str!("icon.svg") },
];

/// A file, to be kept for ever where the request bears its stamp.
pub fn file(name: &str, query: &[(String, String)]) -> Answer {
    let missing = || Refusal::new(404, "there is nothing at this address");
    let file = FILES.iter().find(|file| file.name == name).ok_or_else(missing)?;
    let stamped = query.iter().any(|(name, value)| name == "v" && *value == STAMP.to_string());
    let keep = if stamped { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(Reply::new(200, file.content_type, file.text).with("Cache-Control", keep))
}

/// Changes when one of the files does (FNV-1a), so that browsers may keep them for ever.
pub const STAMP: u32 = {
    let mut stamp: u32 = 0x811c_9dc5;
    let mut file = 0;
    while file < FILES.len() {
        let bytes = FILES[file].text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            stamp = (stamp ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        file += 1;
    }
    stamp
};
