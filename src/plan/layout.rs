//! Where the apps' folders are here, and what names in them are like.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Instance, MediaPath, Naming, Paths, Roots, SpecialsFolder};

/// Where the apps' folders are here, and what specials folders are called.
#[derive(Debug)]
pub struct Layout {
    pub roots: Roots,
    pub radarr: Vec<Paths>,
    pub sonarr: Vec<Paths>,
    pub specials: SpecialsFolder,
    /// How each Sonarr names its files, or why that is not known; those that were not asked are absent.
    pub naming: BTreeMap<Instance, Result<Naming, String>>,
    /// The most bytes that a name may have in shows' folders, as far as that was asked.
    pub longest: HashMap<MediaPath, usize>,
}
