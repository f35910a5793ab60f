//! Why a rule is not met for now, and the table of everything that a rule can be.

use std::fmt;

/// What has to happen with a rule in some state, and who has to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: it is as it should be.
    Fine,
    /// Nothing by anybody here: it will come by itself.
    Waits,
    /// Something, by its user. The run has done what it could.
    NeedsUser,
    /// Something has failed, and the run with it: it ends with 1.
    Failed,
}

impl Standing {
    /// What comes first on the page comes first here.
    pub const ALL: [Standing; 4] = [Standing::Failed, Standing::NeedsUser, Standing::Waits, Standing::Fine];

    /// In addresses and style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Fine => "good",
            Standing::Waits => "waiting",
            Standing::NeedsUser => "attention",
            Standing::Failed => "failed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Standing::Fine => "Linked",
            Standing::Waits => "Waiting",
            Standing::NeedsUser => "Needs you",
            Standing::Failed => "Failed",
        }
    }
}

/// A state as programs and as people call it.
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    pub word: &'static str,
    pub label: &'static str,
    pub standing: Standing,
}

/// Every state that a run can find a rule in: page, API, metrics and exit code read this table.
pub const STATES: &[State] = &[
    state("linked", "linked", Standing::Fine),
    state("linked_in_part", "linked, but the film has more files", Standing::NeedsUser),
    state("waiting_for_movie_file", "waiting for the download", Standing::Waits),
    state("waiting_for_upgrade", "waiting for the better file", Standing::Waits),
    state("sonarr_has_own_file", "Sonarr has its own file", Standing::Waits),
    state("not_taken", "Sonarr has not taken it", Standing::NeedsUser),
    state("taken_unseen", "Sonarr has it, but does not see it now", Standing::NeedsUser),
    state("movie_not_in_radarr", "film not in Radarr", Standing::NeedsUser),
    state("series_not_in_sonarr", "show not in Sonarr", Standing::NeedsUser),
    state("ambiguous", "more than one show fits", Standing::NeedsUser),
    state("contradiction", "the rule contradicts itself", Standing::NeedsUser),
    state("changed", "the special has become another one", Standing::NeedsUser),
    state("no_such_episode", "special unknown", Standing::NeedsUser),
    state("source_missing", "the film's file is not here", Standing::NeedsUser),
    state("source_not_a_file", "the film is not a file", Standing::NeedsUser),
    state("series_folder_missing", "the show's folder is not here", Standing::NeedsUser),
    state("occupied", "something is in the way", Standing::NeedsUser),
    state("contested", "another rule has this special", Standing::NeedsUser),
    state("unusable", "cannot be used", Standing::NeedsUser),
    state("invalid", "not a usable rule", Standing::NeedsUser),
    state("root_away", "the film's disk is away", Standing::Failed),
    state("target_away", "the disk that the film leads to is away", Standing::Failed),
    state("file_vanished", "the film's file has vanished", Standing::Failed),
    state("outside_media_root", "outside the media folder", Standing::Failed),
    state("unreadable", "cannot be read", Standing::Failed),
    state("app_failed", "an app did not answer", Standing::Failed),
    state("failed", "could not be linked", Standing::Failed),
];

/// A rule that no run has looked at.
pub const UNSEEN: &State = &state("unseen", "not looked at yet", Standing::Waits);
/// One of another version.
const UNKNOWN: &State = &state("unknown", "not linked", Standing::NeedsUser);

impl State {
    pub fn of(word: &str) -> &'static State {
        STATES.iter().find(|state| state.word == word).unwrap_or(UNKNOWN)
    }

    /// Whether the link stands, as far as it depends on us.
    pub fn has_link(&self) -> bool {
        ["linked", "linked_in_part", "not_taken", "taken_unseen"].contains(&self.word)
    }
}

const fn state(word: &'static str, label: &'static str, standing: Standing) -> State {
    State { word, label, standing }
}

/// Why a rule is not met for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Radarr does not have the rule's film. `other`: the film that has the rule's title, if there is one, and its number.
    NoMovie { tmdb_id: i32, other: Option<(String, i32)> },
    /// Radarr has the film, and no file of it.
    NoFile { movie: String },
    /// No show of Sonarr's is the rule's.
    NoSeries { show_name: String, tvdb_id: Option<i32> },
    /// Two shows fit equally well.
    Ambiguous { one: String, other: String },
    /// The rule's number `id`, Sonarr's own of a show or an episode, is that of `one`, and everything else in the rule means `other`.
    Contradiction { field: &'static str, id: i32, one: String, other: String },
    /// The show has no such special, only `known` others.
    NoEpisode { series: String, season: i32, number: Option<i32>, known: usize },
    /// The special that the rule meant is not in Sonarr any more, and its number is another one's, or nobody's. `now`: the number of another
    /// special that has the title that ours had.
    Changed { number: i32, was: String, is: Option<String>, now: Option<i32> },
    /// Sonarr has a file of its own for the special. `beside`: our link, which stays.
    OwnFile { path: String, beside: Option<String> },
    /// The film's file is not there.
    SourceMissing { path: String, radarr: usize },
    /// The folder that the film's file is in looks like that of a disk that is not mounted.
    RootAway { path: String },
    /// A folder in which an app keeps films or shows: `root` is `Sonarr's folder /tv`, and `path` what that would be here.
    RootMissing { root: String, path: String, variable: String },
    /// The film's file is a symlink that leads nowhere.
    EndAway { path: String, end: String },
    /// The link leads nowhere, and Radarr still has the film's file.
    Vanished { path: String },
    /// The link leads nowhere while Radarr puts a better file in the place of the film's.
    Upgrade { path: String },
    /// What Radarr calls the film's file is a folder or the like.
    SourceNotAFile { path: String },
    /// The show's folder is not there.
    SeriesFolderMissing { path: String, sonarr: usize },
    /// The link would lead out of the media root.
    Outside { path: String },
    /// Something that is not ours stands where the link belongs.
    Occupied { path: String, by: &'static str },
    /// Another rule fills the special.
    Contested { by: i32 },
    /// What stands there cannot be looked at.
    Unreadable { path: String, cause: String },
    /// The link stands, and leads to one of several files that the film is, as `film` puts it.
    InPart { path: String, film: String },
    /// The link stands, and Sonarr has looked and not taken it.
    NotTaken,
    /// The link stands and Sonarr has taken it, but its last scan failed.
    TakenUnseen,
    /// What the apps say makes no link.
    Unusable(String),
    /// An app could not be asked.
    AppFailed(String),
    /// The rule is none.
    Invalid(String),
}

impl Reason {
    /// One word for machines, in [`STATES`].
    pub fn word(&self) -> &'static str {
        self.parts().0
    }

    /// Whether someone must act, or the next run may do better, so that the run has failed. The others are the world as it is.
    pub fn is_failure(&self) -> bool {
        State::of(self.word()).standing == Standing::Failed
    }

    /// The state, and the sentence for people.
    fn parts(&self) -> (&'static str, String) {
        match self {
            Reason::NoMovie { tmdb_id, other } => {
                let mend = match other {
                    None => ": add it there".into(),
                    Some((movie, other)) => format!(
                        " any more, but {movie}, which has the number {other}: if that is the film, give the rule this number"
                    ),
                };
                ("movie_not_in_radarr", format!("Radarr has no film with the TMDB number {tmdb_id}{mend}"))
            }
            Reason::NoFile { movie } => ("waiting_for_movie_file", format!("Radarr has no file for {movie:?} yet")),
            Reason::NoSeries { show_name, tvdb_id } => {
                let text = match tvdb_id {
                    None => format!("called {show_name:?}: add it there, or give the rule its tvdb_id"),
                    Some(id) => format!("with the tvdb_id {id} ({show_name:?}): add it there, or correct the rule"),
                };
                ("series_not_in_sonarr", format!("Sonarr has no show {text}"))
            }
            Reason::Ambiguous { one, other } => {
                ("ambiguous", format!("two shows fit, {one} and {other}: give the rule the tvdb_id of the right one"))
            }
            Reason::Contradiction { field, id, one, other } => (
                "contradiction",
                format!(
                    "the rule's {field} {id} is Sonarr's number of {one}, but the rest of the rule means {other}: \
                     clear the {field}, or correct the rest"
                ),
            ),
            Reason::NoEpisode { series, season, number, known } => {
                let number = number.map_or("with that episode_id".to_string(), |number| number.to_string());
                (
                    "no_such_episode",
                    format!(
                        "Sonarr knows no episode {number} in season {season} of {series:?}, only {known} others: \
                         TheTVDB lists most films apart from their shows since 2019"
                    ),
                )
            }
            Reason::Changed { number, was, is, now } => {
                let is_now = match is {
                    Some(is) => format!("is {is:?} now"),
                    None => "is not in Sonarr any more".into(),
                };
                let mend = match (now, is) {
                    (Some(now), _) => format!("give the rule the number of the right one ({was:?} is {now} now)"),
                    (None, Some(_)) => "confirm the rule if that is the one, or give it another number".into(),
                    (None, None) => "give the rule the number of the right one".into(),
                };
                ("changed", format!("special {number} was {was:?} and {is_now}: {mend}"))
            }
            Reason::OwnFile { path, beside } => {
                let more = beside
                    .as_ref()
                    .map(|link| format!(", and the link {link} is there, too: remove the file, or the rule"));
                let more = more.unwrap_or_default();
                ("sonarr_has_own_file", format!("Sonarr has its own file for the special, {path}{more}"))
            }
            Reason::SourceMissing { path, radarr } => (
                "source_missing",
                format!("the film's file {path} is not there: if Radarr sees it, check RADARR_{radarr}_PATH_MAP"),
            ),
            Reason::RootAway { path } => (
                "root_away",
                format!(
                    "the folder {path} is missing, or nothing that belongs there is in it: is its disk mounted? \
                     (a film's own folder that was left empty can be removed)"
                ),
            ),
            Reason::RootMissing { root, path, variable } => {
                ("root_away", format!("{root} would be {path} here, which is not there: unmounted, or set {variable}"))
            }
            Reason::EndAway { path, end } => (
                "target_away",
                format!("the film's file is a symlink to {end}, which is not there: is its disk mounted? ({path})"),
            ),
            Reason::Vanished { path } => (
                "file_vanished",
                format!(
                    "{path} leads nowhere, and is kept: Radarr has the film's file, and the disk has not; \
                     if it is really gone, let Radarr scan the film again"
                ),
            ),
            Reason::Upgrade { path } => (
                "waiting_for_upgrade",
                format!("{path} leads nowhere for now: Radarr is putting a better file in the place of the film's"),
            ),
            Reason::SourceNotAFile { path } => ("source_not_a_file", format!("{path} is not a file")),
            Reason::SeriesFolderMissing { path, sonarr } => (
                "series_folder_missing",
                format!("the show's folder {path} is not there: if Sonarr sees it, check SONARR_{sonarr}_PATH_MAP"),
            ),
            Reason::Outside { path } => (
                "outside_media_root",
                format!(
                    "{path} leads out of the media root by a symlink: \"plex-linker check\" finds the map that works; \
                     on Unraid, switch off \"Permit exclusive shares\""
                ),
            ),
            Reason::Occupied { path, by } => ("occupied", format!("{by} is in the way at {path}: it is left alone")),
            Reason::Contested { by } => ("contested", format!("rule {by} already fills this special")),
            Reason::Unreadable { path, cause } => ("unreadable", format!("cannot read {path}: {cause}")),
            Reason::InPart { path, film } => (
                "linked_in_part",
                format!(
                    "the film is {film}, and the link leads to {path} alone: if that is not all of it, make one file of it"
                ),
            ),
            Reason::NotTaken => (
                "not_taken",
                "the link is there, but Sonarr has not taken it: does its container see the film? \
                 \"plex-linker check\" finds out"
                    .into(),
            ),
            Reason::TakenUnseen => (
                "taken_unseen",
                "Sonarr has the link, but its last scan failed: has the film's disk gone from its container? \
                 \"plex-linker check\" finds out"
                    .into(),
            ),
            Reason::Unusable(text) => ("unusable", text.clone()),
            Reason::AppFailed(text) => ("app_failed", text.clone()),
            Reason::Invalid(text) => ("invalid", text.clone()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.parts().1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_a_run_is_read_from_the_table() {
        assert!(Reason::AppFailed(String::new()).is_failure());
        assert!(!Reason::Contested { by: 1 }.is_failure());
        let mut words: Vec<&str> = STATES.iter().map(|state| state.word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), STATES.len());
    }
}
