//! Settings, links and runs.

use serde_json::Value as Json;

use super::{
    Db,
    value::{Row, Value},
};
use crate::{
    error::Result,
    model::{Link, Report},
};

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
        let rows = self.run(
            "SELECT path, rule, placed, target, was, sonarr, series_id, radarr, movie_id, gone, told, changed_at FROM pl_links",
            vec![],
        )?;
        let links: std::result::Result<Vec<_>, _> = rows.into_iter().map(link).collect();
        let mut links =
            links.map_err(|reason| self.unusable(format!("pl_links has a row that is not ours: {reason}")))?;
        links.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(links)
    }

    /// Records these links, each in the place of the one with its path, and forgets those with these paths: all or nothing.
    pub fn save_links(&mut self, save: &[Link], forget: &[String]) -> Result<()> {
        if save.is_empty() && forget.is_empty() {
            return Ok(());
        }
        self.transaction(|db| {
            for path in forget {
                db.run("DELETE FROM pl_links WHERE path = $1", vec![path.as_str().into()])?;
            }
            for link in save {
                db.run(
                    "INSERT INTO pl_links
                        (path, rule, placed, target, was, sonarr, series_id, radarr, movie_id, gone, told, changed_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                    ON CONFLICT (path) DO UPDATE SET rule = excluded.rule, placed = excluded.placed,
                        target = excluded.target, was = excluded.was, sonarr = excluded.sonarr,
                        series_id = excluded.series_id, radarr = excluded.radarr, movie_id = excluded.movie_id,
                        gone = excluded.gone, told = excluded.told, changed_at = excluded.changed_at",
                    params(link),
                )?;
            }
            Ok(())
        })
    }

    pub fn last_run(&mut self) -> Result<Option<Report>> {
        Ok(self.runs(1)?.pop())
    }

    /// The newest runs first, at most so many. One that this version cannot read is left out.
    pub fn runs(&mut self, most: usize) -> Result<Vec<Report>> {
        if !self.ours {
            return Ok(Vec::new());
        }
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.run("SELECT body FROM pl_runs ORDER BY number DESC LIMIT $1", vec![most.into()])?;
        let body = |mut row: Row| serde_json::from_str(&row.next::<String>("body").ok()?).ok();
        Ok(rows.into_iter().filter_map(body).collect())
    }

    /// Stores a run, and forgets all but the newest 200.
    pub fn save_run(&mut self, run: &Report) -> Result<()> {
        let body = serde_json::to_string(run).map_err(|cause| self.unusable(cause.to_string()))?;
        self.transaction(|db| {
            db.run(
                "INSERT INTO pl_runs (number, body) VALUES ((SELECT coalesce(max(number), 0) + 1 FROM pl_runs), $1)",
                vec![body.as_str().into()],
            )?;
            db.run("DELETE FROM pl_runs WHERE number <= (SELECT max(number) FROM pl_runs) - $1", vec![RUNS.into()])?;
            Ok(())
        })
    }
}

fn link(mut row: Row) -> std::result::Result<Link, String> {
    Ok(Link {
        path: row.next("path")?,
        rule: row.next("rule")?,
        placed: row.next("placed")?,
        target: row.next("target")?,
        was: row.next("was")?,
        sonarr: row.next("sonarr")?,
        series_id: row.next("series_id")?,
        radarr: row.next("radarr")?,
        movie_id: row.next("movie_id")?,
        gone: row.next("gone")?,
        told: row.next("told")?,
        changed_at: row.next("changed_at")?,
    })
}

fn params(link: &Link) -> Vec<Value> {
    vec![
        link.path.as_str().into(),
        link.rule.into(),
        link.placed.as_str().into(),
        link.target.as_str().into(),
        link.was.as_deref().into(),
        (link.sonarr as i64).into(),
        link.series_id.into(),
        (link.radarr as i64).into(),
        link.movie_id.into(),
        link.gone.into(),
        link.told.into(),
        link.changed_at.into(),
    ]
}
