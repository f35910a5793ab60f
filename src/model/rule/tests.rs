//! When two rules are one, and which of a list is which that is there.

use super::*;

fn wish(title: &str, first: i32, last: Option<i32>) -> NewRule {
    NewRule {
        movie_title: title.into(),
        tmdb_id: 5,
        show_name: "Show".into(),
        episode: Some(first),
        last_episode: last,
        ..NewRule::default()
    }
}

fn rules(wishes: &[NewRule]) -> Vec<Rule> {
    (1..).zip(wishes.iter().cloned()).map(|(id, wish)| Rule { id, wish }).collect()
}

#[test]
fn a_special_is_written_as_people_write_it() {
    let by_id = NewRule { episode: None, episode_id: Some(77), ..wish("A", 1, None) };
    let cases = [
        (wish("A", 3, None), "S00E03", Some("3")),
        (wish("A", 1, Some(4)), "S00E01-E04", Some("1-4")),
        (NewRule { season: Some("1".into()), ..wish("A", 100, None) }, "S1E100", Some("100")),
        (by_id, "Sonarr's episode 77", None),
    ];
    for (wish, special, numbers) in cases {
        assert_eq!((wish.special().as_str(), wish.numbers().as_deref()), (special, numbers));
    }
}

#[test]
fn a_range_has_all_its_numbers() {
    let numbers = |wish: NewRule| (0..9).filter(|number| wish.has_number(*number)).collect::<Vec<_>>();
    assert_eq!(numbers(wish("A", 3, None)), [3]);
    assert_eq!(numbers(wish("A", 3, Some(5))), [3, 4, 5]);
    assert_eq!(numbers(NewRule { episode: None, ..wish("A", 3, None) }), [0; 0]);
}

#[test]
fn one_film_is_one_special_of_one_show_once() {
    let one = wish("A", 2, Some(4));
    let season = |season: &str| NewRule { season: Some(season.into()), ..one.clone() };
    let by_id = |id| NewRule { episode: None, last_episode: None, episode_id: Some(id), ..one.clone() };
    for same in [wish("A", 2, None), wish("A", 4, Some(9)), wish("A", 1, Some(2)), season("0"), season("00")] {
        assert!(one.is_for_the_same(&same) && same.is_for_the_same(&one), "{same:?}");
    }
    let others = [
        wish("A", 1, None),
        wish("A", 5, Some(6)),
        wish("B", 2, Some(4)),
        season("01"),
        by_id(1),
        NewRule { show_name: "Other".into(), ..one.clone() },
    ];
    for other in others {
        assert!(!one.is_for_the_same(&other) && !other.is_for_the_same(&one), "{other:?}");
    }
    assert!(by_id(1).is_for_the_same(&by_id(1)) && !by_id(1).is_for_the_same(&by_id(2)));
}

#[test]
fn sonarrs_own_numbers_go_with_what_they_belong_to() {
    let was = NewRule { episode_id: Some(77), series_id: Some(7), ..wish("A", 3, None) };
    let left = |new: NewRule| new.in_place_of(&was).episode_id;
    let with = |id| NewRule { episode_id: id, ..wish("A", 4, None) };
    assert_eq!(left(with(Some(77))), None, "another number, and this was left as it was");
    assert_eq!(left(with(Some(78))), Some(78), "both are new");
    assert_eq!(left(NewRule { movie_title: "B".into(), ..was.clone() }), Some(77));
    assert_eq!(left(NewRule { season: Some("00".into()), ..was.clone() }), Some(77), "the same season");
    assert_eq!(left(NewRule { season: Some("01".into()), ..was.clone() }), None);
    assert_eq!(left(NewRule { last_episode: Some(4), ..was.clone() }), None);
    assert_eq!(left(NewRule { episode: None, ..was.clone() }), Some(77), "nothing else would be left");

    let show = |new: NewRule| (new.clone().in_place_of(&was).series_id, new.in_place_of(&was).episode_id);
    assert_eq!(show(NewRule { movie_title: "B".into(), ..was.clone() }), (Some(7), Some(77)));
    assert_eq!(show(NewRule { tvdb_id: Some(1), ..was.clone() }), (None, None));
    assert_eq!(show(NewRule { show_name: "Other".into(), ..was.clone() }), (None, None));
    let numbered = NewRule { tvdb_id: Some(1), ..was.clone() };
    assert_eq!(was.clone().in_place_of(&numbered).series_id, Some(7), "what is cleared says nothing else");
    assert_eq!(show(NewRule { show_name: "Other".into(), series_id: Some(8), ..was.clone() }), (Some(8), None));
}

#[test]
fn a_rule_of_a_list_is_the_one_for_its_film_show_and_special() {
    let a = |first| wish("A", first, None);
    // what is there, numbered from 1, the list, and which is which
    type Matched<'a> = (&'a [NewRule], &'a [NewRule], &'a [Option<i32>]);
    let cases: [Matched; 7] = [
        (&[a(1)], &[a(1)], &[Some(1)]),
        (&[a(1)], &[a(7)], &[Some(1)]),
        (&[a(1)], &[a(1), a(7)], &[Some(1), None]),
        (&[a(1), a(2)], &[a(7)], &[None]),
        (&[a(1), a(2)], &[a(2), a(1)], &[Some(2), Some(1)]),
        (&[wish("A", 1, Some(4))], &[wish("A", 3, Some(4)), wish("A", 1, Some(2))], &[Some(1), None]),
        (&[wish("A", 1, Some(2)), a(3)], &[wish("A", 1, Some(3)), a(3)], &[Some(1), Some(2)]),
    ];
    for (there, list, expected) in cases {
        assert_eq!(matched(&rules(there), list), expected, "{there:?} {list:?}");
    }
}

#[test]
fn a_list_has_each_special_of_a_film_once() {
    let a = wish("A", 1, Some(3));
    assert_eq!(mistakes_in_list(&[a.clone(), wish("A", 4, None), wish("B", 1, None), a.clone()]), []);
    let said = mistakes_in_list(&[a, wish("B", 1, None), wish("A", 3, None)]);
    assert_eq!(
        said.iter().map(|mistake| mistake.sentence.as_str()).collect::<Vec<_>>(),
        ["rule 3 (\"A\") cannot be imported: episode is the same special of the same show as in rule 1"]
    );
}
