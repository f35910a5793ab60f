//! The world that most tests of whole runs begin with: two films that are specials of two shows.

use super::{
    rules,
    world::{Film, Show, World, wish},
};

pub const AKIRA: &str = "movies/Akira (1988)/Akira (1988).mkv";
pub const PAPRIKA: &str = "movies/Paprika (2006)/Paprika.mkv";
pub const NARUTO_LINK: &str = "tv/Naruto/Season 00/Naruto - S00E05 - The Movie Bluray-1080p.mkv";
pub const BLEACH_LINK: &str = "tv/Bleach/Season 00/Bleach - S00E02 - Nobody DVD.mkv";
/// After [`Sample::retitle`].
pub const BLEACH_RETITLED: &str = "tv/Bleach/Season 00/Bleach - S00E02 - Memories DVD.mkv";
pub const TO_AKIRA: &str = "../../../movies/Akira (1988)/Akira (1988).mkv";
pub const TO_PAPRIKA: &str = "../../../movies/Paprika (2006)/Paprika.mkv";

pub const BOTH: [(&str, &str); 2] = [(NARUTO_LINK, TO_AKIRA), (BLEACH_LINK, TO_PAPRIKA)];
pub const BOTH_RETITLED: [(&str, &str); 2] = [(NARUTO_LINK, TO_AKIRA), (BLEACH_RETITLED, TO_PAPRIKA)];

/// Rule 1 is Akira in Naruto, rule 2 Paprika in Bleach.
pub struct Sample<'w> {
    pub world: &'w World,
    pub akira: Film<'w>,
    pub paprika: Film<'w>,
    pub naruto: Show<'w>,
    pub bleach: Show<'w>,
}

impl<'w> Sample<'w> {
    /// Nothing is linked yet, and there are no rules.
    pub fn without_rules(world: &'w World) -> Sample<'w> {
        Sample {
            world,
            akira: world.movie("Akira", 149).file(AKIRA, "Bluray-1080p"),
            paprika: world.movie("Paprika", 4977).file(PAPRIKA, "DVD"),
            naruto: world.series("Naruto", 78857).special(5, "The Movie"),
            bleach: world.series("Bleach", 74796).special(2, "Nobody"),
        }
    }

    /// Nothing is linked yet.
    pub fn new(world: &'w World) -> Sample<'w> {
        let sample = Sample::without_rules(world);
        sample.rules();
        sample
    }

    /// Both are linked, and the apps have been told.
    pub fn linked(world: &'w World) -> Sample<'w> {
        let sample = Sample::new(world);
        sample.link();
        sample
    }

    pub fn rules(&self) {
        self.world.rule(self.akira, self.naruto, 5);
        self.world.rule(self.paprika, self.bleach, 2);
    }

    pub fn link(&self) {
        self.world.run(&["once"]).succeeds();
        self.world.assert_links(&BOTH);
        self.world.forget();
    }

    /// The special of the second rule gets another title: its link is to be renamed.
    pub fn retitle(&self) {
        self.bleach.retitle(2, "Memories");
    }

    /// A rule whose show only Sonarr's search may know.
    pub fn rule_to_search(&self) -> i32 {
        self.world.add_rule(&rules::wish("Akira", 149, "Nowhere to be found", 1))
    }

    /// The one request for a show's specials, as patterns of `on` have it.
    pub fn specials_of(show: Show) -> String {
        format!("GET /api/v3/episode?seriesId={}&seasonNumber=0&includeEpisodeFile=true", show.id())
    }

    /// The rules, added as a user does.
    pub fn add_rules(&self) {
        for (film, show, episode) in [(self.akira, self.naruto, 5), (self.paprika, self.bleach, 2)] {
            self.world.type_rule(&wish(film, show, episode));
        }
    }

    /// What the apps are told when the first rule's link has changed.
    pub fn told_of_naruto(&self) -> [String; 3] {
        told_of(self.naruto, self.akira)
    }

    /// What the apps are told when the second rule's link has changed.
    pub fn told_of_bleach(&self) -> [String; 3] {
        told_of(self.bleach, self.paprika)
    }
}

fn told_of(show: Show, film: Film) -> [String; 3] {
    let (show, film) = (show.id(), film.id());
    [format!("RescanSeries {show}"), format!("RefreshSeries {show}"), format!("RescanMovie {film}")]
}
