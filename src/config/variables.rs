//! The one table of variables.

use std::sync::LazyLock;

/// One variable of the environment, as `--help`, the README, the man page and the sample file tell it.
pub struct Variable {
    pub name: &'static str,
    /// What holds when it is not set; empty if nothing does.
    pub default: String,
    pub help: String,
}

/// The table as `--help` prints it.
pub const TABLE: &str = include_str!("variables.txt");

/// Every variable there is. `SONARR_0_…` stands for any number, and for the plain form `SONARR_…`.
pub static VARIABLES: LazyLock<Vec<Variable>> = LazyLock::new(|| {
    let mut variables: Vec<Variable> = Vec::new();
    for line in TABLE.lines() {
        match (line.strip_prefix("      "), variables.last_mut()) {
            (Some(told), Some(variable)) => variable.add(told),
            _ => variables.push(Variable { name: line.trim(), default: String::new(), help: String::new() }),
        }
    }
    variables
});

/// The names of the folder that holds films and shows.
pub(super) const MEDIA_ROOTS: [&str; 3] = ["MEDIA_ROOT", "DOCKER_MEDIA_PATH", "HOST_MEDIA_PATH"];
/// Secrets, which may be in a file that `NAME_FILE` names.
const SECRETS: [&str; 6] = ["_API_KEY", "_HEADERS", "DATABASE_URL", "_NOTIFY_URL", "_NOTIFY_COMMAND", "_PING_URL"];

impl Variable {
    /// One more line of what is told of it. The default comes last.
    fn add(&mut self, line: &str) {
        let (text, line) = match line.strip_prefix("default: ") {
            Some(default) => (&mut self.default, default),
            None if self.default.is_empty() => (&mut self.help, line),
            None => (&mut self.default, line),
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(line);
    }

    /// The one that is called so, in any of its forms.
    pub fn named(name: &str) -> Option<&'static Variable> {
        VARIABLES.iter().find(|variable| variable.in_form_of(name) == name)
    }

    /// `SONARR_0_URL` as `SONARR_2_URL` or `SONARR_URL`, if `name` is written so.
    pub fn in_form_of(&self, name: &str) -> String {
        let Some((kind, what)) = self.name.split_once("_0_") else { return self.name.into() };
        let digits = name.split('_').nth(1).unwrap_or_default();
        let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        match digits.parse::<usize>() {
            Ok(number) => format!("{kind}_{number}_{what}"),
            Err(_) => format!("{kind}_{what}"),
        }
    }
}

/// Whether it is one of ours, in any of its forms.
pub fn is_known(name: &str) -> bool {
    let plain = name.strip_suffix("_FILE").filter(|name| is_secret(name)).unwrap_or(name);
    MEDIA_ROOTS.contains(&plain) || Variable::named(plain).is_some()
}

/// Whether its value is for nobody to see.
pub fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|end| name.ends_with(end))
}
