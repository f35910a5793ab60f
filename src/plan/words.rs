//! How a plan and the reasons in it read: preview, log and report have the same text.

use std::fmt;

use super::{Cause, Plan, Reason, Step};
use crate::model::{counted, escaped};

impl Reason {
    /// One word for machines.
    pub fn word(&self) -> &'static str {
        match self {
            Reason::NoMovie { .. } => "movie_not_in_radarr",
            Reason::NoFile { .. } => "waiting_for_movie_file",
            Reason::NoSeries { .. } => "series_not_in_sonarr",
            Reason::Ambiguous { .. } => "ambiguous",
            Reason::NoEpisode { .. } => "no_such_episode",
            Reason::OwnFile { .. } => "sonarr_has_own_file",
            Reason::SourceMissing { .. } => "source_missing",
            Reason::RootAway { .. } => "root_away",
            Reason::EndAway { .. } => "target_away",
            Reason::Vanished { .. } => "file_vanished",
            Reason::Upgrade { .. } => "waiting_for_upgrade",
            Reason::SourceNotAFile { .. } => "source_not_a_file",
            Reason::SeriesFolderMissing { .. } => "series_folder_missing",
            Reason::Outside { .. } => "outside_media_root",
            Reason::Occupied { .. } => "occupied",
            Reason::Contested { .. } => "contested",
            Reason::Unreadable { .. } => "unreadable",
            Reason::Unusable(_) => "unusable",
            Reason::AppFailed(_) => "app_failed",
            Reason::Invalid(_) => "invalid",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Reason::NoMovie { tmdb_id } => write!(f, "Radarr has no film with the TMDB number {tmdb_id}: add it there"),
            Reason::NoFile { movie } => write!(f, "Radarr has no file for {movie:?} yet"),
            Reason::NoSeries { show_name, tvdb_id: None } => {
                write!(f, "Sonarr has no show called {show_name:?}: add it there, or give the rule its tvdb_id")
            }
            Reason::NoSeries { show_name, tvdb_id: Some(id) } => {
                write!(f, "Sonarr has no show with the tvdb_id {id} ({show_name:?}): add it there, or correct the rule")
            }
            Reason::Ambiguous { one, other } => {
                write!(f, "two shows fit, {one} and {other}: give the rule the tvdb_id of the right one")
            }
            Reason::NoEpisode { series, season, number, known } => {
                let number = number.map_or("with that episode_id".to_string(), |number| format!("{number}"));
                write!(f, "Sonarr knows no episode {number} in season {season} of {series:?}, only {known} others: ")?;
                f.write_str("TheTVDB lists most films apart from their shows since 2019")
            }
            Reason::OwnFile { path, beside: None } => write!(f, "Sonarr has its own file for the special, {path}"),
            Reason::OwnFile { path, beside: Some(link) } => {
                write!(
                    f,
                    "Sonarr has its own file for the special, {path}, and the link {link} is there, too: remove one of them"
                )
            }
            Reason::SourceMissing { path } => {
                write!(f, "the film's file {path} is not there: if Radarr sees it, check RADARR_0_PATH_MAP")
            }
            Reason::RootAway { path } => {
                write!(f, "the folder {path} is missing, or nothing that belongs there is in it: is its disk mounted?")
            }
            Reason::EndAway { path, end } => {
                write!(f, "the film's file is a symlink to {end}, which is not there: is its disk mounted? ({path})")
            }
            Reason::Vanished { path } => {
                write!(
                    f,
                    "{path} leads nowhere, and is kept: Radarr has the film's file, and it is not on the disk; "
                )?;
                f.write_str("if it is really gone, let Radarr scan the film again")
            }
            Reason::Upgrade { path } => {
                write!(f, "{path} leads nowhere for now: Radarr is putting a better file in the place of the film's")
            }
            Reason::SourceNotAFile { path } => write!(f, "{path} is not a file"),
            Reason::SeriesFolderMissing { path } => {
                write!(f, "the show's folder {path} is not there: if Sonarr sees it, check SONARR_0_PATH_MAP")
            }
            Reason::Outside { path } => write!(f, "{path} leads out of the media root by a symlink"),
            Reason::Occupied { path, by } => write!(f, "{by} is in the way at {path}: it is left alone"),
            Reason::Contested { by } => write!(f, "rule {by} already fills this special"),
            Reason::Unreadable { path, cause } => write!(f, "cannot read {path}: {cause}"),
            Reason::Unusable(text) | Reason::AppFailed(text) | Reason::Invalid(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Cause::RuleGone => "its rule is gone",
            Cause::Superseded => "another link has taken its place",
            Cause::NoFile => "Radarr has no file for the film any more",
            Cause::Broken => "it leads to a film that is gone",
            Cause::Leftover => "an interrupted run left it",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Step::Keep { at, link, .. } => write!(f, "keep {at} -> {}", link.target),
            Step::Create { at, link, .. } => write!(f, "create {at} -> {}", link.target),
            Step::Replace { at, link, .. } => write!(f, "replace {at} -> {}", link.target),
            Step::Move { from, at, link, .. } => write!(f, "rename {from} to {at} -> {}", link.target),
            Step::Remove { at, cause, .. } => write!(f, "remove {at}: {cause}"),
        }
    }
}

/// What would change, what cannot be done and why, and a summary line.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for step in self.changes() {
            writeln!(f, "{}", escaped(&step.to_string()))?;
        }
        for skip in &self.skips {
            writeln!(f, "skip rule {}: {}", skip.rule, escaped(&skip.reason.to_string()))?;
        }
        for problem in &self.problems {
            writeln!(f, "{}", escaped(problem))?;
        }
        let right = self.steps.iter().filter(|step| matches!(step, Step::Keep { .. })).count();
        let changes = match self.changes().count() {
            0 => "nothing to change".to_string(),
            n => counted(n, "change"),
        };
        write!(f, "{changes}: {} right, {} skipped", counted(right, "link"), counted(self.skips.len(), "rule"))
    }
}
