//! The user script, as Unraid and Synology run it: in a root with busybox and the static program alone.

use std::{
    env::consts::ARCH,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::static_program;
use crate::support::{
    http::Answer,
    skip,
    waiting::Waiting,
    world::{Outcome, World},
};

const APP: &str = "mnt/user/appdata/plex-linker";
const FLASH: &str = "boot/config/plugins/user.scripts/scripts/plex-linker";
const FILM: &str = "movies/Akira (1988)/Akira.mkv";
const SEASON: &str = "tv/Naruto/Season 00";
const LINKS: [(&str, &str); 1] =
    [("tv/Naruto/Season 00/Naruto - S00E05 - The Movie DVD.mkv", "../../../movies/Akira (1988)/Akira.mkv")];

/// A machine of its own around a world: what is in the world's folder is all that it has.
struct Machine {
    world: World,
    root: PathBuf,
}

impl Machine {
    /// With the script's folder at `app`: a program as it was downloaded and, for a show and a film, the settings.
    fn new(app: &str) -> Option<Machine> {
        let program = static_program::program()?;
        if !nix::unistd::geteuid().is_root() {
            skip("the user script was not tested: only root may change its root");
            return None;
        }
        let Some(busybox) = which("busybox") else {
            skip("the user script was not tested: busybox is missing");
            return None;
        };
        let world = World::with_app_roots("/tv", "/movies");
        world.movie("Akira", 149).file(FILM, "DVD");
        world.series("Naruto", 78857).special(5, "The Movie");
        let root = world.media().parent().unwrap().to_path_buf();
        let machine = Machine { world, root };
        for folder in ["bin", "dev", "tmp", app] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        fs::write(machine.path("dev/null"), "").unwrap();
        fs::set_permissions(machine.path("dev/null"), Permissions::from_mode(0o666)).unwrap();
        fs::copy(busybox, machine.path("bin/busybox")).unwrap();
        machine.finish(machine.command(&["/bin/busybox", "--install", "-s", "/bin"])).succeeds();
        machine.download(app, &program);
        let settings = format!(
            "MEDIA_ROOT=/media\r\nSONARR_0_PATH_MAP=/tv=/media/tv\r\nRADARR_0_PATH_MAP=/movies=/media/movies\r\n\
             SONARR_0_URL={}\r\nSONARR_0_API_KEY={}\r\nRADARR_0_URL={}\r\nRADARR_0_API_KEY={}\r\n",
            machine.world.sonarr.url(),
            machine.world.sonarr.key(),
            machine.world.radarr.url(),
            machine.world.radarr.key()
        );
        fs::write(machine.path(app).join("plex-linker.env"), settings).unwrap();
        Some(machine)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// A release's program, as a browser or a share leaves it: not executable.
    fn download(&self, app: &str, program: &Path) -> PathBuf {
        let file = self.path(app).join(format!("plex-linker-9.9.9-{ARCH}-linux"));
        fs::copy(program, &file).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        file
    }

    /// In the machine, with hardly any variables.
    fn command(&self, words: &[&str]) -> Command {
        self.command_as(0, 0, words)
    }

    fn command_as(&self, user: u32, group: u32, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command
            .args([&format!("--userspec={user}:{group}"), "--groups="])
            .arg(&self.root)
            .args(words)
            .env_clear()
            .env("PATH", "/bin:/usr/sbin:/usr/bin");
        command.stdin(Stdio::null());
        command
    }

    fn finish(&self, command: Command) -> Outcome<'_> {
        self.world.finish(command)
    }

    /// The files and folders of the media belong to them, as on such a machine.
    fn give_media_to(&self, user: u32, group: u32) {
        for below in ["", "tv", "movies", "tv/Naruto"] {
            chown(self.world.path(below), Some(user), Some(group)).unwrap();
            fs::set_permissions(self.world.path(below), Permissions::from_mode(0o2777)).unwrap();
        }
    }

    #[track_caller]
    fn assert_owner(&self, path: PathBuf, owner: (u32, u32)) {
        let found = fs::symlink_metadata(&path).unwrap();
        self.world.assert((found.uid(), found.gid()) == owner, &format!("{} should be {owner:?}'s", path.display()));
    }
}

fn which(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn script() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/user-script.sh")).unwrap()
}

/// The lines that the pages of these machines have typed in a terminal, where they contain `mark`.
fn readme(mark: &str) -> String {
    let page = |name| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let text = page("packaging/unraid.md") + &page("packaging/synology.md") + &page("README.md");
    let line = text.lines().find(|line| line.starts_with("    ") && line.contains(mark));
    line.unwrap_or_else(|| panic!("no page has a line with {mark}")).trim().to_string()
}

/// The script on Unraid's flash, with line ends as a Windows machine writes them.
struct Unraid(Machine);

impl Unraid {
    fn new() -> Option<Unraid> {
        let machine = Machine::new(APP)?;
        machine.give_media_to(99, 100);
        fs::create_dir_all(machine.path(FLASH)).unwrap();
        fs::write(machine.path(FLASH).join("script"), script().replace('\n', "\r\n")).unwrap();
        Some(Unraid(machine))
    }

    /// As the plugin does it: a copy elsewhere, without carriage returns, which is executed.
    fn command(&self) -> Command {
        let copy = self.0.path("tmp/user.scripts/tmpScripts/plex-linker/script");
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::write(&copy, fs::read_to_string(self.0.path(FLASH).join("script")).unwrap().replace('\r', "")).unwrap();
        fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
        self.0.command(&["/tmp/user.scripts/tmpScripts/plex-linker/script"])
    }

    fn run(&self) -> Outcome<'_> {
        self.0.finish(self.command())
    }

    /// What the README has people type, in one shell.
    fn types(&self, marks: &[&str]) -> Outcome<'_> {
        let lines: Vec<String> = ["S=/boot"].iter().chain(marks).map(|mark| readme(mark)).collect();
        // the plugin's editor saves line ends of Unix
        fs::write(self.0.path(FLASH).join("script"), script()).unwrap();
        self.0.finish(self.0.command(&["sh", "-c", &lines.join("\n")]))
    }
}

#[test]
fn on_unraid_the_script_installs_the_program_and_links_as_nobody() {
    let Some(unraid) = Unraid::new() else { return };
    let Machine { world, .. } = &unraid.0;
    unraid.types(&["rules add"]).succeeds().says("added rule 1 (Akira in Naruto)");
    unraid.types(&["$S check"]).succeeds();
    unraid.run().succeeds().says("1 change");
    world.assert_links(&LINKS);
    unraid.0.assert_owner(world.path(LINKS[0].0), (99, 100));
    unraid.0.assert_owner(world.path(SEASON), (99, 100));
    let mode = fs::metadata(world.path(SEASON)).unwrap().mode() & 0o7777;
    world.assert(mode == 0o2775, &format!("the folder's mode should be its parent's but for the umask, not {mode:o}"));
    for file in ["state", "state/plex_linker.db"] {
        unraid.0.assert_owner(unraid.0.path(APP).join(file), (99, 100));
    }
    unraid.run().succeeds().says("nothing changed");
    let left = fs::read_dir(unraid.0.path(APP)).unwrap().map(|entry| entry.unwrap().file_name());
    let mut left: Vec<_> = left.map(|name| name.into_string().unwrap()).collect();
    left.sort();
    world.assert_same("the folder", &left.join(" "), "plex-linker plex-linker.env state");
}

#[test]
fn the_script_lets_disks_sleep_unless_its_settings_say_otherwise() {
    let Some(unraid) = Unraid::new() else { return };
    let Machine { world, .. } = &unraid.0;
    unraid.types(&["rules add"]).succeeds();
    unraid.run().succeeds().says("1 change");
    let broken = world.link("tv/Naruto/Naruto - S00E01 - Gone.mkv", "../../movies/gone.mkv");
    unraid.run().succeeds().says("nothing changed");
    let settings = unraid.0.path(APP).join("plex-linker.env");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(settings, text + "PLEX_LINKER_CLEAN=tree\r\n").unwrap();
    unraid.run().succeeds().says("1 change");
    world.assert(broken.symlink_metadata().is_err(), "the walk should have found it");
}

#[test]
fn a_scheduler_that_systemd_started_does_not_make_the_links_roots() {
    let Some(unraid) = Unraid::new() else { return };
    unraid.types(&["rules add"]).succeeds();
    let mut command = unraid.command();
    command.env("INVOCATION_ID", "0123456789abcdef0123456789abcdef");
    unraid.0.finish(command).succeeds();
    unraid.0.assert_owner(unraid.0.world.path(LINKS[0].0), (99, 100));
}

/// A volume that is root's has folders of others, films and shows among them.
#[test]
fn the_script_links_as_the_owner_of_the_folders_where_the_media_root_is_roots() {
    let Some(unraid) = Unraid::new() else { return };
    let Machine { world, .. } = &unraid.0;
    chown(world.media(), Some(0), Some(0)).unwrap();
    fs::create_dir(world.path("docker")).unwrap();
    unraid.types(&["rules add"]).succeeds();
    unraid.run().succeeds().says("1 change");
    unraid.0.assert_owner(world.path(LINKS[0].0), (99, 100));
    unraid.0.assert_owner(unraid.0.path(APP).join("state/plex_linker.db"), (99, 100));
    // of several owners Sonarr's folder has the right one
    fs::create_dir(world.path("homes")).unwrap();
    chown(world.path("homes"), Some(1027), Some(100)).unwrap();
    let said = unraid.run().succeeds().says("nothing changed");
    said.says("going on as user 99, who owns the media in ").says(", and group 100: ");
    // without its map there is none to go by
    let settings = unraid.0.path(APP).join("plex-linker.env");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("SONARR_0_PATH_MAP=/tv=/media/tv\r\n", "")).unwrap();
    unraid.run().says("going on as root, since the media in /media have several owners");
}

#[test]
fn the_script_gives_its_state_to_the_user_of_the_settings() {
    let Some(unraid) = Unraid::new() else { return };
    let settings = unraid.0.path(APP).join("plex-linker.env");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text + "PUID=1234\r\nPGID=100\r\n").unwrap();
    unraid.types(&["rules add"]).succeeds();
    unraid.run().succeeds().says("1 change");
    unraid.0.assert_owner(unraid.0.world.path(LINKS[0].0), (1234, 100));
    unraid.0.assert_owner(unraid.0.path(APP).join("state/plex_linker.db"), (1234, 100));
}

#[test]
fn a_new_release_takes_the_old_ones_place() {
    let Some(unraid) = Unraid::new() else { return };
    let app = unraid.0.path(APP);
    unraid.run().succeeds();
    let old = fs::metadata(app.join("plex-linker")).unwrap().ino();
    let new = unraid.0.download(APP, &app.join("plex-linker"));
    unraid.run().succeeds();
    assert!(!new.exists() && fs::metadata(app.join("plex-linker")).unwrap().ino() != old);

    fs::write(&new, "half of a download").unwrap();
    let name = new.file_name().unwrap().to_str().unwrap();
    unraid.run().exits(1).says(&format!("plex-linker: /{APP}/{name} does not run on this machine"));
    fs::remove_file(&new).unwrap();
    fs::write(new.with_file_name("plex-linker-9.9.9-s390x-linux"), "for another machine").unwrap();
    unraid.run().succeeds().says("nothing changed");
}

#[test]
fn of_two_releases_the_newer_is_taken() {
    let Some(unraid) = Unraid::new() else { return };
    let app = unraid.0.path(APP);
    // as texts, 9 comes after 10
    for (newest, older) in [("10.0.0", "9.9.10"), ("11.10.0", "11.2.0")] {
        for version in [newest, older] {
            let text = format!("#!/bin/sh\necho this is {version}\n");
            fs::write(app.join(format!("plex-linker-{version}-{ARCH}-linux")), text).unwrap();
        }
        unraid.run().succeeds().says(&format!("this is {newest}"));
        unraid.run().succeeds().says(&format!("this is {newest}"));
    }
}

#[test]
fn root_runs_nothing_that_others_may_change() {
    let Some(unraid) = Unraid::new() else { return };
    let machine = &unraid.0;
    unraid.run().succeeds();
    machine.download(APP, &machine.path(APP).join("plex-linker"));
    let new = format!("{APP}/plex-linker-9.9.9-{ARCH}-linux");
    let said = |path: &str| {
        let told = unraid.run().exits(1).output();
        let mend = format!("chown 0:0 /{path} && chmod go-w /{path}");
        machine.world.assert(told.contains(&format!("run {mend:?}")), &format!("it should say how to mend /{path}"));
        machine.finish(machine.command(&["sh", "-c", &mend])).succeeds();
    };
    let program = format!("{APP}/plex-linker");
    for path in [APP, &new, &program, &format!("{APP}/plex-linker.env")] {
        if path == program {
            unraid.run().succeeds();
        }
        let mode = fs::metadata(machine.path(path)).unwrap().mode();
        for (owner, more) in [(0, 0o002), (0, 0o020), (99, 0)] {
            chown(machine.path(path), Some(owner), Some(100)).unwrap();
            fs::set_permissions(machine.path(path), Permissions::from_mode(mode | more)).unwrap();
            said(path);
        }
    }
    unraid.run().succeeds();
    // what is not root's own is no matter for whoever is not root
    chown(machine.path(APP), Some(99), Some(100)).unwrap();
    let script = "/tmp/user.scripts/tmpScripts/plex-linker/script";
    machine.finish(machine.command_as(99, 100, &[script])).succeeds();
}

#[test]
fn a_second_run_gives_way_and_failures_are_told_by_the_exit_code() {
    let Some(unraid) = Unraid::new() else { return };
    let Machine { world, .. } = &unraid.0;
    unraid.types(&["rules add"]).succeeds();
    let first = Waiting::start_by(unraid.command(), world, &world.radarr, "GET /api/v3/movie");
    unraid.run().succeeds().says("is busy: nothing done");
    first.kill();

    world.sonarr.on_next(1, "GET /api/v3/series", Answer::status(401));
    unraid.run().exits(1).says("error: ");
    let app = unraid.0.path(APP);
    fs::write(app.join("plex-linker.env"), "MEDIA_ROOT=media\n").unwrap();
    unraid.run().exits(2).says("MEDIA_ROOT is \"media\"");
    fs::remove_file(app.join("plex-linker.env")).unwrap();
    // its disk may not be there yet
    unraid.run().exits(1).says("plex-linker.env");
    fs::remove_file(app.join("plex-linker")).unwrap();
    unraid.run().exits(1).says(&format!("the folder /{APP} has no program"));
    fs::remove_dir_all(app).unwrap();
    unraid.run().exits(1).says(&format!("the folder /{APP} is missing"));
}

/// The plugin reads them up to the first line that is no comment.
#[test]
fn unraid_finds_what_it_looks_for_at_the_head_of_the_script() {
    let text = script();
    let head: Vec<&str> = text.lines().take_while(|line| line.is_empty() || line.starts_with('#')).collect();
    for line in ["#name=plex-linker", "#arrayStarted=true", "#clearLog=true"] {
        assert!(head.contains(&line), "{line}");
    }
}

#[test]
fn on_synology_the_script_links_as_the_tasks_user() {
    const USER: (u32, u32) = (1026, 100);
    let Some(machine) = Machine::new("volume1/plex-linker") else { return };
    let Machine { world, .. } = &machine;
    machine.give_media_to(USER.0, USER.1);
    fs::write(machine.path("volume1/plex-linker/user-script.sh"), script()).unwrap();
    chown(machine.path("volume1/plex-linker"), Some(USER.0), Some(USER.1)).unwrap();
    for entry in fs::read_dir(machine.path("volume1/plex-linker")).unwrap() {
        chown(entry.unwrap().path(), Some(USER.0), Some(USER.1)).unwrap();
    }
    let task = readme("APP=/volume1");
    let run = |more: &str| machine.finish(machine.command_as(USER.0, USER.1, &["sh", "-c", &format!("{task} {more}")]));
    run("rules add --movie-title Akira --tmdb-id 149 --show-name Naruto --episode 5").succeeds();
    run("").succeeds().says("1 change");
    world.assert_links(&LINKS);
    machine.assert_owner(world.path(LINKS[0].0), USER);
    machine.assert_owner(world.path(SEASON), USER);
    run("").succeeds().says("nothing changed");
    run("--config").exits(2);
}

#[test]
fn the_line_for_cron_is_silent_unless_something_is_wrong() {
    let Some(machine) = Machine::new("root") else { return };
    let Machine { world, .. } = &machine;
    fs::create_dir_all(machine.path("usr/local/bin")).unwrap();
    fs::copy(static_program::program().unwrap(), machine.path("usr/local/bin/plex-linker")).unwrap();
    let line = readme("*/15");
    let (_, line) = line.split_once("* * * * ").unwrap();
    let run = |line: &str| {
        let mut command = machine.command(&["sh", "-c", line]);
        command.env("HOME", "/root");
        machine.finish(command)
    };
    let add = "rules add --movie-title Akira --tmdb-id 149 --show-name Naruto --episode 5";
    run(&line.replace(" once", &format!(" {add}"))).succeeds();
    let linked = run(line).succeeds();
    world.assert(linked.output().is_empty(), "cron should have nothing to mail");
    world.assert_links(&LINKS);
    world.sonarr.on("GET /api/v3/series", Answer::status(401));
    run(line).exits(1).says("error: ");
}

#[test]
fn the_scripts_are_plain_to_every_shell() {
    plain_to_every_shell(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/user-script.sh"));
    plain_to_every_shell(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/plex-linker.openrc"));
}

fn plain_to_every_shell(file: &str) {
    for check in [&["shellcheck", "-s", "sh"][..], &["sh", "-n"], &["bash", "-n"], &["busybox", "ash", "-n"]] {
        match Command::new(check[0]).args(&check[1..]).arg(file).output() {
            Ok(output) => assert!(output.status.success(), "{check:?}: {output:?}"),
            Err(_) => skip(&format!("{file} was not checked by {}: it is missing", check[0])),
        }
    }
}
