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
    text: String,
    /// Words by which it is about something else than it names, such as "making".
    about: Vec<String>,
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
    fn find(&self, name: &Title) -> Option<usize> {
        (0..self.words.len()).find(|at| self.has_at(*at, name))
    }

    pub fn has_at(&self, at: usize, name: &Title) -> bool {
        let end = at + name.words.len();
        let here =
            self.words.get(at..end).is_some_and(|here| here.iter().zip(&name.words).all(|(a, b)| a.text == b.text));
        let next = self.words.get(end).map_or("", |word| &word.text);
        here && (name.words.len() > 1 || self.words[at].begins || is_listed(next, FILM_WORDS))
    }

    /// What is left without each of these names that is in it; all of it if none is.
    pub fn rests(&self, names: &[Title]) -> Vec<Rest> {
        let rests: Vec<Rest> =
            names.iter().filter(|name| self.find(name).is_some()).map(|name| self.without(name)).collect();
        if rests.is_empty() { vec![self.without(&Title::default())] } else { rests }
    }

    /// What is left without `name`; all of it if that is not in it.
    fn without(&self, name: &Title) -> Rest {
        let cut = self.find(name).map_or(0..0, |at| at..at + name.words.len());
        let left =
            self.words.iter().enumerate().filter(|(at, _)| !cut.contains(at)).map(|(_, word)| word.text.as_str());
        let (about, left): (Vec<&str>, Vec<&str>) = left.partition(|word| is_listed(word, ABOUT));
        let says_something = |word: &&str| !ARTICLES.contains(word) && !is_listed(word, FILM_WORDS);
        Rest {
            text: left.into_iter().filter(says_something).collect::<Vec<_>>().join(" "),
            about: about.into_iter().map(String::from).collect(),
        }
    }
}

impl Rest {
    /// Nothing is left but the show's name.
    pub fn is_bare(&self) -> bool {
        self.text.is_empty() && self.about.is_empty()
    }

    /// How alike two are, 0 to 1: half of it if they have other numbers.
    pub fn likeness(&self, other: &Rest) -> f64 {
        let numbers = |rest: &Rest| -> Vec<String> {
            rest.text.split(' ').filter(|word| is_number(word)).map(String::from).collect()
        };
        match (numbers(self), numbers(other)) {
            _ if self.about != other.about => 0.0,
            _ if self.text.is_empty() && other.text.is_empty() => 0.85,
            (one, two) if one != two && !one.is_empty() && !two.is_empty() => {
                0.5 * strsim::sorensen_dice(&self.text, &other.text)
            }
            _ => strsim::sorensen_dice(&self.text, &other.text),
        }
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
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

    /// Of what is left of two titles.
    fn likeness(show: &str, one: &str, other: &str) -> f64 {
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
            assert_eq!(likeness(show, one, other), 1.0, "{one} | {other}");
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
            assert!(likeness("Show", one, other) <= most, "{one} | {other}");
        }
        let name = Title::of_show("Show").unwrap();
        assert!(Title::new("Show: The Movie").without(&name).is_bare());
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
