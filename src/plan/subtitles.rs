//! The links of a film's subtitles beside the film's own: they come, move and go with it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
};

use super::{
    Cause, End, Folder, Folders, Found, Known, Layout, Leads, LinkId, Placement, Plan, Records, Seen, Sight, Source,
    Step, is_ours,
    policy::{self, Act, Obstacle},
    removals,
};
use crate::{
    model::{Concerns, Link, MediaPath, Reason, Rules},
    name,
};

/// A film whose link stands once the plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedFilm {
    pub rule: i32,
    /// The link.
    pub at: MediaPath,
    /// Those to it that are made where they are missing.
    pub folders: Folders,
    /// The real path of the folder that the link will be in.
    pub folder: PathBuf,
    /// The film's file by its real path, and as Radarr's path is here.
    pub source: PathBuf,
    pub told: MediaPath,
    pub concerns: Concerns,
}

/// What the disk shows of subtitles.
#[derive(Debug, Default)]
pub struct Beside {
    /// Those of each film, by rule. `Err` where they are not known, with the reason if they should be.
    pub files: HashMap<i32, Result<Vec<SubtitleFile>, Option<String>>>,
    /// What stands where links of subtitles are recorded or belong, and the symlinks to subtitles in those folders, by path.
    pub spots: BTreeMap<String, Spot>,
    /// The real path of the folder with a film's link, and the most bytes that a name in it may have, by rule; as far as it is there.
    pub folders: HashMap<i32, (PathBuf, usize)>,
    /// What films are, by rule, that are several files.
    pub parts: HashMap<i32, String>,
}

/// A subtitle file that belongs to a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtitleFile {
    /// By its real path, and as the film's path is told.
    pub source: PathBuf,
    pub told: PathBuf,
    pub id: LinkId,
    /// What stands behind the base name in its link's name.
    pub end: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub at: MediaPath,
    pub found: Found,
    /// The file that the symlink leads to, if it does.
    pub file: Option<LinkId>,
    /// Where its text leads.
    pub target: PathBuf,
}

impl Spot {
    fn leads_to(&self, file: &SubtitleFile) -> bool {
        self.file == Some(file.id)
    }
}

impl LinkedFilm {
    pub(super) fn new(step: &Step, placement: &Placement, sight: &Sight) -> Option<LinkedFilm> {
        let (Folder::Real(folder) | Folder::ToMake { real: folder, .. }, Source::File(source)) =
            (&sight.folder, &sight.source)
        else {
            return None;
        };
        Some(LinkedFilm {
            rule: placement.rule,
            at: step.at().clone(),
            folders: Folders::of(placement, sight),
            folder: folder.clone(),
            source: source.clone(),
            told: placement.source.clone(),
            concerns: placement.concerns,
        })
    }

    /// Whether a link of one of its subtitles would be called so.
    fn has_beside(&self, at: &MediaPath) -> bool {
        at.parent() == self.at.parent() && name::behind(name::base(self.at.name()), at.name()).is_some()
    }

    /// Where the link of a subtitle belongs; an error if its name has more bytes than the `longest`.
    pub fn place(&self, end: &str, longest: usize) -> Result<MediaPath, String> {
        let name = format!("{}{end}", name::base(self.at.name()));
        if name.len() > longest {
            return Err(format!("the name of its link, {name:?}, has more than {longest} bytes"));
        }
        let folder = self.at.parent().ok_or("its folder is the media root itself")?;
        folder.join(&name).map_err(|problem| format!("{name:?} is no name: {problem}"))
    }

    /// What stands behind the base name in the name of a link of one of its subtitles, also beside a name that the film's link had.
    pub fn end<'n>(&self, known: &Known, name: &'n str) -> Option<&'n str> {
        let names =
            known.links_of(self.rule).iter().filter_map(|link| link.path.rsplit('/').next()).chain([self.at.name()]);
        names.filter_map(|film| name::behind(name::base(film), name)).min_by_key(|end| end.len())
    }
}

impl Plan {
    /// Adds what is done about subtitles.
    pub fn add_subtitles(&mut self, rules: &Rules, known: &Known, seen: &Seen, beside: &Beside, layout: &Layout) {
        let films = std::mem::take(&mut self.films);
        let records = known.subtitles.iter().map(|link| (link.path.as_str(), link)).collect();
        let mut links =
            Subtitles { known, seen, beside, layout, records, places: HashSet::new(), used: HashSet::new() };
        let mut wanted = Vec::new();
        for film in &films {
            let parts = beside.parts.get(&film.rule).cloned();
            let path = || film.told.to_string();
            self.parts.extend(parts.map(|parts| (film.rule, Reason::InPart { path: path(), film: parts })));
            let files = match beside.files.get(&film.rule) {
                Some(Ok(files)) => files.clone(),
                Some(Err(problem)) => {
                    self.problems.extend(problem.clone());
                    links.standing(film)
                }
                None => Vec::new(),
            };
            let there = beside.folders.get(&film.rule).map(|(_, longest)| longest);
            let longest =
                there.or(layout.longest.get(&film.folders.series)).copied().unwrap_or(MediaPath::MAX_COMPONENT);
            for file in files {
                match film.place(&file.end, longest) {
                    Ok(at) if links.places.insert(at.to_string()) => wanted.push((film, file, at)),
                    Ok(_) => {}
                    Err(cause) => self.notice(film.rule, format!("a subtitle is not linked: {cause}")),
                }
            }
        }
        let mut left = HashSet::new();
        for (film, file, at) in wanted {
            let step = links.step(film, &file, &at);
            if step.is_err() {
                left.insert(at.to_string().to_lowercase());
            }
            match step {
                Ok(step) => self.subtitles.push(step),
                Err(Left::Notice(sentence)) => self.notice(film.rule, sentence),
                Err(Left::Problem(sentence)) => self.problems.push(sentence),
            }
        }
        // beside somebody else's file a player would take the two for one subtitle
        let is_half = |at: &MediaPath| {
            name::other_of_pair(&at.to_string().to_lowercase()).is_some_and(|other| left.contains(&other))
        };
        self.subtitles.retain(|step| !matches!(step, Step::Create { at, .. } if is_half(at)));
        let films_of: HashMap<i32, &LinkedFilm> = films.iter().map(|film| (film.rule, film)).collect();
        for link in &known.subtitles {
            links.unneeded(link, films_of.get(&link.rule).copied(), rules, self);
        }
        self.subtitles.sort_by_key(|step| matches!(step, Step::Remove { .. }));
        self.films = films;
    }

    /// The first counts.
    fn notice(&mut self, rule: i32, sentence: String) {
        self.notices.entry(rule).or_insert(sentence);
    }
}

fn not_linked(cause: &str) -> Left {
    Left::Notice(format!("a subtitle is not linked: {cause}"))
}

/// Why a subtitle is not linked.
enum Left {
    /// It is as somebody wants it.
    Notice(String),
    Problem(String),
}

struct Subtitles<'a> {
    known: &'a Known,
    seen: &'a Seen,
    beside: &'a Beside,
    layout: &'a Layout,
    records: Records<'a>,
    /// Where links belong.
    places: HashSet<String>,
    /// The links that are kept or moved, by path.
    used: HashSet<String>,
}

impl Subtitles<'_> {
    /// The subtitles that are linked already, for a film of which no others are known.
    fn standing(&self, film: &LinkedFilm) -> Vec<SubtitleFile> {
        let files = self.known.subtitles_of(film.rule).iter().filter_map(|link| {
            let Spot { at, file, target, .. } = self.beside.spots.get(&link.path)?;
            let (id, source) = ((*file)?, target.clone());
            Some(SubtitleFile { told: source.clone(), source, id, end: film.end(self.known, at.name())?.into() })
        });
        files.collect()
    }

    /// What is done for one subtitle whose link belongs `at` a place.
    fn step(&mut self, film: &LinkedFilm, file: &SubtitleFile, at: &MediaPath) -> Result<Step, Left> {
        let folder = self.beside.folders.get(&film.rule).map_or(&film.folder, |(folder, _)| folder);
        let Some(target) = name::relative(folder, &file.source).to_str().map(String::from) else {
            return Err(not_linked(&format!("the path of {} is not valid UTF-8", file.source.display())));
        };
        let Some(spot) = self.spot(film, file, at) else {
            return Err(not_linked(&format!("{at} was not looked at")));
        };
        let at = spot.at.clone();
        let record = self.records.get(at.to_string().as_str()).copied();
        let link = |target: &str, was: Option<&str>| Link {
            path: at.to_string(),
            rule: film.rule,
            named: String::new(),
            target: target.into(),
            was: was.map(String::from),
            concerns: Concerns { radarr: 0, movie_id: 0, ..film.concerns },
        };
        let (source, ours) = (file.source.clone(), |text: &str| record.is_some_and(|link| is_ours(link, text)));
        let free = |_, text: &str| self.was_to_lead(film, file, text);
        let step = match policy::act(&spot.found, spot.leads_to(file), ours, free) {
            Ok(Act::Keep(text)) => Step::keep(link(text, None), at, record),
            Ok(Act::Make) => {
                let (folders, link) = (film.folders.clone(), link(&target, None));
                match self.movable(film, file) {
                    Some((from, text)) => {
                        self.used.insert(from.to_string());
                        Step::Move { from, text, at, folders, source, link }
                    }
                    None => Step::Create { at, folders, source, link },
                }
            }
            Ok(Act::Replace(text)) => Step::Replace { link: link(&target, Some(text)), at, with: None, source },
            Err(Obstacle::Thing(what)) => return Err(not_linked(&format!("{what} is in the way at {at}"))),
            Err(Obstacle::Unknown(cause)) => return Err(Left::Problem(format!("cannot read {at}: {cause}"))),
        };
        self.used.insert(step.at().to_string());
        Ok(step)
    }

    /// Where the subtitle's link is: `at` its place, unless that is free and others have given the link another name.
    fn spot(&self, film: &LinkedFilm, file: &SubtitleFile, at: &MediaPath) -> Option<&Spot> {
        let path = at.to_string();
        let place = self.beside.spots.get(&path);
        if !place.is_none_or(|spot| matches!(spot.found, Found::Nothing | Found::Away)) {
            return place;
        }
        let begin = path.strip_suffix(file.end.as_str()).unwrap_or(&path);
        let beside = self.beside.spots.range(begin.to_string()..).take_while(|(path, _)| path.starts_with(begin));
        let mut renamed = beside.filter(|(path, spot)| {
            let text = spot.found.text().filter(|_| matches!(spot.found, Found::Link { leads: Leads::Nowhere(_), .. }));
            name::behind(name::base(film.at.name()), spot.at.name()).is_some()
                && self.is_free(path)
                && (spot.leads_to(file) || text.is_some_and(|text| self.was_to_lead(film, file, text)))
        });
        renamed.next().map(|(_, spot)| spot).or(place)
    }

    /// Whether a link with this text was to lead to the subtitle before it was moved.
    fn was_to_lead(&self, film: &LinkedFilm, file: &SubtitleFile, text: &str) -> bool {
        name::reads_as(&self.layout.sonarr[film.concerns.sonarr], &self.layout.roots, text, &file.told)
    }

    /// Whether the link at a place is no subtitle's yet.
    fn is_free(&self, path: &str) -> bool {
        !self.places.contains(path) && !self.used.contains(path)
    }

    /// A link of ours for the same subtitle, or for that which had its place, beside the link that the film had.
    fn movable(&self, film: &LinkedFilm, file: &SubtitleFile) -> Option<(MediaPath, String)> {
        let show = |concerns: Concerns| (concerns.sonarr, concerns.series_id);
        self.known.subtitles_of(film.rule).iter().find_map(|link| {
            let spot = self.beside.spots.get(&link.path)?;
            let text = spot.found.text().filter(|text| is_ours(link, text))?;
            let is_its = spot.leads_to(file) || film.end(self.known, spot.at.name()) == Some(&*file.end);
            // of another show's folder another show must hear
            let fits = is_its && self.is_free(&link.path) && show(link.concerns) == show(film.concerns);
            fits.then(|| (spot.at.clone(), text.to_string()))
        })
    }

    /// What becomes of a record that no subtitle has a use for.
    fn unneeded(&self, link: &Link, film: Option<&LinkedFilm>, rules: &Rules, plan: &mut Plan) {
        let Some(Spot { at, found, .. }) = self.beside.spots.get(&link.path) else { return };
        if self.used.contains(&link.path) {
            return;
        }
        let id = |path: &String| self.beside.spots.get(path)?.found.id();
        // the same link by another path
        if found.id().is_some() && self.used.iter().any(|used| id(used) == found.id()) {
            return plan.forget.push(link.path.clone());
        }
        let is_known = || matches!(self.beside.files.get(&link.rule), Some(Ok(_)));
        let (cause, after) = match found {
            Found::Link { text, leads, .. } if is_ours(link, text) => match (leads, film) {
                _ if !rules.has(link.rule) => (Cause::RuleGone, None),
                (_, None) if !self.film_stands(link.rule, plan) => (Cause::Alone, self.after(link.rule, plan)),
                (_, Some(film)) if !film.has_beside(at) => (Cause::Unwanted, Some(film.rule)),
                (Leads::Unknown(cause), _) => return plan.problems.push(format!("cannot read {at}: {cause}")),
                // where the film is, its subtitles may be
                (Leads::Nowhere(_), None) if self.film_is_away(link.rule) => return,
                (Leads::Nowhere(End::Gone), _) => (Cause::SubtitleGone, None),
                // the film is there, and this is not beside it
                (Leads::Nowhere(End::Unproven(_)), Some(_)) if is_known() => (Cause::SubtitleGone, None),
                (Leads::Nowhere(End::Symlink(path, end)), Some(film)) => {
                    return plan.notice(
                        film.rule,
                        format!("a subtitle lies behind a symlink to {end}, which is not there: is its disk mounted? ({path})"),
                    );
                }
                (Leads::Elsewhere | Leads::ToSource, Some(film)) if is_known() => (Cause::Unwanted, Some(film.rule)),
                _ => return,
            },
            Found::Nothing | Found::Link { .. } | Found::Other(_) => return plan.forget.push(link.path.clone()),
            // Sonarr has moved it, and removed its folder perhaps
            Found::Away if film.is_some_and(|film| at.is_in(&film.folders.series)) => {
                return plan.forget.push(link.path.clone());
            }
            Found::Away => return,
            Found::Unknown(cause) => return plan.problems.push(format!("cannot read {at}: {cause}")),
        };
        let Found::Link { text, .. } = found else { return };
        plan.subtitles.push(removals::removal(at, text, cause, after, link.concerns));
    }

    /// Whether the link of a rule leads nowhere.
    fn film_is_away(&self, rule: i32) -> bool {
        self.known.links_of(rule).iter().any(|link| {
            let found = self.seen.links.get(&link.path).map(|(_, found)| found);
            matches!(found, Some(Found::Link { leads: Leads::Nowhere(_), .. }))
        })
    }

    /// Whether the link of a rule that has none in this plan stays where it is, as far as that is known.
    fn film_stands(&self, rule: i32, plan: &Plan) -> bool {
        let goes = |path: &str| {
            plan.steps.iter().any(|step| matches!(step, Step::Remove { at, .. } if at.to_string() == path))
        };
        self.known.links_of(rule).iter().any(|link| {
            let found = self.seen.links.get(&link.path).map(|(_, found)| found);
            let there = match found {
                Some(Found::Link { text, .. }) => is_ours(link, text),
                Some(Found::Nothing | Found::Other(_)) => false,
                Some(Found::Away | Found::Unknown(_)) | None => true,
            };
            there && !goes(&link.path)
        })
    }

    /// The rule whose step must have worked before the film's link goes.
    fn after(&self, rule: i32, plan: &Plan) -> Option<i32> {
        let links: HashSet<&str> = self.known.links_of(rule).iter().map(|link| link.path.as_str()).collect();
        plan.steps.iter().find_map(|step| match step {
            Step::Remove { at, after, .. } if links.contains(at.to_string().as_str()) => *after,
            _ => None,
        })
    }
}
