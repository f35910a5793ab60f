//! Which specials are meant, as people write it: `5`, `S00E05`, or a range of several that are one film.

/// The number of a special, or the first and the last of several, with the season where that is written with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers<'a> {
    pub season: Option<&'a str>,
    pub first: i32,
    pub last: Option<i32>,
}

impl Numbers<'_> {
    /// `1`, `01`, `E01` or `S00E01`, and the same with a second number: `1-4`, `E01-E04`, `S00E01-E04`, `S00E01-S00E04`.
    pub fn parse(text: &str) -> Option<Numbers<'_>> {
        let Some((first, last)) = text.split_once('-') else {
            let (season, first) = one(text)?;
            return Some(Numbers { season, first, last: None });
        };
        let ((season, first), (again, last)) = (one(first)?, one(last)?);
        let number = |season: &str| season.parse::<i32>().ok();
        // one file is in one season
        let agree = again.is_none_or(|again| season.is_some_and(|season| number(season) == number(again)));
        agree.then_some(Numbers { season, first, last: Some(last) })
    }
}

fn one(text: &str) -> Option<(Option<&str>, i32)> {
    let text = text.trim();
    let (season, number) = match text.strip_prefix(['S', 's']) {
        Some(rest) => rest.split_once(['E', 'e']).map(|(season, number)| (Some(season), number))?,
        None => (None, text.strip_prefix(['E', 'e']).unwrap_or(text)),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let sound = digits(number) && season.is_none_or(digits);
    sound.then(|| number.parse().ok()).flatten().map(|number| (season, number))
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn specials_are_read_as_people_write_them() {
        let cases = [
            ("5", None, 5, None),
            (" 05 ", None, 5, None),
            ("E05", None, 5, None),
            ("s1e2", Some("1"), 2, None),
            ("1-4", None, 1, Some(4)),
            ("01 - 04", None, 1, Some(4)),
            ("E01-E04", None, 1, Some(4)),
            ("E1-4", None, 1, Some(4)),
            ("S00E01-E04", Some("00"), 1, Some(4)),
            ("S00E01-04", Some("00"), 1, Some(4)),
            ("S00E01-S00E04", Some("00"), 1, Some(4)),
            ("S00E01-S0E04", Some("00"), 1, Some(4)),
            // whether it is a range is for the rule to say
            ("4-4", None, 4, Some(4)),
        ];
        for (text, season, first, last) in cases {
            assert_eq!(Numbers::parse(text), Some(Numbers { season, first, last }), "{text}");
        }
        let wrong = [
            "",
            "-",
            "-5",
            "5-",
            "1-2-3",
            "S00E01-S01E04",
            "E01-S00E04",
            "S00",
            "SE1",
            "S0E",
            "1.5",
            "x",
            "+5",
            "99999999999",
            "Episode 5",
        ];
        for text in wrong {
            assert_eq!(Numbers::parse(text), None, "{text}");
        }
    }
}
