//! A show's specials, to pick one from.

use super::typed::{DOT, Typed, same};
use crate::model::{Field, Season, Special};

pub struct Choice {
    /// A number, or a range of them.
    pub value: String,
    pub title: String,
    /// Its date, its length, whether it has a file.
    pub facts: Vec<String>,
    /// Why the film looks like it, if it is the one that it looks like most.
    pub best: Option<String>,
    pub marked: bool,
}

/// The specials of which one can be marked, and what was typed besides, which is none of them. Before anything is typed, the one is
/// marked that the film looks like.
pub fn choices(season: &Season, typed: &Typed) -> (Vec<Choice>, String) {
    let typed = typed.get(Field::Episode);
    let first = typed.split(DOT).next().unwrap_or_default();
    let best = season.best.as_ref().and_then(|best| Some((best.rule().numbers()?, best)));
    let mut choices: Vec<Choice> = season.specials.iter().map(choice).collect();
    if let Some((numbers, best)) = best {
        // several that are one film
        if !choices.iter().any(|choice| choice.value == numbers) {
            let title = best.episode_title.clone();
            choices.insert(0, Choice { value: numbers.clone(), title, facts: Vec::new(), best: None, marked: false });
        }
        for choice in choices.iter_mut().filter(|choice| choice.value == numbers) {
            choice.best = Some(best.evidence.join("; "));
        }
    }
    let is_meant = |choice: &&mut Choice| match typed {
        "" => choice.best.is_some(),
        _ => choice.value == first || same(&choice.title, typed),
    };
    let meant = choices.iter_mut().find(is_meant).map(|choice| choice.marked = true);
    let left = if meant.is_some() { String::new() } else { typed.into() };
    (choices, left)
}

fn choice(special: &Special) -> Choice {
    let Special { number, title, aired, runtime, has_file, .. } = special;
    let facts = [
        aired.map(|date| date.to_string()),
        runtime.map(|minutes| format!("{minutes} minutes")),
        has_file.then(|| "has a file".into()),
    ];
    let facts = facts.into_iter().flatten().collect();
    Choice { value: number.to_string(), title: title.clone(), facts, best: None, marked: false }
}
