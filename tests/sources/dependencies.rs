//! What the program is made of: packaging/deny.toml is kept, and the README tells of every crate.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The words in quotes of the list `name = [...]`.
fn listed(toml: &str, name: &str) -> Vec<String> {
    let (_, list) = toml.split_once(&format!("\n{name} = [")).unwrap_or_else(|| panic!("a list {name}"));
    let list = list.split_once("]\n").unwrap().0;
    let words =
        list.lines().filter(|line| !line.trim().starts_with('#')).map(|line| line.split('"').skip(1).step_by(2));
    words.flatten().map(String::from).collect()
}

/// `0.23.18` as numbers; what follows a `-` or `+` does not count.
fn version(text: &str) -> Vec<u32> {
    let text = text.split(['-', '+']).next().unwrap();
    text.split('.').map(|part| part.parse().unwrap()).collect()
}

/// What Cargo.lock has: name, version, source.
fn locked() -> Vec<(String, String, Option<String>)> {
    let lock = read("Cargo.lock");
    let packages = lock.split("[[package]]").skip(1).map(|package| {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")))?;
            Some(line.trim_matches('"').to_string())
        };
        (field("name").unwrap(), field("version").unwrap(), field("source"))
    });
    packages.collect()
}

/// The crates that become part of the program, or build it: package and licence, a line each.
fn tree() -> String {
    let arguments = [
        "tree",
        "--locked",
        "--edges=normal,build",
        "--target=x86_64-unknown-linux-musl",
        "--prefix=none",
        "--format={p}|{l}",
    ];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same by name and version, with the licence.
fn used() -> BTreeMap<String, String> {
    let lines = tree();
    let crates = lines.lines().map(|line| {
        let (package, licence) = line.split_once('|').unwrap();
        let mut words = package.split(' ');
        let name = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        (name, licence.trim_end_matches(" (*)").to_string())
    });
    crates.collect()
}

/// The direct dependencies, in the order of Cargo.toml.
fn direct() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let (_, list) = manifest.split_once("\n[dependencies]\n").unwrap();
    let lines = list.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| Some(line.split_once(" = ")?.0.to_string())).collect()
}

#[test]
fn no_crate_is_used_that_is_not_to_be() {
    let denied = read("packaging/deny.toml");
    let (_, bans) = denied.split_once("\n[bans]\n").unwrap();
    let specs: Vec<&str> = bans.split("{ crate = \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(specs.len() > 10, "{specs:?}");
    let locked = locked();
    let mut known = 0;
    for spec in specs {
        let (name, floor) = spec.split_once(":<").map_or((spec, None), |(name, floor)| (name, Some(floor)));
        for (_, found, _) in locked.iter().filter(|(locked, ..)| locked == name) {
            known += 1;
            let Some(floor) = floor else { panic!("{name} is not to be used") };
            assert!(version(found) >= version(floor), "{name} {found} is older than {floor}");
        }
    }
    assert!(known > 10, "the crates with floors should be those that are used");
}

#[test]
fn every_crate_comes_from_crates_io() {
    // cargo tells where a crate is from when it is from elsewhere
    for line in tree().lines() {
        let package = line.split('|').next().unwrap().trim_end_matches(" (proc-macro)");
        assert!(package.split(' ').count() == 2 || package.starts_with("plex-linker v"), "{package} is from elsewhere");
    }
    // and those for tests and other systems are from where these are
    let others: Vec<_> = locked().into_iter().filter(|(name, ..)| name != "plex-linker").collect();
    let source = &others[0].2;
    assert!(source.as_ref().is_some_and(|source| source.starts_with("registry+")), "{source:?}");
    for (name, _, other) in &others {
        assert_eq!(other, source, "{name}");
    }
}

#[test]
fn every_licence_is_one_that_is_allowed() {
    let allowed = listed(&read("packaging/deny.toml"), "allow");
    let used = used();
    assert!(used.len() > 50, "{used:?}");
    for (name, licence) in used {
        // "(MIT OR Apache-2.0) AND Unicode-3.0", and "MIT/Apache-2.0" in older crates
        let licence = licence.replace('/', " OR ").replace(['(', ')'], "");
        let may = |one: &str| allowed.iter().any(|allowed| one.trim() == allowed);
        assert!(licence.split(" AND ").all(|part| part.split(" OR ").any(may)), "{name} is under {licence:?}");
    }
}

#[test]
fn the_readme_tells_what_each_crate_is_for() {
    let readme = read("README.md");
    let (_, table) =
        readme.split_once("\n| crate | is for |\n| --- | --- |\n").expect("the README has a table of crates");
    let rows: Vec<_> = table.lines().map_while(|line| line.strip_prefix("| ")?.split_once(" | ")).collect();
    let named: Vec<_> =
        rows.iter().flat_map(|(names, _)| names.split(", ")).map(|name| name.trim_matches('`')).collect();
    let mut sorted = named.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, direct(), "each crate of Cargo.toml should be there once");
    assert!(rows.iter().all(|(_, reason)| reason.trim_end_matches(" |").len() > 10), "{rows:?}");
    let all = used().len() - 1;
    let sentence = format!("{} crates directly, {all} with theirs", named.len());
    assert!(readme.contains(&sentence), "the README should say: {sentence}");
}
