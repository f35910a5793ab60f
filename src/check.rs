//! What newcomers get wrong, found and named.

pub mod apps;
mod folders;
pub mod libraries;
mod links;
pub mod maps;
mod settings;
mod webhooks;

use std::path::Path;

use crate::{
    config::{self, Config, Database},
    db::Db,
    disk::{self, Content, Tree},
    error::Result,
    model::{Finding, Link, Meaning, Rule, Verdict},
};
use links::Ground;

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
    let stored = stored(config, found);
    parts(&stored.links, found);
    let lock = config.lock_file.as_path();
    match disk::can_lock(lock) {
        Ok(()) => found.ok(format!("the lock {} can be taken", lock.display())),
        Err(problem) => {
            let folder = lock.parent().unwrap_or(lock);
            let otherwise = format!(
                "let plex-linker write and lock files in {}, which is best on a disk of this machine",
                folder.display()
            );
            found.wrong(problem.to_string(), right_to_write(lock, &problem.to_string(), otherwise));
        }
    }
    let mut apps = apps::answering(config, found);
    settings::check(config, &mut apps, found);
    webhooks::check(config, &apps, found);
    let Some(media_root) = media_root else { return };
    let roots = config.roots(media_root);
    let tree = match Tree::open(&roots) {
        Ok(tree) => tree,
        Err(problem) => {
            return found.wrong(problem.to_string(), "let MEDIA_ROOT be a folder that plex-linker may read");
        }
    };
    let libraries = libraries::ask(&apps, &roots, Some(&tree), found);
    folders::check(&libraries, &roots, found);
    links::check(&Ground { config, stored: &stored, libraries: &libraries, roots: &roots, tree: &tree }, found);
}

/// Films of which a link has only a part, perhaps.
fn parts(links: &[Link], found: &mut Findings) {
    for link in links.iter().filter(|link| !link.is_subtitle()) {
        let Some(film) = disk::resolved(link.path.as_ref()) else { continue };
        if let Some(parts) = disk::of_several_files(&film) {
            found.warning(
                format!("the film of rule {} is {parts}, and its link leads to {} alone", link.rule, film.display()),
                "make one file of it, if that is not all of it",
            );
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

/// What the database knows.
#[derive(Default)]
struct Stored {
    rules: Vec<Rule>,
    links: Vec<Link>,
    meanings: Vec<Meaning>,
}

/// Looks at the database, and reads it.
fn stored(config: &Config, found: &mut Findings) -> Stored {
    let mend = "let DATABASE_URL name a database that plex-linker may write in";
    let read = Db::open(&config.database).and_then(|mut db| Ok((db.rules()?, db.links()?, db.meanings()?)));
    let (rules, links, meanings) = match read {
        Ok(read) => read,
        Err(problem) => {
            found.wrong(problem.to_string(), mend);
            return Stored::default();
        }
    };
    let usable = |shown| format!("the database {shown} can be used; rules in it: {}", rules.rules.len());
    match &config.database {
        Database::Postgres { shown, .. } => found.ok(usable(shown.clone())),
        Database::Sqlite(file) => {
            let shown = file.display();
            // SQLite has its journal beside the file
            match disk::may_write(file).and_then(|()| file.parent().map_or(Ok(()), disk::may_write)) {
                Ok(()) => found.ok(usable(shown.to_string())),
                Err(cause) => found.wrong(
                    format!("the database {shown} can be read, but not be written: {cause}"),
                    right_to_write(file, &cause.to_string(), mend.into()),
                ),
            }
        }
    }
    for rule in rules.invalid {
        found.wrong(
            format!("rule {} cannot be used: {}", rule.id, rule.reason),
            format!("remove it with \"plex-linker rules remove {}\" and add it anew", rule.id),
        );
    }
    Stored { rules: rules.rules, links, meanings }
}

/// What mends a problem with a file, if it is that we may not write in its folder.
fn right_to_write(file: &Path, problem: &str, otherwise: String) -> String {
    let folder = file.parent().filter(|_| problem.contains("Permission denied"));
    folder.map_or(otherwise, config::right_to_write)
}

#[derive(Default)]
pub struct Findings(pub Vec<Finding>);

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
