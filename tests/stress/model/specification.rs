//! What a run must do, said once more and in none of the program's words: from the rules, from what the apps tell, from what stands
//! in the media tree and from which links are ours follows what stands there afterwards. All paths are below the media root.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{
    radarr::{Movie, MovieFile, What},
    sonarr::{Episode, Series},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    Folder,
    /// With this content.
    File(String),
    /// With this text.
    Link(String),
}

pub type Tree = BTreeMap<String, Thing>;

/// By TMDB number, TVDB number, and the special's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub film: i32,
    pub show: i32,
    pub special: u32,
}

/// A link that a run made or took for its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Our {
    pub rule: i32,
    /// By Radarr's number.
    pub film: i32,
    /// One of these: two while a change is under way.
    pub texts: Vec<String>,
    /// Where it led before it came along with its show's folder.
    pub led: Option<String>,
    /// By TVDB's number.
    pub show: i32,
    /// The name that it was given, with the folder if we were told how that is called; Sonarr may have renamed the link since.
    pub named: (String, Setting),
    /// The link has a name that Sonarr gave it, of which only number and quality count.
    pub by_sonarr: bool,
}

pub type Ours = BTreeMap<String, Our>;

/// By the rule's number: the rule as it was then, and TVDB's number, if it was told, and title of the special.
pub type Meant = BTreeMap<i32, (Rule, Option<i32>, String)>;

/// What our own setting says of specials folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// As Sonarr calls it, where Sonarr has specials there; else `Season 00`.
    Auto,
    Sonarr,
    /// As [`NAMED`].
    Named,
}

const NAMED: &str = "Films";

impl Setting {
    pub fn text(self) -> &'static str {
        match self {
            Setting::Auto => "auto",
            Setting::Sonarr => "sonarr",
            Setting::Named => NAMED,
        }
    }
}

/// What the apps tell in a run; one that fails tells nothing. Paths are absolute, below `media`.
pub struct Told {
    pub media: String,
    /// What specials folders are called: by our setting and by Sonarr's.
    pub folder: (Setting, &'static str),
    pub films: Vec<Movie>,
    pub shows: Vec<Series>,
    pub failed: BTreeSet<Failed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failed {
    Films,
    Shows,
    Specials,
}

#[derive(Debug, Clone)]
pub struct After {
    pub tree: Tree,
    pub ours: Ours,
    /// The path of each rule's link that stands and is right.
    pub standing: BTreeMap<i32, String>,
    /// The rules with the numbers that their specials have now, and what they mean.
    pub rules: BTreeMap<i32, Rule>,
    pub meant: Meant,
    /// Broken links that are removed, but need not be by a run that asks for the rules' films alone, of which none is in that library.
    later: BTreeSet<String>,
}

struct Wish {
    /// By Radarr's number.
    film: i32,
    /// The special's present number, and TVDB's.
    number: u32,
    tvdb_id: Option<i32>,
    title: String,
    quality: String,
    /// The film's file.
    source: String,
    show: i32,
    folder: String,
    /// The link's name, and where new links are made.
    named: (String, Setting),
    specials: String,
    /// What Sonarr has for the special.
    sonarrs: Option<String>,
}

/// Where a rule's link shall stand.
struct Place {
    at: String,
    by_sonarr: bool,
    /// Where it would stand, had Sonarr not renamed it.
    wanted: String,
}

impl After {
    /// Takes those for right that were left in place though they need not be.
    pub fn leave_for_later(&mut self, found: &Tree, before: &Tree) {
        for path in self.later.iter().filter(|path| found.contains_key(*path)) {
            self.tree.insert(path.clone(), before[path].clone());
        }
    }
}

pub fn after(rules: &BTreeMap<i32, Rule>, meant: &Meant, told: &Told, ours: &Ours, before: &Tree) -> After {
    let ours = &told.followed(ours, before);
    let scene = Scene { told, ours, before };
    let mut after = After {
        later: BTreeSet::new(),
        tree: before.clone(),
        ours: ours.clone(),
        standing: BTreeMap::new(),
        rules: rules.clone(),
        meant: meant.clone(),
    };

    // Each rule whose film and special the apps have gets its link; of two rules for one special the first does. A rule means the special
    // that it meant when its link was made, whatever number that has now.
    let mut winners = BTreeMap::new();
    let (mut lost, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    for (&id, rule) in rules {
        let known = meant.get(&id).filter(|(then, ..)| then == rule).map(|(_, tvdb_id, title)| (*tvdb_id, &**title));
        let Some(wish) = told.wish(before, rule, known) else {
            if told.cannot_tell(rule) {
                unknown.insert(id);
            }
            continue;
        };
        let winner = *winners.entry((rule.show, wish.number)).or_insert(id);
        if winner != id {
            lost.insert(id, winner);
            continue;
        }
        let now = Rule { special: wish.number, ..*rule };
        after.rules.insert(id, now);
        let Some(Place { at, by_sonarr, wanted }) = scene.place(id, &wish) else { continue };
        let right = scene.link(&at).filter(|_| scene.is_right(&at, &wish));
        let text =
            right.map_or_else(|| format!("{}{}", "../".repeat(at.matches('/').count()), wish.source), str::to_string);
        let our = Our {
            rule: id,
            film: wish.film,
            texts: vec![text.clone()],
            led: None,
            show: wish.show,
            named: wish.named.clone(),
            by_sonarr,
        };
        after.ours.insert(at.clone(), our);
        after.tree.entry(parent(&at).to_string()).or_insert(Thing::Folder);
        after.tree.insert(at.clone(), Thing::Link(text));
        // The same special's link to the same film under another name in the same folder, or Sonarr's, is one of an earlier run's.
        let mark = format!("S00E{:02}", wish.number);
        for (path, _) in scene.links() {
            let is_its = parent(path) == parent(&wanted) && path.contains(&mark) || wish.sonarrs.as_ref() == Some(path);
            if is_its && *path != at && !ours.contains_key(path) && scene.is_right(path, &wish) {
                after.tree.remove(path);
            }
        }
        after.standing.insert(id, at);
        after.meant.insert(id, (now, wish.tvdb_id, wish.title));
    }
    let needed: BTreeSet<&String> = after.standing.values().collect();

    // A link of ours is removed when its rule is gone, or when its rule, or the one that the special went to, has its link elsewhere.
    // It is removed as well when it leads nowhere and both witnesses say so: Radarr has no file for the film, or not even the film, and
    // the library is there without one. A run that cannot know what the rule wants, since an app failed, removes none.
    let mut missing = Vec::new();
    for (path, our) in ours.iter().filter(|(path, _)| !needed.contains(path) && before.contains_key(parent(path))) {
        let rule = rules.get(&our.rule);
        let unneeded = rule.is_none() || after.standing.contains_key(lost.get(&our.rule).unwrap_or(&our.rule));
        if let Some(text) = scene.link(path).filter(|text| our.texts.iter().any(|our| our == text)) {
            let no_file = rule.is_some_and(|rule| told.has_no_file(rule.film));
            let deleted = rule.and_then(|rule| told.deleted(rule.film));
            let target = our.led.clone().unwrap_or_else(|| told.leads_to(path, text));
            // where a symlink stands, the disk is away that it leads to
            let proven = || deleted == Some("Manual") && !before.contains_key(&target) || scene.is_proven(&target);
            // its film may have another file by now, whatever keeps the rule from being met
            let film = told.films.iter().find(|film| film.id == our.film && !told.failed.contains(&Failed::Films));
            let present = film.filter(|film| rule.is_some_and(|rule| rule.film == film.tmdb_id));
            let present = present.and_then(|film| told.file_of(film));
            let present = present.filter(|file| told.file_at(before, file).is_some());
            // somebody has edited the rule, whose film has no file yet, and the link leads to the very file of another one
            let is_edited = meant.get(&our.rule).is_none_or(|(then, ..)| rule != Some(then));
            let is_others = !unknown.contains(&our.rule)
                && is_edited
                && rule.is_some_and(|rule| {
                    let wanted = told.films.iter().find(|film| film.tmdb_id == rule.film);
                    wanted.is_some_and(|film| film.file.is_none())
                        && film.is_some_and(|film| {
                            film.tmdb_id != rule.film && told.file_of(film) == Some(told.leads_to(path, text))
                        })
                });
            if is_others {
                after.tree.remove(path);
                after.ours.remove(path);
                continue;
            }
            let came_along = our.led.as_ref().filter(|led| told.file_at(before, led).is_some());
            if unneeded {
                after.tree.remove(path);
            } else if let Some(led) = present.as_ref().or(came_along).filter(|_| scene.leads_nowhere(path)) {
                // or it led to a file before it came along with its show's folder, and does so again
                let text = format!("{}{led}", "../".repeat(path.matches('/').count()));
                after.tree.insert(path.clone(), Thing::Link(text.clone()));
                after.ours.insert(path.clone(), Our { texts: vec![text], led: None, ..our.clone() });
            } else if !unknown.contains(&our.rule)
                && no_file
                && scene.leads_nowhere(path)
                && deleted != Some("Upgrade")
                && proven()
            {
                missing.push(path);
            }
        }
        if unneeded {
            after.ours.remove(path);
        }
    }
    // Any other link to a video is removed when it leads nowhere although the library is there that should have it, and Radarr does not
    // say that it has that very file.
    let mut broken = Vec::new();
    for (path, text) in scene.links().filter(|(path, text)| !needed.contains(path) && !scene.is_ours(path, text)) {
        let target = told.leads_to(path, text);
        if is_video(path) && scene.leads_nowhere(path) && scene.is_proven(&target) && !told.claims(&target) {
            broken.push(path);
            if !told.is_asked_about(rules, &target) {
                after.later.insert(path.clone());
            }
        }
    }
    // More than five of a kind at once are not believed.
    for guesses in [missing, broken].into_iter().filter(|guesses| guesses.len() <= 5) {
        for path in guesses {
            after.tree.remove(path);
            after.ours.remove(path);
        }
    }
    // Nothing temporary stays.
    after.tree.retain(|path, _| !is_temporary(path));
    after
}

struct Scene<'a> {
    told: &'a Told,
    ours: &'a Ours,
    before: &'a Tree,
}

impl Scene<'_> {
    /// Where the link of a rule shall stand, if it may.
    fn place(&self, id: i32, wish: &Wish) -> Option<Place> {
        // the film's file and the show's folder must be there
        if self.told.file_at(self.before, &wish.source).is_none()
            || self.before.get(&wish.folder) != Some(&Thing::Folder)
        {
            return None;
        }
        // a link that Sonarr renamed stays where it is
        let stays = |path: &str, our: &Our| {
            is_in(path, &wish.folder) && if our.by_sonarr { wish.is_told_by(our) } else { our.named == wish.named }
        };
        let mut of_rule = self.ours.iter().filter(|(_, our)| our.rule == id);
        let kept = of_rule
            .clone()
            .filter(|(path, our)| stays(path, our))
            .min_by_key(|(path, _)| !path.ends_with(&wish.named.0));
        let (wanted, by_sonarr) = match kept {
            Some((path, our)) => (path.clone(), our.by_sonarr),
            None => {
                // beside the link that Sonarr has put into a folder of its own
                let beside = wish.sonarrs.as_ref().filter(|path| self.ours.get(*path).is_none_or(|our| our.rule != id));
                let beside = beside.filter(|_| wish.named.1 != Setting::Named && of_rule.next().is_some());
                (format!("{}/{}", beside.map_or(&*wish.specials, |path| parent(path)), wish.named.0), false)
            }
        };
        // what Sonarr has besides is the right link under a name of Sonarr's, or a reason to make none
        if let Some(sonarrs) = wish.sonarrs.as_ref().filter(|path| **path != wanted) {
            match self.before.get(sonarrs) {
                None => {}
                Some(Thing::Link(text)) if self.is_ours(sonarrs, text) || self.leads_nowhere(sonarrs) => {}
                Some(Thing::Link(_)) if !self.is_right(sonarrs, wish) => return None,
                Some(Thing::Link(_)) if self.is_right(&wanted, wish) => {}
                Some(Thing::Link(_)) if self.says_the_same(id, wish) => {
                    return Some(Place { at: sonarrs.clone(), by_sonarr: true, wanted });
                }
                Some(Thing::Link(_)) => {}
                Some(_) => return None,
            }
        }
        // nothing is replaced but a link that is ours, is right already, or leads nowhere in a library that is there
        let free = match self.before.get(&wanted) {
            None => true,
            Some(Thing::Link(text)) => {
                let broken = self.leads_nowhere(&wanted) && self.is_proven(&self.told.leads_to(&wanted, text));
                self.is_right(&wanted, wish) || self.is_ours(&wanted, text) || broken
            }
            Some(_) => false,
        };
        free.then(|| Place { at: wanted.clone(), by_sonarr, wanted })
    }

    /// Whether a link leads to the film's file, by whatever way.
    fn is_right(&self, path: &str, wish: &Wish) -> bool {
        let file = self.told.file_at(self.before, &wish.source);
        self.link(path).is_some() && file.is_some() && self.told.file_at(self.before, path) == file
    }

    fn link(&self, path: &str) -> Option<&str> {
        match self.before.get(path) {
            Some(Thing::Link(text)) => Some(text),
            _ => None,
        }
    }

    fn links(&self) -> impl Iterator<Item = (&String, &str)> {
        self.before.keys().filter_map(|path| Some((path, self.link(path)?)))
    }

    fn is_ours(&self, path: &str, text: &str) -> bool {
        self.ours.get(path).is_some_and(|our| our.texts.iter().any(|our| our == text))
    }

    fn leads_nowhere(&self, path: &str) -> bool {
        self.told.ends(self.before, path).is_none()
    }

    /// Whether what a name of Sonarr's tells is still so: that follows from what our link's name told.
    fn says_the_same(&self, id: i32, wish: &Wish) -> bool {
        let mut links = self.ours.values().filter(|our| our.rule == id).peekable();
        links.peek().is_none() || links.any(|our| wish.is_told_by(our))
    }

    fn is_file(&self, path: &str) -> bool {
        matches!(self.before.get(path), Some(Thing::File(_)))
    }

    /// Whether the library that should hold a path is there: a video is found in it, and in the nearest folder above the path, or the
    /// film's own folder has something left in it.
    fn is_proven(&self, path: &str) -> bool {
        // a symlink whose end is away
        if self.before.contains_key(path) {
            return false;
        }
        let Some(library) = self.library(path) else { return false };
        let mut above = parent(path);
        while !above.is_empty() && !self.before.contains_key(above) {
            above = parent(above);
        }
        let inside = above == library || is_in(above, &library);
        let left =
            || above == parent(path) && self.before.keys().any(|path| parent(path) == above && self.is_file(path));
        inside && self.holds_video(&library) && (above == library || self.holds_video(above) || left())
    }

    /// Not in another library within it, which may be a disk of its own.
    fn holds_video(&self, folder: &str) -> bool {
        let within: Vec<String> = self.told.libraries().into_iter().filter(|library| is_in(library, folder)).collect();
        let its_own = |path: &str| is_in(path, folder) && !within.iter().any(|library| is_in(path, library));
        let is_file = |path: &str| self.told.file_at(self.before, path).is_some();
        self.before.keys().any(|path| its_own(path) && is_video(path) && is_file(path))
    }

    fn library(&self, path: &str) -> Option<String> {
        let libraries = self.told.libraries().into_iter().filter(|library| is_in(path, library));
        libraries.max_by_key(String::len)
    }
}

impl Wish {
    /// Whether the name that we gave the link told this number and quality.
    fn is_told_by(&self, our: &Our) -> bool {
        let name = our.named.0.rsplit_once('.').map_or("", |(name, _)| name);
        name.contains(&format!(" - S00E{:02} - ", self.number)) && name.ends_with(&self.quality)
    }
}

impl Told {
    fn wish(&self, tree: &Tree, rule: &Rule, known: Option<(Option<i32>, &str)>) -> Option<Wish> {
        let film = self.films.iter().find(|film| film.tmdb_id == rule.film)?;
        let show = self.shows.iter().find(|show| show.tvdb_id == rule.show)?;
        let find = |fits: &dyn Fn(&Episode) -> bool| show.episodes.iter().find(|special| fits(special));
        let tvdb_id = |special: &Episode| show.tells_tvdb_ids.then_some(special.tvdb_id);
        let at_number = find(&|special| special.number == rule.special);
        let special = match known {
            None => at_number?,
            // an entry that TVDB has made anew is known by its number and its title, if it had one; where no numbers of TVDB's are
            // told, by a title that no other one has
            Some((known, title)) => find(&|special| known.is_some() && tvdb_id(special) == known)
                .or(at_number.filter(|special| title == "TBA" || special.title == title))
                .or_else(|| {
                    let mut titled = show.episodes.iter().filter(|special| special.title == title);
                    let one = titled.next().filter(|_| titled.next().is_none() && title != "TBA");
                    one.filter(|_| known.is_none() && !show.tells_tvdb_ids)
                })?,
        };
        let file = film.file.as_ref()?;
        let folder = self.folder_of(show, tree);
        let extension = file.relative_path.rsplit('.').next().unwrap_or_default();
        let name = link_name(&show.title, special.number, &special.title, &file.quality, extension);
        let (setting, format) = self.folder;
        let sonarrs = format.replace("{season:00}", "00");
        let has_some = show.files().iter().any(|(_, file)| is_in(&file.relative_path, &sonarrs));
        let specials = match setting {
            Setting::Named => NAMED,
            Setting::Auto if !has_some => "Season 00",
            Setting::Auto | Setting::Sonarr => &sonarrs,
        };
        Some(Wish {
            film: film.id,
            number: special.number,
            tvdb_id: tvdb_id(special),
            title: special.title.clone(),
            quality: file.quality.clone(),
            source: self.below(&format!("{}/{}", film.path, file.relative_path)),
            show: rule.show,
            // the other settings are no part of the name
            named: (name, if setting == Setting::Named { setting } else { Setting::Auto }),
            specials: format!("{folder}/{specials}"),
            sonarrs: special.file.as_ref().map(|file| format!("{folder}/{}", file.relative_path)),
            folder,
        })
    }

    /// A show's folder by its own name.
    fn folder_of(&self, show: &Series, tree: &Tree) -> String {
        let folder = self.below(&show.path);
        match tree.get(&folder) {
            Some(Thing::Link(text)) => self.leads_to(&folder, text),
            _ => folder,
        }
    }

    /// Links that went along with their show's folder are ours there.
    fn followed(&self, ours: &Ours, tree: &Tree) -> Ours {
        let is_it =
            |path: &str, our: &Our| matches!(tree.get(path), Some(Thing::Link(text)) if our.texts.contains(text));
        let mut followed = Ours::new();
        for (path, our) in ours {
            let parts: Vec<&str> = path.split('/').collect();
            let ends = (0..parts.len()).rev().map(|from| parts[from..].join("/"));
            let folder = self.shows.iter().find(|show| show.tvdb_id == our.show).map(|show| self.folder_of(show, tree));
            let folder = folder.filter(|folder| !is_in(path, folder));
            let place = folder.iter().flat_map(|folder| ends.clone().map(move |end| format!("{folder}/{end}")));
            let mut place = place.filter(|place| is_it(place, our) && !is_it(path, our) && !ours.contains_key(place));
            let Some(place) = place.next() else {
                followed.insert(path.clone(), our.clone());
                continue;
            };
            let text = match tree.get(&place) {
                Some(Thing::Link(text)) => text,
                _ => unreachable!("a link of ours is there"),
            };
            let led = our.led.clone().unwrap_or_else(|| self.leads_to(path, text));
            followed.insert(place, Our { led: Some(led), ..our.clone() });
        }
        followed
    }

    /// Where a path ends, symlinks followed; `None` where nothing is.
    pub fn ends(&self, tree: &Tree, path: &str) -> Option<String> {
        let mut at = path.to_string();
        for _ in 0..40 {
            match tree.get(&at)? {
                Thing::Link(text) => at = self.leads_to(&at, text),
                _ => return Some(at),
            }
        }
        None
    }

    /// The same of a file.
    fn file_at(&self, tree: &Tree, path: &str) -> Option<String> {
        self.ends(tree, path).filter(|end| matches!(tree.get(end), Some(Thing::File(_))))
    }

    /// Whether a run that asks for the rules' films and shows alone hears of the library that a path is in.
    fn is_asked_about(&self, rules: &BTreeMap<i32, Rule>, path: &str) -> bool {
        let films = self.films.iter().filter(|film| rules.values().any(|rule| rule.film == film.tmdb_id));
        let mut libraries = films.map(|film| parent(&self.below(&film.path)).to_string());
        libraries.any(|library| is_in(path, &library))
    }

    /// Whether it needs an app that failed to know what the rule wants.
    fn cannot_tell(&self, rule: &Rule) -> bool {
        let failed = |what| self.failed.contains(&what);
        let film = self.films.iter().any(|film| film.tmdb_id == rule.film);
        let show = self.shows.iter().any(|show| show.tvdb_id == rule.show);
        failed(Failed::Films) || film && (failed(Failed::Shows) || show && failed(Failed::Specials))
    }

    /// Where Radarr says that the film's file is.
    fn file_of(&self, film: &Movie) -> Option<String> {
        Some(self.below(&format!("{}/{}", film.path, film.file.as_ref()?.relative_path)))
    }

    fn has_no_file(&self, film: i32) -> bool {
        self.films.iter().all(|known| known.tmdb_id != film || known.file.is_none())
    }

    /// Why Radarr has deleted the film's file, if that is the last thing that it did with the film.
    fn deleted(&self, film: i32) -> Option<&'static str> {
        match self.films.iter().find(|known| known.tmdb_id == film)?.history.last()?.what {
            What::Deleted(why) => Some(why),
            _ => None,
        }
    }

    /// Whether Radarr says that a film's file is at this place, or is to be there soon, or does not answer.
    fn claims(&self, place: &str) -> bool {
        let at =
            |film: &Movie| film.file.as_ref().map(|file| self.below(&format!("{}/{}", film.path, file.relative_path)));
        self.failed.contains(&Failed::Films)
            || self.films.iter().any(|film| at(film).as_deref() == Some(place))
            || self.films.iter().any(|film| {
                film.file.is_none()
                    && self.deleted(film.tmdb_id) == Some("Upgrade")
                    && is_in(place, &self.below(&film.path))
            })
    }

    /// Whether the disk has all the files that Radarr says are there.
    pub fn agrees_with(&self, tree: &Tree) -> bool {
        let there = |film: &Movie| {
            let file = film.file.as_ref();
            let path = |file: &MovieFile| self.below(&format!("{}/{}", film.path, file.relative_path));
            file.is_none_or(|file| self.file_at(tree, &path(file)).is_some())
        };
        self.films.iter().all(there)
            && tree.iter().all(|(path, thing)| match thing {
                Thing::Link(_) => !is_video(path) || !path.contains("S00E") || self.ends(tree, path).is_some(),
                _ => true,
            })
    }

    /// The folders that the apps keep films and shows in.
    fn libraries(&self) -> BTreeSet<String> {
        let folders = self.films.iter().map(|film| &film.path).chain(self.shows.iter().map(|show| &show.path));
        folders.map(|folder| parent(&self.below(folder)).to_string()).collect()
    }

    /// Where a link leads by its text alone.
    pub fn leads_to(&self, path: &str, text: &str) -> String {
        if text.starts_with('/') {
            return self.below(text);
        }
        let mut parts: Vec<&str> = self.media.split('/').chain(parent(path).split('/')).collect();
        for part in text.split('/') {
            if part == ".." {
                parts.pop();
            } else {
                parts.push(part);
            }
        }
        self.below(&parts.join("/"))
    }

    /// What is not below the media root stays as it is.
    pub fn below(&self, path: &str) -> String {
        path.strip_prefix(&self.media).map_or(path, |rest| rest.trim_start_matches('/')).to_string()
    }
}

pub fn link_name(show: &str, number: u32, title: &str, quality: &str, extension: &str) -> String {
    format!("{show} - S00E{number:02} - {title} {quality}.{extension}")
}

pub fn is_temporary(path: &str) -> bool {
    path.contains("/._plnk-")
}

pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_video(path: &str) -> bool {
    ["mkv", "avi"].iter().any(|extension| path.ends_with(&format!(".{extension}")))
}
