//! How states and times read on the page.

use crate::{
    config::Zone,
    model::{counted, time},
};

/// What someone has to do about a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is as it should be.
    Good,
    /// Nothing: it will come by itself.
    Waiting,
    /// Something.
    Attention,
}

/// A state as programs and as people call it.
#[derive(Debug, PartialEq, Eq)]
pub struct StateWord {
    pub word: &'static str,
    pub label: &'static str,
    pub kind: Kind,
}

/// A rule that no run has looked at.
pub const UNSEEN: &StateWord = &word("unseen", "not looked at yet", Kind::Waiting);
const UNKNOWN: &StateWord = &word("unknown", "not linked", Kind::Attention);

/// Every state that a run can find.
pub const STATES: &[StateWord] = &[
    word("linked", "linked", Kind::Good),
    word("waiting_for_movie_file", "waiting for the download", Kind::Waiting),
    word("sonarr_has_own_file", "Sonarr has its own file", Kind::Waiting),
    word("movie_not_in_radarr", "film not in Radarr", Kind::Attention),
    word("series_not_in_sonarr", "show not in Sonarr", Kind::Attention),
    word("ambiguous", "more than one show fits", Kind::Attention),
    word("no_such_episode", "special unknown", Kind::Attention),
    word("source_missing", "the film's file is not here", Kind::Attention),
    word("root_away", "the film's disk is away", Kind::Attention),
    word("source_not_a_file", "the film is not a file", Kind::Attention),
    word("series_folder_missing", "the show's folder is not here", Kind::Attention),
    word("outside_media_root", "outside the media folder", Kind::Attention),
    word("occupied", "something is in the way", Kind::Attention),
    word("contested", "another rule has this special", Kind::Attention),
    word("unreadable", "cannot be read", Kind::Attention),
    word("unusable", "cannot be used", Kind::Attention),
    word("app_failed", "an app did not answer", Kind::Attention),
    word("invalid", "not a usable rule", Kind::Attention),
    word("failed", "could not be linked", Kind::Attention),
];

const fn word(word: &'static str, label: &'static str, kind: Kind) -> StateWord {
    StateWord { word, label, kind }
}

pub fn state(word: &str) -> &'static StateWord {
    STATES.iter().find(|state| state.word == word).unwrap_or(UNKNOWN)
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Attention, Kind::Waiting, Kind::Good];

    /// In addresses and style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Good => "good",
            Kind::Waiting => "waiting",
            Kind::Attention => "attention",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Kind::Good => "Linked",
            Kind::Waiting => "Waiting",
            Kind::Attention => "Needs you",
        }
    }
}

/// A moment, for people and for programs.
pub struct When {
    at: i64,
    /// For example `3 minutes ago`.
    pub near: String,
    /// For example `2026-11-22 17:03:00+01:00`.
    pub exact: String,
}

/// Whoever looks at a page: when, and in which time zone.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub now: i64,
    pub zone: &'a Zone,
}

impl Watch<'_> {
    pub fn when(self, at: i64) -> When {
        When { at, near: near(at, self), exact: self.zone.time(at) }
    }
}

impl When {
    /// As HTML wants it.
    pub fn machine(&self) -> String {
        time(self.at).replace(' ', "T")
    }
}

fn near(at: i64, Watch { now, zone }: Watch) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let apart = (now - at).abs();
    if apart >= 30 * 86_400 {
        return zone.time(at).split(' ').next().unwrap_or_default().into();
    }
    if apart < 10 {
        return if at > now { "in a moment" } else { "just now" }.into();
    }
    let (length, unit) = UNITS.into_iter().find(|(length, _)| apart >= *length).unwrap_or((1, "second"));
    let count = counted((apart / length) as usize, unit);
    if at > now { format!("in {count}") } else { format!("{count} ago") }
}
