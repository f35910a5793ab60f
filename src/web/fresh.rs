//! What the linker and the looker have told, how old it may be, and how long newer is waited for.

use std::{
    sync::{Arc, atomic::Ordering, mpsc, mpsc::Sender},
    time::Duration,
};

use super::{Lookup, Order, Preview, Shared, Web};
use crate::model::{Catalog, CatalogShow, Checked, Season, Suggestions};

/// How long something new is waited for before what is known is told: less than the gate waits for an answer of ours.
pub const WAIT: Duration = Duration::from_secs(8);
/// How long a person looks at nothing.
pub const GLANCE: Duration = Duration::from_secs(2);
/// How many requests may wait so at once: fewer than are answered at once, so that others are answered meanwhile.
const MOST_WAITING: usize = 2;
/// In seconds, how old a preview or a check may be that programs share, which look again and again.
pub const SHARED_LIFE: i64 = 60;
/// How old films, shows and suggestions may be before they are asked for anew while the old ones are shown, and if an app did not answer.
const LOOK_LIFE: i64 = 600;
const LOOK_LIFE_FAILED: i64 = 30;

impl Web {
    /// A preview that ended at `since` or later; `None`: it is being made.
    pub(super) fn preview(&self, since: i64, patience: Duration) -> Option<Arc<Preview>> {
        let is_new = |preview: &Preview| preview.at >= since;
        let ask = |done| self.linker.send(Order::Preview { since, done }).is_ok();
        self.newest(|shared| &shared.preview, is_new, patience, ask).filter(|preview| is_new(preview))
    }

    /// A check that ended at `since` or later; `None`: it is not done yet.
    pub(super) fn check(&self, since: i64, patience: Duration) -> Option<Arc<Checked>> {
        let is_new = |check: &Checked| check.at >= since;
        let ask = |done| self.looker.send(Lookup::Check { since, done }).is_ok();
        self.newest(|shared| &shared.check, is_new, patience, ask).filter(|check| is_new(check))
    }

    /// The films and shows of the apps as last told, asked for at `since` or later if there is time for it; `None` before they have been
    /// told for the first time.
    pub(super) fn catalog(&self, since: i64) -> Option<Arc<Catalog>> {
        let ask = |done| self.looker.send(Lookup::Catalog { since, done }).is_ok();
        self.newest(|shared| &shared.catalog, |catalog| catalog.asked_at >= since, WAIT, ask)
    }

    /// The same for whoever looks `now`: nobody waits for newer ones.
    pub(super) fn catalog_at_hand(&self, now: i64, patience: Duration) -> Option<Arc<Catalog>> {
        let lookup = |since, done| Lookup::Catalog { since, done };
        self.at_hand(|shared| &shared.catalog, |known| (known.asked_at, &known.problems), now, patience, lookup)
    }

    pub(super) fn suggestions_at_hand(&self, now: i64) -> Option<Arc<Suggestions>> {
        let lookup = |since, done| Lookup::Suggestions { since, done };
        self.at_hand(|shared| &shared.suggestions, |known| (known.asked_at, &known.problems), now, WAIT, lookup)
    }

    fn at_hand<T>(
        &self,
        of: fn(&Shared) -> &Option<Arc<T>>,
        asked: fn(&T) -> (i64, &[String]),
        now: i64,
        patience: Duration,
        lookup: fn(i64, Sender<()>) -> Lookup,
    ) -> Option<Arc<T>> {
        let is_new = |known: &T| {
            let (asked_at, problems) = asked(known);
            (now - asked_at).abs() <= if problems.is_empty() { LOOK_LIFE } else { LOOK_LIFE_FAILED }
        };
        let known = of(&self.shared()).as_ref().map(|known| asked(known).0);
        let (since, patience) = known.map_or((1, patience), |asked_at| (asked_at + 1, Duration::ZERO));
        self.newest(of, is_new, patience, |done| self.looker.send(lookup(since, done)).is_ok())
    }

    /// What is known; unless that is new, after what is asked for has been told or the patience is over.
    fn newest<T>(
        &self,
        of: impl Fn(&Shared) -> &Option<Arc<T>>,
        is_new: impl Fn(&T) -> bool,
        patience: Duration,
        ask: impl FnOnce(Sender<()>) -> bool,
    ) -> Option<Arc<T>> {
        let known = of(&self.shared()).clone();
        if known.as_ref().is_some_and(|known| is_new(known)) {
            return known;
        }
        let (done, told) = mpsc::channel();
        if ask(done) {
            self.wait(|| told.recv_timeout(patience).ok());
        }
        of(&self.shared()).clone()
    }

    pub(super) fn season(&self, show: &CatalogShow, season: i32, film: Option<i32>) -> Option<Season> {
        let (answer, answers) = mpsc::channel();
        let look = Lookup::Season { sonarr: show.sonarr, series_id: show.id, season, film, answer };
        self.looker.send(look).ok()?;
        self.wait(|| {
            let first = answers.recv_timeout(WAIT).ok()?;
            Some(answers.recv_timeout(GLANCE).unwrap_or(first))
        })
    }

    /// `None`, at once, when too many wait already.
    pub(super) fn wait<T>(&self, wait: impl FnOnce() -> Option<T>) -> Option<T> {
        let others = self.waiting.fetch_add(1, Ordering::Relaxed);
        let found = (others < MOST_WAITING).then(wait).flatten();
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        found
    }
}
