//! The page of one rule: its state, what happened to it, and what a run would do for it now.

use askama::Template;

use super::{Again, Asked, Listed, Refusal, Result, Typed, View, Web, fresh::GLANCE, listed::listed, listed::states};
use crate::model::{Catalog, Link, NewRule, Report, Rules};

#[derive(Template)]
#[template(path = "rule.html", config = "src/web/askama.toml")]
struct RulePage<'a> {
    view: &'a View<'a>,
    row: Listed,
    typed: Typed,
    /// The places of the links to the film's subtitles.
    subtitles: Vec<String>,
    /// Pages about its film and its show elsewhere.
    ways: Vec<(&'static str, String)>,
    /// When it was asked what a run would do for it, and that if it is known by now.
    since: Option<i64>,
    trial: Option<Trial>,
    history: Vec<Report>,
}

/// What a run would find of it and change for it, or why there can be none.
type Trial = std::result::Result<(Listed, Vec<String>), String>;

impl Web {
    pub(super) fn rule_page(&self, asked: &Asked) -> Result {
        let view = &self.view(asked);
        let mut db = self.db()?;
        let rule = db.rule(asked.rule()?)?;
        let mut links = db.links()?;
        links.retain(|link| link.rule == rule.id);
        let catalog = self.catalog_at_hand(asked, GLANCE);
        let since = asked.since();
        let preview = since.and_then(|since| self.preview(since, GLANCE));
        let trial =
            |report: &Report| (Listed::new(rule.clone(), &states(Some(report))), report.changes_of(rule.id.into()));
        let trial = preview.map(|preview| preview.outcome.as_ref().map(trial).map_err(String::clone));
        let (id, title) = (rule.id, rule.wish.movie_title.clone());
        let path = since.filter(|_| trial.is_none()).map(|since| format!("/rules/{id}?since={since}"));
        let page = RulePage {
            view,
            typed: Typed::from_rule(&rule.wish),
            ways: self.ways(&rule.wish, links.first(), catalog.as_deref().unwrap_or(&Catalog::default())),
            since,
            trial,
            history: db.runs_of(id.into())?,
            row: listed(Rules { rules: vec![rule], invalid: Vec::new() }, &links, view.shared.last.as_deref())
                .pop()
                .ok_or(Refusal::no_rule(id))?,
            subtitles: links.into_iter().filter(Link::is_subtitle).map(|link| link.path).collect(),
        };
        Ok(view.page_until(Again { path, run: None }, 200, &title, &page))
    }

    /// The page shows what has come of it.
    pub(super) fn try_by_form(&self, asked: &Asked) -> Result {
        let rule = self.db()?.rule(asked.rule()?)?;
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
