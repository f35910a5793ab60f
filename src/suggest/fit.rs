//! How well one film fits one special: by title, day and length.

use super::{
    parts::Whole,
    title::{Rest, Title},
};
use crate::model::{Date, Film, Special};

/// No part of a series is as long as that; a film mostly is.
const SHORTEST_FILM: i32 = 40;

/// One of a film's titles, and what is left of it without a name of the show.
pub struct FilmTitle<'a> {
    text: &'a str,
    rest: Rest,
    is_part: bool,
}

pub struct Fit {
    /// 0 to 100.
    pub score: u8,
    pub likely: bool,
    pub evidence: Vec<String>,
}

/// How near the day of the special is to one of the film's.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Day {
    Same,
    /// Within six weeks: shown in another country, or on a disc.
    Weeks,
    SameYear,
    /// Or the year before or after.
    Unknown,
}

/// Whether the film is as long as the special.
#[derive(Clone, Copy, PartialEq)]
enum Length {
    Fits,
    Unknown,
    /// That of a part of a series.
    Short,
    Differs,
}

const NEVER: f64 = f64::INFINITY;
/// How alike the titles of a film and a special must be, by day and length, that they are likely one and that they may be one.
const NEEDED: [[(f64, f64); 4]; 4] = [
    [(0.6, 0.0), (0.85, 0.6), (0.98, 0.85), (NEVER, 0.85)],
    [(0.9, 0.6), (0.9, 0.6), (0.98, 0.86), (NEVER, NEVER)],
    [(0.9, 0.6), (NEVER, 0.6), (NEVER, 0.86), (NEVER, NEVER)],
    [(NEVER, 0.86), (NEVER, 0.86), (NEVER, NEVER), (NEVER, NEVER)],
];
/// What days and lengths are worth.
const DAYS: [f64; 4] = [1.0, 0.7, 0.5, 0.3];
const LENGTHS: [f64; 4] = [1.0, 0.5, 0.2, 0.0];

/// What is left of these titles.
pub fn rests<'a>(titles: impl Iterator<Item = &'a String>, names: &[Title]) -> Vec<FilmTitle<'a>> {
    let of = |text: &'a String| {
        let title = Title::new(text);
        let is_part = title.part().is_some();
        title.rests(names).into_iter().map(move |rest| FilmTitle { text, rest, is_part })
    };
    titles.flat_map(of).collect()
}

impl Fit {
    /// How well a film fits a special of a show whose episodes usually have so many minutes. `None` if nothing speaks for it, or
    /// something against it.
    pub fn of(film: &Film, titles: &[FilmTitle], whole: &Whole, usual: Option<i32>) -> Option<Fit> {
        let (day, days) = day(film, whole.first)?;
        let (title, rest, degree) = titles
            .iter()
            .flat_map(|title| whole.rests.iter().map(move |rest| (title, rest, title.rest.likeness(rest))))
            .reduce(|best, next| if next.2 > best.2 { next } else { best })?;
        let bare = title.rest.is_bare() && rest.is_bare();
        let length = length(film.runtime, whole, usual);
        // its parts together are a film, or nobody knows
        let is_only_part = whole.is_part && !title.is_part;
        if is_only_part && length != Length::Fits || !may_be_whole(whole, length) {
            return None;
        }
        let (sure, possible) = NEEDED[day as usize][length as usize];
        if degree < possible {
            return None;
        }
        let mut evidence = vec![titles_agree(film, title.text, degree, bare), days];
        if let (Some(film), Some(special)) = (film.runtime, whole.runtime) {
            evidence.push(format!("{film} minutes, the special {special}"));
        }
        evidence.extend(film.collection.iter().map(|collection| format!("of the {collection:?}")));
        if whole.further > 0 {
            evidence.push(format!("the special and the {} after it are parts of one film", whole.further));
        }
        let likely = degree >= sure && !is_only_part && (whole.further == 0 || length == Length::Fits);
        Some(Fit { score: score(degree, day, length), likely, evidence })
    }

    /// The same for a film of which this special's title is the whole title, or all that stands behind a colon or dash.
    pub fn of_namesake(film: &Film, whole: &Whole, usual: Option<i32>) -> Option<Fit> {
        let (day, days) = day(film, whole.first)?;
        let length = length(film.runtime, whole, usual);
        let fits = day <= Day::Weeks || (day == Day::SameYear && length == Length::Fits);
        let evidence = vec!["the film's title has the special's whole title".into(), days];
        (fits && may_be_whole(whole, length)).then(|| Fit { score: score(0.3, day, length), likely: false, evidence })
    }
}

fn titles_agree(film: &Film, title: &str, degree: f64, bare: bool) -> String {
    let which =
        if film.title == title { "the titles".into() } else { format!("its title {title:?} and the special's") };
    match (degree * 100.0).round() {
        _ if bare => format!("{which} are nothing but the show's"),
        100.0 => format!("{which} say the same"),
        percent if percent >= 50.0 => format!("{which} agree to {percent} %"),
        _ => "the titles differ".into(),
    }
}

/// How near the days are, and what to say of them. `None` if they are years apart.
fn day(film: &Film, special: &Special) -> Option<(Day, String)> {
    let Some(aired) = special.aired else { return Some((Day::Unknown, "no air date is known".into())) };
    let of_film = |(date, what): (Date, &'static str)| (aired.apart(date), date, what);
    let out = film.released.iter().map(|date| (*date, "out on"));
    let nearest = film.in_cinemas.iter().map(|date| (*date, "in cinemas on")).chain(out).map(of_film).min();
    if let Some((apart, date, what)) = nearest.filter(|(apart, ..)| *apart <= 45) {
        let near = if apart <= 3 { Day::Same } else { Day::Weeks };
        return Some((near, format!("{what} {date}, aired on {aired}")));
    }
    let Some(year) = film.in_cinemas.map(Date::year).or(film.year) else {
        return Some((Day::Unknown, format!("aired on {aired}, no date of the film is known")));
    };
    // a film that was late on air may still be near in one of its years
    let years = film.released.iter().map(|date| date.year()).chain([year]).chain(film.year);
    let near = match years.map(|year| (year - aired.year()).abs()).min() {
        Some(0) => Day::SameYear,
        Some(1) => Day::Unknown,
        _ => return None,
    };
    Some((near, format!("a film of {year}, aired on {aired}")))
}

/// Several specials are one film only if their lengths say so, or nothing.
fn may_be_whole(whole: &Whole, length: Length) -> bool {
    whole.further == 0 || matches!(length, Length::Fits | Length::Unknown)
}

/// Lengths are rounded, cut and padded: a fifth more or less is the same. The usual length of the show tells nothing, since TVDB gives
/// it to specials of which it knows none.
fn length(film: Option<i32>, whole: &Whole, usual: Option<i32>) -> Length {
    let (Some(film), Some(special)) = (film, whole.runtime) else { return Length::Unknown };
    let is_film = |minutes| minutes >= SHORTEST_FILM;
    match special {
        _ if (film - special).abs() * 5 <= film && (is_film(special) || !is_film(film)) => Length::Fits,
        _ if usual.is_some_and(|usual| special == usual * (whole.further + 1)) => Length::Unknown,
        _ if is_film(film) && !is_film(special) => Length::Short,
        _ => Length::Differs,
    }
}

fn score(degree: f64, day: Day, length: Length) -> u8 {
    (100.0 * (0.6 * degree + 0.3 * DAYS[day as usize] + 0.1 * LENGTHS[length as usize])).round() as u8
}
