//! The targets for libFuzzer; which one it is, `PLEX_LINKER_FUZZ` says. Its seeds go into the folder `PLEX_LINKER_SEEDS`.

#![no_main]

mod targets;

use std::{env, fs, path::Path, sync::LazyLock};

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<String> = LazyLock::new(|| env::var("PLEX_LINKER_FUZZ").unwrap_or_default());

thread_local! {
    static SITE: targets::Site = targets::Site::new();
    static GATED: targets::Gated = targets::Gated::new();
    static APPS: targets::Apps = targets::Apps::new();
}

fuzz_target!(
    init: {
        let seeds = match TARGET.as_str() {
            "database_url" => targets::DATABASE_URLS,
            "environment_file" => targets::ENVIRONMENT_FILES,
            "names" => targets::NAMES,
            "request" | "gate" => targets::REQUESTS,
            "answers" => targets::ANSWERS,
            other => panic!("PLEX_LINKER_FUZZ is {other:?}: there is no such target"),
        };
        let folder = env::var("PLEX_LINKER_SEEDS").unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(Path::new(&folder).join(format!("seed{number}")), seed).unwrap();
        }
    },
    |bytes: &[u8]| match TARGET.as_str() {
        "database_url" => targets::database_url(bytes),
        "environment_file" => targets::environment_file(bytes),
        "names" => targets::names(bytes),
        "request" => SITE.with(|site| site.request(bytes)),
        "gate" => GATED.with(|gated| gated.bytes(bytes)),
        _ => APPS.with(|apps| apps.answers(bytes)),
    }
);
