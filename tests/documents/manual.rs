//! The man pages tell every command, option and variable, and nothing that there is not.

use std::process::Command;

use plex_linker::{
    cli,
    config::{VARIABLES, Variable},
};

use super::{flat, read};
use crate::support::{help, skip};

const PAGES: [&str; 2] = ["packaging/plex-linker.8", "packaging/plex-linker.env.5"];

/// What each use of a macro in a page marks; punctuation parts it.
fn marked(page: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in read(page).lines().filter(|line| line.starts_with('.')) {
        let mut of_ours = false;
        let mut text = String::new();
        for word in line[1..].split_whitespace().chain(["Xx"]) {
            let is_macro = word.len() == 2 && word.starts_with(char::is_uppercase);
            if is_macro || !word.contains(char::is_alphanumeric) {
                found.extend(Some(std::mem::take(&mut text)).filter(|text| !text.is_empty()));
            }
            if is_macro {
                of_ours = word == name;
            } else if of_ours && word.contains(char::is_alphanumeric) {
                text += if text.is_empty() { "" } else { " " };
                text += word;
            }
        }
    }
    found
}

#[test]
fn the_man_pages_are_well_formed() {
    let checks: [&[&str]; 2] =
        [&["mandoc", "-T", "lint", "-W", "warning"], &["groff", "-mandoc", "-ww", "-z", "-T", "utf8"]];
    for check in checks {
        for page in PAGES {
            let page = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
            match Command::new(check[0]).args(&check[1..]).arg(&page).output() {
                Ok(output) => {
                    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
                    assert!(output.status.success() && said.is_empty(), "{check:?} {page}: {said}");
                }
                Err(_) => skip(&format!("the man pages were not checked by {}: it is missing", check[0])),
            }
        }
    }
}

#[test]
fn the_man_page_tells_every_command_and_option() {
    let told = marked(PAGES[0], "Cm");
    let options = marked(PAGES[0], "Fl");
    for typed in help::commands() {
        assert!(told.contains(&typed.command), "{} is not in the man page", typed.command);
        for option in typed.options.iter().chain(&help::options()) {
            assert!(options.contains(&option[1..].to_string()), "{option} is not in the man page");
        }
    }
}

#[test]
fn the_man_pages_tell_no_command_and_no_option_that_there_is_not() {
    let commands: Vec<String> = help::commands().into_iter().map(|typed| typed.command).collect();
    // "rules" and its subcommands also stand alone
    let known = |told: &str| {
        commands
            .iter()
            .any(|command| command == told || command.split_once(' ').is_some_and(|(a, b)| told == a || told == b))
    };
    let mut options = help::options();
    options.extend(help::commands().into_iter().flat_map(|typed| typed.options));
    for page in PAGES {
        for told in marked(page, "Cm") {
            assert!(known(&told), "{page} tells of a command {told:?}");
        }
        for told in marked(page, "Fl") {
            let long = options.contains(&format!("-{told}"));
            let short = told.len() == 1 && cli::parse(vec![format!("-{told}").into()]).is_ok();
            assert!(long || short, "{page} tells of an option -{told}");
        }
    }
}

#[test]
fn the_man_page_tells_every_variable_and_no_other() {
    let page = read(PAGES[1]);
    for Variable { name, default, help } in VARIABLES.iter() {
        let (_, rest) = page.split_once(&format!("\n.It Ev {name}\n")).unwrap_or_else(|| panic!("{name} is not told"));
        let told = flat(&rest[..rest.find("\n.It").into_iter().chain(rest.find("\n.El")).min().unwrap()]);
        // the heading says it for all of the daemon's
        let help = help.trim_start_matches("serve: ");
        assert!(told.to_lowercase().starts_with(&help.to_lowercase()), "{name} should be told as: {help}: {told}");
        let default = match &**default {
            "" => String::new(),
            words if words.contains(' ') && !words.contains('{') => format!("Default: {words}."),
            value => format!("Default: .Ql {value}"),
        };
        let rest = told[help.len()..].trim_start_matches('.').trim();
        assert_eq!(rest, default, "the default of {name}");
    }
    for page in PAGES {
        for told in marked(page, "Ev").into_iter().filter(|told| told != "XDG_STATE_HOME") {
            let first = told.replace("SONARR_1_", "SONARR_0_").replace("SONARR_URL", "SONARR_0_URL");
            let plain = first.strip_suffix("_FILE").unwrap_or(&first);
            let known =
                VARIABLES.iter().any(|variable| [&first, plain].iter().any(|told| variable.name.ends_with(told)));
            assert!(known, "{page} tells of a variable {told}");
        }
    }
}
