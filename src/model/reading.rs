//! The one way to read a rule: from a form, the API, a file, the command line or the database.

use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Field, Given, NewRule, Numbers};
use crate::error::{Error, Mistake, Result};

impl NewRule {
    /// The rule in what is given, and everything that keeps it from being one. Blanks around a text do not count, a blank text is
    /// an absent one, and numbers may be written as texts.
    pub fn read(given: impl Fn(Field) -> Given) -> (NewRule, Vec<Mistake>) {
        let mut read = Reader { given, mistakes: Vec::new() };
        let season = read.season();
        let (season, episode, last_episode) = read.special(season);
        let wish = NewRule {
            movie_title: read.title(Field::MovieTitle),
            tmdb_id: read.tmdb_id(),
            show_name: read.title(Field::ShowName),
            episode,
            last_episode,
            season,
            episode_id: read.number(Field::EpisodeId),
            series_id: read.number(Field::SeriesId),
            tvdb_id: read.number(Field::TvdbId),
        };
        let mut mistakes = read.mistakes;
        let said: Vec<_> = mistakes.iter().map(|mistake| mistake.field).collect();
        mistakes.extend(wish.mistakes().into_iter().filter(|mistake| !said.contains(&mistake.field)));
        let place = |mistake: &Mistake| Field::all().position(|field| field.name() == mistake.field);
        mistakes.sort_by_key(place);
        (wish, mistakes)
    }

    /// This with other values in some fields, and everything that is wrong then. A number that is written with its season brings it along.
    pub fn changed(&self, changes: &[(Field, Given)]) -> (NewRule, Vec<Mistake>) {
        let change = |wanted| changes.iter().find(|(field, _)| *field == wanted).map(|(_, given)| given.clone());
        let episode = change(Field::Episode);
        let season = match &episode {
            Some(Given::Text(text)) => Numbers::parse(text).and_then(|numbers| numbers.season),
            _ => None,
        };
        let season_changes = season.is_some_and(|season| season.parse().ok() != self.season_number());
        NewRule::read(|field| match (change(field), field) {
            (Some(given), _) => given,
            (None, Field::LastEpisode) if episode.is_some() => Given::Absent,
            (None, Field::Season) if season_changes => Given::Absent,
            (None, _) => self.given(field),
        })
    }

    /// The rule in a JSON object. Other members do not count, as in the old program.
    pub fn from_json(value: &Value) -> Result<NewRule> {
        let Some(object) = value.as_object() else { return no_rule("the rule must be a JSON object") };
        sound(NewRule::read(|field| object.get(field.name()).map_or(Given::Absent, Given::from)))
    }

    /// The rules in a JSON array, as the export gives it. Each mistake tells in which of them it is; to have no field of that name is
    /// one, too.
    pub fn list_from_json(text: &[u8]) -> Result<Vec<NewRule>> {
        let mut list = List::default();
        let mut json = serde_json::Deserializer::from_slice(text);
        match json.deserialize_seq(&mut list).and_then(|()| json.end()) {
            Ok(()) => sound((list.wishes, list.mistakes)),
            Err(cause) => no_rule(&format!("this is no list of rules in JSON: {cause}")),
        }
    }

    /// A field as [`NewRule::read`] takes it.
    pub fn given(&self, field: Field) -> Given {
        match field {
            Field::MovieTitle => self.movie_title.as_str().into(),
            Field::TmdbId => self.tmdb_id.into(),
            Field::ShowName => self.show_name.as_str().into(),
            Field::Episode => self.episode.into(),
            Field::Season => self.season.as_deref().map_or(Given::Absent, Given::from),
            Field::EpisodeId => self.episode_id.into(),
            Field::SeriesId => self.series_id.into(),
            Field::TvdbId => self.tvdb_id.into(),
            Field::LastEpisode => self.last_episode.into(),
        }
    }
}

/// Rules as they are read, one after the other: thousands of them take no more memory than they are in the end.
#[derive(Default)]
struct List {
    wishes: Vec<NewRule>,
    mistakes: Vec<Mistake>,
    read: usize,
}

impl List {
    fn add(&mut self, value: &Value) {
        // these belong to the database that the rule was exported from, and its last run
        const ELSEWHERE: [&str; 3] = ["id", "state", "link"];
        self.read += 1;
        let mut said = Vec::new();
        match NewRule::from_json(value) {
            Ok(wish) => self.wishes.push(wish),
            Err(Error::Invalid(wrong)) => said = wrong,
            Err(other) => said.push(Mistake::new("", other.to_string())),
        }
        let names = value.as_object().into_iter().flat_map(Map::keys);
        let unknown = names.filter(|name| !ELSEWHERE.contains(&name.as_str()) && Field::named(name).is_none());
        said.extend(unknown.map(|name| Mistake::new("", format!("{name:?} is no field of a rule"))));
        let title = value.get(Field::MovieTitle.name()).and_then(Value::as_str);
        let title = title.map(|title| format!(" ({title:?})")).unwrap_or_default();
        let place = format!("rule {}{title}", self.read);
        self.mistakes.extend(said.into_iter().map(|wrong| wrong.at(&place)));
    }
}

impl<'de> Visitor<'de> for &mut List {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array, as the export gives it")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while let Some(value) = list.next_element::<Value>()? {
            self.add(&value);
        }
        Ok(())
    }
}

/// What was read, a rule or several, if nothing is wrong with it.
pub fn sound<T>((read, mistakes): (T, Vec<Mistake>)) -> Result<T> {
    if mistakes.is_empty() { Ok(read) } else { Err(Error::Invalid(mistakes)) }
}

fn no_rule<T>(sentence: &str) -> Result<T> {
    Err(Error::Invalid(vec![Mistake::new(Field::MovieTitle.name(), sentence.into())]))
}

struct Reader<F> {
    given: F,
    mistakes: Vec<Mistake>,
}

impl<F: Fn(Field) -> Given> Reader<F> {
    fn wrong<T>(&mut self, field: Field, given: &Given, must: &str) -> Option<T> {
        self.mistakes.push(field.mistake(format_args!("is {given}: it must be {must}")));
        None
    }

    fn title(&mut self, field: Field) -> String {
        match (self.given)(field) {
            Given::Text(text) => text.trim().into(),
            Given::Absent => {
                self.mistakes.push(field.mistake("is missing"));
                String::new()
            }
            given => self.wrong(field, &given, "a text").unwrap_or_default(),
        }
    }

    fn tmdb_id(&mut self) -> i32 {
        let before = self.mistakes.len();
        let number = self.number(Field::TmdbId);
        if number.is_none() && self.mistakes.len() == before {
            self.mistakes.push(Field::TmdbId.mistake("is missing"));
        }
        number.unwrap_or_default()
    }

    fn number(&mut self, field: Field) -> Option<i32> {
        let given = (self.given)(field);
        let number = match &given {
            Given::Text(text) if text.trim().is_empty() => return None,
            Given::Absent => return None,
            Given::Text(text) => text.trim().parse().ok(),
            Given::Number(number) => i32::try_from(*number).ok(),
            Given::Other(_) => None,
        };
        number.or_else(|| self.wrong(field, &given, "a whole number of at most 2147483647"))
    }

    /// A text, since it is used in names as it was typed.
    fn season(&mut self) -> Option<String> {
        match (self.given)(Field::Season) {
            Given::Text(text) => Some(text.trim().to_string()).filter(|text| !text.is_empty()),
            Given::Number(number) => Some(number.to_string()),
            Given::Absent => None,
            given => self.wrong(Field::Season, &given, "1 to 4 digits"),
        }
    }

    /// The season, and the first and the last number.
    fn special(&mut self, season: Option<String>) -> (Option<String>, Option<i32>, Option<i32>) {
        let last = self.number(Field::LastEpisode);
        let given = (self.given)(Field::Episode);
        let text = match &given {
            Given::Text(text) if !text.trim().is_empty() => text.trim(),
            _ => return (season, self.number(Field::Episode), last),
        };
        let Some(numbers) = Numbers::parse(text) else {
            let must = "a number, or a range in one season such as 1-4 or S00E01-E04";
            return (season, self.wrong(Field::Episode, &given, must), last);
        };
        if last.is_some() && numbers.last.is_some() && last != numbers.last {
            self.mistakes.push(Field::Episode.mistake(format_args!("is {given}, but last_episode is another number")));
        }
        let season = match (season, numbers.season) {
            (Some(season), Some(written)) if season.parse::<i32>().ok() != written.parse().ok() => {
                self.mistakes.push(
                    Field::Episode
                        .mistake(format_args!("is {given}, but the season is {season:?}: one of them is wrong")),
                );
                Some(season)
            }
            (season, written) => season.or(written.map(String::from)),
        };
        (season, Some(numbers.first), numbers.last.or(last))
    }
}

#[cfg(test)]
mod tests;
