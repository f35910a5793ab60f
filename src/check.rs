//! What newcomers get wrong, found and named.

mod apps;
mod folders;
mod settings;
mod webhooks;

use std::path::Path;

use crate::{
    config::{Config, Database},
    db::Db,
    disk::{self, Content, Tree},
    error::Result,
    model::{Finding, Link, Verdict},
};

/// Looks at everything that a run depends on, in the order in which it should be mended. Changes nothing but what every command does
/// (the database and its folder are made), and tries a symlink for an instant where there is none of ours yet.
pub fn check(config: &Result<Config>) -> Vec<Finding> {
    let mut found = Findings::default();
    match config {
        Ok(config) => check_all(config, &mut found),
        Err(problem) => found
            .wrong(problem.to_string(), "set it right and check again: \"plex-linker --help\" tells every variable"),
    }
    found.0
}

fn check_all(config: &Config, found: &mut Findings) {
    for unknown in &config.unknown {
        found.wrong(&unknown.sentence, &unknown.mend);
    }
    let media_root = config.media_root.as_deref().filter(|root| is_usable(root, found));
    if config.media_root.is_none() {
        found.wrong("MEDIA_ROOT is not set: nothing is done", "let it be the folder that holds both films and shows");
    }
    let links = records(config, found);
    let lock = config.lock_file.as_path();
    match disk::can_lock(lock) {
        Ok(()) => found.ok(format!("the lock {} can be taken", lock.display())),
        Err(problem) => {
            let folder = lock.parent().unwrap_or(lock).display();
            found.wrong(problem.to_string(), format!("let the user that plex-linker runs as write in {folder}"));
        }
    }
    let apps = apps::answering(config, found);
    settings::check(config, &apps.sonarr, found);
    webhooks::check(config, &apps, found);
    if let Some(media_root) = media_root {
        let roots = config.roots(media_root);
        match Tree::open(&roots) {
            Ok(tree) => folders::check(&apps, &roots, &tree, &links, found),
            Err(problem) => found.wrong(problem.to_string(), "let MEDIA_ROOT be a folder that plex-linker may read"),
        }
    }
}

fn is_usable(media_root: &Path, found: &mut Findings) -> bool {
    let shown = media_root.display();
    let content = disk::content(media_root);
    match &content {
        Content::Something => found.ok(format!("MEDIA_ROOT {shown} is there")),
        Content::Nothing => found.wrong(
            format!("MEDIA_ROOT {shown} is empty"),
            "mount the disk that belongs there, or name the folder that holds both films and shows",
        ),
        Content::Missing => found.wrong(
            format!("MEDIA_ROOT {shown} is not a folder: nothing is done"),
            "let it be the folder that holds both films and shows, as it is called on this machine",
        ),
        Content::Unknown(cause) => found.wrong(
            format!("MEDIA_ROOT {shown} cannot be read: {cause}"),
            "give the user that plex-linker runs as the right to read it",
        ),
    }
    matches!(content, Content::Something | Content::Nothing)
}

/// Looks at the database and returns what it knows of links.
fn records(config: &Config, found: &mut Findings) -> Vec<Link> {
    let mend = "let DATABASE_URL name a database that plex-linker may write in";
    let read = || -> Result<_> {
        let mut db = Db::open(&config.database)?;
        Ok((db.rules()?, db.links()?))
    };
    let (rules, links) = match read() {
        Ok(read) => read,
        Err(problem) => {
            found.wrong(problem.to_string(), mend);
            return Vec::new();
        }
    };
    let count = rules.rules.len();
    match &config.database {
        Database::Postgres { shown, .. } => found.ok(format!("the database {shown} can be used; rules in it: {count}")),
        Database::Sqlite(file) | Database::SqliteReadOnly(file) => {
            let shown = file.display();
            // SQLite has its journal beside the file
            let may_write = disk::may_write(file).and_then(|()| file.parent().map_or(Ok(()), disk::may_write));
            match may_write {
                Ok(()) => found.ok(format!("the database {shown} can be used; rules in it: {count}")),
                Err(cause) => {
                    found.wrong(format!("the database {shown} can be read, but not be written: {cause}"), mend)
                }
            }
        }
    }
    for rule in rules.invalid {
        found.wrong(
            format!("rule {} cannot be used: {}", rule.id, rule.reason),
            format!("remove it with \"plex-linker rules remove {}\" and add it anew", rule.id),
        );
    }
    links
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, sentence: impl Into<String>) {
        self.0.push(Finding { what: Verdict::Ok, sentence: sentence.into(), mend: None });
    }

    fn warning(&mut self, sentence: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Finding { what: Verdict::Warning, sentence: sentence.into(), mend: Some(mend.into()) });
    }

    fn wrong(&mut self, sentence: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Finding { what: Verdict::Wrong, sentence: sentence.into(), mend: Some(mend.into()) });
    }

    fn unknown(&mut self, sentence: impl Into<String>) {
        self.0.push(Finding { what: Verdict::Unknown, sentence: sentence.into(), mend: None });
    }
}
