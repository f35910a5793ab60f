//! Films that were shown as several specials: one link can stand for all of them, and the first is the one to mention.

use std::{collections::HashMap, ops::RangeInclusive};

use super::title::Title;
use crate::model::Special;

/// What a film is compared with: a special, or several that follow each other and are numbered as parts of one thing.
#[derive(Debug, Clone)]
pub struct Whole<'a> {
    pub first: &'a Special,
    /// How many specials after it belong to it.
    pub further: i32,
    /// Minutes; `None` if that of one of them is unknown.
    pub runtime: Option<i32>,
    /// Without the part's number, if there are several.
    pub title: Title,
    pub part: Numbered,
}

/// Whether a special is numbered as a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    No,
    /// By its title, but no others are.
    Alone,
    OfSeveral,
}

/// Each special, and each row of specials that may be one film.
pub fn wholes(specials: &[Special]) -> Vec<Whole<'_>> {
    let titles: HashMap<i32, (&Special, Title)> =
        specials.iter().map(|special| (special.number, (special, Title::new(&special.title)))).collect();
    let mut wholes = Vec::new();
    for special in specials {
        let title = Title::new(&special.title);
        let Some((stem, number)) = title.part() else {
            wholes.push(Whole { first: special, further: 0, runtime: special.runtime, title, part: Numbered::No });
            continue;
        };
        let first = special.number - number + 1;
        let is_part = |part: &i32| {
            let (special, title) = titles.get(&(first + part - 1))?;
            (title.part()? == (stem.clone(), *part)).then_some(*special)
        };
        let all: Vec<&Special> = (1..).map_while(|part| is_part(&part)).collect();
        let part = if all.len() > 1 && number <= all.len() as i32 { Numbered::OfSeveral } else { Numbered::Alone };
        wholes.push(Whole { first: special, further: 0, runtime: special.runtime, title, part });
        if part == Numbered::OfSeveral && number == 1 {
            let runtime = all.iter().map(|part| part.runtime).sum();
            wholes.push(Whole {
                first: special,
                further: all.len() as i32 - 1,
                runtime,
                title: stem,
                part: Numbered::No,
            });
        }
    }
    wholes
}

impl Whole<'_> {
    pub fn numbers(&self) -> RangeInclusive<i32> {
        self.first.number..=self.first.number + self.further
    }

    pub fn overlaps(&self, other: &Whole) -> bool {
        self.numbers().any(|number| other.numbers().contains(&number))
    }
}
