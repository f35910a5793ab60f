//! From what the apps answered and what the disk shows to a plan.

use std::{borrow::Cow, path::Path};

use super::{
    Stop,
    fetch::{Apps, Ask, Fetched, LibraryFolder},
    witness::Judged,
};
use crate::{
    config::Clean,
    disk::{self, Proofs, Survey, Tree, Walked},
    error::Result,
    meaning::{Meant, means},
    model::{Link, MediaPath, Reason, Roots, Rules, SpecialsFolder},
    name,
    plan::{self, Allowed, Broken, End, Found, Known, Layout, Leads, Plan, Seen, Shows, Skip},
};

/// What does not change while a plan is sought.
pub struct Decision<'a> {
    pub ask: &'a Ask<'a>,
    pub rules: &'a Rules,
    pub known: &'a Known,
    pub apps: &'a Apps,
    pub tree: &'a Tree,
    pub stop: &'a Stop,
}

pub struct Decided<'a> {
    pub plan: Plan,
    /// As the shows are now.
    pub known: Cow<'a, Known>,
    pub figures: Vec<(String, i64)>,
}

impl<'a> Decision<'a> {
    /// The plan; `None` if that takes whole lists, which were not fetched. Only where all is well the rest of them does not matter.
    pub fn plan(&self, fetched: &Fetched, layout: &mut Layout, walked: &mut Walked) -> Result<Option<Decided<'a>>> {
        let Decision { ask, rules, apps, tree, stop, .. } = *self;
        let library = &fetched.library;
        let real = |folder: &_| tree.real_folder(folder);
        let shows = Shows::new(library, layout, ask.roots, &real);
        let known = self.known.followed(&shows, |at| tree.link(at));
        let meant = |rule| (rule, means(rule, known.remembered(rule), library));
        let meant: Vec<Meant> = rules.rules.iter().map(meant).collect();
        let unnamed = plan::unnamed(&meant, layout, &known);
        layout.longest = tree.longest_names(unnamed.keys());
        let is_asked = !matches!(layout.specials, SpecialsFolder::Named(_));
        layout.naming = apps.naming(unnamed.values().filter(|_| is_asked).copied().collect());
        let mut here = plan::rivals(&meant, layout);
        here.retain(|source| tree.file(source).is_some());
        let mut placed = plan::place(&meant, library, layout, &known, &here);
        placed.of_other_films = apps.of_other_films(ask, &placed, &known, tree);

        let recorded = known.links.iter().filter_map(|link| layout.roots.locate(link.path.as_ref()).ok()).collect();
        let folders = apps.folders(ask, fetched);
        let libraries: Vec<_> = folders.iter().map(|folder| folder.local.clone()).collect();
        let meant = known.links.iter().filter_map(|link| known.meanings.get(&link.rule));
        let disks = meant.filter_map(|meaning| meaning.disk.as_deref()).collect();
        let goes_on = || stop.check().is_ok();
        let proofs = Proofs::new(tree, &libraries, disks, &goes_on);
        let mut survey = Survey::new(tree, proofs, shows.folders(), recorded);
        let mut seen = survey.look(&placed.placements, walked);

        ends_of_unfinished(&mut seen, &known, tree, &mut survey.proofs);
        ends_of_replaced(&mut seen, &known, tree, |link| plan::present_file(link, rules, library, layout));
        let ours = known.records();
        let is_ours = |link: &Broken| {
            ours.get(link.at.to_string().as_str()).is_some_and(|known| plan::is_ours(known, &link.text))
        };
        // of an episode Radarr is no witness
        let films: Vec<_> =
            folders.iter().filter(|folder| folder.has_films()).map(|folder| tree.real(&folder.local)).collect();
        let is_shows = |target: &Path| shows.folders().any(|show| target.starts_with(tree.real(&show.absolute())));
        let mut is_gone = |link: &&Broken| {
            !is_ours(link)
                && survey.proofs.end(&link.target) == End::Gone
                && survey.proofs.library(&tree.real(&link.target)).is_some_and(|library| films.contains(&library))
                && !is_shows(&tree.real(&link.target))
                && !has_moved(link, &layout.roots)
        };
        let mut broken: Vec<Broken> = walked.broken.iter().filter(&mut is_gone).cloned().collect();
        if matches!(ask.config.clean, Clean::Tree | Clean::Daily) {
            let mut in_the_way = plan::in_the_way(&placed, &seen);
            in_the_way.extend(plan::left_behind(&seen, &known, real));
            let new = |link: &&Broken| !broken.iter().any(|other| other.id == link.id);
            let in_the_way: Vec<Broken> = in_the_way.iter().filter(new).filter(&mut is_gone).cloned().collect();
            broken.extend(in_the_way);
        }
        let of_others = seen.count.saturating_sub(known.links.len());
        let judged = apps.judge(ask, &known, fetched, &broken, of_others, tree);
        // what had a rule may be in a show that has another number now
        let is_orphaned = || known.links.iter().any(|link| !rules.has(link.rule));
        let Some(Judged { claims, figures, problem }) =
            judged.filter(|_| fetched.is_whole() || !seen.is_doubtful() && !is_orphaned())
        else {
            return Ok(None);
        };
        for (link, claimed) in broken.iter_mut().zip(claims) {
            // Sonarr sees none that has a temporary name
            let is_left = seen.leftovers.iter().any(|(at, _)| *at == link.at);
            (link.series, link.claimed) = (shows.of(&link.at).filter(|_| !is_left), claimed);
        }
        seen.broken = broken;

        let no_files = apps.no_files(&placed, &seen, &known);
        stop.check()?;
        let limits = Allowed { clean: ask.config.clean != Clean::Off, force: ask.force };
        let mut plan = plan::decide(rules, placed, &seen, &known, layout, &no_files, limits);
        plan.problems.extend(problem);
        name_missing(&mut plan.skips, &folders, tree);
        let beside = survey.look_beside(&plan.films, &known, &layout.roots, ask.config.subtitles);
        plan.add_subtitles(rules, &known, &seen, &beside, layout);
        Ok(Some(Decided { plan, known, figures }))
    }
}

/// Of a link whose change is not finished what counts is where it is to lead: that of one which went along with its show's folder
/// leads nowhere by its text.
fn ends_of_unfinished(seen: &mut Seen, known: &Known, tree: &Tree, proofs: &mut Proofs) {
    for link in known.links.iter().filter(|link| link.was.is_some()) {
        if let Some((at, Found::Link { text, leads: Leads::Nowhere(end), .. })) = seen.links.get_mut(&link.path)
            && link.was.as_ref() == Some(text)
            && let Some(folder) = at.parent()
        {
            let led = name::leads_to(&tree.real_folder(&folder), &link.target);
            *end = if disk::is_file_at(&led) { End::There(led, link.target.clone()) } else { proofs.end(&led) };
        }
    }
}

/// The film of a link that leads nowhere may have another file by now, whatever keeps its rule from being met.
fn ends_of_replaced(seen: &mut Seen, known: &Known, tree: &Tree, file: impl Fn(&Link) -> Option<MediaPath>) {
    for link in &known.links {
        if let Some((at, Found::Link { leads: Leads::Nowhere(end), .. })) = seen.links.get_mut(&link.path)
            && let (Some(folder), Some(file)) = (at.parent(), file(link).and_then(|file| tree.file(&file)))
            && let Some(text) = name::relative(&tree.real_folder(&folder), &file).to_str()
        {
            *end = End::There(file.clone(), text.into());
        }
    }
}

/// Where what is away is a whole folder of an app's, a path map may be to blame.
fn name_missing(skips: &mut [Skip], folders: &[LibraryFolder], tree: &Tree) {
    for Skip { reason, .. } in skips {
        let Reason::RootAway { path } = &*reason else { continue };
        let missing = folders.iter().find(|folder| tree.real(&folder.local).as_path() == Path::new(path));
        *reason = missing.and_then(LibraryFolder::missing).unwrap_or_else(|| reason.clone());
    }
}

/// Whether the link went along with the folder that it is in: from another place in the tree its text leads to a file.
fn has_moved(link: &Broken, roots: &Roots) -> bool {
    let below = link.text.trim_start_matches("../");
    let mut above = roots.iter().flat_map(|root| Path::new(&**root).ancestors().take(2));
    below.len() < link.text.len() && above.any(|folder| disk::is_file_at(&folder.join(below)))
}
