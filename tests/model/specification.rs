//! What a run must do, said once more and in none of the program's words: from the rules, from what the apps tell, from what stands
//! in the media tree and from which links are ours follows what stands there afterwards. All paths are below the media root.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{radarr::Movie, sonarr::Series};

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
    /// One of these: two while a change is under way.
    pub texts: Vec<String>,
    /// The place that the names gave; Sonarr may have renamed the link since.
    pub wanted: String,
}

pub type Ours = BTreeMap<String, Our>;

/// What the apps tell in a run; one that fails tells nothing. Paths are absolute, below `media`.
pub struct Told {
    pub media: String,
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
}

struct Wish {
    /// The film's file.
    source: String,
    folder: String,
    /// Where the names put the link.
    wanted: String,
    /// What Sonarr has for the special.
    sonarrs: Option<String>,
}

pub fn after(rules: &BTreeMap<i32, Rule>, told: &Told, ours: &Ours, before: &Tree) -> After {
    let scene = Scene { told, ours, before };
    let mut after = After { tree: before.clone(), ours: ours.clone(), standing: BTreeMap::new() };

    // Each rule whose film and special the apps have gets its link; of two rules for one special the first does.
    let mut winners = BTreeMap::new();
    let mut winner_of = |id: i32, rule: &Rule| *winners.entry((rule.show, rule.special)).or_insert(id);
    let (mut lost, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    for (&id, rule) in rules {
        let Some(wish) = told.wish(rule) else {
            if told.cannot_tell(rule) {
                unknown.insert(id);
            }
            continue;
        };
        let winner = winner_of(id, rule);
        if winner != id {
            lost.insert(id, winner);
        } else if let Some(at) = scene.place(id, &wish) {
            let right = scene.link(&at).filter(|text| told.leads_to(&at, text) == wish.source);
            let text = right
                .map_or_else(|| format!("{}{}", "../".repeat(at.matches('/').count()), wish.source), str::to_string);
            after.ours.insert(at.clone(), Our { rule: id, texts: vec![text.clone()], wanted: wish.wanted.clone() });
            after.tree.entry(parent(&at).to_string()).or_insert(Thing::Folder);
            after.tree.insert(at.clone(), Thing::Link(text));
            // The same special's link to the same film under another name in the same folder is one of an earlier run's.
            let mark = format!("S00E{:02}", rule.special);
            for (path, text) in scene.links().filter(|(path, _)| parent(path) == parent(&at) && path.contains(&mark)) {
                if *path != at && !ours.contains_key(path) && told.leads_to(path, text) == wish.source {
                    after.tree.remove(path);
                }
            }
            after.standing.insert(id, at);
        } else if scene.is_away(&wish) {
            unknown.insert(id);
        }
    }
    let needed: BTreeSet<&String> = after.standing.values().collect();

    // A link of ours is removed when its rule is gone, or when its rule, or the one that the special went to, has its link elsewhere.
    // It is removed as well when it leads nowhere, and Radarr says that the film has no file, or the library is there that had it; but
    // not in a run that cannot know what the rule wants, since an app failed or a disk is away.
    let mut missing = Vec::new();
    for (path, our) in ours.iter().filter(|(path, _)| !needed.contains(path) && before.contains_key(parent(path))) {
        let unneeded = match rules.get(&our.rule) {
            None => true,
            Some(_) => after.standing.contains_key(lost.get(&our.rule).unwrap_or(&our.rule)),
        };
        if let Some(text) = scene.link(path).filter(|text| our.texts.iter().any(|our| our == text)) {
            let no_file = rules.get(&our.rule).is_some_and(|rule| told.has_no_file(rule.film));
            if unneeded {
                after.tree.remove(path);
            } else if !unknown.contains(&our.rule)
                && scene.leads_nowhere(path, text)
                && (no_file || scene.is_alive(&told.leads_to(path, text)))
            {
                missing.push(path);
            }
        }
        if unneeded {
            after.ours.remove(path);
        }
    }
    // Any other link to a video is removed when it leads nowhere although the library is there that should have it.
    for (path, text) in scene.links().filter(|(path, text)| !needed.contains(path) && !scene.is_ours(path, text)) {
        let broken = scene.leads_nowhere(path, text) && scene.is_alive(&told.leads_to(path, text));
        if is_video(path) && broken {
            missing.push(path);
        }
    }
    // More than five at once are not believed.
    if missing.len() <= 5 {
        for path in missing {
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
    fn place(&self, id: i32, wish: &Wish) -> Option<String> {
        // the film's file and the show's folder must be there
        let there = matches!(self.before.get(&wish.source), Some(Thing::File(_)));
        if !there || self.before.get(&wish.folder) != Some(&Thing::Folder) {
            return None;
        }
        // a link that Sonarr renamed stays where it is
        let renamed = self.ours.iter().find(|(_, our)| our.rule == id && our.wanted == wish.wanted);
        let at = renamed.map_or(&wish.wanted, |(path, _)| path).clone();
        // what Sonarr has besides is the right link under a name of Sonarr's, or a reason to make none
        if let Some(sonarrs) = wish.sonarrs.as_ref().filter(|path| **path != at) {
            match self.before.get(sonarrs) {
                None => {}
                Some(Thing::Link(text)) if self.is_ours(sonarrs, text) || self.leads_nowhere(sonarrs, text) => {}
                Some(Thing::Link(text)) if self.told.leads_to(sonarrs, text) != wish.source => return None,
                Some(Thing::Link(_)) if self.before.contains_key(&at) => {}
                Some(Thing::Link(_)) => return Some(sonarrs.clone()),
                Some(_) => return None,
            }
        }
        // nothing is replaced but a link that is ours, is right already, or leads nowhere: in a library that is there, or because it
        // came along with the show's folder
        let free = match self.before.get(&at) {
            None => true,
            Some(Thing::Link(text)) => {
                let target = self.told.leads_to(&at, text);
                let came_along =
                    || self.ours.values().any(|our| our.rule == id && our.texts.iter().any(|our| our == text));
                let broken = self.leads_nowhere(&at, text) && (self.is_alive(&target) || came_along());
                target == wish.source || self.is_ours(&at, text) || broken
            }
            Some(_) => false,
        };
        free.then_some(at)
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

    fn leads_nowhere(&self, path: &str, text: &str) -> bool {
        !self.before.contains_key(&self.told.leads_to(path, text))
    }

    /// Whether the library that should hold a path is there: neither it nor the nearest folder above the path is empty, as the
    /// mount point of a disk is that is away.
    fn is_alive(&self, path: &str) -> bool {
        let Some(library) = self.library(path) else { return false };
        let mut above = parent(path);
        while !above.is_empty() && !self.before.contains_key(above) {
            above = parent(above);
        }
        self.is_filled(&library) && (above == library || is_in(above, &library)) && self.is_filled(above)
    }

    /// Whether the show or the film is missing together with its whole library.
    fn is_away(&self, wish: &Wish) -> bool {
        let missing = if self.before.contains_key(&wish.folder) { &wish.source } else { &wish.folder };
        let away = |library: String| !self.is_filled(&library);
        !self.before.contains_key(missing) && self.library(missing).is_some_and(away)
    }

    fn is_filled(&self, folder: &str) -> bool {
        self.before.keys().any(|path| is_in(path, folder))
    }

    fn library(&self, path: &str) -> Option<String> {
        let libraries = self.told.libraries().into_iter().filter(|library| is_in(path, library));
        libraries.max_by_key(String::len)
    }
}

impl Told {
    fn wish(&self, rule: &Rule) -> Option<Wish> {
        let film = self.films.iter().find(|film| film.tmdb_id == rule.film)?;
        let show = self.shows.iter().find(|show| show.tvdb_id == rule.show)?;
        let special = show.episodes.iter().find(|special| special.season == 0 && special.number == rule.special)?;
        let file = film.file.as_ref()?;
        let folder = self.below(&show.path);
        let extension = file.relative_path.rsplit('.').next().unwrap_or_default();
        let name = link_name(&show.title, special.number, &special.title, &file.quality, extension);
        Some(Wish {
            source: self.below(&format!("{}/{}", film.path, file.relative_path)),
            wanted: format!("{folder}/Season 00/{name}"),
            sonarrs: special.file.as_ref().map(|file| format!("{folder}/{}", file.relative_path)),
            folder,
        })
    }

    /// Whether it needs an app that failed to know what the rule wants.
    fn cannot_tell(&self, rule: &Rule) -> bool {
        let failed = |what| self.failed.contains(&what);
        let film = self.films.iter().any(|film| film.tmdb_id == rule.film);
        let show = self.shows.iter().any(|show| show.tvdb_id == rule.show);
        failed(Failed::Films) || film && (failed(Failed::Shows) || show && failed(Failed::Specials))
    }

    fn has_no_file(&self, film: i32) -> bool {
        self.films.iter().any(|known| known.tmdb_id == film && known.file.is_none())
    }

    /// The folders that the apps keep films and shows in.
    fn libraries(&self) -> BTreeSet<String> {
        let folders = self.films.iter().map(|film| &film.path).chain(self.shows.iter().map(|show| &show.path));
        folders.map(|folder| parent(&self.below(folder)).to_string()).collect()
    }

    /// Where a link leads by its text alone.
    fn leads_to(&self, path: &str, text: &str) -> String {
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
