//! The two ways in which an app tells the time, in seconds since 1970.

use crate::model::Date;

/// `2026-07-01T12:00:41Z`, perhaps with a fraction (Sonarr 3).
pub(super) fn iso(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    seconds(Date::parse(date)?, time)
}

/// `Wed, 01 Jul 2026 12:00:41 GMT`, as in a `Date` header.
pub(super) fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.strip_suffix(" GMT")?.split_once(", ")?.1.split(' ');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let year = parts.next()?.parse().ok()?;
    seconds(Date::new(year, month, day)?, parts.next()?)
}

fn seconds(date: Date, time: &str) -> Option<i64> {
    let whole = time.split('.').next()?;
    let mut clock = 0;
    for part in whole.splitn(3, ':') {
        clock = clock * 60 + part.parse::<u8>().ok()? as i64;
    }
    Some(date.number() * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_tell_the_same_second() {
        for (text, date, seconds) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("2000-02-29T23:59:59Z", "Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("2026-07-01T12:00:41.1234567Z", "Wed, 01 Jul 2026 12:00:41 GMT", 1_782_907_241),
            ("2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ] {
            assert_eq!(iso(text), Some(seconds), "{text}");
            assert_eq!(http_date(date), Some(seconds), "{date}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "Z", "T", "2026-07-01", "2026-13-01T00:00:00Z", "-1-01-01T00:00:00Z", "2026-07-01T12:xx:00Z"] {
            assert_eq!(iso(text), None, "{text}");
        }
        for text in ["", "Wed", "Wed, 01 Jul 2026", "Wed, 01 Foo 2026 12:00:00 GMT", "Wed, 01 Jul 2026 12:00:00 CET"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }
}
