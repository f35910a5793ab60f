//! The policy: what is done for what stands at a link's place, and what is removed.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::{
    meaning::Library,
    model::{Episode, Movie, MovieFile, NewRule, Paths, Roots, Rule, Series, SpecialsFolder},
};

pub const SOURCE: &str = "/media/movies/Film/Film.mkv";
pub const LINK: &str = "/media/tv/Show/Season 00/Show - S00E05 - Special DVD.mkv";
const TARGET: &str = "../../../movies/Film/Film.mkv";

fn roots() -> Roots {
    Roots::new([PathBuf::from("/media")])
}

fn at(path: &str) -> MediaPath {
    roots().locate(Path::new(path)).unwrap()
}

pub fn layout() -> Layout {
    let paths = || Paths { maps: Vec::new(), prefix: "/".into() };
    Layout {
        roots: roots(),
        radarr: vec![paths(), paths()],
        sonarr: vec![paths(), paths()],
        specials: SpecialsFolder::Auto,
        naming: [].into(),
    }
}

pub fn rule(id: i32) -> Rule {
    let wish = NewRule {
        movie_title: "Film".into(),
        tmdb_id: 1,
        show_name: "Show".into(),
        episode: Some(5),
        ..NewRule::default()
    };
    Rule { id, wish }
}

pub fn film(radarr: usize, tmdb_id: i32) -> Movie {
    let file = MovieFile { path: "/movies/Film/Film.mkv".into(), quality: "DVD".into(), revision: 1 };
    Movie { radarr, id: 10 + tmdb_id, tmdb_id, title: "Film".into(), year: None, file: Some(file), file_untold: false }
}

pub fn show(sonarr: usize, id: i32, title: &str) -> Series {
    Series {
        sonarr,
        id,
        tvdb_id: 100 + id,
        title: title.into(),
        alternate_titles: Vec::new(),
        year: None,
        path: format!("/tv/{title}"),
        anime: false,
        season_folder: true,
    }
}

pub fn special(id: i32, number: i32) -> Episode {
    Episode { id, tvdb_id: None, number, title: "Special".into(), file: None }
}

pub fn library() -> Library {
    let episodes = [((0, 1, 0), Ok(vec![special(50, 5), special(60, 6)]))];
    Library {
        radarr: vec![Ok(vec![film(0, 1)])],
        sonarr: vec![Ok(vec![show(0, 1, "Show"), show(0, 2, "Other Show")])],
        episodes: episodes.into(),
        searched: [].into(),
    }
}

pub fn placement() -> Placement {
    let mut placed = place(&[rule(1)], &library(), &layout(), &Known::default(), &[].into());
    assert_eq!(placed.skips, []);
    placed.placements.remove(0)
}

fn sight(place: Found) -> Sight {
    Sight {
        folder: Folder::Real("/media/tv/Show/Season 00".into()),
        source: Source::File(SOURCE.into()),
        place,
        own_files: Vec::new(),
        namesakes: Vec::new(),
    }
}

fn symlink(text: &str, leads: Leads) -> Found {
    Found::Link { text: text.into(), leads }
}

fn record(rule: i32, path: &str, text: &str) -> Link {
    let placement = Placement { rule, ..placement() };
    record_of(&placement, &at(path), text)
}

const LIMITS: Limits = Limits { clean: true, force: false };

/// The plan for rule 1, for what stands at its place, with these records and what stands at theirs.
fn plan_for(sight: Sight, placement: Placement, links: &[(Link, Found)]) -> Plan {
    let rules = Rules { rules: vec![rule(1)], invalid: Vec::new() };
    let placed = Placed { placements: vec![placement], ..Placed::default() };
    let records: Vec<Link> = links.iter().map(|(link, _)| link.clone()).collect();
    let found = links.iter().map(|(link, found)| (link.path.clone(), (at(&link.path), found.clone()))).collect();
    let seen = Seen { sights: vec![sight], links: found, count: links.len(), ..Seen::default() };
    decide(&rules, placed, &seen, &records, &layout(), LIMITS)
}

/// `create`, `keep`, `adopt`, `replace` or the reason.
fn decided(sight: Sight, links: &[(Link, Found)]) -> String {
    let plan = plan_for(sight, placement(), links);
    match (plan.steps.first(), plan.skips.first()) {
        (Some(Step::Keep { save: false, .. }), _) => "keep".into(),
        (Some(Step::Keep { save: true, .. }), _) => "adopt".into(),
        (Some(Step::Create { .. }), _) => "create".into(),
        (Some(Step::Replace { .. }), _) => "replace".into(),
        (None, Some(skip)) => skip.reason.word().into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_policy_for_what_stands_at_a_links_place() {
    let other = "../x.mkv";
    let cases = [
        (Found::Nothing, false, "create"),
        (Found::Away, false, "create"),
        (Found::Nothing, true, "create"),
        (symlink(TARGET, Leads::ToSource), false, "adopt"),
        (symlink(TARGET, Leads::ToSource), true, "keep"),
        (symlink("/absolute/Film.mkv", Leads::ToSource), true, "adopt"),
        (symlink(TARGET, Leads::Elsewhere), true, "replace"),
        (symlink(TARGET, Leads::Unknown("EIO".into())), true, "replace"),
        (symlink(TARGET, Leads::Nowhere { alive: false }), true, "replace"),
        (symlink(other, Leads::Nowhere { alive: true }), false, "replace"),
        (symlink(other, Leads::Nowhere { alive: false }), false, "occupied"),
        (symlink(other, Leads::Nowhere { alive: false }), true, "occupied"),
        (symlink(other, Leads::Elsewhere), false, "occupied"),
        (symlink(other, Leads::Elsewhere), true, "occupied"),
        (symlink(other, Leads::Unknown("EACCES".into())), false, "unreadable"),
        (Found::Other("a file"), false, "occupied"),
        (Found::Other("a file"), true, "occupied"),
        (Found::Other("a folder"), true, "occupied"),
        (Found::Unknown("EIO".into()), false, "unreadable"),
        (Found::Unknown("EIO".into()), true, "unreadable"),
    ];
    for (found, recorded, expected) in cases {
        let links = if recorded { vec![(record(1, LINK, TARGET), found.clone())] } else { Vec::new() };
        assert_eq!(decided(sight(found.clone()), &links), expected, "{found:?}, recorded: {recorded}");
    }
}

#[test]
fn the_text_of_a_change_under_way_is_ours_as_well() {
    let mid = Link { was: Some("../old.mkv".into()), ..record(1, LINK, TARGET) };
    let found = symlink("../old.mkv", Leads::Elsewhere);
    assert_eq!(decided(sight(found.clone()), &[(mid, found)]), "replace");
}

#[test]
fn nothing_is_done_without_the_film_or_the_shows_folder() {
    let cases: [(&str, Sight); 9] = [
        ("source_missing", Sight { source: Source::Missing { root_away: None }, ..sight(Found::Nothing) }),
        ("root_away", Sight { source: Source::Missing { root_away: Some("/media".into()) }, ..sight(Found::Nothing) }),
        ("source_not_a_file", Sight { source: Source::NotAFile, ..sight(Found::Nothing) }),
        ("unreadable", Sight { source: Source::Unknown("EIO".into()), ..sight(Found::Nothing) }),
        ("series_folder_missing", Sight { folder: Folder::SeriesMissing { root_away: None }, ..sight(Found::Away) }),
        (
            "root_away",
            Sight { folder: Folder::SeriesMissing { root_away: Some("/media/tv".into()) }, ..sight(Found::Away) },
        ),
        ("outside_media_root", Sight { folder: Folder::Outside, ..sight(Found::Away) }),
        ("unreadable", Sight { folder: Folder::Unknown("EIO".into()), ..sight(Found::Away) }),
        ("unreadable", Sight { source: Source::Unknown("EIO".into()), ..sight(symlink(TARGET, Leads::Elsewhere)) }),
    ];
    for (word, sight) in cases {
        assert_eq!(decided(sight, &[]), word);
    }
}

#[test]
fn sonarrs_own_file_goes_before_ours() {
    const OWN: &str = "/media/tv/Show/Specials/Show.S00E05.mkv";
    let own = |found: Found| {
        let placement = Placement { own_files: vec![at(OWN)], ..self::placement() };
        plan_for(Sight { own_files: vec![found], ..self::sight(Found::Nothing) }, placement, &[])
    };
    let word = |plan: Plan| plan.skips.first().map(|skip| skip.reason.word());
    assert_eq!(word(own(Found::Other("a file"))), Some("sonarr_has_own_file"));
    assert_eq!(word(own(symlink("x", Leads::Elsewhere))), Some("sonarr_has_own_file"));
    assert_eq!(word(own(Found::Unknown("EIO".into()))), Some("unreadable"));
    assert!(matches!(own(Found::Nothing).steps[..], [Step::Create { .. }]));
    // also where our link was before Sonarr put a file in its place
    let recorded = [(record(1, OWN, TARGET), Found::Other("a file"))];
    let placement = Placement { own_files: vec![at(OWN)], ..placement() };
    let sight = Sight { own_files: vec![Found::Other("a file")], ..sight(Found::Nothing) };
    assert_eq!(word(plan_for(sight, placement, &recorded)), Some("sonarr_has_own_file"));
    // a link to our source that Sonarr has renamed is right where it is
    let adopted = own(symlink(TARGET, Leads::ToSource));
    let [Step::Keep { at: kept, link, save: true }] = &adopted.steps[..] else { panic!("{adopted}") };
    assert_eq!((kept.to_string().as_str(), link.named.as_str()), (OWN, "S00 5\nDVD"));
    // and stays there in the next run
    let known = Known { links: vec![link.clone()], ..Known::default() };
    let placed = place(&[rule(1)], &library(), &layout(), &known, &[].into());
    assert_eq!(placed.placements[0].link.to_string(), OWN);
}

#[test]
fn a_file_of_which_radarr_tells_nothing_is_not_no_file() {
    let movie = Movie { file: None, file_untold: true, ..film(0, 1) };
    let library = Library { radarr: vec![Ok(vec![movie])], ..library() };
    let placed = place(&[rule(1)], &library, &layout(), &Known::default(), &[].into());
    let reason = Reason::AppFailed("Radarr has a file for \"Film\" but does not say which".into());
    assert_eq!(placed.skips, [Skip { rule: 1, reason }]);
    assert!(placed.fileless.is_empty());
}

/// What becomes of a recorded link that no rule's link stands on.
fn leftover(rules: Rules, skips: Vec<Skip>, link: Link, found: Found) -> Plan {
    let fileless = skips.iter().filter(|skip| matches!(skip.reason, Reason::NoFile { .. })).map(|_| 1).collect();
    let placed = Placed { placements: Vec::new(), skips, fileless };
    let links = [(link.path.clone(), (at(&link.path), found))].into();
    decide(&rules, placed, &Seen { links, count: 1, ..Seen::default() }, &[link], &layout(), LIMITS)
}

fn removed(plan: &Plan) -> Option<Cause> {
    match &plan.steps[..] {
        [Step::Remove { cause, .. }] => Some(*cause),
        _ => None,
    }
}

#[test]
fn a_link_is_removed_only_for_a_positive_reason() {
    let gone = || Rules::default();
    let there = || Rules { rules: vec![rule(1)], invalid: Vec::new() };
    let invalid = || Rules { rules: Vec::new(), invalid: vec![InvalidRule { id: 1, reason: "x".into() }] };
    let down = || vec![Skip { rule: 1, reason: Reason::AppFailed("down".into()) }];
    let unread = || vec![Skip { rule: 1, reason: Reason::Unreadable { path: LINK.into(), cause: "EIO".into() } }];
    let no_movie = || vec![Skip { rule: 1, reason: Reason::NoMovie { tmdb_id: 1, other: None } }];
    let no_file = || vec![Skip { rule: 1, reason: Reason::NoFile { movie: "Film".into() } }];
    let right = || symlink(TARGET, Leads::Elsewhere);
    let dangling = |alive| symlink(TARGET, Leads::Nowhere { alive });
    let unknown = || symlink(TARGET, Leads::Unknown("EACCES".into()));
    let cases = [
        (gone(), vec![], right(), Some(Cause::RuleGone)),
        (gone(), vec![], unknown(), Some(Cause::RuleGone)),
        (gone(), vec![], symlink("other", Leads::Elsewhere), None),
        (gone(), vec![], Found::Other("a file"), None),
        (gone(), vec![], Found::Nothing, None),
        (gone(), vec![], Found::Away, None),
        (gone(), vec![], Found::Unknown("EIO".into()), None),
        (invalid(), vec![], right(), None),
        (there(), down(), right(), None),
        (there(), down(), unknown(), None),
        (there(), down(), dangling(false), None),
        (there(), down(), dangling(true), None),
        (there(), unread(), dangling(true), None),
        (there(), no_movie(), dangling(true), Some(Cause::TargetGone)),
        (there(), no_file(), right(), None),
        (there(), no_file(), dangling(false), Some(Cause::NoFile)),
    ];
    for (rules, skips, found, expected) in cases {
        let plan = leftover(rules, skips, record(1, LINK, TARGET), found.clone());
        assert_eq!(removed(&plan), expected, "{found:?}: {plan}");
    }
}

#[test]
fn a_removal_from_where_nobody_can_look_is_told() {
    let told =
        |rules: Rules| leftover(rules, Vec::new(), record(1, LINK, TARGET), Found::Unknown("EIO".into())).problems;
    assert_eq!(told(Rules::default()), [format!("cannot remove {LINK}: EIO")]);
    assert_eq!(told(Rules { rules: vec![rule(1)], invalid: Vec::new() }), [""; 0]);
}

#[test]
fn what_is_not_our_link_any_more_is_forgotten_and_an_unreadable_one_is_not() {
    let forgotten = |found: Found| leftover(Rules::default(), Vec::new(), record(1, LINK, TARGET), found).forget.len();
    assert_eq!(forgotten(symlink("other", Leads::Elsewhere)), 1);
    assert_eq!(forgotten(Found::Other("a file")), 1);
    assert_eq!(forgotten(Found::Nothing), 1);
    assert_eq!(forgotten(Found::Away), 0);
    assert_eq!(forgotten(Found::Unknown("EIO".into())), 0);
}

#[test]
fn an_earlier_name_is_removed_after_the_new_link_stands() {
    const OLD: &str = "/media/tv/Show/Season 00/Show - S00E05 - TBA DVD.mkv";
    let old = (record(1, OLD, TARGET), symlink(TARGET, Leads::Elsewhere));
    let plan = plan_for(sight(Found::Nothing), placement(), &[old]);
    let [Step::Create { .. }, Step::Remove { at: removed, cause: Cause::Superseded, after: Some(1), .. }] =
        &plan.steps[..]
    else {
        panic!("{plan}")
    };
    assert_eq!(removed.to_string(), OLD);
    // also one of the old program's, which we have no record of
    let namesakes = vec![(at(OLD), TARGET.to_string())];
    let plan = plan_for(Sight { namesakes, ..sight(symlink(TARGET, Leads::ToSource)) }, placement(), &[]);
    let [Step::Keep { .. }, Step::Remove { at: removed, cause: Cause::Superseded, .. }] = &plan.steps[..] else {
        panic!("{plan}")
    };
    assert_eq!(removed.to_string(), OLD);
}

#[test]
fn too_many_guesses_are_refused_and_force_allows_them() {
    let broken = |n: usize| -> Vec<Broken> {
        let path = |n| format!("/media/tv/Show/{n}.mkv");
        (0..n).map(|n| Broken { at: at(&path(n)), text: "gone".into(), alive: true, series: None }).collect()
    };
    let plan = |n, count, force| {
        let seen = Seen { broken: broken(n), count, ..Seen::default() };
        let limits = Limits { clean: true, force };
        decide(&Rules::default(), Placed::default(), &seen, &[], &layout(), limits)
    };
    assert_eq!(plan(5, 20, false).changes().count(), 5);
    assert_eq!(plan(6, 20, false).changes().count(), 0);
    assert!(plan(6, 20, false).problems[0].contains("--force"));
    assert_eq!(plan(6, 20, true).changes().count(), 6);
    assert_eq!(plan(10, 100, false).changes().count(), 10);
    let dead = Seen { broken: vec![Broken { alive: false, ..broken(1).remove(0) }], ..Seen::default() };
    assert_eq!(decide(&Rules::default(), Placed::default(), &dead, &[], &layout(), LIMITS).changes().count(), 0);
}

fn any_found() -> impl Strategy<Value = Found> {
    let leads = prop_oneof![
        Just(Leads::ToSource),
        Just(Leads::Elsewhere),
        any::<bool>().prop_map(|alive| Leads::Nowhere { alive }),
        Just(Leads::Unknown("EIO".into())),
    ];
    prop_oneof![
        Just(Found::Nothing),
        Just(Found::Away),
        Just(Found::Other("a file")),
        Just(Found::Unknown("EIO".into())),
        (prop_oneof![Just(TARGET), Just("../other.mkv")], leads).prop_map(|(text, leads)| symlink(text, leads)),
    ]
}

proptest! {
    /// Whatever stands there: every rule is met or skipped, no real file and nothing unknown is touched, and what the plan makes is
    /// kept without a write by the next one.
    #[test]
    fn a_plan_is_total_careful_and_idempotent(
        found in any_found(), recorded: bool, known_text: bool, elsewhere in any_found(), old_record: bool,
    ) {
        const OLD: &str = "/media/tv/Show/Season 00/Show - S00E05 - TBA DVD.mkv";
        let text = if known_text { TARGET } else { "../other.mkv" };
        let mut links = Vec::new();
        if recorded {
            links.push((record(1, LINK, text), found.clone()));
        }
        if old_record {
            links.push((record(1, OLD, text), elsewhere.clone()));
        }
        let plan = plan_for(sight(found.clone()), placement(), &links);
        let stands = plan.steps.iter().filter(|step| !matches!(step, Step::Remove { .. })).count();
        prop_assert_eq!(stands + plan.skips.len(), 1, "{}", plan);
        for step in plan.changes() {
            let there = if step.at().to_string() == LINK { &found } else { &elsewhere };
            let free = matches!(there, Found::Nothing | Found::Away);
            let touched = matches!(there, Found::Link { .. });
            prop_assert!(if matches!(step, Step::Create { .. }) { free } else { touched }, "{} at {:?}", step, there);
        }
        let after: Vec<(Link, Found)> = plan.steps.iter().filter_map(Step::link).map(|link| {
            (Link { was: None, ..link.clone() }, symlink(&link.target, Leads::ToSource))
        }).collect();
        if let Some((_, stands)) = after.first() {
            let next = plan_for(sight(stands.clone()), placement(), &after);
            prop_assert!(matches!(next.steps[..], [Step::Keep { save: false, .. }]), "{next:?}");
        }
    }
}
