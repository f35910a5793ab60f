//! One step at a time, over and over in this process, while somebody moves a file onto its place: many more races than whole runs have
//! time for.

use std::{
    env,
    fs::{self, Metadata},
    os::unix::fs::{MetadataExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use plex_linker::{disk::Tree, error::Result, model::Roots, plan::Folders};
use tempfile::TempDir;

use crate::support::{campaign, scene};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Make,
    Change,
    Remove,
    /// The link is renamed to the place.
    Arrive,
    /// The link is renamed from the place to another one.
    Leave,
    /// The link and another one that has its new text change at once.
    Trade,
    /// The same, and the place is the other one's.
    TradeBack,
}

pub const STEPS: [Step; 7] =
    [Step::Make, Step::Change, Step::Remove, Step::Arrive, Step::Leave, Step::Trade, Step::TradeBack];

/// How many files are moved onto the place of each kind of step at most.
fn races() -> u64 {
    campaign::size(600, 170_000)
}

/// Two threads that wait for each other at each race take their time where others want the processor, too: so long it goes on.
fn time() -> Duration {
    Duration::from_secs(campaign::size(2, 24 * 3600))
}

#[test]
fn a_file_that_comes_during_a_step_is_never_lost() {
    let met = race_all();
    campaign::figure(
        "files moved onto a link's place by an importer while the link is made, changed or removed",
        &format!("0 of {} lost; {met} came in the middle of the step", STEPS.len() as u64 * races()),
    );
}

/// As on mergerfs and other file systems that cannot exchange two names: this binary runs anew where that fails.
#[test]
fn a_file_that_comes_during_a_step_is_never_lost_without_exchange() {
    let Some(strace) = scene::failing("renameat2", "EINVAL") else { return };
    let mut alone = anew(&strace, &format!("{}::a_process_of_its_own", module_path!()));
    let output = alone.env(ALONE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let met = said.lines().find_map(|line| line.strip_prefix("met: "));
    assert!(output.status.success() && met.is_some(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    campaign::figure(
        "the same where the file system cannot exchange two names",
        &format!("0 of {} lost; {} came in the middle of the step", STEPS.len() as u64 * races(), met.unwrap()),
    );
}

/// D03c: as long as the file system can exchange two names.
#[test]
fn a_link_that_changes_is_never_missed() {
    let scene = Scene::new();
    scene.prepare(Step::Change);
    let changes = campaign::size(1_500, 300_000);
    let at = scene.roots.locate(&scene.place).unwrap();
    let looks = thread::scope(|scope| {
        let changing = scope.spawn(|| {
            for change in 0..changes as usize {
                let (was, now) = (change % 2, (change + 1) % 2);
                scene.tree.replace(&at, TEXTS[was], false, TEXTS[now], &scene.sources[now]).unwrap();
            }
        });
        let mut looks = 0;
        while !changing.is_finished() {
            scene.place.metadata().expect("the link should be there and lead to a file");
            looks += 1;
        }
        looks
    });
    assert!(looks > changes / 10, "only {looks} looks");
    campaign::figure(
        &format!("looks at a link while it is changed {changes} times"),
        &format!("0 of {looks} missed it"),
    );
}

/// This binary below `wrapper` with only this test in it.
pub fn anew(wrapper: &[String], test: &str) -> Command {
    let name = test.split_once("::").unwrap().1;
    let mut command = Command::new(&wrapper[0]);
    command.args(&wrapper[1..]).arg(env::current_exe().unwrap()).args(["--exact", name, "--ignored", "--nocapture"]);
    command
}

const ALONE: &str = "PLEX_LINKER_TEST_RACE";

/// No test: the one without exchange runs this binary anew with only this in it.
#[test]
#[ignore = "another test starts it"]
fn a_process_of_its_own() {
    if env::var_os(ALONE).is_some() {
        println!("\nmet: {}", race_all());
    }
}

/// Returns how many files were met by the step, which then gave up.
fn race_all() -> u64 {
    let mut all = 0;
    for step in STEPS {
        let scene = Scene::new();
        let (met, raced) = scene.race(step);
        // without exchange only the other of the two is touched
        let few = if step == Step::TradeBack { 0 } else { raced / 500 };
        assert!(met >= few && raced > 20, "only {met} of {raced} files came while the link was there to {step:?}");
        all += met;
    }
    all
}

/// A show's folder with the place of a link, two files that it may lead to, and an importer's file.
pub struct Scene {
    pub root: PathBuf,
    pub place: PathBuf,
    other: PathBuf,
    tree: Tree,
    roots: Roots,
    series_folder: PathBuf,
    pub sources: [PathBuf; 2],
    incoming: PathBuf,
    _folder: Option<TempDir>,
}

/// The links' texts.
pub const TEXTS: [&str; 2] = ["../../../movies/A.mkv", "../../../movies/B.mkv"];

impl Scene {
    pub fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("tv/Show/Season 00")).unwrap();
        fs::create_dir(root.join("movies")).unwrap();
        let scene = Scene { _folder: Some(folder), ..Scene::open(root) };
        for file in scene.sources.iter().chain([&scene.incoming]) {
            fs::write(file, "a film").unwrap();
        }
        scene
    }

    /// One that is there already.
    pub fn open(root: PathBuf) -> Scene {
        let roots = Roots::new([root.clone()]);
        let series_folder = root.join("tv/Show");
        Scene {
            place: series_folder.join("Season 00/Show - S00E01 - Film.mkv"),
            other: series_folder.join("Season 00/Show - S00E02 - Film.mkv"),
            tree: Tree::open(&roots).unwrap(),
            roots,
            series_folder,
            sources: ["A.mkv", "B.mkv"].map(|name| root.join("movies").join(name)),
            incoming: root.join("incoming.mkv"),
            root,
            _folder: None,
        }
    }

    /// How many files were met by the step, of how many.
    fn race(&self, step: Step) -> (u64, u64) {
        let end = Instant::now() + time();
        // when the file comes, in nanoseconds after the beginning: later when it came too early, earlier when it came too late, so that
        // the tightest moments are found on any machine
        let moment = AtomicU64::new(20_000);
        let file = identity(&self.incoming.metadata().unwrap());
        // the number of the race that is prepared, that has begun, whose file has been moved
        let (ready, begun, moved) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let (mut met, mut raced) = (0, 0);
        thread::scope(|scope| {
            scope.spawn(|| {
                for race in 1..=races() {
                    until(|| ready.load(Ordering::Acquire) >= race);
                    begun.store(race, Ordering::Release);
                    let pause = Duration::from_nanos(moment.load(Ordering::Relaxed) * (32 + race % 64) / 64);
                    let start = Instant::now();
                    while start.elapsed() < pause {}
                    if fs::rename(&self.incoming, &self.place).is_err() {
                        return;
                    }
                    moved.store(race, Ordering::Release);
                }
            });
            for race in (1..=races()).take_while(|_| Instant::now() < end) {
                self.prepare(step);
                ready.store(race, Ordering::Release);
                until(|| begun.load(Ordering::Acquire) >= race);
                let done = self.take(step);
                until(|| moved.load(Ordering::Acquire) >= race);
                let soon = moment.load(Ordering::Relaxed);
                moment.store(if done.is_err() { soon + soon / 64 + 1 } else { soon - soon / 64 }, Ordering::Relaxed);
                met += u64::from(done.is_err());
                raced = race;
                let found = self.find(file);
                let told = |at: &Path| done.as_ref().is_err_and(|e| e.to_string().contains(at.to_str().unwrap()));
                match found {
                    Some(at) if at == self.place || told(&at) => fs::rename(at, &self.incoming).unwrap(),
                    other => {
                        // the other thread is not to wait for the next one
                        ready.store(u64::MAX, Ordering::Release);
                        panic!("race {race} to {step:?}: {done:?}, and the file is at {other:?}");
                    }
                }
            }
            // the other thread moves its file once more, and then finds none
            ready.store(u64::MAX, Ordering::Release);
        });
        (met, raced)
    }

    /// What the step expects to find; whatever else is there was left by the race before.
    pub fn prepare(&self, step: Step) {
        for entry in fs::read_dir(self.place.parent().unwrap()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        let links: &[_] = match step {
            Step::Make => &[],
            Step::Change | Step::Remove | Step::Leave => &[(&self.place, TEXTS[0])],
            Step::Arrive => &[(&self.other, TEXTS[0])],
            Step::Trade => &[(&self.place, TEXTS[0]), (&self.other, TEXTS[1])],
            Step::TradeBack => &[(&self.place, TEXTS[1]), (&self.other, TEXTS[0])],
        };
        links.iter().for_each(|(place, text)| symlink(text, place).unwrap());
    }

    pub fn take(&self, step: Step) -> Result<()> {
        self.take_to(step, &self.sources[usize::from(!matches!(step, Step::Make | Step::Remove))])
    }

    /// The link is wanted to lead to this file.
    pub fn take_to(&self, step: Step, source: &Path) -> Result<()> {
        let [at, other] = [&self.place, &self.other].map(|place| self.roots.locate(place).unwrap());
        let folders = Folders { series: self.roots.locate(&self.series_folder).unwrap(), like: None };
        match step {
            Step::Make => self.tree.create(&at, &folders, TEXTS[0], source),
            Step::Change => self.tree.replace(&at, TEXTS[0], false, TEXTS[1], source),
            Step::Remove => self.tree.remove(&at, TEXTS[0], false).map(drop),
            Step::Arrive => self.tree.rename(&other, TEXTS[0], &at, &folders, TEXTS[1], source),
            Step::Leave => self.tree.rename(&at, TEXTS[0], &other, &folders, TEXTS[1], source),
            Step::Trade => self.tree.trade(&at, &other, TEXTS[0], TEXTS[1], source),
            Step::TradeBack => self.tree.trade(&other, &at, TEXTS[0], TEXTS[1], source),
        }
    }

    pub fn remove_if_broken(&self) -> Result<bool> {
        self.tree.remove(&self.roots.locate(&self.place).unwrap(), TEXTS[0], true)
    }

    pub fn replace_if_broken(&self) -> Result<()> {
        let at = self.roots.locate(&self.place).unwrap();
        self.tree.replace(&at, TEXTS[0], true, TEXTS[1], &self.sources[1])
    }

    /// Where it is now.
    pub fn find(&self, file: (u64, u64)) -> Option<PathBuf> {
        let is_it = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| identity(&found) == file);
        let here = Some(self.place.clone()).filter(is_it);
        here.or_else(|| {
            let entries = fs::read_dir(self.place.parent().unwrap()).unwrap();
            entries.map(|entry| entry.unwrap().path()).find(is_it)
        })
    }
}

pub fn identity(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

fn until(so: impl Fn() -> bool) {
    while !so() {
        thread::yield_now();
    }
}
