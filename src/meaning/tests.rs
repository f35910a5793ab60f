//! What a rule means, by what is remembered and by what it says.

use super::*;
use crate::plan::tests::{film, library, rule, show as a_show, special};

/// The show that a rule with this wish means, or the word for why it means none.
fn shown(library: &Library, change: impl FnOnce(&mut NewRule)) -> Result<i32, &'static str> {
    let mut rule = rule(1);
    change(&mut rule.wish);
    show(&rule, None, library).map(|series| series.id).map_err(|reason| reason.word())
}

fn shows(library: &mut Library, sonarr: usize) -> &mut Vec<Series> {
    library.sonarr[sonarr].as_mut().unwrap()
}

#[test]
fn a_show_is_found_by_number_then_by_title_and_never_by_sound() {
    let mut library = library();
    let mut naruto = a_show(0, 3, "Naruto");
    naruto.alternate_titles = vec!["Naruto: First Blood".into()];
    shows(&mut library, 0).extend([naruto, a_show(0, 4, "Naruto Shippuden")]);
    assert_eq!(shown(&library, |wish| wish.show_name = "Naruto".into()), Ok(3));
    assert_eq!(shown(&library, |wish| wish.show_name = "NARUTO - Shippuden!".into()), Ok(4));
    assert_eq!(shown(&library, |wish| wish.show_name = "naruto first blood".into()), Ok(3));
    assert_eq!(shown(&library, |wish| wish.show_name = "Naruto S".into()), Err("series_not_in_sonarr"));
    assert_eq!(shown(&library, |wish| wish.show_name = "!?".into()), Err("series_not_in_sonarr"));
    assert_eq!(shown(&library, |wish| wish.tvdb_id = Some(104)), Ok(4));
    assert_eq!(shown(&library, |wish| wish.tvdb_id = Some(999)), Err("series_not_in_sonarr"));
    assert_eq!(shown(&library, |wish| wish.series_id = Some(999)), Ok(1));
}

#[test]
fn a_show_is_found_as_people_type_its_name() {
    let mut library = library();
    let titled = |id, title: &str, year| Series { year: Some(year), ..a_show(0, id, title) };
    shows(&mut library, 0).extend([
        titled(11, "Pokémon", 1997),
        titled(12, "Naruto Shippūden", 2007),
        titled(13, "Law & Order", 1990),
        titled(14, "Ghosts (2019)", 2019),
        titled(15, "Ghosts (2021)", 2021),
        titled(16, "Battlestar Galactica (2003)", 2003),
        titled(17, "Utopia", 2013),
    ]);
    let named = |name: &str| shown(&library, |wish| wish.show_name = name.into());
    for (name, expected) in [
        ("Pokemon", Ok(11)),
        ("Poke\u{301}mon", Ok(11)),
        ("Naruto: Shippuden", Ok(12)),
        ("Law and Order", Ok(13)),
        ("Ghosts (2021)", Ok(15)),
        ("Ghosts", Err("ambiguous")),
        ("Battlestar Galactica", Ok(16)),
        ("Utopia (2013)", Ok(17)),
        ("Utopia (2020)", Err("series_not_in_sonarr")),
    ] {
        assert_eq!(named(name), expected, "{name}");
    }
}

#[test]
fn of_two_shows_that_fit_neither_is_taken_and_both_are_named() {
    let mut library = library();
    shows(&mut library, 0).push(Series { year: Some(2011), ..a_show(0, 9, "Show") });
    let rule = rule(1);
    let Err(Reason::Ambiguous { one, other }) = show(&rule, None, &library) else { panic!() };
    assert!(one.contains("tvdb_id 101") && other.contains("2011, tvdb_id 109"), "{one} {other}");
    assert_eq!(shown(&library, |wish| wish.tvdb_id = Some(109)), Ok(9));
    assert_eq!(shown(&library, |wish| wish.series_id = Some(9)), Ok(9));
}

#[test]
fn sonarrs_own_number_is_not_followed_against_the_rest_of_the_rule() {
    let mut library = library();
    shows(&mut library, 0).extend([a_show(0, 11, "Bleach"), a_show(0, 12, "Naruto")]);
    let shown = |change: &dyn Fn(&mut NewRule)| {
        let mut rule = rule(1);
        change(&mut rule.wish);
        show(&rule, None, &library).map(|show| show.id)
    };
    // Sonarr was set up anew
    let reason = shown(&|wish| (wish.show_name, wish.series_id) = ("Naruto".into(), Some(11))).unwrap_err();
    assert_eq!(reason.word(), "contradiction");
    let text = reason.to_string();
    assert!(text.contains("\"Bleach\" (tvdb_id 111)") && text.contains("\"Naruto\" (tvdb_id 112)"), "{text}");
    let by_tvdb = shown(&|wish| (wish.series_id, wish.tvdb_id) = (Some(11), Some(112)));
    assert_eq!(by_tvdb.unwrap_err().word(), "contradiction");
    // a name of one's own says nothing against it
    assert_eq!(shown(&|wish| (wish.show_name, wish.series_id) = ("The ninja".into(), Some(12))), Ok(12));
    assert_eq!(shown(&|wish| (wish.show_name, wish.series_id) = ("Naruto".into(), Some(12))), Ok(12));
}

#[test]
fn every_sonarr_is_asked_before_a_number_means_anything() {
    let mut library = library();
    library.sonarr = vec![Ok(vec![a_show(0, 5, "Bleach")]), Ok(vec![a_show(1, 5, "Naruto")])];
    let wish = |wish: &mut NewRule| (wish.show_name, wish.series_id) = ("Naruto".into(), Some(5));
    let mut rule = rule(1);
    wish(&mut rule.wish);
    assert_eq!(show(&rule, None, &library).map(|show| show.sonarr), Ok(1));
    library.sonarr[1] = Err("sonarr 1 is down".into());
    assert_eq!(shown(&library, wish), Err("app_failed"));
}

#[test]
fn a_name_that_shows_of_two_sonarrs_bear_is_not_guessed() {
    let titled = |sonarr, id, title: &str| a_show(sonarr, id, title);
    let mut library = library();
    let found = |library: &Library| shown(library, |wish| wish.show_name = "Ghosts".into());
    library.sonarr = vec![Ok(vec![titled(0, 5, "Ghosts")]), Ok(vec![titled(1, 7, "Ghosts")])];
    assert_eq!(found(&library), Err("ambiguous"));
    // the same show in both
    library.sonarr[1] = Ok(vec![Series { tvdb_id: 105, ..titled(1, 7, "Ghosts") }]);
    assert_eq!(found(&library), Ok(5));
    // a title goes before one that it has elsewhere
    let alias = Series { alternate_titles: vec!["Ghosts".into()], ..titled(0, 5, "Spirits") };
    library.sonarr = vec![Ok(vec![alias]), Ok(vec![titled(1, 7, "Ghosts")])];
    assert_eq!(found(&library), Ok(7));
}

#[test]
fn a_show_that_only_the_search_knows_counts_when_it_is_in_the_library() {
    let mut library = library();
    library.searched = [("Alias".into(), 102), ("Stranger".into(), 999)].into();
    assert_eq!(shown(&library, |wish| wish.show_name = "Alias".into()), Ok(2));
    assert_eq!(shown(&library, |wish| wish.show_name = "Stranger".into()), Err("series_not_in_sonarr"));
    let with_number = |wish: &mut NewRule| (wish.show_name, wish.tvdb_id) = ("Alias".into(), Some(999));
    assert_eq!(shown(&library, with_number), Err("series_not_in_sonarr"));
}

/// What is remembered of rule 1 after a run with this library.
fn remembered(library: &Library) -> Meaning {
    let rule = rule(1);
    let means = means(&rule, None, library).unwrap();
    means.remembered(&rule, means.films[0])
}

fn with_episodes(episodes: &[(i32, Option<i32>, &str)]) -> Library {
    let episode = |&(number, tvdb_id, title): &(i32, Option<i32>, &str)| Episode {
        tvdb_id,
        title: title.into(),
        // the row stays with its number
        ..special(500 + number, number)
    };
    let mut library = library();
    library.episodes = [((0, 1, 0), Ok(episodes.iter().map(episode).collect()))].into();
    library
}

#[test]
fn a_special_is_followed_by_what_it_is() {
    let (a, b, c) = (Some(71), Some(72), Some(73));
    type Specials<'a> = &'a [(i32, Option<i32>, &'a str)];
    let cases: [(&str, Specials, Specials, Result<i32, &str>); 17] = [
        ("nothing changed", &[(5, a, "The Film")], &[(5, a, "The Film")], Ok(5)),
        ("a new title", &[(5, a, "The Film")], &[(5, a, "Quite Another")], Ok(5)),
        ("one before it", &[(5, a, "The Film")], &[(5, b, "Behind the Scenes"), (6, a, "The Film")], Ok(6)),
        ("a swap", &[(5, a, "The Film"), (6, b, "Recap")], &[(5, b, "Recap"), (6, a, "The Film")], Ok(6)),
        ("made anew", &[(5, a, "The Film")], &[(5, c, "The Film!")], Ok(5)),
        ("its number is another's", &[(5, a, "The Film")], &[(5, c, "Recap")], Err("changed")),
        ("made anew elsewhere", &[(5, a, "The Film")], &[(5, b, "Recap"), (6, c, "The Film")], Err("changed")),
        ("gone", &[(5, a, "The Film")], &[(4, b, "Recap")], Err("changed")),
        ("made anew with its title", &[(5, a, "TBA")], &[(5, c, "The Film")], Ok(5)),
        ("its title became known", &[(5, a, "TBA")], &[(5, a, "The Film")], Ok(5)),
        ("no ids: nothing changed", &[(5, None, "The Film")], &[(5, None, "The Film")], Ok(5)),
        ("no ids: a spelling", &[(5, None, "The Flim")], &[(5, None, "The Film")], Ok(5)),
        ("no ids: another part", &[(5, None, "Film 1")], &[(5, None, "Film 2")], Err("changed")),
        ("no ids: another", &[(5, None, "The Film")], &[(5, None, "Recap")], Err("changed")),
        ("no ids: a swap", &[(5, None, "The Film")], &[(5, None, "Recap"), (6, None, "The Film")], Ok(6)),
        ("ids came", &[(5, None, "The Film")], &[(5, a, "The Film"), (6, b, "Recap")], Ok(5)),
        ("ids came with a swap", &[(5, None, "The Film")], &[(5, b, "Recap"), (6, a, "The Film")], Err("changed")),
    ];
    for (what, before, after, expected) in cases {
        let known = remembered(&with_episodes(before));
        let (rule, library) = (rule(1), with_episodes(after));
        let means = means(&rule, Some(&known), &library);
        assert_eq!(means.as_ref().map(|means| means.specials[0].number).map_err(Reason::word), expected, "{what}");
        let Ok(means) = means else { continue };
        let followed = means.followed(&rule);
        assert_eq!(followed.episode, Some(means.specials[0].number), "{what}");
        // and that is what is remembered from then on
        let known = means.remembered(&rule, means.films[0]);
        let next = Rule { wish: followed, ..rule.clone() };
        assert_eq!(
            super::means(&next, Some(&known), &library).unwrap().remembered(&next, means.films[0]),
            known,
            "{what}"
        );
    }
}

#[test]
fn what_became_of_a_special_is_told_with_both_titles() {
    let known = remembered(&with_episodes(&[(5, Some(71), "The Film")]));
    let told = |after: &[(i32, Option<i32>, &str)]| {
        means(&rule(1), Some(&known), &with_episodes(after)).unwrap_err().to_string()
    };
    assert_eq!(
        told(&[(5, Some(72), "Recap")]),
        "special 5 was \"The Film\" and is \"Recap\" now: confirm the rule if that is the one, or give it another number"
    );
    assert!(told(&[(5, Some(72), "Recap"), (8, Some(73), "The Film")]).contains("(\"The Film\" is 8 now)"));
    assert!(told(&[]).contains("is not in Sonarr any more"));
}

#[test]
fn a_rule_that_was_edited_means_what_it_says() {
    let known = remembered(&with_episodes(&[(5, Some(71), "The Film")]));
    let library = with_episodes(&[(5, Some(72), "Recap"), (6, Some(71), "The Film"), (7, Some(73), "Third")]);
    let number = |change: &dyn Fn(&mut NewRule)| {
        let mut rule = rule(1);
        change(&mut rule.wish);
        means(&rule, Some(&known), &library).map(|means| means.specials[0].number).map_err(|reason| reason.word())
    };
    assert_eq!(number(&|_| {}), Ok(6));
    assert_eq!(number(&|wish| wish.movie_title = "For people only".into()), Ok(6));
    assert_eq!(number(&|wish| wish.season = Some("0".into())), Ok(6));
    assert_eq!(number(&|wish| wish.episode = Some(7)), Ok(7));
    assert_eq!(number(&|wish| wish.show_name = "show".into()), Ok(5));
    assert_eq!(number(&|wish| wish.tvdb_id = Some(101)), Ok(5));
}

#[test]
fn several_specials_that_are_one_film_stay_together() {
    let ranged = |first, last| {
        let mut rule = rule(1);
        (rule.wish.episode, rule.wish.last_episode) = (Some(first), Some(last));
        rule
    };
    let before = with_episodes(&[(1, Some(71), "One"), (2, Some(72), "Two")]);
    let rule = ranged(1, 2);
    let now = means(&rule, None, &before).unwrap();
    assert_eq!(now.specials.iter().map(|special| special.number).collect::<Vec<_>>(), [1, 2]);
    let known = now.remembered(&rule, now.films[0]);
    let moved = with_episodes(&[(1, Some(70), "New"), (2, Some(71), "One"), (3, Some(72), "Two")]);
    let then = means(&rule, Some(&known), &moved).unwrap();
    assert_eq!(then.followed(&rule), ranged(2, 3).wish);
    let apart = with_episodes(&[(1, Some(71), "One"), (2, Some(70), "New"), (3, Some(72), "Two")]);
    assert_eq!(means(&rule, Some(&known), &apart).unwrap_err().word(), "changed");
    assert_eq!(means(&ranged(1, 3), None, &before).unwrap_err().word(), "no_such_episode");
}

#[test]
fn sonarrs_number_of_an_episode_is_not_followed_against_the_special_s() {
    let library = with_episodes(&[(5, Some(71), "The Film"), (6, Some(72), "Recap")]);
    let number = |episode, episode_id| {
        let mut rule = rule(1);
        (rule.wish.episode, rule.wish.episode_id) = (episode, episode_id);
        means(&rule, None, &library).map(|means| means.specials[0].number).map_err(|reason| reason.word())
    };
    assert_eq!(number(Some(5), Some(505)), Ok(5));
    assert_eq!(number(None, Some(506)), Ok(6));
    assert_eq!(number(Some(5), Some(506)), Err("contradiction"));
    assert_eq!(number(Some(5), Some(999)), Ok(5));
    assert_eq!(number(Some(9), Some(506)), Ok(6));
    assert_eq!(number(None, Some(999)), Err("no_such_episode"));
}

#[test]
fn a_show_that_is_added_again_or_renamed_is_the_same() {
    let known = remembered(&library());
    let mut library = library();
    let added_again = Series { id: 77, title: "Show Renamed".into(), ..a_show(0, 1, "Show") };
    *shows(&mut library, 0) = vec![Series { tvdb_id: 5, ..a_show(0, 1, "Other") }, added_again];
    assert_eq!(show(&rule(1), Some(&known), &library).map(|show| show.id), Ok(77));
    // what an app that cannot be read has is not known
    library.sonarr[0] = Err("sonarr is down".into());
    assert_eq!(show(&rule(1), Some(&known), &library).map_err(|reason| reason.word()), Err("app_failed"));
}

#[test]
fn of_several_radarrs_one_that_cannot_be_read_costs_only_what_it_may_serve() {
    let served = |library: &Library, known: Option<&Meaning>| {
        let found = films(&rule(1), known, library);
        found.map(|films| films[0].radarr).map_err(|reason| reason.word())
    };
    let fileless = |radarr| crate::model::Movie { file: None, ..film(radarr, 1) };
    let mut library = library();
    library.radarr = vec![Ok(vec![fileless(0)]), Ok(vec![film(1, 1)])];
    assert_eq!(served(&library, None), Ok(1));
    library.radarr[0] = Err("radarr is down".into());
    assert_eq!(served(&library, None), Err("app_failed"));
    let known = Meaning { radarr: 1, ..remembered(&self::library()) };
    assert_eq!(served(&library, Some(&known)), Ok(1));
    library.radarr = vec![Ok(vec![film(0, 1)]), Err("radarr 1 is down".into())];
    assert_eq!(served(&library, None), Ok(0));
    library.radarr = vec![Ok(vec![fileless(0)]), Err("radarr 1 is down".into())];
    assert_eq!(served(&library, None), Err("app_failed"));
    library.radarr = vec![Ok(vec![crate::model::Movie { file_untold: true, ..fileless(0) }])];
    assert_eq!(served(&library, None), Err("app_failed"));
}

#[test]
fn a_film_with_the_rules_title_and_another_number_is_told() {
    let mut library = library();
    library.radarr = vec![Ok(vec![Movie { year: Some(2010), ..film(0, 9) }])];
    let reason = films(&rule(1), None, &library).unwrap_err();
    assert_eq!(reason, Reason::NoMovie { tmdb_id: 1, other: Some(("\"Film\" (2010)".into(), 9)) });
}
