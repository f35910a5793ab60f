//! Days and moments, in UTC.

use std::fmt;

use tz::UtcDateTime;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(UtcDateTime);

impl Date {
    /// The day at the beginning of a text such as `2017-02-18` or `2017-02-18T00:00:00Z`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.get(..10)?.splitn(3, '-');
        let year = parts.next()?.parse().ok().filter(|year| (0..=9999).contains(year))?;
        let (month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        UtcDateTime::new(year, month, day, 0, 0, 0, 0).ok().map(Date)
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// Days since 1970.
    pub fn number(self) -> i64 {
        self.0.unix_time().div_euclid(86_400)
    }

    /// How many days lie between two.
    pub fn apart(self, other: Date) -> i64 {
        (self.number() - other.number()).abs()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.month_day())
    }
}

/// Seconds since 1970 as `2026-11-22 16:03:00Z`.
pub fn time(seconds: i64) -> String {
    civil(seconds) + "Z"
}

/// The same without saying where on earth.
pub fn civil(seconds: i64) -> String {
    let Ok(at) = UtcDateTime::from_timespec(seconds, 0) else { return seconds.to_string() };
    format!("{} {:02}:{:02}:{:02}", Date(at), at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let date = |text| Date::parse(text).unwrap();
        for (text, number) in
            [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29T23:59:59Z", 11_016), ("2026-11-22", 20_779)]
        {
            assert_eq!(date(text).number(), number);
            assert_eq!(date(text).to_string(), text[..10]);
        }
        assert_eq!(date("2024-02-28").apart(date("2024-03-01")), 2);
        assert_eq!(date("2025-03-01").apart(date("2025-02-28")), 1);
        for text in [
            "",
            "2026-11",
            "2026-13-01",
            "2026-00-10",
            "2026-01-32",
            "2026-02-29",
            "20261-1-01",
            "2026-1é-01",
            "yyyy-mm-dd",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (1_763_827_445, "2025-11-22 16:04:05Z"),
            (4_102_444_799, "2099-12-31 23:59:59Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(time(seconds), text);
        }
    }
}
