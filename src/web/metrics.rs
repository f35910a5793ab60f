//! The numbers that Prometheus collects.

use askama::Template;

use super::{
    Web,
    reply::{Answer, Reply},
    request::Asked,
    state::State,
};

/// The names in it are all ours, so that nothing has to be escaped.
#[derive(Template)]
#[template(path = "metrics.txt", config = "src/web/askama.toml", escape = "none", whitespace = "preserve")]
struct Metrics<'a> {
    state: &'a State,
}

impl Web {
    pub(super) fn metrics(&self, _: &Asked) -> Answer {
        let text = Metrics { state: &self.state() }.render().unwrap_or_default();
        Ok(Reply::new(200, "text/plain; version=0.0.4; charset=utf-8", text))
    }
}
