//! Suggestions: shown, made rules, dismissed and brought back, for people and for programs.

use std::sync::Arc;

use askama::Template;
use serde_json::json;

use super::{Again, Asked, Refusal, Reply, Result, Typed, View, Web, value};
use crate::model::{Rule, Suggestion, Suggestions};

/// Films that look like specials, and as of when.
struct Suggested {
    known: Arc<Suggestions>,
    /// Those that are neither rules nor dismissed by now.
    open: Vec<Suggestion>,
    dismissed: Vec<Suggestion>,
}

#[derive(Template)]
#[template(path = "suggestions.html", config = "src/web/askama.toml")]
struct SuggestionsPage<'a> {
    view: &'a View<'a>,
    /// `None`: they are being looked for.
    found: Option<Suggested>,
}

impl Web {
    pub(super) fn suggestions(&self, asked: &Asked) -> Result {
        let mut found = self.suggested(asked)?;
        if value(&asked.query, "all").is_some_and(|all| all != "0") {
            found.open.append(&mut found.dismissed);
        }
        let shown = |suggestion: &Suggestion| {
            let mut shown = json!(suggestion);
            shown["rule"] = json!(suggestion.rule());
            shown
        };
        let shown: Vec<_> = found.open.iter().map(shown).collect();
        let Suggestions { fetched_at, problems, .. } = &*found.known;
        Ok(Reply::json(200, &json!({ "fetched_at": fetched_at, "problems": problems, "suggestions": shown })))
    }

    pub(super) fn suggestions_page(&self, asked: &Asked) -> Result {
        let found = match self.suggested(asked) {
            Err(refusal) if self.shared().suggestions.is_some() => return Err(refusal),
            found => found.ok(),
        };
        let view = &self.view(asked);
        let path = found.is_none().then(|| "/suggestions".to_string());
        Ok(view.page_until(Again { path, run: None }, 200, "Suggestions", &SuggestionsPage { view, found }))
    }

    /// Those that the page showed, whatever else has been found since then.
    pub(super) fn make_rules(&self, asked: &Asked) -> Result {
        let form = asked.form();
        let ids: Vec<&str> = form.iter().filter(|(name, _)| name == "id").map(|(_, id)| id.as_str()).collect();
        let found = self.suggested(asked)?;
        let seen = |suggestion: &&Suggestion| ids.contains(&suggestion.id.as_str());
        let word = match (ids.len(), found.known.list.iter().filter(seen).count()) {
            (0, _) => return Err(Refusal::new(422, "no suggestion is selected")),
            (_, 0) => {
                return Err(Refusal::new(404, "these suggestions are not there any more: look at those that are"));
            }
            (1, 1) => "added",
            (wanted, there) if there < wanted => "fewer",
            _ => "made",
        };
        let wishes: Vec<_> = found.open.iter().filter(seen).map(Suggestion::rule).collect();
        self.keep_every(&wishes)?;
        Ok(self.see(&back(word, &form)))
    }

    pub(super) fn dismiss(&self, asked: &Asked) -> Result {
        let id = asked.part();
        if !self.suggested(asked)?.known.list.iter().any(|suggestion| suggestion.id == id) {
            return Err(none(id));
        }
        self.db()?.dismiss(id)?;
        self.done(asked, &json!({ "dismissed": id }), &back("dismissed", &asked.form()))
    }

    pub(super) fn restore(&self, asked: &Asked) -> Result {
        let id = asked.part();
        // no database has a text with a NUL
        if id.contains('\0') || !self.db()?.restore(id)? {
            return Err(none(id));
        }
        self.done(asked, &json!({ "restored": id }), &format!("/suggestions?done=back#{id}"))
    }

    /// What was suggested when the apps were asked last.
    fn suggested(&self, asked: &Asked) -> Result<Suggested> {
        let unknown = || Refusal::new(503, "what Radarr and Sonarr have is not known yet: try again in a moment");
        let known = self.suggestions_at_hand(asked).ok_or_else(unknown)?;
        let mut db = self.db()?;
        let (rules, dismissed) = (db.rules()?.rules, db.dismissed()?);
        let is_rule = |suggestion: &Suggestion| {
            rules.iter().any(|Rule { wish, .. }| {
                wish.tmdb_id == suggestion.tmdb_id
                    && (wish.tvdb_id == Some(suggestion.tvdb_id) || wish.show_name == suggestion.show_name)
            })
        };
        let now = |one: &Suggestion| Suggestion { dismissed: dismissed.contains(&one.id), ..one.clone() };
        let left = known.list.iter().filter(|one| !is_rule(one)).map(now);
        let (dismissed, open) = left.partition(|suggestion| suggestion.dismissed);
        Ok(Suggested { known, open, dismissed })
    }
}

impl Suggested {
    fn likely(&self) -> impl Iterator<Item = &Suggestion> {
        self.open.iter().filter(|suggestion| suggestion.likely)
    }

    /// The suggestion beside this one, which is looked at when this one has gone.
    fn beside(&self, at: &usize) -> &str {
        let beside = self.open.get(at + 1).or_else(|| self.open.get(at.checked_sub(1)?));
        beside.map_or("", |other| &other.id)
    }
}

/// To the suggestion that stood beside that which has gone.
fn back(done: &str, form: &[(String, String)]) -> String {
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let anchor = value(form, "beside").filter(is_id).map(|id| format!("#{id}")).unwrap_or_default();
    format!("/suggestions?done={done}{anchor}")
}

fn none(id: &str) -> Refusal {
    Refusal::new(404, format!("there is no suggestion {id:?}"))
}
