//! Where a special lives and what its file is called; pure.

mod clean;
mod file;
mod folder;
mod joined;
mod marker;
mod parts;
mod path;
mod quality;
mod read;
mod subtitle;
mod title;

pub use clean::{clean, is_video};
pub use file::{Name, ROOM, file_name, room};
pub use folder::{Show, folder, folder_of_sonarr, specials_folder};
pub use joined::joined;
pub use marker::{marked, marker};
pub use parts::of_several_files;
pub use path::{leads_to, local, mapped, reads_as, relative, unixed};
pub use read::misread;
pub use subtitle::{Subtitle, base, behind, holds_subtitles, other_of_pair, subtitles};
pub use title::{Spelling, fit, folded};

#[cfg(test)]
mod tests;
