//! The login, and what somebody sees who has not shown the key.

use askama::Template;

use super::{Asked, Refusal, Reply, Result, Typed, View, Web, query, value};

#[derive(Template)]
#[template(path = "login.html", config = "src/web/askama.toml")]
struct Login<'a> {
    view: &'a View<'a>,
    next: &'a str,
    wrong: bool,
}

impl Web {
    pub(super) fn login_page(&self, asked: &Asked) -> Result {
        if self.access.admits(asked.request) {
            return Ok(self.see(next(&asked.query)));
        }
        Ok(self.show_login(asked, 200, next(&asked.query)))
    }

    fn show_login(&self, asked: &Asked, status: u16, next: &str) -> Reply {
        let view = &self.view(asked);
        view.page(status, "Log in", &Login { view, next, wrong: status == 401 })
    }

    pub(super) fn login(&self, asked: &Asked) -> Result {
        let form = asked.form();
        let next = next(&form);
        if self.access.is_key(value(&form, "key").unwrap_or_default()) {
            return Ok(self.see(next).with("Set-Cookie", self.access.cookie(asked.request, true)));
        }
        self.access.tell_wrong(asked.request);
        Ok(Refusal::new(401, "").complete(self.show_login(asked, 401, next)))
    }

    pub(super) fn logout(&self, asked: &Asked) -> Result {
        Ok(self.see("/login").with("Set-Cookie", self.access.cookie(asked.request, false)))
    }

    /// Shows a stranger the way in. What was typed while the login ended is shown again after the next one.
    pub(super) fn stranger(&self, asked: &Asked) -> Result {
        if asked.is_api() {
            let how = "the key is needed: send it as X-Api-Key; \"plex-linker key\" shows it";
            return Err(Refusal::new(401, how));
        }
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        let here = format!("/{}", path.join("/"));
        let typed = || Typed::new(&asked.form()).query();
        // but no wrong key
        let kept = asked.query_without("apikey");
        let wanted = match *path {
            [] if kept.is_empty() => return Ok(self.see("/login")),
            _ if asked.request.is_safe() && kept.is_empty() => here,
            _ if asked.request.is_safe() => format!("{here}?{kept}"),
            ["rules"] => format!("/rules/new?{}", typed()),
            ["rules", "import"] | ["rules", _, "delete"] => here,
            ["rules", id] if id.parse::<i32>().is_ok() => format!("/rules/{id}/edit?{}", typed()),
            ["rules", id, _] => format!("/rules/{id}"),
            ["suggestions", ..] => "/suggestions".into(),
            _ => "/".into(),
        };
        Ok(self.see(&format!("/login?{}", query([("next", &*wanted)]))))
    }
}

/// Where to go after the login: below our own address, whatever a link says.
fn next(pairs: &[(String, String)]) -> &str {
    let ours = |wanted: &&str| {
        wanted.starts_with('/')
            && !wanted.starts_with("//")
            && wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    value(pairs, "next").filter(ours).unwrap_or("/")
}
