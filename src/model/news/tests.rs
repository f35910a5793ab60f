//! What is told, and what is not told twice.

use super::*;

fn report(problems: &[&str], rules: &[(i64, &str)], changes: &[&str]) -> Result<Report, String> {
    let texts = |list: &[&str]| list.iter().map(|text| text.to_string()).collect();
    let rule = |&(rule, state): &(i64, &str)| RuleState {
        rule,
        state: state.into(),
        reason: format!("it is {state}"),
        link: None,
        subtitles: Vec::new(),
        since: 0,
    };
    Ok(Report {
        at: 0,
        summary: String::new(),
        failed: !problems.is_empty(),
        changes: texts(changes),
        changed: Vec::new(),
        places: Vec::new(),
        problems: texts(problems),
        rules: rules.iter().map(rule).collect(),
    })
}

/// What each of these runs tells, one after the other.
fn told(runs: &[Result<Report, String>]) -> Vec<String> {
    let mut told = Told::default();
    let mut tell = |run| {
        let (news, now) = told.news(run);
        // as it is kept from one process to the next
        told = serde_json::from_str(&serde_json::to_string(&now).unwrap()).unwrap();
        if news.is_empty() { String::new() } else { format!("{}\n{}", news.title(), news.lines().join("\n")) }
    };
    runs.iter().map(&mut tell).collect()
}

#[test]
fn a_run_where_all_is_well_and_nothing_changed_tells_nothing() {
    assert_eq!(told(&[report(&[], &[(1, "linked"), (2, "waiting_for_movie_file")], &[])]), [""]);
}

#[test]
fn changes_are_told_by_each_run() {
    let run = report(&[], &[], &["linked a", "linked b"]);
    let text = "plex-linker: 2 changes\nlinked a\nlinked b";
    assert_eq!(told(&[run.clone(), run]), [text, text]);
}

#[test]
fn a_problem_is_told_once_in_whatever_words_and_when_it_is_over() {
    let refused = "cannot ask radarr for its films: nothing answers (tried 4 times)";
    let runs = [
        report(&[refused], &[], &[]),
        report(&["cannot ask radarr for film 7: its answer takes too long"], &[], &[]),
        report(&["radarr is not asked again in this run: nothing answers"], &[], &[]),
        report(
            &["radarr is not asked again in this run: nothing answers", "cannot ask radarr 1 for its films: no"],
            &[],
            &[],
        ),
        report(&[], &[], &[]),
        report(&[], &[], &[]),
    ];
    assert_eq!(
        told(&runs),
        [
            &*format!("plex-linker: 1 problem\nproblem: {refused}"),
            "",
            "",
            "plex-linker: 1 problem\nproblem: cannot ask radarr 1 for its films: no",
            "plex-linker: all is well again\n\
             well again: radarr is not asked again in this run: nothing answers\n\
             well again: cannot ask radarr 1 for its films: no",
            ""
        ]
    );
}

#[test]
fn how_many_links_a_problem_is_about_is_no_news() {
    let many =
        |links| report(&[&format!("{links} links of 40 lead to films that are gone: run it with --force")], &[], &[]);
    let told = told(&[many(12), many(13), report(&[], &[], &[])]);
    assert_eq!(told[1], "");
    assert!(told[0].starts_with("plex-linker: 1 problem") && told[2].starts_with("plex-linker: all is well again"));
}

#[test]
fn a_rule_that_needs_its_user_is_told_once_for_each_state() {
    let runs = [
        report(&[], &[(1, "occupied"), (2, "contested")], &[]),
        report(&[], &[(1, "occupied"), (2, "contested")], &[]),
        report(&[], &[(1, "contested"), (2, "linked")], &[]),
        report(&["rule 1: cannot read it: EIO"], &[(1, "unreadable")], &[]),
        report(&[], &[], &[]),
    ];
    assert_eq!(
        told(&runs),
        [
            "plex-linker: 2 rules need you\nneeds you: rule 1: it is occupied\nneeds you: rule 2: it is contested",
            "",
            "plex-linker: 1 rule needs you, 1 well again\n\
             needs you: rule 1: it is contested\nwell again: rule 2: it is contested",
            "plex-linker: 1 problem\nproblem: rule 1: cannot read it: EIO",
            "plex-linker: all is well again\nwell again: rule 1: cannot read it: EIO",
        ]
    );
}

#[test]
fn a_run_that_could_not_be_done_leaves_what_it_did_not_come_to() {
    let runs = [
        report(&[], &[(1, "occupied")], &[]),
        Err("cannot read MEDIA_ROOT /m: EIO".into()),
        Err("cannot read MEDIA_ROOT /m: EACCES".into()),
        report(&[], &[(1, "occupied")], &[]),
    ];
    assert_eq!(
        told(&runs)[1..],
        [
            "plex-linker: 1 problem\nproblem: cannot read MEDIA_ROOT /m: EIO",
            "",
            "plex-linker: 1 well again\nwell again: cannot read MEDIA_ROOT /m: EIO"
        ]
    );
}

#[test]
fn what_could_not_be_told_is_told_by_the_next_run() {
    let before = Told::default();
    let (news, _) = before.news(&report(&["disk: full"], &[], &["linked a"]));
    let (news, _) = before.untold(news).news(&report(&["disk: full"], &[], &["linked b"]));
    assert_eq!(news.lines(), ["problem: disk: full", "linked a", "linked b"]);
    assert_eq!(news.weight(), Weight::Problem);
}

#[test]
fn what_is_not_tried_again_is_told_once_and_never_over() {
    let refused = "rule 1: cannot ask sonarr to unmonitor a special: no; it is not asked again: unmonitor it there";
    let well = report(&[], &[(1, "linked")], &[]);
    let told = told(&[report(&[refused], &[(1, "linked")], &["linked a"]), well.clone(), well.clone()]);
    assert_eq!(told, [&*format!("plex-linker: 1 problem, 1 change\nproblem: {refused}\nlinked a"), "", ""]);
    // nor is it forgotten if nobody could be told
    let before = Told::default();
    let (news, _) = before.news(&report(&[refused], &[], &[]));
    let (news, now) = before.untold(news).news(&well);
    assert_eq!((news.lines(), now), (vec![refused.to_string()], Told::default()));
}

#[test]
fn another_failure_of_one_rule_is_told_while_the_first_lasts() {
    let failed = |problem: &str| report(&[&format!("rule 1: {problem}")], &[(1, "failed")], &[]);
    let runs = ["cannot read 12 links: EIO", "cannot read 13 links: EACCES", "its disk is away", "its disk is away"];
    let first = told(&runs.map(failed));
    assert_eq!(first[1..], ["", "plex-linker: 1 problem\nproblem: rule 1: its disk is away", ""]);
    // also at once
    let both = report(&["rule 1: cannot read a: EIO", "rule 1: cannot read b: EIO"], &[(1, "failed")], &[]);
    let told = told(&[both.clone(), both, failed("cannot read b: EIO"), report(&[], &[], &[])]);
    assert!(
        told[0].contains("2 problems") && told[1..3] == ["", ""] && told[3].contains("all is well again"),
        "{told:?}"
    );
}
