//! What follows once the settings are written: the right to write, a look at everything, first rules, and the start.
//!
//! The program's own commands are run as a user types them, so that each of them becomes the user that it should be, with its groups.

use std::{
    env,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use super::ask::Dialog;
use crate::{
    cli,
    config::{self, PACKAGED_FILE},
    disk::{self, Way},
    error::{Error, Result},
    model::{NewRule, Suggestion, escaped},
};

/// `false` if something is left to mend.
pub fn go_on(file: &Path, shows: &[&Path], port: u16, ask: &Dialog) -> Result<bool> {
    let owner = config::packaged_owner(file).filter(|_| disk::is_root());
    for (folder, (uid, _)) in shows.iter().zip(owner.iter().cycle()) {
        let_write(*uid, folder, ask)?;
    }
    if !succeeds(&mut own(file, &["check"])?)? {
        cli::print("mend what is wrong, then let \"plex-linker setup\" go on\n")?;
        return Ok(false);
    }
    suggest(file, ask)?;
    let has_unit = owner.is_some() && Path::new("/run/systemd/system").is_dir();
    if has_unit {
        if ask.confirm(&format!("Start it now and at every boot, with its page at port {port}?"))? {
            let runs = systemctl("enable plex-linker.service")? && systemctl("restart plex-linker.service")?;
            if runs && ask.confirm("Have Radarr and Sonarr call it when something changes, by webhooks?")? {
                // without them it comes to know of it in its next run
                succeeds(&mut own(file, &["connect"])?)?;
            }
            return Ok(runs);
        }
        if ask.confirm("Let the timer do a run every 15 minutes instead, without the page?")? {
            return systemctl("enable --now plex-linker.timer");
        }
    }
    let done = !ask.confirm("Do a first run now?")? || succeeds(&mut own(file, &["once"])?)?;
    if !has_unit {
        let with =
            if file == Path::new(PACKAGED_FILE) { String::new() } else { format!("--config {} ", file.display()) };
        cli::print(&format!(
            "nothing starts it by itself yet: let \"plex-linker {with}serve\" run at every boot, by OpenRC (packaging/plex-linker.openrc), a \
             NAS's task or a container, or cron do \"plex-linker {with}once\"; while it serves, \"plex-linker {with}connect\" has Radarr and \
             Sonarr call it when something changes\n"
        ))?;
    }
    Ok(done)
}

fn let_write(uid: u32, folder: &Path, ask: &Dialog) -> Result<()> {
    // anew: another folder's group may be joined by now
    let Some((user, way)) = disk::way_into(folder, uid) else { return Ok(()) };
    let shown = folder.display();
    match way {
        Way::Open => Ok(()),
        Way::Join(group) => {
            if ask.confirm(&format!("Put the user {user} into the group {group}, which may write in {shown}?"))? {
                succeeds(Command::new("usermod").args(["--append", "--groups", &group, &user]))?;
            }
            Ok(())
        }
        Way::Closed => cli::print(&format!(
            "no group may write in {shown}: let one that {user} can join own it (chgrp, chmod g+ws), or its unit run as its owner\n"
        )),
    }
}

/// Films that hardly are anything else than specials become rules.
fn suggest(file: &Path, ask: &Dialog) -> Result<()> {
    let told = own(file, &["suggest", "--json"])?.stderr(Stdio::inherit()).output().map_err(cannot_run)?;
    let all: Vec<Suggestion> = serde_json::from_slice(&told.stdout).unwrap_or_default();
    let (likely, perhaps): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| found.likely);
    if !perhaps.is_empty() {
        let count = perhaps.len();
        cli::print(&format!("{count} films may be specials: \"plex-linker suggest\" shows them, and why\n"))?;
    }
    if likely.is_empty() {
        return Ok(());
    }
    for found in &likely {
        let Suggestion { movie_title, show_name, episode_title, .. } = found;
        let line = format!("{movie_title} is {show_name} {} {episode_title}", found.rule().special());
        cli::print(&format!("    {}\n", escaped(&line)))?;
    }
    if !ask.confirm("Make a rule of each of these?")? {
        return Ok(());
    }
    let rules: Vec<NewRule> = likely.iter().map(Suggestion::rule).collect();
    let rules = serde_json::to_vec(&rules).map_err(|cause| cannot_run(cause.into()))?;
    let mut import = own(file, &["rules", "import", "-"])?.stdin(Stdio::piped()).spawn().map_err(cannot_run)?;
    if let Some(mut stdin) = import.stdin.take() {
        stdin.write_all(&rules).map_err(cannot_run)?;
    }
    import.wait().map(drop).map_err(cannot_run)
}

/// One of the program's own commands, with these settings alone, as it is started later. The package's are found without being named.
fn own(file: &Path, words: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::current_exe().map_err(cannot_run)?);
    if file != Path::new(PACKAGED_FILE) {
        command.arg("--config").arg(file);
    }
    command.args(words);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(config::is_for_file)) {
        command.env_remove(name);
    }
    Ok(command)
}

fn systemctl(words: &str) -> Result<bool> {
    cli::print(&format!("systemctl {words}\n"))?;
    succeeds(Command::new("systemctl").args(words.split(' ')))
}

fn succeeds(command: &mut Command) -> Result<bool> {
    command.status().map(|status| status.success()).map_err(cannot_run)
}

fn cannot_run(cause: std::io::Error) -> Error {
    Error::Disk(format!("cannot run the next step: {cause}"))
}
