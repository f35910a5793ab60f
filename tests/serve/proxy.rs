//! Behind nginx, below a path.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::support::{
    daemon::{Answer, Daemon, ask},
    port,
    scene::{AKIRA, FILM, LINK, SPECIAL, TARGET},
    skip,
    world::World,
};

const BASE: &str = "/plex-linker";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A private nginx in front of the daemon, set up as a reverse proxy should be.
struct Nginx {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Nginx {
    fn start(program: &str, daemon: &Daemon, end: &str) -> Nginx {
        let conf = format!(
            "location {BASE}/ {{
                proxy_pass http://{}{end};
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
            }}",
            daemon.address
        );
        Nginx::with(program, &conf)
    }

    fn with(program: &str, location: &str) -> Nginx {
        let address = port::unused();
        let folder = tempfile::tempdir().unwrap();
        let conf = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
                server {{
                    listen {address};
                    {location}
                }}
            }}"
        );
        fs::write(folder.path().join("nginx.conf"), conf).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .args(["-e", "stderr", "-c", "nginx.conf"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let nginx = Nginx { child, address, folder };
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(nginx.address).is_err() {
            assert!(Instant::now() < deadline, "nginx does not listen: {}", nginx.log());
            thread::sleep(Duration::from_millis(20));
        }
        nginx
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    #[track_caller]
    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let answer = ask(self.address, method, target, headers, body);
        answer.unwrap_or_else(|| panic!("{method} {target} should be answered: {}", self.log()))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn page_forms_and_api_work_below_a_path() {
    works_behind("");
}

#[test]
fn the_same_where_the_proxy_cuts_the_path_off() {
    works_behind("/");
}

#[test]
fn a_proxy_that_says_nothing_of_whom_it_speaks_for_lets_nobody_in() {
    let Some(program) = nginx() else { return skip("nginx is missing: install nginx-light") };
    let world = World::new();
    let mut daemon = Daemon::start(&world);
    daemon.has_run(1);
    let told = world.run(&["key"]).succeeds().stdout;
    let nginx = Nginx::with(program, &format!("location / {{ proxy_pass http://{}; }}", daemon.address));
    assert_eq!(nginx.ask("GET", "/health", &[], "").body, "ok");
    assert_eq!(nginx.ask("GET", "/api/rules", &[], "").status, 401);
    assert_eq!(nginx.ask("GET", "/", &[], "").header("Location"), Some("/login"));
    let with_key = [("X-Api-Key", told.trim()), ("Content-Type", "application/json")];
    assert_eq!(nginx.ask("POST", "/api/run", &with_key, "{}").status, 202);
    assert_eq!(daemon.get("/api/rules").status, 200);
}

/// `end` is what stands behind the daemon's address in nginx's `proxy_pass`.
fn works_behind(end: &str) {
    let Some(program) = nginx() else { return skip("nginx is missing: install nginx-light") };
    let world = World::new();
    world.movie("Akira", AKIRA).file(FILM, "DVD");
    world.series("Naruto", 78857).special(SPECIAL, "The Movie");
    world.set("PLEX_LINKER_URL_BASE", BASE);
    let daemon = Daemon::start(&world);
    let nginx = Nginx::start(program, &daemon, end);
    let told = world.run(&["key"]).succeeds().stdout;
    let key = told.trim();

    // nobody is let in for coming through a proxy of this machine
    assert_eq!(nginx.ask("GET", "/plex-linker/health", &[], "").body, "ok");
    assert_eq!(nginx.ask("GET", "/plex-linker/api/rules", &[], "").status, 401);
    let stranger = nginx.ask("GET", "/plex-linker/", &[], "");
    assert_eq!((stranger.status, stranger.header("Location")), (303, Some("/plex-linker/login")));

    let origin = format!("http://{}", nginx.address);
    let from_here = ("Origin", origin.as_str());
    let login = nginx.ask("POST", "/plex-linker/login", &[FORM, from_here], &format!("key={key}"));
    assert_eq!((login.status, login.header("Location")), (303, Some("/plex-linker/")), "{}", login.body);
    let cookie = login.header("Set-Cookie").unwrap();
    assert!(cookie.contains("Path=/plex-linker/;"), "{cookie}");
    let cookie = ("Cookie", cookie.split(';').next().unwrap());

    let page = nginx.ask("GET", "/plex-linker/", &[cookie], "");
    assert_eq!(page.status, 200);
    assert_only_below(&nginx, cookie, &page.body);

    let rule = format!("movie_title=Akira&tmdb_id={AKIRA}&show_name=Naruto&episode={SPECIAL}");
    let elsewhere = ("Origin", "http://evil.example");
    assert_eq!(nginx.ask("POST", "/plex-linker/rules", &[FORM, elsewhere, cookie], &rule).status, 403);
    let added = nginx.ask("POST", "/plex-linker/rules", &[FORM, from_here, cookie], &rule);
    assert_eq!((added.status, added.header("Location")), (303, Some("/plex-linker/?done=added")), "{}", added.body);
    let with_key = [("X-Api-Key", key), ("Content-Type", "application/json")];
    let rules = nginx.ask("GET", "/plex-linker/api/rules", &with_key, "").json();
    assert_eq!(rules[0]["movie_title"], "Akira", "{rules}");
    let run = nginx.ask("POST", "/plex-linker/api/run", &with_key, "{}");
    assert_eq!(run.status, 202, "{}", run.body);
    let deadline = Instant::now() + Duration::from_secs(60);
    while world.links().is_empty() {
        daemon.assert(Instant::now() < deadline, "the rule should be linked");
        thread::sleep(Duration::from_millis(20));
    }
    world.assert_links(&[(LINK, TARGET)]);
    assert!(nginx.ask("GET", "/plex-linker/", &[cookie], "").body.contains("Akira"));
}

/// Users other than root do not have its folder in their `PATH`.
fn nginx() -> Option<&'static str> {
    let starts = |program: &&str| Command::new(program).arg("-v").stderr(Stdio::null()).status().is_ok();
    ["nginx", "/usr/sbin/nginx"].into_iter().find(starts)
}

/// Every address in the page is below the path, and what it leads to and is made of is there.
fn assert_only_below(nginx: &Nginx, cookie: (&str, &str), page: &str) {
    for (name, asked) in [("href=\"", true), ("src=\"", true), ("action=\"", false)] {
        for rest in page.split(name).skip(1) {
            let address = rest.split('"').next().unwrap().split('#').next().unwrap().replace("&amp;", "&");
            if address.is_empty() {
                continue;
            }
            assert!(address.starts_with("/plex-linker/"), "{name}{address}");
            if asked {
                assert_eq!(nginx.ask("GET", &address, &[cookie], "").status, 200, "{address}");
            }
        }
    }
}
