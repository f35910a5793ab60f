//! What can go wrong, in the user's words.

use std::fmt;

/// Why a command cannot go on. Every variant is a situation that the user can be in; its text is one sentence, lower case,
/// without a full stop, that names the thing and, where the reader can do something, says what.
///
/// A single rule that cannot be met is no error: it is a `Skip`.
#[derive(Debug)]
pub enum Error {
    /// What was typed is wrong, or a variable or the configuration file; nothing was tried.
    Config(String),
    /// There is nothing to do, and that is as it should be: the run was stopped.
    Idle(String),
    /// There is no media root, so that nothing is done; it may be there soon.
    NoMedia(String),
    /// Another run is at work, and that is as it should be.
    Busy(String),
    /// The database cannot be opened, read or written.
    Database(String),
    /// Sonarr or Radarr cannot be asked, or its answer cannot be used.
    App(String),
    /// The media tree, the lock or another file cannot be used.
    Disk(String),
    /// The address cannot be served.
    Serve(String),
    /// A rule that someone wants to add or change is not sound: one mistake each.
    Invalid(Vec<Mistake>),
    /// A rule that makes this film the same special of this show is there already.
    Duplicate { movie_title: String, show_name: String },
    /// There is no rule with this number.
    NoRule(i32),
}

/// What is wrong with one field of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub field: &'static str,
    /// One sentence that begins with the field's name.
    pub sentence: String,
}

impl Mistake {
    pub fn new(field: &'static str, sentence: String) -> Mistake {
        Mistake { field, sentence }
    }

    /// The same, told of one rule among several.
    pub fn at(self, place: &str) -> Mistake {
        Mistake { sentence: format!("{place} cannot be imported: {}", self.sentence), ..self }
    }

    /// The sentence with another name for the field.
    pub fn with_name(&self, name: &str) -> String {
        match self.sentence.strip_prefix(self.field) {
            Some(rest) => format!("{name}{rest}"),
            None => self.sentence.clone(),
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The process's exit code: 0 there is nothing to do, 2 what was typed is wrong, there or in a file; 1 everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Idle(_) | Error::NoMedia(_) | Error::Busy(_) => 0,
            Error::Config(_) | Error::Invalid(_) => 2,
            _ => 1,
        }
    }

    /// How loudly it is told.
    pub fn level(&self) -> log::Level {
        match self {
            Error::Idle(_) | Error::Busy(_) => log::Level::Info,
            Error::NoMedia(_) => log::Level::Warn,
            _ => log::Level::Error,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Config(text)
            | Error::Idle(text)
            | Error::NoMedia(text)
            | Error::Busy(text)
            | Error::Database(text)
            | Error::App(text)
            | Error::Disk(text)
            | Error::Serve(text) => f.write_str(text),
            Error::Invalid(mistakes) => {
                let sentences: Vec<_> = mistakes.iter().map(|m| m.sentence.as_str()).collect();
                f.write_str(&sentences.join("; "))
            }
            Error::Duplicate { movie_title, show_name } => {
                write!(f, "a rule for {movie_title:?} in {show_name:?} is there already: edit or remove that one")
            }
            Error::NoRule(id) => write!(f, "there is no rule {id}: \"plex-linker rules list\" shows them"),
        }
    }
}

impl std::error::Error for Error {}
