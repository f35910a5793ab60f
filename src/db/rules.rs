//! The rules, in the old program's `link_rules`; what it has no column for is in `pl_rules`, for as long as the row is as we left it.

mod table;

use std::collections::{HashMap, HashSet};

use super::{
    Db, Engine,
    row::{Class, Failure, Row},
};
use crate::{
    error::{Error, Mistake, Result},
    model::{Field, Given, InvalidRule, NewRule, Rule, Rules, matched, mistakes_in_list, sound},
};
use table::{Stored, Table, duplicate, too_high};

/// The columns of a rule, in the table's order.
fn columns() -> impl Iterator<Item = Field> {
    Field::all().filter(|field| *field != Field::LastEpisode)
}

impl Db {
    /// Every rule there is, and every row that is none.
    pub fn rules(&mut self) -> Result<Rules> {
        let mut found = Rules::default();
        for stored in self.table()?.rows.into_values() {
            match stored.rule {
                Ok(rule) => found.rules.push(rule),
                Err(invalid) => found.invalid.push(invalid),
            }
        }
        found.rules.sort_by_key(|rule| rule.id);
        found.invalid.sort_by_key(|invalid| invalid.id);
        Ok(found)
    }

    pub fn rule(&mut self, id: i32) -> Result<Rule> {
        let sql = format!("{} WHERE r.id = $1", self.select());
        let row = self.run(&sql, vec![id.into()])?.into_iter().next().ok_or(Error::NoRule(id))?;
        let unusable = |reason| vec![Mistake::new("", format!("cannot use rule {id}: {reason}"))];
        stored(row).rule.map_err(|invalid| Error::Invalid(unusable(invalid.reason)))
    }

    pub fn add_rule(&mut self, wish: &NewRule) -> Result<Rule> {
        self.add_rules(std::slice::from_ref(wish))?.swap_remove(0)
    }

    /// Adds those of these rules that can be, in one step. In their order what became of each.
    pub fn add_rules(&mut self, wishes: &[NewRule]) -> Result<Vec<Result<Rule>>> {
        self.change_rules(|db| {
            let mut table = db.table()?;
            let mut last = db.last_number()?;
            let mut done = Vec::new();
            for wish in wishes {
                let fits = sound(((), wish.mistakes())).and_then(|()| table.check_room(None, wish));
                if let Err(refused) = fits {
                    done.push(Err(refused));
                    continue;
                }
                let title = table.title(None, wish);
                let id = db.insert_rule(wish, &title, &mut last)?;
                table.put(id.into(), wish, title);
                done.push(Ok(Rule { id, wish: wish.clone() }));
            }
            db.remember_number(last)?;
            Ok(done)
        })
    }

    /// Puts other values in the place of a rule's, as a person has edited it. Returns the rule as it is then.
    pub fn edit_rule(&mut self, rule: &Rule) -> Result<Rule> {
        sound(((), rule.wish.mistakes()))?;
        self.change_rules(|db| {
            let table = db.table()?;
            let was = table.row(rule.id)?;
            let wish = was.wish().map_or_else(|| rule.wish.clone(), |was| rule.wish.clone().in_place_of(was));
            let id = Some(was.id);
            // what could stand before can stand now
            if !was.wish().is_some_and(|was| was.is_for_just_the_same(&wish)) {
                table.check_room(id, &wish)?;
            }
            db.update(was, &wish, &table.title(id, &wish))?;
            Ok(Rule { id: rule.id, wish })
        })
    }

    /// Gives a rule the numbers that its special has now. What the rule means stays as it is, and so it is not looked whether another
    /// one means the same.
    pub fn follow_rule(&mut self, rule: &Rule) -> Result<()> {
        sound(((), rule.wish.mistakes()))?;
        self.change_rules(|db| {
            let table = db.table()?;
            let was = table.row(rule.id)?;
            db.write(was.id, &rule.wish, &table.title(Some(was.id), &rule.wish))
        })
    }

    /// From now on the rule means what has its number now, whatever it meant before.
    pub fn confirm_rule(&mut self, id: i32) -> Result<Rule> {
        let rule = self.rule(id)?;
        self.forget_meaning(id.into())?;
        Ok(rule)
    }

    /// Also removes a row that is no rule. Its links are no rule's from then on.
    pub fn remove_rule(&mut self, id: i32) -> Result<()> {
        self.remove_rules(&[id])
    }

    /// All of these or none.
    pub fn remove_rules(&mut self, ids: &[i32]) -> Result<()> {
        self.change_rules(|db| {
            // one of their numbers may be the highest one
            let last = db.last_number()?;
            for id in ids.iter().copied() {
                if db.run("DELETE FROM link_rules WHERE id = $1 RETURNING id", vec![id.into()])?.is_empty() {
                    return Err(Error::NoRule(id));
                }
                db.run("UPDATE pl_links SET rule = 0 WHERE rule = $1", vec![id.into()])?;
                db.run("DELETE FROM pl_rules WHERE rule = $1", vec![id.into()])?;
                db.forget_meaning(id.into())?;
            }
            db.remember_number(last)
        })
    }

    /// Adds these rules, all or none. One that is there gets the new values; an equal one is left alone. Returns how many were added
    /// and how many changed.
    pub fn import_rules(&mut self, wishes: &[NewRule]) -> Result<(usize, usize)> {
        sound(((), mistakes_in_list(wishes)))?;
        let mut seen = HashSet::new();
        let list: Vec<NewRule> = wishes.iter().filter(|wish| seen.insert(*wish)).cloned().collect();
        self.change_rules(|db| {
            let mut table = db.table()?;
            let there: Vec<Rule> = table.rows.values().filter_map(|row| row.rule.as_ref().ok()).cloned().collect();
            let mut places: Vec<_> =
                matched(&there, &list).into_iter().map(|id| id.map(i64::from)).zip(&list).collect();
            for (id, wish) in &mut places {
                *id = id.or_else(|| table.invalid(wish));
            }
            // a title that becomes free is for one that is new
            places.sort_by_key(|(id, _)| id.is_none());
            let mut last = db.last_number()?;
            let (mut added, mut touched) = (0, HashSet::new());
            for (id, wish) in places {
                let title = table.title(id, wish);
                let id = match id.and_then(|id| table.rows.get(&id)) {
                    Some(row) if row.wish() == Some(wish) => continue,
                    Some(row) => {
                        db.update(row, wish, &title)?;
                        row.id
                    }
                    None => {
                        added += 1;
                        db.insert_rule(wish, &title, &mut last)?.into()
                    }
                };
                touched.insert(id);
                table.put(id, wish, title);
            }
            if added > 0 {
                db.remember_number(last)?;
            }
            for row in touched.iter().filter_map(|id| table.rows.get(id)) {
                row.wish().map_or(Ok(()), |wish| table.check_rules(Some(row.id), wish))?;
            }
            Ok((added, touched.len() - added))
        })
    }

    fn table(&mut self) -> Result<Table> {
        Ok(Table::new(self.run(self.select(), vec![])?.into_iter().map(stored)))
    }

    fn select(&self) -> &'static str {
        let ours = "SELECT r.*, p.movie_title AS typed_title, p.last_episode FROM link_rules r
            LEFT JOIN pl_rules p ON p.rule = r.id AND p.stored_title = r.movie_title AND p.episode IS NOT DISTINCT FROM r.episode";
        if self.ours { ours } else { "SELECT r.* FROM link_rules r" }
    }

    /// All of `body` or nothing, and no other of our kind changes rules meanwhile.
    fn change_rules<T>(&mut self, body: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        if !self.ours {
            return Err(self.unusable("it can only be read: the file or its folder cannot be written".into()));
        }
        self.transaction(|db| {
            if let Engine::Postgres(_) = db.connection {
                let lock = i64::from_be_bytes(*b"plexrule");
                db.run("SELECT pg_advisory_xact_lock($1)", vec![lock.into()])?;
            }
            body(db)
        })
    }

    /// `last` is the highest number that was given so far.
    fn insert_rule(&mut self, wish: &NewRule, title: &str, last: &mut i64) -> Result<i32> {
        let mut row = row(wish, title);
        // PostgreSQL's sequence never gives a number again, and the old program goes on with it
        if let Engine::Sqlite(_) = self.connection {
            *last += 1;
            row.push(("id", (*last).into()));
        }
        let rows = self.insert("link_rules", row, "RETURNING id").map_err(|failure| refused(failure, wish))?;
        let id: i32 = self.one(rows)?;
        self.complete_row(id.into(), wish, title)?;
        Ok(id)
    }

    fn update(&mut self, was: &Stored, wish: &NewRule, title: &str) -> Result<()> {
        self.write(was.id, wish, title)?;
        match was.wish() {
            Some(was) if was.is_but_for_its_title(wish) => Ok(()),
            _ => self.forget_meaning(was.id),
        }
    }

    fn write(&mut self, id: i64, wish: &NewRule, title: &str) -> Result<()> {
        let (names, mut values): (Vec<&str>, Vec<Given>) = row(wish, title).into_iter().unzip();
        let set: Vec<String> = (1..).zip(names).map(|(place, name)| format!("{name} = ${place}")).collect();
        values.push(id.into());
        // not an insertion in its place: the old program may have removed it at the same moment
        let sql = format!("UPDATE link_rules SET {} WHERE id = ${}", set.join(", "), values.len());
        self.run(&sql, values).map_err(|failure| refused(failure, wish))?;
        self.complete_row(id, wish, title)
    }

    /// What the old table has no column for.
    fn complete_row(&mut self, id: i64, wish: &NewRule, title: &str) -> Result<()> {
        self.run("DELETE FROM pl_rules WHERE rule = $1", vec![id.into()])?;
        if title != wish.movie_title || wish.last_episode.is_some() {
            let row = vec![
                ("rule", id.into()),
                ("movie_title", wish.movie_title.as_str().into()),
                ("stored_title", title.into()),
                ("episode", wish.episode.into()),
                ("last_episode", wish.last_episode.into()),
            ];
            self.put("pl_rules", "rule", row)?;
        }
        Ok(())
    }

    fn forget_meaning(&mut self, id: i64) -> Result<()> {
        self.run("DELETE FROM pl_meanings WHERE rule = $1", vec![id.into()])?;
        Ok(())
    }

    /// The highest number that a rule has or had, as far as we know: SQLite itself gives the number of a removed rule again.
    fn last_number(&mut self) -> Result<i64> {
        let rows = self.run(
            "SELECT coalesce(max(number), 0) FROM (
                SELECT max(id) AS number FROM link_rules WHERE id <= 2147483647
                UNION ALL SELECT max(rule) FROM pl_links
                UNION ALL SELECT max(rule) FROM pl_meanings
                UNION ALL SELECT value FROM pl_meta WHERE name = 'last_rule'
            ) AS numbers",
            vec![],
        )?;
        self.one(rows)
    }

    fn remember_number(&mut self, number: i64) -> Result<()> {
        self.put("pl_meta", "name", vec![("name", "last_rule".into()), ("value", number.into())])?;
        Ok(())
    }
}

fn stored(mut row: Row) -> Stored {
    // it is the key, and so always a number
    let id = match row.take("id") {
        Given::Number(id) => id,
        _ => 0,
    };
    let mut given: HashMap<Field, Given> = Field::all().map(|field| (field, row.take(field.name()))).collect();
    let text = |field: Field| match &given[&field] {
        Given::Text(text) => text.clone(),
        _ => String::new(),
    };
    let (title, show) = (text(Field::MovieTitle), text(Field::ShowName));
    if let typed @ Given::Text(_) = row.take("typed_title") {
        given.insert(Field::MovieTitle, typed);
    }
    let wish = sound(NewRule::read(|field| given[&field].clone()));
    let rule = match (i32::try_from(id), wish) {
        (Ok(id), Ok(wish)) => Ok(Rule { id, wish }),
        (Err(_), _) => Err(InvalidRule { id, reason: too_high(id) }),
        (_, Err(error)) => Err(InvalidRule { id, reason: error.to_string() }),
    };
    Stored { id, title, show, rule }
}

fn row(wish: &NewRule, title: &str) -> Vec<(&'static str, Given)> {
    let value = |field| if field == Field::MovieTitle { title.into() } else { wish.given(field) };
    columns().map(|field| (field.name(), value(field))).collect()
}

/// Another program may have added a rule with this title at the same moment.
fn refused(failure: Failure, wish: &NewRule) -> Error {
    if failure.class == Class::Unique { duplicate(wish) } else { failure.into() }
}
