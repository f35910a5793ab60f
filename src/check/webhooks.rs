//! Whether the apps tell us of changes.

use super::{Findings, apps::Answering};
use crate::{
    config::{App, Config},
    connect::{self, HookState},
};

const MEND: &str = "\"plex-linker connect\" mends it";

pub fn check(config: &Config, apps: &[Answering], found: &mut Findings) {
    apps.iter().for_each(|answering| check_one(config, answering.app, found));
}

fn check_one(config: &Config, app: &App, found: &mut Findings) {
    let name = &app.name;
    match connect::look(config, app) {
        Ok(HookState::Works(url)) => found.ok(format!("{name}'s webhook to {url} works")),
        Ok(HookState::Broken(problem)) => found.warning(problem, MEND),
        // whoever has runs by a timer alone needs none
        Ok(HookState::Missing(url)) if connect::is_served(config, app) => found.warning(
            format!("{name} has no webhook to {url}: after an import the link comes with the next run"),
            "\"plex-linker connect\" makes it",
        ),
        Ok(HookState::Missing(_)) => {}
        Err(problem) => found.unknown(problem.to_string()),
    }
}
