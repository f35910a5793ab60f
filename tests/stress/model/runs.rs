//! Runs, and whether they did what the model says.

use std::{collections::BTreeSet, fs};

use super::{Life, events::*, lines, specification::*};
use crate::support::{fake, http::Answer, tree};

impl Life<'_> {
    pub fn run(&mut self, trouble: &Trouble) {
        let (before, told) = (self.tree(), self.told(trouble));
        self.cause(trouble);
        self.world.forget();
        let outcome = self.world.run(&["once"]);
        self.world.radarr.heal();
        self.world.sonarr.heal();
        let healthy = *trouble == Trouble::Nothing && self.unplugged.is_none() && told.agrees_with(&before);
        let codes: &[i32] = if healthy { &[0] } else { &[0, 1] };
        self.world.assert(outcome.code().is_some_and(|code| codes.contains(&code)), "the exit code should fit");

        let found = self.tree();
        let mut expected: Vec<After> =
            self.ours.iter().map(|ours| after(&self.rules, &self.meant, &told, ours, &before)).collect();
        if !self.wholly {
            expected.iter_mut().for_each(|after| after.leave_for_later(&found, &before));
        }
        if !expected.iter().any(|after| after.tree == found) {
            self.world.assert_same("the tree", &lines(&found), &lines(&expected[0].tree));
        }
        self.assert_promises(&expected, &told, &before, &found);
        self.ours.clear();
        if let Some(after) = expected.iter().find(|after| after.tree == found) {
            (self.rules, self.meant) = (after.rules.clone(), after.meant.clone());
        }
        for after in expected.into_iter().filter(|after| after.tree == found) {
            if !self.ours.contains(&after.ours) {
                self.ours.push(after.ours);
            }
        }

        self.assert_told(trouble, &before, &found);
    }

    /// Whatever the specification says: a link of ours that leads to a file goes because of its rule alone, and no rule has two links.
    fn assert_promises(&self, expected: &[After], told: &Told, before: &Tree, found: &Tree) {
        let leads = |tree: &Tree, path: &str| match tree.get(path) {
            Some(Thing::Link(_)) => told.ends(tree, path).is_some(),
            _ => false,
        };
        for after in expected.iter().filter(|after| after.tree == *found) {
            let of = |rule: i32| after.ours.iter().filter(move |(_, our)| our.rule == rule).map(|(path, _)| path);
            for (path, our) in self.ours.iter().flatten() {
                // of two rules for one special the other one's link may be the one that stands
                let replaced = self.rules.iter().any(|(id, rule)| {
                    let known = self.rules.get(&our.rule);
                    known.is_some_and(|known| known.show == rule.show) && of(*id).any(|path| leads(found, path))
                });
                // or the rule is for another film now
                let film = told.films.iter().find(|film| film.id == our.film);
                let is_others =
                    film.zip(self.rules.get(&our.rule)).is_some_and(|(film, rule)| film.tmdb_id != rule.film);
                let goes = leads(before, path) && !found.contains_key(path);
                let why = format!("{path} leads to a file: it should stay, or another link should stand for its rule");
                self.world.assert(!goes || replaced || is_others || !self.rules.contains_key(&our.rule), &why);
            }
            for rule in after.standing.keys() {
                let links: Vec<&String> = of(*rule).filter(|path| found.contains_key(*path)).collect();
                self.world.assert(links.len() == 1, &format!("rule {rule} should have one link, not {links:?}"));
            }
        }
    }

    /// Sonarr is told of the shows whose links changed, and of no others.
    pub fn assert_told(&mut self, trouble: &Trouble, before: &Tree, found: &Tree) {
        if *trouble == Trouble::Nothing && !self.untold {
            let changed = |folder: &str| {
                let inside = |(path, _): &(&String, &Thing)| path.starts_with(folder) && !is_temporary(path);
                !before.iter().filter(inside).eq(found.iter().filter(inside))
            };
            let shows = self.world.sonarr.series();
            let media = self.world.media();
            let told: BTreeSet<String> =
                self.world.posts().into_iter().filter(|post| post.starts_with("RescanSeries")).collect();
            let folder = |path: &str| {
                let real = fs::canonicalize(path).unwrap_or_else(|_| path.into());
                format!("{}/", real.strip_prefix(&media).unwrap().display())
            };
            // of a show that is not there any more nobody need hear
            let known: Vec<String> = shows.iter().map(|show| format!("RescanSeries {}", show.id)).collect();
            let told: BTreeSet<String> = told.into_iter().filter(|post| known.contains(post)).collect();
            let changed = shows.iter().filter(|show| changed(&folder(&show.path)));
            let changed: BTreeSet<String> = changed.map(|show| format!("RescanSeries {}", show.id)).collect();
            self.world.assert_same("what Sonarr was told", &format!("{told:?}"), &format!("{changed:?}"));
        }
        self.untold = *trouble != Trouble::Nothing;
    }

    /// At each place there is what was there before, or what shall be there.
    pub fn killed(&mut self, call: &str, at: u32) {
        let (before, told) = (self.tree(), self.told(&Trouble::Nothing));
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={at}"));
        let traced = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        self.world.finish(self.world.command_below(&traced, &["once"]));
        let found = self.tree();
        let expected: Vec<After> =
            self.ours.iter().map(|ours| after(&self.rules, &self.meant, &told, ours, &before)).collect();
        let sound = |after: &After| {
            let places: BTreeSet<&String> = before.keys().chain(after.tree.keys()).chain(found.keys()).collect();
            let old_or_new =
                |path: &&String| found.get(*path) == before.get(*path) || found.get(*path) == after.tree.get(*path);
            let never_without = |at: &String| found.contains_key(at) || !before.contains_key(at);
            places.iter().filter(|path| !is_temporary(path)).all(old_or_new)
                && after.standing.values().all(never_without)
        };
        if !expected.iter().any(sound) {
            let (found, old, new) = (lines(&found), lines(&before), lines(&expected[0].tree));
            self.world.fail(&format!(
                "a killed run left
{found}between
{old}and
{new}"
            ));
        }
        // killed before it recorded what it was about to do, after it, or after it recorded what it had done
        for (before, After { ours: done, .. }) in std::mem::take(&mut self.ours).into_iter().zip(expected) {
            let mut intended = done.clone();
            intended.iter_mut().for_each(|(path, our)| our.led = Some(told.leads_to(path, &our.texts[0])));
            for (path, our) in &before {
                let texts = &mut intended.entry(path.clone()).or_insert_with(|| our.clone()).texts;
                texts.extend(our.texts.iter().cloned());
                texts.sort();
                texts.dedup();
            }
            for ours in [before, intended, done] {
                if !self.ours.contains(&ours) {
                    self.ours.push(ours);
                }
            }
        }
        self.untold = true;
        self.remember();
    }

    /// What a killed run was to write of rules and of what they mean it has written or not: the database tells.
    fn remember(&mut self) {
        let file = rusqlite::Connection::open(self.world.state().join("plex_linker.db")).unwrap();
        for (id, rule) in &mut self.rules {
            let sql = "SELECT episode FROM link_rules WHERE id = $1";
            rule.special = file.query_row(sql, [id], |row| row.get(0)).unwrap();
        }
        let sql = "SELECT body FROM pl_meanings WHERE rule = $1";
        let meaning = |id: &i32| file.query_row(sql, [id], |row| row.get::<_, String>(0)).ok();
        let meant = self.rules.iter().filter_map(|(id, rule)| {
            let body: serde_json::Value = serde_json::from_str(&meaning(id)?).unwrap();
            let special = &body["specials"][0];
            let tvdb_id = special["tvdb_id"].as_i64().map(|id| id as i32);
            let title = special["title"].as_str()?.to_string();
            // of another wish it means nothing
            let wish = format!("{} Some(0) Some({}) ", rule.film, rule.special);
            let is_its = body["wish"]
                .as_str()
                .is_some_and(|text| text.starts_with(&wish) && text.ends_with(&format!("Show {}", rule.show)));
            is_its.then_some((*id, (*rule, tvdb_id, title)))
        });
        self.meant = meant.collect();
    }

    pub fn tree(&self) -> Tree {
        let thing = |entry: &tree::Entry| match &entry.target {
            Some(text) => Thing::Link(text.clone()),
            None if entry.folder => Thing::Folder,
            None => Thing::File(fs::read_to_string(self.world.path(&entry.path)).unwrap()),
        };
        tree::entries(&self.world.media()).into_iter().map(|entry| (entry.path.clone(), thing(&entry))).collect()
    }

    pub fn told(&self, trouble: &Trouble) -> Told {
        let mut told = Told {
            media: self.world.media().display().to_string(),
            folder: self.folder,
            films: self.world.radarr.movies(),
            shows: self.world.sonarr.series(),
            failed: BTreeSet::new(),
        };
        match trouble {
            Trouble::RadarrDown | Trouble::RadarrHasNothing => {
                told.films.clear();
                told.failed.insert(Failed::Films);
            }
            Trouble::RadarrForgets(film) => told.films.retain(|known| known.tmdb_id != *film),
            Trouble::SonarrDown | Trouble::SonarrHasNothing => {
                told.shows.clear();
                told.failed.insert(Failed::Shows);
            }
            Trouble::NoEpisodes => {
                told.shows.iter_mut().for_each(|show| show.episodes.clear());
                told.failed.insert(Failed::Specials);
            }
            Trouble::Nothing | Trouble::CommandsFail => {}
        }
        told
    }

    /// None of these is worth another try, so that no run waits.
    pub fn cause(&self, trouble: &Trouble) {
        let (radarr, sonarr) = (&self.world.radarr, &self.world.sonarr);
        match trouble {
            Trouble::Nothing => {}
            Trouble::RadarrDown => radarr.on("*", Answer::status(401)),
            Trouble::RadarrHasNothing => radarr.on("GET /api/v3/movie", Answer::json("[]")),
            Trouble::RadarrForgets(film) => {
                let mut films = radarr.movies();
                films.retain(|known| known.tmdb_id != *film);
                radarr.on("GET /api/v3/movie", fake::json(films.iter().map(|film| film.json()).collect::<Vec<_>>()));
            }
            Trouble::SonarrDown => sonarr.on("*", Answer::html("<html>")),
            Trouble::SonarrHasNothing => sonarr.on("GET /api/v3/series", Answer::json("[]")),
            Trouble::NoEpisodes => sonarr.on("GET /api/v3/episode", Answer::status(404)),
            Trouble::CommandsFail => {
                sonarr.on("POST /api/v3/command", Answer::status(404));
                radarr.on("POST /api/v3/command", Answer::status(401));
            }
        }
    }

    /// Some runs later nothing is left to do, and then nothing is written and nobody is told. Returns whether Radarr was asked for films one by one
    /// alone.
    pub fn end(mut self) -> bool {
        self.plug();
        SHOWS.iter().for_each(|show| self.show_returns(*show));
        // Radarr's daily scan, and what else makes both witnesses agree
        for film in FILMS {
            _ = self.film(film).map(|film| film.scan());
            files(film).iter().for_each(|file| _ = fs::remove_dir(self.world.path(parent(file))));
        }
        // of which the first asks for all
        let database = rusqlite::Connection::open(self.world.state().join("plex_linker.db")).unwrap();
        database.execute("UPDATE pl_meta SET value = value - 86400 WHERE name = 'whole_at'", []).unwrap();
        drop(database);
        self.wholly = true;
        self.run(&Trouble::Nothing);
        self.wholly = false;
        for _ in 0..2 {
            self.run(&Trouble::Nothing);
        }
        let state = || (self.tree(), fs::read(self.world.state().join("plex_linker.db")).unwrap());
        let before = state();
        self.world.forget();
        self.world.run(&["once"]).succeeds().says("nothing changed");
        self.world.assert(state() == before, "a run with nothing to do should write nothing");
        self.world.assert_posts(&[]);
        self.world.assert(!before.0.keys().any(|path| is_temporary(path)), "nothing temporary should be left");
        let calls = self.world.radarr.calls();
        let asks = |what: &str| calls.iter().any(|call| call.starts_with(what));
        asks("GET /api/v3/movie/") && !asks("GET /api/v3/movie?excludeLocalCovers")
    }
}
