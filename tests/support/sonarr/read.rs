//! What Sonarr reads from the name of a file, as far as was seen (*observed 4*, 9).

use std::path::Path;

/// The season and the numbers that a name is for; `None` is refused.
pub fn episodes_in(name: &str) -> Option<(u32, Vec<u32>)> {
    let name = Path::new(name).file_stem()?.to_str()?.to_lowercase();
    let marks = marks(&name);
    let first = marks.first()?;
    let before = &name[..first.at];
    let refused = name.contains("password") && name.contains("yenc")
        || has_a_date(before)
        || words(&name).any(is_reversed)
        || words(&name).collect::<Vec<_>>().windows(2).any(|pair| pair.iter().all(|word| is_crossed(word)))
        // half an episode; two whole marks of different seasons
        || marks.iter().any(|mark| mark.is_half || mark.is_tight && first.is_tight && mark.season != first.season);
    if refused {
        return None;
    }
    let behind = &name[marks.last()?.end..];
    if name.starts_with(['[', '【'])
        && first.digits == 3
        && let Some(absolute) = absolute_in(behind)
    {
        return Some((1, vec![absolute]));
    }
    // a range that would run backwards is none
    let last = marks.last().map(|mark| mark.last).filter(|last| first.first <= *last).unwrap_or(first.first);
    Some((first.season, (first.first..=last).collect()))
}

/// An `SxxEyy` and the numbers that hang on it.
struct Mark {
    at: usize,
    end: usize,
    season: u32,
    first: u32,
    last: u32,
    /// How many digits the number has.
    digits: usize,
    /// Nothing stands between `S` and `E`.
    is_tight: bool,
    /// A letter stands right behind.
    is_half: bool,
}

fn marks(name: &str) -> Vec<Mark> {
    let mut found: Vec<Mark> = Vec::new();
    for (at, _) in name.match_indices('s') {
        let starts_word = !name[..at].ends_with(char::is_alphanumeric);
        let inside = found.last().is_some_and(|mark| at < mark.end);
        if starts_word && !inside {
            found.extend(mark(name, at));
        }
    }
    found
}

fn mark(name: &str, at: usize) -> Option<Mark> {
    let (season, rest) = digits(&name[at + 1..]);
    let apart = rest.trim_start_matches([' ', '.', '_', '-']);
    let (number, mut rest_behind) = digits(apart.strip_prefix('e')?);
    let (season_number, first) = (season.parse().ok()?, number.parse().ok()?);
    let mut last = first;
    while let Some((further, rest)) = further(rest_behind, season) {
        (last, rest_behind) = (further, rest);
    }
    Some(Mark {
        at,
        end: name.len() - rest_behind.len(),
        season: season_number,
        first,
        last,
        digits: number.len(),
        is_tight: apart.len() == rest.len(),
        is_half: rest_behind.starts_with(char::is_alphabetic),
    })
}

/// A further number right behind one: `E02`, `-E02`, `-02`, `-S00E02`.
fn further<'n>(text: &'n str, season: &str) -> Option<(u32, &'n str)> {
    let dashed = text.strip_prefix('-');
    let bare = dashed.unwrap_or(text);
    let behind_season = bare.strip_prefix('s').and_then(|rest| rest.strip_prefix(season)).unwrap_or(bare);
    let (number, rest) = match behind_season.strip_prefix('e') {
        Some(rest) => digits(rest),
        None => {
            let (number, rest) = digits(dashed.filter(|rest| rest.len() == behind_season.len())?);
            if (2..=3).contains(&number.len()) { (number, rest) } else { return None }
        }
    };
    let goes_on = rest.starts_with('e') || !rest.starts_with(char::is_alphanumeric);
    if number.len() <= 4 && goes_on { Some((number.parse().ok()?, rest)) } else { None }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(' ')
}

/// ` p027 `, ` 003E00S `: names that were turned round.
fn is_reversed(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && digits(text).1.is_empty();
    let turned = word.strip_suffix('s').and_then(|word| word.split_once('e'));
    word.strip_prefix('p').is_some_and(|rest| rest.len() == 3 && number(rest))
        || turned.is_some_and(|(episode, season)| number(episode) && number(season))
}

/// `2x2`.
fn is_crossed(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && digits(text).1.is_empty();
    word.split_once('x').is_some_and(|(left, right)| number(left) && number(right))
}

/// `180428`, `20180428`, `2009- 12- 25`.
fn has_a_date(text: &str) -> bool {
    let numbers: Vec<&str> =
        text.split(|letter: char| !letter.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let within = |text: &str, most: u32| text.parse().is_ok_and(|number| (1..=most).contains(&number));
    let day = |month: &str, day: &str| within(month, 12) && within(day, 31);
    let year = |text: &str| text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    numbers.iter().any(|number| match number.len() {
        6 => day(&number[2..4], &number[4..]),
        8 => year(&number[..4]) && day(&number[4..6], &number[6..]),
        _ => false,
    }) || numbers.windows(3).any(|three| year(three[0]) && day(three[1], three[2]))
}

/// What is taken for an absolute number in the special's title: one of two or three digits.
fn absolute_in(behind: &str) -> Option<u32> {
    words(behind).find_map(|word| {
        let (number, rest) = digits(word);
        if (2..=3).contains(&number.len()) && !rest.starts_with('p') { number.parse().ok() } else { None }
    })
}
