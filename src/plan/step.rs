//! The steps of a plan: what each is, how it reads, and what is recorded of it. `plan.rs`, `removals.rs` and `subtitles.rs` choose them,
//! `moves.rs` puts them in order, and `run/apply.rs` carries them out.

use std::{collections::HashMap, fmt, path::PathBuf};

use super::{Folder, Placement, Sight};
use crate::model::{Concerns, Link, MediaPath};

/// Our records of links, by their paths.
pub type Records<'a> = HashMap<&'a str, &'a Link>;

/// One thing to do. `link` is our record of what stands afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing on the disk; `save` when our record differs.
    Keep {
        at: MediaPath,
        link: Link,
        save: bool,
    },
    Create {
        at: MediaPath,
        folders: Folders,
        source: PathBuf,
        link: Link,
    },
    /// `link.was` is the text to be replaced. The link `with` has the new one already, and is to have the old one.
    Replace {
        at: MediaPath,
        with: Option<MediaPath>,
        source: PathBuf,
        link: Link,
    },
    /// The rule's link `from`, whose text is `text`, gets another name, in another folder perhaps, and its present text with it.
    Move {
        from: MediaPath,
        text: String,
        at: MediaPath,
        folders: Folders,
        source: PathBuf,
        link: Link,
    },
    /// Only a symlink with this text, and only after the step of the rule `after` has worked. Its record goes with it.
    Remove {
        at: MediaPath,
        text: String,
        cause: Cause,
        after: Option<i32>,
        concerns: Concerns,
    },
}

/// The positive reason for which a link is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    RuleGone,
    /// The rule has been edited since.
    OtherFilm,
    Superseded,
    NoFile,
    Broken,
    Leftover,
    SubtitleGone,
    /// The subtitle is not the film's any more.
    Unwanted,
    /// The film's link has gone, and this is one of its subtitles'.
    Alone,
}

impl Cause {
    /// Known from a missing target, which may be there again.
    pub fn is_guess(self) -> bool {
        matches!(self, Cause::NoFile | Cause::Broken | Cause::SubtitleGone)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Cause::RuleGone => "its rule is gone",
            Cause::OtherFilm => "its rule is for another film now",
            Cause::Superseded => "another link has taken its place",
            Cause::NoFile => "Radarr has no file for the film any more",
            Cause::Broken => "it leads to a film that is gone",
            Cause::Leftover => "an interrupted run left it",
            Cause::SubtitleGone => "the subtitle is gone",
            Cause::Unwanted => "the film has no such subtitle any more",
            Cause::Alone => "the film's link has gone",
        })
    }
}

/// The folders to a link that are made where they are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The show's; those inside it are made.
    pub series: MediaPath,
    /// It is made as well if there is another show's folder that it can be made like.
    pub like: Option<MediaPath>,
}

impl Folders {
    pub(super) fn of(placement: &Placement, sight: &Sight) -> Folders {
        let like = match &sight.folder {
            Folder::ToMake { like, .. } => Some(like.clone()),
            _ => None,
        };
        Folders { series: placement.series_folder.clone(), like }
    }
}

impl Step {
    /// For a link that is right: the apps need not hear of it.
    pub(super) fn keep(link: Link, at: MediaPath, record: Option<&Link>) -> Step {
        Step::Keep { at, save: record != Some(&link), link }
    }

    pub fn at(&self) -> &MediaPath {
        match self {
            Step::Keep { at, .. }
            | Step::Create { at, .. }
            | Step::Replace { at, .. }
            | Step::Move { at, .. }
            | Step::Remove { at, .. } => at,
        }
    }

    /// The record of what stands afterwards, of a rule.
    pub fn link(&self) -> Option<&Link> {
        match self {
            Step::Keep { link, .. }
            | Step::Create { link, .. }
            | Step::Replace { link, .. }
            | Step::Move { link, .. } => Some(link),
            Step::Remove { .. } => None,
        }
    }

    /// Whom it concerns.
    pub fn concerns(&self) -> Concerns {
        match self {
            Step::Keep { link, .. }
            | Step::Create { link, .. }
            | Step::Replace { link, .. }
            | Step::Move { link, .. } => link.concerns,
            Step::Remove { concerns, .. } => *concerns,
        }
    }

    /// The rule that it is of, 0 if it is none's.
    pub fn rule(&self, before: &Records) -> i64 {
        let link = self.link().or_else(|| before.get(self.at().to_string().as_str()).copied());
        link.map_or(0, |link| link.rule.into())
    }

    /// What is recorded before it is tried: from then on either state of the disk is known to be ours.
    pub fn intents(&self, before: &Records) -> Vec<Link> {
        match self {
            Step::Keep { link, save: true, .. } | Step::Create { link, .. } | Step::Replace { link, .. } => {
                vec![link.clone()]
            }
            Step::Move { from, text, link, .. } => {
                let moving = before.get(from.to_string().as_str()).map(|&known| Link {
                    target: link.target.clone(),
                    was: Some(text.clone()),
                    ..known.clone()
                });
                // the link of another rule may stand there until it has moved
                let was = before.get(link.path.as_str()).map(|known| known.target.clone());
                moving.into_iter().chain([Link { was, ..link.clone() }]).collect()
            }
            Step::Keep { .. } | Step::Remove { .. } => Vec::new(),
        }
    }

    /// What is recorded once it is done: what stands at its place then, and where nothing does any more.
    pub fn done(&self) -> (Option<Link>, Option<String>) {
        let gone = match self {
            Step::Move { from, .. } => Some(from),
            Step::Remove { at, .. } => Some(at),
            Step::Keep { .. } | Step::Create { .. } | Step::Replace { .. } => None,
        };
        (self.link().map(|link| Link { was: None, ..link.clone() }), gone.map(MediaPath::to_string))
    }

    /// The same if it could not be done.
    pub fn undone(&self, before: &Records) -> (Option<Link>, Option<String>) {
        let path = self.at().to_string();
        match (self, before.get(path.as_str())) {
            // either text may stand there now, and both are ours
            (Step::Replace { .. }, Some(_)) | (Step::Remove { .. }, _) => (None, None),
            (_, Some(&known)) => (Some(known.clone()), None),
            (_, None) => (None, Some(path)),
        }
    }
}

/// A line of log, preview and report.
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
