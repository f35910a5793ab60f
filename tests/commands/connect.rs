//! `plex-linker connect`: webhooks made in apps that check their form and try them, against a running daemon.

use std::net::UdpSocket;

use serde_json::{Value, json};

use crate::support::{
    daemon::Daemon,
    fake::App,
    http::{Answer, Server},
    sample::Sample,
    skip,
    world::World,
};

const KEY: &str = "the-pages-own-key-0123456789abcdef";

/// A daemon at an address that the commands of this world know.
fn served(world: &World) -> Daemon<'_> {
    world.set("PLEX_LINKER_API_KEY", KEY);
    let daemon = Daemon::start(world);
    world.set("PLEX_LINKER_HOST", "127.0.0.1");
    world.set("PLEX_LINKER_PORT", &daemon.address.port().to_string());
    daemon
}

fn url(daemon: &Daemon) -> String {
    format!("http://{}/api/webhook", daemon.address)
}

fn field(hook: &Value, name: &str) -> Value {
    let fields = hook["fields"].as_array().unwrap();
    fields.iter().find(|field| field["name"] == name).unwrap()["value"].clone()
}

fn set(hook: &mut Value, name: &str, value: Value) {
    let fields = hook["fields"].as_array_mut().unwrap();
    fields.iter_mut().find(|field| field["name"] == name).unwrap()["value"] = value;
}

/// Which events it has.
fn events(hook: &Value) -> Vec<&str> {
    let on = hook.as_object().unwrap().iter().filter(|(name, value)| name.starts_with("on") && **value == json!(true));
    on.map(|(name, _)| name.as_str()).collect()
}

fn changing(app: &App) -> Vec<String> {
    app.requests().iter().filter(|r| r.method != "GET").map(|r| format!("{} {}", r.method, r.path)).collect()
}

#[test]
fn webhooks_are_made_once_and_taken_away() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = served(&world);
    let url = url(&daemon);
    world.run(&["connect"]).succeeds().says(&format!("radarr: the webhook to {url} is made, and it works"));
    let [radarr] = &world.radarr.notifications()[..] else { panic!("one webhook") };
    let [sonarr] = &world.sonarr.notifications()[..] else { panic!("one webhook") };
    let mut expected = ["onDownload", "onUpgrade", "onRename", "onMovieAdded", "onMovieDelete", "onMovieFileDelete"];
    expected.sort_unstable();
    assert_eq!(events(radarr), expected);
    assert_eq!(events(sonarr), ["onEpisodeFileDelete", "onRename", "onSeriesAdd", "onSeriesDelete"]);
    for hook in [radarr, sonarr] {
        assert_eq!(
            (&hook["name"], field(hook, "url"), field(hook, "password")),
            (&json!("plex-linker"), json!(url), json!(KEY))
        );
    }
    world.forget();
    world
        .run(&["connect"])
        .succeeds()
        .says("sonarr: the webhook to")
        .says("was there already, and it works")
        .never_says(KEY);
    for app in [&*world.radarr, &*world.sonarr] {
        assert_eq!(changing(app), ["POST /api/v3/notification/test"]);
    }
    world.run(&["check"]).succeeds().says(&format!("ok       radarr's webhook to {url} works"));
    world.run(&["connect", "--remove"]).succeeds().says("radarr: there is no webhook of plex-linker any more");
    assert!(world.radarr.notifications().is_empty() && world.sonarr.notifications().is_empty());
    world.run(&["connect", "--remove"]).succeeds().says("nothing is to be removed");
}

#[test]
fn one_that_is_wrong_is_mended_and_what_else_is_in_it_stays() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = served(&world);
    let url = url(&daemon);
    world.run(&["connect"]).succeeds();
    type Change = fn(&mut Value);
    let wrongs: [(Change, &str); 4] = [
        (|hook| hook["onRename"] = json!(false), "leaves out onRename"),
        (|hook| set(hook, "url", json!("http://127.0.0.1:1/api/webhook")), "leads to http://127.0.0.1:1/api/webhook"),
        (|hook| set(hook, "password", json!("an old key")), "HTTP request failed: [401]"),
        (|hook| set(hook, "password", json!("")), "HTTP request failed: [401]"),
    ];
    for (wrong, found) in wrongs {
        for app in [&*world.radarr, &*world.sonarr] {
            app.change_notification(0, |hook| {
                wrong(hook);
                hook["onHealthIssue"] = json!(true);
                hook["tags"] = json!([3]);
                set(hook, "method", json!(2));
            });
        }
        world.run(&["check"]).succeeds().says(found).says("\"plex-linker connect\" mends it").never_says(KEY);
        world.run(&["connect"]).succeeds().says(&format!("sonarr: the webhook to {url} is mended, and it works"));
        let [hook] = &world.radarr.notifications()[..] else { panic!("no second one is made") };
        assert_eq!((field(hook, "url"), field(hook, "password")), (json!(url), json!(KEY)));
        assert!(events(hook).contains(&"onRename") && events(hook).contains(&"onHealthIssue"));
        assert_eq!((&hook["tags"], field(hook, "method")), (&json!([3]), json!(2)));
    }
}

#[test]
fn one_made_by_hand_is_found_by_whatever_name_this_machine_has() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = served(&world);
    world.run(&["connect"]).succeeds();
    let by_hand = format!("http://localhost:{}/api/webhook/", daemon.address.port());
    world.radarr.change_notification(0, |hook| {
        hook["name"] = json!("By hand");
        set(hook, "url", json!(by_hand));
    });
    let url = by_hand.trim_end_matches('/');
    world.run(&["check"]).succeeds().says(&format!("radarr's webhook to {url} works"));
    world.run(&["connect"]).succeeds().says(&format!("radarr: the webhook to {url} was there already"));
    world.radarr.change_notification(0, |hook| hook["onRename"] = json!(false));
    world.run(&["connect"]).succeeds().says(&format!("radarr: the webhook to {url} is mended"));
    // unless one says where we are
    world.set("PLEX_LINKER_PUBLIC_URL", &format!("http://{}", daemon.address));
    world.run(&["connect"]).succeeds().says(&format!("radarr: the webhook to {} is mended", self::url(&daemon)));
    let [hook] = &world.radarr.notifications()[..] else { panic!("no second one is made") };
    assert_eq!((&hook["name"], field(hook, "url")), (&json!("By hand"), json!(self::url(&daemon))));
}

#[test]
fn a_users_own_webhooks_are_left_alone() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = served(&world);
    let other = Server::start(|_| Answer::json("{}"));
    world.set("PLEX_LINKER_PUBLIC_URL", &other.url());
    world.run(&["connect"]).succeeds();
    world.radarr.change_notification(0, |hook| hook["name"] = json!("Plex's own"));
    world.unset("PLEX_LINKER_PUBLIC_URL");
    world.run(&["connect"]).succeeds();
    let names = || world.radarr.notifications().iter().map(|hook| hook["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(), ["Plex's own", "plex-linker"]);
    world.run(&["connect", "--remove"]).succeeds();
    assert_eq!(names(), ["Plex's own"]);
    // by its address it is ours, whatever it is called
    world.radarr.change_notification(0, |hook| set(hook, "url", json!(format!("{}/", url(&daemon)))));
    world.run(&["connect"]).succeeds().says("radarr: the webhook to");
    assert_eq!(names(), ["Plex's own"]);
}

#[test]
fn a_dry_run_shows_what_would_be_sent_and_sends_nothing() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = served(&world);
    let outcome = world.run(&["connect", "--dry-run"]).succeeds().says("POST /notification\n{").never_says(KEY);
    let outcome = outcome.says(&url(&daemon)).says("\"value\": \"(key)\"").says("\"onMovieFileDelete\": true");
    drop(outcome);
    world.assert(changing(&world.radarr).is_empty() && changing(&world.sonarr).is_empty(), "nothing is changed");
    world.run(&["connect", "--dry-run", "--remove"]).succeeds().says("nothing is to be removed");
    world.run(&["connect"]).succeeds();
    world.forget();
    world.run(&["connect", "--dry-run", "--remove"]).succeeds().says("would be sent: DELETE /notification/1");
    world.run(&["connect", "--dry-run"]).succeeds().says("would be sent: POST /notification/test");
    world.assert(changing(&world.radarr).is_empty() && changing(&world.sonarr).is_empty(), "nothing is changed");
}

#[test]
fn where_nothing_answers_nothing_is_made() {
    let world = World::new();
    Sample::without_rules(&world);
    world.set("PLEX_LINKER_API_KEY", KEY);
    world.set("PLEX_LINKER_PUBLIC_URL", "http://127.0.0.1:1/base/");
    let outcome = world.run(&["connect"]).exits(1).never_says(KEY);
    let outcome = outcome
        .says("cannot ask radarr for a webhook to http://127.0.0.1:1/base/api/webhook: it answers 400 Bad Request");
    outcome.says("Unable to post to webhook").says("is \"plex-linker serve\" running").says("PLEX_LINKER_PUBLIC_URL");
    assert!(world.radarr.notifications().is_empty());
    assert_eq!(changing(&world.radarr), ["POST /api/v3/notification"], "once");
    // whoever has runs by a timer alone needs no webhook
    world.run(&["check"]).succeeds().never_says("webhook");
    world.unset("SONARR_0_URL");
    world.unset("RADARR_0_URL");
    world.run(&["connect"]).exits(2).says("SONARR_0_URL and RADARR_0_URL are not set");
}

#[test]
fn a_check_misses_a_webhook_where_a_daemon_could_hear_it() {
    let world = World::new();
    Sample::without_rules(&world);
    let _daemon = served(&world);
    world.run(&["check"]).succeeds().says("warning  radarr has no webhook").says("\"plex-linker connect\" makes it");
}

#[test]
fn an_app_with_two_apis_keeps_its_webhooks_in_the_older_one() {
    let world = World::new();
    Sample::without_rules(&world);
    let _daemon = served(&world);
    world.sonarr.become_develop();
    world.set("SONARR_0_API_PATH", "/api/v5");
    world.run(&["connect"]).succeeds();
    assert_eq!(changing(&world.sonarr), ["POST /api/v3/notification"]);
}

#[test]
fn an_app_that_cannot_be_asked_costs_the_other_nothing() {
    let world = World::new();
    Sample::without_rules(&world);
    let _daemon = served(&world);
    world.radarr.on("*", Answer::status(401));
    world.run(&["connect"]).exits(1).says("sonarr: the webhook to").says("check RADARR_0_API_KEY");
}

#[test]
fn without_a_key_none_is_given() {
    let world = World::new();
    Sample::without_rules(&world);
    world.set("PLEX_LINKER_AUTH", "none");
    let daemon = served(&world);
    world.run(&["connect"]).succeeds();
    assert_eq!(field(&world.radarr.notifications()[0], "url"), json!(url(&daemon)));
    let fields = world.radarr.notifications()[0]["fields"].clone();
    assert!(fields.as_array().unwrap().iter().all(|field| field["name"] != "password" || field["value"].is_null()));
}

#[test]
fn a_click_and_a_program_do_the_same() {
    let world = World::new();
    Sample::without_rules(&world);
    let daemon = served(&world);
    let page = daemon.ask("POST", "/system/connect", &[("Sec-Fetch-Site", "same-origin")], "");
    assert!(page.status == 200 && page.body.contains("and it works"), "{}", page.body);
    assert_eq!(world.radarr.notifications().len(), 1);
    let told = daemon.post("/api/connections", "{}");
    assert_eq!((told.status, told.json()["done"].as_array().unwrap().len()), (200, 2));
    let told = daemon.ask("DELETE", "/api/connections", &[("Content-Type", "application/json")], "");
    assert_eq!((told.status, world.radarr.notifications().len(), world.sonarr.notifications().len()), (200, 0, 0));
    world.radarr.on("*", Answer::status(401));
    let page = daemon.ask("POST", "/system/connect", &[("Sec-Fetch-Site", "same-origin")], "");
    assert!(page.status == 503 && page.body.contains("it refuses the key"), "{}", page.body);
    assert!(!daemon.log().contains(KEY));
}

#[test]
fn an_import_starts_a_run_by_the_webhook_that_was_made() {
    let world = World::new();
    let sample = Sample::without_rules(&world);
    let mut daemon = served(&world);
    daemon.has_run(1);
    world.run(&["connect"]).succeeds();
    sample.rules();
    let hook = &world.radarr.notifications()[0];
    let path = field(hook, "url").as_str().unwrap().split_once("/api/").unwrap().1.to_string();
    let event = include_str!("../fixtures/recorded/webhooks/radarr_Download.json");
    let basic = "Basic cGxleC1saW5rZXI6dGhlLXBhZ2VzLW93bi1rZXktMDEyMzQ1Njc4OWFiY2RlZg==";
    let headers = [("Authorization", basic), ("Content-Type", "application/json"), ("X-Forwarded-For", "192.0.2.1")];
    assert_eq!(daemon.ask("POST", &format!("/api/{path}"), &headers, event).status, 202);
    daemon.has_run(2);
    world.assert(world.links().len() == 2, "both are linked");
}

/// As it is with a published port: 127.0.0.1 is the container itself to the app.
#[test]
fn an_app_in_a_container_reaches_this_machine_by_its_own_address() {
    let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect("192.0.2.1:9").map(|()| socket));
    let Ok(own) = own.and_then(|socket| socket.local_addr()).map(|own| own.ip()) else {
        return skip("this machine has no address of its own");
    };
    let world = World::new();
    Sample::without_rules(&world);
    world.set("PLEX_LINKER_API_KEY", KEY);
    let daemon = Daemon::of(&world, world.command(&["serve", "--host", "0.0.0.0", "--port", "0"]));
    world.set("PLEX_LINKER_HOST", "0.0.0.0");
    world.set("PLEX_LINKER_PORT", &daemon.address.port().to_string());
    let refusal = r#"[{"propertyName": "Url", "errorMessage": "Unable to post to webhook: Connection refused"}]"#;
    world.radarr.on_next(1, "POST /api/v3/notification", Answer::json(refusal).code(400));
    let url = format!("http://{own}:{}/api/webhook", daemon.address.port());
    let at_home = format!("http://127.0.0.1:{}/api/webhook", daemon.address.port());
    world.run(&["connect"]).succeeds().says(&format!("radarr: the webhook to {url} is made"));
    assert_eq!(field(&world.sonarr.notifications()[0], "url"), json!(at_home));
    for (app, url) in [("radarr", url), ("sonarr", at_home)] {
        world.run(&["connect"]).succeeds().says(&format!("{app}: the webhook to {url} was there already"));
        world.run(&["check"]).succeeds().says(&format!("{app}'s webhook to {url} works"));
    }
}
