//! How much a test does: little each time, much in a campaign, whose figures are kept.

use std::{env, fs::OpenOptions, io::Write};

/// The file that `make campaign` collects the figures in.
const FIGURES: &str = "PLEX_LINKER_CAMPAIGN";

/// `each_time`, or in a campaign `campaign`.
pub fn size(each_time: u64, campaign: u64) -> u64 {
    if env::var_os(FIGURES).is_some() { campaign } else { each_time }
}

/// Keeps a figure of a campaign: what was done how often, and what was found. Both are cells of a table.
pub fn figure(what: &str, found: &str) {
    let Some(path) = env::var_os(FIGURES) else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the file of figures can be written");
    // in one write, so that tests beside each other do not mix their lines
    file.write_all(format!("| {what} | {found} |\n").as_bytes()).expect("the figure can be kept");
}
