//! The static programs run on any Linux of their kind: they are whole, small, name no folder of the machine that built them, and
//! work. Those of other machines run below qemu.

use std::env::{self, consts::ARCH};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{
    https,
    sample::{BOTH, Sample},
    skip,
    world::{Outcome, World},
};

/// What `make dist` builds for a kind of machine.
struct Build {
    target: &'static str,
    arch: &'static str,
    /// What `readelf` calls it.
    machine: &'static str,
    /// What runs it elsewhere; ARMv6 on the processor of the first Raspberry Pi, which ends a program that wants more.
    emulator: &'static [&'static str],
}

const BUILDS: [Build; 3] = [
    Build {
        target: "x86_64-unknown-linux-musl",
        arch: "x86_64",
        machine: "Advanced Micro Devices X86-64",
        emulator: &["qemu-x86_64-static"],
    },
    Build {
        target: "aarch64-unknown-linux-musl",
        arch: "aarch64",
        machine: "AArch64",
        emulator: &["qemu-aarch64-static"],
    },
    Build {
        target: "arm-unknown-linux-musleabihf",
        arch: "arm",
        machine: "ARM",
        emulator: &["qemu-arm-static", "-cpu", "arm1176"],
    },
];

/// Those that were built. Which were not is said aloud.
fn builds() -> impl Iterator<Item = &'static Build> {
    BUILDS.iter().filter(|build| {
        let built = build.program().exists();
        if !built {
            skip(&format!("the static program for {} was not tested: it is missing: run \"make dist\"", build.target));
        }
        built
    })
}

/// The one for this machine; where it was not built, that is said aloud.
pub fn program() -> Option<PathBuf> {
    builds().find(|build| build.arch == ARCH).map(Build::program)
}

impl Build {
    fn program(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("dist").join(self.target).join("plex-linker")
    }

    /// Runs it in this world to its end.
    fn run<'w>(&self, world: &'w World, arguments: &[&str]) -> Outcome<'w> {
        let mut command = if ARCH == self.arch {
            Command::new(self.program())
        } else {
            let mut command = Command::new(self.emulator[0]);
            command.args(&self.emulator[1..]).arg(self.program());
            command
        };
        command.args(arguments);
        world.finish(world.dress(command))
    }

    fn readelf(&self, options: &str) -> String {
        let output = Command::new("readelf").arg(options).arg(self.program()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

#[test]
fn they_need_no_loader_and_no_library() {
    for build in builds() {
        let elf = build.readelf("-hld");
        assert!(elf.contains(&format!("Machine:                           {}\n", build.machine)), "{elf}");
        assert!(!elf.contains("INTERP"), "{elf}");
        assert!(!elf.contains("(NEEDED)"), "{elf}");
    }
}

#[test]
fn they_are_stripped_and_small() {
    for build in builds() {
        let sections = build.readelf("-SW");
        assert!(!sections.contains("SYMTAB") && !sections.contains(".debug"), "{sections}");
        let size = build.program().metadata().unwrap().len();
        assert!(size <= 4_800_000, "{}: {size} bytes", build.target);
    }
}

#[test]
fn the_one_for_arm_asks_for_no_more_than_the_first_raspberry_pi_has() {
    for build in builds().filter(|build| build.arch == "arm") {
        let attributes = build.readelf("-A");
        for wanted in ["Tag_CPU_arch: v6\n", "Tag_ABI_VFP_args: VFP registers\n"] {
            assert!(attributes.contains(wanted), "{attributes}");
        }
        assert!(!attributes.contains("Tag_Advanced_SIMD_arch"), "{attributes}");
    }
}

#[test]
fn they_name_no_folder_of_their_builder() {
    let home = env::var("HOME").unwrap();
    let cargo_home = env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    for build in builds() {
        let bytes = std::fs::read(build.program()).unwrap();
        for folder in [env!("CARGO_MANIFEST_DIR"), &cargo_home, &format!("{home}/.cache")] {
            let named = memchr::memmem::find(&bytes, folder.as_bytes()).is_some();
            assert!(!named, "{} names {folder}", build.target);
        }
    }
}

#[test]
fn they_tell_their_version() {
    let world = World::new();
    for build in builds() {
        let said = build.run(&world, &["--version"]).succeeds().stdout;
        assert_eq!(said, format!("plex-linker {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn they_check_add_rules_and_make_their_links() {
    for build in builds() {
        let world = World::new();
        Sample::without_rules(&world);
        build.run(&world, &["check"]).succeeds().says("ok ");
        for (film, number, show, episode) in [("Akira", "149", "Naruto", "5"), ("Paprika", "4977", "Bleach", "2")] {
            let rule = ["--movie-title", film, "--tmdb-id", number, "--show-name", show, "--episode", episode];
            build.run(&world, &[&["rules", "add"][..], &rule].concat()).succeeds();
        }
        build.run(&world, &["once"]).succeeds();
        world.assert_links(&BOTH);
        world.forget();
        build.run(&world, &["once"]).succeeds();
        world.assert_posts(&[]);
    }
}

#[test]
fn they_speak_https_and_know_whom_to_trust() {
    let url = format!("https://127.0.0.1:{}", https::server().port());
    for build in builds() {
        let world = World::new();
        Sample::new(&world);
        world.set("RADARR_0_URL", &url);
        build.run(&world, &["once"]).exits(1).says("its certificate is not trusted");
        world.set("PLEX_LINKER_CA_FILE", &https::file("authority.pem").display().to_string());
        build.run(&world, &["once"]).succeeds().says("Radarr has no film");
        world.assert_links(&[]);
    }
}

#[test]
fn the_static_program_does_the_whole_demonstration() {
    for build in builds().filter(|build| build.arch == ARCH) {
        // cargo puts examples beside the folder of the test's own program
        let own = env::current_exe().unwrap();
        let demo = own.ancestors().nth(2).unwrap().join("examples/demo");
        let output = Command::new(&demo).env("PLEX_LINKER_PROGRAM", build.program()).output();
        let output = output.unwrap_or_else(|cause| panic!("cannot run {}: {cause}", demo.display()));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
