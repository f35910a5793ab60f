//! What places a rule, and where.

use super::*;
use crate::{
    model::NewRule,
    plan::tests::{LINK, SOURCE, film, layout, library, placement, rule, show, special},
};

fn reason(rule: Rule, library: &Library) -> &'static str {
    let placed = place(&[rule], library, &layout(), &[]);
    placed.skips.first().map_or("placed", |skip| skip.reason.word())
}

/// The show that a rule with this wish is placed in, or the word for why it is not.
fn shown(library: &Library, change: impl FnOnce(&mut NewRule)) -> Result<i32, &'static str> {
    let mut rule = rule(1);
    change(&mut rule.wish);
    series(&rule, library).map(|series| series.id).map_err(|reason| reason.word())
}

#[test]
fn a_rule_is_placed_where_the_names_say() {
    let placement = placement();
    assert_eq!(placement.link.to_string(), LINK);
    assert_eq!(placement.source.to_string(), SOURCE);
    assert_eq!(placement.special, (0, 5));
}

#[test]
fn a_show_is_found_by_number_then_by_title_and_never_by_sound() {
    let mut library = library();
    let mut naruto = show(0, 3, "Naruto");
    naruto.alternate_titles = vec!["Naruto: First Blood".into()];
    library.sonarr[0].as_mut().unwrap().extend([naruto, show(0, 4, "Naruto Shippuden")]);
    assert_eq!(shown(&library, |wish| wish.show_name = "Naruto".into()), Ok(3));
    assert_eq!(shown(&library, |wish| wish.show_name = "NARUTO - Shippuden!".into()), Ok(4));
    assert_eq!(shown(&library, |wish| wish.show_name = "naruto first blood".into()), Ok(3));
    assert_eq!(shown(&library, |wish| wish.show_name = "Naruto S".into()), Err("series_not_in_sonarr"));
    assert_eq!(shown(&library, |wish| wish.show_name = "!?".into()), Err("series_not_in_sonarr"));
    assert_eq!(shown(&library, |wish| wish.series_id = Some(4)), Ok(4));
    assert_eq!(shown(&library, |wish| wish.tvdb_id = Some(104)), Ok(4));
    assert_eq!(shown(&library, |wish| (wish.series_id, wish.tvdb_id) = (Some(3), Some(104))), Ok(4));
    assert_eq!(shown(&library, |wish| wish.tvdb_id = Some(999)), Err("series_not_in_sonarr"));
    assert_eq!(shown(&library, |wish| wish.series_id = Some(999)), Ok(1));
}

#[test]
fn of_two_shows_that_fit_neither_is_taken_and_both_are_named() {
    let mut library = library();
    library.sonarr[0].as_mut().unwrap().push(show(0, 9, "Show"));
    let Err(Reason::Ambiguous { one, other }) = series(&rule(1), &library) else { panic!() };
    assert!(one.contains("tvdb_id 101") && other.contains("tvdb_id 109"), "{one} {other}");
    assert_eq!(shown(&library, |wish| wish.tvdb_id = Some(109)), Ok(9));
}

#[test]
fn a_show_that_only_the_search_knows_counts_when_it_is_in_the_library() {
    let mut library = library();
    library.searched.insert("Alias".into(), Some((0, 2)));
    library.searched.insert("Stranger".into(), None);
    assert_eq!(shown(&library, |wish| wish.show_name = "Alias".into()), Ok(2));
    assert_eq!(shown(&library, |wish| wish.show_name = "Stranger".into()), Err("series_not_in_sonarr"));
    let with_number = |wish: &mut NewRule| (wish.show_name, wish.tvdb_id) = ("Alias".into(), Some(999));
    assert_eq!(shown(&library, with_number), Err("series_not_in_sonarr"));
}

#[test]
fn of_several_apps_the_first_that_has_it_serves_and_an_unread_one_may_have_it() {
    let mut library = library();
    library.radarr = vec![Ok(vec![film(0, 7)]), Ok(vec![film(1, 1)])];
    library.sonarr.insert(0, Ok(vec![show(0, 5, "Elsewhere")]));
    library.sonarr[1].as_mut().unwrap().iter_mut().for_each(|show| show.sonarr = 1);
    library.episodes = [((1, 1, 0), Ok(vec![special(50, 5)]))].into();
    let placed = place(&[rule(1)], &library, &layout(), &[]);
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
    let placed = place(&[numbered(1, 101), numbered(2, 109)], &library, &layout(), &[]);
    assert_eq!(placed.placements.iter().map(|placement| placement.rule).collect::<Vec<_>>(), [1]);
    let reason = Reason::Unusable(format!("another rule's link has the same name, {LINK}"));
    assert_eq!(placed.skips, [Skip { rule: 2, reason }]);
}

#[test]
fn a_special_belongs_to_the_first_rule() {
    let rules = [rule(1), Rule { id: 2, wish: NewRule { movie_title: "Other".into(), ..rule(1).wish } }];
    let placed = place(&rules, &library(), &layout(), &[]);
    assert_eq!(placed.placements.len(), 1);
    assert_eq!(placed.skips, [Skip { rule: 2, reason: Reason::Contested { by: 1 } }]);
}

#[test]
fn sonarrs_own_folder_is_used_on_demand() {
    let mut layout = layout();
    let link = |layout: &Layout, library: &Library, rule: Rule| {
        place(&[rule], library, layout, &[]).placements[0].link.to_string()
    };
    layout.specials = Specials::Sonarr(vec![Ok("Specials".into())]);
    assert!(link(&layout, &library(), rule(1)).contains("/Show/Specials/"));
    let mut flat = library();
    flat.sonarr[0].as_mut().unwrap()[0].season_folder = false;
    assert!(link(&layout, &flat, rule(1)).contains("/tv/Show/Show - S00E05"));
    let mut first = library();
    first.episodes = [((0, 1, 1), Ok(vec![special(50, 5)]))].into();
    let in_season = Rule { wish: NewRule { season: Some("01".into()), ..rule(1).wish }, ..rule(1) };
    assert!(link(&layout, &first, in_season).contains("/Show/Season 1/Show - S01E05"));
}
