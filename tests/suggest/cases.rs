//! What is left out, and what is not likely although it fits.

use plex_linker::{
    model::{Date, Film, NewRule, Rule, Series, Special, Suggestion},
    suggest::Shows,
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
    }
}

fn film(tmdb_id: i32, title: &str) -> Film {
    let in_cinemas = Date::parse("2020-02-28");
    Film { tmdb_id, title: title.into(), in_cinemas, year: Some(2020), runtime: Some(100), ..Film::default() }
}

fn special(number: i32, title: &str) -> Special {
    let aired = Date::parse("2020-03-01");
    Special { number, title: title.into(), aired, runtime: Some(100), has_file: false }
}

fn suggested(films: &[Film], specials: &[Special], rules: &[Rule]) -> Vec<Suggestion> {
    let series = [show("Show")];
    let shows = Shows::new(&series);
    let films: Vec<_> = films.iter().filter(|film| shows.of(film) == [0]).collect();
    shows.suggest(0, &films, specials, rules)
}

/// (film, special, likely)
fn short(suggestions: &[Suggestion]) -> Vec<(i32, i32, bool)> {
    suggestions.iter().map(|one| (one.tmdb_id, one.episode, one.likely)).collect()
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
    assert_eq!(short(&found), [(1, 3, false)]);
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
