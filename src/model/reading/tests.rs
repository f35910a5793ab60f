//! What is read from what is given.

use serde_json::json;

use super::*;

fn read(given: &[(Field, Given)]) -> (NewRule, Vec<String>) {
    let whole =
        [(Field::MovieTitle, "Film".into()), (Field::TmdbId, Given::Number(5)), (Field::ShowName, "Show".into())];
    let found = |field| given.iter().chain(&whole).find(|(known, _)| *known == field).map(|(_, given)| given.clone());
    let (wish, mistakes) = NewRule::read(|field| found(field).unwrap_or(Given::Absent));
    (wish, mistakes.into_iter().map(|mistake| mistake.sentence).collect())
}

#[test]
fn the_names_are_those_of_the_api() {
    let full = NewRule { last_episode: Some(4), ..NewRule::default() };
    let object = json!(full);
    let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let mut known = Field::NAMES.map(|(_, name, _)| name);
    known.sort_unstable();
    assert_eq!(names, known);
    for field in Field::all() {
        assert_eq!(Field::NAMES[field as usize].0, field);
        assert_eq!(Field::named(field.name()), Some(field));
        assert_eq!(field.option(), format!("--{}", field.name().replace('_', "-")));
    }
}

#[test]
fn blanks_and_numbers_as_texts_are_read_everywhere() {
    let (wish, mistakes) = read(&[
        (Field::MovieTitle, "  Film ".into()),
        (Field::TmdbId, " 7 ".into()),
        (Field::ShowName, "Show\t".into()),
        (Field::Episode, " 03 ".into()),
        (Field::Season, Given::Number(1)),
        (Field::EpisodeId, " ".into()),
        (Field::TvdbId, "8".into()),
    ]);
    assert_eq!(mistakes, [""; 0]);
    let expected = NewRule {
        movie_title: "Film".into(),
        tmdb_id: 7,
        show_name: "Show".into(),
        episode: Some(3),
        season: Some("1".into()),
        tvdb_id: Some(8),
        ..NewRule::default()
    };
    assert_eq!(wish, expected);
}

#[test]
fn a_special_is_a_number_or_a_range_with_or_without_its_season() {
    // episode, last_episode and season as given; then what they mean
    type Means = (Option<i32>, Option<i32>, Option<&'static str>);
    let cases: [(Given, Given, Given, Means); 9] = [
        (Given::Number(5), Given::Absent, Given::Absent, (Some(5), None, None)),
        ("05".into(), Given::Absent, Given::Absent, (Some(5), None, None)),
        (Given::Number(1), Given::Number(4), Given::Absent, (Some(1), Some(4), None)),
        ("1-4".into(), Given::Absent, "00".into(), (Some(1), Some(4), Some("00"))),
        ("1-4".into(), "4".into(), Given::Absent, (Some(1), Some(4), None)),
        ("1".into(), "4".into(), Given::Absent, (Some(1), Some(4), None)),
        ("S00E01-E04".into(), Given::Absent, "0".into(), (Some(1), Some(4), Some("0"))),
        ("S01E01-S01E04".into(), Given::Absent, Given::Absent, (Some(1), Some(4), Some("01"))),
        ("1-100".into(), Given::Absent, Given::Absent, (Some(1), Some(100), None)),
    ];
    for (episode, last, season, means) in cases {
        let given = [(Field::Episode, episode), (Field::LastEpisode, last), (Field::Season, season)];
        let (wish, mistakes) = read(&given);
        assert_eq!(mistakes, [""; 0], "{given:?}");
        assert_eq!((wish.episode, wish.last_episode, wish.season.as_deref()), means, "{given:?}");
    }
}

#[test]
fn every_mistake_is_told_once() {
    let range = "it must be a number, or a range in one season such as 1-4 or S00E01-E04";
    type Told<'a> = (&'a [(Field, Given)], &'a [&'a str]);
    let cases: [Told; 12] = [
        (&[(Field::Episode, "x".into())], &[&format!("episode is \"x\": {range}")]),
        (&[(Field::Episode, "-5".into())], &[&format!("episode is \"-5\": {range}")]),
        (&[(Field::Episode, "S00E01-S01E04".into())], &[&format!("episode is \"S00E01-S01E04\": {range}")]),
        (
            &[(Field::Episode, "4-1".into())],
            &["episode is 4-1: the second number must be the greater one, by at most 99"],
        ),
        (
            &[(Field::Episode, "4-4".into())],
            &["episode is 4-4: the second number must be the greater one, by at most 99"],
        ),
        (
            &[(Field::Episode, "1-101".into())],
            &["episode is 1-101: the second number must be the greater one, by at most 99"],
        ),
        (&[(Field::Episode, "9990-10001".into())], &["episode must be between 0 and 9999"]),
        (&[(Field::LastEpisode, Given::Number(4))], &["episode is missing: last_episode is no special without it"]),
        (
            &[(Field::Episode, "1-4".into()), (Field::LastEpisode, Given::Number(5))],
            &["episode is \"1-4\", but last_episode is another number"],
        ),
        (
            &[(Field::Episode, "S01E05".into()), (Field::Season, "00".into())],
            &["episode is \"S01E05\", but the season is \"00\": one of them is wrong"],
        ),
        (
            &[(Field::TmdbId, Given::Other("1.5".into())), (Field::Episode, "1".into()), (Field::TvdbId, "".into())],
            &["tmdb_id is 1.5: it must be a whole number of at most 2147483647"],
        ),
        (
            &[(Field::MovieTitle, " ".into()), (Field::ShowName, Given::Absent), (Field::TmdbId, "".into())],
            &[
                "movie_title is empty: give a title",
                "tmdb_id is missing",
                "show_name is missing",
                "episode is missing: give the special's number",
            ],
        ),
    ];
    for (given, sentences) in cases {
        assert_eq!(read(given).1, sentences, "{given:?}");
    }
}

#[test]
fn what_is_read_is_what_is_given_again() {
    for episode in ["5", "S01E01-E04"] {
        let wish = read(&[(Field::Episode, episode.into()), (Field::SeriesId, Given::Number(9))]).0;
        assert_eq!(NewRule::read(|field| wish.given(field)), (wish.clone(), vec![]));
        assert_eq!(NewRule::from_json(&json!(wish)).unwrap(), wish);
        assert_eq!(NewRule::list_from_json(json!([wish]).to_string().as_bytes()).unwrap(), [wish]);
    }
}

#[test]
fn a_change_is_of_one_field_and_a_number_brings_its_season() {
    let rule = NewRule { season: Some("001".into()), ..read(&[(Field::Episode, "1-4".into())]).0 };
    let changed = |field, text: &str| {
        let (wish, mistakes) = rule.changed(&[(field, text.into())]);
        assert_eq!(mistakes, [], "{text}");
        (wish.episode, wish.last_episode, wish.season.unwrap_or_default())
    };
    assert_eq!(changed(Field::TvdbId, "5"), (Some(1), Some(4), "001".into()));
    assert_eq!(changed(Field::Episode, "5"), (Some(5), None, "001".into()));
    assert_eq!(
        changed(Field::Episode, "S1E5-6"),
        (Some(5), Some(6), "001".into()),
        "the same season, as it is written"
    );
    assert_eq!(changed(Field::Episode, "S00E5"), (Some(5), None, "00".into()));
    let both = rule.changed(&[(Field::Episode, "S00E5".into()), (Field::Season, "01".into())]).1;
    assert_eq!(both.len(), 1);
}
