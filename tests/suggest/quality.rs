//! How often a likely suggestion is right, and how many films are found.

use std::collections::HashSet;

use plex_linker::{
    model::{Date, Film, Rule, Series, Special, Suggestion, time},
    suggest::NamedShows,
};

/// NamedShows, their specials and films, as `films_and_specials.txt` tells them.
#[derive(Default)]
struct Library {
    series: Vec<Series>,
    /// Of each show.
    specials: Vec<Vec<Special>>,
    films: Vec<Film>,
    /// For each film that is a special: the show's place and the special's number.
    truth: Vec<Option<(usize, i32)>>,
}

impl Library {
    fn read() -> Library {
        let mut library = Library::default();
        for line in include_str!("../fixtures/films_and_specials.txt").lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or_default();
            let fields: Vec<&str> = rest.split(" | ").map(|field| field.trim().trim_matches('|').trim()).collect();
            match kind {
                "show" => library.add_show(&fields),
                "S" => library.specials.last_mut().unwrap().push(special(&fields)),
                "F" => library.add_film(line),
                _ => assert!(line.is_empty() || line.starts_with('#'), "{line}"),
            }
        }
        library
    }

    fn add_show(&mut self, fields: &[&str]) {
        let number = self.series.len() as i32 + 1;
        self.series.push(Series {
            slug: None,
            year: None,
            sonarr: 0,
            id: number,
            tvdb_id: 70_000 + number,
            title: fields[0].into(),
            alternate_titles: list(fields.get(1).copied().unwrap_or_default()),
            path: "/tv/Show".into(),
            anime: false,
            season_folder: true,
            runtime: None,
        });
        self.specials.push(Vec::new());
    }

    fn add_film(&mut self, line: &str) {
        let fields: Vec<&str> = line[2..].split('|').map(str::trim).collect();
        let [title, others, cinemas, released, year, runtime, collection, truth] = fields[..] else {
            panic!("{line}");
        };
        self.films.push(Film {
            tmdb_id: self.films.len() as i32 + 1,
            title: title.into(),
            other_titles: list(others),
            collection: Some(collection.to_string()).filter(|text| !text.is_empty()),
            runtime: runtime.parse().ok(),
            year: year.parse().ok(),
            in_cinemas: Date::parse(cinemas),
            released: Date::parse(released).into_iter().collect(),
        });
        let show = self.series.len() - 1;
        self.truth.push(truth.strip_prefix("= ").map(|number| (show, number.parse().unwrap())));
    }

    fn suggest(&self, rules: &[Rule]) -> Vec<Suggestion> {
        NamedShows::new(&self.series).suggest(&self.films, &self.specials, rules, &Default::default())
    }

    fn is_right(&self, suggestion: &Suggestion) -> bool {
        let truth = self.truth[suggestion.tmdb_id as usize - 1];
        truth == Some((suggestion.tvdb_id as usize - 70_001, suggestion.episode))
    }
}

fn special(fields: &[&str]) -> Special {
    Special {
        tvdb_id: None,
        number: fields[0].parse().unwrap(),
        title: fields[1].into(),
        aired: Date::parse(fields[2]),
        runtime: fields[3].parse().ok(),
        has_file: false,
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|title| !title.is_empty()).map(String::from).collect()
}

/// How good the suggestions are for a library.
struct Measure {
    pairs: usize,
    others: usize,
    likely: usize,
    precision: f64,
    recall: f64,
    /// With those that are not likely.
    recall_of_all: f64,
    /// What was not right and likely.
    rest: String,
}

impl Measure {
    fn of(library: &Library) -> Measure {
        let suggestions = library.suggest(&[]);
        let pairs = library.truth.iter().flatten().count();
        let likely = suggestions.iter().filter(|suggestion| suggestion.likely).count();
        let right = suggestions.iter().filter(|suggestion| library.is_right(suggestion));
        let likely_and_right = right.clone().filter(|suggestion| suggestion.likely).count() as f64;
        let found: HashSet<i32> = right.map(|suggestion| suggestion.tmdb_id).collect();
        let mut rest = String::new();
        for suggestion in &suggestions {
            match (library.is_right(suggestion), suggestion.likely) {
                (true, true) => {}
                (true, false) => rest += &format!("right, but not likely: {suggestion:?}\n"),
                (false, _) => rest += &format!("wrong: {suggestion:?}\n"),
            }
        }
        for (film, truth) in library.films.iter().zip(&library.truth) {
            if truth.is_some() && !found.contains(&film.tmdb_id) {
                rest += &format!("missed: {film:?}\n");
            }
        }
        Measure {
            pairs,
            others: library.films.len() + library.specials.iter().flatten().count() - 2 * pairs,
            likely,
            precision: likely_and_right / likely as f64,
            recall: likely_and_right / pairs as f64,
            recall_of_all: found.len() as f64 / pairs as f64,
            rest,
        }
    }
}

#[test]
fn likely_suggestions_are_right_and_most_films_are_found() {
    let measure = Measure::of(&Library::read());
    let Measure { pairs, others, likely, precision, recall, recall_of_all, rest } = &measure;
    println!(
        "{pairs} pairs among {others} other films and specials: {likely} likely, precision {precision:.3}, recall {recall:.3}; \
         with the possible ones recall {recall_of_all:.3}\n{rest}"
    );
    assert!(*pairs >= 40 && *others >= 60, "the table is too small");
    assert!(*precision >= 0.99 && *recall >= 0.9, "precision {precision}, recall {recall}\n{rest}");
    assert!(*recall_of_all >= 0.98, "recall of all {recall_of_all}\n{rest}");
}

/// What is likely must be right also where less is known; then fewer films are found.
#[test]
fn worse_data_makes_fewer_suggestions_likely_but_not_wrong_ones() {
    type Change = fn(&mut Library);
    let cases: [(&str, Change, f64); 6] = [
        ("no special has a length", |library| specials(library, |special| special.runtime = None), 0.8),
        (
            "every special has the length of the show",
            |library| specials(library, |special| special.runtime = Some(24)),
            0.6,
        ),
        ("no special has a date", |library| specials(library, |special| special.aired = None), 0.0),
        ("films have one title", |library| library.films.iter_mut().for_each(|film| film.other_titles.clear()), 0.8),
        (
            "films were never in cinemas",
            |library| library.films.iter_mut().for_each(|film| film.in_cinemas = None),
            0.8,
        ),
        (
            "films have a year and no dates",
            |library| {
                library.films.iter_mut().for_each(|film| {
                    film.in_cinemas = None;
                    film.released.clear();
                })
            },
            0.7,
        ),
    ];
    for (what, change, least) in cases {
        let mut library = Library::read();
        change(&mut library);
        let Measure { likely, precision, recall, recall_of_all, rest, .. } = Measure::of(&library);
        println!(
            "{what}: {likely} likely, precision {precision:.3}, recall {recall:.3}; with the possible ones {recall_of_all:.3}"
        );
        let wrong: String =
            rest.lines().filter(|line| line.starts_with("wrong") && line.contains("likely: true")).collect();
        assert!(likely == 0 || precision >= 0.95, "{what}: {wrong}");
        assert!(recall >= least, "{what}: recall {recall}\n{rest}");
    }
}

fn specials(library: &mut Library, change: impl Fn(&mut Special)) {
    library.specials.iter_mut().flatten().for_each(change);
}

/// What two sites that do not know each other have: lengths, dates and titles of the specials differ here and there.
#[test]
fn where_two_sites_differ_as_in_life_most_films_are_found_and_none_wrongly() {
    let mut measures = Vec::new();
    for seed in 1..=5 {
        let mut library = Library::read();
        noise(&mut library, seed);
        let measure = Measure::of(&library);
        let Measure { likely, precision, recall, recall_of_all, .. } = measure;
        println!(
            "noise {seed}: {likely} likely, precision {precision:.3}, recall {recall:.3}, of all {recall_of_all:.3}"
        );
        measures.push(measure);
    }
    for Measure { precision, recall, recall_of_all, rest, .. } in measures {
        let wrong: Vec<_> =
            rest.lines().filter(|line| line.starts_with("wrong") && line.contains("likely: true")).collect();
        assert!(wrong.is_empty() || precision >= 0.99, "precision {precision}: {wrong:?}");
        assert!(recall >= 0.65 && recall_of_all >= 0.87, "recall {recall}, of all {recall_of_all}\n{rest}");
    }
}

/// Of the specials 30 % have the usual length of their show, 15 % none, 15 % one that is up to a tenth off; 10 % have no date, 10 % one that
/// is up to 20 days off, 10 % one that is up to 300 days later (another country, or the disc). Of those that are films 15 % are called by
/// another of the film's titles, 10 % have a word less at the end of a long title, and 10 % a letter less in a long word.
fn noise(library: &mut Library, seed: u64) {
    let mut dice = Dice(seed);
    for (show, specials) in library.specials.iter_mut().enumerate() {
        let usual = specials.iter().filter_map(|special| special.runtime).min();
        library.series[show].runtime = usual;
        for special in specials {
            special.runtime = match dice.roll(100) {
                0..30 => usual,
                30..45 => None,
                45..60 => special.runtime.map(|minutes| minutes * (90 + dice.roll(21) as i32) / 100),
                _ => special.runtime,
            };
            let later = |days: i64| {
                let aired = special.aired?;
                Date::parse(&time((aired.number() + days) * 86_400))
            };
            special.aired = match dice.roll(100) {
                0..10 => None,
                10..20 => later(dice.roll(41) as i64 - 20),
                20..30 => later(dice.roll(281) as i64 + 20),
                _ => special.aired,
            };
            let truth = library.truth.iter().position(|truth| *truth == Some((show, special.number)));
            let Some(film) = truth.map(|at| &library.films[at]) else { continue };
            let mut words: Vec<String> = special.title.split(' ').map(String::from).collect();
            let long: Vec<usize> = (0..words.len())
                .filter(|at| words[*at].len() > 6 && words[*at].bytes().all(|letter| letter.is_ascii_alphabetic()))
                .collect();
            match dice.roll(100) {
                0..15 => {
                    let titles: Vec<_> =
                        [&film.title].into_iter().chain(&film.other_titles).filter(|title| title.is_ascii()).collect();
                    if !titles.is_empty() {
                        special.title = titles[dice.roll(titles.len())].clone();
                    }
                }
                15..25 if words.len() > 3 => special.title = words[..words.len() - 1].join(" "),
                25..35 if !long.is_empty() => {
                    let word = &mut words[long[dice.roll(long.len())]];
                    word.remove(1 + dice.roll(word.len() - 1));
                    special.title = words.join(" ");
                }
                _ => {}
            }
        }
    }
}

/// The same numbers for the same seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    }
}
