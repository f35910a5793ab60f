//! The frame of every page. What is in it is a template of its own, and every value in them is escaped by askama.

use askama::Template;

use super::{Asked, Refusal, Reply, Shared, Web, files::STAMP, value, words::time_element};

/// What every template can tell of.
pub struct View<'a> {
    pub web: &'a Web,
    /// What our addresses begin with.
    pub base: &'a str,
    pub asked: &'a Asked<'a>,
    pub shared: Shared,
}

/// That a page is shown again in some seconds.
#[derive(Default)]
pub struct Again {
    /// By the browser itself, and where, below the base.
    pub path: Option<String>,
    /// By the script, which loses nothing, after a run that is not this one; without a script the browser does it.
    pub run: Option<i64>,
}

#[derive(Template)]
#[template(path = "page.html", config = "src/web/askama.toml")]
struct Frame<'a> {
    view: &'a View<'a>,
    title: &'a str,
    again: Again,
    content: String,
}

#[derive(Template)]
#[template(path = "message.html", config = "src/web/askama.toml")]
struct Message<'a> {
    view: &'a View<'a>,
    heading: &'static str,
    text: &'a str,
}

impl Web {
    pub(super) fn view<'a>(&'a self, asked: &'a Asked) -> View<'a> {
        View { web: self, base: self.base(), asked, shared: self.shared().clone() }
    }

    pub(super) fn refusal_page(&self, asked: &Asked, refusal: &Refusal) -> Reply {
        let heading = match refusal.status {
            403 => "Not let in",
            404 => "Not found",
            503 => "Not possible right now",
            _ => "Not possible",
        };
        let view = &self.view(asked);
        view.page(refusal.status, heading, &Message { view, heading, text: &refusal.detail })
    }
}

impl View<'_> {
    pub fn page(&self, status: u16, title: &str, content: &impl Template) -> Reply {
        self.page_until(Again::default(), status, title, content)
    }

    /// The same, to be shown again soon.
    pub fn page_until(&self, again: Again, status: u16, title: &str, content: &impl Template) -> Reply {
        // writing into a text cannot fail
        let content = content.render().unwrap_or_default();
        let page = Frame { view: self, title, again, content };
        Reply::new(status, "text/html; charset=utf-8", page.render().unwrap_or_default())
    }

    /// What has just been done, by its word in the address that was gone to.
    pub fn done(&self) -> Option<&str> {
        value(&self.asked.query, "done")
    }

    /// Whether the page is one of those that begin so.
    fn is_at(&self, part: &str) -> bool {
        self.asked.path.first().map_or("", String::as_str) == part
    }

    fn admits(&self) -> bool {
        self.web.access.admits(self.asked.request)
    }

    pub fn time(&self, at: &i64) -> String {
        time_element(*at, self.asked.request.at, &self.web.config.zone)
    }
}
