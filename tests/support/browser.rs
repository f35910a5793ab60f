//! A headless Chromium, driven by chromedriver as the WebDriver standard has it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::port;

/// How long anything that should be on a page is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The name by which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser is much for a small machine: there are two at a time.
static TURNS: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];

pub struct Browser {
    driver: Child,
    /// The address of the session; empty before there is one.
    session: String,
    agent: ureq::Agent,
    /// Of `open`.
    site: String,
    _profile: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// `None`, after saying so, where there is no Chromium.
    pub fn start(site: &str) -> Option<Browser> {
        Browser::with_preferences(site, json!({}))
    }

    pub fn without_javascript(site: &str) -> Option<Browser> {
        Browser::with_preferences(site, json!({"profile.managed_default_content_settings.javascript": 2}))
    }

    fn with_preferences(site: &str, preferences: Value) -> Option<Browser> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let turn = &TURNS[NEXT.fetch_add(1, Ordering::Relaxed) % TURNS.len()];
        let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((driver, port)) = start_driver() else {
            super::skip("chromedriver is missing");
            return None;
        };
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let mut browser = Browser {
            driver,
            session: String::new(),
            agent: config.timeout_global(Some(2 * PATIENCE)).build().into(),
            site: site.into(),
            _profile: tempfile::tempdir().unwrap(),
            _turn: turn,
        };
        let driver = format!("http://127.0.0.1:{port}/session");
        let mut arguments: Vec<_> = [
            "headless",
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "disable-dev-shm-usage",
            "hide-scrollbars",
            "lang=en",
        ]
        .map(String::from)
        .into();
        arguments.push(format!("user-data-dir={}", browser._profile.path().display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments, "prefs": preferences},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"implicit": PATIENCE.as_millis() as u64},
        }}});
        let answer = browser.send("POST", &driver, &wanted);
        browser.session = format!("{driver}/{}", answer["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// A page of the site, by its path.
    pub fn open(&self, path: &str) {
        self.post("/url", json!({"url": format!("{}{path}", self.site)}));
    }

    /// Where it is, as the path and query of the site.
    pub fn path(&self) -> String {
        let url = self.send("GET", &format!("{}/url", self.session), &Value::Null);
        url.as_str().unwrap().replacen(&self.site, "", 1)
    }

    /// The value of some JavaScript, such as `return document.title`.
    pub fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
    }

    /// Clicks what the selector finds, once it is there.
    pub fn click(&self, selector: &str) {
        self.on(selector, "POST", "click", &json!({}));
    }

    /// Types into a field in place of what is in it.
    pub fn fill(&self, selector: &str, text: &str) {
        self.on(selector, "POST", "clear", &json!({}));
        self.on(selector, "POST", "value", &json!({"text": text}));
    }

    /// What somebody sees there.
    pub fn text(&self, selector: &str) -> String {
        self.on(selector, "GET", "text", &Value::Null).as_str().unwrap().into()
    }

    pub fn value(&self, selector: &str) -> String {
        self.on(selector, "GET", "property/value", &Value::Null).as_str().unwrap().into()
    }

    /// How many of them are on the page now.
    pub fn count(&self, selector: &str) -> usize {
        self.post("/timeouts", json!({"implicit": 0}));
        let found = self.post("/elements", json!({"using": "css selector", "value": selector}));
        self.post("/timeouts", json!({"implicit": PATIENCE.as_millis() as u64}));
        found.as_array().unwrap().len()
    }

    /// Waits until the text is seen there; the page may be loaded anew meanwhile.
    pub fn wait_for(&self, selector: &str, text: &str) {
        let script = format!("return document.querySelector({selector:?})?.innerText.replace(/\\s+/g, ' ') ?? ''");
        self.wait_until(&script, text);
    }

    /// Waits until the script returns something with the text in it.
    pub fn wait_until(&self, script: &str, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.script(script);
            if seen.as_str().is_some_and(|seen| seen.contains(text)) {
                return;
            }
            assert!(Instant::now() < deadline, "{text:?} should be seen by {script}, but {seen} is");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The same of a page that is loaded anew until it is so.
    pub fn wait_in(&self, path: &str, selector: &str, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.open(path);
            if self.text(selector).contains(text) {
                return;
            }
            assert!(Instant::now() < deadline, "{selector} of {path} should show {text:?}");
        }
    }

    /// As a window of this size shows it.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size);
    }

    /// `light` or `dark`.
    pub fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features);
    }

    /// From here on every request says that it comes from another machine.
    pub fn come_from(&self, address: &str) {
        self.devtools("Network.enable", json!({}));
        self.devtools("Network.setExtraHTTPHeaders", json!({"headers": {"X-Forwarded-For": address}}));
    }

    /// What the console says since the last call, but for the lines with which Chromium notes a refusal.
    pub fn console(&self) -> Vec<String> {
        let lines = self.post("/se/log", json!({"type": "browser"}));
        let texts = lines.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_string());
        texts
            .filter(|text| !text.contains("Failed to load resource: the server responded with a status of 4"))
            .collect()
    }

    /// Does something with an element. A page that is loaded anew between finding and doing has another one.
    fn on(&self, selector: &str, method: &str, what: &str, body: &Value) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.post("/element", json!({"using": "css selector", "value": selector}));
            let url = format!("{}/element/{}/{what}", self.session, found[ELEMENT].as_str().unwrap());
            match self.ask(method, &url, body) {
                Ok(value) => return value,
                Err(cause) if cause.contains("stale") && Instant::now() < deadline => {}
                Err(cause) => panic!("cannot {what} {selector}: {cause}"),
            }
        }
    }

    fn devtools(&self, command: &str, parameters: Value) {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters}));
    }

    fn post(&self, path: &str, body: Value) -> Value {
        self.send("POST", &format!("{}{path}", self.session), &body)
    }

    fn send(&self, method: &str, url: &str, body: &Value) -> Value {
        self.ask(method, url, body).unwrap_or_else(|cause| panic!("cannot {method} {url} {body}: {cause}"))
    }

    fn ask(&self, method: &str, url: &str, body: &Value) -> Result<Value, String> {
        let answer = match method {
            "GET" => self.agent.get(url).call(),
            _ => self.agent.post(url).send(body.to_string()),
        };
        let text = answer.unwrap().body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"])),
            None => Ok(value),
        }
    }
}

/// A chromedriver that listens at the port; `None` where there is none. It may lose a port to another program between our look and its own.
fn start_driver() -> Option<(Child, u16)> {
    for _ in 0..10 {
        let port = port::unused().port();
        let mut driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        // its output ends when it does
        let lines = BufReader::new(driver.stdout.as_mut().unwrap()).lines();
        if lines.map_while(Result::ok).any(|line| line.contains("started successfully")) {
            return Some((driver, port));
        }
        _ = driver.kill();
        _ = driver.wait();
    }
    panic!("chromedriver should have found a port in ten tries");
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            _ = self.agent.delete(&self.session).call();
        }
        _ = self.driver.kill();
        _ = self.driver.wait();
    }
}
