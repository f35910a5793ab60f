//! Variables that are set and that nobody reads: names with a mistake in them.

use std::collections::BTreeSet;

use strsim::{damerau_levenshtein, normalized_damerau_levenshtein};

use super::{Environment, MEDIA_ROOTS, VARIABLES};

const KINDS: [&str; 2] = ["SONARR_", "RADARR_"];
const OWN: &str = "PLEX_LINKER_";
/// What plex-linker 3 read and nobody needs any more, and what systemd, the system's libraries and others read.
const OTHERS: &str = " PLEX_LINKER CONFIG_ARCHIVES PLEX_URL PLEX_API_KEY CREDENTIALS_DIRECTORY HOME LANG LC_ALL PATH RUST_BACKTRACE \
    SSL_CERT_FILE TMPDIR TZ XDG_STATE_HOME ";
/// Secrets, which may be in a file that `NAME_FILE` names.
const SECRETS: [&str; 6] = ["_API_KEY", "_HEADERS", "DATABASE_URL", "_NOTIFY_URL", "_NOTIFY_COMMAND", "_PING_URL"];

/// A variable that does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub sentence: String,
    pub mend: String,
}

impl Environment {
    /// All names that are set, each once, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.env.keys().chain(self.file.keys()).map(String::as_str).collect::<BTreeSet<_>>().into_iter()
    }

    /// The file is ours alone, and so is every name in it; of the environment what is meant for us.
    pub fn unknown(&self) -> Vec<Unknown> {
        let ours = |name: &&str| {
            !is_known(name)
                && !OTHERS.contains(&format!(" {name} "))
                && (self.file.contains_key(*name) || is_meant_for_us(&name.to_uppercase()))
        };
        let unknown = |name: &str| Unknown {
            sentence: format!("{name} does nothing: there is no such variable"),
            mend: match nearest(name) {
                Some(near) => format!("write {near}, or remove it"),
                None => "remove it: \"plex-linker --help\" tells every variable".into(),
            },
        };
        self.names().filter(ours).map(unknown).collect()
    }
}

/// Whether it is one of ours, in any of its forms.
pub fn is_known(name: &str) -> bool {
    let plain = name.strip_suffix("_FILE").filter(|name| is_secret(name));
    let name = plain.unwrap_or(name);
    let listed = |name: &str| VARIABLES.iter().any(|variable| variable.name == name);
    let first = KINDS.iter().find_map(|kind| {
        let rest = name.strip_prefix(kind)?;
        Some(format!("{kind}0_{}", numbered(rest).map_or(rest, |(_, what)| what)))
    });
    listed(name) || MEDIA_ROOTS.contains(&name) || first.is_some_and(|first| listed(&first))
}

/// Whether its value is for nobody to see.
pub fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|end| name.ends_with(end))
}

/// `1_URL` as number and name.
fn numbered(rest: &str) -> Option<(&str, &str)> {
    rest.split_once('_').filter(|(digits, _)| digits.parse::<usize>().is_ok_and(|number| number.to_string() == *digits))
}

fn prefix(name: &str) -> Option<&'static str> {
    KINDS.into_iter().chain([OWN]).find(|prefix| name.starts_with(prefix))
}

/// The name without `SONARR_`, `SONARR_1_` and so on; `None` if it begins otherwise.
fn own_part(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(prefix(name)?)?;
    let unnumbered = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(if unnumbered.len() < rest.len() { unnumbered.trim_start_matches('_') } else { rest })
}

/// Of the environment what begins as ours, but for the apps' own settings (`SONARR__AUTH__APIKEY`), what their images set, and what
/// Kubernetes and Docker's links tell about a container that is called sonarr (`SONARR_SERVICE_HOST`, `SONARR_PORT_8989_TCP`).
fn is_meant_for_us(name: &str) -> bool {
    let Some(part) = own_part(name) else { return false };
    let begins = |starts: &[&str]| starts.iter().any(|start| part.starts_with(start));
    // also about the container that we are in
    let is_service = begins(&["SERVICE_", "PORT_"]);
    let is_apps = KINDS.iter().find_map(|kind| name.strip_prefix(kind)).is_some_and(|rest| {
        rest.starts_with('_')
            || ["BRANCH", "HOST", "VERSION"].contains(&rest)
            || begins(&["ENV_"])
            || ["NAME", "PORT"].contains(&part)
    });
    !is_service && !is_apps
}

/// The name of ours that may have been meant.
fn nearest(name: &str) -> Option<String> {
    const LEAST: f64 = 0.6;
    let name = name.to_uppercase();
    let begins_so = |known: &str| prefix(&name) == prefix(known);
    let near = |known: &String| {
        let (Some(part), Some(known)) = (own_part(&name), own_part(known)) else {
            return normalized_damerau_levenshtein(&name, known) >= LEAST;
        };
        let (words, of_known) = (format!("_{part}_"), format!("_{known}_"));
        normalized_damerau_levenshtein(part, known) >= LEAST || of_known.contains(&words) || words.contains(&of_known)
    };
    let names = VARIABLES.iter().map(|variable| in_form_of(&name, variable.name)).filter(|known| begins_so(known));
    let secrets = names.clone().filter(|name| SECRETS.iter().any(|end| name.ends_with(end)));
    let all = names.chain(secrets.map(|name| name + "_FILE")).filter(near);
    all.min_by_key(|known| damerau_levenshtein(&name, known))
}

/// `SONARR_0_URL` as `SONARR_2_URL` or `SONARR_URL`, if `name` is written so.
fn in_form_of(name: &str, known: &str) -> String {
    let Some((kind, what)) = known.split_once("_0_") else { return known.to_string() };
    let rest = name.strip_prefix(kind).and_then(|rest| rest.strip_prefix('_')).unwrap_or_default();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match rest[..digits].parse::<usize>() {
        Ok(number) => format!("{kind}_{number}_{what}"),
        Err(_) => format!("{kind}_{what}"),
    }
}
