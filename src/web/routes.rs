//! The one table of addresses: by which method, who may ask, and what answers.

use serde_json::json;

use super::{
    Web,
    api::Answer,
    files, metrics,
    reply::{Refusal, Reply, Request},
};

/// An address and its answer. A part of a path in braces stands for any one part.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    pub answer: fn(&Web, &Asked) -> Answer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Also a stranger, who is to see that we live, and to log in.
    Everybody,
    /// Whoever is let in.
    Admitted,
}

/// What a request asks of an address.
pub struct Asked<'a> {
    pub request: &'a Request,
    /// What stands where the path has braces.
    pub part: &'a str,
    pub query: &'a [(String, String)],
}

const fn route(method: &'static str, path: &'static str, answer: fn(&Web, &Asked) -> Answer) -> Route {
    Route { method, path, who: Who::Admitted, answer }
}

const fn open(method: &'static str, path: &'static str, answer: fn(&Web, &Asked) -> Answer) -> Route {
    Route { method, path, who: Who::Everybody, answer }
}

/// Of two that match, the first counts.
pub static ROUTES: [Route; 43] = [
    open("GET", "/health", |_, _| Ok(Reply::text(200, "ok"))),
    open("GET", "/ping", |_, _| Ok(Reply::json(200, &json!({ "status": "OK" })))),
    open("GET", "/style.css", |_, asked| files::file("style.css", asked.query)),
    open("GET", "/script.js", |_, asked| files::file("script.js", asked.query)),
    open("GET", "/icon.svg", |_, asked| files::file("icon.svg", asked.query)),
    open("GET", "/login", |web, asked| web.login_page(asked.request, asked.query)),
    open("POST", "/login", |web, asked| web.login(asked.request)),
    route("POST", "/logout", |web, asked| web.logout(asked.request)),
    route("GET", "/", |web, asked| web.home(asked.request, asked.query)),
    route("GET", "/rules/new", |web, asked| web.new_rule(asked.request, asked.query)),
    route("GET", "/rules/import", |web, asked| web.import_page(asked.request)),
    route("POST", "/rules/import", |web, asked| web.import(asked.request)),
    route("GET", "/rules/export", |web, _| web.export()),
    route("POST", "/rules", |web, asked| web.add_by_form(asked.request)),
    route("GET", "/rules/{id}", |web, asked| web.rule_page(asked.request, asked.part, asked.query)),
    route("POST", "/rules/{id}", |web, asked| web.edit_by_form(asked.request, asked.part)),
    route("GET", "/rules/{id}/delete", |web, asked| web.confirm_delete(asked.request, asked.part)),
    route("POST", "/rules/{id}/delete", |web, asked| web.delete_by_form(asked.request, asked.part)),
    route("POST", "/rules/{id}/confirm", |web, asked| web.confirm_by_form(asked.request, asked.part)),
    route("GET", "/preview", |web, asked| web.preview_page(asked.request, asked.query)),
    route("POST", "/run", |web, _| web.run_now()),
    route("GET", "/runs", |web, asked| web.runs_page(asked.request, asked.query)),
    route("GET", "/suggestions", |web, asked| web.suggestions_page(asked.request)),
    route("GET", "/system", |web, asked| web.system_page(asked.request)),
    route("POST", "/system", |web, asked| web.check_now(asked.request)),
    route("GET", "/api/rules", |web, asked| web.list_rules(asked.query)),
    route("POST", "/api/rules", |web, asked| web.add_rule(asked.request)),
    route("GET", "/api/rules/{id}", |web, asked| web.show_rule(asked.part)),
    route("PUT", "/api/rules/{id}", |web, asked| web.edit_rule(asked.part, asked.request)),
    route("DELETE", "/api/rules/{id}", |web, asked| web.delete_rule(asked.part)),
    route("POST", "/api/rules/{id}/confirm", |web, asked| web.confirm_rule(asked.part)),
    route("GET", "/api/settings/{key}", |web, asked| web.show_setting(asked.part)),
    route("PUT", "/api/settings/{key}", |web, asked| web.set_setting(asked.part, asked.request)),
    route("GET", "/api/status", |web, _| web.status()),
    route("GET", "/api/plan", |web, asked| web.plan(asked.request)),
    route("POST", "/api/run", |web, _| web.run()),
    route("GET", "/api/runs", |web, asked| web.list_runs(asked.query)),
    route("GET", "/api/check", |web, asked| web.show_check(asked.request)),
    route("GET", "/api/suggestions", |web, asked| web.suggestions(asked.request)),
    route("POST", "/api/webhook", |web, asked| web.webhook(asked.request)),
    route("PUT", "/api/webhook", |web, asked| web.webhook(asked.request)),
    route("GET", "/metrics", |web, _| Ok(metrics::reply(&web.state()))),
    route("GET", "/openapi.json", |_, _| Ok(Reply::new(200, "application/json", include_str!("openapi.json")))),
];

/// The route of a request, and what stands where its path has braces.
pub fn find<'a>(method: &str, parts: &'a [String]) -> Option<(&'static Route, &'a str)> {
    let method = if method == "HEAD" { "GET" } else { method };
    let of_method = ROUTES.iter().filter(|route| route.method == method);
    of_method.filter_map(|route| route.part(parts).map(|part| (route, part))).next()
}

/// What is said where there is no route.
pub fn none(method: &str, parts: &[String]) -> Refusal {
    let mut allowed: Vec<&str> = Vec::new();
    for route in ROUTES.iter().filter(|route| route.part(parts).is_some()) {
        if !allowed.contains(&route.method) {
            allowed.push(route.method);
        }
    }
    if allowed.is_empty() {
        return Refusal::new(404, "there is nothing at this address");
    }
    let detail = format!("{method} is not possible here, only {}", allowed.join(" and "));
    Refusal { allow: Some(allowed.join(", ")), ..Refusal::new(405, detail) }
}

impl Route {
    fn part<'a>(&self, parts: &'a [String]) -> Option<&'a str> {
        let pattern: Vec<&str> = self.path.split('/').filter(|part| !part.is_empty()).collect();
        let is_any = |part: &str| part.starts_with('{');
        let fits = pattern.len() == parts.len()
            && pattern.iter().zip(parts).all(|(known, part)| is_any(known) || *known == part.as_str());
        let at = pattern.iter().position(|part| is_any(part));
        fits.then(|| at.map_or("", |at| parts[at].as_str()))
    }
}
