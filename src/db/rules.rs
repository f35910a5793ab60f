//! The rules, in the old program's `link_rules`.

use std::collections::{HashMap, HashSet};

use super::{
    Db,
    value::{Kind, Row, Value},
};
use crate::{
    error::{Error, Mistake, Result},
    model::{InvalidRule, NewRule, Rule, Rules},
};

const INSERT: &str = "INSERT INTO link_rules
        (movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

impl Db {
    /// Every rule there is, and every row that is none.
    pub fn rules(&mut self) -> Result<Rules> {
        let rows = self.run(
            "SELECT id, movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id FROM link_rules",
            vec![],
        )?;
        let mut found = Rules::default();
        for row in rows {
            match rule(row) {
                Ok(rule) => found.rules.push(rule),
                Err(invalid) => found.invalid.push(invalid),
            }
        }
        found.rules.sort_by_key(|rule| rule.id);
        found.invalid.sort_by_key(|invalid| invalid.id);
        Ok(found)
    }

    pub fn rule(&mut self, id: i32) -> Result<Rule> {
        let row = self.run(
            "SELECT id, movie_title, tmdb_id, show_name, episode, season, episode_id, series_id, tvdb_id FROM link_rules
            WHERE id = $1",
            vec![id.into()],
        )?;
        let row = row.into_iter().next().ok_or(Error::NoRule(id))?;
        rule(row).map_err(|invalid| Error::Database(format!("cannot use rule {id}: {}", invalid.reason)))
    }

    pub fn add_rule(&mut self, wish: &NewRule) -> Result<Rule> {
        sound(wish)?;
        match self.run(&format!("{INSERT} RETURNING id"), params(wish)) {
            Err(failure) if failure.kind == Kind::Unique => Err(duplicate(wish)),
            answer => Ok(Rule { id: self.one(&mut answer?, "id")?, wish: wish.clone() }),
        }
    }

    pub fn edit_rule(&mut self, rule: &Rule) -> Result<()> {
        sound(&rule.wish)?;
        let mut params = params(&rule.wish);
        params.push(rule.id.into());
        let answer = self.run(
            "UPDATE link_rules SET movie_title = $1, tmdb_id = $2, show_name = $3, episode = $4, season = $5, episode_id = $6,
                series_id = $7, tvdb_id = $8
            WHERE id = $9 RETURNING id",
            params,
        );
        match answer {
            Err(failure) if failure.kind == Kind::Unique => Err(duplicate(&rule.wish)),
            answer => {
                if answer?.is_empty() {
                    Err(Error::NoRule(rule.id))
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Also removes a row that is no rule. Its links are no rule's from then on: SQLite gives the number of the last rule again.
    pub fn remove_rule(&mut self, id: i32) -> Result<()> {
        self.transaction(|db| {
            if db.run("DELETE FROM link_rules WHERE id = $1 RETURNING id", vec![id.into()])?.is_empty() {
                return Err(Error::NoRule(id));
            }
            db.run("UPDATE pl_links SET rule = 0 WHERE rule = $1", vec![id.into()])?;
            db.run("DELETE FROM pl_meanings WHERE rule = $1", vec![id.into()])?;
            Ok(())
        })
    }

    /// Adds these rules, all or none. One that is there by film and show gets the new values; an equal one is left alone.
    /// Returns how many were added and how many changed.
    pub fn import_rules(&mut self, wishes: &[NewRule]) -> Result<(usize, usize)> {
        let mistakes: Vec<_> = (1..).zip(wishes).flat_map(|(place, wish)| mistakes(place, wish)).collect();
        if !mistakes.is_empty() {
            return Err(Error::Invalid(mistakes));
        }
        self.transaction(|db| {
            let there = db.rules()?;
            let invalid: HashSet<i64> = there.invalid.iter().map(|invalid| invalid.id).collect();
            let mut known: HashMap<_, _> = there.rules.iter().map(|rule| (key(&rule.wish), &rule.wish)).collect();
            let upsert = format!(
                "{INSERT} ON CONFLICT (movie_title, show_name) DO UPDATE SET tmdb_id = excluded.tmdb_id,
                    episode = excluded.episode, season = excluded.season, episode_id = excluded.episode_id,
                    series_id = excluded.series_id, tvdb_id = excluded.tvdb_id
                RETURNING id"
            );
            let (mut added, mut changed) = (0, 0);
            for wish in wishes {
                let was = known.insert(key(wish), wish);
                if was == Some(wish) {
                    continue;
                }
                let mut rows = db.run(&upsert, params(wish))?;
                let id: i64 = db.one(&mut rows, "id")?;
                *(if was.is_some() || invalid.contains(&id) { &mut changed } else { &mut added }) += 1;
            }
            Ok((added, changed))
        })
    }
}

fn rule(mut row: Row) -> std::result::Result<Rule, InvalidRule> {
    // it is the key, and so always a number
    let id: i64 = row.next("id").unwrap_or_default();
    let mut read = || {
        let wish = NewRule {
            movie_title: row.next("movie_title")?,
            tmdb_id: row.next("tmdb_id")?,
            show_name: row.next("show_name")?,
            episode: row.next("episode")?,
            last_episode: None,
            season: row.next("season")?,
            episode_id: row.next("episode_id")?,
            series_id: row.next("series_id")?,
            tvdb_id: row.next("tvdb_id")?,
        };
        let rule =
            Rule { id: i32::try_from(id).map_err(|_| format!("id is {id}: it must be at most {}", i32::MAX))?, wish };
        match rule.wish.mistakes() {
            mistakes if mistakes.is_empty() => Ok(rule),
            mistakes => Err(Error::Invalid(mistakes).to_string()),
        }
    };
    read().map_err(|reason| InvalidRule { id, reason })
}

fn params(wish: &NewRule) -> Vec<Value> {
    vec![
        wish.movie_title.as_str().into(),
        wish.tmdb_id.into(),
        wish.show_name.as_str().into(),
        wish.episode.into(),
        wish.season.as_deref().into(),
        wish.episode_id.into(),
        wish.series_id.into(),
        wish.tvdb_id.into(),
    ]
}

/// What the table's unique key is made of.
fn key(wish: &NewRule) -> (&str, &str) {
    (&wish.movie_title, &wish.show_name)
}

fn sound(wish: &NewRule) -> Result<()> {
    let mistakes = wish.mistakes();
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid(mistakes)) }
}

fn mistakes(place: usize, wish: &NewRule) -> Vec<Mistake> {
    let placed =
        |mistake: Mistake| Mistake { sentence: format!("{} (rule {place} of the list)", mistake.sentence), ..mistake };
    wish.mistakes().into_iter().map(placed).collect()
}

fn duplicate(wish: &NewRule) -> Error {
    Error::Duplicate { movie_title: wish.movie_title.clone(), show_name: wish.show_name.clone() }
}
