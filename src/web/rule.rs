//! The page of one rule: its state, what happened to it, and what a run would do for it now.

use super::{
    GLANCE, Web,
    api::{Answer, number, usable},
    forms::form,
    reply::{Refusal, Reply, Request},
    table,
    typed::{FIELDS, Typed},
    views::{Content, RulePage, Run, Trial},
};
use crate::model::{Catalog, Link, NewRule, Report, Rules, State, UNSEEN};

impl Web {
    pub(super) fn rule_page(&self, request: &Request, id: &str, query: &[(String, String)]) -> Answer {
        let mut db = self.db()?;
        let rule = usable(&mut db, number(id)?)?;
        let (id, links) = (i64::from(rule.id), db.links()?);
        let (watch, last) = (self.watch(request), self.shared().last.clone());
        let catalog = self.catalog_at_hand(request.at, GLANCE);
        let typed = Typed::from_rule(&rule.wish);
        let fields = FIELDS.iter().map(|(field, label)| (*label, typed.get(*field).to_string()));
        let link = links.iter().find(|link| link.rule == rule.id);
        let ways = self.ways(&rule.wish, link, catalog.as_deref().unwrap_or(&Catalog::default()));
        let run = |report: Report| Run { when: watch.when(report.at), report };
        let since = query.iter().find(|(name, _)| name == "since").and_then(|(_, since)| since.parse().ok());
        let title = rule.wish.movie_title.clone();
        let rules = Rules { rules: vec![rule], invalid: Vec::new() };
        let page = RulePage {
            row: table::rows(&rules, &links, last.as_deref(), watch).pop().ok_or(Refusal::no_rule(id))?,
            fields: fields.filter(|(_, value)| !value.is_empty()).collect(),
            ways,
            trial: since.map(|since: i64| self.trial(id, since.min(request.at))),
            history: db.runs_of(id)?.into_iter().map(run).collect(),
        };
        Ok(Reply::html(200, self.render(request, &title, Content::Rule(Box::new(page)))))
    }

    /// The page shows what has come of it.
    pub(super) fn try_by_form(&self, request: &Request, id: &str) -> Answer {
        form(request)?;
        let rule = usable(&mut self.db()?, number(id)?)?;
        Ok(self.see(&format!("/rules/{}?since={}#trial", rule.id, request.at)))
    }

    fn trial(&self, rule: i64, since: i64) -> Trial {
        let Some(preview) = self.preview(since, GLANCE) else { return Trial::Making { since } };
        match &preview.outcome {
            Err(problem) => Trial::Failed(problem.clone()),
            Ok((_, report)) => {
                let found = report.rules.iter().find(|found| found.rule == rule);
                Trial::Found {
                    state: found.map_or(UNSEEN, |found| State::of(&found.state)),
                    reason: found.map(|found| found.reason.clone()).unwrap_or_default(),
                    changes: report.changes_of(rule),
                }
            }
        }
    }

    /// Where there is more about its film and its show, as far as that is known.
    fn ways(&self, wish: &NewRule, link: Option<&Link>, catalog: &Catalog) -> Vec<(&'static str, String)> {
        let tmdb_id = wish.tmdb_id;
        let mut movies = catalog.movies.iter().filter(|movie| movie.tmdb_id == tmdb_id);
        let linked = movies.clone().find(|movie| link.is_some_and(|link| link.concerns.radarr == movie.radarr));
        let radarr = linked.or_else(|| movies.next()).and_then(|movie| self.radarr.get(movie.radarr));
        let linked = |link: &Link| {
            let of = (link.concerns.sonarr, link.concerns.series_id);
            catalog.shows.iter().find(|show| (show.sonarr, show.id) == of)
        };
        let show = link.and_then(linked).or_else(|| Typed::from_rule(wish).show(catalog));
        let sonarr = show.and_then(|show| Some((self.sonarr.get(show.sonarr)?, show.slug.as_deref()?)));
        let tvdb_id = wish.tvdb_id.or(show.map(|show| show.tvdb_id)).filter(|id| *id > 0);
        let ways = [
            ("Film in Radarr", radarr.map(|url| format!("{url}/movie/{tmdb_id}"))),
            ("Film on TMDB", Some(format!("https://www.themoviedb.org/movie/{tmdb_id}"))),
            ("Show in Sonarr", sonarr.map(|(url, slug)| format!("{url}/series/{slug}"))),
            ("Show on TheTVDB", tvdb_id.map(|id| format!("https://www.thetvdb.com/?tab=series&id={id}"))),
        ];
        ways.into_iter().filter_map(|(name, way)| Some((name, way?))).collect()
    }
}
