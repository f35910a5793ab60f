//! Suggestions: shown, made rules, dismissed and brought back, for people and for programs.

use std::sync::Arc;

use serde_json::json;

use super::{
    PATIENCE, Web,
    api::Answer,
    forms::form,
    reply::{Refusal, Reply, Request},
    views::{Content, Found, Suggested},
};
use crate::{
    db::Db,
    model::{Rule, Suggestion, Suggestions},
};

impl Web {
    pub(super) fn suggestions(&self, request: &Request, query: &[(String, String)]) -> Answer {
        let known = self.suggested(request)?;
        let (mut found, dismissed) = known.sorted(&mut self.db()?)?;
        if query.iter().any(|(name, value)| name == "all" && value != "0") {
            found.extend(dismissed);
        }
        let shown = |suggestion: &Suggestion| {
            let mut shown = json!(suggestion);
            shown["rule"] = json!(suggestion.rule());
            shown
        };
        let found: Vec<_> = found.iter().map(shown).collect();
        let Suggestions { fetched_at, problems, .. } = &*known.0;
        Ok(Reply::json(200, &json!({ "fetched_at": fetched_at, "problems": problems, "suggestions": found })))
    }

    pub(super) fn dismiss(&self, request: &Request, id: &str) -> Answer {
        if !self.suggested(request)?.0.list.iter().any(|suggestion| suggestion.id == id) {
            return Err(none(id));
        }
        self.db()?.dismiss(id)?;
        Ok(Reply::json(200, &json!({ "dismissed": id })))
    }

    pub(super) fn restore(&self, id: &str) -> Answer {
        // no database has a text with a NUL
        match !id.contains('\0') && self.db()?.restore(id)? {
            true => Ok(Reply::json(200, &json!({ "restored": id }))),
            false => Err(none(id)),
        }
    }

    pub(super) fn suggestions_page(&self, request: &Request) -> Answer {
        let mut db = self.db()?;
        let found = match self.suggested(request) {
            Err(_) => None,
            Ok(known) => {
                let (open, dismissed) = known.sorted(&mut db)?;
                Some(Found {
                    when: self.watch(request).when(known.0.fetched_at),
                    problems: known.0.problems.clone(),
                    list: Suggested::list(&open),
                    dismissed: Suggested::list(&dismissed),
                })
            }
        };
        Ok(Reply::html(200, self.render(request, "Suggestions", Content::Suggestions(found))))
    }

    /// Those that the page showed, whatever else has been found since then.
    pub(super) fn make_rules(&self, request: &Request) -> Answer {
        let pairs = form(request)?;
        let (open, _) = self.suggested(request)?.sorted(&mut self.db()?)?;
        let seen = |suggestion: &&Suggestion| pairs.iter().any(|(name, id)| name == "id" && *id == suggestion.id);
        let wishes: Vec<_> = open.iter().filter(seen).map(|suggestion| suggestion.rule()).collect();
        self.keep_all(&wishes)?.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(self.back_to_suggestions("made", &pairs))
    }

    pub(super) fn dismiss_by_form(&self, request: &Request, id: &str) -> Answer {
        let pairs = form(request)?;
        self.dismiss(request, id)?;
        Ok(self.back_to_suggestions("dismissed", &pairs))
    }

    pub(super) fn restore_by_form(&self, request: &Request, id: &str) -> Answer {
        form(request)?;
        self.restore(id)?;
        Ok(self.see(&format!("/suggestions?done=back#{id}")))
    }

    /// To the one that stood beside that which has gone.
    pub(super) fn back_to_suggestions(&self, done: &str, pairs: &[(String, String)]) -> Reply {
        let beside = pairs.iter().find(|(name, _)| name == "beside").map(|(_, id)| id.as_str());
        let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let anchor = beside.filter(is_id).map(|id| format!("#{id}")).unwrap_or_default();
        self.see(&format!("/suggestions?done={done}{anchor}"))
    }

    fn suggested(&self, request: &Request) -> Result<Known, Refusal> {
        let unknown = || Refusal::new(503, "what Radarr and Sonarr have is not known yet: try again in a moment");
        self.suggestions_at_hand(request.at, PATIENCE).map(Known).ok_or_else(unknown)
    }
}

/// What was suggested when the apps were asked last.
struct Known(Arc<Suggestions>);

impl Known {
    /// Those that are neither rules nor dismissed by now, and those that are dismissed.
    fn sorted(&self, db: &mut Db) -> Result<(Vec<Suggestion>, Vec<Suggestion>), Refusal> {
        let (rules, dismissed) = (db.rules()?.rules, db.dismissed()?);
        let is_rule = |suggestion: &Suggestion| {
            rules.iter().any(|Rule { wish, .. }| {
                wish.tmdb_id == suggestion.tmdb_id
                    && (wish.tvdb_id == Some(suggestion.tvdb_id) || wish.show_name == suggestion.show_name)
            })
        };
        let now = |one: &Suggestion| Suggestion { dismissed: dismissed.contains(&one.id), ..one.clone() };
        let left = self.0.list.iter().filter(|one| !is_rule(one)).map(now);
        Ok(left.partition(|suggestion| !suggestion.dismissed))
    }
}

fn none(id: &str) -> Refusal {
    Refusal::new(404, format!("there is no suggestion {id:?}"))
}
