//! argv in, exit code out.

#![forbid(unsafe_code)]

use std::{
    env, fs,
    io::{self, IsTerminal, Write},
    os::unix::fs::MetadataExt,
    path::Path,
    process::ExitCode,
    thread,
    time::Duration,
};

use plex_linker::{
    cli::{self, Command, CommandLine},
    clock,
    config::{Config, Environment, Identity, Zone},
    disk,
    error::{Error, Result},
    journal,
    model::escaped,
    serve, setup,
};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            let text = escaped(&problem.to_string());
            let line = match problem.level() {
                // an error may come before the log is begun
                level if level > log::Level::Error && log::max_level() < level => String::new(),
                level if in_journal() => format!("<{}>{text}\n", priority(level)),
                _ => format!("plex-linker: {text}\n"),
            };
            // that nobody can be told any more changes nothing
            let _ = io::stderr().write_all(line.as_bytes());
            ExitCode::from(problem.exit_code())
        }
    }
}

fn run() -> Result<bool> {
    let CommandLine { command, config_file } = cli::parse(env::args_os().skip(1).collect())?;
    let file = match &command {
        Command::Help => return cli::print(&cli::usage()).map(|()| true),
        Command::Version => return cli::print(concat!("plex-linker ", env!("CARGO_PKG_VERSION"), "\n")).map(|()| true),
        // one that is still to be written
        Command::Setup(_) if config_file.as_ref().is_some_and(|file| !file.exists()) => Some(Path::new("")),
        _ => config_file.as_deref(),
    };
    let mut environment = Environment::new(env::vars_os(), file)?;
    let (zone, problem) = environment.zone();
    start_log(environment.log()?, zone);
    if let Some(problem) = problem {
        log::warn!("{problem}");
    }
    match &command {
        Command::Health => {
            let url = serve::health(&environment.serve()?)?;
            return cli::print(&format!("well at {url}\n")).map(|()| true);
        }
        Command::Serve(options) => options.iter().for_each(|(name, value)| environment.set(name, value.clone())),
        Command::Setup(wish) => return setup::setup(environment, config_file, wish),
        _ => {}
    }
    if let Some(umask) = environment.umask()? {
        disk::set_umask(umask);
    }
    // systemd has its own ways to choose the user
    if !started_by_systemd() {
        become_whom_it_is_for(&environment)?;
    }
    let unknown =
        || environment.unknown().iter().for_each(|unknown| log::warn!("{}: {}", unknown.sentence, unknown.mend));
    if let Command::Serve(_) = command {
        unknown();
        return serve::serve(as_soon_as_it_can_be_used(&environment)?).map(|()| true);
    }
    let config = environment.config();
    // a check that gets so far tells them itself
    if config.is_err() || !matches!(command, Command::Check { .. }) {
        unknown();
    }
    cli::carry_out(command, config)
}

/// Root becomes the user that is meant; who is not root can become nobody else.
fn become_whom_it_is_for(environment: &Environment) -> Result<()> {
    if !disk::is_root() {
        let (Identity { uid, gid, .. }, own) = (environment.named()?, disk::own());
        if (uid.unwrap_or(own.0), gid.unwrap_or(own.1)) != own {
            let (uid, gid) = own;
            log::warn!(
                "PUID and PGID do nothing here: plex-linker runs as user {uid} and group {gid}, and only root becomes others"
            );
        }
        return Ok(());
    }
    let Identity { uid, gid, owner_of } = environment.identity()?;
    disk::act_as(uid, gid)?;
    match (owner_of.as_deref().map(Path::display), uid, gid) {
        (Some(root), Some(uid), Some(gid)) => {
            log::info!(
                "going on as user {uid}, who owns the media in {root}, and group {gid}: set PUID and PGID for others"
            )
        }
        (Some(root), ..) => {
            log::warn!("going on as root, since the media in {root} have several owners: set PUID and PGID")
        }
        _ => {}
    }
    Ok(())
}

/// The daemon waits for a state folder whose disk is mounted late.
fn as_soon_as_it_can_be_used(environment: &Environment) -> Result<Config> {
    const PAUSE: Duration = Duration::from_secs(5);
    let mut told = String::new();
    loop {
        match environment.config().and_then(|config| config.api_key().map(|_| config)) {
            Err(Error::Disk(problem)) => {
                if told != problem {
                    log::error!("{problem}: tried again until it can be used");
                    told = problem;
                }
                thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

/// Whatever a service starts inherits its `INVOCATION_ID`, a scheduler's jobs for instance; since systemd 248 the service's own process
/// can be told from these (systemd.exec(5)).
fn started_by_systemd() -> bool {
    match env::var("SYSTEMD_EXEC_PID") {
        Ok(id) => id == std::process::id().to_string(),
        Err(_) => env::var_os("INVOCATION_ID").is_some(),
    }
}

/// Log lines go to standard error: for the journal with its priorities and without a time, for people without either, else with both.
fn start_log(level: log::LevelFilter, zone: Zone) {
    let in_journal = in_journal();
    let terminal = io::stderr().is_terminal();
    env_logger::Builder::new()
        // other crates' logs may hold what we keep secret: ureq's has the keys in its dumps
        .filter_level(log::LevelFilter::Off)
        .filter_module("plex_linker", level)
        .format(move |out, record| {
            let text = escaped(&record.args().to_string());
            let whole = format!("{} {}: {text}", zone.time(clock::now()), record.level().as_str().to_lowercase());
            journal::keep(whole.clone());
            match record.level() {
                level if in_journal => writeln!(out, "<{}>{text}", priority(level)),
                log::Level::Info if terminal => writeln!(out, "{text}"),
                level if terminal => writeln!(out, "{}: {text}", level.as_str().to_lowercase()),
                _ => writeln!(out, "{whole}"),
            }
        })
        .init();
}

/// Whether standard error is the journal: systemd writes its device and inode into `JOURNAL_STREAM` (systemd.exec(5)).
fn in_journal() -> bool {
    let Ok(found) = fs::metadata("/proc/self/fd/2") else { return false };
    env::var("JOURNAL_STREAM").is_ok_and(|stream| stream == format!("{}:{}", found.dev(), found.ino()))
}

/// syslog's numbers, as the journal reads them at the start of a line.
fn priority(level: log::Level) -> u8 {
    match level {
        log::Level::Error => 3,
        log::Level::Warn => 4,
        log::Level::Info => 6,
        log::Level::Debug | log::Level::Trace => 7,
    }
}
