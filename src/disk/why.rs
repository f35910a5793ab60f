//! Why the disk could not be changed, in a sentence.

use std::path::Path;

use rustix::io::Errno;

use crate::{error::Error, model::MediaPath};

/// Something came between our look and what we did.
pub const OTHER: &str = "something else has come to stand there";

pub fn why_no_symlink(cause: Errno) -> String {
    match cause {
        Errno::EXIST => OTHER.into(),
        Errno::PERM | Errno::NOSYS | Errno::OPNOTSUPP => {
            format!(
                "this file system cannot hold symlinks ({cause}): put shows on another one, or change how it is mounted"
            )
        }
        Errno::NAMETOOLONG => too_long(cause),
        Errno::ACCESS | Errno::ROFS => format!("{cause}: plex-linker must be allowed to write in the show's folder"),
        cause => cause.to_string(),
    }
}

/// Only a file system that does not tell how long names may be comes to this.
pub fn too_long(cause: Errno) -> String {
    match cause {
        Errno::NAMETOOLONG => {
            format!("this file system takes no name as long as this ({cause}): put the show on another one")
        }
        cause => cause.to_string(),
    }
}

/// What was moved aside stays there.
pub fn stranded(aside: &Path, cause: Errno) -> String {
    format!(
        "something else came to stand there, and it could not be put back ({cause}): it is now {}, move it back by hand",
        aside.display()
    )
}

/// Between two system calls something may have come to one of two names that others use, and nobody can tell any more to which: it is
/// never moved on a guess.
pub fn unsure(cause: &str, one: &Path, other: &Path) -> String {
    format!(
        "{cause}, at {} or {}, while the link moved: if a file of yours is not where it was put, move it back by hand",
        one.display(),
        other.display()
    )
}

pub fn cannot(verb: &str, at: &MediaPath, cause: &str) -> Error {
    Error::Disk(format!("cannot {verb} {at}: {cause}"))
}
