//! `make install` and `make uninstall`, for those without packages.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::support::world::program;

const SETTINGS: &str = "etc/plex-linker/plex-linker.env";

/// A system that is nothing but a folder.
struct System(TempDir);

impl System {
    fn new() -> System {
        System(tempfile::tempdir().unwrap())
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn make(&self, words: &[&str]) -> Output {
        let mut command = Command::new("make");
        command.arg("--no-print-directory").args(words).arg(format!("DESTDIR={}", self.0.path().display()));
        // what an outer make has been told is not for this one
        command.env_remove("MAKEFLAGS").env_remove("MFLAGS").env_remove("MAKELEVEL");
        command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
    }

    /// With any program in the place of the real one.
    fn install(&self, more: &[&str]) {
        self.install_program(Path::new("/bin/true"), more);
    }

    fn install_program(&self, program: &Path, more: &[&str]) {
        let program = format!("PROGRAM={}", program.display());
        let output = self.make(&[&["install", &program], more].concat());
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }

    fn uninstall(&self, more: &[&str]) {
        let output = self.make(&[&["uninstall"], more].concat());
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }

    /// Each file's path and its mode.
    fn files(&self) -> BTreeMap<String, u32> {
        let mut files = BTreeMap::new();
        let mut todo = vec![self.0.path().to_path_buf()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    todo.push(entry.path());
                } else {
                    let below = entry.path().strip_prefix(self.0.path()).unwrap().display().to_string();
                    files.insert(below, entry.metadata().unwrap().permissions().mode() & 0o7777);
                }
            }
        }
        files
    }
}

#[test]
fn make_install_puts_everything_in_its_place() {
    let system = System::new();
    system.install_program(&program(), &[]);
    let expected = [
        (SETTINGS, 0o640),
        ("usr/local/bin/plex-linker", 0o755),
        ("usr/local/lib/systemd/system/plex-linker-once.service", 0o644),
        ("usr/local/lib/systemd/system/plex-linker.service", 0o644),
        ("usr/local/lib/systemd/system/plex-linker.timer", 0o644),
        ("usr/local/lib/sysusers.d/plex-linker.conf", 0o644),
        ("usr/local/share/bash-completion/completions/plex-linker", 0o644),
        ("usr/local/share/doc/plex-linker/LICENSE", 0o644),
        ("usr/local/share/doc/plex-linker/README.md", 0o644),
        ("usr/local/share/doc/plex-linker/examples/media-group.conf", 0o644),
        ("usr/local/share/doc/plex-linker/examples/mounts.conf", 0o644),
        ("usr/local/share/doc/plex-linker/examples/strict.conf", 0o644),
        ("usr/local/share/fish/vendor_completions.d/plex-linker.fish", 0o644),
        ("usr/local/share/man/man5/plex-linker.env.5", 0o644),
        ("usr/local/share/man/man8/plex-linker.8", 0o644),
        ("usr/local/share/zsh/site-functions/_plex-linker", 0o644),
    ];
    assert_eq!(system.files(), expected.iter().map(|(path, mode)| (path.to_string(), *mode)).collect());
    let version = Command::new(system.path("usr/local/bin/plex-linker")).arg("--version").output().unwrap();
    assert!(version.status.success());
}

#[test]
fn the_units_start_the_program_that_was_installed() {
    for (prefix, folder) in [("/usr/local", "usr/local"), ("/usr", "usr"), ("/opt/plex-linker", "opt/plex-linker")] {
        let system = System::new();
        let told = format!("PREFIX={prefix}");
        system.install(&[&told]);
        for unit in ["plex-linker.service", "plex-linker-once.service"] {
            let text = fs::read_to_string(system.path(folder).join("lib/systemd/system").join(unit)).unwrap();
            assert!(text.contains(&format!("\nExecStart={prefix}/bin/plex-linker ")), "{unit}: {text}");
            for path in text.split_whitespace().filter(|word| word.contains("/share/doc/plex-linker/")) {
                let path = path.trim_start_matches('/').trim_end_matches([')', ',', '.']);
                assert!(system.path(path).exists(), "{unit} tells of {path}");
            }
        }
        system.uninstall(&[&told]);
        assert!(system.files().is_empty(), "{:?}", system.files());
    }
}

#[test]
fn make_uninstall_leaves_nothing_but_settings_that_were_changed() {
    let system = System::new();
    let others = system.path("usr/local/bin/other");
    fs::create_dir_all(others.parent().unwrap()).unwrap();
    fs::write(&others, "").unwrap();
    system.install(&[]);
    fs::write(system.path(SETTINGS), "MEDIA_ROOT=/mnt/media\n").unwrap();
    system.install(&[]);
    assert_eq!(fs::read_to_string(system.path(SETTINGS)).unwrap(), "MEDIA_ROOT=/mnt/media\n");
    system.uninstall(&[]);
    let left: Vec<_> = system.files().into_keys().collect();
    assert_eq!(left, [SETTINGS, "usr/local/bin/other"]);
    for ours in ["usr/local/share/doc/plex-linker", "usr/local/share/doc/plex-linker/examples"] {
        assert!(!system.path(ours).exists(), "{ours}");
    }

    let system = System::new();
    system.install(&[]);
    system.uninstall(&[]);
    assert!(system.files().is_empty() && !system.path("etc/plex-linker").exists(), "{:?}", system.files());
    system.uninstall(&[]);
}

#[test]
fn make_install_builds_nothing() {
    let system = System::new();
    let output = system.make(&["install", "PROGRAM=target/nowhere/plex-linker"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("make install: target/nowhere/plex-linker is missing: run \"make build\" first"), "{said}");
    assert!(system.files().is_empty() && !Path::new("target/nowhere").exists());
}
