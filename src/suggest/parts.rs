//! Films that were shown as several specials: one link can stand for all of them, and the first is the one to mention.

use std::{collections::HashMap, ops::RangeInclusive};

use super::title::{Rest, Title};
use crate::model::Special;

/// What a film is compared with: a special, or several that follow each other and are numbered as parts of one thing.
#[derive(Debug)]
pub struct Whole<'a> {
    pub first: &'a Special,
    /// How many specials after it belong to it.
    pub further: i32,
    /// Minutes; `None` if that of one of them is unknown.
    pub runtime: Option<i32>,
    /// Without the part's number, if there are several.
    pub title: Title,
    /// What is left of the title without the show's names.
    pub rests: Vec<Rest>,
    /// It is numbered as a part of something.
    pub is_part: bool,
}

/// Each special of a show with these names, and each row of specials that may be one film.
pub fn wholes<'a>(specials: &'a [Special], names: &[Title]) -> Vec<Whole<'a>> {
    let numbered: HashMap<i32, (&Special, (Title, i32))> = specials
        .iter()
        .filter_map(|special| Some((special.number, (special, Title::new(&special.title).part()?))))
        .collect();
    let whole = |parts: &[&'a Special], title: Title, is_part| Whole {
        first: parts[0],
        further: parts.len() as i32 - 1,
        runtime: parts.iter().map(|part| part.runtime).sum(),
        rests: title.rests(names),
        title,
        is_part,
    };
    let mut wholes = Vec::new();
    for special in specials {
        let title = Title::new(&special.title);
        let part = title.part();
        wholes.push(whole(&[special], title, part.is_some()));
        if let Some((stem, 1)) = part {
            let next = |(at, number): (i32, i32)| {
                let (special, (title, part)) = numbered.get(&at)?;
                (*title == stem && *part == number).then_some(*special)
            };
            let parts: Vec<&Special> = (special.number..).zip(1..).map_while(next).collect();
            if parts.len() > 1 {
                wholes.push(whole(&parts, stem, false));
            }
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
