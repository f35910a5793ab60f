//! The one table of addresses: by which method, who may ask, how much may be sent, and what answers.

use serde_json::json;

use super::{Asked, Most, Refusal, Reply, Result, Web, files, parts};
use crate::config::WEBHOOK;

/// An address and its answer. A part of a path in braces stands for any one part.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub who: Who,
    /// `None`: as much as is usual.
    pub most: Option<Most>,
    pub answer: fn(&Web, &Asked) -> Result,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Also a stranger, and whatever it calls us: it is to see that we live.
    Anything,
    /// Also a stranger, who is to log in.
    Everybody,
    /// Whoever is let in.
    Admitted,
}

const fn route(method: &'static str, path: &'static str, answer: fn(&Web, &Asked) -> Result) -> Route {
    Route { method, path, who: Who::Admitted, most: None, answer }
}

const fn open(method: &'static str, path: &'static str, answer: fn(&Web, &Asked) -> Result) -> Route {
    Route { who: Who::Everybody, ..route(method, path, answer) }
}

/// Of two that match, the first counts.
pub static ROUTES: [Route; 61] = [
    Route { who: Who::Anything, ..open("GET", "/health", |_, _| Ok(Reply::text(200, "ok"))) },
    Route { who: Who::Anything, ..open("GET", "/ping", |_, _| Ok(Reply::json(200, &json!({ "status": "OK" })))) },
    open("GET", "/style.css", files::file),
    open("GET", "/script.js", files::file),
    open("GET", "/icon.svg", files::file),
    open("GET", "/login", Web::login_page),
    open("POST", "/login", Web::login),
    route("POST", "/logout", Web::logout),
    route("GET", "/", Web::home),
    route("GET", "/rules/new", Web::new_rule),
    route("GET", "/rules/import", Web::import_page),
    Route { most: Some(Most::MANY_RULES), ..route("POST", "/rules/import", Web::import) },
    route("GET", "/rules/export", Web::export),
    route("GET", "/rules/delete", Web::confirm_delete),
    route("POST", "/rules/delete", Web::delete_rules),
    route("POST", "/rules/restore", Web::restore_rules),
    route("POST", "/rules", Web::add_by_form),
    route("GET", "/rules/{id}", Web::rule_page),
    route("GET", "/rules/{id}/edit", Web::edit_page),
    route("POST", "/rules/{id}/try", Web::try_by_form),
    route("POST", "/rules/{id}", Web::edit_by_form),
    route("GET", "/rules/{id}/delete", Web::confirm_delete),
    route("POST", "/rules/{id}/delete", Web::delete_rules),
    route("POST", "/rules/{id}/confirm", Web::confirm_rule),
    route("GET", "/preview", Web::preview_page),
    route("POST", "/run", Web::run),
    route("GET", "/runs", Web::runs_page),
    route("GET", "/suggestions", Web::suggestions_page),
    route("POST", "/suggestions", Web::make_rules),
    route("POST", "/suggestions/{id}/dismiss", Web::dismiss),
    route("POST", "/suggestions/{id}/restore", Web::restore),
    route("GET", "/system", Web::system_page),
    route("POST", "/system", Web::check_now),
    route("POST", "/system/connect", Web::connect),
    route("POST", "/system/disconnect", Web::disconnect),
    route("POST", "/system/notify", Web::test_news),
    route("GET", "/api/rules", Web::list_rules),
    Route { most: Some(Most::MANY_RULES), ..route("POST", "/api/rules", Web::add_rules) },
    route("POST", "/api/rules/delete", Web::delete_rules),
    route("GET", "/api/rules/{id}", Web::show_rule),
    route("PUT", "/api/rules/{id}", Web::edit_rule),
    route("DELETE", "/api/rules/{id}", Web::delete_rules),
    route("POST", "/api/rules/{id}/try", Web::try_rule),
    route("POST", "/api/rules/{id}/confirm", Web::confirm_rule),
    route("GET", "/api/settings/{key}", Web::show_setting),
    route("PUT", "/api/settings/{key}", Web::set_setting),
    route("GET", "/api/status", Web::status),
    route("GET", "/api/plan", Web::plan),
    route("POST", "/api/run", Web::run),
    route("GET", "/api/runs", Web::list_runs),
    route("GET", "/api/suggestions", Web::suggestions),
    route("POST", "/api/suggestions/{id}", Web::restore),
    route("DELETE", "/api/suggestions/{id}", Web::dismiss),
    route("GET", "/api/check", Web::show_check),
    route("POST", "/api/connections", Web::connect),
    route("DELETE", "/api/connections", Web::disconnect),
    route("POST", "/api/notify", Web::test_news),
    Route { most: Some(Most::BEGINNING), ..route("POST", WEBHOOK, Web::webhook) },
    Route { most: Some(Most::BEGINNING), ..route("PUT", WEBHOOK, Web::webhook) },
    route("GET", "/metrics", Web::metrics),
    route("GET", "/openapi.json", |_, _| Ok(Reply::new(200, "application/json", include_str!("openapi.json")))),
];

pub fn find(asked: &Asked) -> Option<&'static Route> {
    let method = if asked.request.method == "HEAD" { "GET" } else { &asked.request.method };
    ROUTES.iter().find(|route| route.method == method && route.leads_to(&asked.path))
}

/// What is said where there is no route.
pub fn none(asked: &Asked) -> Refusal {
    let mut allowed: Vec<&str> = Vec::new();
    for route in ROUTES.iter().filter(|route| route.leads_to(&asked.path)) {
        if !allowed.contains(&route.method) {
            allowed.push(route.method);
        }
    }
    if allowed.is_empty() {
        return Refusal::new(404, "there is nothing at this address");
    }
    let detail = format!("{} is not possible here, only {}", asked.request.method, allowed.join(" and "));
    Refusal { allow: Some(allowed.join(", ")), ..Refusal::new(405, detail) }
}

impl Route {
    fn leads_to(&self, path: &[String]) -> bool {
        parts(self.path).count() == path.len()
            && parts(self.path).zip(path).all(|(known, part)| known.starts_with('{') || known == part)
    }

    /// Which part of the path has the braces.
    pub fn any_part(&self) -> Option<usize> {
        parts(self.path).position(|part| part.starts_with('{'))
    }
}
