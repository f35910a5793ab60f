//! When two titles are one although they are written differently.

use unicode_normalization::UnicodeNormalization;

/// By what two titles are the same although written differently: letters and digits alone, small, without accents, `&` as `and`. Empty
/// for a title that has neither letters nor digits; such a one is only like itself.
pub fn key(title: &str) -> String {
    if title.is_ascii() {
        // as below, and much faster: a run compares each title with each name that is not remembered
        let letters = title.bytes().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'&');
        return letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect::<String>().replace('&', "and");
    }
    let marks = |c: char| matches!(c, '™' | '®' | '©' | '℠');
    let mut key = String::new();
    for c in title.chars().filter(|c| !marks(*c)).nfkd() {
        match c {
            '&' => key.push_str("and"),
            // these make another letter of the one before them
            '\u{3099}' | '\u{309a}' => key.push(c),
            _ if is_accent(c) || !c.is_alphanumeric() => {}
            c => c.to_lowercase().nfkd().filter(|c| !is_accent(*c)).for_each(|c| match spelled_out(c) {
                "" => key.push(c),
                letters => key.push_str(letters),
            }),
        }
    }
    // in one order what stands at a letter
    key.nfkd().collect()
}

/// What stands above and below letters of alphabets, where leaving it out is another spelling. Elsewhere, as in India, it is a vowel.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// Letters that are not taken apart by Unicode.
fn spelled_out(small: char) -> &'static str {
    match small {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ς' => "σ",
        _ => "",
    }
}

/// How well a name that somebody typed fits a title; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Letter by letter.
    Exact,
    /// By its [`key`].
    Same,
    /// One of the two has a year at its end and the other none, or both have the same in another form.
    WithoutYear,
}

/// How the typed name of a show fits a title of it that is from `year`. Two different years are two shows.
pub fn fit(typed: &str, title: &str, year: Option<i32>) -> Option<Fit> {
    if typed == title {
        return Some(Fit::Exact);
    }
    let (typed_key, title_key) = (key(typed), key(title));
    if typed_key.is_empty() || title_key.is_empty() {
        return None;
    }
    if typed_key == title_key {
        return Some(Fit::Same);
    }
    let ((typed, typed_year), (title, title_year)) = (apart(typed, year), apart(title, year));
    if typed_year.is_none() && title_year.is_none() {
        return None;
    }
    let same_year = match (typed_year, title_year.or(year)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    (same_year && !key(typed).is_empty() && key(typed) == key(title)).then_some(Fit::WithoutYear)
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
