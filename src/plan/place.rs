//! Where the link of each rule belongs, and what it is called.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Known, Layout, Skip};
use crate::{
    meaning::{self, Library, Means, Meant},
    model::{
        Concerns, Episode, Instance, Link, Meaning, MediaPath, Movie, Naming, NewRule, Reason, Rule, Rules, Series,
        SpecialsFolder, escaped,
    },
    name,
};

/// A rule's film and special, and the link that would join them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub rule: i32,
    pub concerns: Concerns,
    /// The show's folder.
    pub series_folder: MediaPath,
    /// The film's file.
    pub source: MediaPath,
    /// What the link's name says: an equal one needs no other name, wherever Sonarr or we have put it.
    pub named: String,
    /// Where the link is or shall be.
    pub link: MediaPath,
    /// What Sonarr has for the specials besides: a link of ours that it renamed, or files of its own.
    pub own_files: Vec<MediaPath>,
    /// What a name says that Sonarr gave to our link; `None` if it is known to say something else.
    pub named_by_sonarr: Option<String>,
    /// The season and first number in the name.
    pub special: (i32, i32),
    /// All that Sonarr tells of the specials, and what it calls the show's folder.
    pub specials: Vec<Episode>,
    pub series_path: String,
    /// What the rule was found to mean, to be remembered when its link stands.
    pub meaning: Meaning,
    /// The rule with the numbers that its specials have now, if they are others than it says.
    pub followed: Option<Followed>,
}

/// A rule whose specials have got other numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub wish: NewRule,
    /// One sentence.
    pub sentence: String,
}

/// Every rule is in one of the two.
#[derive(Debug, Default)]
pub struct Placed {
    pub placements: Vec<Placement>,
    pub skips: Vec<Skip>,
    /// The rules whose films have no file in Radarr, whatever else keeps them from being met, each with its Radarr and film.
    pub fileless: HashMap<i32, (Instance, i32)>,
    /// The recorded links of such rules that lead to other films' files, by path.
    pub of_other_films: HashSet<String>,
}

/// The folders of shows in which a rule needs a name that it does not have yet, each with the Sonarr whose way of naming has to be asked
/// for then.
pub fn unnamed(meant: &[Meant], layout: &Layout, known: &Known) -> BTreeMap<MediaPath, Instance> {
    let mut asked = BTreeMap::new();
    for (rule, means) in meant {
        if let Ok(means) = means
            && let Ok(scene) = Scene::new(rule, means, means.films[0], layout)
            && scene.kept(known).is_none()
        {
            asked.insert(scene.series_folder, means.series.sonarr);
        }
    }
    asked
}

/// Films that several Radarrs have a file for: which of these files are here decides who serves the rule.
pub fn rivals(meant: &[Meant], layout: &Layout) -> HashSet<MediaPath> {
    let mut rivals = HashSet::new();
    for means in meant.iter().flat_map(|(_, means)| means) {
        let sources: Vec<_> = means.films.iter().filter_map(|film| source(film, layout).ok()).collect();
        rivals.extend(sources.iter().filter(|_| sources.len() > 1).cloned());
    }
    rivals
}

/// Where each rule's link belongs. `here`: those of the [`rivals`] that are on the disk.
pub fn place(meant: &[Meant], library: &Library, layout: &Layout, known: &Known, here: &HashSet<MediaPath>) -> Placed {
    let mut placed = Placed::default();
    let mut specials = BTreeMap::new();
    let mut names = HashSet::new();
    for (rule, means) in meant {
        if let Ok(films) = meaning::films(rule, None, library)
            && films.iter().all(|film| film.file.is_none() && !film.file_untold)
        {
            let served = known.remembered(rule).and_then(|known| films.iter().find(|film| film.radarr == known.radarr));
            let film = served.unwrap_or(&films[0]);
            placed.fileless.insert(rule.id, (film.radarr, film.id));
        }
        let found = means.as_ref().map_err(Reason::clone).and_then(|means| {
            let numbers = means.specials.iter().map(|special| special.number);
            let ids: Vec<_> =
                numbers.map(|number| (means.series.sonarr, means.series.id, means.season, number)).collect();
            Ok((ids, place_one(rule, means, layout, known, here)?))
        });
        let (ids, placement) = match found {
            Ok(found) => found,
            Err(reason) => {
                placed.skips.push(Skip { rule: rule.id.into(), reason });
                continue;
            }
        };
        if let Some(&by) = ids.iter().find_map(|id| specials.get(id)) {
            placed.skips.push(Skip { rule: rule.id.into(), reason: Reason::Contested { by } });
        } else if !names.insert(placement.link.clone()) {
            let reason = Reason::Unusable(format!("another rule's link has the same name, {}", placement.link));
            placed.skips.push(Skip { rule: rule.id.into(), reason });
        } else {
            specials.extend(ids.into_iter().map(|id| (id, rule.id)));
            placed.placements.push(placement);
        }
    }
    placed
}

fn place_one(
    rule: &Rule,
    means: &Means,
    layout: &Layout,
    known: &Known,
    here: &HashSet<MediaPath>,
) -> Result<Placement, Reason> {
    let is_here = |film: &&&Movie| source(film, layout).is_ok_and(|source| here.contains(&source));
    let film = means.films.iter().find(is_here).unwrap_or(&means.films[0]);
    let scene = Scene::new(rule, means, film, layout)?;
    let link = match scene.kept(known) {
        Some(link) => link,
        None => scene.wanted(known)?,
    };
    let mut own_files = scene.own_files()?;
    own_files.retain(|own| *own != link);
    let (named, named_by_sonarr) = (scene.named(), scene.named_by_sonarr());
    // a name that Sonarr has given stays Sonarr's
    let is_sonarrs =
        known.links_of(rule.id).iter().any(|known| known.path == link.to_string() && known.named == named_by_sonarr);
    let named = if is_sonarrs { named_by_sonarr.clone() } else { named };
    let named_by_sonarr = scene.says_the_same(known).then_some(named_by_sonarr);
    let Scene { series_folder, source, .. } = scene;
    Ok(Placement {
        rule: rule.id,
        concerns: Concerns {
            sonarr: means.series.sonarr,
            series_id: means.series.id,
            radarr: film.radarr,
            movie_id: film.id,
        },
        series_folder,
        source,
        named,
        link,
        own_files,
        named_by_sonarr,
        special: (means.season, means.specials[0].number),
        specials: means.specials.iter().map(|special| (*special).clone()).collect(),
        series_path: means.series.path.clone(),
        meaning: means.remembered(rule, film),
        followed: followed(rule, means),
    })
}

fn followed(rule: &Rule, means: &Means) -> Option<Followed> {
    let wish = means.followed(rule);
    let title = &means.specials[0].title;
    (wish != rule.wish).then(|| Followed {
        sentence: format!(
            "TheTVDB has renumbered {title:?} of {:?}: rule {} follows it from {} to {}",
            means.series.title,
            rule.id,
            rule.wish.numbers().unwrap_or_default(),
            wish.numbers().unwrap_or_default()
        ),
        wish,
    })
}

/// The present file of a link's film, if its rule is still for that film.
pub fn present_file(link: &Link, rules: &Rules, library: &Library, layout: &Layout) -> Option<MediaPath> {
    let Concerns { radarr, movie_id, .. } = link.concerns;
    let tmdb_id = rules.get(link.rule)?.wish.tmdb_id;
    let films = library.radarr.get(radarr)?.as_ref().ok()?;
    source(films.iter().find(|film| (film.id, film.tmdb_id) == (movie_id, tmdb_id))?, layout).ok()
}

/// The local place of a film's file.
fn source(film: &Movie, layout: &Layout) -> Result<MediaPath, Reason> {
    let file = film.file.as_ref().ok_or_else(|| meaning::no_file(film))?;
    name::local(&layout.radarr[film.radarr], &layout.roots, &file.path).map_err(Reason::Unusable)
}

/// The line of [`Placement::named`] that has the quality.
const QUALITY: usize = 4;

/// What the name and place of one rule's link follow from.
struct Scene<'a> {
    rule: &'a Rule,
    means: &'a Means<'a>,
    layout: &'a Layout,
    series_folder: MediaPath,
    source: MediaPath,
    quality: String,
    revision: i32,
    file_name: String,
}

impl<'a> Scene<'a> {
    fn new(rule: &'a Rule, means: &'a Means<'a>, film: &Movie, layout: &'a Layout) -> Result<Scene<'a>, Reason> {
        let series = means.series;
        let series_folder =
            name::local(&layout.sonarr[series.sonarr], &layout.roots, &series.path).map_err(Reason::Unusable)?;
        let source = source(film, layout)?;
        let (quality, path) = film.file.as_ref().map(|file| (file.quality.clone(), &*file.path)).unwrap_or_default();
        let titles: Vec<&str> = means.specials.iter().map(|special| &*special.title).collect();
        let revision = film.file.as_ref().map_or(1, |file| file.revision);
        let file_name = name::file_name(&name::Name {
            series: &series.title,
            season: rule.wish.season_text(),
            number: means.specials[0].number,
            last: means.specials.last().map(|special| special.number),
            anime: series.anime,
            title: &name::joined(&titles),
            quality: &quality,
            revision,
            file: path,
            room: layout.longest.get(&series_folder).map_or(name::ROOM, |longest| name::room(*longest)),
        });
        Ok(Scene { rule, means, layout, series_folder, source, quality, revision, file_name })
    }

    /// What the link's name says. With a folder that the user has named, that belongs to it.
    fn named(&self) -> String {
        let Series { title: show, anime, .. } = self.means.series;
        let titles: Vec<&str> = self.means.specials.iter().map(|special| &*special.title).collect();
        let folder = match &self.layout.specials {
            SpecialsFolder::Named(format) => format,
            SpecialsFolder::Auto | SpecialsFolder::Sonarr => "",
        };
        let extension = self.file_name.rsplit('.').next().unwrap_or_default();
        let kind = if *anime { "anime" } else { "" };
        [&*self.numbers(), show, kind, &titles.join("/"), &self.graded(), extension, folder].map(escaped).join("\n")
    }

    /// What a name says that Sonarr has given: its words are Sonarr's own matter, but the quality is known from them alone.
    fn named_by_sonarr(&self) -> String {
        [self.numbers(), self.graded()].map(|part| escaped(&part)).join("\n")
    }

    /// The quality, with its revision from the second on.
    fn graded(&self) -> String {
        if self.revision > 1 { format!("{} {}", self.quality, self.revision) } else { self.quality.clone() }
    }

    fn numbers(&self) -> String {
        let numbers: Vec<String> = self.means.specials.iter().map(|special| special.number.to_string()).collect();
        format!("S{} {}", self.rule.wish.season_text(), numbers.join(" "))
    }

    /// Where the rule's link is, if its name says what it shall say: it is not renamed for anything else.
    fn kept(&self, known: &Known) -> Option<MediaPath> {
        let (named, named_by_sonarr) = (self.named(), self.named_by_sonarr());
        let says = |link: &&Link, at: &MediaPath| match link.named.as_str() {
            "" => self.was_named_by_an_earlier_version(at),
            text => text == named || text == named_by_sonarr,
        };
        let places = known.links_of(self.rule.id).iter().filter_map(|link| {
            let at = self.layout.roots.locate(link.path.as_ref()).ok()?;
            (at.is_in(&self.series_folder) && says(&link, &at) && !self.misleads(&at)).then_some(at)
        });
        places.min_by_key(|at| at.name() != self.file_name)
    }

    /// Whether Sonarr reads another special from the name, and has therefore not taken the link, but would from a new one.
    fn misleads(&self, at: &MediaPath) -> bool {
        let number = |special: Option<&&Episode>| special.map_or(0, |special| special.number);
        let (first, last) = (number(self.means.specials.first()), number(self.means.specials.last()));
        let misread = |name: &str| name::misread(name, self.means.season, first, last);
        let is_taken = self.own_files().is_ok_and(|own| own.contains(at));
        misread(at.name()) && !misread(&self.file_name) && !is_taken
    }

    /// Whether a name that Sonarr has made of our link's says what it shall say: that follows from what our link's name said.
    fn says_the_same(&self, known: &Known) -> bool {
        let lines = |link: &Link| {
            let lines: Vec<&str> = link.named.split('\n').collect();
            [lines[0], if lines.len() > 2 { lines[QUALITY] } else { lines[lines.len() - 1] }].join("\n")
        };
        let mut links = known.links_of(self.rule.id).iter().filter(|link| !link.named.is_empty()).peekable();
        links.peek().is_none() || links.any(|link| lines(link) == self.named_by_sonarr())
    }

    fn has_specials_in(&self, folder: &str) -> bool {
        let files = self.means.episodes.iter().filter_map(|episode| episode.file.as_deref());
        files.filter_map(|file| file.strip_prefix(&*self.means.series.path)).any(|rest| {
            rest.trim_start_matches(['/', '\\']).strip_prefix(folder).is_some_and(|rest| rest.starts_with(['/', '\\']))
        })
    }

    fn was_named_by_an_earlier_version(&self, at: &MediaPath) -> bool {
        let special = (self.means.season, self.means.specials[0].number);
        let extension = self.file_name.rsplit_once('.').map(|(_, extension)| extension);
        let folder = match &self.layout.specials {
            SpecialsFolder::Named(_) => self.folder().ok(),
            SpecialsFolder::Auto | SpecialsFolder::Sonarr => at.parent(),
        };
        name::marked(at.name()).is_some_and(|(season, first, _)| (season, first) == special)
            && at.name().contains(&name::clean(&self.quality))
            && at.name().rsplit_once('.').map(|(_, extension)| extension) == extension
            && at.parent() == folder
    }

    /// Where the link is to be made.
    fn wanted(&self, known: &Known) -> Result<MediaPath, Reason> {
        let own = self.own_files()?;
        let ours = |own: &&MediaPath| known.links_of(self.rule.id).iter().any(|link| link.path == own.to_string());
        // beside the link that Sonarr has put into a folder of its own
        let beside = own.iter().find(|own| !ours(own) && !known.links_of(self.rule.id).is_empty());
        let folder = match beside.and_then(MediaPath::parent) {
            Some(folder) if !matches!(self.layout.specials, SpecialsFolder::Named(_)) => folder,
            _ => self.folder()?,
        };
        folder
            .join(&self.file_name)
            .map_err(|problem| Reason::Unusable(format!("{:?} is no name: {problem}", self.file_name)))
    }

    fn own_files(&self) -> Result<Vec<MediaPath>, Reason> {
        let paths = &self.layout.sonarr[self.means.series.sonarr];
        let files: BTreeSet<&String> = self.means.specials.iter().filter_map(|special| special.file.as_ref()).collect();
        let local = |file| name::local(paths, &self.layout.roots, file).map_err(Reason::Unusable);
        files.into_iter().map(|file| local(file)).collect()
    }

    /// The folder that new links of the show are made in.
    fn folder(&self) -> Result<MediaPath, Reason> {
        let (series, specials) = (self.means.series, &self.layout.specials);
        let season = self.rule.wish.season_text();
        let naming = match self.layout.naming.get(&series.sonarr) {
            Some(Ok(naming)) => Some(naming),
            Some(Err(text)) if *specials == SpecialsFolder::Sonarr => return Err(Reason::AppFailed(text.clone())),
            None if *specials == SpecialsFolder::Sonarr => {
                return Err(Reason::AppFailed("the names of specials folders have not been fetched".into()));
            }
            _ => None,
        };
        let is_theirs = |naming: &Naming| match specials {
            SpecialsFolder::Named(_) => false,
            SpecialsFolder::Sonarr => true,
            SpecialsFolder::Auto => naming.renames,
        };
        if !series.season_folder && naming.is_some_and(is_theirs) {
            return Ok(self.series_folder.clone());
        }
        let naming = naming.filter(|_| series.season_folder);
        let name = match name::specials_folder(specials, naming, series.into(), season) {
            (_, Some(theirs)) if self.has_specials_in(&theirs) => Ok(theirs),
            (Err(_), _) if *specials == SpecialsFolder::Auto => {
                name::folder(SpecialsFolder::USUAL, series.into(), season)
            }
            (name, _) => name,
        };
        let name = name.map_err(Reason::Unusable)?;
        name.split('/')
            .try_fold(self.series_folder.clone(), |folder, part| folder.join(part))
            .map_err(|problem| Reason::Unusable(format!("{name:?} is no folder's name: {problem}")))
    }
}

#[cfg(test)]
mod tests;
