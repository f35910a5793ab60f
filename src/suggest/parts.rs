//! Films that were shown as several specials: one link can stand for all of them, and the first is the one to mention.

use super::{fit::SHORTEST_FILM, title::Title};
use crate::model::Special;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// The first of so many, which last so many minutes together.
    First {
        count: i32,
        minutes: i32,
    },
    Later,
}

/// What each of the specials is. Parts have the same title but for "(1)", "(2)" and so on, follow each other, and are too short for
/// films.
pub fn parts(specials: &[Special]) -> Vec<Part> {
    let find = |number: i32| specials.iter().find(|special| special.number == number);
    let is_part = |special: &Special, stem: &str, number: i32| {
        let short = special.runtime.is_some_and(|minutes| minutes < SHORTEST_FILM);
        short
            && split(&special.title)
                .is_some_and(|(other, part)| part == number && Title::new(other) == Title::new(stem))
    };
    let part = |special: &Special| {
        let Some((stem, number)) = split(&special.title) else { return Part::Whole };
        let first = special.number - number + 1;
        let group = (1..).map_while(|part| find(first + part - 1).filter(|special| is_part(special, stem, part)));
        let minutes: Vec<i32> = group.filter_map(|special| special.runtime).collect();
        match (minutes.len() as i32, number) {
            (count, 1) if count > 1 => Part::First { count, minutes: minutes.iter().sum() },
            (count, number) if number > 1 && number <= count => Part::Later,
            _ => Part::Whole,
        }
    };
    specials.iter().map(part).collect()
}

/// `Bender's Big Score (2)` is number 2 of `Bender's Big Score`.
fn split(title: &str) -> Option<(&str, i32)> {
    let (stem, number) = title.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let number = number.parse().ok().filter(|number| (1..=20).contains(number))?;
    Some((stem, number))
}

impl Part {
    /// How many specials after it belong to the same film.
    pub fn further(self) -> i32 {
        if let Part::First { count, .. } = self { count - 1 } else { 0 }
    }

    pub fn is_whole(self) -> bool {
        self == Part::Whole
    }

    /// The title of the whole.
    pub fn stem(self, title: &str) -> &str {
        if self.is_whole() { title } else { split(title).map_or(title, |(stem, _)| stem) }
    }

    /// The length of the whole, of which this lasts so long.
    pub fn runtime(self, own: Option<i32>) -> Option<i32> {
        if let Part::First { minutes, .. } = self { Some(minutes) } else { own }
    }

    pub fn evidence(self) -> Option<String> {
        let Part::First { count, .. } = self else { return None };
        Some(format!("the special and the {} after it are parts of one film", count - 1))
    }
}
