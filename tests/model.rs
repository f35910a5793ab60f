//! Whole lives of a library, made up by chance, beside a small model of what each run must do. A life that fails is made as short as
//! it can be while it still fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use plex_linker::model::NewRule;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use specification::{After, Failed, Ours, Rule, Thing, Told, Tree, after, is_temporary, link_name};

use crate::support::{
    campaign, cells, fake,
    http::Answer,
    rules::arguments,
    scene, tree,
    world::{Film, Show, Unplugged, World},
};

mod specification;

/// Something that happens. What cannot happen as things are is passed over.
#[derive(Debug, Clone)]
enum Event {
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
    ShowMoves {
        show: i32,
        folder: usize,
    },
    Unplug {
        disk: usize,
        empty: bool,
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

#[derive(Debug, Clone)]
enum Name {
    OfLink { title: usize, quality: usize },
    Other,
}

#[derive(Debug, Clone)]
enum What {
    Nothing,
    File,
    LinkToOther,
    LinkToFilm(i32),
    Broken,
    BrokenElsewhere,
}

/// What goes wrong in one run.
#[derive(Debug, Clone, PartialEq)]
enum Trouble {
    Nothing,
    RadarrDown,
    RadarrHasNothing,
    RadarrForgets(i32),
    SonarrDown,
    SonarrHasNothing,
    NoEpisodes,
    CommandsFail,
}

const FILMS: [i32; 3] = [1, 2, 3];
const SHOWS: [i32; 2] = [1, 2];
const DISKS: [&str; 3] = ["movies", "more", "tv"];
const TITLES: [&str; 3] = ["TBA", "The Movie", "Memories"];
const QUALITIES: [&str; 2] = ["DVD", "Bluray-1080p"];
const CALLS: [&str; 7] = ["symlinkat", "renameat2", "unlinkat", "mkdirat", "fdatasync", "pwrite64", "sendto"];

fn files(film: i32) -> [String; 4] {
    ["movies/Film N/a.mkv", "movies/Film N (2000)/b.mkv", "more/Film N/c.avi", "more/Film N/d.mkv"]
        .map(|path| path.replace('N', &film.to_string()))
}

fn folders(show: i32) -> [String; 3] {
    ["tv/Show N", "tv/old/Show N", "shows/Show N"].map(|path| path.replace('N', &show.to_string()))
}

fn event() -> impl Strategy<Value = Event> {
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
        2 => (film, any::<bool>()).prop_map(|(film, with_file)| Event::FilmLeaves { film, with_file }),
        4 => (show.clone(), 0..2usize, 0..3usize)
            .prop_map(|(show, special, title)| Event::Retitle { show, special, title }),
        4 => (show.clone(), 0..2usize, prop_oneof![4 => 1..=2u32, 1 => 3..=4u32])
            .prop_map(|(show, special, number)| Event::Renumber { show, special, number }),
        2 => (show.clone(), 0..3usize).prop_map(|(show, folder)| Event::ShowMoves { show, folder }),
        2 => (0..3usize, any::<bool>()).prop_map(|(disk, empty)| Event::Unplug { disk, empty }),
        4 => Just(Event::Plug),
        6 => (show.clone(), 1..=2u32, name, what)
            .prop_map(|(show, special, name, what)| Event::Put { show, special, name, what }),
        2 => show.clone().prop_map(|show| Event::SonarrScans { show }),
        1 => (show, 0..2usize).prop_map(|(show, special)| Event::SonarrRenames { show, special }),
        20 => trouble.prop_map(Event::Run),
        2 => (0..CALLS.len(), 1..=6u32).prop_map(|(call, at)| Event::Killed { call, at }),
    ]
}

/// A world and what the model knows of it.
struct Life<'w> {
    world: &'w World,
    rules: BTreeMap<i32, Rule>,
    /// Which links are ours; after a run was killed, what may be so.
    ours: Vec<Ours>,
    unplugged: Option<&'static str>,
    /// The apps may still have to be told of changes.
    untold: bool,
}

impl<'w> Life<'w> {
    /// Some films and shows, one film on each disk that nobody touches, and links of the user's own that lead nowhere.
    fn begin(world: &'w World) -> Life<'w> {
        for (folder, id) in [("movies", 91), ("more", 92)] {
            world.movie(&format!("Other {id}"), id).file(&format!("{folder}/Other/Other.mkv"), "DVD");
        }
        for id in FILMS {
            world.movie(&format!("Film {id}"), id).file(&files(id)[id as usize], QUALITIES[0]);
        }
        for id in SHOWS {
            world.series(&format!("Show {id}"), id).special(1, TITLES[0]).special(2, TITLES[1]);
        }
        world.link("tv/Show 1/usb.mkv", "/media/usb/film.mkv");
        world.link("tv/Show 1/.#notes", "me@host.123:456");
        world.link("tv/Show 2/poster.jpg", "../../movies/gone.jpg");
        let mut life = Life { world, rules: BTreeMap::new(), ours: vec![Ours::new()], unplugged: None, untold: false };
        for rule in [(1, 1, 1), (2, 1, 2), (3, 2, 1)] {
            let (film, show, special) = rule;
            life.happen(&Event::Add(Rule { film, show, special }));
        }
        life
    }

    fn film(&self, film: i32) -> Option<Film<'w>> {
        let there = self.world.radarr.movies().iter().any(|movie| movie.tmdb_id == film);
        there.then(|| self.world.known_movie(film))
    }

    fn show(&self, show: i32) -> Show<'w> {
        self.world.known_series(show)
    }

    fn wish(&self, rule: Rule) -> NewRule {
        NewRule {
            movie_title: format!("Film {}", rule.film),
            tmdb_id: rule.film,
            show_name: format!("Show {}", rule.show),
            episode: Some(rule.special as i32),
            ..NewRule::default()
        }
    }

    /// A film and a show have one rule at most.
    fn is_new(&self, rule: Rule, but: Option<i32>) -> bool {
        !self.rules.iter().any(|(id, known)| Some(*id) != but && (known.film, known.show) == (rule.film, rule.show))
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Add(rule) if self.is_new(rule, None) && self.rules.len() < 4 => {
                let words = arguments(&self.wish(rule));
                self.world.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).succeeds();
                let id = self.rules.keys().last().map_or(1, |id| id + 1);
                self.rules.insert(id, rule);
            }
            Event::Edit(which, rule) => {
                let Some(id) = self.rules.keys().nth(which).copied().filter(|id| self.is_new(rule, Some(*id))) else {
                    return;
                };
                let words = arguments(&self.wish(rule));
                let number = id.to_string();
                let words: Vec<&str> =
                    ["rules", "edit", &number].into_iter().chain(words[2..].iter().map(String::as_str)).collect();
                self.world.run(&words).succeeds();
                self.rules.insert(id, rule);
            }
            Event::Delete(which) => {
                let Some(id) = self.rules.keys().nth(which).copied() else { return };
                self.world.run(&["rules", "remove", &id.to_string()]).succeeds();
                self.rules.remove(&id);
                // another rule may get the number
                let links = self.ours.iter_mut().flat_map(Ours::values_mut);
                links.filter(|our| our.rule == id).for_each(|our| our.rule = 0);
            }
            Event::Retitle { show, special, title } => {
                _ = self.show(show).edit(|series| series.episodes[special].title = TITLES[title].into());
            }
            Event::Renumber { show, special, number } => drop(self.show(show).edit(|series| {
                let was = std::mem::replace(&mut series.episodes[special].number, number);
                let other = &mut series.episodes[1 - special].number;
                if *other == number {
                    *other = was;
                }
            })),
            Event::Plug => {
                if let Some(disk) = self.unplugged.take() {
                    self.world.plug(disk);
                }
            }
            Event::Run(ref trouble) => self.run(trouble),
            Event::Killed { call, at } => self.killed(CALLS[call], at),
            _ if self.unplugged.is_none() => self.happen_on_disk(event),
            _ => {}
        }
    }

    fn happen_on_disk(&mut self, event: &Event) {
        let world = self.world;
        match *event {
            Event::Film { film, file, quality, other_stays } => {
                let known = self.film(film).unwrap_or_else(|| world.movie(&format!("Film {film}"), film));
                let path = &files(film)[file];
                if !other_stays {
                    self.drop_file(known, Some(path));
                }
                if world.path(path).exists() {
                    known.file_in_radarr_only(path, QUALITIES[quality]);
                } else {
                    known.file(path, QUALITIES[quality]);
                }
            }
            Event::FileGoes { film, folder_too, told } => {
                let Some(film) = self.film(film) else { return };
                let folder = self.drop_file(film, None);
                if let Some(folder) = folder.filter(|_| folder_too) {
                    _ = fs::remove_dir(folder);
                }
                if told {
                    film.edit(|film| film.file = None);
                }
            }
            Event::FilmLeaves { film, with_file } => {
                let Some(known) = self.film(film) else { return };
                if with_file {
                    self.drop_file(known, None).map(fs::remove_dir);
                }
                world.radarr.delete(film);
            }
            Event::ShowMoves { show, folder } => {
                let path = &folders(show)[folder];
                if !world.path(path).exists() {
                    self.show(show).path(path);
                }
            }
            Event::Unplug { disk, empty } if world.path(DISKS[disk]).exists() => {
                world.unplug(DISKS[disk], if empty { Unplugged::Empty } else { Unplugged::Gone });
                self.unplugged = Some(DISKS[disk]);
            }
            Event::Put { show, special, ref name, ref what } => self.put(show, special, name, what),
            Event::SonarrScans { show } => drop(world.sonarr.scan(show)),
            Event::SonarrRenames { show, special } => {
                let name = format!("Season 00/Renamed S00E{:02}.mkv", self.number(show, special));
                let folder = self.folder(show);
                self.show(show).edit(|series| {
                    let Some(file) = series.episodes[special].file.as_mut() else { return };
                    let (from, to) = (folder.join(&file.relative_path), folder.join(&name));
                    if from.is_symlink() && to.symlink_metadata().is_err() {
                        fs::rename(from, to).unwrap();
                        file.relative_path = name;
                    }
                });
            }
            _ => {}
        }
    }

    /// Removes the film's file from the disk, but not `keep`; returns its folder.
    fn drop_file(&self, film: Film, keep: Option<&str>) -> Option<PathBuf> {
        let (folder, file) = self
            .world
            .radarr
            .edit(film.tmdb_id, |film| (film.path.clone(), film.file.as_ref().map(|file| file.relative_path.clone())));
        let path = Path::new(&folder).join(file?);
        if keep.is_none_or(|keep| self.world.path(keep) != path) {
            _ = fs::remove_file(path);
        }
        Some(folder.into())
    }

    fn folder(&self, show: i32) -> PathBuf {
        self.world.sonarr.edit(show, |series| series.path.clone()).into()
    }

    fn number(&self, show: i32, special: usize) -> u32 {
        self.world.sonarr.edit(show, |series| series.episodes[special].number)
    }

    fn put(&self, show: i32, special: u32, name: &Name, what: &What) {
        let name = match name {
            Name::OfLink { title, quality } => {
                link_name(&format!("Show {show}"), special, TITLES[*title], QUALITIES[*quality], "mkv")
            }
            Name::Other => format!("By hand - S00E{special:02}.mkv"),
        };
        let path = self.folder(show).join("Season 00").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        _ = fs::remove_file(&path);
        let target = match what {
            What::Nothing => return,
            What::File => return fs::write(&path, "the only copy").unwrap(),
            What::LinkToOther => self.world.path("more/Other/Other.mkv"),
            What::LinkToFilm(film) => self.world.path(&files(*film)[0]),
            What::Broken => self.world.path("movies/Gone/Gone.mkv"),
            What::BrokenElsewhere => "/media/usb/film.mkv".into(),
        };
        symlink(target, path).unwrap();
    }
}

/// The runs.
impl Life<'_> {
    fn run(&mut self, trouble: &Trouble) {
        let (before, told) = (self.tree(), self.told(trouble));
        self.cause(trouble);
        self.world.forget();
        let outcome = self.world.run(&["once"]);
        self.world.radarr.heal();
        self.world.sonarr.heal();
        let healthy = *trouble == Trouble::Nothing && self.unplugged.is_none();
        let codes: &[i32] = if healthy { &[0] } else { &[0, 1] };
        self.world.assert(outcome.code().is_some_and(|code| codes.contains(&code)), "the exit code should fit");

        let found = self.tree();
        let expected: Vec<After> = self.ours.iter().map(|ours| after(&self.rules, &told, ours, &before)).collect();
        if !expected.iter().any(|after| after.tree == found) {
            self.world.assert_same("the tree", &lines(&found, &before), &lines(&expected[0].tree, &before));
        }
        self.ours.clear();
        for after in expected.into_iter().filter(|after| after.tree == found) {
            if !self.ours.contains(&after.ours) {
                self.ours.push(after.ours);
            }
        }

        self.assert_told(trouble, &before, &found);
    }

    /// Sonarr is told of the shows whose links changed, and of no others.
    fn assert_told(&mut self, trouble: &Trouble, before: &Tree, found: &Tree) {
        if *trouble == Trouble::Nothing && !self.untold {
            let changed = |folder: &str| {
                let inside = |(path, _): &(&String, &Thing)| path.starts_with(folder) && !is_temporary(path);
                !before.iter().filter(inside).eq(found.iter().filter(inside))
            };
            let shows = self.world.sonarr.series();
            let media = self.world.media();
            let told: BTreeSet<String> =
                self.world.posts().into_iter().filter(|post| post.starts_with("RescanSeries")).collect();
            let folder = |path: &str| format!("{}/", Path::new(path).strip_prefix(&media).unwrap().display());
            let changed = shows.iter().filter(|show| changed(&folder(&show.path)));
            let changed: BTreeSet<String> = changed.map(|show| format!("RescanSeries {}", show.id)).collect();
            self.world.assert_same("what Sonarr was told", &format!("{told:?}"), &format!("{changed:?}"));
        }
        self.untold = *trouble != Trouble::Nothing;
    }

    /// At each place there is what was there before, or what shall be there.
    fn killed(&mut self, call: &str, at: u32) {
        let (before, told) = (self.tree(), self.told(&Trouble::Nothing));
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={at}"));
        let traced = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        self.world.finish(self.world.command_below(&traced, &["once"]));
        let found = self.tree();
        let expected: Vec<After> = self.ours.iter().map(|ours| after(&self.rules, &told, ours, &before)).collect();
        let sound = |after: &After| {
            let places: BTreeSet<&String> = before.keys().chain(after.tree.keys()).chain(found.keys()).collect();
            let old_or_new =
                |path: &&String| found.get(*path) == before.get(*path) || found.get(*path) == after.tree.get(*path);
            let has_link = after.standing.iter().all(|(rule, at)| {
                let had = before.get(at).is_some();
                _ = rule;
                !had || found.contains_key(at)
            });
            places.iter().filter(|path| !is_temporary(path)).all(old_or_new) && has_link
        };
        if !expected.iter().any(sound) {
            self.world.assert_same(
                "the tree of a killed run",
                &lines(&found, &before),
                &lines(&expected[0].tree, &before),
            );
        }
        // killed before it recorded what it was about to do, after it, or after it recorded what it had done
        for (before, After { ours: done, .. }) in std::mem::take(&mut self.ours).into_iter().zip(expected) {
            let mut intended = done.clone();
            for (path, our) in &before {
                let texts = &mut intended.entry(path.clone()).or_insert_with(|| our.clone()).texts;
                texts.extend(our.texts.iter().cloned());
                texts.sort();
                texts.dedup();
            }
            for ours in [before, intended, done] {
                if !self.ours.contains(&ours) {
                    self.ours.push(ours);
                }
            }
        }
        self.untold = true;
    }

    fn tree(&self) -> Tree {
        let thing = |entry: &tree::Entry| match &entry.target {
            Some(text) => Thing::Link(text.clone()),
            None if entry.folder => Thing::Folder,
            None => Thing::File(fs::read_to_string(self.world.path(&entry.path)).unwrap()),
        };
        tree::entries(&self.world.media()).into_iter().map(|entry| (entry.path.clone(), thing(&entry))).collect()
    }

    fn told(&self, trouble: &Trouble) -> Told {
        let mut told = Told {
            media: self.world.media().display().to_string(),
            films: self.world.radarr.movies(),
            shows: self.world.sonarr.series(),
            failed: BTreeSet::new(),
        };
        match trouble {
            Trouble::RadarrDown | Trouble::RadarrHasNothing => {
                told.films.clear();
                told.failed.insert(Failed::Films);
            }
            Trouble::RadarrForgets(film) => told.films.retain(|known| known.tmdb_id != *film),
            Trouble::SonarrDown | Trouble::SonarrHasNothing => {
                told.shows.clear();
                told.failed.insert(Failed::Shows);
            }
            Trouble::NoEpisodes => {
                told.shows.iter_mut().for_each(|show| show.episodes.clear());
                told.failed.insert(Failed::Specials);
            }
            Trouble::Nothing | Trouble::CommandsFail => {}
        }
        told
    }

    /// None of these is worth another try, so that no run waits.
    fn cause(&self, trouble: &Trouble) {
        let (radarr, sonarr) = (&self.world.radarr, &self.world.sonarr);
        match trouble {
            Trouble::Nothing => {}
            Trouble::RadarrDown => radarr.on("*", Answer::status(401)),
            Trouble::RadarrHasNothing => radarr.on("GET /api/v3/movie", Answer::json("[]")),
            Trouble::RadarrForgets(film) => {
                let mut films = radarr.movies();
                films.retain(|known| known.tmdb_id != *film);
                radarr.on("GET /api/v3/movie", fake::json(films.iter().map(|film| film.json()).collect::<Vec<_>>()));
            }
            Trouble::SonarrDown => sonarr.on("*", Answer::html("<html>")),
            Trouble::SonarrHasNothing => sonarr.on("GET /api/v3/series", Answer::json("[]")),
            Trouble::NoEpisodes => sonarr.on("GET /api/v3/episode", Answer::status(404)),
            Trouble::CommandsFail => {
                sonarr.on("POST /api/v3/command", Answer::status(404));
                radarr.on("POST /api/v3/command", Answer::status(401));
            }
        }
    }

    /// Some runs later nothing is left to do, and then nothing is written and nobody is told.
    fn end(mut self) {
        if let Some(disk) = self.unplugged.take() {
            self.world.plug(disk);
        }
        for _ in 0..3 {
            self.run(&Trouble::Nothing);
        }
        let state = || (self.tree(), fs::read(self.world.state().join("plex_linker.db")).unwrap());
        let before = state();
        self.world.forget();
        self.world.run(&["once"]).succeeds().says("nothing changed");
        self.world.assert(state() == before, "a run with nothing to do should write nothing");
        self.world.assert_posts(&[]);
        self.world.assert(!before.0.keys().any(|path| is_temporary(path)), "nothing temporary should be left");
    }
}

/// What differs, and links.
fn lines(tree: &Tree, before: &Tree) -> String {
    let shown = tree.iter().filter(|(path, thing)| matches!(thing, Thing::Link(_)) || before.get(*path) != Some(thing));
    shown.map(|(path, thing)| format!("{path}: {thing:?}\n")).collect()
}

#[test]
fn a_life_made_up_by_chance_goes_as_the_model_says() {
    if scene::failing("fsync", "EIO").is_none() {
        return;
    }
    let lives = campaign::size(80, 5_000);
    let cases: Vec<(String, u64)> = (0..lives).map(|number| (format!("life {number}"), number)).collect();
    cells::each(&cases, |number| {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 120, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let lived = runner.run(&prop::collection::vec(event(), 10..60), |events| {
            let world = World::new();
            let mut life = Life::begin(&world);
            events.iter().for_each(|event| life.happen(event));
            life.end();
            Ok(())
        });
        lived.unwrap_or_else(|failure| panic!("{failure}"));
    });
    campaign::figure(&format!("{lives} lives of a library, made up by chance"), "each run left what the model says");
}
