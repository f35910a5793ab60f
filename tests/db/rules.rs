//! Rules: kept, changed, refused, and read from rows that anyone may have written.

use plex_linker::model::InvalidRule;

use super::*;

fn full() -> NewRule {
    NewRule {
        last_episode: None,
        movie_title: "Die Brücke \"am\" Kwai; DROP TABLE link_rules --".into(),
        tmdb_id: i32::MAX,
        show_name: "東京's 100%".into(),
        episode: Some(0),
        season: Some("0001".into()),
        episode_id: Some(1),
        series_id: Some(2),
        tvdb_id: Some(3),
    }
}

#[test]
fn a_rule_comes_back_as_it_was_added_until_it_is_changed_or_removed() {
    on_both(|database| {
        let mut db = open(database);
        let first = db.add_rule(&full()).unwrap();
        let second = db.add_rule(&wish("B", "Show", 2)).unwrap();
        assert_eq!(open(database).rules().unwrap().rules, [first.clone(), second.clone()]);
        assert_eq!(first.wish, full());

        let edited = Rule { id: first.id, wish: wish("C", "Show", 3) };
        db.edit_rule(&edited).unwrap();
        assert_eq!(db.rule(first.id).unwrap(), edited);

        db.remove_rule(first.id).unwrap();
        assert_eq!(open(database).rules().unwrap().rules, [second]);
    });
}

#[test]
fn rules_are_in_the_order_of_their_numbers() {
    on_both(|database| {
        let mut db = open(database);
        for title in ["b", "C", "a"] {
            db.add_rule(&wish(title, "Show", 1)).unwrap();
        }
        db.edit_rule(&Rule { id: 1, wish: wish("z", "Show", 1) }).unwrap();
        let rules = db.rules().unwrap().rules;
        assert_eq!(
            rules.iter().map(|rule| (rule.id, &*rule.wish.movie_title)).collect::<Vec<_>>(),
            [(1, "z"), (2, "C"), (3, "a")]
        );
    });
}

#[test]
fn a_second_rule_for_the_same_film_and_show_is_refused() {
    on_both(|database| {
        let mut db = open(database);
        db.add_rule(&wish("A", "Show", 1)).unwrap();
        let other = db.add_rule(&wish("A", "Other Show", 1)).unwrap();

        let duplicate = |result: Result<(), Error>| match result {
            Err(Error::Duplicate { movie_title, show_name }) => assert_eq!((&*movie_title, &*show_name), ("A", "Show")),
            other => panic!("{other:?}"),
        };
        duplicate(db.add_rule(&wish("A", "Show", 2)).map(drop));
        duplicate(db.edit_rule(&Rule { id: other.id, wish: wish("A", "Show", 2) }));
        assert_eq!(wishes(&db.rules().unwrap().rules), [wish("A", "Show", 1), wish("A", "Other Show", 1)]);
    });
}

#[test]
fn a_rule_that_is_not_there_is_said_to_be_missing() {
    on_both(|database| {
        let mut db = open(database);
        assert!(matches!(db.rule(5), Err(Error::NoRule(5))));
        assert!(matches!(db.edit_rule(&Rule { id: 5, wish: wish("A", "Show", 1) }), Err(Error::NoRule(5))));
        assert!(matches!(db.remove_rule(-1), Err(Error::NoRule(-1))));
    });
}

#[test]
fn unsound_rules_are_refused() {
    on_both(|database| {
        let mut db = open(database);
        let there = db.add_rule(&wish("A", "Show", 1)).unwrap();
        let unsound = NewRule { season: Some("../x".into()), tmdb_id: 0, ..wish("A\0", "Show", 1) };
        for result in [db.add_rule(&unsound).map(drop), db.edit_rule(&Rule { id: there.id, wish: unsound.clone() })] {
            let Err(Error::Invalid(mistakes)) = result else { panic!("{result:?}") };
            let fields: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
            assert_eq!(fields, ["movie_title", "tmdb_id", "season"]);
        }
        assert_eq!(db.rules().unwrap().rules, [there]);
    });
}

#[test]
fn bad_rows_are_told_and_can_be_removed_or_mended() {
    on_both_old(|database| {
        sql(
            database,
            "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name, episode, season) VALUES
                (10, '', 603, 'Show', 1, NULL),
                (11, 'No Number', 603, 'Show', NULL, NULL),
                (12, 'Season', 603, 'Show', 1, '<img src=x>'),
                (13, 'Minus', -1, 'Show', 1, NULL)",
        );
        let mut db = open(database);
        let rules = db.rules().unwrap();
        assert_eq!(rules.rules.iter().map(|rule| rule.id).collect::<Vec<_>>(), [1]);
        assert_eq!(rules.invalid.iter().map(|invalid| invalid.id).collect::<Vec<_>>(), [10, 11, 12, 13]);
        let beginnings = ["movie_title is empty", "episode is missing", "season is \"<img src=x>\"", "tmdb_id is -1"];
        for (invalid, beginning) in rules.invalid.iter().zip(beginnings) {
            assert!(invalid.reason.starts_with(beginning), "{}", invalid.reason);
        }

        assert!(sentence(db.rule(13)).contains("rule 13: tmdb_id is -1"));
        db.remove_rule(10).unwrap();
        db.edit_rule(&Rule { id: 13, wish: wish("Mended", "Show", 1) }).unwrap();
        assert_eq!(db.import_rules(&[wish("No Number", "Show", 9)]).unwrap(), (0, 1));
        assert_eq!(db.rules().unwrap().rules.iter().map(|rule| rule.id).collect::<Vec<_>>(), [1, 11, 13]);
    });
}

#[test]
fn sqlite_rows_with_values_of_any_kind_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("rules.db"));
    sql(&database, OLD_SQLITE);
    let cases = [
        ("'A', 'abc', 'S', 1, '00'", "tmdb_id is \"abc\": it must be a whole number"),
        ("'B', 1, 'S', 1.5, '00'", "episode is 1.5: it must be a whole number"),
        ("'C', 3000000000, 'S', 1, '00'", "tmdb_id is 3000000000: it must be at most 2147483647"),
        ("x'00ff', 1, 'S', 1, '00'", "movie_title is a blob of 2 bytes: it must be text"),
        ("cast(x'ff' as text), 1, 'S', 1, '00'", "movie_title is text that is not UTF-8: it must be text"),
        ("'F', 9e99, 'S', 1, '00'", "tmdb_id is 9"),
        ("'G', 1, 'S', 1, x'30'", "season is a blob of 1 bytes: it must be text"),
    ];
    for (values, _) in cases {
        sql(
            &database,
            &format!("INSERT INTO link_rules (movie_title, tmdb_id, show_name, episode, season) VALUES ({values})"),
        );
    }
    // what SQLite turns into the column's kind is no mistake
    sql(
        &database,
        "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name, episode, season) VALUES (50, 1, '2', 3, 4.0, 5)",
    );
    sql(
        &database,
        "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name, episode) VALUES (5000000000, 'Far', 1, 'S', 1)",
    );

    let rules = open(&database).rules().unwrap();
    let good = NewRule {
        movie_title: "1".into(),
        tmdb_id: 2,
        show_name: "3".into(),
        episode: Some(4),
        season: Some("5".into()),
        ..NewRule::default()
    };
    assert_eq!(rules.rules, [Rule { id: 50, wish: good }]);
    for (InvalidRule { reason, .. }, (values, expected)) in rules.invalid.iter().zip(cases) {
        assert!(reason.starts_with(expected), "{values}: {reason}");
    }
    let last = rules.invalid.last().unwrap();
    assert_eq!((last.id, &*last.reason), (5_000_000_000, "id is 5000000000: it must be at most 2147483647"));
    assert_eq!(rules.invalid.len(), cases.len() + 1);
}

#[test]
fn an_import_adds_what_is_new_changes_what_differs_and_leaves_the_rest() {
    on_both(|database| {
        let mut db = open(database);
        let first = [wish("A", "Show", 1), wish("B", "Show", 2)];
        assert_eq!(db.import_rules(&first).unwrap(), (2, 0));
        assert_eq!(db.import_rules(&first).unwrap(), (0, 0));
        let second = [wish("B", "Show", 5), wish("C", "Show", 3), wish("A", "Show", 1), wish("C", "Show", 4)];
        assert_eq!(db.import_rules(&second).unwrap(), (1, 2));
        let rules = db.rules().unwrap().rules;
        assert_eq!(wishes(&rules), [wish("A", "Show", 1), wish("B", "Show", 5), wish("C", "Show", 4)]);
    });
}

#[test]
fn an_import_with_one_mistake_does_nothing() {
    on_both(|database| {
        let mut db = open(database);
        let list = [wish("A", "Show", 1), NewRule { tmdb_id: 0, ..wish("B", "Show", 2) }];
        let Err(Error::Invalid(mistakes)) = db.import_rules(&list) else { panic!("imported") };
        assert!(mistakes[0].sentence.starts_with("tmdb_id is 0"), "{mistakes:?}");
        assert!(mistakes[0].sentence.ends_with("(rule 2 of the list)"), "{mistakes:?}");
        assert!(db.rules().unwrap().rules.is_empty());
    });
}
