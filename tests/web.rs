//! The web side: every route, who may, and what is said of everything wrong.

mod access;
mod api;
mod browser;
mod choice;
mod contract;
mod forms;
mod lost;
mod page;
mod rule;
mod selected;
mod site;
mod suggested;

use crate::support;
use site::{Answers, Site};

/// Runs `test` on a new SQLite database and on a new one of a real PostgreSQL.
fn on_both(test: impl Fn(&Site)) {
    with(&[], &test);
    test(&Site::new(&support::postgres::database(), &[]));
}

/// On a new SQLite database, for what does not depend on it.
fn with(variables: &[(&str, &str)], test: impl Fn(&Site)) {
    let folder = tempfile::tempdir().unwrap();
    test(&Site::new(&sqlite(&folder), variables));
}

fn answering(answers: Answers, test: impl Fn(&Site)) {
    let folder = tempfile::tempdir().unwrap();
    test(&Site::answering(&sqlite(&folder), &[], answers));
}

fn sqlite(folder: &tempfile::TempDir) -> String {
    format!("sqlite:///{}", folder.path().join("rules.db").display())
}
