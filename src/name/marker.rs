//! The numbers in a name by which Sonarr knows what it is, and what it would take for such.

/// The text by which Sonarr knows the special, or all of them from the first to the last, whatever stands around it (*facts C.3*).
pub fn marker(season: &str, number: i32, last: Option<i32>, anime: bool) -> String {
    let width = if anime { 3 } else { 2 };
    let last = last.filter(|last| *last != number).map(|last| format!("-E{last:0width$}"));
    format!("S{season}E{number:0width$}{}", last.unwrap_or_default())
}

/// The season, the first and the last number that `name` is marked with as a whole word, as in `Show - S00E05 - Title`; of one special
/// the last is the first. All ways in which Sonarr writes several are read (*observed §4*).
pub fn marked(name: &str) -> Option<(i32, i32, i32)> {
    let bytes = name.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let (season, rest) = digits_after(name.get(at..)?, b'S').filter(|_| begins)?;
        let (number, mut rest) = digits_after(rest, b'E')?;
        if season.len() > 4 || number.len() > 4 {
            return None;
        }
        let first = number.parse().ok()?;
        let mut last = first;
        while let Some((number, behind)) = further(rest, season) {
            (last, rest) = (number, behind);
        }
        let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        (ends && first <= last).then(|| Some((season.parse().ok()?, first, last)))?
    })
}

/// The next number of several, and what follows it: `E02`, `-E02`, `-S00E02`, and `-02` where no other number goes on so.
fn further<'n>(text: &'n str, season: &str) -> Option<(i32, &'n str)> {
    let dashed = text.strip_prefix('-');
    let bare = dashed.unwrap_or(text);
    let same_season = digits_after(bare, b'S').filter(|(number, _)| *number == season).map(|(_, rest)| rest);
    let (number, rest) = match digits_after(same_season.unwrap_or(bare), b'E') {
        Some((number, rest)) if number.len() <= 4 => (number, rest),
        _ => {
            let rest = dashed?;
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, rest) = rest.split_at(end);
            let whole = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
            ((2..=3).contains(&number.len()) && whole).then_some((number, rest))?
        }
    };
    Some((number.parse().ok()?, rest))
}

/// The digits after `letter` at the start of `text`, at least one, and what follows them.
fn digits_after(text: &str, letter: u8) -> Option<(&str, &str)> {
    let first = text.as_bytes().first()?;
    let rest = text.get(1..).filter(|_| first.eq_ignore_ascii_case(&letter))?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    (end > 0).then(|| rest.split_at(end))
}

/// Whether Sonarr would read another episode out of a title that holds `S01E02` or `1x02` (*facts C.3*). `3x3 Eyes` is a title.
pub fn names_an_episode(title: &str) -> bool {
    let bytes = title.as_bytes();
    (0..bytes.len()).any(|at| {
        let Some(text) = title.get(at..) else { return false };
        let season = digits_after(text, b's').and_then(|(_, rest)| digits_after(rest, b'e')).is_some();
        let crossed = bytes[at].is_ascii_digit() && digits_after(&text[1..], b'x').is_some_and(|(n, _)| n.len() > 1);
        season || crossed
    })
}

/// Whether Sonarr would read the title of a show as that of a daily one: `2009-12-25` or `25.12.2009` in it (*facts C.3*).
pub fn has_a_date(title: &str) -> bool {
    let parts: Vec<&str> = title.split(['-', '.', '_', ' ', '/']).collect();
    parts.windows(3).any(|three| {
        let lengths = three.iter().map(|part| part.len()).collect::<Vec<_>>();
        let numbers = three.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
        numbers && (lengths == [4, 2, 2] || lengths == [2, 2, 4])
    })
}
