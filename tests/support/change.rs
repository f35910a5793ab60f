//! What happens to the sample world between two runs, and which links it has before and after.

use std::{fs, path::PathBuf};

use super::{
    sample::{AKIRA, BLEACH_LINK, BLEACH_RETITLED, BOTH, NARUTO_LINK, PAPRIKA, Sample, TO_AKIRA, TO_PAPRIKA},
    world::World,
};

const AKIRA_RENAMED: &str = "movies/Akira (1988)/Akira.mkv";
const TO_AKIRA_RENAMED: &str = "../../../movies/Akira (1988)/Akira.mkv";

const BETTER_PAPRIKA: &str = "movies/Paprika (2006)/Paprika (2006).mkv";
const TO_BETTER_PAPRIKA: &str = "../../../movies/Paprika (2006)/Paprika (2006).mkv";
const BLEACH_BETTER: &str = "tv/Bleach/Season 00/Bleach - S00E02 - Nobody Bluray-1080p.mkv";

const BOTH_ELSEWHERE: [(&str, &str); 2] = [
    ("tv/Naruto/Specials/Naruto - S00E05 - The Movie Bluray-1080p.mkv", TO_AKIRA),
    ("tv/Bleach/Specials/Bleach - S00E02 - Nobody DVD.mkv", TO_PAPRIKA),
];
const BOTH_HIGHER: [(&str, &str); 2] = [
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
    /// One subtitle of the first film comes, one goes, and one stays.
    Subtitles,
    /// The second film has a better file, and its subtitles are called after that.
    SubtitledUpgrade,
    /// The rule of a film with subtitles is gone.
    SubtitledRemoval,
}

/// Those of links of subtitles.
pub const SUBTITLED: [Change; 3] = [Change::Subtitles, Change::SubtitledUpgrade, Change::SubtitledRemoval];

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

pub type Place = (String, String);

fn place((link, text): (&str, &str)) -> Place {
    (link.into(), text.into())
}

/// The same of a subtitle.
fn subtitle(film: (&str, &str), end: &str) -> Place {
    let of_film = |name: &str| name.replace(".mkv", end);
    (of_film(film.0), of_film(film.1))
}

impl Change {
    pub fn happens(self, sample: &Sample) {
        let world = sample.world;
        match self {
            Change::New | Change::OldDatabase => sample.rules(),
            Change::Target => drop(sample.akira.upgrade(AKIRA_RENAMED, "Bluray-1080p")),
            Change::Name => sample.retitle(),
            Change::Upgrade => drop(sample.paprika.upgrade(BETTER_PAPRIKA, "Bluray-1080p")),
            Change::Folder | Change::Depth => world.set("PLEX_LINKER_SPECIALS_FOLDER", "Specials"),
            Change::Removal | Change::SubtitledRemoval => drop(world.run(&["rules", "remove", "2"]).succeeds()),
            Change::Subtitles => {
                world.put(&AKIRA.replace(".mkv", ".de.srt"));
                world.remove(&AKIRA.replace(".mkv", ".en.srt"));
            }
            Change::SubtitledUpgrade => {
                sample.paprika.upgrade(BETTER_PAPRIKA, "Bluray-1080p");
                for end in [".en.srt", ".es.idx", ".es.sub"] {
                    let subtitle = |film: &str| world.path(&film.replace(".mkv", end));
                    fs::rename(subtitle(PAPRIKA), subtitle(BETTER_PAPRIKA)).unwrap();
                }
            }
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
            Change::Subtitles | Change::SubtitledUpgrade | Change::SubtitledRemoval => {
                let of_akira = [".en.srt", ".fr.srt"].map(|end| AKIRA.replace(".mkv", end));
                let of_paprika = [".en.srt", ".es.idx", ".es.sub"].map(|end| PAPRIKA.replace(".mkv", end));
                of_akira.iter().chain(&of_paprika).for_each(|subtitle| drop(world.put(subtitle)));
                let sample = Sample::new(world);
                world.run(&["once"]).succeeds();
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

    /// Each link before and after.
    pub fn places(self) -> Vec<(Option<Place>, Option<Place>)> {
        let [akira, paprika] = BOTH.map(|link| Some(place(link)));
        let stays = |place: &Option<Place>| (place.clone(), place.clone());
        let moved = |link, text| Some(place((link, text)));
        let of_akira = |end| Some(subtitle((NARUTO_LINK, TO_AKIRA), end));
        let of_paprika = |end| Some(subtitle((BLEACH_LINK, TO_PAPRIKA), end));
        let of_better = |end| Some(subtitle((BLEACH_BETTER, TO_BETTER_PAPRIKA), end));
        let ends = [".mkv", ".en.srt", ".es.idx", ".es.sub"];
        let unchanged = || [stays(&akira), stays(&of_akira(".en.srt")), stays(&of_akira(".fr.srt"))].into_iter();
        match self {
            Change::New | Change::FirstStart | Change::OldDatabase => vec![(None, akira), (None, paprika)],
            Change::Target => vec![(akira, moved(NARUTO_LINK, TO_AKIRA_RENAMED)), stays(&paprika)],
            Change::Name => vec![stays(&akira), (paprika, moved(BLEACH_RETITLED, TO_PAPRIKA))],
            Change::Upgrade => vec![stays(&akira), (paprika, moved(BLEACH_BETTER, TO_BETTER_PAPRIKA))],
            Change::Folder => vec![(akira, Some(place(BOTH_ELSEWHERE[0]))), (paprika, Some(place(BOTH_ELSEWHERE[1])))],
            Change::Depth => [0, 1].map(|at| (Some(place(BOTH_HIGHER[at])), Some(place(BOTH_ELSEWHERE[at])))).into(),
            Change::Removal => vec![stays(&akira), (paprika, None)],
            Change::Nothing => vec![stays(&akira), stays(&paprika)],
            Change::Subtitles => {
                let of_akira = [
                    stays(&akira),
                    stays(&of_akira(".fr.srt")),
                    (of_akira(".en.srt"), None),
                    (None, of_akira(".de.srt")),
                ];
                of_akira.into_iter().chain(ends.map(|end| stays(&of_paprika(end)))).collect()
            }
            Change::SubtitledUpgrade => unchanged().chain(ends.map(|end| (of_paprika(end), of_better(end)))).collect(),
            Change::SubtitledRemoval => unchanged().chain(ends.map(|end| (of_paprika(end), None))).collect(),
        }
    }

    #[track_caller]
    pub fn assert_links(self, world: &World) {
        let links: Vec<Place> = self.places().into_iter().filter_map(|(_, after)| after).collect();
        let links: Vec<_> = links.iter().map(|(link, text)| (link.as_str(), text.as_str())).collect();
        world.assert_links(&links);
    }

    /// At the moment of death each rule has its old link or its new one, and never both, and there is no other but perhaps a temporary
    /// one. Between the two a link may have its old name and its new text already. `able`: the file system can exchange names, so that
    /// there is never neither.
    pub fn assert_one(self, world: &World, able: bool) {
        let mut links = world.links();
        links.retain(|(path, _)| !path.contains("/._"));
        let count = |path: &str| links.iter().filter(|(known, _)| known == path).count();
        let places = self.places();
        for (before, after) in &places {
            let (Some((before, _)), Some((after, _))) = (before, after) else { continue };
            let found = if before == after { count(before) } else { count(before) + count(after) };
            world.assert(found == 1 || !able && found == 0, "one link should be there at the moment of death");
        }
        let known = places.into_iter().flat_map(|(before, after)| {
            let between = before.clone().zip(after.clone()).map(|((place, _), (_, text))| (place, text));
            [before, after, between].into_iter().flatten()
        });
        let known: Vec<Place> = known.collect();
        let ours = links.iter().all(|link| known.contains(link));
        world.assert(ours, "a link was there at the moment of death that is neither old nor new");
    }

    pub fn database(self, world: &World) -> PathBuf {
        world.state().join(if self == Change::FirstStart { "not/there/plex_linker.db" } else { "plex_linker.db" })
    }
}

/// System calls that change the media tree.
pub const CHANGING: [&str; 5] = ["symlinkat", "renameat", "renameat2", "unlinkat", "mkdirat"];
