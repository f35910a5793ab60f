//! What every page has, and which template shows what.

use askama::Template;

use super::{
    Web,
    files::STAMP,
    form::{Form, RARE},
    home::Home,
    reply::{Refusal, Reply},
    request::{Asked, query, value},
    rule::RulePage,
    runs::Runs,
    state::{Done, State},
    suggested::Found,
    table::Row,
    typed::{DOT, FIELDS, Typed},
    words::time_element,
};
use crate::{journal, model::Report};

/// A page: what every page has, and its content. Every value in the templates is escaped by askama.
#[derive(Template)]
#[template(path = "page.html", config = "src/web/askama.toml")]
struct Page<'a> {
    web: &'a Web,
    base: &'a str,
    asked: &'a Asked<'a>,
    state: State,
    title: &'a str,
    content: Content<'a>,
}

pub enum Content<'a> {
    Home(&'a Home),
    Form(&'a Form<'a>),
    Rule(&'a RulePage),
    Confirm(&'a [Row]),
    /// A run's report, and the film and the reason of each rule that it would leave out.
    Preview(&'a Report, Vec<(String, &'a str)>),
    /// One that was wanted at `since` is not there yet.
    Previewing {
        since: i64,
        running: bool,
    },
    Runs(&'a Runs),
    /// `None`: they are being looked for.
    Suggestions(Option<&'a Found>),
    /// What is wrong with the file.
    Import(Vec<String>),
    /// What has just been done.
    System(Done),
    Login {
        next: &'a str,
        wrong: bool,
    },
    Message {
        heading: &'static str,
        text: &'a str,
    },
}

impl Web {
    pub(super) fn page(&self, asked: &Asked, status: u16, title: &str, content: Content) -> Reply {
        let page = Page { web: self, base: self.base(), asked, state: self.state().clone(), title, content };
        // writing into a text cannot fail
        Reply::new(status, "text/html; charset=utf-8", page.render().unwrap_or_default())
    }

    pub(super) fn refusal_page(&self, asked: &Asked, refusal: &Refusal) -> Reply {
        let heading = match refusal.status {
            403 => "Not let in",
            404 => "Not found",
            503 => "Not possible right now",
            _ => "Not possible",
        };
        self.page(asked, refusal.status, heading, Content::Message { heading, text: &refusal.detail })
    }
}

impl Page<'_> {
    /// What has just been done, by its word in the address that was gone to.
    fn done(&self) -> Option<&str> {
        value(&self.asked.query, "done")
    }

    fn time(&self, at: &i64) -> String {
        time_element(*at, self.asked.request.at, &self.web.config.zone)
    }

    /// Where to go in some seconds, below the base: for the page of rules only where there is no script, which loses nothing.
    fn refresh(&self) -> Option<String> {
        match &self.content {
            // what was deleted can be made again for as long as it is offered
            Content::Home(home) if self.awaits().is_some() && home.deleted.is_empty() => {
                let kept = self.asked.query.iter().filter(|(name, _)| name != "done");
                Some(format!("/?{}", query(kept.map(|(name, value)| (&**name, &**value)))))
            }
            Content::Previewing { since, .. } => Some(format!("/preview?since={since}")),
            Content::Suggestions(None) => Some("/suggestions".into()),
            Content::Rule(RulePage { row, since: Some(since), preview: None, .. }) => {
                Some(format!("/rules/{}?since={since}", row.id))
            }
            _ => None,
        }
    }

    /// The run that the page already knows of, if it is to be shown again after the next one.
    fn awaits(&self) -> Option<i64> {
        match &self.content {
            Content::Home(_) if self.state.running || self.done().is_some() => {
                Some(self.state.last_run_at.unwrap_or_default())
            }
            _ => None,
        }
    }
}
