//! How often a likely suggestion is right, and how many films are found.

use std::collections::HashSet;

use plex_linker::{
    model::{Date, Film, Rule, Series, Special, Suggestion},
    suggest::Shows,
};

/// Shows, their specials and films, as `films_and_specials.txt` tells them.
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
        Shows::new(&self.series).suggest(&self.films, &self.specials, rules, &Default::default())
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
    assert!(*precision >= 0.95 && *recall >= 0.8, "precision {precision}, recall {recall}\n{rest}");
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
