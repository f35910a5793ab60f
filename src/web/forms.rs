//! What forms do: each answers with another page to look at, or with itself and what is wrong.

use super::{
    LOOK_LIFE_REFUSED, PATIENCE, Target, Web,
    api::{Answer, MAX_RULES, number, parsed, too_many, usable},
    pairs,
    reply::{Refusal, Reply, Request},
    state::Ask,
    typed::Typed,
    views::Content,
};
use crate::model::{Catalog, NewRule, Rule, matched};

/// So many mistakes of an import are shown.
const MOST_MISTAKES: usize = 20;

impl Web {
    pub(super) fn add_by_form(&self, request: &Request) -> Answer {
        let pairs = form(request)?;
        let typed = Typed::new(&pairs);
        if let Err(refusal) = self.meant(request, &typed, &Typed::default()).and_then(|wish| self.keep(&wish)) {
            return Ok(self.refused(request, None, &typed, &refusal));
        }
        let suggested = pairs.iter().any(|(name, value)| name == "from" && value == "suggestions");
        Ok(if suggested { self.back_to_suggestions("added", &pairs) } else { self.see("/?done=added") })
    }

    pub(super) fn edit_by_form(&self, request: &Request, id: &str) -> Answer {
        let id = number(id)?;
        let typed = Typed::new(&form(request)?);
        if let Err(refusal) = self.edited(request, id, &typed) {
            // what was meant to change a rule that is gone by now may become a new one
            let rule = Some(id).filter(|_| refusal.status != 404);
            return Ok(self.refused(request, rule, &typed, &refusal));
        }
        self.rules_changed();
        Ok(self.see("/?done=changed"))
    }

    fn edited(&self, request: &Request, id: i32, typed: &Typed) -> Result<(), Refusal> {
        let before = Typed::from_rule(&usable(&mut self.db()?, id)?.wish);
        let wish = self.meant(request, typed, &before)?;
        self.db()?.edit_rule(&Rule { id, wish })?;
        Ok(())
    }

    pub(super) fn confirm_by_form(&self, request: &Request, id: &str) -> Answer {
        form(request)?;
        self.db()?.confirm_rule(number(id)?)?;
        self.rules_changed();
        Ok(self.see("/?done=confirmed"))
    }

    /// One rule, or those that were selected.
    pub(super) fn delete_by_form(&self, request: &Request, id: &str) -> Answer {
        let ids = selected(id, &form(request)?)?;
        let mut db = self.db()?;
        let mut rules = db.rules()?.rules;
        rules.retain(|rule| ids.contains(&rule.id));
        db.remove_rules(&ids)?;
        self.shared().deleted = rules;
        self.rules_changed();
        Ok(self.see(if ids.len() == 1 { "/?done=deleted" } else { "/?done=removed" }))
    }

    /// Makes rules again that were the last ones to be deleted; they have other numbers then.
    pub(super) fn restore_rules(&self, request: &Request) -> Answer {
        let ids = selected("", &form(request)?)?;
        let mut rules = self.shared().deleted.clone();
        rules.retain(|rule| ids.contains(&rule.id));
        if rules.is_empty() {
            return Err(Refusal::new(404, "these rules are not known any more: make them anew"));
        }
        let wishes: Vec<_> = rules.into_iter().map(|rule| rule.wish).collect();
        self.keep_all(&wishes)?.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.shared().deleted.retain(|rule| !ids.contains(&rule.id));
        Ok(self.see("/?done=restored"))
    }

    pub(super) fn run_now(&self) -> Answer {
        self.ask(Ask::Run)?;
        Ok(self.see("/?done=run"))
    }

    pub(super) fn import(&self, request: &Request) -> Answer {
        match self.import_uploaded(request) {
            Ok(()) => {}
            Err(refusal) => {
                let said = refusal.mistakes.iter().map(|mistake| mistake.sentence.clone()).take(MOST_MISTAKES);
                let said = if refusal.mistakes.is_empty() { vec![refusal.detail.clone()] } else { said.collect() };
                let page = self.render(request, "Import rules", Content::Import(said));
                return Ok(refusal.complete(Reply::html(refusal.status, page)));
            }
        }
        self.rules_changed();
        Ok(self.see("/?done=imported"))
    }

    fn import_uploaded(&self, request: &Request) -> Result<(), Refusal> {
        let file = uploaded(request)?;
        // which editors of Windows put before a text
        let wishes = NewRule::list_from_json(&parsed(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file))?)?;
        let mut db = self.db()?;
        let there = db.rules()?;
        let new = matched(&there.rules, &wishes).into_iter().filter(Option::is_none);
        if there.rules.len() + there.invalid.len() + new.count() > MAX_RULES {
            return Err(too_many());
        }
        db.import_rules(&wishes)?;
        Ok(())
    }

    pub(super) fn login_page(&self, request: &Request, query: &[(String, String)]) -> Answer {
        if self.access.admits(request) {
            return Ok(self.see("/"));
        }
        Ok(Reply::html(200, self.render(request, "Log in", Content::Login { next: next(query), wrong: false })))
    }

    pub(super) fn login(&self, request: &Request) -> Answer {
        let pairs = form(request)?;
        let next = next(&pairs);
        let typed = pairs.iter().find(|(name, _)| name == "key").map_or("", |(_, value)| value);
        if self.access.is_key(typed) {
            return Ok(self.see(&next).with("Set-Cookie", self.access.login_cookie(request)));
        }
        let page = self.render(request, "Log in", Content::Login { next, wrong: true });
        self.access.tell_wrong(request);
        Ok(Refusal::new(401, "").complete(Reply::html(401, page)))
    }

    pub(super) fn logout(&self, request: &Request) -> Answer {
        Ok(self.see("/login").with("Set-Cookie", self.access.logout_cookie(request)))
    }

    /// What somebody sees who has not shown the key.
    pub(super) fn stranger(&self, request: &Request, target: &Target) -> Answer {
        if target.api {
            let how = "the key is needed: send it as X-Api-Key; \"plex-linker key\" shows it";
            return Err(Refusal::new(401, how));
        }
        if target.parts.is_empty() {
            return Ok(self.see("/login"));
        }
        let parts: Vec<&str> = target.parts.iter().map(String::as_str).collect();
        let wanted = match *parts {
            _ if request.is_safe() => format!("/{}", parts.join("/")),
            // a form that was filled in while the login ended is shown again after the next one, with all that was typed
            ["rules"] => format!("/rules/new?{}", Typed::new(&form(request)?).query()),
            ["rules", "import"] | ["rules", _, "delete"] => format!("/{}", parts.join("/")),
            ["rules", id] if number(id).is_ok() => format!("/rules/{id}/edit?{}", Typed::new(&form(request)?).query()),
            ["rules", id, _] => format!("/rules/{id}"),
            _ => "/".into(),
        };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", &wanted).finish();
        Ok(self.see(&format!("/login?{query}")))
    }

    /// The rule that was typed. Before it is refused, the apps are asked whether they have it by now.
    fn meant(&self, request: &Request, typed: &Typed, before: &Typed) -> Result<NewRule, Refusal> {
        let understood = |catalog: Option<&Catalog>| {
            let empty = Catalog::default();
            typed.wish(catalog.unwrap_or(&empty), before, |show| {
                Some(self.season(show, typed.season()?, None)?.specials)
            })
        };
        let catalog = self.catalog_at_hand(request.at, PATIENCE);
        let asked_at = catalog.as_deref().map_or(0, |catalog| catalog.asked_at);
        let wish = understood(catalog.as_deref()).or_else(|refused| {
            let fresh = self.catalog(request.at - LOOK_LIFE_REFUSED, PATIENCE);
            let newer = fresh.as_deref().filter(|fresh| fresh.asked_at > asked_at);
            newer.map_or(Err(refused), |fresh| understood(Some(fresh)))
        });
        Ok(wish?)
    }

    /// The form again, with all that was typed.
    fn refused(&self, request: &Request, rule: Option<i32>, typed: &Typed, refusal: &Refusal) -> Reply {
        refusal.complete(self.form_page(request, refusal.status, rule, typed, Some(refusal)))
    }

    /// Another page, below the base.
    pub(super) fn see(&self, path: &str) -> Reply {
        Reply::see(format!("{}{path}", self.url_base))
    }
}

/// The rule that the address names, or those that are selected.
pub fn selected(id: &str, pairs: &[(String, String)]) -> Result<Vec<i32>, Refusal> {
    let named = Some(id).filter(|id| !id.is_empty());
    let ids = pairs.iter().filter(|(name, _)| name == "id" && named.is_none()).map(|(_, id)| id.as_str());
    let mut ids: Vec<i32> = named.into_iter().chain(ids).map(number).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    match ids[..] {
        [] => Err(Refusal::new(422, "no rule is selected: mark some in the list of rules")),
        _ => Ok(ids),
    }
}

/// The fields of a form.
pub fn form(request: &Request) -> Result<Vec<(String, String)>, Refusal> {
    match request.content_type().as_str() {
        "application/x-www-form-urlencoded" => Ok(pairs(&request.body)),
        _ => Err(Refusal::new(415, "this takes a form of the page: programs use /api/rules")),
    }
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

/// Where to go after the login: below our own address, whatever a link says.
fn next(pairs: &[(String, String)]) -> String {
    let wanted = pairs.iter().find(|(name, _)| name == "next").map_or("/", |(_, value)| value);
    let ours = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours { wanted.into() } else { "/".into() }
}
