//! Variables that are set and that nobody reads: names with a mistake in them.

use strsim::{damerau_levenshtein, normalized_damerau_levenshtein};

use super::{
    Environment,
    environment::FILE,
    variables::{VARIABLES, is_known, is_secret},
};

const KINDS: [&str; 2] = ["SONARR_", "RADARR_"];
const OURS: [&str; 3] = ["SONARR_", "RADARR_", "PLEX_LINKER_"];
/// What plex-linker 3 read and nobody needs any more, and what systemd, the system's libraries and others read.
const OTHERS: &str = " PLEX_LINKER CONFIG_ARCHIVES PLEX_URL PLEX_API_KEY CREDENTIALS_DIRECTORY HOME LANG LC_ALL PATH RUST_BACKTRACE \
    SSL_CERT_FILE TMPDIR TZ XDG_STATE_HOME ";
/// What is read before the file is, or by a library.
const NOT_OF_FILE: [&str; 2] = ["PLEX_LINKER_CONFIG", "SSL_CERT_FILE"];

/// A variable that does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub sentence: String,
    pub mend: String,
}

impl Environment {
    /// The file is ours alone, and so is every name in it; of the environment what is meant for us.
    pub fn unknown(&self) -> Vec<Unknown> {
        let ours = |name: &&String| {
            !is_known(name)
                && !OTHERS.contains(&format!(" {name} "))
                && (self.in_file.contains_key(*name)
                    || is_meant_for_us(&name.to_uppercase())
                    || squeezed(name).is_some())
        };
        let void = NOT_OF_FILE.iter().filter(|name| self.comes_from(name, FILE)).map(|name| Unknown {
            sentence: format!("{name} does nothing in the settings file"),
            mend: "set it in the environment".into(),
        });
        let unknown = |name: &String| Unknown {
            sentence: format!("{name} does nothing: there is no such variable"),
            mend: match squeezed(name).or_else(|| nearest(&name.to_uppercase())) {
                Some(near) => format!("write {near}, or remove it"),
                None => "remove it: \"plex-linker --help\" tells every variable".into(),
            },
        };
        self.variables.keys().filter(ours).map(unknown).chain(void).collect()
    }
}

fn prefix(name: &str) -> &'static str {
    OURS.into_iter().find(|prefix| name.starts_with(prefix)).unwrap_or_default()
}

/// The name without `SONARR_`, `SONARR_1_` and so on.
fn own_part(name: &str) -> &str {
    let rest = &name[prefix(name).len()..];
    let unnumbered = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if unnumbered.len() < rest.len() { unnumbered.trim_start_matches('_') } else { rest }
}

/// Of the environment what begins as ours, but for the apps' own settings (`SONARR__AUTH__APIKEY`), what their images set, and what
/// Kubernetes and Docker's links tell about a container that is called sonarr (`SONARR_SERVICE_HOST`, `SONARR_PORT_8989_TCP`).
fn is_meant_for_us(name: &str) -> bool {
    let (prefix, part) = (prefix(name), own_part(name));
    let begins = |starts: &[&str]| starts.iter().any(|start| part.starts_with(start));
    let rest = &name[prefix.len()..];
    let is_apps = KINDS.contains(&prefix)
        && (rest.starts_with('_')
            || begins(&["ENV_"])
            || ["BRANCH", "HOST", "VERSION"].contains(&rest)
            || ["NAME", "PORT"].contains(&part));
    // services also about the container that we are in
    !prefix.is_empty() && !is_apps && !begins(&["SERVICE_", "PORT_"])
}

/// The one of ours that this is but for underscores: `SONARR0_URL`, `MEDIAROOT`. One letter more or less would be too little: others
/// have `SONAR_URL` and `DATABASE_URI`.
fn squeezed(name: &str) -> Option<String> {
    let letters = |name: &str| name.replace('_', "").to_uppercase();
    let number: String = name.chars().filter(char::is_ascii_digit).collect();
    let forms = ["_".into(), format!("_{number}_")].into_iter();
    let names = forms.flat_map(|form| VARIABLES.iter().map(move |variable| variable.name.replacen("_0_", &form, 1)));
    let mut names = names.flat_map(|name| [name.clone() + "_FILE", name]);
    let wanted = letters(name);
    names.find(|known| letters(known) == wanted && is_known(known))
}

/// The name of ours that may have been meant.
fn nearest(name: &str) -> Option<String> {
    const LEAST: f64 = 0.6;
    let near = |known: &String| {
        let (part, known_part) = (own_part(name), own_part(known));
        let (words, of_known) = (format!("_{part}_"), format!("_{known_part}_"));
        let alike = normalized_damerau_levenshtein(part, known_part) >= LEAST;
        prefix(name) == prefix(known) && (alike || of_known.contains(&words) || words.contains(&of_known))
    };
    let names = VARIABLES.iter().map(|variable| variable.in_form_of(name));
    let files = names.clone().filter(|known| is_secret(known)).map(|known| known + "_FILE");
    names.chain(files).filter(near).min_by_key(|known| damerau_levenshtein(name, known))
}
