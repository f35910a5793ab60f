//! From the command line to a [`CommandLine`].

use std::{ffi::OsString, iter, path::PathBuf, str::FromStr};

use pico_args::Arguments;

use super::{Command, CommandLine, Flags, Setup};
use crate::{
    config::{self, VARIABLES},
    connect::Wish,
    error::{Error, Mistake, Result},
    model::{Field, Given, NewRule},
};

const USAGE: &str = include_str!("usage.txt");

/// The text of `--help`.
pub fn usage() -> String {
    let mut text = USAGE.to_string();
    for variable in VARIABLES {
        text += &format!("  {}\n", variable.name);
        text += &wrapped(variable.help, 90);
        if !variable.default.is_empty() {
            text += &wrapped(&format!("default: {}", variable.default), 90);
        }
    }
    text += "What is secret may also be in a file that NAME_FILE names, such as SONARR_0_API_KEY_FILE, or a systemd\n";
    text += "credential.\n";
    text
}

fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.len() + word.len() > width {
            lines += &format!("      {line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + &format!("      {line}\n")
}

/// Understands the arguments after the program's name. What is left over is an error, never ignored.
pub fn parse(arguments: Vec<OsString>) -> Result<CommandLine> {
    let mut arguments = Arguments::from_vec(arguments);
    if arguments.contains(["-h", "--help"]) {
        return Ok(CommandLine { config_file: None, command: Command::Help });
    }
    if arguments.contains(["-V", "--version"]) {
        return Ok(CommandLine { config_file: None, command: Command::Version });
    }
    let config_file: Option<PathBuf> =
        arguments.opt_value_from_str("--config").map_err(|cause| wrong(&cause.to_string()))?;
    let command = command(&mut arguments)?;
    if let Some(rest) = arguments.finish().first() {
        return Err(wrong(&format!("{rest:?} is not understood")));
    }
    Ok(CommandLine { config_file, command })
}

/// Flags may stand before the command as well as after it.
fn command(arguments: &mut Arguments) -> Result<Command> {
    let json = arguments.contains("--json");
    let dry_run = arguments.contains(["-n", "--dry-run"]);
    let force = arguments.contains(["-f", "--force"]);
    let word = arguments.subcommand().map_err(|cause| wrong(&cause.to_string()))?;
    let command = match word.as_deref() {
        None | Some("once") => return Ok(Command::Once { dry_run, json, force }),
        Some("status") => Command::Status { json },
        Some("check") => Command::Check { json },
        Some("suggest") => Command::Suggest { json, all: arguments.contains("--all") },
        Some("connect") => Command::Connect(Wish { remove: arguments.contains("--remove"), show: dry_run }),
        Some("notify") if arguments.contains("--test") => Command::Notify,
        Some("notify") => return Err(wrong("\"notify\" only sends a test: say --test")),
        Some("rules") => rules(arguments, json)?,
        Some("key") => Command::Key,
        Some("serve") => Command::Serve(Flags {
            host: read(arguments, "--host", config::address)?,
            port: read(arguments, "--port", |text| text.parse().map_err(|_| "it must be a number up to 65535"))?,
            interval: option(arguments, "--interval")?,
        }),
        Some("health") => Command::Health,
        Some("setup") => Command::Setup(Setup {
            yes: arguments.contains("--yes"),
            dry_run,
            sonarr_config: option(arguments, "--sonarr-config")?,
            radarr_config: option(arguments, "--radarr-config")?,
        }),
        Some("help") => Command::Help,
        Some(other) => return Err(wrong(&format!("there is no command {other:?}"))),
    };
    let (can_be_dry, has_json) = match command {
        Command::Connect(_) | Command::Setup(_) => (true, false),
        Command::Status { .. } | Command::Check { .. } | Command::Suggest { .. } | Command::List { .. } => {
            (false, true)
        }
        _ => (false, false),
    };
    if force || dry_run && !can_be_dry {
        return Err(wrong("--dry-run is for \"once\", \"connect\" and \"setup\", and --force for \"once\" alone"));
    }
    if json && !has_json {
        return Err(wrong("--json is for \"once\", \"status\", \"check\", \"suggest\" and \"rules list\" alone"));
    }
    Ok(command)
}

fn rules(arguments: &mut Arguments, json: bool) -> Result<Command> {
    let word = arguments.subcommand().map_err(|cause| wrong(&cause.to_string()))?;
    match word.as_deref() {
        None | Some("list") => Ok(Command::List { json }),
        Some("add") => {
            let given = fields(arguments)?;
            match NewRule::read(|field| typed(&given, field)) {
                (wish, mistakes) if mistakes.is_empty() => Ok(Command::Add(wish)),
                (_, mistakes) => Err(in_options(&mistakes)),
            }
        }
        Some("edit") => {
            let needed = [Field::MovieTitle, Field::TmdbId, Field::ShowName];
            let cleared = |(field, given)| match given == Given::from("none") && !needed.contains(&field) {
                true => (field, Given::Absent),
                false => (field, given),
            };
            let changes: Vec<_> = fields(arguments)?.into_iter().map(cleared).collect();
            let (_, mut mistakes) = NewRule::read(|field| typed(&changes, field));
            // the rest is in the rule
            mistakes.retain(|mistake| {
                Field::named(mistake.field).is_some_and(|field| typed(&changes, field) != Given::Absent)
            });
            if !mistakes.is_empty() {
                return Err(in_options(&mistakes));
            }
            Ok(Command::Edit { id: rule(arguments)?, changes })
        }
        Some("remove") => {
            let first = rule(arguments)?;
            Ok(Command::Remove(iter::once(Ok(first)).chain(further(arguments)).collect::<Result<_>>()?))
        }
        Some("confirm") => Ok(Command::Confirm(rule(arguments)?)),
        Some("import") => match free(arguments, "the name of a file, or \"-\" for standard input")? {
            file if file == "-" => Ok(Command::Import(None)),
            file => Ok(Command::Import(Some(file.into()))),
        },
        Some("export") => Ok(Command::Export(further(arguments).collect::<Result<_>>()?)),
        Some(other) => Err(wrong(&format!("there is no command \"rules {other}\""))),
    }
}

fn rule(arguments: &mut Arguments) -> Result<i32> {
    number(&free(arguments, "the number of a rule, as \"rules list\" shows it")?)
}

/// The numbers of rules that are left.
fn further(arguments: &mut Arguments) -> impl Iterator<Item = Result<i32>> {
    iter::from_fn(|| free(arguments, "").ok().map(|text| number(&text)))
}

fn number(text: &OsString) -> Result<i32> {
    text.to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| wrong(&format!("{text:?} is not the number of a rule")))
}

fn free(arguments: &mut Arguments, what: &str) -> Result<OsString> {
    let text = arguments.opt_free_from_os_str(|text| Ok::<_, std::convert::Infallible>(text.to_os_string()));
    text.ok().flatten().ok_or_else(|| wrong(&format!("what is missing is {what}")))
}

fn option<T: FromStr>(arguments: &mut Arguments, name: &'static str) -> Result<Option<T>> {
    read(arguments, name, |text| text.parse().map_err(|_| "it must be a number"))
}

/// An option by a function that says what it must be.
fn read<T>(
    arguments: &mut Arguments,
    name: &'static str,
    read: impl FnOnce(&str) -> std::result::Result<T, &'static str>,
) -> Result<Option<T>> {
    let text: Option<String> = arguments.opt_value_from_str(name).map_err(|cause| wrong(&cause.to_string()))?;
    text.map(|text| read(&text).map_err(|must| wrong(&format!("{name} is {text:?}: {must}")))).transpose()
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
fn in_options(mistakes: &[Mistake]) -> Error {
    let option = |mistake: &Mistake| Field::named(mistake.field).map_or("", Field::option);
    let sentences: Vec<_> = mistakes.iter().map(|mistake| mistake.with_name(option(mistake))).collect();
    wrong(&sentences.join("; "))
}

fn wrong(what: &str) -> Error {
    Error::Config(format!("{what}: see \"plex-linker --help\""))
}
