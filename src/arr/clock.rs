//! How an app tells the time, in seconds since 1970.

use crate::model::Date;

/// `2026-07-01T12:00:41Z`, perhaps with a fraction (Sonarr 3).
pub(super) fn iso(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut clock = 0;
    for part in time.split('.').next()?.splitn(3, ':') {
        clock = clock * 60 + part.parse::<u8>().ok()? as i64;
    }
    Some(Date::parse(date)?.number() * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_its_second() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1994-11-06T08:49:37Z", 784_111_777),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-07-01T12:00:41.1234567Z", 1_782_907_241),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(iso(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "Z", "T", "2026-07-01", "2026-13-01T00:00:00Z", "-1-01-01T00:00:00Z", "2026-07-01T12:xx:00Z"] {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
