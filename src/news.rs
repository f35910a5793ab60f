//! What people and programs are told of runs, after they have ended and their lock is free: nothing here harms a run.

mod letter;

use std::{
    env, fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    arr::elsewhere,
    config::Config,
    error::{Error, Result},
    model::{News, Report, Told},
};

/// How a run ended, if it was one: with its report, or with the problem that ended it.
pub type Outcome = std::result::Result<Report, String>;

/// What has been told is kept here, beside the lock.
const FILE: &str = "plex_linker.told";
/// As long as the user's program may take.
const LONGEST: Duration = Duration::from_secs(30);
/// As much as it is told in one variable, of which Linux takes 128 KiB.
const MOST: usize = 32 * 1024;
/// What the user's program finds in its environment of ours: no keys.
const KEPT: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Tells people, and remembers what was wrong with that.
pub struct Teller<'a> {
    config: &'a Config,
    /// What the log has been told.
    problems: Vec<String>,
}

/// `None` for a run that is none: another one was at work, or there was nothing to do.
pub fn outcome(ended: &Result<Report>) -> Option<Outcome> {
    match ended {
        Ok(report) => Some(Ok(report.clone())),
        Err(Error::Busy(_) | Error::Idle(_)) => None,
        Err(problem) => Some(Err(problem.to_string())),
    }
}

impl<'a> Teller<'a> {
    pub fn new(config: &'a Config) -> Teller<'a> {
        Teller { config, problems: Vec::new() }
    }

    /// Tells what is news. What is wrong with that is a warning, once.
    pub fn tell(&mut self, outcome: &Outcome) {
        let mut problems = Vec::new();
        let news = &self.config.news;
        if news.url.is_some() || !news.command.is_empty() {
            problems.extend(self.tell_news(outcome));
        }
        problems.extend(self.ping(outcome).err().map(|problem| problem.to_string()));
        for problem in problems.iter().filter(|problem| !self.problems.contains(problem)) {
            log::warn!("{problem}");
        }
        self.problems = problems;
    }

    fn tell_news(&self, outcome: &Outcome) -> Vec<String> {
        let file = self.config.kept(FILE);
        let before: Told = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let (news, now) = before.news(outcome);
        let keep = |told: &Told| {
            let failed = |cause| format!("cannot keep what has been told in {}: {cause}", file.display());
            keep(&file, told).err().map(failed)
        };
        if news.is_empty() {
            return if now == before { Vec::new() } else { keep(&now).into_iter().collect() };
        }
        // until somebody has heard
        let mut problems = Vec::from_iter(keep(&before.untold(news.clone())));
        let sent = self.send(&news);
        // whoever has heard is not told again because somebody else has not
        if sent.iter().any(Result::is_ok) {
            problems.extend(keep(&now));
        }
        problems.extend(sent.into_iter().filter_map(Result::err).map(|problem| problem.to_string()));
        problems
    }

    /// What came of it, in the order of [`config::Recipients::to`](crate::config::Recipients::to).
    fn send(&self, news: &News) -> Vec<Result<()>> {
        let mut sent = Vec::new();
        if let Some((address, format)) = &self.config.news.url {
            sent.push(elsewhere::post(address, self.config.ca_file.as_deref(), &letter::letter(*format, news)));
        }
        if let [program, arguments @ ..] = &self.config.news.command[..] {
            sent.push(run(program, arguments, news, LONGEST));
        }
        sent
    }

    fn ping(&self, outcome: &Outcome) -> Result<()> {
        let Some(address) = &self.config.news.ping else { return Ok(()) };
        let (good, message) = match outcome {
            Ok(report) => (!report.failed, &report.summary),
            Err(problem) => (false, problem),
        };
        elsewhere::ping(address, self.config.ca_file.as_deref(), good, message)
    }
}

/// Sends something to everybody who is told news. To whom, and what came of it; an error if nobody is.
pub fn test(config: &Config) -> Result<Vec<(String, Result<String>)>> {
    let everybody = config.news.to();
    if everybody.is_empty() {
        return Err(Error::Config(
            "nobody is told news: PLEX_LINKER_NOTIFY_URL, PLEX_LINKER_NOTIFY_COMMAND and PLEX_LINKER_PING_URL are not set".into(),
        ));
    }
    let text = "this is a test: so it looks when a link has changed".to_string();
    let teller = Teller::new(config);
    let mut sent = teller.send(&News { changes: vec![text.clone()], ..News::default() });
    if let Some(address) = &config.news.ping {
        sent.push(elsewhere::ping(address, config.ca_file.as_deref(), true, &text));
    }
    let sent = sent.into_iter().map(|sent| sent.map(|()| "the test is sent".into()));
    Ok(everybody.into_iter().zip(sent).collect())
}

/// A file that is whole whenever it is there.
fn keep(file: &Path, told: &Told) -> io::Result<()> {
    let new = file.with_extension("told-new");
    let mut written = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    written.write_all(&serde_json::to_vec(told)?)?;
    fs::rename(&new, file)
}

/// The user's program, with the news in its environment. What it prints goes to our standard error.
fn run(program: &str, arguments: &[String], news: &News, longest: Duration) -> Result<()> {
    let failed = |cause: String| Error::Disk(format!("PLEX_LINKER_NOTIFY_COMMAND, {program}: {cause}"));
    let lines = |list: &[String]| letter::fitting(list, MOST, str::to_string, str::len);
    let kept = KEPT.into_iter().filter_map(|name| Some((name, env::var_os(name)?)));
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(kept)
        .env("NEWS_TITLE", news.title())
        .env("NEWS_MESSAGE", lines(&news.lines()))
        .env("NEWS_KIND", letter::loudness(news).0)
        .env("NEWS_CHANGES", lines(&news.changes))
        .env("NEWS_PROBLEMS", lines(&news.problems))
        .env("NEWS_NEEDS_YOU", lines(&news.needs))
        .env("NEWS_WELL_AGAIN", lines(&news.over))
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .spawn()
        .map_err(|cause| failed(format!("cannot be started: {cause}")))?;
    let began = Instant::now();
    loop {
        match child.try_wait().map_err(|cause| failed(cause.to_string()))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(failed(format!("it failed ({status})"))),
            None if began.elapsed() < longest => thread::sleep(Duration::from_millis(20)),
            None => {
                let _ = child.kill().and_then(|()| child.wait());
                return Err(failed(format!("it took longer than {longest:?}, and was ended")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_takes_long_is_ended() {
        let began = Instant::now();
        let ended = run("sleep", &["60".into()], &News::default(), Duration::from_millis(50));
        assert!(ended.unwrap_err().to_string().ends_with("sleep: it took longer than 50ms, and was ended"));
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
