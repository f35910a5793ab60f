//! What was typed, as a value, and what each command prints.

mod parse;
mod text;

use std::{
    fs,
    io::{self, IsTerminal, Read, Write},
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    check,
    config::Config,
    connect::{self, Wish},
    db::Db,
    error::{Error, Result},
    model::{Field, Finding, Given, NewRule, Reason, Rule, Suggestions, Verdict, counted, sound},
    news::{self, Teller},
    run::{self, Planned},
};
pub use parse::{parse, usage};

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandLine {
    pub config_file: Option<PathBuf>,
    pub command: Command,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// All commands and variables.
    Help,
    /// The program's own.
    Version,
    /// One run.
    Once { dry_run: bool, json: bool, force: bool },
    /// What the last run found.
    Status { json: bool },
    /// What newcomers get wrong.
    Check { json: bool },
    /// The webhooks in the apps.
    Connect(Wish),
    /// Sends a test to everybody who is told news.
    Notify,
    /// Films that look like specials; with `all` dismissed ones as well.
    Suggest { json: bool, all: bool },
    /// The rules.
    List { json: bool },
    /// A new rule.
    Add(NewRule),
    /// Other values for some fields; one that is cleared is absent.
    Edit { id: i32, changes: Vec<(Field, Given)> },
    /// Several go all at once or not at all.
    Remove(Vec<i32>),
    /// The rule means what has its number now.
    Confirm(i32),
    /// A file of rules; `None`: standard input.
    Import(Option<PathBuf>),
    /// Those with these numbers; all if none is given.
    Export(Vec<i32>),
    /// What lets other machines in.
    Key,
    /// The daemon, with options that go before variables.
    Serve(Vec<(&'static str, String)>),
    /// Whether the daemon answers.
    Health,
    /// Finds and writes the settings.
    Setup(Setup),
}

/// How far a setup goes by itself, and where it may look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Nobody is asked.
    pub yes: bool,
    pub dry_run: bool,
    /// The apps' own settings.
    pub sonarr_config: Option<PathBuf>,
    pub radarr_config: Option<PathBuf>,
}

/// Where Sonarr sees by now what it has not taken: it is told once more.
fn told_again(config: &Config) -> Option<Finding> {
    let last = Db::open(&config.database).and_then(|mut db| db.last_run()).ok()??;
    let not_taken = Reason::NotTaken.word();
    last.rules.iter().find(|rule| rule.state == not_taken)?;
    let shows = run::plan(config, false, false, &Arc::default()).and_then(Planned::tell_again).ok()?;
    let shows = Some(shows).filter(|shows| *shows > 0).map(|shows| counted(shows, "show"))?;
    let sentence = format!("Sonarr was told once more of links that it had not taken and sees by now, in {shows}");
    Some(Finding { what: Verdict::Ok, sentence, mend: None })
}

/// Does what was typed and says whether all of it worked; `Help`, `Version`, `Health` and `Setup` need no
/// whole configuration, and `Serve` needs more than this: they are not for here. To a check a wrong configuration is something that it finds.
pub fn carry_out(command: Command, config: Result<Config>) -> Result<bool> {
    if let Command::Check { json } = command {
        let mut findings = check::check(&config);
        let is_wrong = findings.iter().any(|finding| finding.what == Verdict::Wrong);
        findings.extend(config.as_ref().ok().filter(|_| !is_wrong).and_then(told_again));
        show(json, &findings, |findings| text::findings(findings))?;
        return Ok(findings.iter().all(|finding| finding.what != Verdict::Wrong));
    }
    let config = &config?;
    let printed = match command {
        Command::Once { dry_run, json, force } => return once(config, dry_run, json, force),
        Command::Suggest { json, all } => return suggest(config, json, all),
        Command::Connect(wish) => return print_done(connect::connect(config, wish)?),
        Command::Notify => return print_done(news::test(config)?),
        Command::Status { json } => status(config, json),
        Command::Key => match config.api_key()? {
            Some(key) => print(&format!("{}\n", key.expose())),
            None => Err(Error::Config("there is no key: PLEX_LINKER_AUTH is none, so everybody is let in".into())),
        },
        Command::Import(file) => {
            let wishes = NewRule::list_from_file(&read(file)?)?;
            let (added, changed) = Db::open(&config.database)?.import_rules(&wishes)?;
            print(&format!("{added} added, {changed} changed, {} as they were\n", wishes.len() - added - changed))
        }
        of_rules => print(&with_rules(of_rules, &mut Db::open(&config.database)?)?),
    };
    printed.map(|()| true)
}

/// Looks at rules in the database, or changes some, and says what it did.
fn with_rules(command: Command, db: &mut Db) -> Result<String> {
    Ok(match command {
        Command::List { json: true } => json_text(&db.rules()?.rules),
        Command::List { json: false } => text::rules(&db.rules()?),
        Command::Export(ids) => {
            let mut rules = db.rules()?.rules;
            if let Some(id) = ids.iter().find(|id| !rules.iter().any(|rule| rule.id == **id)) {
                return Err(Error::NoRule(*id));
            }
            rules.retain(|rule| ids.is_empty() || ids.contains(&rule.id));
            json_text(&rules)
        }
        Command::Add(wish) => format!("added {}\n", db.add_rule(&wish)?),
        Command::Edit { id, changes } => {
            let wish = sound(db.rule(id)?.wish.changed(&changes))?;
            let rule = db.edit_rule(&Rule { id, wish })?;
            // who types a number means what has it now, even if it is the old one
            if changes.iter().any(|(field, _)| *field == Field::Episode) {
                db.confirm_rule(id)?;
            }
            format!("changed {rule}\n")
        }
        Command::Remove(ids) => {
            db.remove_rules(&ids)?;
            ids.iter().map(|id| format!("removed rule {id}: its link goes with the next run\n")).collect()
        }
        Command::Confirm(id) => {
            let rule = db.confirm_rule(id)?;
            format!("confirmed {rule}: it means what is {} now\n", rule.wish.special())
        }
        // the others are not for here
        _ => usage(),
    })
}

/// A dry run is a run that ends after its plan.
fn once(config: &Config, dry_run: bool, json: bool, force: bool) -> Result<bool> {
    let asked = dry_run || force || io::stdin().is_terminal();
    let planned = plan_in_time(config, force, asked);
    if dry_run {
        let report = planned?.preview();
        show(json, &report, |report| format!("{report}\n"))?;
        return Ok(!report.failed);
    }
    let ended = planned.and_then(Planned::carry_out);
    let printed = match &ended {
        Ok(report) if json => print_json(report),
        _ => Ok(()),
    };
    news::outcome(&ended).iter().for_each(|outcome| Teller::new(config).tell(outcome));
    printed.and(ended).map(|report| !report.failed)
}

/// What was done with each, a line each; an error if there is none.
fn print_done(done: Vec<(String, Result<String>)>) -> Result<bool> {
    for (name, done) in &done {
        match done {
            Ok(text) => print(&format!("{name}: {text}\n"))?,
            Err(problem) => log::error!("{name}: {problem}"),
        }
    }
    Ok(done.iter().all(|(_, done)| done.is_ok()))
}

/// So long another run is waited for.
const MOST_WAIT: Duration = Duration::from_secs(5);

/// A run that is under way will mostly be done in a moment.
fn plan_in_time(config: &Config, force: bool, asked: bool) -> Result<Planned> {
    let start = Instant::now();
    loop {
        match run::plan(config, force, asked, &Arc::default()) {
            Err(Error::Busy(_)) if start.elapsed() < MOST_WAIT => thread::sleep(MOST_WAIT / 50),
            planned => return planned,
        }
    }
}

fn status(config: &Config, json: bool) -> Result<()> {
    let report = Db::open(&config.database)?.last_run()?;
    show(json, &report, |report| match report {
        Some(report) => text::report(report, run::last_run(config), &config.zone),
        None => "there has been no run yet: \"plex-linker once\" does one\n".into(),
    })
}

/// What could not be asked is told beside the suggestions.
fn suggest(config: &Config, json: bool, all: bool) -> Result<bool> {
    let Suggestions { mut list, problems, .. } = run::suggest(config)?;
    list.retain(|suggestion| all || !suggestion.dismissed);
    show(json, &list, |list| text::suggestions(list))?;
    problems.iter().for_each(|problem| log::error!("{problem}"));
    Ok(problems.is_empty())
}

/// A file of rules, or standard input.
fn read(file: Option<PathBuf>) -> Result<Vec<u8>> {
    let (read, name) = match &file {
        Some(path) => (fs::read(path), path.display().to_string()),
        None => (io::stdin().lock().bytes().collect(), "standard input".into()),
    };
    read.map_err(|cause| Error::Config(format!("cannot read {name}: {cause}")))
}

/// For programs or for people.
fn show<T: serde::Serialize>(json: bool, value: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
    if json { print_json(value) } else { print(&text(value)) }
}

fn print_json(value: &impl serde::Serialize) -> Result<()> {
    print(&json_text(value))
}

fn json_text(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    // JSON itself lets some of them pass, which a terminal would obey
    let safe = |c: char| if c.is_control() && c != '\n' { format!("\\u{:04x}", c as u32) } else { c.into() };
    text.chars().map(safe).collect::<String>() + "\n"
}

/// To standard output. That nobody reads it any more is no failure.
pub fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::Disk(format!("cannot write to standard output: {cause}")))
        }
        _ => Ok(()),
    }
}
