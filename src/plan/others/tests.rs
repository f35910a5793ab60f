//! What may be somebody else's.

use super::super::{
    Cause, Claim, End, Step,
    known::OLD_RULES,
    tests::{LINK, TARGET, at, layout, placement, plan_for, plan_with, record, sight, symlink},
};
use super::*;

/// One that we have no record of goes only if it is ours nevertheless, and only once the rule's link stands.
#[test]
fn another_link_to_the_film_is_somebody_elses_unless_it_was_ours() {
    const OTHER: &str = "/media/tv/Show/Season 00/Show - S00E05 - Other DVD.mkv";
    const LOST: &str = "/media/tv/Show/Season 00/Show - S00E05 - TBA DVD.mkv";
    const BY_SONARR: &str = "/tv/Show/Season 00/../../../movies/Film/Film.mkv";
    assert!(reads_as_source(BY_SONARR, &placement(), &layout()));
    let lost = (record(1, LOST, TARGET), Found::Nothing);
    let stands = symlink(TARGET, Leads::ToSource);
    let ours = (record(1, LINK, TARGET), stands.clone());
    // what the records say, the number of the old program's last rule, and the other link's text
    let (ours, lost, by_hand) = ([ours], [lost], "../../../by hand/Film.mkv");
    // Sonarr has moved the rule's link, and 4.0.0 has made it anew
    let by_others = "/tv/Show/Other/../../../movies/Film/Film.mkv";
    let cases: [(&[_], i64, &str, bool); 9] = [
        (&[], 0, TARGET, false),
        (&[], 1, TARGET, true),
        (&ours, 1, TARGET, false),
        (&ours, 0, BY_SONARR, true),
        (&ours, 0, by_others, false),
        (&lost, 0, TARGET, true),
        (&lost, 0, BY_SONARR, true),
        (&lost, 0, by_hand, false),
        (&ours, 0, by_hand, false),
    ];
    for (records, old, text, goes) in cases {
        let sight = Sight { namesakes: vec![(at(OTHER), (1, 0), text.into())], ..sight(stands.clone()) };
        let plan = plan_with(sight, placement(), records, Seen::default(), &[(OLD_RULES, old)]);
        let [Step::Keep { .. }, ref removed @ ..] = plan.steps[..] else { panic!("{plan:?}") };
        match removed {
            [] => assert!(!goes && plan.notices[&1].contains("is somebody else's"), "{text} {old} {plan:?}"),
            [Step::Remove { at, cause: Cause::Superseded, after: Some(1), .. }] => {
                assert!(goes && at.to_string() == OTHER, "{text} {old} {plan:?}");
            }
            _ => panic!("{plan:?}"),
        }
    }
}

/// It leads nowhere, and what Radarr says of its film is known.
#[test]
fn a_broken_link_of_others_at_a_links_place_goes_where_no_film_claims_it() {
    let stands = symlink("../x.mkv", Leads::Nowhere(End::Gone));
    for (claimed, replaced) in [(None, true), (Some(Claim::File("x".into())), false), (Some(Claim::Unknown), false)] {
        let (at, id, text) = (at(LINK), stands.id().unwrap(), "../x.mkv".to_string());
        let broken = vec![Broken { at, id, text, target: "/media/movies/x.mkv".into(), claimed, series: None }];
        let plan = plan_with(sight(stands.clone()), placement(), &[], Seen { broken, ..Seen::default() }, &[]);
        assert_eq!(matches!(plan.steps[..], [Step::Replace { .. }]), replaced, "{plan:?}");
        assert_eq!(plan.skips.is_empty(), replaced, "{plan:?}");
    }
}

/// A folder with a second name, a name in another case or Unicode form: the link is told by what it is.
#[test]
fn a_link_that_is_reached_by_two_paths_is_kept() {
    const OTHER: &str = "/media/tv/Alias/Season 00/Show - S00E05 - Special DVD.mkv";
    let stands = symlink(TARGET, Leads::ToSource);
    let both = [(record(1, LINK, TARGET), stands.clone()), (record(1, OTHER, TARGET), stands.clone())];
    let plan = plan_for(sight(stands.clone()), placement(), &both);
    assert!(matches!(plan.steps[..], [Step::Keep { .. }]), "{plan:?}");
    assert_eq!(plan.forget, [OTHER]);
    // by a record of its other spelling alone
    let plan = plan_for(sight(stands.clone()), placement(), &both[1..]);
    assert!(matches!(plan.steps[..], [Step::Keep { save: true, .. }]), "{plan:?}");
    // by what its folder calls it
    let namesakes = vec![(at(OTHER), stands.id().unwrap(), TARGET.to_string())];
    let plan = plan_for(Sight { namesakes, ..sight(stands.clone()) }, placement(), &both[..1]);
    assert!(matches!(plan.steps[..], [Step::Keep { .. }]), "{plan:?}");
    // when it is to lead to another file
    let stale = Found::Link { id: stands.id().unwrap(), text: "../old.mkv".into(), leads: Leads::Elsewhere };
    let both = [(record(1, LINK, "../old.mkv"), stale.clone()), (record(1, OTHER, "../old.mkv"), stale.clone())];
    let plan = plan_for(sight(stale), placement(), &both);
    assert!(matches!(plan.steps[..], [Step::Replace { .. }]), "{plan:?}");
}
