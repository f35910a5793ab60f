//! Settings, our records of links and what goes with them, and runs.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use super::{
    Connection, Db,
    value::{Failure, Row, Value},
};
use crate::{
    error::Result,
    model::{Concerns, Link, Meaning, Report, Scan, Search, Untold},
};

/// The columns of `pl_links`.
const LINK: &str = "path, rule, named, target, was, sonarr, series_id, radarr, movie_id";

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

/// How many runs are kept.
const RUNS: i64 = 200;

impl Db {
    /// What was set under this key. The old program wrote texts as they are and took what looks like JSON for it when it read;
    /// so do we, and since we write JSON only, it comes back as it went in.
    pub fn setting(&mut self, key: &str) -> Result<Option<Json>> {
        let mut rows = self.run("SELECT value FROM settings WHERE key = $1", vec![key.into()])?;
        if rows.is_empty() {
            return Ok(None);
        }
        let text: String = self.one(&mut rows, "settings.value")?;
        Ok(Some(serde_json::from_str(&text).unwrap_or(Json::String(text))))
    }

    pub fn set_setting(&mut self, key: &str, value: &Json) -> Result<()> {
        self.run(
            "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            vec![key.into(), value.to_string().as_str().into()],
        )?;
        Ok(())
    }

    /// Our record of links, in the order of their paths.
    pub fn links(&mut self) -> Result<Vec<Link>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let rows = self.run(&format!("SELECT {LINK} FROM pl_links"), vec![])?;
        let links: std::result::Result<Vec<_>, _> = rows.into_iter().map(link).collect();
        let mut links =
            links.map_err(|reason| self.unusable(format!("pl_links has a row that is not ours: {reason}")))?;
        links.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(links)
    }

    /// What the apps have still to hear.
    pub fn untold(&mut self) -> Result<BTreeSet<Untold>> {
        if !self.ours {
            return Ok(BTreeSet::new());
        }
        let rows = self.run("SELECT app, instance, id FROM pl_untold", vec![])?;
        let untold: std::result::Result<_, _> = rows.into_iter().map(untold).collect();
        untold.map_err(|reason| self.unusable(format!("pl_untold has a row that is not ours: {reason}")))
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
                db.run(
                    &format!(
                        "INSERT INTO pl_links ({LINK}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                        ON CONFLICT (path) DO UPDATE SET rule = excluded.rule, named = excluded.named,
                            target = excluded.target, was = excluded.was, sonarr = excluded.sonarr,
                            series_id = excluded.series_id, radarr = excluded.radarr, movie_id = excluded.movie_id"
                    ),
                    params(link),
                )?;
            }
            for untold in &changes.untold {
                let sql =
                    "INSERT INTO pl_untold (app, instance, id) VALUES ($1, $2, $3) ON CONFLICT (app, instance, id) DO NOTHING";
                db.run(sql, untold_params(untold))?;
                if let Untold::Series(sonarr, series_id) = *untold {
                    let sql = "DELETE FROM pl_scans WHERE sonarr = $1 AND series_id = $2";
                    db.run(sql, vec![(sonarr as i64).into(), series_id.into()])?;
                }
            }
            for told in &changes.told {
                let sql = "DELETE FROM pl_untold WHERE app = $1 AND instance = $2 AND id = $3";
                db.run(sql, untold_params(told))?;
            }
            for Scan { sonarr, series_id, failed, again } in &changes.scans {
                db.run(
                    "INSERT INTO pl_scans (sonarr, series_id, failed, again) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (sonarr, series_id) DO UPDATE SET failed = excluded.failed, again = excluded.again",
                    vec![(*sonarr as i64).into(), (*series_id).into(), (*failed).into(), (*again).into()],
                )?;
            }
            for meaning in &changes.meanings {
                let body = serde_json::to_string(meaning).map_err(|cause| Failure::from(cause.to_string()))?;
                db.run(
                    "INSERT INTO pl_meanings (rule, body) VALUES ($1, $2)
                    ON CONFLICT (rule) DO UPDATE SET body = excluded.body",
                    vec![meaning.rule.into(), body.as_str().into()],
                )?;
            }
            for Search { title, at, shows, tvdb_id } in &changes.searches {
                db.run(
                    "INSERT INTO pl_searches (title, at, shows, tvdb_id) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (title) DO UPDATE SET at = excluded.at, shows = excluded.shows, tvdb_id = excluded.tvdb_id",
                    vec![title.as_str().into(), (*at).into(), (*shows).into(), (*tvdb_id).into()],
                )?;
            }
            for (name, value) in &changes.figures {
                db.run(
                    "INSERT INTO pl_meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    vec![name.as_str().into(), (*value).into()],
                )?;
            }
            Ok(())
        })
    }

    /// Numbers that runs remember, by name.
    pub fn figures(&mut self) -> Result<HashMap<String, i64>> {
        if !self.ours {
            return Ok(HashMap::new());
        }
        let rows = self.run("SELECT name, value FROM pl_meta", vec![])?;
        let figure = |mut row: Row| Ok((row.next("name")?, row.next("value")?));
        let figures: std::result::Result<_, String> = rows.into_iter().map(figure).collect();
        figures.map_err(|reason| self.unusable(format!("pl_meta has a row that is not ours: {reason}")))
    }

    /// What became of the scans of shows.
    pub fn scans(&mut self) -> Result<Vec<Scan>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let rows = self.run("SELECT sonarr, series_id, failed, again FROM pl_scans", vec![])?;
        let scans: std::result::Result<_, _> = rows.into_iter().map(scan).collect();
        scans.map_err(|reason| self.unusable(format!("pl_scans has a row that is not ours: {reason}")))
    }

    /// What Sonarr's searches said.
    pub fn searches(&mut self) -> Result<Vec<Search>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let rows = self.run("SELECT title, at, shows, tvdb_id FROM pl_searches", vec![])?;
        let searches: std::result::Result<_, _> = rows.into_iter().map(search).collect();
        searches.map_err(|reason| self.unusable(format!("pl_searches has a row that is not ours: {reason}")))
    }

    /// What rules were found to mean. One that this version cannot read is left out.
    pub fn meanings(&mut self) -> Result<Vec<Meaning>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let rows = self.run("SELECT body FROM pl_meanings", vec![])?;
        let body = |mut row: Row| serde_json::from_str(&row.next::<String>("body").ok()?).ok();
        Ok(rows.into_iter().filter_map(body).collect())
    }

    /// The newest run, the only one that is kept with its rules' states.
    pub fn last_run(&mut self) -> Result<Option<Report>> {
        Ok(self.bodies("SELECT body FROM pl_runs ORDER BY number DESC LIMIT $1", 1)?.pop())
    }

    /// The newest runs first, at most so many after the first `offset`, without their rules' states. One that this version cannot
    /// read is left out.
    pub fn runs(&mut self, most: usize, offset: usize) -> Result<Vec<Report>> {
        let mut runs = Vec::new();
        for number in self.run_numbers()?.into_iter().skip(offset).take(most) {
            // one by one: earlier versions kept the states of all of them
            let run = self.bodies("SELECT body FROM pl_runs WHERE number = $1", number)?.pop();
            runs.extend(run.map(|run| Report { rules: Vec::new(), ..run }));
        }
        Ok(runs)
    }

    /// How many runs are kept.
    pub fn count_runs(&mut self) -> Result<usize> {
        Ok(self.run_numbers()?.len())
    }

    fn run_numbers(&mut self) -> Result<Vec<i64>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let rows = self.run("SELECT number FROM pl_runs ORDER BY number DESC", vec![])?;
        Ok(rows.into_iter().filter_map(|mut row| row.next("number").ok()).collect())
    }

    fn bodies(&mut self, sql: &str, param: i64) -> Result<Vec<Report>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let body = |mut row: Row| serde_json::from_str(&row.next::<String>("body").ok()?).ok();
        Ok(self.run(sql, vec![param.into()])?.into_iter().filter_map(body).collect())
    }

    /// Stores a run, takes the rules' states from those before, and forgets all but the newest 200.
    pub fn save_run(&mut self, run: &Report) -> Result<()> {
        let body = serde_json::to_string(run).map_err(|cause| self.unusable(cause.to_string()))?;
        // version 4.0 kept the states of every run: there may be many, and each may be large
        let whole = self.run("SELECT number FROM pl_runs WHERE body NOT LIKE '%\"rules\":[]}'", vec![])?;
        let mut without = Vec::new();
        for number in whole.into_iter().filter_map(|mut row| row.next::<i64>("number").ok()) {
            let run = self.bodies("SELECT body FROM pl_runs WHERE number = $1", number)?.pop();
            let run = run.map(|run| Report { rules: Vec::new(), ..run });
            without.extend(run.map(|run| serde_json::to_string(&run)).and_then(|body| Some((number, body.ok()?))));
        }
        let was_large = without.len() > 1;
        self.transaction(|db| {
            for (number, body) in without {
                db.run("UPDATE pl_runs SET body = $1 WHERE number = $2", vec![body.as_str().into(), number.into()])?;
            }
            db.run(
                "INSERT INTO pl_runs (number, body) VALUES ((SELECT coalesce(max(number), 0) + 1 FROM pl_runs), $1)",
                vec![body.as_str().into()],
            )?;
            db.run("DELETE FROM pl_runs WHERE number <= (SELECT max(number) FROM pl_runs) - $1", vec![RUNS.into()])?;
            Ok::<_, Failure>(())
        })?;
        if was_large && matches!(self.connection, Connection::Sqlite(_)) {
            // once, and if there is no room for it the file is only larger than it need be
            let _ = self.run("VACUUM", vec![]);
        }
        Ok(())
    }
}

fn link(mut row: Row) -> std::result::Result<Link, String> {
    Ok(Link {
        path: row.next("path")?,
        rule: row.next("rule")?,
        named: row.next("named")?,
        target: row.next("target")?,
        was: row.next("was")?,
        concerns: Concerns {
            sonarr: row.next("sonarr")?,
            series_id: row.next("series_id")?,
            radarr: row.next("radarr")?,
            movie_id: row.next("movie_id")?,
        },
    })
}

fn params(link: &Link) -> Vec<Value> {
    let Concerns { sonarr, series_id, radarr, movie_id } = link.concerns;
    vec![
        link.path.as_str().into(),
        link.rule.into(),
        link.named.as_str().into(),
        link.target.as_str().into(),
        link.was.as_deref().into(),
        (sonarr as i64).into(),
        series_id.into(),
        (radarr as i64).into(),
        movie_id.into(),
    ]
}

fn scan(mut row: Row) -> std::result::Result<Scan, String> {
    Ok(Scan {
        sonarr: row.next("sonarr")?,
        series_id: row.next("series_id")?,
        failed: row.next("failed")?,
        again: row.next("again")?,
    })
}

fn search(mut row: Row) -> std::result::Result<Search, String> {
    Ok(Search {
        title: row.next("title")?,
        at: row.next("at")?,
        shows: row.next("shows")?,
        tvdb_id: row.next("tvdb_id")?,
    })
}

fn untold(mut row: Row) -> std::result::Result<Untold, String> {
    let app: String = row.next("app")?;
    let (instance, id) = (row.next("instance")?, row.next("id")?);
    match app.as_str() {
        "sonarr" => Ok(Untold::Series(instance, id)),
        "radarr" => Ok(Untold::Movie(instance, id)),
        other => Err(format!("app is {other:?}")),
    }
}

fn untold_params(untold: &Untold) -> Vec<Value> {
    let (app, instance, id) = match *untold {
        Untold::Series(instance, id) => ("sonarr", instance, id),
        Untold::Movie(instance, id) => ("radarr", instance, id),
    };
    vec![app.into(), (instance as i64).into(), id.into()]
}
