//! What happens, done to the world.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use plex_linker::model::NewRule;

use super::{Life, events::*, specification::*};
use crate::support::{
    rules::arguments,
    world::{Film, Show, Unplugged, World},
};

/// A file that says that a disk is not mounted.
const MARKER: &str = ".NOT_MOUNTED";

impl<'w> Life<'w> {
    /// Some films and shows, one film on each disk that nobody touches, and links of the user's own that lead nowhere.
    pub fn begin(world: &'w World) -> Life<'w> {
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
        let mut life = Life {
            world,
            wholly: false,
            rules: BTreeMap::new(),
            numbers: 0,
            meant: Meant::new(),
            ours: vec![Ours::new()],
            away: BTreeMap::new(),
            folder: (Setting::Auto, FORMATS[0]),
            unplugged: None,
            untold: false,
        };
        world.folder("pool");
        for rule in [(1, 1, 1), (2, 1, 2), (3, 2, 1)] {
            let (film, show, special) = rule;
            life.happen(&Event::Add(Rule { film, show, special }));
        }
        life
    }

    pub fn film(&self, film: i32) -> Option<Film<'w>> {
        let there = self.world.radarr.movies().iter().any(|movie| movie.tmdb_id == film);
        there.then(|| self.world.known_movie(film))
    }

    pub fn show(&self, show: i32) -> Show<'w> {
        self.world.known_series(show)
    }

    pub fn wish(&self, rule: Rule) -> NewRule {
        NewRule {
            movie_title: format!("Film {}", rule.film),
            tmdb_id: rule.film,
            show_name: format!("Show {}", rule.show),
            episode: Some(rule.special as i32),
            ..NewRule::default()
        }
    }

    /// A film and a show have one rule at most.
    pub fn is_new(&self, rule: Rule, but: Option<i32>) -> bool {
        !self.rules.iter().any(|(id, known)| Some(*id) != but && (known.film, known.show) == (rule.film, rule.show))
    }

    /// The shows of which Sonarr must know for this to happen.
    fn has_its_show(&self, event: &Event) -> bool {
        match *event {
            Event::Retitle { show, .. }
            | Event::Renumber { show, .. }
            | Event::Inserted { show }
            | Event::Remade { show, .. }
            | Event::ShowMoves { show, .. }
            | Event::ShowIsCalled { show, .. }
            | Event::ShowLeaves { show }
            | Event::ShowIsAddedAgain { show }
            | Event::TellsIds { show, .. }
            | Event::Put { show, .. }
            | Event::SonarrScans { show }
            | Event::SonarrRenames { show, .. } => !self.away.contains_key(&show),
            _ => true,
        }
    }

    pub fn happen(&mut self, event: &Event) {
        match *event {
            _ if !self.has_its_show(event) => {}
            Event::Add(rule) if self.is_new(rule, None) && self.rules.len() < 4 => {
                self.world.type_rule(&self.wish(rule));
                // no number is given twice
                self.numbers += 1;
                self.rules.insert(self.numbers, rule);
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
                // who types a number means what has it now
                self.meant.remove(&id);
            }
            Event::Delete(which) => {
                let Some(id) = self.rules.keys().nth(which).copied() else { return };
                self.world.run(&["rules", "remove", &id.to_string()]).succeeds();
                self.rules.remove(&id);
                self.meant.remove(&id);
            }
            Event::Retitle { show, special, title } => {
                _ = self.show(show).edit(|series| series.episodes[special].title = TITLES[title].into());
            }
            Event::Renumber { show, special, number } => {
                let (known, was) = (self.show(show), self.number(show, special));
                _ = match known.row(number) {
                    Some(_) => known.tvdb_swaps(was, number),
                    None => known.tvdb_renumbers(was, number),
                };
            }
            Event::Inserted { show } if self.show(show).row(4).is_none() => {
                _ = self.show(show).tvdb_inserts(1, "Recap");
            }
            Event::Remade { show, special } => {
                _ = self.show(show).tvdb_remakes(self.number(show, special));
            }
            Event::TellsIds { show, told } => _ = self.show(show).edit(|series| series.tells_tvdb_ids = told),
            // a Sonarr without shows is another matter
            Event::ShowLeaves { show } if self.away.is_empty() => {
                let series = self.world.sonarr.series().into_iter().find(|series| series.tvdb_id == show);
                self.away.extend(series.map(|series| (show, series)));
                self.world.sonarr.delete(show);
            }
            Event::ShowReturns { show } => self.show_returns(show),
            Event::ShowIsAddedAgain { show } => _ = self.show(show).added_again(),
            Event::FolderSetting(setting) => {
                self.world.set("PLEX_LINKER_SPECIALS_FOLDER", setting.text());
                self.folder.0 = setting;
            }
            Event::FolderFormat(format) => {
                self.world.sonarr.set_specials_folder(FORMATS[format]);
                self.folder.1 = FORMATS[format];
            }
            Event::RadarrScans { film } => drop(self.film(film).map(|film| film.scan())),
            Event::Plug => {
                self.plug();
            }
            Event::Run(ref trouble) => self.run(trouble),
            Event::Killed { call, at } => self.killed(CALLS[call], at),
            _ if self.unplugged.is_none() => self.happen_on_disk(event),
            _ => {}
        }
    }

    pub fn plug(&mut self) {
        if let Some(disk) = self.unplugged.take() {
            _ = fs::remove_file(self.world.path(disk).join(MARKER));
            self.world.plug(disk);
        }
    }

    pub fn show_returns(&mut self, show: i32) {
        if let Some(series) = self.away.remove(&show) {
            self.world.sonarr.add(series);
            self.show(show).added_again();
        }
    }

    /// Sonarr knows the show by the name of its folder.
    fn call_as_it_is(&self, show: i32) {
        let called = self.folder(show);
        if let Ok(own) = fs::read_link(&called) {
            fs::remove_file(&called).unwrap();
            let path = called.with_file_name(own).display().to_string();
            self.show(show).edit(|series| series.path = path);
        }
    }

    pub fn happen_on_disk(&mut self, event: &Event) {
        let world = self.world;
        match *event {
            Event::Film { film, file, quality, other_stays } => {
                let known = self.film(film).unwrap_or_else(|| world.movie(&format!("Film {film}"), film));
                let path = &files(film)[file];
                if !other_stays {
                    self.drop_file(known, Some(path));
                }
                let upgraded = known.is_waiting_for_upgrade();
                if world.path(path).symlink_metadata().is_ok() {
                    known.file_in_radarr_only(path, QUALITIES[quality]);
                } else if upgraded {
                    known.upgrade_ends(path, QUALITIES[quality]);
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
            Event::Deleted { film, upgrade } => {
                let known = self.film(film).filter(|film| film.has_file() && film.local_file().exists());
                _ = known.map(|film| if upgrade { film.upgrade_begins() } else { film.delete_file() });
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
                    self.call_as_it_is(show);
                    self.show(show).path(path);
                }
            }
            Event::ShowIsCalled { show, otherwise } => {
                self.call_as_it_is(show);
                if otherwise {
                    let own = self.folder(show);
                    let name = own.file_name().unwrap().to_str().unwrap();
                    let other = own.with_file_name(format!("{name} by another name"));
                    symlink(name, &other).unwrap();
                    self.show(show).edit(|series| series.path = other.display().to_string());
                }
            }
            Event::Pooled { film, way } => {
                let Some(known) = self.film(film).filter(|film| film.has_file()) else { return };
                let at = known.local_file();
                let pooled = world.path(&format!("pool/Film {film}.mkv"));
                if !at.symlink_metadata().is_ok_and(|found| found.is_file()) {
                    return;
                }
                fs::rename(&at, &pooled).unwrap();
                let text = match way {
                    Way::Absolute => pooled,
                    Way::Relative => format!("../../pool/Film {film}.mkv").into(),
                    Way::Chain => {
                        let between = world.path(&format!("chain/Film {film}.mkv"));
                        _ = fs::remove_file(&between);
                        world.link(&format!("chain/Film {film}.mkv"), format!("../pool/Film {film}.mkv"));
                        between
                    }
                };
                symlink(text, at).unwrap();
            }
            Event::Unplug { disk, left } if world.path(DISKS[disk]).exists() => {
                let disk = DISKS[disk];
                world.unplug(disk, if matches!(left, Left::Nothing) { Unplugged::Gone } else { Unplugged::Empty });
                if matches!(left, Left::Marker) {
                    fs::write(world.path(disk).join(MARKER), "").unwrap();
                }
                self.unplugged = Some(disk);
            }
            Event::Put { show, special, ref name, ref what } => self.put(show, special, name, what),
            Event::SonarrScans { show } => drop(world.sonarr.scan(show)),
            Event::SonarrRenames { show, special } => {
                let name = format!("Renamed S00E{:02}.mkv", self.number(show, special));
                let folder = self.folder(show);
                self.show(show).edit(|series| {
                    let Some(file) = series.episodes[special].file.as_mut() else { return };
                    let name =
                        file.relative_path.rsplit_once('/').map_or(name.clone(), |(to, _)| format!("{to}/{name}"));
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
    pub fn drop_file(&self, film: Film, keep: Option<&str>) -> Option<PathBuf> {
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

    pub fn folder(&self, show: i32) -> PathBuf {
        self.world.sonarr.edit(show, |series| series.path.clone()).into()
    }

    pub fn number(&self, show: i32, special: usize) -> u32 {
        self.world.sonarr.edit(show, |series| series.episodes[special].number)
    }

    pub fn put(&self, show: i32, special: u32, name: &Name, what: &What) {
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
