//! Rules, for people and for programs: listed, added, changed, deleted, made again, exported and imported.

use askama::Template;
use serde_json::{Value, json};

use super::{Asked, Listed, Refusal, Reply, Request, Result, View, Web, listed::listed, listed::states, value};
use crate::model::{NewRule, Rule, matched};

/// How many rules there may be.
const MAX_RULES: usize = 10_000;
/// So many mistakes of an import are shown.
const MOST_MISTAKES: usize = 20;

#[derive(Template)]
#[template(path = "confirm.html", config = "src/web/askama.toml")]
struct Confirm<'a> {
    view: &'a View<'a>,
    rows: Vec<Listed>,
}

#[derive(Template)]
#[template(path = "import.html", config = "src/web/askama.toml")]
struct Import<'a> {
    view: &'a View<'a>,
    /// What is wrong with the file.
    mistakes: Vec<String>,
}

impl Web {
    pub(super) fn list_rules(&self, asked: &Asked) -> Result {
        let (limit, offset) = asked.part_of_list(MAX_RULES)?;
        let rules = self.db()?.rules()?.rules;
        let (last, count) = (self.shared().last.clone(), rules.len().to_string());
        let found = states(last.as_deref());
        let rows = rules.into_iter().skip(offset).take(limit).map(|rule| Listed::new(rule, &found).json());
        Ok(Reply::json(200, &rows.collect::<Vec<_>>()).with("X-Total-Count", count))
    }

    /// One rule, or each of a list of rules: then each has its own answer.
    pub(super) fn add_rules(&self, asked: &Asked) -> Result {
        let body = asked.json()?;
        let Some(list) = body.as_array() else {
            let added = added(&self.keep(NewRule::from_json(&body)?)?);
            let place = format!("{}/api/rules/{}", self.base(), added["id"]);
            return Ok(Reply::json(201, &added).with("Location", place));
        };
        let read: Vec<_> = list.iter().map(NewRule::from_json).collect();
        let wishes: Vec<NewRule> = read.iter().flatten().cloned().collect();
        let mut kept = self.keep_all(&wishes)?.into_iter();
        let mut answers = Vec::new();
        for wish in read {
            let kept = wish.map_err(Refusal::from).and_then(|_| kept.next().unwrap_or_else(|| Err(too_many())));
            let mut answer = kept.as_ref().map_or_else(|refusal| json!({ "detail": refusal.detail }), added);
            answer["status"] = kept.map_or_else(|refusal| refusal.status, |_| 201).into();
            answers.push(answer);
        }
        Ok(Reply::json(207, &answers))
    }

    pub(super) fn show_rule(&self, asked: &Asked) -> Result {
        let rule = self.db()?.rule(asked.rule()?)?;
        let last = self.shared().last.clone();
        Ok(Reply::json(200, &Listed::new(rule, &states(last.as_deref())).json()))
    }

    pub(super) fn edit_rule(&self, asked: &Asked) -> Result {
        let rule = Rule { id: asked.rule()?, wish: NewRule::from_json(&asked.json()?)? };
        let rule = self.db()?.edit_rule(&rule)?;
        self.rules_changed();
        Ok(Reply::json(200, &rule))
    }

    /// The rule means the special that has its number now.
    pub(super) fn confirm_rule(&self, asked: &Asked) -> Result {
        let rule = self.db()?.confirm_rule(asked.rule()?)?;
        self.rules_changed();
        self.done(asked, &json!(rule), "/?done=confirmed")
    }

    pub(super) fn confirm_delete(&self, asked: &Asked) -> Result {
        let ids = asked.rules()?;
        let mut db = self.db()?;
        let mut rows = listed(db.rules()?, &db.links()?, None);
        rows.retain(|row| ids.iter().any(|id| row.id == i64::from(*id)));
        if let Some(id) = ids.iter().find(|id| !rows.iter().any(|row| row.id == i64::from(**id))) {
            return Err(Refusal::no_rule(id));
        }
        let view = &self.view(asked);
        Ok(view.page(200, "Delete rules", &Confirm { view, rows }))
    }

    /// All that are named or none. What a person has deleted can be made again.
    pub(super) fn delete_rules(&self, asked: &Asked) -> Result {
        let ids = asked.rules()?;
        let mut db = self.db()?;
        let mut rules = db.rules()?.rules;
        rules.retain(|rule| ids.contains(&rule.id));
        db.remove_rules(&ids)?;
        if !asked.is_api() {
            self.shared().deleted = rules;
        }
        self.rules_changed();
        let deleted = if asked.part.is_some() { json!(ids[0]) } else { json!(ids) };
        let word = if ids.len() == 1 { "deleted" } else { "removed" };
        self.done(asked, &json!({ "deleted": deleted }), &format!("/?done={word}"))
    }

    /// Makes rules again that were the last ones to be deleted; they have other numbers then.
    pub(super) fn restore_rules(&self, asked: &Asked) -> Result {
        let ids = asked.rules()?;
        let mut rules = self.shared().deleted.clone();
        rules.retain(|rule| ids.contains(&rule.id));
        if rules.is_empty() {
            return Err(Refusal::new(404, "these rules are not known any more: make them anew"));
        }
        let wishes: Vec<_> = rules.into_iter().map(|rule| rule.wish).collect();
        self.keep_every(&wishes)?;
        self.shared().deleted.retain(|rule| !ids.contains(&rule.id));
        Ok(self.see("/?done=restored"))
    }

    /// All rules, or those that are selected.
    pub(super) fn export(&self, asked: &Asked) -> Result {
        let mut rules = self.db()?.rules()?.rules;
        if value(&asked.query, "id").is_some() {
            let ids = asked.rules()?;
            rules.retain(|rule| ids.contains(&rule.id));
        }
        Ok(Reply::json(200, &rules).with("Content-Disposition", "attachment; filename=\"plex-linker-rules.json\""))
    }

    pub(super) fn import_page(&self, asked: &Asked) -> Result {
        let view = &self.view(asked);
        Ok(view.page(200, "Import rules", &Import { view, mistakes: Vec::new() }))
    }

    pub(super) fn import(&self, asked: &Asked) -> Result {
        let Err(refusal) = self.import_uploaded(asked.request) else {
            self.rules_changed();
            return Ok(self.see("/?done=imported"));
        };
        let view = &self.view(asked);
        let mut mistakes: Vec<_> = refusal.mistakes.iter().map(|mistake| mistake.sentence.clone()).collect();
        mistakes.truncate(MOST_MISTAKES);
        if mistakes.is_empty() {
            mistakes.push(refusal.detail.clone());
        }
        Ok(refusal.complete(view.page(refusal.status, "Import rules", &Import { view, mistakes })))
    }

    fn import_uploaded(&self, request: &Request) -> Result<()> {
        let wishes = NewRule::list_from_file(uploaded(request)?)?;
        let mut db = self.db()?;
        let there = db.rules()?;
        let new = matched(&there.rules, &wishes).into_iter().filter(Option::is_none);
        if there.rules.len() + there.invalid.len() + new.count() > MAX_RULES {
            return Err(too_many());
        }
        db.import_rules(&wishes)?;
        Ok(())
    }

    /// Adds a rule, if there is room for one more.
    pub(super) fn keep(&self, wish: NewRule) -> Result<Rule> {
        self.keep_all(&[wish])?.pop().unwrap_or_else(|| Err(too_many()))
    }

    /// The same for several; an error if one of them is refused.
    pub(super) fn keep_every(&self, wishes: &[NewRule]) -> Result<()> {
        self.keep_all(wishes)?.into_iter().try_for_each(|kept| kept.map(drop))
    }

    /// The same, and what became of each; those for which there is no room are left out.
    fn keep_all(&self, wishes: &[NewRule]) -> Result<Vec<Result<Rule>>> {
        let mut db = self.db()?;
        let there = db.rules()?;
        let room = MAX_RULES.saturating_sub(there.rules.len() + there.invalid.len());
        let done = db.add_rules(&wishes[..wishes.len().min(room)])?;
        if done.iter().any(|one| one.is_ok()) {
            self.rules_changed();
        }
        Ok(done.into_iter().map(|one| one.map_err(Refusal::from)).collect())
    }
}

fn added(Rule { id, wish }: &Rule) -> Value {
    json!({ "id": id, "movie_title": wish.movie_title, "show_name": wish.show_name })
}

fn too_many() -> Refusal {
    Refusal::new(409, format!("there can be no more than {MAX_RULES} rules"))
}

/// The file in a form with one field, which is a file (RFC 7578).
fn uploaded(request: &Request) -> Result<&[u8]> {
    let content_type = request.header("content-type").unwrap_or_default();
    let boundary = content_type.split_once("boundary=").map(|(_, boundary)| boundary.trim_matches('"'));
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
        return Err(Refusal::new(415, "this takes the form of the page with a file: programs use /api/rules"));
    };
    let find = |bytes: &[u8], mark: &str| bytes.windows(mark.len()).position(|part| part == mark.as_bytes());
    let file = find(&request.body, "\r\n\r\n").and_then(|at| {
        let rest = &request.body[at + 4..];
        Some(&rest[..find(rest, &format!("\r\n--{boundary}"))?])
    });
    file.ok_or_else(|| Refusal::new(422, "no file has been sent"))
}
