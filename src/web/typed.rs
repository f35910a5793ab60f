//! What somebody typed into the form of a rule, and the rule that it means.

use std::collections::{BTreeSet, HashMap};

use super::request::{query, value};
use crate::{
    error::{Mistake, Result},
    model::{Catalog, CatalogMovie, CatalogShow, Field, Given, NewRule, Numbers, Special, counted, sound},
};

/// The fields in the form's order, and what it calls them. `episode` is a number, a range of them, or the special's title.
pub const FIELDS: [(Field, &str); 8] = [
    (Field::MovieTitle, "Film"),
    (Field::TmdbId, "TMDB number"),
    (Field::ShowName, "Show"),
    (Field::TvdbId, "TVDB number"),
    (Field::Episode, "Special"),
    (Field::Season, "Season"),
    (Field::EpisodeId, "Sonarr's number of the episode"),
    (Field::SeriesId, "Sonarr's number of the show"),
];

/// What stands between what is told in one line.
pub const DOT: &str = " · ";

#[derive(Debug, Clone, Default)]
pub struct Typed(HashMap<Field, String>);

/// The fields that tell a film or a show, and the word before the number in what they are completed to.
type Pair = (Field, Field, &'static str);
const FILM: Pair = (Field::MovieTitle, Field::TmdbId, "tmdb");
const SHOW: Pair = (Field::ShowName, Field::TvdbId, "tvdb");

/// A film or a show that an app has, with a number of 0 for none.
struct Titled<'a> {
    number: i32,
    title: &'a str,
    /// As it is told from others of its title.
    dated: String,
}

impl Typed {
    pub fn new(pairs: &[(String, String)]) -> Typed {
        let text = |name| value(pairs, name).unwrap_or_default().trim().to_string();
        let mut typed = Typed(FIELDS.map(|(field, _)| (field, text(field.name()))).into());
        // what is marked in a list, unless another show has been typed since
        if typed.get(Field::Episode).is_empty() && text("listed") == typed.listed().trim() {
            typed.0.insert(Field::Episode, text("picked"));
        }
        typed
    }

    pub fn from_rule(wish: &NewRule) -> Typed {
        let text = |field| match (field, wish.given(field)) {
            (Field::Episode, _) => wish.numbers().unwrap_or_default(),
            (_, Given::Text(text)) => text,
            (_, Given::Number(number)) => number.to_string(),
            (_, Given::Absent | Given::Other(_)) => String::new(),
        };
        Typed(FIELDS.map(|(field, _)| (field, text(field))).into())
    }

    pub fn get(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", String::as_str)
    }

    /// The fields that are not empty.
    pub fn filled(&self) -> impl Iterator<Item = (Field, &'static str, &str)> {
        FIELDS.iter().map(|(field, label)| (*field, *label, self.get(*field))).filter(|(.., text)| !text.is_empty())
    }

    /// What was typed, as the query of the page that shows it.
    pub fn query(&self) -> String {
        query(self.filled().map(|(field, _, text)| (field.name(), text)))
    }

    pub fn is_empty(&self) -> bool {
        self.filled().next().is_none()
    }

    /// Which show and season is typed, for a list of its specials.
    pub fn listed(&self) -> String {
        [Field::ShowName, Field::TvdbId, Field::Season].map(|field| self.get(field)).join(DOT)
    }

    /// The season's number, for asking which specials it has.
    pub fn season(&self) -> Option<i32> {
        NewRule { season: Some(self.get(Field::Season).into()), ..NewRule::default() }.season_number()
    }

    /// The TMDB number of the film that is meant, if it is clear.
    pub fn film(&self, catalog: &Catalog) -> Option<i32> {
        let mut meant = self.clone();
        meant.complete(FILM, films(catalog));
        meant.get(Field::TmdbId).parse().ok()
    }

    /// The show that is meant, if it is one that Sonarr has.
    pub fn show<'a>(&self, catalog: &'a Catalog) -> Option<&'a CatalogShow> {
        let (title, number) = self.pair(SHOW);
        let mut fit = catalog.shows.iter().filter(|show| match number {
            Some(number) => show.tvdb_id == number,
            None => same(&show.title, title),
        });
        let first = fit.next()?;
        // with the same number it is the same show in a second Sonarr
        fit.all(|other| other.tvdb_id == first.tvdb_id).then_some(first)
    }

    /// The rule that is meant, with every mistake. Titles are completed from the catalog, and `specials` tells which ones the show has.
    /// `before` is what the form showed at first: what is untouched means what it meant, whatever the apps have.
    pub fn wish(
        &self,
        catalog: &Catalog,
        before: &Typed,
        specials: impl Fn(&CatalogShow) -> Option<Vec<Special>>,
    ) -> Result<NewRule> {
        let mut meant = self.clone();
        let mut mistakes = Vec::new();
        for (pair, known) in [(FILM, films(catalog)), (SHOW, shows(catalog))] {
            let is_touched = before.is_empty() || [pair.0, pair.1].iter().any(|one| self.get(*one) != before.get(*one));
            mistakes.extend(meant.complete(pair, if is_touched { known } else { Vec::new() }));
        }
        match self.special(|| self.show(catalog).and_then(specials)) {
            Ok(special) => drop(meant.0.insert(Field::Episode, special)),
            Err(mistake) => mistakes.push(mistake),
        }
        let (wish, wrong) = NewRule::read(|field| meant.get(field).into());
        let mut said: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
        if self.get(Field::MovieTitle).is_empty() && self.get(Field::TmdbId).is_empty() {
            // that the title is missing says it
            said.push(Field::TmdbId.name());
        }
        mistakes.extend(wrong.into_iter().filter(|mistake| !said.contains(&mistake.field)));
        sound((wish, mistakes))
    }

    /// `Title [tmdb 5]` is the title and 5.
    fn pair(&self, (title, number, word): Pair) -> (&str, Option<i32>) {
        let text = self.get(title);
        let tagged = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).and_then(|(title, inside)| {
            let number = inside.strip_prefix(word)?.trim().parse().ok()?;
            Some((title.trim(), Some(number)))
        });
        tagged.unwrap_or_else(|| (text, self.get(number).parse().ok()))
    }

    /// Completes title and number of what is known by either of them, and says why they cannot be.
    fn complete(&mut self, pair: Pair, mut known: Vec<Titled>) -> Option<Mistake> {
        let (title_field, number_field, _) = pair;
        let (typed, given) = self.pair(pair);
        known.retain(|one| match typed {
            "" => Some(one.number) == given,
            _ => same(one.title, typed) || same(&one.dated, typed),
        });
        let numbers: BTreeSet<i32> = known.iter().map(|one| one.number).filter(|number| *number > 0).collect();
        let title = known.first().map_or(typed, |one| one.title).to_string();
        // a show may be told by its title alone
        let lacks_number = pair == FILM && given.is_none() && self.get(number_field).is_empty();
        let mut number = given;
        let wrong = match (given, numbers.first()) {
            (None, None) if lacks_number && !typed.is_empty() => {
                Some(format!("is missing: Radarr has no film called {typed:?}, so its number must be given"))
            }
            (None, Some(_)) if lacks_number && numbers.len() > 1 => {
                let of = |number: &i32| known.iter().find(|one| one.number == *number);
                let choice = numbers.iter().filter_map(of).map(|one| format!("{} is {}", one.number, one.dated));
                let choice = choice.collect::<Vec<_>>().join(", ");
                Some(format!("is missing: {} are called so: {choice}", counted(numbers.len(), "film")))
            }
            (Some(given), Some(first)) if !numbers.contains(&given) => {
                Some(format!("is {given}, but {title:?} is {first}: empty one of them"))
            }
            (None, Some(only)) if numbers.len() == 1 && self.get(number_field).is_empty() => {
                number = Some(*only);
                None
            }
            _ => None,
        };
        self.0.insert(title_field, title);
        self.0.extend(number.map(|number| (number_field, number.to_string())));
        wrong.map(|wrong| number_field.mistake(wrong))
    }

    /// The special's number as it was typed or completed, or that of the special with the typed title.
    fn special(&self, specials: impl FnOnce() -> Option<Vec<Special>>) -> std::result::Result<String, Mistake> {
        let typed = self.get(Field::Episode);
        let first = typed.split(DOT).next().unwrap_or_default();
        if first.is_empty() || first.parse::<i32>().is_ok() || Numbers::parse(first).is_some() {
            return Ok(first.into());
        }
        let sentence = match specials() {
            Some(specials) => match specials.iter().find(|special| same(&special.title, typed)) {
                Some(titled) => return Ok(titled.number.to_string()),
                None => format!(
                    "episode: the show has no special called {typed:?}: take one from the list, or give its number"
                ),
            },
            None => "episode must be a number: which specials the show has is not known".into(),
        };
        Err(Mistake::new(Field::Episode.name(), sentence))
    }
}

fn films(catalog: &Catalog) -> Vec<Titled<'_>> {
    let known = catalog.movies.iter();
    known.map(|movie| Titled { number: movie.tmdb_id, title: &movie.title, dated: dated(movie) }).collect()
}

fn shows(catalog: &Catalog) -> Vec<Titled<'_>> {
    let known = catalog.shows.iter();
    known.map(|show| Titled { number: show.tvdb_id, title: &show.title, dated: show.title.clone() }).collect()
}

/// What the form completes a film to.
pub fn movie_choice(movie: &CatalogMovie) -> String {
    format!("{} [tmdb {}]", dated(movie), movie.tmdb_id)
}

pub fn show_choice(show: &CatalogShow) -> String {
    if show.tvdb_id > 0 { format!("{} [tvdb {}]", show.title, show.tvdb_id) } else { show.title.clone() }
}

fn dated(movie: &CatalogMovie) -> String {
    movie.year.map_or_else(|| movie.title.clone(), |year| format!("{} ({year})", movie.title))
}

/// Titles as people type them.
pub fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.trim().to_lowercase()
}
