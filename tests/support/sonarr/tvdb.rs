//! TVDB changes a show, and Sonarr's refresh takes it over: by number, as was seen (*observed 3*).

use super::{Episode, Series};

/// An episode as TVDB has it: all that moves with it from number to number.
#[derive(Debug, Clone)]
pub struct Entry {
    pub season: u32,
    pub number: u32,
    pub tvdb_id: i32,
    pub title: String,
    pub air_date: Option<String>,
    pub runtime: u32,
}

impl Series {
    /// What TVDB has, as far as Sonarr knows.
    pub fn entries(&self) -> Vec<Entry> {
        let entry = |episode: &Episode| Entry {
            season: episode.season,
            number: episode.number,
            tvdb_id: episode.tvdb_id,
            title: episode.title.clone(),
            air_date: episode.air_date.clone(),
            runtime: episode.runtime,
        };
        self.episodes.iter().map(entry).collect()
    }

    /// TVDB has these now. A row with such a number stays, with its id and its file, and means from now on what TVDB has there; a
    /// row whose number is not there any more goes, and what has a new number gets a new row without a file.
    pub fn refresh(&mut self, entries: Vec<Entry>, mut new_id: impl FnMut() -> i32) {
        self.episodes
            .retain(|row| entries.iter().any(|entry| (entry.season, entry.number) == (row.season, row.number)));
        for entry in entries {
            let Entry { season, number, tvdb_id, title, air_date, runtime } = entry;
            let row = self.episodes.iter_mut().find(|row| (row.season, row.number) == (season, number));
            match row {
                Some(row) => (row.tvdb_id, row.title, row.air_date, row.runtime) = (tvdb_id, title, air_date, runtime),
                None => self.episodes.push(Episode {
                    monitored: true,
                    id: new_id(),
                    tvdb_id,
                    season,
                    number,
                    title,
                    air_date,
                    runtime,
                    file: None,
                }),
            }
        }
    }
}
