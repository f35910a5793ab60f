//! What a suggestion is made of: films and specials with everything that may tell them apart.

use std::fmt;

use serde::Serialize;

use super::NewRule;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// A film with all that may make it a special.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Film {
    pub tmdb_id: i32,
    /// In the language of Radarr's choice.
    pub title: String,
    /// The original title and those of other countries.
    pub other_titles: Vec<String>,
    /// The series of films that it belongs to, such as "Futurama Collection".
    pub collection: Option<String>,
    /// Minutes.
    pub runtime: Option<i32>,
    pub year: Option<i32>,
    pub in_cinemas: Option<Date>,
    /// When it came out to buy, on a disc or by wire.
    pub released: Vec<Date>,
}

/// An episode of season 0 with all that may make it a film.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Special {
    /// Stays with what it is; `None` from a Sonarr that does not tell it.
    pub tvdb_id: Option<i32>,
    pub number: i32,
    pub title: String,
    pub aired: Option<Date>,
    /// Minutes.
    pub runtime: Option<i32>,
    /// Sonarr has a file for it, be it a link of ours.
    pub has_file: bool,
}

/// A film that looks like a special. It is for a person to make a rule of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Names the pair of film and special, whatever number that has: who has dismissed it is not to see it again.
    pub id: String,
    pub movie_title: String,
    pub tmdb_id: i32,
    pub show_name: String,
    pub tvdb_id: i32,
    /// As in a rule.
    pub season: String,
    pub episode: i32,
    /// The last one's number, if the film was shown as several specials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_episode: Option<i32>,
    pub episode_title: String,
    /// Whether it is hardly anything else.
    pub likely: bool,
    /// 0 to 100.
    pub score: u8,
    /// Why, a short text each.
    pub evidence: Vec<String>,
    /// Somebody has said that it is wrong.
    pub dismissed: bool,
}

impl Date {
    /// `None` if there is no such day in any calendar.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Date> {
        let sound = (0..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        sound.then_some(Date { year, month, day })
    }

    /// The day at the beginning of a text such as `2017-02-18` or `2017-02-18T00:00:00Z`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.get(..10)?.splitn(3, '-').map(|part| part.parse().ok());
        Date::new(parts.next()??, parts.next()??, parts.next()??)
    }

    pub fn year(self) -> i32 {
        self.year as i32
    }

    /// Days since 1970.
    pub fn number(self) -> i64 {
        // a year that begins in March has its leap day at its end
        let (year, month) = if self.month < 3 { (self.year - 1, self.month + 9) } else { (self.year, self.month - 3) };
        let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        const DAYS_TO_1970: i64 = 719_468;
        days + (month * 153 + 2) / 5 + self.day - 1 - DAYS_TO_1970
    }

    /// How many days lie between two.
    pub fn apart(self, other: Date) -> i64 {
        (self.number() - other.number()).abs()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Suggestion {
    /// The rule that it would become.
    pub fn rule(&self) -> NewRule {
        NewRule {
            movie_title: self.movie_title.clone(),
            tmdb_id: self.tmdb_id,
            show_name: self.show_name.clone(),
            episode: Some(self.episode),
            last_episode: self.last_episode,
            season: Some(self.season.clone()),
            tvdb_id: Some(self.tvdb_id).filter(|id| *id > 0),
            ..NewRule::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

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
        for text in ["", "2026-11", "2026-13-01", "2026-00-10", "2026-01-32", "20261-1-01", "2026-1é-01", "yyyy-mm-dd"]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
