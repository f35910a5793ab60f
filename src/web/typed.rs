//! What somebody typed into the form of a rule, and the rule that it means.

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

/// The place of [`Field::Episode`] in it.
const EPISODE: usize = 4;

/// What stands between what is told in one line.
pub const DOT: &str = " · ";

#[derive(Debug, Clone, Default)]
pub struct Typed([String; FIELDS.len()]);

impl Typed {
    pub fn new(pairs: &[(String, String)]) -> Typed {
        let mut typed =
            Typed(FIELDS.map(|(field, _)| value(pairs, field.name()).unwrap_or_default().trim().to_string()));
        // what is marked in a list, unless another show has been typed since
        let is_of_list = value(pairs, "listed").is_some_and(|listed| listed.trim() == typed.listed().trim());
        if let Some(picked) = value(pairs, "picked").filter(|_| is_of_list && typed.0[EPISODE].is_empty()) {
            typed.0[EPISODE] = picked.trim().into();
        }
        typed
    }

    /// Which show and season is typed, for a list of its specials.
    pub fn listed(&self) -> String {
        [Field::ShowName, Field::TvdbId, Field::Season].map(|field| self.get(field)).join(DOT)
    }

    /// The TMDB number of the film that is meant, if it is clear.
    pub fn film(&self, catalog: &Catalog) -> Option<i32> {
        self.movie(catalog, &mut Vec::new()).1.parse().ok()
    }

    pub fn from_rule(wish: &NewRule) -> Typed {
        Typed(FIELDS.map(|(field, _)| match (field, wish.given(field)) {
            (Field::Episode, _) => wish.numbers().unwrap_or_default(),
            (_, Given::Text(text)) => text,
            (_, Given::Number(number)) => number.to_string(),
            (_, Given::Absent | Given::Other(_)) => String::new(),
        }))
    }

    pub fn get(&self, wanted: Field) -> &str {
        FIELDS.iter().position(|(field, _)| *field == wanted).map_or("", |place| &self.0[place])
    }

    /// The fields that are not empty.
    pub fn filled(&self) -> impl Iterator<Item = (Field, &'static str, &str)> {
        let all = FIELDS.iter().zip(&self.0).map(|((field, label), text)| (*field, *label, text.as_str()));
        all.filter(|(_, _, text)| !text.is_empty())
    }

    /// What was typed, as the query of the page that shows it.
    pub fn query(&self) -> String {
        query(self.filled().map(|(field, _, text)| (field.name(), text)))
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }

    /// The show that is meant, if it is one that Sonarr has.
    pub fn show<'a>(&self, catalog: &'a Catalog) -> Option<&'a CatalogShow> {
        let (title, tag) = tagged(self.get(Field::ShowName), "tvdb");
        let tvdb_id = tag.or_else(|| self.get(Field::TvdbId).parse().ok());
        let mut fit = catalog.shows.iter().filter(|show| match tvdb_id {
            Some(id) => show.tvdb_id == id,
            None => same(&show.title, title),
        });
        let first = fit.next()?;
        // with the same number it is the same show in a second Sonarr
        fit.all(|other| other.tvdb_id == first.tvdb_id).then_some(first)
    }

    /// The season's number, for asking which specials it has.
    pub fn season(&self) -> Option<i32> {
        NewRule { season: Some(self.get(Field::Season).into()), ..NewRule::default() }.season_number()
    }

    /// Whether these fields are as they were before somebody changed others.
    fn untouched(&self, before: &Typed, fields: [Field; 2]) -> bool {
        !before.is_empty() && fields.iter().all(|field| self.get(*field) == before.get(*field))
    }

    /// The rule that is meant, with every mistake. Titles are completed from the catalog, and `episodes` tells which specials the
    /// show has. `before` is what the form showed at first: what is untouched means what it meant, whatever the apps have.
    pub fn wish(
        &self,
        catalog: &Catalog,
        before: &Typed,
        episodes: impl Fn(&CatalogShow) -> Option<Vec<Special>>,
    ) -> Result<NewRule> {
        let mut mistakes = Vec::new();
        let none = Catalog::default();
        let unless = |fields| if self.untouched(before, fields) { &none } else { catalog };
        let movie = self.movie(unless([Field::MovieTitle, Field::TmdbId]), &mut mistakes);
        let show = self.show_fields(unless([Field::ShowName, Field::TvdbId]), &mut mistakes);
        let special = self.special(catalog, &episodes, &mut mistakes);
        let (wish, wrong) = NewRule::read(|field| match field {
            Field::MovieTitle => (&*movie.0).into(),
            Field::TmdbId => (&*movie.1).into(),
            Field::ShowName => (&*show.0).into(),
            Field::TvdbId => (&*show.1).into(),
            Field::Episode => (&*special).into(),
            field => self.get(field).into(),
        });
        let mut said: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
        if self.get(Field::MovieTitle).is_empty() && self.get(Field::TmdbId).is_empty() {
            // that the title is missing says it
            said.push(Field::TmdbId.name());
        }
        mistakes.extend(wrong.into_iter().filter(|mistake| !said.contains(&mistake.field)));
        sound((wish, mistakes))
    }

    /// The film's title and number.
    fn movie(&self, catalog: &Catalog, mistakes: &mut Vec<Mistake>) -> (String, String) {
        let (typed, tag) = tagged(self.get(Field::MovieTitle), "tmdb");
        let given = tag.or_else(|| self.get(Field::TmdbId).parse().ok());
        let fits = |movie: &&CatalogMovie| match typed {
            "" => Some(movie.tmdb_id) == given,
            _ => same(&movie.title, typed) || same(&dated(movie), typed),
        };
        let named: Vec<&CatalogMovie> = catalog.movies.iter().filter(fits).collect();
        let title = named.first().map_or(typed, |movie| &movie.title).to_string();
        let is_open = given.is_none() && self.get(Field::TmdbId).is_empty();
        let wrong = match named[..] {
            [] if is_open && !typed.is_empty() => {
                format!("is missing: Radarr has no film called {typed:?}, so its number must be given")
            }
            [_, _, ..] if is_open => {
                let choice: Vec<_> =
                    named.iter().map(|movie| format!("{} is {}", movie.tmdb_id, dated(movie))).collect();
                format!("is missing: {} are called so: {}", counted(named.len(), "film"), choice.join(", "))
            }
            [first, ..] if given.is_some_and(|id| named.iter().all(|movie| movie.tmdb_id != id)) => {
                format!("is {}, but {title:?} is {}: empty one of them", given.unwrap_or_default(), first.tmdb_id)
            }
            [movie] if is_open => return (title, movie.tmdb_id.to_string()),
            _ => return (title, self.or_typed(Field::TmdbId, given)),
        };
        mistakes.push(Field::TmdbId.mistake(wrong));
        (title, self.or_typed(Field::TmdbId, None))
    }

    /// The show's title and number.
    fn show_fields(&self, catalog: &Catalog, mistakes: &mut Vec<Mistake>) -> (String, String) {
        let (typed, tag) = tagged(self.get(Field::ShowName), "tvdb");
        let given = tag.or_else(|| self.get(Field::TvdbId).parse().ok());
        let fits = |show: &&CatalogShow| match typed {
            "" => Some(show.tvdb_id) == given,
            _ => same(&show.title, typed),
        };
        let named = catalog.shows.iter().filter(fits);
        if let Some(id) = given
            && let Some(other) = named.clone().find(|show| show.tvdb_id > 0)
            && !named.clone().any(|show| show.tvdb_id == id)
        {
            let (title, number) = (&other.title, other.tvdb_id);
            mistakes.push(Field::TvdbId.mistake(format_args!("is {id}, but {title:?} is {number}: empty one of them")));
        }
        let title = named.clone().next().map_or(typed, |show| &show.title).to_string();
        let found = self.show(catalog).map(|show| show.tvdb_id).filter(|id| *id > 0);
        (title, self.or_typed(Field::TvdbId, given.or(found)))
    }

    /// The number that was found, or what was typed, for which it will be told what is wrong with it.
    fn or_typed(&self, field: Field, number: Option<i32>) -> String {
        number.map_or_else(|| self.get(field).to_string(), |number| number.to_string())
    }

    /// The special's number as it was typed or completed, or that of the special with the typed title.
    fn special(
        &self,
        catalog: &Catalog,
        episodes: &impl Fn(&CatalogShow) -> Option<Vec<Special>>,
        mistakes: &mut Vec<Mistake>,
    ) -> String {
        let typed = self.get(Field::Episode);
        let first = typed.split(DOT).next().unwrap_or_default();
        if first.is_empty() || first.parse::<i32>().is_ok() || Numbers::parse(first).is_some() {
            return first.into();
        }
        let known = self.show(catalog).and_then(episodes);
        let titled = known.iter().flatten().find(|episode| same(&episode.title, typed));
        if titled.is_none() {
            let sentence = match known {
                Some(_) => format!(
                    "episode: the show has no special called {typed:?}: take one from the list, or give its number"
                ),
                None => "episode must be a number: which specials the show has is not known".into(),
            };
            mistakes.push(Mistake::new(Field::Episode.name(), sentence));
        }
        titled.map(|episode| episode.number.to_string()).unwrap_or_default()
    }
}

/// What the form completes a film to.
pub fn movie_choice(movie: &CatalogMovie) -> String {
    format!("{} [tmdb {}]", dated(movie), movie.tmdb_id)
}

pub fn show_choice(show: &CatalogShow) -> String {
    if show.tvdb_id > 0 { format!("{} [tvdb {}]", show.title, show.tvdb_id) } else { show.title.clone() }
}

fn dated(movie: &CatalogMovie) -> String {
    match movie.year {
        Some(year) => format!("{} ({year})", movie.title),
        None => movie.title.clone(),
    }
}

/// `Title [tmdb 5]` is the title and 5.
fn tagged<'a>(text: &'a str, tag: &str) -> (&'a str, Option<i32>) {
    let found = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).and_then(|(title, inside)| {
        let number = inside.strip_prefix(tag)?.trim().parse().ok()?;
        Some((title.trim(), number))
    });
    found.map_or((text, None), |(title, number)| (title, Some(number)))
}

/// Titles as people type them.
pub fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.trim().to_lowercase()
}
