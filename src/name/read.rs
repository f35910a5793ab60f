//! What Sonarr reads from the name of a file in a show's folder, foretold (*observed §9*, *facts C.3*).
//!
//! Not a copy of its parser: only what can go wrong with a name that has a mark such as `S00E05`. In doubt a name counts as misread, for
//! the number alone is enough for Sonarr.

use super::clean::is_video;

/// Whether Sonarr takes a file of this name for anything else than these specials of that season.
pub fn misread(file_name: &str, season: i32, first: i32, last: i32) -> bool {
    read(file_name) != Some((season, first, last))
}

/// The season, the first and the last number; `None` is refused, or anything that we do not want to know.
fn read(file_name: &str) -> Option<(i32, i32, i32)> {
    let stem = if is_video(file_name) { file_name.rsplit_once('.')?.0 } else { file_name };
    let lower = file_name.to_lowercase();
    let encoded = lower.contains("password") && lower.contains("yenc");
    let a_hash = stem.len() >= 32 && stem.bytes().take(32).all(|b| b.is_ascii_alphanumeric());
    if encoded || a_hash || is_passed_over(stem) || is_reversed(&lower) {
        return None;
    }
    let text = plain(stem);
    if text.begins_with_numbers() {
        return None;
    }
    let mark =
        text.at_start().or_else(|| text.row()).or_else(|| text.with_title()).or_else(|| text.of_many_digits())?;
    // half an episode
    let half = matches!(text.get(mark.end), Some('a'..='d')) && !text.is_word(mark.end + 1);
    let of_a_day = text.dates().any(|date| date < mark.at || text.marks(date).any(|mark| mark.at > date + 4));
    // with brackets behind it
    let other_than_a_range = mark.last > mark.first
        && text.0[mark.end..].contains(&'[')
        && text.marks(mark.end).any(|other| other.is_usual() && other.first != mark.last);
    // which is looked for before a single number
    let range_elsewhere = text.marks(0).any(|other| other.at != mark.at && text.is_short_range(&other));
    let wrong = half || of_a_day || other_than_a_range || range_elsewhere || text.has_an_absolute_number(&mark);
    (!wrong).then_some((mark.season, mark.first, mark.last))
}

/// What is not scanned at all (*facts D.4*).
pub(super) fn is_passed_over(stem: &str) -> bool {
    const KINDS: [&str; 8] =
        ["trailer", "other", "behindthescenes", "deleted", "featurette", "interview", "scene", "short"];
    stem.rsplit_once('-').is_some_and(|(_, kind)| KINDS.iter().any(|known| known.eq_ignore_ascii_case(kind)))
}

/// Whether a word such as `p027` or `003E00S` says that the whole name is written from its end.
fn is_reversed(lower: &str) -> bool {
    let words: Vec<&str> = lower.split(['-', '.', '_', ' ']).collect();
    let numbers = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let turned = |word: &&str| match word.strip_suffix('s').and_then(|word| word.split_once('e')) {
        Some((number, season)) => {
            (2..=3).contains(&number.len()) && season.len() == 2 && numbers(number) && numbers(season)
        }
        None => ["p027", "p0801"].contains(word),
    };
    words[..words.len() - 1].iter().any(turned)
}

/// As Sonarr compares: small, with digits and brackets of one kind, and without `1080p` and the like, which it takes out before it looks
/// for numbers.
fn plain(text: &str) -> Text {
    const SIZES: [&str; 8] = ["360", "480", "540", "576", "720", "1080", "1440", "2160"];
    let plain = |c: char| match c {
        '【' => '[',
        '】' => ']',
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        c => c,
    };
    let mut plain: String = text.chars().flat_map(char::to_lowercase).map(plain).collect();
    for size in SIZES.iter().flat_map(|size| [format!("{size}p"), format!("{size}i")]) {
        plain = plain.replace(&size, "");
    }
    Text(plain.chars().collect())
}

struct Text(Vec<char>);

/// A season with the number of an episode, in any form: `S00E05`, `1x02`, `S02 E05`.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    end: usize,
    season: i32,
    /// How many digits the season has.
    season_digits: usize,
    first: i32,
    digits: usize,
    /// -1 if nobody knows, as for marks of two seasons.
    last: i32,
}

impl Text {
    fn get(&self, at: usize) -> Option<char> {
        self.0.get(at).copied()
    }

    fn is_digit(&self, at: usize) -> bool {
        self.get(at).is_some_and(|c| c.is_ascii_digit())
    }

    fn is_word(&self, at: usize) -> bool {
        self.get(at).is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    /// Where what stands between a title and a mark is: no opening bracket, after which Sonarr looks for none.
    fn is_gap(&self, at: usize) -> bool {
        self.get(at).is_some_and(|c| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '[' | '!'))
    }

    fn digits(&self, at: usize) -> usize {
        (at..self.0.len()).take_while(|&at| self.is_digit(at)).count()
    }

    /// The number from here to its end; `None` if it is none, is too long, or began before.
    fn number(&self, at: usize) -> Option<(i32, usize)> {
        let digits = self.digits(at);
        let began = at > 0 && self.is_digit(at - 1);
        let number: String = self.0[at..at + digits].iter().collect();
        Some((number.parse().ok().filter(|_| (1..=5).contains(&digits) && !began)?, at + digits))
    }

    /// What joins a number to the season or the number before it: `e` or `x`, once or twice, each perhaps behind one other character.
    fn joint(&self, at: usize) -> Option<usize> {
        let one = |at: usize| {
            let bare = |at: usize| matches!(self.get(at), Some('e' | 'x')).then_some(at + 1);
            let apart = self.get(at).is_some_and(|c| !c.is_alphanumeric());
            bare(at).or_else(|| bare(at + 1).filter(|_| apart))
        };
        let end = one(at)?;
        Some(one(end).unwrap_or(end))
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        let lettered = self.get(at) == Some('s');
        let start = at + usize::from(lettered);
        let (season, season_end) = self.number(start).filter(|(_, end)| end - start <= 4)?;
        let first_at = self.joint(season_end)?;
        let (first, end) = self.number(first_at)?;
        let (season_digits, digits) = (season_end - start, end - first_at);
        let mut mark = Mark { at, end, season, season_digits, first, digits, last: first };
        while let Some((number, end)) = self.further(mark.end) {
            (mark.last, mark.end) = (number, end);
        }
        Some(mark)
    }

    /// The next number of several right behind one: `E02`, `-E02`, `-02`, `_02`.
    fn further(&self, at: usize) -> Option<(i32, usize)> {
        let joint = self.joint(at);
        if let Some((number, end)) = joint.and_then(|at| self.number(at).filter(|(_, end)| end - at <= 3)) {
            return Some((number, end));
        }
        let dashes = (at..self.0.len()).take(2).take_while(|&at| matches!(self.get(at), Some('-' | '_'))).count();
        let (number, end) = self.number(at + dashes).filter(|_| dashes > 0)?;
        (2..=3).contains(&(end - at - dashes)).then_some((number, end))
    }

    /// `S2E5-7`.
    fn is_short_range(&self, mark: &Mark) -> bool {
        let goes_on = mark.last != mark.first || self.get(mark.end) == Some('-') && self.is_digit(mark.end + 1);
        self.get(mark.at) == Some('s') && mark.digits <= 2 && goes_on
    }

    /// All marks from `from` on that Sonarr may find behind a title.
    fn marks(&self, from: usize) -> impl Iterator<Item = Mark> {
        (from.max(2)..self.0.len()).filter(|&at| self.is_gap(at - 1)).filter_map(|at| self.mark(at))
    }

    /// `24-12-13` at the start of a name is a season with a range.
    fn begins_with_numbers(&self) -> bool {
        let season = self.number(usize::from(self.get(0) == Some('s')));
        let dashed = season.filter(|(_, end)| matches!(self.get(*end), Some('-' | '_')));
        dashed.and_then(|(_, end)| self.further(end)).is_some_and(|(_, end)| self.further(end).is_some())
    }

    /// The mark that the name begins with.
    fn at_start(&self) -> Option<Mark> {
        let begin = (0..self.0.len()).find(|&at| self.is_word(at))?;
        let mark = self.mark(begin)?;
        let single = || (begin == 0 && mark.is_usual()).then_some(mark);
        range(&self.behind(mark, |at| !self.is_word(at), 0)).or_else(single)
    }

    /// Several marks in a row, which are a range from the first number to the last.
    fn row(&self) -> Option<Mark> {
        let first = self.marks(0).filter(Mark::is_in_a_row);
        let mut rows = first.map(|mark| self.behind(mark, |at| self.is_gap(at), 1)).filter(|row| row.len() > 1);
        range(&rows.next()?)
    }

    /// A mark and those that follow right behind it.
    fn behind(&self, first: Mark, is_gap: impl Fn(usize) -> bool, least_gap: usize) -> Vec<Mark> {
        let mut marks = vec![first];
        loop {
            let end = marks[marks.len() - 1].end;
            let gap = (end..self.0.len()).take_while(|&at| is_gap(at)).count();
            match self.mark(end + gap).filter(|next| gap >= least_gap && next.is_in_a_row()) {
                Some(next) => marks.push(next),
                None => return marks,
            }
        }
    }

    /// The first mark behind a title.
    fn with_title(&self) -> Option<Mark> {
        let short = self.marks(0).find(|mark| mark.is_usual() && mark.season_digits < 4);
        short.or_else(|| self.marks(0).find(Mark::is_usual))
    }

    /// Four digits of a number and three of a season are looked for last, after other words that may be numbers.
    fn of_many_digits(&self) -> Option<Mark> {
        let starts = (0..self.0.len()).filter(|&at| at == 0 || self.is_gap(at - 1));
        let mark = starts.filter_map(|at| self.mark(at)).find(|mark| mark.digits <= 4)?;
        let others: String = [&self.0[..mark.at], &self.0[mark.end..]].concat().iter().collect();
        let doubtful = ["part", "season"].iter().any(|word| others.contains(word)) || others.contains(char::is_numeric);
        (!doubtful).then_some(mark)
    }

    /// Where dates are, as numbers or in one: `2009-12-25`, `20091225`, `091225`.
    fn dates(&self) -> impl Iterator<Item = usize> {
        let starts = (0..self.0.len()).filter(|&at| self.is_digit(at));
        starts.filter(|&at| self.is_apart_date(at) || self.is_date_in_one(at))
    }

    /// The number of two digits.
    fn two(&self, at: usize) -> Option<u32> {
        Some(self.get(at)?.to_digit(10)? * 10 + self.get(at + 1)?.to_digit(10)?)
    }

    fn is_day(&self, month: usize, day: usize) -> bool {
        self.two(month).is_some_and(|month| month <= 19) && self.two(day).is_some_and(|day| day <= 39)
    }

    fn is_apart_date(&self, at: usize) -> bool {
        let gap = |at: usize| (at..self.0.len()).take_while(|&at| !self.is_word(at)).count();
        let month = at + 4 + gap(at + 4);
        let day = month + 2 + gap(month + 2);
        let is_year = self.two(at).is_some_and(|century| century >= 19) && self.two(at + 2).is_some();
        is_year && month > at + 4 && day > month + 2 && self.is_day(month, day)
    }

    fn is_date_in_one(&self, at: usize) -> bool {
        let letter = |at: usize| self.get(at).is_some_and(char::is_alphanumeric);
        let (is_year, month) = match self.digits(at) {
            6 => (self.get(at) != Some('0') && !letter(at + 6), at + 2),
            8 => (matches!(self.two(at), Some(19 | 20)), at + 4),
            _ => return false,
        };
        let is_none = self.two(month) == Some(0) && self.two(month + 2) == Some(0);
        is_year && !(at > 0 && letter(at - 1)) && self.is_day(month, month + 2) && !is_none
    }

    /// Behind brackets at its start, which are who released it, a name may have the number of an anime's episode, counted from its first.
    fn has_an_absolute_number(&self, mark: &Mark) -> bool {
        let named = |text: &[char]| text.iter().collect::<String>().contains("episode");
        let close = self.0.iter().position(|c| *c == ']').filter(|_| self.get(0) == Some('['));
        let Some(close) = close else {
            // also without them, if there are others behind it
            let before = &self.0[..mark.at];
            return named(before) && self.0.contains(&'[') && before.iter().any(char::is_ascii_digit);
        };
        let of_number = |at: usize| {
            let before = self.get(at - 1).is_some_and(|c| matches!(c, '-' | '_' | '.' | ' ' | '(' | '#'));
            let length = self.number(at).map(|(_, end)| end - at);
            before && length.is_some_and(|length| (2..=3).contains(&length))
        };
        let numbers: Vec<usize> = (close + 2..self.0.len()).filter(|&at| of_number(at)).collect();
        let of_season =
            |at: usize| self.get(at) == Some('s') && !self.is_word(at - 1) && self.is_digit(at + 1) && at != mark.at;
        let others = self.marks(close).any(|other| other.at != mark.at) || self.dates().next().is_some();
        let seasons = (close + 1..self.0.len()).any(of_season);
        let two_groups = self.get(close + 1) == Some('[');
        if close > mark.at || others || two_groups || named(&self.0) && !numbers.is_empty() {
            return true;
        }
        if mark.digits > 2 || mark.season_digits > 2 {
            return !numbers.is_empty() || seasons;
        }
        // the number is found, unless another stands right beside it
        let beside = |at: &usize| {
            let (_, end) = self.number(*at).unwrap_or_default();
            let only_gaps =
                |from: usize, to: usize| (from..to).all(|at| !self.get(at).is_some_and(char::is_alphanumeric));
            if *at < mark.at { only_gaps(end, mark.at) } else { *at >= mark.end && only_gaps(mark.end, *at) }
        };
        numbers.iter().any(beside)
    }
}

/// What several marks in a row are together: nothing, if that would run backwards.
fn range(marks: &[Mark]) -> Option<Mark> {
    let first = marks[0];
    let numbers: Vec<i32> = marks.iter().flat_map(|mark| [mark.first, mark.last]).collect();
    let goes_on = numbers[2..].iter().any(|number| *number >= first.first);
    let in_order = numbers.is_sorted() && marks.iter().all(|other| other.season == first.season);
    let last = numbers.last().copied().filter(|_| in_order).unwrap_or(-1);
    (goes_on && first.is_in_a_row()).then_some(Mark { last, ..first })
}

impl Mark {
    /// As most files are marked, and Sonarr looks first.
    fn is_usual(&self) -> bool {
        (2..=3).contains(&self.digits) && matches!(self.season_digits, 1 | 2 | 4)
    }

    fn is_in_a_row(&self) -> bool {
        self.digits <= 3 && self.season_digits != 3
    }
}

#[cfg(test)]
mod tests;
