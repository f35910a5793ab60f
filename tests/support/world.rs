//! A throw-away world: a media tree, a sample Radarr and Sonarr that agree with it, and the real program to run in it.

pub use builders::{Film, Show};
pub use outcome::Outcome;
use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicI32, Ordering},
    },
    thread,
};

use plex_linker::model::NewRule;
use tempfile::TempDir;

use super::{fake::Mounts, radarr::Radarr, rules, sonarr::Sonarr, tree};

mod builders;
mod outcome;
mod radarr_does;
mod sonarr_does;

pub struct World {
    /// Goes with the world.
    _folder: TempDir,
    /// Its path without links in it.
    root: PathBuf,
    pub radarr: Radarr,
    pub sonarr: Sonarr,
    /// All that the program finds in its environment.
    variables: Mutex<BTreeMap<String, String>>,
    /// What was run last and what it said, for the scene of a failed test.
    last: Mutex<String>,
    next_id: AtomicI32,
}

/// What a disk leaves behind when it goes.
pub enum Unplugged {
    /// Not even its mount point.
    Gone,
    /// An empty folder.
    Empty,
}

impl World {
    /// The apps see the media tree at the same paths as we do.
    pub fn new() -> World {
        World::build(|media| {
            let same = Mounts(vec![(media.display().to_string(), media.into())]);
            (same.clone(), same)
        })
    }

    /// The apps see the folder `tv` of the media tree at one place and `movies` at another; a path map for each is set.
    pub fn with_app_roots(tv: &str, movies: &str) -> World {
        let roots = [(tv, "tv"), (movies, "movies")];
        World::with_mounts(&roots, &roots)
    }

    /// Each app sees some folders of the media tree, named as (path in the app, path below the media root); path maps are set.
    pub fn with_mounts(sonarr: &[(&str, &str)], radarr: &[(&str, &str)]) -> World {
        let mounts = |media: &Path, list: &[(&str, &str)]| {
            Mounts(list.iter().map(|(app, local)| (app.to_string(), media.join(local))).collect())
        };
        let world = World::build(|media| (mounts(media, sonarr), mounts(media, radarr)));
        for (app, mounts) in [("SONARR", world.sonarr.mounts()), ("RADARR", world.radarr.mounts())] {
            let maps = mounts.0.iter().map(|(app, local)| format!("{app}={}", local.display()));
            world.set(&format!("{app}_0_PATH_MAP"), &maps.collect::<Vec<_>>().join(","));
        }
        world
    }

    fn build(mounts: impl FnOnce(&Path) -> (Mounts, Mounts)) -> World {
        // other users may look in: some tests run the program as one
        let open = Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("plex-linker-").permissions(open).tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (media, state) = (root.join("media"), root.join("state"));
        fs::create_dir(&media).unwrap();
        fs::create_dir(&state).unwrap();
        let (for_sonarr, for_radarr) = mounts(&media);
        for (_, local) in for_sonarr.0.iter().chain(&for_radarr.0) {
            fs::create_dir_all(local).unwrap();
        }
        let world = World {
            _folder: folder,
            root,
            radarr: Radarr::start("radarr-key-e5d1c7", for_radarr),
            sonarr: Sonarr::start("sonarr-key-93ab60", for_sonarr),
            variables: Mutex::default(),
            last: Mutex::new("nothing was run yet".into()),
            next_id: AtomicI32::new(100),
        };
        // not what may be installed on this machine, or be served there
        world.set("PLEX_LINKER_CONFIG", "");
        world.set("PLEX_LINKER_PORT", "9");
        world.set("MEDIA_ROOT", &media.display().to_string());
        world.set("STATE_DIRECTORY", &state.display().to_string());
        world.set("DATABASE_URL", &format!("sqlite:///{}", state.join("plex_linker.db").display()));
        world.connect();
        world
    }

    /// Sets the apps' addresses anew, for instance after `set_url_base`.
    pub fn connect(&self) {
        for (kind, app) in [("SONARR", &*self.sonarr), ("RADARR", &*self.radarr)] {
            self.set(&format!("{kind}_0_URL"), &app.url());
            self.set(&format!("{kind}_0_API_KEY"), app.key());
        }
    }

    fn next_id(&self) -> i32 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }
}

/// The disk.
impl World {
    pub fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// A path below the media root.
    pub fn path(&self, below: &str) -> PathBuf {
        self.media().join(below)
    }

    /// A file that no app knows, with the folders on its way; its content is its path.
    pub fn put(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        assert!(path.symlink_metadata().is_err(), "{below} is there already");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, below).unwrap();
        path
    }

    pub fn folder(&self, below: &str) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// A symlink with this text, with the folders on its way.
    pub fn link(&self, below: &str, text: impl AsRef<Path>) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(text, &path).unwrap();
        path
    }

    /// Removes a file, a link, or a folder with all that is in it.
    pub fn remove(&self, below: &str) {
        let path = self.path(below);
        let kind = path.symlink_metadata().unwrap_or_else(|cause| panic!("cannot remove {below}: {cause}"));
        if kind.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// Takes a folder away as if its disk were unplugged.
    pub fn unplug(&self, below: &str, left: Unplugged) {
        fs::rename(self.path(below), self.away(below)).unwrap();
        if matches!(left, Unplugged::Empty) {
            fs::create_dir(self.path(below)).unwrap();
        }
    }

    /// Brings it back.
    pub fn plug(&self, below: &str) {
        _ = fs::remove_dir(self.path(below));
        fs::rename(self.away(below), self.path(below)).unwrap();
    }

    fn away(&self, below: &str) -> PathBuf {
        self.root.join(format!("unplugged {}", below.replace('/', "+")))
    }

    /// One line for each path below the media root, sorted: `folder/`, `file`, `link -> text`, `link -> text (broken)`.
    pub fn tree(&self) -> String {
        tree::text(&self.media())
    }

    /// The links alone, as (path below the media root, text).
    pub fn links(&self) -> Vec<(String, String)> {
        let links = tree::entries(&self.media()).into_iter();
        links.filter_map(|entry| Some((entry.path, entry.target?))).collect()
    }
}

/// The rules.
impl World {
    /// The rule that this film is that show's special; returns its number.
    pub fn rule(&self, film: Film, show: Show, episode: i32) -> i32 {
        self.add_rule(&wish(film, show, episode))
    }

    /// Puts a rule into the database: past the program if that is SQLite.
    pub fn add_rule(&self, rule: &NewRule) -> i32 {
        match self.variable("DATABASE_URL").expect("the world has a database").strip_prefix("sqlite:///") {
            Some(file) => rules::add(file, rule),
            None => self.type_rule(rule),
        }
    }

    /// Adds a rule as a user does.
    pub fn type_rule(&self, rule: &NewRule) -> i32 {
        let words = rules::arguments(rule);
        let said = self.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).succeeds().stdout;
        let number = said.strip_prefix("added rule ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        number.expect("the new rule's number is told")
    }
}

/// This film is that show's special number so-and-so.
pub fn wish(film: Film, show: Show, episode: i32) -> NewRule {
    rules::wish(film.title(), film.tmdb_id, show.title(), episode)
}

/// The program.
impl World {
    /// Sets a variable for every run from here on.
    pub fn set(&self, name: &str, value: &str) {
        self.variables.lock().unwrap().insert(name.into(), value.into());
    }

    pub fn unset(&self, name: &str) {
        self.variables.lock().unwrap().remove(name);
    }

    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.lock().unwrap().get(name).cloned()
    }

    /// The program with these arguments, to be changed at will and run by `finish`. It finds the world's variables and no others.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments);
        self.dress(command)
    }

    /// The same below another program, such as `["strace", "-f", "-o", file]` or `["setpriv", "--reuid", "65534", ...]`.
    pub fn command_below(&self, wrapper: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(wrapper[0]);
        command.args(&wrapper[1..]).arg(program()).args(arguments);
        self.dress(command)
    }

    /// Any command, with the world's variables and no others.
    pub fn dress(&self, mut command: Command) -> Command {
        command.env_clear().envs(&*self.variables.lock().unwrap());
        command.current_dir(self.state()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome<'_> {
        self.finish(self.command(arguments))
    }

    /// The same with further variables for this run alone.
    pub fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Outcome<'_> {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        self.finish(command)
    }

    /// Runs a command of `command` or `command_below` to its end, which must come within four minutes.
    pub fn finish(&self, command: Command) -> Outcome<'_> {
        Outcome::of(self, command)
    }
}

/// What is there afterwards. Every failure shows the whole scene.
impl World {
    /// What the apps were told to do, Sonarr first.
    pub fn posts(&self) -> Vec<String> {
        [self.sonarr.posts(), self.radarr.posts()].concat()
    }

    /// How many requests the apps had.
    pub fn requests(&self) -> usize {
        self.sonarr.requests().len() + self.radarr.requests().len()
    }

    /// From here on `posts`, `requests` and the apps' `calls` begin anew.
    pub fn forget(&self) {
        self.sonarr.forget();
        self.radarr.forget();
    }

    #[track_caller]
    pub fn assert_tree(&self, lines: &[&str]) {
        self.assert_same("the tree", self.tree().trim_end(), &lines.join("\n"));
    }

    /// Exactly these links, in any order.
    #[track_caller]
    pub fn assert_links(&self, links: &[(&str, &str)]) {
        let mut lines: Vec<_> = links.iter().map(|(path, text)| format!("{path} -> {text}")).collect();
        lines.sort();
        let found = self.links().into_iter().map(|(path, text)| format!("{path} -> {text}"));
        self.assert_same("the links", &found.collect::<Vec<_>>().join("\n"), &lines.join("\n"));
    }

    /// The same, where they are made by the test.
    #[track_caller]
    pub fn assert_links_of(&self, links: &[(String, String)]) {
        self.assert_links(&links.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
    }

    /// A further run finds nothing to do: it changes nothing in the tree and tells nobody anything.
    #[track_caller]
    pub fn assert_settled(&self) {
        let tree = self.tree();
        self.forget();
        self.run(&["once"]).succeeds().says("nothing changed");
        self.assert_same("the tree", &self.tree(), &tree);
        self.assert_posts(&[]);
    }

    #[track_caller]
    pub fn assert_posts(&self, posts: &[&str]) {
        self.assert_same("what the apps were told", &self.posts().join("\n"), &posts.join("\n"));
    }

    #[track_caller]
    pub fn assert_same(&self, what: &str, got: &str, expected: &str) {
        if got != expected {
            self.fail(&format!("{what} should be\n{}\nbut is\n{}", indented(expected), indented(got)));
        }
    }

    #[track_caller]
    pub fn assert(&self, condition: bool, what: &str) {
        if !condition {
            self.fail(what);
        }
    }

    #[track_caller]
    pub fn fail(&self, what: &str) -> ! {
        panic!("{what}\n\n{}", self.scene())
    }

    fn scene(&self) -> String {
        let last = self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
        let calls = |calls: Vec<String>| indented(&calls.join("\n"));
        format!(
            "{last}\ntree:\n{}\nSonarr was asked:\n{}\nRadarr was asked:\n{}\n",
            indented(&self.tree()),
            calls(self.sonarr.calls()),
            calls(self.radarr.calls())
        )
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let violations = [self.sonarr.violations(), self.radarr.violations()].concat();
        if !violations.is_empty() && !thread::panicking() {
            self.fail(&violations.join("\n"));
        }
    }
}

/// What `PLEX_LINKER_PROGRAM` names, else the program as cargo built it: cargo tells tests where it is, and for an example it stands
/// beside the folder of examples.
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("PLEX_LINKER_PROGRAM") {
        return path.into();
    }
    if let Some(path) = option_env!("CARGO_BIN_EXE_plex-linker") {
        return path.into();
    }
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("plex-linker");
    assert!(program.exists(), "{} is not built: run \"cargo build\" first", program.display());
    program
}

fn indented(text: &str) -> String {
    let text = if text.is_empty() { "(nothing)" } else { text };
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
