//! Whole lives of a library, made up by chance, beside a small model of what each run must do. A life that fails is made as short as
//! it can be while it still fails.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use events::event;
use specification::{Meant, Ours, Rule, Setting, Tree};

use crate::support::{campaign, cells, scene, sonarr::Series, world::World};

mod events;
mod happening;
mod runs;
mod specification;

/// A world and what the model knows of it.
struct Life<'w> {
    world: &'w World,
    /// The next run asks for all films and shows, not for those of the rules alone.
    wholly: bool,
    rules: BTreeMap<i32, Rule>,
    /// How many there have been.
    numbers: i32,
    /// What rules meant when their links were last made or found right.
    meant: Meant,
    /// Which links are ours; after a run was killed, what may be so.
    ours: Vec<Ours>,
    /// The shows that Sonarr has no more.
    away: BTreeMap<i32, Series>,
    /// What specials folders are called, by our setting and by Sonarr's.
    folder: (Setting, &'static str),
    unplugged: Option<&'static str>,
    /// The apps may still have to be told of changes.
    untold: bool,
}

fn lines(tree: &Tree) -> String {
    tree.iter().map(|(path, thing)| format!("{path}: {thing:?}\n")).collect()
}

#[test]
fn a_life_made_up_by_chance_goes_as_the_model_says() {
    if scene::failing("fsync", "EIO").is_none() {
        return;
    }
    let one_by_one = AtomicU64::new(0);
    let lives = campaign::size(30, 5_000);
    let cases: Vec<(String, u64)> = (0..lives).map(|number| (format!("life {number}"), number)).collect();
    cells::each(&cases, |number| {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 120, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let lived = runner.run(&prop::collection::vec(event(), 10..60), |events| {
            let world = World::new();
            if number % 2 == 1 {
                world.crowd();
            }
            let mut life = Life::begin(&world);
            events.iter().for_each(|event| life.happen(event));
            one_by_one.fetch_add(u64::from(life.end()), Ordering::Relaxed);
            Ok(())
        });
        lived.unwrap_or_else(|failure| panic!("{failure}"));
    });
    // of the half that could be, those of whose rules none waits for its film at their end
    let one_by_one = one_by_one.into_inner();
    assert!(one_by_one >= lives / 20, "only {one_by_one} of {lives} lives ended with questions for single films");
    campaign::figure(&format!("{lives} lives of a library, made up by chance"), "each run left what the model says");
}
