//! The static program runs on any Linux of its kind: it is whole, small, and names no folder of the machine that built it.

use std::env::{self, consts::ARCH};
use std::path::PathBuf;
use std::process::Command;

use crate::support::skip;

/// Where `make static` puts it, unless `PLEX_LINKER_STATIC` names another place.
fn place() -> PathBuf {
    let usual = || format!("{}/dist/{ARCH}-unknown-linux-musl/plex-linker", env!("CARGO_MANIFEST_DIR")).into();
    env::var_os("PLEX_LINKER_STATIC").map_or_else(usual, PathBuf::from)
}

/// The static program, if it has been built.
pub fn built() -> Option<PathBuf> {
    Some(place()).filter(|program| program.exists())
}

/// The same, and where it could not be built that is said aloud.
fn program() -> Option<PathBuf> {
    let built = built();
    if built.is_none() {
        skip(&format!("the static program was not tested: {} is missing: run \"make static\"", place().display()));
    }
    built
}

/// The fields of a 64-bit little-endian ELF file that these tests ask for.
struct Elf(Vec<u8>);

impl Elf {
    fn number(&self, at: usize, bytes: usize) -> usize {
        self.0[at..at + bytes].iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte))
    }

    /// Type, offset and size of each segment.
    fn segments(&self) -> Vec<(usize, usize, usize)> {
        let (table, each, count) = (self.number(32, 8), self.number(54, 2), self.number(56, 2));
        (0..count)
            .map(|n| table + n * each)
            .map(|at| (self.number(at, 4), self.number(at + 8, 8), self.number(at + 32, 8)))
            .collect()
    }

    /// The types of the sections.
    fn sections(&self) -> Vec<usize> {
        let (table, each, count) = (self.number(40, 8), self.number(58, 2), self.number(60, 2));
        (0..count).map(|n| self.number(table + n * each + 4, 4)).collect()
    }

    /// The tags of the dynamic section, none in a program that needs no loader at all.
    fn dynamic_tags(&self) -> Vec<usize> {
        let dynamic = self.segments().into_iter().filter(|(kind, ..)| *kind == PT_DYNAMIC);
        dynamic.flat_map(|(_, offset, size)| (offset..offset + size).step_by(16)).map(|at| self.number(at, 8)).collect()
    }
}

const PT_DYNAMIC: usize = 2;
const PT_INTERP: usize = 3;
const DT_NEEDED: usize = 1;
const SHT_SYMTAB: usize = 2;

#[test]
fn the_static_program_needs_no_loader_and_no_library() {
    let Some(program) = program() else { return };
    let elf = Elf(std::fs::read(program).unwrap());
    assert_eq!(elf.0[..6], *b"\x7fELF\x02\x01", "not a 64-bit little-endian ELF file");
    assert!(elf.segments().iter().all(|(kind, ..)| *kind != PT_INTERP), "it names an interpreter");
    assert!(!elf.dynamic_tags().contains(&DT_NEEDED), "it needs a shared library");
}

#[test]
fn the_static_program_is_stripped_and_small() {
    let Some(program) = program() else { return };
    let elf = Elf(std::fs::read(program).unwrap());
    assert!(!elf.sections().contains(&SHT_SYMTAB), "it has symbols");
    assert!(elf.0.len() <= 4_500_000, "{} bytes", elf.0.len());
}

#[test]
fn the_static_program_names_no_folder_of_its_builder() {
    let Some(program) = program() else { return };
    let bytes = std::fs::read(program).unwrap();
    let cargo_home = env::var("CARGO_HOME").unwrap_or_else(|_| env::var("HOME").unwrap() + "/.cargo");
    for folder in [env!("CARGO_MANIFEST_DIR"), &cargo_home] {
        assert!(!bytes.windows(folder.len()).any(|window| window == folder.as_bytes()), "it names {folder}");
    }
}

#[test]
fn the_static_program_tells_its_version() {
    let Some(program) = program() else { return };
    let output = Command::new(program).arg("--version").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, format!("plex-linker {}\n", env!("CARGO_PKG_VERSION")).as_bytes());
}

#[test]
fn the_static_program_does_the_whole_demonstration() {
    let Some(program) = program() else { return };
    // cargo puts examples beside the folder of the test's own program
    let own = env::current_exe().unwrap();
    let demo = own.ancestors().nth(2).unwrap().join("examples/demo");
    let output = Command::new(&demo).env("PLEX_LINKER_PROGRAM", &program).output();
    let output = output.unwrap_or_else(|cause| panic!("cannot run {}: {cause}", demo.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
