//! The files that pages are made of.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use super::{Asked, Refusal, Reply, Result, Web, value};

/// Name, content type, text.
static FILES: [(&str, &str, &str); 3] = [
    ("style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("script.js", "text/javascript; charset=utf-8", include_str!("script.js")),
    ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
];

/// A file, to be kept for ever where the request bears its stamp.
pub fn file(_: &Web, asked: &Asked) -> Result {
    let missing = || Refusal::new(404, "there is nothing at this address");
    let (_, content_type, text) = FILES.iter().find(|(name, ..)| asked.path == [*name]).ok_or_else(missing)?;
    let stamped = value(&asked.query, "v") == Some(&STAMP.to_string());
    let keep = if stamped { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(Reply::new(200, content_type, *text).with("Cache-Control", keep))
}

/// Changes when one of the files does, so that browsers may keep them for ever.
pub static STAMP: LazyLock<u64> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    FILES.hash(&mut hasher);
    hasher.finish()
});
