//! A container that runs a whole Debian with its systemd, on the host's network. The repository is its /repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// How long anything may take, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// The hierarchies of control groups that systemd uses where a host has the old kind.
const GROUPS: [&str; 2] = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"];

/// A running container; what changes in it is in memory and goes with it.
pub struct Machine {
    nspawn: Child,
    /// The container's first process, as the host numbers it.
    first: Option<Pid>,
    /// Its control groups, where they are ours to remove.
    groups: Vec<PathBuf>,
    folder: TempDir,
}

impl Machine {
    /// A machine with this root, as soon as it has booted. The folder is its /mnt/media.
    pub fn boot(root: &Path, media: &Path) -> Machine {
        let bind = format!("--bind={}:/mnt/media", media.display());
        let machine = Machine::start(root, &[&bind, "--boot", "systemd.show_status=0"]);
        machine.wait("it should boot", "systemctl is-system-running | grep -E 'running|degraded'");
        machine
    }

    /// One where no systemd runs, as when an image is made.
    pub fn unbooted(root: &Path) -> Machine {
        Machine::start(root, &["--as-pid2", "sleep", "infinity"])
    }

    fn start(root: &Path, words: &[&str]) -> Machine {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("plex-linker-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::tempdir().unwrap();
        let console = fs::File::create(folder.path().join("console")).unwrap();
        // a systemd on the host gives the container a control group; without one it would share that of the next container
        let (mut options, mut groups) = (Vec::new(), Vec::new());
        if !Path::new("/run/systemd/system").exists() {
            options = vec!["--register=no", "--keep-unit"];
            let there = GROUPS.iter().map(Path::new).filter(|hierarchy| hierarchy.exists());
            groups = there.map(|hierarchy| hierarchy.join(&name)).collect();
        }
        groups.iter().for_each(|group| fs::create_dir(group).unwrap());
        // if this process is killed, the container goes too
        let enter = "for group in $GROUPS; do echo $$ >$group/cgroup.procs; done; exec setpriv --pdeathsig TERM \"$@\"";
        let nspawn = Command::new("sh")
            .args(["-c", enter, "sh", "systemd-nspawn", "--quiet", "--volatile=overlay", "--console=read-only"])
            .arg(format!("--directory={}", root.display()))
            .arg(format!("--machine={name}"))
            .arg(concat!("--bind-ro=", env!("CARGO_MANIFEST_DIR"), ":/repository"))
            .args(options)
            .args(words)
            .env("GROUPS", groups.iter().map(|group| group.display().to_string()).collect::<Vec<_>>().join(" "))
            .stdin(Stdio::null())
            .stdout(console.try_clone().unwrap())
            .stderr(console)
            .spawn()
            .unwrap();
        let mut machine = Machine { nspawn, first: None, groups, folder };
        machine.first = Some(machine.find_first());
        machine
    }

    /// The child of nspawn that is number 1 in a numbering of its own.
    fn find_first(&mut self) -> Pid {
        let of = |child: &str| {
            let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
            status.lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1"))
        };
        let id = self.nspawn.id();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
            if let Some(first) = children.split_whitespace().find(|child| of(child)) {
                return Pid::from_raw(first.parse().unwrap());
            }
            let ended = self.nspawn.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "no container:\n{}", self.console());
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn console(&self) -> String {
        fs::read_to_string(self.folder.path().join("console")).unwrap_or_default()
    }
}

/// What is done in it, always as root.
impl Machine {
    /// What the script prints; it must succeed.
    #[track_caller]
    pub fn sh(&self, script: &str) -> String {
        let output = self.try_sh(script);
        if !output.status.success() {
            self.fail(&format!("{script}\nfailed: {}\n{}", output.status, said(&output)));
        }
        String::from_utf8_lossy(&output.stdout).trim_end().into()
    }

    pub fn try_sh(&self, script: &str) -> Output {
        let target = self.first.unwrap().to_string();
        Command::new("timeout")
            .args([
                &PATIENCE.as_secs().to_string(),
                "nsenter",
                "--target",
                &target,
                "--mount",
                "--uts",
                "--ipc",
                "--pid",
            ])
            .args(["--root", "--wd", "/bin/sh", "-euc", script])
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Waits until the script succeeds.
    #[track_caller]
    pub fn wait(&self, what: &str, script: &str) {
        self.wait_until(what, || self.try_sh(script).status.success());
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so() {
            self.assert(Instant::now() < deadline, what);
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// One property that systemd has of a unit.
    #[track_caller]
    pub fn property(&self, unit: &str, name: &str) -> String {
        self.sh(&format!("systemctl show --property={name} --value {unit}"))
    }

    #[track_caller]
    pub fn assert(&self, condition: bool, what: &str) {
        if !condition {
            self.fail(what);
        }
    }

    #[track_caller]
    pub fn assert_same(&self, what: &str, got: &str, expected: &str) {
        self.assert(got == expected, &format!("{what} should be\n{expected}\nbut is\n{got}"));
    }

    #[track_caller]
    pub fn fail(&self, what: &str) -> ! {
        let journal = said(&self.try_sh("journalctl --no-pager --lines=100"));
        panic!("{what}\n\njournal:\n{journal}\nconsole:\n{}", self.console());
    }
}

pub fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

impl Drop for Machine {
    fn drop(&mut self) {
        // nspawn ends with it, and cleans up
        match self.first {
            Some(first) => _ = kill(first, Signal::SIGKILL),
            None => _ = self.nspawn.kill(),
        }
        _ = self.nspawn.wait();
        for group in &self.groups {
            // a group can be removed when the last of its processes is quite gone
            let deadline = Instant::now() + Duration::from_secs(10);
            while group.exists() && Instant::now() < deadline {
                let find = ["-depth", "-type", "d", "-exec", "rmdir", "{}", "+"];
                _ = Command::new("find").arg(group).args(find).stderr(Stdio::null()).status();
            }
        }
    }
}
