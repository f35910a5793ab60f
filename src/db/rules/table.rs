//! What is in the table of rules, and how a rule must be stored to get along with it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    iter,
};

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

/// All rows, by their numbers.
#[derive(Default)]
pub struct Table {
    pub rows: BTreeMap<i64, Stored>,
    /// By title and show: each row by its own title, and by its rule's.
    titles: HashMap<(String, String), HashSet<i64>>,
    /// The highest number that was given so far, where rules are changed.
    pub last: i64,
}

impl Stored {
    pub fn wish(&self) -> Option<&NewRule> {
        self.rule.as_ref().ok().map(|rule| &rule.wish)
    }

    /// Its own title and its rule's, with the show.
    fn titles(&self) -> impl Iterator<Item = (String, String)> {
        let own = self.wish().map(|wish| &wish.movie_title);
        iter::once(&self.title).chain(own).map(|title| (title.clone(), self.show.clone()))
    }
}

impl Table {
    pub fn new(rows: impl IntoIterator<Item = Stored>) -> Table {
        let mut table = Table::default();
        rows.into_iter().for_each(|row| table.put(row));
        table
    }

    /// In the place of the row with its number.
    pub fn put(&mut self, row: Stored) {
        for title in self.rows.get(&row.id).into_iter().flat_map(Stored::titles) {
            self.titles.entry(title).or_default().remove(&row.id);
        }
        for title in row.titles() {
            self.titles.entry(title).or_default().insert(row.id);
        }
        self.rows.insert(row.id, row);
    }

    pub fn row(&self, id: i32) -> Result<&Stored> {
        self.rows.get(&id.into()).ok_or(Error::NoRule(id))
    }

    /// The rule of a row, if it is one.
    pub fn wish(&self, id: i64) -> Option<&NewRule> {
        self.rows.get(&id).and_then(Stored::wish)
    }

    /// The rows for this film and show, by either title, but for the one with this number.
    fn others(&self, id: Option<i64>, title: &str, show: &str) -> impl Iterator<Item = &Stored> {
        let ids = self.titles.get(&(title.into(), show.into())).into_iter().flatten();
        ids.filter(move |other| Some(**other) != id).filter_map(|other| self.rows.get(other))
    }

    /// The row that is no rule and has this film and show.
    pub fn invalid(&self, wish: &NewRule) -> Option<i64> {
        self.others(None, &wish.movie_title, &wish.show_name).find(|row| row.rule.is_err()).map(|row| row.id)
    }

    /// What the table is to have for the film's title, so that no other row has it for this show: the title itself, or with the special.
    pub fn title(&self, id: Option<i64>, wish: &NewRule) -> String {
        let tagged = |number: usize| match number {
            0 => wish.movie_title.clone(),
            1 => format!("{} [{}]", wish.movie_title, wish.special()),
            more => format!("{} [{}] ({more})", wish.movie_title, wish.special()),
        };
        let is_free = |title: &String| self.others(id, title, &wish.show_name).all(|row| row.title != *title);
        // there are fewer rows than titles
        (0..).map(tagged).find(is_free).unwrap_or_default()
    }

    /// An error if this rule could not be added, or put into the place of the one with the number `id`.
    pub fn check_room(&self, id: Option<i64>, wish: &NewRule) -> Result<()> {
        let taken = self.invalid(wish).is_some_and(|other| Some(other) != id);
        if taken { Err(duplicate(wish)) } else { self.check_rules(id, wish) }
    }

    /// An error if another rule makes this film the same special of this show.
    pub fn check_rules(&self, id: Option<i64>, wish: &NewRule) -> Result<()> {
        let mut others = self.others(id, &wish.movie_title, &wish.show_name).filter_map(Stored::wish);
        if others.any(|other| other.is_for_the_same(wish)) { Err(duplicate(wish)) } else { Ok(()) }
    }
}

fn duplicate(wish: &NewRule) -> Error {
    Error::Duplicate { movie_title: wish.movie_title.clone(), show_name: wish.show_name.clone() }
}
