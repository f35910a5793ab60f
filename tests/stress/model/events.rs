//! What can happen to a library, and how likely it is.

use proptest::prelude::*;

use super::specification::{Rule, Setting};

/// Something that happens. What cannot happen as things are is passed over.
#[derive(Debug, Clone)]
pub enum Event {
    Add(Rule),
    Edit(usize, Rule),
    Delete(usize),
    /// The film has this file, in place of another one, which may stay on the disk.
    Film {
        film: i32,
        file: usize,
        quality: usize,
        other_stays: bool,
    },
    /// The file goes from the disk, perhaps with its folder, and Radarr may know.
    FileGoes {
        film: i32,
        folder_too: bool,
        told: bool,
    },
    /// Radarr deletes the file: for a better one, or at its user's word.
    Deleted {
        film: i32,
        upgrade: bool,
    },
    RadarrScans {
        film: i32,
    },
    FilmLeaves {
        film: i32,
        with_file: bool,
    },
    Retitle {
        show: i32,
        special: usize,
        title: usize,
    },
    /// To a number that no rule has, also.
    Renumber {
        show: i32,
        special: usize,
        number: u32,
    },
    /// A special before all others comes to the show.
    Inserted {
        show: i32,
    },
    /// TVDB makes the special's entry anew.
    Remade {
        show: i32,
        special: usize,
    },
    ShowMoves {
        show: i32,
        folder: usize,
    },
    /// Its folder gets a second name, by which Sonarr knows it from then on; or Sonarr knows it by its own again.
    ShowIsCalled {
        show: i32,
        otherwise: bool,
    },
    /// Sonarr knows it no more; or it is added again, with other numbers of Sonarr's.
    ShowLeaves {
        show: i32,
    },
    ShowReturns {
        show: i32,
    },
    /// Both at once.
    ShowIsAddedAgain {
        show: i32,
    },
    /// Sonarr tells TVDB's numbers of its specials, or does not.
    TellsIds {
        show: i32,
        told: bool,
    },
    /// Where links are put, by our settings and by Sonarr's.
    FolderSetting(Setting),
    FolderFormat(usize),
    /// The film's file goes into the pool, and a symlink comes in its place.
    Pooled {
        film: i32,
        way: Way,
    },
    Unplug {
        disk: usize,
        left: Left,
    },
    Plug,
    /// Somebody puts something, or nothing, in the place of whatever is there.
    Put {
        show: i32,
        special: u32,
        name: Name,
        what: What,
    },
    SonarrScans {
        show: i32,
    },
    SonarrRenames {
        show: i32,
        special: usize,
    },
    Run(Trouble),
    Killed {
        call: usize,
        at: u32,
    },
}

/// How a film's symlink leads into the pool.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Absolute,
    Relative,
    Chain,
}

/// What a disk that is away leaves in its place.
#[derive(Debug, Clone, Copy)]
pub enum Left {
    Nothing,
    Folder,
    Marker,
}

#[derive(Debug, Clone)]
pub enum Name {
    OfLink { title: usize, quality: usize },
    Other,
}

#[derive(Debug, Clone)]
pub enum What {
    Nothing,
    File,
    LinkToOther,
    LinkToFilm(i32),
    Broken,
    BrokenElsewhere,
}

/// What goes wrong in one run.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    Nothing,
    RadarrDown,
    RadarrHasNothing,
    RadarrForgets(i32),
    SonarrDown,
    SonarrHasNothing,
    NoEpisodes,
    CommandsFail,
}

pub const FILMS: [i32; 3] = [1, 2, 3];
pub const SHOWS: [i32; 2] = [1, 2];
pub const DISKS: [&str; 4] = ["movies", "more", "tv", "pool"];
pub const TITLES: [&str; 3] = ["TBA", "The Movie", "Memories"];
pub const QUALITIES: [&str; 2] = ["DVD", "Bluray-1080p"];
/// What Sonarr calls its specials folders.
pub const FORMATS: [&str; 2] = ["Specials", "S{season:00}"];
pub const CALLS: [&str; 7] = ["symlinkat", "renameat2", "unlinkat", "mkdirat", "fdatasync", "pwrite64", "sendto"];

pub fn files(film: i32) -> [String; 4] {
    ["movies/Film N/a.mkv", "movies/Film N (2000)/b.mkv", "more/Film N/c.avi", "more/Film N/d.mkv"]
        .map(|path| path.replace('N', &film.to_string()))
}

pub fn folders(show: i32) -> [String; 4] {
    ["tv/Show N", "tv/old/Show N", "shows/Show N", "tv/Show N (2000)"].map(|path| path.replace('N', &show.to_string()))
}

pub fn event() -> impl Strategy<Value = Event> {
    let (film, show) = (1..=3i32, 1..=2i32);
    let rule = (film.clone(), show.clone(), prop_oneof![4 => 1..=2u32, 1 => Just(3)])
        .prop_map(|(film, show, special)| Rule { film, show, special });
    let name = prop_oneof![
        2 => (0..3usize, 0..2usize).prop_map(|(title, quality)| Name::OfLink { title, quality }),
        1 => Just(Name::Other),
    ];
    let what = prop_oneof![
        2 => Just(What::Nothing),
        2 => Just(What::File),
        1 => Just(What::LinkToOther),
        2 => film.clone().prop_map(What::LinkToFilm),
        1 => Just(What::Broken),
        1 => Just(What::BrokenElsewhere),
    ];
    let setting = prop_oneof![Just(Setting::Auto), Just(Setting::Sonarr), Just(Setting::Named)];
    let way = prop_oneof![Just(Way::Absolute), Just(Way::Relative), Just(Way::Chain)];
    let left = prop_oneof![Just(Left::Nothing), Just(Left::Folder), Just(Left::Marker)];
    let trouble = prop_oneof![
        16 => Just(Trouble::Nothing),
        1 => Just(Trouble::RadarrDown),
        1 => Just(Trouble::RadarrHasNothing),
        1 => film.clone().prop_map(Trouble::RadarrForgets),
        1 => Just(Trouble::SonarrDown),
        1 => Just(Trouble::SonarrHasNothing),
        1 => Just(Trouble::NoEpisodes),
        2 => Just(Trouble::CommandsFail),
    ];
    prop_oneof![
        6 => rule.clone().prop_map(Event::Add),
        3 => (0..4usize, rule).prop_map(|(which, rule)| Event::Edit(which, rule)),
        3 => (0..4usize).prop_map(Event::Delete),
        6 => (film.clone(), 0..4usize, 0..2usize, any::<bool>())
            .prop_map(|(film, file, quality, other_stays)| Event::Film { film, file, quality, other_stays }),
        4 => (film.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(film, folder_too, told)| Event::FileGoes { film, folder_too, told }),
        3 => (film.clone(), any::<bool>()).prop_map(|(film, upgrade)| Event::Deleted { film, upgrade }),
        4 => film.clone().prop_map(|film| Event::RadarrScans { film }),
        2 => (film.clone(), any::<bool>()).prop_map(|(film, with_file)| Event::FilmLeaves { film, with_file }),
        4 => (show.clone(), 0..2usize, 0..3usize)
            .prop_map(|(show, special, title)| Event::Retitle { show, special, title }),
        4 => (show.clone(), 0..2usize, prop_oneof![4 => 1..=2u32, 1 => 3..=4u32])
            .prop_map(|(show, special, number)| Event::Renumber { show, special, number }),
        1 => show.clone().prop_map(|show| Event::Inserted { show }),
        2 => (show.clone(), 0..2usize).prop_map(|(show, special)| Event::Remade { show, special }),
        3 => (show.clone(), 0..4usize).prop_map(|(show, folder)| Event::ShowMoves { show, folder }),
        2 => (show.clone(), any::<bool>()).prop_map(|(show, otherwise)| Event::ShowIsCalled { show, otherwise }),
        1 => show.clone().prop_map(|show| Event::ShowLeaves { show }),
        2 => show.clone().prop_map(|show| Event::ShowReturns { show }),
        2 => show.clone().prop_map(|show| Event::ShowIsAddedAgain { show }),
        1 => (show.clone(), any::<bool>()).prop_map(|(show, told)| Event::TellsIds { show, told }),
        2 => setting.prop_map(Event::FolderSetting),
        1 => (0..FORMATS.len()).prop_map(Event::FolderFormat),
        3 => (film.clone(), way).prop_map(|(film, way)| Event::Pooled { film, way }),
        3 => (0..DISKS.len(), left).prop_map(|(disk, left)| Event::Unplug { disk, left }),
        4 => Just(Event::Plug),
        6 => (show.clone(), 1..=2u32, name, what)
            .prop_map(|(show, special, name, what)| Event::Put { show, special, name, what }),
        2 => show.clone().prop_map(|show| Event::SonarrScans { show }),
        1 => (show, 0..2usize).prop_map(|(show, special)| Event::SonarrRenames { show, special }),
        20 => trouble.prop_map(Event::Run),
        2 => (0..CALLS.len(), 1..=6u32).prop_map(|(call, at)| Event::Killed { call, at }),
    ]
}
