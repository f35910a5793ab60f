//! What is in the table of rules, and how a rule must be stored to get along with it.

use std::collections::HashMap;

use crate::{
    error::{Error, Result},
    model::{InvalidRule, NewRule, Rule},
};

/// A row as it stands in the table. The title there may be another than the rule's: the old table has room for one rule per film and show.
pub struct Stored {
    pub id: i64,
    pub title: String,
    pub show: String,
    pub rule: std::result::Result<Rule, InvalidRule>,
}

/// What is in the table: how a rule must be stored follows from it.
#[derive(Default)]
pub struct Table {
    pub rows: HashMap<i64, Stored>,
    /// Title and show as stored, with the number of their row.
    titles: HashMap<(String, String), i64>,
    /// The same of the rules, as their users gave them.
    films: HashMap<(String, String), Vec<i64>>,
}

impl Stored {
    pub fn wish(&self) -> Option<&NewRule> {
        self.rule.as_ref().ok().map(|rule| &rule.wish)
    }
}

impl Table {
    pub fn new(rows: impl IntoIterator<Item = Stored>) -> Table {
        let mut table = Table::default();
        rows.into_iter().for_each(|row| table.add(row));
        table
    }

    fn add(&mut self, row: Stored) {
        if let Some(wish) = row.wish() {
            self.films.entry(film_and_show(wish)).or_default().push(row.id);
        }
        self.titles.insert((row.title.clone(), row.show.clone()), row.id);
        self.rows.insert(row.id, row);
    }

    pub fn row(&self, id: i32) -> Result<&Stored> {
        self.rows.get(&id.into()).ok_or(Error::NoRule(id))
    }

    /// The row that is no rule and has this film and show.
    pub fn invalid(&self, wish: &NewRule) -> Option<i64> {
        let id = self.titles.get(&film_and_show(wish))?;
        self.rows.get(id).filter(|row| row.rule.is_err()).map(|row| row.id)
    }

    /// What the table is to have for the film's title, so that no other row has it for this show: the title itself, or with the special.
    pub fn title(&self, id: Option<i64>, wish: &NewRule) -> String {
        let tagged = |number: usize| match number {
            0 => wish.movie_title.clone(),
            1 => format!("{} [{}]", wish.movie_title, wish.special()),
            more => format!("{} [{}] ({more})", wish.movie_title, wish.special()),
        };
        let free = |title: &String| {
            let there = self.titles.get(&(title.clone(), wish.show_name.clone()));
            there.is_none_or(|there| Some(*there) == id)
        };
        // there are fewer rows than titles
        (0..).map(tagged).find(free).unwrap_or_default()
    }

    pub fn put(&mut self, id: i64, wish: &NewRule, title: String) {
        if let Some(was) = self.rows.remove(&id) {
            if let Some(rules) = was.wish().and_then(|wish| self.films.get_mut(&film_and_show(wish))) {
                rules.retain(|rule| *rule != id);
            }
            self.titles.remove(&(was.title, was.show));
        }
        let rule = i32::try_from(id).map(|id| Rule { id, wish: wish.clone() });
        let rule = rule.map_err(|_| InvalidRule { id, reason: too_high(id) });
        self.add(Stored { id, title, show: wish.show_name.clone(), rule });
    }

    /// An error if this rule could not be added, or put into the place of the one with the number `id`.
    pub fn check_room(&self, id: Option<i64>, wish: &NewRule) -> Result<()> {
        let taken = self.invalid(wish).is_some_and(|other| Some(other) != id);
        if taken { Err(duplicate(wish)) } else { self.check_rules(id, wish) }
    }

    /// An error if another rule makes this film the same special of this show.
    pub fn check_rules(&self, id: Option<i64>, wish: &NewRule) -> Result<()> {
        let mut others = self.films.get(&film_and_show(wish)).into_iter().flatten().filter(|other| Some(**other) != id);
        let is_same =
            |other| self.rows.get(other).and_then(Stored::wish).is_some_and(|other| other.is_for_the_same(wish));
        if others.any(is_same) { Err(duplicate(wish)) } else { Ok(()) }
    }
}

fn film_and_show(wish: &NewRule) -> (String, String) {
    (wish.movie_title.clone(), wish.show_name.clone())
}

pub fn too_high(id: i64) -> String {
    format!("id is {id}: it must be at most {}", i32::MAX)
}

pub fn duplicate(wish: &NewRule) -> Error {
    Error::Duplicate { movie_title: wish.movie_title.clone(), show_name: wish.show_name.clone() }
}
