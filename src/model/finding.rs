//! What a check found.

use serde::Serialize;

/// All that a check found, and when it ended, in seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub at: i64,
    pub findings: Vec<Finding>,
}

/// What a check found: one thing that newcomers get wrong, or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub what: Verdict,
    pub sentence: String,
    /// What to do about it.
    pub mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    /// It works, but may not for ever.
    Warning,
    Wrong,
    /// It could not be found out.
    Unknown,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Wrong => "wrong",
            Verdict::Unknown => "unknown",
        }
    }
}

impl Checked {
    /// What is wrong.
    pub fn wrong(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.what == Verdict::Wrong)
    }
}
