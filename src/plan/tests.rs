//! The policy: what is done for what stands at a link's place, and what is removed.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use proptest::prelude::*;

use super::*;
use crate::{
    meaning::{Library, means},
    model::{Episode, Movie, MovieFile, NewRule, Paths, Roots, Rule, Series, SpecialsFolder},
};

pub const SOURCE: &str = "/media/movies/Film/Film.mkv";
pub const LINK: &str = "/media/tv/Show/Season 00/Show - S00E05 - Special DVD.mkv";
pub const TARGET: &str = "../../../movies/Film/Film.mkv";

fn roots() -> Roots {
    Roots::new([PathBuf::from("/media")])
}

pub fn at(path: &str) -> MediaPath {
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
        longest: [].into(),
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
    let title = "Film".into();
    Movie { radarr, id: 10 + tmdb_id, tmdb_id, title, year: None, folder: None, file: Some(file), file_untold: false }
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
        slug: None,
        runtime: None,
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

/// Where these rules' links belong.
pub fn placed(rules: &[Rule], library: &Library, layout: &Layout, known: &Known) -> Placed {
    let meant: Vec<_> = rules.iter().map(|rule| (rule, means(rule, known.remembered(rule), library))).collect();
    place(&meant, library, layout, known, &[].into())
}

pub fn placement() -> Placement {
    let mut placed = placed(&[rule(1)], &library(), &layout(), &Known::default());
    assert_eq!(placed.skips, []);
    placed.placements.remove(0)
}

pub fn sight(place: Found) -> Sight {
    Sight {
        folder: Folder::Real("/media/tv/Show/Season 00".into()),
        source: Source::File(SOURCE.into()),
        disk: None,
        place,
        own_files: Vec::new(),
        namesakes: Vec::new(),
    }
}

/// What stands at a place is another one each time, unless it is cloned.
pub fn symlink(text: &str, leads: Leads) -> Found {
    static MADE: AtomicU64 = AtomicU64::new(0);
    Found::Link { id: (1, MADE.fetch_add(1, Ordering::Relaxed)), text: text.into(), leads }
}

pub fn record(rule: i32, path: &str, text: &str) -> Link {
    let placement = Placement { rule, ..placement() };
    record_of(&placement, &at(path), text)
}

pub fn known(links: &[Link]) -> Known {
    Known::new(links.to_vec(), Vec::new(), Vec::new())
}

const UNPROVEN: End = End::Unproven(None);

pub const LIMITS: Allowed = Allowed { clean: true, force: false };

/// The plan for rule 1, for what stands at its place, with these records and what stands at theirs.
pub fn plan_for(sight: Sight, placement: Placement, links: &[(Link, Found)]) -> Plan {
    plan_with(sight, placement, links, Seen::default(), &[])
}

/// The same with what else is seen, and with these figures.
pub fn plan_with(
    sight: Sight,
    placement: Placement,
    links: &[(Link, Found)],
    seen: Seen,
    figures: &[(&str, i64)],
) -> Plan {
    let rules = Rules { rules: vec![rule(1)], invalid: Vec::new() };
    let placed = Placed { placements: vec![placement], ..Placed::default() };
    let records: Vec<Link> = links.iter().map(|(link, _)| link.clone()).collect();
    let found = links.iter().map(|(link, found)| (link.path.clone(), (at(&link.path), found.clone()))).collect();
    let seen = Seen { sights: vec![sight], links: found, count: links.len(), ..seen };
    let figures = figures.iter().map(|(name, value)| (name.to_string(), *value)).collect();
    let known = Known { figures, ..known(&records) };
    decide(&rules, placed, &seen, &known, &layout(), &HashMap::new(), LIMITS)
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
        (symlink(TARGET, Leads::Nowhere(UNPROVEN)), true, "replace"),
        (symlink(other, Leads::Nowhere(End::Gone)), false, "occupied"),
        (symlink(other, Leads::Nowhere(UNPROVEN)), false, "occupied"),
        (symlink(other, Leads::Nowhere(UNPROVEN)), true, "occupied"),
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
    let away = End::Symlink(SOURCE.into(), "/mnt/Film.mkv".into());
    let cases: [(&str, Sight); 10] = [
        ("target_away", Sight { source: Source::Missing(away), ..sight(Found::Nothing) }),
        ("source_missing", Sight { source: Source::Missing(End::Gone), ..sight(Found::Nothing) }),
        ("root_away", Sight { source: Source::Missing(End::Unproven(Some("/media".into()))), ..sight(Found::Nothing) }),
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
    let [Step::Keep { at: kept, link, save: true }] = &adopted.steps[..] else { panic!("{adopted:?}") };
    assert_eq!((kept.to_string().as_str(), link.named.as_str()), (OWN, "S00 5\nDVD"));
    // and stays there in the next run
    let known = Known::new(vec![link.clone()], Vec::new(), Vec::new());
    let placed = placed(&[rule(1)], &library(), &layout(), &known);
    assert_eq!(placed.placements[0].link.to_string(), OWN);
}

#[test]
fn a_file_of_which_radarr_tells_nothing_is_not_no_file() {
    let movie = Movie { file: None, file_untold: true, ..film(0, 1) };
    let library = Library { radarr: vec![Ok(vec![movie])], ..library() };
    let placed = placed(&[rule(1)], &library, &layout(), &Known::default());
    let reason = Reason::AppFailed("Radarr has a file for \"Film\" but does not say which".into());
    assert_eq!(placed.skips, [Skip { rule: 1, reason }]);
    assert!(placed.fileless.is_empty());
}

/// What becomes of a recorded link that no rule's link stands on.
fn leftover(rules: Rules, link: Link, found: Found) -> Plan {
    let links = [(link.path.clone(), (at(&link.path), found))].into();
    let seen = Seen { links, count: 1, ..Seen::default() };
    decide(&rules, Placed::default(), &seen, &known(&[link]), &layout(), &HashMap::new(), LIMITS)
}

#[test]
fn a_removal_from_where_nobody_can_look_is_told() {
    let told = |rules: Rules| leftover(rules, record(1, LINK, TARGET), Found::Unknown("EIO".into())).problems;
    assert_eq!(told(Rules::default()), [format!("cannot remove {LINK}: EIO")]);
    assert_eq!(told(Rules { rules: vec![rule(1)], invalid: Vec::new() }), [""; 0]);
}

#[test]
fn what_is_not_our_link_any_more_is_forgotten_and_an_unreadable_one_is_not() {
    let forgotten = |found: Found| leftover(Rules::default(), record(1, LINK, TARGET), found).forget.len();
    assert_eq!(forgotten(symlink("other", Leads::Elsewhere)), 1);
    assert_eq!(forgotten(Found::Other("a file")), 1);
    assert_eq!(forgotten(Found::Nothing), 1);
    assert_eq!(forgotten(Found::Away), 0);
    assert_eq!(forgotten(Found::Unknown("EIO".into())), 0);
}

#[test]
fn an_earlier_name_becomes_the_new_one_in_one_step() {
    const OLD: &str = "/media/tv/Show/Season 00/Show - S00E05 - TBA DVD.mkv";
    let old = (record(1, OLD, TARGET), symlink(TARGET, Leads::Elsewhere));
    let plan = plan_for(sight(Found::Nothing), placement(), &[old]);
    let [Step::Move { from, at: new, .. }] = &plan.steps[..] else { panic!("{plan:?}") };
    assert_eq!((from.to_string().as_str(), new.to_string().as_str()), (OLD, LINK));
    assert_eq!(plan.steps[0].to_string(), format!("rename {OLD} to {LINK} -> {TARGET}"));
}

#[test]
fn too_many_guesses_are_refused_and_force_allows_them() {
    let broken = |n: usize| -> Vec<Broken> {
        let broken = |n| {
            let (at, id, text) = (at(&format!("/media/tv/Show/{n}.mkv")), (1, n as u64), "gone".into());
            Broken { at, id, text, target: "/gone".into(), claimed: None, series: None }
        };
        (0..n).map(broken).collect()
    };
    let plan = |n, count, force| {
        let seen = Seen { broken: broken(n), count, ..Seen::default() };
        let limits = Allowed { clean: true, force };
        decide(&Rules::default(), Placed::default(), &seen, &Known::default(), &layout(), &HashMap::new(), limits)
    };
    assert_eq!(plan(5, 20, false).changes().count(), 5);
    assert_eq!(plan(6, 20, false).changes().count(), 0);
    assert!(plan(6, 20, false).problems[0].contains("--force"));
    assert_eq!(plan(6, 20, true).changes().count(), 6);
    assert_eq!(plan(10, 100, false).changes().count(), 10);
    let kept = |link: Broken| {
        let seen = Seen { broken: vec![link], ..Seen::default() };
        let plan =
            decide(&Rules::default(), Placed::default(), &seen, &Known::default(), &layout(), &HashMap::new(), LIMITS);
        assert_eq!(plan.changes().count(), 0);
        plan.problems.len()
    };
    assert_eq!(kept(Broken { claimed: Some(Claim::Unknown), ..broken(1).remove(0) }), 0);
    assert_eq!(kept(Broken { claimed: Some(Claim::File("/f.mkv".into())), ..broken(1).remove(0) }), 1);
}

fn any_found() -> impl Strategy<Value = Found> {
    let leads = prop_oneof![
        Just(Leads::ToSource),
        Just(Leads::Elsewhere),
        any::<bool>().prop_map(|gone| Leads::Nowhere(if gone { End::Gone } else { UNPROVEN })),
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
        prop_assert_eq!(stands + plan.skips.len(), 1, "{:?}", plan);
        for step in plan.changes() {
            let there = if step.at().to_string() == LINK { &found } else { &elsewhere };
            let free = matches!(there, Found::Nothing | Found::Away);
            let touched = matches!(there, Found::Link { .. });
            let sound = match step {
                Step::Create { .. } => free,
                Step::Move { .. } => free && matches!(elsewhere, Found::Link { .. }),
                _ => touched,
            };
            prop_assert!(sound, "{} at {:?}", step, there);
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
