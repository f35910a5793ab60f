//! Which subtitles come along, and under which names.

use proptest::prelude::*;

use std::collections::HashSet;

use super::*;

/// `PATH -> END` for each subtitle of `Film.mkv` among these; what has a slash in it is in a folder beside it.
fn found(names: &[&str]) -> Vec<String> {
    found_of("Film.mkv", names)
}

fn found_of(film: &str, names: &[&str]) -> Vec<String> {
    let (within, beside): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| name.contains('/'));
    let beside: Vec<String> = beside.into_iter().chain([film]).map(String::from).collect();
    let mut folders: Vec<(String, Vec<String>)> = Vec::new();
    for (folder, name) in within.iter().map(|path| path.split_once('/').unwrap()) {
        match folders.iter_mut().find(|(known, _)| known == folder) {
            Some((_, names)) => names.push(name.into()),
            None => folders.push((folder.into(), vec![name.into()])),
        }
    }
    let subtitles = subtitles(film, &beside, &folders).into_iter();
    subtitles.map(|Subtitle { path, end }| format!("{path} -> {end}")).collect()
}

#[test]
fn subtitles_beside_the_film_have_its_name_and_keep_the_rest_of_theirs() {
    let ends = [
        ".srt",
        ".en.srt",
        ".en.forced.srt",
        ".pt-BR.ass",
        ".eng.sdh.hi.ssa",
        ".it.vtt",
        ".fr.sup",
        ".es.idx",
        ".es.sub",
        ".smi",
        ".EN.SRT2.SRT",
        ".Director's cut.en.srt",
    ];
    for end in ends {
        let name = format!("Film{end}");
        assert_eq!(found(&[&name]), [format!("{name} -> {end}")]);
    }
    let others = [
        "Film.nfo",
        "Film.jpg",
        "Film-fanart.jpg",
        "Film.en.txt",
        "Film 2.en.srt",
        "Filmen.srt",
        "film.en.mkv",
        "Other.srt",
        "en.srt",
    ];
    assert_eq!(found(&others), [""; 0]);
}

/// As a player that shows it takes no notice of capitals, and macOS writes accents apart from their letters.
#[test]
fn a_subtitle_s_name_may_be_written_in_other_letters() {
    assert_eq!(found(&["film.en.srt"]), ["film.en.srt -> .en.srt"]);
    assert_eq!(found_of("Pokémon 2.mkv", &["Poke\u{301}mon 2.de.srt"]), ["Poke\u{301}mon 2.de.srt -> .de.srt"]);
    assert_eq!(found_of("FILM.mkv", &["Film.Extended.mkv", "film.extended.en.srt", "Filmé.srt"]), [""; 0]);
}

#[test]
fn of_two_films_in_one_folder_each_has_its_own() {
    let names = [
        "Film.srt",
        "Film.Extended.mkv",
        "Film.Extended.en.srt",
        "Film.Extended.srt",
        "Film.Ext.en.srt",
        "Film 2.mkv",
        "Film 2.srt",
    ];
    assert_eq!(found(&names), ["Film.srt -> .srt", "Film.Ext.en.srt -> .Ext.en.srt"]);
    let extended = ["Film.srt", "Film.mkv", "Film.Extended.en.srt", "Film.Extended.srt"];
    assert_eq!(
        found_of("Film.Extended.mkv", &extended),
        ["Film.Extended.en.srt -> .en.srt", "Film.Extended.srt -> .srt"]
    );
}

#[test]
fn in_a_folder_of_subtitles_the_name_says_the_language() {
    let cases = [
        ("Film.en.srt", ".en.srt"),
        ("Film.pt-BR.forced.srt", ".pt-BR.forced.srt"),
        ("en.srt", ".en.srt"),
        ("English.srt", ".English.srt"),
        ("2_English.srt", ".English.srt"),
        ("eng.sdh.srt", ".eng.sdh.srt"),
        ("hi.srt", ".hi.srt"),
        ("en.hi.srt", ".en.hi.srt"),
        ("English (SDH).srt", ".English (SDH).srt"),
        ("zh-Hans.ass", ".zh-Hans.ass"),
        ("Old.Release-GROUP.2019.es-419.srt", ".es-419.srt"),
        ("Old.Release-fr.srt", ".fr.srt"),
        ("Pirates.fre.idx", ".fre.idx"),
        ("Portuguese (BR).srt", ".Portuguese (BR).srt"),
        ("Spanish (Latin America) [SDH].srt", ".Spanish (Latin America) [SDH].srt"),
        ("Latin American.spa.srt", ".spa.srt"),
        ("5_Chinese (Traditional).srt", ".Chinese (Traditional).srt"),
        ("Norwegian Bokmål.srt", ".Norwegian Bokmål.srt"),
        ("English (US).srt", ".English (US).srt"),
        ("Film_en_US.srt", ".en_US.srt"),
        ("2_eng,English [SDH].srt", ".English [SDH].srt"),
        ("SDH.eng.HI.srt", ".eng.HI.srt"),
        ("English-SDH.srt", ".English-SDH.srt"),
        ("English 2.srt", ".English 2.srt"),
        ("eng1.srt", ".eng1.srt"),
        ("pt_BR.srt", ".pt_BR.srt"),
        ("pob.srt", ".pob.srt"),
        ("Español.srt", ".Español.srt"),
        ("日本語.srt", ".日本語.srt"),
        ("Русский.srt", ".Русский.srt"),
    ];
    for (name, end) in cases {
        for folder in ["Subs", "Subtitles"] {
            let path = format!("{folder}/{name}");
            assert_eq!(found(&[&path]), [format!("{path} -> {end}")]);
        }
    }
    for name in [
        "Film.srt",
        "Old.Release-XY.srt",
        "Part (US).2.srt",
        "Film.idx",
        "subtitle.srt",
        "2.srt",
        "forced.srt",
        "English.txt",
        "Ünglisch.srt",
        "é.srt",
        "ens.srt",
    ] {
        assert_eq!(found(&[&format!("Subs/{name}")]), [""; 0], "{name}");
    }
    // whose they are is not known
    assert_eq!(found(&["Other.mkv", "Subs/en.srt", "Subs/Film.de.srt"]), ["Subs/Film.de.srt -> .de.srt"]);
    assert_eq!(found(&["Film-trailer.mkv", "Film.sample.mkv", "Subs/en.srt"]), ["Subs/en.srt -> .en.srt"]);
}

/// VobSub's two files are one subtitle.
#[test]
fn the_files_of_a_pair_stay_together() {
    assert_eq!(
        found(&["Subs/2_English.sub", "Subs/3_English.idx", "Subs/3_English.sub", "Subs/4_English.srt"]),
        [
            "Subs/2_English.sub -> .English.sub",
            "Subs/3_English.idx -> .3_English.idx",
            "Subs/3_English.sub -> .3_English.sub",
            "Subs/4_English.srt -> .English.srt",
        ]
    );
    assert_eq!(
        found(&["Subs/2_English.idx", "Subs/3_English.idx", "Subs/3_English.sub"]),
        [
            "Subs/2_English.idx -> .English.idx",
            "Subs/3_English.idx -> .3_English.idx",
            "Subs/3_English.sub -> .3_English.sub",
        ]
    );
}

#[test]
fn two_subtitles_never_want_one_name() {
    let names = [
        "Film.en.srt",
        "Film.EN.srt",
        "Subs/en.srt",
        "Subs/2_English.srt",
        "Subs/3_English.srt",
        "Subtitles/English.srt",
    ];
    assert_eq!(
        found(&names),
        ["Film.en.srt -> .en.srt", "Subs/2_English.srt -> .English.srt", "Subs/3_English.srt -> .3_English.srt"]
    );
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let word = proptest::sample::select(vec![
        "Film",
        "Film 2",
        ".",
        "en",
        "forced",
        ".en",
        ".srt",
        ".mkv",
        ".Extended",
        "é",
        " ",
        ".nfo",
        "-trailer",
    ]);
    prop::collection::vec(prop::collection::vec(word, 1..6).prop_map(|words| words.concat()), 0..12)
}

proptest! {
    /// A player shows a subtitle with a video where the base name of the video is followed by the end or a dot in the name of the
    /// subtitle: with the film where it lay beside it, and with the link alone where its link is.
    #[test]
    fn a_player_finds_each_link_with_the_film_s_link_alone(names in names(), film in "(Film|Film 2|é)(\\.Extended)?\\.mkv", link in "[a-z. é-]{1,20}\\.mkv") {
        let plays_with = |video: &str, subtitle: &str| {
            let base = &video[..video.rfind('.').unwrap()];
            subtitle.starts_with(base) && subtitle[base.len()..].starts_with('.')
        };
        let videos = || names.iter().filter(|name| name.ends_with(".mkv") && name.len() > 4 && **name != film);
        let folders = [("Subs".to_string(), names.clone())];
        let found = subtitles(&film, &names, &folders);
        let mut links = HashSet::new();
        for Subtitle { path, end } in &found {
            let made = base(&link).to_string() + end;
            prop_assert!(plays_with(&link, &made) && is_subtitle(&made) && !made.contains('/'), "{made}");
            prop_assert!(links.insert(made.clone()), "{made} twice");
            prop_assert_eq!(&path[path.rfind('.').unwrap()..], &made[made.rfind('.').unwrap()..]);
            if let Some(own) = (!path.contains('/')).then_some(path) {
                prop_assert!(plays_with(&film, own), "{own}");
                let longer = videos().any(|other| other.len() > film.len() && plays_with(other, own));
                prop_assert!(!longer, "{own} is another film's");
            }
        }
        // and none is left out that a player would show with this film alone
        for name in names.iter().filter(|name| is_subtitle(name) && plays_with(&film, name)) {
            let another = videos().any(|other| other.len() > film.len() && plays_with(other, name));
            let linked = found.iter().any(|subtitle| format!("{}{}", base(&film), subtitle.end).eq_ignore_ascii_case(name));
            prop_assert!(another || linked, "{name} is left out");
        }
    }
}
