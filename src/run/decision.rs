//! From what the apps answered and what the disk shows to a plan.

use std::path::Path;

use super::{
    Stop,
    fetch::{Apps, Ask, Fetched, Folder},
};
use crate::{
    config::Clean,
    disk::{Proofs, Tree, Walked},
    error::Result,
    model::{Reason, Rules, SpecialsFolder},
    name,
    plan::{self, End, Known, Layout, Limits, Plan, Skip},
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

impl Decision<'_> {
    /// The plan; `None` if that takes whole lists, which were not fetched. Only where all is well the rest of them does not matter.
    pub fn plan(&self, fetched: &Fetched, layout: &mut Layout, walked: &mut Walked) -> Result<Option<Plan>> {
        let Decision { ask: Ask { config, force, .. }, rules, known, apps, tree, stop } = *self;
        let library = &fetched.library;
        let unnamed = plan::unnamed(&rules.rules, library, layout, known);
        layout.longest = tree.longest_names(unnamed.keys());
        let is_asked = !matches!(layout.specials, SpecialsFolder::Named(_));
        layout.naming = apps.naming(unnamed.values().filter(|_| is_asked).copied().collect());
        let mut here = plan::rivals(&rules.rules, library, layout, known);
        here.retain(|source| tree.has_file(source));
        let placed = plan::place(&rules.rules, library, layout, known, &here);

        let recorded = known.links.iter().filter_map(|link| layout.roots.locate(link.path.as_ref()).ok()).collect();
        let shows = library.sonarr.iter().flatten().flatten();
        let shows: Vec<_> =
            shows.filter_map(|show| name::local(&layout.sonarr[show.sonarr], &layout.roots, &show.path).ok()).collect();
        let folders = apps.folders(self.ask, fetched);
        let libraries: Vec<_> = folders.iter().map(|folder| folder.local.clone()).collect();
        let meant = known.links.iter().filter_map(|link| known.meanings.get(&link.rule));
        let disks = meant.filter_map(|meaning| meaning.disk.as_deref()).collect();
        let goes_on = || stop.check().is_ok();
        let mut proofs = Proofs::new(tree, &libraries, disks, &goes_on);
        let mut seen = tree.look(&placed.placements, recorded, &shows, &mut proofs, walked);
        // what had a rule may be in a show that has another number now
        let is_orphaned = || known.links.iter().any(|link| !rules.has(link.rule));
        let mut is_gone = || walked.broken.iter().any(|link| proofs.end(&link.target) == End::Gone);
        if !fetched.is_whole() && (seen.is_doubtful() || is_orphaned() || is_gone()) {
            return Ok(None);
        }

        let dangling = std::mem::take(&mut walked.broken);
        seen.broken = apps.broken(config, dangling, &mut proofs, library, layout, &known.links);
        let no_files = apps.no_files(&placed, &seen, &known.links);
        stop.check()?;
        let limits = Limits { clean: config.clean != Clean::Off, force: *force };
        let known = known.renumbered(library, layout);
        let mut plan = plan::decide(rules, placed, &seen, &known, layout, &no_files, limits);
        for Skip { reason, .. } in &mut plan.skips {
            let Reason::RootAway { path } = &*reason else { continue };
            let missing = folders.iter().find(|folder| tree.real(&folder.local).as_path() == Path::new(path));
            *reason = missing.and_then(Folder::missing).unwrap_or_else(|| reason.clone());
        }
        let beside = tree.look_beside(&plan.films, &known, &layout.roots, config.subtitles, &mut proofs);
        plan.add_subtitles(rules, &known, &seen, &beside, layout);
        Ok(Some(plan))
    }
}
