//! The rules, in the old program's `link_rules`; what it has no column for is in `pl_rules`, for as long as the row is as we left it.

mod table;

use std::collections::{BTreeSet, HashSet};

use serde_json::json;

use super::{
    Db, Engine, insertion,
    row::{Row, columns},
};
use crate::{
    error::{Error, Mistake, Result},
    model::{Given, InvalidRule, NewRule, Rule, Rules, matched, mistakes_in_list, sound},
};
use table::{Stored, Table};

const SELECT: &str = "SELECT r.id, r.movie_title AS stored_title, coalesce(p.movie_title, r.movie_title) AS movie_title, r.tmdb_id,
        r.show_name, r.episode, p.last_episode, r.season, r.episode_id, r.series_id, r.tvdb_id
    FROM link_rules r
    LEFT JOIN pl_rules p ON p.rule = r.id AND p.stored_title = r.movie_title AND p.episode IS NOT DISTINCT FROM r.episode";

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
        Ok(found)
    }

    pub fn rule(&mut self, id: i32) -> Result<Rule> {
        let sql = format!("{SELECT} WHERE r.id = $1");
        let row = self.run(&sql, vec![id.into()])?.into_iter().next().ok_or(Error::NoRule(id))?;
        let unusable = |reason| vec![Mistake::new("", format!("cannot use rule {id}: {reason}"))];
        stored(row).rule.map_err(|invalid| Error::Invalid(unusable(invalid.reason)))
    }

    pub fn add_rule(&mut self, wish: &NewRule) -> Result<Rule> {
        self.add_rules(std::slice::from_ref(wish))?.swap_remove(0)
    }

    /// Adds those of these rules that can be, in one step. In their order what became of each.
    pub fn add_rules(&mut self, wishes: &[NewRule]) -> Result<Vec<Result<Rule>>> {
        self.change_rules(|db, table| {
            let mut done = Vec::new();
            for wish in wishes {
                done.push(match sound(((), wish.mistakes())).and_then(|()| table.check_room(None, wish)) {
                    Ok(()) => Ok(Rule { id: db.add(table, wish)?, wish: wish.clone() }),
                    Err(refused) => Err(refused),
                });
            }
            Ok(done)
        })
    }

    /// Puts other values in the place of a rule's, as a person has edited it. Returns the rule as it is then.
    pub fn edit_rule(&mut self, rule: &Rule) -> Result<Rule> {
        sound(((), rule.wish.mistakes()))?;
        self.change_rules(|db, table| {
            let was = table.row(rule.id)?;
            let wish = was.wish().map_or_else(|| rule.wish.clone(), |was| rule.wish.clone().in_place_of(was));
            // what could stand before can stand now
            if !was.wish().is_some_and(|was| was.is_for_just_the_same(&wish)) {
                table.check_room(Some(was.id), &wish)?;
            }
            db.replace(table, rule.id.into(), &wish)?;
            Ok(Rule { id: rule.id, wish })
        })
    }

    /// Gives a rule the numbers that its special has now. What the rule means stays as it is, and so it is not looked whether another
    /// one means the same.
    pub fn follow_rule(&mut self, rule: &Rule) -> Result<()> {
        sound(((), rule.wish.mistakes()))?;
        self.change_rules(|db, table| {
            let id = table.row(rule.id)?.id;
            db.write(table, id, &rule.wish)
        })
    }

    /// From now on the rule means what has its number now, whatever it meant before.
    pub fn confirm_rule(&mut self, id: i32) -> Result<Rule> {
        let rule = self.rule(id)?;
        self.forget_meaning(id.into())?;
        Ok(rule)
    }

    /// All of these or none, also rows that are no rules. Their links are no rule's from then on.
    pub fn remove_rules(&mut self, ids: &[i32]) -> Result<()> {
        self.change_rules(|db, table| {
            for id in ids.iter().copied().collect::<BTreeSet<_>>() {
                if db.run("DELETE FROM link_rules WHERE id = $1 RETURNING id", vec![id.into()])?.is_empty() {
                    return Err(Error::NoRule(id));
                }
                db.run("UPDATE pl_links SET rule = 0 WHERE rule = $1", vec![id.into()])?;
                db.run("DELETE FROM pl_rules WHERE rule = $1", vec![id.into()])?;
                db.forget_meaning(id.into())?;
            }
            // one of their numbers may be the highest one
            db.remember_number(table.last)
        })
    }

    /// Adds these rules, all or none. One that is there gets the new values; an equal one is left alone. Returns how many were added
    /// and how many changed.
    pub fn import_rules(&mut self, wishes: &[NewRule]) -> Result<(usize, usize)> {
        sound(((), mistakes_in_list(wishes)))?;
        let mut seen = HashSet::new();
        let list: Vec<NewRule> = wishes.iter().filter(|wish| seen.insert(*wish)).cloned().collect();
        self.change_rules(|db, table| {
            let there: Vec<Rule> = table.rows.values().filter_map(|row| row.rule.as_ref().ok()).cloned().collect();
            let mut places: Vec<_> = matched(&there, &list).into_iter().zip(&list).collect();
            // a title that becomes free is for one that is new
            places.sort_by_key(|(id, _)| id.is_none());
            let (mut added, mut touched) = (0, Vec::new());
            for (id, wish) in places {
                touched.push(match id.map(i64::from).or_else(|| table.invalid(wish)) {
                    Some(id) if table.wish(id) == Some(wish) => continue,
                    Some(id) => {
                        db.replace(table, id, wish)?;
                        id
                    }
                    None => {
                        added += 1;
                        db.add(table, wish)?.into()
                    }
                });
            }
            for id in &touched {
                table.wish(*id).map_or(Ok(()), |wish| table.check_rules(Some(*id), wish))?;
            }
            Ok((added, touched.len() - added))
        })
    }

    fn table(&mut self) -> Result<Table> {
        Ok(Table::new(self.run(SELECT, vec![])?.into_iter().map(stored)))
    }

    /// All of `body` or nothing, and no other of our kind changes rules meanwhile.
    fn change_rules<T>(&mut self, body: impl FnOnce(&mut Db, &mut Table) -> Result<T>) -> Result<T> {
        self.transaction(|db| {
            if let Engine::Postgres(_) = db.connection {
                let lock = i64::from_be_bytes(*b"plexrule");
                db.run("SELECT pg_advisory_xact_lock($1)", vec![lock.into()])?;
            }
            let last = db.last_number()?;
            let mut table = db.table()?;
            table.last = last;
            let done = body(db, &mut table)?;
            if table.last > last {
                db.remember_number(table.last)?;
            }
            Ok(done)
        })
    }

    /// A new rule, and its number.
    fn add(&mut self, table: &mut Table, wish: &NewRule) -> Result<i32> {
        let mut row = row(wish, table.title(None, wish));
        // PostgreSQL's sequence never gives a number again, and the old program goes on with it
        if let Engine::Sqlite(_) = self.connection {
            row.push(("id".into(), (table.last + 1).into()));
        }
        let (sql, values) = insertion("link_rules", row, "RETURNING id");
        let id: i32 = self.one(&sql, values)?;
        table.last = table.last.max(id.into());
        self.complete_row(table, id.into(), wish)?;
        Ok(id)
    }

    /// A rule in the place of a row.
    fn write(&mut self, table: &mut Table, id: i64, wish: &NewRule) -> Result<()> {
        let (names, mut values): (Vec<String>, Vec<Given>) = row(wish, table.title(Some(id), wish)).into_iter().unzip();
        let set: Vec<String> = (1..).zip(names).map(|(place, name)| format!("{name} = ${place}")).collect();
        values.push(id.into());
        // not an insertion in its place: the old program may have removed it at the same moment
        let sql = format!("UPDATE link_rules SET {} WHERE id = ${}", set.join(", "), values.len());
        self.run(&sql, values)?;
        self.complete_row(table, id, wish)
    }

    /// The same, and what the row was found to mean is forgotten if it means something else now.
    fn replace(&mut self, table: &mut Table, id: i64, wish: &NewRule) -> Result<()> {
        if !table.wish(id).is_some_and(|was| was.is_but_for_its_title(wish)) {
            self.forget_meaning(id)?;
        }
        self.write(table, id, wish)
    }

    /// What the old table has no column for.
    fn complete_row(&mut self, table: &mut Table, id: i64, wish: &NewRule) -> Result<()> {
        let title = table.title(Some(id), wish);
        let row = json!({
            "rule": id, "movie_title": wish.movie_title, "stored_title": title, "episode": wish.episode,
            "last_episode": wish.last_episode,
        });
        table.put(Stored { id, title, show: wish.show_name.clone(), rule: rule(id, Ok(wish.clone())) });
        self.put("pl_rules", "rule", row)
    }

    fn forget_meaning(&mut self, id: i64) -> Result<()> {
        self.run("DELETE FROM pl_meanings WHERE rule = $1", vec![id.into()]).map(drop)
    }

    /// The highest number that a rule has or had, as far as we know: SQLite itself gives the number of a removed rule again.
    fn last_number(&mut self) -> Result<i64> {
        let sql = "SELECT coalesce(max(number), 0) FROM (
                SELECT max(id) AS number FROM link_rules WHERE id <= 2147483647
                UNION ALL SELECT max(rule) FROM pl_links
                UNION ALL SELECT max(rule) FROM pl_meanings
                UNION ALL SELECT value FROM pl_meta WHERE name = 'last_rule'
            ) AS numbers";
        self.one(sql, vec![])
    }

    fn remember_number(&mut self, number: i64) -> Result<()> {
        self.put("pl_meta", "name", json!({ "name": "last_rule", "value": number }))
    }
}

fn stored(row: Row) -> Stored {
    let text = |column| match row.get(column) {
        Given::Text(text) => text,
        _ => String::new(),
    };
    // it is the key, and so always a number
    let id = match row.get("id") {
        Given::Number(id) => id,
        _ => 0,
    };
    let wish = sound(NewRule::read(|field| row.get(field.name())));
    Stored { id, title: text("stored_title"), show: text("show_name"), rule: rule(id, wish) }
}

/// The rule with this number, if it is one.
fn rule(id: i64, wish: Result<NewRule>) -> std::result::Result<Rule, InvalidRule> {
    match (i32::try_from(id), wish) {
        (Ok(id), Ok(wish)) => Ok(Rule { id, wish }),
        (Err(_), _) => Err(InvalidRule { id, reason: format!("id is {id}: it must be at most {}", i32::MAX) }),
        (_, Err(error)) => Err(InvalidRule { id, reason: error.to_string() }),
    }
}

/// In the old table, which has no column for a last special.
fn row(wish: &NewRule, title: String) -> Vec<(String, Given)> {
    columns(NewRule { movie_title: title, last_episode: None, ..wish.clone() })
}
