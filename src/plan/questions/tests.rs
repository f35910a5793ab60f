//! The choice between lists and single questions.

use super::*;
use crate::{
    meaning::{Library, means},
    plan::tests::{film, library, rule},
};

/// So many rules, each of a film and a show of its own, that are remembered.
fn remembered(count: i32) -> (Vec<Rule>, Known) {
    let (mut rules, mut known) = (Vec::new(), Known::default());
    for n in 1..=count {
        let mut rule = rule(n);
        rule.wish.tmdb_id = n;
        let library = Library { radarr: vec![Ok(vec![film(0, n)])], ..library() };
        let means = means(&rule, None, &library).unwrap();
        let mut meaning = means.remembered(&rule, means.films[0]);
        (meaning.series_id, meaning.series_tvdb_id) = (n, 100 + n);
        known.meanings.insert(n, meaning);
        rules.push(rule);
    }
    (rules, known)
}

#[test]
fn whatever_is_asked_never_costs_more_than_the_lists() {
    let (rules, mut known) = remembered(5_000);
    for forgotten in [0, 7, 1] {
        if forgotten > 0 {
            known.meanings.retain(|rule, _| rule % forgotten != 0);
        }
        for count in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] {
            for size in [10, 20, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000] {
                let rules = &rules[..count];
                let price = |question: &FilmQuestion| match question {
                    FilmQuestion::ById { .. } => FILM_BY_ID.of(size),
                    FilmQuestion::ByNumber { .. } => FILM_BY_NUMBER.of(size),
                };
                let films = films(rules, &known, 0, size).map(|asked| asked.iter().map(price).sum::<u64>());
                assert!(films.is_none_or(|cost| cost <= FILMS.of(size)), "{count} rules, {size} films");
                let shows = shows(rules, &known, 0, size).map(|asked| asked.len() as u64 * SHOW_BY_ID.of(size));
                assert!(shows.is_none_or(|cost| cost <= SHOWS.of(size)), "{count} rules, {size} shows");
            }
        }
    }
}

#[test]
fn few_rules_in_a_large_library_are_asked_for_one_by_one() {
    let (rules, known) = remembered(200);
    for (count, size, films_singly, shows_singly) in
        [(20, 2_000, true, true), (200, 20_000, true, true), (20, 10, false, false), (200, 500, false, false)]
    {
        let rules = &rules[..count];
        assert_eq!(films(rules, &known, 0, size).is_some(), films_singly, "{count} rules, {size} films");
        assert_eq!(shows(rules, &known, 0, size).is_some(), shows_singly, "{count} rules, {size} shows");
    }
    // an eighth and a thirtieth of what the list costs at least
    let cost = |count: usize, size| FILM_BY_ID.of(size) * count as u64;
    assert!(cost(20, 2_000) * 8 < FILMS.of(2_000) && cost(20, 20_000) * 30 < FILMS.of(20_000));
}

#[test]
fn a_film_is_asked_for_by_what_is_remembered_of_it() {
    let (rules, mut known) = remembered(3);
    known.meanings.remove(&2);
    let number = |tmdb_id| FilmQuestion::ByNumber { tmdb_id, elsewhere: false };
    let elsewhere = |tmdb_id| FilmQuestion::ByNumber { tmdb_id, elsewhere: true };
    let by_id = |tmdb_id| FilmQuestion::ById { id: 10 + tmdb_id, tmdb_id };
    assert_eq!(films(&rules, &known, 0, 2_000), Some(vec![number(2), by_id(1), by_id(3)]));
    // another Radarr may have them, too
    assert_eq!(films(&rules, &known, 1, 2_000), Some(vec![elsewhere(1), number(2), elsewhere(3)]));
    // a show that is not remembered may be any
    assert_eq!(shows(&rules, &known, 0, 2_000), None);
    known.meanings.get_mut(&3).unwrap().series_id = 1;
    known.meanings.get_mut(&3).unwrap().series_tvdb_id = 101;
    let rules = [rules[0].clone(), rules[2].clone()];
    assert_eq!(shows(&rules, &known, 0, 2_000), Some(vec![ShowQuestion { id: 1, tvdb_id: 101 }]));
    assert_eq!(shows(&rules, &known, 1, 2_000), Some(vec![]));
}
