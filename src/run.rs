//! One run: load, fetch, place, look, decide; then apply, notify, report.

mod candidates;
mod fetch;
mod notify;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
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
    model::{AppState, Link, Meaning, Reason, Report, Rule, RuleState, Rules, Search, Untold, counted},
    plan::{self, Broken, Followed, Known, Layout, Limits, Plan, Step},
};
pub use candidates::{Suggested, catalog, episodes, suggest};
use fetch::{Apps, Fetched};
use notify::{Told, notify};

/// A run that has come as far as its plan: nothing has been changed yet, and nothing will be unless it is carried out.
pub struct Planned {
    plan: Plan,
    rules: Rules,
    /// As it was loaded.
    known: Known,
    searches: Vec<Search>,
    /// Whom earlier runs could not tell, and whom this one has to.
    untold: BTreeSet<Untold>,
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

/// Load, fetch, place, look and decide. With `force`, an empty library is believed and removals are not limited.
pub fn plan(config: &Config, force: bool, stop: &Arc<Stop>) -> Result<Planned> {
    let Some(media_root) = config.media_root.as_deref() else {
        return Err(Error::Idle("MEDIA_ROOT is not set: nothing done".into()));
    };
    let shown = media_root.display();
    match disk::is_folder(media_root) {
        Ok(true) => {}
        Ok(false) => return Err(Error::Idle(format!("MEDIA_ROOT {shown} is not a folder: nothing done"))),
        Err(cause) => return Err(Error::Disk(format!("cannot read MEDIA_ROOT {shown}: {cause}"))),
    }
    let apps = Arc::new(Apps::new(config, stop.beat)?);
    stop.reaches(&apps)?;
    let lock = Lock::take(&config.lock_file, media_root)?;
    let mut db = Db::open(&config.database)?;
    if !db.hold()? {
        return Err(Error::Busy("a run on another machine is using the database: nothing done".into()));
    }
    let rules = db.rules()?;
    let meanings = db.meanings()?.into_iter().map(|meaning| (meaning.rule, meaning)).collect();
    let known = Known { links: db.links()?, meanings, searches: db.searches()? };
    let (untold, last) = (db.untold()?, db.last_run()?);
    let roots = config.roots(media_root);
    let tree = Tree::open(&roots)?;

    let (Fetched { library, folders, searches }, mut walked) = thread::scope(|scope| {
        let walk = || if config.clean == Clean::Tree { tree.walk(&roots, stop.beat) } else { Walked::default() };
        let beside = thread::Builder::new().spawn_scoped(scope, walk);
        let fetched = apps.fetch(config, &rules.rules, &known, &roots, force);
        // where no thread can be had, the walk comes after
        (fetched, beside.map_or_else(|_| walk(), |walked| walked.join().unwrap_or_default()))
    });
    stop.check()?;
    let mut layout = Layout {
        radarr: config.radarr.iter().map(|app| app.paths.clone()).collect(),
        sonarr: config.sonarr.iter().map(|app| app.paths.clone()).collect(),
        specials: config.specials_folder.clone(),
        naming: BTreeMap::new(),
        roots,
    };
    layout.naming = apps.naming(plan::unnamed(&rules.rules, &library, &layout, &known));

    let mut here = plan::rivals(&rules.rules, &library, &layout, &known);
    here.retain(|source| tree.has_file(source));
    let placed = plan::place(&rules.rules, &library, &layout, &known, &here);
    let recorded = known.links.iter().filter_map(|link| layout.roots.locate(link.path.as_ref()).ok()).collect();
    let mut seen = tree.look(&placed.placements, recorded, &folders, &mut walked);
    seen.broken.extend(walked.broken.into_iter().map(|(at, text, target)| Broken {
        alive: tree.alive(&target, &folders),
        series: plan::series_at(&library, &layout, &at),
        at,
        text,
    }));
    let limits = Limits { clean: config.clean != Clean::Off, force };
    let plan = plan::decide(&rules, placed, &seen, &known.links, &layout, limits);

    let app_states = apps.states(&library);
    Ok(Planned { plan, rules, known, searches, untold, last, app_states, db, tree, apps, lock, stop: stop.clone() })
}

/// When the last run that was no dry one began.
pub fn last_run(config: &Config) -> Option<SystemTime> {
    disk::last_run(&config.lock_file)
}

impl Planned {
    /// What would be done.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The apps, and why those could not be used that could not.
    pub fn apps(&self) -> &[AppState] {
        &self.app_states
    }

    /// The report of a run that ends here.
    pub fn preview(&self) -> Report {
        let followed = self.plan.followed.iter().map(|(_, followed)| followed.sentence.clone());
        let changes = followed.chain(self.plan.changes().map(Step::to_string)).collect();
        self.report(&Applied { changes, ..Applied::default() }, &[])
    }

    /// Apply, notify and report. What fails costs only what depends on it, and is told in the report.
    pub fn carry_out(mut self) -> Result<Report> {
        self.lock.note();
        let applied = self.apply()?;
        let untold = self.notify()?;
        let report = self.report(&applied, &untold);
        let known: HashSet<_> = self.last.iter().flat_map(|last| &last.rules).collect();
        for state in report.rules.iter().filter(|state| !state.reason.is_empty()) {
            // an app that is down is one problem, not one for every rule
            let news = !known.contains(state) && !report.problems.contains(&state.reason);
            let level = if news { log::Level::Warn } else { log::Level::Debug };
            log::log!(level, "rule {} is not linked: {}", state.rule, state.reason);
        }
        for problem in &report.problems {
            log::error!("{problem}");
        }
        log::info!("{}", report.summary);
        let same =
            self.last.as_ref().is_some_and(|last| last.rules == report.rules && last.problems == report.problems);
        if !same || !report.changes.is_empty() {
            self.db.save_run(&report)?;
        }
        Ok(report)
    }

    /// Carries out the steps. The intent is recorded before and the result after, each at once for all of them: a run that is killed
    /// between leaves records that fit what it found as well as what it wanted. So does one that is stopped, which is an error.
    fn apply(&mut self) -> Result<Applied> {
        for (rule, Followed { wish, sentence }) in &self.plan.followed {
            log::info!("{sentence}");
            self.db.follow_rule(&Rule { id: *rule, wish: wish.clone() })?;
        }
        let before: HashMap<&str, &Link> = self.known.links.iter().map(|link| (link.path.as_str(), link)).collect();
        let untold: BTreeSet<Untold> = self.plan.changes().flat_map(|step| step.concerns().untold()).collect();
        let untold: BTreeSet<Untold> = untold.difference(&self.untold).copied().collect();
        self.db.save(&Changes {
            links: self.plan.steps.iter().filter_map(intent).cloned().collect(),
            forget: self.plan.forget.clone(),
            untold: untold.iter().copied().collect(),
            searches: std::mem::take(&mut self.searches),
            ..Changes::default()
        })?;

        let mut applied = Applied::default();
        let mut result = Changes::default();
        applied.changes.extend(self.plan.followed.iter().map(|(_, followed)| followed.sentence.clone()));
        for step in self.plan.changes().take_while(|_| self.stop.check().is_ok()) {
            let done = match step {
                Step::Remove { after: Some(rule), .. } if applied.failed.contains_key(rule) => continue,
                Step::Remove { at, text, .. } => self.tree.remove(at, text),
                Step::Create { at, series_folder, source, link } => {
                    self.tree.create(at, series_folder, &link.target, source)
                }
                Step::Replace { at, source, link } => {
                    self.tree.replace(at, link.was.as_deref().unwrap_or_default(), &link.target, source)
                }
                Step::Keep { .. } => continue,
            };
            let path = step.at().to_string();
            match (done, step.link()) {
                (Ok(()), link) => {
                    log::info!("{step}");
                    applied.changes.push(step.to_string());
                    self.untold.extend(step.concerns().untold());
                    match link {
                        Some(link) => result.links.push(Link { was: None, ..link.clone() }),
                        None => result.forget.push(path),
                    }
                }
                (Err(problem), link) => {
                    applied.problems.push(problem.to_string());
                    let Some(link) = link else { continue };
                    applied.failed.insert(link.rule, problem.to_string());
                    match before.get(path.as_str()) {
                        // either text may stand there now, and both are ours
                        Some(_) if matches!(step, Step::Replace { .. }) => {}
                        Some(&known) => result.links.push(known.clone()),
                        None => result.forget.push(path),
                    }
                }
            }
        }
        let news = |meaning: &&Meaning| {
            !applied.failed.contains_key(&meaning.rule) && self.known.meanings.get(&meaning.rule) != Some(meaning)
        };
        result.meanings = self.plan.meanings.iter().filter(news).cloned().collect();
        result.told = untold.difference(&self.untold).copied().collect();
        self.db.save(&result)?;
        self.stop.check()?;
        Ok(applied)
    }

    /// Tells the apps what they have not been told yet, by this run or an earlier one, and returns what could not be told.
    fn notify(&mut self) -> Result<Vec<String>> {
        let Told { heard, scan_failed, late, problems } = notify(&self.apps, &self.untold, &self.stop);
        for (shows, what) in [
            (scan_failed, "a scan failed after its import, as it does while a link in the show's folder leads nowhere"),
            (late, "its scan is not done yet: it will be told in the next run"),
        ] {
            for (sonarr, id) in shows {
                log::info!("{}, show {id}: {what}", self.apps.sonarr[sonarr].name());
            }
        }
        self.db.save(&Changes { told: heard, ..Changes::default() })?;
        // requests that were cut because we are being stopped are no problem of the apps'
        Ok(if self.stop.check().is_ok() { problems } else { Vec::new() })
    }

    fn report(&self, applied: &Applied, untold: &[String]) -> Report {
        let mut rules: Vec<RuleState> = Vec::new();
        let mut problems: Vec<String> = self.app_states.iter().filter_map(|app| app.problem.clone()).collect();
        for link in self.plan.steps.iter().filter_map(Step::link) {
            let failed = applied.failed.get(&link.rule).cloned();
            rules.push(RuleState {
                rule: link.rule.into(),
                state: if failed.is_some() { "failed" } else { "linked" }.into(),
                reason: failed.unwrap_or_default(),
                link: Some(link.path.clone()),
                since: 0,
            });
        }
        for skip in &self.plan.skips {
            let reason = skip.reason.to_string();
            if skip.reason.is_failure() {
                let problem = match &skip.reason {
                    Reason::AppFailed(_) | Reason::RootAway { .. } => reason.clone(),
                    _ => format!("rule {}: {reason}", skip.rule),
                };
                problems.push(problem);
            }
            let standing = self.known.links.iter().find(|link| i64::from(link.rule) == skip.rule);
            let link = standing.map(|link| link.path.clone());
            rules.push(RuleState { rule: skip.rule, state: skip.reason.word().into(), reason, link, since: 0 });
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
            summary: summary(self.rules.rules.len(), &applied.changes, &rules, &problems),
            failed: !problems.is_empty(),
            changes: applied.changes.clone(),
            problems,
            rules,
        }
    }
}

/// What came of the steps.
#[derive(Default)]
struct Applied {
    changes: Vec<String>,
    problems: Vec<String>,
    /// Why a rule's link could not be made, by rule.
    failed: HashMap<i32, String>,
}

/// What is recorded before a step is tried: from then on either state of the disk is known to be ours.
fn intent(step: &Step) -> Option<&Link> {
    match step {
        Step::Keep { link, save, .. } => save.then_some(link),
        Step::Create { link, .. } | Step::Replace { link, .. } => Some(link),
        Step::Remove { .. } => None,
    }
}

fn summary(known: usize, changes: &[String], rules: &[RuleState], problems: &[String]) -> String {
    let changes = match changes.len() {
        0 => "nothing changed".to_string(),
        n => counted(n, "change"),
    };
    let linked = rules.iter().filter(|state| state.state == "linked").count();
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
