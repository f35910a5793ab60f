//! Titles as words, and how alike they are: the same film has another name in every database and country.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A title's words, small and without accents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    /// It begins the title, or what stands behind a colon, a dash or a bracket.
    begins: bool,
}

/// What is left of a title without the show's name and without words that every film has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rest {
    words: Vec<String>,
    /// The 3 of "Movie 3".
    movie: Option<String>,
    /// Words by which it is about something else than it names, such as "making".
    about: Vec<String>,
}

/// How alike two titles are.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Likeness {
    /// 0 to 1.
    pub degree: f64,
    /// Nothing is left of either but the show's name.
    pub bare: bool,
}

const ARTICLES: [&str; 3] = ["the", "a", "an"];
const FILM_WORDS: &str = " movie movies film gekijouban gekijoban eiga theatrical special episode feature ";
const ABOUT: &str = " making behind recap trailer interview interviews commentary preview deleted featurette bloopers gag outtakes \
    documentary digest teaser promo sneak summary premiere stage retrospective confidential prologue prelude lookback pv ";

fn is_listed(word: &str, words: &str) -> bool {
    words.contains(&format!(" {word} "))
}

impl Title {
    pub fn new(text: &str) -> Title {
        let mut words: Vec<Word> = Vec::new();
        let (mut word, mut begins) = (String::new(), true);
        let mut last = ' ';
        for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).chain([' ']) {
            match c {
                c if c.is_alphanumeric() => word.push(c),
                '\'' | '’' | '`' | '´' => {}
                c => {
                    if !word.is_empty() {
                        let article = ARTICLES.contains(&word.as_str());
                        words.push(Word { text: plain_number(std::mem::take(&mut word)), begins });
                        begins &= article;
                    }
                    if c == '&' {
                        words.push(Word { text: "and".into(), begins: false });
                    }
                    // a hyphen within a word parts no title
                    begins |= matches!(c, ':' | '(' | '[' | '/' | '~' | '–' | '—') || (c == '-' && last == ' ');
                }
            }
            last = c;
        }
        Title { words }
    }

    /// The whole title, and what stands behind each colon, dash or bracket of it.
    pub fn tails(&self) -> Vec<String> {
        let starts = self.words.iter().enumerate().filter(|(at, word)| *at == 0 || word.begins);
        starts.map(|(at, _)| joined(&self.words[at..])).collect()
    }

    /// The whole title, if it says so much that no other film or special is called so by chance.
    pub fn telling(&self) -> Option<String> {
        let letters: usize = self.words.iter().map(|word| word.text.chars().count()).sum();
        (self.words.len() >= 2 && letters >= 10).then(|| joined(&self.words))
    }

    /// The name of a show: without the year at its end and the article at its beginning. `None` for one that says nothing.
    pub fn of_show(text: &str) -> Option<Title> {
        let text = text.trim_end();
        let without_year = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
        let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let text = without_year.filter(|(_, year)| is_year(year)).map_or(text, |(name, _)| name);
        let mut words = Title::new(text).words;
        if words.len() > 1 && ARTICLES.contains(&words[0].text.as_str()) {
            words.remove(0);
        }
        (words.iter().map(|word| word.text.chars().count()).sum::<usize>() > 1).then_some(Title { words })
    }

    /// `Bender's Big Score (2)`, `Bender's Big Score: Part Two` and `Bender's Big Score 2` are number 2 of `Bender's Big Score`.
    pub fn part(&self) -> Option<(Title, i32)> {
        let (last, stem) = self.words.split_last()?;
        let number = last.text.parse().ok().filter(|number| (1..=20).contains(number))?;
        let stem = match stem.split_last() {
            Some((Word { text, .. }, stem)) if text == "part" => stem,
            _ => stem,
        };
        (!stem.is_empty()).then(|| (Title { words: stem.to_vec() }, number))
    }

    /// The words, to look them up.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// Where `name` stands in this title. One of a single word must begin a part of the title, or stand before "movie" or the like:
    /// many a title has "lost" or "you" in it.
    pub fn find(&self, name: &Title) -> Option<usize> {
        (0..self.words.len()).find(|at| self.has_at(*at, name))
    }

    pub fn has_at(&self, at: usize, name: &Title) -> bool {
        let end = at + name.words.len();
        let here =
            self.words.get(at..end).is_some_and(|here| here.iter().zip(&name.words).all(|(a, b)| a.text == b.text));
        let next = self.words.get(end).map_or("", |word| &word.text);
        here && (name.words.len() > 1 || self.words[at].begins || is_listed(next, FILM_WORDS))
    }

    /// What is left without `name`; all of it if that is not in it.
    pub fn without(&self, name: &Title) -> Rest {
        let cut = self.find(name).map_or(0..0, |at| at..at + name.words.len());
        let mut rest = Rest::default();
        let left = self.words.iter().enumerate().filter(|(at, _)| !cut.contains(at));
        let mut after_film = false;
        for (_, Word { text, .. }) in left {
            if is_listed(text, ABOUT) {
                rest.about.push(text.clone());
            } else if after_film && is_number(text) {
                rest.movie = Some(text.trim_start_matches('0').into());
            } else if !ARTICLES.contains(&text.as_str()) && !is_listed(text, FILM_WORDS) {
                rest.words.push(text.clone());
            }
            after_film = is_listed(text, FILM_WORDS);
        }
        rest
    }
}

impl Rest {
    /// Shared letters of all letters, word by word; half of it if the numbers differ.
    pub fn likeness(&self, other: &Rest) -> Likeness {
        const SPELLING: f64 = 0.8;
        if self.about != other.about {
            return Likeness { degree: 0.0, bare: false };
        }
        if self.words.is_empty() && other.words.is_empty() {
            let degree = match (&self.movie, &other.movie) {
                (Some(one), Some(two)) => return Likeness { degree: f64::from(one == two), bare: false },
                (None, None) => 0.85,
                _ => 0.6,
            };
            return Likeness { degree, bare: true };
        }
        let mut unmatched: Vec<&String> = other.words.iter().collect();
        let mut shared = 0.0;
        for word in &self.words {
            let alike = |(at, other): (usize, &&String)| (at, alikeness(word, other));
            let best = unmatched.iter().enumerate().map(alike).max_by(|(_, a), (_, b)| a.total_cmp(b));
            if let Some((at, alike)) = best.filter(|(_, alike)| *alike >= SPELLING) {
                shared += alike * (weight(word) + weight(unmatched.swap_remove(at)));
            }
        }
        let all: f64 = self.words.iter().chain(&other.words).map(|word| weight(word)).sum();
        let differ =
            numbers(self).ne(numbers(other)) && numbers(self).next().is_some() && numbers(other).next().is_some();
        let other_movie = matches!((&self.movie, &other.movie), (Some(one), Some(two)) if one != two);
        let degree = shared / all * if differ || other_movie { 0.5 } else { 1.0 };
        Likeness { degree, bare: false }
    }
}

fn numbers(rest: &Rest) -> impl Iterator<Item = &String> {
    rest.words.iter().filter(|word| is_number(word))
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn weight(word: &str) -> f64 {
    word.chars().count() as f64
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// 1 for the same word; less for another spelling of it. Short words and numbers have no other spelling.
fn alikeness(one: &str, other: &str) -> f64 {
    if one == other {
        1.0
    } else if one.len() < 5 || other.len() < 5 || one.bytes().any(|byte| byte.is_ascii_digit()) {
        0.0
    } else {
        strsim::normalized_levenshtein(one, other)
    }
}

/// Numbers are written in many ways.
fn plain_number(word: String) -> String {
    let number = match word.as_str() {
        "i" | "one" | "first" => "1",
        "ii" | "two" | "second" => "2",
        "iii" | "three" | "third" => "3",
        "iv" | "four" | "fourth" => "4",
        _ => return word,
    };
    number.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(show: &str, one: &str, other: &str) -> Likeness {
        let name = Title::of_show(show).unwrap();
        Title::new(one).without(&name).likeness(&Title::new(other).without(&name))
    }

    #[test]
    fn titles_are_alike_in_what_is_not_the_shows_name() {
        for (show, one, other) in [
            ("Naruto", "Naruto the Movie: Ninja Clash", "Ninja Clash"),
            ("The Simpsons", "The Simpsons Movie 2: Homer", "Movie 2 - Homer"),
            ("Pokémon", "Pokemon: Mewtwo Strikes Back", "Pokémon – Mewtwo strikes back!"),
            ("Show (2005)", "Show: Part II", "Part Two"),
            ("Monk", "Mr. Monk's Last Case: A Monk Movie", "Mr. Monk’s Last Case"),
            ("X", "Bender's Game & More", "Benders Game and More"),
        ] {
            let Some(name) = Title::of_show(show) else {
                assert_eq!(show, "X", "one letter says nothing");
                continue;
            };
            assert!(Title::new(one).find(&name).is_some(), "{one}");
            assert_eq!(likeness(show, one, other), Likeness { degree: 1.0, bare: false }, "{one} | {other}");
        }
    }

    #[test]
    fn other_numbers_and_other_matters_are_not_alike() {
        for (one, other, most) in [
            ("Show: Part 1", "Show: Part 2", 0.5),
            ("Show Movie 3", "Show Movie 4", 0.0),
            ("Show Movie 3: Night", "Show Movie 4: Night", 0.5),
            ("Show: Night", "The Making of Show: Night", 0.0),
            ("Show: Night", "Show: Day", 0.0),
            ("Show", "Show: Night", 0.0),
        ] {
            assert!(likeness("Show", one, other).degree <= most, "{one} | {other}");
        }
        assert!(likeness("Show", "Show: The Movie", "Show").bare);
    }

    #[test]
    fn a_name_of_one_word_stands_for_the_show_only_where_it_leads() {
        let name = Title::of_show("Lost").unwrap();
        for (title, found) in
            [("Lost: The End", true), ("The Lost", true), ("Night - A Lost Movie", true), ("We Are Lost Here", false)]
        {
            assert_eq!(Title::new(title).find(&name).is_some(), found, "{title}");
        }
    }
}
