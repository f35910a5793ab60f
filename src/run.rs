//! One run: load, fetch, place, look, decide; then apply, notify, report.

mod apply;
mod candidates;
mod decision;
mod fetch;
mod monitor;
mod notify;
mod report;
mod stop;
mod taken;
mod witness;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::Arc,
    thread,
};

use crate::{
    clock::{self, now},
    config::{App, Clean, Config},
    db::{Changes, Db},
    disk::{self, Lock, Tree, Walked},
    error::{Error, Result},
    model::{AppState, Line, Report, Roots, Rules, Search, Untold},
    plan::{Known, Layout, Plan},
};
use apply::Applied;
use decision::{Decided, Decision};
use fetch::{Apps, Ask};
use monitor::Unmonitor;
use notify::{Notified, notify};
use taken::Taken;

pub use candidates::{best, catalog, specials, suggest};
pub use stop::Stop;

/// A run that has come as far as its plan: nothing has been changed yet, and nothing will be unless it is carried out.
pub struct Planned {
    plan: Plan,
    rules: Rules,
    /// As the shows are now.
    known: Known,
    searches: Vec<Search>,
    figures: Vec<(String, i64)>,
    /// Whom earlier runs could not tell, and whom this one has to.
    untold: BTreeSet<Untold>,
    taken: Taken,
    /// What Sonarr is to fetch no more once the links stand.
    unmonitor: Vec<Unmonitor>,
    /// What the last run found, as far as it was anything new.
    last: Option<Report>,
    app_states: Vec<AppState>,
    db: Db,
    tree: Tree,
    apps: Arc<Apps>,
    lock: Lock,
    stop: Arc<Stop>,
}

/// The name of the figure that says when a run last asked for everything and looked at everything, in seconds since 1970.
const WHOLE: &str = "whole_at";
const DAY: i64 = 86_400;

/// Load, fetch, place, look and decide. With `force`, an empty library is believed and removals are not limited. If somebody `asked` for
/// the run, and once a day, it asks for whole lists and looks at all that it looks at in some runs only.
pub fn plan(config: &Config, force: bool, asked: bool, stop: &Arc<Stop>) -> Result<Planned> {
    let media_root = media_root(config)?;
    let apps = Arc::new(Apps::new(config, stop.beat)?);
    stop.reaches(&apps)?;
    let lock = Lock::take(&config.lock_file, media_root)?;
    let mut db = Db::open(&config.database)?;
    if !db.hold()? {
        return Err(Error::Busy("a run on another machine is using the database: nothing done".into()));
    }
    let rules = db.rules()?;
    let mut known = Known::new(db.links()?, db.meanings()?, db.searches()?);
    known.figures = db.figures()?;
    let (untold, scans, last) = (db.untold()?, db.scans()?, db.last_run()?);
    let roots = config.roots(media_root);
    let tree = Tree::open(&roots)?;

    let is_due = known.figures.get(WHOLE).is_none_or(|at| !(*at..at + DAY).contains(&now()));
    let wholly = asked || is_due;
    let ask = Ask { config, rules: &rules.rules, roots: &roots, force, wholly };
    let goes_on = || stop.check().is_ok();
    let walk = || tree.walk(&roots, &goes_on);
    let mut walks = config.clean == Clean::Tree || config.clean == Clean::Daily && wholly;
    let (mut fetched, mut walked) = thread::scope(|scope| {
        let first_walk = || if walks { walk() } else { Walked::default() };
        let beside = thread::Builder::new().spawn_scoped(scope, first_walk);
        let fetched = apps.fetch(&ask, &known);
        // where no thread can be had, the walk comes after
        (fetched, beside.map_or_else(|_| first_walk(), |walked| walked.join().unwrap_or_default()))
    });
    let mut layout = layout(config, &roots);
    let decision = Decision { ask: &ask, rules: &rules, known: &known, apps: &apps, tree: &tree, stop };
    let Decided { plan, known: followed, figures: judged } = loop {
        stop.check()?;
        match decision.plan(&fetched, &mut layout, &mut walked)? {
            None => apps.complete(&ask, &known, &mut fetched, true, true),
            // where something changes, the disks are awake
            Some(decided) if !walks && config.clean == Clean::Daily && decided.plan.changes().next().is_some() => {
                (walks, walked) = (true, walk());
            }
            Some(decided) => break decided,
        }
    };
    if let Cow::Owned(followed) = followed {
        known = followed;
    }
    let taken = apps.taken(&plan, &layout, &scans);
    let unmonitor = if config.unmonitor { monitor::wanted(&known, &plan) } else { Vec::new() };
    stop.check()?;
    let app_states = apps.states(&fetched.library);
    let mut figures = apps.sizes(&fetched);
    figures.extend(judged);
    figures.extend(is_due.then(|| (WHOLE.into(), now())));
    figures.retain(|(name, value)| known.figures.get(name) != Some(value));
    Ok(Planned {
        plan,
        rules,
        known,
        searches: fetched.searches,
        figures,
        untold,
        taken,
        unmonitor,
        last,
        app_states,
        db,
        tree,
        apps,
        lock,
        stop: stop.clone(),
    })
}

fn layout(config: &Config, roots: &Roots) -> Layout {
    let paths = |apps: &[App]| apps.iter().map(|app| app.paths.clone()).collect();
    Layout {
        roots: roots.clone(),
        radarr: paths(&config.radarr),
        sonarr: paths(&config.sonarr),
        specials: config.specials_folder.clone(),
        naming: BTreeMap::new(),
        longest: HashMap::new(),
    }
}

/// The media folder, if it is there.
fn media_root(config: &Config) -> Result<&Path> {
    let Some(media_root) = config.media_root.as_deref() else {
        return Err(Error::NoMedia("MEDIA_ROOT is not set: nothing done".into()));
    };
    let shown = media_root.display();
    match disk::is_folder(media_root) {
        Ok(true) => Ok(media_root),
        Ok(false) => Err(Error::NoMedia(format!("MEDIA_ROOT {shown} is not a folder: nothing done"))),
        Err(cause) => Err(Error::Disk(format!("cannot read MEDIA_ROOT {shown}: {cause}"))),
    }
}

/// When the last run that was no dry one began, in seconds since 1970.
pub fn last_run(config: &Config) -> Option<i64> {
    disk::last_run(&config.lock_file).map(clock::seconds)
}

impl Planned {
    /// The apps, and why those could not be used that could not.
    pub fn apps(&self) -> &[AppState] {
        &self.app_states
    }

    /// The report of a run that ends here.
    pub fn preview(&self) -> Report {
        let before = self.known.records();
        let steps = self.plan.changes().map(|step| (step.rule(&before), step.to_string()));
        let changes = self.plan.followed().chain(steps).collect();
        self.report(&Applied { changes, ..Applied::default() }, &[])
    }

    /// Tells Sonarr of links that it has not taken though it sees their films by now, and nothing else; says of how many shows.
    pub fn tell_again(mut self) -> Result<usize> {
        self.untold = self.taken.again.clone();
        let problems = self.notify()?;
        Ok(if problems.is_empty() { self.untold.len() } else { 0 })
    }

    /// Apply, notify and report. What fails costs only what depends on it, and is told in the report.
    pub fn carry_out(mut self) -> Result<Report> {
        self.lock.note();
        let applied = self.apply()?;
        self.untold.extend(&self.taken.again);
        let mut untold = self.notify()?;
        untold.extend(self.unmonitor(&applied)?);
        let report = self.report(&applied, &untold);
        for line in report.lines(self.last.as_ref()) {
            match line {
                // told when it was done
                Line::Change(_) => {}
                Line::NotLinked { text, news: true } => log::warn!("{text}"),
                Line::NotLinked { text, news: false } => log::debug!("{text}"),
                Line::Problem(text) => log::error!("{text}"),
                Line::Summary(text) => log::info!("{text}"),
            }
        }
        let same =
            self.last.as_ref().is_some_and(|last| last.rules == report.rules && last.problems == report.problems);
        if !same || !report.changes.is_empty() {
            self.db.save_run(&report)?;
        }
        Ok(report)
    }

    /// Tells the apps what they have not been told yet, by this run or an earlier one, and returns what could not be told.
    fn notify(&mut self) -> Result<Vec<String>> {
        let Notified { heard, scanned, scan_failed, late, problems } = notify(&self.apps, &self.untold, &self.stop);
        let scans = taken::scans(&scanned, &scan_failed, &heard, &self.db.scans()?, &self.taken.again);
        for (shows, what) in [
            (scan_failed, "a scan failed after its import, as it does while a link in the show's folder leads nowhere"),
            (late, "its scan is not done yet: it will be told in the next run"),
        ] {
            for (sonarr, id) in shows {
                log::info!("{}, show {id}: {what}", self.apps.sonarr[sonarr].name());
            }
        }
        self.db.save(&Changes { told: heard, scans, ..Changes::default() })?;
        // requests that were cut because we are being stopped are no problem of the apps'
        Ok(if self.stop.check().is_ok() { problems } else { Vec::new() })
    }
}
