//! What places a rule, and where.

use super::*;
use crate::{
    model::NewRule,
    plan::tests::{LINK, SOURCE, film, layout, library, placed, placement, rule, show, special},
};

fn reason(rule: Rule, library: &Library) -> &'static str {
    let placed = placed(&[rule], library, &layout(), &Known::default());
    placed.skips.first().map_or("placed", |skip| skip.reason.word())
}

#[test]
fn a_rule_is_placed_where_the_names_say() {
    let placement = placement();
    assert_eq!(placement.link.to_string(), LINK);
    assert_eq!(placement.source.to_string(), SOURCE);
    assert_eq!(placement.special, (0, 5));
}

#[test]
fn of_several_apps_the_first_that_has_it_serves_and_an_unread_one_may_have_it() {
    let mut library = library();
    library.radarr = vec![Ok(vec![film(0, 7)]), Ok(vec![film(1, 1)])];
    library.sonarr.insert(0, Ok(vec![show(0, 5, "Elsewhere")]));
    library.sonarr[1].as_mut().unwrap().iter_mut().for_each(|show| show.sonarr = 1);
    library.episodes = [((1, 1, 0), Ok(vec![special(50, 5)]))].into();
    let placed = placed(&[rule(1)], &library, &layout(), &Known::default());
    assert_eq!((placed.placements[0].concerns.radarr, placed.placements[0].concerns.sonarr), (1, 1));
    library.radarr[0] = Err("radarr is down".into());
    assert_eq!(reason(rule(1), &library), "app_failed");
    library.radarr[0] = Ok(Vec::new());
    library.sonarr[0] = Err("sonarr is down".into());
    assert_eq!(reason(rule(1), &library), "app_failed");
}

#[test]
fn what_is_not_there_is_a_reason() {
    type Change<'a> = &'a dyn Fn(&mut Rule, &mut Library);
    let cases: [(&str, Change); 7] = [
        ("movie_not_in_radarr", &|rule, _| rule.wish.tmdb_id = 2),
        ("waiting_for_movie_file", &|_, library| library.radarr[0].as_mut().unwrap()[0].file = None),
        ("no_such_episode", &|rule, _| rule.wish.episode = Some(7)),
        ("app_failed", &|_, library| drop(library.episodes.insert((0, 1, 0), Err("down".into())))),
        ("unusable", &|_, library| library.sonarr[0].as_mut().unwrap()[0].path = "/../etc".into()),
        ("unusable", &|_, library| library.radarr[0].as_mut().unwrap()[0].file.as_mut().unwrap().path = "/".into()),
        ("placed", &|rule, _| (rule.wish.episode_id, rule.wish.episode) = (Some(60), None)),
    ];
    for (word, change) in cases {
        let (mut rule, mut library) = (rule(1), library());
        change(&mut rule, &mut library);
        assert_eq!(reason(rule, &library), word);
    }
}

#[test]
fn of_two_specials_with_one_place_the_first_rules_has_it() {
    let mut library = library();
    // another show in the same folder, or another Sonarr that has the same one
    let twin = Series { title: "Show".into(), path: "/tv/Show".into(), ..show(0, 9, "Twin") };
    library.sonarr[0].as_mut().unwrap().push(twin);
    library.episodes.insert((0, 9, 0), Ok(vec![special(90, 5)]));
    let numbered = |id, tvdb_id| Rule { id, wish: NewRule { tvdb_id: Some(tvdb_id), ..rule(id).wish } };
    let placed = placed(&[numbered(1, 101), numbered(2, 109)], &library, &layout(), &Known::default());
    assert_eq!(placed.placements.iter().map(|placement| placement.rule).collect::<Vec<_>>(), [1]);
    let reason = Reason::Unusable(format!("another rule's link has the same name, {LINK}"));
    assert_eq!(placed.skips, [Skip { rule: 2, reason }]);
}

#[test]
fn a_special_belongs_to_the_first_rule() {
    let rules = [rule(1), Rule { id: 2, wish: NewRule { movie_title: "Other".into(), ..rule(1).wish } }];
    let placed = placed(&rules, &library(), &layout(), &Known::default());
    assert_eq!(placed.placements.len(), 1);
    assert_eq!(placed.skips, [Skip { rule: 2, reason: Reason::Contested { by: 1 } }]);
}

#[test]
fn sonarrs_own_folder_is_used_on_demand() {
    let mut layout = layout();
    let link = |layout: &Layout, library: &Library, rule: Rule| {
        placed(&[rule], library, layout, &Known::default()).placements[0].link.to_string()
    };
    layout.specials = SpecialsFolder::Sonarr;
    let naming = Naming { renames: false, specials_folder: "Specials".into(), season_folder: "Season {season}".into() };
    layout.naming = [(0, Ok(naming))].into();
    assert!(link(&layout, &library(), rule(1)).contains("/Show/Specials/"));
    let mut flat = library();
    flat.sonarr[0].as_mut().unwrap()[0].season_folder = false;
    assert!(link(&layout, &flat, rule(1)).contains("/tv/Show/Show - S00E05"));
    let mut first = library();
    first.episodes = [((0, 1, 1), Ok(vec![special(50, 5)]))].into();
    let in_season = Rule { wish: NewRule { season: Some("01".into()), ..rule(1).wish }, ..rule(1) };
    assert!(link(&layout, &first, in_season).contains("/Show/Season 1/Show - S01E05"));
}
