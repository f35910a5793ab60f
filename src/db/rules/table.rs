//! What is in the table of rules, and how a rule must be stored to get along with it.

use std::collections::{HashMap, HashSet};

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
}

impl Stored {
    pub fn wish(&self) -> Option<&NewRule> {
        self.rule.as_ref().ok().map(|rule| &rule.wish)
    }
}

impl Table {
    pub fn new(rows: impl IntoIterator<Item = Stored>) -> Table {
        let mut table = Table::default();
        for row in rows {
            table.titles.insert((row.title.clone(), row.show.clone()), row.id);
            table.rows.insert(row.id, row);
        }
        table
    }

    pub fn row(&self, id: i32) -> Result<&Stored> {
        self.rows.get(&id.into()).ok_or(Error::NoRule(id))
    }

    /// The row that is no rule and has this film and show.
    pub fn invalid(&self, wish: &NewRule) -> Option<i64> {
        let id = self.titles.get(&(wish.movie_title.clone(), wish.show_name.clone()))?;
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
            self.titles.remove(&(was.title, was.show));
        }
        self.titles.insert((title.clone(), wish.show_name.clone()), id);
        let rule = i32::try_from(id).map(|id| Rule { id, wish: wish.clone() });
        let rule = rule.map_err(|_| InvalidRule { id, reason: too_high(id) });
        self.rows.insert(id, Stored { id, title, show: wish.show_name.clone(), rule });
    }

    /// An error if a rule that is there, other than the one that is edited, makes this film the same special of this show.
    pub fn check_room(&self, id: Option<i64>, wish: &NewRule) -> Result<()> {
        let in_the_way = |row: &&Stored| {
            Some(row.id) != id
                && match row.wish() {
                    Some(other) => other.is_for_the_same(wish),
                    None => (&row.title, &row.show) == (&wish.movie_title, &wish.show_name),
                }
        };
        self.rows.values().find(in_the_way).map_or(Ok(()), |_| Err(duplicate(wish)))
    }

    /// The same of all these rules, with each other and with the rest.
    pub fn check_room_of(&self, touched: &HashSet<i64>) -> Result<()> {
        let mut films: HashMap<(&str, &str), Vec<(i64, &NewRule)>> = HashMap::new();
        for row in self.rows.values() {
            if let Some(wish) = row.wish() {
                films.entry((&wish.movie_title, &wish.show_name)).or_default().push((row.id, wish));
            }
        }
        for rules in films.values() {
            for (place, (id, wish)) in rules.iter().enumerate() {
                let same = |(other, there): &&(i64, &NewRule)| {
                    (touched.contains(id) || touched.contains(other)) && wish.is_for_the_same(there)
                };
                if rules[..place].iter().any(|other| same(&other)) {
                    return Err(duplicate(wish));
                }
            }
        }
        Ok(())
    }
}

pub fn too_high(id: i64) -> String {
    format!("id is {id}: it must be at most {}", i32::MAX)
}

pub fn duplicate(wish: &NewRule) -> Error {
    Error::Duplicate { movie_title: wish.movie_title.clone(), show_name: wish.show_name.clone() }
}
