//! Who may: keys, logins, host names and other sites.

use std::net::IpAddr;

use super::{
    site::{KEY, NOW, Sent, Site, local, remote},
    with,
};

/// `admin:` and the key, as HTTP Basic sends them.
fn basic(key: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("Basic {}", STANDARD.encode(format!("admin:{key}")))
}

fn cookie(site: &Site) -> String {
    let form = remote("POST", "/login").form("http://nas:8080", &format!("key={KEY}&next=%2Fruns"));
    let answer = site.send(&form).leads_to("/runs");
    let cookie = answer.header("Set-Cookie").to_string();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_string()
}

#[test]
fn everybody_may_ask_whether_we_live() {
    with(&[], |site| {
        for sent in [
            remote("GET", "/health"),
            remote("GET", "/health").header("Host", "evil.example"),
            local("HEAD", "/health"),
        ] {
            let answer = site.send(&sent).status(200);
            assert_eq!(answer.body, "ok");
        }
    });
}

#[test]
fn others_need_the_key() {
    with(&[], |site| {
        let status = |sent: Sent| site.send(&sent).status;
        let asked = || remote("GET", "/api/rules");
        assert_eq!(status(asked()), 401);
        assert_eq!(status(asked().header("X-Api-Key", KEY)), 200);
        assert_eq!(status(asked().header("x-api-key", "wrong")), 401);
        assert_eq!(status(asked().header("X-Api-Key", "")), 401);
        assert_eq!(status(asked().header("X-Api-Key", &format!("{KEY}0"))), 401);
        assert_eq!(status(asked().header("X-Api-Key", &KEY[1..])), 401);
        assert_eq!(status(asked().header("Authorization", &format!("Bearer {KEY}"))), 200);
        assert_eq!(status(asked().header("authorization", &format!("bearer {KEY}"))), 200);
        assert_eq!(status(asked().header("Authorization", "Bearer wrong")), 401);
        assert_eq!(status(asked().header("Authorization", KEY)), 401);
        assert_eq!(status(asked().header("Authorization", &basic(KEY))), 200);
        assert_eq!(status(asked().header("Authorization", &basic("wrong"))), 401);
        assert_eq!(status(asked().header("Authorization", "Basic ????")), 401);
        assert_eq!(status(asked().header("Cookie", &format!("plex_linker={KEY}"))), 401);
        for (query, expected) in [
            (format!("apikey={KEY}"), 200),
            (format!("limit=1&apikey={KEY}"), 200),
            (format!("apikey={}", KEY.replace(&KEY[..1], &format!("%{:02x}", KEY.as_bytes()[0]))), 200),
            (format!("apikey={}", &KEY[1..]), 401),
            (format!("apikey=wrong&apikey={KEY}"), 401),
            (format!("api_key={KEY}"), 401),
            ("apikey=".into(), 401),
        ] {
            assert_eq!(status(remote("GET", &format!("/api/rules?{query}"))), expected, "{query}");
        }
        // whatever stands in the other places: a proxy passes on what was meant for it, or adds something of its own
        let theirs = [("X-Api-Key", "theirs"), ("Authorization", "Bearer theirs"), ("Authorization", &basic("theirs"))];
        for (name, value) in theirs {
            let both = remote("GET", &format!("/api/rules?apikey={KEY}")).header(name, value);
            assert_eq!(status(both.clone()), 200, "{name}: {value}");
            assert!(site.web.answer(&both.0).delay.is_zero(), "{name}: {value}");
            let wrong = remote("GET", "/api/rules?apikey=wrong").header(name, value);
            assert_eq!(status(wrong.clone()), 401, "{name}: {value}");
            assert!(!site.web.answer(&wrong.0).delay.is_zero(), "{name}: {value}");
        }
        assert_eq!(status(asked().header("X-Api-Key", KEY).header("Authorization", &basic("theirs"))), 200);
        assert_eq!(status(asked().header("X-Api-Key", "theirs").header("Authorization", &basic(KEY))), 200);
        for path in ["/api/rules", "/api/nothing", "/metrics", "/openapi.json"] {
            let answer = site.send(&remote("GET", path)).status(401);
            assert_eq!(answer.detail(), "the key is needed: send it as X-Api-Key; \"plex-linker key\" shows it");
            assert!(answer.header("WWW-Authenticate").starts_with("Bearer"));
        }
    });
}

#[test]
fn a_program_on_this_machine_is_let_in_unless_it_speaks_for_others() {
    with(&[], |site| {
        let peer = |address: &str| {
            let mut sent = local("GET", "/api/rules");
            sent.0.peer = Some(address.parse::<IpAddr>().unwrap());
            site.send(&sent).status
        };
        for host in ["nas:8080", "192.168.1.5", "10.0.0.1:80", "localhost.lan", "[::2]"] {
            assert_eq!(site.send(&local("GET", "/api/rules").header("Host", host)).status, 401, "{host}");
        }
        for host in ["localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080"] {
            assert_eq!(site.send(&local("GET", "/api/rules").header("Host", host)).status, 200, "{host}");
        }
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(peer(address), 200, "{address}");
        }
        for address in ["10.0.0.1", "0.0.0.0", "::", "fe80::1", "::ffff:10.0.0.1"] {
            assert_eq!(peer(address), 401, "{address}");
        }
        let mut unknown = local("GET", "/api/rules");
        unknown.0.peer = None;
        assert_eq!(site.send(&unknown).status, 401);
        for header in ["Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "X-Real-IP", "Via"] {
            assert_eq!(site.send(&local("GET", "/api/rules").header(header, "127.0.0.1")).status, 401, "{header}");
        }
        // as nginx asks without any further word
        let mut old = local("GET", "/api/rules");
        old.0.is_old = true;
        assert_eq!(site.send(&old).status, 401);
        assert_eq!(site.send(&old.header("X-Api-Key", KEY)).status, 200);
    });
}

#[test]
fn once_the_settings_tell_of_a_proxy_nobody_is_let_in_for_being_on_this_machine() {
    for (name, value, expected) in [
        ("PLEX_LINKER_URL_BASE", "/plex-linker", 401),
        ("PLEX_LINKER_ALLOWED_HOSTS", "linker.example.org", 401),
        ("PLEX_LINKER_PUBLIC_URL", "https://linker.example.org/x", 401),
        ("PLEX_LINKER_PUBLIC_URL", "http://192.168.1.5:8080", 401),
        ("PLEX_LINKER_PUBLIC_URL", "http://localhost.example.org", 401),
        // which no proxy serves to others
        ("PLEX_LINKER_PUBLIC_URL", "http://localhost:8080", 200),
        ("PLEX_LINKER_PUBLIC_URL", "http://127.0.0.1:8080/x", 200),
        ("PLEX_LINKER_PUBLIC_URL", "http://[::1]:8080", 200),
    ] {
        with(&[(name, value)], |site| {
            assert_eq!(site.get("/api/rules").status, expected, "{name}={value}");
            site.send(&local("GET", "/api/rules").header("X-Api-Key", KEY)).status(200);
        });
    }
}

#[test]
fn without_keys_everybody_is_let_in() {
    with(&[("PLEX_LINKER_AUTH", "none")], |site| {
        site.send(&remote("GET", "/api/rules")).status(200);
        site.send(&remote("GET", "/login")).leads_to("/");
        // but no other site may use a browser here
        let rebound = remote("GET", "/api/rules").header("Host", "evil.example");
        site.send(&rebound).status(403);
        site.send(&rebound.header("X-Api-Key", "any")).status(403);
        // which no page can send unasked; what the browser or a proxy adds to everything shows nothing
        let run = || remote("POST", "/api/run");
        let sentence = "this request seems to come from another site: a script must send any X-Api-Key, or \"Content-Type: application/json\"";
        for silent in [run(), run().header("Authorization", &basic("any")), run().header("Authorization", "Bearer any")]
        {
            assert_eq!(site.send(&silent).status(403).detail(), sentence);
        }
        site.send(&run().header("X-Api-Key", "any")).status(202);
        let hook = remote("POST", "/api/webhook").header("Content-Type", "text/plain");
        site.send(&hook.header("X-Api-Key", "any").body("{}")).status(202);
        site.send(&run().header("X-Api-Key", "any").header("Origin", "http://evil.example")).status(403);
        site.send(&run().header("X-Api-Key", "any").header("Sec-Fetch-Site", "cross-site")).status(403);
    });
}

#[test]
fn pages_lead_to_the_login_and_back() {
    with(&[], |site| {
        site.send(&remote("GET", "/")).leads_to("/login");
        site.send(&remote("GET", "/rules/5")).leads_to("/login?next=%2Frules%2F5");
        site.send(&remote("GET", "/nothing")).leads_to("/login?next=%2Fnothing");
        // with what was typed, searched and filtered, but without a key
        for (path, next) in [
            ("/rules/new?movie_title=Kept%20%26+x&apikey=wrong", "/rules/new?movie_title=Kept+%26+x"),
            ("/rules/1/edit?season=1", "/rules/1/edit?season=1"),
            ("/runs?page=2", "/runs?page=2"),
            ("/?q=naruto&state=waiting", "/?q=naruto&state=waiting"),
            ("/runs?apikey=wrong", "/runs"),
        ] {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            site.send(&remote("GET", path)).leads_to(&format!("/login?{query}"));
            site.form("/login", &[("key", KEY), ("next", next)]).leads_to(next);
            // whoever is let in by now goes on
            site.get(&format!("/login?{query}")).leads_to(next);
        }
        let page = site.send(&remote("GET", "/login?next=%2Frules%2F5")).status(200);
        page.shows("name=\"next\" value=\"/rules/5\"");
        assert!(!page.body.contains("Suggestions"), "a stranger sees nothing but the login");
        for file in ["/style.css", "/script.js", "/icon.svg"] {
            site.send(&remote("GET", file)).status(200);
        }
    });
}

/// Some browsers tell nothing of the page that makes them send something.
#[test]
fn a_browser_that_says_nothing_of_itself_can_log_in() {
    with(&[], |site| {
        let login = |key: &str| {
            let form = remote("POST", "/login").header("Content-Type", "application/x-www-form-urlencoded");
            form.body(&format!("key={key}&next=%2Fruns"))
        };
        let cookie = site.send(&login(KEY)).leads_to("/runs").header("Set-Cookie").to_string();
        let form = remote("POST", "/run").header("Cookie", cookie.split(';').next().unwrap());
        site.send(&form).leads_to("/?done=run");
        site.send(&login("wrong")).status(401);
        for (header, value) in [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
            site.send(&login(KEY).header(header, value)).status(403);
        }
    });
}

#[test]
fn a_login_goes_only_to_our_own_pages() {
    with(&[], |site| {
        let cases =
            ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a b", "/a\r\nSet-Cookie: x"];
        for next in cases {
            let answer = site.form("/login", &[("key", KEY), ("next", next)]);
            assert_eq!(answer.leads_to("/").body, "", "{next:?}");
        }
    });
}

#[test]
fn a_login_lasts_until_its_time_or_the_logout() {
    with(&[], |site| {
        let cookie = cookie(site);
        let asked = |cookie: &str| remote("GET", "/runs").header("Cookie", cookie);
        site.send(&asked(&cookie)).status(200).shows("Log out");
        site.send(&asked(&format!("other=1; {cookie}; more=2"))).status(200);

        let mut later = asked(&cookie);
        later.0.at = NOW + 91 * 86_400;
        site.send(&later).status(303);
        let (name, value) = cookie.split_once('=').unwrap();
        let (until, signature) = value.split_once('.').unwrap();
        let forged = [
            format!("{name}={}.{signature}", until.parse::<i64>().unwrap() + 1),
            format!("{name}={until}."),
            format!("{name}="),
        ];
        for forged in &forged {
            site.send(&asked(forged)).status(303);
        }

        let out = remote("POST", "/logout").header("Cookie", &cookie).header("Origin", "http://nas:8080");
        let answer = site.send(&out).leads_to("/login");
        assert!(answer.header("Set-Cookie").starts_with("plex_linker=; Path=/; Max-Age=0;"));
    });
}

#[test]
fn a_wrong_key_is_told_and_no_cookie_given() {
    with(&[], |site| {
        let answer = site.form("/login", &[("key", "wrong"), ("next", "/runs")]).status(401);
        answer.shows("This is not the key.");
        answer.shows("value=\"/runs\"");
        assert_eq!(answer.header("Set-Cookie"), "");
    });
}

#[test]
fn the_version_is_not_told_to_strangers() {
    with(&[], |site| {
        let version = env!("CARGO_PKG_VERSION");
        for path in [
            "/health",
            "/ping",
            "/login",
            "/style.css",
            "/script.js",
            "/icon.svg",
            "/",
            "/nothing",
            "/openapi.json",
            "/metrics",
        ] {
            let answer = site.send(&remote("GET", path));
            let told = |text: &str| text.contains(version);
            let headers = answer.headers.iter().any(|(name, value)| told(name) || told(value));
            assert!(!headers && !told(&answer.body), "{path}: {}", answer.body);
        }
        site.get("/").shows(version);
    });
}

#[test]
fn names_that_another_site_may_have_are_refused() {
    with(&[("PLEX_LINKER_ALLOWED_HOSTS", "Linker.Example.org, other.example")], |site| {
        let status = |host: &str| site.send(&remote("GET", "/api/rules").header("Host", host)).status;
        let ours = [
            "nas",
            "NAS:8080",
            "localhost",
            "192.168.1.5",
            "192.168.1.5:8080",
            "[::1]",
            "[fe80::1]:8080",
            "nas.local",
            "nas.lan:80",
            "a.home.arpa",
            "x.internal",
            "nas.local.",
            "linker.example.org",
            "linker.example.org:8443",
            "OTHER.example",
        ];
        for host in ours {
            assert_eq!(status(host), 401, "{host}");
        }
        let theirs = [
            "",
            "evil.example",
            "evil.example:8080",
            ".local",
            "nas.local.evil.example",
            "linker.example.org.evil.example",
            "a.linker.example.org",
            "192.168.1.5.evil.example",
            "x y",
            "nas/..",
            "[::1",
            "evil.example:nas",
        ];
        for host in theirs {
            assert_eq!(status(host), 403, "{host}");
            // a page that rebinds does not know the key
            let known = remote("GET", "/api/rules").header("Host", host);
            assert_eq!(site.send(&known.header("X-Api-Key", KEY)).status, 200, "{host}");
            let basic = remote("POST", "/api/webhook").header("Host", host).header("Authorization", &basic(KEY));
            assert_eq!(site.send(&basic).status, 202, "{host}");
            let wrong = remote("GET", "/api/rules").header("Host", host).header("X-Api-Key", "wrong");
            assert_eq!(site.send(&wrong).status, 403, "{host}");
        }
        let answer = site.send(&local("GET", "/api/rules").header("Host", "evil.example"));
        assert_eq!(
            answer.detail(),
            "the host name \"evil.example\" is not known here: add it to PLEX_LINKER_ALLOWED_HOSTS"
        );
        let mut none = local("GET", "/api/rules");
        none.0.headers.clear();
        site.send(&none).status(403);
    });
}

#[test]
fn what_another_site_makes_a_browser_send_is_refused() {
    with(&[], |site| {
        let json = "application/json";
        let form = "application/x-www-form-urlencoded";
        // method, content type, Sec-Fetch-Site, Origin, whether it may
        let cases = [
            ("POST", json, "same-origin", "", true),
            ("POST", form, "none", "", true),
            ("POST", json, "cross-site", "", false),
            ("POST", json, "same-site", "http://localhost:8080", false),
            ("DELETE", "", "cross-site", "", false),
            ("POST", form, "", "http://localhost:8080", true),
            ("POST", form, "", "HTTP://LOCALHOST:8080", false),
            ("POST", form, "", "http://localhost", false),
            ("POST", form, "", "http://localhost:8081", false),
            ("POST", json, "", "http://evil.example", false),
            ("POST", form, "", "null", false),
            ("PUT", json, "", "http://evil.example", false),
            ("POST", json, "", "", true),
            ("POST", form, "", "", false),
            ("POST", "text/plain", "", "", false),
            ("POST", "multipart/form-data; boundary=x", "", "", false),
            ("POST", "", "", "", false),
            ("PUT", json, "", "", true),
            ("DELETE", "", "", "", true),
        ];
        for (method, content_type, fetch_site, origin, may) in cases {
            let path = if method == "POST" { "/api/run" } else { "/api/rules/1" };
            let mut sent = local(method, path).body("{}");
            for (name, value) in [("Content-Type", content_type), ("Sec-Fetch-Site", fetch_site), ("Origin", origin)] {
                if !value.is_empty() {
                    sent = sent.header(name, value);
                }
            }
            let answer = site.send(&sent);
            assert_eq!(answer.status != 403, may, "{method} {content_type} {fetch_site} {origin}: {answer:?}");
        }
        // the scheme's own port is left out by browsers in both, behind a proxy too
        for (host, origin) in [
            ("localhost", "http://localhost"),
            ("localhost:80", "http://localhost"),
            ("localhost", "https://localhost"),
            ("localhost:443", "https://localhost"),
        ] {
            let sent = local("POST", "/run").header("Host", host).header("Origin", origin);
            site.send(&sent).status(303);
        }
        site.send(&local("POST", "/run").header("Host", "localhost:8080").header("Origin", "http://localhost:80"))
            .status(403);
        // whoever knows the key is no other site
        site.send(&remote("POST", "/api/run").header("X-Api-Key", KEY)).status(202);
        site.send(&remote("POST", "/api/run").header("Authorization", &basic(KEY))).status(202);
        site.send(&remote("POST", "/api/run").header("Cookie", &cookie(site))).status(202);
        // but a browser may know it, too
        let known = || remote("POST", "/api/run").header("Authorization", &basic(KEY));
        site.send(&known().header("Origin", "http://evil.example")).status(403);
        site.send(&known().header("Sec-Fetch-Site", "cross-site")).status(403);
        // links from elsewhere may be followed
        site.send(&local("GET", "/").header("Sec-Fetch-Site", "cross-site")).status(200);
    });
}

#[test]
fn every_answer_is_sealed() {
    with(&[], |site| {
        for path in [
            "/",
            "/health",
            "/login",
            "/style.css",
            "/api/rules",
            "/api/nothing",
            "/nothing",
            "/metrics",
            "/rules/export",
        ] {
            for sent in [local("GET", path), remote("GET", path), local("GET", path).header("Host", "evil.example")] {
                let answer = site.send(&sent);
                let policy = answer.header("Content-Security-Policy");
                assert!(
                    policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"),
                    "{path}: {policy}"
                );
                assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
                assert_eq!(answer.header("X-Content-Type-Options"), "nosniff");
                assert_eq!(answer.header("Referrer-Policy"), "same-origin");
                assert_eq!(answer.header("Access-Control-Allow-Origin"), "");
                let keep = answer.header("Cache-Control");
                assert_eq!(
                    keep,
                    if path == "/style.css" && answer.status == 200 { "no-cache" } else { "no-store" },
                    "{path}"
                );
            }
        }
    });
}

#[test]
fn below_a_url_base_all_links_stay_below_it() {
    with(&[("PLEX_LINKER_URL_BASE", "/apps/linker/")], |site| {
        for path in ["/apps/linker", "/apps/linker/", "/"] {
            // behind a proxy nobody is let in for being on this machine
            site.get(path).status(303);
            let page = site.send(&local("GET", path).header("X-Api-Key", KEY)).status(200);
            let links = page.body.split("href=\"").skip(1).chain(page.body.split("action=\"").skip(1));
            let outside: Vec<_> =
                links.filter(|rest| !rest.starts_with("/apps/linker/") && !rest.starts_with('#')).collect();
            assert!(outside.is_empty(), "{path}: {outside:?}");
        }
        site.get("/apps/linker/style.css").status(200);
        site.get("/apps/linker/health").status(200);
        site.send(&local("GET", "/apps/linkerx/health").header("X-Api-Key", KEY)).status(404);
        site.get("/apps/linker//health/").status(200);
        site.get("//apps//linker/health").status(200);
        site.send(&local("GET", "//apps//linker//api/rules").header("X-Api-Key", KEY)).status(200);
        let run = local("POST", "/apps/linker/run").header("X-Api-Key", KEY);
        site.send(&run).leads_to("/apps/linker/?done=run");
        let answer = site.form("/apps/linker/login", &[("key", KEY), ("next", "/runs")]).leads_to("/apps/linker/runs");
        assert!(answer.header("Set-Cookie").contains("; Path=/apps/linker/;"));
        site.send(&remote("GET", "/apps/linker/runs")).leads_to("/apps/linker/login?next=%2Fruns");
    });
}

#[test]
fn behind_https_the_cookie_stays_there() {
    with(&[], |site| {
        let form = remote("POST", "/login").form("https://nas.local", &format!("key={KEY}"));
        let form = form.header("Host", "nas.local").header("X-Forwarded-Proto", "https");
        assert!(site.send(&form).header("Set-Cookie").ends_with("; Secure"));
    });
}
