//! What the linker and the looker have told, how old it may be, and how long newer is waited for.

use std::{
    sync::{Arc, atomic::Ordering, mpsc, mpsc::Sender},
    time::{Duration, Instant},
};

use super::{Asked, Lookup, Order, Preview, SeasonLookup, Shared, Subject, Web};
use crate::model::{Catalog, CatalogShow, Checked, Season, Suggestions};

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
        let ask = |done| self.linker.send(Order::Preview { since, done }).is_ok();
        let newest = self.newest(|shared| &shared.preview, |preview| preview.at, since, patience, ask);
        newest.filter(|preview| preview.at >= since)
    }

    /// A check that ended at `since` or later; `None`: it is not done yet.
    pub(super) fn check(&self, asked: &Asked, since: i64) -> Option<Arc<Checked>> {
        let newest = self.looked_up(Subject::Check, |shared| &shared.check, |check| check.at, since, asked.patience());
        newest.filter(|check| check.at >= since)
    }

    /// The films and shows of the apps as last told, asked for at `since` or later if there is time for it; `None` before they have been
    /// told for the first time.
    pub(super) fn catalog(&self, asked: &Asked, since: i64) -> Option<Arc<Catalog>> {
        self.looked_up(Subject::Catalog, |shared| &shared.catalog, |catalog| catalog.asked_at, since, asked.patience())
    }

    /// The same, but nobody waits for newer ones.
    pub(super) fn catalog_at_hand(&self, asked: &Asked, patience: Duration) -> Option<Arc<Catalog>> {
        let told = |known: &Catalog| (known.asked_at, known.problems.is_empty());
        self.at_hand(Subject::Catalog, |shared| &shared.catalog, told, asked.request.at, patience)
    }

    pub(super) fn suggestions_at_hand(&self, asked: &Asked) -> Option<Arc<Suggestions>> {
        let told = |known: &Suggestions| (known.asked_at, known.problems.is_empty());
        self.at_hand(Subject::Suggestions, |shared| &shared.suggestions, told, asked.request.at, asked.patience())
    }

    /// `told`: when the apps were asked, and whether all of them answered.
    fn at_hand<T>(
        &self,
        subject: Subject,
        of: fn(&Shared) -> &Option<Arc<T>>,
        told: fn(&T) -> (i64, bool),
        now: i64,
        patience: Duration,
    ) -> Option<Arc<T>> {
        let known = of(&self.shared()).as_deref().map(told);
        let is_old = |at: i64, whole| (now - at).abs() > if whole { LOOK_LIFE } else { LOOK_LIFE_FAILED };
        let since = known.map_or(1, |(at, whole)| if is_old(at, whole) { at + 1 } else { at });
        let patience = if known.is_some() { Duration::ZERO } else { patience };
        self.looked_up(subject, of, |known| told(known).0, since, patience)
    }

    fn looked_up<T>(
        &self,
        subject: Subject,
        of: fn(&Shared) -> &Option<Arc<T>>,
        at: impl Fn(&T) -> i64,
        since: i64,
        patience: Duration,
    ) -> Option<Arc<T>> {
        let ask = |done| self.looker.send(Lookup::Renew { subject, since, done }).is_ok();
        self.newest(of, at, since, patience, ask)
    }

    /// What is known; unless that is of `since`, after it has been told anew or the patience is over.
    fn newest<T>(
        &self,
        of: fn(&Shared) -> &Option<Arc<T>>,
        at: impl Fn(&T) -> i64,
        since: i64,
        patience: Duration,
        ask: impl FnOnce(Sender<()>) -> bool,
    ) -> Option<Arc<T>> {
        let known = of(&self.shared()).clone();
        if known.as_ref().is_some_and(|known| at(known) >= since) {
            return known;
        }
        let (done, told) = mpsc::channel();
        if ask(done) {
            self.wait(|| told.recv_timeout(patience).ok());
        }
        of(&self.shared()).clone()
    }

    pub(super) fn season(&self, asked: &Asked, show: &CatalogShow, season: i32, film: Option<i32>) -> Option<Season> {
        let (answer, answers) = mpsc::channel();
        let until = Instant::now() + asked.patience();
        let lookup = SeasonLookup { sonarr: show.sonarr, series_id: show.id, season, film, until, answer };
        self.wait(|| {
            self.seasons.send(lookup).ok()?;
            let first = answers.recv_timeout(asked.patience()).ok()?;
            Some(answers.recv_timeout(GLANCE.min(asked.patience())).unwrap_or(first))
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
