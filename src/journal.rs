//! The last lines of the log, for those who have no terminal at hand.

use std::{collections::VecDeque, sync::Mutex};

use crate::mutex::lock;

/// How many are kept.
const MOST: usize = 200;

static LINES: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

pub fn keep(line: String) {
    let mut kept = lock(&LINES);
    if kept.len() == MOST {
        kept.pop_front();
    }
    kept.push_back(line);
}

/// The oldest first.
pub fn lines() -> Vec<String> {
    lock(&LINES).iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept() {
        (0..MOST + 5).for_each(|number| keep(number.to_string()));
        let lines = lines();
        assert_eq!((lines.len(), lines[0].as_str(), lines[MOST - 1].as_str()), (MOST, "5", "204"));
    }
}
