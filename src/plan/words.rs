//! How a plan and the reasons in it read: preview, log and report have the same text.

use std::fmt;

use super::{Cause, Plan, Step};
use crate::model::{counted, escaped};

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Cause::RuleGone => "its rule is gone",
            Cause::Superseded => "another link has taken its place",
            Cause::NoFile => "Radarr has no file for the film any more",
            Cause::TargetGone => "the film's file is gone",
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
