//! Rules, for people and for programs: listed, added, changed, deleted, made again, exported and imported.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Web,
    page::Content,
    reply::{Answer, Refusal, Reply},
    request::{Asked, Request, value},
    table,
};
use crate::{
    db::Db,
    error::Error,
    model::{NewRule, Report, Rule, RuleState, UNSEEN, matched},
};

/// How many rules there may be.
const MAX_RULES: usize = 10_000;
/// So many mistakes of an import are shown.
const MOST_MISTAKES: usize = 20;

impl Web {
    pub(super) fn list_rules(&self, asked: &Asked) -> Answer {
        let (limit, offset) = part(asked, MAX_RULES)?;
        let rules = self.db()?.rules()?.rules;
        let last = self.state().last.clone();
        let found: HashMap<i64, &RuleState> =
            last.iter().flat_map(|last| &last.rules).map(|found| (found.rule, found)).collect();
        let rows = rules.iter().skip(offset).take(limit).map(|rule| shown(rule, found.get(&rule.id.into()).copied()));
        Ok(Reply::json(200, &rows.collect::<Vec<_>>()).with("X-Total-Count", rules.len().to_string()))
    }

    /// One rule, or each of a list of rules: then each has its own answer.
    pub(super) fn add_rules(&self, asked: &Asked) -> Answer {
        let body = asked.json()?;
        let added =
            |Rule { id, wish }: Rule| json!({ "id": id, "movie_title": wish.movie_title, "show_name": wish.show_name });
        let Some(list) = body.as_array() else {
            let body = added(self.keep(NewRule::from_json(&body)?)?);
            let place = format!("{}/api/rules/{}", self.base(), body["id"]);
            return Ok(Reply::json(201, &body).with("Location", place));
        };
        let read: Vec<_> = list.iter().map(NewRule::from_json).collect();
        let wishes: Vec<NewRule> = read.iter().flatten().cloned().collect();
        let mut kept = self.keep_all(&wishes)?.into_iter();
        let answer = |wish: Result<NewRule, Error>| match wish
            .map_err(Refusal::from)
            .and_then(|_| kept.next().unwrap_or_else(|| Err(too_many())))
        {
            Ok(rule) => {
                let mut body = added(rule);
                body["status"] = 201.into();
                body
            }
            Err(refusal) => json!({ "status": refusal.status, "detail": refusal.detail }),
        };
        Ok(Reply::json(207, &read.into_iter().map(answer).collect::<Vec<_>>()))
    }

    pub(super) fn show_rule(&self, asked: &Asked) -> Answer {
        let rule = usable(&mut self.db()?, asked.rule()?)?;
        let last = self.state().last.clone();
        Ok(Reply::json(200, &shown(&rule, found(last.as_deref(), rule.id))))
    }

    pub(super) fn edit_rule(&self, asked: &Asked) -> Answer {
        let rule = Rule { id: asked.rule()?, wish: NewRule::from_json(&asked.json()?)? };
        let rule = self.db()?.edit_rule(&rule)?;
        self.rules_changed();
        Ok(Reply::json(200, &rule))
    }

    /// The rule means the special that has its number now.
    pub(super) fn confirm_rule(&self, asked: &Asked) -> Answer {
        let mut db = self.db()?;
        let rule = usable(&mut db, asked.rule()?)?;
        db.confirm_rule(rule.id)?;
        self.rules_changed();
        self.done(asked, &json!(rule), "/?done=confirmed")
    }

    pub(super) fn confirm_delete(&self, asked: &Asked) -> Answer {
        let ids = asked.rules()?;
        let mut db = self.db()?;
        let mut rows = table::rows(db.rules()?, &db.links()?, None);
        rows.retain(|row| ids.iter().any(|id| row.id == i64::from(*id)));
        match ids.iter().find(|id| !rows.iter().any(|row| row.id == i64::from(**id))) {
            Some(id) => Err(Refusal::no_rule(id)),
            None => Ok(self.page(asked, 200, "Delete rules", Content::Confirm(&rows))),
        }
    }

    /// All that are named or none. What a person has deleted can be made again.
    pub(super) fn delete_rules(&self, asked: &Asked) -> Answer {
        let ids = asked.rules()?;
        let mut db = self.db()?;
        let mut rules = db.rules()?.rules;
        rules.retain(|rule| ids.contains(&rule.id));
        db.remove_rules(&ids)?;
        if !asked.is_api() {
            self.state().deleted = rules;
        }
        self.rules_changed();
        let deleted = if asked.part.is_some() { json!(ids[0]) } else { json!(ids) };
        let word = if ids.len() == 1 { "deleted" } else { "removed" };
        self.done(asked, &json!({ "deleted": deleted }), &format!("/?done={word}"))
    }

    /// Makes rules again that were the last ones to be deleted; they have other numbers then.
    pub(super) fn restore_rules(&self, asked: &Asked) -> Answer {
        let ids = asked.rules()?;
        let mut rules = self.state().deleted.clone();
        rules.retain(|rule| ids.contains(&rule.id));
        if rules.is_empty() {
            return Err(Refusal::new(404, "these rules are not known any more: make them anew"));
        }
        let wishes: Vec<_> = rules.into_iter().map(|rule| rule.wish).collect();
        self.keep_all(&wishes)?.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.state().deleted.retain(|rule| !ids.contains(&rule.id));
        Ok(self.see("/?done=restored"))
    }

    /// All rules, or those that are selected.
    pub(super) fn export(&self, asked: &Asked) -> Answer {
        let mut rules = self.db()?.rules()?.rules;
        if value(&asked.query, "id").is_some() {
            let ids = asked.rules()?;
            rules.retain(|rule| ids.contains(&rule.id));
        }
        Ok(Reply::json(200, &rules).with("Content-Disposition", "attachment; filename=\"plex-linker-rules.json\""))
    }

    pub(super) fn import_page(&self, asked: &Asked) -> Answer {
        Ok(self.page(asked, 200, "Import rules", Content::Import(Vec::new())))
    }

    pub(super) fn import(&self, asked: &Asked) -> Answer {
        let Err(refusal) = self.import_uploaded(asked.request) else {
            self.rules_changed();
            return Ok(self.see("/?done=imported"));
        };
        let said = refusal.mistakes.iter().map(|mistake| mistake.sentence.clone()).take(MOST_MISTAKES);
        let said = if refusal.mistakes.is_empty() { vec![refusal.detail.clone()] } else { said.collect() };
        Ok(refusal.complete(self.page(asked, refusal.status, "Import rules", Content::Import(said))))
    }

    fn import_uploaded(&self, request: &Request) -> Result<(), Refusal> {
        let file = uploaded(request)?;
        // which editors of Windows put before a text
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        let wishes = NewRule::list_from_json(file)?;
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
    pub(super) fn keep(&self, wish: NewRule) -> Result<Rule, Refusal> {
        self.keep_all(&[wish])?.pop().unwrap_or_else(|| Err(too_many()))
    }

    /// The same for several, of which each is added or refused; those for which there is no room are left out.
    pub(super) fn keep_all(&self, wishes: &[NewRule]) -> Result<Vec<Result<Rule, Refusal>>, Refusal> {
        let mut db = self.db()?;
        let there = db.rules()?;
        let room = MAX_RULES.saturating_sub(there.rules.len() + there.invalid.len());
        let done = db.add_rules(&wishes[..wishes.len().min(room)])?;
        if done.iter().any(Result::is_ok) {
            self.rules_changed();
        }
        Ok(done.into_iter().map(|one| one.map_err(Refusal::from)).collect())
    }
}

/// What a report tells of a rule.
pub fn found(report: Option<&Report>, rule: i32) -> Option<&RuleState> {
    report?.rules.iter().find(|found| found.rule == i64::from(rule))
}

/// A rule, and what a run found of it.
pub fn shown(rule: &Rule, found: Option<&RuleState>) -> Value {
    let mut shown = json!(rule);
    shown["state"] = found.map_or(UNSEEN.word, |found| &found.state).into();
    shown["reason"] = found.map_or("", |found| &found.reason).into();
    shown["since"] = found.map_or(0, |found| found.since).into();
    shown["link"] = json!(found.and_then(|found| found.link.as_deref()));
    shown
}

/// Which part of a list is wanted: how many at most, after how many.
pub fn part(asked: &Asked, most: usize) -> Result<(usize, usize), Refusal> {
    let number = |name: &str, usual: usize| match value(&asked.query, name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| Refusal::new(422, format!("{name} is {text:?}: it must be a number"))),
    };
    Ok((number("limit", most)?.min(most), number("offset", 0)?))
}

/// A rule, or what is wrong with the row that has its number.
pub fn usable(db: &mut Db, id: i32) -> Result<Rule, Refusal> {
    let rules = db.rules()?;
    if let Some(invalid) = rules.invalid.iter().find(|invalid| invalid.id == i64::from(id)) {
        return Err(Refusal::new(422, format!("rule {id} is not usable: {}", invalid.reason)));
    }
    rules.rules.into_iter().find(|rule| rule.id == id).ok_or(Refusal::no_rule(id))
}

fn too_many() -> Refusal {
    Refusal::new(409, format!("there can be no more than {MAX_RULES} rules"))
}

/// The file in a form with one field, which is a file (RFC 7578).
fn uploaded(request: &Request) -> Result<&[u8], Refusal> {
    let content_type = request.header("content-type").unwrap_or_default();
    let boundary = content_type.split_once("boundary=").map(|(_, boundary)| boundary.trim_matches('"'));
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
        return Err(Refusal::new(415, "this takes the form of the page with a file: programs use /api/rules"));
    };
    let after = |bytes: &[u8], mark: &str| bytes.windows(mark.len()).position(|part| part == mark.as_bytes());
    let begin = after(&request.body, "\r\n\r\n").map(|at| at + 4);
    let file = begin.and_then(|begin| request.body.get(begin..)).and_then(|rest| {
        let end = after(rest, &format!("\r\n--{boundary}"))?;
        rest.get(..end)
    });
    file.ok_or_else(|| Refusal::new(422, "no file has been sent"))
}
