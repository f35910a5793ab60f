//! What is left out, and what is not likely although it fits.

use std::collections::HashSet;

use plex_linker::{
    model::{Date, Film, NewRule, Rule, Series, Special, Suggestion},
    suggest::NamedShows,
};

fn show(title: &str) -> Series {
    Series {
        year: None,
        sonarr: 0,
        id: 7,
        tvdb_id: 70,
        title: title.into(),
        alternate_titles: vec!["Other Name".into()],
        path: "/tv/Show".into(),
        anime: false,
        season_folder: true,
        slug: None,
        runtime: Some(24),
    }
}

fn film(tmdb_id: i32, title: &str) -> Film {
    let in_cinemas = Date::parse("2020-02-28");
    Film { tmdb_id, title: title.into(), in_cinemas, year: Some(2020), runtime: Some(100), ..Film::default() }
}

fn special(number: i32, title: &str) -> Special {
    let aired = Date::parse("2020-03-01");
    Special { tvdb_id: None, number, title: title.into(), aired, runtime: Some(100), has_file: false }
}

fn suggested(films: &[Film], specials: &[Special], rules: &[Rule]) -> Vec<Suggestion> {
    NamedShows::new(&[show("Show")]).suggest(films, &[specials.to_vec()], rules, &HashSet::new())
}

/// (film, special, likely)
fn short(suggestions: &[Suggestion]) -> Vec<(i32, i32, bool)> {
    suggestions.iter().map(|one| (one.tmdb_id, one.episode, one.likely)).collect()
}

#[test]
fn what_is_dismissed_stands_in_no_others_way() {
    let (films, shows) = ([film(1, "Show: Night")], [show("Show")]);
    for told in [true, false] {
        let night = |number| Special { tvdb_id: told.then_some(900 + number), ..special(number, "Night") };
        let suggested = |specials: &[Special], dismissed: &[&str]| {
            let dismissed = dismissed.iter().map(|id| id.to_string()).collect();
            NamedShows::new(&shows).suggest(&films, &[specials.to_vec()], &[], &dismissed)
        };
        let both = suggested(&[night(5), night(6)], &[]);
        assert_eq!(short(&both), [(1, 5, false), (1, 6, false)], "each is the other's rival");
        let wrong = both[0].id.as_str();
        let left = suggested(&[night(5), night(6)], &[wrong]);
        assert_eq!(short(&left[..1]), [(1, 6, true)]);
        assert_eq!((left.len(), left[1].id.as_str(), left[1].dismissed), (2, wrong, true));
        // TVDB gives the special another number
        let renumbered = suggested(&[Special { number: 9, ..night(5) }], &[wrong]);
        assert_eq!(renumbered[0].dismissed, told, "only its TVDB number tells that it is the same");
    }
    let special = |tvdb_id, title: &str| Special { tvdb_id, ..special(1, title) };
    let namesake = [film(1, "Sunny Afternoon")];
    let found = |dismissed: &[String]| {
        let dismissed = dismissed.iter().cloned().collect();
        NamedShows::new(&shows).suggest(&namesake, &[vec![special(Some(7), "Sunny Afternoon")]], &[], &dismissed)
    };
    let away = found(&[found(&[])[0].id.clone()]);
    assert_eq!((away.len(), away[0].dismissed), (1, true), "what its title alone has found can be dismissed, too");
}

#[test]
fn what_a_rule_names_is_left_out() {
    let (films, specials) = ([film(1, "Show: Night")], [special(5, "Night")]);
    assert_eq!(short(&suggested(&films, &specials, &[])), [(1, 5, true)]);
    let wish = NewRule { tmdb_id: 9, show_name: "Show".into(), episode: Some(9), ..NewRule::default() };
    let of_film = NewRule { tmdb_id: 1, ..wish.clone() };
    let of_special = NewRule { episode: Some(5), ..wish.clone() };
    for (wish, left) in [
        (wish.clone(), 1),
        (of_film.clone(), 0),
        (NewRule { show_name: "other name!".into(), ..of_film.clone() }, 0),
        (NewRule { show_name: "Elsewhere".into(), ..of_film.clone() }, 1),
        (NewRule { show_name: "Elsewhere".into(), tvdb_id: Some(70), ..of_film.clone() }, 0),
        (NewRule { show_name: "Elsewhere".into(), series_id: Some(7), ..of_film.clone() }, 0),
        (NewRule { tvdb_id: Some(71), ..of_film.clone() }, 1),
        (of_special.clone(), 0),
        (NewRule { season: Some("0".into()), ..of_special.clone() }, 0),
        (NewRule { season: Some("01".into()), ..of_special.clone() }, 1),
    ] {
        let rules = [Rule { id: 1, wish }];
        assert_eq!(suggested(&films, &specials, &rules).len(), left, "{rules:?}");
    }
}

#[test]
fn a_special_that_has_a_file_is_left_out() {
    let specials = [Special { has_file: true, ..special(5, "Night") }];
    assert_eq!(short(&suggested(&[film(1, "Show: Night")], &specials, &[])), []);
}

#[test]
fn of_two_that_fit_equally_well_none_is_likely() {
    let two = suggested(&[film(1, "Show: Night")], &[special(5, "Night"), special(6, "The Night")], &[]);
    assert_eq!(short(&two), [(1, 5, false), (1, 6, false)]);
    assert!(two[0].evidence.contains(&"S00E06 \"The Night\" fits as well".into()), "{two:?}");
    let two = suggested(&[film(1, "Show: Night"), film(2, "Show - Night")], &[special(5, "Night")], &[]);
    assert_eq!(short(&two), [(1, 5, false), (2, 5, false)]);
    assert!(two[0].evidence.contains(&"\"Show - Night\" (tmdb 2) fits as well".into()), "{two:?}");
}

#[test]
fn a_likely_one_takes_film_and_special() {
    let films = [film(1, "Show: Night of the Hunter"), film(2, "Show: Night of the Haunter Again")];
    let specials = [special(5, "Night of the Hunter"), special(6, "Nights of the Hunted Again and Again")];
    assert_eq!(short(&suggested(&films[..1], &specials, &[])), [(1, 5, true)]);
    let found = short(&suggested(&films, &specials, &[]));
    assert_eq!(found[0], (1, 5, true));
    assert!(found[1..].iter().all(|(film, special, _)| (*film, *special) == (2, 6)), "{found:?}");
}

#[test]
fn a_film_in_parts_is_one_rule_for_all_of_them() {
    let part = |number, title| Special { runtime: Some(22), ..special(number, title) };
    let parts =
        [part(3, "Night (1)"), part(4, "Night (2)"), part(5, "Night (3)"), part(6, "Night (4)"), part(7, "Day (1)")];
    let found = suggested(&[Film { runtime: Some(89), ..film(1, "Show: Night") }], &parts, &[]);
    assert_eq!(short(&found), [(1, 3, true)]);
    let told = "the special and the 3 after it are parts of one film";
    assert!(found[0].evidence.iter().any(|text| text == told), "{found:?}");
    assert_eq!((found[0].rule().episode, found[0].rule().last_episode), (Some(3), Some(6)));
    assert!(found[0].rule().mistakes().is_empty());
    // not when one of them is taken
    let mut taken = parts.clone();
    taken[2].has_file = true;
    assert_eq!(short(&suggested(&[Film { runtime: Some(89), ..film(1, "Show: Night") }], &taken, &[])), []);
}

#[test]
fn two_films_in_two_parts_are_two_films() {
    let films = [film(1, "Show: Night Part 1"), film(2, "Show: Night Part 2")];
    let specials = [special(5, "Night (1)"), special(6, "Night (2)")];
    assert_eq!(short(&suggested(&films, &specials, &[])), [(1, 5, true), (2, 6, true)]);
}

#[test]
fn parts_are_one_film_if_their_lengths_add_up_to_it() {
    let film = Film { runtime: Some(135), ..film(1, "Show: The End of Night") };
    let parts = |titles: [&str; 2], minutes: [i32; 2]| {
        [0, 1].map(|at| Special { runtime: Some(minutes[at]), ..special(11 + at as i32, titles[at]) })
    };
    let ranges = |specials: &[Special]| {
        let found = suggested(std::slice::from_ref(&film), specials, &[]);
        found.iter().map(|one| (one.episode, one.last_episode, one.likely)).collect::<Vec<_>>()
    };
    for titles in [
        ["The End of Night (1)", "The End of Night (2)"],
        ["The End of Night: Part One", "The End of Night: Part Two"],
        ["The End of Night, Part 1", "The End of Night - Part II"],
        ["The End of Night 1", "The End of Night 2"],
    ] {
        assert_eq!(ranges(&parts(titles, [60, 75])), [(11, Some(12), true)], "{titles:?}");
        // one of them alone is that long: the other is another film
        assert_eq!(ranges(&parts(titles, [135, 135])), [(11, None, false), (12, None, false)], "{titles:?}");
        let unknown = parts(titles, [60, 75]).map(|part| Special { runtime: None, ..part });
        assert_eq!(ranges(&unknown), [(11, Some(12), false)], "{titles:?}");
        assert_eq!(
            ranges(&parts(titles, [24, 24])),
            [(11, Some(12), false)],
            "the usual length tells nothing: {titles:?}"
        );
        assert_eq!(ranges(&parts(titles, [10, 10])), [], "{titles:?}");
        assert_eq!(ranges(&parts(titles, [135, 135])[..1]), [(11, None, false)], "a part alone: {titles:?}");
    }
}

#[test]
fn the_usual_length_of_a_show_tells_nothing_of_a_special() {
    let with = |minutes| [Special { runtime: Some(minutes), ..special(5, "Night of the Hunter") }];
    let films = [film(1, "Show: Night of the Hunters")];
    assert_eq!(short(&suggested(&films, &with(24), &[])), [(1, 5, true)], "as if it were unknown");
    assert_eq!(short(&suggested(&films, &with(26), &[])), [(1, 5, false)]);
    assert_eq!(short(&suggested(&films, &with(60), &[])), [(1, 5, false)]);
}

#[test]
fn a_short_special_needs_its_title_and_its_time() {
    let short_one = |aired, title| [Special { runtime: Some(26), aired: Date::parse(aired), ..special(5, title) }];
    let films = [film(1, "Show: Night of the Hunter")];
    for (aired, title, expected) in [
        ("2020-04-01", "Night of the Hunter", vec![(1, 5, true)]),
        ("2020-10-01", "Night of the Hunter", vec![(1, 5, false)]),
        ("2020-10-01", "Night of the Huntr", vec![(1, 5, false)]),
        ("2020-10-01", "Nightfall of a Hunter", vec![]),
        ("2021-10-01", "Night of the Hunter", vec![]),
        ("2020-10-01", "Show: The Movie", vec![]),
    ] {
        assert_eq!(short(&suggested(&films, &short_one(aired, title), &[])), expected, "{aired} {title}");
    }
}

#[test]
fn short_films_are_compared_by_their_own_length() {
    for (film_minutes, special_minutes, expected) in
        [(30, 29, Some(true)), (29, 30, Some(true)), (6, 5, Some(true)), (36, 41, Some(true)), (10, 30, Some(false))]
    {
        let films = [Film { runtime: Some(film_minutes), ..film(1, "Show: Night") }];
        let specials = [Special { runtime: Some(special_minutes), ..special(5, "Night") }];
        let found = suggested(&films, &specials, &[]);
        assert_eq!(found.first().map(|one| one.likely), expected, "{film_minutes}, {special_minutes}");
    }
}

#[test]
fn a_film_may_bear_the_whole_title_of_a_special_and_no_name_of_the_show() {
    let aired = |date| [Special { aired: Date::parse(date), ..special(5, "Adventures in Space & Time") }];
    for (title, aired_on, expected) in [
        ("Adventures in Space and Time", "2020-03-20", true),
        ("Elsewhere: Adventures in Space and Time", "2020-03-20", true),
        ("Elsewhere - Adventures in Space and Time", "2020-11-20", true),
        ("Adventures in Space and Time", "2021-11-20", false),
        ("More Adventures in Space and Time", "2020-03-20", false),
        ("Adventures in Space and Time Again", "2020-03-20", false),
    ] {
        let found = short(&suggested(&[film(1, title)], &aired(aired_on), &[]));
        assert_eq!(found, if expected { vec![(1, 5, false)] } else { vec![] }, "{title} {aired_on}");
    }
    let other_length = [Special { runtime: Some(45), ..aired("2020-11-20")[0].clone() }];
    assert_eq!(short(&suggested(&[film(1, "Adventures in Space and Time")], &other_length, &[])), []);
    assert_eq!(short(&suggested(&[film(1, "The Cat")], &[special(5, "The Cat")], &[])), [], "too short a title");
    // what is settled by the show's name comes first
    let films = [film(1, "Show: Adventures in Space and Time"), film(2, "Adventures in Space and Time")];
    assert_eq!(short(&suggested(&films, &aired("2020-03-01"), &[])), [(1, 5, true)]);
    let rule =
        Rule { id: 1, wish: NewRule { tmdb_id: 2, show_name: "Show".into(), episode: Some(9), ..NewRule::default() } };
    assert_eq!(short(&suggested(&films[1..], &aired("2020-03-01"), &[rule])), []);
}

#[test]
fn a_rule_made_of_a_suggestion_is_sound() {
    let found = suggested(&[film(1, "Show: \u{1b}[31mNight\n")], &[special(5, "Night \u{7}")], &[]);
    assert_eq!(found[0].movie_title, "Show: [31mNight");
    assert_eq!(found[0].episode_title, "Night ");
    assert!(found[0].rule().mistakes().is_empty());
    assert!(found[0].evidence.iter().all(|text| !text.contains(char::is_control)), "{found:?}");
}

#[test]
fn films_and_specials_of_which_nothing_is_known_suggest_nothing() {
    let nothing = Film { tmdb_id: 1, title: "Show".into(), ..Film::default() };
    let specials =
        [Special { number: 1, ..Special::default() }, Special { number: 2, title: "TBA".into(), ..Special::default() }];
    assert_eq!(short(&suggested(&[nothing], &specials, &[])), []);
}
