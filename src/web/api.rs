//! The JSON API: as the old program's where that had one.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    PATIENCE, PREVIEW_LIFE, Web,
    reply::{Refusal, Reply, Request},
    state::{Ask, State},
    webhook::Event,
};
use crate::{
    db::Db,
    error::Error,
    model::{self, NewRule, Report, Rule, RuleState, Standing, UNSEEN},
};

pub type Answer = Result<Reply, Refusal>;

/// How many rules there may be.
pub const MAX_RULES: usize = 10_000;
const MAX_SETTING: usize = 16 * 1024;

impl Web {
    pub(super) fn list_rules(&self, query: &[(String, String)]) -> Answer {
        let (limit, offset) = part(query, MAX_RULES)?;
        let rules = self.db()?.rules()?.rules;
        let last = self.shared().last.clone();
        let found: HashMap<i64, &RuleState> =
            last.iter().flat_map(|last| &last.rules).map(|found| (found.rule, found)).collect();
        let shown = |rule: &Rule| shown(rule, found.get(&rule.id.into()).copied());
        Ok(Reply::json(200, &rules.iter().skip(offset).take(limit).map(shown).collect::<Vec<_>>())
            .with("X-Total-Count", rules.len().to_string()))
    }

    /// One rule, or each of a list of rules: then each has its own answer.
    pub(super) fn add_rule(&self, request: &Request) -> Answer {
        let body = json_body(request)?;
        let shown =
            |Rule { id, wish }: Rule| json!({ "id": id, "movie_title": wish.movie_title, "show_name": wish.show_name });
        let Some(list) = body.as_array() else {
            let body = shown(self.keep(&NewRule::from_json(&body)?)?);
            let place = format!("{}/api/rules/{}", self.url_base, body["id"]);
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
                let mut body = shown(rule);
                body["status"] = 201.into();
                body
            }
            Err(refusal) => json!({ "status": refusal.status, "detail": refusal.detail }),
        };
        Ok(Reply::json(207, &read.into_iter().map(answer).collect::<Vec<_>>()))
    }

    pub(super) fn show_rule(&self, id: &str) -> Answer {
        let rule = usable(&mut self.db()?, number(id)?)?;
        let last = self.shared().last.clone();
        let found = last.iter().flat_map(|last| &last.rules).find(|found| found.rule == i64::from(rule.id));
        Ok(Reply::json(200, &shown(&rule, found)))
    }

    pub(super) fn edit_rule(&self, id: &str, request: &Request) -> Answer {
        let rule = Rule { id: number(id)?, wish: NewRule::from_json(&json_body(request)?)? };
        let rule = self.db()?.edit_rule(&rule)?;
        self.rules_changed();
        Ok(Reply::json(200, &rule))
    }

    /// The rule means the special that has its number now.
    pub(super) fn confirm_rule(&self, id: &str) -> Answer {
        let mut db = self.db()?;
        let rule = usable(&mut db, number(id)?)?;
        db.confirm_rule(rule.id)?;
        self.rules_changed();
        Ok(Reply::json(200, &rule))
    }

    pub(super) fn delete_rule(&self, id: &str) -> Answer {
        let id = number(id)?;
        self.db()?.remove_rule(id)?;
        self.rules_changed();
        Ok(Reply::json(200, &json!({ "deleted": id })))
    }

    /// All that are named or none.
    pub(super) fn delete_rules(&self, request: &Request) -> Answer {
        let body = json_body(request)?;
        let ids = body["ids"].as_array().map(|ids| ids.iter().map(|id| id.as_i64()?.try_into().ok()).collect());
        let Some(Some(ids)) = ids else {
            return Err(Refusal::new(422, "ids must be a list of the numbers of rules"));
        };
        let ids: Vec<i32> = ids;
        self.db()?.remove_rules(&ids)?;
        self.rules_changed();
        Ok(Reply::json(200, &json!({ "deleted": ids })))
    }

    pub(super) fn show_setting(&self, key: &str) -> Answer {
        let missing = || Refusal::new(404, format!("there is no setting {key:?}"));
        // no database has a key with a NUL
        let value = if key.contains('\0') { None } else { self.db()?.setting(key)? };
        Ok(Reply::json(200, &json!({ "key": key, "value": value.ok_or_else(missing)? })))
    }

    pub(super) fn set_setting(&self, key: &str, request: &Request) -> Answer {
        if key.is_empty() || key.len() > 64 || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b" _.-".contains(&b)) {
            return Err(Refusal::new(422, "key must be 1 to 64 letters, digits, blanks, dots, dashes or underscores"));
        }
        let body = json_body(request)?;
        let value = body.get("value").ok_or_else(|| Refusal::new(422, "value is missing"))?;
        if value.to_string().len() > MAX_SETTING {
            return Err(Refusal::new(413, format!("value is longer than {MAX_SETTING} bytes")));
        }
        self.db()?.set_setting(key, value)?;
        Ok(Reply::json(200, &json!({ "key": key, "value": value })))
    }

    pub(super) fn status(&self) -> Answer {
        let state = self.state();
        let failures = state.failures();
        let mut body = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "running": state.running,
            "started_at": state.started_at,
            "last_run_at": state.last_run_at,
            "last_duration_ms": state.last_duration_ms,
            "next_run_at": state.next_run_at,
            "apps": state.apps,
            "counts": counts(&state),
            "last": state.last.as_deref(),
        });
        if failures.is_empty() {
            return Ok(Reply::json(200, &body));
        }
        body["detail"] = failures.join("; ").into();
        Ok(Reply::json(503, &body))
    }

    pub(super) fn plan(&self, request: &Request) -> Answer {
        let (text, report) = self.planned(request)?;
        Ok(Reply::json(200, &json!({ "text": text, "report": report })))
    }

    /// What a run would do for one rule.
    pub(super) fn try_rule(&self, request: &Request, id: &str) -> Answer {
        let rule = usable(&mut self.db()?, number(id)?)?;
        let report = self.planned(request)?.1;
        let found = report.rules.iter().find(|found| found.rule == i64::from(rule.id));
        let mut tried = shown(&rule, found);
        tried["reason"] = found.map_or("", |found| &found.reason).into();
        tried["changes"] = report.changes_of(rule.id.into()).into();
        Ok(Reply::json(200, &tried))
    }

    fn planned(&self, request: &Request) -> Result<(String, Report), Refusal> {
        let shared = self.shared().preview.clone();
        let shared = shared.filter(|preview| preview.at >= request.at - PREVIEW_LIFE && preview.outcome.is_ok());
        let preview = shared.or_else(|| self.preview(request.at, PATIENCE));
        let busy = || Refusal::new(503, "a run is under way or the preview takes long: ask again in a moment");
        preview.ok_or_else(busy)?.outcome.clone().map_err(|problem| Refusal::new(503, problem))
    }

    /// The last runs, the newest first. What they found for each rule is known of the last one: the status tells it.
    pub(super) fn list_runs(&self, query: &[(String, String)]) -> Answer {
        let (limit, offset) = part(query, super::page::RUNS)?;
        let shown = |Report { at, summary, failed, changes, problems, .. }| json!({ "at": at, "summary": summary, "failed": failed, "changes": changes, "problems": problems });
        let mut db = self.db()?;
        let runs: Vec<_> = db.runs(limit, offset)?.into_iter().map(shown).collect();
        Ok(Reply::json(200, &runs).with("X-Total-Count", db.count_runs()?.to_string()))
    }

    pub(super) fn run(&self) -> Answer {
        self.ask(Ask::Run)?;
        Ok(Reply::json(202, &json!({ "started": true })))
    }

    /// What Radarr and Sonarr send when something happened there. Their trial message is no reason for a run.
    pub(super) fn webhook(&self, request: &Request) -> Answer {
        let event = Event::read(request.body.as_slice()).ok().flatten();
        let event = event.ok_or_else(|| Refusal::new(422, "this is no JSON"))?;
        let status = if event.is_trial() { 200 } else { 202 };
        event.wish().map_or(Ok(()), |wish| self.ask(wish))?;
        Ok(Reply::json(status, &json!({})))
    }

    /// A database for this request.
    pub(super) fn db(&self) -> Result<Db, Refusal> {
        Ok(Db::open(&self.database)?)
    }

    /// Adds a rule, if there is room for one more.
    pub(super) fn keep(&self, wish: &NewRule) -> Result<Rule, Refusal> {
        self.keep_all(std::slice::from_ref(wish))?.pop().unwrap_or_else(|| Err(too_many()))
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

/// A rule, and what the last run found of it.
fn shown(rule: &Rule, found: Option<&RuleState>) -> Value {
    let mut shown = json!(rule);
    shown["state"] = found.map_or(UNSEEN.word, |found| &found.state).into();
    shown["link"] = json!(found.and_then(|found| found.link.as_deref()));
    shown
}

/// The rules of the last run by what has to happen with them, and by their states.
fn counts(state: &State) -> Value {
    let states = state.states();
    let of = |standing| -> usize {
        states.iter().filter(|(word, _)| model::State::of(word).standing == standing).map(|(_, count)| count).sum()
    };
    let mut counts = json!({ "rules": states.values().sum::<usize>() });
    for standing in Standing::ALL {
        counts[standing.name()] = of(standing).into();
    }
    counts["states"] = json!(states);
    counts
}

/// Which part of a list is wanted: how many at most, after how many.
fn part(query: &[(String, String)], most: usize) -> Result<(usize, usize), Refusal> {
    let number = |name: &str, usual: usize| match query.iter().find(|(known, _)| known == name) {
        None => Ok(usual),
        Some((_, text)) => {
            text.parse().map_err(|_| Refusal::new(422, format!("{name} is {text:?}: it must be a number")))
        }
    };
    Ok((number("limit", most)?.min(most), number("offset", 0)?))
}

pub fn too_many() -> Refusal {
    Refusal::new(409, format!("there can be no more than {MAX_RULES} rules"))
}

/// A rule, or what is wrong with the row that has its number.
pub fn usable(db: &mut Db, id: i32) -> Result<Rule, Refusal> {
    let rules = db.rules()?;
    if let Some(invalid) = rules.invalid.iter().find(|invalid| invalid.id == i64::from(id)) {
        return Err(Refusal::new(422, format!("rule {id} is not usable: {}", invalid.reason)));
    }
    rules.rules.into_iter().find(|rule| rule.id == id).ok_or(Refusal::no_rule(id))
}

/// The number of a rule. One that no rule can have is that of a rule that is not there.
pub fn number(text: &str) -> Result<i32, Refusal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::new(422, format!("id is {text:?}: it must be the number of a rule")));
    }
    text.parse().map_err(|_| Refusal::no_rule(text))
}

pub fn parsed(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|cause| Refusal::new(422, format!("this is no JSON: {cause}")))
}

fn json_body(request: &Request) -> Result<Value, Refusal> {
    match request.has_json() {
        true => parsed(&request.body),
        false => Err(Refusal::new(415, "the body must be JSON: send \"Content-Type: application/json\"")),
    }
}
