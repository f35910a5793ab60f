//! The page of one rule: its state, what happened to it, and what a run would do for it now.

use std::sync::Arc;

use super::{
    Web,
    known::GLANCE,
    page::Content,
    reply::{Answer, Refusal},
    request::Asked,
    rules::usable,
    state::Preview,
    table::{self, Row},
    typed::Typed,
};
use crate::model::{Catalog, Link, NewRule, Report, Rules, State, UNSEEN};

pub struct RulePage {
    pub row: Row,
    pub typed: Typed,
    /// The places of the links to the film's subtitles.
    pub subtitles: Vec<String>,
    /// Pages about its film and its show elsewhere.
    pub ways: Vec<(&'static str, String)>,
    /// When it was asked what a run would do for it, and what that is if it is known by now.
    pub since: Option<i64>,
    pub preview: Option<Arc<Preview>>,
    pub history: Vec<Report>,
}

impl Web {
    pub(super) fn rule_page(&self, asked: &Asked) -> Answer {
        let mut db = self.db()?;
        let rule = usable(&mut db, asked.rule()?)?;
        let (id, wish) = (rule.id, rule.wish.clone());
        let mut links = db.links()?;
        links.retain(|link| link.rule == id);
        let catalog = self.catalog_at_hand(asked.request.at, GLANCE);
        let rules = Rules { rules: vec![rule], invalid: Vec::new() };
        let last = self.state().last.clone();
        let page = RulePage {
            row: table::rows(rules, &links, last.as_deref()).pop().ok_or(Refusal::no_rule(id))?,
            typed: Typed::from_rule(&wish),
            ways: self.ways(&wish, links.first(), catalog.as_deref().unwrap_or(&Catalog::default())),
            subtitles: links.into_iter().filter(Link::is_subtitle).map(|link| link.path).collect(),
            since: asked.since(),
            preview: asked.since().and_then(|since| self.preview(since, GLANCE)),
            history: db.runs_of(id.into())?,
        };
        Ok(self.page(asked, 200, &wish.movie_title, Content::Rule(&page)))
    }

    /// The page shows what has come of it.
    pub(super) fn try_by_form(&self, asked: &Asked) -> Answer {
        let rule = usable(&mut self.db()?, asked.rule()?)?;
        Ok(self.see(&format!("/rules/{}?since={}#trial", rule.id, asked.request.at)))
    }

    /// Where there is more about its film and its show, as far as that is known.
    fn ways(&self, wish: &NewRule, link: Option<&Link>, catalog: &Catalog) -> Vec<(&'static str, String)> {
        let tmdb_id = wish.tmdb_id;
        let mut movies = catalog.movies.iter().filter(|movie| movie.tmdb_id == tmdb_id);
        let linked = movies.clone().find(|movie| link.is_some_and(|link| link.concerns.radarr == movie.radarr));
        let radarr = linked.or_else(|| movies.next()).and_then(|movie| self.config.radarr.get(movie.radarr));
        let linked = |link: &Link| {
            let of = (link.concerns.sonarr, link.concerns.series_id);
            catalog.shows.iter().find(|show| (show.sonarr, show.id) == of)
        };
        let show = link.and_then(linked).or_else(|| Typed::from_rule(wish).show(catalog));
        let sonarr = show.and_then(|show| Some((self.config.sonarr.get(show.sonarr)?, show.slug.as_deref()?)));
        let tvdb_id = wish.tvdb_id.or(show.map(|show| show.tvdb_id)).filter(|id| *id > 0);
        let ways = [
            ("Film in Radarr", radarr.map(|app| format!("{}/movie/{tmdb_id}", app.public_url))),
            ("Film on TMDB", Some(format!("https://www.themoviedb.org/movie/{tmdb_id}"))),
            ("Show in Sonarr", sonarr.map(|(app, slug)| format!("{}/series/{slug}", app.public_url))),
            ("Show on TheTVDB", tvdb_id.map(|id| format!("https://www.thetvdb.com/?tab=series&id={id}"))),
        ];
        ways.into_iter().filter_map(|(name, way)| Some((name, way?))).collect()
    }
}

impl RulePage {
    /// The state and the reason that a report has for it.
    pub fn found<'a>(&self, report: &'a Report) -> (&'static State, &'a str) {
        let found = report.rules.iter().find(|found| found.rule == self.row.id);
        found.map_or((UNSEEN, ""), |found| (State::of(&found.state), &*found.reason))
    }
}
