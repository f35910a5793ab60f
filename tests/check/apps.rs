//! Apps that do not answer, or are not the ones that they should be.

use super::{found, sound, warning, wrong};
use crate::support::http::Answer;

const SONARR_PAGE: &str = "open SONARR in a browser: Sonarr's page must come, and its key is in Settings, General";

#[test]
fn an_app_that_is_not_configured() {
    let world = sound();
    world.unset("SONARR_0_URL");
    wrong(
        &world,
        "SONARR_0_URL is not set",
        "let it be where Sonarr's page opens in a browser, and SONARR_0_API_KEY the key from its Settings, General",
    );
}

#[test]
fn nothing_answers() {
    let world = sound();
    world.set("SONARR_0_URL", "http://127.0.0.1:1");
    wrong(
        &world,
        "cannot ask sonarr what it is: nothing answers at http://127.0.0.1:1: is it running, and is SONARR_0_URL right (tried 4 times)",
        "open http://127.0.0.1:1 in a browser: Sonarr's page must come, and its key is in Settings, General",
    );
}

#[test]
fn a_wrong_key() {
    let world = sound();
    world.set("SONARR_0_API_KEY", "another-key");
    wrong(&world, "cannot ask sonarr what it is: it refuses the key: check SONARR_0_API_KEY", SONARR_PAGE);
    // nobody else's key is tried where Radarr's own is good
    assert_eq!(world.sonarr.requests().len(), 1);
}

#[test]
fn two_wrong_keys() {
    let world = sound();
    world.set("SONARR_0_API_KEY", "another-key");
    world.set("RADARR_0_API_KEY", "another-key");
    let radarr = "open RADARR in a browser: Radarr's page must come, and its key is in Settings, General";
    let expected = format!(
        "wrong    cannot ask sonarr what it is: it refuses the key: check SONARR_0_API_KEY\n         → {SONARR_PAGE}\n\
         wrong    cannot ask radarr what it is: it refuses the key: check RADARR_0_API_KEY\n         → {radarr}"
    );
    world.assert_same("what is found", &found(&world, 1), &expected);
}

#[test]
fn swapped_addresses() {
    let swapped = "wrong    SONARR_0_URL leads to Radarr, not to Sonarr
         → open RADARR in a browser: Sonarr's page must come, and its key is in Settings, General
wrong    RADARR_0_URL leads to Sonarr, not to Radarr
         → open SONARR in a browser: Radarr's page must come, and its key is in Settings, General";
    let world = sound();
    world.set("SONARR_0_URL", &world.radarr.url());
    world.set("RADARR_0_URL", &world.sonarr.url());
    world.assert_same("what is found", &found(&world, 1), swapped);
    // and their keys with them
    world.set("SONARR_0_API_KEY", world.radarr.key());
    world.set("RADARR_0_API_KEY", world.sonarr.key());
    world.assert_same("what is found", &found(&world, 1), swapped);
}

#[test]
fn another_app() {
    let world = sound();
    let status = r#"{"appName":"Prowlarr","version":"1.30.0"}"#;
    world.sonarr.on("GET /api/v3/system/status", Answer::json(status));
    wrong(&world, "SONARR_0_URL leads to Prowlarr, not to Sonarr", SONARR_PAGE);
    world.sonarr.on("GET /api/v3/system/status", Answer::json("{}"));
    wrong(&world, "what answers at SONARR is not Sonarr", SONARR_PAGE);
}

#[test]
fn a_url_base_that_was_left_out() {
    let world = sound();
    let address = world.sonarr.url();
    world.sonarr.set_url_base("/sonarr");
    let said = found(&world, 1).replace(&address, "ADDRESS");
    let expected = "wrong    cannot ask sonarr what it is: it redirects to SONARR/api/v3/system/status: let SONARR_0_URL be SONARR";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn a_url_base_that_is_none() {
    let world = sound();
    world.set("SONARR_0_URL", &format!("{}/sonarr", world.sonarr.url()));
    wrong(
        &world,
        "cannot ask sonarr what it is: it answers with a web page: the URL base in SONARR_0_URL is wrong or missing, or a login page \
         stands in front of it",
        "open SONARR/sonarr in a browser: Sonarr's page must come, and its key is in Settings, General",
    );
}

#[test]
fn versions_that_are_too_old() {
    let world = sound();
    let status = |app: &str, version: &str| Answer::json(format!(r#"{{"appName":"{app}","version":"{version}"}}"#));
    world.sonarr.on("GET /api/v3/system/status", status("Sonarr", "4.0.9.2244"));
    warning(
        &world,
        "sonarr is version 4.0.9.2244, which does not notice when the film behind a link is replaced",
        "update Sonarr to version 4.0.10 or later",
    );
    world.sonarr.heal();
    world.radarr.on("GET /api/v3/system/status", status("Radarr", "0.2.0.1504"));
    wrong(&world, "radarr is version 0.2.0.1504, which is too old", "update Radarr to version 4 or later");
}

#[test]
fn an_app_on_windows() {
    let world = sound();
    let status = r#"{"appName":"Sonarr","version":"4.0.19.2979","isWindows":true}"#;
    world.sonarr.on("GET /api/v3/system/status", Answer::json(status));
    warning(
        &world,
        "sonarr runs on Windows, where links made on this machine mostly lead nowhere",
        "run Sonarr on the machine that holds the files",
    );
}
