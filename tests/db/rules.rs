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

        db.remove_rules(&[first.id]).unwrap();
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
fn a_second_rule_for_the_same_film_show_and_special_is_refused() {
    on_both(|database| {
        let mut db = open(database);
        db.add_rule(&NewRule { last_episode: Some(2), ..wish("A", "Show", 1) }).unwrap();
        let other = db.add_rule(&wish("A", "Other Show", 1)).unwrap();

        let duplicate = |result: Result<(), Error>| match result {
            Err(Error::Duplicate { movie_title, show_name }) => assert_eq!((&*movie_title, &*show_name), ("A", "Show")),
            other => panic!("{other:?}"),
        };
        duplicate(db.add_rule(&wish("A", "Show", 2)).map(drop));
        duplicate(db.edit_rule(&Rule { id: other.id, wish: wish("A", "Show", 2) }).map(drop));
        let first = NewRule { last_episode: Some(2), ..wish("A", "Show", 1) };
        assert_eq!(wishes(&db.rules().unwrap().rules), [first, wish("A", "Other Show", 1)]);
    });
}

/// The titles as the old program sees them, in the order of the numbers.
fn stored_titles(database: &Database) -> Vec<String> {
    let sql = "SELECT movie_title FROM link_rules ORDER BY id";
    match database {
        Database::Postgres { server, .. } => {
            server.connect(::postgres::NoTls).unwrap().query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
        }
        Database::Sqlite(file) => {
            let connection = rusqlite::Connection::open(file).unwrap();
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
        }
    }
}

#[test]
fn one_film_may_be_several_specials_of_one_show() {
    on_both_old(|database| {
        let mut db = open(database);
        let film = |first, last| NewRule { last_episode: last, ..wish("Old Film", "Show", first) };
        let second = db.add_rule(&film(5, None)).unwrap();
        let third = db.add_rule(&film(7, Some(9))).unwrap();
        // which the old program could not have told apart
        let odd = db.add_rule(&wish("Old Film [S00E06]", "Show", 20)).unwrap();
        let fourth = db.add_rule(&film(6, None)).unwrap();
        assert_eq!(
            wishes(&open(database).rules().unwrap().rules)[1..],
            [second.wish.clone(), third.wish, odd.wish, fourth.wish]
        );
        assert_eq!(db.rule(second.id).unwrap().wish, film(5, None));
        let titles =
            ["Old Film", "Old Film [S00E05]", "Old Film [S00E07-E09]", "Old Film [S00E06]", "Old Film [S00E06] (2)"];
        assert_eq!(stored_titles(database), titles);

        assert_eq!(db.edit_rule(&Rule { id: second.id, wish: film(10, Some(11)) }).unwrap().wish, film(10, Some(11)));
        assert_eq!(stored_titles(database)[1], "Old Film [S00E10-E11]");
        for wrong in [film(1, None), film(9, Some(12)), film(6, None)] {
            let refused = db.edit_rule(&Rule { id: second.id, wish: wrong });
            assert!(matches!(refused, Err(Error::Duplicate { .. })), "{refused:?}");
        }
        assert_eq!(db.rule(second.id).unwrap().wish, film(10, Some(11)), "nothing of it has been done");
        db.remove_rules(&[1]).unwrap();
        db.edit_rule(&Rule { id: second.id, wish: film(10, None) }).unwrap();
        assert_eq!(stored_titles(database)[0], "Old Film");
    });
}

#[test]
fn what_the_old_program_changes_goes_before_what_only_we_know() {
    on_both_old(|database| {
        let mut db = open(database);
        db.add_rule(&NewRule { last_episode: Some(8), ..wish("Old Film", "Show", 5) }).unwrap();
        db.edit_rule(&Rule { id: 1, wish: NewRule { last_episode: Some(4), ..wish("Old Film", "Show", 1) } }).unwrap();
        let read = |db: &mut Db| {
            let rules = db.rules().unwrap().rules;
            rules
                .into_iter()
                .map(|rule| (rule.wish.movie_title.clone(), rule.wish.numbers().unwrap()))
                .collect::<Vec<_>>()
        };
        let rule = |title: &str, numbers: &str| (title.to_string(), numbers.to_string());
        assert_eq!(read(&mut db), [rule("Old Film", "1-4"), rule("Old Film", "5-8")]);
        sql(database, "UPDATE link_rules SET episode = 2 WHERE id = 1");
        sql(database, "UPDATE link_rules SET movie_title = 'Another' WHERE id = 2");
        assert_eq!(read(&mut db), [rule("Old Film", "2"), rule("Another", "5")]);
        // and what it leaves alone is ours again
        sql(database, "UPDATE link_rules SET episode = 1, tmdb_id = 9 WHERE id = 1");
        assert_eq!(read(&mut db)[0], rule("Old Film", "1-4"));
    });
}

#[test]
fn several_add_the_same_special_at_the_same_moment_and_one_has_it() {
    on_both(|database| {
        drop(open(database));
        let added: Vec<bool> = std::thread::scope(|scope| {
            let add = |number: i32| {
                scope.spawn(move || {
                    let rule = NewRule { tmdb_id: number + 1, ..wish("Film", "Show", number % 2) };
                    open(database).add_rule(&rule).is_ok()
                })
            };
            let threads: Vec<_> = (0..8).map(add).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(added.iter().filter(|added| **added).count(), 2);
        let mut numbers: Vec<_> = open(database).rules().unwrap().rules.iter().map(|rule| rule.wish.episode).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [Some(0), Some(1)]);
    });
}

#[test]
fn a_sound_rule_can_be_edited_whatever_another_one_is_called() {
    on_both(|database| {
        let mut db = open(database);
        let rules = [wish("A", "Show", 1), wish("A", "Show", 2)].map(|wish| db.add_rule(&wish).unwrap());
        // as only the old program can make it
        sql(database, "UPDATE link_rules SET episode = 1 WHERE id = 2");
        sql(database, "UPDATE pl_rules SET episode = 1 WHERE rule = 2");
        for id in [1, 2] {
            let edited = Rule { id, wish: NewRule { tmdb_id: 700 + id, ..wish("A", "Show", 1) } };
            assert_eq!(db.edit_rule(&edited).unwrap(), edited);
        }
        db.edit_rule(&rules[1]).unwrap();
        assert_eq!(db.rule(2).unwrap(), rules[1]);
    });
}

#[test]
fn two_rules_of_one_film_follow_specials_that_swap_their_numbers() {
    on_both(|database| {
        let mut db = open(database);
        let rules = [1, 2].map(|number| db.add_rule(&wish("A", "Show", number)).unwrap());
        let swapped = [2, 1].map(|number| NewRule { episode_id: Some(70 + number), ..wish("A", "Show", number) });
        for (rule, wish) in rules.iter().zip(&swapped) {
            db.follow_rule(&Rule { id: rule.id, wish: wish.clone() }).unwrap();
        }
        assert_eq!(wishes(&db.rules().unwrap().rules), swapped);
        let gone = db.follow_rule(&Rule { id: 9, wish: swapped[0].clone() });
        assert!(matches!(gone, Err(Error::NoRule(9))), "{gone:?}");
    });
}

#[test]
fn a_number_that_is_edited_takes_sonarrs_own_with_it() {
    on_both(|database| {
        let mut db = open(database);
        let by_id = NewRule { episode_id: Some(77), ..wish("A", "Show", 1) };
        let id = db.add_rule(&by_id).unwrap().id;
        let edited = db.edit_rule(&Rule { id, wish: NewRule { episode: Some(2), ..by_id } }).unwrap();
        assert_eq!(edited.wish, wish("A", "Show", 2));
        assert_eq!(db.rule(id).unwrap(), edited);
    });
}

#[test]
fn the_number_of_a_removed_rule_is_never_given_again() {
    on_both_old(|database| {
        let mut db = open(database);
        let mut add = |title: &str| db.add_rule(&wish(title, "Show", 1)).unwrap().id;
        assert_eq!((add("A"), add("B")), (2, 3));
        db.remove_rules(&[3]).unwrap();
        assert_eq!(db.add_rule(&wish("C", "Show", 1)).unwrap().id, 4);
        for id in [4, 2, 1] {
            db.remove_rules(&[id]).unwrap();
        }
        assert_eq!(open(database).import_rules(&[wish("D", "Show", 1), wish("E", "Show", 2)]).unwrap(), (2, 0));
        // one that we have never seen is removed by us, one that we gave by the old program
        sql(database, "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name) VALUES (50, 'F', 1, 'Show')");
        sql(database, "DELETE FROM link_rules WHERE id IN (5, 6)");
        if let Database::Sqlite(_) = database {
            db.remove_rules(&[50]).unwrap();
            assert_eq!(db.add_rule(&wish("G", "Show", 1)).unwrap().id, 51);
            sql(database, "DELETE FROM link_rules");
            assert_eq!(db.add_rule(&wish("H", "Show", 1)).unwrap().id, 52);
        } else {
            assert_eq!(db.add_rule(&wish("G", "Show", 1)).unwrap().id, 7);
        }
    });
}

#[test]
fn a_rule_that_is_not_there_is_said_to_be_missing() {
    on_both(|database| {
        let mut db = open(database);
        assert!(matches!(db.rule(5), Err(Error::NoRule(5))));
        assert!(matches!(db.edit_rule(&Rule { id: 5, wish: wish("A", "Show", 1) }), Err(Error::NoRule(5))));
        assert!(matches!(db.remove_rules(&[-1]), Err(Error::NoRule(-1))));
    });
}

#[test]
fn unsound_rules_are_refused() {
    on_both(|database| {
        let mut db = open(database);
        let there = db.add_rule(&wish("A", "Show", 1)).unwrap();
        let unsound = NewRule { season: Some("../x".into()), tmdb_id: 0, ..wish("A\0", "Show", 1) };
        for result in
            [db.add_rule(&unsound).map(drop), db.edit_rule(&Rule { id: there.id, wish: unsound.clone() }).map(drop)]
        {
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

        assert!(db.rule(13).unwrap_err().to_string().contains("rule 13: tmdb_id is -1"));
        db.remove_rules(&[10]).unwrap();
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
        ("'C', 3000000000, 'S', 1, '00'", "tmdb_id is 3000000000: it must be a whole number of at most 2147483647"),
        ("x'00ff', 1, 'S', 1, '00'", "movie_title is a blob of 2 bytes: it must be a text"),
        ("cast(x'ff' as text), 1, 'S', 1, '00'", "movie_title is text that is not UTF-8: it must be a text"),
        ("'F', 9e99, 'S', 1, '00'", "tmdb_id is 9"),
        ("'G', 1, 'S', 1, x'30'", "season is a blob of 1 bytes: it must be 1 to 4 digits"),
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
    let good = NewRule { season: Some("5".into()), ..support::rules::wish("1", 2, "3", 4) };
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
        assert_eq!(db.import_rules(&second).unwrap(), (2, 1));
        let rules = db.rules().unwrap().rules;
        let all = [wish("A", "Show", 1), wish("B", "Show", 5), wish("C", "Show", 3), wish("C", "Show", 4)];
        assert_eq!(wishes(&rules), all);
        assert_eq!(db.import_rules(&all).unwrap(), (0, 0));
        let third = [wish("C", "Show", 4), NewRule { last_episode: Some(7), ..wish("C", "Show", 5) }];
        assert_eq!(db.import_rules(&third).unwrap(), (1, 0));
        assert_eq!(db.import_rules(&[third[1].clone(), third[0].clone()]).unwrap(), (0, 0));
    });
}

#[test]
fn a_bad_row_becomes_one_rule_of_an_import_alone() {
    on_both_old(|database| {
        sql(database, "INSERT INTO link_rules (id, movie_title, tmdb_id, show_name) VALUES (10, 'Film', 603, 'Other')");
        let mut db = open(database);
        let both = [wish("Film", "Other", 1), wish("Film", "Other", 2)];
        assert_eq!(db.import_rules(&both).unwrap(), (1, 1));
        let found = wishes(&db.rules().unwrap().rules);
        assert!(both.iter().all(|wish| found.contains(wish)), "{found:?}");
    });
}

#[test]
fn an_import_that_makes_one_special_two_rules_does_nothing() {
    on_both(|database| {
        let mut db = open(database);
        let there = [wish("A", "Show", 1), wish("A", "Show", 2)];
        db.import_rules(&there).unwrap();
        let wider = NewRule { last_episode: Some(2), ..wish("A", "Show", 1) };
        let refused = db.import_rules(&[wish("B", "Show", 1), wider]);
        assert!(matches!(refused, Err(Error::Duplicate { .. })), "{refused:?}");
        assert_eq!(wishes(&db.rules().unwrap().rules), there);
    });
}

#[test]
fn an_import_with_one_mistake_does_nothing() {
    on_both(|database| {
        let mut db = open(database);
        let list = [wish("A", "Show", 1), NewRule { tmdb_id: 0, ..wish("B", "Show", 2) }];
        let Err(Error::Invalid(mistakes)) = db.import_rules(&list) else { panic!("imported") };
        assert!(mistakes[0].sentence.starts_with("rule 2 (\"B\") cannot be imported: tmdb_id is 0"), "{mistakes:?}");
        assert!(db.rules().unwrap().rules.is_empty());
    });
}
