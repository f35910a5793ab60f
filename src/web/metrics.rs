//! The numbers that Prometheus collects.

use askama::Template;

use super::{Asked, Reply, Result, Shared, Web};

/// The names in it are all ours, so that nothing has to be escaped.
#[derive(Template)]
#[template(path = "metrics.txt", config = "src/web/askama.toml", escape = "none", whitespace = "preserve")]
struct Metrics<'a> {
    shared: &'a Shared,
}

impl Web {
    pub(super) fn metrics(&self, _: &Asked) -> Result {
        let text = Metrics { shared: &self.shared() }.render().unwrap_or_default();
        Ok(Reply::new(200, "text/plain; version=0.0.4; charset=utf-8", text))
    }
}
