//! What is in the packages of `make dist`, and what Debian's and Fedora's own tools say of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    machine::Machine,
    nas::{deb, on_each_release},
};
use crate::support::skip;

/// Target, Debian's word for it, Fedora's.
const KINDS: [(&str, &str, &str); 3] = [
    ("x86_64-unknown-linux-musl", "amd64", "x86_64"),
    ("aarch64-unknown-linux-musl", "arm64", "aarch64"),
    ("arm-unknown-linux-musleabihf", "armhf", "armv6hl"),
];
/// All files of the .deb. The installation gives the settings to a group of their own.
const DEB: &str = "\
-rw-r----- root/root ./etc/plex-linker/plex-linker.env
-rwxr-xr-x root/root ./usr/bin/plex-linker
-rw-r--r-- root/root ./usr/lib/systemd/system/plex-linker-once.service
-rw-r--r-- root/root ./usr/lib/systemd/system/plex-linker.service
-rw-r--r-- root/root ./usr/lib/systemd/system/plex-linker.timer
-rw-r--r-- root/root ./usr/lib/sysusers.d/plex-linker.conf
-rw-r--r-- root/root ./usr/share/bash-completion/completions/plex-linker
-rw-r--r-- root/root ./usr/share/doc/plex-linker/README.md
-rw-r--r-- root/root ./usr/share/doc/plex-linker/changelog.gz
-rw-r--r-- root/root ./usr/share/doc/plex-linker/copyright
-rw-r--r-- root/root ./usr/share/doc/plex-linker/examples/media-group.conf
-rw-r--r-- root/root ./usr/share/doc/plex-linker/examples/mounts.conf
-rwxr-xr-x root/root ./usr/share/doc/plex-linker/examples/plex-linker.openrc
-rw-r--r-- root/root ./usr/share/doc/plex-linker/examples/strict.conf
-rwxr-xr-x root/root ./usr/share/doc/plex-linker/examples/user-script.sh
-rw-r--r-- root/root ./usr/share/doc/plex-linker/third-party-licenses.gz
-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/plex-linker.fish
-rw-r--r-- root/root ./usr/share/lintian/overrides/plex-linker
-rw-r--r-- root/root ./usr/share/man/man5/plex-linker.env.5.gz
-rw-r--r-- root/root ./usr/share/man/man8/plex-linker.8.gz
-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_plex-linker
";
/// All files of the .rpm; c is configuration, n not to be replaced, d documentation, l a licence.
const RPM: &str = "\
drwxr-xr-x root/root /etc/plex-linker
-rw-r----- root/plex-linker /etc/plex-linker/plex-linker.env cn
-rwxr-xr-x root/root /usr/bin/plex-linker
-rw-r--r-- root/root /usr/lib/systemd/system-preset/90-plex-linker.preset
-rw-r--r-- root/root /usr/lib/systemd/system/plex-linker-once.service
-rw-r--r-- root/root /usr/lib/systemd/system/plex-linker.service
-rw-r--r-- root/root /usr/lib/systemd/system/plex-linker.timer
-rw-r--r-- root/root /usr/lib/sysusers.d/plex-linker.conf
-rw-r--r-- root/root /usr/share/bash-completion/completions/plex-linker
-rw-r--r-- root/root /usr/share/doc/plex-linker/README.md d
-rw-r--r-- root/root /usr/share/doc/plex-linker/changelog.gz d
-rw-r--r-- root/root /usr/share/doc/plex-linker/examples/media-group.conf d
-rw-r--r-- root/root /usr/share/doc/plex-linker/examples/mounts.conf d
-rwxr-xr-x root/root /usr/share/doc/plex-linker/examples/plex-linker.openrc d
-rw-r--r-- root/root /usr/share/doc/plex-linker/examples/strict.conf d
-rwxr-xr-x root/root /usr/share/doc/plex-linker/examples/user-script.sh d
-rw-r--r-- root/root /usr/share/fish/vendor_completions.d/plex-linker.fish
-rw-r--r-- root/root /usr/share/licenses/plex-linker/copyright l
-rw-r--r-- root/root /usr/share/licenses/plex-linker/third-party-licenses.gz l
-rw-r--r-- root/root /usr/share/man/man5/plex-linker.env.5.gz d
-rw-r--r-- root/root /usr/share/man/man8/plex-linker.8.gz d
-rw-r--r-- root/root /usr/share/zsh/site-functions/_plex-linker
drwxr-x--- plex-linker/plex-linker /var/lib/plex-linker
";

/// What `make dist` made for a kind of machine.
struct Made {
    target: &'static str,
    /// Debian's word for the machine.
    arch: &'static str,
    program: PathBuf,
    deb: PathBuf,
    rpm: PathBuf,
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The version as packages have it: what comes before a release sorts before it.
fn version() -> String {
    env!("CARGO_PKG_VERSION").replacen('-', "~", 1)
}

/// What was made, if these tools are there to look at it. What is missing is said aloud.
fn made(tools: &[&str]) -> Vec<Made> {
    let dist = project().join("dist");
    let lacks = |tool: &str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).stdout(Stdio::null()).status();
        !found.unwrap().success()
    };
    if let Some(tool) = tools.iter().find(|tool| lacks(tool)) {
        skip(&format!("the packages were not tested: {tool} is missing: run tests/setup.sh"));
        return Vec::new();
    }
    let made = KINDS.map(|(target, arch, fedora)| Made {
        target,
        arch,
        program: dist.join(target).join("plex-linker"),
        deb: dist.join(format!("plex-linker_{}_{arch}.deb", version())),
        rpm: dist.join(format!("plex-linker-{}-1.{fedora}.rpm", version())),
    });
    let is_there = |made: &Made| {
        let lacking = [&made.program, &made.deb, &made.rpm].into_iter().find(|file| !file.exists());
        if let Some(file) = lacking {
            skip(&format!("a package was not tested: {} is missing: run \"make dist\"", file.display()));
        }
        lacking.is_none()
    };
    made.into_iter().filter(is_there).collect()
}

/// What a successful command prints.
#[track_caller]
fn told(words: &[&str], file: &Path) -> String {
    let output = Command::new(words[0]).args(&words[1..]).arg(file).current_dir(project()).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{words:?} {}:\n{text}", file.display());
    text
}

#[test]
fn they_hold_these_files() {
    for made in made(&["dpkg-deb", "rpm"]) {
        let listed = told(&["dpkg-deb", "--contents"], &made.deb);
        let files = listed.lines().filter(|line| !line.starts_with('d')).map(|line| {
            let words = line.split_whitespace().collect::<Vec<_>>();
            format!("{} {} {}\n", words[0], words[1], words[5])
        });
        assert_eq!(files.collect::<String>(), DEB, "{}", made.deb.display());
        let folders = listed.lines().filter(|line| line.starts_with('d'));
        folders.for_each(|line| assert!(line.starts_with("drwxr-xr-x root/root "), "{line}"));

        let line = "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES} %{FILEFLAGS:fflags}\n]";
        let listed = told(&["rpm", "--query", "--queryformat", line, "--package"], &made.rpm).replace(" \n", "\n");
        assert_eq!(listed, RPM, "{}", made.rpm.display());
    }
}

#[test]
fn the_program_in_them_is_the_one_that_was_tested() {
    for made in made(&["dpkg-deb", "rpm"]) {
        let sum = |tool: &str| told(&[tool], &made.program).split(' ').next().unwrap().to_string();
        let sums = told(&["sh", "-c", "dpkg-deb --info \"$0\" md5sums"], &made.deb);
        assert!(sums.contains(&format!("{}  usr/bin/plex-linker\n", sum("md5sum"))), "{sums}");
        let line = "[%{FILEDIGESTS} %{FILENAMES}\n]";
        let sums = told(&["rpm", "--query", "--queryformat", line, "--package"], &made.rpm);
        assert!(sums.contains(&format!("{} /usr/bin/plex-linker\n", sum("sha256sum"))), "{sums}");
    }
}

#[test]
fn they_say_what_they_are() {
    let changelog = fs::read_to_string(project().join("packaging/changelog")).unwrap();
    assert!(changelog.starts_with(&format!("plex-linker ({}) ", version())), "the changelog is of another version");
    for made in made(&["dpkg-deb"]) {
        let control = told(&["dpkg-deb", "--field"], &made.deb);
        let depends = "systemd | systemd-standalone-sysusers | systemd-sysusers";
        for (name, value) in [("Version", &*version()), ("Architecture", made.arch), ("Depends", depends)] {
            assert!(control.contains(&format!("\n{name}: {value}\n")), "{control}");
        }
        let conffiles = told(&["sh", "-c", "dpkg-deb --info \"$0\" conffiles"], &made.deb);
        assert_eq!(conffiles, "/etc/plex-linker/plex-linker.env\n");
    }
}

#[test]
fn debian_and_fedora_find_nothing_wrong_with_them() {
    for made in made(&["lintian", "rpmlint"]) {
        let strict = ["lintian", "--allow-root", "--pedantic", "--fail-on=error,warning,info,pedantic"];
        assert_eq!(told(&strict, &made.deb), "");
        let said = told(&["rpmlint", "--config=packaging/rpmlint.toml"], &made.rpm);
        assert!(said.contains(" 0 errors, 0 warnings"), "{said}");
    }
}

#[test]
fn they_are_small() {
    for made in made(&[]) {
        for (file, most) in [(&made.deb, 2_300_000), (&made.rpm, 2_700_000)] {
            let size = file.metadata().unwrap().len();
            assert!(size <= most, "{}: {size} bytes", file.display());
        }
    }
}

#[test]
fn the_same_program_gives_the_same_packages() {
    for made in made(&["xz"]) {
        let folder = tempfile::tempdir().unwrap();
        for (kind, package) in [("deb", &made.deb), ("rpm", &made.rpm)] {
            let mut build = Command::new(project().join("packaging/build-packages.sh"));
            let output = build.args([kind, made.target]).env("TO", folder.path()).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let again = folder.path().join(package.file_name().unwrap());
            assert!(fs::read(&again).unwrap() == fs::read(package).unwrap(), "{} differs", package.display());
        }
    }
}

#[test]
fn each_licence_in_the_program_is_told() {
    let copyright = fs::read_to_string(project().join("packaging/copyright")).unwrap();
    for made in made(&["python3"]) {
        let notices = told(&["packaging/notices.py"], Path::new(made.target));
        let crates = notices.lines().filter_map(|line| {
            let (name, licences) = line.split_once(": ")?;
            let version = name.split_once(' ')?.1;
            version.starts_with(|first: char| first.is_ascii_digit()).then_some((name, licences))
        });
        let crates: Vec<_> = crates.collect();
        assert!(crates.iter().any(|(name, _)| name.starts_with("rustls ")), "{notices}");
        for (name, licences) in crates {
            let all = licences.split(" and ").all(|licence| copyright.contains(licence));
            assert!(all, "packaging/copyright does not tell {name}'s {licences}");
        }
    }
}

/// Installs the package on a machine without a running systemd, on which the program has written all that it writes.
fn used(root: &Path) -> Machine {
    let machine = Machine::unbooted(root);
    machine.sh(&format!("dpkg --install {}", deb()));
    let ours = "plex_linker.db plex_linker.db-journal plex_linker.db.lock plex_linker.lock plex_linker.key";
    machine.sh(&format!("cd /var/lib/plex-linker; touch {ours}"));
    machine
}

#[test]
fn a_purge_takes_nothing_that_is_not_its_own() {
    on_each_release(|root| {
        let machine = used(root);
        // somebody keeps films in the state folder, and mounts some there
        machine.sh("mkdir /films; touch /films/plex_linker.db /films/film.mkv");
        machine.sh("cd /var/lib/plex-linker; mkdir media; mount --bind /films media; touch film.mkv");
        machine.sh("dpkg --purge plex-linker");
        let left = machine.sh("cd /var/lib/plex-linker; find . | sort");
        machine.assert_same("what is left", &left, ".\n./film.mkv\n./media\n./media/film.mkv\n./media/plex_linker.db");
    });
}

#[test]
fn a_purge_follows_no_link() {
    on_each_release(|root| {
        let machine = used(root);
        machine.sh("mv /var/lib/plex-linker /elsewhere; ln -s /elsewhere /var/lib/plex-linker");
        machine.sh("dpkg --purge plex-linker");
        machine.sh("test ! -L /var/lib/plex-linker; test -e /elsewhere/plex_linker.db");
    });
}

#[test]
fn only_its_user_may_read_the_settings() {
    on_each_release(|root| {
        let machine = used(root);
        let modes = machine.sh("stat --format='%n %a %U:%G' /etc/plex-linker/plex-linker.env /var/lib/plex-linker");
        let wanted =
            "/etc/plex-linker/plex-linker.env 640 root:plex-linker\n/var/lib/plex-linker 750 plex-linker:plex-linker";
        machine.assert_same("the modes", &modes, wanted);
    });
}

#[test]
fn only_what_was_enabled_is_enabled_after_an_installation() {
    on_each_release(|root| {
        let machine = Machine::unbooted(root);
        let enabled =
            || machine.sh("systemctl is-enabled plex-linker.service plex-linker.timer || true").replace('\n', " ");
        let install = format!("dpkg --install {}", deb());
        machine.sh(&install);
        machine.assert_same("at first", &enabled(), "disabled disabled");
        machine.sh(&format!("systemctl enable plex-linker.timer; {install}"));
        machine.assert_same("after an upgrade", &enabled(), "disabled enabled");
        machine.sh(&format!("dpkg --remove plex-linker; {install}"));
        machine.assert_same("after a removal", &enabled(), "disabled enabled");
        machine.sh(&format!("systemctl disable plex-linker.timer; {install}"));
        machine.assert_same("when it was disabled", &enabled(), "disabled disabled");
    });
}
