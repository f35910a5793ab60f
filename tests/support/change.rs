//! What happens to the sample world between two runs, and which links it has before and after.

use std::path::PathBuf;

use super::{
    sample::{BLEACH_RETITLED, BOTH, NARUTO_LINK, Sample, TO_AKIRA, TO_PAPRIKA},
    world::World,
};

const AKIRA_RENAMED: &str = "movies/Akira (1988)/Akira.mkv";
const TO_AKIRA_RENAMED: &str = "../../../movies/Akira (1988)/Akira.mkv";

const BETTER_PAPRIKA: &str = "movies/Paprika (2006)/Paprika (2006).mkv";
const TO_BETTER_PAPRIKA: &str = "../../../movies/Paprika (2006)/Paprika (2006).mkv";
const BLEACH_BETTER: &str = "tv/Bleach/Season 00/Bleach - S00E02 - Nobody Bluray-1080p.mkv";

const BOTH_ELSEWHERE: [Place; 2] = [
    ("tv/Naruto/Specials/Naruto - S00E05 - The Movie Bluray-1080p.mkv", TO_AKIRA),
    ("tv/Bleach/Specials/Bleach - S00E02 - Nobody DVD.mkv", TO_PAPRIKA),
];
const BOTH_HIGHER: [Place; 2] = [
    ("tv/Naruto/Naruto - S00E05 - The Movie Bluray-1080p.mkv", "../../movies/Akira (1988)/Akira (1988).mkv"),
    ("tv/Bleach/Bleach - S00E02 - Nobody DVD.mkv", "../../movies/Paprika (2006)/Paprika.mkv"),
];

/// What changes between two runs, or what a first run begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    New,
    /// The film's file has another name.
    Target,
    /// The special has another title.
    Name,
    /// The film has a better file, under another name: so the link's name and text change.
    Upgrade,
    /// Specials are to be in another folder, which is not there yet.
    Folder,
    /// The same, and they were in the show's own: so the links' texts change as well.
    Depth,
    /// The rule is gone.
    Removal,
    Nothing,
    /// There is neither a database nor a folder for it.
    FirstStart,
    /// There is a database of the old program.
    OldDatabase,
}

pub const CHANGES: [Change; 10] = [
    Change::New,
    Change::Target,
    Change::Name,
    Change::Upgrade,
    Change::Folder,
    Change::Depth,
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
            Change::Upgrade => drop(sample.paprika.upgrade(BETTER_PAPRIKA, "Bluray-1080p")),
            Change::Folder | Change::Depth => world.set("PLEX_LINKER_SPECIALS_FOLDER", "Specials"),
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
            Change::New | Change::FirstStart | Change::OldDatabase => Sample::without_rules(world),
            Change::Depth => {
                world.set("PLEX_LINKER_SPECIALS_FOLDER", "sonarr");
                let sample = Sample::new(world);
                for show in [sample.naruto, sample.bleach] {
                    show.edit(|show| show.season_folder = false);
                }
                world.run(&["once"]).succeeds();
                world.assert_links(&BOTH_HIGHER);
                world.forget();
                sample
            }
            _ => Sample::linked(world),
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
            Change::Upgrade => [(akira, akira), (paprika, Some((BLEACH_BETTER, TO_BETTER_PAPRIKA)))],
            Change::Folder => [(akira, Some(BOTH_ELSEWHERE[0])), (paprika, Some(BOTH_ELSEWHERE[1]))],
            Change::Depth => [0, 1].map(|at| (Some(BOTH_HIGHER[at]), Some(BOTH_ELSEWHERE[at]))),
            Change::Removal => [(akira, akira), (paprika, None)],
            Change::Nothing => [(akira, akira), (paprika, paprika)],
        }
    }

    pub fn links(self) -> Vec<Place> {
        self.places().into_iter().filter_map(|(_, after)| after).collect()
    }

    /// At the moment of death each rule has its old link or its new one, and never both, and there is no other but perhaps a temporary
    /// one. Between the two a link may have its old name and its new text already. `able`: the file system can exchange names, so that
    /// there is never neither.
    pub fn assert_one(self, world: &World, able: bool) {
        let mut links = world.links();
        links.retain(|(path, _)| !path.contains("/._"));
        let count = |path: &str| links.iter().filter(|(known, _)| known == path).count();
        let places = self.places();
        for (before, after) in places {
            let (Some((before, _)), Some((after, _))) = (before, after) else { continue };
            let found = if before == after { count(before) } else { count(before) + count(after) };
            world.assert(found == 1 || !able && found == 0, "one link should be there at the moment of death");
        }
        let known = places.into_iter().flat_map(|(before, after)| {
            let between = before.zip(after).map(|((place, _), (_, text))| (place, text));
            [before, after, between].into_iter().flatten()
        });
        let known: Vec<Place> = known.collect();
        let ours = links.iter().all(|(path, text)| known.contains(&(path.as_str(), text.as_str())));
        world.assert(ours, "a link was there at the moment of death that is neither old nor new");
    }

    pub fn database(self, world: &World) -> PathBuf {
        world.state().join(if self == Change::FirstStart { "not/there/plex_linker.db" } else { "plex_linker.db" })
    }
}

/// System calls that change the media tree.
pub const CHANGING: [&str; 5] = ["symlinkat", "renameat", "renameat2", "unlinkat", "mkdirat"];
