//! From the command line to a [`CommandLine`].

use std::{convert::Infallible, ffi::OsString, iter, str::FromStr};

use pico_args::Arguments;

use super::{Command, CommandLine, Setup};
use crate::{
    config::{OPTIONS, TABLE},
    connect::Wish,
    error::{Error, Mistake, Result},
    model::{Field, Given, NewRule},
};

const USAGE: &str = include_str!("usage.txt");
const SECRETS: &str = "\
What is secret may also be in a file that NAME_FILE names, such as SONARR_0_API_KEY_FILE, or a systemd
credential.
";

/// The text of `--help`.
pub fn usage() -> String {
    [USAGE, TABLE, SECRETS].concat()
}

/// Understands the arguments after the program's name. What is left over is an error, never ignored.
pub fn parse(arguments: Vec<OsString>) -> Result<CommandLine> {
    let mut arguments = Arguments::from_vec(arguments);
    for (flag, command) in [(["-h", "--help"], Command::Help), (["-V", "--version"], Command::Version)] {
        if arguments.contains(flag) {
            return Ok(CommandLine { config_file: None, command });
        }
    }
    let config_file = option(&mut arguments, "--config")?;
    let command = command(&mut arguments)?;
    match arguments.finish().first() {
        Some(rest) => Err(wrong(&format!("{rest:?} is not understood"))),
        None => Ok(CommandLine { config_file, command }),
    }
}

/// Flags may stand before the command as well as after it.
fn command(arguments: &mut Arguments) -> Result<Command> {
    let json = arguments.contains("--json");
    let dry_run = arguments.contains(["-n", "--dry-run"]);
    let force = arguments.contains(["-f", "--force"]);
    let word = word(arguments)?;
    let command = match word.as_deref().unwrap_or("once") {
        "once" => Command::Once { dry_run, json, force },
        "status" => Command::Status { json },
        "check" => Command::Check { json },
        "suggest" => Command::Suggest { json, all: arguments.contains("--all") },
        "connect" => Command::Connect(Wish { remove: arguments.contains("--remove"), show: dry_run }),
        "notify" if arguments.contains("--test") => Command::Notify,
        "notify" => return Err(wrong("\"notify\" only sends a test: say --test")),
        "rules" => rules(arguments, json)?,
        "key" => Command::Key,
        "serve" => {
            let mut typed = Vec::new();
            for (name, _) in OPTIONS {
                typed.extend(option(arguments, name)?.map(|value| (name, value)));
            }
            Command::Serve(typed)
        }
        "health" => Command::Health,
        "setup" => Command::Setup(Setup {
            yes: arguments.contains("--yes"),
            dry_run,
            sonarr_config: option(arguments, "--sonarr-config")?,
            radarr_config: option(arguments, "--radarr-config")?,
        }),
        "help" => Command::Help,
        other => return Err(wrong(&format!("there is no command {other:?}"))),
    };
    let is_once = matches!(command, Command::Once { .. });
    let takes_dry_run = is_once || matches!(command, Command::Connect(_) | Command::Setup(_));
    if force && !is_once || dry_run && !takes_dry_run {
        return Err(wrong("--dry-run is for \"once\", \"connect\" and \"setup\", and --force for \"once\" alone"));
    }
    let prints_json = is_once
        || matches!(
            command,
            Command::Status { .. } | Command::Check { .. } | Command::Suggest { .. } | Command::List { .. }
        );
    if json && !prints_json {
        return Err(wrong("--json is for \"once\", \"status\", \"check\", \"suggest\" and \"rules list\" alone"));
    }
    Ok(command)
}

fn rules(arguments: &mut Arguments, json: bool) -> Result<Command> {
    Ok(match word(arguments)?.as_deref().unwrap_or("list") {
        "list" => Command::List { json },
        "add" => {
            let given = fields(arguments)?;
            let (wish, mistakes) = NewRule::read(|field| typed(&given, field));
            in_options(&mistakes)?;
            Command::Add(wish)
        }
        "edit" => {
            let mut changes = fields(arguments)?;
            let needed = [Field::MovieTitle, Field::TmdbId, Field::ShowName];
            for (_, given) in changes.iter_mut().filter(|(field, _)| !needed.contains(field)) {
                if *given == Given::from("none") {
                    *given = Given::Absent;
                }
            }
            let (_, mut mistakes) = NewRule::read(|field| typed(&changes, field));
            // the rest is in the rule
            mistakes.retain(|mistake| {
                Field::named(mistake.field).is_some_and(|field| typed(&changes, field) != Given::Absent)
            });
            in_options(&mistakes)?;
            Command::Edit { id: rule(arguments)?, changes }
        }
        "remove" => Command::Remove([vec![rule(arguments)?], further(arguments)?].concat()),
        "confirm" => Command::Confirm(rule(arguments)?),
        "import" => {
            let file = free(arguments, "the name of a file, or \"-\" for standard input")?;
            Command::Import(Some(file).filter(|file| file != "-").map(Into::into))
        }
        "export" => Command::Export(further(arguments)?),
        other => return Err(wrong(&format!("there is no command \"rules {other}\""))),
    })
}

fn word(arguments: &mut Arguments) -> Result<Option<String>> {
    arguments.subcommand().map_err(|cause| wrong(&cause.to_string()))
}

fn rule(arguments: &mut Arguments) -> Result<i32> {
    number(&free(arguments, "the number of a rule, as \"rules list\" shows it")?)
}

/// The numbers of rules that are left.
fn further(arguments: &mut Arguments) -> Result<Vec<i32>> {
    iter::from_fn(|| free(arguments, "").ok().map(|text| number(&text))).collect()
}

fn number(text: &OsString) -> Result<i32> {
    text.to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| wrong(&format!("{text:?} is not the number of a rule")))
}

fn free(arguments: &mut Arguments, what: &str) -> Result<OsString> {
    let text = arguments.opt_free_from_os_str(|text| Ok::<_, Infallible>(text.to_os_string()));
    text.ok().flatten().ok_or_else(|| wrong(&format!("what is missing is {what}")))
}

fn option<T: FromStr<Err = Infallible>>(arguments: &mut Arguments, name: &'static str) -> Result<Option<T>> {
    arguments.opt_value_from_str(name).map_err(|cause| wrong(&cause.to_string()))
}

/// The fields of a rule that are given. Several specials are given as one range.
fn fields(arguments: &mut Arguments) -> Result<Vec<(Field, Given)>> {
    let mut given = Vec::new();
    for field in Field::all().filter(|field| *field != Field::LastEpisode) {
        given.extend(option::<String>(arguments, field.option())?.map(|text| (field, Given::Text(text))));
    }
    Ok(given)
}

fn typed(given: &[(Field, Given)], wanted: Field) -> Given {
    given.iter().find(|(field, _)| *field == wanted).map_or(Given::Absent, |(_, given)| given.clone())
}

/// All mistakes in the words of the command line.
fn in_options(mistakes: &[Mistake]) -> Result<()> {
    let option = |mistake: &Mistake| Field::named(mistake.field).map_or("", Field::option);
    let sentences: Vec<_> = mistakes.iter().map(|mistake| mistake.with_name(option(mistake))).collect();
    if sentences.is_empty() { Ok(()) } else { Err(wrong(&sentences.join("; "))) }
}

fn wrong(what: &str) -> Error {
    Error::Config(format!("{what}: see \"plex-linker --help\""))
}
