//! What happens to the sample world between two runs, and which links it has before and after.

use std::path::PathBuf;

use super::{
    sample::{BLEACH_RETITLED, BOTH, NARUTO_LINK, Sample, TO_PAPRIKA},
    world::World,
};

const AKIRA_RENAMED: &str = "movies/Akira (1988)/Akira.mkv";
const TO_AKIRA_RENAMED: &str = "../../../movies/Akira (1988)/Akira.mkv";

/// What changes between two runs, or what a first run begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    New,
    /// The film's file has another name.
    Target,
    /// The special has another title.
    Name,
    /// The rule is gone.
    Removal,
    Nothing,
    /// There is neither a database nor a folder for it.
    FirstStart,
    /// There is a database of the old program.
    OldDatabase,
}

pub const CHANGES: [Change; 7] = [
    Change::New,
    Change::Target,
    Change::Name,
    Change::Removal,
    Change::Nothing,
    Change::FirstStart,
    Change::OldDatabase,
];

pub type Place = (&'static str, &'static str);

impl Change {
    pub fn happens(self, sample: &Sample) {
        let world = sample.world;
        match self {
            Change::New | Change::OldDatabase => sample.rules(),
            Change::Target => drop(sample.akira.upgrade(AKIRA_RENAMED, "Bluray-1080p")),
            Change::Name => sample.retitle(),
            Change::Removal => drop(world.run(&["rules", "remove", "2"]).succeeds()),
            Change::Nothing => {}
            Change::FirstStart => {
                world.set("STATE_DIRECTORY", world.state().join("not/there").to_str().unwrap());
                world.unset("DATABASE_URL");
            }
        }
    }

    pub fn world(self, world: &World) -> Sample<'_> {
        let sample = match self {
            Change::Target | Change::Name | Change::Removal | Change::Nothing => Sample::linked(world),
            Change::New | Change::FirstStart | Change::OldDatabase => Sample::without_rules(world),
        };
        if self == Change::New {
            world.run(&["rules", "list"]).succeeds();
        }
        self.happens(&sample);
        sample
    }

    /// Each rule's link before and after.
    pub fn places(self) -> [(Option<Place>, Option<Place>); 2] {
        let [akira, paprika] = BOTH.map(Some);
        match self {
            Change::New | Change::FirstStart | Change::OldDatabase => [(None, akira), (None, paprika)],
            Change::Target => [(akira, Some((NARUTO_LINK, TO_AKIRA_RENAMED))), (paprika, paprika)],
            Change::Name => [(akira, akira), (paprika, Some((BLEACH_RETITLED, TO_PAPRIKA)))],
            Change::Removal => [(akira, akira), (paprika, None)],
            Change::Nothing => [(akira, akira), (paprika, paprika)],
        }
    }

    pub fn links(self) -> Vec<Place> {
        self.places().into_iter().filter_map(|(_, after)| after).collect()
    }

    /// At the moment of death each rule has its old link or its new one, and there is no other but perhaps a temporary one.
    pub fn assert_never_without(self, world: &World) {
        let mut links = world.links();
        links.retain(|(path, _)| !path.contains("/._"));
        let is = |place: &Place| links.iter().any(|(path, text)| (path.as_str(), text.as_str()) == *place);
        let places = self.places();
        let sound = places.iter().all(|place| match place {
            (Some(before), Some(after)) => is(before) || is(after),
            (None, _) | (_, None) => true,
        });
        world.assert(sound, "neither the old link nor the new one was there at the moment of death");
        let known: Vec<Place> = places.into_iter().flat_map(|(before, after)| [before, after]).flatten().collect();
        let ours = links.iter().all(|(path, text)| known.contains(&(path.as_str(), text.as_str())));
        world.assert(ours, "a link was there at the moment of death that is neither old nor new");
    }

    pub fn database(self, world: &World) -> PathBuf {
        world.state().join(if self == Change::FirstStart { "not/there/plex_linker.db" } else { "plex_linker.db" })
    }
}

/// System calls that change the media tree.
pub const CHANGING: [&str; 5] = ["symlinkat", "renameat", "renameat2", "unlinkat", "mkdirat"];
