//! One run: load, fetch, place, look, decide; then apply, notify, report.

mod apply;
mod candidates;
mod decision;
mod fetch;
mod monitor;
mod notify;
mod taken;
mod witness;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    config::{Clean, Config},
    db::{Changes, Db},
    disk::{self, Lock, Tree, Walked},
    error::{Error, Result},
    model::{AppState, Concerns, Line, Reason, Report, RuleState, Rules, Search, Untold, counted},
    plan::{Known, Layout, Plan, Records, Step},
};
use apply::Applied;
pub use candidates::{best, catalog, specials, suggest};
use decision::{Decided, Decision};
use fetch::{Apps, Ask};
use monitor::Unmonitor;
use notify::{Told, notify};
use taken::Taken;

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

/// Ends a run early, from another thread: requests under way are cut, the change in hand is finished, and the rest is left to the
/// next run.
pub struct Stop {
    wanted: AtomicBool,
    apps: Mutex<Weak<Apps>>,
    beat: fn(),
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new(|| ())
    }
}

impl Stop {
    /// `beat` is called often while a run gets on: before each try of a request, in each folder of the walk, before each change.
    pub fn new(beat: fn()) -> Stop {
        Stop { wanted: AtomicBool::default(), apps: Mutex::default(), beat }
    }

    pub fn now(&self) {
        self.wanted.store(true, Ordering::SeqCst);
        if let Some(apps) = self.apps().upgrade() {
            apps.shutdown();
        }
    }

    /// Lets `now` reach these apps too; an error if it has been called.
    fn reaches(&self, apps: &Arc<Apps>) -> Result<()> {
        *self.apps() = Arc::downgrade(apps);
        self.check()
    }

    fn check(&self) -> Result<()> {
        (self.beat)();
        match self.wanted.load(Ordering::SeqCst) {
            true => Err(Error::Idle("stopped: the rest is left to the next run".into())),
            false => Ok(()),
        }
    }

    fn apps(&self) -> MutexGuard<'_, Weak<Apps>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        let walk = || if walks { walk() } else { Walked::default() };
        let beside = thread::Builder::new().spawn_scoped(scope, walk);
        let fetched = apps.fetch(&ask, &known);
        // where no thread can be had, the walk comes after
        (fetched, beside.map_or_else(|_| walk(), |walked| walked.join().unwrap_or_default()))
    });
    let mut layout = Layout {
        radarr: config.radarr.iter().map(|app| app.paths.clone()).collect(),
        sonarr: config.sonarr.iter().map(|app| app.paths.clone()).collect(),
        specials: config.specials_folder.clone(),
        naming: BTreeMap::new(),
        longest: HashMap::new(),
        roots: roots.clone(),
    };
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

/// When the last run that was no dry one began.
pub fn last_run(config: &Config) -> Option<SystemTime> {
    disk::last_run(&config.lock_file)
}

impl Planned {
    /// The apps, and why those could not be used that could not.
    pub fn apps(&self) -> &[AppState] {
        &self.app_states
    }

    /// The report of a run that ends here.
    pub fn preview(&self) -> Report {
        let followed = self.plan.followed.iter().map(|(rule, followed)| ((*rule).into(), followed.sentence.clone()));
        let before: Records = self.known.links.iter().map(|link| (link.path.as_str(), link)).collect();
        let steps = self.plan.changes().map(|step| (step.rule(&before), step.to_string()));
        let changes = followed.chain(steps).collect();
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
        let Told { heard, scanned, scan_failed, late, problems } = notify(&self.apps, &self.untold, &self.stop);
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

    fn report(&self, applied: &Applied, untold: &[String]) -> Report {
        let mut rules: Vec<RuleState> = Vec::new();
        let mut problems: Vec<String> = self.app_states.iter().filter_map(|app| app.problem.clone()).collect();
        let links = self.plan.steps.iter().filter_map(Step::link);
        for link in links.filter(|link| self.plan.placements.contains_key(&link.rule)) {
            let Concerns { sonarr, series_id, .. } = link.concerns;
            let told = self.untold.contains(&Untold::Series(sonarr, series_id));
            let (state, reason) = match (applied.failed.get(&link.rule), self.taken.reasons.get(&link.rule)) {
                (Some(problem), _) => ("failed", problem.clone()),
                // Sonarr may not have come to it yet
                (None, Some(reason)) if !told => (reason.word(), reason.to_string()),
                _ => match self.plan.parts.get(&link.rule) {
                    Some(reason) => (reason.word(), reason.to_string()),
                    None => ("linked", self.plan.notices.get(&link.rule).cloned().unwrap_or_default()),
                },
            };
            rules.push(RuleState {
                rule: link.rule.into(),
                state: state.into(),
                reason,
                link: Some(link.path.clone()),
                subtitles: self.subtitles(link.rule, applied),
                since: 0,
            });
        }
        for skip in &self.plan.skips {
            let reason = skip.reason.to_string();
            if skip.reason.is_failure() {
                let problem = match &skip.reason {
                    Reason::AppFailed(_) | Reason::RootAway { .. } | Reason::RootMissing { .. } => reason.clone(),
                    _ => format!("rule {}: {reason}", skip.rule),
                };
                problems.push(problem);
            }
            let standing = self.known.links.iter().find(|link| i64::from(link.rule) == skip.rule);
            let link = standing.map(|link| link.path.clone());
            let state = skip.reason.word().into();
            rules.push(RuleState { rule: skip.rule, state, reason, link, subtitles: Vec::new(), since: 0 });
        }
        rules.sort_by_key(|state| state.rule);
        let now = now();
        let before: HashMap<i64, &RuleState> =
            self.last.iter().flat_map(|last| &last.rules).map(|state| (state.rule, state)).collect();
        for state in &mut rules {
            let same = |last: &&&RuleState| RuleState { since: 0, ..(**last).clone() } == *state;
            state.since = before.get(&state.rule).filter(same).map_or(now, |last| last.since);
        }
        problems.extend(self.plan.problems.iter().chain(&applied.problems).chain(untold).cloned());
        let mut told = HashSet::new();
        problems.retain(|problem| told.insert(problem.clone()));
        Report {
            at: now,
            summary: summary(self.rules.rules.len(), applied.changes.len(), &rules, &problems),
            failed: !problems.is_empty(),
            changes: applied.changes.iter().map(|(_, line)| line.clone()).collect(),
            changed: applied.changes.iter().map(|(rule, _)| *rule).collect(),
            places: applied.places.clone(),
            problems,
            rules,
        }
    }
}

impl Planned {
    /// The links of a rule's subtitles that stand now.
    fn subtitles(&self, rule: i32, applied: &Applied) -> Vec<String> {
        let links = self.plan.subtitles.iter().filter_map(Step::link).filter(|link| link.rule == rule);
        links.map(|link| link.path.clone()).filter(|path| !applied.unmade.contains(path)).collect()
    }
}

fn summary(known: usize, changes: usize, rules: &[RuleState], problems: &[String]) -> String {
    let changes = match changes {
        0 => "nothing changed".to_string(),
        n => counted(n, "change"),
    };
    let linked = rules.iter().filter(|state| ["linked", "linked_in_part"].contains(&&*state.state)).count();
    let mut text = format!("{changes}: {linked} of {} linked", counted(known, "rule"));
    if !problems.is_empty() {
        text += &format!(", {}", counted(problems.len(), "problem"));
    }
    text
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
