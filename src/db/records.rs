//! Settings, our records of links and what goes with them, and runs.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

use super::{Db, Engine, row::Row};
use crate::{
    error::Result,
    model::{Given, Link, Meaning, Report, Scan, Search, Untold},
};

/// What changes in our records, all at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each in the place of the one with its path.
    pub links: Vec<Link>,
    /// The paths of records that are no more.
    pub forget: Vec<String>,
    pub untold: Vec<Untold>,
    pub told: Vec<Untold>,
    /// Each in the place of its show's, which goes when a link in the show changes and is `untold`.
    pub scans: Vec<Scan>,
    /// Each in the place of its rule's.
    pub meanings: Vec<Meaning>,
    /// Each in the place of the one for its title.
    pub searches: Vec<Search>,
    /// Each in the place of the one with its name.
    pub figures: Vec<(String, i64)>,
}

const SONARR: &str = "sonarr";
const RADARR: &str = "radarr";
/// How many runs are kept.
const RUNS: i64 = 200;

impl Db {
    /// What was set under this key. The old program wrote texts as they are and took what looks like JSON for it when it read;
    /// so do we, and since we write JSON only, it comes back as it went in.
    pub fn setting(&mut self, key: &str) -> Result<Option<Json>> {
        let row = self.run("SELECT value FROM settings WHERE key = $1", vec![key.into()])?.pop();
        let text = row.map(Row::value::<String>).transpose().map_err(|reason| self.unusable(&reason))?;
        Ok(text.map(|text| serde_json::from_str(&text).unwrap_or(Json::String(text))))
    }

    pub fn set_setting(&mut self, key: &str, value: &Json) -> Result<()> {
        self.put("settings", "key", json!({ "key": key, "value": value.to_string() }))
    }

    /// Our record of links, in the order of their paths.
    pub fn links(&mut self) -> Result<Vec<Link>> {
        let mut links: Vec<Link> = self.all("pl_links", Row::fields)?;
        links.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(links)
    }

    /// What the apps have still to hear.
    pub fn untold(&mut self) -> Result<BTreeSet<Untold>> {
        self.all("pl_untold", |row| match row.value::<(String, usize, i32)>()? {
            (app, instance, id) if app == SONARR => Ok(Untold::Series(instance, id)),
            (app, instance, id) if app == RADARR => Ok(Untold::Movie(instance, id)),
            (app, ..) => Err(format!("app is {app:?}")),
        })
    }

    /// Carries these changes of our records out: all or nothing.
    pub fn save(&mut self, changes: &Changes) -> Result<()> {
        if *changes == Changes::default() {
            return Ok(());
        }
        self.transaction(|db| {
            for path in &changes.forget {
                db.run("DELETE FROM pl_links WHERE path = $1", vec![path.as_str().into()])?;
            }
            for link in &changes.links {
                db.put("pl_links", "path", link)?;
            }
            for untold in &changes.untold {
                let (app, instance, id) = whom(untold);
                db.put("pl_untold", "app, instance, id", json!({ "app": app, "instance": instance, "id": id }))?;
                if app == SONARR {
                    let sql = "DELETE FROM pl_scans WHERE sonarr = $1 AND series_id = $2";
                    db.run(sql, vec![instance.into(), id.into()])?;
                }
            }
            for told in &changes.told {
                let (app, instance, id) = whom(told);
                let sql = "DELETE FROM pl_untold WHERE app = $1 AND instance = $2 AND id = $3";
                db.run(sql, vec![app.into(), instance.into(), id.into()])?;
            }
            for scan in &changes.scans {
                db.put("pl_scans", "sonarr, series_id", scan)?;
            }
            for meaning in &changes.meanings {
                db.put("pl_meanings", "rule", json!({ "rule": meaning.rule, "body": body(meaning) }))?;
            }
            for search in &changes.searches {
                db.put("pl_searches", "title", search)?;
            }
            for (name, value) in &changes.figures {
                db.put("pl_meta", "name", json!({ "name": name, "value": value }))?;
            }
            Ok(())
        })
    }

    /// Numbers that runs remember, by name.
    pub fn figures(&mut self) -> Result<HashMap<String, i64>> {
        self.all("pl_meta", Row::value)
    }

    /// What became of the scans of shows.
    pub fn scans(&mut self) -> Result<Vec<Scan>> {
        self.all("pl_scans", Row::fields)
    }

    /// What Sonarr's searches said.
    pub fn searches(&mut self) -> Result<Vec<Search>> {
        self.all("pl_searches", Row::fields)
    }

    /// The suggestions that are not to be made again, by their names.
    pub fn dismissed(&mut self) -> Result<HashSet<String>> {
        self.all("pl_dismissed", Row::value)
    }

    pub fn dismiss(&mut self, suggestion: &str) -> Result<()> {
        self.put("pl_dismissed", "suggestion", json!({ "suggestion": suggestion }))
    }

    /// Whether it was dismissed.
    pub fn restore(&mut self, suggestion: &str) -> Result<bool> {
        let sql = "DELETE FROM pl_dismissed WHERE suggestion = $1 RETURNING suggestion";
        Ok(!self.run(sql, vec![suggestion.into()])?.is_empty())
    }

    /// What rules were found to mean. One that this version cannot read is left out.
    pub fn meanings(&mut self) -> Result<Vec<Meaning>> {
        self.bodies("SELECT body FROM pl_meanings", vec![])
    }

    /// The newest run, the only one that is kept with its rules' states.
    pub fn last_run(&mut self) -> Result<Option<Report>> {
        Ok(self.bodies("SELECT body FROM pl_runs ORDER BY number DESC LIMIT 1", vec![])?.pop())
    }

    /// The newest runs first, at most so many after the first `offset`, without their rules' states. One that this version cannot
    /// read is left out.
    pub fn runs(&mut self, most: usize, offset: usize) -> Result<Vec<Report>> {
        let numbers = self.run_numbers()?.into_iter().skip(offset).take(most);
        // one by one: earlier versions kept the states of all of them
        numbers.filter_map(|number| self.run_without_states(number).transpose()).collect()
    }

    /// What the runs tell of one rule, the newest first.
    pub fn runs_of(&mut self, rule: i64) -> Result<Vec<Report>> {
        let numbers = self.run_numbers()?.into_iter();
        let of_rule = |run: Option<Report>| run.and_then(|run| run.of(rule));
        numbers.filter_map(|number| self.run_without_states(number).map(of_rule).transpose()).collect()
    }

    /// How many runs are kept.
    pub fn count_runs(&mut self) -> Result<usize> {
        Ok(self.run_numbers()?.len())
    }

    fn run_numbers(&mut self) -> Result<Vec<i64>> {
        let rows = self.run("SELECT number FROM pl_runs ORDER BY number DESC", vec![])?;
        Ok(rows.into_iter().filter_map(|row| row.value().ok()).collect())
    }

    fn run_without_states(&mut self, number: i64) -> Result<Option<Report>> {
        let run = self.bodies("SELECT body FROM pl_runs WHERE number = $1", vec![number.into()])?.pop();
        Ok(run.map(|run| Report { rules: Vec::new(), ..run }))
    }

    fn bodies<T: DeserializeOwned>(&mut self, sql: &str, params: Vec<Given>) -> Result<Vec<T>> {
        let body = |row: Row| serde_json::from_str(&row.value::<String>().ok()?).ok();
        Ok(self.run(sql, params)?.into_iter().filter_map(body).collect())
    }

    /// Every row of a table of ours.
    fn all<T, C: FromIterator<T>>(
        &mut self,
        table: &str,
        read: impl Fn(Row) -> std::result::Result<T, String>,
    ) -> Result<C> {
        let rows = self.run(&format!("SELECT * FROM {table}"), vec![])?;
        let rows: std::result::Result<C, String> = rows.into_iter().map(read).collect();
        rows.map_err(|reason| self.unusable(&format!("{table} has a row that is not ours: {reason}")))
    }

    /// Stores a run, takes the rules' states from those before, and forgets all but the newest 200.
    pub fn save_run(&mut self, run: &Report) -> Result<()> {
        // version 4.0 kept the states of every run: there may be many, and each may be large
        let whole = self.run("SELECT number FROM pl_runs WHERE body LIKE '%\"rules\":[{%'", vec![])?;
        let mut without = Vec::new();
        for number in whole.into_iter().filter_map(|row| row.value().ok()) {
            let run = self.run_without_states(number)?;
            without.extend(run.map(|run| vec![Given::Text(body(&run)), number.into()]));
        }
        let was_large = without.len() > 1;
        self.transaction(|db| {
            for run in without {
                db.run("UPDATE pl_runs SET body = $1 WHERE number = $2", run)?;
            }
            db.run(
                "INSERT INTO pl_runs (number, body) VALUES ((SELECT coalesce(max(number), 0) + 1 FROM pl_runs), $1)",
                vec![Given::Text(body(run))],
            )?;
            let old = "DELETE FROM pl_runs WHERE number <= (SELECT max(number) FROM pl_runs) - $1";
            db.run(old, vec![RUNS.into()])
        })?;
        if was_large && matches!(self.connection, Engine::Sqlite(_)) {
            // once, and if there is no room for it the file is only larger than it need be
            let _ = self.run("VACUUM", vec![]);
        }
        Ok(())
    }
}

fn body(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn whom(untold: &Untold) -> (&'static str, i64, i32) {
    match *untold {
        Untold::Series(instance, id) => (SONARR, instance as i64, id),
        Untold::Movie(instance, id) => (RADARR, instance as i64, id),
    }
}
