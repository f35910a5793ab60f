//! Which titles are one.

use proptest::prelude::*;

use super::*;

#[test]
fn titles_are_one_in_any_spelling() {
    let same = [
        ("Pokémon", "Pokemon"),
        ("Pokémon", "Poke\u{301}mon"),
        ("Law & Order", "Law and Order"),
        ("Naruto Shippūden", "naruto shippuden"),
        ("Marvel's Agents of S.H.I.E.L.D.", "Marvels Agents of SHIELD"),
        ("Spider-Man", "Spiderman"),
        ("Weißensee", "WEISSENSEE"),
        ("Æon Flux", "Aeon Flux"),
        ("Ørsted Łódź", "Orsted Lodz"),
        ("Ｆａｔｅ／Ｚｅｒｏ", "Fate/Zero"),
        ("ﬁnal", "Final"),
        ("İstanbul", "istanbul"),
        ("What If...?", "What If…"),
        ("Show™", "Show"),
        ("ガンダム", "ｶﾞﾝﾀﾞﾑ"),
        ("Ёлки", "Елки"),
    ];
    for (one, other) in same {
        assert_eq!(folded(one), folded(other));
        assert_eq!(fit(one, other, None), Some(Spelling::Same), "{one} {other}");
    }
    let different = [("バス", "ハス"), ("Show 1", "Show 2"), ("नमक", "नमकीन"), ("C", "C2"), ("...", "???")];
    for (one, other) in different {
        assert_eq!(fit(one, other, None), None, "{one} {other}");
    }
}

#[test]
fn a_year_at_the_end_may_be_missing_but_not_be_another() {
    let cases = [
        (("Show", "Show", None), Some(Spelling::Exact)),
        (("...", "...", None), Some(Spelling::Exact)),
        (("show!", "Show", None), Some(Spelling::Same)),
        (("Show 2019", "Show (2019)", None), Some(Spelling::Same)),
        (("Show", "Show (2019)", None), Some(Spelling::WithoutYear)),
        (("show (2019)", "Show", None), Some(Spelling::WithoutYear)),
        (("Show (2019)", "Show", Some(2019)), Some(Spelling::WithoutYear)),
        (("Show (2019)", "Show", Some(2005)), None),
        (("Show (2005)", "Show (2019)", None), None),
        (("Show 2019", "Show", Some(2019)), Some(Spelling::WithoutYear)),
        (("Show 2019", "Show", None), None),
        (("Show 2019", "Show", Some(2005)), None),
        (("Blade Runner", "Blade Runner 2049", Some(2017)), None),
        (("2019", "2012", Some(2019)), None),
        (("(2019)", "Show", None), None),
        (("Show（2019）", "Show", Some(2019)), Some(Spelling::WithoutYear)),
        (("Show", "Other", None), None),
    ];
    for ((typed, title, year), expected) in cases {
        assert_eq!(fit(typed, title, year), expected, "{typed:?} {title:?} {year:?}");
    }
    assert!(Spelling::Exact < Spelling::Same && Spelling::Same < Spelling::WithoutYear);
}

proptest! {
    #[test]
    fn a_title_is_itself_however_often_it_is_read(text in "\\PC{0,80}") {
        prop_assert_eq!(folded(&folded(&text)), folded(&text));
        prop_assert_eq!(fit(&text, &text, None), Some(Spelling::Exact));
    }

    #[test]
    fn plain_titles_are_read_as_all_others(text in "[ -~]{0,40}") {
        // the sign is left out, but makes it no ASCII
        prop_assert_eq!(folded(&text), folded(&format!("{text}™")));
    }
}
