//! What comes to stand in a link's place after the look and before the step, on a disk that fails as well: it is not lost, and where it
//! could not be put back, that is told.

use std::{
    env,
    fs::{self, Permissions},
    io::Read,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::step::{STEPS, Scene, Step, TEXTS, anew, identity};
use crate::support::{
    campaign, cells,
    strace::{self, Strace},
};

/// Who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guest {
    Nobody,
    /// Somebody who removes the link.
    Remover,
    File,
    Folder,
    EmptyFolder,
    Symlink,
}

const GUESTS: [Guest; 6] =
    [Guest::Nobody, Guest::Remover, Guest::File, Guest::Folder, Guest::EmptyFolder, Guest::Symlink];

/// All calls of a step on what is in the folder.
const CALLS: [&str; 6] = ["renameat2", "renameat", "symlinkat", "unlinkat", "readlinkat", "linkat"];
const WHENS: [&str; 5] = ["1", "2", "3", "1+", "2+"];

#[derive(Debug, Clone, Copy)]
struct Cell {
    step: Step,
    guest: Guest,
    /// The file system can exchange names, and rename without overwriting.
    able: bool,
    /// The call that fails, and which of its times.
    fault: Option<(&'static str, &'static str)>,
}

#[test]
fn what_comes_late_is_not_lost_even_if_the_disk_fails() {
    if !strace::is_there() {
        return;
    }
    let faults = CALLS.iter().flat_map(|call| WHENS.map(|when| Some((*call, when)))).chain([None]);
    let faults: Vec<_> = faults.collect();
    let mut cases = Vec::new();
    for step in [Step::Change, Step::Remove] {
        for (guest, able) in GUESTS.into_iter().flat_map(|guest| [(guest, true), (guest, false)]) {
            let cells = faults.iter().map(|fault| Cell { step, guest, able, fault: *fault });
            cases.extend(cells.filter(Cell::can_be).map(|cell| (format!("{cell:?}"), cell)));
        }
    }
    // each time every guest with every call that fails, at a third of its times
    let step = campaign::size(3, 1) as usize;
    let cases: Vec<_> = cases.into_iter().enumerate().filter(|(at, _)| at % step == 0).map(|(_, case)| case).collect();
    cells::each(&cases, Cell::strike);
}

impl Cell {
    fn can_be(&self) -> bool {
        match self.fault {
            // a call can be struck in one way
            Some(("renameat2", _)) => self.able,
            Some(("readlinkat", _)) => !self.is_stopped(),
            // nothing comes after that
            Some(("symlinkat", "1" | "1+")) => self.step == Step::Remove || !self.is_stopped(),
            _ => true,
        }
    }

    /// The guest comes while the step stands still between its look and what it does then. Where two names are exchanged, the look
    /// comes afterwards: there the guest is there before.
    fn is_stopped(&self) -> bool {
        self.guest != Guest::Nobody && !(self.step == Step::Change && self.able)
    }

    fn strace(&self) -> Strace {
        let mut strace = Strace::new();
        if !self.able {
            strace = strace.at("renameat2", "error=EINVAL", "1+");
        }
        if let Some((call, when)) = self.fault {
            strace = strace.at(call, "error=EIO", when);
        }
        if self.is_stopped() { strace.at("readlinkat", "signal=STOP", 1) } else { strace }
    }

    fn strike(&self) {
        let scene = Scene::new();
        scene.prepare(self.step);
        if !self.is_stopped() {
            self.guest.comes(&scene.place);
        }
        let came = || scene.place.symlink_metadata().ok().map(|found| identity(&found));
        let mut guest = came();
        let mut taking = Taking::begin(&scene, self.step, &self.strace());
        if self.is_stopped() {
            taking.stops();
            self.guest.comes(&scene.place);
            guest = came();
            strace::signal(&taking.strace, Signal::SIGCONT);
        }
        let outcome = taking.outcome();

        if matches!(self.guest, Guest::Nobody | Guest::Remover) {
            let link = fs::read_link(&scene.place).ok();
            let link = TEXTS.iter().position(|text| link.as_deref() == Some(Path::new(text)));
            let wanted = if self.step == Step::Change { Some(1) } else { None };
            assert!(outcome == "done" || self.fault.is_some(), "{outcome}");
            assert!(outcome != "done" || link == wanted, "it is not done");
            let kept = link.is_some() || self.step == Step::Remove || self.guest == Guest::Remover;
            assert!(kept || outcome.contains("by hand"), "no link is left: {outcome}");
        } else {
            let at = guest.and_then(|guest| scene.find(guest)).unwrap_or_else(|| panic!("it is lost: {outcome}"));
            let told = at == scene.place || outcome.contains(at.to_str().unwrap());
            assert!(told, "it is at {}, which is not told: {outcome}", at.display());
            assert!(at == scene.place || self.fault.is_some(), "it is not put back: {outcome}");
            assert_ne!(outcome, "done");
            self.guest.is_whole(&at);
        }
    }
}

/// A step in a process of its own, below strace.
struct Taking {
    strace: Child,
    trace: PathBuf,
}

impl Taking {
    fn begin(scene: &Scene, step: Step, strace: &Strace) -> Taking {
        let trace = scene.root.join("trace");
        let mut command = anew(&strace.words(&trace), &format!("{}::a_process_of_its_own", module_path!()));
        command.env(STEP, format!("{step:?} {}", scene.root.display())).stdout(Stdio::piped()).stderr(Stdio::null());
        Taking { strace: strace::start(&mut command), trace }
    }

    /// Waits until it stands still.
    fn stops(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !fs::read_to_string(&self.trace).is_ok_and(|trace| trace.contains("--- stopped by SIGSTOP")) {
            assert!(self.strace.try_wait().unwrap().is_none() && Instant::now() < deadline, "it should stand still");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// `done`, or the error.
    fn outcome(mut self) -> String {
        let mut said = String::new();
        self.strace.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        let outcome = said.lines().find_map(|line| line.strip_prefix("outcome: "));
        outcome.unwrap_or_else(|| panic!("it should end with an outcome: {said}")).to_string()
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        strace::signal(&self.strace, Signal::SIGKILL);
        _ = self.strace.wait();
    }
}

#[test]
fn what_is_gone_before_the_step_is_well_removed() {
    let scene = Scene::new();
    scene.take(Step::Remove).unwrap();
    fs::remove_dir(scene.place.parent().unwrap()).unwrap();
    scene.take(Step::Remove).unwrap();
}

/// A disk was mounted since the look.
#[test]
fn a_broken_link_that_leads_to_a_file_by_then_is_put_back() {
    let scene = Scene::new();
    scene.prepare(Step::Remove);
    let before = identity(&scene.place.symlink_metadata().unwrap());
    assert!(!scene.remove_if_broken().unwrap(), "it is whole");
    assert_eq!(identity(&scene.place.symlink_metadata().unwrap()), before);
    assert_eq!(fs::read_dir(scene.place.parent().unwrap()).unwrap().count(), 1);
    fs::remove_file(&scene.sources[0]).unwrap();
    assert!(scene.remove_if_broken().unwrap());
    assert_eq!(fs::read_dir(scene.place.parent().unwrap()).unwrap().count(), 0);
}

/// The same of somebody else's that stands in a link's place.
#[test]
fn a_broken_link_in_the_way_that_leads_to_a_file_by_then_stays() {
    let scene = Scene::new();
    scene.prepare(Step::Change);
    let before = identity(&scene.place.symlink_metadata().unwrap());
    let told = scene.replace_if_broken().unwrap_err().to_string();
    assert!(told.contains("leads to a file again"), "{told}");
    assert_eq!(identity(&scene.place.symlink_metadata().unwrap()), before);
    assert_eq!(fs::read_dir(scene.place.parent().unwrap()).unwrap().count(), 1);
    fs::remove_file(&scene.sources[0]).unwrap();
    scene.replace_if_broken().unwrap();
    assert_eq!(fs::read_link(&scene.place).unwrap(), Path::new(TEXTS[1]));
    assert_eq!(fs::read_dir(scene.place.parent().unwrap()).unwrap().count(), 1);
}

/// The film was moved since the look, and perhaps another one has its name.
#[test]
fn a_link_that_would_lead_nowhere_or_to_another_file_is_not_made() {
    for (step, another) in [Step::Make, Step::Change].into_iter().flat_map(|step| [(step, false), (step, true)]) {
        let scene = Scene::new();
        scene.prepare(step);
        let [source, moved] = if step == Step::Make { [0, 1] } else { [1, 0] }.map(|at: usize| &scene.sources[at]);
        fs::rename(source, moved).unwrap();
        if another {
            fs::write(source, "another film").unwrap();
        }
        let before = fs::read_link(&scene.place).ok();
        let problem = scene.take_to(step, moved).unwrap_err().to_string();
        let sentence = if another { "the link would lead to another file" } else { "the link would not lead to" };
        assert!(problem.contains(sentence), "{problem}");
        assert_eq!(fs::read_link(&scene.place).ok(), before);
        assert_eq!(fs::read_dir(scene.place.parent().unwrap()).unwrap().count(), usize::from(before.is_some()));
    }
}

/// The folder that a step makes, and then opens to give it mode and group, is another one by then.
#[test]
fn a_folder_that_is_swapped_once_it_is_made_changes_nothing_outside() {
    if !strace::is_there() {
        return;
    }
    let (scene, outside) = (Scene::new(), tempfile::tempdir().unwrap());
    let folder = scene.place.parent().unwrap();
    fs::set_permissions(folder.parent().unwrap(), Permissions::from_mode(0o2775)).unwrap();
    fs::set_permissions(&outside, Permissions::from_mode(0o700)).unwrap();
    fs::remove_dir(folder).unwrap();
    let mut taking = Taking::begin(&scene, Step::Make, &Strace::new().at("mkdirat", "signal=STOP", 1));
    taking.stops();
    fs::remove_dir(folder).unwrap();
    symlink(&outside, folder).unwrap();
    strace::signal(&taking.strace, Signal::SIGCONT);
    let outcome = taking.outcome();
    assert!(outcome.contains("leads out of the media root"), "{outcome}");
    assert_eq!(outside.path().metadata().unwrap().mode() & 0o7777, 0o700);
    assert_eq!(outside.path().read_dir().unwrap().count(), 0);
}

impl Guest {
    fn comes(self, place: &Path) {
        if self != Guest::Nobody {
            fs::remove_file(place).unwrap();
        }
        match self {
            Guest::Nobody | Guest::Remover => {}
            Guest::File => fs::write(place, "a film").unwrap(),
            Guest::Folder => {
                fs::create_dir(place).unwrap();
                fs::write(place.join("inside"), "a film").unwrap();
            }
            Guest::EmptyFolder => fs::create_dir(place).unwrap(),
            Guest::Symlink => symlink("../../../movies/another.mkv", place).unwrap(),
        }
    }

    fn is_whole(self, at: &Path) {
        match self {
            Guest::Nobody | Guest::Remover => {}
            Guest::File => assert_eq!(fs::read_to_string(at).unwrap(), "a film"),
            Guest::Folder => assert_eq!(fs::read_to_string(at.join("inside")).unwrap(), "a film"),
            Guest::EmptyFolder => assert!(at.is_dir()),
            Guest::Symlink => assert_eq!(fs::read_link(at).unwrap(), Path::new("../../../movies/another.mkv")),
        }
    }
}

const STEP: &str = "PLEX_LINKER_TEST_LATE";

/// No test: the one above runs this binary anew with only this in it.
#[test]
#[ignore = "another test starts it"]
fn a_process_of_its_own() {
    let Ok(what) = env::var(STEP) else { return };
    let (step, root) = what.split_once(' ').unwrap();
    let step = STEPS.into_iter().find(|known| format!("{known:?}") == step).unwrap();
    let outcome = Scene::open(root.into()).take(step);
    println!("\noutcome: {}", outcome.map_or_else(|problem| problem.to_string(), |()| "done".into()));
}
