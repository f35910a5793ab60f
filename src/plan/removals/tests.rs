//! Every cell of what Radarr says × what the disk says × what the record says.

use super::*;
use crate::{
    model::InvalidRule,
    plan::{
        Sight, Skip, Source, decide,
        tests::{LIMITS, LINK, SOURCE, TARGET, at, known, layout, placement, record, rule, sight, symlink},
    },
};

// the same is tried on a real disk
include!("../../../tests/plan/witnesses/table.rs");

/// The plan for a recorded link with this text that stands as `found`, and whether the film's own file is as well.
fn plan(says: &str, end: Option<&End>, text: &str, ours: bool) -> Plan {
    let skip = |reason| vec![Skip { rule: 1, reason }];
    let no_file = || Reason::NoFile { movie: "Film".into() };
    let mut placed = Placed::default();
    let mut sights = Vec::new();
    let mut no_files = HashMap::new();
    match says {
        "file" => {
            let source = match end {
                Some(end) => Source::Missing(end.clone()),
                None => Source::Unknown("EIO".into()),
            };
            placed.placements = vec![placement()];
            sights = vec![Sight { source, ..sight(Found::Nothing) }];
        }
        "no film" => placed.skips = skip(Reason::NoMovie { tmdb_id: 1, other: None }),
        "down" => placed.skips = skip(Reason::AppFailed("Radarr is down".into())),
        says => {
            placed.skips = skip(no_file());
            placed.fileless = [(1, (0, 1))].into();
            let why = match says {
                "upgrade" => NoFile::Upgrade,
                "manual" => NoFile::Deleted,
                "unknown" => NoFile::Unknown("Radarr is down".into()),
                _ => NoFile::Unseen,
            };
            no_files.insert(1, why);
        }
    }
    let leads = end.map_or(Leads::Unknown("EIO".into()), |end| Leads::Nowhere(end.clone()));
    let record = record(1, OLD, if ours { text } else { "../another.mkv" });
    let links = [(OLD.to_string(), (at(OLD), symlink(text, leads)))].into();
    let seen = Seen { sights, links, count: 1, ..Seen::default() };
    let rules = Rules { rules: vec![rule(1)], invalid: Vec::new() };
    decide(
        &rules,
        placed,
        &seen,
        &known(&[record]),
        &layout(),
        &no_files,
        Allowed { force: says == "forced", ..LIMITS },
    )
}

const OLD: &str = "/media/tv/Show/Season 00/Show - S00E05 - TBA DVD.mkv";

/// `goes`, or the rule's state, with `!` if the run has failed.
fn outcome(plan: &Plan) -> String {
    let failed = plan.skips.iter().any(|skip| skip.reason.is_failure()) || !plan.problems.is_empty();
    let state = match (&plan.steps[..], &plan.skips[..]) {
        ([Step::Remove { .. }], _) => "goes",
        ([], [skip]) => skip.reason.word(),
        _ => panic!("{plan:?}"),
    };
    format!("{state}{}", if failed { "!" } else { "" })
}

#[test]
fn a_link_that_leads_nowhere_goes_where_two_witnesses_agree() {
    let symlink = End::Symlink(SOURCE.into(), "/mnt/usb/Film.mkv".into());
    let ends = [Some(End::Gone), Some(End::Unproven(Some("/media/movies".into()))), Some(symlink), None];
    for (says, outcomes) in CELLS {
        for (end, expected) in ends.iter().zip(outcomes) {
            let plan = plan(says, end.as_ref(), TARGET, true);
            assert_eq!(outcome(&plan), expected, "Radarr: {says}, disk: {end:?}");
        }
    }
}

/// It has another text than the record says: whatever it leads to, it is somebody else's.
#[test]
fn what_is_not_the_recorded_link_stays() {
    for (says, _) in CELLS {
        let plan = plan(says, Some(&End::Gone), TARGET, false);
        assert_eq!(plan.changes().count(), 0, "{says}: {plan:?}");
    }
}

/// Rule 1: whatever Radarr says.
#[test]
fn a_link_that_leads_to_a_file_goes_because_of_its_rule_alone() {
    let gone = || Rules::default();
    let there = || Rules { rules: vec![rule(1)], invalid: Vec::new() };
    let invalid = || Rules { rules: Vec::new(), invalid: vec![InvalidRule { id: 1, reason: "x".into() }] };
    let none = Reason::NoMovie { tmdb_id: 1, other: None };
    let reasons = [none, Reason::NoFile { movie: "Film".into() }, Reason::AppFailed("down".into())];
    for reason in reasons {
        let decided = |rules: Rules, found: Found| {
            let skips = vec![Skip { rule: 1, reason: reason.clone() }];
            let placed = Placed { skips, fileless: [(1, (0, 1))].into(), ..Placed::default() };
            let links = [(LINK.to_string(), (at(LINK), found))].into();
            let seen = Seen { links, count: 1, ..Seen::default() };
            let no_files = [(1, NoFile::Deleted)].into();
            let plan = decide(&rules, placed, &seen, &known(&[record(1, LINK, TARGET)]), &layout(), &no_files, LIMITS);
            plan.changes().next().map(|step| match step {
                Step::Remove { cause, .. } => *cause,
                other => panic!("{other}"),
            })
        };
        let right = || symlink(TARGET, Leads::Elsewhere);
        assert_eq!(decided(there(), right()), None);
        assert_eq!(decided(invalid(), right()), None);
        assert_eq!(decided(there(), symlink(TARGET, Leads::Unknown("EACCES".into()))), None);
        assert_eq!(decided(gone(), right()), Some(Cause::RuleGone));
        assert_eq!(decided(gone(), symlink(TARGET, Leads::Unknown("EACCES".into()))), Some(Cause::RuleGone));
        assert_eq!(decided(gone(), symlink(TARGET, Leads::Nowhere(End::Unproven(None)))), Some(Cause::RuleGone));
        assert_eq!(decided(gone(), symlink("../other.mkv", Leads::Elsewhere)), None);
        for found in [Found::Other("a file"), Found::Nothing, Found::Away, Found::Unknown("EIO".into())] {
            assert_eq!(decided(gone(), found), None);
        }
    }
}

#[test]
fn an_upgrade_is_waited_for_a_day() {
    let why = |why, ago: i64| NoFile::new(Some(Deleted { why, at: 1_000_000 - ago }), 1_000_000);
    assert_eq!(why(Why::Upgrade, 0), NoFile::Upgrade);
    assert_eq!(why(Why::Upgrade, -60), NoFile::Upgrade);
    assert_eq!(why(Why::Upgrade, 86_399), NoFile::Upgrade);
    assert_eq!(why(Why::Upgrade, 86_400), NoFile::Unseen);
    assert_eq!(why(Why::Manual, 1_000_000), NoFile::Deleted);
    assert_eq!(why(Why::MissingFromDisk, 0), NoFile::Unseen);
    assert_eq!(why(Why::Other, 0), NoFile::Unseen);
    assert_eq!(NoFile::new(None, 0), NoFile::Unseen);
}

/// Ours are counted against ours, others' against others'.
#[test]
fn eight_broken_links_of_ours_among_ten_thousand_of_others_are_too_many() {
    let links: Vec<Link> = (1..=8).map(|id| record(id, &format!("/media/tv/Show/{id}.mkv"), TARGET)).collect();
    let found = |link: &Link| (link.path.clone(), (at(&link.path), symlink(TARGET, Leads::Nowhere(End::Gone))));
    let rules = Rules { rules: (1..=8).map(rule).collect(), invalid: Vec::new() };
    let skip = |rule: i64| Skip { rule, reason: Reason::NoFile { movie: "Film".into() } };
    let placed = Placed {
        skips: (1..=8).map(skip).collect(),
        fileless: (1..=8).map(|rule| (rule, (0, rule))).collect(),
        ..Placed::default()
    };
    let seen = Seen { links: links.iter().map(found).collect(), count: 10_008, ..Seen::default() };
    let no_files = (1..=8).map(|rule| (rule, NoFile::Unseen)).collect();
    let plan = decide(&rules, placed, &seen, &known(&links), &layout(), &no_files, LIMITS);
    assert_eq!(plan.changes().count(), 0, "{plan:?}");
    assert!(plan.problems[0].starts_with("8 links of 8 lead to films that are gone"), "{:?}", plan.problems);
}

/// Sonarr has taken a file that came beside our link.
#[test]
fn a_file_that_stands_beside_our_link_is_told() {
    let own = "/media/tv/Show/Season 00/Show.S00E05.mkv";
    let placed = Placed {
        placements: vec![crate::plan::Placement { own_files: vec![at(own)], ..placement() }],
        ..Placed::default()
    };
    let stands = symlink(TARGET, Leads::ToSource);
    let links = [(LINK.to_string(), (at(LINK), stands.clone()))].into();
    let sights = vec![Sight { own_files: vec![Found::Other("a file")], ..sight(stands) }];
    let seen = Seen { sights, links, count: 1, ..Seen::default() };
    let rules = Rules { rules: vec![rule(1)], invalid: Vec::new() };
    let plan = decide(&rules, placed, &seen, &known(&[record(1, LINK, TARGET)]), &layout(), &HashMap::new(), LIMITS);
    assert_eq!(plan.changes().count(), 0, "{plan:?}");
    let told = plan.skips[0].reason.to_string();
    assert!(told.contains(own) && told.contains(LINK), "{told}");
}
