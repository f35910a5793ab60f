//! How well one film fits one special: by title, day and length.

use super::{
    parts::{Numbered, Whole},
    title::{Likeness, Rest, Title},
};
use crate::model::{Date, Film, Special};

/// No part of a series is as long as that; a film mostly is.
const SHORTEST_FILM: i32 = 40;

/// A film with what is left of each of its titles.
pub struct FilmTitles<'a> {
    pub film: &'a Film,
    titles: Vec<FilmTitle<'a>>,
}

struct FilmTitle<'a> {
    text: &'a str,
    rest: Rest,
    is_part: bool,
}

/// A special, or several, with what is left of the title.
pub struct SpecialTitle<'a> {
    pub whole: &'a Whole<'a>,
    rests: Vec<Rest>,
}

pub struct Fit {
    /// 0 to 100.
    pub score: u8,
    pub likely: bool,
    pub evidence: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Day {
    Unknown,
    /// The year before or after.
    Near,
    SameYear,
    /// Within six weeks: shown in another country, or on a disc.
    Weeks,
    Same,
}

#[derive(Clone, Copy, PartialEq)]
enum Length {
    Fits,
    Unknown,
    /// That of a part of a series.
    Short,
    Differs,
}

impl<'a> FilmTitles<'a> {
    pub fn new(film: &'a Film, names: &[Title]) -> FilmTitles<'a> {
        let titles = std::iter::once(&film.title).chain(&film.other_titles).flat_map(|text| {
            let title = Title::new(text);
            let is_part = title.part().is_some();
            rests(&title, names).into_iter().map(move |rest| FilmTitle { text, rest, is_part })
        });
        FilmTitles { film, titles: titles.collect() }
    }
}

impl<'a> SpecialTitle<'a> {
    pub fn new(whole: &'a Whole<'a>, names: &[Title]) -> SpecialTitle<'a> {
        SpecialTitle { rests: rests(&whole.title, names), whole }
    }
}

/// What is left of a title without each of the show's names that is in it; all of it if none is.
fn rests(title: &Title, names: &[Title]) -> Vec<Rest> {
    let mut rests: Vec<Rest> = Vec::new();
    for name in names.iter().filter(|name| title.find(name).is_some()) {
        let rest = title.without(name);
        if !rests.contains(&rest) {
            rests.push(rest);
        }
    }
    if rests.is_empty() {
        rests.push(title.without(&Title::default()));
    }
    rests
}

impl Fit {
    /// How well a film fits a special of a show whose episodes usually have so many minutes. `None` if nothing speaks for it, or
    /// something against it.
    pub fn of(film: &FilmTitles, special: &SpecialTitle, usual: Option<i32>) -> Option<Fit> {
        let FilmTitles { film, titles } = film;
        let SpecialTitle { whole, rests } = special;
        let (day, days) = day(film, whole.first)?;
        let (title, Likeness { degree, bare }) = titles
            .iter()
            .flat_map(|title| rests.iter().map(move |other| (title, title.rest.likeness(other))))
            .reduce(|best, next| if next.1.degree > best.1.degree { next } else { best })?;
        let length = length(film.runtime, whole, usual);
        let is_only_part = whole.part != Numbered::No && !title.is_part;
        // its parts together are a film, or nobody knows
        let against = length != Length::Fits && is_only_part && whole.part == Numbered::OfSeveral;
        if against || !may_be_whole(whole, length) {
            return None;
        }

        let same_day = day == Day::Same;
        let sure = match length {
            Length::Fits => (same_day && degree >= 0.6) || (day >= Day::SameYear && degree >= 0.9 && !bare),
            Length::Unknown => (same_day && degree >= 0.85) || (day >= Day::Weeks && degree >= 0.9 && !bare),
            Length::Short => degree >= 0.95 && (same_day || (day >= Day::Weeks && !bare)),
            Length::Differs => false,
        };
        let possible = match length {
            Length::Short if day >= Day::SameYear && degree >= 0.9 && !bare => true,
            Length::Short | Length::Differs => same_day && degree >= 0.85,
            Length::Fits if same_day => true,
            _ if bare => day >= Day::SameYear,
            _ => degree >= if day >= Day::SameYear { 0.6 } else { 0.85 },
        };
        if !sure && !possible {
            return None;
        }

        let mut evidence = vec![titles_agree(film, title.text, degree, bare)];
        evidence.push(days);
        if let (Some(film), Some(special)) = (film.runtime, whole.runtime) {
            evidence.push(format!("{film} minutes, the special {special}"));
        }
        evidence.extend(film.collection.iter().map(|collection| format!("of the {collection:?}")));
        if whole.further > 0 {
            evidence.push(format!("the special and the {} after it are parts of one film", whole.further));
        }
        let likely = sure && !is_only_part && (whole.further == 0 || length == Length::Fits);
        Some(Fit { score: score(degree, day, length), likely, evidence })
    }

    /// The same for a film of which this special's title is the whole title, or all that stands behind a colon or dash.
    pub fn of_namesake(film: &Film, whole: &Whole, usual: Option<i32>) -> Option<Fit> {
        let (day, days) = day(film, whole.first)?;
        let length = length(film.runtime, whole, usual);
        let fits = day >= Day::Weeks || (day == Day::SameYear && length == Length::Fits);
        let evidence = vec!["the film's title has the special's whole title".into(), days];
        (fits && may_be_whole(whole, length)).then(|| Fit { score: score(1.0, day, length), likely: false, evidence })
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
        Some(1) => Day::Near,
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
    let day = match day {
        Day::Same => 1.0,
        Day::Weeks => 0.7,
        Day::SameYear => 0.5,
        Day::Unknown => 0.3,
        Day::Near => 0.2,
    };
    let length = match length {
        Length::Fits => 1.0,
        Length::Unknown => 0.5,
        Length::Short => 0.2,
        Length::Differs => 0.0,
    };
    (100.0 * (0.6 * degree + 0.3 * day + 0.1 * length)).round() as u8
}
