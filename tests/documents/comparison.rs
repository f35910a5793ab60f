//! tests/COMPARISON.md is true: each fault of the old program is there, with tests that exist.

use std::{fs, path::Path};

/// The faults that were measured, by the names that they have had since.
const ROWS: &str = "D02 D02r D03a D03b D03c D07 D08 D09a D09b D51 D10a D10b D10c D11 D50 D20 D20b D28 D54 \
    D01a D01b D01c D-kill D12 D12c D59 D16 D36 D35 D05 D06 D20c D30 D31 D29 D43 D42 D21a D46 D47 D63 D23 D26 D25 D24 D04 \
    D13 D14 D14h D15 D41 D39 D34 D45 D40 D22 D64";

#[test]
fn every_fault_of_the_old_program_has_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = fs::read_to_string(tests.join("COMPARISON.md")).unwrap();
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| D")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [ids, _, _, named] = cells[..] else { panic!("{line} has no four cells") };
        rows.extend(ids.split(", "));
        for name in named.split(", ").map(|name| name.trim_matches('`')) {
            let (module, function) = name.rsplit_once("::").unwrap_or_else(|| panic!("{name} names no module"));
            let file = tests.join(format!("{}.rs", module.replace("::", "/")));
            let source = fs::read_to_string(&file).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()));
            assert!(source.contains(&format!("#[test]\nfn {function}() {{")), "{ids}: there is no test {name}");
        }
    }
    assert_eq!(rows, ROWS.split_whitespace().collect::<Vec<_>>());
}
