//! How a step and the cause of a removal read.

use std::fmt;

use super::{Cause, Step};

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Cause::RuleGone => "its rule is gone",
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
