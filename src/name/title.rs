//! When two titles are one although they are written differently.

use unicode_normalization::UnicodeNormalization;

/// By what two titles are the same although written differently: letters and digits alone, small, without accents, `&` as `and`. Empty
/// for a title that has neither letters nor digits; such a one is only like itself.
pub fn folded(title: &str) -> String {
    if title.is_ascii() {
        // as below, and much faster: a run compares each title with each name that is not remembered
        let letters = title.bytes().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'&');
        return letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect::<String>().replace('&', "and");
    }
    let marks = |c: char| matches!(c, '™' | '®' | '©' | '℠');
    let mut folded = String::new();
    for c in title.chars().filter(|c| !marks(*c)).nfkd() {
        match c {
            '&' => folded.push_str("and"),
            // these make another letter of the one before them
            '\u{3099}' | '\u{309a}' => folded.push(c),
            _ if is_accent(c) || !c.is_alphanumeric() => {}
            c => c.to_lowercase().nfkd().filter(|c| !is_accent(*c)).for_each(|c| {
                match SPELLED_OUT.split(' ').find_map(|pair| pair.strip_prefix(c)) {
                    Some(letters) => folded.push_str(letters),
                    None => folded.push(c),
                }
            }),
        }
    }
    // in one order what stands at a letter
    folded.nfkd().collect()
}

/// What stands above and below letters of alphabets, where leaving it out is another spelling. Elsewhere, as in India, it is a vowel.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// Letters that are not taken apart by Unicode, each with what stands for it.
const SPELLED_OUT: &str = "ßss æae œoe øo đd ðd łl þth ħh ŧt ıi ςσ";

/// How well a name that somebody typed fits a title; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// Letter by letter.
    Exact,
    /// By its [`folded`].
    Same,
    /// One of the two has a year at its end and the other none, or both have the same in another form.
    WithoutYear,
}

/// How the typed name of a show fits a title of it that is from `year`. Two different years are two shows.
pub fn fit(typed: &str, title: &str, year: Option<i32>) -> Option<Spelling> {
    if typed == title {
        return Some(Spelling::Exact);
    }
    let (typed_folded, title_folded) = (folded(typed), folded(title));
    if typed_folded.is_empty() || title_folded.is_empty() {
        return None;
    }
    if typed_folded == title_folded {
        return Some(Spelling::Same);
    }
    let ((typed, typed_year), (title, title_year)) = (apart(typed, year), apart(title, year));
    if typed_year.is_none() && title_year.is_none() {
        return None;
    }
    let same_year = match (typed_year, title_year.or(year)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    (same_year && !folded(typed).is_empty() && folded(typed) == folded(title)).then_some(Spelling::WithoutYear)
}

/// A title without the year at its end, and that year: `Show (2019)`; or `Show 2019`, if the show is known to be from that year, since
/// otherwise the number is part of the title.
fn apart(title: &str, year: Option<i32>) -> (&str, Option<i32>) {
    let trimmed = title.trim_end();
    let (bracketed, inner) = match trimmed.strip_suffix([')', ']', '）']) {
        Some(inner) => (true, inner),
        None => (false, trimmed),
    };
    let Some(at) = inner.len().checked_sub(4).filter(|at| inner.is_char_boundary(*at)) else { return (title, None) };
    let (rest, digits) = inner.split_at(at);
    let number = digits.parse::<i32>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
    let opened = if bracketed { rest.strip_suffix(['(', '[', '（']) } else { rest.strip_suffix(' ') };
    match (number, opened) {
        (Some(number), Some(rest)) if bracketed || Some(number) == year => (rest, Some(number)),
        _ => (title, None),
    }
}

#[cfg(test)]
mod tests;
